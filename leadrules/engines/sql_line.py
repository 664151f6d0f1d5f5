"""The finished line of a lead, in SQL, as model.verdict.line writes it."""

from __future__ import annotations

from collections.abc import Sequence

from leadrules.engines.reference import limited
from leadrules.engines.sql_build import Sql, binary, call, case, cast, col, num, text
from leadrules.engines.sql_points import Points
from leadrules.model import program as p
from leadrules.model.verdict import Paid, paid, points, quote


class Line:
    """Writes the line, out of the columns for rules, blocks, score and labels."""

    def __init__(self, program: p.Program, points: Points) -> None:
        self.program = program
        self.points = points

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
        pieces += [text(',"fired":['), call("substr", self.fired(), num(2)), text("]}\n")]
        return pieces

    def fired(self) -> Sql:
        """The items of `fired`, each behind a comma."""
        items: list[Sql] = []
        for number, (block, rules) in enumerate(self.points.blocks()):
            items += [self.item(n, rule) for n, rule in rules]
            items += self.limit_items(number, block)
        return call("concat", *items) if items else text("")

    def item(self, number: int, rule: p.PointsRule) -> Sql:
        """One rule in `fired`, or an empty text when it did not fire."""
        fires = col(f"r{number}")
        if isinstance(rule.pays, p.Once):
            allowed, limit = limited(rule.points, rule.limits)
            earned = None if limit is None else rule.points
            whole = paid(Paid(rule.name, allowed, limit, earned, rule.reason))
            return case([(fires, text("," + whole))], text(""))
        pieces = [
            text(f',{{"rule":{quote(rule.name)},"points":'),
            self.shown(self.points.paid(number, rule)),
        ]
        limits = self.limit_texts(col(f"e{number}"), rule.limits)
        if limits is not None:
            pieces.append(limits)
        end = "}" if rule.reason is None else f',"reason":{quote(rule.reason)}}}'
        whole_item = call("concat", *pieces, text(end))
        return case([(binary("=", fires, num(0)), text(""))], whole_item)

    def limit_items(self, number: int, block: p.Block) -> list[Sql]:
        """What the limits of a block took or gave, in `fired`."""
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
        return [case([(binary("!=", difference, num(0)), item)], text(""))]

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
        whole = cast(amount, "VARCHAR")
        if self.points.unit == 1:
            return whole
        size = call("abs", amount)
        rest = binary("%", size, num(100))
        decimals = call("rtrim", call("lpad", cast(rest, "VARCHAR"), num(2), text("0")), text("0"))
        sign = case([(binary("<", amount, num(0)), text("-"))], text(""))
        return call(
            "concat",
            sign,
            cast(binary("//", size, num(100)), "VARCHAR"),
            case([(binary("=", rest, num(0)), text(""))], call("concat", text("."), decimals)),
        )


def _chosen(texts: Sequence[str], column: str) -> Sql:
    """The text whose number, from 0, stands in a column."""
    branches = [(binary("=", col(column), num(n)), text(t)) for n, t in enumerate(texts)]
    return case(branches[1:], text(texts[0])) if len(branches) > 1 else text(texts[0])
