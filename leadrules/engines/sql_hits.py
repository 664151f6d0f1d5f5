"""Events one by one, in SQL: what each is like, which ones a rule means, what they tell.

Where a code and a counter are not enough (a property, an instant, many filters), the list
of the events that a rule means, its hits, is filtered out of all that was seen, and what a
condition asks of them (the last one, the sum of a property) is a fact: a column. Whoever
writes a condition asks here for hits and facts, each is written once, and only what was
asked for is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, assert_never

from leadrules.engines.sql_build import (
    FALSE,
    NULL,
    TRUE,
    Sql,
    at,
    between,
    binary,
    both,
    call,
    case,
    cast,
    col,
    each,
    each_at,
    either,
    is_null,
    member,
    no,
    num,
    only,
    struct,
    text,
)
from leadrules.engines.sql_days import local_day
from leadrules.engines.sql_events import EventPlan, seen_value
from leadrules.engines.sql_numbers import finite
from leadrules.engines.sql_values import Value
from leadrules.model import program as p
from leadrules.model.instant import DAY, MICROSECOND, SECOND

Judge = Callable[[p.Condition, Sql], Sql]

DATED = "dated"
DAY_US = DAY // MICROSECOND
_UNITS = {"days": DAY_US, "hours": 3600 * SECOND // MICROSECOND}

Member = Literal["number", "instant", "age", "day"]


class Hits:
    """Writes what single events are like, as far as others ask for it."""

    def __init__(self, program: p.Program, plan: EventPlan) -> None:
        self.program = program
        self.plan = plan
        self._members: dict[Member, None] = {}
        self._hits: dict[tuple[p.Events, p.Events | None], str] = {}
        self._facts: dict[object, tuple[str, Sql]] = {}

    # --- an event ------------------------------------------------------------------

    def of(self, event: Sql, name: Member) -> Sql:
        """What is known of an event: its instant in microseconds, its age in days, the day
        on which it lies in the ruleset's zone, its number in the list."""
        self._members[name] = None
        return member(event, name)

    def value(self, field: p.Field, event: Sql) -> Value:
        """The value of an event's property."""
        return seen_value(self.program, field, event)

    def identity(self, field: p.Field, event: Sql) -> Sql:
        """What tells a property's value from others; NULL when it is missing."""
        found = self.value(field, event)
        match field.type:
            case "text" | "text or list":
                assert found.folded is not None
                return found.folded
            case "list":
                assert found.folded_items is not None
                return found.folded_items
            case "anything":
                empty = binary("=", found.value, text("[]"))
                return case([(is_null(found.value), NULL)], empty)
            case _:
                return found.value

    def asks(self, name: Member) -> bool:
        """Whether someone needs this of an event."""
        return name in self._members

    # --- the events that are meant -------------------------------------------------

    def hits(self, events: p.Events, besides: p.Events | None = None) -> Sql:
        """The list of some events; without those that are also of others, `besides`."""
        return col(self._hits.setdefault((events, besides), f"h{len(self._hits)}"))

    def members(self, events: p.Events, name: Member) -> Sql:
        """The instants (or ages, …) of some events."""
        return each(self.hits(events), lambda event: self.of(event, name))

    # --- what they tell ------------------------------------------------------------

    def fact(self, key: object, make: Callable[[], Sql]) -> Sql:
        """A column for something that some events tell, made once for each key."""
        if key not in self._facts:
            value = make()
            self._facts[key] = (f"t{len(self._facts)}", value)
        return col(self._facts[key][0])

    def number(self, number: p.Aggregate | p.Distinct | p.Since) -> Sql:
        """A number that some events tell, as a DOUBLE; NULL when missing."""
        match number:
            case p.Aggregate():
                return self.fact(number, lambda: self._aggregate(number))
            case p.Distinct(property, events):
                values = each(self.hits(events), lambda event: self.identity(property, event))
                return self.fact(
                    number,
                    lambda: cast(call("coalesce", call("list_unique", values), num(0)), "DOUBLE"),
                )
            case p.Since(unit, which, events):
                end = "list_min" if which == "first" else "list_max"
                instant = call(end, self.members(events, "instant"))
                passed = cast(binary("-", num(self._us(self.plan.as_of)), instant), "DOUBLE")
                return self.fact(number, lambda: binary("/", passed, num(float(_UNITS[unit]))))
            case _:
                assert_never(number)

    def _aggregate(self, number: p.Aggregate) -> Sql:
        values = each(
            self.hits(number.events), lambda event: self.value(number.property, event).value
        )
        match number.kind:
            case "min" | "max":
                return call(f"list_{number.kind}", values)
            case "sum":
                return finite(call("coalesce", call("list_sum", values), num(0.0)))
            case "average":
                many = cast(call("list_count", values), "DOUBLE")
                return finite(binary("/", call("list_sum", values), many))

    def youngest(self, asked: Sequence[p.Events]) -> Sql:
        """The age in days of the latest of some events; NULL when there is none."""
        ages = [call("list_min", self.members(events, "age")) for events in asked]
        if not ages:
            return NULL
        return self.fact(
            ("youngest", tuple(asked)), lambda: ages[0] if len(ages) == 1 else call("least", *ages)
        )

    def followed(self, condition: p.Followed) -> Sql:
        """Whether some event is followed by another one, or has not been."""
        return self.fact(condition, lambda: self._followed(condition))

    def _followed(self, condition: p.Followed) -> Sql:
        span = condition.span
        then = self.hits(condition.then)
        apart = _apart(condition.first, condition.then)

        def is_followed(event: Sql) -> Sql:
            start = self.of(event, "instant")

            def comes(other: Sql) -> Sql:
                instant = self.of(other, "instant")
                tests = [binary(">=", instant, start)]
                if span is not None:
                    tests.append(binary("<", instant, binary("+", start, num(_up(span)))))
                if not apart:
                    tests.append(binary("!=", self.of(other, "number"), self.of(event, "number")))
                return both(*tests)

            return _some(only(then, comes, "y"))

        def fits(event: Sql) -> Sql:
            if not condition.negated:
                return is_followed(event)
            assert span is not None
            due = self._us(self.plan.as_of - span)
            return both(binary("<=", self.of(event, "instant"), num(due)), no(is_followed(event)))

        return _some(only(self.hits(condition.first), fits))

    def none_after(self, condition: p.NoneAfter) -> Sql:
        """`no E for D since F`."""
        return self.fact(condition, lambda: self._none_after(condition))

    def _none_after(self, condition: p.NoneAfter) -> Sql:
        events, marker = condition.events, condition.marker
        others = each(self.hits(events, marker), lambda event: self.of(event, "instant"))
        last = call("list_max", self.members(marker, "instant"))
        since = self._us(condition.since.resolve(self.plan.as_of, self.plan.zone))
        return case(
            [
                (is_null(last), NULL),
                (binary(">=", call("list_max", others), last), FALSE),
                (binary("<=", last, num(since)), TRUE),
            ],
            NULL,
        )

    # --- the layers ----------------------------------------------------------------

    def dated(self, seen: Sql, codes: Sql, used: Iterable[str]) -> list[tuple[str, Sql]]:
        """The column of all events with their codes and ages, where one is needed, and with
        those pieces of their properties that are `used`."""
        if not self._hits:
            return []

        def look(event: Sql, place: Sql) -> Sql:
            micros = member(event, "m")
            made: dict[str, Sql] = {"code": at(codes, place)}
            for name in self._members:
                match name:
                    case "number":
                        made[name] = place
                    case "instant":
                        made[name] = micros
                    case "age":
                        past = binary("-", num(self._us(self.plan.as_of)), micros)
                        made[name] = binary("//", past, num(DAY_US))
                    case "day":
                        made[name] = local_day(micros, self.plan.zone)
                    case _:
                        assert_never(name)
            return struct(made | {name: member(event, name) for name in sorted(used)})

        return [(DATED, each_at(seen, look, "e", "i"))]

    def hit_columns(self, judge: Judge) -> list[tuple[str, Sql]]:
        """The lists of events that were asked for."""
        return [
            (name, only(col(DATED), lambda e, w=wanted, b=besides: self._is(w, b, e, judge)))  # type: ignore[misc]
            for (wanted, besides), name in self._hits.items()
        ]

    def fact_columns(self) -> list[tuple[str, Sql]]:
        """What the lists tell, as far as it was asked for."""
        return list(self._facts.values())

    def _is(self, wanted: p.Events, besides: p.Events | None, event: Sql, judge: Judge) -> Sql:
        fits = self._fits(wanted, event, judge)
        if besides is None:
            return fits
        return both(fits, no(call("coalesce", self._fits(besides, event, judge), FALSE)))

    def _fits(self, wanted: p.Events, event: Sql, judge: Judge) -> Sql:
        """Whether an event is among some; `judge` writes a filter that codes do not tell."""
        code = member(event, "code")
        told: set[int] = set()
        tests = []
        for kind in wanted.kinds:
            codes = self.plan.codes(kind, wanted.window)
            if self.plan.tells(kind):
                told |= codes
            else:
                assert kind.where is not None
                # As a CASE, so that the filter is only asked of events of its type.
                tests.append(case([(_is_among(code, codes), judge(kind.where, event))], FALSE))
        return either(*([_is_among(code, told)] if told else []), *tests)

    def _us(self, instant: int) -> int:
        return instant // MICROSECOND


def _apart(events: p.Events, others: p.Events) -> bool:
    """Whether no event can be among both, by its type."""
    types = [kind.type for kind in events.kinds]
    return None not in types and not any(kind.type in (*types, None) for kind in others.kinds)


def _is_among(code: Sql, numbers: set[int]) -> Sql:
    """Whether a code is one of some, which mostly follow each other."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return either(*(between(code, num(low), num(high)) for low, high in runs))


def _some(list_: Sql) -> Sql:
    return call("coalesce", binary(">", call("len", list_), num(0)), FALSE)


def _up(nanoseconds: int) -> int:
    return -(-nanoseconds // MICROSECOND)
