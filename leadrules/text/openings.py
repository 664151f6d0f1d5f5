"""Wording for statements and blocks that begin with a word of their own, and go wrong behind it."""

from __future__ import annotations

from leadrules.model.diagnostic import Fix
from leadrules.model.source import Span
from leadrules.text.feed import Piece
from leadrules.text.literals import Problem, quoted
from leadrules.text.missing import missing
from leadrules.text.neighbours import SAID
from leadrules.text.stuck import (
    VALUE_OPERATORS,
    WINDOWS,
    Stuck,
    nearest,
    place,
    reserved_word,
    shown,
    words_of,
)
from leadrules.text.words import RESERVED

# The block of each head: how it is called, a head that would work, and what it holds.
_BLOCKS = {
    "s_score_head": ("score", "score fit max 50", "a name, `when` and a condition, `max`, `min`"
                     " and a `half-life`"),
    "s_class_head": ("classify", "classify grade", "a name, and `unique` if it is"),
    "s_group_head": ("group", 'group "content" max 30', "a title in quotes, `max` and `min`"),
    "s_choice_head": ("first of", "first of", "nothing"),
    "s_band_head": ("band", "band company.employees", "a field or another number"),
    "s_checklist_head": ("checklist", "checklist BANT", "a name"),
}  # fmt: skip


def block_head(s: Stuck) -> Problem | None:
    """What stands before a block's `{`."""
    if s.start not in _BLOCKS:
        return None
    piece = s.piece
    kind, example, holds = _BLOCKS[s.start]
    word = s.pieces[0].text
    after = s.pieces[s.at + 1] if s.at + 1 < len(s.pieces) else None
    if kind == "first of":
        if s.at == 0:
            help_ = f"write `{word} of {{`"
            return Problem("LR027", f"`{word}` goes on with `of`", help_, s.pieces[0].span)
        limits = piece is not None and piece.text in ("max", "min") and after is not None
        help_ = f"write `{word} {{`"
        if limits and piece is not None and after is not None:
            help_ = f'write `group "best" {piece.text} {after.text} {{` around it'
        return Problem("LR027", f"behind `{word}` stands its `{{`", help_, place(s))
    if s.at == 1 and piece is not None and piece.text in RESERVED and kind != "band":
        return reserved_word(s)
    if kind == "group" and s.at == 1:
        title, rest = '"content"', words_of(s.pieces[1:])
        if piece is not None and not piece.terminal and piece.text not in ("max", "min"):
            title, rest = f'"{piece.text}"', words_of(s.pieces[2:])
        help_ = f"write `group {title} {rest}".rstrip() + " {`"
        return Problem("LR048", "a group has a title in quotes", help_, s.pieces[0].span)
    if kind == "band" and s.at >= 1:
        return _band_head(s)
    if s.at <= 1 or ("NAME" in s.accepts and "NAME" not in s.given):
        message = f"this {kind} block has no name"
        return Problem("LR046", message, f"write it like `{example} {{`", s.pieces[0].span)
    if s.before in ("MIN", "MAX", "WHEN"):
        return missing(s.before, place(s), s.before.lower())
    if piece is None:
        return None
    if piece.text in ("if", "for", "where", "unless") and "WHEN" in s.accepts:
        right = "when not" if piece.text == "unless" else "when"
        rest = words_of(s.pieces[s.at + 1 :]) or "country = FR"
        help_ = f"write `{words_of(s.pieces[:2])} {right} {rest} {{`"
        return Problem("LR020", f"`{piece.text}` is written `{right}` here", help_, piece.span)
    if "WHEN" in s.given or "HALF_LIFE" in s.given:
        return None
    return Problem(
        "LR027",
        f"`{shown(piece)}` does not fit here: before its `{{` the block has {holds}",
        f"write it like `{example} {{`",
        place(s),
    )


