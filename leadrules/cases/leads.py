"""The lead of a case, written out: `demo_request: 2d ago` becomes an event with its instant.

The rules say where a lead has its id and its events, and which fields are texts, in which
`2d ago` means nothing. What is no short form is left as it is, so that a case can hold
whatever a record can.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from leadrules.cases.read import Case, Fault
from leadrules.cases.yaml_text import Marked, Path
from leadrules.engines.results import NotResult, read_result
from leadrules.model.instant import (
    DAY,
    MICROSECOND,
    SECOND,
    Moment,
    NotAnInstant,
    find_zone,
    parse_instant,
    show_instant,
)
from leadrules.model.program import Program

# The names of units, each with months and nanoseconds.
_UNITS = {
    **dict.fromkeys(("min", "minute", "minutes"), (0, 60 * SECOND)),
    **dict.fromkeys(("h", "hour", "hours"), (0, 3600 * SECOND)),
    **dict.fromkeys(("d", "day", "days"), (0, DAY)),
    **dict.fromkeys(("w", "week", "weeks"), (0, 7 * DAY)),
    **dict.fromkeys(("mo", "month", "months"), (1, 0)),
    **dict.fromkeys(("y", "year", "years"), (12, 0)),
}
_PART = re.compile(r"(\d{1,6}) ?([a-z]+)", re.ASCII)
_PARTS = r"(?:\d{1,6} ?[a-z]+ )*?\d{1,6} ?[a-z]+"
_DISTANCE = re.compile(rf"({_PARTS}) ago|in ({_PARTS})|now", re.ASCII)
_DAY_FIRST = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WRITE = "write `2d ago`, `36h ago`, or an instant such as 2026-11-22T09:00:00Z"
_EARLIEST = parse_instant("0001-01-01", None)
_LATEST = parse_instant("9999-12-31T23:59:59.999999Z", None)


@dataclass(frozen=True, slots=True)
class Ready:
    """A case whose lead is written out: `record` is its line of a file, `yesterday` the
    line of the results of the day before, if it has one. `as_of` is in nanoseconds since 1970,
    `id` the lead's id as a text."""

    case: Case
    as_of: int
    id: str
    record: bytes
    yesterday: bytes | None


