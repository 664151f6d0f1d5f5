"""Limits in SQL: what is left of some points, and which limit acted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from leadrules.engines.sql_build import NULL, Sql, binary, case, cast, col, num, text
from leadrules.model.program import Condition, Limit
from leadrules.model.verdict import quote


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of one thing, in units of points.

    `highs` and `lows` begin with the one that acts before the others. Where conditions
    have a say, the columns `…max` and `…min` hold the number of the one that acts, from 1.
    """

    key: str
    unit: int
    highs: tuple[Limit, ...]
    lows: tuple[Limit, ...]

    @property
    def fixed(self) -> bool:
        """Whether the same limits act for every lead."""
        return all(limit.when is None for limit in (*self.highs, *self.lows))

    def columns(self, judge: Callable[[Condition], Sql]) -> list[tuple[str, Sql]]:
        """Which limits act."""
        if self.fixed:
            return []
        return [
            (f"{self.key}{kind}", _first(limits, judge))
            for kind, limits in (("max", self.highs), ("min", self.lows))
            if limits
        ]

    def clamped(self, amount: Sql) -> Sql:
        """What is left of an amount."""
        branches = [(acted, value) for acted, value, _ in self._acts(amount)]
        return case(branches, amount) if branches else amount

    def keeps_zero(self) -> bool:
        """Whether no limit can make something of nothing."""
        return not self.lows and all(limit.points >= 0 for limit in self.highs)

    def said(self, amount: Sql) -> Sql | None:
        """How the limit that acts on an amount is listed; empty when none does, None
        when there is none."""
        branches = [(acted, said) for acted, _, said in self._acts(amount)]
        return case(branches, text("")) if branches else None

    def _acts(self, amount: Sql) -> list[tuple[Sql, Sql, Sql]]:
        """For each end: whether it acts on an amount, what is left then, its name."""
        high, low = self._value("max", self.highs), self._value("min", self.lows)
        found = []
        if high is not None:
            found.append((binary(">", amount, high), high, self._name("max", self.highs)))
        if low is not None:
            if high is not None:
                # Where they cross, the upper end wins.
                low = case([(binary("<", high, low), high)], low)
            found.append((binary("<", amount, low), low, self._name("min", self.lows)))
        return found

    def _value(self, kind: str, limits: Sequence[Limit]) -> Sql | None:
        if not limits:
            return None
        return self._chosen(kind, limits, [num(x.points * self.unit // 100) for x in limits])

    def _name(self, kind: str, limits: Sequence[Limit]) -> Sql:
        return self._chosen(kind, limits, [text(f',"limit":{quote(x.name)}') for x in limits])

    def _chosen(self, kind: str, limits: Sequence[Limit], values: Sequence[Sql]) -> Sql:
        if self.fixed:
            return values[0]
        number = col(f"{self.key}{kind}")
        branches = [(binary("=", number, num(n)), value) for n, value in enumerate(values, 1)]
        return case(branches, NULL)


def bounds(key: str, limits: Sequence[Limit], unit: int) -> Bounds:
    """Limits in the order in which they act: the smallest `max`, the greatest `min`."""
    highs = sorted((x for x in limits if x.kind == "max"), key=lambda x: x.points)
    lows = sorted((x for x in limits if x.kind == "min"), key=lambda x: -x.points)
    return Bounds(key, unit, tuple(highs), tuple(lows))


def _first(limits: Sequence[Limit], judge: Callable[[Condition], Sql]) -> Sql:
    branches = []
    default: Sql = num(0)
    for number, limit in enumerate(limits, 1):
        if limit.when is None:
            default = num(number)
            break
        branches.append((judge(limit.when), num(number)))
    return cast(case(branches, default) if branches else default, "USMALLINT")
