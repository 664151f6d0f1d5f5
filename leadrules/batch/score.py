"""Leads in, finished lines and a quarantine out: the batch.

DuckDB writes the lines of all records that it is sure of, and leaves out those that it is
not: bad ones, and odd ones such as a timestamp to the nanosecond. Afterwards the few are
fetched from the input once more and put before the reference, which scores them or says
why it cannot. So there is one definition of a bad record, and the fast engine does not
have to be right about anything that it does not understand.

The same second look settles ids that were given twice: DuckDB gives a hash of every id,
and only records whose hash occurs again are compared.
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, BinaryIO, Literal, assert_never

from leadrules.batch.previous import Yesterday, refused, refused_twice, results_in
from leadrules.batch.records import Layout, Record, compression, layout, records, records_at, verify
from leadrules.batch.summary import Summary
from leadrules.engines.read import read_record
from leadrules.engines.reference import evaluate
from leadrules.model.lead import Lead, Rejection
from leadrules.model.program import Program
from leadrules.model.verdict import Excluded, Frozen, Verdict, line, quote

if TYPE_CHECKING:
    from leadrules.batch.counts import Counts
    from leadrules.engines.duckdb import Batch
    from leadrules.engines.sql import Query

Engine = Literal["duckdb", "reference"]

# How much of a file is moved at once.
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Input:
    """A file of leads: where it is, and the name it has in reports."""

    path: Path
    name: str


class LostCount(Exception):
    """Two readings of the same input did not find the same records."""


def score(
    program: Program,
    inputs: Sequence[Input],
    scored: BinaryIO,
    quarantine: BinaryIO,
    *,
    as_of: int,
    engine: Engine,
    previous: Path | None = None,
) -> Summary:
    """Scores the leads of some files at `as_of`, an instant in whole microseconds.

    `previous` are yesterday's results, a file that an earlier run wrote.

    Writes a line for each lead to `scored` and one for each bad record to `quarantine`,
    both in the order of the input; both are empty files open for reading
    and writing. Raises OSError, BadArray, Unreadable or LostCount when the input cannot be
    read to its end, NotResults when yesterday's results are none; what has been written
    then is of no use. Raises Gap when the engine cannot express the rules.
    """
    with ExitStack() as stack:
        yesterday = None
        if previous is not None and program.reads_previous:
            yesterday = stack.enter_context(results_in(previous))
        run = _Run(program, as_of, scored, quarantine, yesterday)
        if engine == "reference":
            if yesterday is not None:
                yesterday.check()
            for source in inputs:
                for record in records(source.path, layout(source.path)):
                    run.decide(source, record)
        else:
            run.fast(inputs)
    run.summary.check()
    return run.summary


@dataclass(slots=True)
class _Draft:
    """Where the lines of a batch lie in the output, and what became of its records; None
    where DuckDB saw none of them."""

    first: int
    count: int
    offset: int
    ends: memoryview
    counts: Counts | None

    def place(self, ordinal: int) -> tuple[int, int]:
        """Start and end of a record's line in the output; the same without a line."""
        number = ordinal - self.first
        start = self.ends[number - 1] if number else 0
        return self.offset + start, self.offset + self.ends[number]


@dataclass(slots=True)
class _Edit:
    """Bytes to put in place of those between two offsets."""

    start: int
    end: int
    data: bytes


@dataclass(slots=True)
class _Suspects:
    """The records that need a second look, by their number in the whole input."""

    undecided: list[int] = field(default_factory=list)
    doubtful: list[int] = field(default_factory=list)
    alike: list[int] = field(default_factory=list)


