"""Conditions, numbers and events of one lead, in plain Python: the reference for all three.

Written to be read. Conditions are True, False or None, which is "unknown"; a missing
number or text is None too.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from leadrules.model.instant import DAY, MICROSECOND, SECOND
from leadrules.model.lead import Event, Lead, Value
from leadrules.model.letters import BLANKS, fold, normal
from leadrules.model.program import (
    Aggregate,
    All,
    Any_,
    Arithmetic,
    Compare,
    CompareDates,
    Condition,
    Constant,
    Count,
    Distinct,
    Domain,
    During,
    Empty,
    Events,
    Field,
    Followed,
    Function,
    Has,
    HasLabel,
    InSpans,
    IsText,
    IsTrue,
    Known,
    LabelKnown,
    Length,
    Matches,
    Met,
    NoneAfter,
    NoneSince,
    Not,
    Number,
    PreviousScore,
    Program,
    SameText,
    Score,
    Since,
    Span,
    Text,
    Valid,
    Was,
)
from leadrules.model.valid import CHECKS


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a condition is judged: the rules, the lead, the instant.

    `scores` and `labels` are those known so far, in hundredths of a point and with None
    for a dimension without a label; `event` is the one at hand in a filter.
    """

    program: Program
    lead: Lead
    as_of: int
    zone: ZoneInfo | None
    scores: dict[str | None, int] = field(default_factory=dict)
    labels: dict[str, str | None] = field(default_factory=dict)
    event: Event | None = None

    def of(self, event: Event) -> Scene:
        """The same, with an event at hand."""
        return replace(self, event=event)


# --- conditions --------------------------------------------------------------------


def judge(condition: Condition, scene: Scene) -> bool | None:
    """A condition: true, false or unknown (None)."""
    match condition:
        case All(items):
            return _all([judge(item, scene) for item in items])
        case Any_(items):
            return _not(_all([_not(judge(item, scene)) for item in items]))
        case Not(item):
            return _not(judge(item, scene))
        case Compare(order, left, right):
            return _compare(order, number_of(left, scene), number_of(right, scene))
        case InSpans(number, spans):
            value = number_of(number, scene)
            return None if value is None else any(_in_span(value, span) for span in spans)
        case IsText(text, values, exactly):
            found = text_of(text, scene)
            return None if found is None else _seen(found, exactly) in values
        case SameText(left_text, right_text, exactly):
            one, other = text_of(left_text, scene), text_of(right_text, scene)
            if one is None or other is None:
                return None
            return _seen(one, exactly) == _seen(other, exactly)
        case Has():
            return _has(condition, scene)
        case Matches(text, pattern, exactly):
            found = text_of(text, scene)
            return None if found is None else _regex(pattern, exactly).search(found) is not None
        case Valid(text, check):
            found = text_of(text, scene)
            return None if found is None else CHECKS[check](found)
        case IsTrue(field):
            truth = value_of(field, scene)
            assert truth is None or isinstance(truth, bool)
            return truth
        case During(date, window):
            instant = value_of(date, scene)
            assert instant is None or isinstance(instant, int)
            return None if instant is None else instant in window.resolve(scene.as_of, scene.zone)
        case CompareDates(order, left_date, right_date):
            return _compare(order, value_of(left_date, scene), value_of(right_date, scene))
        case Known(value):
            return _there(value, scene)
        case Empty(field):
            return value_of(field, scene) in (None, ())
        case NoneSince():
            return _none_since(condition, scene)
        case NoneAfter():
            return _none_after(condition, scene)
        case Followed():
            return _followed(condition, scene)
        case HasLabel(dimension, labels):
            label = scene.labels[dimension]
            return None if label is None else label in labels
        case LabelKnown(dimension):
            return scene.labels[dimension] is not None
        case Was(dimension, label):
            before = scene.lead.previous
            return before is not None and before.labels.get(dimension) == label
        case _:
            assert_never(condition)


def _all(truths: list[bool | None]) -> bool | None:
    if False in truths:
        return False
    return None if None in truths else True


