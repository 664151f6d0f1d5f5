"""`leadrules check --fix`: what is certain is mended, in the files that are named only."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from leadrules.model.source import Source
from leadrules.shell.cli import cli
from leadrules.shell.mend import Mended
from leadrules.shell.mend import mend as mend_rules
from leadrules.shell.outcome import Stop
from leadrules.text.habits import _CHOOSING, _HABITS
from leadrules.text.parse import parse
from tests.test_text import ERROR_FILES, chunks

SCHEMA = {"properties": {"Budget": {"type": "number"}, "title": {"type": "string"}}}

MENDED = [
    ("every demo_request +10  # asked", "each demo_request +10  # asked"),
    ("if budget > 5000 then +20", "budget > 5000 +20"),
    ("else -> lead", "otherwise -> lead"),
    ("unless budget > 5000 -> cold", "not budget > 5000 -> cold"),
    ("reply in the last 30 days +1", "reply within 30 days +1"),
    ("never reply -> cold", "no reply -> cold"),
    ("budget == 5 +1", "budget = 5 +1"),
    ("a && b == 5 +1", "a and b = 5 +1"),
    ("a AND budget > 5 +1", "a and budget > 5 +1"),
    ("x > 5+3", "x > 5 +3"),
    ("(x + 1) > 5+3", "(x + 1) > 5 +3"),
    ("reply within 30D +1", "reply within 30d +1"),
    ("reply within 07d +1", "reply within 7d +1"),
    ("x > .5 +1", "x > 0.5 +1"),
    ("title = “Head of sales” +1", 'title = "Head of sales" +1'),
    ("field created = 2026-1-5 +1", "field created = 2026-01-05 +1"),
    ("field created = 22/11/2026 +1", "field created = 2026-11-22 +1"),
    ("score fit max = 50 {\n  every a +1\n}", "score fit max 50 {\n  each a +1\n}"),
    ("a -> sql", "a -> SQL"),
    (
        "define boundary = 60\n(score - boundary) >= 0 -> SQL\na +1",
        "define boundary = (60)\n(score - boundary) >= 0 -> SQL\na +1",
    ),
    ("// asked by sales\na +5 // (so they said)", "# asked by sales\na +5 # (so they said)"),
    ("30 <= score < 60 -> MQL", "score in 30..<60 -> MQL"),
    ("x > 5 and fit + reach >= 40 +1", "x > 5 and (fit + reach) >= 40 +1"),
    ('use schema "s.json"\nbudget > 5 +1', 'use schema "s.json"\nBudget > 5 +1'),
    ('use schema "s.json"\nfield budget > 5 +1', 'use schema "s.json"\nfield Budget > 5 +1'),
    ("a +1 # leadrules: allow LR201 because of old times", "a +1"),
    ("a +1\n  # leadrules: allow LR201 because of old times\r\nb +1", "a +1\nb +1"),
    ("a +1\n# leadrules: allow LR201 because of old times", "a +1\n"),
    ("# leadrules: allow LR201 because of old times\n\na +1\n", "\na +1\n"),
    (
        "a != x +1 # leadrules: allow LR201: so it was",
        "a != x +1 # leadrules: allow LR201 because so it was",
    ),
]
# There is more than one way, or the meaning is a guess.
LEFT = [
    "demo_request 3 times +5",
    "page_view without call -> hot",
    "a, b +5",
    "budget > 10,000 +5",
    "field created = 05/06/2026 +1",
    "reply within 30M +1",
    "max 50",
    "a then b",
    "a -> SQLL",
    'use schema "s.json"\ntitel = x +1',
    "a != x +1",
    "every a # asked\n  within 30d +10",
    "a +5 else -5",
    "a = x +1 # leadrules: allow LR201, LR203 because of old times",
]


def check(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["check", *arguments], catch_exceptions=False)


def mend(folder: Path, rules: str, *arguments: str) -> str:
    (folder / "s.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    path = folder / "test.rules"
    path.write_bytes(rules.encode())
    check("--fix", *arguments, str(path))
    return path.read_bytes().decode()


@pytest.mark.parametrize(("before", "after"), MENDED)
def test_what_is_certain_is_mended(tmp_path: Path, before: str, after: str) -> None:
    assert mend(tmp_path, before) == after


@pytest.mark.parametrize("rules", LEFT)
def test_what_could_be_meant_otherwise_is_left(tmp_path: Path, rules: str) -> None:
    assert mend(tmp_path, rules) == rules


def test_all_of_a_file_are_mended_together(tmp_path: Path) -> None:
    alone = [pair for pair in MENDED if "\n" not in pair[0] and "leadrules" not in pair[0]]
    rules = "\n".join(before for before, _ in alone)
    expected = "\n".join(after for _, after in alone)
    assert mend(tmp_path, rules) == expected


def test_a_fix_that_makes_nothing_better_is_not_made(tmp_path: Path) -> None:
    """The mended line would have another mistake; the one beside it is mended all the same."""
    rules = "every a +1000000000\n"
    assert mend(tmp_path, rules) == rules
    rules = "if b then c +1\nx > 5+3\n"
    assert mend(tmp_path, rules) == "if b then c +1\nx > 5 +3\n"


def test_every_fix_of_the_reader_takes_its_mistake_away() -> None:
    seen = set()
    for path in ERROR_FILES:
        for text, _ in chunks(path):
            found = parse(Source("t.rules", text))[1]
            for finding in found:
                if finding.fix is None:
                    continue
                seen.add(finding.code)
                span = finding.fix.span
                mended = text[: span.start] + finding.fix.text + text[span.end :]
                assert len(parse(Source("t.rules", mended))[1]) < len(found), text
    assert seen >= {"LR008", "LR016", "LR019", "LR020", "LR021", "LR022", "LR049"}


def test_the_habits_that_choose_are_habits() -> None:
    assert {pattern for pattern, _, _ in _HABITS} > _CHOOSING


def test_it_is_said_what_was_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rules = "a +1\nb = c\n\n# leadrules: allow LR201 because so\nx > 5+3 # why\n"
    Path("test.rules").write_text(rules, encoding="utf-8")
    done = check("--fix", "test.rules")
    assert done.stderr.splitlines()[:-1] == ["test.rules:5:5: LR019 is mended: x > 5 +3 # why"]
    Path("test.rules").write_text(rules.replace("b = c", ""), encoding="utf-8")
    assert check("test.rules").stderr.endswith("; --fix mends 1\n")
    done = check("--fix", "test.rules")
    assert done.exit_code == 0
    assert done.stderr.splitlines() == [
        "test.rules:5:5: LR019 is mended: x > 5 +3 # why",
        "test.rules:4:20: LR212 is mended: the line is taken out",
        "checked 1 file: no mistakes",
    ]
    assert check("--fix", "-q", "test.rules").output == ""


def test_what_is_not_wanted_or_excused_is_not_mended(tmp_path: Path) -> None:
    rules = "a +1 # leadrules: allow LR201 because so\n"
    assert mend(tmp_path, rules, "--ignore", "LR212") == rules


def test_only_files_that_are_named_are_mended(tmp_path: Path) -> None:
    part, link = tmp_path / "part.rules", tmp_path / "link.rules"
    part.write_text("every a +1\n", encoding="utf-8")
    root = 'include "part.rules"\nevery b +1\n'
    assert mend(tmp_path, root) == 'include "part.rules"\neach b +1\n'
    assert part.read_text(encoding="utf-8") == "every a +1\n"
    link.symlink_to(part)
    assert check("--fix", str(link)).exit_code == 1
    assert part.read_text(encoding="utf-8") == "every a +1\n"
    check("--fix", str(tmp_path))
    assert part.read_text(encoding="utf-8") == "each a +1\n"
    assert link.is_symlink()


def test_a_file_keeps_its_mark_its_line_ends_and_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "test.rules"
    path.write_bytes(b"\xef\xbb\xbfevery a +1\r\nb +1\r\n")
    path.chmod(0o640)
    assert check("--fix", str(path)).exit_code == 0
    assert path.read_bytes() == b"\xef\xbb\xbfeach a +1\r\nb +1\r\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["test.rules"]


def test_a_file_that_changed_meanwhile_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "test.rules"
    path.write_text("every a +1\n", encoding="utf-8")

    def slow(*arguments: Any) -> Mended:
        path.write_text("every b +1\n", encoding="utf-8")
        return mend_rules(*arguments)

    monkeypatch.setattr("leadrules.shell.check.mend", slow)
    with pytest.raises(Stop, match="was changed meanwhile"):
        check("--fix", str(path))
    assert path.read_text(encoding="utf-8") == "every b +1\n"


def test_standard_input_is_not_mended() -> None:
    assert check("--fix", "-").exit_code == 2
