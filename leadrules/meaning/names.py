"""What the rules declare: definitions, lists, signals, score blocks, dimensions.

All of them share one set of names: a name is declared once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leadrules.meaning.load import Placed, Read, Report, read_beside
from leadrules.model.diagnostic import Diagnostic, Note
from leadrules.model.source import Source
from leadrules.model.syntax import (
    ClassifyBlock,
    Define,
    Items,
    ListDefinition,
    Name,
    ScoreBlock,
    Signal,
    Text,
    Timezone,
    Title,
    UseSchema,
)

STAGES = ("contact", "lead", "MQL", "SAL", "SQL", "prospect", "customer", "disqualified")
TEMPERATURES = ("cold", "warm", "hot")
BUILT_IN = {
    **dict.fromkeys(STAGES, "stage"),
    **dict.fromkeys(TEMPERATURES, "temperature"),
}
# Names that mean something without being declared.
_TAKEN = {
    "score": "the lead's whole score",
    "stage": "a built-in dimension",
    "temperature": "a built-in dimension",
    "id": "a key of the results",
    "scores": "a key of the results",
    "reasons": "a key of the results",
    "checklists": "a key of the results",
    "fired": "a key of the results",
}

Declaration = Define | ListDefinition | Signal | ScoreBlock | ClassifyBlock


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration and the file it stands in."""

    node: Declaration
    source: Source

    @property
    def kind(self) -> str:
        """What it is, as a person calls it."""
        return {
            Define: "a definition",
            ListDefinition: "a list",
            Signal: "a signal",
            ScoreBlock: "a score block",
            ClassifyBlock: "a classification",
        }[type(self.node)]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a ruleset says once: its title, its time zone, its schema."""

    title: str | None
    zone: Placed | None
    schema: Placed | None


def declarations(placed: list[Placed], report: Report) -> dict[str, Declared]:
    """Everything declared, by name; a second declaration of a name is reported and left out."""
    found: dict[str, Declared] = {}
    for item in placed:
        node = item.statement
        if not isinstance(node, Declaration):
            continue
        name = written(node.name)
        taken = _TAKEN.get(name)
        earlier = found.get(name)
        if taken is not None:
            message = f"`{name}` is {taken}; it cannot be declared"
            report.error("LR106", item.source, node.name.span, message, "choose another name")
        elif earlier is not None:
            note = Note(earlier.source, earlier.node.name.span, "declared here")
            report.diagnostics.append(
                Diagnostic(
                    "LR105",
                    "error",
                    f"`{name}` is declared twice",
                    item.source,
                    node.name.span,
                    f"it is {earlier.kind} already; choose another name",
                    (note,),
                )
            )
        else:
            found[name] = Declared(node, item.source)
    return found


def settings(placed: list[Placed], report: Report) -> Settings:
    """The settings of a ruleset; one given twice is reported."""
    found: dict[type, Placed] = {}
    for item in placed:
        kind = type(item.statement)
        if kind in (Title, Timezone, UseSchema):
            if kind in found:
                word = {Title: "ruleset", Timezone: "timezone", UseSchema: "use schema"}[kind]
                report.error(
                    "LR107",
                    item.source,
                    item.statement.span,
                    f"`{word}` is given twice",
                    "keep one of the two",
                )
            else:
                found[kind] = item
    title = found.get(Title)
    return Settings(
        title.statement.title.value if title and isinstance(title.statement, Title) else None,
        found.get(Timezone),
        found.get(UseSchema),
    )


def listed(declared: Mapping[str, Declared], read: Read, report: Report) -> dict[str, Items]:
    """The items of every list; those of a file are one text a line, `#` begins a comment."""
    lists: dict[str, Items] = {}
    for name, item in declared.items():
        node = item.node
        if not isinstance(node, ListDefinition):
            continue
        if isinstance(node.value, Items):
            lists[name] = node.value
            if not node.value.items:
                message = f"the list `{name}` is empty"
                help = "put at least one value between the brackets"
                report.error("LR117", item.source, node.value.span, message, help)
            continue
        found = read_beside(item.source, node.value.value, node.value.span, read, report)
        texts: tuple[Text, ...] = ()
        if found is not None:
            lines = (line.strip() for line in found[1].splitlines())
            span = node.value.span
            texts = tuple(Text(line, False, span) for line in lines if line and line[0] != "#")
            if not texts:
                message = f'"{node.value.value}" has no lines, so the list is empty'
                report.error("LR117", item.source, span, message)
        lists[name] = Items(texts, node.value.span)
    return lists


def written(name: Name) -> str:
    """A name as it is looked up: its parts joined by dots."""
    return ".".join(name.parts)
