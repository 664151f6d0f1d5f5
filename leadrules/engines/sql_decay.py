"""Decay in SQL: constant tables, indexed by age.

The tables are variables of the query: as literals they would take long to plan.
"""

from __future__ import annotations

from leadrules.engines.sql_build import Sql, at, binary, call, case, cast, is_null, num, text
from leadrules.engines.sql_hits import Hits
from leadrules.engines.sql_numbers import nearest
from leadrules.model import program as p
from leadrules.model.decay import WHOLE, rounded, shares, step


class Decays:
    """Writes what is left of points at an age, and keeps the tables that it needs."""

    def __init__(self, hits: Hits) -> None:
        self.hits = hits
        self.tables: dict[tuple[int, ...], str] = {}

    def age_of(self, pays: p.Once, decay: p.Decay) -> Sql:
        """The age in days of a rule that pays once; NULL when it does not age."""
        own = self.hits.youngest(pays.asks)
        if decay.since is None:
            return own
        return call("coalesce", self.hits.youngest([decay.since]), own)

    def age_at(self, event: Sql, decay: p.Decay) -> Sql:
        """The age in days of what one event pays."""
        own = self.hits.of(event, "age")
        if decay.since is None:
            return own
        return call("coalesce", self.hits.youngest([decay.since]), own)

    def left_of(self, decay: p.Decay, points: int, age: Sql) -> Sql:
        """What is left of constant points, at an age; all of them, without one."""
        if decay.kind == "loses points":
            # A table would have a row for each step, and the rules may ask for millions.
            return self.left(decay, num(points), age)
        table = tuple(rounded(points * share, WHOLE) for share in shares(decay))
        return case([(is_null(age), num(points))], self._looked_up(table, decay, age))

    def left(self, decay: p.Decay, amount: Sql, age: Sql) -> Sql:
        """What is left of points that are worked out, at an age; all, without one."""
        if decay.kind == "loses points":
            left = self.lost(decay, amount, age)
        else:
            left = nearest(binary("*", amount, self.share(decay, age)), WHOLE)
        return case([(is_null(age), amount)], left)

    def share(self, decay: p.Decay, age: Sql) -> Sql:
        """The ten-thousandths that are left at an age."""
        return self._looked_up(shares(decay), decay, age)

    def lost(self, decay: p.Decay, amount: Sql, age: Sql) -> Sql:
        """What `loses points` leaves of points that are worked out."""
        assert decay.amount is not None
        steps = cast(_steps(decay, age), "BIGINT")
        lost = binary("*", steps, num(decay.amount))
        return case(
            [
                (binary("<=", call("abs", amount), lost), num(0)),
                (binary("<", amount, num(0)), binary("+", amount, lost)),
            ],
            binary("-", amount, lost),
        )

    def _looked_up(self, table: tuple[int, ...], decay: p.Decay, age: Sql) -> Sql:
        name = self.tables.setdefault(table, f"leadrules_decay_{len(self.tables)}")
        place = binary("+", _steps(decay, age), num(1))
        return call("coalesce", at(call("getvariable", text(name)), place), num(0))


def _steps(decay: p.Decay, age: Sql) -> Sql:
    return age if step(decay) == 1 else binary("//", age, num(step(decay)))
