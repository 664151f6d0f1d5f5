"""Wording for values: on the wrong side, of the wrong kind, or missing."""

from __future__ import annotations

from leadrules.text.feed import Piece
from leadrules.text.literals import Problem, quoted
from leadrules.text.missing import missing
from leadrules.text.odd import hyphen
from leadrules.text.stuck import LITERALS, VALUE_OPERATORS, Stuck, place
from leadrules.text.words import RESERVED


def left_value(s: Stuck) -> Problem | None:
    """A value where a condition begins."""
    if "COUNT_OF" not in s.accepts or s.terminal not in LITERALS:
        return None
    piece = s.piece
    assert piece is not None
    if "RPAR" in s.accepts or s.before == "COMMA" or _is_called(s):
        return Problem(
            "LR031",
            f"a function takes names and numbers, and `{piece.text}` is neither",
            "write it like `max(seats, 10)` or `domain(email)`",
            piece.span,
        )
    rest = s.pieces[s.at + 1 : s.at + 3]
    if s.before == "OR" and (alternative := _alternatives(s, piece)):
        return Problem(
            "LR031",
            f"`{piece.text}` alone is no condition",
            f"write `{alternative}`",
            piece.span,
        )
    if len(rest) == 2 and rest[0].text in _MIRRORED and not rest[1].terminal:
        swapped = f"{rest[1].text} {_MIRRORED[rest[0].text]} {piece.text}"
        help_ = f"write `{swapped}`"
    elif s.terminal == "NUMBER" and rest and not rest[0].terminal and rest[0].text not in RESERVED:
        help_ = f"to count events write `at least {piece.text} {rest[0].text}`"
    elif s.terminal == "TEXT" and len(rest) > 0 and rest[0].text in _MIRRORED:
        help_ = f"a name with a blank stands in backquotes: `` `{piece.text[1:-1]}` ``"
    else:
        help_ = "a condition begins with a name: `budget >= 5000`"
    return Problem(
        "LR031", f"a value does not stand on the left: `{piece.text}`", help_, piece.span
    )


def _is_called(s: Stuck) -> bool:
    return s.given[-2:] == ["NAME", "LPAR"]


def _alternatives(s: Stuck, piece: Piece) -> str | None:
    """`x = a or b`, meant as one of two values."""
    if s.at < 4 or s.pieces[s.at - 3].text != "=" or s.terminal not in ("TEXT", "NUMBER"):
        return None
    return f"{s.pieces[s.at - 4].text} in [{s.pieces[s.at - 2].text}, {piece.text}]"


_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


def wrong_value(s: Stuck) -> Problem | None:
    """Behind an operator: the wrong kind of value."""
    piece = s.piece
    if piece is None or not s.given:
        return None
    t, before = s.terminal, s.before
    operator = s.pieces[s.at - 1].text
    if before in VALUE_OPERATORS:
        if t == "LBRACK":
            right = {"=": "in", "!=": "not in"}.get(operator, "contains any of")
            return Problem(
                "LR043", f"a list stands behind `{right}`", f"write `{right} […]`", place(s)
            )
        if t == "RANGE":
            return Problem(
                "LR043", "a range stands behind `in`", f"write `in {piece.text}`", place(s)
            )
        if t == "DURATION" and "TIME_SINCE" in s.given:
            number = piece.text.rstrip("abcdefghijklmnopqrstuvwxyz ")
            return Problem(
                "LR043",
                "days and hours are compared with a number",
                f"write `{operator} {number}`",
                place(s),
            )
        if t == "DURATION":
            return Problem(
                "LR043",
                f"`{piece.text}` is a length of time, and those stand in windows",
                f"write `within {piece.text}` or `older than {piece.text}` behind an event",
                place(s),
            )
        if t == "EXACTLY":
            return Problem("LR043", "`exactly` is for texts", "leave it out", place(s))
        if t in VALUE_OPERATORS:
            return Problem(
                "LR020",
                f"`{operator} {piece.text}` is no operator",
                f"write `{piece.text}`",
                place(s),
            )
    if before in ("IN", "NOT_IN") and t in ("NUMBER", "TEXT", "BOOLEAN", "DATE", "INSTANT"):
        right = "=" if before == "IN" else "!="
        return Problem(
            "LR043",
            f"`{operator}` has a list, a range or the name of a list behind it",
            f"write `{right} {piece.text}` or `{operator} [{piece.text}]`",
            place(s),
        )
    if before in ("CONTAINS_ANY_OF", "CONTAINS_ALL_OF") and t in ("TEXT", "NUMBER"):
        return Problem(
            "LR043",
            f"`{operator}` has a list behind it",
            f"write `{operator} [{piece.text}]`",
            place(s),
        )
    if before in ("MATCHES", "EXACTLY") and "REGEX" in s.accepts:
        inner = piece.text.strip("\"'")
        return Problem(
            "LR037",
            "a pattern stands between slashes",
            f"write `matches /{inner}/`",
            place(s),
        )
    if before == "ARROW":
        return _label(s, piece)
    if before in ("WITHIN", "WITHIN_NEXT", "OLDER_THAN", "FOR", "BETWEEN") and t == "NUMBER":
        return Problem(
            "LR044",
            f"`{piece.text}` of what? A length of time has a unit",
            f"write `{operator} {piece.text}d` for days, `h` for hours, `w` for weeks",
            piece.span,
        )
    if before in ("WITHIN", "OLDER_THAN", "FOR", "BETWEEN") and t in ("DATE", "INSTANT"):
        return Problem(
            "LR044",
            f"behind `{operator}` stands a length of time, not a date",
            f"write `after {piece.text}` or `before {piece.text}`",
            piece.span,
        )
    if before in ("BEFORE", "AFTER") and t == "DURATION":
        window = "older than" if before == "BEFORE" else "within"
        return Problem(
            "LR044",
            f"behind `{operator}` stands a date",
            f"write `{window} {piece.text}`, or `{operator} 2026-11-22`",
            piece.span,
        )
    return None


