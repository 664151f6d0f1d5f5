"""Points in SQL: what rules, groups, choices, blocks and the score come to.

Every rule gets columns, by its number N: `rN` whether it fires (for `each` how many events
count), `eN` what it earned, `fN` what decay left of it, `mN` what its limits left of that.
A rule that always pays the same needs the first only. Groups and choices get theirs
when all that is in them has: `oN` whether it fires, `gN` the sum of a group or the place of
what a choice took, `pN` what it brings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from leadrules.engines.reference import limited
from leadrules.engines.sql_build import (
    FALSE,
    Sql,
    array,
    binary,
    both,
    call,
    case,
    cast,
    col,
    either,
    has_value,
    num,
    total,
)
from leadrules.engines.sql_conditions import Conditions, block_column
from leadrules.engines.sql_decay import Decays
from leadrules.engines.sql_limits import Bounds, bounds
from leadrules.engines.sql_numbers import hundredths
from leadrules.engines.sql_picks import Picking
from leadrules.model import program as p
from leadrules.model.frozen import walk

Layer = list[tuple[str, Sql]]


@dataclass(frozen=True, slots=True)
class Placed:
    """An item and its number; rules have numbers of their own. `inner` is what it holds,
    `height` how deep that goes. `guard` is the number of a block with a condition."""

    item: p.Item
    number: int
    inner: tuple[Placed, ...]
    height: int
    guard: int | None


class Points:
    """Writes the points of a program.

    Points are whole hundredths; when all of them are whole points, whole points do:
    `unit` is how many units the query counts for one point.
    """

    def __init__(self, program: p.Program, conditions: Conditions, decays: Decays) -> None:
        self.program = program
        self.conditions = conditions
        self.decays = decays
        self.picking = Picking(conditions, decays)
        self.unit = conditions.unit
        self.blocks = list(_placed(program))
        self.rules = [placed for block in self.blocks for top in block for placed in _rules_in(top)]
        self.wide = sum(_size(placed.item) for placed in self.rules) * self.unit >= 1 << 31

    # --- layers --------------------------------------------------------------------

    def amounts(self) -> Layer:
        """Points that are worked out, lists of events that may count, guards, limits."""
        columns: Layer = []
        for number, block in enumerate(self.program.blocks):
            if block.when is not None:
                columns.append((f"guard{number}", self.truth(block.when)))
            columns += self.bounds_of_block(number).columns(self.conditions.judge)
        for placed in self.composites():
            columns += self.bounds(placed).columns(self.conditions.judge)
        for placed in self.rules:
            rule = _rule(placed)
            columns += self.bounds(placed).columns(self.conditions.judge)
            if isinstance(rule.pays, p.Each):
                if self.picking.is_listed(rule):
                    columns.append((f"a{placed.number}", self.picking.listed(rule)))
            elif not isinstance(rule.points, int):
                number_of = self.conditions.number(rule.points, None)
                columns.append((f"a{placed.number}", hundredths(number_of)))
        return columns

    def picked(self) -> Layer:
        """What comes of going through the events that may count."""
        return [
            (f"z{placed.number}", self.picking.picked(rule, col(f"a{placed.number}")))
            for placed in self.rules
            if self.picking.is_picked(rule := _rule(placed))
        ]

    def fires(self) -> Layer:
        """For each rule, how often it pays: a truth for one that pays once."""
        return [(f"r{placed.number}", self.times(placed)) for placed in self.rules]

    def times(self, placed: Placed) -> Sql:
        """How often a rule pays."""
        rule = _rule(placed)
        guards = [] if placed.guard is None else [col(f"guard{placed.guard}")]
        match rule.pays:
            case p.Once(condition):
                tests = [*guards, self.truth(condition)]
                if not isinstance(rule.points, int):
                    tests.append(has_value(col(f"a{placed.number}")))
                return both(*tests)
            case p.Each(events, when):
                if when is not None:
                    guards.append(self.truth(when))
                if self.picking.is_listed(rule):
                    count = self.picking.counted(rule, placed.number)
                else:
                    count = self.conditions.count(events)
                    most = rule.pays.picks.most
                    if most is not None:
                        count = case([(binary(">", count, num(most)), num(most))], count)
                return case([(both(*guards), count)], num(0)) if guards else count

    def earned(self) -> Layer:
        """What each rule earned, where it does not always earn the same."""
        columns: Layer = []
        for placed in self.rules:
            rule = _rule(placed)
            if isinstance(rule.pays, p.Each):
                number = placed.number
                if isinstance(rule.points, int):
                    points = num(self.in_units(rule.points))
                    columns.append((f"e{number}", binary("*", col(f"r{number}"), points)))
                else:
                    columns.append((f"e{number}", self.picking.earned(rule, number)))
            if rule.decay is not None:
                columns.append((f"f{placed.number}", self.left(placed, rule, rule.decay)))
        return columns

    def left(self, placed: Placed, rule: p.PointsRule, decay: p.Decay) -> Sql:
        """What decay leaves of a rule's points."""
        if isinstance(rule.pays, p.Each):
            return self.picking.left(rule, decay, placed.number)
        age = self.decays.age_of(rule.pays, decay)
        if isinstance(rule.points, int):
            return self.decays.left_of(decay, rule.points, age)
        return self.decays.left(decay, col(f"a{placed.number}"), age)

    def limited(self) -> Layer:
        """What the limits of each rule left, where it does not always leave the same."""
        columns: Layer = []
        for placed in self.rules:
            if self.is_static(placed):
                continue
            limits = self.bounds(placed)
            within = limits.clamped(self.decayed(placed))
            if _is_counted(_rule(placed)) and limits.fixed and limits.keeps_zero():
                columns.append((f"m{placed.number}", within))
            else:
                columns.append((f"m{placed.number}", case([(self.fired(placed), within)], num(0))))
        return columns

    def composed(self) -> Iterator[Layer]:
        """Groups and choices, from the inside out; two layers for each depth."""
        highest = max((placed.height for block in self.blocks for placed in block), default=0)
        for height in range(1, highest + 1):
            here = [placed for placed in self.composites() if placed.height == height]
            first: Layer = []
            second: Layer = []
            for placed in here:
                number = placed.number
                first.append((f"o{number}", either(*(self.fired(x) for x in placed.inner))))
                if isinstance(placed.item, p.Group):
                    first.append((f"g{number}", total([self.brings(x) for x in placed.inner])))
                    within = self.bounds(placed).clamped(col(f"g{number}"))
                    brings = case([(col(f"o{number}"), within)], num(0))
                else:
                    first.append((f"g{number}", self.choice(placed)))
                    brings = case(
                        [
                            (binary("=", col(f"g{number}"), num(place)), self.brings(x))
                            for place, x in enumerate(placed.inner, 1)
                        ],
                        num(0),
                    )
                second.append((f"p{number}", brings))
            yield first
            yield second

    def choice(self, placed: Placed) -> Sql:
        """Which of its items a choice takes, from 1; 0 for none."""
        assert isinstance(placed.item, p.Choice)
        if placed.item.kind == "first":
            taken = case(
                [(self.fired(x), num(place)) for place, x in enumerate(placed.inner, 1)], num(0)
            )
        else:
            brought = array([case([(self.fired(x), self.brings(x))]) for x in placed.inner])
            best = call("list_position", brought, call("list_max", brought))
            taken = call("coalesce", best, num(0))
        return cast(taken, "INTEGER")

    def added(self) -> Layer:
        """What each block earned before its limits."""
        return [
            (f"b{number}", self.sum([self.brings(placed) for placed in block]))
            for number, block in enumerate(self.blocks)
        ]

    def blocked(self) -> Layer:
        """What each block comes to."""
        columns: Layer = []
        for number, block in enumerate(self.program.blocks):
            within = self.bounds_of_block(number).clamped(col(f"b{number}"))
            if block.when is not None:
                within = case([(col(f"guard{number}"), within)], num(0))
            columns.append((block_column(number), within))
        return columns

    def summed(self) -> Layer:
        """The sum of the blocks, what the formula makes of them, and which limits act."""
        columns: Layer = [
            ("added", total([col(block_column(n)) for n, _ in enumerate(self.program.blocks)]))
        ]
        formula = self.program.formula
        if formula is not None:
            worked_out = hundredths(self.conditions.number(formula.number, None))
            columns.append(("formula", call("coalesce", worked_out, num(0))))
        return columns + self.bounds_of_total().columns(self.conditions.judge)

    def score(self) -> Layer:
        """The score."""
        return [("score", self.bounds_of_total().clamped(self.raw_score()))]

    # --- what the layers hold ------------------------------------------------------

    def fired(self, placed: Placed) -> Sql:
        """Whether an item fires."""
        if not isinstance(placed.item, p.PointsRule):
            return col(f"o{placed.number}")
        times = col(f"r{placed.number}")
        return times if isinstance(placed.item.pays, p.Once) else binary(">", times, num(0))

    def brings(self, placed: Placed) -> Sql:
        """What an item brings; 0 when it does not fire."""
        if not isinstance(placed.item, p.PointsRule):
            return col(f"p{placed.number}")
        if not self.is_static(placed):
            return col(f"m{placed.number}")
        assert isinstance(placed.item.points, int)
        amount = limited(placed.item.points, placed.item.limits)[0]
        return case([(col(f"r{placed.number}"), num(self.in_units(amount)))], num(0))

    def is_static(self, placed: Placed) -> bool:
        """Whether a rule always brings the same when it fires."""
        rule = _rule(placed)
        return (
            isinstance(rule.pays, p.Once)
            and isinstance(rule.points, int)
            and rule.decay is None
            and self.bounds(placed).fixed
        )

    def earnings(self, placed: Placed) -> Sql:
        """What a rule earned, without decay and limits."""
        rule = _rule(placed)
        if isinstance(rule.pays, p.Each):
            return col(f"e{placed.number}")
        if isinstance(rule.points, int):
            return num(self.in_units(rule.points))
        return col(f"a{placed.number}")

    def decayed(self, placed: Placed) -> Sql:
        """What decay left of it."""
        return self.earnings(placed) if _rule(placed).decay is None else col(f"f{placed.number}")

    def leaves_out(self, placed: Placed) -> bool:
        """Whether a rule may pay for fewer events than it matches."""
        rule = _rule(placed)
        return isinstance(rule.pays, p.Each) and (
            rule.pays.picks != p.Picks() or not isinstance(rule.points, int)
        )

    def raw_score(self) -> Sql:
        """The score before its limits."""
        return col("added" if self.program.formula is None else "formula")

    def bounds(self, placed: Placed) -> Bounds:
        """The limits of an item."""
        if isinstance(placed.item, p.Choice):
            return bounds("", (), self.unit)
        letter = "r" if isinstance(placed.item, p.PointsRule) else "g"
        return bounds(f"{letter}{placed.number}", placed.item.limits, self.unit)

    def bounds_of_block(self, number: int) -> Bounds:
        """The limits of a block."""
        return bounds(f"b{number}", self.program.blocks[number].limits, self.unit)

    def bounds_of_total(self) -> Bounds:
        """The limits of the score."""
        return bounds("total", self.program.total, self.unit)

    def composites(self) -> Iterator[Placed]:
        """All groups and choices."""
        for block in self.blocks:
            for placed in block:
                yield from _composites_in(placed)

    def truth(self, condition: p.Condition) -> Sql:
        """A condition, where unknown is as good as false."""
        return call("coalesce", self.conditions.judge(condition), FALSE)

    def unsure(self) -> Iterator[Sql]:
        """What makes a lead one that the reference has to look at."""
        for placed in self.rules:
            if isinstance(placed.item, p.PointsRule):
                yield from self.picking.unsure(placed.item, placed.number)

    def in_units(self, points: int) -> int:
        """Hundredths of a point in the unit that the query counts in."""
        return points * self.unit // 100

    def sum(self, amounts: Sequence[Sql]) -> Sql:
        """The sum of some amounts."""
        return total([cast(amount, "BIGINT") for amount in amounts] if self.wide else amounts)


