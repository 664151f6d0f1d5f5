"""Wording for what stands around points: `each`, its limits, decays, points worked out."""

from __future__ import annotations

from leadrules.model.frozen import changed
from leadrules.text.literals import Problem
from leadrules.text.missing import missing
from leadrules.text.stuck import (
    OPERATORS,
    VALUE_OPERATORS,
    WINDOWS,
    Stuck,
    nearest,
    place,
    shown,
    unit_start,
    words_of,
)
from leadrules.text.words import RESERVED

_PAYING = frozenset(("POINTS", "PAYS", "COSTS"))
_DECAYS = {
    "HALF_LIFE": "half-life 30d",
    "FADES_OVER": "fades over 90d",
    "EXPIRES_AFTER": "expires after 90d",
    "DECAYS": "decays 25% every 30d",
    "LOSES": "loses 5 every 7d",
}
_SAID = {
    "half": "HALF_LIFE", "halflife": "HALF_LIFE", "half_life": "HALF_LIFE", "halves": "HALF_LIFE",
    "over": "FADES_OVER", "fade": "FADES_OVER", "fades": "FADES_OVER", "fading": "FADES_OVER",
    "expire": "EXPIRES_AFTER", "expires": "EXPIRES_AFTER", "expiry": "EXPIRES_AFTER",
    "decay": "DECAYS", "decaying": "DECAYS", "lose": "LOSES", "losing": "LOSES",
}  # fmt: skip


def each(s: Stuck) -> Problem | None:
    """What stands between `each` and its points."""
    piece = s.piece
    if s.given[:1] != ["EACH"] or _PAYING.intersection(s.given) or piece is None:
        return None
    t, text = s.terminal, piece.text
    after = s.pieces[s.at + 1] if s.at + 1 < len(s.pieces) else None
    if s.at == 1:
        return _no_event(s)
    if s.given[-2:] == ["AT_MOST", "NUMBER"] and (
        text in ("a", "an", "every", "each", "per", "daily", "weekly", "monthly", "hourly", "in")
        or t == "DURATION"
    ):
        return _per(s)
    if s.before == "AT_MOST":
        return missing("AT_MOST each", place(s), "at most")
    if s.given[-2:] == ["DISTINCT", "NAME"] and s.pieces[s.at - 1].text == "by":
        help_ = f"write `distinct {text}`"
        return Problem("LR043", "behind `distinct` stands a name", help_, s.pieces[s.at - 1].span)
    if s.before in ("SPACED", "DISTINCT"):
        if text == "by" or (t == "NUMBER" and s.before == "SPACED"):
            right = after.text if after is not None and text == "by" else f"{text}d"
            word = s.pieces[s.at - 1].text
            return Problem(
                "LR043" if text == "by" else "LR044",
                f"behind `{word}` stands {'a length of time' if word == 'spaced' else 'a name'}",
                f"write `{word} {right}`",
                piece.span,
            )
        return missing("distinct by" if s.before == "DISTINCT" else "SPACED", place(s), "spaced")
    if t in WINDOWS | {"WHERE"} and {"AT_MOST", "SPACED", "DISTINCT"}.intersection(s.given):
        what = "filter" if t == "WHERE" else "window"
        return Problem(
            "LR043",
            f"the {what} stands right behind the event, before `at most`, `spaced` and `distinct`",
            "write `each page_view where (seconds > 30) within 30d at most 3 +2`",
            piece.span,
        )
    if t in ("AT_MOST", "SPACED", "DISTINCT") and "WHEN" in s.given:
        return Problem(
            "LR043",
            f"`{text}` stands before `when`",
            f"write it like `each page_view {_EACH[t]} when company known +2`",
            piece.span,
        )
    if text in ("once", "per") or t in ("PER", "AT_LEAST"):
        period = after.text.split()[-1] if text == "once" and after is not None else ""
        period = period if period in ("day", "week", "month") else "day"
        period = text.split()[1] if t == "PER" else period
        event = words_of(s.pieces[1 : s.at])
        return Problem(
            "LR043",
            f"`{text}` does not fit here: how many events count is told with `at most`",
            f"write `each {event} at most 1 per {period}`",
            piece.span,
        )
    if text in ("unique", "different", "distinct") and after is not None and not after.terminal:
        return Problem("LR043", f"`{text}` is written `distinct`",
                       f"write `distinct {after.text}`", piece.span)  # fmt: skip
    if text == "distinct":
        return missing("distinct by", place(s), "")
    if t == "DURATION" and "SPACED" in s.accepts and s.before != "NAME":
        help_ = f"write `spaced {text}`"
        return Problem("LR043", f"`{text}` alone does not fit here", help_, piece.span)
    if text in ("every", "each") and after is not None and after.terminal == "DURATION":
        help_ = f"write `spaced {after.text}`"
        return Problem("LR043", f"`{text}` does not fit here", help_, piece.span)
    if t in ("AND", "OR") and "WHEN" not in s.given and "WHERE" not in s.given:
        event = words_of(s.pieces[1 : s.at])
        other = after.text if after is not None else "reply"
        if t == "AND":
            help_ = f"write `each {event} when {other}`"
        else:
            help_ = f"write two rules, or `signal both = any of [{s.pieces[1].text}, {other}]`"
        return Problem("LR043", "`each` pays for events of one kind", help_, piece.span)
    if t in OPERATORS and s.at == 2:
        name, value = s.pieces[1].text, after.text if after is not None else "100"
        return Problem(
            "LR043",
            "`each` pays for events, and compares nothing",
            f"write `each purchase where {name} {text} {value}`",
            piece.span,
        )
    return None


