"""Checklists and labels in SQL: what a lead is called, and by which rule.

For each dimension the column `dN` holds the number of the rule that decides, from 1, or 0;
for a combination the numbers of its parts, one behind the other as in a number with as
many digits. `Numbering` tells what such a number means. `lN` is the label itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from leadrules.engines.sql_build import (
    FALSE,
    NULL,
    Gap,
    Sql,
    binary,
    both,
    call,
    case,
    cast,
    col,
    no,
    num,
    text,
    total,
)
from leadrules.engines.sql_conditions import Conditions, item_column, label_column
from leadrules.model import program as p
from leadrules.model.frozen import walk

Layer = list[tuple[str, Sql]]


@dataclass(frozen=True, slots=True)
class Numbering:
    """What the numbers of a dimension mean: the label for each from 1, or the numberings of
    the parts of a combination."""

    labels: tuple[str, ...] = ()
    parts: tuple[Numbering, ...] = ()

    @property
    def size(self) -> int:
        """How many numbers there are, 0 aside. The one behind the last is given to leads
        that are not counted."""
        size = len(self.labels) if not self.parts else 1
        for part in self.parts:
            size *= part.size
        return size

    @property
    def width(self) -> int:
        """How many bytes a number takes."""
        return 2 if self.size < 0xFFFF else 4 if self.size < 0xFFFF_FFFF else 8

    @property
    def type(self) -> str:
        """DuckDB's name for such a number."""
        return {2: "USMALLINT", 4: "UINTEGER", 8: "UBIGINT"}[self.width]

    def label(self, number: int) -> str | None:
        """The label that a number stands for."""
        if number == 0:
            return None
        if not self.parts:
            return self.labels[number - 1]
        rest = number - 1
        found = []
        for part in reversed(self.parts):
            rest, place = divmod(rest, part.size)
            found.append(part.label(place + 1) or "")
        return "".join(reversed(found))


def numberings(program: p.Program, previous: bool) -> tuple[Numbering, ...]:
    """The numbering of each dimension; with yesterday's results the labels that are kept
    stand behind those of the rules. Raises Gap for one with too many labels."""
    made: dict[str, Numbering] = {}
    named = {dimension.name: dimension for dimension in program.dimensions}

    def number(name: str) -> Numbering:
        if name not in made:
            dimension = named[name]
            if isinstance(dimension, p.Dimension):
                kept = dimension.order if previous and dimension.falls is not None else ()
                made[name] = Numbering((*(rule.label for rule in dimension.rules), *kept))
            else:
                made[name] = Numbering((), tuple(map(number, dimension.dimensions)))
        return made[name]

    found = tuple(number(dimension.name) for dimension in program.dimensions)
    if any(numbering.size >= (1 << 63) - 1 for numbering in found):
        raise Gap("a combination has more than 2 to the power of 63 labels")
    return found


