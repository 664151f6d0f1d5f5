"""A condition, part by part: which part is true, which is not, and which nobody can tell.

Every part is judged by the reference itself. What was found stands beside it: values of the
lead, points, events with their dates; and where it cannot be told, what would be needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from leadrules.engines.conditions import Scene, judge, matching, number_of, text_of, value_of
from leadrules.explain import words
from leadrules.model import program as p
from leadrules.model.frozen import parts
from leadrules.model.lead import Event, Value

# Which of the parts below have to be true for the whole to be true.
Joined = Literal["all", "any", "not"]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for something that a condition asks for: a field, a number. Its value is
    None when it is missing."""

    name: str
    value: Value | None
    is_date: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A condition: what it says, whether that is true (None: unknown), and what it consists of.

    `joined` says how, and is None where it has no parts. Then `found` are the values and
    `events` the events behind it, `missing` the fields without which it cannot be told, and
    `short` how many hundredths of a point a score is below what is asked.
    """

    said: str
    truth: bool | None
    joined: Joined | None = None
    parts: tuple[Part, ...] = ()
    found: tuple[Found, ...] = ()
    events: tuple[Event, ...] = ()
    missing: tuple[str, ...] = ()
    short: int | None = None

    def leaves(self) -> Iterator[Part]:
        """The parts that have no parts."""
        if self.joined is None:
            yield self
        for part in self.parts:
            yield from part.leaves()

    def reasons(self) -> Iterator[Part]:
        """The parts without parts that made the whole true, false or unknown."""
        if self.joined is None or self.joined == "not":
            yield self
            return
        decisive = [part for part in self.parts if part.truth is self.truth]
        for part in decisive:
            yield from part.reasons()


def judged(condition: p.Condition, scene: Scene) -> Part:
    """A condition in its parts."""
    said, truth = words.condition(condition), judge(condition, scene)
    match condition:
        case p.All(items):
            return Part(said, truth, "all", tuple(judged(item, scene) for item in items))
        case p.Any_(items):
            return Part(said, truth, "any", tuple(judged(item, scene) for item in items))
        case p.Not(item):
            inner = judged(item, scene)
            if inner.joined is None:
                return Part(said, truth, None, (), inner.found, inner.events, inner.missing)
            return Part(said, truth, "not", (inner,))
        case _:
            return Part(
                said,
                truth,
                found=tuple(dict.fromkeys(_found(condition, scene))),
                events=_events(condition, scene),
                missing=_missing(condition, scene) if truth is None else (),
                short=_short(condition, scene),
            )


def _found(condition: p.Condition, scene: Scene) -> Iterator[Found]:
    """The values that a condition without parts looks at."""
    match condition:
        case p.HasLabel(dimension, _) | p.LabelKnown(dimension):
            yield Found(dimension, scene.labels[dimension])
        case p.Was(dimension, _):
            before = scene.lead.previous
            label = None if before is None else before.labels.get(dimension)
            yield Found(f"yesterday's {dimension}", label)
        case p.NoneSince(_, _, created):
            if judge(condition, scene) is None:
                yield from _value(created, scene)
        case p.NoneAfter() | p.Followed():
            return
        case _:
            for part in parts(type(condition)):
                yield from _value(getattr(condition, part), scene)


def _value(node: object, scene: Scene) -> Iterator[Found]:
    match node:
        case p.Field(of_event=False):
            yield Found(words.field(node), value_of(node, scene), node.type == "date")
        case p.Domain():
            yield Found(words.text(node), text_of(node, scene))
        case (
            p.Aggregate()
            | p.Distinct()
            | p.Since()
            | p.Length()
            | p.Score()
            | p.Met()
            | p.PreviousScore()
            | p.Arithmetic()
            | p.Function()
        ):
            yield Found(words.number(node), number_of(node, scene))


def _events(condition: p.Condition, scene: Scene) -> tuple[Event, ...]:
    """The events that a condition without parts looks at, from the earliest on. Of events that
    must be absent these are all there ever were."""
    found: list[Event] = []
    for events in _asked(condition):
        if isinstance(condition, p.NoneSince):
            events = p.Events(events.kinds, None, events.signal)
        found += [e for e in matching(events, scene) if not any(e is other for other in found)]
    return tuple(sorted(found, key=lambda event: event.at))


def _asked(node: object) -> Iterator[p.Events]:
    """The events that something asks for; not what their filters ask for."""
    if isinstance(node, p.Events):
        yield node
    elif isinstance(node, tuple):
        for item in node:
            yield from _asked(item)
    else:
        for part in parts(type(node)):
            yield from _asked(getattr(node, part))


def _missing(condition: p.Condition, scene: Scene) -> tuple[str, ...]:
    """What would have to be known to tell."""
    if isinstance(condition, p.NoneSince):
        # No event is so old, and nothing says that the lead is.
        known = value_of(condition.created, scene) is not None
        return () if known else (words.field(condition.created),)
    if isinstance(condition, p.HasLabel):
        return (condition.dimension,)
    inside = [*outside_events(condition)]
    fields = [node for node in inside if isinstance(node, p.Field) and not node.of_event]
    found = [words.field(node) for node in fields if value_of(node, scene) is None]
    if not found:
        numbers = [n for n in inside if isinstance(n, p.Since | p.Aggregate | p.PreviousScore)]
        found = [words.number(node) for node in numbers if number_of(node, scene) is None]
    if not found and isinstance(condition, p.NoneAfter):
        found = [words.events(condition.marker)]
    return tuple(dict.fromkeys(found))


def outside_events(node: object) -> Iterator[object]:
    """All that something consists of, but for what events are asked to be."""
    yield node
    if isinstance(node, tuple):
        for item in node:
            yield from outside_events(item)
    elif not isinstance(node, p.Events):
        for part in parts(type(node)):
            yield from outside_events(getattr(node, part))


def _short(condition: p.Condition, scene: Scene) -> int | None:
    match condition:
        case p.Compare(">=" | ">", p.Score(block), p.Constant(value)):
            missing = round(value * 100) - scene.scores[block]
            return missing if missing > 0 else None
    return None
