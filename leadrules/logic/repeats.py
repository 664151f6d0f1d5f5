"""Rules that always pay together, and limits that never act or always do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from leadrules.logic.formula import subjects
from leadrules.logic.notebook import Notebook, line_of
from leadrules.logic.scores import before_total, of_group, together
from leadrules.meaning import reach
from leadrules.meaning.reach import Range
from leadrules.model import program as p
from leadrules.model import syntax as s
from leadrules.model.verdict import points
from leadrules.text.write import write

# Pairs of rules about the same fields and events, in one block.
_MOST_PAIRS = 2_000


class Repeats:
    """Looks through what pays."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.leads = notebook.leads

    def look(self) -> None:
        """Looks through all blocks, and at the limits of the total."""
        program = self.leads.program
        for block in program.blocks:
            self._items(block.items)
            self._limits(block.limits, together(block.items, self.leads), block.name or "score")
            self._fillers(block.items, block.limits)
        before = before_total(self.leads, self.leads.space.bounds)
        self._limits(program.total, before, "score")

    def _items(self, items: Sequence[p.Item]) -> None:
        """Looks through the items of a block or a group, of which all can pay."""
        self._pairs([item for item in items if isinstance(item, p.PointsRule)])
        for item in items:
            if isinstance(item, p.PointsRule):
                self._own_limits(item)
            elif isinstance(item, p.Group):
                self._items(item.items)
                self._limits(item.limits, of_group(item, self.leads), item.title)
                self._fillers(item.items, item.limits)
            else:
                for inner in item.items:
                    self._items([inner])

    # --- two rules -----------------------------------------------------------------

    def _pairs(self, rules: Sequence[p.PointsRule]) -> None:
        alike: dict[object, list[p.PointsRule]] = {}
        for rule in rules:
            if isinstance(rule.pays, p.Each):
                key: object = rule.pays
            else:
                true = self.leads.conditions.true(rule.pays.condition)
                everybody = self.leads.conditions.not_true(rule.pays.condition)
                if self.notebook.never(None, true) or self.notebook.never(None, everybody):
                    continue
                key = frozenset(subjects(true))
            alike.setdefault((key, rule.decay), []).append(rule)
        left = _MOST_PAIRS
        for found in alike.values():
            told: set[int] = set()
            for one, other in combinations(found, 2):
                left -= 1
                if left > 0 and id(other) not in told and self._pay_together(one, other):
                    told.add(id(other))
                    self._say_together(one, other)

    def _pay_together(self, one: p.PointsRule, other: p.PointsRule) -> bool:
        """Whether each of them pays for the leads of the other."""
        if isinstance(one.pays, p.Each) or isinstance(other.pays, p.Each):
            return one.pays == other.pays
        first, second = one.pays.condition, other.pays.condition
        if first == second:
            return True
        conditions = self.leads.conditions
        return all(
            self.notebook.never(
                self.notebook.places.own(other), conditions.true(a), conditions.not_true(b)
            )
            for a, b in ((first, second), (second, first))
        )

    def _say_together(self, one: p.PointsRule, other: p.PointsRule) -> None:
        first, second = self.notebook.places.own(one), self.notebook.places.own(other)
        if first is None or second is None:
            return
        line = line_of(first, second)
        if one.pays == other.pays and one.points == other.points:
            message, help = f"{line} says the same, and both pay", "keep one of the two"
        else:
            message = f"this rule pays for the same leads as {line}, and both pay"
            help = "keep one of the two, or let them ask for different things"
            plain = isinstance(one.points, int) and isinstance(other.points, int)
            if plain and not one.limits and not other.limits:
                whole = points(int(one.points) + int(other.points))  # type: ignore[arg-type]  # both are whole
                sign = "" if whole.startswith("-") else "+"
                help = f"if both are meant, one rule with {sign}{whole} says so"
        self.notebook.warn("LR306", second, message, help, first)

    # --- limits --------------------------------------------------------------------

    def _limits(self, limits: Iterable[p.Limit], bounds: Range, name: str) -> None:
        """Limits that no lead gets to. A `min 0` where nothing is taken away may stand there."""
        low, high = bounds
        for limit in limits:
            place = self.notebook.places.own(limit)
            if place is None:
                continue
            end = high if limit.kind == "max" else low
            if end is None or limit.points == 0 or self.leads.is_sketch:
                continue
            if limit.points > end if limit.kind == "max" else limit.points < end:
                most = "more" if limit.kind == "max" else "less"
                message = f"`{_shown(limit)}` never acts: no lead has {most} than {points(end)}"
                message += "" if name == "score" else f" in `{name}`"
                help = "choose another number, or leave it out"
                self.notebook.warn("LR310", place, message, help)

    def _own_limits(self, rule: p.PointsRule) -> None:
        """A limit of a rule that acts whenever the rule pays."""
        place = self.notebook.places.own(rule)
        worth = rule.points
        if place is None or not isinstance(worth, int) or rule.decay is not None or not worth:
            return
        node = place.node
        for limit in rule.limits:
            at = self.notebook.places.own(limit)
            if at is None or limit.when is not None or (limit.kind == "max") != (worth > 0):
                continue
            beyond = abs(worth) - abs(limit.points) if limit.points * worth >= 0 else 0
            each = isinstance(rule.pays, p.Each)
            if beyond < 0 or (beyond == 0 and not each):
                continue
            pays = ("+" if worth > 0 else "") + points(worth)
            left = ("+" if worth > 0 else "") + points(limit.points)
            help = f"write `{left}` without a limit"
            message = f"`{_shown(limit)}` always acts: this rule pays {pays}"
            if each:
                message = f"`{_shown(limit)}` is reached by the first event, which pays {pays}"
                help = _paid_once(node, left)
            self.notebook.warn("LR311", at, message, help)

    def _fillers(self, items: Sequence[p.Item], limits: Sequence[p.Limit]) -> None:
        """Rules that alone go beyond the `max` of what they stand in, where nothing is taken
        away again."""
        always = [x for x in limits if x.kind == "max" and x.when is None and x.points > 0]
        ranges = [reach.of_item(item) for item in items]
        if not always or any(low is None or low < 0 for low, _ in ranges):
            return
        most = always[0]
        limit = self.notebook.places.own(most)
        for item, (low, _) in zip(items, ranges, strict=True):
            place = self.notebook.places.own(item)
            single = isinstance(item, p.PointsRule) and isinstance(item.pays, p.Once)
            if single and place is not None and low is not None and low > most.points:
                message = f"this rule alone goes beyond `{_shown(most)}`"
                help = f"write `+{points(most.points)}`, or choose another limit"
                self.notebook.warn("LR311", place, message, help, limit)


def _shown(limit: p.Limit) -> str:
    return f"{limit.kind} {points(limit.points)}"


def _paid_once(node: s.PointsRule, left: str) -> str:
    """The line that pays for the first event only, if there is one."""
    condition = node.condition
    if isinstance(condition, s.Each) and not condition.choosing and condition.when is None:
        return f"`{write(condition.events)} {left}` pays once"
    return "choose another limit, or leave out `each`"
