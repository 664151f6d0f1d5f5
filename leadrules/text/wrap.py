"""One statement as lines: on one if it fits, and where comments stand in it, on more.

A statement goes on in the next line before `and`, `or`, its points and its `->`, and inside
brackets. A comment in it makes its line end there, or at the next such place.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise

from leadrules.text.columns import LIMIT, Row, Table
from leadrules.text.comments import Comment
from leadrules.text.draw import width
from leadrules.text.scan import DURATION, REGEX, SIGN, TEXT, WORD, Token, scan

DEEPER = 2
# A bracket that holds less than this is not worth three lines.
_LEAST = 30
# So far a token is looked for where the canonical text has others than what was written.
_FAR = 8

Inner = Mapping[int, Sequence[Comment]]


def wrapped(
    cells: tuple[str, ...],
    indent: int,
    table: Table | None,
    pays: bool,
    written: Sequence[Token],
    inner: Inner,
    deeper: int = DEEPER,
) -> list[Row]:
    """The lines of a statement, and above them the comments for which there is no place in it.

    `pays`: the second cell is points or a label, which may stand on a line of their own. `inner`
    has the comments that stand behind the first n tokens, as they were `written`. All lines but
    the first are `deeper`.
    """
    gap = table.kind.gap if table is not None else 1
    if not inner and _fits(cells, indent, gap):
        return [Row(indent, cells, table)]
    wrapping = _Wrapping(cells, pays)
    above = wrapping.place(written, inner) if inner else []
    rows = [Row(indent, (comment.text,)) for comment in above]
    return rows + wrapping.rows(indent, table, deeper)


def _fits(cells: tuple[str, ...], indent: int, gap: int) -> bool:
    """Whether the first two cells fit on one line. A reason may run over it: it is a sentence,
    and there is no place to break it."""
    return indent + sum(map(width, cells[:2])) + gap * (len(cells[:2]) - 1) <= LIMIT


class _Wrapping:
    """The tokens of a statement in canonical text, and the comments before some of them."""

    def __init__(self, cells: tuple[str, ...], pays: bool) -> None:
        self._text = " ".join(cells)
        self._tokens = [token for token in scan(self._text) if token.is_seen]
        self._comments: dict[int, list[Comment]] = {}
        self._commented: list[int] = []
        self._pays = pays
        # With how many tokens each cell begins, and the number of all.
        self._borders = [0]
        end = 0
        for cell in cells:
            end += len(cell) + 1
            first = self._borders[-1]
            while first < len(self._tokens) and self._tokens[first].start < end:
                first += 1
            self._borders.append(first)
        # How many brackets each token stands in, in which, and where a bracket is closed.
        self._depth: list[int] = []
        self._around: list[str] = []
        self._partner: dict[int, int] = {}
        open_: list[int] = []
        for i in range(len(self._tokens)):
            if self._is(i, ")]"):
                self._partner[open_.pop()] = i
            self._depth.append(len(open_))
            self._around.append(self._tokens[open_[-1]].text if open_ else "")
            if self._is(i, "(["):
                open_.append(i)
        self._rows: list[Row] = []

    # --- where a line may end ---------------------------------------------------------

    def _is(self, i: int, signs: str) -> bool:
        return self._tokens[i].kind == SIGN and self._tokens[i].text in signs

    def _joins(self, i: int) -> bool:
        """Whether a token is the `and` or `or` of two conditions."""
        token = self._tokens[i]
        if token.kind != WORD or token.text not in ("and", "or"):
            return False
        return not (i > 1 and self._tokens[i - 2].text == "between")

    def _calculates(self, i: int, signs: str = "+-*/") -> bool:
        """Whether a token is an operator between two numbers in parentheses."""
        if not self._is(i, signs) or self._around[i] != "(":
            return False
        before = self._tokens[i - 1]
        return before.kind != SIGN or before.text in ")]"

    def _may_break(self, i: int) -> bool:
        """Whether a line may end before a token."""
        if self._joins(i) or self._calculates(i) or self._is(i, ")]") or self._is(i - 1, "(["):
            return True
        if self._is(i - 1, ",") and self._depth[i - 1] > 0:
            return True
        return self._pays and i == self._borders[1]

    def place(self, written: Sequence[Token], inner: Inner) -> list[Comment]:
        """Puts the comments before tokens; when there is no place, they are given back."""
        places = [i for i in range(1, len(self._tokens)) if self._may_break(i)]
        if not places:
            return [comment for _, comments in sorted(inner.items()) for comment in comments]
        aligned = _aligned(written, self._tokens)
        for count, comments in sorted(inner.items()):
            at = aligned[count]
            if at > 1 and self._joins(at - 1):
                # Behind an `and` at the end of a line: it is about what stands before.
                at -= 1
            next_ = bisect_right(places, at - 1)
            place = places[min(next_, len(places) - 1)]
            self._comments.setdefault(place, []).extend(comments)
        self._commented = sorted(self._comments)
        return []

    # --- lines ------------------------------------------------------------------------

    def rows(self, indent: int, table: Table | None, deeper: int) -> list[Row]:
        """The lines of all cells."""
        gap = table.kind.gap if table is not None else 1
        cells = [self._slice(a, b) for a, b in pairwise(self._borders)]
        long = not _fits(tuple(cells), indent, gap)
        joined = bool(self._cuts(0, self._borders[1]))
        lines = self._apart(0, self._borders[1], indent, deeper, long and joined)
        *rows, last = lines
        for first, end in pairwise(self._borders[1:]):
            begins = first == self._borders[1]
            if begins and (first in self._comments or (self._pays and long and not rows)):
                self._rows = [*rows, last]
                self._say(first, indent + deeper)
                rows, last = self._rows, Row(indent, ("",))
            # What has a name goes on where its name began.
            named = begins and not self._pays
            more = self._apart(
                first, end, indent if named else indent + deeper, DEEPER, long and named
            )
            last = Row(last.indent, (*last.cells, more[0].cells[0]), table, more[0].comment)
            if more[1:]:
                rows += [last, *more[1:-1]]
                last, table = more[-1], None
        if table is None and len(last.cells) > 1:
            last = Row(last.indent, (" ".join(last.cells),), None, last.comment)
        rows.append(Row(last.indent, last.cells, table, last.comment))
        return rows

    def _apart(
        self, low: int, high: int, indent: int, deeper: int, force: bool = False
    ) -> list[Row]:
        self._rows = []
        self._break(low, high, indent, deeper, force)
        return self._rows

    def _break(self, low: int, high: int, indent: int, deeper: int, force: bool = False) -> None:
        """Adds the lines of some tokens; all but the first are `deeper`."""
        text = self._slice(low, high)
        if not force and not self._has_comments(low, high) and indent + width(text) <= LIMIT:
            self._rows.append(Row(indent, (text,)))
            return
        if cuts := self._cuts(low, high):
            for first, end in pairwise([low, *cuts, high]):
                if first == low:
                    self._break(first, end, indent, DEEPER)
                else:
                    self._say(first, indent + deeper)
                    self._break(first, end, indent + deeper, DEEPER)
            return
        open_ = self._bracket(low, high)
        if open_ is None:
            self._rows.append(Row(indent, (text,)))
            return
        close = self._partner[open_]
        self._rows.append(Row(indent, (self._slice(low, open_ + 1),)))
        self._say(open_ + 1, indent + DEEPER)
        if open_ + 1 < close:
            self._inside(open_ + 1, close, indent + DEEPER)
            self._say(close, indent + DEEPER)
        self._break(close, high, indent, deeper)

    def _inside(self, low: int, high: int, indent: int) -> None:
        """Adds the lines of what stands in a bracket: a condition, or as many of the values of a
        list as fit on each."""
        level = self._depth[low]
        is_list = self._is(high, "]")
        commas = [i + 1 for i in range(low, high) if self._is(i, ",") and self._depth[i] == level]
        if not commas and not is_list:
            self._break(low, high, indent, 0)
            return
        goes_on = False
        for first, end in pairwise([low, *commas, high]):
            comma = "," if is_list and end == high else ""
            text = self._slice(first, end) + comma
            if first in self._comments and first != low:
                self._say(first, indent)
                goes_on = False
            if self._has_comments(first, end) or indent + width(text) > LIMIT:
                self._break(first, end, indent, DEEPER)
                last = self._rows[-1]
                self._rows[-1] = Row(last.indent, (last.cells[0] + comma,), None, last.comment)
                goes_on = False
            elif goes_on and indent + width(f"{self._rows[-1].cells[0]} {text}") <= LIMIT:
                self._rows[-1] = Row(indent, (f"{self._rows[-1].cells[0]} {text}",))
            else:
                self._rows.append(Row(indent, (text,)))
                goes_on = True

    def _cuts(self, low: int, high: int) -> list[int]:
        """Where a condition or a calculation is cut: before each `and` or `or`, else before
        each `+` or `-`, else before each `*` or `/`, outside of the brackets in it."""
        level = self._depth[low]
        own = [i for i in range(low + 1, high) if self._depth[i] == level]
        return (
            [i for i in own if self._joins(i)]
            or [i for i in own if self._calculates(i, "+-")]
            or [i for i in own if self._calculates(i, "*/")]
        )

    def _bracket(self, low: int, high: int) -> int | None:
        """The bracket to open: the first with a comment in it, else the longest."""
        longest: int | None = None
        most = _LEAST
        at = low
        while at < high:
            close = self._partner.get(at)
            if close is None:
                at += 1
                continue
            if self._has_comments(at, close + 1):
                return at
            size = self._tokens[close].end - self._tokens[at].start
            if size > most:
                longest, most = at, size
            at = close
        return longest

    def _slice(self, low: int, high: int) -> str:
        return self._text[self._tokens[low].start : self._tokens[high - 1].end]

    def _has_comments(self, low: int, high: int) -> bool:
        """Whether comments stand somewhere between two of some tokens."""
        at = bisect_right(self._commented, low)
        return at < len(self._commented) and self._commented[at] < high

    def _say(self, i: int, indent: int) -> None:
        """Adds the comments before a token."""
        for comment in self._comments.get(i, ()):
            if comment.alone or self._rows[-1].comment or self._rows[-1].cells[0][:1] == "#":
                self._rows.append(Row(indent, (comment.text,)))
            else:
                self._rows[-1].comment = comment.text


def _aligned(written: Sequence[Token], canonical: Sequence[Token]) -> list[int]:
    """For each number of first tokens as written, how many of the canonical text those are.

    The two differ in few places: a parenthesis less, a word more.
    """
    found = [0]
    at = 0
    ours, theirs = [_key(t) for t in written], [_key(t) for t in canonical]
    for i, key in enumerate(ours):
        ahead = theirs[at : at + _FAR]
        if key in ahead:
            skipped = ahead.index(key)
            # It may be quicker to skip some of those written.
            if theirs[at] not in ours[i + 1 : i + 1 + skipped]:
                at += skipped + 1
        found.append(at)
    return found


def _key(token: Token) -> str:
    """What two tokens have in common that say the same."""
    if token.kind in (TEXT, REGEX, DURATION):
        return token.kind
    return token.text.replace("`", "")
