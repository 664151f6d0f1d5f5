"""Leads that come as close as can be told to the lowest and the highest points there are.

Which rules fire is decided one after the other, those that bring most first. What a lead really
has must be scored: decay and picks among events are not looked at here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from leadrules.logic.formula import Formula, Undecided, every
from leadrules.logic.leads import Leads
from leadrules.logic.scores import of_item, surely, when_fires
from leadrules.logic.witness import MOST_EVENTS, Record, witness
from leadrules.meaning.compile import Meant
from leadrules.meaning.places import Place
from leadrules.meaning.reach import Range
from leadrules.model import program as p
from leadrules.model.frozen import Frozen

# Questions for one end of one score, and goals that may be put first after they were missed.
_MOST_QUESTIONS = 120
_MOST_AGAIN = 6


class End(Frozen):
    """An end of a score block, or of the score (None): its highest points or its lowest, in
    hundredths; no lead is beyond them. `place` is where that is said."""

    block: str | None
    highest: bool
    points: int
    place: Place


class _Goal(Frozen):
    """Something to come to: the first of some formulas that can be true. `worth` is how far the
    first leads, in hundredths. Goals that are `needed` come before all others."""

    ways: tuple[Formula, ...]
    worth: float = 0
    needed: bool = False


class Extremes:
    """The ends of the scores of a ruleset without errors, and leads that go towards them."""

    def __init__(self, meant: Meant, bounds: Mapping[str | None, Range]) -> None:
        assert meant.program is not None
        self.program = meant.program
        self.places = meant.places
        self.bounds = bounds
        self.often = _Often(self.program)
        self.leads = Leads(self.program, self.often.asked)
        self.leads.space.bounds |= bounds
        conditions = self.leads.conditions
        self.scored = [conditions.not_true(aside.condition) for aside in self.program.exclusions]

    def ends(self) -> Iterator[End]:
        """The ends there are, the lowest of a score before the highest."""
        last: Place | None = None
        for block in self.program.blocks:
            place = self.places.own(block)
            last = place or last
            if block.name is not None and place is not None:
                yield from self._ends(block.name, place)
        if last is not None:
            yield from self._ends(None, last)

    def _ends(self, block: str | None, place: Place) -> Iterator[End]:
        for highest, points in enumerate(self.bounds[block]):
            if points is not None:
                yield End(block, bool(highest), points, place)

    def leads_to(self, end: End) -> Iterator[Record]:
        """Records, as of `witness.AS_OF`, that go towards an end; the best may be any."""
        goals = sorted(self._goals(end), key=lambda goal: (not goal.needed, -goal.worth))
        enough = abs(end.points) if self.program.formula is None else math.inf
        search = _Search(self.leads, self.scored)
        yield from search.records(goals, enough)
        for missed in search.missed[:_MOST_AGAIN]:
            others = [goal for goal in goals if goal is not missed]
            yield from search.records([missed, *others], math.inf)

    # --- what to come to -----------------------------------------------------------

    def _goals(self, end: End) -> Iterator[_Goal]:
        blocks = self.program.blocks
        if end.block is not None:
            wanted = {block: end.highest for block in blocks if block.name == end.block}
        elif self.program.formula is None:
            wanted = dict.fromkeys(blocks, end.highest)
        else:
            rising = dict(_rising(self.program.formula.number, end.highest))
            wanted = {block: rising[block.name] for block in blocks if block.name in rising}
        if end.block is None:
            yield from self._of_limits(self.program.total, end.highest)
        for block, highest in wanted.items():
            goals = list(self._of_block(block, highest))
            bound = self.bounds.get(block.name, (None, None))[highest]
            if block.when is None:
                yield from goals
            elif bound == 0:
                yield _Goal((self.leads.conditions.not_true(block.when),), needed=True)
            else:
                yield _Goal((self.leads.conditions.true(block.when),), needed=True)
                yield from goals

    def _of_block(self, block: p.Block, highest: bool) -> Iterator[_Goal]:
        yield from self._of_limits(block.limits, highest)
        for item in block.items:
            yield from self._of_item(item, highest)

    def _of_limits(self, limits: Iterable[p.Limit], highest: bool) -> Iterator[_Goal]:
        """Limits under a condition that act, or do not."""
        for limit in limits:
            if limit.when is not None:
                acts = highest == (limit.kind == "min")
                conditions = self.leads.conditions
                truth = conditions.true if acts else conditions.not_true
                yield _Goal((truth(limit.when),))

    def _of_item(self, item: p.Item, highest: bool) -> Iterator[_Goal]:
        if isinstance(item, p.Choice):
            ways = sorted(self._ways(item), key=lambda way: -_worth(way, highest))
            yield _Goal(tuple(when for when, _ in ways), _worth(ways[0], highest))
            return
        if isinstance(item, p.Group):
            yield from self._of_limits(item.limits, highest)
            for inner in item.items:
                yield from self._of_item(inner, highest)
            return
        yield from self._of_limits(item.limits, highest)
        worth = _worth((self._fires(item), of_item(item, self.leads)), highest)
        if worth > 0:
            fires = self._fires(item), when_fires(item, self.leads)
            yield _Goal(tuple(dict.fromkeys(fires)), worth)
        else:
            yield _Goal((self.leads.conditions.opposite(when_fires(item, self.leads)),))

    def _ways(self, choice: p.Choice) -> Iterator[tuple[Formula, Range]]:
        """What can become of a choice: one of its items pays, or none."""
        opposite = self.leads.conditions.opposite
        silent = [opposite(when_fires(item, self.leads)) for item in choice.items]
        for number, item in enumerate(choice.items):
            above = zip(choice.items[:number], silent, strict=False)
            before = [formula for other, formula in above if surely(other)]
            yield every([self._fires(item), *before]), of_item(item, self.leads)
            if choice.kind == "best":
                alone = [*silent[:number], *silent[number + 1 :]]
                yield every([self._fires(item), *alone]), of_item(item, self.leads)
        yield every(silent), (0, 0)

    def _fires(self, item: p.Item) -> Formula:
        """When an item fires, with as many events as it pays for at most."""
        fires = when_fires(item, self.leads)
        often = self.often.of.get(id(item))
        return fires if often is None else every([self.leads.conditions.true(often), fires])


class _Often:
    """Of each rule that pays more with more, the condition that there is enough for the `max`
    of the rule, or of what it stands in; by the identity of the rule."""

    def __init__(self, program: p.Program) -> None:
        self.of: dict[int, p.Condition] = {}
        for block in program.blocks:
            limits = (*block.limits, *(program.total if program.formula is None else ()))
            self._look(block.items, limits)

    @property
    def asked(self) -> Iterable[p.Condition]:
        """The conditions."""
        return self.of.values()

    def _look(self, items: Iterable[p.Item], limits: Sequence[p.Limit]) -> None:
        for item in items:
            if not isinstance(item, p.PointsRule):
                own = item.limits if isinstance(item, p.Group) else ()
                self._look(item.items, (*own, *limits))
                continue
            wanted = self._enough(item, item.limits) or self._enough(item, limits)
            if wanted is not None:
                self.of[id(item)] = wanted

    def _enough(self, rule: p.PointsRule, limits: Iterable[p.Limit]) -> p.Condition | None:
        if not isinstance(rule.points, int):
            most = [limit.points for limit in limits if limit.kind == "max" and limit.when is None]
            return p.Compare(">=", rule.points, p.Constant(min(most) / 100)) if most else None
        if not isinstance(rule.pays, p.Each) or not rule.points:
            return None
        kind = "max" if rule.points > 0 else "min"
        ends = [x.points for x in limits if x.kind == kind and x.when is None]
        times = [math.ceil(end / rule.points) for end in ends if end * rule.points > 0]
        times += [] if rule.pays.picks.most is None else [rule.pays.picks.most]
        if not times:
            return None
        number = p.Constant(float(min(*times, MOST_EVENTS)))
        return p.Compare(">=", p.Count(rule.pays.events), number)


class _Search:
    """Comes to as many goals as it can, the first of them first."""

    def __init__(self, leads: Leads, always: Iterable[Formula]) -> None:
        self.leads = leads
        self.always = list(always)
        self.chosen: list[Formula] = []
        self.record: Record | None = None
        self.missed: list[_Goal] = []
        self.questions = _MOST_QUESTIONS

    def records(self, goals: Sequence[_Goal], enough: float) -> Iterator[Record]:
        """A record when what the goals are worth is `enough`, and one at their end."""
        self.chosen, self.missed = [], []
        if not self._take(self.always):
            return
        sums = [sum(goal.worth for goal in goals[:n]) for n in range(len(goals) + 1)]
        first = next((n for n, worth in enumerate(sums) if worth >= enough), len(goals))
        for part in (goals[:first], goals[first:]):
            self._come_to(part)
            assert self.record is not None
            yield self.record

    def _come_to(self, goals: Sequence[_Goal]) -> None:
        """All of some goals at once; else one half of them after the other."""
        if not goals or self._take([goal.ways[0] for goal in goals]):
            return
        if len(goals) > 1:
            half = len(goals) // 2
            self._come_to(goals[:half])
            self._come_to(goals[half:])
            return
        self.missed.append(goals[0])
        for way in goals[0].ways[1:]:
            if self._take([way]):
                return

    def _take(self, formulas: list[Formula]) -> bool:
        """Whether there is a record for which these are true too."""
        self.questions -= 1
        if self.questions < 0:
            return False
        try:
            found = self.leads.find([*self.chosen, *formulas])
        except Undecided:
            return False
        record = None if found is None else witness(found, self.leads, with_id=True)
        if record is None:
            return False
        self.chosen += formulas
        self.record = record
        return True


def _worth(way: tuple[Formula, Range], highest: bool) -> float:
    """How far one thing leads towards an end."""
    low, high = way[1]
    if highest:
        return math.inf if high is None else high
    return math.inf if low is None else -low


def _rising(number: p.Number, up: bool) -> Iterator[tuple[str | None, bool]]:
    """For each score block in a calculation, whether its highest points are wanted."""
    match number:
        case p.Score(block):
            yield block, up
        case p.Arithmetic(operator, left, right):
            less = [isinstance(x, p.Constant) and x.value < 0 for x in (left, right)]
            falls = operator in "*/" and any(less)
            yield from _rising(left, up != falls)
            yield from _rising(right, up != (falls or operator in "-/"))
        case p.Function(_, arguments):
            for argument in arguments:
                yield from _rising(argument, up)
        case _:
            return
