"""The records of a file, one by one, as the bytes they were written as.

A file holds JSON Lines (a record a line; blank lines are none) or one JSON array. Either
may be compressed with gzip or zstd; a file is told by its first bytes, not by its name.
"""

from __future__ import annotations

import gzip
import io
import json
import re
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

Layout = Literal["newline_delimited", "array"]
Compression = Literal["none", "gzip", "zstd"]

_BLANK = b" \t\n\v\f\r"
_ORDER_MARK = b"\xef\xbb\xbf"
_CHUNK = 1 << 20
_PEEK = 1 << 16
_MARKS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{},]', re.DOTALL)


class BadArray(ValueError):
    """A JSON array that cannot be taken apart; the message says where."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record: the number of the line it begins in, from 1, and its bytes."""

    line: int
    data: bytes

    def may_hold(self, text: bytes) -> bool:
        """Whether a text may stand in the record, as it is or with escapes; False only when it
        surely does not."""
        return text in self.data or b"\\" in self.data


def layout(path: Path) -> Layout:
    """How a file is laid out. A file is an array when its first character is `[` and its
    first line is not a whole value followed by more lines."""
    with opened(path) as file:
        start = file.read(_PEEK).removeprefix(_ORDER_MARK).lstrip(_BLANK)
    if not start.startswith(b"["):
        return "newline_delimited"
    first, end, rest = start.partition(b"\n")
    whole = end and rest.strip(_BLANK) and _is_closed(first)
    return "newline_delimited" if whole else "array"


def compression(path: Path) -> Compression:
    """How a file is compressed."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(b"\x1f\x8b"):
        return "gzip"
    return "zstd" if start == b"\x28\xb5\x2f\xfd" else "none"


def records(path: Path, laid_out: Layout) -> Iterator[Record]:
    """The records of a file in their order. Raises BadArray, OSError, EOFError."""
    with opened(path) as file:
        if laid_out == "array":
            yield from _items(file)
            return
        yield from _lines(file, 1)


def records_at(
    path: Path, laid_out: Layout, wanted: deque[int], first: int
) -> Generator[tuple[int, Record], None, int]:
    """The records whose numbers, which rise, are wanted, each with its number; they are taken
    out of `wanted`. The first record of the file has the number `first`; returns the number
    of the one behind its last. Raises as `records`."""
    if laid_out == "array":
        return (yield from _among(records(path, laid_out), wanted, first))
    number, line = first, 1
    with opened(path) as file:
        while block := file.read(_CHUNK):
            block += file.readline()
            lines = block.split(b"\n")
            if not lines[-1]:
                lines.pop()
            # Mostly every line is a record, and then they need not be looked at one by one.
            if line > 1 and all(map(bytes.strip, lines)):
                while wanted and wanted[0] < number + len(lines):
                    place = wanted[0] - number
                    yield wanted.popleft(), Record(line + place, lines[place].strip(_BLANK))
                number += len(lines)
            else:
                number = yield from _among(_lines(lines, line), wanted, number)
            line += len(lines)
    return number


def _among(
    found: Iterable[Record], wanted: deque[int], number: int
) -> Generator[tuple[int, Record], None, int]:
    for record in found:
        if wanted and wanted[0] == number:
            yield wanted.popleft(), record
        number += 1
    return number


def _lines(lines: Iterable[bytes], first: int) -> Iterator[Record]:
    """The records among some lines, of which the first has the number `first`."""
    for number, line in enumerate(lines, first):
        data = line.strip(_BLANK)
        # A byte order mark does not make a blank line a record.
        if data and (number > 1 or data != _ORDER_MARK):
            yield Record(number, data)


def verify(path: Path) -> None:
    """Reads a compressed file to its end. Raises OSError or EOFError when it is damaged.

    DuckDB does not look at checksums, and takes a file that was cut for a whole one.
    """
    with opened(path) as file:
        while file.read(_CHUNK):
            pass


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """A file's content, decompressed."""
    kind = compression(path)
    if kind == "gzip":
        with gzip.open(path, "rb") as file:
            yield file  # type: ignore[misc]  # GzipFile is an IO[bytes] in all that is used
    elif kind == "zstd":
        with path.open("rb") as packed, io.BufferedReader(_Zstd(packed), _CHUNK) as file:
            yield file
    else:
        with path.open("rb") as file:
            yield file


