"""What lowering looks things up in, and how it reports: names, fields, the schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from zoneinfo import ZoneInfo

from leadrules.meaning.json_schema import Schema, SchemaField
from leadrules.meaning.load import Report
from leadrules.meaning.names import Declared, written
from leadrules.meaning.nearest import nearest
from leadrules.model import program as p
from leadrules.model import syntax as s
from leadrules.model.letters import fold, normal
from leadrules.model.source import Source, Span

# A field or a property of an event: whether it is the latter, and its path.
Key = tuple[bool, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a field that no schema types, and the type that this use needs."""

    key: Key
    type: p.Type
    source: Source
    span: Span


@dataclass(slots=True)
class Book:
    """All that lowering looks things up in, and what it writes down on the way."""

    declared: Mapping[str, Declared]
    lists: Mapping[str, s.Items]
    schema: Schema | None
    shape: p.Shape
    zone: ZoneInfo | None
    mentioned: Mapping[str, int]
    types: Mapping[Key, p.Type]
    report: Report
    # How far to guess the type of two fields that are only compared with each other: not
    # yet, numbers where the operator asks for an order, texts too.
    guess: int
    # How often a definition has been followed.
    used: int = 0
    uses: list[Use] = field(default_factory=list)
    bare_texts: list[tuple[s.Text, Source]] = field(default_factory=list)
    events: list[tuple[s.Name, Source]] = field(default_factory=list)


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
    ) -> None:
        self.book = book
        self.source = source
        self.chain = chain
        self.of_event = of_event
        self.guarded: frozenset[str] = frozenset()

    def refuse(self, code: str, span: Span, message: str, help: str | None = None) -> NoReturn:
        """Reports an error and gives up this part."""
        self.book.report.error(code, self.source, span, message, help)
        raise Refused

    def refuse_circle(self, name: str, span: Span) -> None:
        """Refuses a definition or signal that needs itself."""
        if name in self.chain:
            circle = " uses ".join([*self.chain[self.chain.index(name) :], name])
            self.refuse("LR109", span, f"defined in a circle: {circle}")

    def field(self, name: s.Name, wanted: p.Type, explicit: bool) -> p.Field:
        """A field, or in a filter a property, used as `wanted`."""
        of_event = self.of_event and not explicit
        if name.parts[0] == "previous" and not explicit and self.in_schema(name.parts) is None:
            shown = written(name)
            message = f"`{shown}` asks for yesterday's results, which this version cannot read yet"
            help = f"for the lead's own field write `field {shown}`"
            self.refuse("LR110", name.span, message, help)
        return self.typed(of_event, name.parts, wanted, name.span)

    def typed(self, of_event: bool, path: tuple[str, ...], wanted: p.Type, span: Span) -> p.Field:
        """The field at a path; its type comes from the schema, or from all of its uses."""
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
            if not _fits(found.type, wanted):
                self.refuse(
                    "LR111",
                    span,
                    f"`{shown}` is {WORDS[found.type]} in the schema, but used as {WORDS[wanted]}",
                    f"for instance `{EXAMPLES[found.type].format(shown)}`",
                )
            return p.Field(path, found.type, of_event, found.blanks)
        key = (of_event, path)
        self.book.uses.append(Use(key, wanted, self.source, span))
        blanks = found.blanks if found else ()
        return p.Field(path, self.book.types.get(key, wanted), of_event, blanks)

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
        names = [".".join(known) for known in fields or ()]
        shown = ".".join(path)
        close = nearest(shown, names)
        help = f"did you mean `{close}`?" if close else None
        if help is None and of_event and path in self.book.schema.fields:
            help = f"for the lead's own field write `field {shown}`"
        what = "a property of events" if of_event else "a field"
        self.refuse("LR104", span, f"`{shown}` is not {what} of the schema", help)

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
            listed = ", ".join(found.values[:8]) + (", …" if len(found.values) > 8 else "")
            help = f"did you mean `{close}`?" if close else f"it can be {listed}"
            self.refuse("LR113", span, f"`{shown}` is never `{value}` in the schema", help)

    def score(self, name: s.Name) -> p.Score | None:
        """The score or score block of that name; refuses other declared things."""
        if len(name.parts) > 1:
            return None
        key = name.parts[0]
        if key == "score":
            return p.Score(None)
        declared = self.book.declared.get(key)
        if declared is not None and isinstance(declared.node, s.ScoreBlock):
            return p.Score(key)
        if declared is not None or key in ("stage", "temperature"):
            kind = declared.kind if declared else "a label that the rules give"
            labels = declared is None or isinstance(declared.node, s.ClassifyBlock)
            later = "; this version cannot compare labels yet" if labels else ""
            self.refuse(
                "LR110",
                name.span,
                f"`{key}` is {kind}, not a value to compare{later}",
                f"for the lead's own field write `field {key}`",
            )
        return None

    def is_score(self, name: s.Name) -> bool:
        """Whether a name is the score or a score block, which are never missing."""
        declared = self.book.declared.get(written(name))
        return written(name) == "score" or (
            declared is not None and isinstance(declared.node, s.ScoreBlock)
        )


def _fits(has: p.Type, wanted: p.Type) -> bool:
    return (
        has == wanted
        or wanted == "anything"
        or (has == "whole" and wanted == "number")
        or (has in ("text", "list") and wanted == "text or list")
    )
