"""A diagnostic as it is shown to people: message, place, the line, carets, help."""

from __future__ import annotations

import unicodedata

from leadrules.model.diagnostic import Diagnostic
from leadrules.model.source import Source, Span

WIDTH = 100
_TAB = "    "
_RED, _YELLOW, _BLUE, _BOLD, _PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[34m", "\x1b[1m", "\x1b[0m"


def draw(diagnostic: Diagnostic, color: bool = False) -> str:
    """The drawing of a diagnostic, without a line end behind it.

    A tab is four columns wide, a wide character two. A long line is cut around the
    place, and of a place with several lines the first is shown.
    """
    tint = _RED if diagnostic.is_error else _YELLOW

    def paint(style: str, text: str) -> str:
        return f"{style}{text}{_PLAIN}" if color else text

    places = [(diagnostic.source, diagnostic.span, "-->", "^", "")]
    places += [(n.source, n.span, ":::", "-", f" {clean(n.message)}") for n in diagnostic.notes]
    numbers = [source.place(_clamp(source, span))[0] for source, span, *_ in places]
    gutter = len(str(max(numbers)))
    bar = paint(_BLUE, " " * (gutter + 2) + "|")
    title = paint(_BOLD + tint, f"{diagnostic.severity}[{diagnostic.code}]")
    lines = [title + paint(_BOLD, f": {clean(diagnostic.message)}")]
    for number, (source, span, arrow, mark, words) in zip(numbers, places, strict=True):
        column = source.place(_clamp(source, span))[1]
        shown, under = _excerpt(source, span, number, column, mark)
        lines += [
            paint(_BLUE, " " * (gutter + 1) + arrow) + f" {source.name}:{number}:{column}",
            bar,
            (paint(_BLUE, f" {number:>{gutter}} |") + f" {shown}").rstrip(),
            f"{bar} {paint(tint if mark == '^' else _BLUE, under + words)}",
        ]
    if diagnostic.help is not None:
        equals = paint(_BLUE, " " * (gutter + 2) + "=")
        lines.append(f"{equals} help: {clean(diagnostic.help)}")
    return "\n".join(lines)


def _excerpt(source: Source, span: Span, number: int, column: int, mark: str) -> tuple[str, str]:
    """The line as shown and the marks under it."""
    line = source.line(number)
    start = min(column - 1, len(line))
    end = min(max(start + (span.end - span.start), start), len(line))
    # Far more characters than columns are never looked at, however long the line.
    first = max(0, start - WIDTH) if len(line) > WIDTH else 0
    last = min(len(line), start + WIDTH)
    before = [_shown(c) for c in line[first:start]]
    marked = [_shown(c) for c in line[start : min(end, last)]]
    behind = [_shown(c) for c in line[min(end, last) : last]]
    head, tail = first > 0, last < len(line)
    # Room is given first to the place itself, then to what stands before it.
    room = WIDTH - min(_width(marked), WIDTH // 2)
    while (
        before
        and _width(before) + _width(marked) + _width(behind) > WIDTH
        and (_width(before) > room // 2)
    ):
        before.pop(0)
        head = True
    while behind and _width(before) + _width(marked) + _width(behind) > WIDTH:
        behind.pop()
        tail = True
    while len(marked) > 1 and _width(before) + _width(marked) > WIDTH:
        marked.pop()
        tail = True
    lead = ("…" if head else "") + "".join(before)
    shown = lead + "".join(marked) + "".join(behind) + ("…" if tail else "")
    return shown, " " * _width([lead]) + mark * max(1, _width(marked))


def _shown(c: str) -> str:
    if c == "\t":
        return _TAB
    if c == " " or c.isprintable():
        return c
    return " " if c == "\u00a0" else "\ufffd"


def width(text: str) -> int:
    """How many columns a text takes in a terminal."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _width(parts: list[str]) -> int:
    return width("".join(parts))


def _columns(c: str) -> int:
    if unicodedata.combining(c) or unicodedata.category(c) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(c) in "WF" else 1


def clean(text: str) -> str:
    """The text on one line, with nothing in it that a terminal would obey."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def _clamp(source: Source, span: Span) -> int:
    return min(max(span.start, 0), len(source.text))
