"""Both engines take the same records for JSON, and find the same in them.

Good records are spoiled by a byte or two, many in one file, since DuckDB's own reader and
Python's differ in what they forgive. A failure names the single line that is read in two
ways. LEADRULES_EXAMPLES and LEADRULES_SEED make a longer run, as in test_agreement.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence

import pytest

from leadrules.model.instant import parse_instant
from leadrules.model.program import Program
from tests.doors import Outcome, compile_text, score_bytes
from tests.generated_leads import ODD_PIECES, PIECES
from tests.reduce import Patience, reduced

LINES = 40 * int(os.environ.get("LEADRULES_EXAMPLES", "100"))
SEED = int(os.environ.get("LEADRULES_SEED", "1"))
AS_OF = parse_instant("2026-11-22T00:00:00Z", None)

SCHEMA = """{"properties": {
  "id": {"type": ["string", "integer"]},
  "name": {"type": "string", "x-blank": ["n/a"]},
  "size": {"type": "number"},
  "staff": {"type": "integer"},
  "open": {"type": "boolean"},
  "due": {"type": "string", "format": "date"},
  "tags": {"type": "array", "items": {"type": "string"}},
  "company": {"type": "object", "properties": {
    "city": {"type": "string"}, "deep": {"type": "object", "properties": {
      "down": {"type": "number"}}}}},
  "events": {"type": "array", "items": {"properties": {
    "type": {"type": "string"}, "at": {"type": "string"},
    "url": {"type": "string"}, "seconds": {"type": "number"}}}}
}}"""
TYPED = """use schema "lead.schema.json"
name contains "a" +1
size >= 10 +2
staff in 1..9 +4
open +8
due within 30d +16
tags contains b +32
company.city known +64
company.deep.down < 2 +128
company is empty +256
each page_view where (seconds > 30 and url contains "/pricing") within 30d +1000
each any event +10_000
no reply for 7d +0.5
"""
PLAIN = """name contains "a" +1
size >= 10 +2
open = true +8
field due within 30d +16
other known +64
other is empty +128
each page_view within 30d +1000
"""
NO_EVENTS = "size >= 10 +2; name known +4; company.city = Paris +8; other missing +16"
RULES = (TYPED, PLAIN, NO_EVENTS)

# Each `@` is made a number: a second look at ids given twice would hide what DuckDB reads.
RECORDS = (
    b'{"id":"L@","name":"Ann","size":12.5,"staff":3,"open":true,"due":"2026-11-01",'
    b'"tags":["a","b",null],"company":{"city":"Paris","deep":{"down":1e0}},"other":[{}],'
    b'"events":[{"type":"page_view","at":"2026-11-20T10:00:00Z","url":"/pricing","seconds":31},'
    b'{"type":"reply","at":"2026-11-01T10:00:00.5+01:00","url":null}]}',
    b'{ "id" : 7@ , "name" : "\\u0041nn \\ud83d\\ude80" , "size" : -0 , "other" : [ ] }',
    b'{"id":"L@","events":[],"tags":[],"company":{},"open":false,"other":"n/a"}',
    '{"id":"é\\"\\\\@","name":"é🚀","size":1E+2,"other":{"a":{"b":[1,2,[3]]}}}'.encode(),
    b'{"events":[{"at":"2026-11-22","type":"reply"}],"company":{"deep":{"down":null}},'
    b'"zzz":"\\t\\n\\/","id":"L@"}',
    b'{"id":"L@","size":12345678901234567890,"staff":12.0,"due":"2026-11-22 10:00:00"}',
)
WORDS = (
    *(b"NaN", b"-Infinity", b"inf", b"nan", b"true", b"True", b"null", b"Null", b"nul", b"1e400"),
    *(b"01", b"+1", b".5", b"5.", b"-", b"1e", b"0x1F", b"1_0", b"--1", b"- 1", b"1.5.2", b"1e+"),
    *(b"{}", b"[]", b'""', b'"a"', b"''", b"[,]", b"{,}", b"[1,]", b'{"a":1,}', b"[1 2]", b"{1:2}"),
    *(b'"id"', b'"events"', b'"id":"x",', b'"events":[],', b'"company":1,', b'"size":1,', b","),
)
SWAPS = (
    *((b":", b"="), (b",", b";"), (b'"', b"'"), (b"true", b"TRUE"), (b"null", b"NULL")),
    *((b"{", b"["), (b"}", b"]"), (b"[", b"{"), (b"]", b"}"), (b'"id"', b'"ID"')),
    *((b'"id"', b'"i\\u0064"'), (b'"events"', b'"event\\u0073"'), (b'"name"', b'"id"')),
    *((b'"size"', b'"staff"'), (b"12.5", b"12.50000000000000000000001"), (b":", b": \r ")),
    *((b",", b",\t"), (b'"type"', b'"at"'), (b'"at"', b'"At"'), (b'"name"', b'"Name"')),
    *((b'"city"', b'"City"'), (b'"url"', b'"seconds"'), (b'"company"', b'"events"')),
)


def spoil(record: bytes, draw: random.Random) -> bytes:
    """A record with one small change."""
    at = draw.randrange(len(record))
    match draw.randrange(9):
        case 0:
            return record[:at] + record[at + 1 :]
        case 1:
            return record[:at] + bytes([draw.randrange(256)]) + record[at + 1 :]
        case 2:
            return record[:at] + draw.choice(PIECES) + record[at:]
        case 3:
            return record[:at] + record[at : at + 1] + record[at:]
        case 4:
            return record[:at]
        case 5:
            old, new = draw.choice(SWAPS)
            return record.replace(old, new, draw.choice((1, 1, 9)))
        case 6 | 7:
            marks = [n for n, byte in enumerate(record) if byte in b":,[{"]
            return after(record, draw.choice(marks or [0]) + 1, draw.choice(WORDS), draw)
        case _:
            marks = [n for n, byte in enumerate(record) if byte in b":,[{"]
            return after(record, draw.choice(marks or [0]) + 1, draw.choice(ODD_PIECES), draw)


def after(record: bytes, at: int, word: bytes, draw: random.Random) -> bytes:
    """A record with a word put in at a place, or put there for what follows."""
    if draw.random() < 0.3:
        return record[:at] + word + record[at:]
    end = min(
        (record.find(mark, at) for mark in (b",", b"}", b"]") if mark in record[at:]), default=at
    )
    return record[:at] + word + record[end:]


def spoiled(draw: random.Random, number: int) -> bytes:
    """A line that has been changed in one place, often in a second one too."""
    line = draw.choice(RECORDS).replace(b"@", str(number).encode())
    for _ in range(draw.choice((1, 1, 2))):
        line = spoil(line, draw) if line else line
    return line


@pytest.mark.parametrize("rules", range(len(RULES)))
def test_spoiled_lines(rules: int) -> None:
    draw = random.Random(f"{SEED} {rules}")
    program = compile_text(RULES[rules], {"lead.schema.json": SCHEMA})
    left = LINES // len(RULES)
    accepted = refused = 0
    while left > 0:
        count = min(left, 4000)
        left -= count
        # The first line is good: a file that begins with `[` is read in another way.
        lines = [b'{"id":"first"}', *(spoiled(draw, n) for n in range(count))]
        same(program, lines)
        summary = score_bytes(program, b"\n".join(lines), AS_OF, "reference").summary
        accepted += summary.scored + summary.by_code["duplicate_id"]
        refused += summary.by_code["not_json"]
    assert accepted > LINES // 50
    assert refused > LINES // 50


def same(program: Program, lines: Sequence[bytes]) -> None:
    """Fails, with the line or the few that make the difference, when the engines differ.

    The first line always stays.
    """
    if read_alike(program, lines):
        return
    part = reduced(
        lines[1:], lambda some: not read_alike(program, [lines[0], *some]), Patience(60.0)
    )
    expected, got = both(program, [lines[0], *part])
    shown = "\n".join(map(repr, part))
    raise AssertionError(
        f"read in two ways:\n{shown}\n--- reference\n{expected}\n--- duckdb\n{got}"
    )


def both(program: Program, lines: Sequence[bytes]) -> tuple[Outcome, Outcome]:
    content = b"\n".join(lines)
    return (
        score_bytes(program, content, AS_OF, "reference"),
        score_bytes(program, content, AS_OF, "duckdb"),
    )


def read_alike(program: Program, lines: Sequence[bytes]) -> bool:
    expected, got = both(program, lines)
    return expected == got


GOOD = b'{"id":"%d","name":"a","size":10,"events":[{"type":"page_view","at":"2026-11-20"}]}'
FILES: dict[str, bytes] = {
    "nothing": b"",
    "blank lines only": b"\n\n \n\t\n",
    "no end of the last line": b"\n".join(GOOD % n for n in range(3)),
    "lines that end as on Windows": b"".join(GOOD % n + b"\r\n" for n in range(3)),
    "blank lines between": b"\n\n".join(GOOD % n for n in range(3)) + b"\n \t \n\r\n",
    "a mark at the start": b"\xef\xbb\xbf" + GOOD % 1 + b"\n" + GOOD % 2,
    "a mark in every line": b"".join(b"\xef\xbb\xbf" + GOOD % n + b"\n" for n in range(3)),
    "a mark and nothing else": b"\xef\xbb\xbf",
    "a mark, then a blank line": b"\xef\xbb\xbf\n" + GOOD % 1,
    "lines of carriage returns": b"\r".join(GOOD % n for n in range(3)),
    "two records in a line": GOOD % 1 + GOOD % 2 + b"\n" + GOOD % 3,
    "two records and a blank": GOOD % 1 + b" " + GOOD % 2 + b"\n" + GOOD % 3,
    "a record over two lines": (GOOD % 1).replace(b",", b",\n", 1) + b"\n" + GOOD % 2,
    "a byte of nothing between": GOOD % 1 + b"\n\x00\n" + GOOD % 2,
    "a form feed in a blank line": GOOD % 1 + b"\n\x0c\n" + GOOD % 2,
    "a vertical tab before a record": b"\x0b" + GOOD % 1 + b"\n" + GOOD % 2,
    "a brace": b"{",
    "a letter": b"x",
    "a quote and a line end": b'"\n',
    "half a record": b'{"id":"1',
    "an open array": b"[",
    "a good record, then a brace": GOOD % 1 + b"\n{",
    "only bad lines": b"x\ny\n{\n",
    "bad lines first": b"x\n[\n" + GOOD % 1,
    "an array in the first line": b"[1,2]\n" + GOOD % 1,
    "an unfinished array": b"[" + GOOD % 1 + b"\n" + GOOD % 2,
    "a line that is never ended": GOOD % 1 + b'\n{"id":"2',
    "the same id three times": b"\n".join([GOOD % 1] * 3),
    "the same id, spelled twice": GOOD % 1 + b'\n{"id":1}\n{"id":"\\u0031"}\n{"id":"1 "}',
    "a bad record with the same id": b'{"id":"1","size":"x"}\n' + GOOD % 1 + b"\n" + GOOD % 1,
    "an array": b"[" + b",".join(GOOD % n for n in range(3)) + b"]",
    "an array over lines": b"[\n  " + b",\n  ".join(GOOD % n for n in range(3)) + b"\n]\n",
    "an array with a mark": b"\xef\xbb\xbf[" + GOOD % 1 + b"]",
    "an array of nothing": b"[]",
    "an array with blanks": b" \n [ \n ] \n ",
    "an array of other things": b"[1, null, " + GOOD % 1 + b', "x", [], true]',
    "an array with a bad value": b"[" + GOOD % 1 + b',{"id":"2","size":"x"},' + GOOD % 3 + b"]",
    "an array with a bad record": b"[" + GOOD % 1 + b',{"id":"2" "size":1},' + GOOD % 3 + b"]",
    "an array with a bad word": b"[" + GOOD % 1 + b",wrong," + GOOD % 3 + b"]",
    "an array with half a letter": b"[" + GOOD % 1 + b',{"id":"\\ud800"},' + GOOD % 3 + b"]",
    "an array with a bad byte": b"[" + GOOD % 1 + b',{"id":"\xff"},' + GOOD % 3 + b"]",
    "an array with a last comma": b"[" + GOOD % 1 + b"," + GOOD % 2 + b",]",
    "an array with two commas": b"[" + GOOD % 1 + b",," + GOOD % 2 + b"]",
    "an array that breaks off": b"[" + GOOD % 1 + b"," + GOOD % 2,
    "an array with more behind": b"[" + GOOD % 1 + b"] x",
    "two arrays": b"[" + GOOD % 1 + b"]\n[" + GOOD % 2 + b"]",
    "an array in an array": b"[[" + GOOD % 1 + b"]]",
    "an array with not a number": b'[{"id":"1","size":NaN},{"id":"2","zzz":Infinity,}]',
    "an array with a deep value": b'[{"id":"1","zzz":' + b"[" * 400 + b"]" * 400 + b"}]",
    "a deep value": b'{"id":"1","zzz":' + b"[" * 400 + b"]" * 400 + b"}",
    "a very deep value": b'{"id":"1","zzz":' + b"[" * 90_000 + b"]" * 90_000 + b"}\n" + GOOD % 2,
    "a deep value that is read": b'{"id":"1","name":'
    + b"[" * 5000
    + b"]" * 5000
    + b"}\n"
    + GOOD % 2,
    "a large record": b'{"id":"1","name":"' + b"a" * 3_000_000 + b'"}\n' + GOOD % 2,
    "many events": (
        b'{"id":"1","events":['
        + b",".join([b'{"type":"page_view","at":"2026-11-20"}'] * 5000)
        + b"]}\n"
        + GOOD % 2
    ),
    "very many lines": b"\n".join(GOOD % n for n in range(5000)),
    "very many lines, some bad": b"\n".join(b"x" if n % 97 == 5 else GOOD % n for n in range(9000)),
}


@pytest.mark.parametrize("rules", range(len(RULES)))
@pytest.mark.parametrize("name", FILES)
def test_files(name: str, rules: int) -> None:
    program = compile_text(RULES[rules], {"lead.schema.json": SCHEMA})
    expected = score_bytes(program, FILES[name], AS_OF, "reference")
    got = score_bytes(program, FILES[name], AS_OF, "duckdb")
    assert got.failed == expected.failed
    assert got.quarantine == expected.quarantine
    assert got.scored == expected.scored
    assert got == expected
