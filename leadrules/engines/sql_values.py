"""From the raw JSON of a field to its value, in SQL.

Raw JSON is what DuckDB hands over: `"SaaS"` with its quotes, `12.5`, `true`, `[…]`, or
NULL when the key is absent or null. For each type there is the value, and there is
`bad`: true for every record that this SQL is not sure to read as the reference does.
Such a record is not scored here; the reference looks at it. So these expressions need to
be right only where `bad` is false, and may be strict where strictness is cheap.

Texts keep their quotes (`"saas"`): cutting them off costs more than comparing with them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from leadrules.engines.sql_build import (
    FALSE,
    NULL,
    TRUE,
    Sql,
    at,
    binary,
    both,
    call,
    case,
    cast,
    each,
    either,
    has_value,
    is_null,
    like,
    no,
    num,
    one_of,
    only,
    text,
)
from leadrules.model.letters import BLANKS
from leadrules.model.program import Field

_SECOND_US = 1_000_000
_DAY_US = 86_400 * _SECOND_US
# The days whose offset is in the table of a time zone.
FIRST_DAY = date(1970, 1, 1)
LAST_DAY = date(2037, 12, 31)
OFFSETS = "leadrules_offsets"

# The shape of nearly all timestamps, and a regular expression for the others that can be
# read here: no finer than a microsecond, hours and offsets that exist.
_USUAL = "____-__-__T__:__:__Z"
_OTHERS = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
    r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?)?"
)


@dataclass(frozen=True, slots=True)
class Value:
    """A field's value, and whether the record has to be looked at by the reference.

    A text has its `folded` form beside it. A list's value is a list of texts in quotes.
    """

    value: Sql
    bad: Sql
    folded: Sql | None = None
    items: Sql | None = None
    folded_items: Sql | None = None


def read_value(field: Field, raw: Sql, zone: ZoneInfo | None) -> Value:
    """The value of a field in its raw JSON."""
    there = has_value(raw)
    match field.type:
        case "number" | "whole":
            number = cast(raw, "DOUBLE", strict=False)
            value = case([(_is_blank(raw, field), NULL)], number)
            faults = [is_null(number), no(call("isfinite", number))]
            if field.type == "whole":
                faults.append(binary("!=", number, call("trunc", number)))
            fault = call("coalesce", either(*faults), FALSE)
            return Value(value, both(there, no(_is_blank(raw, field)), fault))
        case "boolean":
            value = case(
                [(binary("=", raw, text("true")), TRUE), (binary("=", raw, text("false")), FALSE)]
            )
            return Value(value, both(there, no(_is_blank(raw, field)), is_null(value)))
        case "date":
            instant = case([(is_plain(raw), instant_us(_unquoted(raw), zone))])
            return Value(
                case([(_is_blank(raw, field), NULL)], instant),
                both(there, no(_is_blank(raw, field)), is_null(instant)),
            )
        case "text":
            value = _text(raw, field)
            return Value(value, both(there, no(_is_sure(raw))), call("lower", value))
        case "list":
            items = _items(raw)
            bad = both(
                there, no(binary("=", raw, text('""'))), either(_has_nul(raw), _bad_list(raw))
            )
            return Value(items, bad, items=items)
        case "text or list" if field.of_event:
            # Lists are rare inside events, and looking for them is dear: the reference does.
            value = _text(raw, field)
            return Value(value, both(there, no(_is_sure(raw))), call("lower", value))
        case "text or list":
            value = case([(_is_text(raw), _text(raw, field))])
            items = _items(raw)
            bad = both(there, either(_has_nul(raw), both(no(_is_text(raw)), _bad_list(raw))))
            return Value(value, bad, call("lower", value), items)
        case "anything":
            value = case([(_is_text(raw), _text(raw, field))], raw)
            return Value(value, both(there, _has_nul(raw)))


def is_plain(raw: Sql) -> Sql:
    """Whether raw JSON is a text that is in normal form as it stands: plain ASCII, without
    escapes, without blanks at its ends."""
    return both(
        _is_text(raw),
        binary("=", call("strlen", raw), call("length", raw)),
        no(call("contains", raw, text("\\"))),
        no(call("starts_with", raw, text('" '))),
        no(call("ends_with", raw, text(' "'))),
    )


def inner(quoted: Sql) -> Sql:
    """A text without its quotes."""
    return call("substr", quoted, num(2), binary("-", call("length", quoted), num(2)))


def quoted(value: str) -> Sql:
    """A text of the rules in quotes, as it is compared with a lead's."""
    return text(f'"{value}"')


def instant_us(value: Sql, zone: ZoneInfo | None) -> Sql:
    """A timestamp's microseconds since 1970; NULL for one that this SQL does not read."""
    usual = epoch(value)
    return case(
        [
            (is_usual(value), case([(is_sound(value), usual)])),
            (
                both(
                    call("regexp_full_match", value, text(_OTHERS)),
                    binary(">=", value, text("0001")),
                ),
                other_instant_us(value, zone),
            ),
        ]
    )


