"""The types of fields that no schema has: they follow from all of their uses together."""

from __future__ import annotations

from collections.abc import Iterable

from leadrules.meaning.book import Key, Notes, Tie, Use
from leadrules.meaning.load import Report
from leadrules.model import program as p
from leadrules.model.diagnostic import Diagnostic, Note
from leadrules.model.frozen import changed


def settle(notes: Notes) -> tuple[dict[Key, p.Type], list[tuple[Use, Use]]]:
    """The type of each field, and the pairs of uses that quarrel about it."""
    settled: dict[Key, Use] = {}
    quarrels = []
    for use in notes.uses:
        if use.mild:
            continue
        earlier = settled.get(use.key)
        if earlier is None:
            settled[use.key] = use
            continue
        together = _both(earlier.type, use.type)
        if together is None:
            quarrels.append((earlier, use))
        elif together != earlier.type:
            settled[use.key] = use if together == use.type else changed(use, type=together)
    types = {key: use.type for key, use in settled.items()}
    _tie(notes.ties, types)
    for use in notes.uses:
        if use.mild and types.get(use.key, "anything") in ("anything", "text or list"):
            types[use.key] = use.type
    return types, quarrels


def _both(one: p.Type, other: p.Type) -> p.Type | None:
    """The type that serves both uses, or None."""
    if one == other or other == "anything":
        return one
    if one == "anything":
        return other
    if one == "text or list" and other in ("text", "list"):
        return other
    if other == "text or list" and one in ("text", "list"):
        return one
    return None


def _tie(ties: Iterable[Tie], types: dict[Key, p.Type]) -> None:
    """Gives fields that are compared with each other one type: that of any of them; if
    none has one, numbers where an operator asks for an order, otherwise texts."""
    beside: dict[Key, list[tuple[Key, bool]]] = {}
    for tie in ties:
        beside.setdefault(tie.left, []).append((tie.right, tie.ordered))
        beside.setdefault(tie.right, []).append((tie.left, tie.ordered))
    seen: set[Key] = set()
    for start in beside:
        if start in seen:
            continue
        together = [start]
        seen.add(start)
        ordered = False
        for key in together:
            for other, order in beside[key]:
                ordered = ordered or order
                if other not in seen:
                    seen.add(other)
                    together.append(other)
        known = (types.get(key, "anything") for key in together)
        found = next((type_ for type_ in known if type_ != "anything"), None)
        chosen: p.Type = found or ("number" if ordered else "text")
        for key in together:
            if types.get(key, "anything") == "anything":
                types[key] = chosen


_AS = {
    "number": "a number",
    "text": "a text",
    "boolean": "true or false",
    "date": "a date",
    "text or list": "a text or a list",
}


def report_quarrel(earlier: Use, later: Use, report: Report) -> None:
    """Two uses of a field that disagree."""
    shown = ".".join(later.key[1])
    line = earlier.source.place(earlier.span.start)[0]
    where = (
        f"line {line}" if earlier.source == later.source else f"{earlier.source.name} line {line}"
    )
    one, other = _AS.get(earlier.type, earlier.type), _AS.get(later.type, later.type)
    report.diagnostics.append(
        Diagnostic(
            "LR112",
            "error",
            f"`{shown}` is {other} here, but {one} in {where}",
            later.source,
            later.span,
            "use it in one way; quotes make a text of a number",
            (Note(earlier.source, earlier.span, f"{one} here"),),
        )
    )