def _not(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _compare(order: str, left: Any, right: Any) -> bool | None:
    return None if left is None or right is None else _ORDERS[order](left, right)


def _in_span(value: float, span: Span) -> bool:
    if span.low is not None and value < span.low:
        return False
    if span.high is None:
        return True
    return value < span.high if span.open else value <= span.high


def _seen(text: str, exactly: bool) -> str:
    return text if exactly else fold(text)


def _has(condition: Has, scene: Scene) -> bool | None:
    found: Any = (
        value_of(condition.text, scene)
        if isinstance(condition.text, Field)
        else text_of(condition.text, scene)
    )
    if found is None:
        return None
    every = all if condition.every else any
    if isinstance(found, tuple):
        items = {_seen(item, condition.exactly) for item in found}
        return every(value.strip(BLANKS) in items for value in condition.values)
    text = _seen(found, condition.exactly)
    match condition.how:
        case "contains":
            return every(value in text for value in condition.values)
        case "starts":
            return every(text.startswith(value) for value in condition.values)
        case "ends":
            return every(text.endswith(value) for value in condition.values)
        case "like":
            return every(_pattern(value).fullmatch(text) is not None for value in condition.values)


@lru_cache(maxsize=4096)
def _pattern(like: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, like.split("*"))), re.DOTALL)


@lru_cache(maxsize=4096)
def _regex(pattern: str, exactly: bool) -> Any:
    import re2  # type: ignore[import-untyped]  # the library has no types

    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = exactly
    return re2.compile(pattern, options)


def _there(value: Number | Text, scene: Scene) -> bool:
    match value:
        case Field():
            return value_of(value, scene) is not None
        case Domain():
            return text_of(value, scene) is not None
        case _:
            return number_of(value, scene) is not None


def _none_since(condition: NoneSince, scene: Scene) -> bool | None:
    since = condition.since.resolve(scene.as_of, scene.zone)
    if any(event.at > since and _is(event, condition.events, scene) for event in scene.lead.events):
        return False
    created = value_of(condition.created, scene)
    if isinstance(created, int) and created <= since:
        return True
    return True if any(event.at <= since for event in scene.lead.events) else None


def _none_after(condition: NoneAfter, scene: Scene) -> bool | None:
    markers = matching(condition.marker, scene)
    if not markers:
        return None
    last = max(marker.at for marker in markers)
    later = [event for event in matching(condition.events, scene) if event.at >= last]
    if any(all(event is not marker for marker in markers) for event in later):
        return False
    return True if last <= condition.since.resolve(scene.as_of, scene.zone) else None


def _followed(condition: Followed, scene: Scene) -> bool:
    then = matching(condition.then, scene)
    span = condition.span

    def is_followed(event: Event) -> bool:
        return any(
            other is not event
            and other.at >= event.at
            and (span is None or other.at < event.at + span)
            for other in then
        )

    first = matching(condition.first, scene)
    if not condition.negated:
        return any(is_followed(event) for event in first)
    assert span is not None
    return any(event.at + span <= scene.as_of and not is_followed(event) for event in first)


# --- values ------------------------------------------------------------------------


def value_of(field: Field, scene: Scene) -> Value | None:
    """The value of a field of the lead, or of the event at hand."""
    if field.of_event:
        assert scene.event is not None
        return scene.event.properties.get(field.path)
    return scene.lead.values.get(field.path)


def number_of(number: Number, scene: Scene) -> float | None:
    """A number; None when it is missing."""
    match number:
        case Field():
            value = value_of(number, scene)
            assert value is None or isinstance(value, float)
            return value
        case Constant(constant):
            return constant
        case Count(events):
            return float(len(matching(events, scene)))
        case Aggregate(kind, property, events):
            return _aggregate(kind, _numbers(property, events, scene))
        case Distinct(property, events):
            found = {identity(property, scene.of(event)) for event in matching(events, scene)}
            return float(len(found - {None}))
        case Since():
            return _since(number, scene)
        case Length(text):
            whole = text_of(text, scene)
            return None if whole is None else float(len(whole))
        case Score(block):
            return scene.scores[block] / 100
        case Met(checklist):
            items = {c.name: c.items for c in scene.program.checklists}[checklist]
            return float(sum(judge(item, scene) is True for _, item in items))
        case PreviousScore(block):
            return _previous_score(block, scene.lead)
        case Function(name, arguments):
            return _apply(name, [number_of(argument, scene) for argument in arguments])
        case Arithmetic(sign, left, right):
            return _calculate(sign, number_of(left, scene), number_of(right, scene))
        case _:
            assert_never(number)


