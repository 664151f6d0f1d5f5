"""What is found on the way: findings, and what could not be decided."""

from __future__ import annotations

from leadrules.logic.formula import Formula, Undecided
from leadrules.logic.leads import Leads
from leadrules.meaning.places import Place, Places
from leadrules.meaning.reach import Range
from leadrules.model.diagnostic import Diagnostic, Note
from leadrules.model.frozen import Frozen
from leadrules.model.verdict import points
from leadrules.text.write import write


class Remark(Frozen):
    """Something that is no mistake, for those who want to know more."""

    place: Place
    text: str


class Notebook:
    """Collects findings, and remarks on what is proved and on what could not be decided."""

    def __init__(self, leads: Leads, places: Places) -> None:
        self.leads = leads
        self.places = places
        self.diagnostics: list[Diagnostic] = []
        self.remarks: dict[Remark, None] = {}

    def warn(
        self, code: str, at: Place, message: str, help: str, beside: Place | None = None
    ) -> None:
        """Adds a warning; `beside` is the other place that it speaks of."""
        notes = () if beside is None else (Note(beside.source, beside.span, "this one"),)
        self.diagnostics.append(
            Diagnostic(code, "warning", message, at.source, at.span, help, notes)
        )

    def never(self, at: Place | None, *formulas: Formula) -> bool:
        """Whether it is sure that all of these are true of no lead; when that cannot be told,
        the place of the question is noted, if it has one."""
        try:
            return not self.leads.can(*formulas)
        except Undecided:
            self.remark(at, "not decided: it takes too long to work out what follows from this")
            return False

    def remark(self, at: Place | None, text: str) -> None:
        """Adds a remark, if it has a place."""
        if at is not None:
            self.remarks[Remark(at, text)] = None


def shown(place: Place) -> str:
    """What stands at a place, in backquotes."""
    return f"`{write(place.node, keep_quotes=True)}`"


def between(bounds: Range) -> str:
    """Where a score lies: "between 0 and 40", "at 40 or below"."""
    low, high = (None if end is None else points(end) for end in bounds)
    if low is not None and high is not None:
        return f"between {low} and {high}"
    if low is None and high is None:
        return "anywhere"
    return f"at {low} or above" if high is None else f"at {high} or below"


def line_of(place: Place, seen_from: Place) -> str:
    """Where a place is: its line, with the name of the file if that is another one."""
    line = f"line {place.source.place(place.span.start)[0]}"
    return line if place.source == seen_from.source else f"{place.source.name} {line}"


def listed(texts: list[str]) -> str:
    """Texts one after the other: "a", "a and b", "a, b and c"."""
    *first, last = texts
    return f"{', '.join(first)} and {last}" if first else last
