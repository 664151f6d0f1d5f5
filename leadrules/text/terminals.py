"""Which word of a rule file is a keyword, as the parser has it: for those who colour rules.

Most words of the language are also good names, so only the parser knows: in `score known +5`
the first word is a field.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from leadrules.text import feed
from leadrules.text.fit import fitted
from leadrules.text.lalr import Leaf, Tree
from leadrules.text.layout import Block, Line, lay_out
from leadrules.text.literals import Problem
from leadrules.text.parse import KINDS
from leadrules.text.scan import WORD, Token
from leadrules.text.words import KEYWORDS, RESERVED


def terminals(tokens: list[Token]) -> Iterator[Leaf]:
    """The terminals of the grammar that a file is made of, in order, each with its place. Of a
    statement that cannot be read: its reserved words and its names."""
    yield from _of_body(lay_out(tokens)[0], "top")


def _of_body(lines: Iterable[Line | Block], body: str) -> Iterator[Leaf]:
    for line in lines:
        if isinstance(line, Line):
            yield from _of_statement(line, f"s_{body}", body)
            continue
        kind = KINDS.get(line.head.tokens[0].text, "score")
        yield from _of_statement(line.head, f"s_{kind}_head", "head")
        yield from _of_body(line.body, "score" if kind in ("group", "choice") else kind)


def _of_statement(line: Line, start: str, body: str) -> Iterator[Leaf]:
    tree = None
    if line.problem is None and not any(token.problem for token in line.tokens):
        pieces = feed.pieces(line.tokens, body)
        tree = None if isinstance(pieces, Problem) else fitted(pieces, start)
    if isinstance(tree, Tree):
        yield from _leaves(tree.children)
        return
    for token in line.tokens:
        if token.kind == WORD:
            kind = KEYWORDS.get(token.text, "AND") if token.text in RESERVED else "NAME"
            yield Leaf.of(kind, token.text, token.start, token.end)


def _leaves(children: Sequence[Leaf | Tree]) -> Iterator[Leaf]:
    for child in children:
        if isinstance(child, Tree):
            yield from _leaves(child.children)
        else:
            yield child
