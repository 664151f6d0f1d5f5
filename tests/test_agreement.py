"""Both engines give the same bytes: generated rulesets, on generated leads.

A run of some hundred rulesets is part of every test run. For a long one:

    LEADRULES_EXAMPLES=20000 LEADRULES_SEED=7 python -m pytest tests/test_agreement.py

A failure shows the smallest ruleset and lead that were found, both results, and the SQL.
"""

from __future__ import annotations

import json
import os
import time
import traceback
import unicodedata
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from leadrules.engines.json_text import read_json
from leadrules.engines.sql import write_query
from leadrules.model.instant import show_instant
from leadrules.model.lead import CODES
from leadrules.model.letters import fold, normal
from leadrules.model.program import Program
from tests.cases import Case, make_case, make_rules
from tests.constructs import CONSTRUCTS, constructs
from tests.doors import Outcome, compile_text, findings, one_database, score_lines
from tests.promises import check_result
from tests.reduce import Patience, reduced, tokens

USUAL = 200
EXAMPLES = int(os.environ.get("LEADRULES_EXAMPLES", USUAL))
SEED = int(os.environ.get("LEADRULES_SEED", "1"))
PARTS = 8
# How long a smaller failing case is sought.
SECONDS = 60.0


@pytest.mark.parametrize("part", range(PARTS))
def test_engines_agree(part: int, capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    numbers = range(SEED * 1_000_000_000 + part, SEED * 1_000_000_000 + EXAMPLES, PARTS)
    leads = 0
    different = None
    with one_database():
        for number in numbers:
            case = make_case(number)
            leads += len(case.lines)
            if check(case) is not None:
                different = case
                break
    if different is not None:
        # With a new database for each try: one that has failed once may fail at everything.
        pytest.fail(f"case {number}: {check(smaller(different))}", pytrace=False)
    assert leads >= len(numbers) > 0
    if EXAMPLES > USUAL:
        with capsys.disabled():
            seconds = time.monotonic() - began
            print(
                f"\npart {part + 1} of {PARTS} with seed {SEED}: {len(numbers)} rulesets, "
                f"{leads} leads, {seconds:.0f} seconds"
            )


def smaller(case: Case) -> Case:
    """A case with less in it that the engines do not agree on either."""
    patience = Patience(SECONDS)

    def fails(less: Case) -> bool:
        program, _ = findings(less.rules, less.files)
        return program is not None and bool(less.lines) and check(less) is not None

    def with_rules(pieces: list[str]) -> Case:
        return replace(case, rules="".join(pieces))

    lines = reduced(case.lines, lambda some: fails(replace(case, lines=some)), patience)
    case = replace(case, lines=lines)
    if fails(replace(case, previous=None)):
        case = replace(case, previous=None)
    elif case.previous is not None:
        kept = reduced(case.previous, lambda some: fails(replace(case, previous=some)), patience)
        case = replace(case, previous=kept)
    rows = case.rules.splitlines(keepends=True)
    case = with_rules(reduced(rows, lambda some: fails(with_rules(some)), patience))
    words = tokens(case.rules)
    return with_rules(reduced(words, lambda some: fails(with_rules(some)), patience))


def check(case: Case) -> str | None:
    """The promises that hold for every ruleset and every input: None, or what is broken."""
    program = compile_text(case.rules, case.files)
    expected = score_lines(program, case.lines, case.as_of, "reference", case.previous)
    if expected.failed:
        # A list so long that the file is taken for an array, which then breaks off.
        assert case.lines[0].removeprefix(b"\xef\xbb\xbf").startswith(b"[")
    else:
        check_reference(case, program, expected)
    try:
        got = score_lines(program, case.lines, case.as_of, "duckdb", case.previous)
    except Exception:
        # Shown with its case, like any other difference.
        return told(case, program, expected, traceback.format_exc(limit=-4))
    return None if got == expected else told(case, program, expected, got)


def check_reference(case: Case, program: Program, outcome: Outcome) -> None:
    """What one engine promises by itself."""
    first, *others = case.lines
    # A byte order mark does not make a blank line a record.
    lines = [first.strip().removeprefix(b"\xef\xbb\xbf"), *others]
    records = [(n, line) for n, line in enumerate(lines, 1) if line.strip()]
    if len(records) == 1 and records[0][1].startswith(b"["):
        # The whole file is an array.
        return
    check_totals(outcome, len(records))
    set_aside = {item["line"] for item in outcome.quarantined}
    good = [line for number, line in records if number not in set_aside]
    results = [json.loads(line, parse_float=Decimal) for line in outcome.scored]
    assert [result["id"] for result in results] == [id_of(program, line) for line in good]
    for result in results:
        check_result(program, result)


def check_totals(outcome: Outcome, records: int) -> None:
    summary = outcome.summary
    assert summary.read == records
    assert summary.read == summary.scored + summary.excluded + summary.quarantined
    assert summary.scored + summary.excluded == len(outcome.scored)
    assert summary.quarantined == len(outcome.quarantined) == summary.by_code.total()
    for item in outcome.quarantined:
        assert item["code"] in CODES
    numbers = [item["line"] for item in outcome.quarantined]
    assert numbers == sorted(set(numbers))


def id_of(program: Program, line: bytes) -> str:
    value: Any = read_json(line.decode("utf-8-sig"))
    for key in program.shape.id:
        value = value[key]
    return value if isinstance(value, str) else str(value.text)


def told(case: Case, program: Program, expected: Outcome, got: Outcome | str) -> str:
    """The story of a difference; `got` is a traceback when there is no outcome."""
    parts = ["the engines differ", "--- rules", case.rules]
    parts += [f"--- {name}\n{text}" for name, text in case.files.items()]
    parts += [f"--- leads ({len(case.lines)}), judged at {show_instant(case.as_of)}"]
    parts += [repr(line)[2:-1] for line in case.lines[:3]]
    if case.previous is not None:
        parts += ["--- yesterday", *(repr(line)[2:-1] for line in case.previous[:3])]
    if isinstance(got, str):
        return "\n".join([*parts, "--- duckdb", got])
    for outcome, other in ((expected, got), (got, expected)):
        parts.append("--- reference" if outcome is expected else "--- duckdb")
        parts += [x.decode().rstrip() for x in outcome.scored if x not in other.scored]
        parts += [json.dumps(x) for x in outcome.quarantined if x not in other.quarantined]
        parts.append(str(outcome.summary))
    query = write_query(program, case.as_of, "newline_delimited")
    parts += ["--- SQL", *(str(statement)[:1000] for statement in query.setup), query.sql]
    return "\n".join(part if len(part) < 20_000 else part[:20_000] + " …" for part in parts)


# --- every construct is made -------------------------------------------------------


def test_every_construct_is_generated() -> None:
    seen: set[str] = set()

    for number in range(400):
        _, rules = make_rules(number)
        seen.update(constructs(rules, compile_text(rules.text, rules.files)))
    assert sorted(CONSTRUCTS - seen) == []


def test_every_rejection_is_generated() -> None:
    codes: set[str] = set()
    later = []
    frozen = excluded = 0

    for number in range(200):
        case = make_case(number)
        program = compile_text(case.rules, case.files)
        summary = score_lines(program, case.lines, case.as_of, "reference", case.previous).summary
        frozen += summary.frozen
        excluded += summary.excluded
        codes.update(summary.by_code)
        later.append(summary.later)

    assert codes == set(CODES)
    assert sum(later) > 100
    assert min(frozen, excluded) > 10


# --- every letter ------------------------------------------------------------------


def test_every_letter_compares_the_same() -> None:
    """Each character of Unicode, on its own and behind a mark, folded by both engines."""
    letters = [
        chr(code)
        for code in range(0x20, 0x110000)
        if unicodedata.category(chr(code)) not in ("Cs", "Cn", "Co")
    ]
    assert len(letters) > 140_000
    program = compile_text("a = field b -> MQL\na = exactly field b -> hot\nlength(a) = 60 +1")
    lines = []
    for start in range(0, len(letters), 30):
        text = "".join(letter + "x" for letter in letters[start : start + 30])
        for number, other in enumerate((fold(normal(text)), text.lower(), text.upper())):
            record = {"id": f"{start}-{number}", "a": text, "b": other}
            lines.append(json.dumps(record, ensure_ascii=False).encode())
    expected = score_lines(program, lines, 0, "reference")
    got = score_lines(program, lines, 0, "duckdb")
    different = [
        (json.loads(line), mine, theirs)
        for line, mine, theirs in zip(lines, expected.scored, got.scored, strict=True)
        if mine != theirs
    ]
    assert not different[:3]
    assert expected == got
    assert expected.summary.labels["stage"]["MQL"] > len(lines) // 3
