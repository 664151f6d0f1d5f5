"""Instants, days, and the stretches of time that rules speak of.

An instant is a whole number of nanoseconds since 1970-01-01T00:00:00Z, so nothing that
a timestamp says is lost. There is no clock here: what "30 days ago" means is worked out
from the `as_of` that is handed in.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from leadrules.model.frozen import Frozen

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
MICROSECOND = 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)
_EPOCH_DAY = date(1970, 1, 1).toordinal()

_SHAPE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|([+-])(\d\d):?(\d\d))?)?",
    re.ASCII,
)


class NotAnInstant(ValueError):
    """A text that is no RFC 3339 timestamp or date; its message says why."""


def parse_instant(text: str, zone: ZoneInfo | None) -> int:
    """The instant that a timestamp or a date names.

    Without an offset the text is read in `zone` (None is UTC); a date alone is its
    midnight. Where a zone's clock shows a time twice, the first is meant; where it skips
    one, the time is read as if the clock had not moved yet.

    Raises NotAnInstant when the text is of another form, names a day or an hour that
    does not exist, or is finer than a nanosecond.
    """
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise NotAnInstant("is not a timestamp such as 2026-11-22T10:00:00Z or 2026-11-22")
    year, month, day, hour, minute, second, fraction, offset, sign, off_h, off_m = found.groups()
    try:
        local = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0)
        )
    except ValueError:
        raise NotAnInstant("names a day or a time that does not exist") from None
    digits = (fraction or "").rstrip("0")
    if len(digits) > 9:
        raise NotAnInstant("is finer than a nanosecond")
    if offset is None:
        seconds = _seconds(local, zone)
    elif sign is None:
        seconds = _seconds(local, None)
    else:
        if int(off_h) > 23 or int(off_m) > 59:
            raise NotAnInstant("has an offset that does not exist")
        east = (int(off_h) * 60 + int(off_m)) * (60 if sign == "+" else -60)
        seconds = _seconds(local, None) - east
    return seconds * SECOND + int(digits.ljust(9, "0") or 0)


def midnight(day: date, zone: ZoneInfo | None) -> int:
    """The instant at which a day begins in a zone (None is UTC)."""
    return _seconds(datetime(day.year, day.month, day.day), zone) * SECOND


def local_day(instant: int, zone: ZoneInfo | None) -> int:
    """The day on which an instant lies in a zone (None is UTC), as days since 1970."""
    seconds = instant // SECOND
    if zone is not None:
        try:
            local = (_EPOCH + timedelta(seconds=seconds)).astimezone(zone)
        except OverflowError:
            pass  # At the ends of the calendar UTC will do.
        else:
            return local.toordinal() - _EPOCH_DAY
    return seconds // 86_400


def show_instant(instant: int) -> str:
    """An instant as RFC 3339 in UTC, as short as it can be."""
    seconds, rest = divmod(instant, SECOND)
    moment = _EPOCH + timedelta(seconds=seconds)
    fraction = f".{rest:09}".rstrip("0") if rest else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + fraction + "Z"


def _seconds(local: datetime, zone: ZoneInfo | None) -> int:
    naive = (local.toordinal() - _EPOCH_DAY) * 86_400 + (
        local.hour * 3600 + local.minute * 60 + local.second
    )
    if zone is None:
        return naive
    east = zone.utcoffset(local)
    assert east is not None
    return naive - int(east.total_seconds())


@cache
def find_zone(name: str) -> ZoneInfo | None:
    """The time zone of that name; None for UTC.

    Read from the `tzdata` package and not from the machine, so that every machine has
    the same rules. Raises LookupError when there is no such zone.
    """
    if name in ("UTC", "Etc/UTC", "Z"):
        return None
    parts = name.split("/")
    if not all(re.fullmatch(r"[A-Za-z0-9_+-]+", part) for part in parts):
        raise LookupError(name)
    try:
        file = resources.files("tzdata").joinpath("zoneinfo", *parts)
        with file.open("rb") as data:
            return ZoneInfo.from_file(data, name)
    except (OSError, ValueError):
        raise LookupError(name) from None


class Moment(Frozen):
    """A point in time: fixed, or a distance from `as_of`.

    `fixed` is an instant. Otherwise the point lies `months` calendar months and then
    `span` nanoseconds after `as_of` (before it when negative).
    """

    fixed: int | None = None
    months: int = 0
    span: int = 0

    def resolve(self, as_of: int, zone: ZoneInfo | None) -> int:
        """The instant it is, seen from `as_of`; months are counted on the zone's calendar.

        A day that the target month lacks becomes the month's last day. Points before
        the year 1 and after 9999 become the first and the last instant there is.
        """
        if self.fixed is not None:
            return self.fixed
        return (_add_months(as_of, self.months, zone) if self.months else as_of) + self.span


class Window(Frozen):
    """The instants from `after` to `until`; None is open. The two `…s` flags say whether
    the end itself belongs."""

    after: Moment | None = None
    after_belongs: bool = False
    until: Moment | None = None
    until_belongs: bool = True

    def resolve(self, as_of: int, zone: ZoneInfo | None) -> Interval:
        """The interval of instants that it is, seen from `as_of`.

        Which of `30d` and `1mo` is longer depends on `as_of`: the earlier end is the first.
        """
        low = None if self.after is None else self.after.resolve(as_of, zone)
        high = None if self.until is None else self.until.resolve(as_of, zone)
        if low is not None and high is not None and low > high:
            low, high = high, low
        return Interval(
            low if low is None or self.after_belongs else low + 1,
            high + 1 if high is not None and self.until_belongs else high,
        )


class Interval(Frozen):
    """The instants at or after `low` and before `high`; None is open."""

    low: int | None
    high: int | None

    def __contains__(self, instant: int) -> bool:
        """Whether an instant lies in it."""
        return (self.low is None or instant >= self.low) and (
            self.high is None or instant < self.high
        )


def _add_months(instant: int, months: int, zone: ZoneInfo | None) -> int:
    seconds, rest = divmod(instant, SECOND)
    try:
        moment = (_EPOCH + timedelta(seconds=seconds)).astimezone(zone or UTC)
    except OverflowError:
        return instant
    index = moment.year * 12 + moment.month - 1 + months
    year, month = index // 12, index % 12 + 1
    if year < 1:
        return (_NAIVE_EPOCH.min - _NAIVE_EPOCH).days * DAY
    if year > 9999:
        return ((_NAIVE_EPOCH.max - _NAIVE_EPOCH).days + 1) * DAY
    local = datetime(
        year,
        month,
        min(moment.day, _days_in(year, month)),
        moment.hour,
        moment.minute,
        moment.second,
    )
    return _seconds(local, zone) * SECOND + rest


def _days_in(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1) if (year, month) != (9999, 12) else None
    return 31 if following is None else (following - timedelta(days=1)).day
