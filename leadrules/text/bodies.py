"""Wording for the rows of a band, the items of a checklist, and what is neither."""

from __future__ import annotations

from leadrules.model.source import Span
from leadrules.text.feed import Piece
from leadrules.text.literals import Problem, quoted
from leadrules.text.missing import missing
from leadrules.text.stuck import LITERALS, OPERATORS, Stuck, place, words_of

_PAYING = frozenset(("POINTS", "PAYS", "COSTS"))


def row(s: Stuck) -> Problem | None:
    """A row of a band."""
    if s.start != "s_band":
        return None
    piece, first = s.piece, s.pieces[0]
    paid = _PAYING.intersection(s.given)
    after = s.pieces[s.at + 1] if s.at + 1 < len(s.pieces) else None
    if paid:
        if piece is not None and (s.terminal in _MORE or piece.text in ("if", "unless")):
            return Problem(
                "LR043",
                f"a row has points and a reason, and no `{piece.text}`",
                "write a rule outside the band instead",
                piece.span,
            )
        if s.terminal == "COMMA":
            help_ = "drop the comma; on one line `;` stands between rows"
            return Problem("LR043", "a row ends with its line", help_, place(s))
        if s.terminal in ("RANGE", "NUMBER", "LBRACK", "OTHERWISE") and piece is not None:
            help_ = "put `;` before it, or put it on a line of its own"
            return Problem("LR043", f"`{piece.text}` begins a row of its own", help_, piece.span)
        if s.before in _PAYING and s.given[:1] == ["NUMBER"] and s.terminal in _PAYING:
            low, high = first.text, s.pieces[1].text.lstrip("-")
            help_ = f"write `{low}..{high}`"
            return Problem("LR049", "a range is written with two points", help_,
                           Span(first.span.start, s.pieces[1].span.end))  # fmt: skip
        return None
    signed = first.span.end - first.span.start > len(first.text)
    if piece is None and s.given == ["NUMBER"] and signed:
        help_ = f"write `otherwise +{first.text}`"
        return Problem("LR035", "this row has no value", help_, first.span)
    if piece is None:
        return Problem(
            "LR002",
            "this row has a value and no points",
            f"write `{words_of(s.pieces)} +10`",
            Span(first.span.start, s.pieces[-1].span.end),
        )
    text, t = piece.text, s.terminal
    if t == "ARROW":
        return Problem(
            "LR038",
            "a row of a band pays points, and gives no label",
            "write `+10`; labels stand in `classify NAME { … }`",
            piece.span,
        )
    if (text in ("else", "default") and s.at == 1) or first.text in ("else", "default"):
        return Problem("LR020", f"`{first.text}` is written `otherwise`",
                       "write `otherwise +0`", first.span)  # fmt: skip
    if s.at == 0:
        return _start(s, piece, after)
    if first.text in ("in", "=", "is") and s.at == 1 and t in ("RANGE", "LBRACK", "NUMBER", "TEXT"):
        help_ = f"write `{text} +10`" if t != "LBRACK" else "write `[FR, BE] +10`"
        return Problem("LR043", f"a row has a value, and no `{first.text}`", help_, first.span)
    if first.text in ("each", "no", "not", "any", "field") and s.at == 1:
        return _no_row(s)
    if text in ("to", "-") and s.before == "NUMBER" and after is not None:
        help_ = f"write `{first.text}..{after.text}`"
        return Problem("LR049", "a range is written with two points", help_, piece.span)
    if t == "NUMBER" and s.at == 1:
        help_ = f"write `{first.text} +{text}`"
        return Problem("LR043", f"points begin with a sign: `{text}`", help_, piece.span)
    if piece.terminal == "COLON" or t == "EQ":
        points = after.text.lstrip("+") if after is not None else "10"
        points = points if points[:1].isdigit() else "10"
        return Problem("LR043", f"behind the value of a row stand its points, and no `{text}`",
                       f"write `{first.text} +{points}`", piece.span)  # fmt: skip
    if t in ("OR", "AND", "COMMA") and after is not None:
        help_ = f"write `[{first.text}, {after.text}]`"
        return Problem("LR043", "several values of a row stand in a list", help_, piece.span)
    if t in OPERATORS or t in ("WITHIN", "KNOWN"):
        return _no_row(s)
    return None


def _no_row(s: Stuck) -> Problem:
    return Problem(
        "LR038",
        "a row has a value or a range, and no condition",
        "write it like `50..249 +10` or `FR +5`; a condition is a rule outside the band",
        Span(s.pieces[0].span.start, place(s).end),
    )


