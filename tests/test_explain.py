"""`leadrules explain`: it adds up, it agrees with what is scored later, and people can read it.

LEADRULES_EXAMPLES and LEADRULES_SEED make a longer run, as in test_agreement.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from leadrules.engines.read import read_record
from leadrules.engines.reference import evaluate
from leadrules.engines.results import read_result, thawed
from leadrules.explain import data
from leadrules.explain.explanation import Explanation, explain
from leadrules.explain.forecast import Change, forecast, seen, state
from leadrules.explain.report import as_markdown, as_text, report
from leadrules.model.instant import DAY, MICROSECOND, parse_instant
from leadrules.model.lead import Lead
from leadrules.model.program import Each, Program, labels
from leadrules.model.verdict import Outcome, Verdict
from leadrules.shell.cli import cli
from tests.cases import Case, make_case
from tests.doors import compile_text

EXAMPLES = max(30, int(os.environ.get("LEADRULES_EXAMPLES", "0")) // 8)
FIRST = int(os.environ.get("LEADRULES_SEED", "1")) * 1_000_000_000 + 710_000_000
NUMBERS = range(FIRST, FIRST + EXAMPLES)
ROOT = Path(__file__).parents[1]
SCHEMA = json.loads((ROOT / "leadrules/schemas/explain.schema.json").read_text(encoding="utf-8"))
LATEST = parse_instant("9999-12-31T23:59:59.999999Z", None)


def cases() -> Iterator[tuple[int, Case, Program]]:
    for number in NUMBERS:
        case = make_case(number)
        yield number, case, compile_text(case.rules, case.files)


def leads(program: Program, case: Case) -> Iterator[tuple[bytes, Lead]]:
    """The leads of a case that can be scored, with all their events."""
    before = dict(read_result(thawed(result.rstrip())) for result in case.previous or ())
    for record in case.lines:
        lead = read_record(program, record, LATEST)
        if isinstance(lead, Lead):
            previous = before.get(lead.id) if program.reads_previous else None
            yield record, Lead(lead.id, lead.values, lead.events, 0, previous)


def test_the_forecast_is_what_scoring_says_later() -> None:
    moved = quiet = inexact = 0
    for number, case, program in cases():
        chance = random.Random(number)
        for record, lead in [*leads(program, case)][:4]:
            found = forecast(program, lead, case.as_of, most=200, latest=LATEST)
            inexact += not found.exact
            states = [state(evaluate(program, seen(lead, case.as_of), case.as_of))]
            for change in found.changes:
                assert change.before == states[-1] != change.after
                states.append(change.after)
            moved += len(states) > 1
            quiet += len(states) == 1
            for at in instants(found.changes, case.as_of, found.until, chance):
                if not found.exact and at not in [change.at for change in found.changes]:
                    continue
                # Read anew, as a run on that day does.
                then = read_record(program, record, at)
                assert isinstance(then, Lead)
                scored = Lead(then.id, then.values, then.events, 0, lead.previous)
                due = states[sum(change.at <= at for change in found.changes)]
                assert state(evaluate(program, scored, at)) == due, (case.rules, record, at)
    assert moved > len(NUMBERS) // 2
    assert quiet > 0
    assert inexact > 0


def instants(
    changes: tuple[Change, ...], as_of: int, until: int, chance: random.Random
) -> list[int]:
    """Each change, just before it, and any between."""
    edges = [at for change in changes[:20] for at in (change.at - MICROSECOND, change.at)]
    near = [as_of + chance.randrange(1, 60 * DAY) for _ in range(20)]
    far = [as_of + chance.randrange(1, 400 * DAY) for _ in range(10)]
    whole = [at // MICROSECOND * MICROSECOND for at in (*edges, *near, *far)]
    return [at for at in whole if as_of < at <= until]


EVERY_HOUR = """
timezone "Europe/Paris"
visit within 1mo +1
visit between 2mo and 30d ago +1
each visit older than 6mo +1
no visit for 14d +1
visit not followed by call within 48h +1
visit +1 half-life 10d
each visit +5 loses 2 every 7d
days since last visit > 20.5 +1
visit +(min(9, floor((days since last visit - 3) / 7)))
field due within next 10d +1
at least 2 visit within 40d -> SQL
otherwise -> lead
"""


def test_nothing_changes_between_two_changes() -> None:
    program = compile_text(EVERY_HOUR)
    at = ("2026-01-31T23:30:00+01:00", "2026-02-28T10:00:00+01:00", "2026-03-29T00:30:00Z")
    events = [{"type": "visit", "at": instant} for instant in (*at, "2026-04-02T08:00:00Z")]
    record = json.dumps(
        {"id": "L", "created_at": "2026-01-01", "due": "2026-04-20"} | {"events": events}
    )
    as_of = parse_instant("2026-02-20", None)
    lead = read_record(program, record.encode(), LATEST)
    assert isinstance(lead, Lead)
    found = forecast(program, lead, as_of, horizon=250 * DAY)
    assert found.exact
    assert not found.cut
    due = iter([*found.changes, None])
    change = next(due)
    now = state(evaluate(program, seen(lead, as_of), as_of))
    for later in range(as_of, found.until, DAY // 24):
        while change is not None and change.at <= later:
            now = change.after
            change = next(due)
        assert state(evaluate(program, seen(lead, later), later)) == now, later
    assert change is None
    assert len(found.changes) > 50


# --- it adds up --------------------------------------------------------------------


def explained(program: Program, lead: Lead, as_of: int, why_not: str | None = None) -> Explanation:
    return explain(program, lead, as_of, why_not=why_not, latest=as_of + 3 * DAY)


def test_an_explanation_adds_up_and_says_what_the_result_says() -> None:
    validator = Draft202012Validator(SCHEMA)
    scored = decided = undecided = wished = 0
    for _, case, program in cases():

        def outcome_of(lead: Lead, program: Program = program, as_of: int = case.as_of) -> Outcome:
            return evaluate(program, seen(lead, as_of), as_of)

        names = [label for d in program.dimensions for label in labels(program, d.name)]
        every = [lead for _, lead in leads(program, case)]
        aside = [one for one in every if not isinstance(outcome_of(one), Verdict)]
        for number, lead in enumerate([*every[:2], *aside[:1]]):
            why_not = names[number % len(names)] if names else None
            found = explained(program, lead, case.as_of, why_not)
            outcome = outcome_of(lead)
            assert found.outcome == outcome
            content = json.loads(data.write(found, "0"), parse_float=Decimal)
            validator.validate(json.loads(data.write(found, "0")))
            assert "".join(text for text, _ in [*as_text(report(found, True))])
            assert "".join(text for text, _ in [*as_markdown(report(found, False))])
            if not isinstance(outcome, Verdict):
                assert found.aside is not None
                assert found.aside.truth is True
                continue
            scored += 1
            assert sum(step["points"] for step in content["waterfall"]) == content["score"]
            check_steps(found)
            for label in found.labels:
                if label.parts or label.kept:
                    continue
                assert all(rule.part is not None and not rule.part.truth for rule in label.earlier)
                if label.decided is None:
                    undecided += 1
                    assert label.label is None
                else:
                    decided += 1
                    assert label.decided.label == label.label
                    assert label.decided.part is None or label.decided.part.truth is True
            wished += check_ways(program, lead, found)
    assert min(scored, decided, undecided, wished) > 0


def check_steps(found: Explanation) -> None:
    """Each event behind a rule that pays for each is there once, and the points are theirs."""
    for step in found.steps:
        rule = step.paid.source
        if rule is not None and isinstance(rule.pays, Each):
            earned = step.paid.points if step.paid.earned is None else step.paid.earned
            counted = step.paid.counted_events
            assert sum(one.points or 0 for one in counted) == earned
            assert len(counted) == (step.paid.counted or len(counted)) == len(step.events)


def check_ways(program: Program, lead: Lead, found: Explanation) -> int:
    """What would do does: the lead with the events and values has the label. Counts the ways."""
    ways = 0
    for towards in (*found.towards, *found.why_not):
        for way in () if towards.nearer is None else towards.nearer.ways:
            ways += 1
            now = seen(lead, found.as_of)
            for trial in way.trials:
                if trial.event is not None:
                    now = replace(now, events=(*now.events, trial.event))
                elif trial.field is not None and trial.value is not None:
                    assert trial.field.path not in now.values
                    now = replace(now, values={**now.values, trial.field.path: trial.value})
            outcome = evaluate(program, now, found.as_of)
            assert isinstance(outcome, Verdict)
            assert outcome.score == way.score
            assert dict(outcome.labels)[towards.dimension] == way.label
            assert isinstance(found.outcome, Verdict)
            assert way.label != dict(found.outcome.labels)[towards.dimension]
    return ways


# --- from the command line ---------------------------------------------------------

AS_OF = "2026-11-22T12:00:00Z"
RULES = """
demo_request within 30d +40 "asked for a demo"
each webinar within 60d +20 max 30 "webinars"
score fit max 10 {
  budget >= 5000 +10
  group "size" max 5 { employees > 10 +4; employees > 100 +4 }
}
checklist BANT { budget: budget >= 5000; need: need known; timing: purchase_date within next 30d }
exclude banned = true "asked to be left alone"
score >= 60 and BANT >= 1 -> SQL "ready"
score >= 30 -> MQL
otherwise -> lead
no reply for 30d -> cold
classify grade { fit >= 10 -> A; otherwise -> B }
combine tier = stage, grade
"""
LEADS = """\
{"id": "L-1", "budget": 9000, "employees": 500, "created_at": "2026-01-05", "events": [\
{"type": "webinar", "at": "2026-11-19T08:00:00Z"}, {"type": "webinar", "at": "2026-10-20"}]}
{"id": "L-2", "banned": true}
{"id": "L-3", "budget": "much"}
{"id": 7}
{"id": "L-1"}
{"id": "L-4", "budget": 4000
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "r.rules").write_text(RULES, encoding="utf-8")
    (tmp_path / "leads.jsonl").write_text(LEADS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def command(*arguments: str, code: int = 0, stdin: str | None = None) -> str:
    given = ["explain", *arguments, "--as-of", AS_OF, "-r", "r.rules"]
    result = CliRunner().invoke(cli, given, input=stdin)
    left = getattr(result.exception, "code", result.exit_code)
    assert left == code, (result.output, result.exception)
    return result.stdout if code == 0 or result.stdout else str(result.exception)


def content_of(*arguments: str, code: int = 0) -> Any:
    content = json.loads(command(*arguments, "--format", "json", code=code))
    Draft202012Validator(SCHEMA).validate(content)
    return content


TEXT = """\
L-1: 40 points, MQL, cold
as of 22 Nov 2026
leads.jsonl line 5 has the same id: that record is not scored

Why 40 points
  +30  webinars: webinar 33 days ago (20 Oct), 3 days ago (19 Nov); 40 held at 30 (max 30)
       fit: 10
  +10    budget >= 5000: budget is 9000
   +4    employees > 10: employees is 500
   +4    employees > 100: employees is 500
   -3    max 5: size would be 8
   -5    max 10: fit would be 15
   40  in all

Why stage is MQL
  ✓  score >= 30: score is 40

Why temperature is cold
  ✓  no reply for 30d

Why grade is A
  ✓  fit >= 10: fit is 10

Why tier is MQLA
  stage is MQL
  grade is A

BANT: 1 of 3
  ✓  budget: budget >= 5000: budget is 9000
  ✗  need is not known
  ?  timing: purchase_date is not known

Why stage is not SQL
  ✗  all of these:
  ✗    score >= 60: score is 40, 20 short
  ✓    BANT >= 1: BANT is 1
  →  a new demo_request would do: 80 points, SQL

If nothing happens
  in 27 days (19 Dec): 30 points (-10)
  in 57 days (18 Jan 2027): stage MQL → lead, tier MQLA → leadA, 10 points (-20)
"""


def test_the_text_is_for_people(place: Path) -> None:
    assert command("L-1", "--leads", "leads.jsonl", "--why-not", "SQL") == TEXT


def test_a_lead_without_points_says_why(place: Path) -> None:
    excluded = content_of("L-2", "--leads", "leads.jsonl")
    assert (excluded["status"], excluded["reason"]) == ("excluded", "asked to be left alone")
    assert excluded["condition"]["truth"] is True
    bad = content_of("L-3", "--leads", "leads.jsonl", code=1)
    assert (bad["status"], bad["code"], bad["field"]) == ("quarantined", "wrong_type", "budget")
    assert "cannot be scored" in command("L-3", "--leads", "leads.jsonl", code=1)


def test_what_nobody_can_tell_is_told_without_what_is_false(place: Path) -> None:
    """`unsubscribe` behind a `?` would read as if it had happened."""
    rules = "unsubscribe within 90d -> disqualified; kind = competitor -> disqualified; demo -> MQL"
    (place / "r.rules").write_text(rules, encoding="utf-8")
    lead = '{"id": "x", "events": [{"type": "demo", "at": "2026-11-20"}]}'
    said = command("-", stdin=lead)
    assert "  ?  not disqualified: kind is not known\n" in said


def test_an_id_that_is_a_number_is_found(place: Path) -> None:
    assert content_of("7", "--leads", "leads.jsonl")["score"] == 0


def test_the_first_of_two_with_an_id_counts_and_the_other_is_told(place: Path) -> None:
    notes = content_of("L-1", "--leads", "leads.jsonl")["notes"]
    assert notes == ["leads.jsonl line 5 has the same id: that record is not scored"]


def test_an_id_that_is_not_there_is_an_answer(place: Path) -> None:
    said = command("L-9", "--leads", "leads.jsonl", code=1)
    assert said == "there is no lead L-9 in leads.jsonl (records read: 6)"
    said = command("L-4", "--leads", "leads.jsonl", code=1)
    assert "line 6 cannot be read, and may be it" in said


def test_a_label_that_is_combined_is_taken_apart(place: Path) -> None:
    (asked,) = content_of("L-1", "--leads", "leads.jsonl", "--why-not", "SQLA")["why_not"]
    assert asked["needs"] == [
        {"dimension": "stage", "label": "SQL", "is": "MQL"},
        {"dimension": "grade", "label": "A", "is": "A"},
    ]
    said = command("L-1", "--leads", "leads.jsonl", "--why-not", "SQLA")
    assert "✗  stage must be SQL: it is MQL" in said


def test_a_lead_comes_from_standard_input(place: Path) -> None:
    lead = '{"id": "x", "budget": 9000}'
    assert json.loads(command("-", "--format", "json", stdin=lead))["score"] == 10
    assert "has 2 records, not one" in command("-", stdin=f"{lead}\n{lead}", code=2)
    found = command("x", "--leads", "-", "--format", "json", stdin=lead)
    assert json.loads(found)["score"] == 10


def test_what_cannot_be_asked_is_refused(place: Path) -> None:
    said = command("L-1", "--leads", "leads.jsonl", "--why-not", "SQl", code=2)
    assert "did you mean SQL?" in said
    command("L-1", code=2)
    command("-", "--leads", "leads.jsonl", code=2)
    assert "no such file" in command("L-1", "--leads", "none.jsonl", code=3)


def test_reports_go_into_files(place: Path) -> None:
    command(
        "L-1", "--leads", "leads.jsonl", "--report", "markdown=note.md", "--report", "json=l.json"
    )
    assert (place / "note.md").read_text(encoding="utf-8").startswith("## L-1: ")
    assert json.loads((place / "l.json").read_text(encoding="utf-8"))["id"] == "L-1"


def test_yesterday_freezes_and_keeps(place: Path) -> None:
    rules = 'demo +40\nfreeze was customer "a customer"\ndimension stage never falls\n'
    (place / "r.rules").write_text(
        rules + "score >= 40 -> SQL\notherwise -> lead\n", encoding="utf-8"
    )
    before = [
        {"id": "L-1", "score": 40, "stage": "SQL"},
        {"id": "7", "score": 5, "stage": "customer"},
    ]
    text = "".join(json.dumps(one, separators=(",", ":")) + "\n" for one in before)
    (place / "day1.jsonl").write_text(text, encoding="utf-8")
    kept = content_of("L-1", "--leads", "leads.jsonl", "--previous", "day1.jsonl")
    assert kept["labels"][0]["label"] == "SQL"
    assert kept["labels"][0]["kept_from_yesterday"] is True
    frozen = content_of("7", "--leads", "leads.jsonl", "--previous", "day1.jsonl")
    assert (frozen["status"], frozen["result"]["score"]) == ("frozen", 5)
