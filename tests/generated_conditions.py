"""Conditions of generated rules: comparisons, events, labels, checklists, yesterday."""

from __future__ import annotations

from tests.generated_schema import Place
from tests.generated_terms import Labelled, Scope, Terms, is_in
from tests.pools import ADDRESSES, COMPANY_NUMBERS, PATTERNS, TOTALS


class Conditions(Terms):
    """Writes conditions."""

    def condition(self, scope: Scope, depth: int) -> str:
        """A condition; it may end in a filter without parentheses."""
        pen = self.pen
        if depth == 0 or pen.chance(80 if self.simple else 40):
            return self.naked(scope) if pen.chance(12) else self.unit(scope, depth)
        return self.chain(scope, depth)

    def chain(self, scope: Scope, depth: int, joined: tuple[str, ...] = ("and", "or")) -> str:
        """Two conditions or more, joined."""
        pen = self.pen
        word = pen.pick(joined)
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

    def unit(self, scope: Scope, depth: int, denied: bool = False) -> str:
        """A condition that can be joined to others; `denied` behind `not`."""
        pen = self.pen
        form = pen.number(11)
        if form == 11 and depth:
            return f"({self.condition(scope, depth - 1)})"
        if form == 10:
            return f"not {self.unit(scope, depth and depth - 1, denied=True)}"
        if form == 9:
            bare = self.yes_or_no(scope)
            if bare is not None:
                return bare
        if form == 8:
            dated = self.dated(scope)
            if dated is not None:
                return dated
        if form == 7:
            known = self.known_before(scope)
            if known:
                return known
        if scope == "event" or form < 3:
            return self.fact(scope)
        return self.about_events(denied)

    def naked(self, scope: Scope) -> str:
        """A condition that ends in a filter without parentheses."""
        if scope == "event":
            return self.fact(scope)
        self.beyond = True
        pen = self.pen
        form = pen.number(7)
        if form == 0:
            return self.naked_events()
        if form == 1:
            return f"not {self.naked_events()}"
        if form == 2:
            return f"{self.how_many()} {self.naked_events()}"
        if form == 3 and not self.timeless:
            return f"no {self.naked_kind()} for {self.duration()}"
        if form == 4 and not self.timeless:
            since = pen.pick(("since", "since last"))
            return f"no {self.sort()} for {self.exact_duration()} {since} {self.naked_kind()}"
        within = f" within {self.exact_duration()}" if pen.chance(50) else ""
        if form == 5 and within and not self.timeless:
            return f"{self.events()} not followed by {self.naked_kind()}{within}"
        return f"{self.events()} followed by {self.naked_kind()}{within}"

    def about_events(self, denied: bool = False) -> str:
        self.beyond = True
        pen = self.pen
        form = pen.number(9)
        if form < 2:
            return self.events()
        if form < 4:
            return f"{self.how_many()} {self.events()}"
        if form == 4:
            followed = self.followed()
            return f"({followed})" if denied else followed
        if form > 7 or self.timeless:
            return f"no {self.events()}"
        if form == 5:
            return f"no {self.sort()} for {self.duration()}"
        if form == 6:
            return f"no {self.kind()} {self.duration()}"
        since = f"since {self.sort()}"
        if pen.chance(20):
            return f"no {self.kind()} {self.exact_duration()} {since}"
        if pen.chance(60):
            return f"no {self.sort()} for {self.exact_duration()} {since}"
        name = pen.pick(self.world.types)[1]
        return f"no_{name} {self.duration()}" if name.isidentifier() else f"no {name}"

    def followed(self) -> str:
        """One event behind another."""
        pen = self.pen
        if pen.chance(40) and not self.timeless:
            within = f"within {self.exact_duration()}"
            return f"{self.events()} not followed by {self.sort()} {within}"
        within = f" within {self.exact_duration()}" if pen.chance(70) else ""
        return f"{self.events()} followed by {self.sort()}{within}"

    def how_many(self) -> str:
        pen = self.pen
        number = str(pen.number(4))
        return pen.pick((f"at least {number}", f"at most {number}", f"exactly {number}", "no"))

    def yes_or_no(self, scope: Scope) -> str | None:
        """A bare name that is true or false by itself."""
        pen = self.pen
        place, name = self.place(scope, ("boolean",))
        allowed = [named for named in self.definitions if is_in(scope, named.least)]
        if allowed and (place is None or pen.chance(50)):
            found = pen.pick(allowed)
            self.beyond |= found.least != "event"
            return found.name
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
        if self.pen.chance(25) and not self.timeless:
            return f"{name} within next {self.duration(ahead=True)}"
        return f"{name} {self.window()}"

    # --- what is known before ------------------------------------------------------

    def known_before(self, scope: Scope) -> str:
        """Of a label, a checklist, or yesterday's label; "" when nothing of it is known."""
        pen = self.pen
        found = []
        if self.asking and scope == "label":
            found.append(self.about_label(pen.pick(self.asking)))
        if self.checklists and is_in(scope, "lead"):
            name = pen.pick(tuple(self.checklists))
            item = pen.pick(self.checklists[name])
            found.append(pen.pick((f"{name} complete", f"{name}.{item}")))
        if self.yesterday and scope != "event":
            self.beyond = True
            found.append(f"was {self.label_text(pen.pick(self.yesterday))}")
        return pen.pick(found) if found else ""

    def about_label(self, dimension: Labelled) -> str:
        pen = self.pen
        name = dimension.name
        form = pen.number(5)
        if form == 0:
            return f"{name} {pen.pick(('known', 'missing', 'is known', 'is missing'))}"
        if form < 3 and dimension.order:
            operator = pen.pick(("<", "<=", ">", ">="))
            return f"{name} {operator} {self.label_text(pen.pick(dimension.order))}"
        if form < 4:
            some = [self.label_text(label) for label in pen.some(dimension.labels, 2)]
            return f"{name} {pen.pick(('in', 'not in'))} [{', '.join(some)}]"
        return f"{name} {pen.pick(('=', '!='))} {self.label_text(pen.pick(dimension.labels))}"

    # --- comparisons ---------------------------------------------------------------

    def fact(self, scope: Scope) -> str:
        """A comparison or a state: what may also stand behind `where`."""
        pen = self.pen
        if scope == "label" and self.asking and pen.chance(30):
            return self.about_label(pen.pick(self.asking))
        if is_in(scope, "total") and pen.chance(60):
            return self.about_number(scope)
        places = self.places(scope)
        if not places or pen.chance(15):
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
            return f"{self.number(scope)} {pen.pick(states[:4])}"
        return f"{name} {pen.pick(states)}"

    def about_number(self, scope: Scope) -> str:
        pen = self.pen
        left = self.number(scope)
        if left.startswith(("days since", "hours since")):
            if pen.chance(20):
                return f"{left} in {self.age(left)}.."
            return f"{left} {self.order()} {self.age(left)}"
        if left.startswith("sum of") and pen.chance(60):
            return f"{left} {self.order()} {pen.pick(TOTALS)}"
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
            return f"{left} {self.holding(place)}"
        if form == 5:
            word = pen.pick(("starts with", "ends with"))
            return f"{left} {word}{exactly} {self.part_for(place)}"
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
        return f"{self.spelled(place, scope)} {self.holding(None, whole=True)}"

    def about_date(self, scope: Scope, place: Place) -> str:
        pen = self.pen
        name = self.spelled(place, scope)
        if pen.chance(20):
            items = [self.moment() for _ in range(1 + pen.number(2))]
            return f"{name} {pen.pick(('in', 'not in'))} [{', '.join(items)}]"
        if pen.chance(25):
            return f"{name} {self.order()} {self.right(('date',)) or self.moment()}"
        return f"{name} {self.order()} {self.moment()}"

    def part_for(self, place: Place | None) -> str:
        """A part of a text; of a place with a list of values, one of them as a whole."""
        return self.text_for(place) if place and place.values else self.spell(self.part())

    def holding(self, place: Place | None, whole: bool = False) -> str:
        """`contains` and what follows."""
        pen = self.pen
        exactly = " exactly" if pen.chance(25) else ""
        text = self.spell(self.whole_text()) if whole else self.part_for(place)
        form = pen.number(3)
        if form < 2 or (place and place.values):
            return f"contains{exactly} {text}"
        word = pen.pick(("any", "all"))
        if self.text_lists and pen.chance(40):
            return f"contains {word} of{exactly} {pen.pick(self.text_lists)}"
        return f"contains {word} of{exactly} {self.texts()}"
