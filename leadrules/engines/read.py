"""A record's text in, a lead or the reason why it is none out.

Every engine reads records in this way; this is the definition. Only what the rules read
is looked at. The checks run in a fixed order, so that a record with several faults
always gets the same reason: JSON, object, id, the fields in the order of their paths,
then the events one by one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from leadrules.engines.json_text import NotJson, Number, read_json
from leadrules.model.instant import NotAnInstant, find_zone, parse_instant
from leadrules.model.lead import Event, Lead, Rejection, Value
from leadrules.model.letters import composed, fold, normal
from leadrules.model.program import Field, Program

# What a value of a type is called.
WANTED = {
    "number": "a number",
    "whole": "a whole number",
    "text": "a text",
    "boolean": "true or false",
    "date": "a date",
    "list": "a list of texts",
    "text or list": "a text or a list of texts",
}


def read_record(program: Program, record: bytes, as_of: int) -> Lead | Rejection:
    """The lead in a record, as seen at `as_of` (an instant), or why it cannot be scored."""
    try:
        value = read_json(record.removeprefix(b"\xef\xbb\xbf").decode())
    except UnicodeDecodeError as error:
        return Rejection("not_json", f"the line is not UTF-8 text (byte {error.start + 1})")
    except NotJson as error:
        return Rejection("not_json", f"the line {error}")
    if not isinstance(value, dict):
        return Rejection("not_an_object", f"the record is {_called(value)}, not an object in {{ }}")
    shape = program.shape
    identity = _identity(_at(value, shape.id, None))
    if identity is None:
        return Rejection("no_id", f"`{'.'.join(shape.id)}` must be a text or a whole number")
    zone = find_zone(program.zone)
    try:
        values = _values(value, program.fields, zone, "")
        events, later = _events(program, value, as_of, zone) if program.reads_events else ((), 0)
    except _Bad as bad:
        return Rejection(bad.code, bad.reason, bad.field, identity)
    return Lead(identity, values, events, later)


class _Bad(Exception):
    def __init__(self, code: str, field: str, reason: str) -> None:
        self.code, self.field, self.reason = code, field, reason


def _identity(value: Any) -> str | None:
    if isinstance(value, str) and normal(value):
        return value
    if isinstance(value, Number) and re.fullmatch(r"-?\d+", value.text):
        return value.text
    return None


def _events(
    program: Program, record: dict[str, Any], as_of: int, zone: ZoneInfo | None
) -> tuple[tuple[Event, ...], int]:
    shape = program.shape
    path = ".".join(shape.events)
    found = _at(record, shape.events, "")
    if found is None:
        return (), 0
    if not isinstance(found, list):
        raise _Bad("wrong_type", path, f"`{path}` is {_called(found)}, not a list of events")
    events = []
    later = 0
    for number, item in enumerate(found):
        place = f"{path}[{number}]"
        if not isinstance(item, dict):
            raise _Bad("wrong_type", place, f"`{place}` is {_called(item)}, not an event in {{ }}")
        type_ = item.get(shape.type)
        if not isinstance(type_, str) or not normal(type_):
            field = f"{place}.{shape.type}"
            raise _Bad("wrong_type", field, f"`{field}` is {_called(type_)}, not the event's type")
        at = _instant(item.get(shape.at), f"{place}.{shape.at}", zone)
        if at is None:
            field = f"{place}.{shape.at}"
            raise _Bad("bad_date", field, f"`{field}` is {_called(item.get(shape.at))}, not a date")
        properties = _values(item, program.properties, zone, place + ".")
        if at > as_of:
            later += 1
        else:
            events.append(Event(composed(type_), at, properties))
    return tuple(events), later


def _values(
    record: dict[str, Any], fields: Sequence[Field], zone: ZoneInfo | None, place: str
) -> dict[tuple[str, ...], Value]:
    values: dict[tuple[str, ...], Value] = {}
    for field in fields:
        value = _value(_at(record, field.path, place), field, place + ".".join(field.path), zone)
        if value is not None:
            values[field.path] = value
    return values


def _at(record: dict[str, Any], path: tuple[str, ...], place: str | None) -> Any:
    """What stands at a path; None when a part of it is absent.

    A part that is no object is an error, unless `place` is None.
    """
    value: Any = record
    for depth, key in enumerate(path):
        if value is None or (isinstance(value, str) and not normal(value)):
            return None
        if not isinstance(value, dict):
            if place is None:
                return None
            field = place + ".".join(path[:depth])
            raise _Bad(
                "wrong_type", field, f"`{field}` is {_called(value)}, not an object in {{ }}"
            )
        value = value.get(key)
    return value


def _value(value: Any, field: Field, place: str, zone: ZoneInfo | None) -> Value | None:
    if isinstance(value, str):
        value = normal(value)
        if not value or fold(value) in field.blanks:
            return None
    if value is None:
        return None
    match field.type:
        case "anything":
            return () if value == [] else True
        case "boolean" if isinstance(value, bool):
            return value
        case "number" | "whole" if isinstance(value, Number):
            return _number(value, field, place)
        case "text" | "text or list" if isinstance(value, str):
            return value
        case "list" | "text or list" if isinstance(value, list):
            return _texts(value, place)
        case "date":
            return _instant(value, place, zone)
    wanted = WANTED[field.type]
    raise _Bad("wrong_type", place, f"`{place}` is {_called(value)}, but the rules need {wanted}")


def _number(value: Number, field: Field, place: str) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise _Bad("not_finite", place, f"`{place}` is {_called(value)}, which is no finite number")
    if field.type == "whole" and not number.is_integer():
        raise _Bad("not_whole", place, f"`{place}` is {value.text}, but must be a whole number")
    return number


def _texts(value: list[Any], place: str) -> tuple[str, ...]:
    texts = []
    for number, item in enumerate(value):
        if isinstance(item, str):
            texts.append(normal(item))
        elif item is not None:
            field = f"{place}[{number}]"
            raise _Bad("wrong_type", field, f"`{field}` is {_called(item)}, not a text")
    return tuple(text for text in texts if text)


def _instant(value: Any, place: str, zone: ZoneInfo | None) -> int | None:
    if value is None or (isinstance(value, str) and not normal(value)):
        return None
    if not isinstance(value, str):
        raise _Bad("wrong_type", place, f"`{place}` is {_called(value)}, not a date in quotes")
    try:
        return parse_instant(normal(value), zone)
    except NotAnInstant as error:
        raise _Bad("bad_date", place, f"`{place}` is {_called(value)}, which {error}") from None


def _called(value: Any) -> str:
    """A value as a person would name it, cut to a readable length."""
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Number):
        return f"the number {_cut(value.text)}"
    if isinstance(value, str):
        return f'the text "{_cut(value)}"' if normal(value) else "a blank text"
    return "a list" if isinstance(value, list) else "an object"


def _cut(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
