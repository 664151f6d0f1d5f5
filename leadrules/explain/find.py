"""One lead among many records, found without keeping them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from leadrules.batch.records import Record
from leadrules.engines.read import read_record
from leadrules.model.lead import Lead, Rejection
from leadrules.model.program import Program


@dataclass(frozen=True, slots=True)
class Search:
    """What was found: the lead, or why its record cannot be scored, or None; what has to be
    said about other records with the same id; and how many records were read."""

    found: Lead | Rejection | None
    notes: tuple[str, ...]
    read: int


def find(
    program: Program, files: Iterable[tuple[str, Iterable[Record]]], wanted: str | None, latest: int
) -> Search:
    """The first good record with an id, as scoring takes it, in some files with their names.
    With `wanted` None it is the only record there is.

    The lead has all events up to `latest`. Raises as `records`.
    """
    lead: Lead | None = None
    bad: list[tuple[str, Rejection]] = []
    notes: list[str] = []
    read = 0
    text = (wanted or "").encode(errors="replace")
    for name, records in files:
        for record in records:
            read += 1
            if not record.may_hold(text):
                continue
            found = read_record(program, record.data, latest)
            place = f"{name} line {record.line}"
            if isinstance(found, Rejection) and wanted in (None, found.id):
                bad.append((place, found))
            elif isinstance(found, Rejection) and found.id is None and text in record.data:
                notes.append(f"{place} cannot be read, and may be it: {found.reason}")
            elif isinstance(found, Lead) and wanted in (None, found.id):
                if lead is None:
                    lead = found
                else:
                    notes.append(f"{place} has the same id: that record is not scored")
    if lead is not None:
        notes += [f"{place} has this id and is bad: {why.reason}" for place, why in bad]
        return Search(lead, tuple(notes), read)
    if bad:
        notes += [f"{place} is bad, too: {why.reason}" for place, why in bad[1:]]
        return Search(bad[0][1], (f"found in {bad[0][0]}", *notes), read)
    return Search(None, tuple(notes), read)
