"""The lowest and the highest points that any lead can have: of a block, and of all.

Rules that exclude each other are never added up. What cannot be decided in time is taken as
if it could be: so no lead is ever beyond these bounds, and some lead may not get that far.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import assert_never

from leadrules.logic.formula import TRUE, Formula, Undecided, every, some, subjects
from leadrules.logic.leads import MOST_SUBJECTS, Leads
from leadrules.meaning import reach
from leadrules.meaning.reach import Range
from leadrules.model import program as p
from leadrules.model.frozen import Frozen

# Questions about which rules can pay together, for one list of rules.
_MOST_QUESTIONS = 150


class Way(Frozen):
    """One thing that can become of an item: when, and what it brings then, in hundredths."""

    when: Formula
    low: float
    high: float


def bounds(leads: Leads) -> dict[str | None, Range]:
    """The least and the most points of each block and, under None, of the score."""
    found: dict[str | None, Range] = {
        block.name: of_block(block, leads) for block in leads.program.blocks if block.name
    }
    found[None] = reach.limited(before_total(leads, found), leads.program.total)
    return found


def of_block(block: p.Block, leads: Leads) -> Range:
    """The bounds of a block, its limits included; nothing where its `when` is not true."""
    low, high = reach.limited(together(block.items, leads), block.limits)
    if block.when is None:
        return low, high
    return (None if low is None else min(low, 0)), (None if high is None else max(high, 0))


def before_total(leads: Leads, blocks: Mapping[str | None, Range]) -> Range:
    """The bounds of the score before the limits of the total, from those of the blocks."""
    program = leads.program
    if program.formula is not None:
        low, high = _of_number(program.formula.number, blocks)
        # A score that large is none, and 0 stands for it.
        if max(abs(low), abs(high)) > p.MOST_POINTS * 100:
            low, high = min(low, 0), max(high, 0)
        return _whole(low, math.floor), _whole(high, math.ceil)
    if not any(block.limits or block.when for block in program.blocks):
        return together([item for block in program.blocks for item in block.items], leads)
    ranges = [
        blocks[block.name] if block.name else together(block.items, leads)
        for block in program.blocks
    ]
    lows, highs = [low for low, _ in ranges], [high for _, high in ranges]
    return _sum(lows), _sum(highs)


def _sum(ends: Sequence[int | None]) -> int | None:
    found = [end for end in ends if end is not None]
    return sum(found) if len(found) == len(ends) else None


def together(items: Sequence[p.Item], leads: Leads) -> Range:
    """What some items bring together, where also none of them may fire."""
    ways = [_ways(item, leads) for item in items]
    high = sum(_highest(group, leads, _high) for group in _apart(ways, leads))
    low = -sum(_highest(group, leads, _low) for group in _apart(ways, leads))
    return _whole(low, math.floor), _whole(high, math.ceil)


def _high(way: Way) -> float:
    return way.high


def _low(way: Way) -> float:
    return -way.low


def _whole(end: float, rounded: Callable[[float], int]) -> int | None:
    return rounded(end) if math.isfinite(end) else None


# --- what can become of an item ----------------------------------------------------


def _ways(item: p.Item, leads: Leads) -> list[Way]:
    """What can become of an item; the last is that it does not fire."""
    if isinstance(item, p.Choice) and item.kind == "first":
        found: list[Way] = []
        before: list[Formula] = []
        for inner in item.items:
            fires = when_fires(inner, leads)
            low, high = _ends(inner, leads)
            found.append(Way(every([fires, *before]), low, high))
            if surely(inner):
                before.append(leads.conditions.opposite(fires))
        return [*found, Way(every(before), 0, 0)]
    fires = when_fires(item, leads)
    low, high = _ends(item, leads)
    not_fired = leads.conditions.opposite(fires) if surely(item) else TRUE
    return [Way(fires, low, high), Way(not_fired, 0, 0)]


def when_fires(item: p.Item, leads: Leads) -> Formula:
    """What is true whenever an item fires."""
    if not isinstance(item, p.PointsRule):
        return some([when_fires(inner, leads) for inner in item.items])
    match item.pays:
        case p.Once(condition):
            return leads.conditions.true(condition)
        case p.Each(events, when):
            happened = p.Compare(">=", p.Count(events), p.Constant(1.0))
            paying = TRUE if when is None else leads.conditions.true(when)
            return every([leads.conditions.true(happened), paying])
        case _:
            assert_never(item.pays)


def surely(item: p.Item) -> bool:
    """Whether an item fires whenever that is true. Points that are worked out may be missing,
    events without a property do not count."""
    if isinstance(item, p.PointsRule):
        distinct = isinstance(item.pays, p.Each) and item.pays.picks.distinct
        return isinstance(item.points, int) and not distinct
    return all(surely(inner) for inner in item.items)


def _ends(item: p.Item, leads: Leads) -> tuple[float, float]:
    low, high = of_item(item, leads)
    return -math.inf if low is None else low, math.inf if high is None else high


def of_item(item: p.Item, leads: Leads) -> Range:
    """What an item brings when it fires, its limits included."""
    if isinstance(item, p.Group):
        return reach.limited(of_group(item, leads), item.limits)
    return reach.of_item(item)


def of_group(group: p.Group, leads: Leads) -> Range:
    """What the items of a group bring together when one of them fires."""
    low, high = together(group.items, leads)
    least, most = reach.of_items(group.items)
    # Where nothing is below 0 (or above), what fires brings at least the least of them.
    return (low if low is None or low < 0 else least), (high if high is None or high > 0 else most)


# --- which can fire together -------------------------------------------------------


def _apart(ways: Sequence[list[Way]], leads: Leads) -> list[list[list[Way]]]:
    """Items in groups that have nothing to do with each other; each by itself, where there are
    too many to look at them together."""
    about = [{n for way in item for n in subjects(way.when)} for item in ways]
    chosen = set().union(*about)
    if len(chosen) > MOST_SUBJECTS:
        return [[item] for item in ways]
    facts, at_most = leads.facts.about(chosen)
    links = [*about, *(subjects(fact) for fact in facts), *map(set, at_most)]
    home: dict[int, int] = {}

    def root(subject: int) -> int:
        while home.setdefault(subject, subject) != subject:
            subject = home[subject]
        return subject

    for link in links:
        first, *others = sorted(link) or [-1]
        for other in others:
            home[root(other)] = root(first)
    groups: dict[int, list[list[Way]]] = {}
    for number, item in enumerate(ways):
        key = root(min(about[number])) if about[number] else -1 - number
        groups.setdefault(key, []).append(item)
    return list(groups.values())


def _highest(items: Sequence[list[Way]], leads: Leads, worth: Callable[[Way], float]) -> float:
    """The most that items can be worth together."""
    best = [max(map(worth, item)) for item in items]
    if len(items) == 1 and len(items[0]) == 2:
        return max(best[0], 0.0) if _can([items[0][0].when], leads) else 0.0
    order = sorted(range(len(items)), key=lambda n: -best[n])
    questions = _MOST_QUESTIONS
    found = -math.inf

    def go_on(place: int, worth_so_far: float, chosen: list[Formula]) -> None:
        nonlocal found, questions
        if worth_so_far + sum(best[n] for n in order[place:]) <= found:
            return
        if place == len(order):
            found = worth_so_far
            return
        for way in sorted(items[order[place]], key=worth, reverse=True):
            questions -= 1
            if questions < 0:
                raise Undecided
            if leads.can(*chosen, way.when):
                go_on(place + 1, worth_so_far + worth(way), [*chosen, way.when])

    try:
        go_on(0, 0.0, [])
    except Undecided:
        return sum(best)
    return found


def _can(formulas: Iterable[Formula], leads: Leads) -> bool:
    """Whether there can be such a lead, or nobody knows."""
    try:
        return leads.can(*formulas)
    except Undecided:
        return True


# --- a score made of its parts -----------------------------------------------------


def _of_number(number: p.Number, blocks: Mapping[str | None, Range]) -> tuple[float, float]:
    """Between what a calculation with score blocks lies, in hundredths."""
    match number:
        case p.Constant(value):
            return value * 100, value * 100
        case p.Score(block):
            low, high = blocks[block]
            return -math.inf if low is None else low, math.inf if high is None else high
        case p.Arithmetic(operator, left, right):
            one, other = _of_number(left, blocks), _of_number(right, blocks)
            return _calculated(operator, one, other)
        case p.Function(name, arguments):
            return _applied(name, [_of_number(each, blocks) for each in arguments])
        case _:
            return -math.inf, math.inf


def _calculated(
    operator: str, one: tuple[float, float], other: tuple[float, float]
) -> tuple[float, float]:
    match operator:
        case "+":
            return one[0] + other[0], one[1] + other[1]
        case "-":
            return one[0] - other[1], one[1] - other[0]
        case "*":
            ends = [a * b / 100 for a in one for b in other]
        case _:
            if other[0] <= 0 <= other[1]:
                return -math.inf, math.inf
            ends = [a / b * 100 for a in one for b in other]
    if any(math.isnan(end) for end in ends):
        return -math.inf, math.inf
    return min(ends), max(ends)


def _applied(name: str, arguments: Sequence[tuple[float, float]]) -> tuple[float, float]:
    low, high = arguments[0]
    match name:
        case "min":
            return min(low for low, _ in arguments), min(high for _, high in arguments)
        case "max":
            return max(low for low, _ in arguments), max(high for _, high in arguments)
        case "abs":
            sizes = abs(low), abs(high)
            return (0.0 if low <= 0 <= high else min(sizes)), max(sizes)
        case _:
            # Whole numbers beside it are at most a point away.
            return low - 100, high + 100
