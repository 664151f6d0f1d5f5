"""The rulesets that ship: they compile without a word, and their cases hold on every engine."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from leadrules.model.program import Dimension, Program, rules_of
from leadrules.shell.rules import Compiled, compile_source, drawn, open_rules
from tests.doors import ENGINES, Engine, score_lines
from tests.ruleset_cases import Case, Cases, Malformed, differences, read_cases

ROOT = Path(__file__).parents[1]
RULESETS = ROOT / "rulesets"
FOLDERS = sorted(
    readme.parent for readme in RULESETS.glob("**/README.md") if readme.parent != RULESETS
)

# Labels that no lead can have, and why.
OUT_OF_REACH = {
    # The one line gives 40 points; its page says so.
    "quickstart": {("stage", "SQL")},
}


def name_of(folder: Path) -> str:
    return folder.relative_to(RULESETS).as_posix()


@cache
def compiled(folder: Path) -> Compiled:
    """A ruleset: the rule file that is called like its folder."""
    path = folder / f"{folder.name}.rules"
    return compile_source(open_rules(str(path), sys.stdin))


@cache
def program_of(folder: Path) -> Program:
    program = compiled(folder).program
    assert program is not None
    return program


@cache
def cases_of(folder: Path) -> Cases:
    return read_cases(folder / "cases.yaml")


@cache
def results(folder: Path, engine: Engine) -> dict[str, dict[str, Any]]:
    """What comes of each case, by its name."""
    by_instant: dict[int, list[Case]] = {}
    found: dict[str, dict[str, Any]] = {}
    for case in cases_of(folder).cases:
        by_instant.setdefault(case.as_of, []).append(case)
    for as_of, cases in by_instant.items():
        records = [case.record for case in cases]
        yesterday = [case.yesterday for case in cases if case.yesterday is not None]
        outcome = score_lines(program_of(folder), records, as_of, engine, yesterday)
        assert not outcome.quarantined
        scored = [json.loads(text) for text in outcome.scored]
        found |= {case.name: result for case, result in zip(cases, scored, strict=True)}
    return found


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_compiles_without_a_word(folder: Path) -> None:
    found = compiled(folder)
    assert found.program is not None, drawn(found.diagnostics, color=False)
    assert not found.diagnostics, drawn(found.diagnostics, color=False)


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_is_about_its_own_rules(folder: Path) -> None:
    assert cases_of(folder).rules == folder / f"{folder.name}.rules"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_every_case_holds(folder: Path, engine: Engine) -> None:
    found = results(folder, engine)
    failures = [
        f"{case.name}: {difference}"
        for case in cases_of(folder).cases
        for difference in differences(case.expect, found[case.name])
    ]
    assert not failures, "\n" + "\n".join(failures)


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_the_points_shown_add_up(folder: Path) -> None:
    scored = [result for result in results(folder, "reference").values() if "fired" in result]
    assert scored
    for result in scored:
        shown = sum(Decimal(str(item["points"])) for item in result["fired"])
        assert shown == Decimal(str(result["score"])), result


def test_the_case_on_the_page_holds(tmp_path: Path) -> None:
    """The example of `rulesets/README.md`, which is about `b2b`."""
    page = (RULESETS / "README.md").read_text("utf-8")
    path = tmp_path / "cases.yaml"
    path.write_text(page.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")
    (case,) = read_cases(path).cases
    program = program_of(RULESETS / "b2b")
    (scored,) = score_lines(program, [case.record], case.as_of, "reference").scored
    assert list(differences(case.expect, json.loads(scored))) == []


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_every_label_has_a_case(folder: Path) -> None:
    program = program_of(folder)
    given = {
        (key, value)
        for case in cases_of(folder).cases
        for key, value in case.expect.items()
        if isinstance(value, str)
    }
    possible = {
        (dimension.name, rule.label)
        for dimension in program.dimensions
        if isinstance(dimension, Dimension)
        for rule in dimension.rules
    }
    reasons = {("excluded", aside.reason) for aside in program.exclusions}
    assert (possible | reasons) - given == OUT_OF_REACH.get(name_of(folder), set())


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_every_rule_fires_in_a_case(folder: Path) -> None:
    program = program_of(folder)
    fired = {
        item["rule"]
        for result in results(folder, "reference").values()
        for item in result.get("fired", ())
    }
    rules = {rule.name for block in program.blocks for rule in rules_of(block.items)}
    assert rules
    assert not rules - fired


SAMPLES = [folder for folder in FOLDERS if (folder / "leads.jsonl").exists()]


@pytest.mark.parametrize("folder", SAMPLES, ids=name_of)
def test_sample_leads_are_scored(folder: Path) -> None:
    lines = (folder / "leads.jsonl").read_bytes().splitlines()
    program = program_of(folder)
    as_of = cases_of(folder).cases[0].as_of
    by_engine = [score_lines(program, lines, as_of, engine) for engine in ENGINES]
    assert not by_engine[0].quarantined
    assert len(by_engine[0].scored) == len(lines)
    assert by_engine[0].scored == by_engine[1].scored


def test_duplicates_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `duplicates.sql` finds is what the sample leads of `b2b` have in their fields."""
    folder = RULESETS / "b2b"
    monkeypatch.chdir(folder)
    with duckdb.connect() as connection:
        found = connection.execute((folder / "duplicates.sql").read_text("utf-8")).fetchall()
    lines = (folder / "leads.jsonl").read_text("utf-8").splitlines()
    leads = [json.loads(line) for line in lines]
    marked = {lead["id"]: lead.get("duplicate_of") for lead in leads}
    others = {lead["id"]: lead.get("company", {}).get("open_leads", 0) for lead in leads}
    assert {id_: original for id_, original, _ in found} == marked
    assert {id_: count or 0 for id_, _, count in found} == others
    assert any(marked.values())
    assert any(others.values())


