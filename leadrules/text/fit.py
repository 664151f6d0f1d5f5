"""Whether the parts of one statement fit together: one LALR parse."""

from __future__ import annotations

from leadrules.text import build, feed
from leadrules.text.conditions import Refused
from leadrules.text.lalr import END, Leaf, Parse, Tree
from leadrules.text.layout import Block, lay_out
from leadrules.text.literals import Problem
from leadrules.text.scan import scan
from leadrules.text.stuck import Stuck
from leadrules.text.tables import tables


def fitted(pieces: list[feed.Piece], start: str) -> Tree | Stuck:
    """The parse tree of the pieces of a statement, or where they stop making sense."""
    parse = Parse(tables(), start)
    given: list[str] = []
    for i, piece in enumerate(pieces):
        name = feed.terminal(pieces, i, parse.choices)
        if name is None or not parse.fits(name):
            return Stuck(start, pieces, i, given, parse.accepts)
        parse.feed(Leaf.of(name, piece.text, piece.span.start, piece.span.end))
        given.append(name)
    if not parse.fits(END):
        return Stuck(start, pieces, len(pieces), given, parse.accepts)
    return parse.tree()


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
