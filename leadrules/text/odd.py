"""What is wrong with a single token, and what to write instead.

These are the spellings that people bring along: from spreadsheets (`5,000`), from other
languages (`==`), from a word processor (curly quotes), from a CRM's lists (`51-200`).
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from leadrules.model.diagnostic import Fix
from leadrules.model.source import Span
from leadrules.text.literals import Problem, quoted, sound, spelled


def hyphen(raw: str, span: Span) -> Problem:
    """The problem of a name with a hyphen in it, as in `unsubscribe-50` or `annual-revenue`."""
    left, _, right = raw.partition("-")
    points = f"points have a blank before them: `{left} -{right}`; " if right.isdigit() else ""
    parts = ".".join(f"`{part}`" if "-" in part else part for part in raw.split("."))
    minus = "" if points else f"; a minus has blanks around it: `{left} - {right}`"
    return Problem(
        "LR018",
        f"a name has no hyphen in it: `{raw}`",
        f"{points}a name with a hyphen stands in backquotes: `` {parts} ``{minus}",
        span,
    )


def odd_word(text: str, at: int, end: int) -> tuple[Problem | None, int]:
    """The problem of a word, if any, and where the word ends."""
    raw = text[at:end]
    for part in _parts(raw):
        start, word = part
        if word.startswith("`"):
            inner = word[1:-1]
            if not inner.strip() or inner != inner.strip() or not inner.isprintable():
                message = "a name in backquotes has letters in it, and no blank at its ends"
                return (
                    Problem(
                        "LR042", message, "write it like `` `Annual Revenue` ``", Span(at, end)
                    ),
                    end,
                )
        elif not f"a{unicodedata.normalize('NFC', word)}".isidentifier():
            stop = next(i for i, c in enumerate(word) if not f"a{c}".isidentifier())
            place = at + start + stop
            if start + stop:
                # The sound part of the word is a token; the rest is looked at next.
                return None, place
            return odd_text(text, at, at)
    return None, end


def odd_number(text: str, at: int) -> tuple[Problem, int]:
    """The problem of something that begins with a digit and is no number, and its end."""
    found = _THOUSANDS.match(text, at)
    if found:
        raw = found.group()
        plain = raw.replace(",", "")
        parts = raw.split(",")
        help_ = f"write `{plain}` without the comma"
        if not any(p.startswith("0") for p in parts):
            help_ += f", or a blank behind it for a list of numbers: `{', '.join(parts)}`"
        return Problem(
            "LR012", f"a number has no comma in it: `{raw}`", help_, Span(at, found.end())
        ), found.end()
    found = _DAY.match(text, at)
    if found:
        return _odd_day(found, at), found.end()
    found = _RUN.match(text, at)
    assert found is not None, "it begins with a digit"
    raw, end = found.group(), found.end()
    span = Span(at, end)
    digits = re.match(r"[0-9][0-9_]*(?:\.[0-9]+)?", raw)
    number = digits.group() if digits else raw
    rest = raw[len(number) :]
    unit = _UNITS.get(rest.lower().strip())
    if unit is not None:
        if "." in number or "_" in number:
            return Problem(
                "LR022",
                f"a length of time is a whole number: `{raw}`",
                "write it in a smaller unit: `90min` for one hour and a half",
                span,
            ), end
        message = f"`{raw}` is not how a length of time is written"
        if rest == "M":
            help_ = f"write `{number}{unit}`, or `{number}min` for minutes"
            return Problem("LR022", message, help_, span), end
        return spelled("LR022", message, f"{number}{unit}", span), end
    if rest == "m":
        return Problem(
            "LR022",
            f"`{raw}` may mean minutes or months",
            f"write `{number}min` or `{number}mo`",
            span,
        ), end
    if rest == "%":
        return Problem(
            "LR014",
            f"a number has no percent sign: `{raw}`",
            f"write `{number}`, or `{Decimal(number.replace('_', '')) / 100}` for a share of one; "
            f"as a text it stands in quotes: `{quoted(raw)}`",
            span,
        ), end
    if rest in ("k", "K"):
        plain = f"{(Decimal(number.replace('_', '')) * 1000).normalize():f}"
        return Problem(
            "LR049",
            f"numbers are written out: `{raw}`",
            f"write `{plain}`, or the text in quotes: `{quoted(raw)}`",
            span,
        ), end
    if re.fullmatch(r"[eE]-?[0-9]+", rest) and len(rest) < 5:
        value = Decimal(number.replace("_", "") + rest)
        plain = f"{value:f}"
        return Problem(
            "LR049",
            f"numbers are written out: `{raw}`",
            f"write `{plain}`, or the text in quotes: `{quoted(raw)}`",
            span,
        ), end
    if re.fullmatch(r"-[0-9][0-9_.]*", rest):
        return Problem(
            "LR014",
            f"`{raw}` is neither a number nor a word",
            f"as a text it stands in quotes: `{quoted(raw)}`; "
            f"for a range of numbers write `{number}..{rest[1:]}`",
            span,
        ), end
    return Problem(
        "LR014",
        f"`{raw}` is neither a number nor a word: a word begins with a letter",
        f"as a text it stands in quotes: `{quoted(raw)}`; as a name in backquotes: `` `{raw}` ``",
        span,
    ), end


def odd_sign(text: str, at: int, end: int) -> Problem | None:
    """The problem of an operator of another language, if it is one."""
    raw = text[at:end]
    span = Span(at, end)
    if raw.startswith("=="):
        return spelled("LR020", f"equal is written `=`, not `{raw}`", "=", span)
    if raw == "=>":
        help_ = "write `>=` for at least, `->` before a label"
        return Problem("LR020", "`=>` is no operator", help_, span)
    if raw in _FOREIGN:
        right, what = _FOREIGN[raw]
        return spelled("LR020", f"{what} is written `{right}`, not `{raw}`", right, span)
    return None


def odd_text(text: str, start: int, at: int) -> tuple[Problem, int]:
    """The problem of a character that nothing begins with, and where to go on.

    `start` is where the word that it is glued to begins, `at` the character.
    """
    c = text[at]
    if c in "\"'":
        found = _LINE.match(text, at)
        assert found is not None, "it matches the empty text"
        line = found.group().rstrip()
        # A brace that ends the line closes the block, not the text.
        bare = line.rstrip("{} \t;") if line.rstrip()[-1] in "{}" else line
        bare = bare or c
        end = at + len(bare)
        return Problem(
            "LR006",
            "this text has no closing quote",
            f"close it: `{bare}{c}`" if len(bare) < 60 else f"close it with {c}",
            Span(at, end),
        ), end
    if c == "`" or text[at : at + 2] == ".`":
        found = _WORDISH.match(text, text.index("`", at) + 1)
        end = found.end() if found else at + 1
        return Problem(
            "LR042",
            "this name has no closing backquote",
            "write it like `` `Annual Revenue` ``",
            Span(at, end),
        ), end
    if c in _QUOTES:
        end = _curly_end(text, at)
        inner = "".join(x for x in text[at:end] if x not in _QUOTES)
        return Problem(
            "LR008",
            f"`{c}` is {_a(_name(c))}, as a word processor writes it; texts have straight quotes",
            f"write `{quoted(inner.strip())}`",
            Span(at, end),
            Fix(Span(at, end), quoted(inner.strip())) if text[end - 1] in _QUOTES else None,
        ), end
    if c == "." and at == start and text[at + 1 : at + 2].isdecimal():
        found = re.compile(r"\.[0-9]+").match(text, at)
        end = found.end() if found else at + 1
        raw = text[at:end]
        message = f"a number begins with a digit: `{raw}`"
        return spelled("LR049", message, f"0{raw}", Span(at, end)), end
    if c == "!":
        return Problem("LR020", "`!` means nothing here", "write `not`", Span(at, at + 1)), at + 1
    if c in "&|":
        word = "and" if c == "&" else "or"
        if not _touches(text, at):
            return Problem(
                "LR020", f"`{c}` means nothing here", f"write `{word}`", Span(at, at + 1)
            ), at + 1
    if not c.isprintable() or unicodedata.category(c) in ("Zs", "Cf"):
        name = _name(c)
        return Problem(
            "LR009",
            f"there is an invisible character here: {name} (U+{ord(c):04X})",
            "delete it, or put a plain blank in its place",
            Span(at, at + 1),
        ), at + 1
    if c == "%" and at == start:
        help_ = "a share stands behind `decays` or `loses`, in one piece: `decays 25% every 30d`"
        return Problem("LR010", "`%` means nothing here", help_, Span(at, at + 1)), at + 1
    found = _RUN_ANY.match(text, start)
    end = max(found.end() if found else at + 1, at + 1)
    raw = text[start:end]
    if len(raw) == 1 or raw == c:
        shown = f"`{c}`" if c.isascii() else f"`{c}` ({_name(c)})"
        return Problem(
            "LR010",
            f"{shown} means nothing here",
            "a text with such a sign stands in quotes",
            Span(at, end),
        ), end
    money = re.fullmatch(r"[€$£]([0-9][0-9_]*(?:\.[0-9]+)?)", raw)
    plain = f"write `{money.group(1)}` for the number, or " if money else ""
    return Problem(
        "LR014",
        f"`{raw}` is no word: a word has letters, digits, `_`, and single `.` and `-` inside",
        f"{plain}put the text in quotes: `{quoted(raw)}`",
        Span(start, end),
    ), end


_FOREIGN = {
    "<>": ("!=", "unequal"),
    "=<": ("<=", "at most"),
    "&&": ("and", "and"),
    "||": ("or", "or"),
}


_QUOTES = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb\u2039\u203a"


_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+,[0-9]{3}(?![0-9])")


_DAY = re.compile(
    r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4})(?![0-9])"
    r"|([0-9]{4})([/.-])([0-9]{1,2})\5([0-9]{1,2})(?![0-9])"
)


_RUN = re.compile(r"[^\s,;()\[\]{}\"'`#+=<>!→≥≤≠]+")


_RUN_ANY = re.compile(r"[^\s,;()\[\]{}\"'`#=<>→≥≤≠]*")


_WORDISH = re.compile(r"[^\s,;()\[\]{}\"'`#+=<>]*")


_LINE = re.compile(r"[^\r\n]*")


_UNITS = {
    "d": "d", "h": "h", "w": "w", "y": "y", "mo": "mo", "min": "min",
    "mins": "min", "hr": "h", "hrs": "h", "wk": "w", "wks": "w", "yr": "y", "yrs": "y",
    "mon": "mo", "mth": "mo", "mths": "mo", "days": "d", "day": "d", "hours": "h", "hour": "h",
    "weeks": "w", "week": "w", "months": "mo", "month": "mo", "years": "y", "year": "y",
    "minutes": "min", "minute": "min",
}  # fmt: skip


def _odd_day(found: re.Match[str], at: int) -> Problem:
    day, month, year, year_first, _, month_2, day_2 = found.groups()
    raw = found.group()
    span = Span(at, found.end())
    message = f"`{raw}` is not how a date is written"
    if year_first:
        right = f"{year_first}-{int(month_2):02}-{int(day_2):02}"
        fix = Fix(span, right) if sound("date", right, 0) is None else None
        return Problem("LR016", message, f"write `{right}`: year, month, day", span, fix)
    first = f"{year}-{int(month):02}-{int(day):02}"
    other = f"{year}-{int(day):02}-{int(month):02}"
    possible = [d for d in (first, other) if sound("date", d, 0) is None]
    possible = list(dict.fromkeys(possible))
    help_ = " or ".join(f"`{d}`" for d in possible) or "`2026-11-22`"
    fix = Fix(span, possible[0]) if len(possible) == 1 else None
    return Problem("LR016", message, f"write {help_}: year, month, day", span, fix)


def _parts(raw: str) -> list[tuple[int, str]]:
    return [(m.start(), m.group()) for m in re.finditer(r"`[^`]*`|[^`.-]+", raw)]


def _curly_end(text: str, at: int) -> int:
    found = re.compile(rf"[{_QUOTES}][^\r\n{_QUOTES}\"]*[{_QUOTES}\"]?").match(text, at)
    if found is None:
        return at + 1
    raw = found.group()
    if raw[-1] in _QUOTES + '"' and len(raw) > 1:
        return found.end()
    run = _RUN_ANY.match(text, at)
    return max(run.end() if run else at + 1, at + 1)


def _touches(text: str, at: int) -> bool:
    return (at > 0 and text[at - 1].isalnum()) and text[at + 1 : at + 2].isalnum()


def _name(c: str) -> str:
    return unicodedata.name(c, "control character").lower()


def _a(words: str) -> str:
    return ("an " if words[:1] in "aeio" else "a ") + words
