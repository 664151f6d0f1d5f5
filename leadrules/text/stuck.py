"""Where a statement stops making sense, and the looks around it that wording needs."""

from __future__ import annotations

from leadrules.model.frozen import Frozen
from leadrules.model.source import Span
from leadrules.text.feed import Piece
from leadrules.text.literals import Problem
from leadrules.text.words import KEYWORDS


class Stuck(Frozen):
    """Where the parser stopped: at `pieces[at]`, or behind the last one.

    `given` holds the terminals that the pieces before it were, `accepts` what could have
    come instead.
    """

    start: str
    pieces: list[Piece]
    at: int
    given: list[str]
    accepts: set[str]

    @property
    def piece(self) -> Piece | None:
        """The piece that does not fit; None at the end of the statement."""
        return self.pieces[self.at] if self.at < len(self.pieces) else None

    @property
    def before(self) -> str:
        """The terminal before it."""
        return self.given[-1] if self.given else ""

    @property
    def terminal(self) -> str:
        """The terminal that the piece is, or would be somewhere else; empty for a plain word."""
        piece = self.piece
        if piece is None:
            return "$END"
        return piece.terminal or KEYWORDS.get(piece.text, "")


VALUE_OPERATORS = frozenset(
    ("EQ", "NE", "LT", "LE", "GT", "GE", "CONTAINS", "STARTS_WITH", "ENDS_WITH", "LIKE")
)


OPERATORS = VALUE_OPERATORS | {
    "IN", "NOT_IN", "MATCHES", "CONTAINS_ANY_OF", "CONTAINS_ALL_OF",
}  # fmt: skip


WINDOWS = frozenset(
    ("WITHIN", "WITHIN_LAST", "WITHIN_NEXT", "OLDER_THAN", "BEFORE", "AFTER", "BETWEEN")
)


LITERALS = frozenset(("NUMBER", "TEXT", "BOOLEAN", "DATE", "INSTANT", "RANGE", "REGEX"))


def place(s: Stuck) -> Span:
    """Where to point: at the piece that does not fit, or at the last one."""
    if s.piece is not None:
        return s.piece.span
    end = s.pieces[-1].span
    return end


def reserved_word(s: Stuck) -> Problem:
    """A word of the language where a name is needed."""
    text = s.pieces[s.at].text
    return Problem(
        "LR030",
        f"`{text}` is a word of the language and no name here",
        f"if it is a name, put it in backquotes: `` `{text}` ``",
        s.pieces[s.at].span,
    )


def words_of(pieces: list[Piece]) -> str:
    """The pieces as a person would write them, cut when there are very many."""
    text = ""
    for piece in pieces[:40]:
        tight = piece.text in (")", "]", ",") or text.endswith(("(", "[")) or not text
        text += piece.text if tight else f" {piece.text}"
    return text if len(pieces) <= 40 else f"{text} …"


def shown(piece: Piece) -> str:
    """A piece as it was written: points with their sign."""
    plus = piece.terminal == "POINTS" and not piece.text.startswith("-")
    return f"+{piece.text}" if plus else piece.text


def nearest(word: str, candidates: tuple[str, ...]) -> str | None:
    """The candidate that a word is a misspelling of, within a third of its letters."""
    best = None
    least = max(1, len(word) // 3) + 1 if len(word) > 2 else 0
    for candidate in candidates:
        distance = _distance(word, candidate, least)
        if distance < least:
            best, least = candidate, distance
    return best


def _distance(a: str, b: str, most: int) -> int:
    if abs(len(a) - len(b)) >= most:
        return most
    row = list(range(len(b) + 1))
    before_row = row
    for i, c in enumerate(a, 1):
        new = [i]
        for j, d in enumerate(b, 1):
            cost = min(row[j] + 1, new[j - 1] + 1, row[j - 1] + (c != d))
            if i > 1 and j > 1 and c == b[j - 2] and a[i - 2] == d:
                cost = min(cost, before_row[j - 2] + 1)
            new.append(cost)
        before_row, row = row, new
    return row[-1]


def unit_start(s: Stuck) -> int:
    """Where the part of a condition begins that the place is in, behind `and` and the like."""
    depth = 0
    for i in range(s.at - 1, -1, -1):
        t = s.given[i]
        depth += (t in ("RPAR", "RBRACK")) - (t in ("LPAR", "LBRACK"))
        if depth < 0 or (depth == 0 and t in _BEFORE_UNIT and s.given[i - 1 : i] != ["DURATION"]):
            return i + 1
        if depth == 0 and t == "EQ" and i == 2 and s.given[0] == "DEFINE":
            return i + 1
    return 0


def unit_end(s: Stuck) -> int:
    """Where it ends."""
    end = chain_end(s)
    depth = 0
    for i in range(s.at + 1, end):
        t = s.pieces[i].terminal
        depth += (t in ("LPAR", "LBRACK")) - (t in ("RPAR", "RBRACK"))
        if depth == 0 and s.pieces[i].text in ("and", "or"):
            return i
    return end


_BEFORE_CHAIN = frozenset(("WHEN", "DEFINE", "COLON", "EXCLUDE", "FREEZE", "UNTIL"))
_BEFORE_UNIT = frozenset(
    ("AND", "OR", "WHEN", "COLON", "EXCLUDE", "FREEZE", "UNTIL", "POINTS", "ARROW")
)


def chain_start(s: Stuck) -> int:
    """Where the condition begins, at this depth, that the place is in."""
    depth = 0
    for i in range(s.at - 1, -1, -1):
        t = s.given[i]
        depth += (t in ("RPAR", "RBRACK")) - (t in ("LPAR", "LBRACK"))
        if depth < 0 or (depth == 0 and t in _BEFORE_CHAIN):
            return i + (3 if t == "DEFINE" else 1)
    return 0


def chain_end(s: Stuck) -> int:
    """Where it ends."""
    depth = 0
    for i in range(s.at, len(s.pieces)):
        t = s.pieces[i].terminal
        depth += (t in ("LPAR", "LBRACK")) - (t in ("RPAR", "RBRACK"))
        if depth < 0 or (depth == 0 and t in ("POINTS", "ARROW", "PAYS", "COSTS")):
            return i
        if depth == 0 and s.pieces[i].text == "when":
            return i
    # A reason behind the condition of `exclude` is no part of it.
    ends = s.given[:1] in (["EXCLUDE"], ["FREEZE"]) and s.pieces[-1].terminal == "TEXT"
    value = len(s.pieces) > 1 and s.pieces[-2].terminal in VALUE_OPERATORS
    return len(s.pieces) - (ends and not value)
