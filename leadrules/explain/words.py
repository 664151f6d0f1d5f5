"""Conditions, numbers and events of a program in plain words, for people who sell.

A program does not remember how it was written: names that the rules declare are gone from
it, and texts that are compared without case are in small letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from leadrules.model import program as p
from leadrules.model.instant import DAY, SECOND, Moment, Window, local_day, parse_instant
from leadrules.model.lead import Value

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FIRST = parse_instant("0001-01-02", None)
_LAST = parse_instant("9999-12-30", None)
_MOST_LISTED = 4
_MOST_KINDS = 2
_UNITS = ((7 * DAY, "week"), (DAY, "day"), (3600 * SECOND, "hour"), (60 * SECOND, "minute"))


# --- conditions --------------------------------------------------------------------


def condition(node: p.Condition) -> str:
    """A condition in words."""
    match node:
        case p.All(items):
            return " and ".join(_inside(item) for item in items)
        case p.Any_(items):
            return " or ".join(_inside(item) for item in items)
        case p.Not(item):
            return _denied(item)
        case p.Compare():
            return _compared(node)
        case p.InSpans(value, spans):
            return f"{number(value)} is {_either([_span(span) for span in spans])}"
        case p.IsText(value, values, _):
            return f"{text(value)} is {_either(values)}"
        case p.SameText(left, right, _):
            return f"{text(left)} is {text(right)}"
        case p.Has():
            return _has(node)
        case p.Matches(value, pattern, _):
            return f"{text(value)} matches /{pattern}/"
        case p.Valid(value, check):
            return f"{text(value)} is a valid {check if check == 'email' else check.upper()}"
        case p.IsTrue(value):
            return field(value)
        case p.During(value, when):
            return f"{field(value)} {window(when)}"
        case p.CompareDates(operator, left, right):
            return f"{field(left)} {operator} {field(right)}"
        case p.Known(value):
            return f"{_value(value)} is known"
        case p.Empty(value):
            return f"{field(value)} is missing"
        case p.NoneSince(wanted, since, _):
            return f"no {events(wanted)} for {moment(since)}"
        case p.NoneAfter(wanted, marker, since):
            return f"no {events(wanted)} for {moment(since)} since the last {events(marker)}"
        case p.Followed(first, then, length, negated):
            within = "" if length is None else f" within {duration(length)}"
            verb = "not followed by" if negated else "followed by"
            return f"{events(first)} {verb} {events(then)}{within}"
        case p.HasLabel(dimension, labels):
            return f"{dimension} is {_either(labels)}"
        case p.LabelKnown(dimension):
            return f"{dimension} is known"
        case p.Was(dimension, label):
            return f"yesterday {dimension} was {label}"
        case _:
            assert_never(node)


def _denied(node: p.Condition) -> str:
    """The opposite of a condition, as one says it."""
    match node:
        case p.Known(value):
            return f"{_value(value)} is missing"
        case p.Empty(value):
            return f"{field(value)} is known"
        case p.Compare(">=", p.Count(wanted), p.Constant(1.0)):
            return f"no {events(wanted)}"
        case p.IsText() | p.SameText() | p.InSpans() | p.Valid() | p.HasLabel() | p.LabelKnown():
            before, _, behind = condition(node).partition(" is ")
            return f"{before} is not {behind}"
        case _:
            return f"not {_inside(node)}"


def _inside(node: p.Condition) -> str:
    said = condition(node)
    return f"({said})" if isinstance(node, p.All | p.Any_) else said


def _compared(node: p.Compare) -> str:
    """A comparison; how often something happened is said as one says it."""
    if isinstance(node.left, p.Count) and isinstance(node.right, p.Constant):
        times, what = node.right.value, events(node.left.events)
        match node.operator:
            case ">=":
                return what if times == 1 else f"at least {plain(times)} {what}"
            case "<=":
                return f"at most {plain(times)} {what}"
            case "=":
                return f"no {what}" if times == 0 else f"exactly {plain(times)} {what}"
            case ">" if times == 0:
                return what
    return f"{number(node.left)} {node.operator} {number(node.right)}"


def _has(node: p.Has) -> str:
    verb = {
        "contains": "contains",
        "starts": "starts with",
        "ends": "ends with",
        "like": "is like",
    }[node.how]
    listed = " and ".join(node.values) if node.every else _either(node.values)
    return f"{text(node.text)} {verb} {listed}"


def _span(span: p.Span) -> str:
    if span.low is None:
        word = "below" if span.open else "at most"
        return "any number" if span.high is None else f"{word} {plain(span.high)}"
    if span.high is None:
        return f"at least {plain(span.low)}"
    if span.low == span.high:
        return plain(span.low)
    return f"from {plain(span.low)} to {'below ' if span.open else ''}{plain(span.high)}"


def _either(values: Sequence[str]) -> str:
    """Some values, of which one is meant; a long list is cut."""
    shown = [*values] or ["nothing"]
    if len(shown) > _MOST_LISTED + 1:
        rest = len(shown) - _MOST_LISTED
        shown = [*shown[:_MOST_LISTED], f"one of {rest} more"]
    return ", ".join(shown[:-1]) + (" or " if len(shown) > 1 else "") + shown[-1]


# --- values ------------------------------------------------------------------------


def _value(node: p.Number | p.Text) -> str:
    return text(node) if isinstance(node, p.Domain) else number(node)


def field(node: p.Field) -> str:
    """A field by its path."""
    return ".".join(node.path)


def text(node: p.Text) -> str:
    """A text."""
    return field(node) if isinstance(node, p.Field) else f"the domain of {text(node.text)}"


def number(node: p.Number) -> str:
    """A number in words."""
    match node:
        case p.Field():
            return field(node)
        case p.Constant(value):
            return plain(value)
        case p.Count(wanted):
            return f"the number of {events(wanted)}"
        case p.Aggregate(kind, property, wanted):
            called = {"min": "least", "max": "greatest"}.get(kind, kind)
            return f"the {called} {field(property)} of {events(wanted)}"
        case p.Distinct(property, wanted):
            return f"the number of different {field(property)} of {events(wanted)}"
        case p.Since(unit, which, wanted):
            return f"{unit} since the {which} {events(wanted)}"
        case p.Length(value):
            return f"the length of {text(value)}"
        case p.Score(block):
            return block or "score"
        case p.Met(checklist):
            return checklist
        case p.PreviousScore(block):
            return f"yesterday's {block or 'score'}"
        case p.Function(name, arguments):
            return f"{name}({', '.join(map(number, arguments))})"
        case p.Arithmetic(sign, left, right):
            return f"({number(left)} {sign} {number(right)})"
        case _:
            assert_never(node)


def plain(value: float) -> str:
    """A number, as short as it can be."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