_MORE = frozenset(
    ("MAX", "MIN", "WHEN", "HALF_LIFE", "FADES_OVER", "EXPIRES_AFTER", "DECAYS", "LOSES")
)


def _start(s: Stuck, piece: Piece, after: Piece | None) -> Problem | None:
    value = after.text if after is not None and after.terminal == "NUMBER" else "50"
    ranges = {
        "LT": f"..<{value}", "LE": f"..{value}", "GT": f"{value}..", "GE": f"{value}..",
    }  # fmt: skip
    if s.terminal in ranges:
        more = ", for whole numbers with the next one" if s.terminal == "GT" else ""
        return Problem(
            "LR043",
            f"a row has a range, and no `{piece.text}`",
            f"write `{ranges[s.terminal]}`{more}",
            piece.span,
        )
    if s.terminal in ("EQ", "IN", "NE"):
        shown = after.text if after is not None and after.terminal != "LBRACK" else "[FR, BE]"
        help_ = f"write `{shown} +10`"
        return Problem("LR043", f"a row has a value, and no `{piece.text}`", help_, piece.span)
    if s.terminal == "DURATION":
        number = piece.text.rstrip("abcdefghijklmnopqrstuvwxyz ")
        return Problem(
            "LR043",
            f"`{piece.text}` is a length of time, and a row has a value or a range",
            f"write the number alone: `{number} +10` or `..{number} +10`",
            piece.span,
        )
    if s.terminal in _PAYING:
        return Problem("LR035", "this row has no value", f"write `otherwise {piece.text}`"
                       if piece.text.startswith(("+", "-")) else f"write `otherwise +{piece.text}`",
                       piece.span)  # fmt: skip
    return None if s.terminal in LITERALS or s.terminal == "LBRACK" else _no_row(s)


def item(s: Stuck) -> Problem | None:
    """An item of a checklist."""
    if s.start != "s_checklist":
        return None
    piece, first = s.piece, s.pieces[0]
    if "COLON" in s.given:
        if s.terminal in _PAYING | {"ARROW"} and s.before != "COLON":
            what = "label" if s.terminal == "ARROW" else "points"
            return Problem(
                "LR043",
                f"an item of a checklist is a condition, and has no {what}",
                f"drop it; rules may ask for the item: `BANT.{first.text} +10`",
                place(s),
            )
        if s.terminal == "TEXT" and "POINTS" not in s.accepts and s.before != "COLON":
            return Problem("LR043", "an item of a checklist has no reason", "take it out", place(s))
        if piece is not None and piece.terminal == "COLON":
            return Problem("LR043", "an item has one `:`", "put the second item on a line of its"
                           " own", place(s))  # fmt: skip
        if s.before == "COLON" and s.terminal == "EACH":
            return Problem("LR043", "an item is a condition, and `each` pays points",
                           "leave `each` out", place(s))  # fmt: skip
        if s.before == "COLON" and (piece is None or s.terminal in _PAYING | {"ARROW"}):
            return missing("COLON", place(s), f"{first.text}:")
        return None
    if any(p.terminal == "COLON" for p in s.pieces) and s.at <= 1:
        end = next(i for i, p in enumerate(s.pieces) if p.terminal == "COLON")
        if s.at == 0 and (first.terminal in LITERALS or end == 0):
            inner = first.text.strip("\"'")
            help_ = "write it like `budget: budget >= 5000`"
            if end and first.terminal == "TEXT":
                help_ = f"write `{inner}:`, or in backquotes: `` `{inner}`: ``"
            return Problem("LR046", "an item begins with its name", help_, first.span)
        if s.at == 1 and end > 1:
            name = words_of(s.pieces[:end])
            return Problem(
                "LR034",
                f"a name has no blank in it: `{name}`",
                f"write `{name.replace(' ', '_')}:`, or with backquotes: `` `{name}`: ``",
                Span(first.span.start, s.pieces[end - 1].span.end),
            )
        return None
    if s.at <= 1:
        name = first.text if not first.terminal and first.text.isidentifier() else "budget"
        whole = Span(first.span.start, s.pieces[-1].span.end)
        if any(p.terminal in _PAYING | {"ARROW"} for p in s.pieces):
            return Problem(
                "LR038",
                "points and labels do not stand in a checklist",
                "put this rule behind the block's `}`",
                whole,
            )
        named = _is_named_by_equals(s.pieces)
        condition = s.pieces[2:] if named else s.pieces
        return Problem(
            "LR043",
            "an item of a checklist has a name, a colon, and a condition",
            f"write `{name}: {words_of(condition)}`",
            whole,
        )
    return None


