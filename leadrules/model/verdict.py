"""What the rules say about one lead, and the line it is written as."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from leadrules.model.lead import Event
from leadrules.model.program import PointsRule

# The keys of a result that have the same names in all rules; the others are dimensions.
KEYS = (
    "id",
    "score",
    "scores",
    "checklists",
    "conflicts",
    "reasons",
    "fired",
    "excluded",
    "frozen",
)


@dataclass(frozen=True, slots=True)
class Counted:
    """An event that a rule asked for, or counted; then `points` are what it brought before
    decay and limits, in hundredths."""

    event: Event
    points: int | None = None


@dataclass(frozen=True, slots=True)
class Paid:
    """What one rule, or a limit, brought; points in hundredths.

    `events` and `counted`, where a rule leaves some events out: how many matched, and for
    how many it paid. `earned` is what it would have brought without decay and limits.
    `decay` names the decay that acted, `decayed` what it left, `limit` the limit that
    acted ("max 40"). For the score itself `formula` says how it is made, and `earned` is
    the sum of the score blocks.

    What stands in no line, but in an explanation: `source` is the rule, `counted_events`
    are the events behind it, `within` names the block and the groups around it, from the
    outside in.
    """

    rule: str
    points: int
    limit: str | None = None
    earned: int | None = None
    reason: str | None = None
    decay: str | None = None
    decayed: int | None = None
    events: int | None = None
    counted: int | None = None
    formula: str | None = None
    source: PointsRule | None = None
    counted_events: tuple[Counted, ...] = ()
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """The items of a checklist, by what they are."""

    name: str
    met: tuple[str, ...]
    unmet: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A lead's score and labels. The points in `fired` add up to `score`.

    `scores` has the score blocks, `labels` the dimensions in use (None: no rule was
    true), `reasons` those of the rules that gave a label, where they have one,
    `conflicts` the labels of a `unique` dimension where several rules are true.
    """

    id: str
    score: int
    scores: tuple[tuple[str, int], ...]
    labels: tuple[tuple[str, str | None], ...]
    reasons: tuple[tuple[str, str], ...]
    fired: tuple[Paid, ...]
    checklists: tuple[Checked, ...] = ()
    conflicts: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Excluded:
    """A lead that is not scored, and why."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Frozen:
    """A lead that keeps yesterday's result, and why. `line` is that result."""

    id: str
    line: str
    reason: str


Outcome = Verdict | Excluded | Frozen


def line(outcome: Outcome) -> str:
    """The outcome as one line of JSON, without its line end. Keys come in a fixed order."""
    if isinstance(outcome, Excluded):
        return f'{{"id":{quote(outcome.id)},"excluded":{quote(outcome.reason)}}}'
    if isinstance(outcome, Frozen):
        return f'{outcome.line.removesuffix("}")},"frozen":{quote(outcome.reason)}}}'
    return _scored(outcome)


def _scored(verdict: Verdict) -> str:
    parts = [f'"id":{quote(verdict.id)}', f'"score":{points(verdict.score)}']
    if verdict.scores:
        inner = ",".join(f"{quote(name)}:{points(value)}" for name, value in verdict.scores)
        parts.append(f'"scores":{{{inner}}}')
    for name, label in verdict.labels:
        parts.append(f"{quote(name)}:{'null' if label is None else quote(label)}")
    if verdict.checklists:
        parts.append(f'"checklists":{{{",".join(map(_checked, verdict.checklists))}}}')
    if verdict.conflicts:
        inner = ",".join(f"{quote(name)}:{_listed(given)}" for name, given in verdict.conflicts)
        parts.append(f'"conflicts":{{{inner}}}')
    if verdict.reasons:
        inner = ",".join(f"{quote(name)}:{quote(reason)}" for name, reason in verdict.reasons)
        parts.append(f'"reasons":{{{inner}}}')
    parts.append(f'"fired":[{",".join(map(paid, verdict.fired))}]')
    return "{" + ",".join(parts) + "}"


def _checked(found: Checked) -> str:
    inner = f'"met":{_listed(found.met)},"unmet":{_listed(found.unmet)}'
    return f'{quote(found.name)}:{{{inner},"unknown":{_listed(found.unknown)}}}'


def _listed(texts: Iterable[str]) -> str:
    return f"[{','.join(map(quote, texts))}]"


def paid(item: Paid) -> str:
    """One item of `fired`, as JSON."""
    parts = [f'"rule":{quote(item.rule)}', f'"points":{points(item.points)}']
    if item.events is not None and item.counted is not None:
        parts.append(f'"events":{item.events},"counted":{item.counted}')
    if item.earned is not None:
        parts.append(f'"earned":{points(item.earned)}')
    if item.formula is not None:
        parts.append(f'"formula":{quote(item.formula)}')
    if item.decay is not None:
        parts.append(f'"decay":{quote(item.decay)}')
    if item.decayed is not None:
        parts.append(f'"decayed":{points(item.decayed)}')
    if item.limit is not None:
        parts.append(f'"limit":{quote(item.limit)}')
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
