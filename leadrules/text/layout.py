"""Raw tokens to statements: brackets, line ends, blocks, and what to do when they are wrong.

Brackets are paired before anything is cut, in one pass: `;`, `{`, `}` and `->` never stand
inside `(…)` or `[…]`, so they leave every open bracket without a partner, and a bracket
without a partner does not swallow the lines behind it. Braces are believed as they
stand; only if they do not add up is the text cut once more with the indentation as a
witness. Every step looks at each token a bounded number of times.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from leadrules.model.frozen import Frozen
from leadrules.model.source import Span
from leadrules.text.literals import Problem
from leadrules.text.scan import (
    DATE,
    DURATION,
    NEWLINE,
    NUMBER,
    RANGE,
    REGEX,
    SIGN,
    TEXT,
    WORD,
    Token,
)
from leadrules.text.words import RESERVED

DEEPEST_BLOCK = 8


class Line(Frozen):
    """The tokens of one statement, or of a block's head. `problem`: its brackets are wrong."""

    tokens: tuple[Token, ...]
    problem: Problem | None = None

    @property
    def span(self) -> Span:
        """From its first token to its last."""
        return Span(self.tokens[0].start, self.tokens[-1].end)


class Block(Frozen):
    """A head and the statements between `{` and `}`."""

    head: Line
    body: tuple[Line | Block, ...]
    span: Span
    problem: Problem | None = None


def lay_out(tokens: list[Token]) -> tuple[list[Line | Block], list[Problem]]:
    """The statements of a file, and what is wrong with its braces."""
    seen, fresh, column = _seen(tokens)
    partner = _pair(seen, fresh)
    believed = _Cut(seen, fresh, column, partner, witness=False)
    believed.run()
    if believed.adds_up:
        return believed.top, believed.problems
    doubted = _Cut(seen, fresh, column, partner, witness=True)
    doubted.run()
    return doubted.top, doubted.problems


def _seen(tokens: list[Token]) -> tuple[list[Token], list[bool], list[int]]:
    seen: list[Token] = []
    fresh: list[bool] = []
    column: list[int] = []
    line_start = 0
    new = True
    for token in tokens:
        if token.kind == NEWLINE:
            line_start = token.end
            new = True
        elif token.is_seen:
            seen.append(token)
            fresh.append(new)
            column.append(token.start - line_start)
            new = False
    return seen, fresh, column


_CLOSES = {")": "(", "]": "["}
# Never inside a list: an open `[` before one of these was not closed.
_NO_ITEM = frozenset(("=", "!=", "<", "<=", ">", ">=", "(", "+", "*", "/"))
_VALUES = frozenset((NUMBER, TEXT, DURATION, DATE, REGEX))
_OPENERS = frozenset(("no", "each", "any", "otherwise", "exclude", "freeze", "event", "events"))
_SECOND = frozenset(("of", "with", "than", "least", "most", "ago", "last", "next"))


def _pair(seen: list[Token], fresh: list[bool]) -> list[int | None]:
    """For each bracket the index of its partner; None for all other tokens."""
    partner: list[int | None] = [None] * len(seen)
    stack: list[int] = []
    waiting = {"(": 0, "[": 0}
    for i, token in enumerate(seen):
        if stack and (
            (fresh[i] and not _is_list(seen, stack[-1]) and _starts_anew(seen, i))
            or (token.kind == SIGN and token.text in ("->", ";", "{", "}"))
        ):
            stack.clear()
            waiting = {"(": 0, "[": 0}
        if token.kind != SIGN:
            continue
        while stack and token.text in _NO_ITEM and _is_list(seen, stack[-1]):
            stack.pop()
            waiting["["] -= 1
        if token.text in waiting:
            stack.append(i)
            waiting[token.text] += 1
        elif token.text in _CLOSES and waiting[_CLOSES[token.text]]:
            while True:
                open_ = stack.pop()
                waiting[seen[open_].text] -= 1
                if seen[open_].text == _CLOSES[token.text]:
                    break
            partner[open_] = i
            partner[i] = open_
    return partner


def _is_list(seen: list[Token], i: int) -> bool:
    # `signal x = any of [a where (b = 1), c]` has brackets around events, not values.
    if seen[i].text != "[":
        return False
    return [t.text for t in seen[max(0, i - 3) : i]] != ["=", "any", "of"]


