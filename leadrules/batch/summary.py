"""What a run did, in numbers that add up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Summary:
    """Counts of one run. Always read = scored + excluded + quarantined.

    `frozen` counts those of the scored leads that kept yesterday's result; the other
    scored leads are counted in `labels`, for each dimension by label (None: no rule was
    true), and in `conflicts`, for each `unique` dimension in which several rules were true.
    `by_code` counts the quarantined records by code, `later` the events after `as_of`.
    """

    read: int = 0
    scored: int = 0
    excluded: int = 0
    quarantined: int = 0
    frozen: int = 0
    later: int = 0
    by_code: Counter[str] = field(default_factory=Counter)
    labels: dict[str, Counter[str | None]] = field(default_factory=dict)
    conflicts: Counter[str] = field(default_factory=Counter)

    def check(self) -> None:
        """Fails when the numbers do not add up: a record would have been lost."""
        assert self.read == self.scored + self.excluded + self.quarantined
        assert self.quarantined == self.by_code.total()
        judged = self.scored - self.frozen
        assert all(counts.total() == judged for counts in self.labels.values())