def counted(s: Stuck) -> Problem | None:
    """What belongs to counting events, and to the two ends of a stretch of time."""
    if s.before == "WHERE" and "LPAR" in s.accepts and "NAME" not in s.accepts:
        if "SINCE_LAST" in s.given[-4:]:
            help_ = "write `since last page_view where (seconds > 30)`"
            return Problem("LR005", "here the filter stands in parentheses", help_, place(s))
        return Problem(
            "LR005",
            "inside a number the filter stands in parentheses",
            "write `count of page_view where (seconds > 30) >= 3`",
            place(s),
        )
    counts = ("AT_LEAST", "AT_MOST", "EXACTLY")
    if s.before in counts and s.piece is not None and s.terminal == "DURATION":
        number, _, unit = s.piece.text.partition(" ")
        if unit:
            event = f"`` {s.pieces[s.at - 1].text} {number} `{unit}` ``"
            return Problem(
                "LR047",
                f"`{s.piece.text}` is a length of time, and events are counted here",
                f"write `{s.pieces[s.at - 1].text} {number} page_view`; an event of that name"
                f" stands in backquotes: {event}",
                s.piece.span,
            )
    if s.before in ("AT_LEAST", "AT_MOST"):
        return missing(s.before, place(s), s.pieces[s.at - 1].text)
    if s.before == "NUMBER" and len(s.given) > 1 and s.given[-2] in (
        "AT_LEAST", "AT_MOST", "EXACTLY",
    ) and "NAME" in s.accepts:  # fmt: skip
        words = f"{s.pieces[s.at - 2].text} {s.pieces[s.at - 1].text}"
        return Problem(
            "LR046",
            f"behind `{words}` the event is missing",
            f"write `{words} page_view`",
            place(s),
        )
    if "AGO" in s.accepts:
        times = f"between {s.pieces[s.at - 3].text} and {s.pieces[s.at - 1].text}"
        return Problem("LR044", "this stretch ends in `ago`", f"write `{times} ago`", place(s))
    if s.before == "DURATION" and s.given[-2:-1] == ["BETWEEN"]:
        return Problem(
            "LR044",
            "a stretch of time has two ends",
            f"write `between {s.pieces[s.at - 1].text} and 30d ago`",
            place(s),
        )
    if s.before == "BETWEEN" and s.piece is not None and s.terminal in ("DATE", "INSTANT"):
        return Problem(
            "LR044",
            "between two dates is written with `after` and `before`",
            f"write `demo_request after {s.piece.text}`",
            place(s),
        )
    return None


def _label(s: Stuck, piece: Piece) -> Problem | None:
    if s.terminal in ("POINTS", "PAYS", "COSTS", "$END"):
        return None
    text = piece.text if piece.terminal != "MINUS" else "-"
    help_ = (
        f"put it in quotes: `-> {quoted(text)}`"
        if piece.terminal in LITERALS | {"DURATION"}
        else "write `-> MQL`"
    )
    return Problem(
        "LR041", "a label is a word, a whole number or a text in quotes", help_, piece.span
    )


def hyphen_in_name(s: Stuck) -> Problem | None:
    """A name with a hyphen before the place: it explains what follows."""
    for i, terminal in enumerate(s.given):
        text = s.pieces[i].text
        if terminal == "NAME" and "-" in text and "`" not in text:
            return hyphen(text, s.pieces[i].span)
    return None


def swallowed(s: Stuck) -> Problem | None:
    """`x = +5`: the sign behind an operator made the points its value."""
    if s.piece is not None or s.before != "NUMBER" or not s.accepts & {"POINTS", "ARROW"}:
        return None
    last = s.pieces[-1]
    plus = last.span.end - last.span.start > len(last.text)
    if len(s.given) < 2 or not (plus or last.text.startswith("-")):
        return None
    if s.given[-2] == "EXACTLY":
        return Problem(
            "LR033", "`exactly` as a text stands in quotes", 'write `"exactly"`', s.pieces[-2].span
        )
    shown = f"+{last.text}" if plus and not last.text.startswith("-") else last.text
    operator = s.pieces[-2].text
    return Problem(
        "LR035",
        f"`{shown}` is the value behind `{operator}` here, so the points are missing",
        f"write the value first: `{operator} 5000 {shown}`",
        last.span,
    )
