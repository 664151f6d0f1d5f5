"""Wording for what events have to do with each other and with time: order, absence, recency."""

from __future__ import annotations

from leadrules.model.source import Span
from leadrules.text.literals import Problem
from leadrules.text.missing import missing
from leadrules.text.stuck import (
    VALUE_OPERATORS,
    WINDOWS,
    Stuck,
    place,
    unit_end,
    unit_start,
    words_of,
)

_ORDER = ("FOLLOWED_BY", "NOT_FOLLOWED_BY")


def order(s: Stuck) -> Problem | None:
    """`E followed by F within 48h` and `E not followed by F within 48h`."""
    piece = s.piece
    start = unit_start(s)
    unit = s.given[start:]
    if s.terminal in _ORDER:
        return _second_event(s, start)
    after = s.pieces[s.at + 1] if s.at + 1 < len(s.pieces) else None
    joins = after is not None and after.text.startswith("followed")
    if piece is not None and piece.text == "is" and after is not None and joins:
        help_ = f"write `{after.text}`"
        return Problem("LR020", f"`is {after.text}` has no `is`", help_, piece.span)
    if piece is not None and piece.text == "not" and joins:
        return Problem("LR043", "`not followed` goes on with `by`", "write `not followed by`",
                       piece.span)  # fmt: skip
    if s.before == "DURATION" and s.given[-2:-1] == ["WITHIN"] and piece is not None:
        event = after.text if after is not None and not after.terminal else ""
        if event and piece.text in ("of", "after", "from"):
            first = words_of(s.pieces[start : s.at - 2])
            time = s.pieces[s.at - 1].text
            return Problem(
                "LR043",
                f"`{piece.text}` does not fit here: the order of events is told by `followed by`",
                f"write `{event} followed by {first} within {time}`",
                piece.span,
            )
    if s.before in ("AFTER", "BEFORE") and piece is not None and not piece.terminal:
        other = words_of(s.pieces[start : s.at - 1])
        pair = (other, piece.text) if s.before == "BEFORE" else (piece.text, other)
        if s.pieces[s.at - 2].text in ("days", "hours"):
            right = f"{s.pieces[s.at - 2].text} since last {after.text if after else 'reply'}"
        else:
            right = f"{pair[0]} followed by {pair[1]}"
        return Problem(
            "LR044",
            f"behind `{s.pieces[s.at - 1].text}` stands a date, not an event",
            f"write `{right}`",
            piece.span,
        )
    if piece is not None and piece.text == "followed":
        help_ = "write `followed by`" if s.at else "write `demo_request followed by call`"
        return Problem("LR043", "`followed` goes on with `by`", help_, piece.span)
    if s.before in _ORDER:
        if s.terminal in ("NO", "NOT"):
            first = words_of(s.pieces[start : s.at - 1])
            then = words_of(s.pieces[s.at + 1 : unit_end(s)])
            return Problem(
                "LR043",
                "`no` does not stand behind `followed by`",
                f"write `{first} not followed by {then}`",
                place(s),
            )
        return missing(s.before, place(s), s.pieces[s.at - 1].text)
    known = [i for i, t in enumerate(unit) if t in _ORDER]
    if not known:
        return None
    negated = unit[known[-1]] == "NOT_FOLLOWED_BY"
    if piece is not None and s.terminal == "DURATION" and "WITHIN" in s.accepts:
        return Problem(
            "LR043", f"`{piece.text}` alone does not fit here", f"write `within {piece.text}`",
            piece.span,
        )  # fmt: skip
    if piece is not None and s.terminal in WINDOWS | {"FOR"}:
        if unit[-1] == "DURATION":
            return None
        time = after.text if after is not None and after.terminal == "DURATION" else "48h"
        return Problem(
            "LR043",
            f"`{piece.text}` does not fit here: the time counts from the first event",
            f"write `within {time}`",
            piece.span,
        )
    if negated and "WITHIN" in s.accepts and unit[-1] != "DURATION":
        return Problem(
            "LR044",
            "`not followed by` needs a time: when is it too late?",
            f"write `{words_of(s.pieces[start : s.at])} within 48h`",
            Span(s.pieces[start].span.start, s.pieces[s.at - 1].span.end),
        )
    return None


