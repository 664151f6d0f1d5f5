"""Which values simple conditions let pass: for overlaps and gaps among rows and rules.

Only conditions on one number or one text are understood, those that say it themselves.
"""

from __future__ import annotations

from collections.abc import Iterable

from leadrules.model import program as p
from leadrules.model.frozen import Frozen

# Each is compared with each: of more rows or rules than these the first are looked at.
MOST_COMPARED = 300


class Stretch(Frozen):
    """Numbers from `low` to `high`, None without end; the two flags leave out the end."""

    low: float | None = None
    high: float | None = None
    above: bool = False
    below: bool = False

    def has(self, number: float) -> bool:
        """Whether a number lies in it."""
        return (
            self.low is None or number > self.low or (number == self.low and not self.above)
        ) and (self.high is None or number < self.high or (number == self.high and not self.below))


class Cover(Frozen):
    """The values of one number or text that pass: stretches of numbers, or folded texts."""

    subject: p.Number | p.Text
    stretches: tuple[Stretch, ...] = ()
    texts: frozenset[str] = frozenset()


_OPEN = {
    "=": lambda n: Stretch(n, n),
    "<": lambda n: Stretch(None, n, below=True),
    "<=": lambda n: Stretch(None, n),
    ">": lambda n: Stretch(n, None, above=True),
    ">=": lambda n: Stretch(n, None),
}


def cover(condition: p.Condition) -> Cover | None:
    """What a condition lets pass; None when that is not simple."""
    match condition:
        case p.Compare(operator, left, p.Constant(value)) if operator in _OPEN:
            return Cover(left, (_OPEN[operator](value),))
        case p.InSpans(number, spans):
            return Cover(number, tuple(Stretch(x.low, x.high, below=x.open) for x in spans))
        case p.IsText(text, values, False):
            return Cover(text, texts=frozenset(values))
        case _:
            return None


def common(one: Cover, other: Cover) -> str | None:
    """A value that passes both, as it is shown; None when there is none, or none is found."""
    if one.subject != other.subject:
        return None
    texts = one.texts & other.texts
    if texts:
        return min(texts)
    ends = _ends((*one.stretches, *other.stretches))
    whole = is_whole(one.subject)
    for number in _witnesses(ends):
        if whole and not number.is_integer():
            continue
        if _has(one.stretches, number) and _has(other.stretches, number):
            return f"{number:.15g}"
    return None


def within(one: Cover, others: Iterable[Cover]) -> bool:
    """Whether all that passes one condition passes one of the others already."""
    others = [other for other in others if other.subject == one.subject]
    if one.texts:
        return one.texts <= frozenset().union(*(other.texts for other in others))
    stretches = [stretch for other in others for stretch in other.stretches]
    ends = _ends((*one.stretches, *stretches))
    return bool(one.stretches) and all(
        _has(stretches, number) for number in _witnesses(ends) if _has(one.stretches, number)
    )


def gap(covers: Iterable[Cover]) -> str | None:
    """A number between the first and the last that none lets pass, as it is shown.

    Between whole numbers that follow each other there is none, unless the number has
    fractions by its nature, as times do.
    """
    covers = list(covers)
    stretches = [stretch for cover in covers for stretch in cover.stretches]
    if not stretches:
        return None
    ends = _ends(stretches)
    lowest = any(s.low is None for s in stretches)
    highest = any(s.high is None for s in stretches)
    fractions = isinstance(covers[0].subject, p.Since | p.Arithmetic)
    for number in _witnesses(ends):
        if _has(stretches, number):
            continue
        inside = (lowest or number > ends[0]) and (highest or number < ends[-1])
        if inside and (fractions or number.is_integer()):
            return f"{number:.15g}"
    return None


def is_whole(number: p.Number | p.Text) -> bool:
    """Whether a number has no fractions."""
    return isinstance(number, p.Count | p.Distinct | p.Met | p.Length) or (
        isinstance(number, p.Field) and number.type == "whole"
    )


def _has(stretches: Iterable[Stretch], number: float) -> bool:
    return any(stretch.has(number) for stretch in stretches)


def _ends(stretches: Iterable[Stretch]) -> list[float]:
    return sorted({end for s in stretches for end in (s.low, s.high) if end is not None})


def _witnesses(ends: list[float]) -> list[float]:
    """Numbers that stand for all others: the ends, between them, and beyond them."""
    if not ends:
        return [0.0]
    found = [ends[0] - 1]
    for low, high in zip(ends, [*ends[1:], None], strict=True):
        found.append(low)
        if high is None:
            found.append(low + 1)
        else:
            middle = (low + high) / 2
            found += [float(int(low) + 1)] if low < int(low) + 1 < high else []
            found += [middle] if middle not in found else []
    return found
