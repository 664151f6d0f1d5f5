"""The reference engine: one lead, in plain Python. It is what the language means.

Written to be read. Every other engine is held to it. Conditions are True, False or None,
which is "unknown"; a missing number or text is None too.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from leadrules.model.instant import find_zone
from leadrules.model.lead import Event, Lead, Value
from leadrules.model.letters import BLANKS, fold, normal
from leadrules.model.program import (
    All,
    Any_,
    Arithmetic,
    Block,
    Compare,
    CompareDates,
    Condition,
    Constant,
    Count,
    Dimension,
    Domain,
    During,
    Each,
    Empty,
    Events,
    Field,
    Has,
    InSpans,
    IsText,
    IsTrue,
    Known,
    Length,
    Limits,
    Matches,
    NoneSince,
    Not,
    Number,
    Once,
    PointsRule,
    Program,
    SameText,
    Score,
    Span,
    Text,
    Valid,
)
from leadrules.model.valid import CHECKS
from leadrules.model.verdict import Paid, Verdict, points


def evaluate(program: Program, lead: Lead, as_of: int) -> Verdict:
    """What the rules say about a lead at `as_of` (an instant)."""
    scene = _Scene(lead, as_of, find_zone(program.zone))
    fired: list[Paid] = []
    scores: dict[str | None, int] = {}
    for block in program.blocks:
        scores[block.name] = _block(block, scene, fired)
    total = sum(scores.values())
    judged = _Scene(lead, as_of, scene.zone, scores | {None: total})
    labels = []
    reasons = []
    for dimension in program.dimensions:
        label, reason = _label(dimension, judged)
        labels.append((dimension.name, label))
        if reason is not None:
            reasons.append((dimension.name, reason))
    named = tuple((name, value) for name, value in scores.items() if name is not None)
    return Verdict(lead.id, total, named, tuple(labels), tuple(reasons), tuple(fired))


@dataclass(frozen=True, slots=True)
class _Scene:
    """Where a condition is judged: the lead, the instant, and in a filter the event."""

    lead: Lead
    as_of: int
    zone: ZoneInfo | None
    scores: dict[str | None, int] | None = None
    event: Event | None = None

    def of(self, event: Event) -> _Scene:
        return _Scene(self.lead, self.as_of, self.zone, self.scores, event)


# --- rules -------------------------------------------------------------------------


def _block(block: Block, scene: _Scene, fired: list[Paid]) -> int:
    earned = 0
    for rule in block.rules:
        paid = _rule(rule, scene)
        if paid is not None:
            fired.append(paid)
            earned += paid.points
    allowed, limit = limited(earned, block.limits)
    if limit is not None and block.name is not None:
        fired.append(Paid(block.name, allowed - earned, limit, earned))
    return allowed


def _rule(rule: PointsRule, scene: _Scene) -> Paid | None:
    times = _times(rule, scene)
    if times == 0:
        return None
    earned = rule.points * times
    allowed, limit = limited(earned, rule.limits)
    return Paid(rule.name, allowed, limit, None if limit is None else earned, rule.reason)


def _times(rule: PointsRule, scene: _Scene) -> int:
    """How often a rule pays."""
    match rule.pays:
        case Once(condition):
            return 1 if _judge(condition, scene) is True else 0
        case Each(events, when):
            if when is not None and _judge(when, scene) is not True:
                return 0
            return _count(events, scene)
        case _:
            assert_never(rule.pays)


def limited(earned: int, limits: Limits) -> tuple[int, str | None]:
    """What is left of some points, and the limit that acted."""
    if limits.high is not None and earned > limits.high:
        return limits.high, f"max {points(limits.high)}"
    if limits.low is not None and earned < limits.low:
        return limits.low, f"min {points(limits.low)}"
    return earned, None


def _label(dimension: Dimension, scene: _Scene) -> tuple[str | None, str | None]:
    for rule in dimension.rules:
        if rule.condition is None or _judge(rule.condition, scene) is True:
            return rule.label, rule.reason
    return None, None


# --- conditions --------------------------------------------------------------------


def _judge(condition: Condition, scene: _Scene) -> bool | None:
    match condition:
        case All(items):
            return _all([_judge(item, scene) for item in items])
        case Any_(items):
            return _not(_all([_not(_judge(item, scene)) for item in items]))
        case Not(item):
            return _not(_judge(item, scene))
        case Compare(order, left, right):
            return _compare(order, _number(left, scene), _number(right, scene))
        case InSpans(number, spans):
            value = _number(number, scene)
            return None if value is None else any(_in_span(value, span) for span in spans)
        case IsText(text, values, exactly):
            found = _text(text, scene)
            return None if found is None else _seen(found, exactly) in values
        case SameText(left_text, right_text, exactly):
            one, other = _text(left_text, scene), _text(right_text, scene)
            if one is None or other is None:
                return None
            return _seen(one, exactly) == _seen(other, exactly)
        case Has():
            return _has(condition, scene)
        case Matches(text, pattern, exactly):
            found = _text(text, scene)
            return None if found is None else _regex(pattern, exactly).search(found) is not None
        case Valid(text, check):
            found = _text(text, scene)
            return None if found is None else CHECKS[check](found)
        case IsTrue(field):
            truth = _value(field, scene)
            assert truth is None or isinstance(truth, bool)
            return truth
        case During(date, window):
            instant = _value(date, scene)
            assert instant is None or isinstance(instant, int)
            return None if instant is None else instant in window.resolve(scene.as_of, scene.zone)
        case CompareDates(order, left_date, right_date):
            return _compare(order, _value(left_date, scene), _value(right_date, scene))
        case Known(value):
            return _there(value, scene)
        case Empty(field):
            return _value(field, scene) in (None, ())
        case NoneSince():
            return _none_since(condition, scene)
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


def _has(condition: Has, scene: _Scene) -> bool | None:
    found: Any = (
        _value(condition.text, scene)
        if isinstance(condition.text, Field)
        else _text(condition.text, scene)
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


def _there(value: Number | Text, scene: _Scene) -> bool:
    match value:
        case Field():
            return _value(value, scene) is not None
        case Domain():
            return _text(value, scene) is not None
        case _:
            return _number(value, scene) is not None


def _none_since(condition: NoneSince, scene: _Scene) -> bool | None:
    since = condition.since.resolve(scene.as_of, scene.zone)
    if any(event.at > since and _is(event, condition.events, scene) for event in scene.lead.events):
        return False
    created = _value(condition.created, scene)
    if isinstance(created, int) and created <= since:
        return True
    return True if any(event.at <= since for event in scene.lead.events) else None


# --- values ------------------------------------------------------------------------


def _value(field: Field, scene: _Scene) -> Value | None:
    if field.of_event:
        assert scene.event is not None
        return scene.event.properties.get(field.path)
    return scene.lead.values.get(field.path)


def _number(number: Number, scene: _Scene) -> float | None:
    match number:
        case Field():
            value = _value(number, scene)
            assert value is None or isinstance(value, float)
            return value
        case Constant(constant):
            return constant
        case Count(events):
            return float(_count(events, scene))
        case Length(text):
            found = _text(text, scene)
            return None if found is None else float(len(found))
        case Score(block):
            assert scene.scores is not None
            return scene.scores[block] / 100
        case Arithmetic(sign, left, right):
            return _calculate(sign, _number(left, scene), _number(right, scene))
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


def _text(text: Text, scene: _Scene) -> str | None:
    match text:
        case Field():
            value = _value(text, scene)
            assert value is None or isinstance(value, str)
            return value
        case Domain(address):
            found = _text(address, scene)
            if found is None or "@" not in found:
                return None
            return normal(found.rpartition("@")[2]) or None
        case _:
            assert_never(text)


# --- events ------------------------------------------------------------------------


def _count(events: Events, scene: _Scene) -> int:
    window = None if events.window is None else events.window.resolve(scene.as_of, scene.zone)
    return sum(
        (window is None or event.at in window) and _is(event, events, scene)
        for event in scene.lead.events
    )


def _is(event: Event, events: Events, scene: _Scene) -> bool:
    """Whether an event is of one of the kinds, its window aside."""
    return any(
        (kind.type is None or kind.type == event.type)
        and (kind.where is None or _judge(kind.where, scene.of(event)) is True)
        for kind in events.kinds
    )
