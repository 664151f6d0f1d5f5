"""How a lead's events are counted, in SQL: once over the list, whatever the number of rules.

Each event becomes a small integer, its code: its type (of those the rules name) and the
stretch of time it lies in (between the edges of all windows). A constant table then says
for each code which counters it adds to; several counters are packed into one integer,
are summed over the list together, and are cut out with shifts. What needs more of an
event than its code is in `sql_seen` beside this file.

Code 0 is an event that has to be looked at by the reference; it has a counter too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from leadrules.engines.sql_build import (
    Sql,
    array,
    at,
    between,
    binary,
    both,
    call,
    case,
    cast,
    col,
    each,
    either,
    member,
    no,
    num,
    struct,
    text,
    total,
)
from leadrules.engines.sql_values import (
    Value,
    instant_us,
    is_sound,
    is_usual,
    read_value,
)
from leadrules.model.instant import SECOND, Interval
from leadrules.model.program import Events, Field, Program
from leadrules.model.verdict import quote

_BITS = 12
_PER_WORD = 5
# A lead with more events than a counter can hold is left to the reference.
MOST_EVENTS = (1 << _BITS) - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

BAD = "bad_events"
LATER = "later"


@dataclass(frozen=True, slots=True)
class EventPlan:
    """What is computed once for all rules.

    `counts` names the column of each Events; `words` are the tables of packed counters,
    `shifts` where each column lies in them. `filtered` are those that no code tells.
    """

    edges: tuple[int, ...]
    types: tuple[str, ...]
    counts: dict[Events, str]
    shifts: dict[str, tuple[int, int]]
    words: tuple[tuple[int, ...], ...]
    filtered: dict[str, Events]
    as_of: int
    zone: ZoneInfo | None

    def codes(self, events: Events) -> frozenset[int]:
        """The codes of some events, as far as codes tell them: filters are left out."""
        return frozenset(_codes(events, self.edges, self.types, self.as_of, self.zone))


def plan_events(
    named: Iterable[Events], counted: Iterable[Events], as_of: int, zone: ZoneInfo | None
) -> EventPlan:
    """The plan for all events that the rules name, of which some are counted."""
    counts = {events: f"c{number}" for number, events in enumerate(dict.fromkeys(counted))}
    wanted = list(dict.fromkeys([*counts, *named]))
    edges = {as_of + 1}
    for events in wanted:
        interval = _interval(events, as_of, zone)
        edges |= {edge for edge in (interval.low, interval.high) if edge is not None}
    ordered = tuple(sorted(edges))
    types = tuple(
        dict.fromkeys(kind.type for events in wanted for kind in events.kinds if kind.type)
    )
    step = len(ordered) + 1
    size = 1 + (len(types) + 1) * step
    now = ordered.index(as_of + 1)
    columns: dict[str, set[int]] = {
        BAD: {0},
        LATER: {1 + t * step + c for t in range(len(types) + 1) for c in range(now + 1, step)},
    }
    filtered = {}
    for events, name in counts.items():
        if any(kind.where is not None for kind in events.kinds):
            filtered[name] = events
        else:
            columns[name] = _codes(events, ordered, types, as_of, zone)
    shifts = {
        name: (number // _PER_WORD, number % _PER_WORD * _BITS)
        for number, name in enumerate(columns)
    }
    words = [[0] * size for _ in range(1 + (len(columns) - 1) // _PER_WORD)]
    for name, codes in columns.items():
        word, shift = shifts[name]
        for code in codes:
            words[word][code] += 1 << shift
    packed = tuple(map(tuple, words))
    return EventPlan(ordered, types, counts, shifts, packed, filtered, as_of, zone)


def code_columns(plan: EventPlan, program: Program, events: Sql) -> tuple[Sql, Sql]:
    """The list of the codes of a list of events, in two steps.

    The first knows only events of the usual kind, without a branch: branches cost more
    than they save here. The second goes through the lists again in which it met others;
    it reads the column "usual", which is the first.
    """
    usual = each(events, lambda event: _usual_code(plan, program, event), "e")
    careful = _careful_codes(plan, program, events)
    first = col("usual")
    return usual, case([(call("list_contains", first, num(0)), careful)], first)


def _usual_code(plan: EventPlan, program: Program, event: Sql) -> Sql:
    """The code of an event in plain spelling, 0 for any other."""
    moment = member(event, program.shape.at)
    type_ = _type(event, program)
    plain = between(type_, text('"!'), text('"~'))
    faults = [no(fault) for fault in _faults(plan, program, event)]
    sure = both(is_usual(moment), plain, _has_letters(type_), is_sound(moment), *faults)
    code = total([_first_code(plan, type_), *(_flag(_reached(moment, e)) for e in plan.edges)])
    return call("coalesce", binary("*", code, _flag(sure)), num(0))


def _careful_codes(plan: EventPlan, program: Program, events: Sql) -> Sql:
    """The codes of events however they are spelled, 0 for one that the reference must see."""

    def look(event: Sql) -> Sql:
        type_ = _type(event, program)
        # Certainly a text and not blank, by the letter behind its quote.
        proper = either(
            between(type_, text('"!'), text('"~')),
            between(type_, text('"\u00c0'), text('"\u167f')),
            between(type_, text('"\u3041'), text('"\ufefe')),
        )
        proper = both(proper, _has_letters(type_))
        sure = both(proper, *(no(fault) for fault in _faults(plan, program, event)))
        micros = instant_us(member(event, program.shape.at), plan.zone)
        return struct({"m": case([(sure, micros)]), "c": _first_code(plan, type_)})

    def code(seen: Sql) -> Sql:
        micros = member(seen, "m")
        reached = [_flag(binary(">=", micros, num(_micros(edge)))) for edge in plan.edges]
        return call("coalesce", total([member(seen, "c"), *reached]), num(0))

    return each(each(events, look, "e"), code, "x")


def _has_letters(type_: Sql) -> Sql:
    """Whether a type is neither empty nor begins with an escape, which may be a blank."""
    return both(binary("!=", type_, text('""')), no(call("starts_with", type_, text('"\\'))))


def _faults(plan: EventPlan, program: Program, event: Sql) -> list[Sql]:
    return [value_of(field, event, plan.zone).bad for field in program.properties]


def _first_code(plan: EventPlan, type_: Sql) -> Sql:
    """The first code of an event's type."""
    if not plan.types:
        return num(1)
    names = array([_name(name) for name in plan.types])
    number = call("list_position", names, call("nfc_normalize", type_))
    step = num(len(plan.edges) + 1)
    return binary("+", binary("*", call("coalesce", number, num(0)), step), num(1))