class _Zstd(io.RawIOBase):
    """The content of zstd frames, one behind the other. Raises EOFError when one is cut."""

    def __init__(self, packed: IO[bytes]) -> None:
        import zstandard

        self._packed = packed
        self._decompressor = zstandard.ZstdDecompressor()
        self._frame = self._decompressor.decompressobj()
        self._began = False
        self._ready = b""

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fills a buffer as far as it goes; 0 at the end."""
        while not self._ready:
            rest = self._frame.unused_data if self._frame.eof else b""
            if self._frame.eof:
                self._frame, self._began = self._decompressor.decompressobj(), False
            data = rest or self._packed.read(_CHUNK)
            if not data:
                if self._began:
                    raise EOFError("the zstd file breaks off before its end")
                return 0
            self._began = True
            self._ready = self._unpack(data)
        size = min(len(buffer), len(self._ready))
        buffer[:size], self._ready = self._ready[:size], self._ready[size:]
        return size

    def _unpack(self, data: bytes) -> bytes:
        import zstandard

        try:
            return self._frame.decompress(data)
        except zstandard.ZstdError as error:
            raise OSError(f"the zstd file is damaged ({error})") from None


def _is_closed(line: bytes) -> bool:
    depth = 0
    for mark in _MARKS.finditer(line):
        if mark[0] in b"[{":
            depth += 1
        elif mark[0] in b"]}":
            depth -= 1
            if depth == 0:
                return not line[mark.end() :].strip(_BLANK)
    return False


def _check_item(data: bytes, line: int) -> None:
    """An item that is not JSON spoils its array: nobody can tell where the next one begins."""
    try:
        value = json.loads(data, parse_constant=_refuse_word)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise BadArray(f"the record in line {line} is not JSON, and so the array is not") from None


def _refuse_word(word: str) -> None:
    raise ValueError(word)


def _items(file: IO[bytes]) -> Iterator[Record]:
    """The items of an array, cut at the commas and brackets of its outermost level."""
    depth = 0
    line = 1
    rest = b""  # What has been read of the item at hand.
    looked = 0  # How much of it holds no mark that is still to be found.
    closed = False
    expected = False  # After a comma a record must come.
    while chunk := file.read(_CHUNK):
        data = (rest + chunk).removeprefix(_ORDER_MARK) if line == 1 else rest + chunk
        begin = 0
        for mark in _MARKS.finditer(data, looked):
            kind = mark[0]
            looked = mark.end()
            if kind[:1] == b'"':
                continue
            if kind in b"[{":
                depth += 1
                if depth == 1:
                    if data[begin : mark.start()].strip(_BLANK):
                        raise BadArray(f"there is text before the array, in line {line}")
                    line += data.count(b"\n", begin, mark.end())
                    begin = mark.end()
                continue
            if kind == b",":
                if depth != 1:
                    continue
            else:
                depth -= 1
                if depth:
                    continue
                closed = True
            item = data[begin : mark.start()]
            place = line + item[: len(item) - len(item.lstrip(_BLANK))].count(b"\n")
            stripped = item.strip(_BLANK)
            if stripped:
                _check_item(stripped, place)
                yield Record(place, stripped)
            elif kind == b"," or expected:
                raise BadArray(f"there is a comma without a record in line {line}")
            expected = kind == b","
            line += data.count(b"\n", begin, mark.end())
            begin = mark.end()
            if closed:
                break
        if closed:
            tail = data[begin:] + file.read()
            if tail.strip(_BLANK):
                raise BadArray(f"there is more text behind the array, in line {line}")
            return
        rest = data[begin:]
        # A text that the chunk cut in two is looked for again from its quote.
        looked -= begin
        cut = rest.find(b'"', max(looked, 0))
        looked = cut if cut >= 0 else len(rest)
    if rest.strip(_BLANK) or depth:
        raise BadArray("the array breaks off before its end")
