"""The subjects of a program, each with its cells.

First all conditions are looked through for the values that they name: these divide the cells.
Then subjects are made as somebody asks for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from leadrules.logic.cells import Choice, Numbers, Texts, numbers, texts
from leadrules.logic.moments import NOW, Line, lines
from leadrules.model import program as p
from leadrules.model.instant import DAY, SECOND, Moment, Window

Cells = Numbers | Texts | Choice | Line
UNITS = {"days": DAY, "hours": 3600 * SECOND}
# What the lead's record begins with: its `created_at`, or its first event.
FIRST_SEEN = p.Field((), "date")


class Space:
    """The subjects of a program, by what they are about.

    `keys` says what each number stands for, `cells` into what it is divided, `domains` which
    of its cells there are at all. `bounds` are the least and the most points, in hundredths, of
    a score block, or of the score (None): known before a subject is made of it.
    """

    def __init__(self, program: p.Program, more: Iterable[p.Condition] = ()) -> None:
        self.program = program
        self.keys: list[Any] = []
        self.cells: list[Cells] = []
        self.domains: dict[int, int] = {}
        self.bounds: dict[str | None, tuple[int | None, int | None]] = {}
        self.checklists = {found.name: found for found in program.checklists}
        self.dimensions = {found.name: found for found in program.dimensions}
        self._numbers: dict[p.Number, set[float]] = {}
        self._counted: set[float] = {1.0}
        self._texts: dict[p.Text, tuple[set[str], set[str]]] = {}
        self._moments: dict[p.Field, list[Moment]] = {}
        self._was: dict[str, list[str]] = {}
        self._spans: dict[tuple[p.Kind, ...], set[int]] = {}
        self._found: dict[Any, int] = {}
        for condition in (*roots(program), *more):
            for part in below(condition):
                self._look(part)
                for events in events_of(part):
                    span = span_of(events.window)
                    if span is not None:
                        self._spans.setdefault(events.kinds, set()).add(span)

    def _look(self, part: p.Condition) -> None:
        """Notes the values that a condition names."""
        match part:
            case p.Compare(_, left, p.Constant(value)):
                self._marks(left).add(value)
            case p.Compare(_, p.Constant(value), right):
                self._marks(right).add(value)
            case p.InSpans(number, spans):
                ends = (end for span in spans for end in (span.low, span.high))
                self._marks(number).update(end for end in ends if end is not None)
            case p.IsText(text, values, exactly):
                self._texts.setdefault(text, (set(), set()))[exactly].update(values)
            case p.During(date, window):
                self._moments.setdefault(date, []).extend(ends_of(window))
            case p.NoneSince(_, since):
                self._moments.setdefault(FIRST_SEEN, []).append(since)
            case p.Was(dimension, label):
                self._was.setdefault(dimension, []).append(label)
            case _:
                return

    def _marks(self, number: p.Number) -> set[float]:
        # One set for all counts, so that their cells can be compared.
        if isinstance(number, p.Count | p.Distinct):
            return self._counted
        return self._numbers.setdefault(number, set())

    # --- subjects ------------------------------------------------------------------

    def _subject(self, key: Any, make: Callable[[], Cells]) -> int:
        number = self._found.get(key)
        if number is None:
            number = self._found[key] = len(self.keys)
            cells = make()
            self.keys.append(key)
            self.cells.append(cells)
            self.domains[number] = (1 << cells.size) - 1
        return number

    def number(self, number: p.Number) -> tuple[int, Numbers]:
        """The subject of a number. Its missing cell is left out where something else says
        that there is no number (`Conditions.known`)."""

        def make() -> Numbers:
            match number:
                case p.Count() | p.Distinct():
                    return numbers(self._counted, True, False, 0.0)
                case p.Met(checklist):
                    most = len(self.checklists[checklist].items)
                    each = set(map(float, range(most + 1)))
                    return numbers(self._marks(number) | each, True, False, 0.0, float(most))
                case p.Score(block):
                    low, high = (None if x is None else x / 100 for x in self.bounds[block])
                    return numbers(self._marks(number), False, False, low, high)
                case p.Since(unit, _, events):
                    spans = {span / UNITS[unit] for span in self._spans.get(events.kinds, ())}
                    return numbers(self._marks(number) | spans, False, False, 0.0)
                case p.Length():
                    return numbers(self._marks(number), True, False, 1.0)
                case _:
                    whole = isinstance(number, p.Field) and number.type == "whole"
                    return numbers(self._marks(number), whole, True)

        found = self._subject(number, make)
        cells = self.cells[found]
        assert isinstance(cells, Numbers)
        return found, cells

    def text(self, text: p.Text) -> tuple[int, Texts]:
        """The subject of a text."""

        def make() -> Texts:
            folded, written = self._texts.get(text, (set(), set()))
            return texts(sorted(folded), sorted(written))

        found = self._subject(("text", text), make)
        cells = self.cells[found]
        assert isinstance(cells, Texts)
        if isinstance(text, p.Field) and not text.of_event and text.path == self.program.shape.id:
            self.domains[found] &= ~cells.missing  # There is no lead without an id.
        return found, cells

    def choice(self, key: Any, names: Iterable[str | None]) -> tuple[int, Choice]:
        """The subject of something with a few values."""
        found = self._subject(key, lambda: Choice(tuple(names)))
        cells = self.cells[found]
        assert isinstance(cells, Choice)
        return found, cells

    def label(self, dimension: str) -> tuple[int, Choice]:
        """The subject of a dimension's label; None when there is no label."""
        return self.choice(("label", dimension), [*p.labels(self.program, dimension), None])

    def was(self, dimension: str) -> tuple[int, Choice]:
        """The subject of yesterday's label; None when that is none that anybody asks for."""
        names = dict.fromkeys(self._was.get(dimension, ()))
        return self.choice(("was", dimension), [*names, None])

    def lines(self, date: p.Field) -> Iterator[tuple[int, Line]]:
        """The subjects of a date: where it lies among moments whose order is known."""
        for line in lines(self._moments[date]):
            key = (date, line)
            yield self._subject(key, lambda line=line: line), line  # type: ignore[misc]  # a default binds the loop's value


