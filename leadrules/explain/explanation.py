"""Why one lead has its score and its labels: all of it, as data. The page to read first.

Nothing is scored here. The reference has said what each rule brought, and judges every
condition once more where somebody wants to know what is behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from leadrules.engines.conditions import Scene, judge
from leadrules.engines.reference import evaluate_in
from leadrules.explain.forecast import Forecast, forecast, seen
from leadrules.explain.nearer import Nearer, and_above, nearer, next_label
from leadrules.explain.parts import Found, Part, judged
from leadrules.model import program as p
from leadrules.model.lead import Event, Lead, Rejection
from leadrules.model.verdict import Excluded, Outcome, Paid, Verdict


@dataclass(frozen=True, slots=True)
class Step:
    """One step from 0 to the score, and the values and events of the lead behind it."""

    paid: Paid
    found: tuple[Found, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule that gives a label, and how its condition came out (None: it has none)."""

    rule: str
    label: str
    reason: str | None
    part: Part | None


@dataclass(frozen=True, slots=True)
class Labelled:
    """The label of a dimension: the rule that decided it, if any, and the earlier ones that did
    not. `kept`: it is yesterday's, as it never falls. `is_ordered`: its labels go from low to
    high. A combination has `parts` instead."""

    dimension: str
    label: str | None
    decided: Asked | None
    earlier: tuple[Asked, ...] = ()
    kept: bool = False
    is_ordered: bool = False
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checks:
    """A checklist, item by item."""

    name: str
    items: tuple[tuple[str, Part], ...]