# --- events and times --------------------------------------------------------------


def events(node: p.Events) -> str:
    """Some events, with their window."""
    when = "" if node.window is None else " " + window(node.window)
    kinds = [node.signal] if node.signal is not None else [kind(one) for one in node.kinds]
    if len(kinds) > _MOST_KINDS + 1:
        kinds = [*kinds[:_MOST_KINDS], f"{len(kinds) - _MOST_KINDS} other kinds of events"]
    return _either(kinds) + when


def kind(node: p.Kind) -> str:
    """Events of one kind."""
    called = node.type or "event of any type"
    return called if node.where is None else f"{called} where {condition(node.where)}"


def window(node: Window) -> str:
    """A stretch of time, behind what lies in it."""
    after, until = node.after, node.until
    now = Moment()
    if after is not None and until is not None:
        if until == now:
            return f"in the last {moment(after)}"
        if after == now:
            return f"in the next {moment(until)}"
        if after.fixed is None and until.fixed is None:
            return f"between {moment(until)} and {moment(after)} ago"
        return f"from {moment(after)} to {moment(until)}"
    if after is not None:
        return f"after {moment(after)}"
    if until is None:
        return "at any time"
    return f"before {moment(until)}" if until.fixed is not None else f"over {moment(until)} ago"


def moment(node: Moment) -> str:
    """A point in time: a date, or how far it is away."""
    if node.fixed is not None:
        return date(node.fixed, None, None)
    if node.months:
        years, months = divmod(abs(node.months), 12)
        return _many(abs(node.months), "month") if months else _many(years, "year")
    return duration(abs(node.span))


def duration(length: int) -> str:
    """A length of time."""
    if length % DAY == 0:
        return _many(length // DAY, "day")
    for unit, called in _UNITS[2:]:
        if length % unit == 0:
            return _many(length // unit, called)
    return f"{plain(length / SECOND)} seconds"


def _many(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def within_calendar(instant: int) -> int:
    """An instant that can be written: with an offset, a time may lie just outside the years 1
    to 9999."""
    return min(max(instant, _FIRST), _LAST)


def date(instant: int, as_of: int | None, zone: ZoneInfo | None) -> str:
    """A day: `19 Nov`, with the year where it is not that of `as_of`."""
    there = _there(instant, zone)
    year = "" if as_of is not None and _there(as_of, zone).year == there.year else f" {there.year}"
    return f"{there.day} {_MONTHS[there.month - 1]}{year}"


def _there(instant: int, zone: ZoneInfo | None) -> datetime:
    """The day in a zone."""
    return _EPOCH + timedelta(days=local_day(within_calendar(instant), zone))


def ago(instant: int, as_of: int, zone: ZoneInfo | None) -> str:
    """A day as seen from `as_of`: `3 days ago (19 Nov)`, `in 2 days (24 Nov)`."""
    days = local_day(as_of, zone) - local_day(instant, zone)
    match days:
        case 0:
            said = "today"
        case 1:
            said = "yesterday"
        case -1:
            said = "tomorrow"
        case _:
            said = f"{days} days ago" if days > 0 else f"in {-days} days"
    return f"{said} ({date(instant, as_of, zone)})"


def shown(value: Value, is_date: bool, as_of: int, zone: ZoneInfo | None) -> str:
    """A value of a lead's field."""
    match value:
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ", ".join(value) or "empty"
        case int() if is_date:
            return ago(value, as_of, zone)
        case float():
            return plain(value)
        case _:
            return str(value)