def _band_head(s: Stuck) -> Problem | None:
    piece = s.piece
    if s.at == 1:
        if piece is not None and piece.terminal == "TEXT":
            help_ = f"write `band {piece.text[1:-1]}`, or in backquotes if it has a blank"
            return Problem("LR046", "a band is about a field", help_, piece.span)
        return Problem(
            "LR046",
            "behind `band` stands a field, or another number",
            "write `band company.employees {`",
            place(s),
        )
    if piece is None:
        return None
    if s.terminal in WINDOWS and s.given[-1:] == ["NAME"] and len(s.given) == 2:
        event = s.pieces[1].text
        return Problem(
            "LR043",
            "a band is about a number or a text, and not about an event",
            f"write `band count of {words_of(s.pieces[1:])} {{`, or `band days since last {event}"
            " {`",
            piece.span,
        )
    if piece.text in ("max", "min") and s.at + 1 < len(s.pieces):
        limit = words_of(s.pieces[s.at : s.at + 2])
        return Problem(
            "LR043",
            "a band has no limits",
            f'write `group "size" {limit} {{` around it',
            piece.span,
        )
    if s.terminal in VALUE_OPERATORS | {"IN", "NOT_IN", "COMMA", "COLON"}:
        subject = words_of(s.pieces[1 : s.at])
        return Problem(
            "LR043",
            "a band is about one field; its values stand in the rows",
            f"write `band {subject} {{`",
            piece.span,
        )
    return None


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
    opens = named and s.at <= 2 and s.start != "s_top"
    if opens and word in ("score", "classify", "checklist"):
        help_ = "close the block before it with `}`"
        return Problem("LR038", f"`{word}` stands outside blocks", help_, place(s))
    if s.start != "s_top" and _is_outside(s):
        return Problem(
            "LR038",
            f"`{word}` stands outside blocks",
            "put this line before the block, or behind its `}`",
            Span(first.span.start, s.pieces[-1].span.end),
        )
    found = _total(s) or _blocks_without_brace(s)
    if found is not None:
        return found
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
        word in ("score", "classify", "checklist")
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
    "dimension": "dimension grade: C < B < A",
    "combine": "combine tier = grade, level",
    "define": "define big_company = employees >= 250",
    "list": "list free_mail = [gmail.com, yahoo.fr]",
    "signal": 'signal pricing_visit = page_view where url contains "/pricing"',
}


def _is_outside(s: Stuck) -> bool:
    """Whether this is a statement that stands outside blocks, and has a word of its own."""
    words = [p.text for p in s.pieces[:3]] + ["", "", ""]
    if words[0] in ("exclude", "freeze"):
        return len(s.pieces) > 1
    if words[0] == "total":
        return words[1] in ("max", "min") and len(s.pieces) > 2
    if words[0] == "dimension":
        return words[2] in (":", "never", "never falls")
    return words[0] == "combine" and words[2] == "="


def _total(s: Stuck) -> Problem | None:
    """`total min 0 max 100`."""
    first = s.pieces[0]
    numbers = [p.text for p in s.pieces if p.terminal in ("NUMBER", "RANGE", "POINTS")]
    rest = [p.text for p in s.pieces[1:3]]
    if first.text == "score" and rest[:1] in (["max"], ["min"]) and len(numbers) == 1:
        return Problem(
            "LR027",
            f"`score {rest[0]}` would open a block of that name",
            f"for the whole score write `total {rest[0]} {numbers[0]}`, for a part"
            f" `score fit {rest[0]} {numbers[0]} {{`",
            Span(first.span.start, s.pieces[1].span.end),
        )
    if first.text != "total" or s.at == 0:
        return None
    if s.given[:1] == ["TOTAL"]:
        piece = s.piece
        if s.before in ("MAX", "MIN"):
            return missing(s.before, place(s), s.before.lower())
        if piece is None or "NUMBER" not in s.given[-1:] or piece.text in ("if", "unless", "when"):
            return None
        return Problem(
            "LR043",
            f"`total` has limits and nothing else, so `{shown(piece)}` does not fit",
            "write `total min 0 max 100`",
            piece.span,
        )
    second = s.pieces[1] if len(s.pieces) > 1 else None
    if second is None or s.at > 1:
        return None
    high = numbers[0] if numbers and ".." not in numbers[0] else "100"
    if second.terminal in ("NUMBER", "RANGE", "COLON") or second.text == "score":
        return Problem(
            "LR043",
            "`total` goes on with `max` or `min`, and a number",
            f"write `total max {high}`",
            Span(first.span.start, second.span.end),
        )
    return None


