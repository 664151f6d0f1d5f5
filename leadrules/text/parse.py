"""Rule text to a syntax tree: one LALR parse for each statement.

A statement with a mistake is told once and left out; all others are kept. The one
exception is a score or classify block whose head is wrong but names it: the block stays,
so that its name is known to the rules that use it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from leadrules.model.diagnostic import Diagnostic, in_order
from leadrules.model.source import Source, Span
from leadrules.model.syntax import (
    ClassifyBlock,
    LabelRule,
    Name,
    PointsRule,
    RuleFile,
    ScoreBlock,
    Statement,
)
from leadrules.text import build, feed
from leadrules.text.layout import Block, Line, lay_out
from leadrules.text.literals import Problem
from leadrules.text.scan import WORD, Token, scan
from leadrules.text.stuck import Stuck
from leadrules.text.tables import parser
from leadrules.text.words import RESERVED, name_parts

if TYPE_CHECKING:
    from lark import Tree

MOST_BYTES = 5_000_000


def parse(source: Source) -> tuple[RuleFile, list[Diagnostic]]:
    """The statements of a rule file that can be read, and what is wrong with the others."""
    text = source.text
    if len(text) > MOST_BYTES or len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        problem = Problem(
            "LR029",
            "a rule file has at most 5 MB",
            'put long lists into files of their own: `list NAME = file "names.txt"`',
            Span(0, 0),
        )
        return RuleFile(source, ()), [_diagnostic(source, problem)]
    lines, problems = lay_out(scan(text))
    reader = _Reader(problems)
    statements = tuple(reader.top(lines))
    found = [_diagnostic(source, problem) for problem in problems]
    return RuleFile(source, statements), in_order(found)


def _diagnostic(source: Source, problem: Problem) -> Diagnostic:
    return Diagnostic(problem.code, "error", problem.message, source, problem.span, problem.help)


class _Reader:
    """Reads statements and collects their problems."""

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems
        # The blocks that layout has spoken about already.
        self._told = {problem.span.start for problem in problems}

    def top(self, lines: list[Line | Block]) -> Iterator[Statement]:
        """The statements outside blocks."""
        for line in lines:
            if isinstance(line, Block):
                block = self._block(line)
                if block is not None:
                    yield block
            else:
                tree = self._tree(line, "s_top")
                if tree is not None:
                    node = self._built(build.statement, tree)
                    if node is not None:
                        yield node

    def _block(self, block: Block) -> ScoreBlock | ClassifyBlock | None:
        tokens = block.head.tokens
        word = tokens[0].text
        known = word in ("score", "classify") and tokens[0].kind == WORD
        if not known:
            problem = _later(tokens, is_block=True)
            if problem is not None:
                self._problems.append(problem)
                return None
            self._problems.append(_no_block(tokens))
            for _ in self.top([line for line in block.body if isinstance(line, Line)]):
                pass
            return None
        tree = self._tree(block.head, f"s_{'class' if word == 'classify' else 'score'}_head")
        head = self._built(build.head, tree) if tree is not None else None
        if head is None:
            named = len(tokens) > 1 and tokens[1].kind == WORD and tokens[1].text not in RESERVED
            head = (Name(name_parts(tokens[1].text)[:1], tokens[1].span), ()) if named else None
        if word == "score":
            points = tuple(self._rules(block.body, "s_score", PointsRule))
            return ScoreBlock(head[0], head[1], points, block.span) if head else None
        labels = tuple(self._rules(block.body, "s_class", LabelRule))
        return ClassifyBlock(head[0], labels, block.span) if head else None

    def _rules(self, body: tuple[Line | Block, ...], start: str, kind: type[Any]) -> Iterator[Any]:
        for line in body:
            if isinstance(line, Block):
                problem = _later(line.head.tokens, is_block=True) or Problem(
                    "LR038",
                    "no block stands inside another one",
                    "close the block before it with `}` first",
                    line.head.span,
                )
                self._problems.append(problem)
                continue
            tree = self._tree(line, start)
            node = self._built(build.statement, tree) if tree is not None else None
            if node is not None:
                assert isinstance(node, kind)
                yield node

    def _tree(self, line: Line, start: str) -> Tree[Any] | None:
        """The parse tree of a statement, or None when its problem has been told."""
        bad = next((t.problem for t in line.tokens if t.problem is not None), None)
        bad = bad or line.problem
        if bad is not None:
            self._problems.append(_later(line.tokens) or bad)
            return None
        pieces = feed.pieces(line.tokens, start.endswith("_head"))
        if isinstance(pieces, Problem):
            self._problems.append(_later(line.tokens) or pieces)
            return None
        result = _parsed(pieces, start)
        if isinstance(result, Stuck):
            told = line.tokens[-1].start in self._told or line.span.start in self._told
            if not told:
                self._problems.append(_later(line.tokens) or _wording(result))
            return None
        return result

    def _built(self, make: Any, tree: Tree[Any]) -> Any:
        try:
            return make(tree)
        except build.Refused as refused:
            self._problems.append(refused.problem)
            return None


def _parsed(pieces: list[feed.Piece], start: str) -> Tree[Any] | Stuck:
    from lark import Token as LarkToken
    from lark import UnexpectedToken

    # lark's interactive parser has no types of its own.
    interactive: Any = parser().parse_interactive(start=start)
    given: list[str] = []
    token = None
    for i, piece in enumerate(pieces):
        after = pieces[i + 1] if i + 1 < len(pieces) else None
        name = feed.terminal(piece, after, interactive.choices())
        if name is None:
            return Stuck(start, pieces, i, given, interactive.accepts())
        token = LarkToken(name, piece.text, start_pos=piece.span.start, end_pos=piece.span.end)
        try:
            interactive.feed_token(token)
        except UnexpectedToken:
            return Stuck(start, pieces, i, given, interactive.accepts())
        given.append(name)
    try:
        tree: Tree[Any] = interactive.feed_eof(token)
    except UnexpectedToken:
        return Stuck(start, pieces, len(pieces), given, interactive.accepts())
    return tree


# What is said about mistakes is loaded with the first of them: a sound file never needs it.


def _later(tokens: tuple[Token, ...], is_block: bool = False) -> Problem | None:
    from leadrules.text.later import later

    return later(tokens, is_block)


def _wording(stuck: Stuck) -> Problem:
    from leadrules.text.wording import wording

    return wording(stuck)


def _no_block(tokens: tuple[Token, ...]) -> Problem:
    from leadrules.text.wording import no_block

    return no_block(tokens)
