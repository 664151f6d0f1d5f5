"""The command `fmt`: one layout, the same rules, every comment in its place.

`tests/layouts/*.rules` show it: texts divided by `~~~`, each before and behind `====>`.
"""

from __future__ import annotations

import os
import re
import stat
import subprocess
from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadrules.meaning.compile import compile_rules
from leadrules.model.source import Source
from leadrules.shell import fmt
from leadrules.shell.cli import cli
from leadrules.shell.outcome import UNFINISHED, USAGE, Stop
from leadrules.text import format as layout
from leadrules.text.format import formatted
from leadrules.text.longhand import long_form
from leadrules.text.parse import parse
from leadrules.text.scan import COMMENT, scan
from leadrules.text.write import write
from tests.cases import make_rules
from tests.test_docs import blocks
from tests.text_trees import statements as trees
from tests.untidy import untidy

ROOT = Path(__file__).parents[1]
LAYOUTS = sorted((ROOT / "tests" / "layouts").glob("*.rules"))
SHIPPED = sorted([*ROOT.glob("rulesets/**/*.rules"), *ROOT.glob("leadrules/starter/*.rules")])
EXAMPLES = int(os.environ.get("LEADRULES_EXAMPLES", "120"))


def laid_out(text: str) -> str:
    """The layout of a text that must be sound."""
    result, found = formatted(Source("t.rules", text))
    assert result is not None, [d.message for d in found]
    return result


def comments(text: str) -> list[str]:
    return [token.text.rstrip() for token in scan(text) if token.kind == COMMENT]


def statements(text: str) -> tuple[Any, ...]:
    file, found = parse(Source("t.rules", text))
    assert not found, [d.message for d in found]
    return file.statements


def is_tidy(text: str) -> bool:
    """Whether blanks and empty lines are as they should be, whatever stands there."""
    lines = text.split("\n")
    return (
        not any(line != line.rstrip() for line in lines if "#" not in line)
        and "\r" not in text
        and "\n\n\n" not in text
        and not text.startswith("\n")
        and (not text or (lines[-1] == "" and lines[-2:-1] != [""]))
    )


# --- what it looks like ------------------------------------------------------------------


def pairs() -> list[Any]:
    found = []
    for path in LAYOUTS:
        for number, chunk in enumerate(path.read_text(encoding="utf-8").split("~~~\n"), 1):
            before, arrow, after = chunk.partition("====>\n")
            assert arrow, chunk
            found.append(pytest.param(before, after, id=f"{path.stem}-{number}"))
    return found


@pytest.mark.parametrize(("before", "after"), pairs())
def test_layout(before: str, after: str) -> None:
    assert laid_out(before) == after
    assert laid_out(after) == after


def test_there_are_layouts() -> None:
    assert len(pairs()) > 40


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_the_rulesets_that_ship_have_the_layout(path: Path) -> None:
    text = path.read_bytes().decode()
    assert laid_out(text) == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("\n\n", ""),
        ("# only", "# only\n"),
        ("\ufeffa +1\r\nb +1\rc +1", "a   +1\nb   +1\nc   +1\n"),
        ("\n\n# a\n\n\n\n# b\n", "# a\n\n# b\n"),
    ],
)
def test_ends_of_lines_and_files(before: str, after: str) -> None:
    assert laid_out(before) == after


# --- what it keeps -----------------------------------------------------------------------


def same(before: str, after: str) -> None:
    """Asserts that a layout says the same as what was written, and has every comment."""
    assert laid_out(after) == after
    assert comments(after) == comments(before)
    assert is_tidy(after), after
    # The canonical text is the name of a rule in the results.
    long = [write(node) for node in long_form(statements(before), layout.unknown)]
    assert [write(node) for node in statements(after)] == long


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)
@given(st.lists(trees, min_size=1, max_size=4), st.integers(0, 2**32), st.sampled_from([2, 6, 30]))
def test_any_rule_keeps_its_meaning_and_its_comments(
    nodes: list[Any], number: int, rate: int
) -> None:
    text = "\n".join(write(node, keep_quotes=True) for node in nodes)
    before = untidy(text, Random(number), rate)
    assert statements(before) == statements(text)
    same(before, laid_out(before))