def _blocks_without_brace(s: Stuck) -> Problem | None:
    """A line that would open a block inside a score."""
    first = s.pieces[0]
    whole = words_of(s.pieces)
    opens = first.terminal in ("FIRST_OF", "BEST_OF")
    if not first.terminal and len(s.pieces) > 1 and s.at <= 1 and len(s.pieces) < 8:
        second = s.pieces[1]
        if first.text == "group" and second.terminal == "TEXT":
            opens = True
        elif first.text == "band" and second.text not in RESERVED:
            plain = not second.terminal or second.terminal in ("COUNT_OF", "TIME_SINCE")
            signs = {"POINTS", "PAYS", "COSTS", "ARROW", "COMMA"}
            opens = plain and not signs.intersection(p.terminal for p in s.pieces)
    if not opens:
        return None
    if first.terminal and len(s.pieces) > 1:
        return Problem(
            "LR027",
            f"behind `{first.text}` stands a block of rules",
            f"write `{first.text} {{`, and each rule on a line of its own",
            first.span,
        )
    return Problem(
        "LR027",
        f"`{whole}` opens a block, and its `{{` is missing",
        f"write `{whole} {{`",
        Span(first.span.start, s.pieces[-1].span.end),
    )


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
    if word in ("dimension", "combine"):
        return None
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
    if word == "define" and (number := _number_named(s)) is not None:
        return number
    if piece is not None and s.terminal in ("POINTS", "ARROW", "PAYS", "COSTS"):
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
            f"write `{_any_of(s.pieces)}`",
            place(s),
        )
    alone = s.pieces[3].text if len(s.pieces) > 3 else ""
    if word == "signal" and alone in ("of", "any", "all", "one") and s.at > 2:
        help_ = "write `signal engaged = any of [reply, email_click]`"
        return Problem("LR043", "several events are `any of` a list", help_, s.pieces[3].span)
    if s.before == "ANY_OF" and piece is not None:
        help_ = f"write `any of [{piece.text}]`"
        return Problem("LR043", "behind `any of` stands a list of events", help_, place(s))
    if word == "define" and piece is None and s.accepts & VALUE_OPERATORS:
        return missing("calculation", place(s), "")
    return None


def _any_of(pieces: list[Piece]) -> str:
    """What `signal touch = reply or call` is meant to be, or an example."""
    name, events, between = pieces[1].text, pieces[3::2], pieces[4::2]
    if any(p.terminal for p in events) or any(p.text != "or" for p in between):
        return "signal engaged = any of [reply, email_click]"
    return f"signal {name} = any of [{', '.join(p.text for p in events)}]"


def _number_named(s: Stuck) -> Problem | None:
    """`define bonus = 5`, `define x = a + b`: a number that wants parentheses."""
    rest = s.pieces[3:]
    tally = rest and rest[0].terminal in ("COUNT_OF", "AGGREGATE_OF", "TIME_SINCE")
    alone = s.at == 3 and s.terminal == "NUMBER" and len(rest) == 1
    signs = any(p.terminal in ("STAR", "SLASH", "PLUS", "POINTS", "PAYS") for p in rest)
    compares = any(p.terminal in VALUE_OPERATORS for p in rest)
    labels = any(p.terminal == "ARROW" for p in rest)
    plus = any(p.text == "+" for p in rest)
    if compares or labels or not (alone or (tally and s.piece is None) or signs or plus):
        return None
    if s.terminal == "POINTS" and s.piece is not None and s.at == len(s.pieces) - 1 and not (
        any(p.terminal in ("STAR", "SLASH") for p in rest) or s.given[-1:] == ["NUMBER"]
    ):  # fmt: skip
        return None
    inside = " ".join(_spaced_sign(p) for p in rest)
    name = s.pieces[1].text
    span = Span(rest[0].span.start, rest[-1].span.end)
    return Problem(
        "LR032",
        "a number that gets a name stands in parentheses",
        f"write `define {name} = ({inside})`",
        span,
        Fix(span, f"({inside})") if alone else None,
    )


def _spaced_sign(piece: Piece) -> str:
    if piece.terminal == "POINTS":
        sign = "-" if piece.text.startswith("-") else "+"
        return f"{sign} {piece.text.lstrip('-')}"
    return piece.text
