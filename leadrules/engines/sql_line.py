"""The finished line of a lead, in SQL, as model.verdict.line writes it."""

from __future__ import annotations

from collections.abc import Sequence

from leadrules.engines.reference import limited
from leadrules.engines.sql_build import Sql, binary, call, case, cast, col, either, num, text
from leadrules.engines.sql_points import Points
from leadrules.model import program as p
from leadrules.model.verdict import Paid, paid, points, quote

# How many rules share a column.
GROUP = 6


class Line:
    """Writes the line, out of the columns for rules, blocks, score and labels."""

    def __init__(self, program: p.Program, points: Points) -> None:
        self.program = program
        self.points = points
        self.groups = self._groups()

    def pieces(self) -> list[Sql]:
        """The pieces of a finished line, as model.verdict.line writes it."""
        pieces: list[Sql] = [
            text('{"id":'),
            col("name"),
            text(',"score":'),
            self.shown(col("score")),
        ]
        scores = [
            (block.name, number)
            for number, block in enumerate(self.program.blocks)
            if block.name is not None
        ]
        for place, (name, number) in enumerate(scores):
            start = ',"scores":{' if place == 0 else ","
            pieces += [text(f"{start}{quote(name)}:"), self.shown(self.points.block(number))]
        if scores:
            pieces.append(text("}"))
        reasons = []
        for number, dimension in enumerate(self.program.dimensions):
            labels = ["null", *(quote(rule.label) for rule in dimension.rules)]
            pieces += [text(f",{quote(dimension.name)}:"), _chosen(labels, f"d{number}")]
            if any(rule.reason is not None for rule in dimension.rules):
                said = [
                    "" if rule.reason is None else f",{quote(dimension.name)}:{quote(rule.reason)}"
                    for rule in dimension.rules
                ]
                reasons.append(_chosen(["", *said], f"d{number}"))
        if reasons:
            joined = call("concat", *reasons)
            some = call("concat", text(',"reasons":{'), call("substr", joined, num(2)), text("}"))
            pieces.append(case([(binary("!=", joined, text("")), some)], text("")))
        pieces.append(text(',"fired":['))
        if self.groups:
            joined = call("concat", *(col(name) for name, _ in self.groups))
            pieces.append(call("substr", joined, num(2)))
        return [*pieces, text("]}\n")]

    def _groups(self) -> list[tuple[str, Sql]]:
        """The items of `fired`, each behind a comma, some in one text.

        Most rules do not fire for most leads. A group in which none did costs one test; if
        all were joined at once, each of them would cost a piece to join.
        """
        items: list[tuple[Sql, Sql]] = []
        for number, (block, rules) in enumerate(self.points.blocks()):
            items += [self.item(n, rule) for n, rule in rules]
            items += self.limit_items(number, block)
        columns = []
        for start in range(0, len(items), GROUP):
            group = items[start : start + GROUP]
            some = either(*(there for there, _ in group))
            joined = call("concat", *(case([item], text("")) for item in group))
            columns.append((f"g{start // GROUP}", case([(some, joined)], text(""))))
        return columns

    def item(self, number: int, rule: p.PointsRule) -> tuple[Sql, Sql]:
        """Whether a rule is in `fired`, and how."""
        fires = col(f"r{number}")
        if isinstance(rule.pays, p.Once):
            allowed, limit = limited(rule.points, rule.limits)
            earned = None if limit is None else rule.points
            whole = paid(Paid(rule.name, allowed, limit, earned, rule.reason))
            return fires, text("," + whole)
        pieces = [
            text(f',{{"rule":{quote(rule.name)},"points":'),
            self.shown(self.points.paid(number, rule)),
        ]
        limits = self.limit_texts(col(f"e{number}"), rule.limits)
        if limits is not None:
            pieces.append(limits)
        end = "}" if rule.reason is None else f',"reason":{quote(rule.reason)}}}'
        return binary("!=", fires, num(0)), call("concat", *pieces, text(end))

    def limit_items(self, number: int, block: p.Block) -> list[tuple[Sql, Sql]]:
        """Whether the limits of a block took or gave something, and how that is in `fired`."""
        if block.name is None:
            return []
        earned = col(f"b{number}")
        limits = self.limit_texts(earned, block.limits)
        if limits is None:
            return []
        difference = binary("-", self.points.block(number), earned)
        item = call(
            "concat",
            text(f',{{"rule":{quote(block.name)},"points":'),
            self.shown(difference),
            limits,
            text("}"),
        )
        return [(binary("!=", difference, num(0)), item)]

    def limit_texts(self, earned: Sql, limits: p.Limits) -> Sql | None:
        """The limit that acted and what was earned, or an empty text; None without limits."""
        branches = []
        for operator, word, value in ((">", "max", limits.high), ("<", "min", limits.low)):
            if value is not None:
                said = text(f',"limit":{quote(f"{word} {points(value)}")},"earned":')
                acted = binary(operator, earned, num(self.points.in_units(value)))
                branches.append((acted, call("concat", said, self.shown(earned))))
        return case(branches, text("")) if branches else None

    def shown(self, amount: Sql) -> Sql:
        """Points as model.verdict.points writes them."""
        if self.points.unit == 1:
            return cast(amount, "VARCHAR")
        size = call("abs", amount)
        rest = binary("%", size, num(100))
        decimals = call("rtrim", call("lpad", cast(rest, "VARCHAR"), num(2), text("0")), text("0"))
        sign = case([(binary("<", amount, num(0)), text("-"))], text(""))
        points = cast(binary("//", size, num(100)), "VARCHAR")
        in_full = call("concat", sign, points, text("."), decimals)
        whole = cast(binary("//", amount, num(100)), "VARCHAR")
        return case([(binary("=", binary("%", amount, num(100)), num(0)), whole)], in_full)


def _chosen(texts: Sequence[str], column: str) -> Sql:
    """The text whose number, from 0, stands in a column."""
    branches = [(binary("=", col(column), num(n)), text(t)) for n, t in enumerate(texts)]
    return case(branches[1:], text(texts[0])) if len(branches) > 1 else text(texts[0])