class Labels:
    """Writes the checklists and the labels."""

    def __init__(self, program: p.Program, conditions: Conditions) -> None:
        self.program = program
        self.conditions = conditions
        self.yesterday = conditions.yesterday
        self.numberings = numberings(program, self.yesterday.given)

    def items(self) -> Layer:
        """The truth of each item of the checklists."""
        return [
            (item_column(number, place), self.conditions.judge(condition))
            for number, checklist in enumerate(self.program.checklists)
            for place, (_, condition) in enumerate(checklist.items)
        ]

    def layers(self) -> Iterator[Layer]:
        """The labels, each behind those that it asks for."""
        for step in self._steps():
            yield [column for number in step for column in self._truths(number)]
            yield [(f"new{number}", self._found(number)) for number in step if self._falls(number)]
            yield [(f"d{number}", self._decided(number)) for number in step]
            yield [(label_column(number), self._label(number)) for number in step]

    def _steps(self) -> Iterator[list[int]]:
        """The dimensions in their sequence, together where they do not ask for each other."""
        step: list[int] = []
        for number in self.program.sequence:
            asked = _asked(self.program.dimensions[number])
            if any(self.program.dimensions[other].name in asked for other in step):
                yield step
                step = []
            step.append(number)
        if step:
            yield step

    def _truths(self, number: int) -> Layer:
        """Which rules of a `unique` dimension are true."""
        dimension = self.program.dimensions[number]
        if isinstance(dimension, p.Combination) or not dimension.unique:
            return []
        return [
            (f"u{number}_{place}", self._truth(rule.condition))
            for place, rule in enumerate(dimension.rules, 1)
            if rule.condition is not None
        ]

    def truths(self, number: int) -> list[tuple[str, Sql]]:
        """The labels of the rules of a `unique` dimension, and whether each is true."""
        dimension = self.program.dimensions[number]
        if isinstance(dimension, p.Combination) or not dimension.unique:
            return []
        return [
            (rule.label, col(f"u{number}_{place}"))
            for place, rule in enumerate(dimension.rules, 1)
            if rule.condition is not None
        ]

    def in_conflict(self, number: int) -> Sql:
        """Whether several rules of a `unique` dimension are true."""
        true = [cast(truth, "INTEGER") for _, truth in self.truths(number)]
        return binary(">", total(true), num(1))

    def place(self, name: str) -> int:
        """The number of a dimension."""
        return [dimension.name for dimension in self.program.dimensions].index(name)

    def _truth(self, condition: p.Condition) -> Sql:
        return call("coalesce", self.conditions.judge(condition), FALSE)

    def _decided(self, number: int) -> Sql:
        """What a dimension has decided."""
        numbering = self.numberings[number]
        dimension = self.program.dimensions[number]
        if isinstance(dimension, p.Combination):
            return cast(self._combined(dimension, numbering), numbering.type)
        falls = self._falls(number)
        if falls is None:
            return cast(self._found(number), numbering.type)
        new = col(f"new{number}")
        places = {label: place for place, label in enumerate(dimension.order, 1)}
        ranks = [(binary("=", new, num(0)), num(0))] + [
            (binary("=", new, num(place)), num(places[rule.label]))
            for place, rule in enumerate(dimension.rules, 1)
            if rule.label in places
        ]
        earlier = self.yesterday.label(dimension.name)
        before = case(
            [(binary("=", earlier, text(label)), num(place)) for label, place in places.items()]
        )
        kept = binary("<", case(ranks), before)
        if falls.until is not None:
            kept = both(kept, no(self._truth(falls.until)))
        number_of = binary("+", before, num(len(dimension.rules)))
        return cast(case([(kept, number_of)], new), numbering.type)

    def _falls(self, number: int) -> p.NeverFalls | None:
        """What keeps a dimension from falling."""
        dimension = self.program.dimensions[number]
        if isinstance(dimension, p.Combination) or not self.yesterday.given:
            return None
        return dimension.falls

    def _found(self, number: int) -> Sql:
        """The number of the first rule that is true, from 1; 0 for none."""
        dimension = self.program.dimensions[number]
        assert isinstance(dimension, p.Dimension)
        branches = []
        default: Sql = num(0)
        for place, rule in enumerate(dimension.rules, 1):
            if rule.condition is None:
                default = num(place)
                break
            true = (
                col(f"u{number}_{place}")
                if dimension.unique
                else self.conditions.judge(rule.condition)
            )
            branches.append((true, num(place)))
        return case(branches, default) if branches else default

    def _combined(self, combination: p.Combination, numbering: Numbering) -> Sql:
        places = [self.place(name) for name in combination.dimensions]
        weight = 1
        terms: list[Sql] = [num(1)]
        for place, part in reversed(list(zip(places, numbering.parts, strict=True))):
            digit = binary("-", cast(col(f"d{place}"), "BIGINT"), num(1))
            terms.append(digit if weight == 1 else binary("*", digit, num(weight)))
            weight *= part.size
        every = both(*(binary("!=", col(f"d{place}"), num(0)) for place in places))
        return case([(every, total(terms))], num(0))

    def _label(self, number: int) -> Sql:
        dimension = self.program.dimensions[number]
        if isinstance(dimension, p.Combination):
            parts = [col(label_column(self.place(name))) for name in dimension.dimensions]
            joined = parts[0]
            for part in parts[1:]:
                joined = binary("||", joined, part)
            return joined
        labels: list[Sql] = [text(label) for label in self.numberings[number].labels]
        return chosen([cast(NULL, "VARCHAR"), *labels], f"d{number}")


def chosen(values: list[Sql], column: str) -> Sql:
    """The value whose number, from 0, stands in a column."""
    branches = [(binary("=", col(column), num(n)), value) for n, value in enumerate(values)]
    return case(branches[1:], values[0]) if len(branches) > 1 else values[0]


def _asked(dimension: p.Dimension | p.Combination) -> set[str]:
    """The dimensions that one asks for."""
    if isinstance(dimension, p.Combination):
        return set(dimension.dimensions)
    return {
        node.dimension
        for node in walk((dimension.rules, dimension.falls))
        if isinstance(node, p.HasLabel | p.LabelKnown)
    }
