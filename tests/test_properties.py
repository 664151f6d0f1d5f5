"""What holds for every ruleset and every lead, on generated ones, by the reference.

LEADRULES_EXAMPLES and LEADRULES_SEED make a longer run, as in test_agreement.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from leadrules.engines.read import read_record
from leadrules.model import program as p
from leadrules.model import syntax as s
from leadrules.model.frozen import changed, walk
from leadrules.model.instant import DAY, SECOND
from leadrules.model.lead import Lead
from leadrules.model.program import Program
from leadrules.model.source import Source, Span
from leadrules.text.parse import parse
from leadrules.text.write import write
from tests.cases import Case, make_case
from tests.doors import compile_text, score_lines
from tests.generated_conditions import Conditions
from tests.generated_leads import draw_leads
from tests.generated_schema import Pen, draw_world
from tests.promises import Result, check_result

EXAMPLES = max(60, int(os.environ.get("LEADRULES_EXAMPLES", "0")) // 4)
FIRST = int(os.environ.get("LEADRULES_SEED", "1")) * 1_000_000_000 + 500_000_000
NUMBERS = range(FIRST, FIRST + EXAMPLES)
NOWHERE = Span(0, 0)

Paying = s.PointsRule | s.Band | s.Group | s.Choice


def test_points_add_up() -> None:
    limited = decayed = left_out = 0
    for number in NUMBERS:
        case = make_case(number)
        program = compile_text(case.rules, case.files)
        for result in judged(program, case).values():
            check_result(program, result)
            fired = result.get("fired", ())
            limited += any("limit" in item for item in fired)
            decayed += any("decay" in item for item in fired)
            left_out += any("counted" in item for item in fired)
    assert min(limited, decayed, left_out) > len(NUMBERS) // 10


def test_the_order_of_rules_changes_no_score() -> None:
    moved = 0
    for number in NUMBERS:
        case = make_case(number)
        pen = Pen(number)
        statements = statements_of(case)
        places = [n for n, node in enumerate(statements) if isinstance(node, Paying | s.ScoreBlock)]
        mixed = list(statements)
        for place, other in zip(places, pen.some(places, len(places)), strict=True):
            mixed[place] = shuffled(statements[other], pen)
        moved += mixed != statements
        program = compile_text(text_of(statements), case.files)
        results = judged(program, case)
        others = judged(compile_text(text_of(mixed), case.files), case)
        assert {id: known(result) for id, result in results.items()} == {
            id: known(result) for id, result in others.items()
        }, text_of(mixed)
        # The best of several that pay the same is the first of them.
        if not any(isinstance(node, p.Choice) and node.kind == "best" for node in walk(program)):
            for id, result in results.items():
                assert in_any_order(result) == in_any_order(others[id]), text_of(mixed)
    assert moved > len(NUMBERS) // 2


def test_rules_in_a_block_of_their_own_score_the_same() -> None:
    seen = 0
    for number in NUMBERS:
        case = make_case(number)
        statements = statements_of(case)
        loose = tuple(node for node in statements if isinstance(node, Paying))
        if not loose:
            continue
        name = s.Name(("outside",), NOWHERE)
        block = s.ScoreBlock(name, None, (), None, loose, NOWHERE)
        rest = [node for node in statements if not isinstance(node, Paying)]
        results = judged(compile_text(case.rules, case.files), case)
        program = compile_text(text_of([*rest, block]), case.files)
        for id, other in judged(program, case).items():
            check_result(program, other)
            if "excluded" not in other:
                seen += 1
                mine = known(results[id])
                theirs = known(other)
                scores = theirs["scores"]
                assert mine["scores"] == {k: v for k, v in scores.items() if k != "outside"}
                assert {**mine, "scores": None} == {**theirs, "scores": None}, text_of([block])
    assert seen > len(NUMBERS)


def test_a_rule_changes_the_score_by_what_it_says() -> None:
    fired = seen = 0
    for number in NUMBERS:
        case = make_case(number)
        statements = statements_of(case)
        loose = [node for node in statements if isinstance(node, s.PointsRule)]
        limited = any(isinstance(node, s.Total) for node in statements)
        # Whether `no_show 7d` is an event of that name depends on what else is said of it.
        if not loose or limited or "no_show" in case.rules:
            continue
        chosen = Pen(number).pick(loose)
        reason = "the rule that is added"
        added = changed(chosen, reason=s.Text(reason, False, NOWHERE))
        rest = [node for node in statements if node is not chosen]
        if not any(isinstance(node, Paying | s.ScoreBlock) for node in rest):
            rest.append(changed(added, reason=None))
        after = compile_text(text_of([*rest, added]), case.files)
        before = compile_text(text_of(rest), case.files)
        if not {*before.fields, *before.properties} <= {*after.fields, *after.properties}:
            continue  # A field is read as another type, as the rule asks for it.
        earlier = judged(before, case)
        for id, result in judged(after, case).items():
            if id not in earlier or "excluded" in result:
                continue
            seen += 1
            paid = [item["points"] for item in result["fired"] if item.get("reason") == reason]
            fired += bool(paid)
            assert result["score"] - earlier[id]["score"] == sum(paid), text_of([added])
            assert result.get("scores") == earlier[id].get("scores")
    assert seen > len(NUMBERS)
    assert fired > len(NUMBERS) // 4


def test_time_moves_only_what_time_can_move() -> None:
    spans = (1000, SECOND, DAY, 31 * DAY, 400 * DAY, 40_000 * DAY)
    seen = 0
    for number in NUMBERS:
        case = make_case(number, timeless=True)
        program = compile_text(case.rules, case.files)
        later = replace(case, as_of=case.as_of + Pen(number).pick(spans))
        now, then = judged(program, case), judged(program, later)
        same = events_between(program, case, later.as_of)
        for id, result in now.items():
            if id in same:
                seen += 1
                assert result == then[id], case.rules
    assert seen > 3 * len(NUMBERS)


def test_every_event_is_within_or_older() -> None:
    seen = 0
    for number in NUMBERS:
        pen = Pen(number)
        world = draw_world(pen)
        writer = Conditions(pen, world)
        events, one, other = writer.sort(), writer.duration(), writer.duration()
        schema = {} if world.schema is None else {"lead.schema.json": world.schema}
        head = [f'timezone "{world.zone}"'] if world.zone is not None else []
        head += ['use schema "lead.schema.json"'] if schema else []
        windows = {
            "all": "",
            "one": f"within {one}",
            "older": f"older than {one}",
            "other": f"within {other}",
            "between": f"between {one} and {other} ago",
        }
        rules = [f'each {events} {window} +1 "{name}"' for name, window in windows.items()]
        lines = draw_leads(pen, world, writer.used)
        case = Case("\n".join(head + rules), schema, lines, world.as_of)
        for result in judged(compile_text(case.rules, schema), case).values():
            count = dict.fromkeys(windows, Decimal(0))
            count.update({item["reason"]: item["points"] for item in result["fired"]})
            seen += count["all"] > 0
            assert count["one"] + count["older"] == count["all"], case.rules
            assert count["between"] == abs(count["one"] - count["other"]), case.rules
    assert seen > 2 * len(NUMBERS)


def test_an_exclusion_takes_out_its_leads_and_no_others() -> None:
    excluded = left = 0
    for number in NUMBERS:
        case = make_case(number)
        statements = statements_of(case)
        if not any(isinstance(node, s.Exclude) for node in statements):
            continue
        rest = [node for node in statements if not isinstance(node, s.Exclude)]
        before = compile_text(text_of(rest), case.files)
        after = compile_text(case.rules, case.files)
        if not {*before.fields, *before.properties} <= {*after.fields, *after.properties}:
            continue  # As above.
        scored = judged(before, case)
        for id, result in judged(after, case).items():
            if "excluded" in result:
                excluded += 1
                assert set(result) == {"id", "excluded"}
                assert "score" in scored[id]
            else:
                left += 1
                assert result == scored[id]
    assert excluded > 0
    assert left > 0


def test_labels_that_never_fall_do_not() -> None:
    kept = held = 0
    for number in NUMBERS:
        case = make_case(number)
        program = compile_text(case.rules, case.files)
        if case.previous is None:
            empty = replace(case, previous=[])
            assert judged(program, case) == judged(program, empty), case.rules
            continue
        before = {line["id"]: line for line in map(json.loads, case.previous)}
        for dimension in program.dimensions:
            if not isinstance(dimension, p.Dimension) or dimension.falls is None:
                continue
            order = dimension.order
            for id, result in judged(program, case).items():
                label, earlier = result.get(dimension.name), before.get(id, {}).get(dimension.name)
                if "score" not in result or "frozen" in result or earlier not in order:
                    continue
                kept += result.get("reasons", {}).get(dimension.name) == "never falls"
                if dimension.falls.until is None and (label is None or label in order):
                    held += 1
                    assert order.index(label) >= order.index(earlier), case.rules
    assert kept > 0
    assert held > 0


# --- rulesets and results ----------------------------------------------------------


def statements_of(case: Case) -> list[s.Statement]:
    """The statements of a ruleset's own file."""
    file, problems = parse(Source("test.rules", case.rules))
    assert not problems
    return list(file.statements)


