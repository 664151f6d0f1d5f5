"""A ruleset as it is meant: few kinds of things, every choice made.

Names are resolved, types are known, times are distances from `as_of`, points are whole
hundredths. An engine needs nothing but this and the leads. Conditions are true, false or
unknown; a number or a text may be missing; what each kind does with a missing value is
said in its docstring, and the reference engine spells it out.

A lead is judged in this order: exclusions and freezes, points from the inside out, the
checklists, the dimensions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from leadrules.model.frozen import Frozen, uncounted
from leadrules.model.instant import Moment, Window

# `whole` is a number that must be whole in a lead's record. `text or list` is a field
# that no schema describes and that is only used with `contains`. `anything` is one that
# is only asked to be known, missing or empty.
Type = Literal["number", "whole", "text", "boolean", "date", "list", "text or list", "anything"]


class Field(Frozen):
    """A value of the lead's record, or of the event at hand when `of_event`.

    `path` is the key, and the keys inside it. `blanks` are folded texts that stand for
    "nothing entered". Missing when absent, null, blank, or one of `blanks`.
    """

    path: tuple[str, ...]
    type: Type
    of_event: bool = False
    blanks: tuple[str, ...] = ()


# --- numbers: IEEE doubles, or missing ---------------------------------------------


class Constant(Frozen):
    """A number in the rules."""

    value: float


class Count(Frozen):
    """How many of the lead's events are of a kind and lie in a window. Never missing."""

    events: Events


class Aggregate(Frozen):
    """A property's sum, least, greatest or mean over the events that have it.

    Of no event the sum is 0, the others are missing. Sums are taken in the order of the
    record, so that every engine rounds alike; missing when the result is no finite number.
    """

    kind: Literal["sum", "min", "max", "average"]
    property: Field
    events: Events


class Distinct(Frozen):
    """How many different values a property has in some events. Never missing.

    Texts that differ only in case are one value; an event without the property adds none.
    """

    property: Field
    events: Events


class Since(Frozen):
    """The time from the first or last of some events to `as_of`, with its fractions.

    Missing when there is no such event.
    """

    unit: Literal["days", "hours"]
    which: Literal["first", "last"]
    events: Events


class Function(Frozen):
    """Missing when an argument is. `round` goes to the nearest whole number, a half away
    from zero; `min` and `max` have two arguments or more, the others one."""

    name: Literal["min", "max", "floor", "ceil", "round", "abs"]
    arguments: tuple[Number, ...]


class Met(Frozen):
    """How many items of a checklist are true. Never missing."""

    checklist: str


class PreviousScore(Frozen):
    """Yesterday's score, or that of a block; missing when yesterday's result has none."""

    block: str | None


class Length(Frozen):
    """How many characters a text has, in normal form. Missing when the text is."""

    text: Text


class Arithmetic(Frozen):
    """Missing when a side is, and when the result is no finite number."""

    operator: Literal["+", "-", "*", "/"]
    left: Number
    right: Number


class Score(Frozen):
    """The lead's points, in points: of a score block, or all of them (`block` is None).

    Conditions of labels hold it; `Program.formula` and the limits of the total hold it of
    blocks. Never missing.
    """

    block: str | None


Number = (
    Field
    | Constant
    | Count
    | Aggregate
    | Distinct
    | Since
    | Length
    | Arithmetic
    | Function
    | Score
    | Met
    | PreviousScore
)


# --- texts: normal form, or missing ------------------------------------------------


class Domain(Frozen):
    """What stands behind the last `@` of a text; missing when there is none or nothing."""

    text: Text


Text = Field | Domain


# --- events ------------------------------------------------------------------------


class Kind(Frozen):
    """Events of one type (None: of every type) for which `where` is true."""

    type: str | None
    where: Condition | None


class Events(Frozen):
    """Events of any of these kinds, each event once, in a window (None: at any time). `signal`
    is the name that the rules have for these kinds together, where they have one."""

    kinds: tuple[Kind, ...]
    window: Window | None
    signal: str | None = uncounted(default=None)


