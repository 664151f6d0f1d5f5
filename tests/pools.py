# ruff: noqa: RUF001  # letters that look like others are meant here
"""Odd values that rules and leads are made of in the tests: texts, numbers, times.

Rules and leads draw from the same pools, so that a lead's value often lies exactly on
what a rule asks for, or as close to it as can be.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from leadrules.model.instant import SECOND

# --- texts -------------------------------------------------------------------------

TEXTS: tuple[str, ...] = (
    "SaaS",
    "FR",
    "vp",
    "IT services",
    "New York",
    "e-commerce",
    "C#",
    "100%",
    "a_b",
    "a%b",
    "*star*",
    "/pricing?x=1&y=2",
    'say "hi"',
    "it's",
    "back\\slash",
    "\\",
    '"',
    '""',
    "{}",
    "[a]",
    "null",
    "true",
    "0",
    "12.5",
    "2026-11-22",
    "İstanbul",
    "ıI",
    "straße",
    "STRAẞE",
    "ΣΑΣ",
    "caf\u00e9",
    "cafe\u0301",
    "\u212b\u212a\u2126",  # Three signs that are letters in normal form.
    "ǅemal",
    "ﬁn",
    "ſet",
    "Ⅷ Ⓐ",
    "Ა Ꭰ Ɤ",
    "𐐀𐐨",
    "שלום",
    "\u202eabc",
    "👩\u200d💻",
    "🚀",
    "日本",
    "한국",
    "\u1112\u1161\u11ab",
    "a\u2028b",
    "a\u00a0b",
    "tab\tend",
    "two\nlines",
    "nul\u0000l",
    "\u007f\u0080",
    "\ufeffbom",
    "\u0301mark",
    "x\u0323\u0307",
    "\U0010ffff",
)

ADDRESSES: tuple[str, ...] = (
    "ann@gmail.com",
    "Ann.Lee+x@Example.CO.UK",
    "a@b@c.com",
    "@x.org",
    "x@",
    "x@ ",
    "@",
    "a b@c.com",
    "a..b@c.com",
    ".a@c.com",
    "a@c",
    "a@-c.com",
    "a@c-.com",
    "a@c.c",
    "a@c.c0",
    "a@ÉCOLE.fr",
    "é@ecole.fr",
    "a@gmail.com\n",
    "a@gmail.com.",
    "x" * 64 + "@b.com",
    "x" * 65 + "@b.com",
    "a@" + "b" * 63 + ".com",
    "a@" + "b" * 64 + ".com",
    "a@" + ".".join(["b" * 59] * 4) + "." + "c" * 12,
    "a@" + ".".join(["b" * 59] * 4) + "." + "c" * 13,
    "a@ \u00a0gmail.com",
)

COMPANY_NUMBERS: tuple[str, ...] = (
    "732829320",
    "732 829 320",
    "732829321",
    "7328293200",
    "73282932",
    "000000000",
    "73282932000074",
    "732 829 320 00074",
    "73282932000075",
    "35600000000048",
    "35600000049837",
    "35600000000049",
    "00000000000000",
    "７３２８２９３２０",
    "732\u00a0829\u00a0320",
    "73282932A",
    "-32829320",
)

BLANKS: tuple[str, ...] = ("", " ", "\u00a0", "\t\n", "\u3000 \u2028", "\x85")
# Around a text: the first five are blanks, the others are not.
EDGES: tuple[str, ...] = (" ", "\u00a0", "\t", "\u2003", "\n", "\u200b", "\x1c", "\ufeff", "\x00")


def near(text: str) -> tuple[str, ...]:
    """Texts that differ from one only by case, blanks, normal form, or a little more."""
    return (
        text,
        text.upper(),
        text.lower(),
        text.swapcase(),
        *(f"{edge}{text}" for edge in EDGES[:2]),
        *(f"{text}{edge}" for edge in EDGES),
        unicodedata.normalize("NFD", text),
        unicodedata.normalize("NFC", text),
        text + "x",
        "x" + text,
        text[:-1],
        text[1:],
        text.replace("i", "İ").replace("s", "ſ"),
        text + text,
        text + "\u0301",
    )


# --- numbers -----------------------------------------------------------------------

# As rules may write them.
NUMBERS: tuple[str, ...] = (
    "0",
    "1",
    "2",
    "3",
    "5",
    "10",
    "50",
    "250",
    "1_000",
    "5000",
    "0.1",
    "0.3",
    "2.5",
    "99.99",
    "0.00001",
    "123456789012345",
    "0.1000000000001",
)

# As leads may write them; all are finite.
ODD_NUMBERS: tuple[str, ...] = (
    "-0",
    "-0.0",
    "0.30000000000000004",
    "0.1e1",
    "1e0",
    "1E+2",
    "1e15",
    "1e-7",
    "9007199254740992",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "123456789012345678901234567890",
    "1e308",
    "-1e308",
    "1.7976931348623157e308",
    "5e-324",
    "1e-400",
    "2.5e0",
    "12.50",
    "0.1000000000000000055511151231257827021181583404541015625",
)
# That lie on the halves of a rounding or just beside, and that add up to no exact sum.
HALVES: tuple[str, ...] = (
    "0.005",
    "0.015",
    "-0.005",
    "1.005",
    "2.675",
    "0.125",
    "-0.375",
    "0.5",
    "1.5",
    "2.5",
    "-2.5",
    "0.49999999999999994",
    "-0.49999999999999994",
    "4503599627370497.5",
    "9007199254740993.5",
    "0.1",
    "0.2",
    "0.7",
    "1e16",
    "-1e16",
    "10000000.005",
    "999999999.995",
    "1e9",
    "-1e9",
    "1000000000.001",
)
# Whose sums depend on the order in which they are added.
SUMMANDS: tuple[str, ...] = ("0.1", "0.2", "0.7", "1e16", "-1e16", "0.5", "-0.3")
TOTALS: tuple[str, ...] = ("0", "0.3", "0.5", "1", "-0.3")
NOT_FINITE: tuple[str, ...] = ("NaN", "Infinity", "-Infinity", "nan", "inf", "1e400", "-1e400")


def around_number(number: str) -> tuple[str, ...]:
    """A number of the rules as leads may have it: the same, and just beside."""
    plain = number.replace("_", "")
    value = float(plain)
    if not value.is_integer() or abs(value) > 1e14:
        return plain, repr(value + 0.01), repr(value - 0.01), repr(-value)
    whole = int(value)
    return (
        str(whole),
        f"{whole}.0",
        f"{whole}e0",
        str(whole + 1),
        str(whole - 1),
        f"{whole}.01",
        str(-whole),
    )


# Points: at most two decimals.
AMOUNTS: tuple[str, ...] = (
    *("10", "1", "40", "5", "2.5", "0.01", "0", "99.99", "1_000", "0.5", "100", "33.33"),
)

# --- patterns ----------------------------------------------------------------------

PATTERNS: tuple[str, ...] = (
    "vp|head",
    "^sa+s$",
    "\\d+",
    "[^a-z]",
    "é",
    "\\bpricing\\b",
    ".",
    "a.b",
    "^.$",
    "\\p{Lu}",
    "(?i)ß|σ",
    "k",
    "(?-i:K)",
    '"',
    "\\\\",
    "\\/pricing\\?x",
    "it's",
    "(a|b)*c{2,3}",
    "\\x{130}|ı",
    "^\\s|\\s$",
    "two$",
    "(?m)two$",
    "[[:upper:]]",
    "%|_",
)

# --- times -------------------------------------------------------------------------

ZONES: tuple[str, ...] = (
    "UTC",
    "Europe/Paris",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Pacific/Apia",
)

# The instants that leads are judged at: plain ones, ends of months, a leap day, the
# hours around changes of the clock, and years that few programs think of.
AS_OFS: tuple[str, ...] = (
    "2026-11-22T00:00:00Z",
    "2026-03-31T12:00:00Z",
    "2026-05-31T22:30:00Z",
    "2028-02-29T00:00:00Z",
    "2026-12-31T23:59:59.999999Z",
    "2026-03-29T01:00:00Z",
    "2026-10-25T00:30:00Z",
    "2026-11-01T06:15:00.5Z",
    "2026-04-04T15:15:00Z",
    "2026-10-03T15:30:00Z",
    "2012-01-15T10:00:00Z",
    "2038-01-20T00:00:00Z",
)
# Before 1970 much is left to the reference, so these are for some worlds only.
EARLY_AS_OFS: tuple[str, ...] = ("1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z")

DURATIONS: tuple[str, ...] = (
    "30d",
    "7d",
    "1d",
    "24h",
    "48h",
    "90min",
    "2w",
    "30 days",
    "1 hour",
    "1mo",
    "6mo",
    "1 month",
    "12mo",
    "1y",
    "4y",
    "2 years",
    "365d",
    "1min",
    "0d",
    "3000y",
)

# Those that are equally long wherever they lie; and whole days, in which points shrink.
EXACT_DURATIONS: tuple[str, ...] = (
    "1d",
    "24h",
    "48h",
    "90min",
    "7d",
    "1min",
    "1 hour",
    "2w",
    "30 days",
)
WHOLE_DAYS: tuple[str, ...] = ("1d", "7d", "30d", "2w", "30 days", "24h", "45d", "365d", "3650d")
HALF_LIVES: tuple[str, ...] = ("1d", "7d", "30d", "12h", "90min", "36h", "2w", "1min", "400d")
# In days or hours, as conditions ask for them.
AGES: tuple[str, ...] = ("0", "1", "2", "7", "30", "0.5", "1.5", "24", "48", "365", "0.001")

DAYS: tuple[str, ...] = (
    "2026-11-22",
    "2026-01-01",
    "2028-02-29",
    "2026-03-29",
    "2026-10-25",
    "2026-11-01",
    "2026-04-05",
    "2011-12-30",
    "2018-11-04",
    "1969-12-31",
    "2040-06-15",
)
MOMENTS: tuple[str, ...] = (
    "2026-11-22T10:00:00Z",
    "2026-03-29T02:30:00",
    "2026-10-25T02:30:00",
    "2026-11-22T23:30:00+05:30",
    "2026-11-22T10:00:00.123456789Z",
    "2026-11-22T10:00:00.5-04:00",
    "2018-11-04T00:15:00",
)

BAD_DATES: tuple[str, ...] = (
    "2026-02-30",
    "2026-02-29T10:00:00Z",
    "2026-13-01",
    "2026-00-10",
    "0000-01-01",
    "2026-01-01T24:00:00Z",
    "2026-01-01T\t1:00:00Z",
    "2026-01-01T10:00:0.Z",
    "2026-01-01T23:59:60Z",
    "2026-01-01T10:60:00Z",
    "2026-01-01T10:00Z",
    "2026-01-01T10Z",
    "2026-1-1",
    "20260101",
    "26-01-01",
    "10000-01-01",
    "-2026-01-01",
    "2026-01-01Z",
    "2026-01-01T10:00:00+25:00",
    "2026-01-01T10:00:00+01:60",
    "2026-01-01T10:00:00+01",
    "2026-01-01T10:00:00 +01:00",
    "2026-01-01T10:00:00 Europe/Paris",
    "2026-01-01T10:00:00.Z",
    "2026-01-01T10:00:00,5Z",
    "2026-01-01T10:00:00.1234567891Z",
    "2026-01-01  10:00:00",
    "2026-01-01T10:00:00ZZ",
    "２０２６-01-01",
    "01/02/2026",
    "2026-01-01 (BC)",
    "today",
    "infinity",
    "epoch",
    "1767225600",
    "soon",
)
# Good ones in spellings that are rare.
ODD_DATES: tuple[str, ...] = (
    " 2026-11-22 ",
    "2026-11-22t10:00:00z",
    "2026-11-22 10:00:00",
    "2026-11-22T10:00:00+0530",
    "2026-11-22T10:00:00-00:00",
    "2026-11-22T10:00:00+23:59",
    "2026-11-22T10:00:00.000000000000Z",
    "0001-01-01",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31",
    "9999-12-31T23:59:59.999999999-23:59",
    "0999-06-15T12:00:00Z",
    "1582-10-10",
    "1900-03-01T00:00:00Z",
)

# How far beside an edge an event is put, in nanoseconds.
STEPS: tuple[int, ...] = (
    0,
    1,
    -1,
    1_000,
    -1_000,
    500,
    -500,
    1_000_000,
    -1_000_000,
    SECOND,
    -SECOND,
    3600 * SECOND,
    -3600 * SECOND,
    -86_400 * SECOND,
    86_400 * SECOND,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LEAST, _MOST = -62_135_596_800, 253_402_300_799
SPELLINGS = 10


def spell_instant(instant: int, how: int, zone: ZoneInfo | None) -> str:
    """An instant as a timestamp, in one of SPELLINGS ways.

    Some of them are coarser than the instant, or read as another one where a zone's
    clock shows a time twice: leads have such timestamps, and engines must agree on them.
    """
    seconds, rest = divmod(instant, SECOND)
    seconds = min(max(seconds, _LEAST + 90_000), _MOST - 90_000)
    moment = _EPOCH + timedelta(seconds=seconds)
    digits = f"{rest:09}".rstrip("0")
    fraction = f".{digits}" if digits else ""
    plain = f"{moment.year:04}-{moment:%m-%dT%H:%M:%S}"
    match how:
        case 0 | 1:
            return f"{plain}{fraction}Z"
        case 2:
            return f"{plain}.{rest:09}Z"
        case 3:
            return f"{plain}.{rest // 1_000_000:03}Z"
        case 4 | 5:
            minutes = 330 if how == 4 else -570
            local = moment + timedelta(minutes=minutes)
            sign, size = ("+", minutes) if minutes > 0 else ("-", -minutes)
            offset = f"{sign}{size // 60:02}:{size % 60:02}"
            return f"{local.year:04}-{local:%m-%dT%H:%M:%S}{fraction}{offset}"
        case 6:
            return f"{plain}{fraction}+00:00"
        case _:
            local = moment.astimezone(zone or UTC)
            if how == 7:
                return f"{local.year:04}-{local:%m-%d}"
            between = "T" if how == 8 else " "
            return f"{local.year:04}-{local:%m-%d}{between}{local:%H:%M:%S}{fraction}"


# --- JSON --------------------------------------------------------------------------


class Raw(str):
    """A piece of JSON that is written as it stands."""

    __slots__ = ()


def json_text(value: str, style: int) -> str:
    """A text as JSON in one of four styles: plain, escaped to ASCII, partly, all of it."""
    if style == 0:
        return '"' + "".join(_plain(letter) for letter in value) + '"'
    if style == 1:
        return '"' + "".join(_plain(c) if c < "\x7f" else _units(c) for c in value) + '"'
    if style == 2:
        made = [c.replace("/", "\\/") if n % 3 else _units(c) for n, c in enumerate(value)]
        return '"' + "".join(c if len(c) > 1 else _plain(c) for c in made) + '"'
    return '"' + "".join(map(_units, value)) + '"'


def json_value(value: object, style: int = 0, spaced: bool = False) -> str:
    """A value as JSON: dict, list, str, Raw, bool or None."""
    comma, colon = (" , ", "\t: ") if spaced else (",", ":")
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, str):
        return json_text(value, style)
    if isinstance(value, dict):
        items = (
            f"{json_text(key, style if style < 3 else 0)}{colon}{json_value(item, style, spaced)}"
            for key, item in value.items()
        )
        return "{" + comma.join(items) + "}"
    if isinstance(value, Sequence):
        return "[" + comma.join(json_value(item, style, spaced) for item in value) + "]"
    return {None: "null", True: "true", False: "false"}[value]  # type: ignore[index]  # nothing else is made


_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _plain(letter: str) -> str:
    if letter in _SHORT:
        return _SHORT[letter]
    return _units(letter) if letter < " " else letter


def _units(letter: str) -> str:
    encoded = letter.encode("utf-16-be")
    return "".join(f"\\u{encoded[n : n + 2].hex()}" for n in range(0, len(encoded), 2))
