"""The DuckDB engine: it reads the files itself and scores in the same pass.

Results come back in batches of Arrow columns, in the order of the input. The finished
lines of a batch lie in one stretch of memory, ready to be written: no lead becomes a
Python object.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import nanoarrow as na  # type: ignore[import-untyped]  # the library has no types
from nanoarrow._utils import NanoarrowException  # type: ignore[import-untyped]  # as above
from nanoarrow.c_array_stream import c_array_stream  # type: ignore[import-untyped]  # as above

from leadrules.engines.sql import Query
from leadrules.engines.sql_previous import FIRST_BAD, FIRST_TWICE, KEEP_ORDER

MEMORY = 1_000_000_000


class BadYesterday(Exception):
    """Yesterday's results cannot be used: the line with the number `place`, from 0, is none,
    or is the second for an id."""

    def __init__(self, place: int, identity: str | None = None) -> None:
        super().__init__(place, identity)
        self.place, self.identity = place, identity


class Unreadable(Exception):
    """An input that DuckDB gives up on; the message says why, in its words."""


class OutOfMemory(Exception):
    """Rules for which DuckDB needs more memory than it may take; mostly to plan the query."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records in a row.

    `lines` are the finished lines one behind the other, in the memory of `owner`, which must be
    kept as long as they are used; `ends` their ends, of all `count` records (a record without
    a line ends where it starts). `undecided` are the numbers, from 0, of the records without a
    line; `doubtful` of those whose list of events was not seen. `hashes` has 8 bytes a record,
    `asides` one (SCORED, EXCLUDED), `decisions` for each dimension as many as its numbering
    says, and `conflicts` one for each `unique` dimension. `places` has 8 bytes a record where
    yesterday's results can be kept: the number of the one that belongs before the line of a
    FROZEN record.
    """

    count: int
    lines: memoryview
    ends: memoryview
    undecided: tuple[int, ...]
    doubtful: tuple[int, ...]
    hashes: bytes
    later: int
    asides: bytes
    decisions: tuple[bytes, ...]
    conflicts: tuple[bytes, ...]
    places: bytes
    owner: object


@dataclass(frozen=True, slots=True)
class Results:
    """A file of yesterday's results, not compressed, and how many there are."""

    path: Path
    count: int

    @property
    def memory(self) -> int:
        """How many bytes they may take: more than they do."""
        return self.path.stat().st_size + 256 * self.count


def stream(
    query: Query, inputs: Sequence[Path], temporary: Path, yesterday: Results | None = None
) -> Iterator[Batch]:
    """The outcome of a query over files that are all of one layout.

    `temporary` is a folder for what does not fit into memory. Raises Unreadable, OutOfMemory
    and BadYesterday.
    """
    more = 0 if yesterday is None else yesterday.memory
    with connect(temporary, MEMORY + more) as connection:
        try:
            for statement, parameters in query.setup:
                connection.execute(statement, parameters)
            if query.yesterday is not None and yesterday is not None:
                _read_yesterday(connection, query.yesterday, yesterday)
            files = [str(path) for path in inputs]
            relation = connection.sql(query.sql, params=[files])
            records = 0
            for batch in c_array_stream(relation):
                made = _batch(batch, query, records)
                records += made.count
                yield made
        except (duckdb.Error, NanoarrowException) as error:
            said = str(error).partition("\n")[0]
            if "Out of Memory" in said:
                raise OutOfMemory("they need more memory than DuckDB may take") from None
            raise Unreadable(said) from None


def _read_yesterday(
    connection: duckdb.DuckDBPyConnection, statement: str, yesterday: Results
) -> None:
    connection.execute(statement, [str(yesterday.path)])
    bad = connection.execute(FIRST_BAD).fetchone()
    if bad is not None and bad[0] is not None:
        raise BadYesterday(bad[0])
    twice = connection.execute(FIRST_TWICE).fetchone()
    if twice is not None:
        raise BadYesterday(twice[1], twice[0][1:-1])
    for order in KEEP_ORDER:
        connection.execute(order)


