"""Events as written, turned into their kinds: names, signals, filters, windows."""

from __future__ import annotations

from typing import Self

from leadrules.meaning.book import EXAMPLES, WEIGHT, WORDS, listed_in_schema
from leadrules.meaning.dimensions import Dimension
from leadrules.meaning.load import respelled
from leadrules.meaning.names import Declared, written
from leadrules.meaning.times import Times
from leadrules.model import program as p
from leadrules.model import syntax as s
from leadrules.model.nearest import nearest
from leadrules.model.source import Source, Span
from leadrules.text.write import write

_DEEPEST_CHAIN = 32
_ALONE = "here one event is looked at by itself; others cannot be counted"
_FIELDS_ONLY = "here one event is looked at; only it and the lead's own fields are known"


class Happenings(Times):
    """Lowers events."""

    def condition(self, node: s.Condition) -> p.Condition:
        """What a condition means; `lower` knows them, for they can ask for anything."""
        raise NotImplementedError

    def inside(
        self, source: Source, chain: tuple[str, ...] | None = None, of_event: bool = False
    ) -> Self:
        """Lowers what stands inside: a filter, or a definition in its own file."""
        chain = self.chain if chain is None else chain
        return type(self)(self.book, source, chain, of_event, self.depth)

    def follow(self, name: str, declared: Declared, span: Span) -> Self:
        """Lowers what a definition stands for, seen from the lead."""
        self.refuse_circle(name, span)
        if len(self.chain) >= _DEEPEST_CHAIN:
            self.refuse(
                "LR125",
                span,
                "definitions use each other too often to be followed",
                f"at most {_DEEPEST_CHAIN} one inside the other",
            )
        self.book.notes.followed.add(name)
        return self.inside(declared.source, (*self.chain, name))

    def events(self, node: s.Events) -> p.Events:
        """Events of a type, or of the types of a signal."""
        if self.of_event:
            self.refuse("LR122", node.span, _ALONE)
        self.book.notes.counted += 1
        window = None if node.window is None else self.window(node.window, False)
        return p.Events(self.kinds(node), window, self.signal(node))

    def signal(self, node: s.Events) -> str | None:
        """The signal that is named, where nothing more is asked of its events."""
        key = None if node.name is None or node.where is not None else written(node.name)
        return key if key in self.book.declared else None

    def kinds(self, node: s.Events) -> tuple[p.Kind, ...]:
        """The kinds of events that a name stands for, each with its filter."""
        where = None if node.where is None else self.filter(node.where)
        if node.name is None:
            return (p.Kind(None, where),)
        key = written(node.name)
        if key == "score":
            self.refuse(
                "LR110",
                node.name.span,
                "`score` is the lead's score, not an event",
                "compare it: `score >= 60`",
            )
        dimension = self.book.dimensions.get(key)
        if dimension is not None:
            self.refuse_dimension(dimension, node.name)
        declared = self.book.declared.get(key)
        if declared is None:
            self.check_event(key, node.name)
            place = self.source.name, node.name.span
            self.book.notes.events[place] = node.name, self.source
            return (p.Kind(key, where),)
        if not isinstance(declared.node, s.Signal):
            self.refuse(
                "LR110",
                node.name.span,
                f"`{key}` is {declared.kind}, not an event",
                f"compare it: `{key} >= 2`"
                if isinstance(declared.node, s.DefineNumber | s.ScoreBlock | s.Checklist)
                else None,
            )
        inner = self.follow(key, declared, node.name.span)
        found: list[p.Kind] = []
        for events in declared.node.events:
            if events.window is not None:
                inner.refuse(
                    "LR120",
                    events.window.span,
                    "a signal names events; the window belongs to the rule that uses it",
                    f"leave it out here and write `{key} {write(events.window)}` in the rule",
                )
            found.extend(inner.kinds(events))
        self.grow(WEIGHT * len(found), node.span)
        if where is None:
            return tuple(found)
        return tuple(
            p.Kind(kind.type, where if kind.where is None else p.All((kind.where, where)))
            for kind in found
        )

    def filter(self, condition: s.Condition) -> p.Condition:
        """What stands behind `where`."""
        notes = self.book.notes
        counted, asked = notes.counted, len(notes.asked)
        found = self.inside(self.source, of_event=True).condition(condition)
        self.only_the_event(counted, asked, condition.span)
        return found

    def only_the_event(self, counted: int, asked: int, span: Span) -> None:
        """Refuses what has been asked for since, besides the event and the lead's fields;
        a definition may hold it."""
        if self.book.notes.counted > counted:
            self.refuse("LR122", span, _ALONE)
        if len(self.book.notes.asked) > asked:
            self.refuse("LR122", span, _FIELDS_ONLY, "ask for the rest outside: `page_view and …`")

    def refuse_dimension(self, dimension: Dimension, name: s.Name) -> None:
        """Refuses the name of a dimension where it stands for something else."""
        key = dimension.name
        label = dimension.labels[-1] if dimension.labels else "A"
        self.refuse(
            "LR110",
            name.span,
            f"`{key}` has labels; it is neither a number nor an event",
            f"`{key} = {label}` asks for one of them; the lead's own field is `field {key}`",
        )

    def check_event(self, key: str, name: s.Name) -> None:
        """Refuses a name that the schema knows to be no event."""
        schema = self.book.schema
        if schema is None:
            return
        found = schema.fields.get(name.parts)
        if found is None and schema.event_types is not None and key not in schema.event_types:
            close = nearest(key, [*schema.event_types, *self.book.declared])
            there = listed_in_schema("events", schema.event_types)
            self.refuse(
                "LR104",
                name.span,
                f"`{key}` is neither a field nor an event of the schema",
                f"did you mean `{close}`?" if close else there,
                respelled(self.source, name.span, close),
            )
        if found is not None:
            example = EXAMPLES[found.type].format(key)
            self.refuse(
                "LR110",
                name.span,
                f"`{key}` is a field ({WORDS[found.type]}), not an event",
                f"for instance `{example}`",
            )