def test_there_are_rulesets() -> None:
    names = {name_of(folder) for folder in FOLDERS}
    assert names >= {"quickstart", "inbound", "b2b", "models/gitlab-person-score"}
    rules = {path.parent for path in RULESETS.glob("**/*.rules")}
    assert rules == set(FOLDERS), "a folder with rules has a README.md"


# --- the cases themselves ----------------------------------------------------------

CASE = """
rules: a.rules
as_of: 2026-11-22T00:00:00Z
cases:
  - name: one
    lead: {country: NO, company: {employees: 50}, created_at: 60d ago, purchase_date: in 2w}
    expect: {score: 5}
  - name: two
    as_of: 2026-03-01
    lead:
      events:
        reply: 36h ago
        call: [2d ago, {at: 2026-02-01, seconds: 9}]
    expect: {score: 0}
  - name: three
    lead: {id: L-3, events: [{type: reply, at: 2026-11-21T10:00:00+01:00, by: Ada}]}
    expect: {score: 0}
"""


def test_short_forms_are_written_out(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(CASE, encoding="utf-8")
    one, two, three = (case.lead for case in read_cases(path).cases)
    assert one == {
        "id": "one",
        "country": "NO",
        "company": {"employees": 50},
        "created_at": "2026-09-23T00:00:00Z",
        "purchase_date": "2026-12-06T00:00:00Z",
    }
    assert two["events"] == [
        {"type": "reply", "at": "2026-02-27T12:00:00Z"},
        {"type": "call", "at": "2026-02-27T00:00:00Z"},
        {"type": "call", "at": "2026-02-01T00:00:00Z", "seconds": 9},
    ]
    assert three == {
        "id": "L-3",
        "events": [{"type": "reply", "at": "2026-11-21T09:00:00Z", "by": "Ada"}],
    }


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (CASE, "rules: a.rules\nas_of: 2026-11-22\ncases: []\n", "no cases"),
        (CASE, "[]", "a file of cases has"),
        ("name: one", "name: [one", "expected ',' or"),
        ("as_of: 2026-11-22T00:00:00Z\n", "", "a file of cases has"),
        ("name: two", "name: one", "two cases are called one"),
        ("    expect: {score: 5}\n", "", "name, lead and expect"),
        ("expect: {score: 5}", "expect: {}", "lead and expect are fields"),
        ("expect: {score: 5}", "expected: {score: 5}", "name, lead and expect"),
        ("- name: two", "- name: two\n    source: heard", "the source is one of"),
        ("36h ago", "yesterday", "reply: `yesterday` is no instant"),
        ("{at: 2026-02-01, seconds: 9}", "{seconds: 9}", "call has no `at`"),
        ("{type: reply, at:", "{kind: reply, at:", "has type and at"),
    ],
)
def test_malformed_cases_are_told(before: str, after: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    assert before in CASE
    path.write_text(CASE.replace(before, after), encoding="utf-8")
    with pytest.raises(Malformed, match=words):
        read_cases(path)


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        ({"score": 40, "scores": {"fit": 10}, "stage": "SQL"}, []),
        ({"score": 41}, ["score: expected 41, got 40"]),
        ({"scores": {"fit": 1}}, ["scores.fit: expected 1, got 10"]),
        ({"stage": None}, ["stage: expected None, got SQL"]),
        ({"excluded": "competitor"}, ["excluded: expected competitor, got None"]),
        ({"fired": {"demo_request": 40, "reply": "no"}}, []),
        ({"fired": {"demo_request": "no"}}, ["fired, demo_request: expected no, got 40"]),
        ({"fired": {"reply": 5}}, ["fired, reply: expected 5, got no"]),
    ],
)
def test_differences_are_told(expect: dict[str, Any], told: list[str]) -> None:
    result = {
        "score": 40,
        "scores": {"fit": 10, "engagement": 30},
        "stage": "SQL",
        "fired": [{"rule": "demo_request", "points": 40}],
    }
    assert list(differences(expect, result)) == told