class _Run:
    def __init__(
        self,
        program: Program,
        as_of: int,
        scored: BinaryIO,
        quarantine: BinaryIO,
        yesterday: Yesterday | None,
    ) -> None:
        self.program = program
        self.as_of = as_of
        self.scored = scored
        self.quarantine = quarantine
        self.yesterday = yesterday
        self.summary = Summary(labels={d.name: Counter() for d in program.dimensions})
        self.seen: dict[str, tuple[str, int]] = {}
        # The ids of the leads that DuckDB left to the reference, by their number in the input.
        self.late: dict[int, str] = {}

    # --- by the reference ----------------------------------------------------------

    def decide(self, source: Input, record: Record) -> None:
        """Scores a record or quarantines it."""
        self.summary.read += 1
        lead = self.accept(source, record, True)
        if lead is not None:
            self.scored.write(self.line_of(lead))

    def accept(self, source: Input, record: Record, unique: bool) -> Lead | None:
        """The lead of a record that can be scored, when its id is new; None, quarantined,
        otherwise. Ids are only looked at when they have to be `unique`."""
        found = read_record(self.program, record.data, self.as_of)
        if isinstance(found, Lead) and unique:
            here = (source.name, record.line)
            earlier = self.seen.setdefault(found.id, here)
            if earlier is not here:
                file, number = earlier
                where = f"line {number}" if file == source.name else f"{file} line {number}"
                reason = f"the id was seen before, in {where}"
                found = Rejection("duplicate_id", reason, ".".join(self.program.shape.id), found.id)
        if isinstance(found, Lead):
            return found
        self.reject(source, record, found)
        return None

    def line_of(self, lead: Lead) -> bytes:
        """A lead's finished line; counts it."""
        if self.yesterday is not None:
            lead = replace(lead, previous=self.yesterday.of(lead.id))
        outcome = evaluate(self.program, lead, self.as_of)
        self.summary.later += lead.later
        match outcome:
            case Verdict():
                self.summary.scored += 1
                for dimension, label in outcome.labels:
                    self.summary.labels[dimension][label] += 1
                self.summary.conflicts.update(dimension for dimension, _ in outcome.conflicts)
            case Excluded():
                self.summary.excluded += 1
            case Frozen():
                self.summary.scored += 1
                self.summary.frozen += 1
            case _:
                assert_never(outcome)
        return line(outcome).encode() + b"\n"

    def reject(self, source: Input, record: Record, why: Rejection) -> None:
        """Writes a record to the quarantine."""
        self.summary.quarantined += 1
        self.summary.by_code[why.code] += 1
        entry: dict[str, object] = {
            "file": source.name,
            "line": record.line,
            "id": why.id,
            "field": why.field,
            "code": why.code,
            "reason": why.reason,
        }
        try:
            entry["record"] = record.data.decode()
        except UnicodeDecodeError:
            entry["record"] = None
            entry["record_base64"] = base64.b64encode(record.data).decode()
        self.quarantine.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")

    # --- by DuckDB, with a second look ----------------------------------------------

    def fast(self, inputs: Sequence[Input]) -> None:
        """Scores everything that DuckDB is sure of, then looks at the rest."""
        from leadrules.engines.duckdb import repeated

        drafts: list[_Draft] = []
        hashes = bytearray()
        suspects = _Suspects()
        layouts = [layout(source.path) for source in inputs]
        whole = _Verified([source.path for source in inputs])
        with tempfile.TemporaryDirectory(prefix="leadrules-") as folder:
            temporary = Path(folder)
            start = 0
            for laid_out, group in _groups(inputs, layouts):
                links = [_link(path, temporary, start + n) for n, path in enumerate(group)]
                before = self.summary.read
                self.stream(laid_out, links, temporary, drafts, hashes, suspects)
                if self.summary.read == before:
                    self.count_unseen(laid_out, group, drafts, hashes, suspects)
                start += len(group)
            again = repeated(bytes(hashes), temporary)
            whole.wait()
            numbered = memoryview(hashes).cast("Q")
            if again:
                suspects.alike = [n for n, value in enumerate(numbered) if value in again]
            summary, place = deepcopy(self.summary), self.quarantine.tell()
            edits = self.look(inputs, layouts, drafts, suspects)
            alike = self.renamed(numbered, temporary)
            if not alike.issubset(suspects.alike):
                # Rare enough to look once more from the beginning.
                self.summary, self.seen = summary, {}
                self.quarantine.seek(place)
                self.quarantine.truncate()
                suspects.alike = sorted(alike.union(suspects.alike))
                edits = self.look(inputs, layouts, drafts, suspects)
        _apply(edits, self.scored)

    def stream(
        self,
        laid_out: Layout,
        paths: Sequence[Path],
        temporary: Path,
        drafts: list[_Draft],
        hashes: bytearray,
        suspects: _Suspects,
    ) -> None:
        """Writes the lines that DuckDB finishes, and notes the rest."""
        from leadrules.batch.counts import Counts
        from leadrules.engines.sql import write_query

        query = write_query(self.program, self.as_of, laid_out, self.yesterday is not None)
        offset = self.scored.seek(0, os.SEEK_END)
        for batch in _saved(self.batches(query, paths, temporary), self.scored):
            first = self.summary.read
            counts = Counts(query, batch.asides, batch.decisions, batch.conflicts)
            drafts.append(_Draft(first, batch.count, offset, batch.ends, counts))
            offset += len(batch.lines)
            hashes += batch.hashes
            suspects.undecided += [first + number for number in batch.undecided]
            undecided = set(batch.undecided)
            suspects.doubtful += [first + n for n in batch.doubtful if n not in undecided]
            self.summary.read += batch.count
            self.summary.later += batch.later
            counts.add(self.summary, 1)
            for number in batch.undecided:
                counts.of(number).add(self.summary, -1)

    def batches(self, query: Query, paths: Sequence[Path], temporary: Path) -> Iterator[Batch]:
        """What DuckDB finds, with yesterday's lines where they are kept."""
        from leadrules.engines.duckdb import BadYesterday, Results, stream

        if self.yesterday is None:
            yield from stream(query, paths, temporary)
            return
        results = Results(self.yesterday.path, self.yesterday.count)
        try:
            for batch in stream(query, paths, temporary, results):
                yield self.yesterday.kept(batch)
        except BadYesterday as bad:
            if bad.identity is None:
                raise refused(bad.place) from None
            raise refused_twice(bad.identity, bad.place) from None

    def count_unseen(
        self,
        laid_out: Layout,
        inputs: Sequence[Input],
        drafts: list[_Draft],
        hashes: bytearray,
        suspects: _Suspects,
    ) -> None:
        """Makes suspects of the records of files in which DuckDB found none: to it, a file
        of a single letter is empty."""
        number = sum(1 for source in inputs for _ in records(source.path, laid_out))
        if number:
            first = self.summary.read
            ends = memoryview(bytes(4 * number)).cast("i")
            drafts.append(_Draft(first, number, self.scored.tell(), ends, None))
            hashes += bytes(8 * number)
            suspects.undecided += range(first, first + number)
            self.summary.read += number

    def look(
        self,
        inputs: Sequence[Input],
        layouts: Sequence[Layout],
        drafts: Sequence[_Draft],
        suspects: _Suspects,
    ) -> list[_Edit]:
        """Goes through the input again for the records that need it; what to change."""
        undecided, alike = set(suspects.undecided), set(suspects.alike)
        wanted = sorted(undecided.union(alike, suspects.doubtful))
        if not wanted:
            return []
        starts = [draft.first for draft in drafts]
        edits = []
        for ordinal, source, record in _fetch(inputs, layouts, wanted, self.summary.read):
            draft = drafts[bisect_right(starts, ordinal) - 1]
            start, end = draft.place(ordinal)
            if ordinal not in undecided and ordinal not in alike and not self.has_events(record):
                continue
            lead = self.accept(source, record, ordinal in alike)
            if ordinal in undecided:
                if lead is not None:
                    self.late[ordinal] = lead.id
                    edits.append(_Edit(start, end, self.line_of(lead)))
            elif lead is None:
                edits.append(_Edit(start, end, b""))
                self.forget(draft, ordinal, record)
        return edits

    def renamed(self, hashes: memoryview, temporary: Path) -> set[int]:
        """The records that share an id of which DuckDB could not read every spelling. Gives
        the leads that only the reference could read the hashes of their ids."""
        from leadrules.engines.duckdb import hashes_of

        if not self.late:
            return set()
        found = hashes_of([*self.late.values()], temporary)
        for ordinal, value in zip(self.late, found, strict=True):
            hashes[ordinal] = value
        holders: dict[int, list[int]] = {value: [] for value in found}
        for ordinal, value in enumerate(hashes):
            if value in holders:
                holders[value].append(ordinal)
        return {ordinal for same in holders.values() if len(same) > 1 for ordinal in same}

    def has_events(self, record: Record) -> bool:
        """Whether a record speaks of events at all; false only when it surely does not."""
        key = quote(self.program.shape.events[0]).encode()
        return key in record.data or b"\\u" in record.data

    def forget(self, draft: _Draft, ordinal: int, record: Record) -> None:
        """Takes a lead that DuckDB had scored out of the counts."""
        assert draft.counts is not None
        draft.counts.of(ordinal - draft.first).add(self.summary, -1)
        found = read_record(self.program, record.data, self.as_of)
        self.summary.later -= found.later if isinstance(found, Lead) else 0