def _second_event(s: Stuck, start: int) -> Problem:
    word = s.pieces[s.at].text
    unit = s.given[start:]
    nots = next((i for i, t in enumerate(unit) if t != "NOT"), len(unit))
    first = words_of(s.pieces[start + nots : s.at])
    then = words_of(s.pieces[s.at + 1 : unit_end(s)])
    timed = then if " within " in then else f"{then} within 48h"
    if nots == len(unit):
        return missing("before order", place(s), word) or _between(s)
    if any(t in _ORDER for t in unit):
        middle = next(i for i, t in enumerate(unit) if t in _ORDER)
        second = s.pieces[start + middle + 1].text
        return Problem(
            "LR043",
            "`followed by` joins two events, not three",
            f"write `({first}) and ({second} {word} {then})`",
            place(s),
        )
    if unit[nots] in ("NO", "AT_LEAST", "AT_MOST", "EXACTLY"):
        event = words_of(s.pieces[start + nots + (1 if unit[nots] == "NO" else 2) : s.at])
        return Problem(
            "LR043",
            f"`{word}` joins two events, and does not count them",
            f"write `{event} followed by {then}` or `{event} not followed by {timed}`",
            place(s),
        )
    if "WHERE" in unit:
        where = start + unit.index("WHERE")
        inside = words_of(s.pieces[where + 1 : s.at])
        event = words_of(s.pieces[start + nots : where])
        return Problem(
            "LR005",
            "a filter that goes on needs parentheses",
            f"write `{event} where ({inside}) {word} {then}`",
            place(s),
        )
    if nots and s.terminal == "FOLLOWED_BY":
        return Problem(
            "LR051",
            "`not` before `followed by` could mean two things: that there is no such pair of"
            " events, or that there is one event without the other",
            f"write `not ({first} followed by {then})`, or `{first} not followed by {timed}`",
            Span(s.pieces[start].span.start, s.pieces[s.at].span.end),
        )
    if nots:
        return Problem(
            "LR051",
            "two `not` around an order of events could mean more than one thing",
            f"write `{first} followed by {then}`, or `not ({first} not followed by {timed})`",
            Span(s.pieces[start].span.start, s.pieces[s.at].span.end),
        )
    return _between(s)


def _between(s: Stuck) -> Problem:
    word = s.pieces[s.at].text
    return Problem(
        "LR043",
        f"`{word}` stands between two events",
        f"write it like `demo_request {word} call within 48h`",
        place(s),
    )