class Wrong(ValueError):
    """A case that cannot be written out."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def write_out(program: Program, case: Case, marked: Marked) -> Ready:
    """The lead of a case as a record. Raises Wrong."""
    zone = find_zone(program.zone)
    assert case.as_of is not None
    as_of = _as_of(case.as_of, zone, case.line)
    record = _Writing(program, as_of, zone, marked).lead(case)
    identity: Any = record
    for key in program.shape.id:
        identity = identity.get(key) if isinstance(identity, dict) else None
    line = json.dumps(record, separators=(",", ":")).encode()
    return Ready(case, as_of, str(identity), line, _yesterday(case, str(identity), marked))


def _as_of(written: str, zone: ZoneInfo | None, line: int) -> int:
    try:
        instant = parse_instant(written, zone)
    except NotAnInstant as error:
        raise Wrong(Fault(line, f"`as_of: {written}` {error}")) from None
    if not _EARLIEST <= instant <= _LATEST or instant % MICROSECOND:
        said = "is outside the years 1 to 9999, or finer than a microsecond"
        raise Wrong(Fault(line, f"`as_of: {written}` {said}"))
    return instant


def _yesterday(case: Case, identity: str, marked: Marked) -> bytes | None:
    if case.previous is None:
        return None
    # A label is always text, so a number without quotes is meant as one.
    labels = {
        key: str(value)
        for key, value in case.previous.items()
        if isinstance(value, int) and not isinstance(value, bool) and key != "score"
    }
    result = {"id": identity} | dict(case.previous) | labels | {"id": identity}
    line = json.dumps(result, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    try:
        read_result(line)
    except NotResult:
        at = marked.line((*case.place, "previous"))
        said = "`previous` is no result: its points have more than two decimals"
        raise Wrong(Fault(at, said)) from None
    return line


class _Writing:
    """Writes out one lead; `place` leads to what is at hand, in its file."""

    def __init__(self, program: Program, as_of: int, zone: ZoneInfo | None, marked: Marked) -> None:
        self.shape = program.shape
        self.as_of = as_of
        self.zone = zone
        self.marked = marked
        texts = ("text", "list", "text or list")
        self.texts = {field.path for field in program.fields if field.type in texts}
        self.texts_of_events = {f.path for f in program.properties if f.type in texts}

    def lead(self, case: Case) -> dict[str, Any]:
        record = self.fields(case.lead, (), (*case.place, "lead"))
        within: Any = record
        for key in self.shape.id[:-1]:
            within = within.setdefault(key, {}) if isinstance(within, dict) else {}
        if isinstance(within, dict) and self.shape.id[-1] not in within:
            within[self.shape.id[-1]] = case.name
        return record

    def fields(
        self, written: Mapping[str, Any], path: tuple[str, ...], place: Path
    ) -> dict[str, Any]:
        """The fields of a lead that stand at a path."""
        made: dict[str, Any] = {}
        for key, value in written.items():
            at, here = (*path, key), (*place, key)
            if at == self.shape.events:
                made[key] = list(self.events(value, here))
            elif isinstance(value, dict):
                made[key] = self.fields(value, at, here)
            else:
                made[key] = self.value(value, at in self.texts)
        return made

    def events(self, written: Any, place: Path) -> Iterator[Any]:
        """Events by their types, or a list of whole ones."""
        if isinstance(written, dict):
            for type_, when in written.items():
                several = when if isinstance(when, list) else [when]
                for number, one in enumerate(several):
                    here = (*place, type_, number) if several is when else (*place, type_)
                    yield {self.shape.type: type_} | self.event(one, type_, here)
        elif isinstance(written, list):
            for event in written:
                yield self.properties(event, ()) if isinstance(event, dict) else event
        elif written is not None:
            self.refuse(place, "events are `demo_request: 2d ago`, or a list of whole ones")

    def event(self, written: Any, type_: str, place: Path) -> dict[str, Any]:
        """An event by its instant alone, or with properties."""
        at = self.shape.at
        whole = written if isinstance(written, dict) else {at: written}
        if at not in whole:
            self.refuse(place, f"`{type_}` has no `{at}`: {{{at}: 2d ago, …}}")
        when = whole[at]
        if not isinstance(when, str) or not (self.distance(when) or _DAY_FIRST.match(when)):
            shown = "nothing" if when is None else when
            self.refuse(place, f"`{type_}: {shown}` says no time; {_WRITE}")
        return self.properties(whole, ())

    def properties(self, written: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in written.items():
            at = (*path, key)
            if isinstance(value, dict):
                made[key] = self.properties(value, at)
            else:
                made[key] = self.value(value, at in self.texts_of_events)
        return made

    def value(self, written: Any, is_text: bool) -> Any:
        """A value, with `60d ago` and `in 30d` written out unless it is a text."""
        moment = self.distance(written) if isinstance(written, str) and not is_text else None
        if moment is None:
            return written
        return show_instant(max(_EARLIEST, min(moment.resolve(self.as_of, self.zone), _LATEST)))

    def distance(self, written: str) -> Moment | None:
        """`2d ago`, `in 30d` or `now`, as a distance from `as_of`; None for other texts."""
        found = _DISTANCE.fullmatch(written.strip())
        if found is None:
            return None
        months = span = 0
        sign = 1 if found[2] else -1
        for number, unit in _PART.findall(found[1] or found[2] or ""):
            if unit not in _UNITS:
                return None
            months += sign * int(number) * _UNITS[unit][0]
            span += sign * int(number) * _UNITS[unit][1]
        return Moment(None, months, span)

    def refuse(self, place: Path, message: str) -> NoReturn:
        raise Wrong(Fault(self.marked.line(place), message))
