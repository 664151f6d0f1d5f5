"""Colours for rules, wherever Pygments draws them: Sphinx, MkDocs, `pygmentize`, notebooks.

Pygments finds this by its entry point. leadrules itself never loads it, and does not need
Pygments. What is a keyword the parser says, so the colours cannot fall behind the language.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pygments import token as style
from pygments.lexer import Lexer

from leadrules.text import scan
from leadrules.text.lalr import Leaf
from leadrules.text.scan import Token
from leadrules.text.terminals import terminals

_KINDS = {
    scan.BLANK: style.Whitespace,
    scan.NEWLINE: style.Whitespace,
    scan.COMMENT: style.Comment.Single,
    scan.WORD: style.Name,
    scan.NUMBER: style.Number,
    scan.RANGE: style.Number,
    scan.PERCENT: style.Number,
    scan.DURATION: style.Number.Duration,
    scan.DATE: style.Literal.Date,
    scan.INSTANT: style.Literal.Date,
    scan.TEXT: style.String.Double,
    scan.REGEX: style.String.Regex,
    scan.BAD: style.Error,
}
# Every other terminal that is a word is a keyword.
_TERMINALS = {
    terminal: kind
    for kind, names in (
        (style.Name, "NAME"),
        (style.String.Symbol, "WORD"),
        (style.Keyword.Constant, "BOOLEAN"),
        (style.Operator.Word, "AND OR NOT IN NOT_IN"),
        (style.Keyword.Namespace, "INCLUDE USE_SCHEMA TIMEZONE TITLE"),
        (style.Keyword.Declaration, "SCORE CLASSIFY CHECKLIST BAND GROUP FIRST_OF BEST_OF TOTAL"),
        (style.Keyword.Declaration, "DEFINE LIST SIGNAL DIMENSION COMBINE EXCLUDE FREEZE"),
    )
    for terminal in names.split()
}


class LeadrulesLexer(Lexer):
    """Colours for `*.rules`."""

    name = "leadrules"
    url = "https://pypi.org/project/leadrules/"
    aliases: ClassVar[list[str]] = ["leadrules", "rules"]
    filenames: ClassVar[list[str]] = ["*.rules"]
    mimetypes: ClassVar[list[str]] = ["text/x-leadrules"]

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, style._TokenType, str]]:
        """Every character of the text once, in order, with its style."""
        tokens = scan.scan(text)
        leaves = terminals(tokens)
        before = None
        leaf = next(leaves, None)
        for token in tokens:
            while leaf is not None and leaf.end <= token.start:
                before, leaf = leaf, next(leaves, None)
            inside = leaf is not None and leaf.start <= token.start < leaf.end
            kind = _styled(token, leaf if inside else None, before)
            yield token.start, kind, text[token.start : token.end]


def _styled(token: Token, leaf: Leaf | None, before: Leaf | None) -> style._TokenType:
    """The style of a token, a part of `leaf`, behind another."""
    if not token.is_seen or leaf is None:
        return _sign(token) if token.kind == scan.SIGN else _KINDS[token.kind]
    if leaf.type == "WORD" and before is not None and before.type == "ARROW":
        return style.Name.Label
    if token.kind == scan.WORD:
        return _TERMINALS.get(leaf.type, style.Keyword)
    if leaf.type in ("NUMBER", "RANGE", "POINTS"):
        return style.Number
    return _sign(token) if token.kind == scan.SIGN else _KINDS[token.kind]


def _sign(token: Token) -> style._TokenType:
    return style.Punctuation if token.text in "()[]{},;:" else style.Operator