def text_of(statements: Sequence[s.Statement]) -> str:
    return "\n".join(write(node, keep_quotes=True) for node in statements)


def shuffled(node: s.Statement, pen: Pen) -> s.Statement:
    """The same with its rules in another order, where order means nothing."""
    if not isinstance(node, s.ScoreBlock | s.Group | s.Choice):
        return node
    rules = [shuffled(inner, pen) for inner in node.rules]
    if not (isinstance(node, s.Choice) and node.kind == "first"):
        rules = pen.some(rules, len(rules))
    return changed(node, rules=tuple(rules))


def judged(program: Program, case: Case) -> dict[str, Result]:
    """The results of the leads that can be scored, by their ids."""
    outcome = score_lines(program, case.lines, case.as_of, "reference", case.previous)
    results = [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in outcome.scored]
    return {result["id"]: result for result in results}


def known(result: Result) -> Result:
    """A result without the list of what fired."""
    return {"scores": {}, **{key: value for key, value in result.items() if key != "fired"}}


def in_any_order(result: Result) -> list[str]:
    """What fired."""
    return sorted(json.dumps(item, default=str) for item in result.get("fired", ()))


def events_between(program: Program, case: Case, later: int) -> set[str]:
    """The leads of which no event lies after `as_of` and before a later instant."""
    found: dict[str, bool] = {}
    for line in case.lines:
        now, then = (read_record(program, line, at) for at in (case.as_of, later))
        if isinstance(now, Lead) and isinstance(then, Lead):
            # Of those with one id the first is scored.
            found.setdefault(now.id, now.later == then.later)
    return {id for id, same in found.items() if same}
