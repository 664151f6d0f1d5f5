"""The values of a subject, divided into cells: all values of a cell are the same to the rules."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from leadrules.model.frozen import Frozen
from leadrules.model.letters import fold


class Numbers(Frozen):
    """Numbers by a value that stands for each cell, from small to large; the last cell, if
    `can_miss`, is a missing number."""

    values: tuple[float, ...]
    can_miss: bool

    @property
    def size(self) -> int:
        """How many cells there are."""
        return len(self.values) + self.can_miss

    def where(self, fits: Callable[[float], bool]) -> int:
        """The cells of the numbers that fit."""
        return sum(1 << place for place, value in enumerate(self.values) if fits(value))


def numbers(
    marks: Iterable[float],
    whole: bool,
    can_miss: bool,
    low: float | None = None,
    high: float | None = None,
) -> Numbers:
    """Cells for numbers that the rules compare with some marks: each mark, and between them.
    Only numbers from `low` to `high`, only whole ones if `whole`."""
    ends = sorted({*marks, *(end for end in (low, high) if end is not None)})
    found: list[float] = []
    before: float | None = None
    for end in [*ends, None]:
        between = _between(before, end, whole)
        found += [] if between is None else [between]
        if end is not None and (end.is_integer() or not whole):
            found.append(end)
        before = end
    kept = [x for x in found if (low is None or x >= low) and (high is None or x <= high)]
    return Numbers(tuple(kept), can_miss)


def _between(low: float | None, high: float | None, whole: bool) -> float | None:
    """A number between two others, None for an end that is open; None when there is none."""
    if low is None and high is None:
        return 0.0
    if low is None:
        assert high is not None
        return float(math.ceil(high) - 1) if whole else high - max(1.0, abs(high))
    if whole:
        found = float(math.floor(low) + 1)
        return found if high is None or found < high else None
    return low + max(1.0, abs(low)) if high is None else low / 2 + high / 2


class Texts(Frozen):
    """Texts that the rules name, then all others, then a missing one.

    A text is named by its folded form, and in the second place as it is written, when the
    rules look at that too; None there are all other ways to write it.
    """

    named: tuple[tuple[str, str | None], ...]

    @property
    def size(self) -> int:
        """How many cells there are."""
        return len(self.named) + 2

    @property
    def others(self) -> int:
        """The cell of the texts that are not named."""
        return 1 << len(self.named)

    @property
    def missing(self) -> int:
        """The cell of a missing text."""
        return 2 << len(self.named)

    def among(self, values: Iterable[str], exactly: bool) -> int:
        """The cells of some texts; folded ones unless `exactly`."""
        wanted = set(values)
        return sum(
            1 << place
            for place, (folded, written) in enumerate(self.named)
            if (written if exactly else folded) in wanted
        )


def texts(folded: Iterable[str], written: Iterable[str]) -> Texts:
    """Cells for texts that are compared folded, and as they are written."""
    ways: dict[str, list[str | None]] = {text: [] for text in folded}
    for text in dict.fromkeys(written):
        ways.setdefault(fold(text), []).append(text)
    return Texts(tuple((text, way) for text, found in ways.items() for way in [*found, None]))


class Choice(Frozen):
    """A few values, each with a name."""

    names: tuple[str | None, ...]

    @property
    def size(self) -> int:
        """How many cells there are."""
        return len(self.names)

    def among(self, names: Iterable[str | None]) -> int:
        """The cells of some values."""
        wanted = set(names)
        return sum(1 << place for place, name in enumerate(self.names) if name in wanted)
