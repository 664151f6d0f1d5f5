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
    """A function and its values: `domain(email)`, `valid_email(email)`, `max(seats, 10)`."""

    function: Name
    arguments: tuple[Term, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Count:
    """`count of E`: how many events match."""

    events: Events
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`sum of amount in E`, and `min`, `max` and `average` in its place."""

    kind: Literal["sum", "min", "max", "average"]
    property: Name
    events: Events
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Distinct:
    """`distinct url in E`: how many different values a property has."""

    property: Name
    events: Events
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Since:
    """`days since last E`, `hours since first E`."""

    unit: Literal["days", "hours"]
    which: Literal["first", "last"]
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


Term = Field | Call | Count | Aggregate | Distinct | Since | Arithmetic | Negative | Number


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
    """`no E for 30d`, `no E for 48h since F`; also the shorthand `no E 30d`.

    Its events have no window.
    """

    events: Events
    duration: Duration
    since: Events | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Followed:
    """`E followed by F within 48h`, `E not followed by F within 48h`.

    `then` has no window. Without `negated` there may be no `within`.
    """

    first: Events
    then: Events
    within: Duration | None
    negated: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Complete:
    """`BANT complete`: every item of a checklist is met."""

    checklist: Name
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Was:
    """`was SQL`: the label that yesterday's result has."""

    label: Text
    span: Span = field(compare=False, repr=False)


Condition = (
    And
    | Or
    | Not
    | Comparison
    | Is
    | Holds
    | Occurs
    | Quantity
    | Absence
    | Followed
    | Complete
    | Was
)


# --- points ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Computed:
    """Points that are worked out: `+(amount / 100)`, `-(count of bounce * 2)`."""

    sign: Literal["+", "-"]
    term: Term
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Limit:
    """`max 40`, `min 0`, `max 50 when no event for 45d`."""

    kind: Literal["min", "max"]
    number: Number
    when: Condition | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Decay:
    """How points shrink with age.

    `half-life 30d`, `fades over 90d` and `expires after 90d` have no `amount`;
    `decays 25% every 30d` is in `percent`, `loses 15% every 45d` too, `loses 5 every 7d`
    is not. `since` is the E of `since last E`.
    """

    kind: Literal["half-life", "fades", "decays", "loses", "expires"]
    amount: Number | None
    percent: bool
    duration: Duration
    since: Events | None
    span: Span = field(compare=False, repr=False)


Period = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class AtMost:
    """`at most 3`, `at most 1 per day`, of the events that an `each` pays for."""

    count: Number
    per: Period | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Spaced:
    """`spaced 7d`: the next event counts only so long after the last that counted."""

    duration: Duration
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class DistinctBy:
    """`distinct url`: only the first event of each value counts."""

    property: Name
    span: Span = field(compare=False, repr=False)


Choosing = AtMost | Spaced | DistinctBy


@dataclass(frozen=True, slots=True)
class Each:
    """`each E [at most …] [spaced …] [distinct …] [when CONDITION]`: pays for every event.

    `choosing` stands in the order written, which has no meaning.
    """

    events: Events
    choosing: tuple[Choosing, ...]
    when: Condition | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PointsRule:
    """`CONDITION +40 max 40 half-life 30d "reason"` or `each E +10 max 40 "reason"`."""

    condition: Condition | Each
    points: Number | Computed
    limits: tuple[Limit, ...]
    decay: Decay | None
    reason: Text | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a band: `50..249 +10 "mid-size"`, `[FR, BE] +5`, `otherwise +0`, `missing -5`.

    `value` is None for `otherwise`, and "missing" for `missing`.
    """

    value: Item | Items | Literal["missing"] | None
    points: Number | Computed
    reason: Text | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Band:
    """`band company.employees { 1..49 +0; 50.. +10; missing -5 }`."""

    subject: Term
    rows: tuple[Row, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Group:
    """`group "name" max 30 { … }`: rules whose points are limited together."""

    title: Text
    limits: tuple[Limit, ...]
    rules: tuple[Paying, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """`first of { … }` pays the first that holds, `best of { … }` the one that pays most."""

    kind: Literal["first", "best"]
    rules: tuple[Paying, ...]
    span: Span = field(compare=False, repr=False)


# What may stand inside a score block, and outside any.
Paying = PointsRule | Band | Group | Choice


@dataclass(frozen=True, slots=True)
class ScoreBlock:
    """`score NAME [when CONDITION] max 50 half-life 30d { … }`."""

    name: Name
    when: Condition | None
    limits: tuple[Limit, ...]
    decay: Decay | None
    rules: tuple[Paying, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Total:
    """`total min 0 max 100`: limits of the whole score."""

    limits: tuple[Limit, ...]
    span: Span = field(compare=False, repr=False)


# --- labels ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LabelRule:
    """`CONDITION -> LABEL "reason"`; `condition` is None for `otherwise`."""

    condition: Condition | None
    label: Text
    reason: Text | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ClassifyBlock:
    """`classify NAME { … }`; `unique` promises that no two of its rules hold at once."""

    name: Name
    unique: bool
    rules: tuple[LabelRule, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class DimensionOrder:
    """`dimension grade: C < B < A, none`: the labels from low to high, and those outside."""

    name: Name
    labels: tuple[Text, ...]
    outside: tuple[Text, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class NeverFalls:
    """`dimension stage never falls`, `dimension stage never falls until CONDITION`."""

    name: Name
    until: Condition | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Combine:
    """`combine tier = grade, level`."""

    name: Name
    dimensions: tuple[Name, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """`budget: budget >= 5000`."""

    name: Name
    condition: Condition
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Checklist:
    """`checklist BANT { budget: budget >= 5000; need: need known }`."""

    name: Name
    items: tuple[ChecklistItem, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Exclude:
    """`exclude CONDITION "reason"`: such a lead gets no score."""

    condition: Condition
    reason: Text | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Freeze:
    """`freeze CONDITION "reason"`: such a lead keeps yesterday's result."""

    condition: Condition
    reason: Text | None
    span: Span = field(compare=False, repr=False)


# --- names, files, settings --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Define:
    """`define NAME = CONDITION`."""

    name: Name
    condition: Condition
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class DefineNumber:
    """`define NAME = (EXPRESSION)`; `define score = (…)` says how the score is made."""

    name: Name
    term: Term
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
    | Band
    | Group
    | Choice
    | ScoreBlock
    | Total
    | LabelRule
    | ClassifyBlock
    | DimensionOrder
    | NeverFalls
    | Combine
    | Checklist
    | Exclude
    | Freeze
    | Define
    | DefineNumber
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