def _starts_anew(seen: list[Token], i: int) -> bool:
    # Two values in a row are never right: the line before was a statement of its own, and
    # the parenthesis in it is open by mistake.
    before, token = seen[i - 1], seen[i]
    value = before.kind in _VALUES or before.text in (")", "]")
    if not value and not (before.kind == WORD and before.text not in RESERVED):
        return False
    if token.kind != WORD:
        return value and token.text == "("
    if token.text == "not":
        return not (i + 1 < len(seen) and seen[i + 1].text == "in")
    return token.text in _OPENERS or token.text not in RESERVED | _SECOND


@dataclass(slots=True)
class _Open:
    """A block that is being read."""

    head: Line
    brace: Token
    column: int
    inline: bool
    is_band: bool = False
    body: list[Line | Block] = field(default_factory=list)
    # Whether what is in it stands to the right of its head: only then is indentation a witness.
    indented: bool | None = None
    problem: Problem | None = None


_GO_ON = frozenset(("->", "+", "-", "{"))
_TAILS = frozenset(("and", "or", "not"))
_BEFORE_A_WORD = frozenset(
    ("->", "=", "!=", "<", "<=", ">", ">=", "contains", "like", "with", "exactly")
)
# Behind a word that could open a block: then it is a name, as in `score known +5`.
_NO_NAME = RESERVED | {"complete"}
# The words that open a block, and those of them that stand outside any other.
HEADS = ("score", "classify", "checklist", "band", "group", "first", "best")
_OUTERMOST = frozenset(("score", "classify", "checklist"))
# What may follow the name of a block that has no `{` yet.
_BEHIND_A_NAME = frozenset(("min", "max", "when", "unique", "half-life", "fades", "expires"))