def span_of(window: Window | None) -> int | None:
    """For `within 30d` how long that is, in nanoseconds; None for all other windows."""
    after = None if window is None else window.after
    if after is None or after.fixed is not None or after.months:
        return None
    return -after.span if window == Window(after, False, NOW, True) else None


def ends_of(window: Window | None) -> list[Moment]:
    """The moments at which a window begins and ends."""
    if window is None:
        return []
    return [end for end in (window.after, window.until) if end is not None]


# --- all conditions ----------------------------------------------------------------


def roots(program: p.Program) -> Iterator[p.Condition]:
    """All whole conditions of a program, those of events aside, in the order of judging."""
    for aside in (*program.exclusions, *program.freezes):
        yield aside.condition
    for block in program.blocks:
        if block.when is not None:
            yield block.when
        for item in block.items:
            yield from _of_item(item)
        yield from _of_limits(block.limits)
    yield from _of_limits(program.total)
    for checklist in program.checklists:
        for _, condition in checklist.items:
            yield condition
    for dimension in program.dimensions:
        if isinstance(dimension, p.Dimension):
            for rule in dimension.rules:
                if rule.condition is not None:
                    yield rule.condition
            if dimension.falls is not None and dimension.falls.until is not None:
                yield dimension.falls.until


def _of_item(item: p.Item) -> Iterator[p.Condition]:
    if isinstance(item, p.PointsRule):
        pays = item.pays
        if isinstance(pays, p.Once):
            yield pays.condition
            if not isinstance(item.points, int):
                yield p.Known(item.points)
        else:
            # As a question it is whether there are such events.
            yield p.Compare(">=", p.Count(pays.events), p.Constant(1.0))
            if pays.when is not None:
                yield pays.when
        yield from _of_limits(item.limits)
        return
    for inner in item.items:
        yield from _of_item(inner)
    if isinstance(item, p.Group):
        yield from _of_limits(item.limits)


def _of_limits(limits: Iterable[p.Limit]) -> Iterator[p.Condition]:
    for limit in limits:
        if limit.when is not None:
            yield limit.when


def below(condition: p.Condition) -> Iterator[p.Condition]:
    """A condition and all that stand in it, also in the filters of its events."""
    yield condition
    match condition:
        case p.All(items) | p.Any_(items):
            for item in items:
                yield from below(item)
        case p.Not(item):
            yield from below(item)
        case _:
            for events in events_of(condition):
                for kind in events.kinds:
                    if kind.where is not None:
                        yield from below(kind.where)


def events_of(condition: p.Condition) -> Iterator[p.Events]:
    """All events that a condition without parts asks for."""
    match condition:
        case p.Compare(_, left, right):
            yield from _in_number(left)
            yield from _in_number(right)
        case p.InSpans(number):
            yield from _in_number(number)
        case p.Known(value) if not isinstance(value, p.Domain):
            yield from _in_number(value)
        case p.NoneSince(events):
            yield events
        case p.NoneAfter(events, marker) | p.Followed(events, marker):
            yield events
            yield marker
        case _:
            return


def _in_number(number: p.Number) -> Iterator[p.Events]:
    match number:
        case p.Count(events) | p.Aggregate(_, _, events) | p.Distinct(_, events):
            yield events
        case p.Since(_, _, events):
            yield events
        case p.Arithmetic(_, left, right):
            yield from _in_number(left)
            yield from _in_number(right)
        case p.Function(_, arguments):
            for argument in arguments:
                yield from _in_number(argument)
        case _:
            return
