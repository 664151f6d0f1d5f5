"""What is so in every lead, whatever the rules say: how subjects hang together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from leadrules.logic.cells import Numbers
from leadrules.logic.conditions import Conditions
from leadrules.logic.formula import Among, AtMost, Every, Formula, every, some, subjects
from leadrules.logic.moments import inside, part_of
from leadrules.logic.space import UNITS, Space, span_of
from leadrules.logic.texts import holds_in
from leadrules.model import program as p
from leadrules.model.letters import fold, normal

# Longer ones are taken as if nothing were known of their inside.
MOST_RULES = 16
MOST_ITEMS = 4
_MOST_TEXTS = 60
# The topic of all subjects.
_ALL = ("all",)


class Facts:
    """The facts about the subjects of a space."""

    def __init__(self, space: Space, conditions: Conditions) -> None:
        self.space = space
        self.conditions = conditions
        self._known: dict[frozenset[int], tuple[list[Formula], list[AtMost]]] = {}
        self._own: dict[int, Formula] = {}
        # Subjects by what they are about, and how many of them have been sorted.
        self._alike: dict[object, list[int]] = {}
        self._sorted = 0
        self._pairs: dict[int, dict[int, tuple[Formula | None, AtMost | None]]] = {}

    def about(self, chosen: Iterable[int]) -> tuple[list[Formula], list[AtMost]]:
        """The facts about some subjects, and about those that they hang together with."""
        key = frozenset(chosen)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._about(key)
        return found

    def _about(self, chosen: frozenset[int]) -> tuple[list[Formula], list[AtMost]]:
        seen: dict[int, None] = dict.fromkeys(sorted(chosen))
        formulas: list[Formula] = []
        at_most: list[AtMost] = []
        waiting = list(seen)
        while waiting:
            found = self._about_one(waiting.pop())
            if found == Every(()):
                continue
            formulas.append(found)
            for other in sorted(subjects(found)):
                if other not in seen:
                    seen[other] = None
                    waiting.append(other)
        for one in sorted(seen):
            for other, (formula, order) in self._beside(one).items():
                if other in seen:
                    formulas += [] if formula is None else [formula]
                    at_most += [] if order is None else [order]
        return formulas, _shortest(at_most)

    def _about_one(self, subject: int) -> Formula:
        found = self._own.get(subject)
        if found is None:
            found = self._own[subject] = every(self._of_one(subject))
        return found

    def _of_one(self, subject: int) -> Iterator[Formula]:
        match self.space.keys[subject]:
            case p.Met(name):
                yield from self._checklist(name, subject)
            case ("label", name):
                yield from self._labels(name)
            case p.NoneAfter(events) as condition:
                answer, choice = self.space.choice(condition, ())
                happened = self.conditions.true(p.Compare(">=", p.Count(events), p.Constant(1.0)))
                yield some([Among(answer, choice.among(["yes", None])), happened])
            case p.Has(p.Field(_, "list" | "text or list") as field) as condition:
                filled, choice = self.space.choice(field, ("filled", "empty", None))
                no = self.conditions.opposite(self._yes(condition))
                yield some([no, Among(filled, choice.among(["filled"]))])
            case p.Has(text) | p.Matches(text) | p.Valid(text) as condition:
                yield from self._named(condition, text)
            case ("text", p.Domain(text) as domain):
                yield from self._derived(text, domain)
            case _:
                return

    def _yes(self, condition: p.Condition) -> Among:
        subject, choice = self.space.choice(condition, ("yes", "no"))
        return Among(subject, choice.among(["yes"]))

    # --- checklists and labels -----------------------------------------------------

    def _checklist(self, name: str, subject: int) -> Iterator[Formula]:
        """As many items are true as the number says."""
        true = [self.conditions.true(item) for _, item in self.space.checklists[name].items]
        cells = self.space.cells[subject]
        assert isinstance(cells, Numbers)
        most = len(true)
        for number in range(1, most + 1):
            if most > MOST_ITEMS and 1 < number < most:
                continue
            # Of so many items one is true, or there are fewer than `number`.
            fewer = Among(subject, cells.where(lambda value, number=number: value < number))  # type: ignore[misc]  # a default binds the loop's value
            for group in combinations(true, most - number + 1):
                yield some([fewer, *group])
            enough = self.conditions.opposite(fewer)
            for group in combinations(true, number):
                yield some([enough, *(self.conditions.opposite(item) for item in group)])

    def _labels(self, name: str) -> Iterator[Formula]:
        """The label is that of the first rule that is true."""
        dimension = self.space.dimensions[name]
        subject, choice = self.space.label(name)
        if isinstance(dimension, p.Combination) or len(dimension.rules) > MOST_RULES:
            return
        kept = [] if dimension.falls is None else list(dimension.order)
        before: list[Formula] = []
        for rule in dimension.rules:
            true = Every(()) if rule.condition is None else self.conditions.true(rule.condition)
            label = Among(subject, choice.among([rule.label, *kept]))
            yield some([label, self.conditions.opposite(true), *before])
            before.append(true)
        yield some([Among(subject, choice.among([None, *kept])), *before])

    # --- texts ---------------------------------------------------------------------

    def _named(self, condition: p.Has | p.Matches | p.Valid, text: p.Text) -> Iterator[Formula]:
        """Of texts that the rules name it is known what is in them."""
        if isinstance(text, p.Field) and text.type != "text":
            return
        subject, cells = self.space.text(text)
        holding = failing = 0
        for place, (folded, written) in enumerate(cells.named[:_MOST_TEXTS]):
            truth = holds_in(condition, folded, written)
            if truth is not None:
                holding |= truth << place
                failing |= (not truth) << place
        yes = self._yes(condition)
        if holding:
            yield some([self._outside(subject, holding), yes])
        if failing:
            yield some([self._outside(subject, failing), self.conditions.opposite(yes)])

    def _outside(self, subject: int, cells: int) -> Among:
        return Among(subject, self.space.domains[subject] & ~cells)

    def _derived(self, text: p.Text, domain: p.Domain) -> Iterator[Formula]:
        """The domain of an address that the rules name."""
        subject, cells = self.space.text(text)
        own, ends = self.space.text(domain)
        for place, (folded, _) in enumerate(cells.named[:_MOST_TEXTS]):
            end = normal(folded.rpartition("@")[2]) if "@" in folded else ""
            fits = (ends.among([end], False) or ends.others) if end else ends.missing
            yield some([self._outside(subject, 1 << place), Among(own, fits)])

    # --- two subjects --------------------------------------------------------------

    def _beside(self, subject: int) -> dict[int, tuple[Formula | None, AtMost | None]]:
        """The facts about a subject and each of those that were made before it."""
        found = self._pairs.get(subject)
        if found is None:
            for number in range(self._sorted, subject + 1):
                for topic in _topics(self.space.keys[number]) | {_ALL}:
                    self._alike.setdefault(topic, []).append(number)
            self._sorted = max(self._sorted, subject + 1)
            topics = _topics(self.space.keys[subject])
            # Those about any event have to do with those about every type.
            topics = {_ALL} if None in topics else topics | ({None} if topics else set())
            about = {n for topic in topics for n in self._alike.get(topic, ())}
            pairs = {n: self._of_two(n, subject) for n in sorted(about) if n < subject}
            found = {n: pair for n, pair in pairs.items() if pair != (None, None)}
            self._pairs[subject] = found
        return found

    def _of_two(self, one: int, other: int) -> tuple[Formula | None, AtMost | None]:
        first, second = self.space.keys[one], self.space.keys[other]
        match first, second:
            case (p.Count() | p.Distinct(), p.Count() | p.Distinct()):
                if _fewer(first, second):
                    return None, (one, other)
                return None, (other, one) if _fewer(second, first) else None
            case (p.Since(), p.Count()):
                return self._since(one, first, other, second), None
            case (p.Count(), p.Since()):
                return self._since(other, second, one, first), None
            case (p.Has(), p.Has()):
                return self._parts(first, second), None
            case _:
                return None, None

    def _since(self, at: int, since: p.Since, counted: int, count: p.Count) -> Formula | None:
        """`days since last E < 30` and `E within 30d` are the same, but for a rounding."""
        span = span_of(count.events.window)
        if since.which != "last" or span is None or since.events.kinds != count.events.kinds:
            return None
        if since.events.window is not None and not inside(count.events.window, since.events.window):
            return None
        ages, numbers = self.space.cells[at], self.space.cells[counted]
        assert isinstance(ages, Numbers)
        assert isinstance(numbers, Numbers)
        length = span / UNITS[since.unit]
        none = Among(counted, numbers.where(lambda value: value < 1))
        happened = self.conditions.known(since)
        later = Among(at, ages.where(lambda value: value >= length))
        sooner = Among(at, ages.where(lambda value: value <= length))
        return every(
            [
                some([none, sooner]),
                some([self.conditions.opposite(none), later, self.conditions.opposite(happened)]),
            ]
        )

    def _parts(self, one: p.Has, other: p.Has) -> Formula | None:
        """Two parts that are looked for in the same text."""
        if one.text != other.text or (isinstance(one.text, p.Field) and one.text.type != "text"):
            return None
        yes, also = self._yes(one), self._yes(other)
        no, neither = self.conditions.opposite(yes), self.conditions.opposite(also)
        if _entails(one, other):
            return some([no, also])
        if _entails(other, one):
            return some([neither, yes])
        return some([no, neither]) if _exclude(one, other) else None


def _topics(key: object) -> set[object]:
    """What a subject is about, None for events of any type: two that have none in common have
    nothing to do with each other."""
    match key:
        case p.Count(events) | p.Distinct(_, events) | p.Since(_, _, events):
            return {kind.type for kind in events.kinds}
        case p.Has(text):
            return {text}
        case _:
            return set()


def _shortest(at_most: list[AtMost]) -> list[AtMost]:
    """An order without what follows from the rest of it."""
    above: dict[int, set[int]] = {}
    under: dict[int, set[int]] = {}
    for small, large in at_most:
        above.setdefault(small, set()).add(large)
        under.setdefault(large, set()).add(small)
    return [(small, large) for small, large in at_most if not above[small] & under[large]]


def _fewer(one: p.Count | p.Distinct, other: p.Count | p.Distinct) -> bool:
    """Whether the one number is never above the other."""
    if isinstance(other, p.Distinct) and not (
        isinstance(one, p.Distinct) and one.property == other.property
    ):
        return False
    return part_of(one.events, other.events)


def _entails(one: p.Has, other: p.Has) -> bool:
    """Whether a text that has the one surely has the other."""
    if "like" in (one.how, other.how) or (other.exactly and not one.exactly):
        return False
    (have,), (want,) = one.values, other.values
    if one.exactly and not other.exactly:
        have = fold(have)
    match one.how, other.how:
        case ("starts", "starts"):
            return have.startswith(want)
        case ("ends", "ends"):
            return have.endswith(want)
        case (_, "contains"):
            return want in have
        case _:
            return False


def _exclude(one: p.Has, other: p.Has) -> bool:
    """Whether no text has both; the one does not have the other in itself."""
    if one.exactly != other.exactly or one.how != other.how or one.how not in ("starts", "ends"):
        return False
    (first,), (second,) = one.values, other.values
    if one.how == "starts":
        return not first.startswith(second) and not second.startswith(first)
    return not first.endswith(second) and not second.endswith(first)
