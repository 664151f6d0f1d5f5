"""How often each name stands in the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from leadrules.meaning.load import Placed
from leadrules.meaning.names import written
from leadrules.model import syntax as s
from leadrules.model.frozen import walk


class Mentions:
    """Counts names when it is first asked: most rulesets never need to know."""

    def __init__(self, placed: Iterable[Placed]) -> None:
        self._placed = placed
        self._counted: Counter[str] | None = None

    def of(self, name: str) -> int:
        """How often a name stands in the rules; `no_x 30d` does not count for `no_x`."""
        if self._counted is None:
            self._counted = Counter()
            for item in self._placed:
                self._count(item.statement, self._counted)
        return self._counted[name]

    @staticmethod
    def _count(statement: s.Statement, counted: Counter[str]) -> None:
        for node in walk(statement):
            if isinstance(node, s.Name):
                counted[written(node)] += 1
            elif isinstance(node, s.Occurs) and isinstance(node.events.window, s.Shorthand):
                name = node.events.name
                if name is not None and not node.explicit and node.events.where is None:
                    counted[written(name)] -= 1
