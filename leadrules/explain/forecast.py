"""When the score or a label changes if nothing happens: worked out, not guessed.

Time acts on a lead in few ways only: a point in time that the rules speak of passes an
event or a date of the lead, an event gets a day older under a decay, or a number of days
since an event passes a number. All these instants are collected, and the reference judges
the lead at each. Between two of them nothing can change.

A number of days since an event changes all the time, so points that are worked out from it
do, unless it is rounded down first. Then the lead is judged once a day, too, and the
forecast says that it is not exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from heapq import heapify, heappop
from math import ceil, floor, isfinite

from leadrules.engines.conditions import Scene, matching
from leadrules.engines.reference import evaluate, picked
from leadrules.model import program as p
from leadrules.model.decay import share, step
from leadrules.model.frozen import parts, walk
from leadrules.model.instant import DAY, MICROSECOND, SECOND, Moment, Window, find_zone
from leadrules.model.lead import Lead
from leadrules.model.verdict import Excluded, Frozen, Outcome, Verdict

HORIZON = 400 * DAY
MOST_JUDGED = 2000
# In so little time the clocks of a zone change once at most, and then at its end.
_PIECE = 900 * SECOND
# So far may a month earlier or later be from where it would be without its odd end.
_NEAR = 4 * DAY
# More numbers than these are not followed one by one.
_MOST_STEPS = 5000
_UNITS = {"days": DAY, "hours": 3600 * SECOND}


@dataclass(frozen=True, slots=True)
class State:
    """What may change. An excluded or frozen lead has a reason instead of points."""

    score: int | None
    labels: tuple[tuple[str, str | None], ...]
    excluded: str | None = None
    frozen: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """From `at` on, an instant in whole microseconds, the lead is in another state."""

    at: int
    before: State
    after: State

    @property
    def moves(self) -> tuple[tuple[str, str | None, str | None], ...]:
        """The dimensions whose labels change, with the label before and after."""
        before, after = dict(self.before.labels), dict(self.after.labels)
        return tuple(
            (name, before.get(name), after.get(name))
            for name in dict.fromkeys([*before, *after])
            if before.get(name) != after.get(name)
        )


@dataclass(frozen=True, slots=True)
class Forecast:
    """All changes after `as_of` and up to `until`, in order.

    Not `exact`: rules calculate with the time itself, so there may be changes in between.
    `cut`: there were too many instants to judge, so `until` is earlier than the horizon.
    """

    changes: tuple[Change, ...]
    until: int
    exact: bool
    cut: bool


def state(outcome: Outcome) -> State:
    """What of an outcome may change with time."""
    match outcome:
        case Verdict():
            return State(outcome.score, outcome.labels)
        case Excluded():
            return State(None, (), excluded=outcome.reason)
        case Frozen():
            return State(None, (), frozen=outcome.reason)


def forecast(
    program: p.Program,
    lead: Lead,
    as_of: int,
    *,
    horizon: int = HORIZON,
    most: int = MOST_JUDGED,
    latest: int | None = None,
) -> Forecast:
    """What becomes of a lead after `as_of`. `lead` has all events of its record, also those
    that are still to come, and `latest` is the last instant there is."""
    end = as_of + horizon if latest is None else min(as_of + horizon, latest)
    times = _Times(program, lead, as_of, end)
    times.look(program)
    waiting = list(times.found)
    heapify(waiting)
    now = state(evaluate(program, seen(lead, as_of), as_of))
    changes: list[Change] = []
    judged = 0
    last = as_of
    while waiting:
        at = heappop(waiting)
        if at <= last:
            continue
        if judged == most:
            return Forecast(tuple(changes), last, times.exact, True)
        judged += 1
        last = at
        then = state(evaluate(program, seen(lead, at), at))
        if then != now:
            changes.append(Change(at, now, then))
            now = then
    return Forecast(tuple(changes), end, times.exact, False)


def seen(lead: Lead, at: int) -> Lead:
    """A lead with all events of its record, as it is seen at an instant."""
    events = tuple(event for event in lead.events if event.at <= at)
    return replace(lead, events=events, later=len(lead.events) - len(events))


@dataclass(frozen=True, slots=True)
class _Line:
    """A number that grows or falls evenly with the time since an event."""

    since: p.Since
    slope: float = 1.0
    offset: float = 0.0


def _line(number: object) -> _Line | None:
    """A number of days or hours, also with a constant added to it or multiplied by it."""
    match number:
        case p.Since():
            return _Line(number)
        case p.Arithmetic("-", p.Constant(value), other) if line := _line(other):
            return _Line(line.since, -line.slope, value - line.offset)
        case p.Arithmetic("+" | "*" as sign, p.Constant(value), other) if line := _line(other):
            pass
        case p.Arithmetic(sign, other, p.Constant(value)) if line := _line(other):
            pass
        case _:
            return None
    match sign:
        case "+":
            found = _Line(line.since, line.slope, line.offset + value)
        case "-":
            found = _Line(line.since, line.slope, line.offset - value)
        case "*":
            found = _Line(line.since, line.slope * value, line.offset * value)
        case _ if value:
            found = _Line(line.since, line.slope / value, line.offset / value)
        case _:
            return None
    usable = found.slope and isfinite(found.slope) and isfinite(found.offset)
    return found if usable else None


class _Times:
    """Collects the instants at which something may change, in whole microseconds."""

    def __init__(self, program: p.Program, lead: Lead, as_of: int, end: int) -> None:
        self.program = program
        self.lead = lead
        self.as_of = as_of
        self.end = end
        self.zone = find_zone(program.zone)
        self.found: set[int] = set()
        self.known: dict[tuple[int, int, int], int] = {}
        self.exact = True
        self.note(event.at for event in lead.events)

    def note(self, instants: Iterable[int]) -> None:
        """Instants from which on something may be different."""
        for at in instants:
            whole = -(-at // MICROSECOND) * MICROSECOND
            if self.as_of < whole <= self.end:
                self.found.add(whole)

    def look(self, node: object) -> None:
        """Notes the instants of a program, or of a part of it."""
        match node:
            case p.Compare(_, left, right) if line := _line(left) or _line(right):
                other = right if _line(left) else left
                if isinstance(other, p.Constant):
                    self.counted(line, [other.value])
                    node = line.since.events
                elif isinstance(other, p.Field) and not other.of_event:
                    self.counted(line, [self.lead.values.get(other.path)])
                    node = line.since.events
            case p.InSpans(number, spans) if line := _line(number):
                self.counted(line, [end for span in spans for end in (span.low, span.high)])
                node = line.since.events
            case p.Function("floor" | "ceil" | "round" as name, (argument,)) if line := _line(
                argument
            ):
                self.counted(line, self.steps(line, 0.5 if name == "round" else 0.0))
                node = line.since.events
            case p.Since():
                self.exact = False
                self.note(range(self.as_of + DAY, self.end + 1, DAY))
            case p.During(date, window):
                self.passed(window, self.dates(date))
            case p.NoneSince(_, since_, created):
                instants = [*self.dates(created), *(event.at for event in self.lead.events)]
                self.passed(Window(after=since_), instants)
            case p.NoneAfter(_, marker, since_):
                self.passed(Window(after=since_), self.of(marker))
            case p.Followed(first, _, int() as span, True):
                self.note(at + span for at in self.of(first))
            case p.PointsRule(decay=p.Decay() as decay):
                self.aged(decay, node)
        if isinstance(node, p.Events) and node.window is not None:
            self.passed(node.window, self.of(node))
        inner = node if isinstance(node, tuple) else [getattr(node, x) for x in parts(type(node))]
        for part in inner:
            self.look(part)

    def of(self, events: p.Events) -> list[int]:
        """The instants of the events that may be meant, whatever else is asked of them."""
        types = {kind.type for kind in events.kinds}
        return [e.at for e in self.lead.events if e.type in types or None in types]

    def dates(self, field: p.Field) -> list[int]:
        """The instants that a date field holds, of the lead or of its events."""
        holders = [e.properties for e in self.lead.events] if field.of_event else [self.lead.values]
        values = [holder.get(field.path) for holder in holders]
        return [value for value in values if isinstance(value, int)]

    def counted(self, line: _Line, numbers: Iterable[object]) -> None:
        """When the days or hours since an event, or what is made of them, pass one of some
        numbers. Numbers that have been calculated are not exact to the last microsecond."""
        unit = _UNITS[line.since.unit]
        for number in numbers:
            if not isinstance(number, float):
                continue
            value = (number - line.offset) / line.slope
            if not isfinite(value * unit):
                continue
            for at in self.of(line.since.events):
                near = (at + round(value * unit)) // MICROSECOND * MICROSECOND
                self.note(near + more * MICROSECOND for more in range(-1, 3))

    def steps(self, line: _Line, odd: float) -> Iterator[float]:
        """All whole numbers, and `odd`, that a line passes up to the end."""
        unit = _UNITS[line.since.unit]
        instants = self.of(line.since.events)
        if not instants:
            return
        farthest = (self.end - min(instants)) / unit
        low, high = sorted((line.offset, line.slope * farthest + line.offset))
        if not high - low < _MOST_STEPS:
            self.exact = False
            return
        for number in range(floor(low) - 1, ceil(high) + 2):
            yield number + odd

    def aged(self, decay: p.Decay, rule: p.PointsRule) -> None:
        """When a decay takes the next part of the points of a rule."""
        instants = {} if decay.since is None else dict.fromkeys(self.of(decay.since))
        if isinstance(rule.pays, p.Once):
            for events in rule.pays.asks:
                instants |= dict.fromkeys(self.of(events))
        else:
            instants |= dict.fromkeys(self.counting(rule.pays, rule.points))
        days = list(_steps(decay, (self.end - self.as_of) // DAY, self.oldest()))
        for at in instants:
            self.note(at + number * DAY for number in days)

    def counting(self, pays: p.Each, points: int | p.Number) -> list[int]:
        """The instants of the events that may count for a rule."""
        events = pays.events
        filters = [kind.where for kind in events.kinds]
        if events.window is not None or not isinstance(points, int):
            return self.of(events)
        if any(isinstance(node, p.During) for node in walk(tuple(filters))):
            return self.of(events)
        # Time takes none of them away, and which ones count is told from the earliest on.
        scene = Scene(self.program, self.lead, self.end, self.zone)
        return [event.at for event in picked(pays.picks, matching(events, scene), scene)]

    def oldest(self) -> int:
        """The age in whole days of the earliest event, or 0."""
        first = min((event.at for event in self.lead.events), default=self.as_of)
        return max(0, (self.as_of - first) // DAY)

    def passed(self, window: Window, instants: Iterable[int]) -> None:
        """When the ends of a window pass some instants."""
        # An end that does not belong passes when it is there, one that belongs just after.
        delays = {int(window.after_belongs), int(not window.until_belongs)}
        if window.after is None or window.until is None:
            delays = delays if window.after is None else {int(window.after_belongs)}
        for moment in (window.after, window.until):
            if moment is None or moment.fixed is not None:
                continue
            for at in instants:
                for meeting in self.meetings(moment, at):
                    self.note(meeting + delay for delay in delays)

    def meetings(self, moment: Moment, at: int) -> Iterator[int]:
        """When a moment, seen from those instants, is an instant `at`, or jumps."""
        if not moment.months:
            yield at - moment.span
            return
        near = Moment(months=-moment.months).resolve(at - moment.span, self.zone)
        low = max(near - _NEAR, self.as_of) // _PIECE * _PIECE
        high = min(near + _NEAR, self.end)
        pieces = [(start, start + _PIECE) for start in range(low, high, _PIECE)]
        while pieces:
            start, end = pieces.pop()
            seen_at = self.resolved(moment, start)
            gone = self.resolved(moment, end) - seen_at
            if gone == end - start:
                if start <= start + at - seen_at <= end:
                    yield start + at - seen_at
            elif end - start <= MICROSECOND:
                yield end
            elif gone:
                middle = (start + end) // 2
                pieces += [(start, middle), (middle, end)]

    def resolved(self, moment: Moment, at: int) -> int:
        """The instant that a moment is, seen from another one. Events that lie near each other
        ask for the same ones."""
        key = moment.months, moment.span, at
        if key not in self.known:
            self.known[key] = moment.resolve(at, self.zone)
        return self.known[key]


def _steps(decay: p.Decay, ahead: int, oldest: int) -> Iterator[int]:
    """The ages in whole days at which less is left than a day before."""
    for days in range(1, ahead + oldest + 2):
        if decay.kind == "loses points":
            if days % step(decay) == 0:
                yield days
        elif share(decay, days) != share(decay, days - 1):
            yield days
