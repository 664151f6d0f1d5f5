"""The finished line of a lead, in SQL, as model.verdict.line writes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from leadrules.engines.reference import limited
from leadrules.engines.sql_build import (
    FALSE,
    TRUE,
    Sql,
    binary,
    both,
    call,
    case,
    cast,
    col,
    either,
    is_null,
    num,
    text,
)
from leadrules.engines.sql_conditions import block_column, item_column
from leadrules.engines.sql_labels import Labels, chosen
from leadrules.engines.sql_points import Placed, Points
from leadrules.model import program as p
from leadrules.model.verdict import Paid, paid, quote

# Whether something is listed in `fired`, and how, behind a comma.
Item = tuple[Sql, Sql]
# How many items of `fired` share a column.
GROUP = 6


class Line:
    """Writes the line, out of the columns for rules, blocks, score and labels."""

    def __init__(self, program: p.Program, points: Points, labels: Labels) -> None:
        self.program = program
        self.points = points
        self.labels = labels
        self.groups = self._groups()

    def excluded(self) -> Sql:
        """The line of a lead that is not scored; `aside` has the number of the reason."""
        reasons: list[Sql] = [text(""), *(text(quote(x.reason)) for x in self.program.exclusions)]
        return call(
            "concat",
            text('{"id":'),
            col("name"),
            text(',"excluded":'),
            chosen(reasons, "aside"),
            text("}\n"),
        )

    def frozen(self) -> Sql:
        """What stands behind yesterday's line of a lead that keeps it."""
        first = len(self.program.exclusions) + 1
        reasons = [
            (binary("=", col("aside"), num(number)), text(quote(aside.reason)))
            for number, aside in enumerate(self.program.freezes, first)
        ]
        return call("concat", text(',"frozen":'), case(reasons), text("}\n"))

    def pieces(self) -> list[Sql]:
        """The pieces of a finished line."""
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
            pieces += [text(f"{start}{quote(name)}:"), self.shown(col(block_column(number)))]
        if scores:
            pieces.append(text("}"))
        for number, dimension in enumerate(self.program.dimensions):
            pieces += [text(f",{quote(dimension.name)}:"), self.label(number)]
        pieces += self.checklists()
        pieces += _members("conflicts", self.conflicts())
        pieces += _members("reasons", self.reasons())
        pieces.append(text(',"fired":['))
        if self.groups:
            joined = call("concat", *(col(name) for name, _ in self.groups))
            pieces.append(_without_comma(joined))
        return [*pieces, text("]}\n")]

    # --- labels --------------------------------------------------------------------

    def label(self, number: int) -> Sql:
        """A label in quotes, or null."""
        if isinstance(self.program.dimensions[number], p.Dimension):
            labels = self.labels.numberings[number].labels
            return chosen([text("null"), *(text(quote(label)) for label in labels)], f"d{number}")
        whole = call("concat", text('"'), *self.letters(number), text('"'))
        return case([(binary("=", col(f"d{number}"), num(0)), text("null"))], whole)

    def letters(self, number: int) -> list[Sql]:
        """A label as it stands between the quotes, in pieces."""
        dimension = self.program.dimensions[number]
        if isinstance(dimension, p.Combination):
            parts = [self.labels.place(name) for name in dimension.dimensions]
            return [piece for part in parts for piece in self.letters(part)]
        labels = self.labels.numberings[number].labels
        return [chosen([text(""), *(text(quote(x)[1:-1]) for x in labels)], f"d{number}")]

    def reasons(self) -> Iterable[Sql]:
        """The reasons of labels, each behind a comma, or empty."""
        for number, dimension in enumerate(self.program.dimensions):
            if isinstance(dimension, p.Combination):
                continue
            reasons = [rule.reason for rule in dimension.rules]
            reasons += ["never falls"] * (len(self.labels.numberings[number].labels) - len(reasons))
            if any(reason is not None for reason in reasons):
                said = [
                    "" if reason is None else f",{quote(dimension.name)}:{quote(reason)}"
                    for reason in reasons
                ]
                yield chosen([text(""), *map(text, said)], f"d{number}")

    def conflicts(self) -> Iterable[Sql]:
        """The labels that are in conflict, each list behind a comma, or empty."""
        for number, dimension in enumerate(self.program.dimensions):
            truths = self.labels.truths(number)
            if len(truths) < 2:
                continue
            listed = call(
                "concat", *(case([(true, text(f",{quote(x)}"))], text("")) for x, true in truths)
            )
            whole = call(
                "concat",
                text(f",{quote(dimension.name)}:["),
                _without_comma(listed),
                text("]"),
            )
            yield case([(self.labels.in_conflict(number), whole)], text(""))

    def checklists(self) -> list[Sql]:
        """The items of the checklists, by what they are."""
        pieces: list[Sql] = []
        for number, checklist in enumerate(self.program.checklists):
            start = ',"checklists":{' if number == 0 else ","
            pieces.append(text(f"{start}{quote(checklist.name)}:{{"))
            for word, truth in (("met", TRUE), ("unmet", FALSE), ("unknown", None)):
                listed = []
                for place, (name, _) in enumerate(checklist.items):
                    item = col(item_column(number, place))
                    test = is_null(item) if truth is None else binary("=", item, truth)
                    listed.append(case([(test, text(f",{quote(name)}"))], text("")))
                comma = "" if word == "met" else ","
                pieces.append(text(f"{comma}{quote(word)}:["))
                if listed:
                    pieces.append(_without_comma(call("concat", *listed)))
                pieces.append(text("]"))
            pieces.append(text("}"))
        if pieces:
            pieces.append(text("}"))
        return pieces

    # --- points --------------------------------------------------------------------

    def _groups(self) -> list[tuple[str, Sql]]:
        """The items of `fired`, each behind a comma, some in one text.

        Most rules do not fire for most leads. A group in which none did costs one test; if
        all were joined at once, each of them would cost a piece to join.
        """
        points = self.points
        items: list[Item] = []
        for number, (block, placed) in enumerate(
            zip(self.program.blocks, points.blocks, strict=True)
        ):
            items += [self.item(x) for x in placed]
            limits = points.bounds_of_block(number)
            earned, left = col(f"b{number}"), col(block_column(number))
            items += self.limit_item(block.name or "", earned, left, limits.said(earned))
        if self.program.formula is not None:
            items.append(self.formula_item(self.program.formula))
        raw = points.raw_score()
        items += self.limit_item("total", raw, col("score"), points.bounds_of_total().said(raw))
        columns = []
        for start in range(0, len(items), GROUP):
            group = items[start : start + GROUP]
            some = either(*(there for there, _ in group))
            columns.append((f"fired{start // GROUP}", case([(some, _joined(group))], text(""))))
        return columns

    def item(self, placed: Placed) -> Item:
        """Whether an item fired, and all that is listed for it."""
        fired = self.points.fired(placed)
        match placed.item:
            case p.PointsRule():
                return fired, self.rule_item(placed, placed.item)
            case p.Choice():
                taken = [
                    (binary("=", col(f"g{placed.number}"), num(place)), self.item(x)[1])
                    for place, x in enumerate(placed.inner, 1)
                ]
                return fired, case(taken, text(""))
            case p.Group(title, _, _):
                earned, left = col(f"g{placed.number}"), col(f"p{placed.number}")
                said = self.points.bounds(placed).said(earned)
                items = [self.item(x) for x in placed.inner]
                return fired, _joined([*items, *self.limit_item(title, earned, left, said)])

    def rule_item(self, placed: Placed, rule: p.PointsRule) -> Sql:
        """A rule in `fired`, where it fired."""
        points = self.points
        if points.is_static(placed):
            assert isinstance(rule.points, int)
            allowed, limit = limited(rule.points, rule.limits)
            earned = None if limit is None else rule.points
            whole = paid(Paid(rule.name, allowed, limit, earned, rule.reason))
            return text("," + whole)
        pieces = [
            text(f',{{"rule":{quote(rule.name)},"points":'),
            self.shown(points.brings(placed)),
        ]
        if points.leaves_out(placed):
            pieces.append(self.counts(placed, rule))
        pieces += self.losses(placed, rule)
        end = "}" if rule.reason is None else f',"reason":{quote(rule.reason)}}}'
        return call("concat", *pieces, text(end))

    def counts(self, placed: Placed, rule: p.PointsRule) -> Sql:
        """How many events matched and how many counted, where that is not the same."""
        assert isinstance(rule.pays, p.Each)
        events = self.points.conditions.count(rule.pays.events)
        counted = col(f"r{placed.number}")
        said = call(
            "concat",
            text(',"events":'),
            cast(events, "VARCHAR"),
            text(',"counted":'),
            cast(counted, "VARCHAR"),
        )
        return case([(binary("!=", events, counted), said)], text(""))

    def losses(self, placed: Placed, rule: p.PointsRule) -> list[Sql]:
        """What decay and limits took from a rule's points."""
        earned, left = self.points.earnings(placed), self.points.decayed(placed)
        before = call("concat", text(',"earned":'), self.shown(earned))
        limits = self.points.bounds(placed).said(left)
        if rule.decay is None:
            if limits is None:
                return []
            brings = self.points.brings(placed)
            acted = binary("!=", brings, left)
            return [case([(acted, call("concat", before, limits))], text(""))]
        decays = binary("!=", earned, left)
        decay = text(f',"decay":{quote(rule.decay.name)}')
        if limits is None:
            return [case([(decays, call("concat", before, decay))], text(""))]
        acted = binary("!=", self.points.brings(placed), left)
        after = call("concat", text(',"decayed":'), self.shown(left))
        return [
            case(
                [
                    (both(decays, acted), call("concat", before, decay, after, limits)),
                    (decays, call("concat", before, decay)),
                    (acted, call("concat", before, limits)),
                ],
                text(""),
            )
        ]

    def limit_item(self, title: str, earned: Sql, left: Sql, said: Sql | None) -> list[Item]:
        """Whether the limits of something took or gave anything, and how that is listed."""
        if said is None:
            return []
        difference = binary("-", left, earned)
        item = call(
            "concat",
            text(f',{{"rule":{quote(title)},"points":'),
            self.shown(difference),
            text(',"earned":'),
            self.shown(earned),
            said,
            text("}"),
        )
        return [(binary("!=", left, earned), item)]

    def formula_item(self, formula: p.Formula) -> Item:
        """What the formula of the score made of the sum of the blocks."""
        made, added = col("formula"), col("added")
        item = call(
            "concat",
            text(',{"rule":"score","points":'),
            self.shown(binary("-", made, added)),
            text(',"earned":'),
            self.shown(added),
            text(f',"formula":{quote(formula.name)}}}'),
        )
        return binary("!=", made, added), item

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


def _joined(items: Sequence[Item]) -> Sql:
    """Those items that are there, one behind the other."""
    return call("concat", *(case([item], text("")) for item in items))


def _members(key: str, members: Iterable[Sql]) -> list[Sql]:
    """An object under a key, of members behind commas, where there is one."""
    found = list(members)
    if not found:
        return []
    joined = call("concat", *found)
    some = call("concat", text(f",{quote(key)}:{{"), _without_comma(joined), text("}"))
    return [case([(binary("!=", joined, text("")), some)], text(""))]


def _without_comma(joined: Sql) -> Sql:
    """Items that stand behind a comma each, without the first comma. No item begins with
    another one, and trimming is quicker than counting letters up to the end."""
    return call("ltrim", joined, text(","))