def since(s: Stuck) -> Problem | None:
    """`no E for 30d since F`, `days since last E`, `half-life 30d since last E`."""
    piece = s.piece
    before = s.pieces[s.at - 1] if s.at else None
    if s.before in ("SINCE", "SINCE_LAST", "TIME_SINCE"):
        if piece is not None and piece.terminal in ("DATE", "INSTANT"):
            return Problem(
                "LR043",
                f"behind `{s.pieces[s.at - 1].text}` stands an event, not a date",
                f"for what happened since then write `demo_request after {piece.text}`",
                piece.span,
            )
        return missing(s.before, place(s), s.pieces[s.at - 1].text)
    if piece is not None and s.terminal in WINDOWS | {"WHERE", "DURATION"}:
        at = _since_before(s)
        if at is not None:
            word = s.pieces[at].text
            what = "filter in parentheses, and no window" if s.terminal == "WHERE" else "window"
            message = f"the event behind `{word}` has no window"
            help_ = f"drop `{piece.text}`"
            if s.terminal == "WHERE":
                message = f"the event behind `{word}` has its {what}"
                help_ = "write `where (seconds > 30)`"
            return Problem("LR043", message, help_, piece.span)
    if piece is not None and piece.text == "from" and "SINCE_LAST" in s.accepts:
        help_ = "write `since last reply`"
        return Problem("LR020", "`from` is written `since`", help_, piece.span)
    if piece is None or s.terminal not in ("SINCE", "SINCE_LAST"):
        return None
    after = s.pieces[s.at + 1].text if s.at + 1 < len(s.pieces) else "demo_request"
    if "SINCE_LAST" in s.accepts and "SINCE" not in s.accepts:
        help_ = f"write `since last {'reply' if after == 'last' else after}`"
        return Problem("LR043", "here it is `since last`, and an event", help_, piece.span)
    if before is not None and before.text in ("days", "hours"):
        event = after if s.terminal == "SINCE" else words_of(s.pieces[s.at + 1 : s.at + 2])
        if event in ("last", "first", "the"):
            event = "reply"
        return Problem(
            "LR043",
            f"`{before.text} since` goes on with `first` or `last`, and an event",
            f"write `{before.text} since last {event} > 30`",
            piece.span,
        )
    if before is not None and before.text.rstrip("s") in ("week", "month", "year", "minute"):
        return Problem(
            "LR043",
            "the time since an event is told in days or hours",
            f"write `days since last {after} > 30`",
            Span(before.span.start, piece.span.end),
        )
    start = unit_start(s)
    if s.given[start : start + 1] == ["NO"]:
        event = words_of(s.pieces[start + 1 : s.at])
        if s.before == "DURATION" and s.given[-2] in ("WITHIN", "WITHIN_LAST"):
            event, within = words_of(s.pieces[start + 1 : s.at - 2]), s.pieces[s.at - 2]
            help_ = f"write `no {event} for {s.pieces[s.at - 1].text} since {after}`"
            message = f"`no … since` has `for`, not `{within.text}`"
            return Problem("LR043", message, help_, within.span)
        help_ = f"write `no {event} for 30d since {after}`"
        return Problem("LR044", "`no … since` needs a length of time", help_, piece.span)
    if {"POINTS", "PAYS", "COSTS"}.intersection(s.given):
        help_ = f"write `half-life 30d since last {after}`"
        return Problem("LR043", "`since` stands behind a half-life or the like", help_, piece.span)
    return Problem(
        "LR043",
        "`since` tells from when a silence counts, or an age",
        "write `no reply for 30d since demo_request`, or `days since last reply > 30`",
        piece.span,
    )


def _since_before(s: Stuck) -> int | None:
    """Where `since` stands whose event the place is behind."""
    for i in range(s.at - 1, max(-1, s.at - 4), -1):
        if s.given[i] in ("SINCE", "SINCE_LAST"):
            return i
    return None


def tally(s: Stuck) -> Problem | None:
    """`sum of amount in purchase`, `distinct url in page_view`."""
    piece = s.piece
    last = s.pieces[s.at - 1] if s.at else None
    if s.before in ("AGGREGATE_OF", "DISTINCT") and last is not None:
        if s.given[:1] == ["EACH"]:
            return missing("distinct by", place(s), "")
        if piece is not None and piece.text == "by":
            return None
        return missing(s.before, place(s), last.text)
    if s.before == "IN" and s.given[-3:-2] in (["AGGREGATE_OF"], ["DISTINCT"]):
        words = words_of(s.pieces[s.at - 3 : s.at])
        return Problem(
            "LR046",
            f"behind `{words}` the event is missing",
            f"write `{words} page_view`",
            place(s),
        )
    numbers = ("COUNT_OF", "AGGREGATE_OF", "TIME_SINCE")
    if s.terminal in numbers and s.before in VALUE_OPERATORS:
        whole = words_of(s.pieces[s.at : unit_end(s)])
        return Problem(
            "LR032",
            "a number made of events stands in parentheses behind an operator",
            f"write `{s.pieces[s.at - 1].text} ({whole})`",
            place(s),
        )
    if s.terminal in VALUE_OPERATORS and s.given[-3:] == ["NAME", "IN", "NAME"]:
        words = words_of(s.pieces[s.at - 3 : s.at])
        return Problem(
            "LR043",
            f"`{words}` is a condition, and no number",
            f"write `distinct {words} {s.pieces[s.at].text} …`, or `sum of {words}`".replace(
                " …", " 3"
            ),
            Span(s.pieces[s.at - 3].span.start, place(s).end),
        )
    if s.given[-2:-1] == ["AGGREGATE_OF"] and s.before == "NAME" and last is not None:
        word = s.pieces[s.at - 2].text
        event = "purchase"
        if piece is not None and not piece.terminal and s.at + 1 < len(s.pieces):
            event = s.pieces[s.at + 1].text
        return Problem(
            "LR043",
            f"`{word} {last.text}` goes on with `in` and the event",
            f"write `{word} {last.text} in {event} > 100`",
            place(s),
        )
    if piece is None or last is None or s.before != "NAME":
        return None
    if piece.text == "of" and last.text in _SAID:
        right = _SAID[last.text]
        span = Span(last.span.start, piece.span.end)
        return Problem("LR020", f"`{last.text} of` is written `{right}`", f"write `{right}`", span)
    after = s.pieces[s.at + 1] if s.at + 1 < len(s.pieces) else None
    plain = not piece.terminal
    if last.text in ("sum", "average", "min", "max", "count") and plain and after is not None:
        if last.text == "count" and piece.text == "distinct":
            right = f"distinct {after.text} in page_view"
        elif last.text == "count":
            right = f"count of {piece.text}"
        elif after.text in ("in", "of", "from"):
            right = f"{last.text} of {piece.text} in …".replace("…", "purchase")
        else:
            return None
        return Problem(
            "LR043",
            f"`{last.text}` goes on with `of`" if right[0] != "d" else "`distinct` counts alone",
            f"write `{right} > 3`",
            Span(last.span.start, piece.span.end),
        )
    if last.text == "distinct" and plain:
        return Problem(
            "LR043",
            f"`distinct {piece.text}` goes on with `in` and the event",
            f"write `distinct {piece.text} in page_view > 3`",
            Span(last.span.start, piece.span.end),
        )
    return None


