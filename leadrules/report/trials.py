"""What became of cases: all that the reports of `test` are written from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from leadrules.model.tried import Coverage, Tried


@dataclass(frozen=True, slots=True)
class Trials:
    """A run of `test`: its cases, by file and in the order written, and what they show of
    each ruleset, where that was asked for.

    `path_of` gives for a file the path from the root of the repository, with `/` between
    folders. `drawn` is what people see of a case that does not hold.
    """

    version: str
    cases: tuple[Tried, ...]
    coverage: tuple[Coverage, ...] | None
    path_of: Callable[[str], str]
    drawn: Callable[[Tried], str]