# --- conditions --------------------------------------------------------------------


class All(Frozen):
    """False when one is false, else unknown when one is unknown, else true."""

    items: tuple[Condition, ...]


class Any_(Frozen):
    """True when one is true, else unknown when one is unknown, else false."""

    items: tuple[Condition, ...]


class Not(Frozen):
    """True for false, false for true, unknown for unknown."""

    item: Condition


Order = Literal["=", "!=", "<", "<=", ">", ">="]


class Compare(Frozen):
    """Two numbers. Unknown when one is missing."""

    operator: Order
    left: Number
    right: Number


class Span(Frozen):
    """Numbers from `low`, which belongs, to `high`, which belongs unless `open`."""

    low: float | None
    high: float | None
    open: bool = False


class InSpans(Frozen):
    """A number in any of some ranges. Unknown when it is missing."""

    number: Number
    spans: tuple[Span, ...]


class IsText(Frozen):
    """A text that is one of `values`. Unknown when it is missing.

    `values` are folded unless `exactly`; then they are in normal form.
    """

    text: Text
    values: tuple[str, ...]
    exactly: bool = False


class SameText(Frozen):
    """Two texts that are the same. Unknown when one is missing."""

    left: Text
    right: Text
    exactly: bool = False


class Has(Frozen):
    """A text that contains, starts with or ends with one of `values`, or all of them.

    A list of texts contains a value when one of its items is that value. Unknown when
    the text or list is missing. `values` as in IsText; `like` takes patterns in which `*`
    stands for any characters.
    """

    text: Text
    how: Literal["contains", "starts", "ends", "like"]
    values: tuple[str, ...]
    every: bool = False
    exactly: bool = False


class Matches(Frozen):
    """A text in which a regular expression (RE2) is found. Unknown when it is missing.

    Without `exactly`, upper and lower case are the same to it, as in RE2's `(?i)`.
    """

    text: Text
    pattern: str
    exactly: bool = False


class Valid(Frozen):
    """A text that passes a check. Unknown when it is missing."""

    text: Text
    check: Literal["email", "siren", "siret"]


class IsTrue(Frozen):
    """A yes-or-no field. Unknown when it is missing."""

    field: Field


class During(Frozen):
    """A date in a window. Unknown when it is missing."""

    date: Field
    window: Window


class CompareDates(Frozen):
    """Two dates, as instants. Unknown when one is missing."""

    operator: Order
    left: Field
    right: Field


class Known(Frozen):
    """A value that is there. Never unknown."""

    value: Number | Text


class Empty(Frozen):
    """A value that is missing, or a list without items. Never unknown."""

    value: Field


class NoneSince(Frozen):
    """No events of these kinds after `since`, by a lead that was there to be observed.

    False when there is such an event. Otherwise true when `created` or any event of the
    lead lies at or before `since`; unknown when not.
    """

    events: Events
    since: Moment
    created: Field


class NoneAfter(Frozen):
    """No events of these kinds since the last `marker`, which lies at or before `since`.

    False when one of these events, that is no marker itself, lies at or after the last
    marker. Otherwise true when that marker lies at or before `since`; unknown when it
    does not, and when there is no marker.
    """

    events: Events
    marker: Events
    since: Moment


class Followed(Frozen):
    """Some event of `first` is followed by another one of `then`. Never unknown.

    It is followed when the other one lies at the same instant or later, and less than
    `span` nanoseconds later when there is a `span`. With `negated`: some event of `first`
    lies at least `span` before `as_of` (there always is one) and is not followed.
    """

    first: Events
    then: Events
    span: int | None
    negated: bool


class HasLabel(Frozen):
    """The label of a dimension is one of these. Unknown when there is none."""

    dimension: str
    labels: tuple[str, ...]


