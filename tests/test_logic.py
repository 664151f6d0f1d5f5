"""What follows from rules: `leadrules.logic`, held to the reference on leads.

The table of findings is the text FINDINGS below, written as that of test_check: rulesets divided
by `---`, `#~ LR301` marks each line with the codes that must be found there, and `#! LR301`
begins a near miss. LEADRULES_EXAMPLES and LEADRULES_SEED make a longer run.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from leadrules.engines.conditions import Scene, judge
from leadrules.engines.read import read_record
from leadrules.engines.reference import evaluate
from leadrules.engines.results import read_result, thawed
from leadrules.logic.codes import CODES
from leadrules.logic.examine import examine
from leadrules.logic.extremes import Extremes
from leadrules.logic.formula import Undecided
from leadrules.logic.leads import Leads
from leadrules.logic.notebook import Notebook
from leadrules.logic.reached import Reached
from leadrules.logic.scores import bounds
from leadrules.logic.space import roots
from leadrules.logic.witness import AS_OF, witness
from leadrules.meaning.compile import understand
from leadrules.model import program as p
from leadrules.model.instant import find_zone
from leadrules.model.lead import Lead
from leadrules.model.source import Source
from leadrules.model.verdict import Verdict
from leadrules.shell.extremes import extremes, scored
from tests.cases import Case, make_case
from tests.test_check import FILES

EXAMPLES = max(60, int(os.environ.get("LEADRULES_EXAMPLES", "0")) // 4)
FIRST = int(os.environ.get("LEADRULES_SEED", "1")) * 1_000_000_000 + 700_000_000
NUMBERS = range(FIRST, FIRST + EXAMPLES)


FINDINGS = r"""
industry = retail and industry = saas +1   #~ LR301
budget > 5000 and (title = x or is_fan = true) and budget < 1000 +1   #~ LR301
at least 3 reply and at most 2 reply +1   #~ LR301
no reply within 30d and reply within 7d +1   #~ LR301
no reply for 30d and reply within 1w +1   #~ LR301
days since last reply > 30 and reply within 7d +1   #~ LR301
(budget * 2) > 10 and (budget * 2) < 5 +1   #~ LR301
length(city) > 10 and length(city) < 5 +1   #~ LR301
page_view where (url = "/a" and url = "/b") +1   #~ LR301
---
use schema "lead.json"
employees > 1 and employees < 2 +1   #~ LR301
tags is empty and tags contains art +1   #~ LR301
title starts with "head" and title starts with "vp" +1   #~ LR301
title = "head of sales" and not title contains "sales" +1   #~ LR301
industry missing and industry != SaaS +1   #~ LR301
purchase_date within 30d and purchase_date older than 2mo +1   #~ LR301
purchase_date before 2026-01-01 and purchase_date = 2026-06-01 +1   #~ LR301
opted_in and not opted_in +1   #~ LR301
domain(email) = gmail.com and email = "a@yahoo.fr" +1   #~ LR301
---
define big = budget > 5000 and budget < 1000   #~ LR301
big +1
big and reply +1
---
was SQL and was MQL +1   #~ LR301
score >= 60 -> SQL
score >= 30 -> MQL
---
checklist C { a: budget > 5; b: need known }
C complete and not C.a -> MQL   #~ LR301
C >= 1 and budget missing and need missing -> SQL   #~ LR301
---
#! LR301
use schema "lead.json"
employees > 1 and employees < 3 +1
industry = SaaS and title = SaaS +1
at least 3 reply and at most 2 reply within 30d +1
no reply within 7d and reply within 30d +1
purchase_date within 30d and not purchase_date within 1mo +1
purchase_date within 3d and purchase_date within next 3d +1
tags contains art and tags contains music +1
title starts with "head" and title ends with "x" +1
---
reply or no reply +1   #~ LR302
budget known or budget missing +1   #~ LR302
count of reply >= 0 +1   #~ LR302
checklist C { a: budget > 5; b: no reply or reply }   #~ LR302
---
#! LR302
budget < 10 or budget >= 10 +1
reply within 30d or no reply within 7d +1   #~ LR302
reply within 7d or no reply within 30d +1
not budget > 5 +1
---
budget > 5000 and budget > 1000 +1   #~ LR303
industry = retail or industry in [retail, saas] +1   #~ LR303
reply and reply within 7d +1   #~ LR303
budget > 5 and (budget < 4 or industry = retail) +1   #~ LR303
reply and reply +1   #~ LR303
signal talk = any of [reply, call]
reply within 7d or talk within 30d +1   #~ LR303
---
#! LR303
industry known and industry != retail +1
not (budget > 5 and country = FR) +1
budget > 5 and (budget < 8 or industry = retail) +1
reply within 7d or (reply within 30d and budget > 5) +1
---
demo +40; visit +30
score >= 30 -> MQL
score >= 60 -> SQL   #~ LR304
otherwise -> lead
reply within 30d -> warm
reply within 7d -> hot   #~ LR304
classify x { at least 2 reply -> a; reply -> b; no reply -> c; otherwise -> d }   #~ LR304
classify y {
  industry = retail -> a
  industry = saas -> b
  industry in [saas, retail] -> d   #~ LR304
}
classify z { stage = SQL -> a; otherwise -> b }
---
exclude competitor
competitor and demo +10   #~ LR304
competitor -> disqualified   #~ LR304
demo -> MQL
exclude competitor within 30d   #~ LR304
---
first of { demo +5; demo within 7d +10 }   #~ LR304
band count of demo { 0 +1; 1.. +3; otherwise +4 }   #~ LR304
---
#! LR304
demo +40; visit +30
score >= 60 -> SQL
score >= 30 -> MQL
otherwise -> lead
reply within 7d -> hot
reply within 30d -> warm
no reply for 30d -> cold
classify x { industry = retail -> a; not industry = retail -> b; otherwise -> c }
classify y { budget > 5 -> a; budget <= 5 -> b; otherwise -> c }
first of { demo within 7d +5; demo +10 }
band budget { ..10 +1; 11.. +3; otherwise +4 }
exclude competitor within 30d
competitor +5
---
demo +40; visit +30
score >= 60 and demo -> SQL   #~ LR307
score >= 60 -> SQL
score >= 30 -> MQL
otherwise -> lead
---
#! LR307
demo +40; visit +30
score >= 60 and demo -> SQL "asked for a demo"
score >= 60 -> SQL
score >= 30 -> MQL
otherwise -> lead
---
demo +40; visit +30; total max 50
score >= 60 -> SQL   #~ LR308
score < 0 -> disqualified   #~ LR308
score >= 30 -> MQL
---
score fit { budget in 0..10 +10; budget in 20..30 +20 }
score act { demo +5 }
fit >= 30 -> SQL   #~ LR308
---
define score = (0.5 * fit + act)
score fit { budget > 10 +10 }
score act { demo +5 }
score > 10 -> SQL   #~ LR308
---
#! LR308
demo +40
score >= 60 -> SQL
---
#! LR308
score fit { budget in 0..10 +10; budget in 5..30 +20; each reply +1 }
score act { demo +5 }
fit >= 30 -> SQL
(fit + act) > 100 -> MQL
---
score fit { budget > 10 +10 }
score act { demo +5 }
fit <= 20 and demo -> MQL   #~ LR309
---
#! LR309
score fit { budget > 10 +10; demo -5 }
score act { demo +5 }
fit < 10 and demo -> MQL
score >= -10 -> lead
---
demo_request +40
demo_request +40 "again"   #~ LR306
at least 1 demo_request +5   #~ LR306
budget > 5 and country = FR +3
country = FR and budget > 5 -1   #~ LR306
each reply within 7d +2
each reply within 7d +3 max 9   #~ LR306
---
#! LR306
demo_request +40 half-life 30d
demo_request +10
at least 2 demo_request +5
budget >= 5 +1
budget > 5 +1
each reply within 7d at most 1 per day +2
each reply within 7d +3
score other { demo_request +40 }
---
score fit max 50 { budget in 1..5 +20; budget in 6..10 +30; country = FR +10 }   #~ LR310
group "y" max 40 { size in 1..5 +30; size in 6..10 +25 }   #~ LR310
total min -20 max 200   #~ LR310 LR310
---
#! LR310
score fit min 0 max 50 { budget in 1..5 +20; budget in 5..10 +31 }
each reply +1
total max 500
---
#! LR310
demo_request +40
total max 100
---
each reply +10 max 10   #~ LR311
each call +10 max 4   #~ LR311
visit +40 max 20   #~ LR311
bounce -10 min -5   #~ LR311
score fit max 50 { budget > 5 +60; country = FR +3 }   #~ LR311
---
#! LR311
each reply +10 max 10 half-life 30d
each call +10 max 14
visit +40 max 20 when country = FR
score fit min 0 max 50 { budget > 5 +60; country = FR -30 }
---
#! LR303
(reply within 90d or call within 90d) and reply within 90d +40 half-life 30d
define answered = (reply within 90d or call within 90d) and reply within 90d
answered +5
answered and budget > 3 +10 fades over 90d
score fit half-life 30d { (reply or call) and call within 5d +3 }
---
(reply or reply within 90d) and reply within 90d +40 half-life 30d since last call   #~ LR303
reply within 90d and budget > 3 and budget > 2 +4 half-life 30d   #~ LR303
(reply within 90d or call within 90d) and reply within 90d -> hot   #~ LR303
---
classify a unique { budget > 5 -> x; country = DE -> y; otherwise -> z }   #~ LR305
---
#! LR305
classify a unique { budget > 5 and country = FR -> x; country = DE -> y; otherwise -> z }
"""
CHUNKS = [chunk.lstrip("\n") for chunk in FINDINGS.split("---\n")]


@pytest.mark.parametrize("chunk", CHUNKS)
def test_findings_are_where_they_are(chunk: str) -> None:
    """The codes of each line, and nothing else."""
    expected = [
        (number, code)
        for number, line in enumerate(chunk.splitlines(), 1)
        for code in re.findall(r"LR\d+", line.partition("#~")[2])
    ]
    meant = understand(Source("test.rules", chunk), FILES.__getitem__)
    assert meant.program is not None, [found.message for found in meant.diagnostics]
    examined = examine(meant)
    assert not any("not decided" in remark.text for remark in examined.remarks)
    found = [(f.source.place(f.span.start)[0], f.code) for f in examined.diagnostics]
    assert found == expected, [f.message for f in examined.diagnostics]


def test_every_code_is_provoked_and_nearly_provoked() -> None:
    assert set(re.findall(r"#~ (LR\d+)", FINDINGS)) == set(CODES)
    assert set(re.findall(r"^#! (LR\d+)$", FINDINGS, re.MULTILINE)) == set(CODES)


# --- what is certain is so for every lead ----------------------------------------------


def scenes(program: p.Program, case: Case) -> Iterator[Scene]:
    """Each lead that is scored, with all that its conditions can ask for."""
    results = [read_result(thawed(line.rstrip(b"\r\n"))) for line in case.previous or ()]
    before = dict(results)
    for record in case.lines:
        lead = read_record(program, record, case.as_of)
        if not isinstance(lead, Lead):
            continue
        if lead.id in before:
            lead = replace(lead, previous=before[lead.id])
        verdict = evaluate(program, lead, case.as_of)
        if isinstance(verdict, Verdict):
            scores: dict[str | None, int] = {**dict(verdict.scores), None: verdict.score}
            zone = find_zone(program.zone)
            yield Scene(program, lead, case.as_of, zone, scores, dict(verdict.labels))


def never(leads: Leads, *formulas: object) -> bool:
    try:
        return not leads.can(*formulas)  # type: ignore[arg-type]
    except Undecided:
        return False


def test_no_lead_contradicts_what_is_certain() -> None:
    certain = seen = 0
    for number in NUMBERS:
        case = make_case(number)
        meant = understand(Source("test.rules", case.rules), case.files.__getitem__)
        program = meant.program
        if program is None:
            continue  # A text was drawn that no value of the schema's list has.
        leads = Leads(program)
        leads.space.bounds |= bounds(leads)
        asked = list(dict.fromkeys(roots(program)))[:12]
        true = leads.conditions.true
        not_true = leads.conditions.not_true
        never_together = [
            (one, other) for one in asked for other in asked if never(leads, true(one), true(other))
        ]
        entailed = [
            (one, other)
            for one in asked
            for other in asked
            if one is not other and never(leads, true(one), not_true(other))
        ]
        always = [one for one in asked if never(leads, not_true(one))]
        certain += len(never_together) + len(entailed) + len(always)
        reached = Reached(Notebook(leads, meant.places))
        for place in program.sequence:
            dimension = program.dimensions[place]
            if isinstance(dimension, p.Dimension):
                reached.dimension(dimension)
        examine(meant)
        for scene in scenes(program, case):
            seen += 1
            truths = {id(one): judge(one, scene) for one in asked}
            told = f"{case.rules}\n{scene.lead}"
            for one, other in never_together:
                assert not (truths[id(one)] and truths[id(other)]), f"{one}\n{other}\n{told}"
            for one, other in entailed:
                assert not truths[id(one)] or truths[id(other)], f"{one}\n{other}\n{told}"
            for one in always:
                assert truths[id(one)] is True, f"{one}\n{told}"
            for dimension_name, label in scene.labels.items():
                subject, choice = leads.space.label(dimension_name)
                given = choice.among([label])
                assert given & leads.space.domains[subject], f"{dimension_name} {label}\n{told}"
            for name, points in scene.scores.items():
                low, high = leads.space.bounds[name]
                assert low is None or low <= points, f"{name} {points} {low}\n{told}"
                assert high is None or points <= high, f"{name} {points} {high}\n{told}"
    assert certain > len(NUMBERS)
    assert seen > len(NUMBERS)


def test_a_witness_is_what_it_is_said_to_be() -> None:
    told = asked = 0
    for number in NUMBERS:
        case = make_case(number)
        program = understand(Source("test.rules", case.rules), case.files.__getitem__).program
        if program is None:
            continue
        leads = Leads(program)
        leads.space.bounds |= bounds(leads)
        conditions = list(dict.fromkeys(roots(program)))[:8]
        for one in conditions:
            for other in conditions:
                asked += 1
                scene = scene_of(program, leads, one, other)
                if scene is None:
                    continue
                told += 1
                said = f"{one}\n{other}\n{scene.lead}\n{case.rules}"
                assert (judge(one, scene), judge(other, scene)) == (True, True), said
    assert told > asked // 20


def scene_of(program: p.Program, leads: Leads, *conditions: p.Condition) -> Scene | None:
    """The lead that shows that some conditions can hold together, if one can be told."""
    try:
        found = leads.find([leads.conditions.true(condition) for condition in conditions])
    except Undecided:
        return None
    record = None if found is None else witness(found, leads)
    if record is None:
        return None
    line = json.dumps(with_id(record, program.shape.id)).encode()
    lead = read_record(program, line, AS_OF)
    assert isinstance(lead, Lead), f"{lead} {line!r}"
    verdict = evaluate(program, lead, AS_OF)
    if not isinstance(verdict, Verdict):
        return None
    scores: dict[str | None, int] = {**dict(verdict.scores), None: verdict.score}
    return Scene(program, lead, AS_OF, find_zone(program.zone), scores, dict(verdict.labels))


def with_id(record: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """The record with an id, if it has none."""
    inner = record
    for key in path[:-1]:
        inner = inner.setdefault(key, {})
    inner.setdefault(path[-1], "w")
    return record


def test_many_rules_are_examined_in_two_seconds() -> None:
    """500 rules, most of them about the same few fields and events; and others, each about
    something of its own."""
    paying = [
        f"  f{n % 12} >= {n % 90} and e{n % 7} within {(7, 14, 30, 90)[n % 4]}d +{n % 20 + 1}"
        for n in range(250)
    ]
    given = [
        f"  fit >= {240 - n} and (e{n % 7} within {n % 60 + 1}d or city in [a{n % 9}, b]) -> l{n}"
        for n in range(240)
    ]
    lines = [
        "score fit max 900 {",
        *paying,
        "}",
        "classify x {",
        *given,
        "  otherwise -> rest",
        "}",
    ]
    alone = [f"  e{n} within {n % 30 + 1}d and f{n} > {n} +{n % 7 + 1}" for n in range(500)]
    for rules in (lines, ["score fit {", *alone, "}"]):
        meant = understand(Source("test.rules", "\n".join(rules)), FILES.__getitem__)
        before = time.process_time()
        examine(meant)
        # A slow machine is given three times as long.
        assert time.process_time() - before < 6


UNIQUE = """
classify b unique { budget > 5 -> x; country = DE -> y; otherwise -> z }
classify c unique { title contains chief -> x; title contains sales -> y }
classify d unique { reply within 7d -> x; at least 3 visit within 30d -> y }
classify e unique { reply within 7d -> x; no reply within 30d -> y; domain(email) = a.com -> z }
classify f unique { no reply for 30d -> x; field buys within next 3d -> y }
"""


@pytest.mark.parametrize("rule", UNIQUE.split("\n")[1:-1])
def test_the_lead_of_a_label_that_is_not_unique_shows_it(rule: str) -> None:
    meant = understand(Source("test.rules", rule), FILES.__getitem__)
    assert meant.program is not None
    (finding,) = examine(meant).diagnostics
    assert finding.help is not None
    record = json.loads(finding.help.partition(": ")[2])
    lead = read_record(meant.program, json.dumps({**record, "id": "w"}).encode(), AS_OF)
    assert isinstance(lead, Lead)
    verdict = evaluate(meant.program, lead, AS_OF)
    assert isinstance(verdict, Verdict)
    assert len(verdict.conflicts) == 1


def test_what_is_proved_and_what_is_not_is_remarked() -> None:
    rules = """
