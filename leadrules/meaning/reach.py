"""The least and the most that rules can pay, and limits that can never act.

Only what the rules themselves say is used. Points that are worked out can come to
anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import assert_never

from leadrules.meaning.load import Report
from leadrules.model import program as p
from leadrules.model import syntax as s
from leadrules.model.source import Source
from leadrules.text.write import write

# What something brings when it fires, in hundredths: the least and the most, None without end.
Range = tuple[int | None, int | None]
ANYTHING: Range = (None, None)


def of_rule(rule: p.PointsRule) -> Range:
    """What a rule brings before its limits."""
    points = rule.points
    if not isinstance(points, int):
        return ANYTHING
    times = rule.pays.picks.most if isinstance(rule.pays, p.Each) else 1
    furthest = None if times is None and points else points * (times or 1)
    # Decay leaves anything down to nothing.
    nearest = points if rule.decay is None else 0
    return (nearest, furthest) if points >= 0 else (furthest, nearest)


def of_items(items: Sequence[p.Item]) -> Range:
    """What some items bring together, of which at least one fires."""
    ranges = [of_item(item) for item in items]
    lows, highs = [low for low, _ in ranges], [high for _, high in ranges]
    falling = [low for low in lows if low is None or low < 0]
    rising = [high for high in highs if high is None or high > 0]
    return (
        _sum(falling) if falling else min((low for low in lows if low is not None), default=0),
        _sum(rising) if rising else max((high for high in highs if high is not None), default=0),
    )


def _sum(ends: Sequence[int | None]) -> int | None:
    found = [end for end in ends if end is not None]
    return sum(found) if len(found) == len(ends) else None


def of_item(item: p.Item) -> Range:
    """What an item brings, its limits included."""
    match item:
        case p.PointsRule():
            return limited(of_rule(item), item.limits)
        case p.Group():
            return limited(of_items(item.items), item.limits)
        case p.Choice():
            ranges = [of_item(inner) for inner in item.items]
            lows, highs = [low for low, _ in ranges], [high for _, high in ranges]
            return (
                None if None in lows else min((x for x in lows if x is not None), default=0),
                None if None in highs else max((x for x in highs if x is not None), default=0),
            )
        case _:
            assert_never(item)


def limited(bounds: Range, limits: Iterable[p.Limit]) -> Range:
    """The bounds within limits; those under a condition may act or not.

    Each `min` first: where the two cross, `max` wins.
    """
    low, high = bounds
    for limit in sorted(limits, key=lambda limit: limit.kind, reverse=True):
        if limit.kind == "max":
            low = None if low is None else min(low, limit.points)
            if limit.when is None:
                high = limit.points if high is None else min(high, limit.points)
        else:
            high = None if high is None else max(high, limit.points)
            if limit.when is None:
                low = limit.points if low is None else max(low, limit.points)
    return low, high


def check(
    nodes: Iterable[s.Limit],
    bounds: Range,
    say: Callable[[s.Limit], tuple[str, str]],
    source: Source,
    report: Report,
) -> None:
    """Reports limits that nothing within these bounds can get to."""
    low, high = bounds
    for node in nodes:
        value = int(node.number.value * Decimal(100))
        never = (
            high is not None and value > high
            if node.kind == "max"
            else low is not None and value < low
        )
        if never:
            message, help = say(node)
            report.error("LR132", source, node.span, message, help)


def words_for_rule(rule: s.PointsRule, points: s.Number) -> Callable[[s.Limit], tuple[str, str]]:
    """What to say of a limit of a rule; of one that pays once, that `each` may be meant."""
    pays = ("+" if points.value >= 0 else "") + write(points)
    choosing = rule.condition.choosing if isinstance(rule.condition, s.Each) else ()
    most = next((x for x in choosing if isinstance(x, s.AtMost) and x.per is None), None)

    def say(limit: s.Limit) -> tuple[str, str]:
        shown = f"{limit.kind} {write(limit.number)}"
        message = f"`{shown}` can never be reached: this rule pays {pays}"
        same_way = (limit.kind == "max") == (points.value > 0)
        if same_way and isinstance(rule.condition, s.Occurs):
            again = f"each {write(rule.condition)} {pays} {write(limit)}"
            return f"{message} and only once", f"did you mean `{again}`?"
        if same_way and most is not None:
            worth = f"{abs(points.value * most.count.value):f}"
            pay = "pays" if points.value > 0 else "takes"
            message = f"`{shown}` can never be reached: this rule {pay} at most {worth}"
            return f"{message}, {most.count.spelling} times {pays}", "leave it out"
        return message, "leave it out"

    return say


def words_for_group(bounds: Range) -> Callable[[s.Limit], tuple[str, str]]:
    """What to say of a limit of a group."""

    def say(limit: s.Limit) -> tuple[str, str]:
        shown = f"{limit.kind} {write(limit.number)}"
        end = bounds[1] if limit.kind == "max" else bounds[0]
        assert end is not None
        pays = f"{end / 100:g}"
        return f"`{shown}` can never be reached: these rules pay {pays} together", "leave it out"

    return say
