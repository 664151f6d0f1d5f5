"""What lowering looks things up in, and how it reports: names, fields, the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NoReturn
from zoneinfo import ZoneInfo

from leadrules.meaning.dimensions import Dimension
from leadrules.meaning.json_schema import Schema, SchemaField
from leadrules.meaning.load import Report, respelled
from leadrules.meaning.mentions import Mentions
from leadrules.meaning.names import Declared, written
from leadrules.meaning.places import Places
from leadrules.model import program as p
from leadrules.model import syntax as s
from leadrules.model.diagnostic import Fix
from leadrules.model.frozen import Frozen
from leadrules.model.letters import fold, normal
from leadrules.model.nearest import nearest
from leadrules.model.source import Source, Span

# A field or a property of an event: whether it is the latter, and its path.
Key = tuple[bool, tuple[str, ...]]


class Use(Frozen):
    """One use of a field that no schema types, and the type that this use needs.

    A `mild` one goes with any type, and settles it where no other use does.
    """

    key: Key
    type: p.Type
    source: Source
    span: Span
    mild: bool = False


class Tie(Frozen):
    """Two fields of no known type that are compared with each other; `ordered` when the
    operator asks for an order."""

    left: Key
    right: Key
    ordered: bool


# What is not in the lead's record: it comes from the points, the labels, yesterday.
Asked = p.Score | p.Met | p.HasLabel | p.LabelKnown | p.PreviousScore | p.Was


@dataclass(slots=True)
class Notes:
    """What lowering writes down on the way: findings, and what the rules ask for."""

    report: Report = field(default_factory=Report)
    uses: list[Use] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)
    fields: dict[p.Field, None] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    bare_texts: list[tuple[s.Text, Source]] = field(default_factory=list)
    # The events that are named, by their places.
    events: dict[tuple[str, Span], tuple[s.Name, Source]] = field(default_factory=dict)
    # Those that stand alone, without a window or a filter.
    alone: dict[tuple[str, Span], tuple[s.Name, Source]] = field(default_factory=dict)
    # The definitions and signals that are used.
    followed: set[str] = field(default_factory=set)
    # Whether a shorthand has been met: `demo_request 7d`.
    shorthands: bool = False
    # How often events have been asked for.
    counted: int = 0
    # How many conditions, terms and values there are, with all definitions written out.
    size: int = 0
    places: Places = field(default_factory=Places)


class Book(Frozen):
    """All that lowering looks things up in, and the notes that it makes."""

    declared: Mapping[str, Declared]
    lists: Mapping[str, s.Items]
    dimensions: Mapping[str, Dimension]
    schema: Schema | None
    shape: p.Shape
    zone: ZoneInfo | None
    mentions: Mentions
    types: Mapping[Key, p.Type]
    notes: Notes
    # The names of rules, by the identity of what is named; the same each time.
    names: dict[int, str]


# Parentheses, signs and definitions one inside the other.
_DEEPEST = 96
# In values of lists; a condition or a term weighs as much as some of them.
_LARGEST = 1_000_000
WEIGHT = 5


_MOST_LISTED = 8


class Refused(Exception):
    """A part of a rule that has been reported and cannot be used."""


WORDS: dict[p.Type, str] = {
    "number": "a number",
    "whole": "a number",
    "text": "a text",
    "boolean": "true or false",
    "date": "a date",
    "list": "a list of texts",
    "text or list": "a text or a list of texts",
    "anything": "a field of no stated type",
}
EXAMPLES: dict[p.Type, str] = {
    "number": "{} >= 10",
    "whole": "{} >= 10",
    "text": '{} = "some text"',
    "boolean": "{} = true",
    "date": "field {} within 30d",
    "list": '{} contains "some text"',
    "text or list": '{} contains "some text"',
    "anything": "{} known",
}


class Lookup:
    """Looks up what stands in one file. `of_event` while inside an event's filter."""

    def __init__(
        self,
        book: Book,
        source: Source,
        chain: tuple[str, ...] = (),
        of_event: bool = False,
        depth: int = 0,
    ) -> None:
        self.book = book
        self.source = source
        self.chain = chain
        self.of_event = of_event
        self.depth = depth
        self.guarded: frozenset[str] = frozenset()
        # In a checklist a missing value is no trap: results list the item as unknown.
        self.lists_unknown = False

    def refuse(
        self,
        code: str,
        span: Span,
        message: str,
        help: str | None = None,
        fix: Fix | None = None,
    ) -> NoReturn:
        """Reports an error and gives up this part."""
        self.book.notes.report.error(code, self.source, span, message, help, fix)
        raise Refused

    def warn(self, code: str, span: Span, message: str, help: str) -> None:
        """Reports a warning."""
        self.book.notes.report.warning(code, self.source, span, message, help)

    def refuse_circle(self, name: str, span: Span) -> None:
        """Refuses a definition, a signal or a checklist that needs itself."""
        if name in self.chain:
            circle = " uses ".join([*self.chain[self.chain.index(name) :], name])
            self.refuse("LR109", span, f"defined in a circle: {circle}")

    @contextmanager
    def deeper(self, span: Span) -> Iterator[None]:
        """Goes one step further down; definitions must not make a bottomless well."""
        self.depth += 1
        try:
            if self.depth > _DEEPEST:
                message = f"with its definitions written out this is nested over {_DEEPEST} deep"
                self.refuse("LR125", span, message, "let the definitions be simpler")
            yield
        finally:
            self.depth -= 1

    def grow(self, number: int, span: Span) -> None:
        """Counts what has been lowered: a few lines must not make a giant."""
        self.book.notes.size += number
        if self.book.notes.size > _LARGEST:
            message = "with all definitions, signals and lists written out the rules are too large"
            help = f"at most {_LARGEST // WEIGHT:_} conditions; use long definitions less often"
            self.refuse("LR125", span, message, help)

    def field(self, name: s.Name, wanted: p.Type, explicit: bool) -> p.Field:
        """A field, or in a filter a property, used as `wanted`."""
        return self.typed(self.of_event and not explicit, name.parts, wanted, name.span)

    def typed(
        self,
        of_event: bool,
        path: tuple[str, ...],
        wanted: p.Type,
        span: Span,
        mild: bool = False,
    ) -> p.Field:
        """The field at a path; its type comes from the schema, or from all of its uses.

        A `mild` use goes with any type that has single values.
        """
        shown = ".".join(path)
        shape = self.book.shape
        if not of_event and path[: len(shape.events)] == shape.events:
            self.refuse(
                "LR110",
                span,
                f"`{shown}` is the list of events",
                "ask for the events themselves: `any event within 30d`",
            )
        if of_event and path in ((shape.type,), (shape.at,)):
            self.refuse(
                "LR110",
                span,
                f"`{shown}` is the event's own {'type' if path == (shape.type,) else 'date'}",
                "name the event instead, or give it a window: `page_view within 7d`",
            )
        found = self.in_schema(path, of_event)
        schema = self.book.schema
        if schema is not None and found is None and not (of_event and schema.properties is None):
            if not of_event and path == shape.created:
                found = SchemaField("date")
            else:
                self.unknown(of_event, path, span)
        if found is not None and found.type != "anything":
            if not (_fits(found.type, wanted) or (mild and found.type != "list")):
                self.refuse(
                    "LR111",
                    span,
                    f"`{shown}` is {WORDS[found.type]} in the schema, but used as {WORDS[wanted]}",
                    f"for instance `{EXAMPLES[found.type].format(shown)}`",
                )
            made = p.Field(path, found.type, of_event, found.blanks)
        else:
            key = (of_event, path)
            self.book.notes.uses.append(Use(key, wanted, self.source, span, mild))
            blanks = found.blanks if found else ()
            made = p.Field(path, self.book.types.get(key, wanted), of_event, blanks)
        self.book.notes.fields[made] = None
        return made

    def in_schema(self, path: tuple[str, ...], of_event: bool | None = None) -> SchemaField | None:
        """What the schema says of a path."""
        if self.book.schema is None:
            return None
        inside = self.of_event if of_event is None else of_event
        fields = self.book.schema.properties if inside else self.book.schema.fields
        return None if fields is None else fields.get(path)

    def unknown(self, of_event: bool, path: tuple[str, ...], span: Span) -> NoReturn:
        """Reports a name that the schema does not have."""
        assert self.book.schema is not None
        fields = self.book.schema.properties if of_event else self.book.schema.fields
        # The date of an event is asked for by its window.
        at = (self.book.shape.at,) if of_event else None
        names = [".".join(known) for known in fields or () if known != at]
        shown = ".".join(path)
        numbers = (s.ScoreBlock, s.Checklist, s.DefineNumber)
        own = [name for name, item in self.book.declared.items() if isinstance(item.node, numbers)]
        close = nearest(shown, names if of_event else [*names, *own])
        help = f"did you mean `{close}`?" if close else None
        if help is None and of_event and path in self.book.schema.fields:
            help = f"for the lead's own field write `field {shown}`"
        help = help or listed_in_schema("properties" if of_event else "fields", names)
        what = "a property of events" if of_event else "a field"
        message = f"`{shown}` is not {what} of the schema"
        self.refuse("LR104", span, message, help, respelled(self.source, span, close))

    def check_value(self, value: str, of: p.Field, span: Span) -> None:
        """Refuses a value that the schema's list does not have."""
        found = self.in_schema(of.path, of.of_event)
        shown = ".".join(of.path)
        if fold(value) in of.blanks:
            self.refuse(
                "LR113",
                span,
                f"the schema reads `{value}` in `{shown}` as nothing entered",
                f"`{shown} missing`",
            )
        if found is None or found.values is None:
            return
        if fold(value) not in {fold(normal(known)) for known in found.values}:
            close = nearest(value, found.values)
            help = f"did you mean `{close}`?" if close else listed("it can be", found.values)
            self.refuse("LR113", span, f"`{shown}` is never `{value}` in the schema", help)

    def check_part(self, part: str, operator: str, of: p.Field, span: Span) -> None:
        """Refuses a part that no value of the schema's list has."""
        found = self.in_schema(of.path, of.of_event)
        if found is None or found.values is None or of.type == "list":
            return
        values, asked = [fold(normal(value)) for value in found.values], fold(part)
        match operator:
            case "starts with":
                fits, words = any(value.startswith(asked) for value in values), "begins with"
            case "ends with":
                fits, words = any(value.endswith(asked) for value in values), "ends with"
            case _:
                fits, words = any(asked in value for value in values), "contains"
        if not fits:
            message = f"no value of `{'.'.join(of.path)}` in the schema {words} `{part}`"
            self.refuse("LR113", span, message, listed("it can be", found.values))

    def property(self, name: s.Name, wanted: p.Type, mild: bool = False) -> p.Field:
        """A property of events, named outside their filter: `amount` in `sum of amount in E`."""
        return self.typed(True, name.parts, wanted, name.span, mild)

    def declared(self, name: s.Name) -> Declared | None:
        """What the rules declare under a name. An event's filter knows definitions only:
        there any other name is a property."""
        if len(name.parts) > 1:
            return None
        found = self.book.declared.get(name.parts[0])
        if self.of_event and found and not isinstance(found.node, s.Define | s.DefineNumber):
            return None
        return found

    def dimension(self, term: s.Term) -> Dimension | None:
        """The dimension that a name stands for; None when it is no dimension."""
        if not isinstance(term, s.Field) or term.explicit or self.of_event:
            return None
        return self.book.dimensions.get(written(term.name)) if len(term.name.parts) == 1 else None

    def ask(self, asked: Asked) -> None:
        """Notes that something is asked for that is not in the lead's record."""
        self.book.notes.asked.append(asked)


def listed(words: str, names: Sequence[str]) -> str | None:
    """A help that lists some names, where none is close."""
    more = ", …" if len(names) > _MOST_LISTED else ""
    return f"{words} {', '.join(names[:_MOST_LISTED])}{more}" if names else None


def listed_in_schema(kind: str, names: Sequence[str]) -> str:
    """A help that lists what a schema has, and says where a new one is written."""
    there = listed(f"its {kind} are", names)
    new = "a new one is written into the schema first"
    return f"{there}; {new}" if there else new


def _fits(has: p.Type, wanted: p.Type) -> bool:
    return (
        has == wanted
        or wanted == "anything"
        or (has == "whole" and wanted == "number")
        or (has in ("text", "list") and wanted == "text or list")
    )
