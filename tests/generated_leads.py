"""Leads as lines of JSON for a ruleset: good ones on every edge of it, and bad ones.

Most leads are good, with values that lie on what the rules ask for or just beside it. A
bad one has one fault, so that its reason is known to come from that.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from leadrules.model.instant import DAY, find_zone
from tests.generated_schema import Kind, Path, Pen, Place, World
from tests.generated_terms import Used
from tests.pools import (
    ADDRESSES,
    BAD_DATES,
    BLANKS,
    COMPANY_NUMBERS,
    HALVES,
    NOT_FINITE,
    NUMBERS,
    ODD_DATES,
    ODD_NUMBERS,
    SPELLINGS,
    STEPS,
    SUMMANDS,
    TEXTS,
    Raw,
    around_number,
    json_text,
    json_value,
    near,
    spell_instant,
)

Record = dict[str, Any]

IDS: tuple[Any, ...] = (
    "L-1",
    "l-1",
    "é",
    "e\u0301",
    " x ",
    'say "hi"',
    "back\\slash",
    "\u2028",
    "🚀",
    "two\nlines",
    "\u0000",
    "7",
    Raw("7"),
    Raw("-7"),
    Raw("0"),
    Raw("12345678901234567890123"),
)
BAD_IDS: tuple[Any, ...] = (
    None,
    "",
    " \u00a0",
    True,
    [],
    {},
    Raw("7.0"),
    Raw("1e3"),
    Raw("-0.5"),
    Raw("NaN"),
)
# Values of every sort, to stand where another sort belongs.
OTHERS: tuple[Any, ...] = (
    Raw("12"),
    Raw("12.5"),
    "12",
    "abc",
    "",
    " \u00a0",
    "\t",
    "\x85",
    True,
    False,
    None,
    [],
    {},
    ["a"],
    [Raw("1")],
    [None],
    [[]],
    {"a": "b"},
    "2026-11-22",
    Raw("NaN"),
    Raw("1e400"),
)
MOST_LEADS = 60
WHOLE_STEPS = tuple(step for step in STEPS if step % 1000 == 0)


def draw_leads(pen: Pen, world: World, used: Used) -> list[bytes]:
    """Some records, a line each."""
    writer = _Writer(pen, world, used)
    lines = [writer.line(number) for number in range(1 + pen.number(MOST_LEADS - 1))]
    if pen.chance(8):
        lines[0] = b"\xef\xbb\xbf" + lines[0]
    end = b"\r" if pen.chance(8) else b""
    return [line + end for line in lines]


class _Writer:
    def __init__(self, pen: Pen, world: World, used: Used) -> None:
        self.pen = pen
        self.world = world
        self.zone = find_zone(world.zone or "UTC")
        self.moments = list(dict.fromkeys(used.moments))
        self.spans = list(dict.fromkeys(used.spans)) or [DAY]
        self.numbers = list(dict.fromkeys(used.numbers)) or list(NUMBERS[:3])
        self.texts = list(dict.fromkeys(used.texts)) or list(TEXTS[:3])
        places = [place for place in dict.fromkeys(used.places) if not place.of_event]
        self.fields = places or list(world.fields)
        self.types = world.types
        # A lead that DuckDB is sure of: one odd value and the reference scores it, which
        # would hide what DuckDB does with the rest.
        self.plain = False
        # Whether numbers are to be added up.
        self.sums = False

    def line(self, number: int) -> bytes:
        """One record; one in six has a fault."""
        pen = self.pen
        self.plain = not pen.chance(20)
        record = self.record(number)
        if pen.chance(1):
            return pen.pick((b"", b" \t"))
        fault = pen.pick(FAULTS) if pen.chance(16) else None
        if fault is not None and fault in RECORD_FAULTS:
            fault(self, record)
        style = pen.pick((0, 0, 0, 0, 1, 2, 3))
        text = json_value(record, style, spaced=pen.chance(10))
        if pen.chance(4):
            text = self.with_second_key(text)
        data = text.encode()
        if fault is not None and fault in LINE_FAULTS:
            data = fault(self, data)
        return data

    # --- good records --------------------------------------------------------------

    def record(self, number: int) -> Record:
        pen = self.pen
        world = self.world
        record: Record = {}
        id_ = f"L{number}" if self.plain or pen.chance(30) else pen.pick(IDS)
        _set(record, world.id, id_)
        for place in world.fields:
            if place.path == world.id:
                continue
            if place.path == ("company",):
                if pen.chance(40):
                    record.setdefault("company", {})
                continue
            found, value = self.value(place)
            if found:
                _set(record, place.path, value)
        if pen.chance(85):
            _set(record, world.events, self.events())
        if pen.chance(10):
            self.add_noise(record)
        return record

    def add_noise(self, record: Record) -> None:
        """Keys that no rule asks for, some of them nearly like one."""
        pen = self.pen
        keys = ("other", "ID", "Events", "Budget", "id ", "", "größe", "a.b", "company.x")
        for key in pen.some(keys, 2):
            if key not in record:
                record[key] = copy.deepcopy(pen.pick(OTHERS))

    def value(self, place: Place) -> tuple[bool, Any]:
        """Whether a field is there, and what it holds."""
        pen = self.pen
        form = pen.number(19)
        # DuckDB leaves lists inside events to the reference.
        rare = self.plain and place.of_event and place.kind == "list"
        if form == 17 or (rare and form < 16):
            return False, None
        if form == 18:
            return True, None
        if form == 19:
            words = (*place.blanks, *(b.upper() for b in place.blanks))
            if self.plain and place.kind != "text":
                words = tuple(word for word in words if word.isascii())
                return True, pen.pick(("", *words))
            return True, pen.pick((*BLANKS, *words))
        return True, self.good(place.kind, place)

    def good(self, kind: Kind, place: Place) -> Any:
        pen = self.pen
        match kind:
            case "number":
                return Raw(self.number())
            case "whole":
                found = self.number()
                return Raw(found if float(found).is_integer() else "12")
            case "boolean":
                return bool(pen.number(1))
            case "date":
                is_odd = not self.plain and pen.chance(20)
                return pen.pick(ODD_DATES) if is_odd else self.timestamp()
            case "text":
                return self.text(place)
            case "list":
                return self.texts_in_a_row()
            case "text or list":
                some = 5 if self.plain and place.of_event else 50
                return self.texts_in_a_row() if pen.chance(some) else self.text(place)
            case "anything":
                return copy.deepcopy(pen.pick(OTHERS))

    def number(self) -> str:
        pen = self.pen
        if self.sums:
            return pen.pick(SUMMANDS)
        form = pen.number(7)
        if form == 7:
            return pen.pick(ODD_NUMBERS)
        if form > 4:
            return pen.pick(HALVES)
        return pen.pick(around_number(pen.pick(self.numbers)))

    def text(self, place: Place) -> str:
        pen = self.pen
        form = pen.number(9)
        if place.values and form < 6:
            return pen.pick(near(pen.pick(place.values)))
        if form < 6:
            return pen.pick(near(pen.pick(self.texts)))
        if form < 8:
            return pen.pick(TEXTS)
        if form == 8:
            return pen.pick((*ADDRESSES, *COMPANY_NUMBERS))
        return pen.pick(self.texts) + pen.text()

    def texts_in_a_row(self) -> list[str | None]:
        pen = self.pen
        items = (*self.texts, *TEXTS[:4])
        found: list[str | None] = [pen.pick(near(pen.pick(items))) for _ in range(pen.number(3))]
        if pen.chance(20):
            found.append(pen.pick((None, "", " ")))
        return found

    def timestamp(self) -> str:
        return self.spelled(self.moment())

    def moment(self) -> int:
        """A moment on an edge of the rules, or just beside it."""
        pen = self.pen
        moment = self.beside(pen.pick(self.moments))
        if pen.chance(20):
            moment += (pen.number(800) - 400) * DAY // 2
        return moment

    def beside(self, moment: int) -> int:
        """The moment itself, or one near it."""
        pen = self.pen
        if pen.chance(30):
            return moment
        if not self.plain:
            return moment + pen.pick(STEPS)
        moment += 1000 * pen.pick(STEPS) if pen.chance(30) else pen.pick(WHOLE_STEPS)
        return moment - moment % 1000

    def spelled(self, moment: int) -> str:
        pen = self.pen
        how = pen.pick((0, 3, 4, 5, 6, 7)) if self.plain else pen.number(SPELLINGS - 1)
        return spell_instant(moment, how, self.zone)

    def events(self) -> list[Record] | None:
        """Events; some of them at the time of another, or just so long after it, or like it."""
        pen = self.pen
        if pen.chance(4):
            return None
        found: list[Record] = []
        moments: list[int] = []
        self.sums = pen.chance(20)
        self.types = self.world.types if pen.chance(50) else (pen.pick(self.world.types),)
        for _ in range(7):
            if not pen.chance(60):
                continue
            moment = self.moment()
            if moment > self.world.as_of and pen.chance(60):
                moment = self.beside(self.world.as_of - pen.number(40) * DAY)
            if moments and pen.chance(45):
                moment = pen.pick(moments)
                if pen.chance(70):
                    moment = self.beside(moment + pen.pick((1, -1)) * pen.pick(self.spans))
            event = self.again(pen.pick(found)) if found and pen.chance(40) else self.event()
            event[self.world.at] = self.spelled(moment)
            found.append(event)
            moments.append(moment)
        self.sums = False
        if found and pen.chance(3):
            found += found * (pen.number(3) * 60)
        return found

    def event(self) -> Record:
        pen = self.pen
        world = self.world
        type_ = pen.pick(self.types)[0]
        if pen.chance(2 if self.plain else 20):
            others = (type_.upper(), type_ + " ", " " + type_, "unknown", "\u2028x", "\x7f", "é")
            type_ = pen.pick((*near(type_)[-8:-2], *others))
            type_ = type_ if type_.strip() else "x"
        event: Record = {world.type: type_, world.at: self.timestamp()}
        for place in world.properties:
            found, value = self.value(place)
            if found:
                event[place.path[0]] = value
        return event

    def again(self, event: Record) -> Record:
        """An event like another one; its texts may differ by their case, others in all."""
        pen = self.pen
        made = dict(event)
        for place in self.world.properties:
            key = place.path[0]
            if place.kind == "text" and isinstance(made.get(key), str):
                made[key] = pen.pick((made[key], made[key], *near(made[key])[1:4]))
            elif pen.chance(50):
                found, value = self.value(place)
                if found:
                    made[key] = value
        return made

    # --- faults in what is said ----------------------------------------------------

    def bad_id(self, record: Record) -> None:
        _set(record, self.world.id, copy.deepcopy(self.pen.pick(BAD_IDS)))

    def bad_field(self, record: Record) -> None:
        place = self.pen.pick(self.fields)
        _set(record, place.path, self.bad(place))

    def bad_parent(self, record: Record) -> None:
        """Something else where an object with fields belongs."""
        paths = [place.path for place in self.world.fields]
        paths += [self.world.created, self.world.events]
        deep = [path for path in paths if len(path) > 1]
        if not deep:
            return self.bad_field(record)
        path = self.pen.pick(deep)
        cut = 1 + self.pen.number(len(path) - 2)
        _set(record, path[:cut], copy.deepcopy(self.pen.pick(OTHERS)))

    def bad_events(self, record: Record) -> None:
        _set(record, self.world.events, copy.deepcopy(self.pen.pick(OTHERS)))

    def bad_event(self, record: Record) -> None:
        """A fault in one event, at any place in the list."""
        pen = self.pen
        events: list[Any] = [self.event() for _ in range(1 + pen.number(3))]
        _set(record, self.world.events, events)
        place = pen.number(len(events) - 1)
        event = events[place]
        form = pen.number(5)
        if form == 0:
            events[place] = copy.deepcopy(pen.pick(OTHERS))
        elif form == 1:
            event[self.world.type] = copy.deepcopy(pen.pick(OTHERS))
        elif form == 2:
            event[self.world.at] = copy.deepcopy(pen.pick(OTHERS))
        elif form == 3:
            event[self.world.at] = pen.pick(BAD_DATES)
        elif form == 4:
            event.pop(pen.pick((self.world.type, self.world.at)))
        elif self.world.properties:
            property_ = pen.pick(self.world.properties)
            event[property_.path[0]] = self.bad(property_)

    def bad(self, place: Place) -> Any:
        """A value that a field of a kind cannot have (or, seldom, can)."""
        pen = self.pen
        if place.kind == "date" and pen.chance(60):
            return pen.pick(BAD_DATES)
        if place.kind in ("number", "whole") and pen.chance(60):
            return Raw(pen.pick(("12.5", "0.5", "1e-7") if pen.chance(40) else NOT_FINITE))
        if place.kind in ("list", "text or list") and pen.chance(50):
            return ["a", copy.deepcopy(pen.pick(OTHERS)), "b"]
        return copy.deepcopy(pen.pick(OTHERS))

    # --- faults in the line --------------------------------------------------------

    def with_second_key(self, text: str) -> str:
        """A record with a key given twice: the first one counts."""
        pen = self.pen
        paths = [self.world.id, self.world.events, *(place.path for place in self.world.fields)]
        key = json_text(pen.pick(paths)[0], pen.pick((0, 3)))
        value = json_value(pen.pick(OTHERS))
        if pen.chance(50):
            return f"{{{key}:{value},{text[1:]}"
        return f"{text[:-1]},{key}:{value}}}"

    def cut_off(self, data: bytes) -> bytes:
        return data[: 1 + self.pen.number(len(data) - 2)]

    def broken(self, data: bytes) -> bytes:
        """A few bytes that do not belong there, before or behind a sign of JSON."""
        pen = self.pen
        marks = [n for n, byte in enumerate(data) if byte in b'{}[]:,"'][:400]
        at = pen.pick(marks) + pen.number(1)
        return data[:at] + pen.pick(PIECES) + data[at:]

    def something_else(self, data: bytes) -> bytes:
        return self.pen.pick((b"[" + data + b"]", b"12", b'"a"', b"null", b"true", b"[]", b"x"))

    def spoiled_key(self, data: bytes) -> bytes:
        """Something odd in a part of the record that no rule reads."""
        value = self.pen.pick(ODD_PIECES)
        return data[:1] + b'"zzz":' + value + b"," + data[1:]

    def more_behind(self, data: bytes) -> bytes:
        return data + self.pen.pick((b" x", b"{}", b" " + data, b",", b"]", b"\x00", b" //x"))


# What is put into a line at a place where something begins or ends.
PIECES: tuple[bytes, ...] = (
    b",",
    b"}",
    b"]",
    b"{",
    b'"',
    b"\\",
    b"\x00",
    b"\x01",
    b"\t",
    b"\r",
    b"\x0b",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\xc2\xa0",
    b"\\ud800",
    b"\\u12",
    b"\\x41",
    b"'",
    b"NaN",
    b"null",
    b"0",
    b"-",
    b"/*x*/",
    b"//x",
    b"#",
    b" ",
)
ODD_PIECES: tuple[bytes, ...] = (
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"-nan",
    b"+1",
    b".5",
    b"1.",
    b"012",
    b"0x1f",
    b"1_000",
    b"True",
    b"undefined",
    b"'a'",
    b'"\\ud800"',
    b'"\\udc00\\ud800"',
    b'"\xff"',
    b'"\x7f"',
    b'"\x01"',
    b'"\t"',
    b'{"\\ud800":1}',
    b"[1,]",
    b'{"a":1,}',
    b"[,1]",
    b"{,}",
    b"[" * 60 + b"]" * 60,
    b"[" * 3000 + b"]" * 3000,
    b"9" * 400,
    b"-",
    b"--1",
    b"1e",
    b"nul",
    b'{"a" 1}',
    b"{a:1}",
    b'"\\u00zz"',
    b'"\\U0041"',
    b'"\\/\\b\\f"',
    b"",
)

RECORD_FAULTS: tuple[Callable[[_Writer, Record], None], ...] = (
    _Writer.bad_field,
    _Writer.bad_event,
    _Writer.bad_id,
    _Writer.bad_parent,
    _Writer.bad_events,
)
LINE_FAULTS: tuple[Callable[[_Writer, bytes], bytes], ...] = (
    _Writer.broken,
    _Writer.cut_off,
    _Writer.something_else,
    _Writer.spoiled_key,
    _Writer.more_behind,
)
FAULTS: tuple[Callable[[_Writer, Any], Any], ...] = (
    *RECORD_FAULTS,
    _Writer.bad_field,
    _Writer.bad_event,
    *LINE_FAULTS,
)


def _set(record: Record, path: Path, value: Any) -> None:
    """Puts a value at a path, with the objects on the way."""
    for key in path[:-1]:
        inner = record.get(key)
        if not isinstance(inner, dict):
            inner = record[key] = {}
        record = inner
    record[path[-1]] = value


def is_json(line: bytes) -> bool:
    """Whether Python's own reader takes a line for JSON."""
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
