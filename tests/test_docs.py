"""The documentation is true: its commands run, its rules compile, its links lead somewhere.

Each page is gone through from top to bottom in a folder of its own that holds a copy of
`rulesets`. A page of a ruleset runs in that ruleset's folder, all others at the top. What
counts are the blocks, which begin at the start of a line:

- ```console: lines `$ command`, each with all that it prints behind it, first standard
  output, then standard error. A command may go on behind a `\\`. A line `...` stands for any
  number of lines, also none. Commands are `leadrules`, and the few of `HELPERS`. `make` is not
  run, so nothing may follow it, but the target must exist;
- ```rules: compiles without a single finding. ```rules NAME is also a file of that name for
  the commands below. ```rules wrong NAME must have an error;
- ```LANGUAGE NAME: a file of that name. Without a name it is only shown.

Relative links lead to files, and `#…` to headings. Code that looks like a path of the
project, `make TARGET` or `python -m MODULE` names what exists.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from leadrules.meaning.compile import compile_rules
from leadrules.model.source import Source
from leadrules.text.draw import draw

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "rulesets").glob("**/README.md")),
]
LINKED = [*PAGES, ROOT / "CHANGELOG.md", *sorted((ROOT / "tests").glob("**/*.md"))]
HELPERS = {"cat", "cmp", "echo", "sed", "sh"}
OPERATORS = {"|", "||", "&&", ";"}


class Malformed(Exception):
    """A page that is not written as this module's docstring says."""


@dataclass(frozen=True)
class Block:
    """A fenced block: the line of its fence, what stands behind the fence, and its lines."""

    line: int
    language: str
    words: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The block as the content of a file."""
        return "".join(line + "\n" for line in self.lines)


@dataclass(frozen=True)
class Step:
    """A command, the line it stands in, and what the page says it prints."""

    line: int
    command: str
    expected: tuple[str, ...]


# --- reading a page ----------------------------------------------------------------


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a page."""
    found = []
    opened: tuple[int, str] | None = None
    inside: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if opened is None and line.startswith("```"):
            opened, inside = (number, line.removeprefix("```")), []
        elif opened is not None and line == "```":
            language, *words = opened[1].split() or [""]
            found.append(Block(opened[0], language, tuple(words), tuple(inside)))
            opened = None
        elif "```" in line:
            raise Malformed(f"line {number}: a fence begins or ends at the start of a line")
        elif opened is not None:
            inside.append(line)
    if opened is not None:
        raise Malformed(f"line {opened[0]}: the block does not end")
    return found


def prose(text: str) -> str:
    """A page without its blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def steps(block: Block) -> list[Step]:
    """The commands of a console block."""
    found: list[Step] = []
    goes_on = False
    for number, line in enumerate(block.lines, block.line + 1):
        if goes_on or line.startswith("$ "):
            if goes_on:
                found[-1] = Step(found[-1].line, found[-1].command + "\n" + line, ())
            else:
                found.append(Step(number, line.removeprefix("$ "), ()))
            goes_on = line.endswith("\\")
        elif not found:
            raise Malformed(f"line {number}: the block does not begin with a command")
        else:
            last = found[-1]
            found[-1] = Step(last.line, last.command, (*last.expected, line))
    if not found:
        raise Malformed(f"line {block.line}: a console block without a command")
    return found


def programs(command: str) -> Iterator[str]:
    """The first word of each part of a command line."""
    lexer = shlex.shlex(command.replace("\\\n", " "), posix=True, punctuation_chars="|&;")
    lexer.whitespace_split = True
    first = True
    for word in lexer:
        if first:
            yield word
        first = word in OPERATORS


def matches(expected: tuple[str, ...], printed: str) -> bool:
    """Whether what was printed is what the page says."""
    parts = [r"(?:.*\n)*?" if line == "..." else re.escape(line) + r"\n" for line in expected]
    return re.fullmatch("".join(parts), printed) is not None


@cache
def targets() -> frozenset[str]:
    """What `make` can be told to do."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return frozenset(re.findall(r"^([a-z-]+):(?!=)", makefile, flags=re.MULTILINE))


