"""Which findings `leadrules check` shows: options, and comments in the rules that excuse one.

A chunk of EXCUSED is a ruleset; `#~ LR201` marks each line with what is still shown there.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from leadrules.model.source import Source
from leadrules.shell.cli import cli
from leadrules.shell.outcome import Stop
from leadrules.shell.pages import codes
from leadrules.text.excuses import EXAMPLE, excuses

EXCUSED = """
a != x +1 # leadrules: allow LR201 because blank means no here
b != x +1 #~ LR201
---
a != x +1 #leadrules:allow LR201 because blank means no here
---
# LeadRules: Allow lr201 Because blank means no here
a != x +1
b != x +1 #~ LR201
---
# leadrules: allow LR201 because blank means no in all of this block

# (the sales team wants it so)
score fit {
  a != x +1
  group "more" max 1 {
    b != x
      and c != x +1
  }
}
d != x +1 #~ LR201
---
score fit { # leadrules: allow LR201 because it is the head #~ LR212
  a != x +1 #~ LR201
} # leadrules: allow LR201 because it is the foot #~ LR212
---
a != x
  and b = y +1 # leadrules: allow LR201 because the statement begins above
---
a = y
  # leadrules: allow LR201 because it is the line below
  and b != x
  and c != x +1 #~ LR201