def is_usual(value: Sql) -> Sql:
    """Whether a timestamp has the shape 2026-11-22T10:00:00Z."""
    return like(value, _USUAL)


def is_sound(value: Sql) -> Sql:
    """Whether a timestamp of the usual shape names a moment that exists."""
    return both(
        has_value(cast(value, "TIMESTAMP", strict=False)),
        binary(">=", value, text("0001")),
        no(call("contains", value, text("T24"))),
    )


def epoch(value: Sql) -> Sql:
    """A timestamp in UTC as microseconds since 1970."""
    return call("epoch_us", cast(value, "TIMESTAMP", strict=False))


def other_instant_us(value: Sql, zone: ZoneInfo | None) -> Sql:
    """The same for one that may have an offset, or none and then is in the zone."""
    absolute = call("epoch_us", cast(value, "TIMESTAMPTZ", strict=False))
    if zone is None:
        return absolute
    has_offset = either(
        call("ends_with", value, text("Z")),
        both(
            binary(">", call("strlen", value), num(10)),
            one_of(call("substr", value, num(-6), num(1)), [text("+"), text("-")]),
        ),
    )
    local = epoch(value)
    index = binary("+", binary("//", local, num(_DAY_US)), num(1))
    offset = case(
        [
            (
                both(
                    binary(">=", local, num(0)),
                    binary("<=", local, num(((LAST_DAY - FIRST_DAY).days + 1) * _DAY_US - 1)),
                ),
                at(call("getvariable", text(OFFSETS)), index),
            )
        ]
    )
    moved = binary("-", local, binary("*", cast(offset, "BIGINT"), num(_SECOND_US)))
    return case([(has_offset, absolute)], moved)


@cache
def offsets(zone: ZoneInfo) -> tuple[int | None, ...]:
    """The seconds that a zone is east of UTC, for each day that has one offset all through."""
    found: list[int | None] = []
    day = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day)
    here = zone.utcoffset(day)
    for _ in range((LAST_DAY - FIRST_DAY).days + 1):
        day += timedelta(days=1)
        following = zone.utcoffset(day)
        same = here is not None and here == following
        found.append(int(here.total_seconds()) if same and here is not None else None)
        here = following
    return tuple(found)


def json_type(keys: list[str]) -> str:
    """The structure that from_json is given to get these keys of an object as raw JSON."""
    return json.dumps(dict.fromkeys(keys, "JSON"), ensure_ascii=False)


# --- texts -------------------------------------------------------------------------


def _is_text(raw: Sql) -> Sql:
    return call("starts_with", raw, text('"'))


def _is_sure(raw: Sql) -> Sql:
    return both(_is_text(raw), no(_has_nul(raw)))


def _has_nul(raw: Sql) -> Sql:
    """Whether a text holds a NUL, at which DuckDB's nfc_normalize stops reading."""
    return call("contains", raw, text("\\u0000"))


def _is_blank(raw: Sql, field: Field) -> Sql:
    """Whether raw JSON says "nothing entered" in so many words."""
    words = [text('""'), *(quoted(blank) for blank in field.blanks if _is_simple(blank))]
    folded = call("lower", raw) if len(words) > 1 else raw
    return call("coalesce", one_of(folded, words), FALSE)


def _is_simple(value: str) -> bool:
    return value.isascii() and value.isprintable() and not set('"\\') & set(value)


def _text(raw: Sql, field: Field) -> Sql:
    """A text in normal form and in quotes; NULL when blank."""
    spelled = binary(
        "||",
        text('"'),
        binary(
            "||",
            call(
                "trim",
                call("nfc_normalize", call("json_extract_string", raw, text("$"))),
                text(BLANKS),
            ),
            text('"'),
        ),
    )
    value = call("nullif", case([(is_plain(raw), raw)], spelled), text('""'))
    if not field.blanks:
        return value
    blank = one_of(call("lower", value), [quoted(blank) for blank in field.blanks])
    return case([(blank, NULL)], value)


def _unquoted(raw: Sql) -> Sql:
    return call("substr", raw, num(2), binary("-", call("strlen", raw), num(2)))


# --- lists -------------------------------------------------------------------------


def _is_list(raw: Sql) -> Sql:
    return call("starts_with", raw, text("["))


def _parts(raw: Sql) -> Sql:
    return each(call("from_json", raw, text('["JSON"]')), lambda item: cast(item, "VARCHAR"), "j")


def _items(raw: Sql) -> Sql:
    plain = Field((), "text")
    texts = each(_parts(raw), lambda item: _text(item, plain), "i")
    return case([(_is_list(raw), only(texts, has_value, "i"))])


def folded_items(items: Sql) -> Sql:
    """The folded form of a list of texts."""
    return each(items, lambda item: call("lower", item), "i")


def _bad_list(raw: Sql) -> Sql:
    odd = only(_parts(raw), lambda item: both(has_value(item), no(_is_text(item))), "i")
    return case([(_is_list(raw), binary(">", call("len", odd), num(0)))], TRUE)
