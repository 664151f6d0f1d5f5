"""What came of looking at sample leads."""

from __future__ import annotations

from leadrules.model.diagnostic import Diagnostic
from leadrules.model.frozen import Frozen


class Looked(Frozen):
    """The findings of a sample, and what was counted, in words: lines to say always, and lines
    about each rule."""

    findings: tuple[Diagnostic, ...]
    said: tuple[str, ...]
    table: tuple[str, ...]

    @property
    def is_enough(self) -> bool:
        """Whether there were enough leads to find anything missing in them."""
        return bool(self.table)
