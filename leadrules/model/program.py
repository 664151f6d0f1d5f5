"""A ruleset as it is meant: few kinds of things, every choice made.

Names are resolved, types are known, times are distances from `as_of`, points are whole
hundredths. An engine needs nothing but this and the leads. Conditions are true, false or
unknown; a number or a text may be missing; what each kind does with a missing value is
said in its docstring, and the reference engine spells it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

from leadrules.model.instant import Moment, Window

# `whole` is a number that must be whole in a lead's record. `text or list` is a field
# that no schema describes and that is only used with `contains`. `anything` is one that
# is only asked to be known, missing or empty.
Type = Literal["number", "whole", "text", "boolean", "date", "list", "text or list", "anything"]


@dataclass(frozen=True, slots=True)
class Field:
    """A value of the lead's record, or of the event at hand when `of_event`.

    `path` is the key, and the keys inside it. `blanks` are folded texts that stand for
    "nothing entered". Missing when absent, null, blank, or one of `blanks`.
    """

    path: tuple[str, ...]
    type: Type
    of_event: bool = False
    blanks: tuple[str, ...] = ()


# --- numbers: IEEE doubles, or missing ---------------------------------------------


@dataclass(frozen=True, slots=True)
class Constant:
    """A number in the rules."""

    value: float


@dataclass(frozen=True, slots=True)
class Count:
    """How many of the lead's events are of a kind and lie in a window. Never missing."""

    events: Events


@dataclass(frozen=True, slots=True)
class Length:
    """How many characters a text has, in normal form. Missing when the text is."""

    text: Text


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Missing when a side is, and when the result is no finite number."""

    operator: Literal["+", "-", "*", "/"]
    left: Number
    right: Number


@dataclass(frozen=True, slots=True)
class Score:
    """The lead's points, in points: of a score block, or all of them (`block` is None).

    Only conditions of labels hold it. Never missing.
    """

    block: str | None


Number = Field | Constant | Count | Length | Arithmetic | Score


# --- texts: normal form, or missing ------------------------------------------------


@dataclass(frozen=True, slots=True)
class Domain:
    """What stands behind the last `@` of a text; missing when there is none or nothing."""

    text: Text


Text = Field | Domain


# --- events ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kind:
    """Events of one type (None: of every type) for which `where` is true."""

    type: str | None
    where: Condition | None


@dataclass(frozen=True, slots=True)
class Events:
    """Events of any of these kinds, each event once, in a window (None: at any time)."""

    kinds: tuple[Kind, ...]
    window: Window | None


# --- conditions --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class All:
    """False when one is false, else unknown when one is unknown, else true."""

    items: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any_:
    """True when one is true, else unknown when one is unknown, else false."""

    items: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True for false, false for true, unknown for unknown."""

    item: Condition


Order = Literal["=", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Compare:
    """Two numbers. Unknown when one is missing."""

    operator: Order
    left: Number
    right: Number


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers from `low`, which belongs, to `high`, which belongs unless `open`."""

    low: float | None
    high: float | None
    open: bool = False


@dataclass(frozen=True, slots=True)
class InSpans:
    """A number in any of some ranges. Unknown when it is missing."""

    number: Number
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class IsText:
    """A text that is one of `values`. Unknown when it is missing.

    `values` are folded unless `exactly`; then they are in normal form.
    """

    text: Text
    values: tuple[str, ...]
    exactly: bool = False


@dataclass(frozen=True, slots=True)
class SameText:
    """Two texts that are the same. Unknown when one is missing."""

    left: Text
    right: Text
    exactly: bool = False


@dataclass(frozen=True, slots=True)
class Has:
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


@dataclass(frozen=True, slots=True)
class Matches:
    """A text in which a regular expression (RE2) is found. Unknown when it is missing.

    Without `exactly`, upper and lower case are the same to it, as in RE2's `(?i)`.
    """

    text: Text
    pattern: str
    exactly: bool = False


@dataclass(frozen=True, slots=True)
class Valid:
    """A text that passes a check. Unknown when it is missing."""

    text: Text
    check: Literal["email", "siren", "siret"]


@dataclass(frozen=True, slots=True)
class IsTrue:
    """A yes-or-no field. Unknown when it is missing."""

    field: Field


@dataclass(frozen=True, slots=True)
class During:
    """A date in a window. Unknown when it is missing."""

    date: Field
    window: Window


@dataclass(frozen=True, slots=True)
class CompareDates:
    """Two dates, as instants. Unknown when one is missing."""

    operator: Order
    left: Field
    right: Field


@dataclass(frozen=True, slots=True)
class Known:
    """A value that is there. Never unknown."""

    value: Number | Text


@dataclass(frozen=True, slots=True)
class Empty:
    """A value that is missing, or a list without items. Never unknown."""

    value: Field


@dataclass(frozen=True, slots=True)
class NoneSince:
    """No events of these kinds after `since`, by a lead that was there to be observed.

    False when there is such an event. Otherwise true when `created` or any event of the
    lead lies at or before `since`; unknown when not.
    """

    events: Events
    since: Moment
    created: Field


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
)


# --- rules -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Once:
    """Pays once, when the condition is true."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Each:
    """Pays for each of the events, when the condition (if any) is true."""

    events: Events
    when: Condition | None


@dataclass(frozen=True, slots=True)
class Limits:
    """The least and the most that something may come to, in hundredths of a point."""

    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class PointsRule:
    """`name` is the rule as its writer would read it; `points` are hundredths, each time.

    A rule fires when it pays at least once, be it 0 points. Its limits hold when it fires.
    """

    name: str
    pays: Once | Each
    points: int
    limits: Limits
    reason: str | None


@dataclass(frozen=True, slots=True)
class Block:
    """Rules whose points are limited together. The rules outside any block have name None
    and no limits. A block's limits always hold."""

    name: str | None
    rules: tuple[PointsRule, ...]
    limits: Limits


@dataclass(frozen=True, slots=True)
class LabelRule:
    """Gives a label when its condition is true; always, when it has none."""

    name: str
    condition: Condition | None
    label: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Dimension:
    """A lead has the label of the first rule that is true, or none."""

    name: str
    rules: tuple[LabelRule, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """Where things are in a lead's record: paths of keys; `type` and `at` inside an event."""

    id: tuple[str, ...] = ("id",)
    created: tuple[str, ...] = ("created_at",)
    events: tuple[str, ...] = ("events",)
    type: str = "type"
    at: str = "at"


@dataclass(frozen=True, slots=True)
class Program:
    """A whole ruleset. `fields` are all that the rules read of a lead, and `properties`
    all that they read of an event, in the order of their paths."""

    title: str | None
    zone: str
    shape: Shape
    fields: tuple[Field, ...]
    properties: tuple[Field, ...]
    reads_events: bool
    blocks: tuple[Block, ...]
    dimensions: tuple[Dimension, ...]


def walk(node: Any) -> Iterator[Any]:
    """The node and every node of the program below it, in the order written."""
    yield node
    if isinstance(node, tuple):
        for item in node:
            yield from walk(item)
    else:
        for name in parts(type(node)):
            yield from walk(getattr(node, name))


def parts(kind: type) -> tuple[str, ...]:
    """The names of what a kind of node is made of, its place in the text aside."""
    known = _PARTS.get(kind)
    if known is None:
        names = [place.name for place in fields(kind)] if is_dataclass(kind) else []
        known = _PARTS[kind] = tuple(name for name in names if not name.endswith("span"))
    return known


_PARTS: dict[type, tuple[str, ...]] = {}