def word_columns(plan: EventPlan, codes: Sql) -> list[tuple[str, Sql]]:
    """The packed counters, each summed over the codes."""
    columns = []
    for number in range(len(plan.words)):
        # A lead with so many events that a word overflows is left to the reference anyway.
        summed = cast(call("list_sum", _looked_up(codes, number)), "BIGINT", strict=False)
        columns.append((f"w{number}", call("coalesce", summed, num(0))))
    return columns


def count_columns(plan: EventPlan) -> list[tuple[str, Sql]]:
    """Each counter, cut out of its word."""
    columns = []
    for name, (word, shift) in plan.shifts.items():
        packed = col(f"w{word}")
        moved = packed if shift == 0 else binary(">>", packed, num(shift))
        columns.append((name, binary("&", moved, num((1 << _BITS) - 1))))
    return columns


def table_name(word: int) -> str:
    """The variable that holds the table of a word; as a literal it would take long to plan."""
    return f"leadrules_word_{word}"


def value_of(field: Field, event: Sql, zone: ZoneInfo | None) -> Value:
    """A property of an event."""
    return read_value(field, cast(member(event, field.path[0]), "VARCHAR"), zone)


def _interval(events: Events, as_of: int, zone: ZoneInfo | None) -> Interval:
    """The interval that counts, which never goes past `as_of`."""
    found = Interval(None, None) if events.window is None else events.window.resolve(as_of, zone)
    high = as_of + 1 if found.high is None else min(found.high, as_of + 1)
    return Interval(found.low, high)


def _codes(
    events: Events,
    edges: tuple[int, ...],
    types: tuple[str, ...],
    as_of: int,
    zone: ZoneInfo | None,
) -> set[int]:
    interval = _interval(events, as_of, zone)
    assert interval.high is not None
    first = 0 if interval.low is None else edges.index(interval.low) + 1
    last = edges.index(interval.high)
    step = len(edges) + 1
    numbers: set[int] = set()
    for kind in events.kinds:
        numbers |= set(range(len(types) + 1)) if kind.type is None else {types.index(kind.type) + 1}
    return {1 + number * step + stretch for number in numbers for stretch in range(first, last + 1)}


def _looked_up(codes: Sql, word: int) -> Sql:
    table = call("getvariable", text(table_name(word)))
    return each(codes, lambda code: at(table, binary("+", code, num(1))), "c")


def _type(event: Sql, program: Program) -> Sql:
    """An event's type as raw JSON."""
    return cast(member(event, program.shape.type), "VARCHAR")


def _name(name: str) -> Sql:
    return text(quote(name))


def _reached(moment: Sql, edge: int) -> Sql:
    """Whether a timestamp of the usual shape lies at or after an edge.

    Such timestamps are whole seconds, and compare as texts as they do in time.
    """
    seconds = -(-edge // SECOND)
    try:
        shown = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")
    except OverflowError:
        shown = "0" if seconds < 0 else ":"  # Before and after every year there is.
    return binary(">=", moment, text(shown))


def _micros(edge: int) -> int:
    return -(-edge // 1000)


def _flag(condition: Sql) -> Sql:
    return cast(condition, "INTEGER")
