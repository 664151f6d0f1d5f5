"""The tokens of one statement made ready for the parser.

Signs are joined to their numbers, words that belong together become one piece, and the
depth of parentheses is bounded here, so that no later walk of a tree can run out of
stack. Which terminal a word is, is decided when it is handed in: a keyword where the
parser can take that keyword, else a name or a text.
"""

from __future__ import annotations

from collections.abc import Collection

from leadrules.model.diagnostic import Fix
from leadrules.model.frozen import Frozen
from leadrules.model.source import Span
from leadrules.text import scan
from leadrules.text.literals import Problem, quoted
from leadrules.text.scan import Token
from leadrules.text.words import KEYWORDS, PHRASES, RESERVED

DEEPEST = 64


class Piece(Frozen):
    """What the parser takes as one token. `terminal` is empty for a word: not decided yet."""

    terminal: str
    text: str
    span: Span


def pieces(tokens: tuple[Token, ...], body: str = "top") -> list[Piece] | Problem:
    """The pieces of a statement, or what is wrong with its signs.

    `body` is what it stands in (`band`), or `head` for what stands before a block's `{`.
    """
    if tokens[0].text == "else" and len(tokens) > 1 and tokens[1].text == "->":
        # It would be an event of that name, and nobody would be told.
        help_ = "write `otherwise`; an event of that name stands in backquotes: `` `else` ``"
        return Problem("LR020", "`else` is written `otherwise`", help_, tokens[0].span)
    pays = len(tokens) > 2 and tokens[1].text in ("+", "-")
    if tokens[0].text == "else" and pays and body != "band":
        return Problem(
            "LR020",
            "`else` pays no points: each rule has its own condition",
            "write `not` and the condition before these points; "
            "an event of that name stands in backquotes: `` `else` ``",
            tokens[0].span,
        )
    result: list[Piece] = []
    open_: list[str] = []
    # Whether `max` and `min` are limits here: an event called `max` may have points.
    limits = body == "head" or (
        tokens[0].text == "total" and len(tokens) > 1 and tokens[1].text in ("min", "max")
    )
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if token.kind == scan.WORD:
            piece, i = _word(tokens, i)
            result.append(piece)
            continue
        if token.kind != scan.SIGN:
            result.append(Piece(_KINDS[token.kind], token.text, token.span))
        elif token.text in ("+", "-"):
            starts = not result and body == "band"
            joined = _sign(tokens, i, result, open_, starts, limits)
            if isinstance(joined, Problem):
                return joined
            limits = limits or joined.terminal in _PAYING
            if joined.terminal in ("NUMBER", "RANGE", "POINTS"):
                i += 1
            result.append(joined)
        else:
            if token.text in "([":
                open_.append(token.text)
            elif token.text in ")]" and open_:
                open_.pop()
            result.append(Piece(_SIGNS[token.text], token.text, token.span))
        i += 1
    return _too_deep(result) or result


def terminal(pieces: list[Piece], i: int, choices: Collection[str]) -> str | None:
    """The terminal that a piece is where the parser can take `choices`; None: it fits nowhere."""
    piece = pieces[i]
    if piece.terminal:
        return piece.terminal if piece.terminal in choices else None
    word = piece.text
    keyword = KEYWORDS.get(word)
    if (
        keyword is not None
        and keyword in choices
        and ("NAME" not in choices or _is_meant(keyword, pieces, i, choices))
    ):
        return keyword
    after = pieces[i + 1] if i + 1 < len(pieces) else None
    if "NAME" in choices and word not in RESERVED:
        called = after is not None and after.terminal == "LPAR"
        if "WORD" not in choices or called or "`" in word:
            return "NAME"
    return "WORD" if "WORD" in choices and "`" not in word else None


_KINDS = {
    scan.NUMBER: "NUMBER",
    scan.RANGE: "RANGE",
    scan.DURATION: "DURATION",
    scan.PERCENT: "PERCENT",
    scan.DATE: "DATE",
    scan.INSTANT: "INSTANT",
    scan.TEXT: "TEXT",
    scan.REGEX: "REGEX",
}
_SIGNS = {
    "(": "LPAR",
    ")": "RPAR",
    "[": "LBRACK",
    "]": "RBRACK",
    ",": "COMMA",
    "->": "ARROW",
    "*": "STAR",
    "/": "SLASH",
    "=": "EQ",
    "!=": "NE",
    "<": "LT",
    "<=": "LE",
    ">": "GT",
    ">=": "GE",
    ":": "COLON",
}
_OPERATORS = frozenset(("EQ", "NE", "LT", "LE", "GT", "GE"))
_VALUE_WORDS = frozenset(("in", "contains", "like"))


