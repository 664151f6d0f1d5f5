"""From an input that fails to a small one that still fails, within a time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`|\s+|\w+|.')


class Patience:
    """A time that runs out: `left` is false when it has."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> bool:
        """Whether there is time."""
        return time.monotonic() < self._end


def reduced(
    items: Sequence[T], fails: Callable[[list[T]], bool], patience: Patience, least: int = 1
) -> list[T]:
    """The items without those that the failure does not need.

    Stretches of half the items are left out first, then of a quarter, down to `least`.
    """
    kept = list(items)
    size = (len(kept) + 1) // 2
    while size >= least and patience.left:
        start = 0
        while start < len(kept) and patience.left:
            fewer = kept[:start] + kept[start + size :]
            if fails(fewer):
                kept = fewer
            else:
                start += size
        size //= 2
    return kept


def tokens(text: str) -> list[str]:
    """A rule text cut into words, texts, signs and blanks."""
    return _TOKEN.findall(text)
