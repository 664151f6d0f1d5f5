"""The benchmark measures what it says: its rules, its columns, its leads."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from leadrules.meaning.compile import compile_rules
from leadrules.model.program import Dimension, Program, rules_of
from leadrules.model.source import Source
from tests.bench.generate import BAD_KINDS, generate
from tests.bench.run import BARE_9, BARE_50, RULES_9, RULES_50, RULES_100


def compiled(path: Path) -> Program:
    """The program of a rule file, which must be without any finding."""

    def read(name: str) -> str:
        raise FileNotFoundError(name)

    program, findings = compile_rules(Source(path.name, path.read_text(encoding="utf-8")), read)
    assert findings == []
    assert program is not None
    return program


@pytest.mark.parametrize(("path", "number"), [(RULES_9, 9), (RULES_50, 50), (RULES_100, 100)])
def test_there_are_as_many_rules_as_the_name_says(path: Path, number: int) -> None:
    program = compiled(path)
    points = [rule for block in program.blocks for rule in rules_of(block.items)]
    dimensions = [found for found in program.dimensions if isinstance(found, Dimension)]
    labels = [rule for dimension in dimensions for rule in dimension.rules]
    assert len(points) + len(labels) == number


@pytest.mark.parametrize(("path", "columns"), [(RULES_9, BARE_9), (RULES_50, BARE_50)])
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


def test_bad_leads_are_bad_in_every_way(tmp_path: Path) -> None:
    made = generate(tmp_path / "bad.jsonl", 8_000, bad=0.1)
    assert set(made.bad) == set(BAD_KINDS)
    assert 0.09 < sum(made.bad.values()) / 8_000 < 0.11
    assert made.set_aside < sum(made.bad.values())
