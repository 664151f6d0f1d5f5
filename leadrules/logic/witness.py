"""A lead that shows what can be: its record, made from the cells that a search has found.

Not every lead that can be found can be written down: of calculations, of filters on events and
of scores it is not known how to come to them. Then there is no witness.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from leadrules.logic.cells import Choice, Numbers, Texts
from leadrules.logic.facts import MOST_ITEMS, MOST_RULES
from leadrules.logic.formula import Domains
from leadrules.logic.leads import Leads
from leadrules.logic.moments import Line
from leadrules.logic.space import FIRST_SEEN, ends_of
from leadrules.logic.texts import holds_in
from leadrules.model import program as p
from leadrules.model.instant import DAY, SECOND, Moment, find_zone, parse_instant, show_instant
from leadrules.model.letters import fold

# The instant as of which a witness is one: 2026-01-01T00:00:00Z.
AS_OF = 1_767_225_600 * SECOND
# Of more events nobody would read.
MOST_EVENTS = 60
# Types of event at some instants, each held to all counts that are wanted.
_MOST_TRIED = 20_000
# The years that can be written: 1 to 9999.
_FIRST, _LAST = -62_135_596_800 * SECOND, 253_402_300_799 * SECOND

Record = dict[str, Any]


class _Unknown(Exception):
    """Nobody knows how to write such a lead down."""


def witness(found: Domains, leads: Leads, with_id: bool = False) -> Record | None:
    """The record of a lead in these cells, as of AS_OF; None when none can be told. It has an
    id where the cells ask for one, and `with_id`."""
    try:
        return _Writer(found, leads).record(with_id)
    except _Unknown:
        return None


class _Writer:
    def __init__(self, found: Domains, leads: Leads) -> None:
        self.space = leads.space
        self.shape = leads.program.shape
        self.zone = find_zone(leads.program.zone)
        # Of each subject the first cell: of numbers in an order it is the one that fits all.
        self.chosen = {n: (cells & -cells).bit_length() - 1 for n, cells in found.items()}
        self.values: dict[tuple[str, ...], Any] = {}
        self.texts: dict[p.Text, int] = {}
        self.parts: dict[p.Text, list[tuple[p.Has, bool]]] = {}
        self.dates: dict[p.Field, list[tuple[Line, int]]] = {}
        self.absent: list[tuple[str, ...]] = []
        self.missing: set[p.Field] = set()
        self.counts: dict[p.Events, int] = {}

    def record(self, with_id: bool) -> Record:
        """The record, with an id if that is wanted in any case."""
        for subject, cell in self.chosen.items():
            self._take(self.space.keys[subject], self.space.cells[subject], cell)
        asked = (x.text if isinstance(x, p.Domain) else x for x in (*self.texts, *self.parts))
        for text in dict.fromkeys(asked):
            assert isinstance(text, p.Field)
            self._write_text(text)
        events = self._events()
        self._write_dates(events)
        if any(path[: len(gone)] == gone for path in self.values for gone in self.absent):
            raise _Unknown
        if with_id:
            self.values.setdefault(self.shape.id, "L-1")
        record: Record = {}
        for path, value in sorted(self.values.items()):
            _put(record, path, value)
        if events:
            listed = [
                {self.shape.type: type_, self.shape.at: show_instant(at)} for type_, at in events
            ]
            _put(record, self.shape.events, listed)
        return record

    def _take(self, key: Any, cells: object, cell: int) -> None:
        """Notes what is wanted of one subject."""
        match key, cells:
            case p.Field(path, _, False), Numbers(values):
                if cell < len(values):
                    number = values[cell]
                    self.values[path] = int(number) if number.is_integer() else number
            case p.Field(path, type_, False) as field, Choice(names):
                self._take_state(field, type_, path, names[cell])
            case ("text", p.Field(_, _, False) as text), Texts():
                self.texts[text] = cell
            case ("text", p.Domain(p.Field(_, _, False)) as domain), Texts(named):
                if any(written is not None for _, written in named):
                    raise _Unknown
                self.texts[domain] = cell
            case p.Has(p.Field(_, ("list" | "text or list"), False) as field, "contains"), Choice():
                if cell == 0:
                    (value,) = key.values
                    self.values[field.path] = [*self.values.get(field.path, ()), value]
            case p.Has(p.Field(_, "text", False) as text) as part, Choice():
                self.parts.setdefault(text, []).append((part, cell == 0))
            case (date, Line() as line), Line() if isinstance(date, p.Field):
                self.dates.setdefault(date, []).append((line, cell))
            case p.Count(events), Numbers(values):
                if any(kind.where is not None for kind in events.kinds):
                    raise _Unknown
                self.counts[events] = int(values[cell])
            case p.Met(name), Numbers() if len(self.space.checklists[name].items) <= MOST_ITEMS:
                return  # As many of its items are true.
            case ("label", name), Choice():
                dimension = self.space.dimensions[name]
                known = isinstance(dimension, p.Dimension) and dimension.falls is None
                if not known or len(dimension.rules) > MOST_RULES:  # type: ignore[union-attr]  # known
                    raise _Unknown
            case _:
                raise _Unknown

    def _take_state(
        self, field: p.Field, type_: str, path: tuple[str, ...], state: str | None
    ) -> None:
        if type_ == "boolean" and state is not None:
            self.values[path] = state == "yes"
        elif type_ == "date":
            # It may have been said of a date that is missing where it does not lie.
            self.missing |= {field} if state is None else set()
            self.dates.setdefault(field, [])
        elif state == "empty":
            if type_ == "anything":
                raise _Unknown  # An object may be needed there, for the fields below it.
            self.values[path] = []
        elif state == "filled":
            # What fields may stand below is an object.
            filled: Any = {"some": "thing"} if type_ == "anything" else ["something"]
            self.values.setdefault(path, "L-1" if path == self.shape.id else filled)
        elif state is None:
            self.absent.append(path)

    # --- texts ---------------------------------------------------------------------

    def _write_text(self, field: p.Field) -> None:
        cells = self.space.text(field)[1]
        domain = p.Domain(field)
        cell = self.texts.get(field)
        if cell is not None and cell > len(cells.named):
            return  # It is missing.
        if cell is not None and cell < len(cells.named):
            folded, written = cells.named[cell]
            if written is None and (folded, folded) in cells.named:
                raise _Unknown
            candidates = iter([written or folded])
        else:
            candidates = self._others(field, domain)
        for text in candidates:
            if self._fits(text, field, domain, cells, cell):
                self.values[field.path] = text
                return
        raise _Unknown

    def _others(self, field: p.Field, domain: p.Domain) -> Iterator[str]:
        """Texts that may be what is wanted: with all that must be in them."""
        wanted = [part for part, yes in self.parts.get(field, ()) if yes and part.how != "like"]
        by_how = {how: [x.values[0] for x in wanted if x.how == how] for how in ("starts", "ends")}
        inner = [part.values[0] for part in wanted if part.how == "contains"]
        begin, end = (max(by_how[how], key=len, default="") for how in ("starts", "ends"))
        if domain in self.texts:
            cells = self.space.text(domain)[1]
            cell = self.texts[domain]
            named = cell < len(cells.named)
            tail = cells.named[cell][1] or cells.named[cell][0] if named else "firm.example"
            address = "" if cell > len(cells.named) else f"@{tail}"
            yield f"{begin}{' '.join(inner)}{address}" if begin or inner else f"somebody{address}"
        yield f"{begin}{' '.join(inner)}{end}"
        yield f"{begin} {' '.join(inner)} {end}".strip()
        yield "something else"

    def _fits(
        self, text: str, field: p.Field, domain: p.Domain, cells: Texts, cell: int | None
    ) -> bool:
        """Whether a text has all that it must have, and nothing that it must not."""
        if not text.strip() or fold(text) in field.blanks:
            return False
        known = {folded for folded, _ in cells.named}
        if (cell is None or cell == len(cells.named)) and fold(text) in known:
            return False
        if domain in self.texts:
            ends = self.space.text(domain)[1]
            place = self.texts[domain]
            tail = fold(text.rpartition("@")[2].strip()) if "@" in text else ""
            names = [folded for folded, _ in ends.named]
            actual = names.index(tail) if tail in names else len(names) + (not tail)
            if actual != place:
                return False
        parts = self.parts.get(field, ())
        return all(holds_in(part, fold(text), text) == yes for part, yes in parts)

    # --- events and dates ----------------------------------------------------------

    def _events(self) -> list[tuple[str, int]]:
        """Events, by type and instant, of which there are as many as are wanted."""
        made: list[tuple[str, int]] = []
        wanted = self.counts
        instants = self._instants(end for events in wanted for end in ends_of(events.window))
        types = {kind.type or "something" for events in wanted for kind in events.kinds}
        choices = [(type_, at) for type_ in sorted(types) for at in instants if at <= AS_OF]
        if len(wanted) * len(choices) > _MOST_TRIED:
            raise _Unknown
        windows = {
            events: None if events.window is None else events.window.resolve(AS_OF, self.zone)
            for events in wanted
        }
        kinds = {e: {kind.type for kind in e.kinds} for e in wanted}
        counted = {
            (type_, at): {
                e
                for e, window in windows.items()
                if not kinds[e].isdisjoint((None, type_)) and (window is None or at in window)
            }
            for type_, at in choices
        }
        lacking = {e: number for e, number in wanted.items() if number}
        while lacking:
            served = [
                (len(found), one) for one, found in counted.items() if found <= lacking.keys()
            ]
            most, best = max(served, key=lambda pair: pair[0], default=(0, ("", 0)))
            if most == 0 or len(made) == MOST_EVENTS:
                raise _Unknown
            made.append(best)
            for events in counted[best]:
                lacking[events] -= 1
                if not lacking[events]:
                    del lacking[events]
        return made

    def _write_dates(self, events: list[tuple[str, int]]) -> None:
        """Dates that lie where they must; the first that is seen of a lead is its oldest."""
        moments = [m for wanted in self.dates.values() for line, _ in wanted for m in line.moments]
        instants = self._instants(moments)
        for date, wanted in self.dates.items():
            if date == FIRST_SEEN or date in self.missing:
                continue
            self.values[date.path] = self._date(wanted, instants)
        seen = [at for _, at in events]
        created = self.values.get(self.shape.created)
        if isinstance(created, str):
            seen.append(parse_instant(created, self.zone))
        first = self.dates.get(FIRST_SEEN, [])
        if first and not (seen and self._lies(min(seen), first)):
            gone = any(date.path == self.shape.created for date in self.missing)
            if created is not None or gone:
                raise _Unknown
            earlier = [at for at in instants if at < min(seen, default=AS_OF + 1)]
            self.values[self.shape.created] = self._date(first, earlier)

    def _date(self, wanted: list[tuple[Line, int]], instants: list[int]) -> str:
        for instant in instants:
            if self._lies(instant, wanted):
                return show_instant(instant)
        raise _Unknown

    def _lies(self, instant: int, wanted: list[tuple[Line, int]]) -> bool:
        """Whether an instant lies in the part of each line that is wanted."""
        for line, cell in wanted:
            ends = [moment.resolve(AS_OF, self.zone) for moment in line.moments]
            part = sum(2 if end < instant else end == instant for end in ends)
            if part != cell:
                return False
        return True

    def _instants(self, moments: Iterable[Moment]) -> list[int]:
        """Instants at some moments, between them, and beyond them; at whole seconds."""
        ends = sorted({AS_OF, *(moment.resolve(AS_OF, self.zone) for moment in moments)})
        between = [(low + high) // 2 for low, high in pairwise(ends)]
        between = [at // SECOND * SECOND for at in between]
        found = [ends[0] - DAY, ends[-1] + DAY, *between, *ends]
        there_is = [at for at in found if _FIRST <= at <= _LAST]
        return sorted(there_is, key=lambda at: abs(at - AS_OF))


def _put(record: Record, path: tuple[str, ...], value: Any) -> None:
    for key in path[:-1]:
        record = record.setdefault(key, {})
    record[path[-1]] = value


def shown(record: Mapping[str, Any]) -> str:
    """A record as a line of JSON."""
    return json.dumps(record, ensure_ascii=False)
