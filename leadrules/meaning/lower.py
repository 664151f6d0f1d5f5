"""Conditions, terms and events as written, turned into what they mean.

Names are looked up, types are settled, sugar is taken apart. Each mistake is reported
where it stands; the part it spoils is left out. Lowering a ruleset twice gives the same
result: `compile` does so, because without a schema a field's type follows from all of its
uses, which are known only when every condition has been seen once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any, assert_never

from leadrules.meaning.book import EXAMPLES, WORDS, Refused
from leadrules.meaning.comparisons import Comparisons
from leadrules.meaning.names import Declared, written
from leadrules.meaning.nearest import nearest
from leadrules.meaning.terms import CHECKS
from leadrules.model import program as p
from leadrules.model import syntax as s
from leadrules.model.source import Span
from leadrules.text.write import write

_DEEPEST = 32
_MOST_USES = 10_000
_ALONE = "the filter of an event sees that event alone; others cannot be counted in it"


class Lowering(Comparisons):
    """Lowers conditions and events."""

    def condition(self, node: s.Condition) -> p.Condition:
        """What a condition means. Raises Refused after reporting every mistake in it."""
        match node:
            case s.And(items):
                return p.All(self.items(items))
            case s.Or(items):
                self.refuse_events_as_values(items)
                return p.Any_(self.items(items))
            case s.Not(item):
                self.warn_if_missing(node, item)
                return p.Not(self.condition(item))
            case s.Comparison():
                return self.comparison(node)
            case s.Is():
                return self.state(node)
            case s.Holds(call):
                return self.holds(call)
            case s.Occurs():
                return self.occurs(node)
            case s.Quantity():
                return self.quantity(node)
            case s.Absence(events, duration):
                return self.absence(events, duration, node.span)
            case _:
                assert_never(node)

    def items(self, nodes: Iterable[s.Condition]) -> tuple[p.Condition, ...]:
        """What some conditions mean; all of them are looked at before giving up."""
        nodes = tuple(nodes)
        before = self.guarded
        self.guarded |= {write(node.subject) for node in nodes if isinstance(node, s.Is)}
        found = [self.attempt(lambda node=node: self.condition(node)) for node in nodes]  # type: ignore[misc]  # a default binds the loop's value
        self.guarded = before
        kept = tuple(item for item in found if item is not None)
        if len(kept) < len(nodes):
            raise Refused
        return kept

    @staticmethod
    def attempt(lower: Callable[[], p.Condition]) -> p.Condition | None:
        """The result, or None when it has been refused."""
        try:
            return lower()
        except Refused:
            return None

    def state(self, node: s.Is) -> p.Condition:
        """`x known` and its like."""
        if node.state in ("known", "missing"):
            value = self.value(node.subject)
            known = p.Known(value)
            return known if node.state == "known" else p.Not(known)
        if not isinstance(node.subject, s.Field):
            self.refuse(
                "LR111",
                node.span,
                "only a field can be empty",
                "`known` and `missing` ask for any value",
            )
        found = self.value(node.subject)
        if not isinstance(found, p.Field):
            self.refuse("LR111", node.span, "only a field can be empty")
        empty = p.Empty(found)
        return empty if node.state == "empty" else p.Not(empty)

    def holds(self, call: s.Call) -> p.Condition:
        """`valid_email(email)`."""
        name = self.function(call)
        if name not in CHECKS:
            help = f"{write(call)} = gmail.com" if name == "domain" else f"{write(call)} > 10"
            self.refuse(
                "LR110",
                call.span,
                f"`{write(call)}` is a value, not a condition",
                f"compare it: `{help}`",
            )
        return p.Valid(self.text(call.argument), CHECKS[name])

    def occurs(self, node: s.Occurs) -> p.Condition:
        """A name standing alone: an event, a yes-or-no field, a date in a window, a definition."""
        events = node.events
        name = events.name
        if name is None:
            return self.happened(events)
        if node.explicit or isinstance(events.window, s.WithinNext):
            return self.field_alone(name, events, node.span, node.explicit)
        key = written(name)
        declared = self.book.declared.get(key) if len(name.parts) == 1 else None
        if declared is not None and isinstance(declared.node, s.Define):
            if events.where or events.window:
                self.refuse(
                    "LR119",
                    node.span,
                    f"`{key}` is a definition; it has no filter or window of its own",
                    f"give the window to the event inside `define {key} = …`",
                )
            return self.definition(key, declared, node.span)
        if self.of_event:
            return self.field_alone(name, events, node.span, False)
        if declared is None:
            found = self.in_schema(name.parts)
            if found is not None and found.type not in ("anything",):
                return self.field_alone(name, events, node.span, False)
            if isinstance(events.window, s.Shorthand) and self.is_absence(key):
                meant = replace(events, name=self.without_no(name), window=None)
                return self.absence(meant, events.window.duration, node.span)
        return self.happened(events)

    def field_alone(
        self, name: s.Name, events: s.Events, span: Span, explicit: bool
    ) -> p.Condition:
        """A field with a window is a date; without one it says yes or no."""
        if events.where is not None:
            self.refuse("LR119", span, f"`{written(name)}` is a field; only events have a filter")
        if events.window is None:
            found = self.field(name, "boolean", explicit)
            return p.IsTrue(found)
        return p.During(self.field(name, "date", explicit), self.window(events.window, True))

    def definition(self, name: str, declared: Declared, span: Span) -> p.Condition:
        """The condition that a definition stands for, seen from the lead."""
        assert isinstance(declared.node, s.Define)
        self.refuse_circle(name, span)
        self.book.used += 1
        if len(self.chain) >= _DEEPEST or self.book.used > _MOST_USES:
            self.refuse(
                "LR125",
                span,
                "definitions use each other too often to be followed",
                f"at most {_DEEPEST} one inside the other, and {_MOST_USES:_} uses in all",
            )
        inner = Lowering(self.book, declared.source, (*self.chain, name))
        return inner.condition(declared.node.condition)

    def quantity(self, node: s.Quantity) -> p.Condition:
        """`at least 3 E` and its like."""
        number = 0.0
        if node.number is not None:
            number = float(node.number.value)
            if number < 0 or not number.is_integer():
                self.refuse(
                    "LR111",
                    node.number.span,
                    "events are counted in whole numbers",
                    "`at least 3 page_view`",
                )
        orders: dict[str, p.Order] = {"at least": ">=", "at most": "<=", "exactly": "=", "no": "="}
        count = p.Count(self.events(node.events))
        return p.Compare(orders[node.kind], count, p.Constant(number))

    def happened(self, events: s.Events) -> p.Condition:
        """An event standing alone: at least one."""
        return p.Compare(">=", p.Count(self.events(events)), p.Constant(1.0))

    def absence(self, events: s.Events, duration: s.Duration, span: Span) -> p.Condition:
        """`no E for 30d`."""
        kinds = self.events(replace(events, window=None))
        created = self.typed(False, self.book.shape.created, "date", span)
        return p.NoneSince(kinds, self.before(duration), created)

    def long_form(self, node: Any) -> Any:
        """A condition with its shorthands written out: `no_reply 30d` as `no reply for 30d`."""
        if isinstance(node, tuple):
            return tuple(self.long_form(item) for item in node)
        names = p.parts(type(node))
        if not names:
            return node
        if isinstance(node, s.Occurs) and isinstance(node.events.window, s.Shorthand):
            window, name = node.events.window, node.events.name
            if name is not None and not node.explicit and self.is_absence(written(name)):
                meant = replace(node.events, name=self.without_no(name), window=None)
                return s.Absence(meant, window.duration, node.span)
        if isinstance(node, s.Shorthand):
            return s.Within(node.duration, node.span)
        return replace(node, **{name: self.long_form(getattr(node, name)) for name in names})

    def is_absence(self, name: str) -> bool:
        """Whether `no_reply 30d` is `no reply for 30d`: nothing else speaks of `no_reply`."""
        schema = self.book.schema
        if schema is not None and name in (schema.event_types or ()):
            return False
        return name.startswith("no_") and len(name) > 3 and not self.book.mentioned.get(name)

    @staticmethod
    def without_no(name: s.Name) -> s.Name:
        """`reply` for `no_reply`."""
        return replace(name, parts=(name.parts[0].removeprefix("no_"), *name.parts[1:]))

    # --- events --------------------------------------------------------------------

    def events(self, node: s.Events) -> p.Events:
        """Events of a type, or of the types of a signal."""
        if self.of_event:
            self.refuse(
                "LR122",
                node.span,
                _ALONE,
            )
        window = None if node.window is None else self.window(node.window, False)
        return p.Events(self.kinds(node), window)

    def kinds(self, node: s.Events) -> tuple[p.Kind, ...]:
        """The kinds of events that a name stands for, each with its filter."""
        where = None if node.where is None else self.filter(node.where)
        if node.name is None:
            return (p.Kind(None, where),)
        key = written(node.name)
        declared = self.book.declared.get(key)
        if key == "score":
            self.refuse(
                "LR110",
                node.name.span,
                "`score` is the lead's score, not an event",
                "compare it: `score >= 60`",
            )
        if declared is None:
            self.check_event(key, node.name)
            self.book.events.append((node.name, self.source))
            return (p.Kind(key, where),)
        if not isinstance(declared.node, s.Signal):
            self.refuse("LR110", node.name.span, f"`{key}` is {declared.kind}, not an event")
        self.refuse_circle(key, node.name.span)
        inner = Lowering(self.book, declared.source, (*self.chain, key))
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
        if where is None:
            return tuple(found)
        return tuple(
            p.Kind(kind.type, where if kind.where is None else p.All((kind.where, where)))
            for kind in found
        )

    def filter(self, condition: s.Condition) -> p.Condition:
        """What stands behind `where`."""
        inner = Lowering(self.book, self.source, self.chain, of_event=True)
        found = inner.condition(condition)
        if any(isinstance(part, p.Count | p.NoneSince) for part in p.walk(found)):
            self.refuse(
                "LR122",
                condition.span,
                _ALONE,
            )
        return found

    def check_event(self, key: str, name: s.Name) -> None:
        """Refuses a name that the schema knows to be no event."""
        schema = self.book.schema
        if schema is None:
            return
        found = schema.fields.get(name.parts)
        if found is None and schema.event_types is not None and key not in schema.event_types:
            close = nearest(key, [*schema.event_types, *self.book.declared])
            self.refuse(
                "LR104",
                name.span,
                f"`{key}` is neither a field nor an event of the schema",
                f"did you mean `{close}`?" if close else None,
            )
        if found is not None:
            example = EXAMPLES[found.type].format(key)
            self.refuse(
                "LR110",
                name.span,
                f"`{key}` is a field ({WORDS[found.type]}), not an event",
                f"for instance `{example}`",
            )

    # --- warnings and traps ---------------------------------------------------------

    def refuse_events_as_values(self, items: tuple[s.Condition, ...]) -> None:
        """Refuses `country = FR or DE`, where DE would be an event that never happens."""
        for before, node in pairwise(items):
            if not (isinstance(before, s.Comparison) and isinstance(before.right, s.Text)):
                continue
            if before.operator != "=" or not isinstance(node, s.Occurs) or node.explicit:
                continue
            name = node.events.name
            if name is None or node.events.where or node.events.window or len(name.parts) > 1:
                continue
            key = written(name)
            known = key in self.book.declared or self.in_schema(name.parts) is not None
            if known or self.book.mentioned.get(key, 0) > 1:
                continue
            values = ", ".join(write(item) for item in (before.right, s.Text(key, True, name.span)))
            self.refuse(
                "LR123",
                node.span,
                f"`{key}` alone is an event, not another value of `{write(before.left)}`",
                f"`{write(before.left)} in [{values}]`; for the event write `at least 1 {key}`",
            )

    def warn_if_missing(self, whole: s.Condition, tested: s.Condition) -> None:
        """Warns of a negated test that says nothing about leads without the value."""
        if isinstance(tested, s.Comparison):
            subject: s.Term = tested.left
        elif isinstance(tested, s.Holds):
            subject = tested.call.argument
        elif isinstance(tested, s.Occurs) and tested.events.name and not tested.events.window:
            found = self.in_schema(tested.events.name.parts)
            if not tested.explicit and (found is None or found.type != "boolean"):
                return
            subject = s.Field(tested.events.name, tested.explicit, tested.span)
        else:
            return
        if isinstance(subject, s.Call):
            subject = subject.argument
        if not isinstance(subject, s.Field) or self.of_event:
            return
        if not subject.explicit and (self.is_score(subject.name)):
            return
        found = self.in_schema(subject.name.parts)
        shown = write(subject)
        if shown in self.guarded or (found is not None and found.required):
            return
        rewritten = write(s.Or((whole, s.Is(subject, "missing", whole.span)), whole.span))
        self.book.report.warning(
            "LR201",
            self.source,
            whole.span,
            f"leads without `{shown}` do not pass this test",
            f"to count them too: `{rewritten}`; to say so: `{shown} known and …`",
        )
