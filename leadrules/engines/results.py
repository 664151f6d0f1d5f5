"""A line of results, read back: what yesterday's run said of a lead."""

from __future__ import annotations

import re
from typing import Any

from leadrules.engines.json_text import NotJson, Number, read_json
from leadrules.model.lead import Previous

# A number of points as results have it, and the last key of a line that had been kept from
# an earlier run: for Python and for DuckDB alike.
NUMBER = r"-?[0-9]+(\.[0-9]{1,2})?"
FROZEN_KEY = r',"frozen":"(?:[^"\\]|\\.)*"\}$'

_NUMBER = re.compile(NUMBER)
_FROZEN = re.compile(FROZEN_KEY.encode(), re.DOTALL)


class NotResult(ValueError):
    """A line that is no result of a run."""


def thawed(line: bytes) -> bytes:
    """A line without what says that it was kept from an earlier run."""
    return _FROZEN.sub(b"}", line)


def read_result(line: bytes) -> tuple[str, Previous]:
    """The id in a line, which is thawed, and the result. Raises NotResult.

    A result has a score, or says that the lead was excluded.
    """
    try:
        text = line.decode()
        value = read_json(text)
    except (UnicodeDecodeError, NotJson):
        raise NotResult from None
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        raise NotResult
    identity = value["id"]
    if "score" not in value and "excluded" in value:
        return identity, Previous(text, None, {}, {})
    score = _hundredths(value.get("score"))
    if score is None:
        raise NotResult
    scores = value.get("scores")
    points = {
        name: found
        for name, number in (scores.items() if isinstance(scores, dict) else ())
        if (found := _hundredths(number)) is not None
    }
    labels = {name: label for name, label in value.items() if isinstance(label, str)}
    return identity, Previous(text, score, points, labels)


def _hundredths(number: Any) -> int | None:
    """Points in hundredths; None for what is no number of points."""
    if not isinstance(number, Number) or _NUMBER.fullmatch(number.text) is None:
        return None
    whole, _, decimals = number.text.partition(".")
    return int(whole + decimals.ljust(2, "0"))
