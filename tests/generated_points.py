"""What gives points in generated rules: rules, bands, groups, choices, score blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leadrules.model.instant import DAY
from leadrules.model.letters import fold, normal
from tests.generated_conditions import Conditions
from tests.generated_schema import Place
from tests.generated_terms import Scope
from tests.pools import AMOUNTS, DAYS, EXACT_DURATIONS, HALF_LIVES, NUMBERS, WHOLE_DAYS


@dataclass(frozen=True)
class Reach:
    """Points that something surely can come to, None without end: between these a limit of
    it can act. It may be able to come to more."""

    low: float | None
    high: float | None

    @staticmethod
    def of(parts: Sequence[Reach]) -> Reach:
        """That of some things together, as any one of them reaches it."""
        lows = [part.low for part in parts]
        highs = [part.high for part in parts]
        return Reach(
            None if None in lows else min(low for low in lows if low is not None),
            None if None in highs else max(high for high in highs if high is not None),
        )


ANYTHING = Reach(None, None)


@dataclass(frozen=True)
class Limited:
    """Limits as they are written, and what can be reached within them."""

    text: str
    reach: Reach


class Points(Conditions):
    """Writes what gives points."""

    # --- blocks --------------------------------------------------------------------

    def score_block(self, name: str) -> str:
        pen = self.pen
        head = f"score {name}"
        if pen.chance(25):
            head += f" when {self.condition('lead', 1)}"
        tail = [self.limits(ANYTHING, "lead").text] if pen.chance(60) else []
        if pen.chance(35) and not self.timeless:
            tail.append(f" {self.decay()}")
        head += "".join(tail if pen.chance(50) else reversed(tail))
        items = [self.item(2)[0] for _ in range(1 + pen.number(2))]
        self.blocks.append(name)
        return self.framed(head, items)

    def framed(self, head: str, statements: Sequence[str]) -> str:
        """A block, on one line or on several."""
        one_line = self.pen.chance(30) and all("\n" not in text for text in statements)
        if one_line:
            return f"{head} {{ {'; '.join(statements)} }}"
        return f"{head} {{\n  " + "\n  ".join(statements) + "\n}"

    def item(self, depth: int) -> tuple[str, Reach]:
        """What may stand in a block, and outside any; and what it can come to."""
        pen = self.pen
        form = pen.number(19)
        if form < 3:
            return self.band()
        if not depth or form < 13:
            return self.points_rule()
        made = [self.item(depth - 1) for _ in range(1 + pen.number(2))]
        reach = Reach.of([part for _, part in made])
        statements = [text for text, _ in made]
        if form < 16:
            limited = self.limits(reach, "lead") if pen.chance(75) else Limited("", reach)
            return self.framed(f"group {self.quoted(self.title())}{limited.text}", statements), (
                limited.reach
            )
        return self.framed("first of" if form < 18 else "best of", statements), reach

    def title(self) -> str:
        return self.pen.pick(("content", "a b", "total", "fit", 'say "hi"', "Größe"))

    # --- rules ---------------------------------------------------------------------

    def points_rule(self) -> tuple[str, Reach]:
        pen = self.pen
        decay = ""
        most: int | None = None
        if pen.chance(45):
            is_each = True
            what, most = self.each()
            if pen.chance(30) and not self.timeless:
                decay = f" {self.decay()}"
        else:
            is_each = False
            what = self.condition("lead", 2)
            if pen.chance(25) and not self.timeless:
                # Its age is that of an event that it asks for, or of the one behind `since`.
                if pen.chance(50):
                    what = f"{self.events()} and {self.unit('lead', 1)}"
                    decay = f" {self.decay()}"
                else:
                    decay = f" {self.decay(since=True)}"
        points, reach = self.amount_of("event" if is_each else "lead")
        if is_each and reach is not ANYTHING:
            size = reach.high or 0.0
            furthest = None if most is None and size else size * (most or 1)
            reach = Reach(size, furthest) if size >= 0 else Reach(furthest, size)
        limited = self.limits(reach, "lead") if pen.chance(30) else Limited("", reach)
        tail = limited.text + decay if pen.chance(50) else decay + limited.text
        return f"{what} {points}{tail}{self.reason()}", limited.reach

    def each(self) -> tuple[str, int | None]:
        """`each` and what follows, and how many events it pays for at most."""
        pen = self.pen
        events = self.naked_events() if pen.chance(5 if self.simple else 20) else self.events()
        choosing, most = self.choosing() if pen.chance(50) else ("", None)
        when = f" when {self.condition('lead', 1)}" if pen.chance(30) else ""
        return f"each {events}{choosing}{when}", most

    def choosing(self) -> tuple[str, int | None]:
        """Which events count, by one way or several; and how many at most."""
        pen = self.pen
        found = []
        most: int | None = None
        for form in pen.some(range(6), 1 + pen.number(2)):
            if form == 0:
                most = 1 + pen.number(3)
                found.append(f" at most {most}")
            elif form == 1:
                found.append(f" spaced {self.exact_duration(EXACT_DURATIONS)}")
            elif form == 2:
                for place in pen.some(self.single_properties(), 1 + pen.number(1)):
                    self.used.places.append(place)
                    found.append(f" distinct {place.spelled}")
            else:
                period = ("day", "week", "month")[form - 3]
                self.use_calendar()
                found.append(f" at most {1 + pen.number(1)} per {period}")
        return "".join(found), most

    def amount(self) -> str:
        """Points: at most two decimals."""
        size = self.pen.pick(AMOUNTS)
        return f"-{size}" if size != "0" and self.pen.chance(25) else size

    def amount_of(self, scope: Scope) -> tuple[str, Reach]:
        """Points as they stand behind a condition, and what they come to."""
        pen = self.pen
        if pen.chance(25):
            return f"{pen.pick(('+', '+', '-'))}({self.expression(scope, 1)})", ANYTHING
        amount = self.amount()
        value = float(amount)
        return amount if value < 0 else f"+{amount}", Reach(value, value)

    def limits(self, reach: Reach, scope: Scope) -> Limited:
        """Limits that can act on what comes to so much, and what is left of it."""
        pen = self.pen
        texts = []
        always: dict[str, float] = {}
        low, high = reach.low, reach.high
        for kind in pen.some(("max", "min", "max", "min"), 1 + pen.number(2)):
            amount = self.amount()
            value = float(amount)
            end = reach.high if kind == "max" else reach.low
            if end is not None and (value > end if kind == "max" else value < end):
                continue
            crosses = (
                value < always.get("min", value)
                if kind == "max"
                else value > always.get("max", value)
            )
            if kind in always or crosses or pen.chance(30):
                texts.append(f" {kind} {amount} when {self.condition(scope, 1)}")
            else:
                texts.append(f" {kind} {amount}")
                always[kind] = value
            # A limit may act or not: what is reached surely is the less of both.
            if kind == "max":
                high = value if high is None else min(high, value)
            else:
                low = value if low is None else max(low, value)
        return Limited("".join(texts), Reach(low, high))

    # --- decay ---------------------------------------------------------------------

    def decay(self, since: bool = False) -> str:
        pen = self.pen
        form = pen.number(4)
        share = pen.pick(("25%", "50%", "10%", "0.1%", "100%", "33.3%"))
        if form == 0:
            text = f"half-life {self.exact_duration(HALF_LIVES)}"
        else:
            days = self.exact_duration(WHOLE_DAYS)
            if form == 1:
                text = f"fades over {days}"
            elif form == 2:
                text = f"decays {share} every {days}"
            elif form == 3:
                lost = pen.pick((share, "5", "0.01", "2.5", "100"))
                text = f"loses {lost} every {days}"
            else:
                text = f"expires after {days}"
        self.used.moments += [self.world.as_of - (1 + pen.number(40)) * DAY for _ in range(2)]
        if since or pen.chance(30):
            return f"{text} since last {self.sort()}"
        return text

    # --- bands ---------------------------------------------------------------------

    def band(self) -> tuple[str, Reach]:
        pen = self.pen
        kinds = ("text", "boolean", "date")
        places = [place for place in self.world.fields if place.kind in kinds]
        if places and pen.chance(45):
            place = pen.pick(places)
            subject = self.spelled(place, "lead")
            values = self.values_of(place)
        else:
            subject = self.number("lead")
            values = self.number_rows()
        # What is counted is never missing, and a defined number may be such a count.
        is_there = subject.startswith(("count", "distinct", "sum", "number", *self.checklists))
        if pen.chance(35) and not is_there:
            values.append("missing")
        values = pen.some(values, len(values))
        if pen.chance(45):
            values.append("otherwise")
            if "missing" in values and pen.chance(30):
                values.remove("missing")
                values.append("missing")
        made = [(value, *self.amount_of("lead")) for value in values]
        rows = [f"{value} {points}{self.reason()}" for value, points, _ in made]
        return self.framed(f"band {subject}", rows), Reach.of([reach for *_, reach in made])

    def values_of(self, place: Place) -> list[str]:
        """Values of a field that is no number, one a row; no row is held by those before."""
        pen = self.pen
        if place.kind == "boolean":
            return ["true", "false"][: 1 + pen.number(1)]
        if place.kind == "date":
            return [*pen.some(DAYS[:4], 1 + pen.number(1))]
        seen: set[str] = set()
        rows = []
        for _ in range(1 + pen.number(2)):
            texts = [self.text_of(place) for _ in range(1 + pen.number(1))]
            new = {fold(normal(text)) for text in texts}
            if new & seen:
                continue
            seen |= new
            spelled = [self.spell(text) for text in texts]
            rows.append(spelled[0] if len(texts) == 1 else f"[{', '.join(spelled)}]")
        return rows

    def number_rows(self) -> list[str]:
        """Ranges and numbers. Each row has a stretch that no other has."""
        pen = self.pen
        pool = NUMBERS if pen.chance(60) else ("0", "1", "2", "3", "4", "5", "7", "10", "30", "60")
        count = 1 + pen.number(2)
        ends = sorted(pen.some(pool, 3 * count), key=float)
        self.used.numbers += ends
        rows = []
        for number in range(count):
            # What lies between the second and the third end is in this row alone.
            low, _, high = ends[3 * number : 3 * number + 3]
            if number + 1 < count:
                high = pen.pick((high, ends[3 * number + 3], ends[3 * number + 4]))
            row = f"{low}..{'<' if pen.chance(40) else ''}{high}"
            if number == 0 and pen.chance(25):
                row = f"..{high}"
            elif number + 1 == count and pen.chance(40):
                row = f"{low}.."
            rows.append(f"[{row}, {pen.pick(ends)}]" if pen.chance(15) else row)
        if not rows[0].startswith(("..", "[..")) and pen.chance(35):
            rows.append(pen.pick(("-1", "-2.5")))
        return rows
