"""Texts that pass a check, in SQL: addresses and the numbers of French companies."""

from __future__ import annotations

from leadrules.engines.sql_build import (
    FALSE,
    NULL,
    Sql,
    array,
    at,
    binary,
    both,
    call,
    case,
    cast,
    either,
    is_null,
    num,
    text,
    total,
)
from leadrules.model.valid import EMAIL, EMAIL_LENGTH, EMAIL_LOCAL_LENGTH, LA_POSTE


def valid_email(found: Sql) -> Sql:
    """Whether a text, without quotes, is an address of plain letters."""
    local = at(call("string_split", found, text("@")), num(1))
    return both(
        call("regexp_matches", found, text(EMAIL)),
        binary("<=", call("length", found), num(EMAIL_LENGTH)),
        binary("<=", call("length", local), num(EMAIL_LOCAL_LENGTH)),
    )


def valid_siren(found: Sql) -> Sql:
    """Whether a text is the number of a French company."""
    digits = call("replace", found, text(" "), text(""))
    return _if_digits(digits, 9, _divides(10, _luhn(digits, 9)))


def valid_siret(found: Sql) -> Sql:
    """Whether a text is the number of a French company's place."""
    digits = call("replace", found, text(" "), text(""))
    plain = total([_digit(digits, place) for place in range(1, 15)])
    post = both(call("starts_with", digits, text(LA_POSTE)), _divides(5, plain))
    return _if_digits(digits, 14, either(_divides(10, _luhn(digits, 14)), post))


def _if_digits(digits: Sql, length: int, test: Sql) -> Sql:
    right = call("regexp_full_match", digits, text(f"[0-9]{{{length}}}"))
    return case([(is_null(digits), NULL), (right, test)], FALSE)


def _digit(digits: Sql, place: int) -> Sql:
    return cast(call("substr", digits, num(place), num(1)), "INTEGER", strict=False)


def _luhn(digits: Sql, length: int) -> Sql:
    doubled = array([num(n) for n in (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)])
    return total(
        [
            at(doubled, binary("+", _digit(digits, place), num(1)))
            if (length - place) % 2
            else _digit(digits, place)
            for place in range(1, length + 1)
        ]
    )


def _divides(by: int, number: Sql) -> Sql:
    return binary("=", binary("%", number, num(by)), num(0))
