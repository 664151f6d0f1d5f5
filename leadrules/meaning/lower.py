"""Conditions as written, turned into what they mean.

Names are looked up, types are settled, sugar is taken apart. Each mistake is reported
where it stands; the part it spoils is left out. Lowering a ruleset twice gives the same
result: `compile` does so, because without a schema a field's type follows from all of its
uses, which are known only when every condition has been seen once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Literal, assert_never

from leadrules.meaning.book import WEIGHT, Asked, Refused
from leadrules.meaning.names import written
from leadrules.meaning.negations import Negations
from leadrules.meaning.terms import CHECKS
from leadrules.model import program as p
from leadrules.model import syntax as s
from leadrules.model.frozen import changed
from leadrules.model.source import Span
from leadrules.text.longhand import absence, long_form, may_be_absence
from leadrules.text.write import write

# Where a condition stands, which says what is known there.
Place = Literal["points", "total", "checklist", "exclude", "freeze", "label"]


class Lowering(Negations):
    """Lowers conditions."""

    def judge(self, node: s.Condition, place: Place) -> p.Condition:
        """What a condition means, which must not ask for more than is known at its place."""
        before = len(self.book.notes.asked)
        found = self.condition(node)
        self.check_asked(self.book.notes.asked[before:], place, node.span)
        return found

    def check_asked(self, asked: Iterable[Asked], place: Place, span: Span) -> None:
        """Refuses to ask for what is worked out later."""
        for item in asked:
            match item:
                case p.Was() | p.PreviousScore():
                    continue
                case _ if place == "label":
                    continue
                case p.Met() if place in ("points", "total"):
                    continue
                case p.Score(block) if place == "total" and block is not None:
                    continue
                case p.Score() if place in ("points", "total"):
                    self.refuse(
                        "LR121",
                        span,
                        "points cannot depend on the score: the score is made of them",
                        "let a label depend on it: `score >= 60 -> SQL`",
                    )
                case p.Score(block):
                    self.refuse_early(place, block or "score", span)
                case p.Met(name):
                    self.refuse_early(place, name, span)
                case p.HasLabel(dimension) | p.LabelKnown(dimension):
                    self.refuse_early(place, dimension, span)
                case _:
                    assert_never(item)

    def refuse_early(self, place: Place, name: str, span: Span) -> None:
        """Refuses a question that comes before its answer is known."""
        before = {
            "points": "points are counted before labels are given",
            "total": "points are counted before labels are given",
            "checklist": "the items of a checklist ask for the lead only",
            "exclude": "leads are excluded before they are scored",
            "freeze": "results are frozen before leads are scored",
            "label": "",
        }[place]
        help = {
            "points": "ask for what the label is made of, or let another label ask for it",
            "total": "ask for what the label is made of, or for a score block",
            "checklist": "ask for the lead's fields and events",
            "exclude": "ask for the lead's fields and events, or give a label: "
            "`score < 0 -> disqualified`",
            "freeze": "ask for yesterday's result: `was customer`, `previous.score >= 60`",
            "label": "",
        }[place]
        self.refuse("LR138", span, f"`{name}` is not known yet: {before}", help)

    def name(self, node: s.Condition | s.Each | s.Limit | s.Decay) -> str:
        """What has been lowered, as the results name it; `node` is a part of a rule file."""
        found = self.book.names.get(id(node))
        if found is None:
            found = self.book.names[id(node)] = self.spelled(node)
        return found

    def spelled(self, node: s.Condition | s.Each | s.Limit | s.Decay | s.Term) -> str:
        """The text of what has been lowered, its shorthands written out."""
        return write(long_form(node, self.is_absence) if self.book.notes.shorthands else node)

    def condition(self, node: s.Condition) -> p.Condition:
        """What a condition means. Raises Refused after reporting every mistake in it."""
        found = self.meaning(node)
        self.book.notes.places.put(found, self.source, node)
        return found

    def meaning(self, node: s.Condition) -> p.Condition:
        """What a condition of some kind means."""
        self.grow(WEIGHT, node.span)
        match node:
            case s.And(items):
                return p.All(self.items(items, node.span))
            case s.Or(items):
                self.refuse_events_as_values(items)
                return p.Any_(self.items(items, node.span))
            case s.Not(item):
                self.warn_if_missing(node, item)
                with self.deeper(node.span):
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
            case s.Absence():
                return self.absence(node)
            case s.Followed():
                return self.followed(node)
            case s.Complete(checklist):
                return self.complete(checklist)
            case s.Was(label):
                return self.was(label)
            case _:
                assert_never(node)

    def items(self, nodes: tuple[s.Condition, ...], span: Span) -> tuple[p.Condition, ...]:
        """What some conditions mean; all of them are looked at before giving up."""
        before = self.guarded
        self.guarded |= {write(node.subject) for node in nodes if isinstance(node, s.Is)}
        with self.deeper(span):
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
        dimension = self.dimension(node.subject)
        if dimension is not None:
            return self.label_known(node, dimension)
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
        return p.Valid(self.text(call.arguments[0]), CHECKS[name])

    def occurs(self, node: s.Occurs) -> p.Condition:
        """A name standing alone: an event, a yes-or-no field, a date in a window, a definition."""
        events = node.events
        name = events.name
        if name is None:
            return self.happened(events)
        if node.explicit or isinstance(events.window, s.WithinNext):
            return self.field_alone(name, events, node.span, node.explicit)
        key = written(name)
        checklist = None if self.of_event else self.book.declared.get(name.parts[0])
        if checklist is not None and isinstance(checklist.node, s.Checklist):
            if len(name.parts) == 1:
                self.refuse_checklist(key, checklist, node.span)
            self.refuse_framed(key, "an item of a checklist", events, node.span)
            return self.checked(name, checklist)
        declared = self.declared(name)
        if declared is not None and isinstance(declared.node, s.Define):
            self.refuse_framed(key, "a definition", events, node.span)
            return self.follow(key, declared, node.span).condition(declared.node.condition)
        if self.of_event:
            return self.field_alone(name, events, node.span, False)
        if declared is None:
            found = self.in_schema(name.parts)
            known = key in self.book.dimensions or key == "score"
            if found is not None and found.type not in ("anything",) and not known:
                return self.field_alone(name, events, node.span, False)
            if isinstance(events.window, s.Shorthand) and self.is_absence(key):
                self.book.notes.shorthands = True
                return self.absence(absence(node, events.window.duration))
            if events.where is None and events.window is None:
                self.book.notes.alone[self.source.name, name.span] = name, self.source
        return self.happened(events)

    def refuse_framed(self, name: str, kind: str, events: s.Events, span: Span) -> None:
        """Refuses a filter or a window on a condition that has its own."""
        if events.where or events.window:
            self.refuse(
                "LR119",
                span,
                f"`{name}` is {kind}; it has no filter or window of its own",
                f"give the window to the event where `{name}` is declared",
            )

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

    def absence(self, node: s.Absence) -> p.Condition:
        """`no E for 30d`, `no E for 30d since F`."""
        kinds = self.events(changed(node.events, window=None))
        since = self.before(node.duration)
        if node.since is not None:
            return p.NoneAfter(kinds, self.events(node.since), since)
        created = self.typed(False, self.book.shape.created, "date", node.span)
        return p.NoneSince(kinds, since, created)

    def followed(self, node: s.Followed) -> p.Condition:
        """`E followed by F within 48h`, `E not followed by F within 48h`."""
        first, then = self.events(node.first), self.events(node.then)
        if node.within is None:
            return p.Followed(first, then, None, False)
        return p.Followed(first, then, self.exact(node.within, "`followed by`"), node.negated)

    def is_absence(self, name: str) -> bool:
        """Whether `no_reply 30d` is `no reply for 30d`: nothing else speaks of `no_reply`."""
        schema = self.book.schema
        if schema is not None and name in (schema.event_types or ()):
            return False
        return may_be_absence(name) and not self.book.mentions.of(name)

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
            if known or self.book.mentions.of(key) > 1:
                continue
            values = ", ".join(write(item) for item in (before.right, s.Text(key, True, name.span)))
            self.refuse(
                "LR123",
                node.span,
                f"`{key}` alone is an event, not another value of `{write(before.left)}`",
                f"`{write(before.left)} in [{values}]`; for the event write `at least 1 {key}`",
            )
