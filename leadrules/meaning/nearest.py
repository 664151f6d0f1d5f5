"""The name that a misspelt one was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

# Of more names than these only the first are looked at.
_MOST = 2_000


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The closest known word within an edit distance of a third of the word, or None."""
    allowed = max(1, len(word) // 3)
    best: tuple[int, str] | None = None
    for other in islice(known, _MOST):
        if abs(len(other) - len(word)) > allowed or other == word:
            continue
        found = (0 if other.lower() == word.lower() else distance(word, other, allowed), other)
        if found[0] <= allowed and (best is None or found < best):
            best = found
    return best and best[1]


def distance(one: str, other: str, most: int) -> int:
    """How many letters to add, drop, change or swap with their neighbour; when that is more
    than `most`, any number above it."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, against in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > most and min(before) > most:
            return most + 1
    return row[-1]
