"""What judges a lead besides points in generated rules: labels, checklists, exclusions."""

from __future__ import annotations

from itertools import product

from tests.generated_points import Points
from tests.generated_terms import Labelled
from tests.pools import TEXTS

STAGES = ("contact", "lead", "MQL", "SAL", "SQL", "prospect", "customer", "disqualified")
TEMPERATURES = ("cold", "warm", "hot")
_STAGE = Labelled("stage", STAGES, STAGES[:-1])
_TEMPERATURE = Labelled("temperature", TEMPERATURES, TEMPERATURES)
_ORDERED = Labelled("maturity", ("seed", "sprout", "in bloom", "7", "dead"), ("seed", "sprout"))


class Judgements(Points):
    """Writes what gives labels, and what takes leads out of scoring."""

    def plan(self) -> None:
        """Chooses the dimensions, and in which order they ask for each other."""
        pen = self.pen
        found = []
        if pen.chance(55):
            found.append(_STAGE)
        if pen.chance(40):
            found.append(_TEMPERATURE)
        self.loose = {dimension.name for dimension in found}
        if pen.chance(25):
            found.append(_ORDERED)
            self.loose.add(_ORDERED.name)
        for name in pen.some(("grade", "sla", "`Größe 2`"), pen.number(2)):
            pool = ("A", "B", "1", "20", pen.pick(TEXTS), "Größe", "ok")
            labels = tuple(dict.fromkeys(pen.some(pool, 1 + pen.number(2))))
            order = tuple(pen.some(labels, len(labels))) if pen.chance(35) else ()
            found.append(Labelled(name, labels, order))
        self.dimensions = found
        self.combinations = self.combine()
        once = [label for part in (*found, *self.combinations) for label in part.labels]
        self.yesterday = tuple(label for label in once if once.count(label) == 1)
        self.sequence = pen.some(found, len(found))

    def combine(self) -> list[Labelled]:
        """Dimensions whose labels are joined; the second may join the first to another."""
        pen = self.pen
        found: list[Labelled] = []
        self.joined: dict[str, list[str]] = {}
        for name in ("tier", "`tier 2`")[: pen.number(2)]:
            parts = pen.some([*self.dimensions, *found], 2 + pen.number(1))
            if len(parts) < 2:
                continue
            labels = tuple(
                dict.fromkeys("".join(some) for some in product(*(x.labels for x in parts)))
            )
            self.joined[name] = [part.name for part in parts]
            found.append(Labelled(name, labels))
        return found

    def judgements(self) -> list[str]:
        """All that gives labels."""
        pen = self.pen
        made: list[list[str]] = []
        for number, dimension in enumerate(self.sequence):
            self.asking = tuple(self.sequence[:number])
            if number:
                self.asking += self.known_combinations(self.sequence[:number])
            made.append(self.dimension(dimension))
        self.asking = ()
        for name, parts in self.joined.items():
            made.append([f"combine {name} = {', '.join(parts)}"])
        return [text for texts in pen.some(made, len(made)) for text in texts]

    def known_combinations(self, before: list[Labelled]) -> tuple[Labelled, ...]:
        """The combinations of nothing but dimensions that are known."""
        names = {dimension.name for dimension in before}
        found = []
        for combination in self.combinations:
            if all(part in names for part in self.joined[combination.name]):
                names.add(combination.name)
                found.append(combination)
        return tuple(found)

    def dimension(self, dimension: Labelled) -> list[str]:
        """The statements of one dimension."""
        pen = self.pen
        is_loose = dimension.name in self.loose
        # Rules of a `unique` block that can be seen to hold at once are refused.
        unique = not is_loose and pen.chance(40)
        given = (
            [pen.pick(dimension.labels) for _ in range(1 + pen.number(2))]
            if is_loose
            else [*dimension.labels, *(pen.pick(dimension.labels) for _ in range(pen.number(1)))]
        )
        rules = [
            f"{self.chain('label', 2) if unique else self.condition('label', 2)} "
            f"{'→' if pen.chance(5) else '->'} {self.label_text(label)}{self.reason()}"
            for label in given
        ]
        if pen.chance(45):
            label = self.label_text(pen.pick(dimension.labels))
            rules.append(f"otherwise -> {label}{self.reason()}")
        statements = rules
        if not is_loose:
            head = f"classify {dimension.name}{' unique' if unique else ''}"
            statements = [self.framed(head, rules)]
        if dimension.order and dimension not in (_STAGE, _TEMPERATURE):
            order = " < ".join(map(self.label_text, dimension.order))
            outside = [self.label_text(x) for x in dimension.labels if x not in dimension.order]
            statements.append(f"dimension {dimension.name}: {', '.join([order, *outside])}")
        if dimension.order and pen.chance(25):
            until = f" until {self.condition('label', 1)}" if pen.chance(50) else ""
            statements.append(f"dimension {dimension.name} never falls{until}")
        return statements

    # --- checklists, exclusions, freezes -------------------------------------------

    def checklist(self, name: str) -> str:
        pen = self.pen
        items = tuple(pen.some(("budget", "need", "`time line`", "size"), 1 + pen.number(2)))
        texts = [f"{item}: {self.condition('plain', 2)}" for item in items]
        self.checklists[name] = items
        return self.framed(f"checklist {name}", texts)

    def exclusion(self) -> str:
        """Not of too many leads."""
        return f"exclude {self.chain('plain', 1, joined=('and',))}{self.reason()}"

    def freeze(self) -> str:
        return f"freeze {self.condition('plain', 1)}{self.reason()}"
