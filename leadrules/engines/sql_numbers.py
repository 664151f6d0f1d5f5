"""Arithmetic on doubles, in SQL: what is no finite number is missing.

Infinity and NaN are let through to the end of a calculation, where one look tells: sums
and products never lose them. Where they could get lost (what is divided by, the least of
some numbers) they are looked for on the way.
"""

from __future__ import annotations

from collections.abc import Sequence

from leadrules.engines.sql_build import (
    Sql,
    array,
    at,
    binary,
    call,
    case,
    cast,
    each,
    num,
    reduce,
)
from leadrules.model.program import MOST_POINTS


def finite(number: Sql) -> Sql:
    """A number, or NULL when it is no finite one."""
    return case([(call("isfinite", number), number)])


def finite_once(number: Sql) -> Sql:
    """The same, for a long expression: it is written once only."""
    return at(each(array([number]), finite, "v"), num(1))


def smallest(numbers: Sequence[Sql]) -> Sql:
    """The least of some numbers; NULL when one is missing."""
    return _best("<=", "<", numbers)


def largest(numbers: Sequence[Sql]) -> Sql:
    """The greatest of some numbers; NULL when one is missing."""
    return _best(">=", ">", numbers)


def _best(keeps: str, gives: str, numbers: Sequence[Sql]) -> Sql:
    # Not least() and greatest(): they skip what is missing.
    return reduce(
        array(numbers[1:]),
        numbers[0],
        lambda best, other: case(
            [(binary(keeps, best, other), best), (binary(gives, other, best), other)]
        ),
        "u",
        "v",
    )


def hundredths(number: Sql) -> Sql:
    """A number of points as whole hundredths, a half away from zero; NULL when it is
    missing or too large."""
    there = binary("<=", call("abs", number), num(float(MOST_POINTS)))
    return case([(there, cast(call("round", binary("*", number, num(100.0))), "BIGINT"))])


def nearest(numerator: Sql, denominator: int) -> Sql:
    """The nearest whole number to a fraction, a half away from zero."""
    half = denominator // 2
    away = case([(binary("<", numerator, num(0)), num(-half))], num(half))
    return binary("//", binary("+", numerator, away), num(denominator))
