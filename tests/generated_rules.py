"""Well-typed rule text for a made-up world, with every construct of the language.

A small grammar with types, in floors: terms, conditions, points, labels, and here the
whole. What is declared first can be used by what comes later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.generated_labels import Judgements
from tests.generated_points import ANYTHING
from tests.generated_schema import Pen, World
from tests.generated_terms import Named, Scope, Used
from tests.pools import TEXTS


@dataclass(frozen=True)
class Rules:
    """A ruleset's text, the files it names, what it asks for, and the names of its score
    blocks and of its dimensions with their labels."""

    text: str
    files: dict[str, str]
    used: Used
    blocks: tuple[str, ...]
    labels: dict[str, tuple[str, ...]]


def draw_rules(pen: Pen, world: World, timeless: bool = False) -> Rules:
    """A ruleset for a world; when `timeless`, one that does not care what time it is."""
    return _Writer(pen, world, timeless).rules()


class _Writer(Judgements):
    def rules(self) -> Rules:
        """All of it."""
        pen = self.pen
        self.files: dict[str, str] = {}
        head = []
        if pen.chance(30):
            head.append(f"ruleset {self.quoted(pen.pick(TEXTS))}")
        if self.world.zone is not None:
            head.append(f'timezone "{self.world.zone}"')
        if self.world.schema is not None:
            head.append('use schema "lead.schema.json"')
            self.files["lead.schema.json"] = self.world.schema
        self.plan()
        declared = self.slots(2, self.list_definition)
        declared += self.slots(2, self.signal)
        declared += self.slots(1, lambda: self.definition("plain"))
        declared += self.slots(1, lambda: self.number_definition("plain"))
        for name in pen.some(("BANT", "`Check 2`"), pen.number(1)):
            declared.append(self.checklist(name))
        declared += self.slots(1, lambda: self.definition("lead"))
        scored = self.scored(declared)
        declared += self.slots(1, lambda: self.definition("label"))
        scored += self.judgements()
        if pen.chance(15):
            scored.append(self.exclusion())
        if pen.chance(12):
            scored.append(self.freeze())
        if declared and pen.chance(15):
            head.append('include "more.rules"')
            self.files["more.rules"] = "\n".join(declared) + "\n"
            declared = []
        parts = scored + declared if pen.chance(20) else declared + scored
        between = pen.pick(("\n", " ;\n", "   # said\n"))
        blocks = tuple(name.strip("`") for name in self.blocks)
        labels = {x.name.strip("`"): x.labels for x in (*self.dimensions, *self.combinations)}
        text = between.join(head + parts) + "\n"
        return Rules(text, self.files, self.used, blocks, labels)

    def scored(self, declared: list[str]) -> list[str]:
        """What gives points, in and outside blocks, and how the score is made of it."""
        pen = self.pen
        names = pen.some(("fit", "engagement", "`Score 2`"), pen.number(2))
        has_formula = bool(names) and pen.chance(25)
        made = [] if has_formula else self.slots(2, lambda: self.item(2)[0])
        made += [self.score_block(name) for name in names]
        if not made:
            made.append(self.item(2)[0])
        if has_formula:
            if pen.chance(40):
                declared.append(f"define mix = ({self.mixture()})")
                self.numbers.append(Named("mix", "total"))
                formula = f"{self.mixture()} + mix"
            else:
                formula = self.mixture()
            made.append(f"define score = ({formula})")
        if pen.chance(30):
            limits = self.limits(ANYTHING, "total").text
            if limits:
                made.append(f"total{limits}")
        return pen.some(made, len(made))

    def mixture(self) -> str:
        """A calculation with the score blocks, as the score may be made."""
        pen = self.pen
        parts = [
            pen.pick(self.blocks),
            f"{pen.pick(('0.6', '0.35', '2', '1'))} * {pen.pick(self.blocks)}",
        ]
        parts.append(f"{pen.pick(self.blocks)} / {pen.pick(('3', '-8', '0.5'))}")
        parts.append(
            f"max({pen.pick(self.blocks)}, {pen.pick(('10', '-0.5', pen.pick(self.blocks)))})"
        )
        parts.append(f"{pen.pick(('round', 'floor', 'ceil', 'abs'))}({pen.pick(self.blocks)})")
        chosen = pen.some(parts, 2 + pen.number(1))
        return pen.pick((" + ", " - ", " * " if len(chosen) == 2 else " + ")).join(chosen)

    def slots(self, most: int, make: Callable[[], str]) -> list[str]:
        """Up to so many of something, each there or not by a choice of its own."""
        return [make() for _ in range(most) if self.pen.chance(60)]

    # --- what is declared ----------------------------------------------------------

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

    def definition(self, scope: Scope) -> str:
        self.beyond = False
        condition = self.condition(scope, 2)
        name = f"defined{len(self.definitions)}"
        self.definitions.append(Named(name, self.least(scope)))
        return f"define {name} = {condition}"

    def number_definition(self, scope: Scope) -> str:
        self.beyond = False
        number = self.calculation(scope) if self.pen.chance(80) else f"({self.plain_number()})"
        name = f"number{len(self.numbers)}"
        self.numbers.append(Named(name, self.least(scope)))
        return f"define {name} = {number}"

    def least(self, scope: Scope) -> Scope:
        """The first scope for what has just been written."""
        return "event" if scope == "plain" and not self.beyond else scope


def _is_line(text: str) -> bool:
    return bool(text.strip()) and len(text.splitlines()) == 1 and text[0] != "#"
