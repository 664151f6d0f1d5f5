"""Yesterday's results: the lines of an earlier run, found by the ids of their leads.

Only where each line begins is kept in memory until somebody asks for an id. DuckDB reads
the file on its own; here are the lines that it does not need but that come out again as
they are, and the results for the leads that the reference looks at.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from array import array
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from leadrules.batch.records import compression, opened
from leadrules.engines.results import NotResult, read_result, thawed
from leadrules.model.lead import Previous

if TYPE_CHECKING:
    from leadrules.engines.duckdb import Batch

_ID = re.compile(rb'\{"id":("(?:[^"\\]|\\.)*")', re.DOTALL)


class NotResults(ValueError):
    """A file that does not hold the results of a run; the message says where."""


@contextmanager
def results_in(path: Path) -> Iterator[Yesterday]:
    """The results in a file, which may be compressed. Raises OSError and NotResults."""
    with tempfile.TemporaryDirectory(prefix="leadrules-") as folder:
        # Under a name that DuckDB takes as it is.
        plain = Path(folder, "yesterday.jsonl")
        with opened(path) as packed:
            marked = packed.read(len(BOM_UTF8)) == BOM_UTF8
        if compression(path) == "none" and not marked:
            plain.symlink_to(path.resolve())
        else:
            with opened(path) as packed, plain.open("wb") as file:
                packed.read(len(BOM_UTF8) if marked else 0)
                shutil.copyfileobj(packed, file)
        with plain.open("rb") as file:
            yield Yesterday(plain, file)


class Yesterday:
    """The results in a file, which stays open. Raises NotResults at its first bad line."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self._file = file
        self._starts = array("Q")
        self._places: dict[str, int] | None = None
        place = 0
        file.seek(0)
        for line in file:
            self._starts.append(place)
            if not _is_closed(line):
                raise refused(len(self._starts) - 1)
            place += len(line)

    @property
    def count(self) -> int:
        """How many results there are."""
        return len(self._starts)

    def line(self, place: int) -> bytes:
        """The result with this number, from 0: without its line end, and without what says
        that it had been kept from an earlier run."""
        self._file.seek(self._starts[place])
        return thawed(self._file.readline().rstrip(b"\r\n"))

    def kept(self, batch: Batch) -> Batch:
        """A batch with the lines of those that keep theirs, whole."""
        from leadrules.engines.sql import FROZEN

        if FROZEN not in batch.asides:
            return batch
        places = memoryview(batch.places).cast("Q")
        lines = bytearray()
        ends = array("i")
        start = 0
        for number, end in enumerate(batch.ends):
            if batch.asides[number] == FROZEN and end > start:
                lines += self.line(places[number])[:-1]
            lines += batch.lines[start:end]
            ends.append(len(lines))
            start = end
        return replace(batch, lines=memoryview(lines), ends=memoryview(ends))

    def of(self, identity: str) -> Previous | None:
        """The result of a lead; None when there is none."""
        if self._places is None:
            self._places = self._index()
        place = self._places.get(identity)
        return None if place is None else self._read(place)[1]

    def check(self) -> None:
        """Looks at every line."""
        for place, _ in enumerate(self._starts):
            self._read(place)
        self._places = self._index()

    def _index(self) -> dict[str, int]:
        places: dict[str, int] = {}
        for place, _ in enumerate(self._starts):
            found = _ID.match(self.line(place))
            identity = json.loads(found[1]) if found else self._read(place)[0]
            earlier = places.setdefault(identity, place)
            if earlier != place:
                raise refused_twice(identity, place)
        return places

    def _read(self, place: int) -> tuple[str, Previous]:
        try:
            return read_result(self.line(place))
        except NotResult:
            raise refused(place) from None


def _is_closed(line: bytes) -> bool:
    """Whether a line is text that ends where an object ends: so that one more key can be
    written behind its last one, and both engines see the same line."""
    content = line.rstrip(b"\r\n")
    if not content.endswith(b"}") or b"\r" in content:
        return False
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return not content[:-1].rstrip().endswith(b",")


def refused(place: int) -> NotResults:
    """What is said of a line that is no result."""
    return NotResults(f"line {place + 1} is not a result of leadrules")


def refused_twice(identity: str, place: int) -> NotResults:
    """What is said of a second result for the same lead."""
    return NotResults(f"line {place + 1} is a second result for the id {identity}")
