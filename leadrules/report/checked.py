"""What `check` has found, and where it stands: all that its reports are written from."""

from __future__ import annotations

from collections.abc import Callable

from leadrules.model.diagnostic import Diagnostic
from leadrules.model.frozen import Frozen
from leadrules.model.source import Source, Span


class Explained(Frozen):
    """A code in words: its title, what is wrong in a sentence or two, and its page, which is
    Markdown."""

    code: str
    title: str
    summary: str
    page: str


class Checked(Frozen):
    """A run of `check`.

    `files` are the rule files that were asked for, by the names they are shown under.
    `path_of` gives for such a name the path from the root of the repository, with `/` between
    folders; what lies outside has its absolute path. `drawn` is a finding as people see it.
    """

    version: str
    files: tuple[str, ...]
    findings: tuple[Diagnostic, ...]
    path_of: Callable[[str], str]
    explain: Callable[[str], Explained]
    drawn: Callable[[Diagnostic], str]


class Place(Frozen):
    """Where a span begins and ends, counted from 1. The end column is the first one behind."""

    line: int
    column: int
    end_line: int
    end_column: int


def place_of(source: Source, span: Span) -> Place:
    """The place of a span; a column counts characters."""
    most = len(source.text)
    start = min(max(span.start, 0), most)
    end = min(max(span.end, start), most)
    return Place(*source.place(start), *source.place(end))


def utf16_place(source: Source, span: Span) -> Place:
    """The place of a span; a column counts UTF-16 code units, as web pages do."""
    place = place_of(source, span)

    def units(line: int, column: int) -> int:
        return 1 + len(source.line(line)[: column - 1].encode("utf-16-le")) // 2

    return Place(
        place.line,
        units(place.line, place.column),
        place.end_line,
        units(place.end_line, place.end_column),
    )