def _word(tokens: tuple[Token, ...], i: int) -> tuple[Piece, int]:
    token = tokens[i]
    for words, name in PHRASES.get(token.text, ()):
        rest = tokens[i + 1 : i + 1 + len(words)]
        if tuple(t.text for t in rest) == words and _is_phrase(name, tokens, i + 2):
            span = Span(token.start, rest[-1].end)
            return Piece(name, " ".join((token.text, *words)), span), i + 1 + len(words)
    return Piece("", token.text, token.span), i + 1


def _is_phrase(name: str, tokens: tuple[Token, ...], i: int) -> bool:
    """Whether two words belong together that could also be a name and what follows it."""
    after = tokens[i] if i < len(tokens) else None
    if name == "EXPIRES_AFTER":
        # An event `expires` may stand before `after 2026-11-22`.
        return after is None or after.kind not in (scan.DATE, scan.INSTANT)
    if name == "SINCE_LAST":
        # `since last` alone is since an event of that name.
        named = after is not None and after.kind == scan.WORD
        return named and after is not None and after.text not in RESERVED - _EVERY_EVENT
    return True


_EVERY_EVENT = frozenset(("any", "event", "events"))


def _sign(
    tokens: tuple[Token, ...],
    i: int,
    before: list[Piece],
    open_: list[str],
    starts: bool,
    limits: bool,
) -> Piece | Problem:
    token = tokens[i]
    sign = token.text
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    last = before[-1] if before else None
    if after is not None and after.kind in (scan.NUMBER, scan.RANGE):
        span = Span(token.start, after.end)
        text = after.text if sign == "+" else f"-{after.text}"
        if starts or (last is not None and _is_value_place(before, open_, limits)):
            return Piece("NUMBER" if after.kind == scan.NUMBER else "RANGE", text, span)
    glued = i > 0 and tokens[i - 1].end == token.start
    operand = last is not None and (last.terminal in _ENDS or last.terminal == "")
    if open_ and open_[-1] == "(":
        if sign == "-" and glued and operand:
            return _glued(tokens, i, points=False)
        return Piece("PLUS" if sign == "+" else "MINUS", sign, token.span)
    if glued and operand:
        return _glued(tokens, i, points=True)
    if after is not None and after.kind == scan.NUMBER:
        return Piece("POINTS", text, span)
    if after is not None and after.text == "(":
        return Piece("PAYS" if sign == "+" else "COSTS", sign, token.span)
    if tokens[0].text == "define" and i > 3 and after is not None and after.kind == scan.WORD:
        # `define x = a + b`
        inside = " ".join(t.text for t in tokens[3:]) if len(tokens) < 40 else "a + b"
        return Problem(
            "LR032",
            "a number that gets a name stands in parentheses",
            f"write `define {tokens[1].text} = ({inside})`",
            Span(tokens[3].start, tokens[-1].end),
        )
    worked = ""
    if after is not None and after.kind == scan.WORD:
        worked = f"; points that are worked out stand in parentheses: `{sign}({after.text} / 100)`"
    return Problem(
        "LR047",
        f"behind `{sign}` stands a number of points",
        f"write it like `{sign}10`{worked}",
        token.span,
    )


_PAYING = frozenset(("POINTS", "PAYS", "COSTS"))
_ENDS = frozenset(
    (
        "NUMBER",
        "RANGE",
        "DURATION",
        "DATE",
        "INSTANT",
        "TEXT",
        "REGEX",
        "RPAR",
        "RBRACK",
        "POINTS",
        "KNOWN",
        "MISSING",
        "EMPTY",
        "NOT_EMPTY",
        "ANY_EVENT",
    )
)


def _is_value_place(before: list[Piece], open_: list[str], limits: bool) -> bool:
    last = before[-1]
    if last.terminal in _OPERATORS | {"NOT_IN"}:
        return True
    if open_ and open_[-1] == "[":
        return last.terminal in ("LBRACK", "COMMA")
    if last.text in ("max", "min") and last.terminal == "":
        # Between parentheses stands no limit, but a field may be called `max`.
        return limits and not open_
    if last.terminal or len(before) < 2:
        return False
    if last.text == "exactly":
        # Elsewhere it is a name: `each exactly +5`.
        last = before[-2]
        return last.terminal in _OPERATORS | {"NOT_IN"} or last.text in _VALUE_WORDS
    return last.text in _VALUE_WORDS


