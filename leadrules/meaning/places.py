"""Where the parts of a program were written."""

from __future__ import annotations

from typing import Any

from leadrules.model.frozen import Frozen
from leadrules.model.source import Source, Span


class Place(Frozen):
    """What was written, a piece of syntax, and the file that it stands in."""

    node: Any
    source: Source

    @property
    def span(self) -> Span:
        """The stretch of the file."""
        span: Span = self.node.span
        return span


class Places:
    """The places of conditions, rules and limits, by their identity: two that mean the same
    are equal, and stand in two places.

    A condition that a definition stands for has two places: its own and that of the name.
    """

    def __init__(self) -> None:
        # The part itself is kept, for as long as it is there no other has its identity.
        self._found: dict[int, tuple[Any, list[Place]]] = {}

    def put(self, part: Any, source: Source, node: Any) -> None:
        """Notes where a part was written; a definition before the name that stands for it."""
        self._found.setdefault(id(part), (part, []))[1].append(Place(node, source))

    def own(self, part: Any) -> Place | None:
        """Where the part itself was written; None when it was not."""
        found = self._found.get(id(part))
        return found[1][0] if found else None

    def used(self, part: Any) -> Place | None:
        """Where it stands in the rule at hand: the name, if a definition stands for it."""
        found = self._found.get(id(part))
        return found[1][-1] if found else None
