"""The order of moments that are distances from the same `as_of`, and windows inside others."""

from __future__ import annotations

from collections.abc import Iterable

from leadrules.model import program as p
from leadrules.model.frozen import Frozen
from leadrules.model.instant import DAY, Moment, Window

# A month on the calendar, on average, and how far some months can be from that.
_MONTH = int(30.436875 * DAY)
_MONTHS_DIFFER = 5 * DAY
NOW = Moment()


def compare(one: Moment, other: Moment) -> int | None:
    """-1, 0 or 1 when the one is always before, at or after the other; None when it depends on
    `as_of`: whether a month is longer than 30 days, whether a day of the calendar is over."""
    if one == other:
        return 0
    if one.fixed is not None and other.fixed is not None:
        return -1 if one.fixed < other.fixed else 1
    if one.fixed is not None or other.fixed is not None:
        return None
    between = (other.months - one.months) * _MONTH + other.span - one.span
    room = 0 if one.months == other.months else _MONTHS_DIFFER
    if abs(between) <= room:
        return None
    return -1 if between > 0 else 1


class Line(Frozen):
    """Moments from early to late, that divide time: before the first, the first itself, between
    the first and the second, and so on."""

    moments: tuple[Moment, ...]

    @property
    def size(self) -> int:
        """How many parts there are."""
        return 2 * len(self.moments) + 1

    def before(self, moment: Moment, belongs: bool) -> int:
        """The parts before a moment, as bits; with the moment itself where it `belongs`."""
        at = 2 * self.moments.index(moment) + 1
        return (1 << (at + belongs)) - 1


def lines(moments: Iterable[Moment]) -> tuple[Line, ...]:
    """Moments on as few lines as their orders can be told."""
    found = list(dict.fromkeys(moments))
    fixed = [moment for moment in found if moment.fixed is not None]
    months = [moment for moment in found if moment.months]
    spans = [moment for moment in found if moment.fixed is None and not moment.months]
    together = all(compare(one, other) is not None for one in spans for other in months)
    groups = [fixed, spans + months] if together else [fixed, spans, months]
    return tuple(Line(tuple(_sorted(group))) for group in groups if group)


def _sorted(moments: list[Moment]) -> list[Moment]:
    return sorted(moments, key=lambda moment: (moment.fixed or 0, _length(moment)))


def _length(moment: Moment) -> int:
    return moment.months * _MONTH + moment.span


def ordered(window: Window) -> Window | None:
    """The window with its earlier end first; None when it depends on `as_of` which it is."""
    after, until = window.after, window.until
    if after is None or until is None:
        return window
    order = compare(after, until)
    if order is None:
        return None
    return (
        window if order <= 0 else Window(until, window.after_belongs, after, window.until_belongs)
    )


def inside(one: Window | None, other: Window | None) -> bool:
    """Whether an event that lies in the one window surely lies in the other. No event lies
    behind `as_of`."""
    if other is None or one == other:
        return True
    small = Window() if one is None else ordered(one)
    large = ordered(other)
    if small is None or large is None:
        return False
    return _begins(small, large) and _ends(small, large)


def _begins(small: Window, large: Window) -> bool:
    if large.after is None:
        return True
    if small.after is None:
        return False
    order = compare(small.after, large.after)
    return order == 1 or (order == 0 and (large.after_belongs or not small.after_belongs))


def _ends(small: Window, large: Window) -> bool:
    if large.until is None:
        return True
    order = compare(NOW, large.until)
    if order == -1 or (order == 0 and large.until_belongs):
        return True
    if small.until is None:
        return False
    order = compare(small.until, large.until)
    return order == -1 or (order == 0 and (large.until_belongs or not small.until_belongs))


def part_of(one: p.Events, other: p.Events) -> bool:
    """Whether every event of the one is surely an event of the other."""
    return inside(one.window, other.window) and all(
        any(_is_kind(kind, wider) for wider in other.kinds) for kind in one.kinds
    )


def _is_kind(kind: p.Kind, wider: p.Kind) -> bool:
    if wider.type is not None and wider.type != kind.type:
        return False
    asked = set(_parts(kind.where))
    return all(part in asked for part in _parts(wider.where))


def _parts(where: p.Condition | None) -> tuple[p.Condition, ...]:
    """The conditions that must all be true."""
    if where is None:
        return ()
    if isinstance(where, p.All):
        return tuple(part for item in where.items for part in _parts(item))
    return (where,)