def connect(temporary: Path, memory: int = MEMORY) -> duckdb.DuckDBPyConnection:
    """A database in memory that keeps the order of its input and says nothing by itself.
    It takes so many bytes."""
    connection = duckdb.connect(
        config={
            "memory_limit": f"{memory}B",
            "temp_directory": str(temporary),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    # Otherwise it draws a progress bar on standard output when a query takes long.
    connection.execute("SET enable_progress_bar = false")
    return connection


def hashes_of(ids: Sequence[str], temporary: Path) -> list[int]:
    """The hashes that a query gives to leads with these ids, where it can read them."""
    query = """SELECT hash('"' || id || '"') FROM (SELECT unnest(?::VARCHAR[]) AS id)"""
    with connect(temporary) as connection:
        return [row[0] for row in connection.execute(query, [list(ids)]).fetchall()]


def repeated(hashes: bytes, temporary: Path) -> frozenset[int]:
    """Which of some 8-byte hashes stand there more than once."""
    column = na.c_array_from_buffers(
        na.struct({"h": na.uint64()}),
        length=len(hashes) // 8,
        buffers=[None],
        children=[
            na.c_array_from_buffers(na.uint64(), length=len(hashes) // 8, buffers=[None, hashes])
        ],
    )
    with connect(temporary) as connection:
        connection.register("hashes", na.ArrayStream(column))
        found = connection.execute("SELECT h FROM hashes GROUP BY h HAVING count(*) > 1").fetchall()
    return frozenset(row[0] for row in found)


def sorted_lines(path: Path, temporary: Path) -> Iterator[memoryview]:
    """The lines of a file of results, sorted by id, in stretches of memory."""
    query = """
        SELECT line || chr(10)
        FROM read_csv(?, columns = {'line': 'VARCHAR'}, header = false, auto_detect = false,
                      delim = chr(1), quote = '', escape = '', max_line_size = 134217728,
                      strict_mode = false)
        ORDER BY json_extract_string(line, '$.id')
    """
    with connect(temporary) as connection:
        for batch in c_array_stream(connection.sql(query, params=[str(path)])):
            view = batch.view()
            _, ends, text = _buffers(view.child(0))
            yield text[: ends.cast("i")[len(view)]]


def _batch(batch: Any, query: Query, before: int) -> Batch:
    """A batch, behind so many records."""
    view = batch.view()
    columns = [view.child(number) for number in range(view.n_children)]
    assert all(column.offset == 0 for column in (view, *columns))
    line, hashes, doubt, later, asides, *others = columns
    count = len(view)
    places = b""
    if query.yesterday is not None:
        *others, ordinal, place = others
        places = _bytes(place, 8 * count)
        found = memoryview(_bytes(ordinal, 8 * count)).cast("Q")
        if found.tolist() != list(range(before + 1, before + count + 1)):
            raise AssertionError("the order of the leads was lost")
    validity, ends, text = _buffers(line)
    # A copy, because the ends are kept longer than the batch.
    ends = memoryview(bytes(ends)).cast("i")
    return Batch(
        count,
        text[: ends[count]],
        ends[1 : count + 1],
        _unset(bytes(validity), count) if line.null_count else (),
        _positions(_bytes(doubt, count), 1),
        _bytes(hashes, 8 * count),
        _sum(_bytes(later, 4 * count)),
        _bytes(asides, count),
        tuple(
            _bytes(column, numbering.width * count)
            for column, numbering in zip(others, query.dimensions, strict=False)
        ),
        tuple(_bytes(column, count) for column in others[len(query.dimensions) :]),
        places,
        batch,
    )


def _buffers(column: Any) -> list[memoryview]:
    """The buffers of an Arrow column as bytes: validity, then the data."""
    return [memoryview(memoryview(buffer).cast("B")) for buffer in column.buffers]


def _bytes(column: Any, size: int) -> bytes:
    """The numbers of an Arrow column, which take so many bytes."""
    return bytes(_buffers(column)[1][:size])


def _sum(data: bytes) -> int:
    """The sum of some 4-byte numbers, of which nearly all are 0."""
    return sum(memoryview(data).cast("I")) if data.strip(b"\0") else 0


def _unset(bits: bytes, count: int) -> tuple[int, ...]:
    """The numbers of the bits that are 0, the lowest bit of each byte first."""
    found = []
    for place, byte in enumerate(bits):
        if byte != 255:
            found += [8 * place + bit for bit in range(8) if not byte >> bit & 1]
    return tuple(number for number in found if number < count)


def _positions(data: bytes, byte: int) -> tuple[int, ...]:
    found = []
    at = data.find(byte)
    while at >= 0:
        found.append(at)
        at = data.find(byte, at + 1)
    return tuple(found)
