"""A rule file as it was written: every choice of words, nothing decided yet.

Names are not looked up here and types are not known: `budget` may turn out to be a
field, an event, a definition or a signal. What things mean is in `program`. Every node
ends in its `span`, which plays no part in equality, so that the same rule written twice
is equal to itself.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from leadrules.model.frozen import Frozen, uncounted
from leadrules.model.source import Source, Span

# --- names and values -------------------------------------------------------------


class Name(Frozen):
    """A name, part by part, in NFC and without backquotes: `company.employees`."""

    parts: tuple[str, ...]
    span: Span = uncounted()


class Number(Frozen):
    """A number with its sign; `spelling` keeps how it was written (`1_000`, `2.50`)."""

    value: Decimal
    spelling: str
    span: Span = uncounted()


class Text(Frozen):
    """A text. `bare` when it stood without quotes: a word such as FR or gmail.com."""

    value: str
    bare: bool
    span: Span = uncounted()


class Boolean(Frozen):
    """`true` or `false`."""

    value: bool
    span: Span = uncounted()


class Date(Frozen):
    """A calendar day that exists: `2026-11-22`."""

    year: int
    month: int
    day: int
    span: Span = uncounted()


class Instant(Frozen):
    """An RFC 3339 instant as written. Without an offset it is in the ruleset's time zone."""

    spelling: str
    span: Span = uncounted()


class Range(Frozen):
    """`50..249`, `50..<250`, `250..`, `..49`. `low` always belongs; `high` unless `open`."""

    low: Number | None
    high: Number | None
    open: bool
    span: Span = uncounted()


class Regex(Frozen):
    """`/…/` with the text between the slashes, `\\/` already read as `/`."""

    pattern: str
    span: Span = uncounted()


Unit = Literal["min", "h", "d", "w", "mo", "y"]


class Duration(Frozen):
    """`30d`, `48h`, `6mo`; `30 days` is read as `30d`."""

    count: int
    unit: Unit
    span: Span = uncounted()


Item = Number | Text | Boolean | Date | Instant | Range


class Items(Frozen):
    """A list in brackets: `[SaaS, "IT services"]`."""

    items: tuple[Item, ...]
    span: Span = uncounted()


class ListName(Frozen):
    """A bare word after `in`, `contains any of` or `contains all of`."""

    name: Name
    span: Span = uncounted()


# --- terms: what stands left of an operator, or in a calculation -------------------


class Field(Frozen):
    """A name used as a value. `explicit` when the word `field` stands before it."""

    name: Name
    explicit: bool
    span: Span = uncounted()


class Call(Frozen):
    """A function and its values: `domain(email)`, `valid_email(email)`, `max(seats, 10)`."""

    function: Name
    arguments: tuple[Term, ...]
    span: Span = uncounted()


class Count(Frozen):
    """`count of E`: how many events match."""

    events: Events
    span: Span = uncounted()


class Aggregate(Frozen):
    """`sum of amount in E`, and `min`, `max` and `average` in its place."""

    kind: Literal["sum", "min", "max", "average"]
    property: Name
    events: Events
    span: Span = uncounted()


class Distinct(Frozen):
    """`distinct url in E`: how many different values a property has."""

    property: Name
    events: Events
    span: Span = uncounted()


class Since(Frozen):
    """`days since last E`, `hours since first E`."""

    unit: Literal["days", "hours"]
    which: Literal["first", "last"]
    events: Events
    span: Span = uncounted()


class Arithmetic(Frozen):
    """`left operator right`, inside the parentheses of a calculation."""

    operator: Literal["+", "-", "*", "/"]
    left: Term
    right: Term
    span: Span = uncounted()


class Negative(Frozen):
    """`-x`, inside the parentheses of a calculation; never of a plain number."""

    operand: Term
    span: Span = uncounted()


Term = Field | Call | Count | Aggregate | Distinct | Since | Arithmetic | Negative | Number


# --- events and time ---------------------------------------------------------------


class Within(Frozen):
    """`within 30d`; `within last 30d` says the same and is read as this."""

    duration: Duration
    span: Span = uncounted()


class Shorthand(Frozen):
    """A duration right behind a name: `demo_request 7d`, `no_reply 30d`."""

    duration: Duration
    span: Span = uncounted()


class WithinNext(Frozen):
    """`within next 90d`, of a date."""

    duration: Duration
    span: Span = uncounted()


class OlderThan(Frozen):
    """`older than 30d`."""

    duration: Duration
    span: Span = uncounted()


class Between(Frozen):
    """`between 7d and 30d ago`, the two in the order written."""

    first: Duration
    second: Duration
    span: Span = uncounted()


