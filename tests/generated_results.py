"""Yesterday's results for generated leads, as a run would have written them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tests.generated_leads import IDS
from tests.generated_rules import Rules
from tests.generated_schema import Pen
from tests.pools import TEXTS

SCORES: tuple[str, ...] = ("0", "60", "12.5", "-3", "0.05", "-0.5", "99.99", "1000", "1000000.01")


def draw_results(pen: Pen, rules: Rules, leads: int) -> list[bytes] | None:
    """Results for most of so many leads, and for others, a line each; None for no file."""
    if pen.chance(25):
        return None
    ids = [f"L{number}" for number in range(leads) if pen.chance(75)]
    ids += [str(id_) for id_ in pen.some(IDS, pen.number(8)) if str(id_).strip()]
    ids = pen.some(list(dict.fromkeys(ids)), len(ids))
    return [(_line(pen, rules, id_) + "\n").encode() for id_ in ids]


def _line(pen: Pen, rules: Rules, id_: str) -> str:
    parts = [f'"id":{_quoted(id_)}']
    if pen.chance(8):
        parts.append(f'"excluded":{_quoted(pen.pick(TEXTS))}')
        return _object(parts)
    parts.append(f'"score":{pen.pick(SCORES)}')
    scores = [f"{_quoted(name)}:{pen.pick(SCORES)}" for name in rules.blocks if pen.chance(85)]
    if scores or pen.chance(10):
        parts.append(f'"scores":{_object(scores)}')
    for name, labels in rules.labels.items():
        if not pen.chance(90):
            continue
        # A label that the rules gave yesterday and do not know today.
        given = "of old" if pen.chance(6) else pen.pick(labels)
        parts.append(f"{_quoted(name)}:{'null' if pen.chance(12) else _quoted(given)}")
    parts.append('"fired":[]' if pen.chance(50) else '"fired":[{"rule":"a","points":60}]')
    if pen.chance(12):
        parts.append(f'"frozen":{_quoted(pen.pick(TEXTS))}')
    return _object(parts)


def _object(parts: Iterable[str]) -> str:
    return f"{{{','.join(parts)}}}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