classify a unique { budget > 5 and country = FR -> x; country = DE -> y; otherwise -> z }
classify b unique { page_view where url = a -> x; country = FR -> y }
score fit { country = FR +3; country = DE +5; budget > 5 +2; reply -1 }
"""
    meant = understand(Source("test.rules", rules), FILES.__getitem__)
    told = [remark.text for remark in examine(meant).remarks]
    assert told == [
        "`a` is unique: no two of its rules can hold at once",
        "not decided: is `b` unique?",
        "`fit` lies between -1 and 7",
        "the score lies between -1 and 7",
    ]


def test_leads_go_to_the_ends_of_scores_and_never_beyond() -> None:
    ends = reached = 0
    for number in NUMBERS:
        case = make_case(number)
        meant = understand(Source("test.rules", case.rules), case.files.__getitem__)
        if meant.program is None:
            continue
        found = Extremes(meant, examine(meant).bounds)
        for end in found.ends():
            points = [scored(meant.program, record, end.block) for record in found.leads_to(end)]
            told = [each for each in points if each is not None]
            for each in told:
                assert each <= end.points if end.highest else each >= end.points, case.rules
            ends += 1
            reached += end.points in told
    assert reached > ends // 3


ENDS = """
score fit max 12 {
  country = FR +3; country = DE +5; budget > 5 +2; first of { reply -1; demo -4 }
  best of { title = chief +4; city = Rome +7 }
}
score actions when budget > 0 { each visit +3 max 10; each call at most 3 +2; unsubscribe -20 }
exclude country missing
"""


def test_the_lead_of_the_highest_and_of_the_lowest_score_is_told() -> None:
    meant = understand(Source("test.rules", ENDS), FILES.__getitem__)
    assert meant.program is not None, meant.diagnostics
    told = [remark.text for remark in extremes(meant, examine(meant))]
    assert [line.partition(", as of")[0] for line in told] == [
        "lowest `fit` -4",
        "highest `fit` 12",
        "lowest `actions` -20",
        "highest `actions` 16",
        "lowest score -24",
        "highest score 28",
    ]
    for line, block, points in zip(
        told,
        ["fit", "fit", "actions", "actions", None, None],
        [-4, 12, -20, 16, -24, 28],
        strict=True,
    ):
        record = json.loads(line.partition("Z: ")[2])
        assert scored(meant.program, record, block) == points * 100


def test_a_lead_that_has_less_than_the_bound_says_so() -> None:
    rules = "score fit { title matches /vp/ +10; budget > 5 +2; reply +1 }"
    meant = understand(Source("test.rules", rules), FILES.__getitem__)
    told = [remark.text for remark in extremes(meant, examine(meant))]
    assert told[1] == (
        "highest `fit` at most 13; a lead found has 3, as of 2026-01-01T00:00:00Z: "
        '{"budget": 10, "id": "L-1", "events": [{"type": "reply", "at": "2026-01-01T00:00:00Z"}]}'
    )
