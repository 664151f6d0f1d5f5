"""Cases before an engine: the result of each, as the line that a run would write."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from leadrules.batch.score import Engine, Input, score
from leadrules.cases.leads import Ready
from leadrules.engines.read import read_record
from leadrules.engines.reference import evaluate
from leadrules.engines.results import read_result
from leadrules.model.lead import Lead, Rejection
from leadrules.model.program import Program
from leadrules.model.verdict import line


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a lead: the keys of its line of results, or, of a bad record,
    `quarantined` with the code and `why` with the reason."""

    keys: Mapping[str, Any]
    why: str | None = None


def read_case(program: Program, ready: Ready) -> Lead | Rejection:
    """The lead of a case, with its result of the day before."""
    found = read_record(program, ready.record, ready.as_of)
    if isinstance(found, Rejection) or ready.yesterday is None:
        return found
    return replace(found, previous=read_result(ready.yesterday)[1])


def result_of(program: Program, found: Lead | Rejection, as_of: int) -> Result:
    """What the reference says of a lead, or of a bad record."""
    if isinstance(found, Rejection):
        return Result({"quarantined": found.code}, found.reason)
    return Result(json.loads(line(evaluate(program, found, as_of))))


def run_cases(program: Program, cases: Sequence[Ready], engine: Engine) -> list[Result]:
    """The results of some cases, in their order. Raises Gap and OutOfMemory of DuckDB when it
    cannot score with these rules."""
    if engine == "reference":
        return [result_of(program, read_case(program, one), one.as_of) for one in cases]
    found: dict[int, Result] = {}
    for together in _batches(cases):
        found |= zip(together, _by_duckdb(program, [cases[n] for n in together]), strict=True)
    return [found[number] for number in range(len(cases))]


def _batches(cases: Sequence[Ready]) -> Iterator[list[int]]:
    """The numbers of cases that can be scored in one run: at one instant, no id twice."""
    batches: dict[tuple[int, int], list[int]] = {}
    seen: dict[tuple[int, str], int] = {}
    for number, ready in enumerate(cases):
        identity = (ready.as_of, ready.id)
        times = seen[identity] = seen.get(identity, -1) + 1
        batches.setdefault((ready.as_of, times), []).append(number)
    yield from batches.values()


def _by_duckdb(program: Program, cases: Sequence[Ready]) -> list[Result]:
    with TemporaryDirectory(prefix="leadrules-") as folder:
        leads, yesterday = Path(folder, "leads.jsonl"), Path(folder, "yesterday.jsonl")
        leads.write_bytes(b"".join(ready.record + b"\n" for ready in cases))
        before = [ready.yesterday + b"\n" for ready in cases if ready.yesterday is not None]
        yesterday.write_bytes(b"".join(before))
        with Path(folder, "out").open("w+b") as out, Path(folder, "bad").open("w+b") as bad:
            score(
                program,
                [Input(leads, "cases")],
                out,
                bad,
                as_of=cases[0].as_of,
                engine="duckdb",
                previous=yesterday if before else None,
            )
            out.seek(0)
            bad.seek(0)
            scored = (Result(json.loads(text)) for text in out)
            rejected = {entry["line"]: entry for entry in map(json.loads, bad)}
            return [
                Result({"quarantined": entry["code"]}, entry["reason"])
                if (entry := rejected.get(number)) is not None
                else next(scored)
                for number in range(1, len(cases) + 1)
            ]
