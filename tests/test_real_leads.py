"""Leads from the real world: the rules count what was counted by other means.

See `data/README.md` for the leads and for the numbers.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

DATA = Path(__file__).parent / "data"
ENGINES = ("duckdb", "reference")
LEADS = {"b2b": 448, "hubspot": 46, "marketo": 748}


@dataclass(frozen=True)
class Run:
    """What one run of `leadrules score` wrote."""

    results: bytes
    quarantine: bytes

    @property
    def verdicts(self) -> list[dict[str, Any]]:
        """The results, a lead each."""
        return [json.loads(line) for line in self.results.splitlines()]

    def count(self, dimension: str) -> Counter[str]:
        """How many leads have each label of a dimension."""
        return Counter(verdict[dimension] for verdict in self.verdicts)


@cache
def score(name: str, engine: str) -> Run:
    """Scores a folder of `data` with its questions, by the command line."""
    folder = DATA / name
    with TemporaryDirectory() as place:
        out, quarantine = Path(place, "results.jsonl"), Path(place, "quarantine.jsonl")
        start = [sys.executable, "-c", "import sys; from leadrules.shell.cli import main; main()"]
        done = subprocess.run(
            [
                *start,
                *("score", str(folder / "leads.jsonl")),
                *("-r", str(folder / "questions.rules")),
                *("--as-of", "2026-11-22T00:00:00Z"),
                *("--engine", engine),
                *("-o", str(out)),
                *("--quarantine", str(quarantine)),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return Run(out.read_bytes(), quarantine.read_bytes() if quarantine.exists() else b"")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", LEADS)
def test_no_lead_is_lost(name: str, engine: str) -> None:
    run = score(name, engine)
    assert run.quarantine == b""
    assert len({verdict["id"] for verdict in run.verdicts}) == LEADS[name]
    assert len(run.verdicts) == LEADS[name]


@pytest.mark.parametrize("name", LEADS)
def test_engines_write_the_same_bytes(name: str) -> None:
    duckdb, reference = (score(name, engine).results for engine in ENGINES)
    assert duckdb == reference


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("question", "leads", "won"),
    [
        ("outcome_seen", 448, 227),
        ("current_client", 286, 199),
        ("no_competitor", 285, 192),
        ("upsale", 241, 179),
    ],
)
def test_b2b(question: str, leads: int, won: int, engine: str) -> None:
    labels = score("b2b", engine).count(question)
    assert labels["won"] == won
    assert labels["won"] + labels["lost"] == leads


@pytest.mark.parametrize("engine", ENGINES)
def test_b2b_score_tells_won_from_lost(engine: str) -> None:
    won: dict[str, list[float]] = {"won": [], "lost": []}
    for verdict in score("b2b", engine).verdicts:
        won[verdict["outcome_seen"]].append(verdict["score"])
    # A plausible score, made without a look at the outcomes, is higher where a deal was won.
    means = {outcome: sum(scores) / len(scores) for outcome, scores in won.items()}
    assert means["won"] > means["lost"]


@pytest.mark.parametrize("engine", ENGINES)
def test_hubspot(engine: str) -> None:
    run = score("hubspot", engine)
    assert run.count("opened")["yes_any"] == 19
    assert run.count("opened_often")["often"] == 6
    points = [verdict["scores"]["opens"] for verdict in run.verdicts]
    assert sum(1 for opens in points if opens >= 1) == 19
    assert sum(1 for opens in points if opens >= 5) == 6


@pytest.mark.parametrize("engine", ENGINES)
def test_marketo(engine: str) -> None:
    run = score("marketo", engine)
    assert run.count("variety") == {"several": 60, "one": 588, "none": 100}
    # Every type in the file is in the rules: no active lead is without points.
    assert all(
        (verdict["activity"] == "active") == (verdict["scores"]["types"] > 0)
        for verdict in run.verdicts
    )