class _Verified:
    """Compressed files, read to their ends in the background."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._packed = [path for path in paths if compression(path) != "none"]
        self._failed: Exception | None = None
        self._thread = Thread(target=self._work, daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Raises OSError or EOFError when one of them is damaged."""
        self._thread.join()
        if self._failed is not None:
            raise self._failed

    def _work(self) -> None:
        try:
            for path in self._packed:
                verify(path)
        except Exception as error:
            self._failed = error


def _link(source: Input, temporary: Path, number: int) -> Path:
    """A file under a name that DuckDB takes as it is: without the signs of a pattern, and
    with the ending that tells how it is compressed."""
    ending = {"none": "", "gzip": ".gz", "zstd": ".zst"}[compression(source.path)]
    link = temporary / f"{number}.json{ending}"
    link.symlink_to(source.path.resolve())
    return link


def _groups(
    inputs: Sequence[Input], layouts: Sequence[Layout]
) -> Iterator[tuple[Layout, Sequence[Input]]]:
    """Neighbouring files of one layout, together."""
    start = 0
    for end in range(1, len(inputs) + 1):
        if end == len(inputs) or layouts[end] != layouts[start]:
            yield layouts[start], inputs[start:end]
            start = end


def _saved(batches: Iterable[Batch], file: BinaryIO) -> Iterator[Batch]:
    """Batches whose lines are written to a file: those of one, also to the disk, while DuckDB
    makes the next. Raises OSError."""

    def save(batch: Batch) -> None:
        file.write(batch.lines)
        file.flush()
        os.fsync(file.fileno())

    with ThreadPoolExecutor(1) as writer:
        writing = None
        for batch in batches:
            if writing is not None:
                writing.result()
            writing = writer.submit(save, batch)
            yield batch
        if writing is not None:
            writing.result()


