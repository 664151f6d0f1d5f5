"""A rule file as it was written: every choice of words, nothing decided yet.

Names are not looked up here and types are not known: `budget` may turn out to be a
field, an event, a definition or a signal. What things mean is in `program`. Every node
ends in its `span`, which plays no part in equality, so that the same rule written twice
is equal to itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from leadrules.model.source import Source, Span

# --- names and values -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Name:
    """A name, part by part, in NFC and without backquotes: `company.employees`."""

    parts: tuple[str, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its sign; `spelling` keeps how it was written (`1_000`, `2.50`)."""

    value: Decimal
    spelling: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A text. `bare` when it stood without quotes: a word such as FR or gmail.com."""

    value: str
    bare: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Boolean:
    """`true` or `false`."""

    value: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Date:
    """A calendar day that exists: `2026-11-22`."""

    year: int
    month: int
    day: int
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Instant:
    """An RFC 3339 instant as written. Without an offset it is in the ruleset's time zone."""

    spelling: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Range:
    """`50..249`, `50..<250`, `250..`, `..49`. `low` always belongs; `high` unless `open`."""

    low: Number | None
    high: Number | None
    open: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Regex:
    """`/…/` with the text between the slashes, `\\/` already read as `/`."""

    pattern: str
    span: Span = field(compare=False, repr=False)


Unit = Literal["min", "h", "d", "w", "mo", "y"]


@dataclass(frozen=True, slots=True)
class Duration:
    """`30d`, `48h`, `6mo`; `30 days` is read as `30d`."""

    count: int
    unit: Unit
    span: Span = field(compare=False, repr=False)


Item = Number | Text | Boolean | Date | Instant | Range


