"""Wording for two sound parts side by side that have no business with each other."""

from __future__ import annotations

from leadrules.model.source import Span
from leadrules.text.feed import Piece
from leadrules.text.literals import Problem, quoted
from leadrules.text.stuck import LITERALS, OPERATORS, Stuck, nearest, words_of
from leadrules.text.words import KEYWORDS, PHRASES, RESERVED

# What people say for an operator.
SAID = {
    "equals": "=",
    "equal": "=",
    "eq": "=",
    "is": "=",
    "isnt": "!=",
    "has": "contains",
    "have": "contains",
    "includes": "contains",
    "include": "contains",
    "contain": "contains",
    "begins": "starts with",
    "startswith": "starts with",
    "endswith": "ends with",
    "greater": ">",
    "more": ">",
    "above": ">",
    "over": ">",
    "less": "<",
    "below": "<",
    "under": "<",
    "exists": "known",
    "exist": "known",
    "set": "known",
    "unknown": "missing",
    "then": "->",
    "regex": "matches",
    "matching": "matches",
    "match": "matches",
}


def two_words(s: Stuck) -> Problem | None:
    """A word, a number or a text right behind a value or a name."""
    piece = s.piece
    if piece is None or not s.given:
        return None
    before = s.pieces[s.at - 1]
    if s.terminal == "COMMA":
        after = s.pieces[s.at + 1] if s.at + 1 < len(s.pieces) else None
        if s.before in ("NUMBER", "POINTS") and after is not None and after.terminal == "NUMBER":
            return Problem(
                "LR012",
                "a number has a point before its decimals, not a comma",
                f"write `{before.text.replace('.', '')}.{after.text}`",
                Span(before.span.start, after.span.end),
            )
        if s.before in ("COMMA", "LBRACK", "LPAR"):
            return Problem("LR035", "there is nothing before this comma", "take it out", piece.span)
        help_ = "write `and` or `or`"
        if s.before in ("WORD", "TEXT", "NUMBER") and s.given[-2:-1] == ["EQ"] and after:
            help_ = f"write `{s.pieces[s.at - 3].text} in [{before.text}, {after.text}]`"
        return Problem("LR043", "a comma stands only in a list", help_, piece.span)
    plain = not piece.terminal and piece.text not in RESERVED
    if not plain and not (s.terminal == "" and piece.text in RESERVED):
        return None
    if s.before in ("NAME", "RPAR") and piece.text in SAID and "EQ" in s.accepts:
        return _said(s, piece)
    if plain and s.before in ("WORD", "NUMBER") and "POINTS" not in s.given:
        run = _run(s)
        whole = words_of([before, *run])
        in_list = "RBRACK" in s.accepts
        comma = f", or a comma between: `{before.text}, {piece.text}`" if in_list else ""
        near = nearest(piece.text, _continuing(s))
        if near and not in_list and len(run) > 1:
            return Problem(
                "LR050", f"`{piece.text}` does not fit here", f"did you mean `{near}`?", piece.span
            )
        return Problem(
            "LR034",
            f"a text of several words stands in quotes: `{whole}`",
            f"write `{quoted(whole)}`{comma}",
            Span(before.span.start, run[-1].span.end),
        )
    if plain and s.before == "NAME" and before.text.lower() == "if":
        return Problem(
            "LR020",
            f"`{before.text}` is no word of the language",
            f"begin with the condition: `{piece.text}`",
            before.span,
        )
    if plain and ("POINTS" in s.given or "TEXT" in s.given):
        rest = _reason(s)
        whole = words_of(rest)
        span = Span(piece.span.start, rest[-1].span.end)
        return Problem("LR048", "a reason stands in quotes", f"write `{quoted(whole)}`", span)
    if plain and s.before == "NAME":
        near = nearest(piece.text, _continuing(s))
        if near:
            return Problem(
                "LR050", f"`{piece.text}` does not fit here", f"did you mean `{near}`?", piece.span
            )
        if piece.text in ("empty", "null"):
            return Problem(
                "LR043", f"`{piece.text}` alone is no test",
                "write `is empty` for a list, `missing` for a field", piece.span,
            )  # fmt: skip
        whole = f"{before.text} {piece.text}"
        if "COMMA" in s.accepts and "EQ" not in s.accepts and "LPAR" in s.given:
            return Problem(
                "LR034",
                f"two names in a row: `{whole}`",
                f"write `{before.text}, {piece.text}`, or with backquotes: `` `{whole}` ``",
                Span(before.span.start, piece.span.end),
            )
        return Problem(
            "LR034",
            f"two names in a row: `{whole}`",
            f"put `and`, `or` or an operator between them; a name with a blank stands in"
            f" backquotes: `` `{whole}` ``",
            Span(before.span.start, piece.span.end),
        )
    return None


