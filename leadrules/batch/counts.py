"""What became of the records of a batch, as DuckDB tells it, and how it is counted."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from leadrules.batch.summary import Summary
from leadrules.engines.sql import EXCLUDED, FROZEN, SCORED, Query

_LITTLE = array("H", [1]).tobytes()[0] == 1
_KINDS: Mapping[int, Literal["H", "I", "Q"]] = {2: "H", 4: "I", 8: "Q"}


@dataclass(frozen=True, slots=True)
class Counts:
    """The columns of a batch that are counted, a number for each record.

    `asides`, `decisions` and `conflicts` as in Batch; the query says what they mean.
    """

    query: Query
    asides: bytes
    decisions: tuple[bytes, ...]
    conflicts: tuple[bytes, ...]

    def add(self, summary: Summary, sign: int) -> None:
        """Adds the records to a summary; takes them out again when `sign` is -1."""
        frozen = self.asides.count(FROZEN)
        summary.scored += sign * (self.asides.count(SCORED) + frozen)
        summary.frozen += sign * frozen
        summary.excluded += sign * self.asides.count(EXCLUDED)
        names = list(summary.labels)
        for name, numbering, numbers in zip(
            names, self.query.dimensions, self.decisions, strict=True
        ):
            counts = summary.labels[name]
            for number, times in _tally(numbers, numbering.width, numbering.size):
                counts[numbering.label(number)] += sign * times
        for name, flags in zip(self.query.unique, self.conflicts, strict=True):
            summary.conflicts[name] += sign * flags.count(1)

    def of(self, number: int) -> Counts:
        """The same of one record of the batch."""
        widths = [numbering.width for numbering in self.query.dimensions]
        return Counts(
            self.query,
            self.asides[number : number + 1],
            tuple(
                numbers[width * number : width * (number + 1)]
                for numbers, width in zip(self.decisions, widths, strict=True)
            ),
            tuple(flags[number : number + 1] for flags in self.conflicts),
        )


def _tally(numbers: bytes, width: int, most: int) -> Iterable[tuple[int, int]]:
    """How often each of some numbers up to `most` occurs."""
    if width > 2 or most > 254:
        found = Counter(array(_KINDS[width], numbers))
        return [(number, times) for number, times in found.items() if number <= most]
    # One byte of each is always 0, and counting bytes takes no time.
    low = numbers[::2] if _LITTLE else numbers[1::2]
    return [(number, low.count(number)) for number in range(most + 1)]
