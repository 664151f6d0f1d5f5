"""What would give a lead a label: found by trying, and said only of what was tried.

Tried are events that the rules name, happening at the very instant, and values for fields
that are missing, as the rules ask for them: first one of these, then two or three of the
same event, then two together. The reference judges the lead anew each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from leadrules.engines.conditions import Scene, judge, value_of
from leadrules.engines.reference import evaluate
from leadrules.explain import words
from leadrules.explain.parts import outside_events
from leadrules.model import program as p
from leadrules.model.frozen import walk
from leadrules.model.lead import Event, Lead, Value
from leadrules.model.verdict import Verdict

MOST_TRIED = 600
_ENOUGH_PAIRS = 3
_MOST_VALUES = 3

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """Something that could happen or become known: an event, or a value of a field. What value
    it is does not matter where the field has `only_known`."""

    said: str
    event: Event | None = None
    field: p.Field | None = None
    value: Value | None = None
    only_known: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """Trials that together give the label; `score` and `label` are what the lead has then."""

    trials: tuple[Trial, ...]
    score: int
    label: str


@dataclass(frozen=True, slots=True)
class Nearer:
    """The ways to a label of a dimension, the first of `labels`; or to one of the others, which
    are higher. `all_tried` is false when there were too many to try."""

    dimension: str
    labels: tuple[str, ...]
    ways: tuple[Way, ...]
    tried: int
    all_tried: bool


def next_label(dimension: p.Dimension, label: str | None) -> str | None:
    """The next label above one, in a dimension with an order: of those that a rule gives."""
    given = {rule.label for rule in dimension.rules}
    if label is not None and label not in dimension.order:
        return None
    # The lowest label is nothing to get to.
    above = dimension.order.index(label) + 1 if label is not None else 1
    return next((other for other in dimension.order[above:] if other in given), None)


def and_above(dimension: p.Dimension, label: str) -> tuple[str, ...]:
    """A label, and those above it."""
    order = dimension.order
    return order[order.index(label) :] if label in order else (label,)


def nearer(dimension: str, labels: Sequence[str], scene: Scene, most: int = MOST_TRIED) -> Nearer:
    """Tries what would give a lead one of some labels."""
    ways: list[Way] = []
    tried = 0
    for stage in _stages(trials(scene)):
        for chosen in stage:
            if tried == most:
                return Nearer(dimension, tuple(labels), tuple(ways), tried, False)
            tried += 1
            outcome = evaluate(scene.program, _with(chosen, scene), scene.as_of)
            label = dict(outcome.labels).get(dimension) if isinstance(outcome, Verdict) else None
            if (
                isinstance(outcome, Verdict)
                and label is not None
                and label in _fitting(chosen, labels)
            ):
                ways.append(Way(chosen, outcome.score, label))
            if len(set(chosen)) > 1 and len(ways) == _ENOUGH_PAIRS:
                break
        if ways:
            break
    return Nearer(dimension, tuple(labels), tuple(ways), tried, True)


def _fitting(chosen: Sequence[Trial], labels: Sequence[str]) -> Sequence[str]:
    """The labels that will do: more than was asked for only for what the lead does. To know
    that it is a customer does not bring it nearer to being one."""
    return labels if all(trial.field is None for trial in chosen) else labels[:1]


def _stages(found: Sequence[Trial]) -> Iterator[Iterator[tuple[Trial, ...]]]:
    """What to try, the little first: whoever finds a way goes no further."""
    events = [trial for trial in found if trial.event is not None]
    yield ((trial,) for trial in found)
    yield ((trial, trial) for trial in events)
    yield ((trial, trial, trial) for trial in events)
    yield (
        (one, other)
        for one, other in combinations(found, 2)
        if one.field is None or one.field is not other.field
    )


def _with(chosen: Sequence[Trial], scene: Scene) -> Lead:
    """The lead as it would be."""
    events = tuple(trial.event for trial in chosen if trial.event is not None)
    values = {t.field.path: t.value for t in chosen if t.field is not None and t.value is not None}
    lead = scene.lead
    return replace(lead, values={**lead.values, **values}, events=(*lead.events, *events))


# --- what could be tried -----------------------------------------------------------


def trials(scene: Scene) -> tuple[Trial, ...]:
    """All that the rules ask for, an event or the value of a missing field each."""
    found: dict[tuple[object, ...], Trial] = {}
    for node in walk(scene.program):
        if isinstance(node, p.Kind) and node.type is not None:
            properties = _properties(node.where, scene)
            if properties is not None:
                event = Event(node.type, scene.as_of, properties)
                key = (node.type, *sorted(map(repr, properties.items())))
                found.setdefault(key, Trial(words.kind(node), event))
    for node in outside_events(scene.program):
        for field, value in _wished(node, scene):
            if not field.of_event and value_of(field, scene) is None:
                only_known = isinstance(node, p.Known)
                trial = Trial(words.field(field), None, field, value, only_known)
                found.setdefault((field.path, repr(value)), trial)
    return tuple(found.values())


def _properties(where: p.Condition | None, scene: Scene) -> Mapping[Path, Value] | None:
    """Properties with which an event passes a filter; None when none were found."""
    made: dict[Path, Value] = {}
    if where is None:
        return made
    for node in [where] if not isinstance(where, p.All) else where.items:
        wished = next(iter(_wished(node, scene)), None)
        if wished is None and isinstance(node, p.Any_):
            wished = next((wish for item in node.items for wish in _wished(item, scene)), None)
        if wished is not None and wished[0].of_event:
            made.setdefault(wished[0].path, wished[1])
    event = Event("", scene.as_of, made)
    return made if judge(where, scene.of(event)) is True else None


def _wished(node: object, scene: Scene) -> Iterator[tuple[p.Field, Value]]:
    """A field and values of it with which a condition without parts is true."""
    match node:
        case p.IsText(p.Field() as field, values, _):
            yield from ((field, value) for value in values[:_MOST_VALUES])
        case p.InSpans(p.Field() as field, spans):
            yield from ((field, _inside(span)) for span in spans[:_MOST_VALUES])
        case p.Compare(operator, p.Field() as field, p.Constant(value)):
            step = {">": 1.0, "<": -1.0, "!=": 1.0}.get(operator, 0.0)
            yield field, value + step
        case p.IsTrue(field):
            yield field, True
        case p.Not(p.IsTrue(field)):
            yield field, False
        case p.Has(p.Field() as field, how, values, every, _) if how != "like":
            wanted = values if every else values[:1]
            yield field, " ".join(wanted) if field.type == "text" else tuple(wanted)
        case p.During(field, window):
            stretch = window.resolve(scene.as_of, scene.zone)
            if stretch.high is not None:
                yield field, stretch.high - 1
            elif stretch.low is not None:
                yield field, stretch.low
        case p.Known(p.Field() as field):
            yield field, _SOME.get(field.type, "x")


_SOME: dict[str, Value] = {
    "number": 1.0,
    "whole": 1.0,
    "boolean": True,
    "list": ("x",),
    "anything": True,
    "date": 0,
}


def _inside(span: p.Span) -> float:
    if span.low is not None:
        return span.low
    return (span.high or 0.0) - (1.0 if span.open else 0.0)
