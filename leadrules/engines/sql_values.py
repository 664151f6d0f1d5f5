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
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from leadrules.engines.sql_build import (
    FALSE,
    NULL,
    TRUE,
    Sql,
    array,
    at,
    between,
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
MIDNIGHTS = "leadrules_midnights"

# The shape of nearly all timestamps, and a regular expression for the others that can be
# read here: no finer than a microsecond, hours and offsets that exist.
_USUAL = "____-__-__T__:__:__Z"
_DATE = "____-__-__"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
_OFFSET = r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"


@dataclass(frozen=True, slots=True)
class Value:
    """A field's value, and whether the record has to be looked at by the reference (NULL
    is no).

    A text has its `folded` form beside it. A list's value is a list of texts in quotes.
    """

    value: Sql
    bad: Sql
    folded: Sql | None = None
    items: Sql | None = None
    folded_items: Sql | None = None


Keep = Callable[[int, str, Sql], Sql]
"""Gives a piece that is used more than once a name, so that it is worked out once: the
layer it belongs to, from 0, the name, and the piece. What it returns stands for the piece
in the layers above. DuckDB does not find common pieces inside a CASE by itself."""
VALUE_LAYERS = 3


def read_value(field: Field, raw: Sql, zone: ZoneInfo | None, keep: Keep) -> Value:
    """The value of a field in its raw JSON."""
    match field.type:
        case "number" | "whole":
            # What is no number, blanks too, is NULL.
            number = keep(0, "v", cast(raw, "DOUBLE", strict=False))
            sound = call("isfinite", number)
            if field.type == "whole":
                sound = both(sound, binary("=", number, call("trunc", number)))
            said = case([(has_value(number), TRUE)], no(_is_blank(raw, field)))
            return Value(number, case([(sound, FALSE), (has_value(raw), said)], FALSE))
        case "boolean":
            truth = case(
                [(binary("=", raw, text("true")), TRUE), (binary("=", raw, text("false")), FALSE)]
            )
            value = keep(0, "v", truth)
            return Value(value, _unread(raw, value, field))
        case "date":
            instant = keep(1, "v", instant_us(keep(0, "t", _unquoted(raw)), zone))
            return Value(instant, _unread(raw, instant, field))
        case "text":
            return _text_value(field, raw, keep)
        case "text or list" if field.of_event:
            # Lists are rare inside events, and looking for them is dear: the reference does.
            return _text_value(field, raw, keep)
        case "list":
            parts = keep(0, "parts", _parts(raw))
            items = keep(1, "i", _items(parts))
            bad = case([(binary("=", raw, text('""')), FALSE)], _bad_list(raw, parts))
            return Value(items, bad, items=items, folded_items=keep(2, "j", _folded_items(items)))
        case "text or list":
            plain = keep(0, "p", is_plain(raw))
            value = keep(1, "v", case([(is_text(raw), _text(raw, plain, field))]))
            parts = keep(0, "parts", _parts(raw))
            items = keep(1, "i", _items(parts))
            bad = case([(is_text(raw), _has_nul(raw))], _bad_list(raw, parts))
            folded = keep(2, "k", call("lower", value))
            return Value(value, bad, folded, items, keep(2, "j", _folded_items(items)))
        case "anything":
            plain = keep(0, "p", is_plain(raw))
            value = keep(1, "v", case([(is_text(raw), _text(raw, plain, field))], raw))
            return Value(value, _has_nul(raw))


def _text_value(field: Field, raw: Sql, keep: Keep) -> Value:
    plain = keep(0, "p", is_plain(raw))
    value = keep(1, "v", _text(raw, plain, field))
    bad = either(no(is_text(raw)), _has_nul(raw))
    if not field.of_event:
        bad = case([(plain, FALSE)], bad)
    return Value(value, bad, keep(2, "k", call("lower", value)))


def _unread(raw: Sql, value: Sql, field: Field) -> Sql:
    """Whether raw JSON says something, and no value was found in it."""
    # As a CASE, because it looks at the second part only where the first is true.
    return case([(both(is_null(value), has_value(raw)), no(_is_blank(raw, field)))], FALSE)


def is_text(raw: Sql) -> Sql:
    """Whether raw JSON is a text: a quote comes before all else that JSON begins with."""
    return binary("<", raw, text("#"))


def is_plain(raw: Sql) -> Sql:
    """Whether raw JSON is surely a text that is in normal form as it stands: plain ASCII,
    without escapes, without blanks at its ends, not empty (and not one that begins with `!`,
    so that one comparison tells)."""
    return both(
        binary(">=", raw, text('"#')),
        is_text(raw),
        binary("=", call("strlen", raw), call("length", raw)),
        no(call("contains", raw, text("\\"))),
        no(call("ends_with", raw, text(' "'))),
    )


def inner(quoted: Sql) -> Sql:
    """A text without its quotes."""
    return call("substr", quoted, num(2), binary("-", call("length", quoted), num(2)))


def quoted(value: str) -> Sql:
    """A text of the rules in quotes, as it is compared with a lead's."""
    return text(f'"{value}"')


def instant_us(value: Sql, zone: ZoneInfo | None) -> Sql:
    """A timestamp's microseconds since 1970; NULL for one that this SQL does not read.

    Nearly all are of the usual shape, for which a few tests do that cost less together
    than a regular expression. A CASE looks at the others only where there are any.
    """
    absolute = _cast_us(value, "TIMESTAMPTZ")
    branches = [(_is_usual(value), absolute)]
    if zone is None:
        branches.append((_fits(value, f"{_DAY}({_TIME}{_OFFSET}?)?"), absolute))
    else:
        local = _in_zone(_cast_us(value, "TIMESTAMP"))
        date_alone = both(like(value, _DATE), binary(">=", value, text("0001")))
        branches += [
            (date_alone, local),
            (_fits(value, f"{_DAY}{_TIME}{_OFFSET}"), absolute),
            (_fits(value, f"{_DAY}{_TIME}"), local),
        ]
    return case(branches)


def _is_usual(value: Sql) -> Sql:
    """Whether a timestamp has the shape 2026-11-22T10:00:00Z and what DuckDB casts is right:
    it would also take 24:00:00, and ` 1:00:00` and `10:00:0.`."""
    return both(
        like(value, _USUAL),
        between(call("substr", value, num(12), num(2)), text("00"), text("23")),
        no(call("contains", value, text("."))),
        binary(">=", value, text("0001")),
    )


def _fits(value: Sql, pattern: str) -> Sql:
    """Whether a timestamp fits a pattern, and its year is 1 or later."""
    return both(call("regexp_full_match", value, text(pattern)), binary(">=", value, text("0001")))


def _cast_us(value: Sql, type_: str) -> Sql:
    """A timestamp as microseconds since 1970, as the type reads it; NULL where it cannot."""
    return call("epoch_us", cast(value, type_, strict=False))


def _in_zone(local: Sql) -> Sql:
    """The microseconds of a time of day in the zone; NULL where the table does not tell."""

    def instant(local: Sql) -> Sql:
        index = binary("+", binary("//", local, num(_DAY_US)), num(1))
        offset, early = (
            cast(at(call("getvariable", text(table)), index), "BIGINT")
            for table in (OFFSETS, MIDNIGHTS)
        )
        # A date alone is a midnight, and most turns of the clock come later in the day.
        is_midnight = binary("=", binary("%", local, num(_DAY_US)), num(0))
        offset = call("coalesce", offset, case([(is_midnight, early)]))
        last = ((LAST_DAY - FIRST_DAY).days + 1) * _DAY_US - 1
        moved = binary("-", local, binary("*", offset, num(_SECOND_US)))
        return case([(between(local, num(0), num(last)), moved)])

    # Written once: DuckDB would cast it four times otherwise.
    return at(each(array([local]), instant, "t"), num(1))


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


@cache
def midnights(zone: ZoneInfo) -> tuple[int | None, ...]:
    """The same of the other days, for the moment at which they begin; None when the clock is
    turned at that moment, and for the days that `offsets` tells."""
    first = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day)
    found: list[int | None] = []
    for number, told in enumerate(offsets(zone)):
        start = first + timedelta(days=number)
        here = zone.utcoffset(start) if told is None else None
        plain = here is not None and here == zone.utcoffset(start.replace(fold=1))
        found.append(int(here.total_seconds()) if plain and here is not None else None)
    return tuple(found)


