"""What a run did, in numbers that add up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Summary:
    """Counts of one run. Always read = scored + excluded + quarantined.

    `by_code` counts the quarantined records by code; `labels` the scored leads of each
    dimension by label (None: no rule was true); `conflicts` those of each `unique`
    dimension in which several rules were true; `later` the events after `as_of`.
    """

    read: int = 0
    scored: int = 0
    excluded: int = 0
    quarantined: int = 0
    later: int = 0
    by_code: Counter[str] = field(default_factory=Counter)
    labels: dict[str, Counter[str | None]] = field(default_factory=dict)
    conflicts: Counter[str] = field(default_factory=Counter)

    def check(self) -> None:
        """Fails when the numbers do not add up: a record would have been lost."""
        assert self.read == self.scored + self.excluded + self.quarantined
        assert self.quarantined == self.by_code.total()
        assert all(counts.total() == self.scored for counts in self.labels.values())
