"""A rule file's text, and places in it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from leadrules.model.frozen import Frozen


class Span(Frozen):
    """A stretch of a source, as character offsets: `start` belongs to it, `end` does not."""

    start: int
    end: int

    def to(self, other: Span) -> Span:
        """The stretch from the start of this one to the end of the other."""
        return Span(self.start, max(self.end, other.end))


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one rule file and the name it is shown under.

    `text` holds what was read, without a byte order mark. Lines and columns are
    counted from 1; a column counts characters.
    """

    name: str
    text: str
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [0]
        at = 0
        for line in self.text.splitlines(keepends=True):
            # Only these three end a line here; str.splitlines knows eight more.
            at += len(line)
            if line[-1] in "\r\n":
                starts.append(at)
        object.__setattr__(self, "_starts", tuple(starts))

    def place(self, offset: int) -> tuple[int, int]:
        """The line and the column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line, without its end."""
        start = self._starts[number - 1]
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")
