"""Lines that stand below each other, with their columns aligned.

Rules of one table have their points, labels and reasons in columns. A column is as wide as
its widest cell, but a few that are far wider than the others run over it: otherwise one
long condition would push the points of all others to the right.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from leadrules.model.frozen import Frozen
from leadrules.text.draw import width

LIMIT = 100
# So long a line may become by the blanks before its columns.
_LIMIT_ALIGNED = 110
# A cell that is so little wider than the others is not far wider.
_CLOSE = 12


class Kind(Frozen):
    """How tables of a kind look: blanks between columns, and how wide the first column may be
    for the sake of a few rows (`few`) and of many of them (`many`)."""

    name: str
    gap: int
    few: int
    many: int


class Table(Frozen):
    """The lines whose columns are aligned: of one kind, in one block, with no empty line
    between them. `place` is the number of such a stretch of lines."""

    kind: Kind
    place: tuple[int, int]


@dataclass(slots=True)
class Row:
    """A line: its cells, none for an empty line. A first cell without text is a line that goes
    on with the second. `comment` stands behind all."""

    indent: int
    cells: tuple[str, ...]
    table: Table | None = None
    comment: str = ""


def drawn(rows: Sequence[Row]) -> str:
    """The text of some lines."""
    tables: dict[Table, list[Row]] = {}
    for row in rows:
        if row.table is not None and len(row.cells) > 1:
            tables.setdefault(row.table, []).append(row)
    starts = {table: _starts(table.kind, members) for table, members in tables.items()}
    lines = [
        _line(row, row.table.kind.gap, starts[row.table])
        if row.table is not None and len(row.cells) > 1
        else " " * row.indent + row.cells[0]
        if row.cells
        else ""
        for row in rows
    ]
    _add_comments(lines, rows)
    return "".join(f"{line}\n" for line in lines)


def _starts(kind: Kind, rows: Iterable[Row]) -> tuple[int, int]:
    """Where the second and the third column begin."""
    ends = [(row.indent + width(row.cells[0]), row.cells) for row in rows if row.cells[0]]
    if not ends:
        return 0, 0
    second = _widest([end for end, _ in ends], kind.few, kind.many) + kind.gap
    # Only rows that have a reason push the reasons, and none that runs over its column.
    behind = [second + width(c[1]) for end, c in ends if len(c) > 2 and end < second]
    return second, _widest(behind, LIMIT - 25, LIMIT) + kind.gap


def _widest(ends: Sequence[int], few: int, many: int) -> int:
    """Where the widest cell ends that sets the column."""
    long = sorted(end for end in ends if end > few)
    widest = max((end for end in ends if end <= few), default=0)
    for end in long:
        if end <= many and (end - widest <= _CLOSE or 3 * len(long) > len(ends)):
            widest = end
    return widest


def _line(row: Row, gap: int, starts: tuple[int, int]) -> str:
    first, *others = row.cells
    text = " " * row.indent + (first or "  ")
    for start, cell in zip(starts, others, strict=False):
        end = width(text) + (gap if text.strip() else 0)
        # A reason is a sentence, which may run over.
        fits = cell[0] == '"' or start + width(cell) <= _LIMIT_ALIGNED
        text += " " * ((max(start, end) if fits else end) - width(text)) + cell
    return text


def _add_comments(lines: list[str], rows: Sequence[Row]) -> None:
    """Puts comments behind their lines; those of neighbours begin in the same column."""
    at = 0
    while at < len(rows):
        end = at
        while end < len(rows) and rows[end].comment:
            end += 1
        column = max((width(line) for line in lines[at:end] if width(line) <= 72), default=0)
        for i in range(at, end):
            lines[i] += " " * max(2, column + 2 - width(lines[i])) + rows[i].comment
        at = end + 1
