"""Numbers, dates, lengths of time and texts: what they say, and what is wrong with one."""

from __future__ import annotations

import json
import re
from calendar import monthrange

from leadrules.model.diagnostic import Fix
from leadrules.model.frozen import Frozen
from leadrules.model.instant import NotAnInstant, parse_instant
from leadrules.model.source import Span

MOST_DIGITS = 15


class Problem(Frozen):
    """A mistake before it has a file: code, message, help and place, and the fix where it is
    certain what is meant."""

    code: str
    message: str
    help: str | None
    span: Span
    fix: Fix | None = None


def spelled(code: str, message: str, right: str, span: Span) -> Problem:
    """The mistake of something that is only spelled otherwise: there is one right way."""
    return Problem(code, message, f"write `{right}`", span, Fix(span, right))


def quoted(text: str) -> str:
    """A text in double quotes, as the language reads it."""
    inner = "".join(c if c.isprintable() and c not in '"\\' else json.dumps(c)[1:-1] for c in text)
    return f'"{inner}"'


def unquoted(raw: str) -> str:
    """The value of a text token that is sound."""
    inner = raw[1:-1]
    if "\\" not in inner:
        return inner
    return _PAIRS.sub(_joined, _ESCAPE.sub(_character, inner))


def sound(kind: str, raw: str, at: int) -> Problem | None:
    """The problem of a number, a date, a length of time, a range or a text, if any."""
    span = Span(at, at + len(raw))
    if kind == "text":
        return _text(raw, at)
    if kind == "number":
        return _number(raw, span)
    if kind == "duration":
        return _duration(raw, span)
    if kind == "range":
        return _range(raw, span)
    if kind == "date":
        return _date(raw, span)
    if kind == "instant":
        return _instant(raw, span)
    return None


_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))")


_PAIRS = re.compile("[\ud800-\udbff][\udc00-\udfff]")


_LONE = re.compile("[\ud800-\udfff]")


_ESCAPES = {
    '"': '"', "'": "'", "\\": "\\", "/": "/",
    "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
}  # fmt: skip


def _joined(found: re.Match[str]) -> str:
    high, low = (ord(c) for c in found.group())
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def _character(found: re.Match[str]) -> str:
    code, letter = found.groups()
    return chr(int(code, 16)) if code else _ESCAPES[letter]


def _text(raw: str, at: int) -> Problem | None:
    if "\\" not in raw:
        return None
    for found in _ESCAPE.finditer(raw):
        letter = found.group(2)
        if letter is not None and letter not in _ESCAPES:
            span = Span(at + found.start(), at + found.end())
            return Problem(
                "LR007",
                f"`\\{letter}` means nothing in a text",
                f"for a backslash write two: `\\\\{letter}`",
                span,
            )
    if _LONE.search(unquoted(raw)):
        message = "this text has half a character in it (a lone `\\ud…`)"
        return Problem("LR007", message, "write the character itself", Span(at, at + len(raw)))
    return None


def _number(raw: str, span: Span) -> Problem | None:
    plain = raw.replace("_", "")
    if len(plain.replace(".", "")) > MOST_DIGITS:
        return Problem(
            "LR015",
            f"a number has at most {MOST_DIGITS} digits",
            "if it is an id or a phone number, put it in quotes as a text",
            span,
        )
    if re.search(r"__|_\.|_$|\._", raw):
        return spelled("LR049", f"`_` stands between two digits: `{raw}`", plain, span)
    if re.match(r"0[0-9_]", raw):
        less = plain.lstrip("0")
        less = f"0{less}" if less[:1] in (".", "") else less
        return Problem(
            "LR013",
            f"a number does not begin with a zero: `{raw}`",
            f"as a text (a postcode, a phone number) it stands in quotes: `{quoted(raw)}`; "
            f"as a number write `{less}`",
            span,
        )
    return None


def _duration(raw: str, span: Span) -> Problem | None:
    found = re.match(r"[0-9]+", raw)
    digits = found.group() if found else ""
    if len(digits) > MOST_DIGITS:
        return _number(digits, span)
    if len(digits) > 1 and digits[0] == "0":
        plain = f"{int(digits)}{raw[len(digits) :]}"
        return spelled("LR013", f"a number does not begin with a zero: `{raw}`", plain, span)
    return None


def _range(raw: str, span: Span) -> Problem | None:
    for number in re.findall(r"[0-9][0-9_]*(?:\.[0-9][0-9_]*)?", raw):
        problem = _number(number, span)
        if problem is not None:
            return problem
    return None


def _date(raw: str, span: Span) -> Problem | None:
    year, month, day = (int(part) for part in raw.split("-"))
    if not (year and 1 <= month <= 12 and day):
        return Problem(
            "LR017",
            f"there is no such day: `{raw}`",
            "a date is year, month, day: `2026-11-22`",
            span,
        )
    last = monthrange(year, month)[1]
    if day > last:
        return Problem(
            "LR017",
            f"there is no such day: `{raw}`",
            f"the last day of that month is `{raw[:8]}{last}`",
            span,
        )
    return None


def _instant(raw: str, span: Span) -> Problem | None:
    problem = _date(raw[:10], span)
    if problem is not None:
        return problem
    try:
        parse_instant(raw, None)
    except NotAnInstant as error:
        message = f"this moment {error}"
        return Problem("LR017", message, "write it like `2026-11-22T10:00:00Z`", span)
    return None