class _Cut:
    """One pass over the tokens that cuts them into statements and blocks."""

    def __init__(
        self,
        seen: list[Token],
        fresh: list[bool],
        column: list[int],
        partner: list[int | None],
        witness: bool,
    ) -> None:
        self.seen, self.fresh, self.column = seen, fresh, column
        self.partner, self.witness = partner, witness
        self.top: list[Line | Block] = []
        self.problems: list[Problem] = []
        self.adds_up = True
        self._blocks: list[_Open] = []
        self._start = 0
        # How many `}` belong to a mistake that has been told already.
        self._owed = 0
        self._too_deep = 0
        self._told_deep = False

    def run(self) -> None:
        """Cut everything; the result is in `top` and `problems`."""
        depth = 0
        hanging = False  # the statement has a `[` without a partner
        for i, token in enumerate(self.seen):
            if self.fresh[i] and depth == 0 and self._start < i and not self._goes_on(i, hanging):
                self._line_end(i)
                hanging = False
            if i == self._start and self.fresh[i] and self.witness:
                self._look_at_indentation(i)
            if token.kind != SIGN:
                continue
            if self.partner[i] is not None:
                depth += 1 if token.text in "([" else -1
            elif token.text == "[":
                hanging = True
            elif token.text in (";", "{", "}"):
                hanging = False
                if token.text == "{":
                    self._open(i)
                else:
                    self._end(i)
                    if token.text == "}":
                        self._close(i)
                self._start = i + 1
        self._end(len(self.seen))
        if self._blocks:
            self.adds_up = False
        if not self._told_deep:
            for block in self._blocks[-1:]:
                self._never_closed(block)
        while self._blocks:
            self._pop(self.seen[-1].end)

    def _goes_on(self, i: int, hanging: bool) -> bool:
        token, before = self.seen[i], self.seen[i - 1]
        if self._blocks and self._blocks[-1].is_band:
            # Every line is a row: `-10..5 +3` begins one, and `or +5` is about Oregon.
            return hanging and self._only_items(i)
        if token.kind == SIGN and token.text in _GO_ON:
            return True
        if token.kind == WORD and token.text in ("and", "or"):
            return True
        if before.kind == WORD and before.text in _TAILS:
            if self._is_opening(i):
                return False
            # `country = or` ends in a text.
            return i < 2 or i - 1 == self._start or self.seen[i - 2].text not in _BEFORE_A_WORD
        return hanging and self._only_items(i)

    def _only_items(self, i: int) -> bool:
        # A line that is one word may be a rule, unless the line before ended in a comma.
        comma = self.seen[i - 1].text in (",", "[")
        for j in range(i, len(self.seen)):
            if j > i and self.fresh[j]:
                break
            token = self.seen[j]
            if token.kind == SIGN and token.text not in (",", "]"):
                return False
            if token.kind == WORD and j > i and self.seen[j - 1].text != ",":
                return False
            comma = comma or token.kind == SIGN
        return comma

    def _line_end(self, i: int) -> None:
        self._end(i)
        self._start = i
        if not self._blocks or self.seen[i].text == "}":
            return
        told = False
        while self._blocks and self._blocks[-1].inline and self._blocks[-1].body:
            block = self._blocks[-1]
            if not told:
                self._never_closed(block, inline=True)
            told = True
            if self.column[i] > block.column:
                # What follows still seems to be meant for it.
                block.inline, block.indented = False, True
                break
            self._owed += 1
            self._pop(self.seen[i - 1].end)

    def _end(self, i: int) -> None:
        """The statement that began at `_start` ends before token `i`."""
        if self._start >= i or self._too_deep:
            return
        line = self._line(self._start, i)
        if self._is_head(line):
            if self._opens_inline(line, i):
                return
            if self._blocks:
                self.adds_up = False
            if self.witness and self._opens_without_brace(line, i):
                return
            outermost = line.tokens[0].text in _OUTERMOST
            if outermost and not self._blocks and self.seen[i - 1] is line.tokens[-1]:
                self._owed += 1
        (self._blocks[-1].body if self._blocks else self.top).append(line)

    def _is_head(self, line: Line) -> bool:
        """Whether a line would open a block if it had a `{`."""
        if len(line.tokens) < 2 or line.tokens[0].kind != WORD:
            return False
        first, second = line.tokens[0].text, line.tokens[1]
        if first == "group":
            return second.kind == TEXT
        if first in ("first", "best"):
            return second.text == "of"
        if first == "band" and second.text in ("(", "field"):
            return True
        return first in HEADS and second.kind == WORD and second.text not in _NO_NAME

    def _opens_inline(self, line: Line, i: int) -> bool:
        """`band x 1..9 +5; 10.. +10 }`: its `{` is missing, and the first row with it."""
        if i >= len(self.seen) or self.seen[i].text != ";" or line.tokens[0].text != "band":
            return False
        rows = [k for k, t in enumerate(line.tokens) if t.kind in (NUMBER, RANGE, TEXT)]
        if not rows or rows[0] < 2:
            return False
        head = Line(line.tokens[: rows[0]])
        words = " ".join(t.text for t in head.tokens)
        self.problems.append(
            Problem("LR027", "this block has no `{`", f"write `{words} {{`", head.span)
        )
        column = self.column[self._start]
        self._blocks.append(_Open(head, head.tokens[-1], column, True, is_band=True))
        return True

    def _opens_without_brace(self, line: Line, i: int) -> bool:
        words = [t.text for t in line.tokens]
        first = words[0]
        if "->" in words or "+" in words or i >= len(self.seen):
            return False
        if first in _OUTERMOST:
            bare = len(words) == 2 or words[2] in _BEHIND_A_NAME
            if self._blocks or not bare:
                return False
        if not self.fresh[i] or self.column[i] <= self.column[self._start]:
            return False
        problem = Problem(
            "LR027",
            "this block has no `{`",
            f"write `{' '.join(words)} {{`" if len(words) < 8 else "put `{` at its end",
            line.span,
        )
        self.problems.append(problem)
        column = self.column[self._start]
        block = _Open(line, line.tokens[-1], column, False, first == "band", indented=True)
        self._blocks.append(block)
        return True

    def _open(self, i: int) -> None:
        brace = self.seen[i]
        if self._too_deep or len(self._blocks) >= DEEPEST_BLOCK:
            if not self._told_deep:
                message = f"blocks nest at most {DEEPEST_BLOCK} deep"
                self.problems.append(
                    Problem("LR028", message, "put these rules into fewer blocks", brace.span)
                )
            self._told_deep = True
            self._too_deep += 1
            return
        if self._start >= i:
            self.problems.append(
                Problem(
                    "LR027",
                    "this `{` belongs to nothing",
                    "a block begins with a name: `score fit {` or `classify grade {`",
                    brace.span,
                )
            )
            block = self._blocks[-1] if self._blocks else None
            if block is not None and i and block.brace is self.seen[i - 1]:
                # A brace that was doubled: the block is as it would be without the second.
                block.inline = i + 1 < len(self.seen) and not self.fresh[i + 1]
            self._owed += 1
            return
        head = self._line(self._start, i)
        words = [t.text for t in head.tokens[:2]]
        if self._blocks and words[0] in _OUTERMOST:
            # Further to the right it is meant to stand inside, and the reader says that it cannot.
            inside = self.column[self._start] > self._blocks[-1].column
            self.adds_up = self.adds_up and inside
        inline = i + 1 < len(self.seen) and not self.fresh[i + 1]
        is_band = words[0] == "band"
        self._blocks.append(_Open(head, brace, self.column[self._start], inline, is_band))

    def _close(self, i: int) -> None:
        if self._too_deep:
            self._too_deep -= 1
            return
        if not self._blocks:
            self.adds_up = False
            if self._owed:
                self._owed -= 1
                return
            self.problems.append(
                Problem(
                    "LR026",
                    "this `}` closes nothing: no block is open here",
                    "delete it",
                    self.seen[i].span,
                )
            )
            return
        self._pop(self.seen[i].end)

    def _pop(self, end: int) -> None:
        block = self._blocks.pop()
        start = block.head.span.start
        whole = Block(block.head, tuple(block.body), Span(start, end), block.problem)
        (self._blocks[-1].body if self._blocks else self.top).append(whole)

    def _never_closed(self, block: _Open, inline: bool = False) -> None:
        self.problems.append(
            Problem(
                "LR025",
                "a block whose first rule stands on the line of its `{` ends on that line"
                if inline
                else "this block is never closed",
                "close it with `}` on that line, or put its first rule on the next line"
                if inline
                else "put `}` on a line of its own behind its last rule",
                block.brace.span,
            )
        )

    def _look_at_indentation(self, i: int) -> None:
        if not self._blocks:
            return
        block = self._blocks[-1]
        if block.indented is None and self.seen[i].text != "}":
            block.indented = self.column[i] > block.column
        if self.seen[i].text == "}":
            while len(self._blocks) > 1 and block.indented and self.column[i] < block.column:
                self._never_closed(block)
                self._pop(self.seen[i - 1].end)
                block = self._blocks[-1]
            return
        outside = block.indented and self.column[i] <= block.column
        if outside or self._is_opening(i):
            self._never_closed(block)
            self._pop(self.seen[i - 1].end)
            while self._blocks and (
                self._is_opening(i)
                or (self._blocks[-1].indented and self.column[i] <= self._blocks[-1].column)
            ):
                self._pop(self.seen[i - 1].end)

    def _is_opening(self, i: int) -> bool:
        """Whether a statement begins here that never stands in a block."""
        first, second, third = (
            (self.seen[j].kind, self.seen[j].text) if j < len(self.seen) else ("", "")
            for j in (i, i + 1, i + 2)
        )
        if first[0] != WORD:
            return False
        if first[1] in ("include", "timezone", "ruleset"):
            return second[0] == TEXT
        if first[1] == "use":
            return second[1] == "schema"
        if first[1] in ("exclude", "freeze"):
            return second[0] == WORD
        if first[1] == "total":
            return second[1] in ("min", "max")
        if second[0] != WORD or second[1] in RESERVED:
            return False
        if first[1] in ("define", "list", "signal", "combine"):
            return third[1] == "="
        if first[1] == "dimension":
            return third[1] in (":", "never")
        return first[1] in _OUTERMOST and (third[1] == "{" or third[1] in _BEHIND_A_NAME)

    def _line(self, start: int, end: int) -> Line:
        tokens = tuple(self.seen[start:end])
        for i in range(start, end):
            token = self.seen[i]
            if token.kind != SIGN or self.partner[i] is not None:
                continue
            if token.text in "([":
                closing = ")" if token.text == "(" else "]"
                problem = Problem(
                    "LR023",
                    f"this `{token.text}` is never closed",
                    f"put `{closing}` where it ends",
                    token.span,
                )
                return Line(tokens, problem)
            if token.text in ")]":
                opening = "(" if token.text == ")" else "["
                problem = Problem(
                    "LR024",
                    f"this `{token.text}` closes nothing",
                    f"delete it, or put `{opening}` where it should begin",
                    token.span,
                )
                return Line(tokens, problem)
        return Line(tokens)