def _glued(tokens: tuple[Token, ...], i: int, points: bool) -> Problem:
    before, sign = tokens[i - 1], tokens[i]
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    number = after is not None and after.kind == scan.NUMBER
    start = before.start if before.kind != scan.SIGN else sign.start
    span = Span(start, after.end if number and after else sign.end)
    if not points:
        return Problem(
            "LR019",
            "a minus has a blank before it, since a hyphen may be part of a word",
            f"write `{before.text} -{after.text}`" if after else "put a blank before it",
            span,
        )
    if number and after is not None:
        return Problem(
            "LR019",
            f"points have a blank before their `{sign.text}`",
            f"write `{before.text} {sign.text}{after.text}`",
            span,
            Fix(Span(sign.start, after.end), f" {sign.text}{after.text}"),
        )
    text = quoted(before.text.strip("\"'") + sign.text)
    if before.kind == scan.NUMBER and sign.text == "+":
        least = before.text
        return Problem(
            "LR014",
            f"`{least}+` is neither a number nor a word",
            f"for {least} and more write `{least}..` in a band or behind `in`, and"
            f" `>= {least}` behind a name; as a text it stands in quotes: `{text}`",
            span,
        )
    return Problem(
        "LR014",
        f"`{before.text}{sign.text}` is no word: a word has letters, digits, `_`,"
        " and single `.` and `-` inside",
        f"put the text in quotes: `{text}`",
        span,
    )


def _is_meant(keyword: str, pieces: list[Piece], i: int, choices: Collection[str]) -> bool:
    """Whether a word that may also be a name is a keyword, told by what follows."""
    after = pieces[i + 1] if i + 1 < len(pieces) else None
    third = pieces[i + 2] if i + 2 < len(pieces) else None
    if keyword in _BEFORE_NAME:
        if after is None:
            return False
        if after.text == "complete" and third is not None:
            # `dimension complete -> x` asks for a checklist of that name.
            return third.terminal in ("EQ", "COLON", "NEVER_FALLS")
        named = after.terminal == "" and after.text not in RESERVED
        return named or (keyword in ("DEFINE", "LIST", "SIGNAL") and _odd_name(after))
    if keyword in _BEFORE_TEXT:
        return after is not None and after.terminal == "TEXT"
    if keyword == "TOTAL":
        return after is not None and after.text in ("min", "max")
    if keyword == "DISTINCT":
        return third is not None and third.text == "in" and after is not None
    if keyword == "EXACTLY":
        # At the start of a condition it counts events; behind an operator it is about letters.
        return after is not None and ("COUNT_OF" not in choices or after.terminal == "NUMBER")
    return True


_BEFORE_NAME = frozenset(
    ("SCORE", "CLASSIFY", "DEFINE", "LIST", "SIGNAL", "DIMENSION", "COMBINE", "CHECKLIST")
)
_BEFORE_TEXT = frozenset(("INCLUDE", "TIMEZONE", "TITLE"))


def _odd_name(after: Piece) -> bool:
    return after.terminal in ("TEXT", "NUMBER") or after.text in RESERVED - {
        "known", "missing", "is", "in", "contains", "starts", "ends", "like", "matches",
        "within", "older", "before", "after", "between", "where", "and", "or", "for", "not",
    }  # fmt: skip


def _too_deep(result: list[Piece]) -> Problem | None:
    nots = [0]
    total = 0
    signs = 0
    for piece in result:
        word = piece.terminal or KEYWORDS.get(piece.text, "")
        if word == "LPAR":
            nots.append(0)
            total += 1
        elif word == "RPAR" and len(nots) > 1:
            total -= 1 + nots.pop()
        elif word == "NOT":
            nots[-1] += 1
            total += 1
        elif word in ("AND", "OR"):
            total -= nots[-1]
            nots[-1] = 0
        elif word in ("PLUS", "MINUS", "STAR", "SLASH"):
            signs += 1
        if total > DEEPEST or signs > DEEPEST:
            message = (
                f"parentheses and `not` nest at most {DEEPEST} deep"
                if total > DEEPEST
                else f"a rule calculates with at most {DEEPEST} signs"
            )
            help_ = "give a part of it a name: `define NAME = …`"
            return Problem("LR028", message, help_, piece.span)
    return None