def _is_named_by_equals(pieces: list[Piece]) -> bool:
    """`money = budget >= 5000`: whether what stands behind the `=` is a condition by itself."""
    if len(pieces) < 4 or pieces[0].terminal or pieces[1].terminal != "EQ":
        return False
    return pieces[3].terminal in OPERATORS or pieces[3].text in ("in", "known", "missing")


def outside(s: Stuck) -> Problem | None:
    """A row without its band, an item without its checklist."""
    if s.start in ("s_band", "s_checklist") or s.start.endswith("_head"):
        return None
    piece = s.piece
    if piece is None:
        return None
    first = s.pieces[0]
    after = s.pieces[s.at + 1] if s.at + 1 < len(s.pieces) else None
    is_value = s.terminal in LITERALS or s.terminal == "MISSING"
    if s.at == 0 and is_value and after is not None and after.terminal in _PAYING:
        condition = "budget >= 5000"
        if s.terminal == "RANGE":
            condition = f"company.employees in {piece.text}"
        return Problem(
            "LR038",
            f"`{piece.text}` with points is a row, and rows stand in a band",
            f"write `band company.employees {{` before it, or a condition: `{condition} +10`",
            piece.span,
        )
    if s.given == ["OTHERWISE"] and s.terminal in _PAYING:
        return Problem(
            "LR043",
            "`otherwise` pays points only in a band",
            "write `otherwise -> lead`, or put the row into `band X { … }`",
            piece.span,
        )
    if piece.terminal == "COLON" and s.at == 1 and not first.terminal:
        rest = words_of(s.pieces[2:]) or "budget >= 5000"
        if first.text in ("total", "score", "max", "min"):
            return None
        if s.start == "s_class":
            return Problem(
                "LR038",
                f"`{first.text}:` begins an item of a checklist; a label stands behind `->`",
                f"write `{rest} -> {first.text}`",
                Span(first.span.start, piece.span.end),
            )
        return Problem(
            "LR038",
            f"`{first.text}:` begins an item, and items stand in a checklist",
            f"write `checklist BANT {{ {first.text}: {rest} }}`",
            Span(first.span.start, piece.span.end),
        )
    return None


def label_order(s: Stuck) -> Problem | None:
    """`dimension grade: C < B < A, none` and `dimension stage never falls`."""
    piece = s.piece
    first = s.pieces[0]
    alone = s.terminal == "NEVER_FALLS" and s.at <= 1
    if alone or (first.text == "dimension" and s.at <= 1):
        return _no_dimension(s)
    if s.given[:1] != ["DIMENSION"]:
        return None
    name = s.pieces[1].text if len(s.pieces) > 1 else "grade"
    if s.at <= 1:
        return None
    if "NEVER_FALLS" in s.given:
        if s.before == "NEVER_FALLS" and piece is not None:
            if piece.text in ("when", "unless", "if", "while", "before"):
                rest = words_of(s.pieces[s.at + 1 :])
                help_ = f"write `until {rest}`"
                return Problem("LR020", f"`{piece.text}` is written `until`", help_, piece.span)
            return Problem(
                "LR043",
                "behind `never falls` stands nothing, or `until` and a condition",
                f"write `dimension {name} never falls until demo_request within 7d`",
                piece.span,
            )
        if s.before == "UNTIL":
            return missing("UNTIL", place(s), "until")
        return None
    if s.at == 2:
        if piece is not None and piece.text in ("never", "falls", "fall", "not", "cannot"):
            help_ = f"write `dimension {name} never falls`"
            return Problem("LR043", "this is written `never falls`", help_, piece.span)
        labels = [p.text for p in s.pieces[2:] if p.terminal in ("", "NUMBER", "TEXT")]
        shown = " < ".join(labels[:3]) if len(labels) > 1 else "C < B < A"
        return Problem(
            "LR043",
            f"behind `dimension {name}` stands a colon, or `never falls`",
            f"write `dimension {name}: {shown}`",
            place(s),
        )
    labels = [p.text for p in s.pieces[3:] if p.terminal in ("", "NUMBER", "TEXT", "BOOLEAN")]
    if s.terminal in ("GT", "GE", "LE", "ARROW"):
        turned = " < ".join(reversed(labels)) if s.terminal in ("GT", "GE") else " < ".join(labels)
        return Problem(
            "LR043",
            "the labels stand from low to high, with `<` between them",
            f"write `dimension {name}: {turned}`",
            place(s),
        )
    if s.terminal == "LT" and "COMMA" in s.given:
        return Problem(
            "LR043",
            "labels behind a comma stand outside the order",
            f"write `dimension {name}: {' < '.join(labels)}`",
            place(s),
        )
    if s.before in ("COLON", "LT", "COMMA"):
        if piece is not None and piece.terminal == "LBRACK":
            help_ = f"write `dimension {name}: {' < '.join(labels) or 'C < B < A'}`"
            return Problem("LR043", "the labels stand without brackets", help_, piece.span)
        return missing("label", place(s), s.pieces[s.at - 1].text)
    if s.terminal in _PAYING:
        return Problem("LR003", "a `dimension` orders labels, and pays no points", "take them out",
                       place(s))  # fmt: skip
    if piece is not None and piece.text.startswith("never"):
        help_ = f"write `dimension {name} never falls` on the next line"
        return Problem("LR043", "this is a line of its own", help_, piece.span)
    if piece is not None and not piece.terminal:
        before = s.pieces[s.at - 1].text
        return Problem(
            "LR034",
            f"between two labels stands `<` or a comma: `{before} {piece.text}`",
            f"write `{before} < {piece.text}`, or one label: `{quoted(f'{before} {piece.text}')}`",
            Span(s.pieces[s.at - 1].span.start, piece.span.end),
        )
    return None


