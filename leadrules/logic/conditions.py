"""Conditions as formulas: when they are true, and when they are false.

What is neither is unknown. So every condition has two formulas, and what a missing value does
is a part of them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Literal, assert_never

from leadrules.logic.formula import FALSE, TRUE, Among, Every, Formula, Some, every, some
from leadrules.logic.moments import NOW, ordered
from leadrules.logic.space import FIRST_SEEN, Space
from leadrules.model import program as p
from leadrules.model.instant import Moment, Window

_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# How the left side stands to the right one, when a comparison is true.
_SIDES = {
    "=": ("equal",),
    "!=": ("less", "more"),
    "<": ("less",),
    "<=": ("less", "equal"),
    ">": ("more",),
    ">=": ("more", "equal"),
}
# What there is to know of a field at all; None when it is missing.
STATES: dict[str, tuple[str | None, ...]] = {
    "boolean": ("yes", "no", None),
    "date": ("yes", None),
    "list": ("filled", "empty", None),
    "text or list": ("filled", "empty", None),
    "anything": ("filled", "empty", None),
}
_YES = ("yes",)
_YES_OR_NO = ("yes", "no")
Truth = Literal[True, False]


class Conditions:
    """Turns conditions into formulas over the subjects of a space."""

    def __init__(self, space: Space) -> None:
        self.space = space
        # By identity; the condition is kept, so that no other gets its identity.
        self._made: dict[tuple[int, bool], tuple[p.Condition, Formula]] = {}

    def true(self, condition: p.Condition) -> Formula:
        """When a condition is true."""
        return self._formula(condition, True)

    def false(self, condition: p.Condition) -> Formula:
        """When it is false."""
        return self._formula(condition, False)

    def not_true(self, condition: p.Condition) -> Formula:
        """When it is false or unknown."""
        return self.opposite(self.true(condition))

    def opposite(self, formula: Formula) -> Formula:
        """When a formula is not true."""
        match formula:
            case Among(subject, cells):
                return Among(subject, self.space.domains[subject] & ~cells)
            case Every(items):
                return some(self.opposite(item) for item in items)
            case Some(items):
                return every(self.opposite(item) for item in items)
            case _:
                assert_never(formula)

    def _formula(self, condition: p.Condition, truth: Truth) -> Formula:
        key = (id(condition), truth)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = (condition, self._make(condition, truth))
        return found[1]

    def _make(self, condition: p.Condition, truth: Truth) -> Formula:
        match condition:
            case p.All(items):
                join = every if truth else some
                return join([self._formula(item, truth) for item in items])
            case p.Any_(items):
                join = some if truth else every
                return join([self._formula(item, truth) for item in items])
            case p.Not(item):
                return self._formula(item, not truth)
            case p.Compare(order, left, right):
                return self._compare(order, left, right, truth)
            case p.InSpans(number, spans):
                return self._number(number, lambda x: any(_in(x, s) for s in spans), truth)
            case p.IsText(text, values, exactly):
                subject, cells = self.space.text(text)
                fits = cells.among(values, exactly)
                there = self.space.domains[subject] & ~cells.missing
                is_text = Among(subject, fits if truth else there & ~fits)
                return every([self._inside(text), is_text])
            case p.SameText(left_text, right_text):
                known = [self.known(left_text), self.known(right_text)]
                return every([*known, self._yes(condition, truth)])
            case p.Has():
                return self._has(condition, truth)
            case p.Matches(text) | p.Valid(text):
                return every([self.known(text), self._yes(condition, truth)])
            case p.IsTrue(field):
                subject, choice = self.space.choice(field, STATES[field.type])
                return Among(subject, choice.among(_YES if truth else ("no",)))
            case p.During(date, window):
                return every([self.known(date), self._during(date, window, truth)])
            case p.CompareDates(order, left_date, right_date):
                known = [self.known(left_date), self.known(right_date)]
                return every([*known, self._sides(order, left_date, right_date, truth)])
            case p.Known(value):
                return self._either(self.known(value), truth)
            case p.Empty(field):
                return self._either(self._empty(field), truth)
            case p.NoneSince(events, since):
                happened = self._happened(p.Events(events.kinds, Window(since, False, NOW, True)))
                if not truth:
                    return happened
                old = self._during(FIRST_SEEN, Window(until=since), True)
                return every([self.opposite(happened), old])
            case p.NoneAfter(_, marker):
                subject, choice = self.space.choice(condition, ("yes", "no", None))
                said = Among(subject, choice.among(_YES if truth else ("no",)))
                return every([self._happened(marker), said])
            case p.Followed(first, then, _, negated):
                needed = self._happened(first)
                if not negated:
                    needed = every([needed, self._happened(then)])
                return self._either(every([needed, self._yes(condition, True)]), truth)
            case p.HasLabel(dimension, labels):
                subject, choice = self.space.label(dimension)
                fits = choice.among(labels)
                there = self.space.domains[subject] & ~choice.among([None])
                return Among(subject, fits if truth else there & ~fits)
            case p.LabelKnown(dimension):
                subject, choice = self.space.label(dimension)
                given = Among(subject, self.space.domains[subject] & ~choice.among([None]))
                return self._either(given, truth)
            case p.Was(dimension, label):
                subject, choice = self.space.was(dimension)
                return self._either(Among(subject, choice.among([label])), truth)
            case _:
                assert_never(condition)

    def _either(self, formula: Formula, truth: Truth) -> Formula:
        """Of a condition that is never unknown."""
        return formula if truth else self.opposite(formula)

    def _yes(self, condition: p.Condition, truth: Truth) -> Formula:
        """Of a condition that is a subject of its own: nothing is known of its inside."""
        subject, choice = self.space.choice(condition, _YES_OR_NO)
        return Among(subject, choice.among(_YES if truth else ("no",)))

    # --- values that are there -----------------------------------------------------

    def known(self, value: p.Number | p.Text) -> Formula:
        """When a value is not missing."""
        match value:
            case p.Field(_, type_):
                if type_ in ("number", "whole"):
                    return every([self._there(value)])
                if type_ == "text":
                    subject, cells = self.space.text(value)
                    return Among(subject, self.space.domains[subject] & ~cells.missing)
                names = STATES[type_]
                subject, choice = self.space.choice(value, names)
                return Among(subject, choice.among(names[:-1]))
            case p.Domain(text):
                subject, cells = self.space.text(value)
                there = Among(subject, self.space.domains[subject] & ~cells.missing)
                return every([self.known(text), there])
            case p.Length(text):
                return self.known(text)
            case p.Since(_, _, events):
                return self._happened(events)
            case p.Aggregate(kind, _, events):
                needed = TRUE if kind == "sum" else self._happened(events)
                return every([needed, self._there(value)])
            case p.Arithmetic(_, left, right):
                return every([self.known(left), self.known(right), self._there(value)])
            case p.Function(_, arguments):
                return every([*(self.known(each) for each in arguments), self._there(value)])
            case p.PreviousScore():
                return self._there(value)
            case p.Constant() | p.Count() | p.Distinct() | p.Score() | p.Met():
                return TRUE
            case _:
                assert_never(value)

    def _there(self, number: p.Number) -> Formula:
        subject, cells = self.space.number(number)
        return Among(subject, (1 << len(cells.values)) - 1)

    def _inside(self, text: p.Text) -> Formula:
        """When that is known of which a text is a part."""
        return self.known(text.text) if isinstance(text, p.Domain) else TRUE

    def _empty(self, field: p.Field) -> Formula:
        """When a value is missing or an empty list."""
        if field.type not in ("list", "text or list", "anything"):
            return self.opposite(self.known(field))
        subject, choice = self.space.choice(field, STATES[field.type])
        return Among(subject, choice.among(["empty", None]))

    # --- numbers -------------------------------------------------------------------

    def _number(self, number: p.Number, fits: Callable[[float], bool], truth: Truth) -> Formula:
        """When a number is there and fits, or does not."""
        if isinstance(number, p.Constant):
            return TRUE if fits(number.value) == truth else FALSE
        subject, cells = self.space.number(number)
        found = Among(subject, cells.where(lambda value: fits(value) == truth))
        # A field's own cells say that it is there.
        return found if isinstance(number, p.Field) else every([self.known(number), found])

    def _compare(self, order: str, left: p.Number, right: p.Number, truth: Truth) -> Formula:
        holds = _ORDERS[order]
        if isinstance(right, p.Constant):
            return self._number(left, lambda value: holds(value, right.value), truth)
        if isinstance(left, p.Constant):
            return self._number(right, lambda value: holds(left.value, value), truth)
        return every([self.known(left), self.known(right), self._sides(order, left, right, truth)])

    def _sides(
        self, order: str, left: p.Number | p.Field, right: p.Number | p.Field, truth: Truth
    ) -> Formula:
        """How two values stand to each other, of which nothing else is known."""
        names = ("equal",) if left == right else ("less", "equal", "more")
        subject, choice = self.space.choice(("sides", left, right), names)
        fits = [name for name in names if (name in _SIDES[order]) == truth]
        return Among(subject, choice.among(fits))

    def _happened(self, events: p.Events) -> Formula:
        """When there is at least one such event."""
        return self._number(p.Count(events), lambda value: value >= 1, True)

    # --- texts ---------------------------------------------------------------------

    def _has(self, condition: p.Has, truth: Truth) -> Formula:
        """Each value that is looked for is a subject of its own."""
        parts = [
            every(
                [
                    self.known(condition.text),
                    self._yes(
                        p.Has(condition.text, condition.how, (value,), exactly=condition.exactly),
                        truth,
                    ),
                ]
            )
            for value in condition.values
        ]
        join = every if condition.every == truth else some
        return join(parts)

    # --- dates ---------------------------------------------------------------------

    def _during(self, date: p.Field, window: Window, truth: Truth) -> Formula:
        """When a date, which is there, lies in a window, or does not."""
        found = ordered(window)
        if found is None:
            return self._yes(p.During(date, window), truth)
        ends: list[Formula] = []
        if found.after is not None:
            early = self._before(date, found.after, not found.after_belongs)
            ends.append(self.opposite(early))
        if found.until is not None:
            ends.append(self._before(date, found.until, found.until_belongs))
        return self._either(every(ends), truth)

    def _before(self, date: p.Field, moment: Moment, belongs: bool) -> Formula:
        """When a date lies before a moment; or at it, if it `belongs`."""
        for subject, line in self.space.lines(date):
            if moment in line.moments:
                return Among(subject, line.before(moment, belongs))
        raise AssertionError(moment)


def _in(value: float, span: p.Span) -> bool:
    if span.low is not None and value < span.low:
        return False
    if span.high is None:
        return True
    return value < span.high if span.open else value <= span.high
