"""Rule text to a syntax tree: one LALR parse for each statement.

A statement with a mistake is told once and left out; all others are kept. The exceptions
are a list, a defined number, and a score or classify block or a checklist whose head is wrong,
when they are named: they stay, empty if need be, so that the rules that use them know their
names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from leadrules.model.diagnostic import Diagnostic, in_order
from leadrules.model.frozen import changed
from leadrules.model.source import Source, Span
from leadrules.model.syntax import (
    Checklist,
    ClassifyBlock,
    DefineNumber,
    Items,
    ListDefinition,
    Name,
    Number,
    RuleFile,
    ScoreBlock,
)
from leadrules.text import build, feed
from leadrules.text.conditions import Refused
from leadrules.text.fit import fitted
from leadrules.text.lalr import Tree
from leadrules.text.layout import Block, Line, lay_out
from leadrules.text.literals import Problem
from leadrules.text.scan import NUMBER, RANGE, TEXT, WORD, Token, scan
from leadrules.text.stuck import Stuck
from leadrules.text.words import RESERVED, name_parts

# A team's rules are some hundred lines. A file far beyond that is a table that was turned into
# rules, or an attack; so much is still read in some seconds.
MOST_BYTES = 5_000_000
MOST_STATEMENTS = 20_000
# To tell what habit a mistake came from takes some tries, so only the first in a file are asked.
MOST_HABITS = 200


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
    lines = _within_limit(lines, problems)
    reader = _Reader(problems, text)
    statements = tuple(reader.statements(lines, "top"))
    found = [_diagnostic(source, problem) for problem in problems]
    return RuleFile(source, statements), in_order(found)


def _within_limit(lines: list[Line | Block], problems: list[Problem]) -> list[Line | Block]:
    """The lines and blocks up to the last that may stand in one file."""
    count = 0
    for i, line in enumerate(lines):
        count += _count(line)
        if count > MOST_STATEMENTS:
            problems.append(
                Problem(
                    "LR054",
                    f"a rule file has at most {MOST_STATEMENTS:,} statements",
                    'put values into a list or a file: `list NAME = file "names.txt"`',
                    line.span if isinstance(line, Line) else line.head.span,
                )
            )
            return lines[:i]
    return lines


def _count(line: Line | Block) -> int:
    return 1 if isinstance(line, Line) else 1 + sum(map(_count, line.body))


def _diagnostic(source: Source, problem: Problem) -> Diagnostic:
    fix = problem.fix
    if fix is not None and not _is_one_line(source.text[fix.span.start : fix.span.end]):
        # There may be a comment in between.
        fix = None
    return Diagnostic(
        problem.code,
        "error",
        problem.message,
        source,
        problem.span,
        problem.help,
        fix=fix,
    )


def _is_one_line(text: str) -> bool:
    return "\n" not in text and "\r" not in text


# What opens a block, by its first word, and which blocks may stand where.
KINDS = {
    "score": "score",
    "classify": "class",
    "group": "group",
    "first": "choice",
    "best": "choice",
    "band": "band",
    "checklist": "checklist",
}
_PAYING = frozenset(("group", "choice", "band"))
_MAY_HOLD = {
    "top": _PAYING | {"score", "class", "checklist"},
    "score": _PAYING,
    "class": frozenset[str](),
    "band": frozenset[str](),
    "checklist": frozenset[str](),
}


class _Reader:
    """Reads statements and collects their problems."""

    def __init__(self, problems: list[Problem], text: str) -> None:
        self._problems = problems
        self._text = text
        # The blocks that layout has spoken about already.
        self._told = {problem.span.start for problem in problems}

    def statements(self, lines: Iterable[Line | Block], body: str) -> Iterator[Any]:
        """The nodes of statements and blocks that stand in a `body`, `top` outside any."""
        before: Block | None = None
        for line in lines:
            if isinstance(line, Block):
                yield from self._block(line, body)
                before = line
                continue
            late = before is not None and self._limit_behind(before, line)
            before = None
            if late:
                continue
            tree = self._tree(line, f"s_{body}", body)
            node = self._built(build.statement, tree) if tree is not None else None
            if node is None and body == "top":
                node = _named_list(line.tokens) or _named_number(line.tokens)
            if node is not None:
                yield node

    def _limit_behind(self, block: Block, line: Line) -> bool:
        """Whether a line is a limit behind the `}` of a block, which is told."""
        between = self._text[block.span.end : line.span.start]
        if line.tokens[0].text not in ("max", "min") or not _is_one_line(between):
            return False
        self._problems.append(_late_limit(block, line))
        return True

    def _block(self, block: Block, outer: str) -> Iterator[Any]:
        tokens = block.head.tokens
        word = tokens[0].text
        if word == "dimension" and outer == "top":
            self._problems.append(_order_in_braces(block))
            return
        kind = KINDS.get(word) if tokens[0].kind == WORD else None
        if kind is None:
            yield from self._misspelt(block, outer)
            return
        if kind not in _MAY_HOLD[outer]:
            self._problems.append(_wrong_block(block.head, outer))
            return
        tree = self._tree(block.head, f"s_{kind}_head", "head")
        head = self._built(build.head, tree) if tree is not None else None
        head = head or _named(tokens)
        body = "score" if kind in ("group", "choice") else kind
        parts = tuple(self.statements(block.body, body))
        if head is not None:
            yield build.filled(head, parts, block.span)
        elif body == "score":
            # The head cannot be read, but the rules of a group can.
            yield from parts

    def _misspelt(self, block: Block, outer: str) -> Iterator[Any]:
        """A block whose word is none; what is in it is read as what it seems to be, and kept
        where that may stand."""
        tokens = block.head.tokens
        self._problems.append(_no_block(tokens))
        word = _meant(tokens) or ""
        kind = KINDS.get(word) or _seems(block)
        body = "score" if kind in ("group", "choice") else kind
        head = _named((changed(tokens[0], text=word), *tokens[1:])) if word else None
        parts = tuple(self.statements(block.body, body))
        if head is not None:
            if kind in _MAY_HOLD[outer]:
                yield build.filled(head, parts, block.span)
        elif body == "score" and outer in ("top", "score"):
            yield from parts

    def _tree(self, line: Line, start: str, body: str) -> Tree | None:
        """The parse tree of a statement, or None when its problem has been told."""
        bad = next((t.problem for t in line.tokens if t.problem is not None), None)
        bad = bad or line.problem
        if bad is not None:
            self._problems.append(bad)
            return None
        pieces = feed.pieces(line.tokens, body)
        result = pieces if isinstance(pieces, Problem) else fitted(pieces, start)
        if not isinstance(result, Stuck | Problem):
            return result
        told = line.tokens[-1].start in self._told or line.span.start in self._told
        if isinstance(result, Problem) or not told:
            self._problems.append(self._wording(line, start, result))
        return None

    def _wording(self, line: Line, start: str, found: Stuck | Problem) -> Problem:
        # What is said about mistakes is loaded with the first of them: a sound file never needs it.
        from leadrules.text.habits import habit
        from leadrules.text.wording import foreign_comment, wording

        remark = foreign_comment(line.tokens)
        if remark is not None:
            return remark
        known = habit(line.tokens, start) if len(self._problems) < MOST_HABITS else None
        if known is not None:
            return known
        return wording(found) if isinstance(found, Stuck) else found

    def _built(self, make: Any, tree: Tree) -> Any:
        try:
            return make(tree)
        except Refused as refused:
            self._problems.append(refused.problem)
            return None


def _seems(block: Block) -> str:
    """The kind of a block whose head does not tell it, by what stands in it."""
    rules = [line.tokens for line in block.body if isinstance(line, Line)]
    if any(token.text == ":" for rule in rules for token in rule[1:2]):
        return "checklist"
    if any(token.text == "->" for rule in rules for token in rule):
        return "class"
    values = (NUMBER, RANGE, TEXT)
    rows = any(r[0].kind in values or r[0].text in ("[", "otherwise", "missing") for r in rules)
    return "band" if rows else "score"


def _named(tokens: tuple[Token, ...]) -> ScoreBlock | ClassifyBlock | Checklist | None:
    """The block of a head that is wrong, if it has a name that rules may use."""
    if len(tokens) < 2 or tokens[1].kind != WORD or tokens[1].text in RESERVED:
        return None
    name = Name(name_parts(tokens[1].text)[:1], tokens[1].span)
    span = Span(tokens[0].start, tokens[-1].end)
    match tokens[0].text:
        case "score":
            return ScoreBlock(name, None, (), None, (), span)
        case "classify":
            return ClassifyBlock(name, False, (), span)
        case "checklist":
            return Checklist(name, (), span)
        case _:
            return None


def _named_list(tokens: tuple[Token, ...]) -> ListDefinition | None:
    """A list that is wrong, without its values, if it has a name that rules may use."""
    if len(tokens) < 3 or tokens[0].text != "list" or tokens[2].text not in ("=", ":", "["):
        return None
    if tokens[1].kind != WORD or tokens[1].text in RESERVED:
        return None
    name = Name(name_parts(tokens[1].text)[:1], tokens[1].span)
    span = Span(tokens[0].start, tokens[-1].end)
    return ListDefinition(name, Items((), Span(tokens[2].start, span.end)), span)


def _named_number(tokens: tuple[Token, ...]) -> DefineNumber | None:
    """A number that has a name, and lacks its parentheses: `define boundary = 60`."""
    words = [token.text for token in tokens[:3]]
    if len(tokens) != 4 or words[::2] != ["define", "="] or tokens[3].kind != NUMBER:
        return None
    if tokens[3].problem or tokens[1].kind != WORD or words[1] in RESERVED:
        return None
    name = Name(name_parts(words[1])[:1], tokens[1].span)
    number = tokens[3]
    value = Number(Decimal(number.text.replace("_", "")), number.text, number.span)
    return DefineNumber(name, value, Span(tokens[0].start, number.end))


# Loaded with the first mistake, like all wording.


def _wrong_block(head: Line, outer: str) -> Problem:
    from leadrules.text.wording import wrong_block

    return wrong_block(head, outer)


def _meant(tokens: tuple[Token, ...]) -> str | None:
    from leadrules.text.wording import meant_block

    return meant_block(tokens)


def _late_limit(block: Block, line: Line) -> Problem:
    from leadrules.text.wording import late_limit

    return late_limit(block, line)


def _order_in_braces(block: Block) -> Problem:
    from leadrules.text.wording import order_in_braces

    return order_in_braces(block)


def _no_block(tokens: tuple[Token, ...]) -> Problem:
    from leadrules.text.wording import no_block

    return no_block(tokens)
