# ruff: noqa: RUF001  # letters that look like others are meant here
"""Well-typed rule text for a made-up world, with every construct of the language.

A small grammar with types: what may stand at a place is told by the kind of the field
there, and by whether the place belongs to the lead, to an event's filter, or to a label.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from leadrules.model.instant import (
    DAY,
    SECOND,
    Moment,
    find_zone,
    midnight,
    parse_instant,
)
from leadrules.text.words import NO_TEXT, RESERVED
from tests.generated_schema import Kind, Pen, Place, World
from tests.pools import (
    ADDRESSES,
    COMPANY_NUMBERS,
    DAYS,
    DURATIONS,
    MOMENTS,
    NUMBERS,
    TEXTS,
    json_text,
)

Scope = Literal["lead", "event", "label"]

STAGES = ("SQL", "MQL", "lead", "contact", "SAL", "prospect", "customer", "disqualified")
TEMPERATURES = ("hot", "warm", "cold")
PATTERNS = (
    "vp|head",
    "^sa+s$",
    "\\d+",
    "[^a-z]",
    "é",
    "\\bpricing\\b",
    ".",
    "a.b",
    "^.$",
    "\\p{Lu}",
    "(?i)ß|σ",
    "k",
    "(?-i:K)",
    '"',
    "\\\\",
    "\\/pricing\\?x",
    "it's",
    "(a|b)*c{2,3}",
    "\\x{130}|ı",
    "^\\s|\\s$",
    "two$",
    "(?m)two$",
    "[[:upper:]]",
    "%|_",
)


@dataclass
class Used:
    """What the rules ask for, so that leads can have just that."""

    texts: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    moments: list[int] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)


@dataclass(frozen=True)
class Rules:
    """A ruleset's text, the files it names, and what it asks for."""

    text: str
    files: dict[str, str]
    used: Used


def draw_rules(pen: Pen, world: World) -> Rules:
    """A ruleset for a world."""
    return _Writer(pen, world).rules()


