"""Conditions, terms and events as written, turned into what they mean.

Names are looked up, types are settled, sugar is taken apart. Each mistake is reported
where it stands; the part it spoils is left out. Lowering a ruleset twice gives the same
result: `compile` does so, because without a schema a field's type follows from all of its
uses, which are known only when every condition has been seen once.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal, NoReturn, assert_never
from zoneinfo import ZoneInfo

from leadrules.meaning.json_schema import Schema, SchemaField
from leadrules.meaning.load import Report
from leadrules.meaning.names import Declared, written
from leadrules.meaning.nearest import nearest
from leadrules.model import program as p
from leadrules.model import syntax as s
from leadrules.model.instant import (
    DAY,
    SECOND,
    Moment,
    NotAnInstant,
    Window,
    midnight,
    parse_instant,
)
from leadrules.model.letters import fold, normal
from leadrules.model.source import Source, Span
from leadrules.text.write import write

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
    guess: bool
    uses: list[Use] = field(default_factory=list)
    bare_texts: list[tuple[s.Text, Source]] = field(default_factory=list)
    events: list[tuple[s.Name, Source]] = field(default_factory=list)


class Refused(Exception):
    """A part of a rule that has been reported and cannot be used."""


_WORDS: dict[p.Type, str] = {
    "number": "a number",
    "whole": "a number",
    "text": "a text",
    "boolean": "true or false",
    "date": "a date",
    "list": "a list of texts",
    "text or list": "a text or a list of texts",
    "anything": "a field of no stated type",
}
_EXAMPLES: dict[p.Type, str] = {
    "number": "{} >= 10",
    "whole": "{} >= 10",
    "text": '{} = "some text"',
    "boolean": "{} = true",
    "date": "field {} within 30d",
    "list": '{} contains "some text"',
    "text or list": '{} contains "some text"',
    "anything": "{} known",
}
_UNITS = {"min": 60 * SECOND, "h": 3600 * SECOND, "d": DAY, "w": 7 * DAY}
_MONTHS = {"mo": 1, "y": 12}
_ORDERS = ("<", "<=", ">", ">=")
_CHECKS: dict[str, Literal["email", "siren", "siret"]] = {
    "valid_email": "email",
    "valid_siren": "siren",
    "valid_siret": "siret",
}
_FUNCTIONS = ("domain", "length", *_CHECKS)


class Lowering:
    """Lowers what stands in one file. `of_event` while inside an event's filter."""

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

    # --- conditions ----------------------------------------------------------------

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
        if name not in _CHECKS:
            help = f"{write(call)} = gmail.com" if name == "domain" else f"{write(call)} > 10"
            self.refuse(
                "LR110",
                call.span,
                f"`{write(call)}` is a value, not a condition",
                f"compare it: `{help}`",
            )
        return p.Valid(self.text(call.argument), _CHECKS[name])

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
        if not is_dataclass(node) or isinstance(node, Span):
            return node
        if isinstance(node, s.Occurs) and isinstance(node.events.window, s.Shorthand):
            window, name = node.events.window, node.events.name
            if name is not None and not node.explicit and self.is_absence(written(name)):
                meant = replace(node.events, name=self.without_no(name), window=None)
                return s.Absence(meant, window.duration, node.span)
        if isinstance(node, s.Shorthand):
            return s.Within(node.duration, node.span)
        parts = {place.name: self.long_form(getattr(node, place.name)) for place in fields(node)}
        return replace(node, **parts)

    def is_absence(self, name: str) -> bool:
        """Whether `no_reply 30d` is `no reply for 30d`: nothing else speaks of `no_reply`."""
        return name.startswith("no_") and len(name) > 3 and not self.book.mentioned.get(name)

    @staticmethod
    def without_no(name: s.Name) -> s.Name:
        """`reply` for `no_reply`."""
        return replace(name, parts=(name.parts[0].removeprefix("no_"), *name.parts[1:]))

    # --- comparisons ---------------------------------------------------------------

    def comparison(self, node: s.Comparison) -> p.Condition:
        """A term, an operator, and what it is compared with."""
        operator = node.operator
        if operator in ("!=", "not in"):
            self.warn_if_missing(node, node)
        match operator:
            case "matches":
                return self.matches(node)
            case "contains" | "contains any of" | "contains all of":
                return self.contains(node)
            case "starts with" | "ends with" | "like":
                how: dict[str, Literal["starts", "ends", "like"]] = {
                    "starts with": "starts",
                    "ends with": "ends",
                    "like": "like",
                }
                values = tuple(self.part(text, node) for text in self.texts(node))
                return p.Has(self.text(node.left), how[operator], values, exactly=node.exactly)
            case "in" | "not in":
                found = self.one_of(node)
                return found if operator == "in" else p.Not(found)
            case _:
                return self.compare(node)

    def compare(self, node: s.Comparison) -> p.Condition:
        """`= != < <= > >=`."""
        right = node.right
        match right:
            case s.Text():
                return self.compare_text(node, right)
            case s.Number():
                self.only_texts_exactly(node)
                order = _order(node)
                return p.Compare(order, self.number(node.left), p.Constant(float(right.value)))
            case s.Boolean(value):
                self.only_texts_exactly(node)
                if node.operator not in ("=", "!="):
                    self.refuse(
                        "LR111",
                        node.operator_span,
                        "true and false have no order",
                        f"`{write(node.left)} = {write(right)}`",
                    )
                truth = p.IsTrue(self.typed_term(node.left, "boolean"))
                return truth if value == (node.operator == "=") else p.Not(truth)
            case s.Date() | s.Instant():
                self.only_texts_exactly(node)
                return self.compare_date(node, right)
            case s.Field() | s.Call() | s.Count() | s.Arithmetic() | s.Negative():
                return self.compare_terms(node, right)
            case s.Range() | s.Items() | s.ListName():
                self.refuse(
                    "LR111",
                    node.operator_span,
                    f"`{node.operator}` takes one value, not several",
                    f"`{write(node.left)} in {write(right)}`",
                )
            case s.Regex():
                self.refuse(
                    "LR111",
                    node.operator_span,
                    "a regular expression stands behind `matches`",
                    f"`{write(node.left)} matches {write(right)}`",
                )
            case _:
                assert_never(right)

    def compare_text(self, node: s.Comparison, right: s.Text) -> p.Condition:
        """A text on the right."""
        if node.operator in _ORDERS:
            help = (
                f"for a field of that name write `{write(node.left)} {node.operator} field {right.value}`"
                if right.bare
                else None
            )
            self.refuse(
                "LR111",
                node.operator_span,
                f"texts have no order: `{node.operator}` needs a number or a date",
                help,
            )
        text = self.text(node.left)
        same = p.IsText(text, (self.whole(right, text, node.exactly),), node.exactly)
        return same if node.operator == "=" else p.Not(same)

    def compare_date(self, node: s.Comparison, right: s.Date | s.Instant) -> p.Condition:
        """A date or an instant on the right."""
        found = self.typed_term(node.left, "date")
        if node.operator == "!=":
            return p.Not(p.During(found, self.around(right, "=")))
        return p.During(found, self.around(right, node.operator))

    def compare_terms(self, node: s.Comparison, right: s.Term) -> p.Condition:
        """A field or a calculation on the right: both sides are of one type."""
        kind = self.kind(node.left) or self.kind(right)
        if kind is None and self.book.guess:
            kind = "number" if node.operator in _ORDERS else "text"
        if kind in (None, "number", "whole"):
            self.only_texts_exactly(node)
            if kind is None:
                self.value(node.left)
                self.value(right)
                raise Refused
            return p.Compare(_order(node), self.number(node.left), self.number(right))
        if kind == "date":
            self.only_texts_exactly(node)
            left_date = self.typed_term(node.left, "date")
            return p.CompareDates(_order(node), left_date, self.typed_term(right, "date"))
        if kind in ("text", "text or list"):
            if node.operator in _ORDERS:
                self.refuse(
                    "LR111",
                    node.operator_span,
                    f"texts have no order: `{node.operator}` needs numbers or dates",
                )
            same = p.SameText(self.text(node.left), self.text(right), node.exactly)
            return same if node.operator == "=" else p.Not(same)
        self.refuse(
            "LR111", node.span, f"two fields that are each {_WORDS[kind]} cannot be compared"
        )

    def one_of(self, node: s.Comparison) -> p.Condition:
        """`in` a list or a range."""
        right = node.right
        items: tuple[s.Item, ...]
        if isinstance(right, s.ListName):
            items = self.list_named(right.name, node)
        elif isinstance(right, s.Items):
            items = right.items
        elif isinstance(right, s.Range):
            items = (right,)
        else:
            example = f"`{write(node.left)} in [{write(right)}]`"
            self.refuse(
                "LR111", node.span, "`in` needs a list, a range, or the name of a list", example
            )
        if not items:
            self.refuse(
                "LR117",
                node.span,
                "the list is empty",
                "put at least one value between the brackets",
            )
        if all(isinstance(item, s.Text) for item in items):
            text = self.text(node.left)
            values = [
                self.whole(item, text, node.exactly) for item in items if isinstance(item, s.Text)
            ]
            return p.IsText(text, tuple(dict.fromkeys(values)), node.exactly)
        self.only_texts_exactly(node)
        if all(isinstance(item, s.Number | s.Range) for item in items):
            number = self.number(node.left)
            return p.InSpans(number, tuple(self.span(item) for item in items))
        if all(isinstance(item, s.Date | s.Instant) for item in items):
            found = self.typed_term(node.left, "date")
            days = [i for i in items if isinstance(i, s.Date | s.Instant)]
            return p.Any_(tuple(p.During(found, self.around(day, "=")) for day in days))
        if all(isinstance(item, s.Boolean) for item in items):
            self.refuse(
                "LR117", node.span, "true and false need no list", f"`{write(node.left)} known`"
            )
        self.refuse(
            "LR117",
            right.span,
            "the list has values of several types",
            "keep numbers and texts apart; a number in quotes is a text",
        )

    def contains(self, node: s.Comparison) -> p.Condition:
        """`contains`, `contains any of`, `contains all of`."""
        texts = self.texts(node)
        if isinstance(node.left, s.Field):
            left = self.value(node.left, "text or list")
            if not isinstance(left, p.Field):
                self.refuse(
                    "LR111",
                    node.left.span,
                    f"`{write(node.left)}` is a number; `contains` needs a text or a list",
                )
        else:
            left = self.text(node.left)
        of_list = isinstance(left, p.Field) and left.type == "list"
        values = tuple(
            self.whole(text, left, node.exactly) if of_list else self.part(text, node)
            for text in texts
        )
        return p.Has(left, "contains", values, node.operator == "contains all of", node.exactly)

    def matches(self, node: s.Comparison) -> p.Condition:
        """`matches /…/`."""
        right = node.right
        if not isinstance(right, s.Regex):
            self.refuse(
                "LR111",
                node.span,
                "`matches` needs a regular expression between slashes",
                f"`{write(node.left)} matches /vp|head/`",
            )
        import re2  # type: ignore[import-untyped]  # the library has no types

        options = re2.Options()
        options.log_errors = False
        try:
            re2.compile(right.pattern, options)
        except re2.error as error:
            said = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
            self.refuse(
                "LR115",
                right.span,
                f"this regular expression cannot be used: {said}",
                "look-ahead, look-behind and back-references do not exist here",
            )
        return p.Matches(self.text(node.left), right.pattern, node.exactly)

    def texts(self, node: s.Comparison) -> tuple[s.Text, ...]:
        """The text or texts on the right of an operator that takes nothing else."""
        right = node.right
        items: tuple[object, ...] = (right,)
        if isinstance(right, s.Items):
            items = right.items
        elif isinstance(right, s.ListName):
            items = self.list_named(right.name, node)
        texts = tuple(item for item in items if isinstance(item, s.Text))
        if not texts or len(texts) < len(items):
            self.refuse(
                "LR111",
                node.right.span,
                f"`{node.operator}` needs a text",
                "put it in quotes if it is one",
            )
        for text in texts:
            self.note_bare(text)
        return texts

    def whole(self, text: s.Text, of: p.Text | p.Field, exactly: bool) -> str:
        """A text that is compared as a whole."""
        self.note_bare(text)
        value = normal(text.value)
        if not value:
            self.refuse(
                "LR116",
                text.span,
                "a blank text is a missing value",
                "`missing` asks for it, `known` for the opposite",
            )
        if isinstance(of, p.Field):
            self.check_value(value, of, text.span)
        return value if exactly else fold(value)

    def part(self, text: s.Text, node: s.Comparison) -> str:
        """A text that is looked for inside another; blanks at its ends count."""
        value = unicodedata.normalize("NFC", text.value)
        if not value:
            self.refuse(
                "LR116",
                text.span,
                f"every text would fit: there is nothing behind `{node.operator}`",
            )
        return value if node.exactly else fold(value)

    def note_bare(self, text: s.Text) -> None:
        """Remembers a word without quotes, for the warning that it is also a field."""
        if text.bare:
            self.book.bare_texts.append((text, self.source))

    def list_named(self, name: s.Name, node: s.Comparison) -> tuple[s.Item, ...]:
        """The items of a declared list."""
        key = written(name)
        found = self.book.lists.get(key)
        if found is None:
            close = nearest(key, self.book.lists)
            help = (
                f"did you mean `{close}`?"
                if close
                else f"`list {key} = [ … ]` declares one; for the single value write `{node.operator} [{key}]`"
            )
            self.refuse("LR104", name.span, f"there is no list named `{key}`", help)
        if not found.items:
            raise Refused  # Reported where the list is declared.
        return found.items

    def span(self, item: s.Item) -> p.Span:
        """A number or a range of numbers."""
        if isinstance(item, s.Number):
            return p.Span(float(item.value), float(item.value))
        assert isinstance(item, s.Range)
        low = None if item.low is None else float(item.low.value)
        high = None if item.high is None else float(item.high.value)
        if low is not None and high is not None and (low > high or (item.open and low == high)):
            self.refuse(
                "LR118",
                item.span,
                f"no number lies in `{write(item)}`",
                "write the smaller number first",
            )
        return p.Span(low, high, item.open)

    def only_texts_exactly(self, node: s.Comparison) -> None:
        """Refuses `exactly` where it says nothing."""
        if node.exactly:
            self.refuse(
                "LR111",
                node.operator_span,
                "`exactly` is for texts: it makes upper and lower case count",
                f"leave it out: `{write(replace(node, exactly=False))}`",
            )

    # --- terms ---------------------------------------------------------------------

    def value(self, term: s.Term, wanted: p.Type = "anything") -> p.Number | p.Text:
        """What a term means, of whatever type it is."""
        match term:
            case s.Field(name, explicit):
                score = None if explicit or self.of_event else self.score(name)
                return score or self.field(name, wanted, explicit)
            case s.Call():
                name_ = self.function(term)
                if name_ in _CHECKS:
                    self.refuse(
                        "LR110",
                        term.span,
                        f"`{write(term)}` is true or false by itself",
                        f"write it alone, or `not {write(term)}`",
                    )
                argument = self.text(term.argument)
                return p.Domain(argument) if name_ == "domain" else p.Length(argument)
            case s.Count(events):
                return p.Count(self.events(events))
            case s.Number():
                return p.Constant(float(term.value))
            case s.Arithmetic(operator, left, right):
                return p.Arithmetic(operator, self.number(left), self.number(right))
            case s.Negative(operand):
                return p.Arithmetic("-", p.Constant(0.0), self.number(operand))
            case _:
                assert_never(term)

    def number(self, term: s.Term) -> p.Number:
        """A term that must be a number."""
        found = self.value(term, "number")
        if isinstance(found, p.Domain):
            self.refuse(
                "LR111", term.span, f"`{write(term)}` is a text, but a number is needed here"
            )
        return found

    def text(self, term: s.Term) -> p.Text:
        """A term that must be a text."""
        found = self.value(term, "text")
        if not isinstance(found, p.Text):
            self.refuse(
                "LR111", term.span, f"`{write(term)}` is a number, but a text is needed here"
            )
        return found

    def typed_term(self, term: s.Term, wanted: p.Type) -> p.Field:
        """A term that must be a field of a type."""
        found = self.value(term, wanted)
        if not isinstance(found, p.Field):
            kind = "a text" if isinstance(found, p.Domain) else "a number"
            self.refuse(
                "LR111",
                term.span,
                f"`{write(term)}` is {kind}, but {_WORDS[wanted]} is needed here",
            )
        return found

    def kind(self, term: s.Term) -> p.Type | None:
        """The type of a term as far as it is known; None when only its use can tell."""
        match term:
            case s.Field(name, explicit):
                if not explicit and not self.of_event and self.score(name):
                    return "number"
                of_event = self.of_event and not explicit
                found = self.in_schema(name.parts, of_event)
                if found is not None and found.type != "anything":
                    return found.type
                known = self.book.types.get((of_event, name.parts))
                return None if known == "anything" else known
            case s.Call(function):
                return "text" if written(function) == "domain" else "number"
            case _:
                return "number"

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
            kind = declared.kind if declared else "a dimension that the rules decide"
            self.refuse(
                "LR110",
                name.span,
                f"`{key}` is {kind}, not a value to compare",
                f"for the lead's own field write `field {key}`",
            )
        return None

    def function(self, call: s.Call) -> str:
        """The name of a function, which must exist."""
        name = written(call.function)
        if name not in _FUNCTIONS:
            close = nearest(name, _FUNCTIONS)
            help = f"did you mean `{close}`?" if close else f"there are {', '.join(_FUNCTIONS)}"
            self.refuse("LR114", call.function.span, f"there is no function `{name}`", help)
        return name

    # --- fields --------------------------------------------------------------------

    def field(self, name: s.Name, wanted: p.Type, explicit: bool) -> p.Field:
        """A field, or in a filter a property, used as `wanted`."""
        of_event = self.of_event and not explicit
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
                    f"`{shown}` is {_WORDS[found.type]} in the schema, and is used as {_WORDS[wanted]}",
                    f"for instance `{_EXAMPLES[found.type].format(shown)}`",
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

    # --- events and time -----------------------------------------------------------

    def events(self, node: s.Events) -> p.Events:
        """Events of a type, or of the types of a signal."""
        if self.of_event:
            self.refuse(
                "LR122",
                node.span,
                "the filter of an event looks at that event alone; other events cannot be counted in it",
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
                "the filter of an event looks at that event alone; other events cannot be counted in it",
            )
        return found

    def check_event(self, key: str, name: s.Name) -> None:
        """Refuses a name that the schema knows to be no event."""
        schema = self.book.schema
        if schema is None:
            return
        if schema.event_types is not None and key not in schema.event_types:
            close = nearest(key, [*schema.event_types, *self.book.declared])
            self.refuse(
                "LR104",
                name.span,
                f"`{key}` is neither a field nor an event of the schema",
                f"did you mean `{close}`?" if close else None,
            )
        found = schema.fields.get(name.parts)
        if found is not None:
            example = _EXAMPLES[found.type].format(key)
            self.refuse(
                "LR110",
                name.span,
                f"`{key}` is a field ({_WORDS[found.type]}), not an event",
                f"for instance `{example}`",
            )

    def window(self, node: s.Window, of_date: bool) -> Window:
        """The stretch of time that a window names."""
        match node:
            case s.Within(duration) | s.Shorthand(duration):
                return Window(after=self.before(duration), until=Moment())
            case s.WithinNext(duration):
                if not of_date:
                    self.refuse(
                        "LR120",
                        node.span,
                        "events lie in the past: `within next` is for dates",
                        f"`field purchase_date {write(node)}`",
                    )
                ahead = self.before(duration)
                end = Moment(months=-ahead.months, span=-ahead.span)
                return Window(Moment(), True, end, False)
            case s.OlderThan(duration):
                return Window(until=self.before(duration))
            case s.Between(first, second):
                return Window(after=self.before(first), until=self.before(second))
            case s.Before(moment):
                return self.around(moment, "<")
            case s.After(moment):
                return self.around(moment, ">")
            case _:
                assert_never(node)

    @staticmethod
    def before(duration: s.Duration) -> Moment:
        """The moment that lies so long before `as_of`."""
        if duration.unit in _MONTHS:
            return Moment(months=-duration.count * _MONTHS[duration.unit])
        return Moment(span=-duration.count * _UNITS[duration.unit])

    def around(self, moment: s.Date | s.Instant, operator: str) -> Window:
        """The instants that stand to a day or an instant as the operator says.

        A day is all of its hours: `=` is any of them, `<` none of them yet.
        """
        if isinstance(moment, s.Date):
            day = date(moment.year, moment.month, moment.day)
            start = Moment(fixed=midnight(day, self.book.zone))
            if day == date.max:
                end = Moment(fixed=(start.fixed or 0) + DAY)
            else:
                end = Moment(fixed=midnight(day + timedelta(days=1), self.book.zone))
            return {
                "=": Window(start, True, end, False),
                "<": Window(None, False, start, False),
                "<=": Window(None, False, end, False),
                ">": Window(end, True, None),
                ">=": Window(start, True, None),
            }[operator]
        try:
            fixed = Moment(fixed=parse_instant(moment.spelling, self.book.zone))
        except NotAnInstant as error:
            self.refuse("LR118", moment.span, f"`{moment.spelling}` {error}")
        return {
            "=": Window(fixed, True, fixed, True),
            "<": Window(None, False, fixed, False),
            "<=": Window(None, False, fixed, True),
            ">": Window(fixed, False, None),
            ">=": Window(fixed, True, None),
        }[operator]

    # --- reporting -----------------------------------------------------------------

    def refuse(self, code: str, span: Span, message: str, help: str | None = None) -> NoReturn:
        """Reports an error and gives up this part."""
        self.book.report.error(code, self.source, span, message, help)
        raise Refused

    def refuse_circle(self, name: str, span: Span) -> None:
        """Refuses a definition or signal that needs itself."""
        if name in self.chain:
            circle = " uses ".join([*self.chain[self.chain.index(name) :], name])
            self.refuse("LR109", span, f"defined in a circle: {circle}")

    def refuse_events_as_values(self, items: tuple[s.Condition, ...]) -> None:
        """Refuses `country = FR or DE`, where DE would be an event that never happens."""
        for before, node in zip(items, items[1:], strict=False):
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

    def is_score(self, name: s.Name) -> bool:
        """Whether a name is the score or a score block, which are never missing."""
        declared = self.book.declared.get(written(name))
        return written(name) == "score" or (
            declared is not None and isinstance(declared.node, s.ScoreBlock)
        )


def _order(node: s.Comparison) -> p.Order:
    operator = node.operator
    assert operator in ("=", "!=", "<", "<=", ">", ">=")
    return operator


def _fits(has: p.Type, wanted: p.Type) -> bool:
    return (
        has == wanted
        or wanted == "anything"
        or (has == "whole" and wanted == "number")
        or (has in ("text", "list") and wanted == "text or list")
    )
