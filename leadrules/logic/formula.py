"""Formulas over subjects, and whether some lead makes them true.

A subject is something that has one value in each lead: a field, a number of events, a label.
Its values are divided into a few cells, so that every condition is the same for all values of
a cell. A set of cells is a whole number, a bit for each. A formula is true or false; what is
unknown in a condition has been settled before (`conditions` beside this file).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from leadrules.model.frozen import Frozen


class Among(Frozen):
    """The value of a subject, given by its number, is in one of some cells."""

    subject: int
    cells: int


class Every(Frozen):
    """All of these are true."""

    items: tuple[Formula, ...]


class Some(Frozen):
    """One of these is true."""

    items: tuple[Formula, ...]


Formula = Among | Every | Some
TRUE = Every(())
FALSE = Some(())


def every(items: Iterable[Formula]) -> Formula:
    """The same as Every, without idle layers."""
    kept: list[Formula] = []
    for item in items:
        if isinstance(item, Every):
            kept += item.items
        elif item == FALSE:
            return FALSE
        else:
            kept.append(item)
    return kept[0] if len(kept) == 1 else Every(tuple(kept))


def some(items: Iterable[Formula]) -> Formula:
    """The same as Some, without idle layers."""
    kept: list[Formula] = []
    for item in items:
        if isinstance(item, Some):
            kept += item.items
        elif item == TRUE:
            return TRUE
        else:
            kept.append(item)
    return kept[0] if len(kept) == 1 else Some(tuple(kept))


def subjects(formula: Formula) -> set[int]:
    """The numbers of all subjects in a formula."""
    if isinstance(formula, Among):
        return {formula.subject}
    return {number for item in formula.items for number in subjects(item)}


class Undecided(Exception):
    """Looking for an answer took too many steps."""


# Cells that are left of some subjects, by their numbers.
Domains = dict[int, int]
# The first has at most the value of the second; their cells stand in the same order.
AtMost = tuple[int, int]


class Search:
    """Looks for values that make formulas true. Raises Undecided after `steps` choices.

    `domains` are all cells of each subject, `at_most` pairs of subjects in an order.
    """

    def __init__(
        self, domains: Mapping[int, int], at_most: Sequence[AtMost] = (), steps: int = 400
    ) -> None:
        self.domains = domains
        self.at_most = at_most
        self.steps = steps

    def find(self, formulas: Iterable[Formula]) -> Domains | None:
        """Cells that make all formulas true, whichever of them are chosen in each subject (the
        first of each, where one has at most the value of another); None when there are none."""
        return self._find({}, list(formulas))

    def _find(self, left: Domains, formulas: list[Formula]) -> Domains | None:
        """As `find`; `left` are the cells of those subjects that have lost some."""
        waiting = self._settle(left, formulas)
        if waiting is None:
            return None
        if not waiting:
            return left
        self.steps -= 1
        if self.steps < 0:
            raise Undecided
        chosen = min(waiting, key=lambda each: len(each.items))
        rest: list[Formula] = [each for each in waiting if each is not chosen]
        first, *others = chosen.items
        found = self._find(dict(left), [first, *rest])
        if found is not None:
            return found
        without: list[Formula] = [Some(tuple(others)), *rest]
        if isinstance(first, Among):
            kept = self.domains[first.subject] & ~first.cells
            without.append(Among(first.subject, kept))
        return self._find(left, without)

    def _settle(self, left: Domains, formulas: list[Formula]) -> list[Some] | None:
        """Takes all that must be so out of the formulas, into `left`, and returns what leaves a
        choice; None when something cannot be."""
        todo = list(formulas)
        waiting: list[Some] = []
        while todo:
            changed = False
            while todo:
                item = todo.pop()
                if isinstance(item, Among):
                    before = left.get(item.subject)
                    if before is None:
                        before = self.domains[item.subject]
                    after = before & item.cells
                    if not after:
                        return None
                    if after != before:
                        left[item.subject] = after
                        changed = True
                elif isinstance(item, Every):
                    todo += item.items
                else:
                    waiting.append(item)
            if changed and self.at_most and not self._order(left):
                return None
            again: list[Some] = []
            for choice in waiting:
                open_ = self._open(choice, left)
                if open_ is None:
                    continue
                if len(open_) < 2:
                    if not open_:
                        return None
                    todo.append(open_[0])
                else:
                    again.append(choice if len(open_) == len(choice.items) else Some(open_))
            waiting = again
        return waiting

    def _open(self, choice: Some, left: Domains) -> tuple[Formula, ...] | None:
        """Those of some formulas that can still be true; None when one is so anyway."""
        found: list[Formula] = []
        for item in choice.items:
            truth = self._truth(item, left)
            if truth is True:
                return None
            if truth is None:
                found.append(item)
        return tuple(found)

    def _truth(self, formula: Formula, left: Domains) -> bool | None:
        if isinstance(formula, Among):
            cells = left.get(formula.subject)
            if cells is None:
                cells = self.domains[formula.subject]
            if not cells & formula.cells:
                return False
            return True if not cells & ~formula.cells else None
        wanted = isinstance(formula, Some)
        truths = [self._truth(item, left) for item in formula.items]
        if wanted in truths:
            return wanted
        return None if None in truths else not wanted

    def _order(self, left: Domains) -> bool:
        """Takes away cells by the order among subjects; whether some are left of each."""
        changed = True
        while changed:
            changed = False
            for small, large in self.at_most:
                low = left.get(small, self.domains[small])
                high = left.get(large, self.domains[large])
                # Not above the highest of the one, not below the lowest of the other.
                lower = low & ((1 << high.bit_length()) - 1)
                upper = high & -(lower & -lower)
                if not lower or not upper:
                    return False
                if lower != low or upper != high:
                    left[small], left[large] = lower, upper
                    changed = True
        return True