class Before(Frozen):
    """`before 2026-11-22`."""

    moment: Date | Instant
    span: Span = uncounted()


class After(Frozen):
    """`after 2026-11-22`."""

    moment: Date | Instant
    span: Span = uncounted()


Window = Within | Shorthand | WithinNext | OlderThan | Between | Before | After


class Events(Frozen):
    """Events of a type: `page_view where (url contains "/pricing") within 30d`.

    `name` is None for `any event`, `event` and `events`.
    """

    name: Name | None
    where: Condition | None
    window: Window | None
    span: Span = uncounted()


# --- conditions --------------------------------------------------------------------


class And(Frozen):
    """Two conditions or more joined by `and`; none of them is itself an And."""

    items: tuple[Condition, ...]
    span: Span = uncounted()


class Or(Frozen):
    """Two conditions or more joined by `or`; none of them is itself an Or."""

    items: tuple[Condition, ...]
    span: Span = uncounted()


class Not(Frozen):
    """`not` and the condition behind it."""

    item: Condition
    span: Span = uncounted()


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


class Comparison(Frozen):
    """`left operator right`. `exactly` when that word stands before the right side."""

    left: Term
    operator: Operator
    right: Item | Items | ListName | Regex | Field | Term
    exactly: bool
    operator_span: Span = uncounted()
    span: Span = uncounted()


State = Literal["known", "missing", "empty", "not empty"]


class Is(Frozen):
    """`x known`, `x missing`, `x is empty`, `x is not empty`."""

    subject: Term
    state: State
    span: Span = uncounted()


class Holds(Frozen):
    """A call standing alone as a condition: `valid_email(email)`."""

    call: Call
    span: Span = uncounted()


class Occurs(Frozen):
    """A name standing alone, with or without a filter and a window.

    An event (`demo_request within 7d`), a yes-or-no field (`opted_in`), a definition, or
    a date (`field purchase_date within 30d`: then `explicit` is true).
    """

    events: Events
    explicit: bool
    span: Span = uncounted()


class Quantity(Frozen):
    """`at least 3 E`, `at most 2 E`, `exactly 1 E`, `no E` (which is exactly 0)."""

    kind: Literal["at least", "at most", "exactly", "no"]
    number: Number | None
    events: Events
    span: Span = uncounted()


class Absence(Frozen):
    """`no E for 30d`, `no E for 48h since F`; also the shorthand `no E 30d`.

    Its events have no window.
    """

    events: Events
    duration: Duration
    since: Events | None
    span: Span = uncounted()


class Followed(Frozen):
    """`E followed by F within 48h`, `E not followed by F within 48h`.

    `then` has no window. Without `negated` there may be no `within`.
    """

    first: Events
    then: Events
    within: Duration | None
    negated: bool
    span: Span = uncounted()


class Complete(Frozen):
    """`BANT complete`: every item of a checklist is met."""

    checklist: Name
    span: Span = uncounted()


class Was(Frozen):
    """`was SQL`: the label that yesterday's result has."""

    label: Text
    span: Span = uncounted()


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


class Computed(Frozen):
    """Points that are worked out: `+(amount / 100)`, `-(count of bounce * 2)`."""

    sign: Literal["+", "-"]
    term: Term
    span: Span = uncounted()


class Limit(Frozen):
    """`max 40`, `min 0`, `max 50 when no event for 45d`."""

    kind: Literal["min", "max"]
    number: Number
    when: Condition | None
    span: Span = uncounted()


class Decay(Frozen):
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
    span: Span = uncounted()


Period = Literal["day", "week", "month"]


class AtMost(Frozen):
    """`at most 3`, `at most 1 per day`, of the events that an `each` pays for."""

    count: Number
    per: Period | None
    span: Span = uncounted()


class Spaced(Frozen):
    """`spaced 7d`: the next event counts only so long after the last that counted."""

    duration: Duration
    span: Span = uncounted()


class DistinctBy(Frozen):
    """`distinct url`: only the first event of each value counts."""

    property: Name
    span: Span = uncounted()


Choosing = AtMost | Spaced | DistinctBy


class Each(Frozen):
    """`each E [at most …] [spaced …] [distinct …] [when CONDITION]`: pays for every event.

    `choosing` stands in the order written, which has no meaning.
    """

    events: Events
    choosing: tuple[Choosing, ...]
    when: Condition | None
    span: Span = uncounted()


class PointsRule(Frozen):
    """`CONDITION +40 max 40 half-life 30d "reason"` or `each E +10 max 40 "reason"`."""

    condition: Condition | Each
    points: Number | Computed
    limits: tuple[Limit, ...]
    decay: Decay | None
    reason: Text | None
    span: Span = uncounted()