_EACH = {
    "AT_MOST": "at most 1 per day",
    "SPACED": "spaced 7d",
    "DISTINCT": "distinct url",
}


def _no_event(s: Stuck) -> Problem | None:
    piece = s.piece
    if piece is None or s.terminal in _PAYING or s.terminal in WINDOWS | {"WHERE", "WHEN"}:
        return None
    if s.terminal in ("AT_MOST", "SPACED", "PER"):
        return missing("EACH", piece.span, "each")
    if s.terminal in ("NO", "NOT", "AT_LEAST", "EXACTLY", "LPAR", "FIELD", "COUNT_OF"):
        return Problem(
            "LR043",
            f"behind `each` stands an event, not `{piece.text}`",
            "write `each page_view +2`, or leave `each` out: `at least 3 page_view +20`",
            piece.span,
        )
    return None


def _per(s: Stuck) -> Problem:
    piece = s.pieces[s.at]
    count = s.pieces[s.at - 1].text
    rest = [p.text.rstrip("s") for p in s.pieces[s.at : s.at + 3]]
    period = next((w for w in ("day", "week", "month") if any(w in r for r in rest)), "day")
    period = {"daily": "day", "weekly": "week", "monthly": "month"}.get(piece.text, period)
    time = next((p.text for p in s.pieces[s.at : s.at + 3] if p.terminal == "DURATION"), None)
    help_ = f"write `at most {count} per {period}`"
    if time is not None:
        help_ += f", or `spaced {time}` for a distance between the events that count"
    elif "hour" in rest or piece.text == "hourly":
        help_ = "write `spaced 1h` for an hour between the events that count"
    return Problem("LR043", "`at most` counts per day, per week or per month", help_, piece.span)


def choosing_elsewhere(s: Stuck) -> Problem | None:
    """`at most`, `spaced`, `distinct` and `per day` where there is no `each`, or too late."""
    piece = s.piece
    if piece is None or not s.given:
        return None
    t = s.terminal
    if t not in ("AT_MOST", "SPACED", "PER") or s.given[-1] in ("AND", "OR", "NOT", "LPAR"):
        return None
    if _PAYING.intersection(s.given):
        if t == "PER":
            shown, event = f"at most 1 {piece.text}", words_of(s.pieces[:1])
        else:
            shown = words_of(s.pieces[s.at : s.at + 3])
            event = "page_view"
        event = event if event not in RESERVED else "page_view"
        return Problem(
            "LR043",
            f"`{piece.text}` stands before the points",
            f"write `each {event} {shown} +2`",
            piece.span,
        )
    if s.given[:1] == ["EACH"]:
        return None
    start = unit_start(s)
    if s.given[start] == "NAME":
        event = words_of(s.pieces[start : s.at])
    else:
        names = [i for i in range(start, s.at) if s.given[i] == "NAME"]
        event = s.pieces[names[0]].text if names else "page_view"
    shown = f"at most 1 {piece.text}"
    if t != "PER":
        per = s.pieces[s.at + 2 : s.at + 3]
        end = 3 if per and per[0].terminal == "PER" else 2
        shown = words_of(s.pieces[s.at : s.at + end])
    return Problem(
        "LR043",
        f"`{piece.text}` belongs to `each`, which pays for every event",
        f"write `each {event} {shown} +2`",
        piece.span,
    )


