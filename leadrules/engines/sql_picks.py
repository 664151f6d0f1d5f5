"""Which events count for a rule, in SQL, and what they earn together.

Where counting is not enough (points that are worked out, decay, `spaced`, …) a rule has a
list of the events that may count, earliest first, and goes through it once: what has been
counted so far is a struct that says all that the next decision needs.
"""

from __future__ import annotations

from collections.abc import Iterator

from leadrules.engines.sql_build import (
    FALSE,
    NULL,
    TRUE,
    Sql,
    array,
    binary,
    both,
    call,
    case,
    cast,
    col,
    each,
    either,
    has_value,
    is_null,
    member,
    no,
    num,
    only,
    reduce,
    struct,
    text,
)
from leadrules.engines.sql_conditions import Conditions
from leadrules.engines.sql_decay import Decays
from leadrules.engines.sql_numbers import hundredths, nearest
from leadrules.model import program as p
from leadrules.model.decay import WHOLE
from leadrules.model.instant import MICROSECOND

# From 1970-01-01 back to a Monday: the first day of the year 1.
_TO_MONDAY = 719_162
_TYPES = {
    "number": "DOUBLE",
    "whole": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "BIGINT",
    "list": "VARCHAR[]",
    "anything": "BOOLEAN",
}


class Picking:
    """Writes which events count."""

    def __init__(self, conditions: Conditions, decays: Decays) -> None:
        self.conditions = conditions
        self.decays = decays
        self.hits = conditions.hits

    def is_listed(self, rule: p.PointsRule) -> bool:
        """Whether a rule needs a list of its events, not only their number."""
        if not isinstance(rule.pays, p.Each):
            return False
        only_most = rule.pays.picks == p.Picks(most=rule.pays.picks.most)
        return not (only_most and isinstance(rule.points, int) and rule.decay is None)

    def is_picked(self, rule: p.PointsRule) -> bool:
        """Whether the list has to be gone through from the earliest event on."""
        return self.is_listed(rule) and _each(rule).picks != p.Picks()

    def listed(self, rule: p.PointsRule) -> Sql:
        """The events that may count; earliest first, where that matters."""
        pays = _each(rule)
        hits = self.hits.hits(pays.events)

        def look(event: Sql) -> Sql:
            made = {}
            if self.is_picked(rule):
                # In this order: the list is sorted by it.
                made["instant"] = self.hits.of(event, "instant")
                made["number"] = self.hits.of(event, "number")
            if rule.decay is not None:
                made["age"] = self.hits.of(event, "age")
            if pays.picks.per:
                made["day"] = self.hits.of(event, "day")
            for number, property in enumerate(pays.picks.distinct):
                made[f"x{number}"] = self.hits.identity(property, event)
            if not isinstance(rule.points, int):
                made["amount"] = hundredths(self.conditions.number(rule.points, event))
            return struct(made)

        found = each(hits, look)
        if not isinstance(rule.points, int):
            found = only(found, lambda event: has_value(member(event, "amount")))
        return call("list_sort", found) if self.is_picked(rule) else found

    def picked(self, rule: p.PointsRule, listed: Sql) -> Sql:
        """What comes of going through them: how many count, and what they bring."""
        picks = _each(rule).picks
        decay = rule.decay
        start = {"counted": cast(num(0), "BIGINT")}
        if picks.spaced is not None:
            start["last"] = cast(NULL, "BIGINT")
        for number, _ in enumerate(picks.per):
            start[f"period{number}"] = cast(NULL, "INTEGER")
            start[f"in{number}"] = cast(num(0), "INTEGER")
        for number, property in enumerate(picks.distinct):
            kind = _TYPES.get(property.type, "VARCHAR")
            start[f"seen{number}"] = cast(array([]), f"{kind}[]")
        if not isinstance(rule.points, int):
            start["earned"] = cast(num(0), "BIGINT")
        if decay is not None:
            start["left"] = cast(num(0), "BIGINT")

        def step_(so_far: Sql, event: Sql) -> Sql:
            following = {"counted": binary("+", member(so_far, "counted"), num(1))}
            tests = []
            if picks.most is not None:
                tests.append(binary("<", member(so_far, "counted"), num(picks.most)))
            if picks.spaced is not None:
                last, instant = member(so_far, "last"), member(event, "instant")
                gap = num(-(-picks.spaced // MICROSECOND))
                tests.append(either(is_null(last), binary(">=", instant, binary("+", last, gap))))
                following["last"] = instant
            for number, (most, period) in enumerate(picks.per):
                here = _period(member(event, "day"), period)
                same = binary("=", member(so_far, f"period{number}"), here)
                among = member(so_far, f"in{number}")
                room = either(no(same), binary("<", among, num(most)))
                tests.append(call("coalesce", room, TRUE))
                following[f"period{number}"] = here
                following[f"in{number}"] = cast(
                    case([(same, binary("+", among, num(1)))], num(1)), "INTEGER"
                )
            for number, _ in enumerate(picks.distinct):
                value, known = member(event, f"x{number}"), member(so_far, f"seen{number}")
                tests.append(has_value(value))
                tests.append(no(call("list_contains", known, value)))
                following[f"seen{number}"] = call("list_append", known, value)
            if not isinstance(rule.points, int):
                sum_ = binary("+", member(so_far, "earned"), member(event, "amount"))
                following["earned"] = sum_
            if decay is not None:
                following["left"] = cast(
                    binary("+", member(so_far, "left"), self._left_of(rule, decay, event)), "BIGINT"
                )
            return case([(both(*tests), struct(following))], so_far)

        return reduce(listed, struct(start), step_)

    def unsure(self, rule: p.PointsRule, number: int) -> Iterator[Sql]:
        """Whether there is an event of which the day is not known."""
        if isinstance(rule.pays, p.Each) and rule.pays.picks.per:
            odd = only(col(f"a{number}"), lambda event: is_null(member(event, "day")))
            yield call("coalesce", binary(">", call("len", odd), num(0)), FALSE)

    def counted(self, rule: p.PointsRule, number: int) -> Sql:
        """How many events count."""
        if self.is_picked(rule):
            found = member(col(f"z{number}"), "counted")
        else:
            found = call("len", col(f"a{number}"))
        return call("coalesce", found, num(0))

    def earned(self, rule: p.PointsRule, number: int) -> Sql:
        """What they earn, where that is worked out for each."""
        if self.is_picked(rule):
            found = member(col(f"z{number}"), "earned")
        else:
            found = call("list_sum", each(col(f"a{number}"), lambda x: member(x, "amount")))
        return cast(call("coalesce", found, num(0)), "BIGINT")

    def left(self, rule: p.PointsRule, decay: p.Decay, number: int) -> Sql:
        """What decay leaves of that."""
        if self.is_picked(rule):
            found = member(col(f"z{number}"), "left")
        else:
            found = call(
                "list_sum", each(col(f"a{number}"), lambda x: self._left_of(rule, decay, x))
            )
        found = cast(call("coalesce", found, num(0)), "BIGINT")
        return found if decay.kind == "loses points" else nearest(found, WHOLE)

    def _left_of(self, rule: p.PointsRule, decay: p.Decay, event: Sql) -> Sql:
        """What decay leaves of what one event pays, in ten-thousandths of hundredths; of
        `loses points`, in hundredths."""
        age = self.decays.age_at(event, decay)
        points = rule.points
        if decay.kind == "loses points":
            if isinstance(points, int):
                return self.decays.left_of(decay, points, age)
            return self.decays.lost(decay, member(event, "amount"), age)
        amount = num(points) if isinstance(points, int) else member(event, "amount")
        return binary("*", cast(amount, "BIGINT"), self.decays.share(decay, age))


def _period(day: Sql, period: p.Period) -> Sql:
    """What tells a day, a week or a month from others."""
    if period == "day":
        return day
    if period == "week":
        return binary("//", binary("+", day, num(_TO_MONDAY)), num(7))
    there = binary("+", cast(text("1970-01-01"), "DATE"), day)
    year, month = call("year", there), call("month", there)
    return cast(binary("+", binary("*", year, num(12)), month), "INTEGER")


def _each(rule: p.PointsRule) -> p.Each:
    assert isinstance(rule.pays, p.Each)
    return rule.pays