_BEFORE_A_CONDITION = frozenset(
    ("AND", "OR", "NOT", "LPAR", "WHERE", "WHEN", "COLON", "EXCLUDE", "FREEZE", "UNTIL")
)


def forgotten(s: Stuck) -> Problem | None:
    """A sign or a word between two sound parts was forgotten, or one part stands twice."""
    piece = s.piece
    if piece is None:
        return None
    t, text = s.terminal, piece.text
    if not s.given or s.before in _BEFORE_A_CONDITION:
        if t in OPERATORS and "NAME" in s.accepts:
            help_ = f"write the field or the name before it: `score {text} …`".replace(" …", " 60")
            return Problem("LR046", f"there is no name before `{text}`", help_, piece.span)
        return None
    last = s.pieces[s.at - 1]
    if text == last.text and t in LITERALS | {"DURATION", "ARROW"} | OPERATORS:
        return Problem("LR043", f"`{text}` stands here twice", "take one out", piece.span)
    if s.before == "OTHERWISE":
        help_ = f"write `otherwise -> {text}`"
        return Problem("LR043", "behind `otherwise` stands `->`", help_, piece.span)
    if t in OPERATORS | {"ANY_OF"} and s.given == ["NAME", "EQ", "WORD"][: len(s.given)]:
        word, name = ("signal" if t == "ANY_OF" else "define"), s.pieces[0].text
        if len(s.given) > 1:
            help_ = f"to give it a name write `{word} {name} = …`".replace(" = …", " =")
            return Problem(
                "LR043", f"`{text}` does not fit behind `{last.text}`", help_, piece.span
            )
    if t in OPERATORS and s.given[-3:] == ["LPAR", "NAME", "RPAR"]:
        inner = s.pieces[s.at - 2].text
        help_ = f"write `{inner} {text}`, or a function: `domain({inner}) {text}`"
        return Problem("LR032", "these parentheses hold nothing to work out", help_, piece.span)
    if t == "NUMBER" and "MAX" in s.accepts:
        return Problem(
            "LR043", f"`{text}` has no word before it", f"write `max {text}`", piece.span
        )
    if t in ("TEXT", "NUMBER", "DATE", "RANGE", "BOOLEAN") and s.accepts >= {"COMMA", "RBRACK"}:
        help_ = f"write `{last.text}, {text}`"
        return Problem("LR043", "between two parts of a list stands a comma", help_, piece.span)
    if t in LITERALS and "EQ" in s.accepts and s.before in ("NAME", "RPAR"):
        name = last.text if s.before == "NAME" else ""
        helps = {
            "RANGE": f"write `{name} in {text}`",
            "TEXT": f"write `{name} = {text}`; a reason stands behind the points or the label",
            "REGEX": f"write `{name} matches {text}`",
            "NUMBER": f"write `{name} >= {text}`, or `{name} +{text}` for points",
        }
        return Problem(
            "LR043",
            f"something is missing between `{last.text}` and `{text}`",
            helps.get(t, f"write `{name} = {text}`").replace("write ` ", "write `"),
            piece.span,
        )
    if t == "NUMBER" and s.accepts & {"POINTS", "ARROW"}:
        help_ = f"write `+{text}`" if "POINTS" in s.accepts else f"write `-> {text}`"
        what = "points begin with a sign" if "POINTS" in s.accepts else "a label stands behind `->`"
        return Problem("LR043", f"{what}: `{text}`", help_, piece.span)
    if t == "LPAR" and "WHERE" in s.accepts:
        help_ = "write `where` before it"
        return Problem("LR043", "a filter begins with `where`", help_, piece.span)
    if t in ("NOT", "NO", "FIELD", "OTHERWISE", "WAS") and "AND" in s.accepts:
        help_ = f"write `and {text}` or `or {text}`"
        return Problem("LR043", "between two conditions stands `and` or `or`", help_, piece.span)
    if t == "RPAR" and s.before in ("PLUS", "MINUS", "STAR", "SLASH", "COMMA"):
        help_ = f"write a name or a number behind `{last.text}`"
        return Problem("LR046", f"behind `{last.text}` something is missing", help_, piece.span)
    return None