def decay(s: Stuck) -> Problem | None:
    """Half-lives and the like: before the points, misspelt, or without their numbers."""
    piece = s.piece
    if piece is not None and s.terminal in _DECAYS and "POINTS" in s.accepts:
        return Problem(
            "LR043",
            f"`{piece.text}` stands behind the points",
            f"write `+10 {_DECAYS[s.terminal]}`",
            piece.span,
        )
    if piece is not None and s.terminal in _DECAYS and "ARROW" in s.given:
        return Problem("LR043", "only points shrink with time, a label does not",
                       f"drop `{piece.text}`", piece.span)  # fmt: skip
    if piece is not None and s.terminal in _DECAYS and s.start in _NO_DECAY:
        return Problem(
            "LR043",
            f"{_NO_DECAY[s.start]} does not shrink with time",
            f"write `{_DECAYS[s.terminal]}` behind the points of a rule, or behind the name of a"
            " `score` block",
            piece.span,
        )
    after = s.pieces[s.at + 1] if s.at + 1 < len(s.pieces) else None
    if s.terminal == "AFTER" and "EXPIRES_AFTER" in s.accepts and after is not None:
        age = after.text if after.terminal == "DURATION" else "90d"
        help_ = f"write `expires after {age}`"
        return Problem("LR043", "`after` alone does not fit here", help_, place(s))
    for terminal, example in _DECAYS.items():
        if terminal in s.given[-3:] and s.given[-1] != "DURATION":
            at = max(i for i, t in enumerate(s.given) if t == terminal)
            if all(t in (terminal, "PERCENT", "NUMBER", "EVERY") for t in s.given[at:]):
                return _incomplete(s, terminal, example, at)
    if piece is None or "HALF_LIFE" not in s.accepts or piece.terminal:
        return None
    near = nearest(piece.text, tuple(_SAID))
    if near is None:
        return None
    said = _SAID[near]
    rest = s.pieces[s.at + 1 : s.at + 4]
    time = next((p.text for p in rest if p.terminal == "DURATION"), None)
    date = any(p.terminal in ("DATE", "INSTANT") for p in rest)
    right = _DECAYS[said]
    if said in ("HALF_LIFE", "FADES_OVER", "EXPIRES_AFTER") and time is not None:
        right = f"{right.rpartition(' ')[0]} {time}"
    if said == "DECAYS" and rest and rest[0].terminal == "PERCENT":
        right = "decays"
    elif said == "DECAYS" and rest and rest[0].terminal == "DURATION":
        right = f"half-life {time}`, or `decays 25% every {time}"
    message = f"`{piece.text}` does not fit here"
    if date:
        message = "points expire at an age, not on a date"
    return Problem("LR050", message, f"write `{right}`", piece.span)


_NO_DECAY = {
    "s_group_head": "a group",
    "s_choice_head": "this block",
    "s_band_head": "a band",
    "s_band": "a row of a band",
}


def _incomplete(s: Stuck, terminal: str, example: str, at: int) -> Problem:
    piece = s.piece
    word = s.pieces[at].text
    given = s.given[at + 1 :]
    if terminal in ("HALF_LIFE", "FADES_OVER", "EXPIRES_AFTER"):
        if piece is not None and s.terminal == "NUMBER":
            return Problem(
                "LR044",
                f"`{piece.text}` of what? A length of time has a unit",
                f"write `{word} {piece.text}d` for days",
                piece.span,
            )
        message = f"behind `{word}` a length of time is missing"
        return Problem("LR044", message, f"write `{example}`", place(s))
    amounts = "a share such as `25%`" if terminal == "DECAYS" else "points or a share"
    if not given:
        if piece is not None and s.terminal == "NUMBER":
            after = s.pieces[s.at + 1 : s.at + 2]
            shown = f"{word} {piece.text}%" + (" every 30d" if after else "")
            return Problem("LR047", f"behind `{word}` stands {amounts}", f"write `{shown}`",
                           piece.span)  # fmt: skip
        return Problem(
            "LR047", f"behind `{word}` stands {amounts}", f"write it like `{example}`", place(s)
        )
    amount = s.pieces[at + 1].text
    time = next((p.text for p in s.pieces[s.at : s.at + 2] if p.terminal == "DURATION"), "30d")
    if piece is not None and s.terminal == "NUMBER" and given[-1] == "EVERY":
        time = f"{piece.text}d"
    return Problem(
        "LR044",
        f"`{word} {amount}` goes on with `every` and a length of time",
        f"write `{word} {amount} every {time}`",
        place(s),
    )


