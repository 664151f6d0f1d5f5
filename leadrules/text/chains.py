"""Wording for what parentheses would put right: chains, filters and calculations."""

from __future__ import annotations

from leadrules.model.source import Span
from leadrules.text.feed import Piece
from leadrules.text.literals import Problem
from leadrules.text.stuck import (
    VALUE_OPERATORS,
    WINDOWS,
    Stuck,
    chain_end,
    chain_start,
    place,
    unit_start,
    words_of,
)
from leadrules.text.words import KEYWORDS


def mixed_chain(s: Stuck) -> Problem | None:
    """`and` beside `or`, and a filter without parentheses that goes on."""
    if s.terminal not in ("AND", "OR") and s.terminal not in VALUE_OPERATORS:
        return None
    chain, filtered = _chain_before(s)
    if filtered:
        where = next(i for i in reversed(range(s.at)) if s.given[i] == "WHERE")
        end = chain_end(s)
        windows = [i for i in range(where, end) if _is_window(s.pieces[i])]
        inside = words_of(s.pieces[where + 1 : min((i for i in windows if i > s.at), default=end)])
        begin = unit_start(s)
        event = words_of(s.pieces[begin + (s.given[begin] == "EACH") : s.at])
        help_ = f"write `where ({inside})`, or `({event}) {s.pieces[s.at].text} …`"
        if any(i < s.at for i in windows):
            help_ = f"write `({event}) {s.pieces[s.at].text} …`"
        return Problem(
            "LR005",
            "a filter that goes on needs parentheses; without them it is one comparison",
            help_,
            place(s),
        )
    if s.terminal not in ("AND", "OR"):
        return None
    other = "OR" if s.terminal == "AND" else "AND"
    if other not in chain:
        return None
    begin = chain_start(s)
    word, old = s.terminal.lower(), other.lower()
    first = words_of(s.pieces[begin : s.at])
    last_part = max(i for i in range(begin, s.at) if s.given[i] == other and _same(s, i))
    head = words_of(s.pieces[begin:last_part])
    middle = words_of(s.pieces[last_part + 1 : s.at])
    rest = words_of(s.pieces[s.at + 1 : chain_end(s)])
    return Problem(
        "LR004",
        "`and` and `or` need parentheses that say which belongs together",
        f"write `({first}) {word} {rest}` or `{head} {old} ({middle} {word} {rest})`",
        place(s),
    )


def in_parentheses(s: Stuck) -> Problem | None:
    """Parentheses around nothing to work out, and calculations without any."""
    t, before = s.terminal, s.before
    if t in ("STAR", "SLASH", "PLUS", "MINUS"):
        return _calculation(s)
    if t == "RPAR" and s.at >= 2 and s.given[-2] == "LPAR" and before in ("NAME", "NUMBER"):
        inner = s.pieces[s.at - 1].text
        operator = s.pieces[s.at - 3].text if s.at >= 3 else ""
        help_ = "drop the parentheses"
        if operator:
            help_ = f"write `{operator} {inner}`"
            help_ += f" or `{operator} field {inner}`" if before == "NAME" else ""
        return Problem(
            "LR032",
            "these parentheses hold nothing to work out",
            help_,
            Span(s.pieces[s.at - 2].span.start, s.pieces[s.at].span.end),
        )
    if t == "RPAR" and before == "LPAR" and "COUNT_OF" in s.accepts:
        if s.given[-2:-1] == ["NAME"]:
            help_ = f"write `{s.pieces[s.at - 2].text}(email)`"
            return Problem("LR046", "between the parentheses the field is missing", help_, place(s))
        if not _value_parenthesis(s):
            return Problem("LR045", "these parentheses hold nothing", "take them out", place(s))
    if t in VALUE_OPERATORS and "STAR" in s.accepts and "RPAR" in s.accepts:
        begin = chain_start(s)
        inside = words_of(s.pieces[begin : s.at])
        return Problem(
            "LR032",
            "a calculation has parentheses of its own",
            f"write `({inside}) {s.pieces[s.at].text} …`".replace(" …", " 100"),
            place(s),
        )
    in_value = _value_parenthesis(s)
    if in_value is not None and (t in ("OR", "AND", "COMMA") or s.piece is not None):
        values = [
            p.text for p in s.pieces[in_value + 1 : chain_end(s)] if p.text not in ("or", ",")
        ]
        if t in ("OR", "COMMA"):
            name = s.pieces[in_value - 2].text
            help_ = f"write `{name} in [{', '.join(values)}]`"
        elif s.terminal in ("TEXT", ""):
            help_ = "a text stands without parentheses"
        else:
            help_ = "write a calculation: `(budget / employees)`"
        return Problem(
            "LR032", "parentheses behind an operator hold a calculation", help_, place(s)
        )
    if t == "LPAR" and before == "RPAR":
        return Problem("LR043", "between two conditions stands `and` or `or`",
                       "write `(a = 1) and (b = 2)`", place(s))  # fmt: skip
    return None


