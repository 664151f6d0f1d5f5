"""Who may import whom: the floors of the house, read from the imports themselves.

`model` is the ground floor. The rule wing (`text`, `meaning`) and the lead wing (`engines`,
`batch`, `cases`) stand on it and do not know each other; they meet in `shell`. Each folder
has the libraries it may use, and no other.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "leadrules"

# What each folder may import of ours, besides itself.
OURS = {
    "model": set[str](),
    "text": {"model"},
    "meaning": {"model", "text"},
    "logic": {"model", "text", "meaning"},
    "engines": {"model"},
    "batch": {"model", "engines"},
    "cases": {"model", "engines", "batch"},
    "explain": {"model", "engines", "batch"},
    "report": {"model"},
    "shell": {"model", "text", "meaning", "logic", "engines", "batch", "cases"}
    | {"explain", "report"},
}
THEIRS = {
    "model": set[str](),
    "text": {"lark"},
    "meaning": {"jsonschema", "re2"},
    "logic": {"re2"},
    "engines": {"duckdb", "nanoarrow", "re2", "sqlglot"},
    "batch": {"zstandard"},
    "cases": {"jsonschema", "yaml"},
    "explain": set(),
    "report": set(),
    "shell": {"click", "rich"},
}
# One module reads rule text; the others of its floor only write a part of it down again.
READER = "leadrules.meaning.load"
WRITERS = {"leadrules.text.write", "leadrules.text.longhand"}
# These take long to load, so they are loaded where they are used and not at the top.
HEAVY = {"duckdb", "jsonschema", "lark", "nanoarrow", "re2", "rich", "sqlglot", "zstandard"}
HEAVY_AT_TOP = {
    "leadrules.engines.duckdb": {"duckdb", "nanoarrow"},
    # And the modules that it is divided into: sql_build, sql_values …
    "leadrules.engines.sql": {"sqlglot"},
    "leadrules.shell.demo": {"rich"},
}
# Nothing else touches the disk, the clock or the environment.
OUTSIDE_WORLD = {"glob", "os", "pathlib", "random", "shutil", "signal", "socket", "subprocess"}
OUTSIDE_WORLD |= {"sys", "tempfile", "threading", "time", "urllib"}
# Lead files are read and scratch files written below `shell`, by these alone.
OF_THE_WORLD = {
    "leadrules.batch.previous": {"pathlib", "shutil", "tempfile"},
    "leadrules.batch.records": {"io", "pathlib"},
    "leadrules.batch.score": {"os", "pathlib", "sys", "tempfile", "threading"},
    "leadrules.batch.sort": {"os", "pathlib"},
    "leadrules.cases.run": {"pathlib", "tempfile"},
    "leadrules.engines.duckdb": {"pathlib"},
    # No more than the room that Python gives to recursion.
    "leadrules.engines.sql": {"sys"},
    # How a path is written in an address.
    "leadrules.report.sarif": {"urllib"},
}


@dataclass(frozen=True)
class Import:
    """One import: the module it stands in, what it names, and where."""

    module: str
    names: str
    line: int
    at_top: bool
    for_types: bool

    @property
    def folder(self) -> str:
        return self.module.split(".")[1]

    @property
    def library(self) -> str:
        return self.names.split(".")[0]

    @property
    def where(self) -> str:
        return f"{self.module}:{self.line} imports {self.names}"


@cache
def imports() -> tuple[Import, ...]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        top = {id(node) for node in tree.body}
        typing = {
            id(inner)
            for node in ast.walk(tree)
            if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
            for inner in ast.walk(node)
        }
        for node in ast.walk(tree):
            names: list[str] = []
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                assert node.level == 0, f"{module}:{node.lineno} has a relative import"
                names = [node.module or ""]
                if node.module in ("leadrules", *(f"leadrules.{folder}" for folder in OURS)):
                    names = [f"{node.module}.{alias.name}" for alias in node.names]
            for name in names:
                found.append(Import(module, name, node.lineno, id(node) in top, id(node) in typing))
    return tuple(found)


def in_folders() -> list[Import]:
    return [item for item in imports() if len(item.module.split(".")) > 2]


def ours() -> list[Import]:
    return [item for item in in_folders() if item.library == "leadrules"]


def theirs() -> list[Import]:
    return [
        item
        for item in in_folders()
        if item.library not in sys.stdlib_module_names and item.library != "leadrules"
    ]


def test_imports_were_seen() -> None:
    folders = {path.parent.name for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE}
    assert folders == set(OURS) == set(THEIRS)
    assert {item.folder for item in in_folders()} == set(OURS)
    assert len(ours()) > 100
    assert {item.library for item in theirs()} == set().union(*THEIRS.values())
    assert any(not item.at_top for item in theirs())
    seen = {(item.folder, item.names.split(".")[1]) for item in ours()}
    # Each step of the staircase is used: a table that allows what nobody does is out of date.
    allowed = {(one, other) for one, others in OURS.items() for other in others}
    assert allowed <= seen


@pytest.mark.parametrize("folder", OURS)
def test_a_folder_imports_only_the_floors_below_it(folder: str) -> None:
    allowed = {f"leadrules.{other}" for other in (folder, *OURS[folder])}
    wrong = [
        item.where
        for item in ours()
        if item.folder == folder
        and item.names != "leadrules.__version__"
        and ".".join(item.names.split(".")[:2]) not in allowed
    ]
    assert wrong == []


def test_only_the_shell_asks_for_the_version() -> None:
    asking = {item.folder for item in ours() if item.names == "leadrules.__version__"}
    assert asking == {"shell"}


@pytest.mark.parametrize("folder", THEIRS)
def test_a_folder_uses_only_its_libraries(folder: str) -> None:
    wrong = [i.where for i in theirs() if i.folder == folder and i.library not in THEIRS[folder]]
    assert wrong == []


def test_rule_text_is_read_in_one_place() -> None:
    used = [item for item in ours() if item.folder == "meaning" and ".text." in item.names]
    assert used
    assert {item.module for item in used if item.names not in WRITERS} == {READER}


def test_the_wings_do_not_know_each_other() -> None:
    wings = {"text": "rule", "meaning": "rule", "logic": "rule"}
    wings |= {"engines": "lead", "batch": "lead", "cases": "lead", "explain": "lead"}
    across = [
        item.where
        for item in ours()
        if item.folder in wings and wings.get(item.names.split(".")[1], "") != wings[item.folder]
    ]
    assert [where for where in across if " imports leadrules.model" not in where] == []


def test_no_module_imports_in_a_circle() -> None:
    steps: dict[str, set[str]] = {}
    modules = {item.module for item in imports()}
    for item in ours():
        if not item.for_types and item.names in modules:
            steps.setdefault(item.module, set()).add(item.names)
    done: set[str] = set()

    def visit(module: str, chain: tuple[str, ...]) -> None:
        assert module not in chain, " imports ".join((*chain, module))
        if module not in done:
            for following in sorted(steps.get(module, ())):
                visit(following, (*chain, module))
            done.add(module)

    for module in sorted(steps):
        visit(module, ())
    assert len(done) > 30


def test_heavy_libraries_are_loaded_where_they_are_used() -> None:
    heavy = [i for i in theirs() if i.at_top and not i.for_types and i.library in HEAVY]
    assert heavy
    wrong = [
        item.where
        for item in heavy
        if item.library not in HEAVY_AT_TOP.get(item.module.partition("_")[0], set())
    ]
    assert wrong == []


def test_below_the_shell_nothing_knows_the_world_outside() -> None:
    world = [
        item
        for item in in_folders()
        if item.library in OUTSIDE_WORLD and item.folder not in ("shell",)
    ]
    assert world
    wrong = [i.where for i in world if i.library not in OF_THE_WORLD.get(i.module, set())]
    # The one other: the parser's tables are kept, when they are, beside the grammar.
    assert [where for where in wrong if not where.startswith("leadrules.text.tables:")] == []


LOADED = """
import sys
sys.argv = ["leadrules", *sys.argv[1:]]
from leadrules.shell.cli import main
try:
    main()