@dataclass(frozen=True, slots=True)
class Items:
    """A list in brackets: `[SaaS, "IT services"]`."""

    items: tuple[Item, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ListName:
    """A bare word after `in`, `contains any of` or `contains all of`."""

    name: Name
    span: Span = field(compare=False, repr=False)


# --- terms: what stands left of an operator, or in a calculation -------------------


@dataclass(frozen=True, slots=True)
class Field:
    """A name used as a value. `explicit` when the word `field` stands before it."""

    name: Name
    explicit: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of one value: `domain(email)`, `length(title)`, `valid_email(email)`."""

    function: Name
    argument: Term
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Count:
    """`count of E`: how many events match."""

    events: Events
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`left operator right`, inside the parentheses of a calculation."""

    operator: Literal["+", "-", "*", "/"]
    left: Term
    right: Term
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Negative:
    """`-x`, inside the parentheses of a calculation; never of a plain number."""

    operand: Term
    span: Span = field(compare=False, repr=False)


Term = Field | Call | Count | Arithmetic | Negative | Number


# --- events and time ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Within:
    """`within 30d`; `within last 30d` says the same and is read as this."""

    duration: Duration
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Shorthand:
    """A duration right behind a name: `demo_request 7d`, `no_reply 30d`."""

    duration: Duration
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class WithinNext:
    """`within next 90d`, of a date."""

    duration: Duration
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class OlderThan:
    """`older than 30d`."""

    duration: Duration
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Between:
    """`between 7d and 30d ago`, the two in the order written."""

    first: Duration
    second: Duration
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Before:
    """`before 2026-11-22`."""

    moment: Date | Instant
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class After:
    """`after 2026-11-22`."""

    moment: Date | Instant
    span: Span = field(compare=False, repr=False)


Window = Within | Shorthand | WithinNext | OlderThan | Between | Before | After


@dataclass(frozen=True, slots=True)
class Events:
    """Events of a type: `page_view where (url contains "/pricing") within 30d`.

    `name` is None for `any event`, `event` and `events`.
    """

    name: Name | None
    where: Condition | None
    window: Window | None
    span: Span = field(compare=False, repr=False)


# --- conditions --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class And:
    """Two conditions or more joined by `and`; none of them is itself an And."""

    items: tuple[Condition, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Or:
    """Two conditions or more joined by `or`; none of them is itself an Or."""

    items: tuple[Condition, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    """`not` and the condition behind it."""

    item: Condition
    span: Span = field(compare=False, repr=False)


Operator = Literal[
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "in",
    "not in",
    "contains",
    "contains any of",
    "contains all of",
    "starts with",
    "ends with",
    "like",
    "matches",
]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left operator right`. `exactly` when that word stands before the right side."""

    left: Term
    operator: Operator
    right: Item | Items | ListName | Regex | Field | Term
    exactly: bool
    operator_span: Span = field(compare=False, repr=False)
    span: Span = field(compare=False, repr=False)


State = Literal["known", "missing", "empty", "not empty"]


@dataclass(frozen=True, slots=True)
class Is:
    """`x known`, `x missing`, `x is empty`, `x is not empty`."""

    subject: Term
    state: State
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Holds:
    """A call standing alone as a condition: `valid_email(email)`."""

    call: Call
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Occurs:
    """A name standing alone, with or without a filter and a window.

    An event (`demo_request within 7d`), a yes-or-no field (`opted_in`), a definition, or
    a date (`field purchase_date within 30d`: then `explicit` is true).
    """

    events: Events
    explicit: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Quantity:
    """`at least 3 E`, `at most 2 E`, `exactly 1 E`, `no E` (which is exactly 0)."""

    kind: Literal["at least", "at most", "exactly", "no"]
    number: Number | None
    events: Events
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Absence:
    """`no E for 30d`; also the shorthand `no E 30d`. Its events have no window."""

    events: Events
    duration: Duration
    span: Span = field(compare=False, repr=False)


Condition = And | Or | Not | Comparison | Is | Holds | Occurs | Quantity | Absence


# --- statements --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limit:
    """`max 40` or `min 0`, behind points or in the head of a score block."""

    kind: Literal["min", "max"]
    number: Number
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Each:
    """`each E … [when CONDITION]`: what pays for every matching event."""

    events: Events
    when: Condition | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PointsRule:
    """`CONDITION +40 max 40 "reason"` or `each E +10 max 40 "reason"`."""

    condition: Condition | Each
    points: Number
    limits: tuple[Limit, ...]
    reason: Text | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class LabelRule:
    """`CONDITION -> LABEL "reason"`; `condition` is None for `otherwise`."""

    condition: Condition | None
    label: Text
    reason: Text | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ScoreBlock:
    """`score NAME max 50 { … }`."""

    name: Name
    limits: tuple[Limit, ...]
    rules: tuple[PointsRule, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ClassifyBlock:
    """`classify NAME { … }`."""

    name: Name
    rules: tuple[LabelRule, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Define:
    """`define NAME = CONDITION`."""

    name: Name
    condition: Condition
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ListDefinition:
    """`list NAME = [ … ]` or `list NAME = file "path"`."""

    name: Name
    value: Items | Text
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Signal:
    """`signal NAME = E` or `signal NAME = any of [E, E]`: a name for events."""

    name: Name
    events: tuple[Events, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Include:
    """`include "lists.rules"`."""

    path: Text
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class UseSchema:
    """`use schema "lead.schema.json"`."""

    path: Text
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Timezone:
    """`timezone "Europe/Paris"`."""

    zone: Text
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Title:
    """`ruleset "Inbound"`."""

    title: Text
    span: Span = field(compare=False, repr=False)


Statement = (
    PointsRule
    | LabelRule
    | ScoreBlock
    | ClassifyBlock
    | Define
    | ListDefinition
    | Signal
    | Include
    | UseSchema
    | Timezone
    | Title
)


@dataclass(frozen=True, slots=True)
class RuleFile:
    """The statements of one file that could be read, in the order written."""

    source: Source
    statements: tuple[Statement, ...]
