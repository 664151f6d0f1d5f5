"""The day on which an instant lies in a time zone, in SQL.

DuckDB's own time zones may be of another year than ours, so the offsets come from our
tables: for each day in UTC the seconds that the zone is east when it begins, and the
second of that day at which this changes.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from leadrules.engines.sql_build import Sql, at, between, binary, call, case, cast, num, text
from leadrules.engines.sql_values import FIRST_DAY, LAST_DAY
from leadrules.model.instant import DAY, MICROSECOND

EAST = "leadrules_east"
TURNS = "leadrules_turns"
_SECOND_US = 1_000_000
_DAY_US = DAY // MICROSECOND
_DAY = 86_400
# Before the year 1: what is added so that a division rounds down.
_DAYS_BEFORE = 1_000_000


def local_day(micros: Sql, zone: ZoneInfo | None) -> Sql:
    """The day of an instant, as days since 1970; NULL where the tables do not tell."""
    if zone is None:
        shifted = binary("+", micros, num(_DAYS_BEFORE * _DAY_US))
        return cast(binary("-", binary("//", shifted, num(_DAY_US)), num(_DAYS_BEFORE)), "INTEGER")
    index = binary("+", binary("//", micros, num(_DAY_US)), num(1))
    turn = at(call("getvariable", text(TURNS)), index)
    second = binary("//", binary("%", micros, num(_DAY_US)), num(_SECOND_US))
    place = binary("+", index, cast(binary(">=", second, turn), "BIGINT"))
    east = cast(at(call("getvariable", text(EAST)), place), "BIGINT")
    local = binary("//", binary("+", micros, binary("*", east, num(_SECOND_US))), num(_DAY_US))
    last = (LAST_DAY - FIRST_DAY).days * _DAY_US
    return cast(case([(between(micros, num(_DAY_US), num(last - 1)), local)]), "INTEGER")


@cache
def turns(zone: ZoneInfo) -> tuple[tuple[int, ...], tuple[int | None, ...]]:
    """The tables of a zone, EAST and TURNS. A turn of None is one that leads back over a
    midnight: a day would come twice."""
    start = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC)
    east = [_east(start + timedelta(days=n), zone) for n in range(_count() + 1)]
    found: list[int | None] = []
    for number in range(_count()):
        before, after = east[number], east[number + 1]
        if before == after:
            found.append(_DAY)
            continue
        low, high = 0, _DAY
        while high - low > 1:
            middle = (low + high) // 2
            there = _east(start + timedelta(days=number, seconds=middle), zone)
            low, high = (middle, high) if there == before else (low, middle)
        back = (high - 1 + before) // _DAY > (high + after) // _DAY
        found.append(None if back else high)
    return tuple(east), tuple(found)


def _count() -> int:
    return (LAST_DAY - FIRST_DAY).days + 1


def _east(moment: datetime, zone: ZoneInfo) -> int:
    east = moment.astimezone(zone).utcoffset()
    assert east is not None
    return int(east.total_seconds())