class _Writer:
    def __init__(self, pen: Pen, world: World) -> None:
        self.pen = pen
        self.world = world
        self.zone = find_zone(world.zone or "UTC")
        self.used = Used(moments=[world.as_of])
        self.files: dict[str, str] = {}
        self.text_lists: list[str] = []
        self.number_lists: list[str] = []
        self.signals: list[str] = []
        # Definitions, and whether events are counted in them.
        self.definitions: list[tuple[str, bool]] = []
        self.blocks: list[str] = []
        self.counts_events = False

    # --- the whole -----------------------------------------------------------------

    def rules(self) -> Rules:
        pen = self.pen
        head = []
        if pen.chance(30):
            head.append(f"ruleset {self.quoted(pen.pick(TEXTS))}")
        if self.world.zone is not None:
            head.append(f'timezone "{self.world.zone}"')
        if self.world.schema is not None:
            head.append('use schema "lead.schema.json"')
            self.files["lead.schema.json"] = self.world.schema
        declared = self.slots(2, self.list_definition)
        declared += self.slots(2, self.signal)
        declared += self.slots(2, self.definition)
        scored = self.slots(3, self.points)
        for name in pen.some(("fit", "engagement", "`Score 2`"), pen.number(2)):
            scored.append(self.score_block(name))
        if not scored:
            scored.append(self.points())
        labels = self.slots(3, lambda: self.label(pen.pick(STAGES)))
        if labels and pen.chance(50):
            labels.append(f"otherwise -> {pen.pick(STAGES)}{self.reason()}")
        labels += self.slots(2, lambda: self.label(pen.pick(TEMPERATURES)))
        for name in pen.some(("grade", "sla", "`Größe 2`"), pen.number(2)):
            labels.append(self.classify_block(name))
        if declared and pen.chance(15):
            head.append('include "more.rules"')
            self.files["more.rules"] = "\n".join(declared) + "\n"
            declared = []
        parts = scored + labels + declared if pen.chance(20) else declared + scored + labels
        between = pen.pick(("\n", " ;\n", "   # said\n"))
        return Rules(between.join(head + parts) + "\n", self.files, self.used)

    def slots(self, most: int, make: Callable[[], str]) -> list[str]:
        """Up to so many of something, each there or not by a choice of its own."""
        return [make() for _ in range(most) if self.pen.chance(60)]

    def list_definition(self) -> str:
        pen = self.pen
        if pen.chance(35):
            name = f"numbers{len(self.number_lists)}"
            items = [self.number_item() for _ in range(1 + pen.number(3))]
            self.number_lists.append(name)
            return f"list {name} = [{', '.join(items)}]"
        name = f"texts{len(self.text_lists)}"
        self.text_lists.append(name)
        if pen.chance(30):
            lines = [t for t in (self.a_text() for _ in range(2)) if _is_line(t)] or ["gmail.com"]
            self.used.texts += lines
            self.files[f"{name}.txt"] = "# texts\n\n" + "\n".join(lines) + "\n"
            return f'list {name} = file "{name}.txt"'
        return f"list {name} = {self.texts()}"

    def signal(self) -> str:
        pen = self.pen
        sorts = [self.sort() for _ in range(1 + pen.number(2))]
        name = f"signal{len(self.signals)}"
        if len(sorts) == 1:
            text = self.naked_kind() if pen.chance(30) else sorts[0]
        else:
            text = f"any of [{', '.join(sorts)}]"
        self.signals.append(name)
        return f"signal {name} = {text}"

    def definition(self) -> str:
        self.counts_events = False
        condition = self.condition("lead", 2)
        name = f"defined{len(self.definitions)}"
        self.definitions.append((name, self.counts_events))
        return f"define {name} = {condition}"

    def score_block(self, name: str) -> str:
        pen = self.pen
        rules = [self.points() for _ in range(1 + pen.number(3))]
        limits = ""
        if pen.chance(60):
            low, high = sorted((self.amount(), self.amount()), key=float)
            limits = pen.pick((f" max {high}", f" min {low} max {high}", f" min {low}"))
        self.blocks.append(name)
        if pen.chance(20):
            return f"score {name}{limits} {{ {'; '.join(rules)} }}"
        return f"score {name}{limits} {{\n  " + "\n  ".join(rules) + "\n}"

    def classify_block(self, name: str) -> str:
        pen = self.pen
        labels = ("A", "B", "1", "20", self.quoted(pen.pick(TEXTS)), "Größe", "ok")
        rules = [self.label(pen.pick(labels)) for _ in range(1 + pen.number(2))]
        if pen.chance(50):
            rules.append(f"otherwise -> {pen.pick(labels)}{self.reason()}")
        return f"classify {name} {{\n  " + "\n  ".join(rules) + "\n}"

    # --- rules ---------------------------------------------------------------------

    def points(self) -> str:
        pen = self.pen
        is_each = pen.chance(40)
        if is_each:
            what = self.naked_events() if pen.chance(25) else self.events()
            when = f" when {self.condition('lead', 1)}" if pen.chance(30) else ""
            what = f"each {what}{when}"
        else:
            what = self.condition("lead", 2)
        amount = self.amount()
        limits = self.limits(float(amount), is_each) if pen.chance(30) else ""
        plus = "" if amount.startswith("-") else "+"
        return f"{what} {plus}{amount}{limits}{self.reason()}"

    def limits(self, points: float, is_each: bool) -> str:
        """Limits that can be reached."""
        value = self.amount()
        size = float(value)
        found = []
        if (is_each and points > 0) or size <= points:
            found.append(f" max {value}")
        if (is_each and points < 0) or size >= points:
            found.append(f" min {value}")
        return self.pen.pick(found)

    def amount(self) -> str:
        """Points: at most two decimals."""
        size = self.pen.pick(("10", "1", "40", "5", "2.5", "0.01", "0", "99.99", "1_000", "0.5"))
        return f"-{size}" if size != "0" and self.pen.chance(25) else size

    def reason(self) -> str:
        return f" {self.quoted(self.pen.pick(TEXTS))}" if self.pen.chance(25) else ""

    def label(self, label: str) -> str:
        arrow = "→" if self.pen.chance(5) else "->"
        return f"{self.condition('label', 2)} {arrow} {label}{self.reason()}"

    # --- conditions ----------------------------------------------------------------

    def condition(self, scope: Scope, depth: int) -> str:
        """A condition; it may end in a filter without parentheses."""
        pen = self.pen
        form = pen.number(9) if depth else 0
        if form < 4:
            return self.naked(scope) if pen.chance(12) else self.unit(scope, depth)
        word = pen.pick(("and", "or"))
        units = [self.unit(scope, depth - 1) for _ in range(2 + pen.number(1))]
        if word == "or":
            # A bare name behind a value looks like another value.
            units = [self.units_as_count(unit) for unit in units]
        if pen.chance(10):
            units.append(self.naked(scope))
        joint = f" {word}\n    " if pen.chance(10) else f" {word} "
        return joint.join(units)

    def units_as_count(self, unit: str) -> str:
        bare = unit.strip("() ")
        return f"at least 1 {bare}" if bare in {name for _, name in self.world.types} else unit

    def unit(self, scope: Scope, depth: int) -> str:
        pen = self.pen
        form = pen.number(9)
        if form == 9 and depth:
            return f"({self.condition(scope, depth - 1)})"
        if form == 8:
            return f"not {self.unit(scope, depth and depth - 1)}"
        if form == 7:
            bare = self.yes_or_no(scope)
            if bare is not None:
                return bare
        if form == 6:
            dated = self.dated(scope)
            if dated is not None:
                return dated
        if scope == "event" or form < 3:
            return self.fact(scope)
        return self.about_events()

    def naked(self, scope: Scope) -> str:
        if scope == "event":
            return self.fact(scope)
        self.counts_events = True
        pen = self.pen
        form = pen.number(4)
        if form == 0:
            return self.naked_events()
        if form == 1:
            return f"not {self.naked_events()}"
        if form == 2:
            return f"{self.how_many()} {self.naked_events()}"
        return f"no {self.naked_kind()} for {self.duration()}"

    def about_events(self) -> str:
        self.counts_events = True
        pen = self.pen
        form = pen.number(5)
        if form < 2:
            return self.events()
        if form == 2:
            return f"{self.how_many()} {self.events()}"
        if form == 3:
            return f"no {self.sort()} for {self.duration()}"
        if form == 4:
            return f"no {self.kind()} {self.duration()}"
        name = pen.pick(self.world.types)[1]
        return f"no_{name} {self.duration()}" if name.isidentifier() else f"no {name}"

    def how_many(self) -> str:
        pen = self.pen
        number = str(pen.number(4))
        return pen.pick((f"at least {number}", f"at most {number}", f"exactly {number}", "no"))

    def yes_or_no(self, scope: Scope) -> str | None:
        """A bare name that is true or false by itself."""
        pen = self.pen
        place, name = self.place(scope, ("boolean",))
        allowed = [n for n, counts in self.definitions if not (counts and scope == "event")]
        if allowed and (place is None or pen.chance(50)):
            found = pen.pick(allowed)
            self.counts_events |= dict(self.definitions)[found]
            return found
        if place is None:
            return None
        if place.typed or name.startswith("field ") or scope == "event":
            return name
        return f"field {name}"

    def dated(self, scope: Scope) -> str | None:
        """A date in a window."""
        place, name = self.place(scope, ("date",))
        if place is None:
            return None
        if not place.typed and scope != "event" and not name.startswith("field "):
            name = f"field {name}"
        if self.pen.chance(25):
            return f"{name} within next {self.duration(ahead=True)}"
        return f"{name} {self.window()}"

    # --- comparisons ---------------------------------------------------------------

    def fact(self, scope: Scope) -> str:
        """A comparison or a state: what may also stand behind `where`."""
        pen = self.pen
        if scope == "label" and pen.chance(60):
            return self.about_number(scope)
        places = self.places(scope)
        if not places or pen.chance(8):
            return self.about_number(scope)
        place = pen.pick(places)
        if pen.chance(15):
            return self.state(scope, place)
        match place.kind:
            case "number" | "whole":
                return self.about_number(scope)
            case "text":
                return self.about_text(scope)
            case "boolean":
                value = pen.pick(("true", "false"))
                return f"{self.spelled(place, scope)} {pen.pick(('=', '!='))} {value}"
            case "date":
                return self.about_date(scope, place)
            case "list" | "text or list":
                return self.about_list(scope, place)
            case "anything":
                return self.state(scope, place)

    def state(self, scope: Scope, place: Place) -> str:
        pen = self.pen
        name = self.spelled(place, scope)
        states = ("known", "missing", "is known", "is missing", "is empty", "is not empty")
        if place.kind == "text" and pen.chance(30):
            return f"{pen.pick(('domain', 'length'))}({name}) {pen.pick(states[:4])}"
        if place.kind == "number" and pen.chance(30):
            return f"{self.calculation(scope)} {pen.pick(states[:4])}"
        return f"{name} {pen.pick(states)}"

    def about_number(self, scope: Scope) -> str:
        pen = self.pen
        left = self.number(scope)
        form = pen.number(9)
        if form < 5:
            return f"{left} {self.order()} {self.signed()}"
        if form < 7:
            word = pen.pick(("in", "not in"))
            if self.number_lists and pen.chance(40):
                return f"{left} {word} {pen.pick(self.number_lists)}"
            items = [self.number_item() for _ in range(1 + pen.number(2))]
            if pen.chance(60):
                return f"{left} {word} {self.range()}"
            return f"{left} {word} [{', '.join(items)}]"
        if form == 7:
            return f"{left} {self.order()} {self.calculation(scope)}"
        return f"{left} {self.order()} {self.right(('number', 'whole')) or self.signed()}"

    def about_text(self, scope: Scope) -> str:
        pen = self.pen
        left, place = self.text(scope)
        form = pen.number(10)
        exactly = " exactly" if pen.chance(25) else ""
        if form < 2:
            return f"{left} {pen.pick(('=', '!=', '≠'))}{exactly} {self.text_for(place)}"
        if form < 4:
            word = pen.pick(("in", "not in"))
            if self.text_lists and pen.chance(50) and not (place and place.values):
                return f"{left} {word}{exactly} {pen.pick(self.text_lists)}"
            items = [self.text_for(place) for _ in range(1 + pen.number(2))]
            return f"{left} {word}{exactly} [{', '.join(items)}]"
        if form == 4:
            return f"{left} {self.holding()}"
        if form == 5:
            word = pen.pick(("starts with", "ends with"))
            return f"{left} {word}{exactly} {self.spell(self.part())}"
        if form == 6:
            pattern = self.pen.pick(("*", "a*", "*s", "*a*b*", "**", "%", "_*", "\\*"))
            if pen.chance(60):
                known = self.part()
                at = pen.number(len(known))
                pattern = f"{known[:at]}*{known[at + pen.number(1) :]}"
            return f"{left} like{exactly} {self.quoted(pattern)}"
        if form == 7:
            return f"{left} matches{exactly} /{pen.pick(PATTERNS)}/"
        if form == 8:
            check = pen.pick(("valid_email", "valid_siren", "valid_siret"))
            self.used.texts.append(
                pen.pick(ADDRESSES if check == "valid_email" else COMPANY_NUMBERS)
            )
            return f"{check}({left})"
        other, second = self.text(scope)
        if second is not None:
            other = self.right(("text",)) or f"domain({other})"
        return f"{left} {pen.pick(('=', '!='))}{exactly} {other}"

    def about_list(self, scope: Scope, place: Place) -> str:
        return f"{self.spelled(place, scope)} {self.holding(whole=True)}"

    def about_date(self, scope: Scope, place: Place) -> str:
        pen = self.pen
        name = self.spelled(place, scope)
        if pen.chance(20):
            items = [self.moment() for _ in range(1 + pen.number(2))]
            return f"{name} {pen.pick(('in', 'not in'))} [{', '.join(items)}]"
        if pen.chance(25):
            return f"{name} {self.order()} {self.right(('date',)) or self.moment()}"
        return f"{name} {self.order()} {self.moment()}"

    def holding(self, whole: bool = False) -> str:
        """`contains` and what follows."""
        pen = self.pen
        exactly = " exactly" if pen.chance(25) else ""
        text = self.spell(self.whole_text() if whole else self.part())
        form = pen.number(3)
        if form < 2:
            return f"contains{exactly} {text}"
        word = pen.pick(("any", "all"))
        if self.text_lists and pen.chance(40):
            return f"contains {word} of{exactly} {pen.pick(self.text_lists)}"
        return f"contains {word} of{exactly} {self.texts()}"

    # --- terms ---------------------------------------------------------------------

    def number(self, scope: Scope) -> str:
        """A number on the left of an operator."""
        pen = self.pen
        if scope == "label" and pen.chance(70):
            return pen.pick(("score", *self.blocks))
        form = pen.number(5)
        place, name = self.place(scope, ("number", "whole"))
        if place is not None and form < 3:
            return name
        if form == 3:
            return self.calculation(scope)
        text, _ = self.text(scope)
        if text and (form == 4 or scope == "event"):
            return f"length({text})"
        if scope == "event":
            return name or "(1 + 1)"
        self.counts_events = True
        return f"count of {self.events()}"

    def calculation(self, scope: Scope, depth: int = 2) -> str:
        pen = self.pen
        items = [self.operand(scope, depth)]
        for _ in range(1 + pen.number(1)):
            items += [pen.pick(("+", "-", "*", "/")), self.operand(scope, depth)]
        return f"({' '.join(items)})"

    def operand(self, scope: Scope, depth: int) -> str:
        pen = self.pen
        form = pen.number(7)
        if form < 2:
            return self.plain_number()
        if form == 2 and depth:
            return self.calculation(scope, depth - 1)
        if form == 3 and scope != "event":
            self.counts_events = True
            return f"count of {self.events()}"
        if form == 4:
            text, _ = self.text(scope)
            if text:
                return f"length({text})"
        if scope == "label" and pen.chance(60):
            return pen.pick(("score", *self.blocks))
        place, name = self.place(scope, ("number", "whole"))
        if place is None:
            return self.plain_number()
        return f"-{name}" if form == 5 else name

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
        if form == 4 or low == high:
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
        if place is not None and place.values:
            return self.spell(self.pen.pick(place.values))
        return self.spell(self.whole_text())

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

    # --- time ----------------------------------------------------------------------

    def duration(self, ahead: bool = False) -> str:
        text = self.pen.pick(DURATIONS)
        sign = 1 if ahead else -1
        found = re.fullmatch(r"(\d+) ?(min|h|d|w|mo|y|\w+?)s?", text)
        assert found is not None
        count, unit = int(found[1]), found[2]
        months = {"mo": 1, "month": 1, "y": 12, "year": 12}.get(unit)
        sizes = {"min": 60, "h": 3600, "hour": 3600, "w": 7 * 86_400}
        moment = (
            Moment(span=sign * count * sizes.get(unit, 86_400) * SECOND)
            if months is None
            else Moment(months=sign * count * months)
        )
        self.used.moments.append(moment.resolve(self.world.as_of, self.zone))
        return text

    def moment(self) -> str:
        """A day or an instant of the rules."""
        if self.pen.chance(40):
            text = self.pen.pick(MOMENTS)
            self.used.moments.append(parse_instant(text, self.zone))
            return text
        text = self.pen.pick(DAYS)
        day = date.fromisoformat(text)
        self.used.moments.append(midnight(day, self.zone))
        self.used.moments.append(midnight(day + timedelta(days=1), self.zone))
        self.used.moments.append(midnight(day, self.zone) + DAY // 2)
        return text

    def window(self) -> str:
        form = self.pen.number(6)
        if form < 2:
            return f"within {self.duration()}"
        if form == 2:
            return f"within last {self.duration()}"
        if form == 3:
            return f"older than {self.duration()}"
        if form == 4:
            return f"between {self.duration()} and {self.duration()} ago"
        return f"{'before' if form == 5 else 'after'} {self.moment()}"

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
        return f"{self.kind()} {self.filter()}" if self.pen.chance(30) else self.kind()

    def naked_kind(self) -> str:
        return f"{self.kind()} where {self.fact('event')}"

    def events(self) -> str:
        """Events with or without a filter in parentheses and a window."""
        pen = self.pen
        form = pen.number(6)
        if form == 0:
            return self.kind()
        if form == 1:
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


def _is_line(text: str) -> bool:
    return bool(text.strip()) and len(text.splitlines()) == 1 and text[0] != "#"
