"""Runs the parser's tables: terminals in, one at a time, and a tree of them out.

lark makes the tables from the grammar, see `tables`. To load lark and to get its own parser
ready would take longer than reading a hundred rules does, and this is all that is needed.
"""

from __future__ import annotations

from leadrules.model.frozen import Frozen

END = "$END"


class Tables(Frozen):
    """An LALR(1) automaton.

    `rows[state]` says by symbol what to do: go to that state, or `~number` of the rule that
    ends here. A rule is the name of its tree and how many symbols it has, never none.
    """

    starts: dict[str, int]
    rows: list[dict[str, int]]
    rules: list[tuple[str, int]]


class Leaf(str):
    """A terminal with its text and its place."""

    __slots__ = ("end", "start", "type")

    type: str
    start: int
    end: int

    @classmethod
    def of(cls, type: str, text: str, start: int, end: int) -> Leaf:
        """The leaf of a terminal."""
        leaf = cls(text)
        leaf.type, leaf.start, leaf.end = type, start, end
        return leaf


class Tree:
    """What a rule of the grammar was found in; `data` is the rule's name.

    A rule whose name begins with `_` leaves its children to the tree around it.
    """

    __slots__ = ("children", "data", "end", "start")

    data: str
    start: int
    end: int
    children: list[Leaf | Tree]

    def __init__(self, data: str, symbols: list[Leaf | Tree]) -> None:
        self.data = data
        self.start = symbols[0].start
        self.end = symbols[-1].end
        self.children = []
        for symbol in symbols:
            if not (isinstance(symbol, Tree) and symbol.data[0] == "_"):
                self.children.append(symbol)
            elif self.children:
                self.children += symbol.children
            else:
                # Repetitions grow from their first part, which nobody else keeps.
                self.children = symbol.children


class Parse:
    """A parse under way."""

    def __init__(self, tables: Tables, start: str) -> None:
        self._rows = tables.rows
        self._rules = tables.rules
        self._states = [tables.starts[start]]
        self._symbols: list[Leaf | Tree] = []

    @property
    def choices(self) -> dict[str, int]:
        """The symbols that have a place here; some only as far as one state can tell."""
        return self._rows[self._states[-1]]

    @property
    def accepts(self) -> set[str]:
        """The terminals that can come next."""
        return {symbol for symbol in self.choices if symbol.isupper() and self.fits(symbol)}

    def fits(self, terminal: str) -> bool:
        """Whether a terminal can come next, or END."""
        states = self._states
        action = self._rows[states[-1]].get(terminal)
        if action is not None and action < 0:
            states = states.copy()
        while action is not None and action < 0:
            name, size = self._rules[~action]
            del states[-size:]
            states.append(self._rows[states[-1]][name])
            action = self._rows[states[-1]].get(terminal)
        return action is not None

    def feed(self, leaf: Leaf) -> None:
        """Takes a terminal that fits."""
        self._reduce(leaf.type)
        self._states.append(self.choices[leaf.type])
        self._symbols.append(leaf)

    def tree(self) -> Tree:
        """The tree of all that was fed, where END fits."""
        self._reduce(END)
        (tree,) = self._symbols
        assert isinstance(tree, Tree)
        return tree

    def _reduce(self, terminal: str) -> None:
        """Makes the trees that are complete before a terminal."""
        while (action := self.choices[terminal]) < 0:
            name, size = self._rules[~action]
            made = Tree(name, self._symbols[-size:])
            del self._symbols[-size:], self._states[-size:]
            self._symbols.append(made)
            self._states.append(self.choices[name])
