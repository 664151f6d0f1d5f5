"""What the rules declare: definitions, lists, signals, score blocks, checklists, dimensions.

All of them share one set of names: a name is declared once. The order of a dimension may
stand beside the block that gives its labels.
"""

from __future__ import annotations

from collections.abc import Mapping

from leadrules.meaning.load import Placed, Read, Report, read_beside
from leadrules.model.diagnostic import Diagnostic, Note
from leadrules.model.frozen import Frozen
from leadrules.model.source import Source, Span
from leadrules.model.syntax import (
    Checklist,
    ClassifyBlock,
    Combine,
    Define,
    DefineNumber,
    DimensionOrder,
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
from leadrules.model.verdict import KEYS

SCORE = "score"
# In lists that are read from files: in one, and in all together.
_MOST_LINES = 100_000
_MOST_VALUES = 500_000
# Names that mean something without being declared. What is written into a result has the
# name of its dimension as its key, so the keys that are there anyway are taken.
_TAKEN = {
    SCORE: "the lead's whole score",
    "stage": "a built-in dimension",
    "temperature": "a built-in dimension",
    "previous": "yesterday's result",
    **dict.fromkeys((key for key in KEYS if key != SCORE), "a key of the results"),
    "quarantined": "what cases call a bad record",
}
_ORDERS_BUILT_IN = ("stage", "temperature")

Declaration = (
    Define
    | DefineNumber
    | ListDefinition
    | Signal
    | ScoreBlock
    | Checklist
    | ClassifyBlock
    | DimensionOrder
    | Combine
)


class Declared(Frozen):
    """A declaration and the file it stands in."""

    node: Declaration
    source: Source

    @property
    def kind(self) -> str:
        """What it is, as a person calls it."""
        return _KINDS[type(self.node)]


_KINDS: dict[type, str] = {
    Define: "a definition",
    DefineNumber: "a defined number",
    ListDefinition: "a list",
    Signal: "a signal",
    ScoreBlock: "a score block",
    Checklist: "a checklist",
    ClassifyBlock: "a classification",
    DimensionOrder: "a dimension",
    Combine: "a combination of labels",
}


class Declarations(Frozen):
    """All that is declared, by name; the orders of dimensions, by theirs; and how the
    score is made, when the rules say so."""

    named: Mapping[str, Declared]
    orders: Mapping[str, Placed]
    formula: Placed | None


class Settings(Frozen):
    """What a ruleset says once: its title, its time zone, its schema."""

    title: str | None
    zone: Placed | None
    schema: Placed | None


def declarations(placed: list[Placed], report: Report) -> Declarations:
    """Everything declared, by name; a second declaration of a name is reported and left out."""
    found: dict[str, Declared] = {}
    orders: dict[str, Placed] = {}
    formula: Placed | None = None
    for item in placed:
        node = item.statement
        if not isinstance(node, Declaration):
            continue
        name = written(node.name)
        if isinstance(node, DefineNumber) and name == SCORE:
            if formula is not None:
                _twice(node.name, item.source, formula.source, formula.statement.span, report)
            formula = formula or item
        elif _is_taken(node, name, item.source, report):
            continue
        elif isinstance(node, DimensionOrder):
            earlier = orders.setdefault(name, item)
            if earlier is not item:
                _twice(node.name, item.source, earlier.source, earlier.statement.span, report)
        elif name in found:
            first = found[name]
            _twice(node.name, item.source, first.source, first.node.name.span, report, first.kind)
        else:
            found[name] = Declared(node, item.source)
            if isinstance(node, Checklist) and not node.items:
                _no_items(node, item.source, report)
    for name, item in list(orders.items()):
        assert isinstance(item.statement, DimensionOrder)
        declared = found.setdefault(name, Declared(item.statement, item.source))
        if not isinstance(declared.node, ClassifyBlock | DimensionOrder):
            at, kind = declared.node.name.span, declared.kind
            _twice(item.statement.name, item.source, declared.source, at, report, kind)
            del orders[name]
    return Declarations(found, orders, formula)


def _no_items(node: Checklist, source: Source, report: Report) -> None:
    """Reports a checklist that is empty; in one with mistakes, items may have been meant."""
    if not report.has_error(source, node.span):
        message = f"the checklist `{written(node.name)}` has no items"
        help = "`budget: budget >= 5000`, for instance"
        report.error("LR135", source, node.name.span, message, help)


def _is_taken(node: Declaration, name: str, source: Source, report: Report) -> bool:
    """Whether a name belongs to the language, which is then reported."""
    taken = _TAKEN.get(name)
    if isinstance(node, ScoreBlock) and name == "total":
        taken = "the sum of all score blocks"
    if taken is None:
        return False
    message, help = f"`{name}` is {taken}; it cannot be declared", "choose another name"
    if isinstance(node, DimensionOrder) and name in _ORDERS_BUILT_IN:
        message = f"the labels of `{name}` have their order already"
        help = f"`dimension {name} never falls` is all that can be said of it"
    report.error("LR106", source, node.name.span, message, help)
    return True


def _twice(
    name: Name, source: Source, earlier: Source, at: Span, report: Report, kind: str = "declared"
) -> None:
    help = f"it is {kind} already; choose another name"
    if kind == "declared":
        help = "keep one of the two"
    message = f"`{written(name)}` is declared twice"
    note = Note(earlier, at, "declared here")
    report.diagnostics.append(
        Diagnostic("LR105", "error", message, source, name.span, help, (note,))
    )


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
    room = _MOST_VALUES
    for name, item in declared.items():
        node = item.node
        if not isinstance(node, ListDefinition):
            continue
        if isinstance(node.value, Items):
            lists[name] = node.value
            if not node.value.items and not report.has_error(item.source, node.span):
                message = f"the list `{name}` is empty"
                help = "put at least one value between the brackets"
                report.error("LR117", item.source, node.value.span, message, help)
            continue
        texts = _from_file(node.value, item.source, min(room, _MOST_LINES), read, report)
        room -= len(texts)
        lists[name] = Items(texts, node.value.span)
    return lists


def _from_file(
    path: Text, source: Source, most: int, read: Read, report: Report
) -> tuple[Text, ...]:
    """The values in a file; none, reported, when there are none, or more than `most`."""
    found = read_beside(source, path.value, path.span, read, report)
    if found is None:
        return ()
    lines = (line.strip() for line in found[1].splitlines())
    values = [line for line in lines if line and line[0] != "#"]
    if len(values) > most:
        message = f'"{path.value}" has {len(values):_} values, which are too many'
        help = (
            f"a file has at most {_MOST_LINES:_}, all files together {_MOST_VALUES:_}; "
            "better let the leads have a yes-or-no field"
        )
        report.error("LR151", source, path.span, message, help)
        return ()
    if not values:
        message = f'"{path.value}" has no lines, so the list is empty'
        report.error("LR117", source, path.span, message)
    return tuple(Text(value, False, path.span) for value in values)


def written(name: Name) -> str:
    """A name as it is looked up: its parts joined by dots."""
    return ".".join(name.parts)
