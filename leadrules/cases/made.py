"""A case made of a real lead: what the rules read of it, and its present result.

A lead is data about a person, and cases are kept where many can read them. So nothing is
taken over but the id, the fields and events that the rules read, and of events the properties
that they read. Of a field that is only asked to be there, it is only said that it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from decimal import Decimal
from typing import Any

from leadrules.cases.leads import Wrong, write_out
from leadrules.cases.read import read_cases
from leadrules.cases.run import Result, result_of, run_cases
from leadrules.cases.yaml_text import Dumper
from leadrules.engines.json_text import NotJson, Number, read_json
from leadrules.engines.read import read_record
from leadrules.model.frozen import walk
from leadrules.model.instant import NotAnInstant, find_zone, parse_instant, show_instant
from leadrules.model.letters import composed
from leadrules.model.program import Field, Kind, Program


class NoCase(ValueError):
    """A record that cannot be written as a case; the message says why."""


def make_case(program: Program, record: bytes, as_of: int) -> dict[str, Any]:
    """A case of a record, as it would be read from a file. Raises NoCase.

    The case is tried before it is given away: a lead of which less is known has the same
    result.
    """
    try:
        found = read_json(record.decode())
    except (UnicodeDecodeError, NotJson):
        raise NoCase("the record is not JSON") from None
    if not isinstance(found, dict):
        raise NoCase("the record is not an object in { }")
    result = result_of(program, read_record(program, record, as_of), as_of)
    kept = _kept(program, found, as_of)
    instant = show_instant(as_of)
    identity = _at(found, program.shape.id)
    shown = identity.text if isinstance(identity, Number) else identity
    for lead in (_in_short(program, kept), kept):
        case = {
            "name": f"{shown} as of {instant}",
            "as_of": instant,
            "lead": lead,
            "expect": _expected(result),
        }
        if _comes_to(program, case, result):
            return case
    raise NoCase("its result depends on something that a case cannot hold")


def written(content: Any) -> str:
    """A part of a file of cases, as YAML; the innermost lists and fields on one line."""
    return _dumped(content, None)


def written_top(rules: str) -> str:
    """How a file of cases begins: the rules, and that cases follow."""
    return _dumped({"rules": rules}, False) + "cases:\n"


def _dumped(content: Any, flow: bool | None) -> str:
    import yaml

    text: str = yaml.dump(
        content,
        Dumper=Dumper,
        allow_unicode=True,
        default_flow_style=flow,
        sort_keys=False,
        width=100,
    )
    return text


def _expected(result: Result) -> dict[str, Any]:
    """All that a result says, but for its id and the reasons."""
    expected = {
        key: value
        for key, value in result.keys.items()
        if key not in ("id", "reasons", "conflicts", "fired")
    }
    fired: dict[str, Decimal] = {}
    for item in result.keys.get("fired", ()):
        fired[item["rule"]] = fired.get(item["rule"], Decimal(0)) + Decimal(str(item["points"]))
    if fired:
        expected["fired"] = {rule: _number(str(points)) for rule, points in fired.items()}
    return expected


def _comes_to(program: Program, case: Mapping[str, Any], result: Result) -> bool:
    """Whether a case, written and read again, has that result."""
    file = read_cases("", written({"rules": "these", "cases": [dict(case)]}))
    if file.faults or file.cases[0].faults:
        return False
    try:
        ready = write_out(program, file.cases[0], file.marked)
    except Wrong:
        return False
    return run_cases(program, [ready], "reference")[0].keys == result.keys


def _number(text: str) -> int | float:
    return int(text) if text.lstrip("-").isdecimal() else float(text)


# --- what is kept of a lead ----------------------------------------------------------


def _kept(program: Program, record: Mapping[str, Any], as_of: int) -> dict[str, Any]:
    shape = program.shape
    kept: dict[str, Any] = {}
    _put(kept, shape.id, _plain(_at(record, shape.id)))
    _keep(kept, record, program.fields)
    events = _at(record, shape.events)
    if program.reads_events and isinstance(events, list):
        _put(kept, shape.events, _events_kept(program, events, as_of))
    return kept


def _events_kept(program: Program, events: Sequence[Any], as_of: int) -> list[Any]:
    """The events of the types that rules read, and the earliest one, which tells since when
    the lead is there. One that is no good is kept as it is: it is why the record is bad."""
    shape = program.shape
    kinds = {node.type for node in walk(program) if isinstance(node, Kind)}
    zone = find_zone(program.zone)
    kept: list[tuple[int | None, bool, Any]] = []
    for event in events:
        type_ = event.get(shape.type) if isinstance(event, dict) else None
        at = event.get(shape.at) if isinstance(event, dict) else None
        try:
            instant = parse_instant(at.strip(), zone) if isinstance(at, str) else None
        except NotAnInstant:
            instant = None
        if not isinstance(type_, str) or instant is None:
            kept.append((None, True, _plain(event)))
        elif instant <= as_of:
            made = {shape.type: type_, shape.at: at}
            _keep(made, event, program.properties)
            kept.append((instant, None in kinds or composed(type_) in kinds, made))
    earliest = min((instant for instant, *_ in kept if instant is not None), default=None)
    return [event for instant, asked, event in kept if asked or instant == earliest]


def _keep(kept: dict[str, Any], record: Any, fields: Sequence[Field]) -> None:
    for field in fields:
        found = record
        for depth, key in enumerate(field.path):
            if not isinstance(found, dict):
                # No object where one must be: it is why the record is bad.
                _put(kept, field.path[:depth], _plain(found))
                break
            found = found.get(key)
            if found is None or found == "":
                break
        else:
            hidden = field.type == "anything" and found != []
            _put(kept, field.path, True if hidden else _plain(found))


def _at(record: Any, path: Sequence[str]) -> Any:
    for key in path:
        record = record.get(key) if isinstance(record, dict) else None
    return record


def _put(record: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for key in path[:-1]:
        record = record.setdefault(key, {})
    record[path[-1]] = value


def _plain(value: Any) -> Any:
    """A value of JSON with numbers as Python has them."""
    match value:
        case Number():
            return _number(value.text)
        case list():
            return [_plain(item) for item in value]
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case _:
            return value


def _in_short(program: Program, kept: dict[str, Any]) -> dict[str, Any]:
    """The same with its events by their types, where all of them are good."""
    shape = program.shape
    events = _at(kept, shape.events)
    if not isinstance(events, list) or not all(
        isinstance(event, dict) and isinstance(event.get(shape.type), str) for event in events
    ):
        return kept
    by_type: dict[str, list[Any]] = {}
    for event in events:
        rest = {key: value for key, value in event.items() if key != shape.type}
        short = rest[shape.at] if rest.keys() == {shape.at} else rest
        by_type.setdefault(event[shape.type], []).append(short)
    short_events = {t: found[0] if len(found) == 1 else found for t, found in by_type.items()}
    made = deepcopy(kept)
    _put(made, shape.events, short_events)
    return made
