"""Durations, days and windows as written, turned into moments and stretches of time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import assert_never

from leadrules.meaning.book import Lookup
from leadrules.model import syntax as s
from leadrules.model.instant import (
    DAY,
    SECOND,
    Moment,
    NotAnInstant,
    Window,
    midnight,
    parse_instant,
)
from leadrules.text.write import write

_UNITS = {"min": 60 * SECOND, "h": 3600 * SECOND, "d": DAY, "w": 7 * DAY}
_MONTHS = {"mo": 1, "y": 12}


class Times(Lookup):
    """Lowers windows."""

    def window(self, node: s.Window, of_date: bool) -> Window:
        """The stretch of time that a window names."""
        match node:
            case s.Within(duration) | s.Shorthand(duration):
                if isinstance(node, s.Shorthand):
                    self.book.notes.shorthands = True
                return Window(after=self.before(duration), until=Moment())
            case s.WithinNext(duration):
                if not of_date:
                    self.refuse(
                        "LR120",
                        node.span,
                        "events lie in the past: `within next` is for dates",
                        f"`field purchase_date {write(node)}`",
                    )
                ahead = self.before(duration)
                end = Moment(months=-ahead.months, span=-ahead.span)
                return Window(Moment(), True, end, False)
            case s.OlderThan(duration):
                return Window(until=self.before(duration))
            case s.Between(first, second):
                return Window(after=self.before(first), until=self.before(second))
            case s.Before(moment):
                return self.around(moment, "<")
            case s.After(moment):
                return self.around(moment, ">")
            case _:
                assert_never(node)

    @staticmethod
    def before(duration: s.Duration) -> Moment:
        """The moment that lies so long before `as_of`."""
        if duration.unit in _MONTHS:
            return Moment(months=-duration.count * _MONTHS[duration.unit])
        return Moment(span=-duration.count * _UNITS[duration.unit])

    def exact(self, duration: s.Duration, where: str) -> int:
        """A length of time in nanoseconds; months and years differ in length."""
        if duration.unit in _MONTHS:
            days = duration.count * (30 if duration.unit == "mo" else 365)
            self.refuse(
                "LR143",
                duration.span,
                f"months and years are not equally long, so {where} takes days",
                f"`{days}d`",
            )
        if duration.count == 0:
            self.refuse("LR143", duration.span, f"{where} needs a length of time above 0", "`1d`")
        return duration.count * _UNITS[duration.unit]

    def around(self, moment: s.Date | s.Instant, operator: str) -> Window:
        """The instants that stand to a day or an instant as the operator says.

        A day is all of its hours: `=` is any of them, `<` none of them yet.
        """
        if isinstance(moment, s.Date):
            day = date(moment.year, moment.month, moment.day)
            start = Moment(fixed=midnight(day, self.book.zone))
            if day == date.max:
                end = Moment(fixed=(start.fixed or 0) + DAY)
            else:
                end = Moment(fixed=midnight(day + timedelta(days=1), self.book.zone))
            return {
                "=": Window(start, True, end, False),
                "<": Window(None, False, start, False),
                "<=": Window(None, False, end, False),
                ">": Window(end, True, None),
                ">=": Window(start, True, None),
            }[operator]
        try:
            fixed = Moment(fixed=parse_instant(moment.spelling, self.book.zone))
        except NotAnInstant as error:
            self.refuse("LR118", moment.span, f"`{moment.spelling}` {error}")
        return {
            "=": Window(fixed, True, fixed, True),
            "<": Window(None, False, fixed, False),
            "<=": Window(None, False, fixed, True),
            ">": Window(fixed, False, None),
            ">=": Window(fixed, True, None),
        }[operator]