def _calculation(s: Stuck) -> Problem:
    sign = s.pieces[s.at].text
    if sign == "/" and s.before in VALUE_OPERATORS:
        end = next((i for i in range(s.at + 1, len(s.pieces)) if s.pieces[i].text == "/"), None)
        pattern = "".join(p.text for p in s.pieces[s.at : (end or s.at) + 1])
        shown = pattern if 2 < len(pattern) < 40 else "/ceo/"
        return Problem(
            "LR037", "a pattern stands behind `matches`", f"write `matches {shown}`", place(s)
        )
    inside = any(s.given[i] == "LPAR" for i in range(s.at))
    if inside and sign in "+-" and s.before not in ("LPAR", "PLUS", "MINUS"):
        return Problem(
            "LR043",
            f"`{sign}` does not fit here: points stand outside parentheses,"
            " and a calculation has parentheses of its own",
            "write `(a or b) +10`, or `((a + b) > 5 or c)`",
            place(s),
        )
    left = s.pieces[s.at - 1].text if s.at else "a"
    if s.before == "POINTS":
        right = s.pieces[s.at + 1].text if s.at + 1 < len(s.pieces) else "b"
        return Problem(
            "LR032",
            "points that are worked out stand in parentheses",
            f"write `+({left} {sign} {right})`",
            place(s),
        )
    right = s.pieces[s.at + 1].text if s.at + 1 < len(s.pieces) else "b"
    return Problem(
        "LR032",
        "a calculation stands in parentheses",
        f"write `({left} {sign} {right})`",
        place(s),
    )


def _is_window(piece: Piece) -> bool:
    return (piece.terminal or KEYWORDS.get(piece.text, "")) in WINDOWS


def _chain_before(s: Stuck) -> tuple[set[str], bool]:
    """The joining words at this depth, and whether a filter without parentheses is open."""
    chain: set[str] = set()
    filtered = False
    depth = 0
    for i in range(s.at - 1, -1, -1):
        t = s.given[i]
        if t in ("RPAR", "RBRACK"):
            depth += 1
        elif t in ("LPAR", "LBRACK"):
            depth -= 1
            if depth < 0:
                break
        elif depth == 0:
            if t in ("AND", "OR") and not (s.given[i - 1] == "DURATION" and i + 1 < s.at
                                           and s.given[i + 1] == "DURATION"):  # fmt: skip
                chain.add(t)
            elif t == "WHERE" and not chain:
                after = i + 1
                closed = s.given[after : after + 1] == ["LPAR"] and not _is_calculation(s, after)
                filtered = filtered or not closed
            elif t == "WHEN" or (t == "EQ" and s.given[:1] == ["DEFINE"] and i == 2):
                break
    return chain, filtered


def _is_calculation(s: Stuck, at: int) -> bool:
    depth = 0
    for i in range(at, s.at):
        depth += (s.given[i] == "LPAR") - (s.given[i] == "RPAR")
        if depth == 0:
            return i + 1 < s.at and s.given[i + 1] in VALUE_OPERATORS | {"IN", "NOT_IN"}
    return False


def _same(s: Stuck, at: int) -> bool:
    """Whether the piece stands at the depth of the one that does not fit."""
    depth = 0
    for i in range(at, s.at):
        depth += (s.given[i] in ("LPAR", "LBRACK")) - (s.given[i] in ("RPAR", "RBRACK"))
    return depth == 0


def _value_parenthesis(s: Stuck) -> int | None:
    """Where the `(` behind an operator stands that this is directly in, if it is in one."""
    depth = 0
    for i in range(s.at - 1, 0, -1):
        t = s.given[i]
        depth += (t == "RPAR") - (t == "LPAR")
        if depth < 0:
            return i if s.given[i - 1] in VALUE_OPERATORS and i >= 2 else None
    return None
