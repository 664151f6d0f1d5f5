"""Comments and empty lines of a rule file, each between the two tokens where it stands."""

from __future__ import annotations

from collections.abc import Iterable

from leadrules.model.frozen import Frozen
from leadrules.text.scan import COMMENT, NEWLINE, Token


class Comment(Frozen):
    """A comment. `alone`: on a line of its own. `apart`: behind an empty line."""

    text: str
    alone: bool
    apart: bool


class Spaces(Frozen):
    """What the parser does not see. Before token number i of those it sees, `comments[i]`
    stand, and `apart[i]` tells whether an empty line is right before it. The last of both
    are those at the end of the file."""

    comments: tuple[tuple[Comment, ...], ...]
    apart: tuple[bool, ...]


def spaces(tokens: Iterable[Token]) -> Spaces:
    """What stands between the tokens of a file."""
    comments: list[tuple[Comment, ...]] = []
    apart: list[bool] = []
    waiting: list[Comment] = []
    # Line ends since the last token or comment; a file begins on a line of its own.
    ends = 1
    for token in tokens:
        if token.kind == NEWLINE:
            ends += 1
        elif token.kind == COMMENT:
            waiting.append(Comment(token.text.rstrip(), ends > 0, ends > 1))
            ends = 0
        elif token.is_seen:
            comments.append(tuple(waiting))
            apart.append(ends > 1)
            waiting = []
            ends = 0
    return Spaces((*comments, tuple(waiting)), (*apart, False))