def slugs(text: str) -> set[str]:
    """The names under which a page's headings can be linked."""
    headings = re.findall(r"^#+ (.+)$", prose(text), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


# --- going through a page ----------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Where a page runs: its working folder, and a folder with the command `leadrules`."""

    folder: Path
    commands: Path

    def run(self, command: str) -> str:
        """What a command prints: standard output, then standard error."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("LEADRULES_")}
        kept.pop("FORCE_COLOR", None)
        path = f"{self.commands}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=self.folder,
            env=kept | {"PATH": path, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
        )
        return done.stdout.decode() + done.stderr.decode()

    def read(self, path: str) -> str:
        """The text of a file that rules name."""
        return (self.folder / path).read_text(encoding="utf-8")


def make_place(page: Path, tmp_path: Path) -> Place:
    """A fresh place for a page."""
    top, commands = tmp_path / "top", tmp_path / "bin"
    shutil.copytree(ROOT / "rulesets", top / "rulesets")
    commands.mkdir()
    script = commands / "leadrules"
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m leadrules "$@"\n')
    script.chmod(0o755)
    is_of_ruleset = ROOT / "rulesets" in page.parents
    return Place(top / page.parent.relative_to(ROOT) if is_of_ruleset else top, commands)


def go_through(text: str, place: Place) -> Iterator[str]:
    """All that is wrong with a page's blocks."""
    for block in blocks(text):
        if block.language == "console":
            if block.words:
                yield f"line {block.line}: a console block has no name"
            for step in steps(block):
                yield from go_step(step, place)
        elif block.language == "rules":
            yield from go_rules(block, place)
        elif len(block.words) == 1:
            (place.folder / block.words[0]).write_text(block.text, encoding="utf-8")
        elif block.words:
            yield f"line {block.line}: a block has one name"


def go_step(step: Step, place: Place) -> Iterator[str]:
    """What is wrong with a command."""
    names = list(programs(step.command))
    if names[0] == "make":
        if step.expected:
            yield f"line {step.line}: make is not run, so nothing stands behind it"
        if unknown := set(step.command.split()[1:]) - targets():
            yield f"line {step.line}: the Makefile has no {', '.join(sorted(unknown))}"
    elif strange := set(names) - HELPERS - {"leadrules"}:
        yield f"line {step.line}: {', '.join(sorted(strange))} is no command of the pages"
    else:
        printed = place.run(step.command)
        if not matches(step.expected, printed):
            said = "".join(line + "\n" for line in step.expected)
            yield f"line {step.line}: {step.command}\nprints:\n{printed}\nthe page says:\n{said}"


def go_rules(block: Block, place: Place) -> Iterator[str]:
    """What is wrong with a block of rules."""
    wrong = block.words[:1] == ("wrong",)
    names = block.words[1:] if wrong else block.words
    if len(names) > 1 or (wrong and not names):
        yield f"line {block.line}: rules have one name"
        return
    for name in names:
        (place.folder / name).write_text(block.text, encoding="utf-8")
    found = compile_rules(Source(names[0] if names else "page", block.text), place.read)[1]
    drawn = "\n\n".join(draw(finding) for finding in found)
    if wrong:
        if not any(finding.is_error for finding in found):
            yield f"line {block.line}: these rules have no error\n{drawn}"
    elif found:
        yield f"line {block.line}: these rules have mistakes\n{drawn}"


# --- the tests ---------------------------------------------------------------------


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_page(page: Path, tmp_path: Path) -> None:
    failures = list(go_through(page.read_text(encoding="utf-8"), make_place(page, tmp_path)))
    assert not failures, "\n" + "\n\n".join(f"{name_of(page)} {failure}" for failure in failures)


@pytest.mark.parametrize("page", LINKED, ids=name_of)
def test_links(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, heading = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_relative_to(ROOT), link
        assert target.exists(), link
        if heading:
            assert heading in slugs(target.read_text(encoding="utf-8")), link


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_is_named_exists(page: Path) -> None:
    for code in re.findall(r"`([^`\n]+)`", prose(page.read_text(encoding="utf-8"))):
        if re.fullmatch(r"(?:leadrules|tests|grammar|rulesets|docs)/[\w./-]*", code):
            assert (ROOT / code).exists(), code
        elif code.startswith("make "):
            assert set(code.split()[1:]) <= targets(), code
        elif match := re.fullmatch(r"python -m ([\w.]+).*", code):
            assert importlib.util.find_spec(match[1]), code


def test_there_is_something_to_run() -> None:
    found = {name_of(page): blocks(page.read_text(encoding="utf-8")) for page in PAGES}
    readme = found["README.md"]
    assert sum(len(steps(block)) for block in readme if block.language == "console") >= 8
    assert sum(block.language == "rules" for block in readme) >= 8
    assert any(block.language == "console" for block in found["CONTRIBUTING.md"])
    for name, page in found.items():
        if name.startswith("rulesets/"):
            assert any(block.language == "console" for block in page), name
    links = [re.findall(r"\]\(", page.read_text(encoding="utf-8")) for page in LINKED]
    assert sum(map(len, links)) >= 40


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("```console\n$ echo one\n```\n", "prints:\none"),
        ("```console\n$ echo one\ntwo\n```\n", "the page says:\ntwo"),
        ("```console\n$ leadrules --version\n```\n", "prints:\nleadrules, version"),
        ("```console\n$ curl example.com\n```\n", "is no command"),
        ("```console\n$ echo 'a; b' | rm x\n```\n", "rm is no command"),
        ("```console\n$ make nothing\n```\n", "no nothing"),
        ("```console\n$ make test\ndone\n```\n", "make is not run"),
        ("```rules\ndemo_request\n```\n", "LR002"),
        ("```rules\nnot country = FR +5\n```\n", "LR201"),
        ("```rules wrong a.rules\ndemo_request +40\n```\n", "have no error"),
        ("```text two names\n```\n", "has one name"),
    ],
)
def test_a_page_that_is_not_true_fails(text: str, words: str, tmp_path: Path) -> None:
    assert words in "\n".join(go_through(text, make_place(ROOT / "README.md", tmp_path)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("```console\n$ echo one\n", "does not end"),
        (" ```console\n$ echo one\n ```\n", "at the start of a line"),
        ("```console\none\n```\n", "begin with a command"),
        ("```console\n```\n", "without a command"),
    ],
)
def test_a_malformed_page_is_an_error(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=words):
        list(go_through(text, make_place(ROOT / "README.md", tmp_path)))


def test_what_a_page_may_say(tmp_path: Path) -> None:
    text = (
        "```rules a.rules\ndemo_request +40\n```\n"
        '```json leads.jsonl\n{"id": 1}\n```\n'
        "```console\n"
        "$ leadrules score leads.jsonl -r a.rules \\\n"
        "  --as-of 2026-11-22\n"
        '{"id":"1","score":0,"fired":[]}\n'
        "...\n"
        "$ echo 'a; b' | cat; echo c >&2; echo d\n"
        "a; b\nd\nc\n"
        "$ make demo\n"
        "```\n"
    )
    assert list(go_through(text, make_place(ROOT / "README.md", tmp_path))) == []
