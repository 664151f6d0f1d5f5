"""What cases show of a ruleset: each rule true, false and unknown, each label, each threshold.

A goal is only what can be: a rule that asks whether something happened is never unknown, and
the last row of a band takes all that is left. What no lead can be for other reasons is a goal
all the same; nothing here knows what rules mean together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from leadrules.cases.facts import Scored
from leadrules.cases.thresholds import Threshold, thresholds
from leadrules.cases.unknown import unknown_for
from leadrules.engines.conditions import Scene, judge
from leadrules.model.program import (
    All,
    Block,
    Condition,
    Dimension,
    Each,
    Once,
    PointsRule,
    Program,
    rules_of,
)
from leadrules.model.tried import Coverage, Goal, Kind
from leadrules.model.verdict import Verdict

TRUE, FALSE, UNKNOWN = "true", "false", "unknown"
_WORDS = {True: TRUE, False: FALSE, None: UNKNOWN}


@dataclass(frozen=True, slots=True)
class _Aim:
    """A goal, and what of it one lead shows. Only those that come `before` points are shown
    by leads without any."""

    kind: Kind
    name: str
    wanted: tuple[str, ...]
    shown: Callable[[Scored], Iterable[str]]
    before: bool = False


def coverage(rules: str, program: Program, leads: Iterable[Scored]) -> Coverage:
    """What some leads show of a program; `rules` is the name of its file."""
    aims = [*_rules(program), *_labels(program), *_thresholds(program)]
    seen: list[set[str]] = [set() for _ in aims]
    for lead in leads:
        for aim, found in zip(aims, seen, strict=True):
            if (aim.before or isinstance(lead.outcome, Verdict)) and len(found) < len(aim.wanted):
                found.update(set(aim.shown(lead)).intersection(aim.wanted))
    return Coverage(rules, tuple(_goal(aim, found) for aim, found in zip(aims, seen, strict=True)))


def _goal(aim: _Aim, found: set[str]) -> Goal:
    return Goal(
        aim.kind,
        aim.name,
        tuple(word for word in aim.wanted if word in found),
        tuple(word for word in aim.wanted if word not in found),
    )


# --- rules -------------------------------------------------------------------------


def _rules(program: Program) -> Iterator[_Aim]:
    for aside in program.exclusions:
        yield _judged(f'exclude … "{aside.reason}"', aside.condition, program, before=True)
    for aside in program.freezes:
        yield _judged(f'freeze … "{aside.reason}"', aside.condition, program, before=True)
    for block in program.blocks:
        if block.when is not None:
            yield _judged(f"score {block.name} when …", block.when, program)
        for rule in rules_of(block.items):
            yield _paid(rule, block, program)
    for checklist in program.checklists:
        for name, condition in checklist.items:
            yield _judged(f"{checklist.name}.{name}", condition, program)
    for dimension in program.dimensions:
        if isinstance(dimension, Dimension):
            yield from _deciding(dimension, program)


def _truths(condition: Condition, program: Program) -> tuple[str, ...]:
    """What a condition can be."""
    if condition == All(()):
        return (TRUE,)
    return (TRUE, FALSE, UNKNOWN) if unknown_for(condition, program) else (TRUE, FALSE)


def _judged(name: str, condition: Condition, program: Program, before: bool = False) -> _Aim:
    def shown(lead: Scored) -> Iterator[str]:
        yield _WORDS[judge(condition, lead.scene)]

    return _Aim("rule", name, _truths(condition, program), shown, before)


def _paid(rule: PointsRule, block: Block, program: Program) -> _Aim:
    """A rule that pays: it is true when it fires. Where its block has no points for a lead,
    the lead says nothing of it."""
    match rule.pays:
        case Once(condition):
            asked: Condition | None = condition
            wanted = _truths(condition, program)
        case Each(_, when):
            asked = when
            unknown = () if when is None else _truths(when, program)[2:]
            wanted = (TRUE, FALSE, *unknown)

    def shown(lead: Scored) -> Iterator[str]:
        if block.when is not None and judge(block.when, lead.scene) is not True:
            return
        if isinstance(lead.outcome, Verdict) and _fired(rule, lead.outcome):
            yield TRUE
            return
        found = True if asked is None else judge(asked, lead.scene)
        if found is not True:
            yield _WORDS[found]
        elif isinstance(rule.pays, Each):
            yield FALSE

    return _Aim("rule", rule.name, wanted, shown)


def _fired(rule: PointsRule, verdict: Verdict) -> bool:
    return any(paid.rule == rule.name for paid in verdict.fired)


def _deciding(dimension: Dimension, program: Program) -> Iterator[_Aim]:
    """The rules of a dimension: one is true when it is the first that is."""
    for number, rule in enumerate(dimension.rules):
        if rule.condition is None:
            continue
        earlier = [r.condition for r in dimension.rules[:number] if r.condition is not None]

        def shown(
            lead: Scored,
            condition: Condition = rule.condition,
            earlier: list[Condition] = earlier,
        ) -> Iterator[str]:
            found = judge(condition, lead.scene)
            if found is not True or not _any_true(earlier, lead.scene):
                yield _WORDS[found]

        name = f"{dimension.name}: {rule.name} -> {rule.label}"
        yield _Aim("rule", name, _truths(rule.condition, program), shown)


def _any_true(conditions: Iterable[Condition], scene: Scene) -> bool:
    return any(judge(condition, scene) is True for condition in conditions)


# --- labels and thresholds ---------------------------------------------------------


def _labels(program: Program) -> Iterator[_Aim]:
    for dimension in program.dimensions:
        if isinstance(dimension, Dimension):
            for label in dict.fromkeys(rule.label for rule in dimension.rules):
                yield _given(dimension.name, label)


def _given(dimension: str, label: str) -> _Aim:
    def shown(lead: Scored) -> Iterator[str]:
        if lead.scene.labels.get(dimension) == label:
            yield "given"

    return _Aim("label", f"{dimension}: {label}", ("given",), shown)


def _thresholds(program: Program) -> Iterator[_Aim]:
    asides = [*program.exclusions, *program.freezes]
    early = thresholds(program, asides)
    places: list[object] = [
        *program.blocks,
        *program.total,
        *program.checklists,
        *program.dimensions,
    ]
    for found in early:
        yield _near(found, before=True)
    known = {(x.number, x.value, x.events) for x in early}
    for found in thresholds(program, places):
        if (found.number, found.value, found.events) not in known:
            yield _near(found, before=False)


def _near(threshold: Threshold, before: bool) -> _Aim:
    def shown(lead: Scored) -> Iterable[str]:
        return threshold.sides_of(lead.scene)

    return _Aim("threshold", threshold.name, threshold.sides, shown, before)