def test_whole_rulesets_keep_their_meaning() -> None:
    programs = []
    for number in range(EXAMPLES // 6):
        rules = make_rules(number)[1]
        before = untidy(rules.text, Random(number), (2, 6, 30)[number % 3])
        after = laid_out(before)
        same(before, after)
        (program, found), again = (
            compile_rules(Source("t.rules", text), rules.files.__getitem__)
            for text in (before, after)
        )
        assert again[0] == program, number
        assert sorted(d.code for d in again[1]) == sorted(d.code for d in found), number
        programs.append(program)
    assert len(programs) - programs.count(None) > len(programs) / 2


def test_untidy_text_is_untidy() -> None:
    """Comments end up everywhere: alone, behind, in the middle of rules."""
    text = "".join(untidy(make_rules(n)[1].text, Random(n), 3) for n in range(10))
    assert len(comments(text)) > 300
    assert len(re.findall(r"#.*[\s]+(?:and|or|->|\+|\))", text)) > 20


def accepted() -> list[str]:
    lines = (ROOT / "tests" / "text_accepted.txt").read_text(encoding="utf-8").splitlines()
    return [
        line.replace("\\r", "\r").replace("\\n", "\n").replace("\\xa0", "\u00a0") for line in lines
    ]


@pytest.mark.parametrize("text", accepted())
def test_all_that_is_accepted_has_a_layout(text: str) -> None:
    same(text, laid_out(text))


def test_the_rules_of_the_pages_have_a_layout() -> None:
    seen = 0
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *ROOT.glob("rulesets/**/*.md")]:
        for block in blocks(page.read_text(encoding="utf-8")):
            if block.language == "rules" and block.words[:1] != ("wrong",):
                same(block.text, laid_out(block.text))
                seen += 1
    assert seen > 20


def test_a_large_file_takes_no_time_to_speak_of() -> None:
    row = 'each page_view where url contains "/p" within 30d +5 # a comment\n'
    long = "x in [" + ", ".join(f"v{i}" for i in range(20_000)) + "] +5\n"
    both = "a " + "and # why\n b " * 2_000 + "+5\n"
    assert laid_out(row * 1_000 + long + both).count("#") == 3_000


# --- the command -------------------------------------------------------------------------


def run(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["fmt", *arguments], input=stdin)


WRONG = "demo_request   +40\n\na +\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file that would change, one that would not, and one with an error."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.rules").write_bytes(b"\xef\xbb\xbfdemo_request +40\r\nreply +5\r\n")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "good.rules").write_text("call   +5\n", encoding="utf-8")
    return tmp_path


def test_files_are_formatted_in_their_place(place: Path) -> None:
    os.chmod("a.rules", 0o640)
    result = run(".")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr == "2 files: changed 1, as they should be 1\n"
    assert Path("a.rules").read_bytes() == b"demo_request   +40\nreply          +5\n"
    assert stat.S_IMODE(os.stat("a.rules").st_mode) == 0o640
    assert os.listdir(place) == ["a.rules", "below"] or os.listdir(place) == ["below", "a.rules"]
    assert run().stderr == "2 files: as they should be 2\n"
    assert run("-q").stderr == ""


def test_a_link_stays_a_link(place: Path) -> None:
    Path("link.rules").symlink_to("a.rules")
    assert run("link.rules").exit_code == 0
    assert Path("link.rules").is_symlink()
    assert Path("a.rules").read_bytes().startswith(b"demo_request   +40\n")


def test_check_names_the_files_and_writes_nothing(place: Path) -> None:
    before = Path("a.rules").read_bytes()
    result = run("--check", "a.rules", "below")
    assert result.exit_code == 1
    assert result.stdout == "would change a.rules\n"
    assert result.stderr == "2 files: would change 1, as they should be 1\n"
    assert Path("a.rules").read_bytes() == before
    assert run("--check", "below").exit_code == 0


def test_diff_shows_what_would_change(place: Path) -> None:
    Path("b.rules").write_text("demo_request +40\ncall   +5", encoding="utf-8")
    result = run("--diff", "b.rules", "below", "-q")
    assert result.exit_code == 1
    assert result.stdout == (
        "--- b.rules\n+++ b.rules\n@@ -1,2 +1,2 @@\n"
        "-demo_request +40\n-call   +5\n\\ No newline at end of file\n"
        "+demo_request   +40\n+call           +5\n"
    )
    assert Path("b.rules").read_text(encoding="utf-8") == "demo_request +40\ncall   +5"
    subprocess.run(["git", "apply", "-p0"], input=result.stdout, text=True, check=True, cwd=place)
    assert Path("b.rules").read_text(encoding="utf-8") == "demo_request   +40\ncall           +5\n"
    assert run("--diff", "b.rules").stdout == ""
    coloured = run("--diff", "a.rules", "--color", "always").stdout
    assert "\x1b[32m+demo_request   +40\x1b[0m\n" in coloured
    assert "\x1b[31m-" in coloured


def test_a_file_with_errors_is_left_alone(place: Path) -> None:
    Path("wrong.rules").write_text(WRONG, encoding="utf-8")
    result = run("wrong.rules", "a.rules")
    assert result.exit_code == 1
    checked = CliRunner().invoke(cli, ["check", "wrong.rules"]).stdout
    assert "error[LR047]" in result.stdout
    assert result.stdout == checked
    assert Path("wrong.rules").read_text(encoding="utf-8") == WRONG
    # The others do not wait for it.
    assert Path("a.rules").read_bytes().startswith(b"demo_request   +40\n")
    assert result.stderr == "2 files: changed 1, left alone for their errors 1\n"