@dataclass(frozen=True, slots=True)
class Towards:
    """What is between a lead and a label: the rules that give it, what would do, and the rule
    further up that is true, so that the lead never gets to these. Of a combination: for each
    part its dimension, the label it would need, and the one it has."""

    dimension: str
    label: str
    is_given: bool
    rules: tuple[Asked, ...] = ()
    first: Asked | None = None
    nearer: Nearer | None = None
    parts: tuple[tuple[str, str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that there is to say about a lead at `as_of`.

    `outcome` is its result, or why its record cannot be scored. `aside` is the condition
    that took it out of scoring. `notes` are about its record. `later` counts the events
    that are still to come, and `looks_back` says that rules ask for yesterday's results.
    """

    id: str
    as_of: int
    zone: ZoneInfo | None
    outcome: Outcome | Rejection
    steps: tuple[Step, ...] = ()
    blocks: tuple[tuple[str, int], ...] = ()
    labels: tuple[Labelled, ...] = ()
    checklists: tuple[Checks, ...] = ()
    towards: tuple[Towards, ...] = ()
    why_not: tuple[Towards, ...] = ()
    forecast: Forecast | None = None
    aside: Part | None = None
    notes: tuple[str, ...] = ()
    later: int = 0
    looks_back: bool = False


def explain(
    program: p.Program,
    lead: Lead,
    as_of: int,
    *,
    why_not: str | None = None,
    latest: int | None = None,
    notes: tuple[str, ...] = (),
) -> Explanation:
    """Explains a lead, which has all events of its record, at `as_of`. `why_not` is a label of
    one of the dimensions. `latest` is the last instant there is."""
    now = seen(lead, as_of)
    outcome, scene = evaluate_in(program, now, as_of)
    coming = forecast(program, lead, as_of, latest=latest)
    towards: tuple[Towards, ...] = ()
    wanted: tuple[Towards, ...] = ()
    if isinstance(outcome, Verdict):
        towards = tuple(_upwards(scene))
        if why_not is not None:
            wanted = tuple(
                _towards(dimension, why_not, scene)
                for dimension in program.dimensions
                if why_not in p.labels(program, dimension.name)
            )
    is_scored = isinstance(outcome, Verdict)
    return Explanation(
        lead.id,
        as_of,
        scene.zone,
        outcome,
        tuple(_step(paid, scene) for paid in outcome.fired) if isinstance(outcome, Verdict) else (),
        outcome.scores if isinstance(outcome, Verdict) else (),
        tuple(_labelled(d, scene) for d in program.dimensions) if is_scored else (),
        tuple(_checks(checklist, scene) for checklist in program.checklists) if is_scored else (),
        towards,
        wanted,
        coming,
        _aside(outcome, scene),
        notes,
        now.later,
        program.reads_previous,
    )


def _step(paid: Paid, scene: Scene) -> Step:
    """A step with what the rule found. Of a rule that pays for each event these are the events
    that count."""
    rule = paid.source
    if rule is None:
        return Step(paid, (), ())
    asked = rule.pays.condition if isinstance(rule.pays, p.Once) else rule.pays.when
    leaves = [] if asked is None else [*judged(asked, scene).reasons()]
    found = tuple(dict.fromkeys(one for leaf in leaves for one in leaf.found))
    events = [counted.event for counted in paid.counted_events]
    if isinstance(rule.pays, p.Once):
        behind = {id(event): event for leaf in leaves for event in leaf.events}
        events = sorted(behind.values(), key=lambda event: event.at)
    return Step(paid, found, tuple(events))


def _aside(outcome: Outcome, scene: Scene) -> Part | None:
    """The condition that excluded or froze a lead."""
    if isinstance(outcome, Verdict):
        return None
    asides = scene.program.exclusions if isinstance(outcome, Excluded) else scene.program.freezes
    true = next(aside for aside in asides if judge(aside.condition, scene) is True)
    return judged(true.condition, scene)


def _checks(checklist: p.Checklist, scene: Scene) -> Checks:
    items = tuple((name, judged(condition, scene)) for name, condition in checklist.items)
    return Checks(checklist.name, items)


# --- labels ------------------------------------------------------------------------


def _asked(rule: p.LabelRule, scene: Scene) -> Asked:
    part = None if rule.condition is None else judged(rule.condition, scene)
    return Asked(rule.name, rule.label, rule.reason, part)


def _decided(dimension: p.Dimension, scene: Scene) -> tuple[Asked | None, list[Asked]]:
    """The first rule that is true, and those before it."""
    earlier: list[Asked] = []
    for rule in dimension.rules:
        asked = _asked(rule, scene)
        if asked.part is None or asked.part.truth is True:
            return asked, earlier
        earlier.append(asked)
    return None, earlier


def _labelled(dimension: p.Dimension | p.Combination, scene: Scene) -> Labelled:
    label = scene.labels[dimension.name]
    if isinstance(dimension, p.Combination):
        return Labelled(dimension.name, label, None, parts=dimension.dimensions)
    decided, earlier = _decided(dimension, scene)
    kept = label != (None if decided is None else decided.label)
    is_ordered = bool(dimension.order)
    return Labelled(dimension.name, label, decided, tuple(earlier), kept, is_ordered)


def _upwards(scene: Scene) -> Iterator[Towards]:
    """For each dimension with an order, what is between the lead and the next label."""
    for dimension in scene.program.dimensions:
        if isinstance(dimension, p.Dimension):
            label = next_label(dimension, scene.labels[dimension.name])
            if label is not None:
                yield _towards(dimension, label, scene)


def _towards(dimension: p.Dimension | p.Combination, label: str, scene: Scene) -> Towards:
    has = scene.labels[dimension.name]
    if isinstance(dimension, p.Combination):
        parts = _taken_apart(dimension, label, scene)
        return Towards(dimension.name, label, has == label, parts=parts)
    rules = tuple(_asked(rule, scene) for rule in dimension.rules if rule.label == label)
    if has == label:
        return Towards(dimension.name, label, True, rules)
    decided, earlier = _decided(dimension, scene)
    later = [rule for rule in dimension.rules[len(earlier) + 1 :] if rule.label == label]
    wanted = and_above(dimension, label)
    if has in wanted:
        wanted = (label,)
    ways = nearer(dimension.name, wanted, scene) if rules else None
    return Towards(dimension.name, label, False, rules, decided if later else None, ways)


def _taken_apart(
    combination: p.Combination, label: str, scene: Scene
) -> tuple[tuple[str, str, str | None], ...]:
    """For each part of a combination the label that it needs, and the one that it has."""

    def fitting(names: tuple[str, ...], rest: str) -> list[str] | None:
        if not names:
            return None if rest else []
        for start in p.labels(scene.program, names[0]):
            if rest.startswith(start):
                others = fitting(names[1:], rest.removeprefix(start))
                if others is not None:
                    return [start, *others]
        return None

    needed = fitting(combination.dimensions, label) or []
    return tuple(
        (name, need, scene.labels[name])
        for name, need in zip(combination.dimensions, needed, strict=True)
    )
