"""Decays as written, turned into numbers; and which events tell the age of a rule."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from leadrules.meaning.lower import Lowering
from leadrules.model import program as p
from leadrules.model import syntax as s
from leadrules.model.instant import DAY
from leadrules.text.write import write

_LONGEST = 3650
_KINDS: dict[tuple[str, bool], Literal["decays", "loses share", "loses points"]] = {
    ("decays", True): "decays",
    ("loses", True): "loses share",
    ("loses", False): "loses points",
}


def decay(node: s.Decay, lowering: Lowering) -> p.Decay:
    """What a decay means. Raises Refused after reporting what is wrong with it."""
    since = None if node.since is None else lowering.events(node.since)
    span = _span(node, lowering)
    name = lowering.name(node)
    if span % DAY:
        left = 100 * 0.5 ** (DAY / span)
        lowering.warn(
            "LR213",
            node.duration.span,
            f"points fade once a day: after one day {left:.0f}% is left",
            f"ages are whole days: `half-life {max(1, round(span / DAY))}d`",
        )
    if node.kind in ("half-life", "fades", "expires"):
        return p.Decay(name, node.kind, span, None, since)
    assert node.amount is not None
    kind = _KINDS[node.kind, node.percent]
    amount = node.amount.value * 100
    most = Decimal(p.MOST_POINTS if kind == "loses points" else 100) * 100
    if not 10 <= amount <= most and kind != "loses points":
        lowering.refuse(
            "LR144",
            node.amount.span,
            "a share that points lose lies between 0.1% and 100%",
            f"`{node.kind} 25% every {write(node.duration)}`",
        )
    if not 0 < amount <= most or amount != int(amount):
        lowering.refuse(
            "LR144",
            node.amount.span,
            "what points lose is a number above 0, with at most two decimals",
            f"`{node.kind} 5{'%' * node.percent} every {write(node.duration)}`",
        )
    return p.Decay(name, kind, span, int(amount), since)


def _span(node: s.Decay, lowering: Lowering) -> int:
    """The length of time, in nanoseconds: whole days, or any time for a half-life."""
    duration = node.duration
    span = lowering.exact(duration, f"`{node.kind}`")
    if node.kind != "half-life" and span % DAY:
        lowering.refuse(
            "LR143",
            duration.span,
            f"ages are counted in whole days, so `{node.kind}` takes days",
            f"`{max(1, round(span / DAY))}d`",
        )
    if span > _LONGEST * DAY:
        message = f"points do not shrink for longer than {_LONGEST} days"
        lowering.refuse("LR143", duration.span, message, f"`{_LONGEST}d`")
    return span


def asked(condition: p.Condition) -> tuple[p.Events, ...]:
    """The events that a condition asks for: the latest of them tells the age of a rule.

    Not those that it asks to be absent or few.
    """
    return tuple(dict.fromkeys(_asked(condition)))


def _asked(condition: p.Condition) -> Iterator[p.Events]:
    match condition:
        case p.All(items) | p.Any_(items):
            for item in items:
                yield from _asked(item)
        case p.Compare(operator, left, right):
            # Few of them is what `<` and `= 0` ask for, and many what they ask for turned round.
            if operator in (">", ">=") or (operator == "=" and right != p.Constant(0.0)):
                yield from _counted(left, few=False)
                yield from _counted(right, few=operator != "=")
            elif operator in ("<", "<="):
                yield from _counted(left, few=True)
                yield from _counted(right, few=False)
        case p.InSpans(number, spans):
            nothing = any(
                (span.low or 0) <= 0 and (span.high is None or span.high >= 0) for span in spans
            )
            yield from _counted(number, few=nothing)
        case p.Known(p.Aggregate() | p.Since() | p.Arithmetic() | p.Function() as value):
            yield from _counted(value, few=False)
        case p.Followed(first, then, _, negated):
            yield first
            if not negated:
                yield then
        case _:
            return


def _counted(number: p.Number, few: bool) -> Iterator[p.Events]:
    """The events in a number, where it is asked to be large; when it is asked to be small,
    those without which there is no number."""
    match number:
        case p.Count(events) | p.Distinct(_, events) | p.Aggregate("sum", _, events):
            if not few:
                yield events
        case p.Aggregate(_, _, events) | p.Since(_, _, events):
            yield events
        case p.Arithmetic(_, left, right):
            yield from _counted(left, few)
            yield from _counted(right, few)
        case p.Function(_, arguments):
            for argument in arguments:
                yield from _counted(argument, few)
        case _:
            return