class LabelKnown(Frozen):
    """A dimension has a label. Never unknown."""

    dimension: str


class Was(Frozen):
    """Yesterday's label of a dimension is this one. Never unknown."""

    dimension: str
    label: str


Condition = (
    All
    | Any_
    | Not
    | Compare
    | InSpans
    | IsText
    | SameText
    | Has
    | Matches
    | Valid
    | IsTrue
    | During
    | CompareDates
    | Known
    | Empty
    | NoneSince
    | NoneAfter
    | Followed
    | HasLabel
    | LabelKnown
    | Was
)


# --- points ------------------------------------------------------------------------


Period = Literal["day", "week", "month"]


class Picks(Frozen):
    """Which of some events count, going from the earliest; equal instants as in the record.

    An event counts when nothing here speaks against it, given those that counted before:
    `distinct` (it has the property, and none that counted has the same value; texts
    without case), `spaced` (it lies at least so many nanoseconds after the last that
    counted), `per` (fewer than so many counted in its day, week from Monday, or month of
    the ruleset's zone), `most` (fewer than so many counted).
    """

    distinct: tuple[Field, ...] = ()
    spaced: int | None = None
    per: tuple[tuple[int, Period], ...] = ()
    most: int | None = None


class Once(Frozen):
    """Pays once, when the condition is true. `asks` are the events that the condition asks
    for: the latest of them tells the age."""

    condition: Condition
    asks: tuple[Events, ...] = ()


class Each(Frozen):
    """Pays for each of the events that count, when the condition (if any) is true."""

    events: Events
    when: Condition | None
    picks: Picks = Picks()


class Decay(Frozen):
    """How points shrink with age, in whole days. `name` is how it is written.

    `half-life`: to a half in `span`. `fades`: in a straight line to nothing at `span`.
    `expires`: to nothing at `span`. `decays`: at every `span` by a share of what is left.
    `loses share`: at every `span` by a share of the whole, `loses points`: by points, both
    never past zero. `amount` is that share in ten-thousandths, or hundredths of a point.
    `span` is in nanoseconds. With `since` the age is that of the last such event, where
    there is one. `decay.py` beside this file has the numbers.
    """

    name: str
    kind: Literal["half-life", "fades", "expires", "decays", "loses share", "loses points"]
    span: int
    amount: int | None
    since: Events | None


class Limit(Frozen):
    """The least or the most that something may come to, in hundredths of a point.

    `name` is how it is written. It acts when its condition, if any, is true. Of several,
    the smallest `max` acts and then the largest `min`; where they cross, `max` wins.
    """

    name: str
    kind: Literal["min", "max"]
    points: int
    when: Condition | None = None


class PointsRule(Frozen):
    """`name` is the rule as its writer would read it; `points` are hundredths, each time.

    Points that are a Number are worked out, for each event of an Each; when that is
    missing, or beyond MOST_POINTS, a rule that pays once does not fire, and an event does
    not count. The result is rounded to hundredths, a half away from zero; so is, once,
    what decay leaves of the sum.

    A rule fires when it pays at least once, be it 0 points. Its limits act when it fires.
    """

    name: str
    pays: Once | Each
    points: int | Number
    decay: Decay | None
    limits: tuple[Limit, ...]
    reason: str | None


# In points, to either side.
MOST_POINTS = 1_000_000_000


class Group(Frozen):
    """Items whose points are limited together. It fires when one of them does; only then
    its limits act."""

    title: str
    items: tuple[Item, ...]
    limits: tuple[Limit, ...]


class Choice(Frozen):
    """Pays one of its items: the first that fires, or of those that fire the one that pays
    most (the first of equals). It fires when one of them does. A band is such a choice."""

    kind: Literal["first", "best"]
    items: tuple[Item, ...]


Item = PointsRule | Group | Choice


