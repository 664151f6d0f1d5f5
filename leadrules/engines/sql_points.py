"""Points in SQL: what rules and blocks pay within their limits."""

from __future__ import annotations

from leadrules.engines.reference import limited
from leadrules.engines.sql_build import Sql, binary, case, col, num
from leadrules.model import program as p


class Points:
    """Writes the points of a program's rules and blocks.

    Points are whole hundredths; when all of them are whole points, whole points do:
    `unit` is how many units the query counts for one point.
    """

    def __init__(self, program: p.Program) -> None:
        self.program = program
        self.unit = 1 if _whole_points(program) else 100

    def rules(self) -> list[tuple[int, p.PointsRule]]:
        """All points rules, numbered."""
        return list(enumerate(rule for block in self.program.blocks for rule in block.rules))

    def blocks(self) -> list[tuple[p.Block, list[tuple[int, p.PointsRule]]]]:
        """The blocks with their numbered rules."""
        numbered = iter(self.rules())
        return [(block, [next(numbered) for _ in block.rules]) for block in self.program.blocks]

    def paid(self, number: int, rule: p.PointsRule) -> Sql:
        """What a rule pays, within its limits."""
        fires = col(f"r{number}")
        if isinstance(rule.pays, p.Once):
            amount = self.in_units(limited(rule.points, rule.limits)[0])
            return case([(fires, num(amount))], num(0))
        within = self.clamped(col(f"e{number}"), rule.limits)
        if rule.limits.low is None and (rule.limits.high is None or rule.limits.high >= 0):
            return within
        return case([(binary("=", fires, num(0)), num(0))], within)

    def block(self, number: int) -> Sql:
        """What a block pays, within its limits."""
        return self.clamped(col(f"b{number}"), self.program.blocks[number].limits)

    def clamped(self, amount: Sql, limits: p.Limits) -> Sql:
        """An amount within limits."""
        branches = []
        if limits.high is not None:
            high = num(self.in_units(limits.high))
            branches.append((binary(">", amount, high), high))
        if limits.low is not None:
            low = num(self.in_units(limits.low))
            branches.append((binary("<", amount, low), low))
        return case(branches, amount) if branches else amount

    def in_units(self, hundredths: int) -> int:
        """Hundredths of a point in the unit that the query counts in."""
        return hundredths * self.unit // 100


def _whole_points(program: p.Program) -> bool:
    amounts = [
        amount
        for node in p.walk(program.blocks)
        if isinstance(node, p.PointsRule | p.Block)
        for amount in (
            node.limits.low,
            node.limits.high,
            node.points if isinstance(node, p.PointsRule) else 0,
        )
    ]
    return all(amount is None or amount % 100 == 0 for amount in amounts)