_SAID = {
    "avg": "average of",
    "mean": "average of",
    "total": "sum of",
    "minimum": "min of",
    "maximum": "max of",
    "number": "count of",
}


def yesterday(s: Stuck) -> Problem | None:
    """`was SQL`, and `BANT complete`."""
    piece = s.piece
    last = s.pieces[s.at - 1] if s.at else None
    if s.terminal == "WAS" and s.before in ("NAME", "WORD"):
        label = s.pieces[s.at + 1].text if s.at + 1 < len(s.pieces) else "SQL"
        return Problem(
            "LR043",
            "`was` has the label alone behind it, and no name before it",
            f"write `was {label}`",
            place(s),
        )
    if s.before == "WAS":
        if piece is not None and piece.terminal == "EQ":
            label = s.pieces[s.at + 1].text if s.at + 1 < len(s.pieces) else "SQL"
            help_ = f"write `was {label}`"
            return Problem("LR041", "behind `was` stands one label", help_, piece.span)
        return missing("WAS", place(s), "was")
    if last is not None and s.given[-2:] == ["WAS", "WORD"] and piece is not None:
        if last.text == "not" and not piece.terminal:
            help_ = f"write `not was {piece.text}`"
            return Problem("LR041", "behind `was` stands one label", help_, piece.span)
        if last.text == "in":
            help_ = "write `was SQL or was MQL`"
            return Problem("LR041", "behind `was` stands one label", help_, piece.span)
        if s.terminal in WINDOWS:
            return Problem(
                "LR043", "`was` is about yesterday's result and has no window",
                f"drop `{piece.text}`", piece.span,
            )  # fmt: skip
    if piece is None or last is None:
        return None
    after = s.pieces[s.at + 1 : s.at + 2]
    if s.before == "NAME" and piece.text == "is" and after and after[0].text == "complete":
        span = Span(piece.span.start, after[0].span.end)
        help_ = f"write `{last.text} complete`; for a text write `{last.text} = complete`"
        return Problem("LR020", "`is complete` is written `complete`", help_, span)
    if s.before == "NAME" and piece.text == "not" and after and after[0].text == "complete":
        help_ = f"write `not {last.text} complete`"
        return Problem("LR043", "`not` stands before the name", help_, piece.span)
    if s.before == "NAME" and last.text == "complete" and not piece.terminal and s.at == 1:
        help_ = f"write `{piece.text} complete`"
        return Problem("LR043", "`complete` stands behind the name of a checklist", help_,
                       Span(last.span.start, piece.span.end))  # fmt: skip
    return None
