"""What gives points: rules, groups, choices, bands, score blocks; their limits and decay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import assert_never

from leadrules.meaning import reach
from leadrules.meaning.bands import rows_of
from leadrules.meaning.book import Book, Refused
from leadrules.meaning.decays import asked, decay
from leadrules.meaning.load import Report
from leadrules.meaning.lower import Lowering, Place
from leadrules.meaning.names import written
from leadrules.model import program as p
from leadrules.model import syntax as s
from leadrules.model.source import Source, Span
from leadrules.text.write import write

_MOST_POINTS = 1_000_000
# The limits that hold without a condition, by their kind, and where they stand.
Always = dict[str, tuple[int, Span]]


def _rules(items: Iterable[p.Item]) -> Iterator[p.PointsRule]:
    for item in items:
        if isinstance(item, p.PointsRule):
            yield item
        else:
            yield from _rules(item.items)


class Points:
    """Lowers what gives points in one file, and in one block: its decay is that of the
    rules that have none of their own."""

    def __init__(self, book: Book, source: Source) -> None:
        self.book = book
        self.source = source
        self.decay: p.Decay | None = None

    @property
    def report(self) -> Report:
        """Where findings go."""
        return self.book.notes.report

    def lowering(self, of_event: bool = False) -> Lowering:
        """Lowers one condition or term."""
        return Lowering(self.book, self.source, of_event=of_event)

    # --- blocks ------------------------------------------------------------------------

    def block(self, node: s.ScoreBlock) -> p.Block | None:
        """A score block; None when its guard has been refused."""
        limits = self.limits(node.limits)
        if node.decay is not None:
            self.decay = self.try_decay(node.decay)
        items = self.items(node.rules)
        if self.decay is not None and self.decay.since is None and node.decay is not None:
            self.check_fading(node, node.decay, items)
        self.decay = None
        when: p.Condition | None = None
        if node.when is not None:
            try:
                when = self.lowering().judge(node.when, "points")
            except Refused:
                return None
        block = p.Block(written(node.name), when, items, limits)
        self.book.notes.places.put(block, self.source, node)
        return block

    def check_fading(self, node: s.ScoreBlock, decay: s.Decay, items: tuple[p.Item, ...]) -> None:
        """Warns of a block whose decay is that of no rule in it."""
        rules = list(_rules(items))
        if rules and all(rule.decay is None for rule in rules):
            name, shown = written(node.name), write(decay)
            message = f"nothing in `{name}` fades: none of its rules asks for an event"
            help = f"leave `{shown}` out, or write `{shown} since last event`"
            self.report.warning("LR214", self.source, decay.span, message, help)

    def items(self, nodes: Iterable[s.Paying]) -> tuple[p.Item, ...]:
        """All that stands in a block, without what has been refused."""
        return tuple(item for item in map(self.item, nodes) if item is not None)

    def item(self, node: s.Paying) -> p.Item | None:
        """A rule, a band, a group or a choice; None when it has been refused, or is empty."""
        found = self.lowered(node)
        if found is not None:
            self.book.notes.places.put(found, self.source, node)
        return found

    def lowered(self, node: s.Paying) -> p.Item | None:
        """An item of some kind."""
        match node:
            case s.PointsRule():
                return self.rule(node)
            case s.Band():
                return self.band(node)
            case s.Group(title, limits, rules):
                lowered = self.limits(limits)
                items = self.items(rules)
                if len(items) == len(rules):
                    bounds = reach.of_items(items)
                    say = reach.words_for_group(bounds)
                    reach.check(limits, bounds, say, self.source, self.report)
                return p.Group(title.value, items, lowered) if items else None
            case s.Choice(kind, rules):
                items = self.items(rules)
                return p.Choice(kind, items) if items else None
            case _:
                assert_never(node)

    # --- rules -------------------------------------------------------------------------

    def rule(self, node: s.PointsRule) -> p.PointsRule | None:
        """A rule with points; None when it has been refused."""
        limits = self.limits(node.limits)
        each = isinstance(node.condition, s.Each)
        try:
            pays = self.pays(node.condition)
        except Refused:
            # The rest can be wrong too.
            self.try_points(node.points, each)
            return None
        points = self.try_points(node.points, each)
        if points is None:
            return None
        lowering = self.lowering()
        try:
            pays, ages = self.aged(node, pays)
        except Refused:
            return None
        reason = None if node.reason is None else node.reason.value
        name = lowering.name(node.condition)
        rule = p.PointsRule(name, pays, points, ages, limits, reason)
        if isinstance(node.points, s.Number):
            bounds, say = reach.of_rule(rule), reach.words_for_rule(node, node.points)
            reach.check(node.limits, bounds, say, self.source, self.report)
        return rule

    def pays(self, condition: s.Condition | s.Each) -> p.Once | p.Each:
        """For what a rule pays."""
        if not isinstance(condition, s.Each):
            return p.Once(self.lowering().judge(condition, "points"))
        lowering = self.lowering()
        events = lowering.events(condition.events)
        when = None if condition.when is None else lowering.judge(condition.when, "points")
        return p.Each(events, when, self.picks(condition, lowering))

    def aged(
        self, node: s.PointsRule, pays: p.Once | p.Each
    ) -> tuple[p.Once | p.Each, p.Decay | None]:
        """The decay of a rule, its own or that of its block, and what tells its age."""
        lowering = self.lowering()
        chosen = self.decay if node.decay is None else decay(node.decay, lowering)
        if chosen is None or isinstance(pays, p.Each):
            return pays, chosen
        ages = asked(pays.condition)
        if ages or chosen.since is not None:
            return p.Once(pays.condition, ages), chosen
        if node.decay is not None:
            lowering.refuse(
                "LR145",
                node.decay.span,
                "this rule asks for no event, so its points have no age",
                f"`{write(node.decay)} since last event` takes the age of the lead's last event"
                if node.decay.since is None
                else None,
            )
        return pays, None

    def try_decay(self, node: s.Decay) -> p.Decay | None:
        """A decay; None when it has been refused."""
        try:
            return decay(node, self.lowering())
        except Refused:
            return None

    def picks(self, node: s.Each, lowering: Lowering) -> p.Picks:
        """Which of its events an `each` pays for; each limit stands once."""
        distinct: list[p.Field] = []
        spaced: int | None = None
        per: dict[p.Period, int] = {}
        most: int | None = None
        for choice in node.choosing:
            match choice:
                case s.AtMost(count, period):
                    number = int(count.value)
                    if number < 1 or number != count.value:
                        lowering.refuse(
                            "LR146",
                            count.span,
                            "events are counted in whole numbers, from 1",
                            f"`at most 1{f' per {period}' if period else ''}`",
                        )
                    if (most is not None) if period is None else (period in per):
                        self.twice("at most" + (f" … per {period}" if period else ""), choice.span)
                    elif period is None:
                        most = number
                    else:
                        per[period] = number
                case s.Spaced(duration):
                    if spaced is not None:
                        self.twice("spaced", choice.span)
                    spaced = lowering.exact(duration, "`spaced`")
                case s.DistinctBy(property):
                    distinct.append(lowering.property(property, "text", mild=True))
                case _:
                    assert_never(choice)
        limits = tuple((number, period) for period, number in per.items())
        return p.Picks(tuple(distinct), spaced, limits, most)

    # --- points ------------------------------------------------------------------------

    def try_points(self, node: s.Number | s.Computed, each: bool = False) -> int | p.Number | None:
        """Points, in hundredths or as a calculation; None when they have been refused."""
        if isinstance(node, s.Number):
            return self.hundredths(node)
        notes = self.book.notes
        counted, before = notes.counted, len(notes.asked)
        lowering = self.lowering(of_event=each)
        try:
            found = lowering.number(node.term)
            self.lowering().check_asked(notes.asked[before:], "points", node.span)
            if each:
                lowering.only_the_event(counted, before, node.span)
        except Refused:
            return None
        return p.Arithmetic("-", p.Constant(0.0), found) if node.sign == "-" else found

    def hundredths(self, number: s.Number) -> int:
        """Points as whole hundredths."""
        if abs(number.value) > _MOST_POINTS:
            message = f"points lie between -{_MOST_POINTS:_} and {_MOST_POINTS:_}"
            self.report.error("LR134", self.source, number.span, message)
            return 0
        return int(number.value * Decimal(100))

    # --- bands -------------------------------------------------------------------------

    def band(self, node: s.Band) -> p.Item | None:
        """A band: the first of its rows that fits."""
        items: list[p.Item] = []
        for row in rows_of(node, self.lowering()):
            points = self.try_points(row.node.points)
            if points is None:
                continue
            ages = () if self.decay is None else asked(row.condition)
            aged = self.decay if ages or (self.decay and self.decay.since) else None
            reason = None if row.node.reason is None else row.node.reason.value
            pays = p.Once(row.condition, ages if aged else ())
            rule = p.PointsRule(row.name, pays, points, aged, (), reason)
            self.book.notes.places.put(rule, self.source, row.node)
            items.append(rule)
        return p.Choice("first", tuple(items)) if items else None

    # --- limits ------------------------------------------------------------------------

    def limits(
        self, nodes: Sequence[s.Limit], place: Place = "points", always: Always | None = None
    ) -> tuple[p.Limit, ...]:
        """`min` and `max`; one of each that always holds, and others under conditions.

        `always` has those that hold already, where several statements give them.
        """
        found: list[p.Limit] = []
        always = {} if always is None else always
        for node in nodes:
            points = self.hundredths(node.number)
            when: p.Condition | None = None
            if node.when is not None:
                try:
                    when = self.lowering().judge(node.when, place)
                except Refused:
                    continue
            elif node.kind in always:
                self.twice(node.kind, node.span)
                continue
            else:
                always[node.kind] = points, node.span
            limit = p.Limit(self.lowering().name(node), node.kind, points, when)
            self.book.notes.places.put(limit, self.source, node)
            found.append(limit)
        low, high = always.get("min"), always.get("max")
        if low is not None and high is not None and low[0] > high[0]:
            first, last = sorted((low[1], high[1]), key=lambda span: span.start)
            message = "the `min` is larger than the `max`"
            self.report.error("LR133", self.source, first.to(last), message, "swap the two numbers")
        return tuple(found)

    def twice(self, word: str, span: Span) -> None:
        """Reports what stands once already."""
        message = f"`{word}` is given twice"
        self.report.error("LR107", self.source, span, message, "keep one of the two")