def _calculate(sign: str, left: float | None, right: float | None) -> float | None:
    if left is None or right is None:
        return None
    if sign == "/":
        result = left / right if right else math.nan
    elif sign == "*":
        result = left * right
    else:
        result = left + right if sign == "+" else left - right
    return result if math.isfinite(result) else None


def _apply(name: str, arguments: Sequence[float | None]) -> float | None:
    values = [value for value in arguments if value is not None]
    if len(values) < len(arguments):
        return None
    first = values[0]
    match name:
        case "min":
            return min(values)
        case "max":
            return max(values)
        case "floor":
            return float(math.floor(first))
        case "ceil":
            return float(math.ceil(first))
        case "round":
            return float(rounded_up(first))
        case _:
            return abs(first)


def rounded_up(value: float) -> int:
    """The nearest whole number, a half away from zero."""
    size = abs(value)
    whole = math.floor(size)
    if size - whole >= 0.5:
        whole += 1
    return whole if value >= 0 else -whole


def _numbers(property: Field, events: Events, scene: Scene) -> list[float]:
    values = [value_of(property, scene.of(event)) for event in matching(events, scene)]
    return [value for value in values if isinstance(value, float)]


def _aggregate(kind: str, values: Sequence[float]) -> float | None:
    if not values:
        return 0.0 if kind == "sum" else None
    match kind:
        case "min":
            return min(values)
        case "max":
            return max(values)
    total = 0.0
    for value in values:
        total += value
    result = total if kind == "sum" else total / len(values)
    return result if math.isfinite(result) else None


def identity(property: Field, scene: Scene) -> Value | None:
    """What tells the value of an event's property from others; None when it is missing."""
    value = value_of(property, scene)
    if isinstance(value, tuple):
        return tuple(fold(item) for item in value)
    return fold(value) if isinstance(value, str) else value


_UNITS = {"days": DAY, "hours": 3600 * SECOND}


def _since(number: Since, scene: Scene) -> float | None:
    found = [event.at for event in matching(number.events, scene)]
    if not found:
        return None
    at = min(found) if number.which == "first" else max(found)
    # In microseconds first: that is what instants nearly always are, and what is exact.
    return (scene.as_of - at) / MICROSECOND / (_UNITS[number.unit] // MICROSECOND)


def _previous_score(block: str | None, lead: Lead) -> float | None:
    before = lead.previous
    if before is None:
        return None
    found = before.score if block is None else before.scores.get(block)
    return None if found is None else found / 100


def text_of(text: Text, scene: Scene) -> str | None:
    """A text; None when it is missing."""
    match text:
        case Field():
            value = value_of(text, scene)
            assert value is None or isinstance(value, str)
            return value
        case Domain(address):
            found = text_of(address, scene)
            if found is None or "@" not in found:
                return None
            return normal(found.rpartition("@")[2]) or None
        case _:
            assert_never(text)


# --- events ------------------------------------------------------------------------


def matching(events: Events, scene: Scene) -> list[Event]:
    """The lead's events that are of the kinds and in the window, in the order of the record."""
    window = None if events.window is None else events.window.resolve(scene.as_of, scene.zone)
    return [
        event
        for event in scene.lead.events
        if (window is None or event.at in window) and _is(event, events, scene)
    ]


def _is(event: Event, events: Events, scene: Scene) -> bool:
    """Whether an event is of one of the kinds, its window aside."""
    return any(
        (kind.type is None or kind.type == event.type)
        and (kind.where is None or judge(kind.where, scene.of(event)) is True)
        for kind in events.kinds
    )
