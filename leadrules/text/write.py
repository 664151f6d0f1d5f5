"""Syntax nodes to their canonical text, which reads back as the same node.

The text of a rule's condition is the rule's name in results, so a change here changes
what people see there. Short units and `for` are written out the one way; text has quotes
only where it needs them; the spelling of numbers is kept.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import assert_never

from leadrules.model import syntax as x
from leadrules.text.literals import quoted
from leadrules.text.scan import WORD, scan
from leadrules.text.words import NO_TEXT, RESERVED

Node = (
    x.Condition
    | x.Each
    | x.Term
    | x.Events
    | x.Window
    | x.Duration
    | x.Name
    | x.Item
    | x.Items
    | x.ListName
    | x.Regex
    | x.Limit
    | x.Decay
    | x.Choosing
    | x.Computed
    | x.Row
    | x.ChecklistItem
    | x.Statement
)
Block = x.Band | x.Group | x.Choice | x.ScoreBlock | x.ClassifyBlock | x.Checklist
Line = (
    x.PointsRule
    | x.Row
    | x.ChecklistItem
    | x.Total
    | x.LabelRule
    | x.DimensionOrder
    | x.NeverFalls
    | x.Combine
    | x.Exclude
    | x.Freeze
    | x.Define
    | x.DefineNumber
    | x.ListDefinition
    | x.Signal
    | x.Include
    | x.UseSchema
    | x.Timezone
    | x.Title
)


def write(node: Node, keep_quotes: bool = False) -> str:
    """The canonical text of a node; `parse` reads it as the same node.

    A text that needs no quotes gets none. With `keep_quotes` it keeps those it was written
    with: they say that the text is meant, and not a field of that name.
    """
    return _Writer(keep_quotes).node(node)


def cells(node: Line) -> tuple[str, ...]:
    """The columns of what stands on one line, with quotes kept: joined by blanks they are its
    text. A rule has its condition, its points or label, and its reason, if it has one."""
    return _Writer(keep_quotes=True).cells(node)


def head(node: Block) -> str:
    """What stands before the `{` of a block, with quotes kept."""
    return _Writer(keep_quotes=True).head(node)


def body(node: Block) -> tuple[Line | Block, ...]:
    """What stands between the `{` and the `}` of a block."""
    if isinstance(node, x.Band):
        return node.rows
    return node.items if isinstance(node, x.Checklist) else node.rules


@lru_cache(maxsize=4096)
def is_bare(text: str) -> bool:
    """Whether a text may stand without quotes behind an operator, in a list, as a label."""
    if not text or text in NO_TEXT or text in ("true", "false", "and", "or", "not"):
        return False
    return text[0].isalpha() and "`" not in text and _is_one_word(text)


@lru_cache(maxsize=4096)
def is_plain(part: str, alone: bool) -> bool:
    """Whether a part of a name needs no backquotes; `alone`: it is the whole name."""
    # Behind `field`, `exactly` would begin the right side of an operator.
    if alone and (part in RESERVED or part == "exactly"):
        return False
    return part.isidentifier() and _is_one_word(part)


def _is_one_word(text: str) -> bool:
    tokens = scan(text)
    return len(tokens) == 1 and tokens[0].kind == WORD and tokens[0].problem is None


_LONG_UNITS = frozenset(
    f"{unit}{plural}"
    for unit in ("minute", "hour", "day", "week", "month", "year")
    for plural in ("", "s")
)
_LABEL_NUMBER = re.compile(r"0|[1-9][0-9]{0,14}")
_DECAYS = {
    "half-life": "",
    "fades": " over",
    "decays": " every",
    "loses": " every",
    "expires": " after",
}
_BLOCKS = (x.Band, x.Group, x.Choice, x.ScoreBlock, x.ClassifyBlock, x.Checklist)
_TALLIES = (x.Count, x.Aggregate, x.Distinct, x.Since)
_TERMS = (x.Field, x.Call, *_TALLIES, x.Arithmetic, x.Negative)
_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2}


class _Writer:
    """Writes nodes; holds only how quotes are treated."""

    def __init__(self, keep_quotes: bool) -> None:
        self._keep_quotes = keep_quotes

    def node(self, node: Node) -> str:
        match node:
            case (
                x.And() | x.Or() | x.Not() | x.Comparison() | x.Is() | x.Holds() | x.Occurs()
                | x.Quantity() | x.Absence() | x.Followed() | x.Complete() | x.Was()
            ):  # fmt: skip
                return self._condition(node, chained=False)
            case (
                x.Field() | x.Call() | x.Count() | x.Aggregate() | x.Distinct() | x.Since()
                | x.Arithmetic() | x.Negative()
            ):  # fmt: skip
                return self._left(node)
            case (
                x.Number() | x.Text() | x.Boolean() | x.Date() | x.Instant() | x.Range()
                | x.Items() | x.ListName() | x.Regex()
            ):  # fmt: skip
                return self._value(node)
            case x.Duration():
                return f"{node.count}{node.unit}"
            case x.Name():
                return self._name(node)
            case x.Events():
                return self._events(node, closed=False)
            case (
                x.Within() | x.Shorthand() | x.WithinNext() | x.OlderThan()
                | x.Between() | x.Before() | x.After()
            ):  # fmt: skip
                return self._window(node)
            case (
                x.Each() | x.AtMost() | x.Spaced() | x.DistinctBy() | x.Computed() | x.Limit()
                | x.Decay()
            ):  # fmt: skip
                return self._part(node)
            case (
                x.Band() | x.Group() | x.Choice() | x.ScoreBlock() | x.ClassifyBlock()
                | x.Checklist()
            ):  # fmt: skip
                return self._block(node, "")
            case _:
                return " ".join(self.cells(node))

    # --- statements ----------------------------------------------------------------

    def cells(self, node: Line) -> tuple[str, ...]:
        match node:
            case x.PointsRule():
                payer = node.condition
                text = (
                    self._part(payer)
                    if isinstance(payer, x.Each)
                    else self._condition(payer, chained=False)
                )
                points = self._points(node.points) + self._behind(node.limits, node.decay)
                return (text, points, *self._reason(node.reason))
            case x.Row():
                value = "otherwise" if node.value is None else "missing"
                if node.value is not None and node.value != "missing":
                    value = self._value(node.value)
                    # As a bare word it is refused, because it is meant as `otherwise`.
                    value = '"else"' if value == "else" else value
                return (value, self._points(node.points), *self._reason(node.reason))
            case x.ChecklistItem():
                condition = self._condition(node.condition, chained=False)
                return f"{self._name(node.name)}:", condition
            case x.Total():
                return (f"total{self._behind(node.limits, None)}",)
            case x.LabelRule():
                held = (
                    "otherwise"
                    if node.condition is None
                    else self._condition(node.condition, chained=False)
                )
                return (held, f"-> {self._label(node.label)}", *self._reason(node.reason))
            case x.DimensionOrder():
                labels = " < ".join(self._label(label) for label in node.labels)
                outside = "".join(f", {self._label(label)}" for label in node.outside)
                return (f"dimension {self._name(node.name)}: {labels}{outside}",)
            case x.NeverFalls():
                until = node.until
                tail = "" if until is None else f" until {self._condition(until, chained=False)}"
                return (f"dimension {self._name(node.name)} never falls{tail}",)
            case x.Combine():
                names = ", ".join(self._name(name) for name in node.dimensions)
                return (f"combine {self._name(node.name)} = {names}",)
            case x.Exclude() | x.Freeze():
                word = "exclude" if isinstance(node, x.Exclude) else "freeze"
                condition = self._condition(node.condition, chained=False)
                return (f"{word} {condition}", *self._reason(node.reason))
            case x.Define():
                condition = self._condition(node.condition, chained=False)
                return f"define {self._name(node.name)}", f"= {condition}"
            case x.DefineNumber():
                return f"define {self._name(node.name)}", f"= ({self._work(node.term)})"
            case x.ListDefinition():
                value = (
                    f"file {quoted(node.value.value)}"
                    if isinstance(node.value, x.Text)
                    else self._value(node.value)
                )
                return f"list {self._name(node.name)}", f"= {value}"
            case x.Signal():
                kinds = [self._events(events, closed=False) for events in node.events]
                text = kinds[0] if len(kinds) == 1 else f"any of [{', '.join(kinds)}]"
                return f"signal {self._name(node.name)}", f"= {text}"
            case x.Include():
                return (f"include {quoted(node.path.value)}",)
            case x.UseSchema():
                return (f"use schema {quoted(node.path.value)}",)
            case x.Timezone():
                return (f"timezone {quoted(node.zone.value)}",)
            case x.Title():
                return (f"ruleset {quoted(node.title.value)}",)
            case _:
                assert_never(node)

    def head(self, node: Block) -> str:
        match node:
            case x.Band():
                return f"band {self._left(node.subject)}"
            case x.Group():
                return f"group {quoted(node.title.value)}{self._behind(node.limits, None)}"
            case x.Choice():
                return f"{node.kind} of"
            case x.ScoreBlock():
                when = node.when
                guard = "" if when is None else f" when {self._condition(when, chained=False)}"
                behind = self._behind(node.limits, node.decay)
                return f"score {self._name(node.name)}{guard}{behind}"
            case x.ClassifyBlock():
                return f"classify {self._name(node.name)}{' unique' if node.unique else ''}"
            case x.Checklist():
                return f"checklist {self._name(node.name)}"
            case _:
                assert_never(node)

    def _block(self, node: Block, indent: str) -> str:
        inner = f"{indent}  "
        lines = [
            self._block(part, inner) if isinstance(part, _BLOCKS) else " ".join(self.cells(part))
            for part in body(node)
        ]
        inside = "".join(f"{inner}{line}\n" for line in lines)
        return f"{self.head(node)} {{\n{inside}{indent}}}"

    def _points(self, node: x.Number | x.Computed) -> str:
        if isinstance(node, x.Computed):
            return f"{node.sign}({self._work(node.term)})"
        return node.spelling if node.spelling.startswith("-") else f"+{node.spelling}"

    def _behind(self, limits: tuple[x.Limit, ...], decay: x.Decay | None) -> str:
        """Limits and a decay, as they stand behind points or in the head of a block."""
        text = "".join(f" {self._part(limit)}" for limit in limits)
        return text if decay is None else f"{text} {self._part(decay)}"

    def _reason(self, reason: x.Text | None) -> tuple[str, ...]:
        return () if reason is None else (quoted(reason.value),)

    def _label(self, label: x.Text) -> str:
        if _LABEL_NUMBER.fullmatch(label.value) or label.value in ("true", "false"):
            return label.value
        return label.value if is_bare(label.value) else quoted(label.value)

    def _part(self, node: x.Each | x.Choosing | x.Computed | x.Limit | x.Decay) -> str:
        match node:
            case x.Each():
                choosing = "".join(f" {self._part(part)}" for part in node.choosing)
                when = node.when
                tail = "" if when is None else f" when {self._condition(when, chained=False)}"
                return f"each {self._events(node.events, False, 'event')}{choosing}{tail}"
            case x.AtMost():
                per = "" if node.per is None else f" per {node.per}"
                return f"at most {node.count.spelling}{per}"
            case x.Spaced():
                return f"spaced {self.node(node.duration)}"
            case x.DistinctBy():
                return f"distinct {self._name(node.property)}"
            case x.Computed():
                return self._points(node)
            case x.Limit():
                when = node.when
                tail = "" if when is None else f" when {self._condition(when, chained=False)}"
                return f"{node.kind} {node.number.spelling}{tail}"
            case x.Decay():
                amount = ""
                if node.amount is not None:
                    amount = f" {node.amount.spelling}{'%' if node.percent else ''}"
                word = _DECAYS[node.kind]
                since = node.since
                last = "" if since is None else self._events(since, True, "event")
                tail = last and f" since last {last}"
                return f"{node.kind}{amount}{word} {self.node(node.duration)}{tail}"
            case _:
                assert_never(node)

    # --- conditions ----------------------------------------------------------------

    def _condition(self, node: x.Condition, chained: bool) -> str:
        """A condition; `chained` when `and` or `or` stands beside it."""
        match node:
            case x.And() | x.Or():
                word = " and " if isinstance(node, x.And) else " or "
                return word.join(self._grouped(item, chained=True) for item in node.items)
            case x.Not():
                if isinstance(node.item, x.Followed):
                    return f"not ({self._condition(node.item, chained=False)})"
                return f"not {self._grouped(node.item, chained)}"
            case x.Comparison():
                exactly = " exactly" if node.exactly else ""
                right = node.right
                text = self._right(right) if isinstance(right, _TERMS) else self._value(right)
                return f"{self._left(node.left)} {node.operator}{exactly} {text}"
            case x.Is():
                word = "" if node.state in ("known", "missing") else "is "
                return f"{self._left(node.subject)} {word}{node.state}"
            case x.Holds():
                return self._left(node.call)
            case x.Occurs():
                field = "field " if node.explicit else ""
                return f"{field}{self._events(node.events, closed=chained)}"
            case x.Quantity():
                number = node.number
                if number is None:
                    return f"no {self._events(node.events, chained, 'event')}"
                every = "event" if number.value == 1 else "events"
                events = self._events(node.events, chained, every)
                name = node.events.name
                if name is not None and len(name.parts) == 1 and name.parts[0] in _LONG_UNITS:
                    # `at least 3 days` would be a length of time.
                    events = f"`{name.parts[0]}`{events[len(name.parts[0]) :]}"
                return f"{node.kind} {number.spelling} {events}"
            case x.Absence():
                events = self._events(node.events, chained, "event")
                text = f"no {events} for {self.node(node.duration)}"
                since = node.since
                return text if since is None else f"{text} since {self._events(since, chained)}"
            case x.Followed():
                word = "not followed by" if node.negated else "followed by"
                first = self._events(node.first, closed=True)
                text = f"{first} {word} {self._events(node.then, closed=chained)}"
                within = node.within
                return text if within is None else f"{text} within {self.node(within)}"
            case x.Complete():
                return f"{self._name(node.checklist)} complete"
            case x.Was():
                return f"was {self._label(node.label)}"
            case _:
                assert_never(node)

    def _grouped(self, node: x.Condition, chained: bool) -> str:
        if isinstance(node, (x.And, x.Or)):
            return f"({self._condition(node, chained=False)})"
        return self._condition(node, chained)

    # --- events --------------------------------------------------------------------

    def _events(self, node: x.Events, closed: bool, every: str = "any event") -> str:
        """Events; `every` is how those of every type are called here."""
        text = every if node.name is None else self._name(node.name)
        if node.where is not None:
            inner = self._condition(node.where, chained=False)
            is_open = not closed and isinstance(node.where, (x.Comparison, x.Is, x.Holds))
            text += f" where {inner}" if is_open else f" where ({inner})"
        return text if node.window is None else f"{text} {self._window(node.window)}"

    def _window(self, node: x.Window) -> str:
        match node:
            case x.Within():
                return f"within {self.node(node.duration)}"
            case x.Shorthand():
                return self.node(node.duration)
            case x.WithinNext():
                return f"within next {self.node(node.duration)}"
            case x.OlderThan():
                return f"older than {self.node(node.duration)}"
            case x.Between():
                return f"between {self.node(node.first)} and {self.node(node.second)} ago"
            case x.Before():
                return f"before {self._value(node.moment)}"
            case x.After():
                return f"after {self._value(node.moment)}"
            case _:
                assert_never(node)

    # --- terms ---------------------------------------------------------------------

    def _left(self, node: x.Term) -> str:
        """A term where it stands alone: a calculation has its parentheses."""
        if isinstance(node, (x.Arithmetic, x.Negative)):
            return f"({self._work(node)})"
        return self._work(node)

    def _right(self, node: x.Term) -> str:
        text = self._left(node)
        return f"({text})" if isinstance(node, _TALLIES) else text

    def _work(self, node: x.Term) -> str:
        """A term inside the parentheses of a calculation."""
        match node:
            case x.Number():
                return node.spelling
            case x.Field():
                return f"field {self._name(node.name)}" if node.explicit else self._name(node.name)
            case x.Call():
                values = ", ".join(self._work(argument) for argument in node.arguments)
                return f"{self._name(node.function)}({values})"
            case x.Count():
                return f"count of {self._events(node.events, True, 'events')}"
            case x.Aggregate():
                events = self._events(node.events, True, "events")
                return f"{node.kind} of {self._name(node.property)} in {events}"
            case x.Distinct():
                events = self._events(node.events, True, "events")
                return f"distinct {self._name(node.property)} in {events}"
            case x.Since():
                events = self._events(node.events, True, "event")
                return f"{node.unit} since {node.which} {events}"
            case x.Negative():
                inner = self._work(node.operand)
                return (
                    f"-({inner})"
                    if isinstance(node.operand, x.Arithmetic)
                    else (f"- {inner}" if inner.startswith("-") else f"-{inner}")
                )
            case x.Arithmetic():
                strength = _STRENGTH[node.operator]
                left, right = self._work(node.left), self._work(node.right)
                if isinstance(node.left, x.Arithmetic):
                    left = f"({left})" if _STRENGTH[node.left.operator] < strength else left
                if isinstance(node.right, x.Arithmetic):
                    right = f"({right})" if _STRENGTH[node.right.operator] <= strength else right
                return f"{left} {node.operator} {right}"
            case _:
                assert_never(node)

    # --- values --------------------------------------------------------------------

    def _value(self, node: x.Item | x.Items | x.ListName | x.Regex) -> str:
        match node:
            case x.Number():
                return node.spelling
            case x.Text():
                bare = is_bare(node.value) and (node.bare or not self._keep_quotes)
                return node.value if bare else quoted(node.value)
            case x.Boolean():
                return "true" if node.value else "false"
            case x.Date():
                return f"{node.year:04}-{node.month:02}-{node.day:02}"
            case x.Instant():
                return node.spelling
            case x.Range():
                low = node.low.spelling if node.low else ""
                high = node.high.spelling if node.high else ""
                return f"{low}..{'<' if node.open else ''}{high}"
            case x.Items():
                return f"[{', '.join(self._value(item) for item in node.items)}]"
            case x.ListName():
                return self._name(node.name)
            case x.Regex():
                slashed = re.sub(r"\\.|/", lambda m: "\\/" if m[0] == "/" else m[0], node.pattern)
                return f"/{slashed}/"
            case _:
                assert_never(node)

    def _name(self, name: x.Name) -> str:
        alone = len(name.parts) == 1
        return ".".join(p if is_plain(p, alone) else f"`{p}`" for p in name.parts)
