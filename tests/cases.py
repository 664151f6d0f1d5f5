"""Cases from numbers: a schema, then a well-typed ruleset for it, then leads for that.

The same number is the same case, every time. A case holds many leads, because making a
ruleset ready takes far longer than scoring one more lead. See `generated_schema`,
`generated_rules` and `generated_leads`.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.generated_leads import draw_leads
from tests.generated_results import draw_results
from tests.generated_rules import Rules, draw_rules
from tests.generated_schema import Pen, World, draw_world


@dataclass(frozen=True)
class Case:
    """A ruleset and the files it names, leads as lines, the instant to judge them at, and
    the lines of yesterday's results, if there are any."""

    rules: str
    files: dict[str, str]
    lines: list[bytes]
    as_of: int
    previous: list[bytes] | None = None


def make_rules(number: int) -> tuple[World, Rules]:
    """A ruleset and the world it is about."""
    return _draw(Pen(number))


def make_case(number: int, timeless: bool = False) -> Case:
    """The same ruleset with leads for it; or a `timeless` one, to which it is all the same
    at what instant a lead is judged, as long as it has the same events."""
    pen = Pen(number)
    world, rules = _draw(pen, timeless)
    lines = draw_leads(pen, world, rules.used)
    previous = draw_results(pen, rules, len(lines))
    return Case(rules.text, rules.files, lines, world.as_of, previous)


def _draw(pen: Pen, timeless: bool = False) -> tuple[World, Rules]:
    world = draw_world(pen)
    return world, draw_rules(pen, world, timeless)