def doubled(s: Stuck) -> Problem | None:
    """One word twice: `known known`, `at at least`, `contains contains "a"`."""
    piece = s.piece
    if piece is None or not s.at or piece.text in (",", "and", "or"):
        return None
    last = s.pieces[s.at - 1]
    word = piece.text.split()[0]
    if last.text.split()[-1] == word or last.text == piece.text:
        span = piece.span if piece.text == word else last.span
        return Problem("LR043", f"`{word}` stands here twice", "take one out", span)
    if s.at > 1 and not last.terminal and last.text == s.pieces[s.at - 2].text:
        return Problem("LR043", f"`{last.text}` stands here twice", "take one out", last.span)
    return None


def _said(s: Stuck, piece: Piece) -> Problem:
    right = SAID[piece.text]
    rest = s.pieces[s.at + 1 : s.at + 3]
    words = piece.text
    span = piece.span
    if rest and piece.text == "is" and rest[0].text == "not":
        state = rest[1].text if len(rest) > 1 else ""
        right = {"known": "missing", "missing": "known"}.get(state, "!=")
        words = f"is not {state}" if right != "!=" else "is not"
        span = Span(span.start, rest[1 if right != "!=" else 0].span.end)
    elif rest and rest[0].text in ("than", "to", "with"):
        words = f"{piece.text} {rest[0].text}"
        span = Span(span.start, rest[0].span.end)
    return Problem("LR020", f"`{words}` is written `{right}`", f"write `{right}`", span)


def _run(s: Stuck) -> list[Piece]:
    """The plain words from here on."""
    end = s.at
    while end < len(s.pieces) and not s.pieces[end].terminal and end < s.at + 6:
        if s.pieces[end].text in RESERVED:
            break
        end += 1
    return s.pieces[s.at : end]


_BEHIND_POINTS = frozenset(("MAX", "MIN", "HALF_LIFE", "DECAYS", "LOSES"))


def _reason(s: Stuck) -> list[Piece]:
    """The words from here on that would be a reason, words of the language among them."""
    end = s.at + 1
    while end < len(s.pieces) and not s.pieces[end].terminal:
        if KEYWORDS.get(s.pieces[end].text) in _BEHIND_POINTS:
            break
        end += 1
    return s.pieces[s.at : end]


def _continuing(s: Stuck) -> tuple[str, ...]:
    """The words of the language that could stand here."""
    single = [word for word, name in KEYWORDS.items() if name in s.accepts]
    double = [
        " ".join((word, *rest))
        for word, rows in PHRASES.items()
        for rest, n in rows
        if n in s.accepts
    ]
    return (*single, *(d.split()[0] for d in double if not d.startswith(("is ", "not ", "any "))))
