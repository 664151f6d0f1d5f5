"""Where rules compare a number: the thresholds, and on which side of them a lead lies."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from leadrules.cases.facts import called, events_called
from leadrules.engines.conditions import Scene, matching, number_of
from leadrules.model.frozen import parts
from leadrules.model.program import (
    Compare,
    Constant,
    Count,
    Distinct,
    Events,
    Field,
    InSpans,
    Kind,
    Length,
    Limit,
    Met,
    Number,
    Program,
    Score,
    rules_of,
)

BELOW, AT, ABOVE = "just below", "at", "just above"
_ORDERS = ("<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number that is compared with `value`; that of single events, when there are `events`.

    `reach` is how far from the value something is just below or above it. `sides` are those
    on which the number can be at all.
    """

    number: Number
    value: float
    events: Events | None
    reach: float
    sides: tuple[str, ...]

    @property
    def name(self) -> str:
        """What people call it."""
        of = "" if self.events is None else f"{events_called(self.events)}: "
        return f"{of}{called(self.number)} {self.value:.15g}"

    def sides_of(self, scene: Scene) -> set[str]:
        """The sides on which a lead lies, or its events, close to the value."""
        scenes = [scene]
        if self.events is not None:
            scenes = [scene.of(event) for event in matching(self.events, scene)]
        return {side for found in scenes if (side := self._side(found)) is not None}

    def _side(self, scene: Scene) -> str | None:
        found = number_of(self.number, scene)
        if found is None or abs(found - self.value) > self.reach:
            return None
        if found == self.value:
            return AT
        return BELOW if found < self.value else ABOVE


def thresholds(program: Program, conditions: Iterable[object]) -> list[Threshold]:
    """The thresholds in some conditions, each once, in the order written.

    That something happened at all is no threshold, and neither is `=`.
    """
    found: dict[tuple[Number, float, Events | None], Threshold] = {}
    for condition in conditions:
        for number, value, events in _compared(condition, None):
            if isinstance(number, Count) and value <= 1:
                continue
            sides = tuple(_sides(program, number, value))
            reach = 1.0 if _is_whole(number) else max(1.0, abs(value) / 10)
            if isinstance(number, Score):
                reach = max(reach, _step(program, number.block))
            key = (number, value, events)
            found.setdefault(key, Threshold(number, value, events, reach, sides))
    return list(found.values())


def _compared(data: object, events: Events | None) -> Iterator[tuple[Number, float, Events | None]]:
    """What is compared with what, and of which events."""
    match data:
        case Compare(operator, left, Constant(value)) if operator in _ORDERS:
            yield left, value, events
        case Compare(operator, Constant(value), right) if operator in _ORDERS:
            yield right, value, events
        case InSpans(number, spans):
            for span in spans:
                ends = (span.low, span.high)
                yield from ((number, end, events) for end in ends if end is not None)
        case Kind(type_, where):
            yield from _compared(where, Events((Kind(type_, None),), None))
            return
    if isinstance(data, tuple):
        for item in data:
            yield from _compared(item, events)
    else:
        for name in parts(type(data)):
            yield from _compared(getattr(data, name), events)


def _is_whole(number: Number) -> bool:
    """Whether a number has no decimals."""
    if isinstance(number, Field):
        return number.type == "whole"
    return isinstance(number, Count | Distinct | Met | Length)


def _sides(program: Program, number: Number, value: float) -> Iterator[str]:
    low, high = -math.inf, math.inf
    match number:
        case Count() | Distinct() | Length():
            low = 0.0
        case Met(name):
            low = 0.0
            high = float(next(len(c.items) for c in program.checklists if c.name == name))
        case Score(None):
            low, high = _within(program.total)
        case Score(block):
            limits = (found.limits for found in program.blocks if found.name == block)
            low, high = _within(next(limits, ()))
    if low < value:
        yield BELOW
    if low <= value <= high and (value.is_integer() or not _is_whole(number)):
        yield AT
    if value < high:
        yield ABOVE


def _within(limits: Iterable[Limit]) -> tuple[float, float]:
    """The least and the most that limits without a condition allow."""
    always = [limit for limit in limits if limit.when is None]
    return (
        max((x.points / 100 for x in always if x.kind == "min"), default=-math.inf),
        min((x.points / 100 for x in always if x.kind == "max"), default=math.inf),
    )


def _step(program: Program, name: str | None) -> float:
    """The least that two scores can differ by, as far as the points of the rules tell: there
    is nothing between 50 and 60 when all points are tens. Of a block, or of the whole."""
    blocks = [block for block in program.blocks if name in (None, block.name)]
    rules = [rule for block in blocks for rule in rules_of(block.items)]
    if (name is None and program.formula is not None) or any(
        rule.decay is not None or not isinstance(rule.points, int) for rule in rules
    ):
        return 0.01
    limits = [limit for rule in rules for limit in rule.limits]
    limits += [limit for block in blocks for limit in block.limits]
    limits += program.total if name is None else ()
    points = [rule.points for rule in rules if isinstance(rule.points, int)]
    return math.gcd(*points, *(limit.points for limit in limits)) / 100
