"""Whether a condition can be unknown at all, and so whether a case can show that it is.

A test of `budget known and budget >= 5000` never is: where the budget is missing, it is false.
What is found out here is what stands in the condition. It does not know that two conditions
exclude each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from leadrules.model.program import (
    Aggregate,
    All,
    Any_,
    Arithmetic,
    Compare,
    CompareDates,
    Condition,
    Constant,
    Count,
    Dimension,
    Distinct,
    Domain,
    During,
    Empty,
    Field,
    Followed,
    Function,
    Has,
    HasLabel,
    InSpans,
    IsText,
    IsTrue,
    Known,
    LabelKnown,
    Length,
    Matches,
    Met,
    NoneAfter,
    NoneSince,
    Not,
    Number,
    PreviousScore,
    Program,
    SameText,
    Score,
    Since,
    Text,
    Valid,
    Was,
)

# What may be missing and then makes a condition unknown; a label is told by its dimension.
Source = Number | Text | NoneSince | NoneAfter | str


def unknown_for(condition: Condition, program: Program) -> frozenset[Source]:
    """What a condition is unknown for want of; nothing when it never is."""
    match condition:
        case All(items):
            known = [item.value for item in items if isinstance(item, Known)]
            return _together(items, known, program)
        case Any_(items):
            missing = [
                item.item.value
                for item in items
                if isinstance(item, Not) and isinstance(item.item, Known)
            ]
            return _together(items, missing, program)
        case Not(item):
            return unknown_for(item, program)
        case Compare(_, left, right):
            return _missing(left) | _missing(right)
        case InSpans(number):
            return _missing(number)
        case IsText(text) | Has(text) | Matches(text) | Valid(text):
            return _missing(text)
        case SameText(left_text, right_text):
            return _missing(left_text) | _missing(right_text)
        case CompareDates(_, left_date, right_date):
            return _missing(left_date) | _missing(right_date)
        case IsTrue(field) | During(field):
            return _missing(field)
        case NoneSince() | NoneAfter():
            return frozenset({condition})
        case HasLabel(name):
            found = next(d for d in program.dimensions if d.name == name)
            always = isinstance(found, Dimension) and any(r.condition is None for r in found.rules)
            return frozenset() if always else frozenset({name})
        case Known() | Empty() | Followed() | LabelKnown() | Was():
            return frozenset()
        case _:
            assert_never(condition)


def _together(
    items: Sequence[Condition], asked: Sequence[Number | Text], program: Program
) -> frozenset[Source]:
    """What several conditions are unknown for want of, but for what is asked to be there."""
    found: frozenset[Source] = frozenset()
    for item in items:
        found |= unknown_for(item, program)
    return found.difference(*map(_missing, asked))


def _missing(value: Number | Text) -> frozenset[Source]:
    """What may be missing in a number or a text."""
    match value:
        case Field() | Since() | PreviousScore():
            return frozenset({value})
        case Aggregate(kind):
            return frozenset() if kind == "sum" else frozenset({value})
        case Domain(text):
            return frozenset({value}) | _missing(text)
        case Length(text):
            return _missing(text)
        case Arithmetic(_, left, right):
            return _missing(left) | _missing(right)
        case Function(_, arguments):
            return frozenset(source for x in arguments for source in _missing(x))
        case Constant() | Count() | Distinct() | Score() | Met():
            return frozenset()
        case _:
            assert_never(value)