def behind_reason(s: Stuck) -> Problem | None:
    """Limits and decays behind the reason of points."""
    piece = s.piece
    if piece is None or s.before != "TEXT" or not _PAYING.intersection(s.given):
        return None
    first = piece.text.split()[0]
    if first not in ("max", "min") and s.terminal not in _DECAYS and piece.text not in _SAID:
        return None
    reason = s.pieces[s.at - 1].text
    rest = words_of(s.pieces[s.at :])
    points = "+(…)"
    if "POINTS" in s.given:
        points = words_of(
            [changed(p, text=shown(p)) for p in s.pieces[s.given.index("POINTS") : s.at - 1]]
        )
    return Problem(
        "LR043",
        "the reason stands last, behind limits and decay",
        f"write `{points} {rest} {reason}`",
        piece.span,
    )


def limit(s: Stuck) -> Problem | None:
    """Conditions behind points, and limits where they do not stand."""
    piece = s.piece
    if piece is None:
        return None
    t, text = s.terminal, piece.text
    after = s.pieces[s.at + 1] if s.at + 1 < len(s.pieces) else None
    paid = bool(_PAYING.intersection(s.given))
    if s.before in ("MAX", "MIN"):
        return missing(s.before, place(s), s.before.lower())
    if s.at == 1 and s.pieces[0].text in ("score", "total"):
        return None
    if paid and s.start != "s_band" and (t == "WHEN" or text in ("if", "unless")):
        if "WHEN" in s.accepts:
            right = "when not" if text == "unless" else "when"
            return Problem(
                "LR020", f"`{text}` is written `{right}`", f"write `{right}`", piece.span
            )
        return Problem(
            "LR043",
            f"`{text}` does not stand behind the points",
            "write the condition before them: `budget >= 5000 and email known +10`",
            piece.span,
        )
    number = after is not None and after.terminal == "NUMBER"
    if text in ("max", "min") and number and after is not None:
        if "POINTS" in s.accepts:
            if s.given[:1] == ["EACH"] and any(p.terminal == "PER" for p in s.pieces[s.at :]):
                per = next(p.text for p in s.pieces[s.at :] if p.terminal == "PER")
                help_ = f"write `at most {after.text} {per}`"
                message = f"`{text}` limits points; how many events count is told with `at most`"
                return Problem("LR043", message, help_, piece.span)
            return Problem(
                "LR043",
                "limits stand behind the points",
                f"write `+10 {text} {after.text}`",
                piece.span,
            )
        if "ARROW" in s.given or s.start in ("s_choice_head", "s_band_head", "s_class_head"):
            return Problem(
                "LR043",
                f"`{text} {after.text}` does not fit here: it is points that have limits",
                f"put it behind the points of a rule, or around this: `group \"all\" {text} "
                f"{after.text} {{`",
                piece.span,
            )  # fmt: skip
    return None


def worked_out(s: Stuck) -> Problem | None:
    """Points that are a calculation."""
    piece = s.piece
    inside = _sign_before(s)
    if inside is None:
        return None
    sign = s.pieces[inside].text
    if s.before == "LPAR" and inside == s.at - 2 and s.terminal == "RPAR":
        return Problem("LR045", "these parentheses hold nothing", f"write `{sign}10`", place(s))
    if piece is not None and s.terminal == "COMMA":
        return Problem(
            "LR043",
            "points are one number",
            f"write `{sign}(amount / 100)`, or a function: `{sign}(max(amount, 100))`",
            piece.span,
        )
    if piece is not None and (s.terminal in OPERATORS or s.terminal in ("AND", "OR")):
        return Problem(
            "LR032",
            "points are worked out from numbers, and compare nothing",
            f"write the condition before them: `amount > 100 {sign}10`",
            piece.span,
        )
    if s.terminal in ("NUMBER", "") and "RPAR" in s.accepts and piece is not None:
        before = s.pieces[s.at - 1].text
        help_ = f"write `{before} * {piece.text}` or `{before} / {piece.text}`"
        message = f"between `{before}` and `{piece.text}` a sign is missing"
        return Problem("LR043", message, help_, piece.span)
    if piece is not None and s.terminal in ("TEXT", "BOOLEAN", "DATE", "INSTANT", "RANGE"):
        return Problem(
            "LR032",
            f"`{piece.text}` is no number, and points are worked out from numbers",
            f"write it like `{sign}(amount / 100)`",
            piece.span,
        )
    return None


def _sign_before(s: Stuck) -> int | None:
    """Where the sign of points stands whose parentheses the place is directly in."""
    depth = 0
    for i in range(s.at - 1, -1, -1):
        depth += (s.given[i] == "RPAR") - (s.given[i] == "LPAR")
        if depth < 0:
            return i - 1 if i and s.given[i - 1] in ("PAYS", "COSTS") else None
        if s.given[i] in VALUE_OPERATORS:
            return None
    return None
