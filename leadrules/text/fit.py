"""Whether the parts of one statement fit together: one LALR parse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leadrules.text import build, feed
from leadrules.text.conditions import Refused
from leadrules.text.layout import Block, lay_out
from leadrules.text.literals import Problem
from leadrules.text.scan import scan
from leadrules.text.stuck import Stuck
from leadrules.text.tables import parser

if TYPE_CHECKING:
    from lark import Tree


def fitted(pieces: list[feed.Piece], start: str) -> Tree[Any] | Stuck:
    """The parse tree of the pieces of a statement, or where they stop making sense."""
    from lark import Token as LarkToken
    from lark import UnexpectedToken

    # lark's interactive parser has no types of its own.
    interactive: Any = parser().parse_interactive(start=start)
    given: list[str] = []
    token = None
    for i, piece in enumerate(pieces):
        name = feed.terminal(pieces, i, interactive.choices())
        if name is None:
            return Stuck(start, pieces, i, given, interactive.accepts())
        token = LarkToken(name, piece.text, start_pos=piece.span.start, end_pos=piece.span.end)
        try:
            interactive.feed_token(token)
        except UnexpectedToken:
            return Stuck(start, pieces, i, given, _accepts(start, pieces, given))
        given.append(name)
    try:
        tree: Tree[Any] = interactive.feed_eof(token)
    except UnexpectedToken:
        return Stuck(start, pieces, len(pieces), given, _accepts(start, pieces, given))
    return tree


def reads(text: str, start: str) -> bool:
    """Whether a text is one or more sound statements where `start` stands."""
    lines, problems = lay_out(scan(text))
    if problems or not lines:
        return False
    for line in lines:
        if isinstance(line, Block) or line.problem or any(t.problem for t in line.tokens):
            return False
        pieces = feed.pieces(line.tokens, body_of(start))
        if isinstance(pieces, Problem):
            return False
        tree = fitted(pieces, start)
        if isinstance(tree, Stuck):
            return False
        try:
            build.head(tree) if start.endswith("_head") else build.statement(tree)
        except Refused:
            return False
    return True


def body_of(start: str) -> str:
    """What a statement stands in, as `feed` wants to know it."""
    return "head" if start.endswith("_head") else start.removeprefix("s_")


def _accepts(start: str, pieces: list[feed.Piece], given: list[str]) -> set[str]:
    """What could follow the pieces that fit: read anew, as a token that fails leaves traces."""
    from lark import Token as LarkToken

    interactive: Any = parser().parse_interactive(start=start)
    for name, piece in zip(given, pieces, strict=False):
        interactive.feed_token(LarkToken(name, piece.text))
    accepts: set[str] = interactive.accepts()
    return accepts