def test_standard_input_goes_to_standard_output() -> None:
    result = run("-", stdin=b"\xef\xbb\xbfdemo_request +40\r\nreply +5")
    assert (result.exit_code, result.stdout, result.stderr) == (
        0,
        "demo_request   +40\nreply          +5\n",
        "",
    )
    wrong = run("-", "--stdin-filename", "in.rules", stdin=WRONG.encode())
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert "--> in.rules:3:3" in wrong.stderr
    asked = run("-", "--check", "--stdin-filename", "in.rules", stdin=b"a +1\n")
    assert (asked.exit_code, asked.stdout) == (1, "would change in.rules\n")


def test_files_are_left_out_by_the_configuration(place: Path) -> None:
    Path("leadrules.yaml").write_text("fmt: {exclude: [below]}\n", encoding="utf-8")
    assert run("--check").stderr == "1 file: would change 1\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-", "a.rules"), "formatted alone"),
        (("a.rules", "--stdin-filename", "b.rules"), "give - too"),
        (("empty",), "no rule files"),
    ],
)
def test_what_cannot_be_asked(place: Path, arguments: tuple[str, ...], words: str) -> None:
    Path("empty").mkdir()
    result = run(*arguments)
    assert isinstance(result.exception, Stop)
    assert result.exception.code == USAGE
    assert words in result.exception.message


def test_what_cannot_be_read(place: Path) -> None:
    Path("latin.rules").write_bytes(b"caf\xe9 +1\n")
    for name in ("latin.rules", "nowhere.rules"):
        stop = run(name).exception
        assert isinstance(stop, Stop)
        assert stop.code == UNFINISHED


Layout = Callable[[str, Any], str]
COUNT = count()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda text: text.replace("40", "50"), "would change its rules"),
        (lambda text: text.replace("40", "-"), "would change its rules"),
        (lambda text: text.replace("# why", ""), "would change its comments"),
        (lambda text: text + "\n" * next(COUNT), "a layout of its own"),
    ],
)
def test_a_fault_of_ours_changes_no_file(
    place: Path, monkeypatch: pytest.MonkeyPatch, wrong: Callable[[str], str], words: str
) -> None:
    Path("b.rules").write_text("demo_request +40 # why\n", encoding="utf-8")
    sound: Layout = layout._laid_out
    monkeypatch.setattr(layout, "_laid_out", lambda text, nodes: wrong(sound(text, nodes)))
    stop = run("b.rules").exception
    assert isinstance(stop, Stop)
    assert stop.code == UNFINISHED
    assert words in stop.message
    assert "a fault of leadrules" in stop.message
    assert Path("b.rules").read_text(encoding="utf-8") == "demo_request +40 # why\n"


def test_another_meaning_is_a_fault_too(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = iter([object(), object()])
    monkeypatch.setattr(fmt, "_compiled", lambda root, part: next(programs))
    stop = run("a.rules").exception
    assert isinstance(stop, Stop)
    assert stop.code == UNFINISHED
    assert "what its rules mean" in stop.message


SHORT = "no_reply 30d -> cold\n"
LONG = "no reply for 30d   -> cold\n"
AN_EVENT = "no_reply within 30d   -> cold\n"
UNKNOWN = "no_reply 30d   -> cold\n"
SCHEMA = """{"properties": {"id": {"type": "string"}, "events": {"items": {"properties":
{"type": {"enum": ["no_reply", "reply"]}, "at": {"type": "string"}}}}}}"""


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"a.rules": SHORT}, LONG),
        # Another rule has `no_reply`, so it is an event.
        ({"a.rules": f"no_reply +5\n\n{SHORT}"}, f"no_reply   +5\n\n{AN_EVENT}"),
        # The schema has it.
        (
            {"a.rules": f'use schema "s.json"\n{SHORT}', "s.json": SCHEMA},
            f'use schema "s.json"\n{AN_EVENT}',
        ),
        # The rules have it that include this file.
        ({"a.rules": SHORT, "b.rules": 'include "a.rules"\nno_reply   +5\n'}, AN_EVENT),
        ({"a.rules": SHORT, "b.rules": 'include "a.rules"\nreply   +5\n'}, LONG),
        # Nobody knows, as long as the rules have errors.
        ({"a.rules": f"x -> nothing\n\n{SHORT}"}, f"x   -> nothing\n\n{UNKNOWN}"),
    ],
)
def test_no_reply_is_written_out_as_it_is_meant(
    place: Path, files: dict[str, str], wanted: str
) -> None:
    for name, text in files.items():
        Path(name).write_text(text, encoding="utf-8")
    run(".")
    assert Path("a.rules").read_text(encoding="utf-8") == wanted
