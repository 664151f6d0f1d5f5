"""JSON text as the engines read it: the same records pass, with the same values.

DuckDB reads the leads, so what it takes for JSON is what JSON is here: RFC 8259, but a
comma behind the last item of brackets and the words NaN and Infinity are let through, and
half of a surrogate pair is not. When a key is given twice the first one counts. Python's own
reader differs in all of these; this module makes up for it.
"""

from __future__ import annotations

import json
import re
from typing import Any


class NotJson(ValueError):
    """A text that is not JSON; its message says why."""


class Number(float):
    """A number together with the text it was written as."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Number:
        """The number that a JSON text stands for; infinite when it is too large."""
        number = super().__new__(cls, text)
        number.text = text
        return number


def read_json(text: str) -> Any:
    """The value of a JSON text: dict, list, str, Number, bool or None.

    Raises NotJson when it is none.
    """
    try:
        value = _decode(text)
    except json.JSONDecodeError as first:
        mended = _mend(text)
        if mended is None:
            raise NotJson(_say(first)) from None
        try:
            value = _decode(mended)
        except json.JSONDecodeError as second:
            raise NotJson(_say(second)) from None
    except RecursionError:
        return read_json(_shallow(text))
    if "\\u" in text and _HALF_PAIR.search(text) and _has_half_pair(value):
        raise NotJson("has half of a surrogate pair")
    return value


def _first_wins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        made = dict(reversed(pairs))
    return made


_decode = json.JSONDecoder(
    object_pairs_hook=_first_wins, parse_int=Number, parse_float=Number, parse_constant=Number
).decode

_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
_STRING = r'"(?:[^"\\]|\\.)*"'
_PARTS = re.compile(
    rf"(?P<text>{_STRING})|(?P<empty>[\[{{][ \t\r\n]*,)|(?P<comma>,)(?=[ \t\r\n]*[\]}}])"
    r"|(?P<word>[-+]?(?:nan|infinity|inf)\b)",
    re.IGNORECASE,
)


_MARKS = re.compile(rf"{_STRING}|[\[{{\]}}]")
_DEEPEST = 200


def _shallow(text: str) -> str:
    """The text with what is nested very deep left out: no rule reads it, and Python's
    reader cannot."""
    kept = []
    depth = start = 0
    for mark in _MARKS.finditer(text):
        if mark[0] in "[{":
            depth += 1
            if depth == _DEEPEST:
                kept.append(text[start : mark.start()] + "null")
        elif mark[0] in "]}":
            if depth == _DEEPEST:
                start = mark.end()
            depth -= 1
    return "".join([*kept, text[start:]] if depth <= 0 else [*kept, "\0"])


def _mend(text: str) -> str | None:
    """The text with the forgiven spellings made strict, or None when it has none."""
    changed = False

    def strict(found: re.Match[str]) -> str:
        nonlocal changed
        if found["text"] is not None or found["empty"] is not None:
            return found[0]
        changed = True
        if found["comma"] is not None:
            return ""
        word = found["word"].lower()
        return "NaN" if "nan" in word else "-Infinity" if word[0] == "-" else "Infinity"

    mended = _PARTS.sub(strict, text)
    return mended if changed else None


def _say(error: json.JSONDecodeError) -> str:
    at = f"at character {error.pos + 1}"
    if error.msg == "Extra data":
        return f"has more text behind the record, {at}"
    if error.pos >= len(error.doc.rstrip()):
        return "breaks off before its end"
    if error.msg.startswith("Invalid control character"):
        return f"has a line end, a tab or another control character inside a text, {at}"
    if error.msg.startswith("Unterminated string"):
        return f"has a text that is never closed, {at}"
    return f"is not JSON {at}"


def _has_half_pair(value: Any) -> bool:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            if any("\ud800" <= letter <= "\udfff" for letter in item):
                return True
        elif isinstance(item, dict):
            stack.extend(item)
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
    return False
