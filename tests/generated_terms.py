# letters that look like others are meant here
"""What generated rules speak of: values, times, fields, events, and numbers made of these.

What may stand at a place is told by the kind of the field there, and by the scope of the
place: how much is known when it is judged.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from leadrules.model.instant import (
    DAY,
    SECOND,
    Moment,
    find_zone,
    local_day,
    midnight,
    parse_instant,
)
from leadrules.text.words import NO_TEXT, RESERVED
from tests.generated_schema import Kind, Pen, Place, World
from tests.pools import (
    ADDRESSES,
    AGES,
    DAYS,
    DURATIONS,
    EXACT_DURATIONS,
    MOMENTS,
    NUMBERS,
    TEXTS,
    json_text,
)

# From what an event's filter sees, over what exclusions and checklists see, points with
# their checklists, and limits of the total, which see the score blocks, to what labels see.
Scope = Literal["event", "plain", "lead", "total", "label"]
SCOPES: tuple[Scope, ...] = ("event", "plain", "lead", "total", "label")
_UNITS = {"min": 60, "h": 3600, "hour": 3600, "d": 86_400, "day": 86_400, "w": 7 * 86_400}


@dataclass
class Used:
    """What the rules ask for, so that leads can have just that.

    `spans` are lengths of time, in nanoseconds, that lie between two events.
    """

    texts: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    moments: list[int] = field(default_factory=list)
    spans: list[int] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)


@dataclass(frozen=True)
class Named:
    """Something that has been defined, and the first scope that it can be used in."""

    name: str
    least: Scope


@dataclass(frozen=True)
class Labelled:
    """A dimension: its name as rules write it, its labels, and those that have an order."""

    name: str
    labels: tuple[str, ...]
    order: tuple[str, ...] = ()


def is_in(scope: Scope, least: Scope) -> bool:
    """Whether what needs one scope can be used in another."""
    return SCOPES.index(scope) >= SCOPES.index(least)


class Terms:
    """Writes terms. `timeless`: nothing that depends on the instant of judging."""

    def __init__(self, pen: Pen, world: World, timeless: bool = False) -> None:
        self.pen = pen
        self.world = world
        self.timeless = timeless
        # Where events have few filters and windows, more of them are counted and paid for.
        self.simple = pen.chance(40)
        self.zone = find_zone(world.zone or "UTC")
        self.used = Used(moments=[world.as_of])
        self.text_lists: list[str] = []
        self.number_lists: list[str] = []
        self.signals: list[str] = []
        self.definitions: list[Named] = []
        self.numbers: list[Named] = []
        self.blocks: list[str] = []
        self.checklists: dict[str, tuple[str, ...]] = {}
        # What may be asked of labels: of yesterday's, and of those that are given before.
        self.yesterday: tuple[str, ...] = ()
        self.asking: tuple[Labelled, ...] = ()
        # Whether something has been written that the filter of an event cannot ask for.
        self.beyond = False

    def fact(self, scope: Scope) -> str:
        """A comparison or a state; the class of conditions knows them."""
        raise NotImplementedError

    def condition(self, scope: Scope, depth: int) -> str:
        """A condition, likewise."""
        raise NotImplementedError

    # --- numbers -------------------------------------------------------------------

    def number(self, scope: Scope) -> str:
        """A number on the left of an operator."""
        pen = self.pen
        if is_in(scope, "total") and pen.chance(60):
            score = self.score(scope)
            if score:
                return score
        form = pen.number(11)
        place, name = self.place(scope, ("number", "whole"))
        if place is not None and form < 4:
            return name
        if form == 4:
            return self.calculation(scope)
        if form == 5:
            return self.function(scope, 1)
        if form == 6:
            found = self.declared_number(scope)
            if found:
                return found
        text, _ = self.text(scope)
        if text and (form == 7 or scope == "event"):
            return f"length({text})"
        if scope == "event":
            return name or "(1 + 1)"
        return self.tally()

    def score(self, scope: Scope) -> str:
        """A score that is known in a scope; "" for none."""
        known = ("score", *self.blocks) if scope == "label" else tuple(self.blocks)
        return self.pen.pick(known) if known else ""

    def declared_number(self, scope: Scope) -> str:
        """A number with a name of its own that is no score of today; "" for none."""
        pen = self.pen
        if scope != "event" and pen.chance(20):
            self.beyond = True
            return pen.pick(("previous.score", *(f"previous.{name}" for name in self.blocks)))
        found = [named for named in self.numbers if is_in(scope, named.least)]
        if is_in(scope, "lead"):
            found += [Named(name, "lead") for name in self.checklists]
        if not found:
            return ""
        chosen = pen.pick(found)
        self.beyond |= chosen.least != "event"
        return chosen.name

    def tally(self) -> str:
        """A number made of events."""
        self.beyond = True
        pen = self.pen
        form = pen.number(9)
        numbers = [place for place in self.world.properties if place.kind in ("number", "whole")]
        if form in (4, 5, 6) and numbers:
            place = pen.pick(numbers)
            self.used.places.append(place)
            kind = pen.pick(("sum", "min", "max", "average"))
            return f"{kind} of {place.spelled} in {self.events()}"
        single = self.single_properties()
        if form == 7 and single:
            place = pen.pick(single)
            self.used.places.append(place)
            return f"distinct {place.spelled} in {self.events()}"
        if form > 7 and not self.timeless:
            unit, which = pen.pick(("days", "hours")), pen.pick(("first", "last", "last"))
            return f"{unit} since {which} {self.events()}"
        return f"count of {self.events()}"

    def single_properties(self) -> list[Place]:
        """Properties of events that hold one value."""
        kinds = ("number", "whole", "text", "boolean", "date")
        return [place for place in self.world.properties if place.kind in kinds]

    def calculation(self, scope: Scope, depth: int = 2) -> str:
        return f"({self.work(scope, depth)})"

    def work(self, scope: Scope, depth: int) -> str:
        """A calculation without its parentheses."""
        pen = self.pen
        items = [self.operand(scope, depth)]
        for _ in range(1 + pen.number(1)):
            items += [pen.pick(("+", "-", "*", "/")), self.operand(scope, depth)]
        return " ".join(items)

    def function(self, scope: Scope, depth: int) -> str:
        pen = self.pen
        name = pen.pick(("min", "max", "floor", "ceil", "round", "abs"))
        several = 2 + pen.number(1) if name in ("min", "max") else 1
        return f"{name}({', '.join(self.expression(scope, depth) for _ in range(several))})"

    def expression(self, scope: Scope, depth: int) -> str:
        """What may stand alone between the parentheses of points or of a function."""
        if self.pen.chance(50):
            return self.work(scope, depth)
        return self.operand(scope, depth)

    def operand(self, scope: Scope, depth: int) -> str:
        pen = self.pen
        form = pen.number(9)
        if form < 2:
            return self.plain_number()
        if form == 2 and depth:
            return self.calculation(scope, depth - 1)
        if form == 3 and scope != "event":
            return self.tally()
        if form == 4:
            text, _ = self.text(scope)
            if text:
                return f"length({text})"
        if form == 5 and depth:
            return self.function(scope, depth - 1)
        if form == 6:
            found = self.declared_number(scope)
            if found:
                return found
        if is_in(scope, "total") and pen.chance(60):
            score = self.score(scope)
            if score:
                return score
        place, name = self.place(scope, ("number", "whole"))
        if place is None:
            return self.plain_number()
        return f"-{name}" if form == 7 else name

    def text(self, scope: Scope) -> tuple[str, Place | None]:
        """A text on the left of an operator, and the field if it is one; "" for none."""
        pen = self.pen
        place, name = self.place(scope, ("text",))
        if place is None:
            return "", None
        if pen.chance(25):
            self.used.texts.append(pen.pick(ADDRESSES))
            return (f"domain(domain({name}))" if pen.chance(10) else f"domain({name})"), None
        return name, place

    # --- values --------------------------------------------------------------------

    def order(self) -> str:
        return self.pen.pick(("=", ">=", "<", "<=", ">", "!=", "≥", "≤", "≠"))

    def plain_number(self) -> str:
        number = self.pen.pick(NUMBERS)
        self.used.numbers.append(number)
        return number

    def signed(self) -> str:
        number = self.plain_number()
        return f"-{number}" if self.pen.chance(15) else number

    def age(self, left: str) -> str:
        """A number that days or hours since an event are compared with."""
        number = self.pen.pick(AGES)
        unit = DAY if left.startswith("days") else DAY // 24
        self.used.moments.append(self.world.as_of - int(float(number) * unit))
        return number

    def number_item(self) -> str:
        return self.range() if self.pen.chance(30) else self.signed()

    def range(self) -> str:
        pen = self.pen
        low, high = sorted((self.signed(), self.signed()), key=float)
        form = pen.number(4)
        if form == 2:
            return f"{low}.."
        if form == 3:
            return f"..{high}"
        if form == 4 or float(low) == float(high):
            return f"..<{high}"
        return f"{low}..{'<' if form else ''}{high}"

    def a_text(self) -> str:
        pen = self.pen
        if pen.chance(20):
            return pen.pick(("gmail.com", "example.co.uk", "x.org", *ADDRESSES[:5]))
        if pen.chance(5):
            return "a" + pen.text()
        return pen.pick(TEXTS)

    def whole_text(self) -> str:
        text = self.a_text()
        self.used.texts.append(text)
        return text

    def text_for(self, place: Place | None) -> str:
        """A text that a field is compared with as a whole."""
        return self.spell(self.text_of(place))

    def text_of(self, place: Place | None) -> str:
        """The same, not yet as it is written."""
        if place is not None and place.values:
            return self.pen.pick(place.values)
        return self.whole_text()

    def part(self) -> str:
        """A text that is looked for in another."""
        text = self.whole_text()
        if self.pen.chance(40):
            at = self.pen.number(len(text) - 1)
            text = text[at : at + 1 + self.pen.number(2)]
        return text

    def texts(self) -> str:
        items = [self.spell(self.whole_text()) for _ in range(1 + self.pen.number(2))]
        return f"[{', '.join(items)}]"

    def spell(self, text: str) -> str:
        """A text as it may stand behind an operator."""
        word = re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*([.-][A-Za-z0-9_]+)*", text)
        reserved = text in RESERVED or text in NO_TEXT or text == "any"
        if word and not reserved and self.pen.chance(60):
            return text
        return self.quoted(text)

    def quoted(self, text: str) -> str:
        if "'" not in text and "\\" not in text and text.isprintable() and self.pen.chance(10):
            return f"'{text}'"
        return json_text(text, self.pen.pick((0, 0, 0, 1)))

    def label_text(self, label: str) -> str:
        """A label as it may stand behind an arrow, an operator or `was`."""
        return label if label.isdecimal() and self.pen.chance(70) else self.spell(label)

    def reason(self) -> str:
        return f" {self.quoted(self.pen.pick(TEXTS))}" if self.pen.chance(25) else ""

    # --- time ----------------------------------------------------------------------

    def duration(self, ahead: bool = False) -> str:
        """A length of time before or after the instant of judging."""
        text = self.pen.pick(DURATIONS)
        sign = 1 if ahead else -1
        found = re.fullmatch(r"(\d+) ?(min|h|d|w|mo|y|\w+?)s?", text)
        assert found is not None
        count, unit = int(found[1]), found[2]
        months = {"mo": 1, "month": 1, "y": 12, "year": 12}.get(unit)
        moment = (
            Moment(span=sign * count * _UNITS[unit] * SECOND)
            if months is None
            else Moment(months=sign * count * months)
        )
        self.used.moments.append(moment.resolve(self.world.as_of, self.zone))
        return text

    def exact_duration(self, choices: Sequence[str] = EXACT_DURATIONS) -> str:
        """A length of time between two events, or in steps before the instant of judging."""
        text = self.pen.pick(choices)
        found = re.fullmatch(r"(\d+) ?(min|h|d|w|\w+?)s?", text)
        assert found is not None
        span = int(found[1]) * _UNITS[found[2]] * SECOND
        self.used.spans.append(span)
        self.used.moments += [self.world.as_of - number * span for number in (1, 2, 3)]
        return text

    def moment(self) -> str:
        """A day or an instant of the rules."""
        if self.pen.chance(40):
            text = self.pen.pick(MOMENTS)
            self.used.moments.append(parse_instant(text, self.zone))
            return text
        text = self.pen.pick(DAYS)
        day = date.fromisoformat(text)
        self.use_midnights(day)
        self.used.moments.append(midnight(day, self.zone) + DAY // 2)
        return text

    def use_midnights(self, day: date) -> None:
        """Lets events lie where a day begins and ends in the ruleset's zone."""
        self.used.moments.append(midnight(day, self.zone))
        self.used.moments.append(midnight(day + timedelta(days=1), self.zone))

    def use_calendar(self) -> None:
        """Lets events lie where the days, weeks and months before `as_of` begin."""
        today = date.fromordinal(
            local_day(self.world.as_of, self.zone) + date(1970, 1, 1).toordinal()
        )
        monday = today - timedelta(days=today.weekday())
        for day in (today - timedelta(days=self.pen.number(3)), monday, today.replace(day=1)):
            self.use_midnights(day - timedelta(days=1))

    def window(self) -> str:
        form = self.pen.number(6)
        if form > 4 or self.timeless:
            return f"{self.pen.pick(('before', 'after'))} {self.moment()}"
        if form < 2:
            return f"within {self.duration()}"
        if form == 2:
            return f"within last {self.duration()}"
        if form == 3:
            return f"older than {self.duration()}"
        return f"between {self.duration()} and {self.duration()} ago"

    # --- events --------------------------------------------------------------------

    def kind(self) -> str:
        pen = self.pen
        if self.signals and pen.chance(25):
            return pen.pick(self.signals)
        if pen.chance(12):
            return pen.pick(("any event", "event", "events"))
        return pen.pick(self.world.types)[1]

    def filter(self) -> str:
        return f"where ({self.condition('event', 1)})"

    def sort(self) -> str:
        """Events with or without a filter in parentheses."""
        has_filter = self.pen.chance(5 if self.simple else 30)
        return f"{self.kind()} {self.filter()}" if has_filter else self.kind()

    def naked_kind(self) -> str:
        return f"{self.kind()} where {self.fact('event')}"

    def events(self) -> str:
        """Events with or without a filter in parentheses and a window."""
        pen = self.pen
        form = 0 if self.simple and pen.chance(60) else pen.number(6)
        if form == 0:
            return self.kind()
        if form == 1 and not self.timeless:
            return f"{self.kind()} {self.duration()}"
        if form == 2:
            return f"{self.kind()} {self.window()} {self.filter()}"
        if form == 3:
            return f"{self.kind()} {self.filter()} {self.window()}"
        return f"{self.kind()} {self.window()}"

    def naked_events(self) -> str:
        pen = self.pen
        form = pen.number(2)
        if form == 0:
            return self.naked_kind()
        if form == 1:
            return f"{self.naked_kind()} {self.window()}"
        return f"{self.kind()} {self.window()} where {self.fact('event')}"

    # --- fields --------------------------------------------------------------------

    def places(self, scope: Scope) -> tuple[Place, ...]:
        """What a place of this scope can speak of: in a filter, more of the event."""
        if scope != "event":
            return self.world.fields
        return self.world.properties * 3 + self.world.fields

    def place(self, scope: Scope, kinds: tuple[Kind, ...]) -> tuple[Place | None, str]:
        """A field or property of some kinds, and how it is written on the left."""
        found = [place for place in self.places(scope) if place.kind in kinds]
        if not found:
            return None, ""
        place = self.pen.pick(found)
        return place, self.spelled(place, scope)

    def spelled(self, place: Place, scope: Scope) -> str:
        self.used.places.append(place)
        if scope == "event":
            return place.spelled if place.of_event else f"field {place.spelled}"
        explicit = place.spelled == "score" or self.pen.chance(15)
        return f"field {place.spelled}" if explicit else place.spelled

    def right(self, kinds: tuple[Kind, ...]) -> str:
        """A field as it stands on the right of an operator; "" when there is none."""
        found = [place for place in self.world.fields if place.kind in kinds]
        return f"field {self.pen.pick(found).spelled}" if found else ""
