"""How a lead's events are counted, in SQL: once over the list, whatever the number of rules.

Each event becomes a small integer, its code: its type (of those the rules name), which of
the filters (`where`) on that type it passes, and the stretch of time it lies in (between
the edges of all windows). A constant table then says for each code which counters it adds
to; several counters are packed into one integer, are summed over the list together, and
are cut out with shifts. What more rules ask of events, and the filters when there are many
on one type, is in `sql_hits` beside this file.

Code 0 is an event that has to be looked at by the reference; it has a counter too.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlglot import exp

from leadrules.engines.sql_build import (
    FALSE,
    NULL,
    TRUE,
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
    has_value,
    member,
    no,
    num,
    one_of,
    struct,
    text,
    total,
)
from leadrules.engines.sql_values import Value, instant_us, read_value
from leadrules.model.instant import Interval, Window
from leadrules.model.program import Condition, Events, Field, Kind, Program
from leadrules.model.verdict import quote

_BITS = 12
_PER_WORD = 5
# A lead with more events than a counter can hold is left to the reference.
MOST_EVENTS = (1 << _BITS) - 1
# How many filters on one type the codes tell apart: each doubles their number.
MOST_FILTERS = 4

BAD = "bad_events"
LATER = "later"


@dataclass(frozen=True, slots=True)
class EventPlan:
    """What is computed once for all rules.

    `filters` are, for each type and for None (all that the rules do not name), those that
    the codes tell apart. `counts` names the column of each Events; `words` are the tables
    of packed counters, `shifts` where each column lies in them. `filtered` are the columns
    of those that have a filter which the codes do not tell.
    """

    edges: tuple[int, ...]
    filters: dict[str | None, tuple[Condition, ...]]
    counts: dict[Events, str]
    shifts: dict[str, tuple[int, int]]
    words: tuple[tuple[int, ...], ...]
    filtered: dict[str, Events]
    as_of: int
    zone: ZoneInfo | None

    @property
    def types(self) -> list[str]:
        """The types of events that the rules name."""
        return [name for name in self.filters if name is not None]

    def tells(self, kind: Kind) -> bool:
        """Whether the codes tell which events pass the filter of a kind."""
        asked = [kind.type] if kind.type is not None else self.filters
        return kind.where is None or all(kind.where in self.filters[name] for name in asked)

    def codes(self, kind: Kind, window: Window | None) -> set[int]:
        """The codes of the events of a kind in a window, but for a filter that they do not
        tell."""
        told = kind if self.tells(kind) else Kind(kind.type, None)
        numbering = _Codes(self.edges, self.filters, self.as_of, self.zone)
        return numbering.of(Events((told,), window))


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
    filters, untold = _told_apart(wanted)
    codes = _Codes(tuple(sorted(edges)), filters, as_of, zone)
    columns: dict[str, set[int]] = {BAD: {0}, LATER: codes.later()}
    columns |= {name: codes.of(events) for events, name in counts.items() if events not in untold}
    shifts = {
        name: (number // _PER_WORD, number % _PER_WORD * _BITS)
        for number, name in enumerate(columns)
    }
    words = [[0] * codes.size for _ in range(1 + (len(columns) - 1) // _PER_WORD)]
    for name, numbers in columns.items():
        word, shift = shifts[name]
        for number in numbers:
            words[word][number] += 1 << shift
    packed = tuple(map(tuple, words))
    filtered = {counts[events]: events for events in untold if events in counts}
    return EventPlan(codes.edges, filters, counts, shifts, packed, filtered, as_of, zone)


def _told_apart(
    wanted: Sequence[Events],
) -> tuple[dict[str | None, tuple[Condition, ...]], list[Events]]:
    """The filters that codes tell apart for each type, and the Events with another one."""
    types = dict.fromkeys(kind.type for events in wanted for kind in events.kinds if kind.type)
    told: dict[str | None, tuple[Condition, ...]] = {None: (), **dict.fromkeys(types, ())}
    untold = []
    for events in wanted:
        more = dict(told)
        for kind in events.kinds:
            if kind.where is not None:
                for name in more if kind.type is None else [kind.type]:
                    more[name] = tuple(dict.fromkeys((*more[name], kind.where)))
        if max(map(len, more.values())) <= MOST_FILTERS:
            told = more
        else:
            untold.append(events)
    return told, untold


@dataclass(frozen=True, slots=True)
class _Codes:
    """The numbers of the codes: 0, and then for each set of filters passed, for each type,
    and for each stretch of time the next one."""

    edges: tuple[int, ...]
    filters: dict[str | None, tuple[Condition, ...]]
    as_of: int
    zone: ZoneInfo | None

    @property
    def stretches(self) -> int:
        return len(self.edges) + 1

    @property
    def sets(self) -> int:
        return 1 << max(map(len, self.filters.values()))

    @property
    def size(self) -> int:
        return 1 + self.sets * len(self.filters) * self.stretches

    def number(self, passed: int, type_: int, stretch: int) -> int:
        return 1 + (passed * len(self.filters) + type_) * self.stretches + stretch

    def later(self) -> set[int]:
        """The codes of events after `as_of`."""
        first = self.edges.index(self.as_of + 1) + 1
        return {
            self.number(passed, type_, stretch)
            for passed in range(self.sets)
            for type_ in range(len(self.filters))
            for stretch in range(first, self.stretches)
        }

    def of(self, events: Events) -> set[int]:
        """The codes of the events that are counted."""
        interval = _interval(events, self.as_of, self.zone)
        assert interval.high is not None
        first = 0 if interval.low is None else self.edges.index(interval.low) + 1
        last = self.edges.index(interval.high)
        return {
            self.number(passed, type_, stretch)
            for passed in range(self.sets)
            for type_, (name, filters) in enumerate(self.filters.items())
            if any(
                kind.type in (None, name)
                and (kind.where is None or passed >> filters.index(kind.where) & 1)
                for kind in events.kinds
            )
            for stretch in range(first, last + 1)
        }


Judge = Callable[[Condition, Sql], Sql]
"""Writes a filter for what is seen in an event."""


def seen_column(plan: EventPlan, program: Program, events: Sql, used: Container[str]) -> Sql:
    """What is seen in each event: its instant, the first of the codes of its type (NULL when
    the reference must look at it), and those pieces of its properties that are `used`.

    A step of its own, because nothing inside a lambda can be given a name, and a piece
    that is needed twice would be worked out twice.
    """

    def look(event: Sql) -> Sql:
        pieces: dict[str, Sql] = {}
        sound: list[Sql] = []
        for number, field in enumerate(program.properties):
            raw = cast(member(event, field.path[0]), "VARCHAR")
            found: dict[str, Sql] = {}

            def keep(layer: int, name: str, piece: Sql, found: dict[str, Sql] = found) -> Sql:
                found[name] = piece
                return piece

            bad = read_value(field, raw, plan.zone, keep).bad
            # As CASEs, because most events do not have most properties.
            there = has_value(raw)
            sound.append(case([(there, no(bad))], TRUE))
            named = {f"{name}{number}": piece for name, piece in found.items()}
            pieces |= {name: case([(there, named[name])]) for name in named if name in used}
        type_ = cast(member(event, program.shape.type), "VARCHAR")
        first = _first_code(plan, type_)
        if sound:
            first = case([(both(*sound), first)])
        micros = instant_us(member(event, program.shape.at), plan.zone)
        return struct({"m": micros, "c": first} | pieces)

    return each(events, look, "e")


def seen_value(program: Program, field: Field, seen: Sql) -> Value:
    """A property, out of what is seen in an event."""
    number = program.properties.index(field)

    def keep(layer: int, name: str, piece: Sql) -> Sql:
        return member(seen, f"{name}{number}")

    return read_value(field, NULL, None, keep)


def used_pieces(columns: Iterable[Sql]) -> set[str]:
    """The names of pieces that some columns take out of what is seen, and maybe others."""
    return {literal.this for column in columns for literal in column.find_all(exp.Literal)}


def seen_pieces(seen: Sql) -> set[str]:
    """The names of the members of what is seen."""
    return {pair.this.name for pair in seen.find_all(exp.PropertyEQ)}


def code_column(plan: EventPlan, seen: Sql, judge: Judge) -> Sql:
    """The codes of a list of events."""

    def code(event: Sql) -> Sql:
        micros = member(event, "m")
        reached = [_flag(binary(">=", micros, num(_micros(edge)))) for edge in plan.edges]
        numbers = [member(event, "c"), *_passed(plan, event, judge), *reached]
        return call("coalesce", total(numbers), num(0))

    return each(seen, code, "x")


def _is_proper(type_: Sql) -> Sql:
    """Whether raw JSON is certainly a text that is not blank, by the letter behind its quote.

    Not when that is a backslash: an escape may be a blank.
    """
    return either(
        between(type_, text('"]'), text('"~')),
        both(binary(">=", type_, text('"#')), binary("<", type_, text('"\\'))),
        between(type_, text('"\u00c0'), text('"\u167f')),
        between(type_, text('"\u3041'), text('"\ufefe')),
    )


def _first_code(plan: EventPlan, type_: Sql) -> Sql:
    """The first code of a type; NULL when the reference must look at it."""
    if not plan.types:
        return case([(_is_proper(type_), num(1))])
    names = array([text(quote(name)) for name in plan.types])

    def code(spelled: Sql) -> Sql:
        step = num(len(plan.edges) + 1)
        place = call("list_position", names, spelled)
        return binary("+", binary("*", place, step), num(1))

    # Most types stand in the rules as they are spelled; only others are looked at closely.
    other = call("coalesce", code(call("nfc_normalize", type_)), num(1))
    return call("coalesce", code(type_), case([(_is_proper(type_), other)]))


def _passed(plan: EventPlan, event: Sql, judge: Judge) -> list[Sql]:
    """What the filters that an event passes add to its code."""
    stretches = len(plan.edges) + 1
    first = member(event, "c")

    def added(filters: tuple[Condition, ...]) -> Sql:
        flags = [_flag(call("coalesce", judge(where, event), FALSE)) for where in filters]
        step = len(plan.filters) * stretches
        return total([binary("*", flag, num(step << bit)) for bit, flag in enumerate(flags)])

    # As a CASE, so that a filter is only asked of events of its type.
    branches = []
    for filters in dict.fromkeys(filter(None, plan.filters.values())):
        places = [n for n, found in enumerate(plan.filters.values()) if found == filters]
        firsts = [num(1 + place * stretches) for place in places]
        branches.append((one_of(first, firsts), added(filters)))
    return [case(branches, num(0))] if branches else []


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


def _interval(events: Events, as_of: int, zone: ZoneInfo | None) -> Interval:
    """The interval that counts, which never goes past `as_of`."""
    found = Interval(None, None) if events.window is None else events.window.resolve(as_of, zone)
    high = as_of + 1 if found.high is None else min(found.high, as_of + 1)
    return Interval(found.low, high)


def _looked_up(codes: Sql, word: int) -> Sql:
    table = call("getvariable", text(table_name(word)))
    return each(codes, lambda code: at(table, binary("+", code, num(1))), "c")


def _micros(edge: int) -> int:
    return -(-edge // 1000)


def _flag(condition: Sql) -> Sql:
    return cast(condition, "INTEGER")
