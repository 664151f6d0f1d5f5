"""`define score = (…)`: how the score is made of the score blocks."""

from __future__ import annotations

from collections.abc import Iterable

from leadrules.meaning.book import Book, Refused
from leadrules.meaning.load import Placed
from leadrules.meaning.lower import Lowering
from leadrules.model import program as p
from leadrules.model import syntax as s
from leadrules.model.nearest import nearest

_REST = "let a rule in a score block pay for the rest"


def formula(item: Placed, placed: Iterable[Placed], book: Book) -> p.Formula | None:
    """What the score is made of; None when it has been refused."""
    node = item.statement
    assert isinstance(node, s.DefineNumber)
    _check_loose(placed, book)
    lowering = Lowering(book, item.source, ("score",))
    try:
        number = lowering.number(node.term)
        _check(number, node, lowering)
    except Refused:
        return None
    spelled = lowering.spelled(node.term)
    return p.Formula(spelled[1:-1] if spelled.startswith("(") else spelled, number)


def _check(number: p.Number, node: s.DefineNumber, lowering: Lowering) -> None:
    """Refuses what is not made of score blocks and numbers."""
    match number:
        case p.Constant():
            return
        case p.Score(None):
            lowering.refuse("LR109", node.term.span, "defined in a circle: score uses score")
        case p.Score():
            return
        case p.Arithmetic(operator, left, right):
            if operator == "/" and not (isinstance(right, p.Constant) and right.value):
                lowering.refuse(
                    "LR147",
                    node.term.span,
                    "a score is divided by a plain number only, other than 0",
                    "`define score = ((fit + engagement) / 2)`",
                )
            _check(left, node, lowering)
            _check(right, node, lowering)
        case p.Function(_, arguments):
            for argument in arguments:
                _check(argument, node, lowering)
        case p.Field(path):
            name = ".".join(path)
            blocks = [
                key
                for key, declared in lowering.book.declared.items()
                if isinstance(declared.node, s.ScoreBlock)
            ]
            close = nearest(name, blocks)
            lowering.refuse(
                "LR147",
                node.term.span,
                f"`{name}` is no score block, and the score is made of these",
                f"did you mean `{close}`?" if close else _REST,
            )
        case _:
            message = "the score is made of score blocks and numbers"
            lowering.refuse("LR147", node.term.span, message, _REST)


def _check_loose(placed: Iterable[Placed], book: Book) -> None:
    """Refuses points outside any block, which would count for nothing."""
    for item in placed:
        if isinstance(item.statement, s.PointsRule | s.Band | s.Group | s.Choice):
            book.notes.report.error(
                "LR148",
                item.source,
                item.statement.span,
                "these points count for nothing: `define score` is made of score blocks",
                "put the rule into a block: `score other { … }`, and add `other` to `define score`",
            )
