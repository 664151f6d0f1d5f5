"""The name that a misspelt one was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The closest known word within an edit distance of a third of the word, or None.

    Words of one or two letters are all close to each other: there only case may differ.
    """
    allowed = max(1, len(word) // 3) if len(word) > 2 else 0
    best: tuple[int, str] | None = None
    for other in known:
        if abs(len(other) - len(word)) > allowed or other == word:
            continue
        found = (0 if other.lower() == word.lower() else distance(word, other, allowed), other)
        if found[0] <= allowed and (best is None or found < best):
            best = found
            # Only as close a word can still win.
            allowed = found[0]
    return best and best[1]


def distance(one: str, other: str, most: int) -> int:
    """How many letters to add, drop, change or swap with their neighbour; when that is more
    than `most`, any number above it."""
    start, end, last = 0, len(one), len(other)
    while start < min(end, last) and one[start] == other[start]:
        start += 1
    while end > start and last > start and one[end - 1] == other[last - 1]:
        end, last = end - 1, last - 1
    one, other = one[start:end], other[start:last]
    far = most + 1
    before: list[int] = []
    row = [min(j, far) for j in range(len(other) + 1)]
    for i, letter in enumerate(one, 1):
        # More than `most` beside the diagonal everything is too far.
        low, high = max(1, i - most), min(len(other), i + most)
        earlier, before, row = before, row, [far] * (len(other) + 1)
        row[0] = min(i, far)
        for j in range(low, high + 1):
            against = other[j - 1]
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, earlier[j - 2] + 1)
            row[j] = cost
        if min(row) > most and min(before) > most:
            return far
    return row[-1]
