"""Bands: each row becomes a condition on what stands in the head."""

from __future__ import annotations

import re

from leadrules.meaning.book import Refused
from leadrules.meaning.cover import MOST_COMPARED, Cover, common, cover, gap, within
from leadrules.meaning.lower import Lowering
from leadrules.model import program as p
from leadrules.model import syntax as s
from leadrules.model.frozen import Frozen
from leadrules.model.letters import fold, normal
from leadrules.text.write import write

# Of more values without a row, only the first are named.
_MOST_LEFT = 3


class Row(Frozen):
    """A row, the condition that it stands for, and its name in the results."""

    node: s.Row
    condition: p.Condition
    name: str


def rows_of(band: s.Band, lowering: Lowering) -> list[Row]:
    """The rows that are not refused; `otherwise` last, for it takes what the others leave."""
    rows: list[Row] = []
    last: Row | None = None
    missing = False
    for node in band.rows:
        try:
            if node.value is None:
                if last is not None:
                    _refuse_late(node, lowering)
                last = Row(node, p.All(()), f"{lowering.spelled(band.subject)} otherwise")
            elif node.value == "missing":
                if missing:
                    lowering.refuse("LR107", node.span, "`missing` is given twice")
                missing = True
                asked = s.Is(band.subject, "missing", node.span)
                found = lowering.judge(asked, "points")
                _check_missing(found, node, lowering)
                rows.append(Row(node, found, lowering.spelled(asked)))
            else:
                if last is not None:
                    _refuse_late(node, lowering)
                _check_kind(band, node.value, lowering)
                fits = _fits(band, node.value)
                found = lowering.judge(fits, "points")
                rows.append(Row(node, found, lowering.spelled(fits)))
        except Refused:
            continue
    _check(band, rows, last is not None, lowering)
    return rows if last is None else [*rows, last]


def _refuse_late(node: s.Row, lowering: Lowering) -> None:
    message = "no lead gets here: `otherwise` above takes all that are left"
    lowering.refuse("LR131", node.span, message, "make `otherwise` the last row")


def _check_missing(found: p.Condition, node: s.Row, lowering: Lowering) -> None:
    match found:
        case p.Not(p.Known(p.Count() | p.Distinct() | p.Met() | p.Aggregate("sum"))):
            message = "no lead gets here: where nothing is counted, the number is 0"
            lowering.refuse("LR131", node.span, message, "write `0` in place of `missing`")
        case _:
            return


_SIZE = re.compile(r"([<>]?=?) *([0-9][0-9_]*) *(?:(\+)|(?:-|to) *([0-9][0-9_]*))?")


def _check_kind(band: s.Band, value: s.Item | s.Items, lowering: Lowering) -> None:
    """Refuses a text in a band of a number, such as `"51-200"`, with the range that it means."""
    items = value.items if isinstance(value, s.Items) else (value,)
    texts = [item for item in items if isinstance(item, s.Text)]
    if not texts or lowering.kind(band.subject) not in ("number", "whole"):
        return
    shown = write(band.subject)
    size = _SIZE.fullmatch(texts[0].value.strip())
    right = "50..249"
    if size is not None:
        sign, low, more, high = size.groups()
        right = f"{low}..{high}" if high else f"{low}.." if more or sign[:1] == ">" else low
        right = f"..<{low}" if sign == "<" else f"..{low}" if sign == "<=" else right
    lowering.refuse(
        "LR111",
        texts[0].span,
        f"`{shown}` is a number, and {write(texts[0])} is a text",
        f"write `{right} +10`: a range has no quotes",
    )


def _fits(band: s.Band, value: s.Item | s.Items) -> s.Comparison:
    """The question that a row asks: `company.employees in 50..249`, `source = inbound`."""
    several = isinstance(value, s.Range | s.Items)
    operator: s.Operator = "in" if several else "="
    return s.Comparison(band.subject, operator, value, False, value.span, value.span)


def _check(band: s.Band, rows: list[Row], otherwise: bool, lowering: Lowering) -> None:
    """Rows that no lead gets to, rows that overlap, and values that no row has."""
    report, source = lowering.book.notes.report, lowering.source
    before: list[tuple[Row, Cover]] = []
    for row in rows[:MOST_COMPARED]:
        found = cover(row.condition)
        if found is None:
            continue
        if within(found, (other for _, other in before)):
            message = "no lead gets here: the rows above take all of it"
            report.error("LR131", source, row.node.span, message, "leave it out")
            continue
        for earlier, other in before:
            both = common(found, other)
            if both is not None:
                line, own = (source.place(place.node.span.start)[0] for place in (earlier, row))
                there = f"in line {line}" if line < own else "in the row before"
                message = f"{both} fits here and {there}, which wins"
                help = (
                    "let each value stand in one row"
                    if found.texts
                    else "let one row begin where the other ends: `1..<50` and `50..249`"
                )
                report.warning("LR205", source, row.node.span, message, help)
                break
        before.append((row, found))
    complete = len(rows) <= MOST_COMPARED
    hole = None if otherwise or not complete else gap(found for _, found in before)
    if hole is not None:
        message = f"`{write(band.subject)}` of {hole} fits no row"
        help = "let the rows meet (`0..<8` and `8..`), or add a row `otherwise +0`"
        report.warning("LR204", source, band.subject.span, message, help)
    whole = complete and len(rows) == len(band.rows)
    left = [] if otherwise or not whole else _left_out([found for _, found in before], lowering)
    if left:
        first, more = left[:_MOST_LEFT], len(left) - _MOST_LEFT
        shown = ", ".join(f"`{value}`" for value in first) + (f" and {more} more" * (more > 0))
        message = f"no row has {shown}, which the schema lists for `{write(band.subject)}`"
        help = "add a row for each, or a row `otherwise +0`"
        report.warning("LR204", source, band.subject.span, message, help)


def _left_out(covers: list[Cover], lowering: Lowering) -> list[str]:
    """The values in the schema's list that no row has. None, where the rows have no more than
    half of the list: such a band pays for a few values, and means to."""
    if not covers or not isinstance(covers[0].subject, p.Field):
        return []
    field = covers[0].subject
    found = lowering.in_schema(field.path, field.of_event)
    if found is None or found.values is None or field.type != "text":
        return []
    named = frozenset().union(*(cover.texts for cover in covers))
    there = {fold(normal(value)): value for value in found.values if value.strip()}
    there = {key: value for key, value in there.items() if key not in field.blanks}
    left = [value for key, value in there.items() if key not in named]
    return left if len(left) * 2 < len(there) else []
