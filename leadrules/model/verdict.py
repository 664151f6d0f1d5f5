"""What the rules say about one lead, and the line it is written as."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paid:
    """What one rule, or the limit of a score block, brought; points in hundredths.

    `limit` names the limit that acted ("max 40") and `earned` is what it would have been
    without it.
    """

    rule: str
    points: int
    limit: str | None = None
    earned: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A lead's score and labels. The points in `fired` add up to `score`.

    `scores` has the score blocks, `labels` the dimensions in use (None: no rule was
    true), `reasons` those of the rules that gave a label, where they have one.
    """

    id: str
    score: int
    scores: tuple[tuple[str, int], ...]
    labels: tuple[tuple[str, str | None], ...]
    reasons: tuple[tuple[str, str], ...]
    fired: tuple[Paid, ...]


def line(verdict: Verdict) -> str:
    """The verdict as one line of JSON, without its line end. Keys come in a fixed order."""
    parts = [f'"id":{quote(verdict.id)}', f'"score":{points(verdict.score)}']
    if verdict.scores:
        inner = ",".join(f"{quote(name)}:{points(value)}" for name, value in verdict.scores)
        parts.append(f'"scores":{{{inner}}}')
    for name, label in verdict.labels:
        parts.append(f"{quote(name)}:{'null' if label is None else quote(label)}")
    if verdict.reasons:
        inner = ",".join(f"{quote(name)}:{quote(reason)}" for name, reason in verdict.reasons)
        parts.append(f'"reasons":{{{inner}}}')
    parts.append(f'"fired":[{",".join(map(paid, verdict.fired))}]')
    return "{" + ",".join(parts) + "}"


def paid(item: Paid) -> str:
    """One item of `fired`, as JSON."""
    parts = [f'"rule":{quote(item.rule)}', f'"points":{points(item.points)}']
    if item.limit is not None and item.earned is not None:
        parts.append(f'"limit":{quote(item.limit)},"earned":{points(item.earned)}')
    if item.reason is not None:
        parts.append(f'"reason":{quote(item.reason)}')
    return "{" + ",".join(parts) + "}"


def points(hundredths: int) -> str:
    """Hundredths of a point as a number in its shortest exact form: 75, 12.5, -0.05."""
    whole, rest = divmod(abs(hundredths), 100)
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{whole}" + (f".{rest:02}".rstrip("0") if rest else "")


def quote(text: str) -> str:
    """A text as JSON, with no escape that JSON does not ask for."""
    return json.dumps(text, ensure_ascii=False)
