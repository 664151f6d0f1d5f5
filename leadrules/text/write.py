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
    | x.Statement
)


def write(node: Node, keep_quotes: bool = False) -> str:
    """The canonical text of a node; `parse` reads it as the same node.

    A text that needs no quotes gets none. With `keep_quotes` it keeps those it was
    written with, as a formatter wants it.
    """
    return _Writer(keep_quotes).node(node)


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


_LABEL_NUMBER = re.compile(r"0|[1-9][0-9]{0,14}")
_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2}


class _Writer:
    """Writes nodes; holds only how quotes are treated."""

    def __init__(self, keep_quotes: bool) -> None:
        self._keep_quotes = keep_quotes

    def node(self, node: Node) -> str:
        match node:
            case (
                x.PointsRule()
                | x.LabelRule()
                | x.ScoreBlock()
                | x.ClassifyBlock()
                | x.Define()
                | x.ListDefinition()
                | x.Signal()
                | x.Include()
                | x.UseSchema()
                | x.Timezone()
                | x.Title()
            ):
                return self._statement(node)
            case x.Each() | x.Events() | x.Limit():
                return self._part(node)
            case x.Field() | x.Call() | x.Count() | x.Arithmetic() | x.Negative():
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
            case (
                x.Within() | x.Shorthand() | x.WithinNext() | x.OlderThan()
                | x.Between() | x.Before() | x.After()
            ):  # fmt: skip
                return self._window(node)
            case _:
                return self._condition(node, chained=False)

    # --- statements ----------------------------------------------------------------

    def _statement(self, node: x.Statement) -> str:
        match node:
            case x.PointsRule():
                payer = node.condition
                text = (
                    self._part(payer)
                    if isinstance(payer, x.Each)
                    else self._condition(payer, chained=False)
                )
                sign = "" if node.points.spelling.startswith("-") else "+"
                limits = "".join(f" {self._part(limit)}" for limit in node.limits)
                return f"{text} {sign}{node.points.spelling}{limits}{self._reason(node.reason)}"
            case x.LabelRule():
                held = (
                    "otherwise"
                    if node.condition is None
                    else self._condition(node.condition, chained=False)
                )
                return f"{held} -> {self._label(node.label)}{self._reason(node.reason)}"
            case x.ScoreBlock():
                limits = "".join(f" {self._part(limit)}" for limit in node.limits)
                return self._block(f"score {self._name(node.name)}{limits}", node.rules)
            case x.ClassifyBlock():
                return self._block(f"classify {self._name(node.name)}", node.rules)
            case x.Define():
                condition = self._condition(node.condition, chained=False)
                return f"define {self._name(node.name)} = {condition}"
            case x.ListDefinition():
                file = "file " if isinstance(node.value, x.Text) else ""
                value = (
                    quoted(node.value.value)
                    if isinstance(node.value, x.Text)
                    else self._value(node.value)
                )
                return f"list {self._name(node.name)} = {file}{value}"
            case x.Signal():
                kinds = [self._part(events) for events in node.events]
                text = kinds[0] if len(kinds) == 1 else f"any of [{', '.join(kinds)}]"
                return f"signal {self._name(node.name)} = {text}"
            case x.Include():
                return f"include {quoted(node.path.value)}"
            case x.UseSchema():
                return f"use schema {quoted(node.path.value)}"
            case x.Timezone():
                return f"timezone {quoted(node.zone.value)}"
            case x.Title():
                return f"ruleset {quoted(node.title.value)}"
            case _:
                assert_never(node)

    def _block(self, head: str, rules: tuple[x.PointsRule, ...] | tuple[x.LabelRule, ...]) -> str:
        body = "".join(f"  {self._statement(rule)}\n" for rule in rules)
        return f"{head} {{\n{body}}}"

    def _reason(self, reason: x.Text | None) -> str:
        return "" if reason is None else f" {quoted(reason.value)}"

    def _label(self, label: x.Text) -> str:
        if self._keep_quotes and not label.bare:
            return quoted(label.value)
        if _LABEL_NUMBER.fullmatch(label.value) or label.value in ("true", "false"):
            return label.value
        return label.value if is_bare(label.value) else quoted(label.value)

    def _part(self, node: x.Each | x.Events | x.Limit) -> str:
        match node:
            case x.Each():
                when = node.when
                tail = "" if when is None else f" when {self._condition(when, chained=False)}"
                return f"each {self._events(node.events, closed=False)}{tail}"
            case x.Events():
                return self._events(node, closed=False)
            case x.Limit():
                return f"{node.kind} {node.number.spelling}"
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
                return f"not {self._grouped(node.item, chained)}"
            case x.Comparison():
                exactly = " exactly" if node.exactly else ""
                right = node.right
                text = (
                    self._right(right)
                    if isinstance(right, (x.Field, x.Call, x.Count, x.Arithmetic, x.Negative))
                    else self._value(right)
                )
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
                number = "" if node.number is None else f" {node.number.spelling}"
                return f"{node.kind}{number} {self._events(node.events, closed=chained)}"
            case x.Absence():
                events = self._events(node.events, closed=chained)
                return f"no {events} for {self.node(node.duration)}"
            case _:
                assert_never(node)

    def _grouped(self, node: x.Condition, chained: bool) -> str:
        if isinstance(node, (x.And, x.Or)):
            return f"({self._condition(node, chained=False)})"
        return self._condition(node, chained)

    # --- events --------------------------------------------------------------------

    def _events(self, node: x.Events, closed: bool) -> str:
        text = "any event" if node.name is None else self._name(node.name)
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
        return f"({text})" if isinstance(node, x.Count) else text

    def _work(self, node: x.Term) -> str:
        """A term inside the parentheses of a calculation."""
        match node:
            case x.Number():
                return node.spelling
            case x.Field():
                return f"field {self._name(node.name)}" if node.explicit else self._name(node.name)
            case x.Call():
                return f"{self._name(node.function)}({self._work(node.argument)})"
            case x.Count():
                return f"count of {self._events(node.events, closed=True)}"
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