class Row(Frozen):
    """A row of a band: `50..249 +10 "mid-size"`, `[FR, BE] +5`, `otherwise +0`, `missing -5`.

    `value` is None for `otherwise`, and "missing" for `missing`.
    """

    value: Item | Items | Literal["missing"] | None
    points: Number | Computed
    reason: Text | None
    span: Span = uncounted()


class Band(Frozen):
    """`band company.employees { 1..49 +0; 50.. +10; missing -5 }`."""

    subject: Term
    rows: tuple[Row, ...]
    span: Span = uncounted()


class Group(Frozen):
    """`group "name" max 30 { … }`: rules whose points are limited together."""

    title: Text
    limits: tuple[Limit, ...]
    rules: tuple[Paying, ...]
    span: Span = uncounted()


class Choice(Frozen):
    """`first of { … }` pays the first that holds, `best of { … }` the one that pays most."""

    kind: Literal["first", "best"]
    rules: tuple[Paying, ...]
    span: Span = uncounted()


# What may stand inside a score block, and outside any.
Paying = PointsRule | Band | Group | Choice


class ScoreBlock(Frozen):
    """`score NAME [when CONDITION] max 50 half-life 30d { … }`."""

    name: Name
    when: Condition | None
    limits: tuple[Limit, ...]
    decay: Decay | None
    rules: tuple[Paying, ...]
    span: Span = uncounted()


class Total(Frozen):
    """`total min 0 max 100`: limits of the whole score."""

    limits: tuple[Limit, ...]
    span: Span = uncounted()


# --- labels ------------------------------------------------------------------------


class LabelRule(Frozen):
    """`CONDITION -> LABEL "reason"`; `condition` is None for `otherwise`."""

    condition: Condition | None
    label: Text
    reason: Text | None
    span: Span = uncounted()


class ClassifyBlock(Frozen):
    """`classify NAME { … }`; `unique` promises that no two of its rules hold at once."""

    name: Name
    unique: bool
    rules: tuple[LabelRule, ...]
    span: Span = uncounted()


class DimensionOrder(Frozen):
    """`dimension grade: C < B < A, none`: the labels from low to high, and those outside."""

    name: Name
    labels: tuple[Text, ...]
    outside: tuple[Text, ...]
    span: Span = uncounted()


class NeverFalls(Frozen):
    """`dimension stage never falls`, `dimension stage never falls until CONDITION`."""

    name: Name
    until: Condition | None
    span: Span = uncounted()


class Combine(Frozen):
    """`combine tier = grade, level`."""

    name: Name
    dimensions: tuple[Name, ...]
    span: Span = uncounted()


class ChecklistItem(Frozen):
    """`budget: budget >= 5000`."""

    name: Name
    condition: Condition
    span: Span = uncounted()


class Checklist(Frozen):
    """`checklist BANT { budget: budget >= 5000; need: need known }`."""

    name: Name
    items: tuple[ChecklistItem, ...]
    span: Span = uncounted()


class Exclude(Frozen):
    """`exclude CONDITION "reason"`: such a lead gets no score."""

    condition: Condition
    reason: Text | None
    span: Span = uncounted()


class Freeze(Frozen):
    """`freeze CONDITION "reason"`: such a lead keeps yesterday's result."""

    condition: Condition
    reason: Text | None
    span: Span = uncounted()


# --- names, files, settings --------------------------------------------------------


class Define(Frozen):
    """`define NAME = CONDITION`."""

    name: Name
    condition: Condition
    span: Span = uncounted()


class DefineNumber(Frozen):
    """`define NAME = (EXPRESSION)`; `define score = (…)` says how the score is made."""

    name: Name
    term: Term
    span: Span = uncounted()


class ListDefinition(Frozen):
    """`list NAME = [ … ]` or `list NAME = file "path"`."""

    name: Name
    value: Items | Text
    span: Span = uncounted()


class Signal(Frozen):
    """`signal NAME = E` or `signal NAME = any of [E, E]`: a name for events."""

    name: Name
    events: tuple[Events, ...]
    span: Span = uncounted()


class Include(Frozen):
    """`include "lists.rules"`."""

    path: Text
    span: Span = uncounted()


class UseSchema(Frozen):
    """`use schema "lead.schema.json"`."""

    path: Text
    span: Span = uncounted()


class Timezone(Frozen):
    """`timezone "Europe/Paris"`."""

    zone: Text
    span: Span = uncounted()


class Title(Frozen):
    """`ruleset "Inbound"`."""

    title: Text
    span: Span = uncounted()


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


class RuleFile(Frozen):
    """The statements of one file that could be read, in the order written."""

    source: Source
    statements: tuple[Statement, ...]