def whole_points(program: p.Program) -> bool:
    """Whether nothing but whole points can come up."""
    if program.formula is not None:
        return False
    for node in walk((program.blocks, program.total)):
        match node:
            case p.PointsRule():
                if not isinstance(node.points, int) or node.points % 100 or node.decay is not None:
                    return False
            case p.Limit():
                if node.points % 100:
                    return False
    return True


def _placed(program: p.Program) -> Iterator[tuple[Placed, ...]]:
    rules = iter(range(1 << 30))
    others = iter(range(1 << 30))

    def place(item: p.Item, guard: int | None) -> Placed:
        if isinstance(item, p.PointsRule):
            return Placed(item, next(rules), (), 0, guard)
        inner = tuple(place(child, guard) for child in item.items)
        height = 1 + max((child.height for child in inner), default=0)
        return Placed(item, next(others), inner, height, guard)

    for number, block in enumerate(program.blocks):
        guard = None if block.when is None else number
        yield tuple(place(item, guard) for item in block.items)


def _rules_in(placed: Placed) -> Iterator[Placed]:
    if isinstance(placed.item, p.PointsRule):
        yield placed
    for inner in placed.inner:
        yield from _rules_in(inner)


def _composites_in(placed: Placed) -> Iterator[Placed]:
    if not isinstance(placed.item, p.PointsRule):
        for inner in placed.inner:
            yield from _composites_in(inner)
        yield placed


def _rule(placed: Placed) -> p.PointsRule:
    assert isinstance(placed.item, p.PointsRule)
    return placed.item


def _is_counted(rule: p.PointsRule) -> bool:
    """Whether a rule earns nothing when it does not fire."""
    return isinstance(rule.pays, p.Each) and isinstance(rule.points, int) and rule.decay is None


def _size(item: p.Item) -> int:
    """The most that a rule that pays once can bring, in points, to either side."""
    assert isinstance(item, p.PointsRule)
    amounts = [limit.points for limit in item.limits]
    amounts += [item.points] if isinstance(item.points, int) else []
    return max(map(abs, amounts), default=0) // 100 + 1