class Block(Frozen):
    """Items whose points are counted together. Those outside any block have name None, no
    condition and no limits.

    Where `when` is not true nothing in it fires, and it counts 0. Otherwise its limits act
    whether anything fires or not.
    """

    name: str | None
    when: Condition | None
    items: tuple[Item, ...]
    limits: tuple[Limit, ...]


# --- labels ------------------------------------------------------------------------


class Checklist(Frozen):
    """Named conditions on the lead. Results list the true, the false and the unknown ones."""

    name: str
    items: tuple[tuple[str, Condition], ...]


class LabelRule(Frozen):
    """Gives a label when its condition is true; always, when it has none."""

    name: str
    condition: Condition | None
    label: str
    reason: str | None


class NeverFalls(Frozen):
    """Yesterday's label is kept when the new one is lower in the order of its dimension, or
    there is none.

    Not when `until` is true, and not when one of the two is outside the order.
    """

    until: Condition | None


class Dimension(Frozen):
    """A lead has the label of the first rule that is true, or none.

    With `unique`, the labels of all true rules are reported where there are several. `order`
    has labels from low to high, where they have an order.
    """

    name: str
    rules: tuple[LabelRule, ...]
    unique: bool = False
    falls: NeverFalls | None = None
    order: tuple[str, ...] = ()


class Combination(Frozen):
    """The labels of some dimensions one behind the other; none when one of them has none."""

    name: str
    dimensions: tuple[str, ...]


class Aside(Frozen):
    """A condition that takes a lead out of scoring, and what is said of it then."""

    condition: Condition
    reason: str


# --- the whole ---------------------------------------------------------------------


class Shape(Frozen):
    """Where things are in a lead's record: paths of keys; `type` and `at` inside an event."""

    id: tuple[str, ...] = ("id",)
    created: tuple[str, ...] = ("created_at",)
    events: tuple[str, ...] = ("events",)
    type: str = "type"
    at: str = "at"


class Formula(Frozen):
    """How the score is made of the score blocks; `name` is how it is written.

    Rounded to hundredths, a half away from zero. 0 when it is missing, which only a score
    beyond MOST_POINTS can be.
    """

    name: str
    number: Number


class Program(Frozen):
    """A whole ruleset. `fields` are all that the rules read of a lead, and `properties`
    all that they read of an event, in the order of their paths.

    `exclusions` and `freezes`: the first that is true decides, exclusions before freezes.
    `formula` None: the score is the sum of the blocks. `total` limits it.
    `dimensions` stand in the order of the results; `sequence` has their numbers in an
    order in which each comes behind those that its conditions ask for.
    `reads_previous`: whether yesterday's results can make a difference.
    """

    title: str | None
    zone: str
    shape: Shape
    fields: tuple[Field, ...]
    properties: tuple[Field, ...]
    reads_events: bool
    reads_previous: bool
    exclusions: tuple[Aside, ...]
    freezes: tuple[Aside, ...]
    blocks: tuple[Block, ...]
    formula: Formula | None
    total: tuple[Limit, ...]
    checklists: tuple[Checklist, ...]
    dimensions: tuple[Dimension | Combination, ...]
    sequence: tuple[int, ...]


def labels(program: Program, name: str) -> tuple[str, ...]:
    """The labels that a dimension or a combination can give, each once, in the order of
    its rules; of a combination every pair of its parts, the last part changing first.

    Raises KeyError when there is none of that name.
    """
    found = {dimension.name: dimension for dimension in program.dimensions}[name]
    if isinstance(found, Dimension):
        given = [rule.label for rule in found.rules]
        return tuple(dict.fromkeys([*given, *(found.order if found.falls else ())]))
    made = [""]
    for part in found.dimensions:
        made = [before + label for before in made for label in labels(program, part)]
    return tuple(dict.fromkeys(made))


def rules_of(items: Iterable[Item]) -> Iterator[PointsRule]:
    """All points rules among some items, in the order written."""
    for item in items:
        if isinstance(item, PointsRule):
            yield item
        else:
            yield from rules_of(item.items)
