"""Wording for statements and blocks that begin with a word of their own, and go wrong behind it."""

from __future__ import annotations

from leadrules.model.source import Span
from leadrules.text.literals import Problem, quoted
from leadrules.text.missing import missing
from leadrules.text.neighbours import SAID
from leadrules.text.stuck import VALUE_OPERATORS, WINDOWS, Stuck, nearest, place, reserved_word
from leadrules.text.words import RESERVED


def block_head(s: Stuck) -> Problem | None:
    """What stands before a block's `{`."""
    if not s.start.endswith("_head"):
        return None
    score = s.start == "s_score_head"
    example = "score fit min 0 max 50 {" if score else "classify grade {"
    if s.at == 1 and s.piece is not None and s.piece.text in RESERVED:
        return reserved_word(s)
    if s.at <= 1 or "NAME" in s.accepts:
        message = f"this {'score' if score else 'classify'} block has no name"
        return Problem("LR046", message, f"write it like `{example}`", s.pieces[0].span)
    if s.before in ("MIN", "MAX"):
        return missing(s.before, place(s), "")
    holds = "a name, `min` and `max`" if score else "a name"
    word = f"`{s.piece.text}`" if s.piece else "this"
    message = f"{word} does not fit here: before its `{{` the block has {holds}"
    return Problem("LR027", message, f"write it like `{example}`", place(s))


def opening_word(s: Stuck) -> Problem | None:
    """Statements that begin with a word of their own."""
    first = s.pieces[0]
    word = first.text
    second = s.pieces[1] if len(s.pieces) > 1 else None
    known = word in _TEXT_OPENERS or word in _NAME_OPENERS or word == "use"
    named = second is not None and second.terminal in ("", "TEXT") and second.text not in RESERVED
    if s.start != "s_top" and known and named:
        return Problem(
            "LR038",
            f"`{word}` stands outside blocks",
            "put this line before the block, or behind its `}`",
            Span(first.span.start, s.pieces[-1].span.end),
        )
    if s.start != "s_top" and word in ("score", "classify") and named and s.at <= 2:
        return Problem("LR038", "no block stands inside another one", "close it with `}`", place(s))
    if word in _TEXT_OPENERS and s.at <= 2 and (named or second is None or first.terminal):
        if second is not None and second.terminal == "TEXT":
            return Problem(
                "LR043",
                f"behind the text of `{word}` nothing follows",
                "put the rest on a line of its own",
                place(s),
            )
        inside = s.pieces[1:]
        glued = "".join(p.text for p in inside) if len(inside) < 8 else ""
        right = f"{word} {quoted(glued)}" if glued else _TEXT_OPENERS[word]
        return Problem("LR048", f"`{word}` has a text in quotes", f"write `{right}`", place(s))
    if word == "use":
        return Problem(
            "LR048",
            "`use` goes on with `schema`",
            'write `use schema "lead.schema.json"`',
            place(s),
        )
    if word in _NAME_OPENERS and s.given[:1] == [word.upper()]:
        return _declaration(s, word)
    if (
        word in ("score", "classify")
        and s.at == 1
        and second is not None
        and not second.terminal
        and second.text not in (*RESERVED, *SAID)
    ):
        return _head_alone(s, word)
    if named and s.at <= 1 and not first.terminal and second is not None:
        near = nearest(word, (*_NAME_OPENERS, "include", "timezone", "ruleset", "classify"))
        fits = second.terminal == "TEXT" or (len(s.pieces) > 2 and s.pieces[2].text == "=")
        if near and near != word and fits:
            return Problem(
                "LR050", f"no statement begins with `{word}`", f"did you mean `{near}`?", first.span
            )
    return None


_TEXT_OPENERS = {
    "include": 'include "lists.rules"',
    "timezone": 'timezone "Europe/Paris"',
    "ruleset": 'ruleset "Inbound"',
    "use schema": 'use schema "lead.schema.json"',
}


_NAME_OPENERS = {
    "define": "define big_company = employees >= 250",
    "list": "list free_mail = [gmail.com, yahoo.fr]",
    "signal": 'signal pricing_visit = page_view where url contains "/pricing"',
}


def _head_alone(s: Stuck, word: str) -> Problem:
    names = s.pieces[1].text
    return Problem(
        "LR027",
        f"`{word} {names}` opens a block, and its `{{` is missing",
        f"write `{word} {names} {{`",
        Span(s.pieces[0].span.start, s.pieces[min(1, len(s.pieces) - 1)].span.end),
    )


def _declaration(s: Stuck, word: str) -> Problem | None:
    piece = s.piece
    if s.at == 1:
        if piece is not None and piece.text in RESERVED:
            return reserved_word(s)
        message = f"`{word}` has a name behind it"
        return Problem("LR046", message, f"write it like `{_NAME_OPENERS[word]}`", place(s))
    if s.at == 2:
        if piece is not None and not piece.terminal and piece.text not in RESERVED:
            name = f"{s.pieces[1].text} {piece.text}"
            return Problem(
                "LR034",
                f"a name has no blank in it: `{name}`",
                f"write `{name.replace(' ', '_')}`, or with backquotes: `` `{name}` ``",
                Span(s.pieces[1].span.start, piece.span.end),
            )
        return Problem(
            "LR043",
            f"behind the name of a `{word}` stands `=`",
            f"write it like `{_NAME_OPENERS[word]}`",
            place(s),
        )
    if piece is not None and s.terminal in ("POINTS", "ARROW"):
        return Problem(
            "LR003",
            f"a `{word}` gives a name, and no points or labels",
            "use the name in a rule: `big_company +10`",
            place(s),
        )
    if word == "list" and s.at == 3:
        return Problem(
            "LR043",
            "a list stands in brackets, or in a file",
            f"write it like `{_NAME_OPENERS[word]}`",
            place(s),
        )
    if word == "define" and piece is not None and piece.terminal == "LBRACK" and s.at == 3:
        name = s.pieces[1].text
        return Problem(
            "LR043", "`define` names a condition", f"write `list {name} = […]`", place(s)
        )
    if word == "signal" and s.terminal in WINDOWS | {"DURATION"}:
        return Problem(
            "LR043",
            "a signal has no window",
            "put the window where the signal is used: `pricing_visit within 7d`",
            place(s),
        )
    if word == "signal" and s.terminal in ("AND", "OR") and s.given.count("WHERE") == 0:
        return Problem(
            "LR043",
            "a signal is one event, or any of several",
            "write `signal engaged = any of [reply, email_click]`",
            place(s),
        )
    if s.before == "ANY_OF" and piece is not None:
        help_ = f"write `any of [{piece.text}]`"
        return Problem("LR043", "behind `any of` stands a list of events", help_, place(s))
    if word == "define" and piece is None and s.accepts & VALUE_OPERATORS:
        return missing("calculation", place(s), "")
    return None
