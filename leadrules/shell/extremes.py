"""Leads that show the lowest and the highest scores, held to the reference."""

from __future__ import annotations

import json
from collections.abc import Iterator

from leadrules.engines.read import read_record
from leadrules.engines.reference import evaluate
from leadrules.logic.examine import Examined
from leadrules.logic.extremes import End, Extremes
from leadrules.logic.notebook import Remark
from leadrules.logic.witness import AS_OF, Record, shown
from leadrules.meaning.compile import Meant
from leadrules.model.instant import show_instant
from leadrules.model.lead import Lead
from leadrules.model.program import Program
from leadrules.model.verdict import Verdict, points


def extremes(meant: Meant, examined: Examined) -> Iterator[Remark]:
    """For each end of each score what the best lead that was found has."""
    if meant.program is None:
        return
    found = Extremes(meant, examined.bounds)
    for end in found.ends():
        best: tuple[int, Record] | None = None
        for record in found.leads_to(end):
            score = scored(meant.program, record, end.block)
            if score is not None and (best is None or (score > best[0]) == end.highest):
                best = score, record
            if score == end.points:
                break
        if best is not None:
            yield Remark(end.place, _told(end, *best))


def scored(program: Program, record: Record, block: str | None) -> int | None:
    """What a record has in a score block, or as its score (None), in hundredths, as of AS_OF;
    None when it has no score."""
    lead = read_record(program, json.dumps(record).encode(), AS_OF)
    if not isinstance(lead, Lead):
        return None
    verdict = evaluate(program, lead, AS_OF)
    if not isinstance(verdict, Verdict):
        return None
    return verdict.score if block is None else dict(verdict.scores)[block]


def _told(end: End, score: int, record: Record) -> str:
    name = "score" if end.block is None else f"`{end.block}`"
    which, most = ("highest", "at most") if end.highest else ("lowest", "at least")
    as_of = f"as of {show_instant(AS_OF)}"
    if score == end.points:
        return f"{which} {name} {points(score)}, {as_of}: {shown(record)}"
    has = f"a lead found has {points(score)}, {as_of}: {shown(record)}"
    return f"{which} {name} {most} {points(end.points)}; {has}"