except SystemExit as left:
    code = left.code
print(code, *sorted({name.split(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def loaded_by(*arguments: str) -> set[str]:
    """The top-level modules in memory when a command has ended well."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, cwd=ROOT
    )
    code, *names = done.stderr.splitlines()[-1].split()
    assert code == "0", done.stderr
    assert "click" in names
    return set(names)


PLAIN = 'demo_request +40; title contains "ceo" +5; score >= 60 -> SQL; no_reply 30d -> cold\n'


def test_check_loads_no_engine(tmp_path: Path) -> None:
    rules = tmp_path / "plain.rules"
    rules.write_text(PLAIN, encoding="utf-8")
    assert loaded_by("check", str(rules)) & (HEAVY | {"zstd", "pandas", "yaml"}) == set()


def test_check_loads_what_a_rule_needs_and_no_more(tmp_path: Path) -> None:
    rules = tmp_path / "pattern.rules"
    rules.write_text("title matches /ceo/ +5\n", encoding="utf-8")
    assert loaded_by("check", str(rules)) & HEAVY == {"re2"}


def test_cases_are_tried_without_the_fast_engine() -> None:
    loaded = loaded_by("test", "rulesets/quickstart")
    assert loaded & HEAVY == {"jsonschema"}


def test_help_loads_nothing() -> None:
    assert loaded_by("--help") & HEAVY == set()