def _fetch(
    inputs: Sequence[Input], layouts: Sequence[Layout], wanted: Sequence[int], total: int
) -> Iterator[tuple[int, Input, Record]]:
    """The records with these numbers, which rise. Raises LostCount when the input does not
    have `total` records, as it had the first time."""
    left = deque(wanted)
    number = 0
    for source, laid_out in zip(inputs, layouts, strict=True):
        found = records_at(source.path, laid_out, left, number)
        try:
            while True:
                ordinal, record = next(found)
                yield ordinal, source, record
        except StopIteration as end:
            number = end.value
    if number != total:
        raise LostCount(f"{total} records were read at first, and then {number}")


def _apply(edits: Sequence[_Edit], file: BinaryIO) -> None:
    """Makes the edits, which are in the order of their places, in the file itself.

    What stands between them moves to the left or to the right. What moves to the left does
    so from the front, and what moves to the right from the back, so that nothing is written
    over what has not moved yet.
    """
    if not edits:
        return
    file.flush()
    size = file.seek(0, os.SEEK_END)
    ends = [*(edit.start for edit in edits[1:]), size]
    moves = []
    moved = 0
    for edit, end in zip(edits, ends, strict=True):
        moved += len(edit.data) - (edit.end - edit.start)
        moves.append((edit.end, end, moved))
    for start, end, by in moves:
        if by < 0:
            _move(file, start, end, by)
    for start, end, by in reversed(moves):
        if by > 0:
            _move(file, start, end, by)
    for edit, (start, _, by) in zip(edits, moves, strict=True):
        file.seek(start + by - len(edit.data))
        file.write(edit.data)
    file.flush()
    file.truncate(size + moved)


def _move(file: BinaryIO, start: int, end: int, by: int) -> None:
    """Moves a stretch of a file by some bytes, to the right or to the left."""
    places = range(start, end, _PIECE)
    for place in places if by < 0 else reversed(places):
        file.seek(place)
        data = file.read(min(_PIECE, end - place))
        file.seek(place + by)
        file.write(data)
