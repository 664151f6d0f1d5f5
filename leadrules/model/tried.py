"""What became of the cases of a ruleset: what was expected of a lead, and what came of it.

A case is tried on a lead and passes or fails; one that cannot be tried, because it is not
written properly, is in error. How long it took is not part of it: the same cases and rules
give the same outcomes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["passed", "failed", "error"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not what the case expects.

    `what` names it as the case does ("score", "scores.fit", "stage", "fired.demo_request").
    `expected` and `got` are short texts. `because` are lines that say which rules made it so.
    """

    what: str
    expected: str
    got: str
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """One case, and what became of it. `line` is where it begins in `file`, from 1.

    Only one that failed has `differences`, and only one in error has a `problem`: one line
    that says what is wrong and what to write instead. An error that concerns a whole file
    has no `name`.
    """

    name: str
    file: str
    line: int
    status: Status
    differences: tuple[Difference, ...] = ()
    problem: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the case holds."""
        return self.status == "passed"

    @property
    def message(self) -> str:
        """What is not as it should be, in one line; nothing when the case holds."""
        if self.problem is not None:
            return self.problem
        return "; ".join(f"{d.what}: expected {d.expected}, got {d.got}" for d in self.differences)


Kind = Literal["rule", "label", "threshold"]


@dataclass(frozen=True, slots=True)
class Goal:
    """Something that the cases of a ruleset should show, and what of it they do.

    A rule is seen true, false and unknown, as far as it can be; a label given; a number just
    below, at and just above a threshold. `seen` and `never` together are all of it.
    """

    kind: Kind
    name: str
    seen: tuple[str, ...]
    never: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the cases of a ruleset show of it. `rules` is the name of its file."""

    rules: str
    goals: tuple[Goal, ...]

    @property
    def seen(self) -> int:
        """How much has been seen."""
        return sum(len(goal.seen) for goal in self.goals)

    @property
    def wanted(self) -> int:
        """How much there is to see."""
        return self.seen + sum(len(goal.never) for goal in self.goals)

    @property
    def percent(self) -> float:
        """The share that has been seen, in percent; all of nothing is 100."""
        return 100 * self.seen / self.wanted if self.wanted else 100.0
