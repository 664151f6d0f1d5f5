"""The benchmark measures what it says: its rules, its columns, its leads."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from leadrules.meaning.compile import compile_rules
from leadrules.model.instant import parse_instant
from leadrules.model.program import Dimension, Program, rules_of
from leadrules.model.source import Source
from tests import doors
from tests.bench import run as bench
from tests.bench.generate import AS_OF, BAD_KINDS, Build, generate


@cache
def compiled(path: Path) -> Program:
    """The program of a rule file, which must be without any finding."""

    def read(name: str) -> str:
        raise FileNotFoundError(name)

    program, findings = compile_rules(Source(path.name, path.read_text(encoding="utf-8")), read)
    assert findings == []
    assert program is not None
    return program


@pytest.mark.parametrize(
    ("path", "number"),
    [
        (bench.RULES_9, 9),
        (bench.RULES_50, 50),
        (bench.RULES_100, 100),
        (bench.RULES_200, 200),
        (bench.RULES_DECAY, 20),
        (bench.RULES_WIDE, 12),
        (bench.RULES_PREVIOUS, 20),
    ],
)
def test_there_are_as_many_rules_as_the_name_says(path: Path, number: int) -> None:
    program = compiled(path)
    points = sum(len(list(rules_of(block.items))) for block in program.blocks)
    labels = sum(len(d.rules) for d in program.dimensions if isinstance(d, Dimension))
    assert points + labels == number


@pytest.mark.parametrize(
    ("path", "columns"),
    [
        (bench.RULES_9, bench.BARE_9),
        (bench.RULES_50, bench.BARE_50),
        (bench.RULES_200, bench.BARE_200),
        (bench.RULES_DECAY, bench.BARE_DECAY),
        (bench.RULES_WIDE, bench.BARE_WIDE),
        (bench.RULES_PREVIOUS, bench.BARE_PREVIOUS),
    ],
)
def test_the_bare_read_has_the_columns_of_the_rules(path: Path, columns: Mapping[str, str]) -> None:
    program = compiled(path)
    shape = program.shape
    of_lead = {shape.id, *(field.path for field in program.fields)}
    of_event = {(shape.type,), (shape.at,), *(field.path for field in program.properties)}
    assert _paths(columns) == of_lead | {(*shape.events, *path) for path in of_event}


def _paths(columns: Mapping[str, str]) -> set[tuple[str, ...]]:
    """The path of every value in the columns, as DuckDB understands them."""
    found: set[tuple[str, ...]] = set()
    for name, type_ in columns.items():
        inner: Any = duckdb.type(type_)  # its children are typed loosely
        if inner.id == "list":
            inner = dict(inner.children)["child"]
        keys = [key for key, _ in inner.children] if inner.id == "struct" else []
        found |= {(name, key) for key in keys} if keys else {(name,)}
    return found


@pytest.mark.parametrize(
    ("path", "build"),
    [
        (bench.RULES_9, "usual"),
        (bench.RULES_50, "busy"),
        (bench.RULES_200, "usual"),
        (bench.RULES_DECAY, "busy"),
        (bench.RULES_WIDE, "wide"),
        (bench.RULES_PREVIOUS, "usual"),
    ],
)
def test_the_fast_engine_scores_what_is_timed(path: Path, build: Build, tmp_path: Path) -> None:
    """The slow one stands in for it where SQL cannot express a ruleset; that must not be timed."""
    file = tmp_path / "leads.jsonl"
    generate(file, 100, build=build)
    leads = file.read_bytes()
    program = compiled(path)
    as_of, before = parse_instant(AS_OF, None), parse_instant(bench.YESTERDAY, None)
    yesterday = doors.score_bytes(program, leads, before, "reference").scored
    slow = doors.score_bytes(program, leads, as_of, "reference", yesterday).scored
    fast = doors.score_bytes(program, leads, as_of, "duckdb", yesterday).scored
    assert len(fast) == 100
    assert fast == slow


def test_every_ratio_is_to_a_job_that_runs(tmp_path: Path) -> None:
    jobs = bench.make_jobs(tmp_path, 20)
    names = [job.name for job in jobs]
    assert len(set(names)) == len(names)
    assert {job.against for job in jobs} - {None} <= set(names)


def test_leads_are_the_same_every_time_and_as_large_as_said(tmp_path: Path) -> None:
    one, other = tmp_path / "one.jsonl", tmp_path / "other.jsonl"
    made = generate(one, 22_000, processes=1)
    generate(other, 22_000, processes=2)
    assert one.read_bytes() == other.read_bytes()
    assert 550 * 22_000 < made.size == one.stat().st_size < 680 * 22_000
    leads = [json.loads(line) for line in one.read_text(encoding="utf-8").splitlines()]
    assert len({lead["id"] for lead in leads}) == 22_000
    assert 5.3 < sum(len(lead["events"]) for lead in leads) / 22_000 < 5.7
    packed = tmp_path / "leads.jsonl.gz"
    generate(packed, 22_000, gzip=True, processes=2)
    assert gzip.decompress(packed.read_bytes()) == one.read_bytes()


def test_busy_leads_have_20_events_and_wide_ones_90_fields(tmp_path: Path) -> None:
    busy, wide = tmp_path / "busy.jsonl", tmp_path / "wide.jsonl"
    generate(busy, 4_000, build="busy")
    generate(wide, 1_000, build="wide")
    events = [len(json.loads(line)["events"]) for line in busy.open(encoding="utf-8")]
    assert len(events) == 4_000
    assert 19 < sum(events) / 4_000 < 21
    leads = [json.loads(line) for line in wide.open(encoding="utf-8")]
    assert len(leads) == 1_000
    assert {len(lead) for lead in leads} <= set(range(84, 93))
    assert all(set(bench.BARE_WIDE) - set(lead) <= {"budget", "seniority"} for lead in leads)
    assert len(bench.BARE_WIDE) == 9


@pytest.mark.parametrize("build", ["usual", "wide"])
def test_bad_leads_are_bad_in_every_way(build: Build, tmp_path: Path) -> None:
    made = generate(tmp_path / "bad.jsonl", 8_000, bad=0.1, build=build)
    assert set(made.bad) == set(BAD_KINDS)
    assert 0.09 < sum(made.bad.values()) / 8_000 < 0.11
    assert made.set_aside < sum(made.bad.values())
