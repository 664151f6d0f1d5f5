"""What is wrong with a rule file, where, and what to write instead."""

from __future__ import annotations

from typing import Literal

from leadrules.model.frozen import Frozen
from leadrules.model.source import Source, Span

Severity = Literal["error", "warning"]


class Note(Frozen):
    """A second place that belongs to a diagnostic, with the words to put there."""

    source: Source
    span: Span
    message: str


class Fix(Frozen):
    """What to write in a place of the same file."""

    span: Span
    text: str


class Diagnostic(Frozen):
    """One finding about one place in one rule file.

    `message` is one line in the words of the trade. `help`, where there is one, is a
    line that would work, or says how to get there. There is a `fix` only where it is
    certain what is meant.
    """

    code: str
    severity: Severity
    message: str
    source: Source
    span: Span
    help: str | None = None
    notes: tuple[Note, ...] = ()
    fix: Fix | None = None

    @property
    def is_error(self) -> bool:
        """Whether the ruleset cannot be used because of it."""
        return self.severity == "error"


def in_order(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """Sorted by file, place and code, each finding once."""
    seen = dict.fromkeys(
        sorted(diagnostics, key=lambda d: (d.source.name, d.span.start, d.span.end, d.code))
    )
    return list(seen)
