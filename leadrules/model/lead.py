"""A lead's record as the rules see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# A number is a float, a date an instant in nanoseconds, a text is in normal form, a list
# holds texts in normal form. `anything` is kept as true (there, and not an empty list) or
# as an empty list.
Value = float | int | str | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """Something the lead did: its type, its instant, and the properties that rules read."""

    type: str
    at: int
    properties: Mapping[tuple[str, ...], Value]


@dataclass(frozen=True, slots=True)
class Lead:
    """What the rules read of one record; a missing value is an absent key.

    `events` are those at or before `as_of`, in the order of the record; `later` counts
    the others. `previous` is yesterday's result, where there is one.
    """

    id: str
    values: Mapping[tuple[str, ...], Value]
    events: tuple[Event, ...]
    later: int
    previous: Previous | None = None


@dataclass(frozen=True, slots=True)
class Previous:
    """A lead's result of an earlier run: its line, without line end and without a last key
    `frozen`, and what it says.

    Points are in hundredths. An excluded lead has neither score nor labels.
    """

    line: str
    score: int | None
    scores: Mapping[str, int]
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a record cannot be scored. `code` is one of CODES, `field` the place in it."""

    code: str
    reason: str
    field: str | None = None
    id: str | None = None


CODES = {
    "not_json": "The line is not JSON.",
    "not_an_object": "The record is JSON, but not an object in braces.",
    "no_id": "The record has no id, or a blank one.",
    "wrong_type": "A field holds another kind of value than the rules need.",
    "not_whole": "A whole-number field holds a number with decimals.",
    "not_finite": "A number is too large to be a number, or is not one (NaN).",
    "bad_date": "A date or timestamp does not exist, or is written in another form.",
    "duplicate_id": "An earlier record has the same id.",
}