---
a != x +1; b != x +1 # leadrules: allow LR201 because both stand in this line
---
# leadrules: allow LR201, LR203 because both are meant so
country = region +1; region != x +1
---
# leadrules: allow LR201 and LR203 because both are meant so #~ LR212
country = region +1; region = x +1
---
# leadrules: allow LR203 because it is a word
# leadrules: allow LR201 because there is one each
country = region +1; region != x +1
---
# leadrules: allow LR201 because the whole block is old
score fit {
  a != x +1
  b != x +1 # leadrules: allow LR201 because this one is older
}
---
# leadrules: allow LR201 because nothing is wrong #~ LR212
a = x +1
---
a = x +1
# leadrules: allow LR201 because nothing follows #~ LR212
---
classify size {
  a != x -> big #~ LR201
  # leadrules: allow LR201 because the block ends #~ LR212
}
---
# leadrules: allow LR203 because of another code #~ LR212
a != x +1 #~ LR201
---
a != x +1 # leadrules: allow LR201 #~ LR211
---
a != x +1 # leadrules: allow LR201 because #~ LR211
---
a != x +1 # leadrules: allow LR201: blank means no #~ LR211
---
a = x +1 # leadrules: allow LR201 #~ LR211
---
a != x +1 # leadrules: ignore LR201 because blank means no #~ LR201 #~ LR210
---
a != x +1 # leadrules: allow because blank means no #~ LR201 #~ LR210
---
a != x +1 # leadrules: allow LR299 because blank means no #~ LR201 #~ LR210
---
a -> SQLL # leadrules: allow LR130 because it is a new stage #~ LR130 #~ LR210
---
a = +1 # leadrules: allow LR035 because the value comes later #~ LR035 #~ LR210
---
# leadrules: allow LR201 because of an error elsewhere nobody can tell
a = x +1
b -> SQLL #~ LR130
---
# the words leadrules and allow LR201 are no excuse by themselves
# see leadrules: the manual
a != x +1 #~ LR201
---
name = "# leadrules: allow LR201 because it is a text" +1
a != x +1 #~ LR201
"""


def check(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["check", *arguments], catch_exceptions=False)


def shown(result: Result) -> list[tuple[int, str]]:
    """The line and the code of each finding."""
    codes = re.findall(r"^(?:error|warning)\[(LR\d+)\]", result.stdout, re.MULTILINE)
    lines = re.findall(r"^ +--> .*:(\d+):\d+$", result.stdout, re.MULTILINE)
    return [(int(line), code) for line, code in zip(lines, codes, strict=True)]


@pytest.mark.parametrize("chunk", EXCUSED.removeprefix("\n").split("---\n"))
def test_what_a_comment_excuses(tmp_path: Path, chunk: str) -> None:
    lines, expected = [], []
    for number, line in enumerate(chunk.splitlines(), 1):
        rule, *marks = line.split(" #~ ")
        lines.append(rule)
        expected += [(number, mark.strip()) for mark in marks]
    path = tmp_path / "test.rules"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert sorted(shown(check(str(path)))) == sorted(expected)


def test_every_code_is_provoked() -> None:
    told = set(re.findall(r"#~ (LR\d+)", EXCUSED))
    assert {"LR210", "LR211", "LR212"} <= told


def test_the_example_is_an_excuse() -> None:
    found, wrong = excuses(Source("t.rules", f"title != ceo +1 {EXAMPLE}"), codes())
    assert [excuse.code for excuse in found] == ["LR201"]
    assert wrong == []


def test_an_excuse_without_because_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "test.rules"
    path.write_text("a != x +1 # leadrules: allow LR201 - blank means no\n", encoding="utf-8")
    help_ = "help: write `# leadrules: allow LR201 because blank means no`"
    assert help_ in check(str(path)).stdout


def test_an_included_file_has_its_own_excuses(tmp_path: Path) -> None:
    part = "# leadrules: allow LR201 because blank means no\na != x +1\n"
    (tmp_path / "part.rules").write_text(part, encoding="utf-8")
    for name in ("one", "two"):
        (tmp_path / f"{name}.rules").write_text('include "part.rules"\nb +1\n', encoding="utf-8")
    done = check(str(tmp_path))
    assert shown(done) == []
    assert done.stderr == "checked 3 files: no mistakes; 1 excused\n"


def test_the_reasons_are_told_on_request(tmp_path: Path) -> None:
    path = tmp_path / "test.rules"
    path.write_text("a != x +1 # leadrules: allow LR201 because so it is\n", encoding="utf-8")
    assert "LR201 is excused: so it is" in check(str(path), "-v").stderr
    assert "so it is" not in check(str(path)).output


def test_many_excuses_are_read_in_linear_time(tmp_path: Path) -> None:
    path = tmp_path / "test.rules"
    excuse = "a # leadrules: allow LR201 because so\nand\n"
    path.write_text("#" * 200_000 + "\n" + excuse * 3_000 + "a +1\n", encoding="utf-8")
    told = [code for _, code in shown(check(str(path)))]
    assert told.count("LR210") == 2_500
    assert told.count("LR212") == 500


# --- options --------------------------------------------------------------------------

BOTH = "country = region +1; region != x +1\n"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), ["LR203", "LR201"]),
        (("--select", "LR201"), ["LR201"]),
        (("--select", "lr2"), ["LR203", "LR201"]),
        (("--select", "LR0,LR203"), ["LR203"]),
        (("--select", "LR201", "--select", "LR203"), ["LR203", "LR201"]),
        (("--ignore", "LR201"), ["LR203"]),
        (("--ignore", "LR2"), []),
        (("--ignore", "LR2", "--select", "LR201"), ["LR201"]),
        (("--ignore", "LR201", "--select", "LR2"), ["LR203"]),
        (("--ignore", "LR201", "--select", "LR201"), []),
    ],
)
def test_codes_are_chosen(tmp_path: Path, arguments: tuple[str, ...], expected: list[str]) -> None:
    path = tmp_path / "test.rules"
    path.write_text(BOTH, encoding="utf-8")
    done = check(str(path), *arguments)
    assert [code for _, code in shown(done)] == expected
    assert done.exit_code == 0


def test_an_error_is_always_shown(tmp_path: Path) -> None:
    path = tmp_path / "test.rules"
    path.write_text("a -> SQLL\n", encoding="utf-8")
    for arguments in (("--select", "LR201"), ("--ignore", "LR130"), ("--ignore", "LR")):
        done = check(str(path), *arguments)
        assert (done.exit_code, [code for _, code in shown(done)]) == (1, ["LR130"])


@pytest.mark.parametrize(
    ("rules", "arguments", "code"),
    [
        (BOTH, (), 0),
        (BOTH, ("--strict",), 1),
        (BOTH, ("--strict", "--ignore", "LR2"), 0),
        (BOTH, ("--exit-zero",), 0),
        ("a -> SQLL", (), 1),
        ("a -> SQLL", ("--strict",), 1),
        ("a -> SQLL", ("--exit-zero",), 0),
        ("a +1", ("--strict",), 0),
        (BOTH, ("--strict", "--exit-zero"), 2),
        (BOTH, ("-q", "-v"), 2),
        (BOTH, ("--select", "LR9"), 2),
        (BOTH, ("--ignore", "E501"), 2),
    ],
)
def test_exit_codes(tmp_path: Path, rules: str, arguments: tuple[str, ...], code: int) -> None:
    path = tmp_path / "test.rules"
    path.write_text(rules, encoding="utf-8")
    # A Stop becomes its exit code in `main`, which stands around the command.
    try:
        left = check(str(path), *arguments).exit_code
    except Stop as stop:
        left = stop.code
    assert left == code


def test_quiet_hides_warnings_unless_they_decide(tmp_path: Path) -> None:
    path = tmp_path / "test.rules"
    path.write_text(BOTH, encoding="utf-8")
    assert check(str(path), "-q").output == ""
    assert len(shown(check(str(path), "-q", "--strict"))) == 2