def _no_dimension(s: Stuck) -> Problem | None:
    first = s.pieces[0]
    second = s.pieces[1] if len(s.pieces) > 1 else None
    if s.terminal == "NEVER_FALLS" and s.given == ["NAME"] and first.text != "dimension":
        help_ = f"write `dimension {first.text} never falls`"
        return Problem("LR046", "`never falls` is about a dimension", help_, place(s))
    if first.terminal == "NEVER_FALLS" or (second and second.terminal == "NEVER_FALLS"):
        help_ = "write `dimension stage never falls`"
        return Problem("LR046", "`never falls` is about a dimension", help_, place(s))
    if second is not None and second.terminal in ("TEXT", "COLON"):
        help_ = "write `dimension grade: C < B < A`"
        return Problem("LR046", "behind `dimension` stands its name", help_, second.span)
    return None


def combination(s: Stuck) -> Problem | None:
    """`combine tier = grade, level`."""
    if s.given[:1] != ["COMBINE"] or s.at <= 1:
        return None
    piece = s.piece
    name = s.pieces[1].text
    names = [p.text for p in s.pieces[2:] if not p.terminal and p.text not in ("and", "or")]
    shown = ", ".join(names) if len(names) > 1 else "grade, level"
    if s.terminal in _PAYING | {"ARROW"} and len(names) > 1:
        return Problem(
            "LR003",
            "`combine` joins labels, and has no points or labels of its own",
            "take them out",
            place(s),
        )
    message = "`combine` joins the labels of two dimensions or more"
    if s.at == 2:
        message = f"behind `combine {name}` stands `=`"
    elif piece is not None and piece.terminal in LITERALS:
        message = f"`combine` joins dimensions, and `{piece.text}` is a text"
        shown = "grade, level"
    return Problem("LR043", message, f"write `combine {name} = {shown}`", place(s))


def verdict(s: Stuck) -> Problem | None:
    """`exclude` and `freeze`."""
    first = s.given[:1]
    if first not in (["EXCLUDE"], ["FREEZE"]):
        return None
    piece, word = s.piece, s.pieces[0].text
    if s.terminal in _PAYING | {"ARROW"} and s.at > 1:
        gives = "no score and no label" if word == "exclude" else "yesterday's result"
        return Problem(
            "LR003",
            f"`{word}` gives a lead {gives}, so no points or label follow",
            "take them out, or take out the word" if word == "exclude" else "take them out",
            place(s),
        )
    if s.at > 1:
        if piece is not None and piece.text in ("because", "reason", "with") and s.before != "WORD":
            return Problem("LR020", "a reason stands in quotes, with no word before it",
                           f"drop `{piece.text}`", piece.span)  # fmt: skip
        return None
    if piece is not None and piece.text in ("when", "if", "where"):
        return Problem(
            "LR043", f"behind `{word}` the condition stands alone", f"drop `{piece.text}`",
            piece.span,
        )  # fmt: skip
    if piece is not None and piece.terminal == "TEXT":
        help_ = f"write `{word} country = US {piece.text}`"
        return Problem("LR045", f"behind `{word}` the condition is missing", help_, piece.span)
    if piece is None or s.terminal in _PAYING | {"ARROW", "OTHERWISE", "EACH"}:
        return missing(word.upper(), place(s), word)
    return None