def json_type(keys: list[str]) -> str:
    """The structure that from_json is given to get these keys of an object as raw JSON."""
    return json.dumps(dict.fromkeys(keys, "JSON"), ensure_ascii=False)


# --- texts -------------------------------------------------------------------------


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


def _text(raw: Sql, plain: Sql, field: Field) -> Sql:
    """A text in normal form and in quotes; NULL when blank. `plain` is whether it is so as
    it stands."""
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
    # The empty text is seen here, because NULLIF works out twice what it is given.
    odd = binary("!=", raw, text('""'))
    value = case([(plain, raw), (odd, call("nullif", spelled, text('""')))])
    if not field.blanks:
        return value
    blank = one_of(call("lower", value), [quoted(blank) for blank in field.blanks])
    return case([(blank, NULL)], value)


def _unquoted(raw: Sql) -> Sql:
    return call("substr", raw, num(2), binary("-", call("strlen", raw), num(2)))


# --- lists -------------------------------------------------------------------------


def _parts(raw: Sql) -> Sql:
    """The items of a list as raw JSON; NULL for what is no list."""
    parts = each(call("from_json", raw, text('["JSON"]')), lambda item: cast(item, "VARCHAR"), "j")
    return case([(call("starts_with", raw, text("[")), parts)])


def _items(parts: Sql) -> Sql:
    plain = Field((), "text")
    texts = each(parts, lambda item: _text(item, is_plain(item), plain), "i")
    return only(texts, has_value, "i")


def _folded_items(items: Sql) -> Sql:
    return each(items, lambda item: call("lower", item), "i")


def _bad_list(raw: Sql, parts: Sql) -> Sql:
    """Whether raw JSON is no list of texts."""
    odd = only(parts, lambda item: both(has_value(item), no(is_text(item))), "i")
    fault = either(is_null(parts), binary(">", call("len", odd), num(0)), _has_nul(raw))
    return both(has_value(raw), fault)
