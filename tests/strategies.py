"""Hypothesis strategies: a schema, then a well-typed ruleset for it, then leads for that.

A case holds many leads, because making a ruleset ready takes far longer than scoring
one more lead. See `generated_schema`, `generated_rules` and `generated_leads`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.generated_leads import draw_leads
from tests.generated_rules import Rules, draw_rules
from tests.generated_schema import Pen, World, draw_world


@dataclass(frozen=True)
class Case:
    """A ruleset and the files it names, leads as lines, and the instant to judge them at."""

    rules: str
    files: dict[str, str]
    lines: list[bytes]
    as_of: int

    def __repr__(self) -> str:
        return f"Case with {len(self.rules.splitlines())} lines of rules, {len(self.lines)} leads"


@st.composite
def rulesets(draw: Callable[[st.SearchStrategy[Any]], Any]) -> tuple[World, Rules]:
    """A ruleset and the world it is about."""
    pen = Pen(draw)
    world = draw_world(pen)
    return world, draw_rules(pen, world)


@st.composite
def cases(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Case:
    """A ruleset with leads for it."""
    pen = Pen(draw)
    world = draw_world(pen)
    rules = draw_rules(pen, world)
    lines = draw_leads(pen, world, rules.used)
    return Case(rules.text, rules.files, lines, world.as_of)
