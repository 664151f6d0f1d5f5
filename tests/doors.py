"""The doors that tests go through: rule text in, program out; records in, lines out.

Nothing here knows how rules are compiled or leads are scored. Files are made in a
folder that is gone afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal
from unittest import mock

from leadrules.batch.records import BadArray
from leadrules.batch.score import Input, score
from leadrules.batch.summary import Summary
from leadrules.engines import duckdb
from leadrules.meaning.compile import compile_rules
from leadrules.model.diagnostic import Diagnostic
from leadrules.model.program import Program
from leadrules.model.source import Source
from leadrules.text.draw import draw

Engine = Literal["duckdb", "reference"]
ENGINES: tuple[Engine, ...] = ("reference", "duckdb")
RULES = "test.rules"
LEADS = "leads.jsonl"


@dataclass(frozen=True)
class Outcome:
    """What came of some records: the lines as written, the quarantine read, the counts.

    `failed` says that the file as a whole could not be read; then there is nothing else.
    """

    scored: list[bytes]
    quarantined: list[dict[str, Any]]
    summary: Summary
    quarantine: bytes = b""
    failed: bool = False


def findings(
    rules: str, files: Mapping[str, str] | None = None
) -> tuple[Program | None, list[Diagnostic]]:
    """The program of a rule text, or None, and what the checker has to say.

    `files` are the lists, schemas and rules that the text may name.
    """

    def read(path: str) -> str:
        if files is None or path not in files:
            raise FileNotFoundError(path)
        return files[path]

    return compile_rules(Source(RULES, rules), read)


def compile_text(rules: str, files: Mapping[str, str] | None = None) -> Program:
    """The program of a rule text without mistakes; fails with the mistakes drawn."""
    program, found = findings(rules, files)
    drawn = "\n\n".join(draw(finding) for finding in found if finding.is_error)
    assert program is not None, f"these rules are refused:\n{rules}\n\n{drawn}"
    return program


def score_lines(
    program: Program,
    lines: Sequence[bytes],
    as_of: int,
    engine: Engine,
    previous: Sequence[bytes] | None = None,
) -> Outcome:
    """Scores some records, a line each, at `as_of` (nanoseconds since 1970). `previous` are
    the lines of yesterday's results, with their line ends."""
    content = b"".join(line + b"\n" for line in lines)
    return score_bytes(program, content, as_of, engine, previous)


def score_bytes(
    program: Program,
    content: bytes,
    as_of: int,
    engine: Engine,
    previous: Sequence[bytes] | None = None,
) -> Outcome:
    """Scores a file of records, given as its bytes."""
    with TemporaryDirectory(prefix="leadrules-test-") as folder:
        leads = Path(folder, LEADS)
        leads.write_bytes(content)
        inputs = [Input(leads, LEADS)]
        yesterday = None
        if previous is not None:
            yesterday = Path(folder, "yesterday.jsonl")
            yesterday.write_bytes(b"".join(previous))
        with open(Path(folder, "out"), "w+b") as out, open(Path(folder, "bad"), "w+b") as bad:
            try:
                summary = score(
                    program, inputs, out, bad, as_of=as_of, engine=engine, previous=yesterday
                )
            except (BadArray, duckdb.Unreadable):
                return Outcome([], [], Summary(), failed=True)
            out.seek(0)
            bad.seek(0)
            quarantine = bad.read()
            scored = out.read().splitlines(keepends=True)
    rejected = [json.loads(line) for line in quarantine.split(b"\n") if line]
    return Outcome(scored, rejected, summary, quarantine)


@contextmanager
def one_database() -> Iterator[None]:
    """Scores with DuckDB on connections to one database, for as long as this is open.

    To make a database takes as long as to score a few hundred leads, and scoring makes two.
    A run with yesterday's results, which takes more memory, still has one of its own: it
    leaves tables and settings behind.
    """
    connect = duckdb.connect
    with TemporaryDirectory(prefix="leadrules-test-") as folder, connect(Path(folder)) as database:

        def shared(temporary: Path, memory: int | None = None) -> Any:
            if memory is None or memory == duckdb.MEMORY:
                return database.cursor()
            return connect(temporary, memory)

        with mock.patch.object(duckdb, "connect", side_effect=shared):
            yield
