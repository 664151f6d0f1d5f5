"""Rule text in its one layout: text in, text out.

What is written on each line is canonical (`write`); here it gets its place: indentation,
line ends, columns, empty lines and comments. A comment belongs to what it stands behind or
above, and moves with it.

Every result is read again. It has to be the same syntax and its own layout; otherwise it
is a `Fault`, and nobody gets it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from leadrules.model import syntax as x
from leadrules.model.diagnostic import Diagnostic
from leadrules.model.frozen import changed, parts
from leadrules.model.source import Source
from leadrules.text import layout
from leadrules.text.columns import LIMIT, Kind, Row, Table, drawn
from leadrules.text.comments import Comment, spaces
from leadrules.text.draw import width
from leadrules.text.longhand import long_form, may_be_absence
from leadrules.text.parse import parse
from leadrules.text.scan import Token, scan
from leadrules.text.wrap import DEEPER, wrapped
from leadrules.text.write import Block, Line, body, cells, head, is_bare


class Fault(Exception):
    """A layout that does not say the same. It is ours, whatever the rules are."""


# What `no_reply 30d` means for the name `no_reply`: `no reply for 30d` (True), an event that
# is called so (False), or nobody knows here (None).
IsAbsence = Callable[[str], bool | None]


def unknown(name: str) -> bool | None:
    """Leaves `no_reply 30d` as it is: the text of one file does not tell what it means."""
    return None if may_be_absence(name) else False


def formatted(
    source: Source, is_absence: IsAbsence = unknown
) -> tuple[str | None, list[Diagnostic]]:
    """The text of a rule file in its layout, or None and what cannot be read in it.

    Raises Fault.
    """
    file, found = parse(source)
    if found:
        return None, found
    statements = long_form(file.statements, is_absence)
    text = _laid_out(source.text, statements)
    again, wrong = parse(Source(source.name, text))
    if wrong or _settled(again.statements) != _settled(statements):
        raise Fault(f"the layout of {source.name} would change its rules")
    if _comments(text) != _comments(source.text):
        raise Fault(f"the layout of {source.name} would change its comments")
    if _laid_out(text, again.statements) != text:
        raise Fault(f"the layout of {source.name} has a layout of its own")
    return text, []


def short_absences(source: Source) -> tuple[str, ...]:
    """The names such as `no_reply` of which a file needs to know whether they are absences."""
    found: dict[str, None] = {}

    def note(name: str) -> None:
        if may_be_absence(name):
            found[name] = None

    long_form(parse(source)[0].statements, note)
    return tuple(found)


def _settled(node: Any) -> Any:
    """Syntax without the choices that mean nothing: a label may have quotes or none, and `or` as
    a text gets them."""
    if isinstance(node, tuple):
        return tuple(map(_settled, node))
    if isinstance(node, x.Text):
        return changed(node, bare=node.bare and is_bare(node.value))
    changes = {name: _settled(getattr(node, name)) for name in parts(type(node))}
    match node:
        case x.LabelRule() | x.Was():
            changes["label"] = changed(node.label, bare=False)
        case x.DimensionOrder():
            changes["labels"] = tuple(changed(label, bare=False) for label in node.labels)
            changes["outside"] = tuple(changed(label, bare=False) for label in node.outside)
    return changed(node, **changes) if changes else node


def _comments(text: str) -> list[str]:
    return [comment.text for found in spaces(scan(text)).comments for comment in found]


def _laid_out(text: str, statements: Sequence[x.Statement]) -> str:
    tokens = scan(text)
    lines = layout.lay_out(tokens)[0]
    layouter = _Layout(text, tokens)
    layouter.file(lines, statements)
    return drawn(layouter.rows)


_RULES = Kind("rules", gap=3, few=65, many=80)
_ASIDE = Kind("aside", gap=3, few=80, many=80)
_NAMED: dict[type, Kind] = {
    kind: Kind(kind.__name__, gap=1, few=40, many=40)
    for kind in (x.Define, x.ListDefinition, x.Signal, x.ChecklistItem)
}
_NAMED[x.DefineNumber] = _NAMED[x.Define]


class _Layout:
    """Goes through a file and writes its lines down."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.rows: list[Row] = []
        self._text = text
        self._seen = [token for token in tokens if token.is_seen]
        found = spaces(tokens)
        # Before each of them: comments, and whether an empty line.
        self._said = list(found.comments)
        self._gaps = found.apart
        self._first = {token.start: i for i, token in enumerate(self._seen)}
        self._last = {token.end: i for i, token in enumerate(self._seen)}
        # The number of blocks so far, and of stretches without an empty line.
        self._scopes = 0
        self._stretch = 0
        # Whether the last line closes a block that stands outside any other.
        self._closed = False

    def file(self, lines: Sequence[layout.Line | layout.Block], nodes: Sequence[Any]) -> None:
        """All of it. Rules that are one line stay one line."""
        size = len(self._seen)
        if len(nodes) > 1 and "\n" not in self._slice(0, size) and "\r" not in self._slice(0, size):
            line = "; ".join(map(_inline, nodes))
            if width(line) <= LIMIT:
                self._comments(self._between(0, 0), 0, True)
                self._apart(self._gaps[0])
                self._add(Row(0, (line,)))
                self._comments(self._between(size, size), 0, False)
                return
        self._body(lines, nodes, 0, size, 0, 0, ())

    def _body(
        self,
        lines: Sequence[layout.Line | layout.Block],
        nodes: Sequence[Any],
        at: int,
        end: int,
        indent: int,
        scope: int,
        waiting: Iterable[Comment],
    ) -> None:
        """The statements that stand between token `at` and token `end`; `waiting` are comments
        that stood just before."""
        opens = True
        for line, node in zip(lines, nodes, strict=True):
            first = self._first[line.span.start]
            comments = [*waiting, *self._between(at, first)]
            self._comments(comments, indent, opens)
            opens = opens and not any(comment.alone for comment in comments)
            self._apart(self._gaps[first] and not opens)
            at = self._last[line.span.end] + 1
            if isinstance(line, layout.Block):
                self._block(line, node, first, indent, scope)
            else:
                self._line(line, node, first, indent, scope)
            waiting, opens = (), False
        self._comments([*waiting, *self._between(at, end)], indent, opens)

    def _line(self, line: layout.Line, node: Line, first: int, indent: int, scope: int) -> None:
        columns = cells(node)
        kind = _kind(node)
        table = Table(kind, (scope, self._stretch)) if kind is not None else None
        inner = self._inner(first, len(line.tokens))
        pays = isinstance(node, x.PointsRule | x.LabelRule)
        self._add(*wrapped(columns, indent, table, pays, line.tokens, inner))

    def _block(self, block: layout.Block, node: Block, first: int, indent: int, scope: int) -> None:
        size = len(block.head.tokens)
        brace = first + size
        end = self._last[block.span.end]
        if not any(self._said[first + 1 : end + 1]) and self._on_one_line(brace, end):
            line = _inline(node)
            if indent + width(line) <= LIMIT:
                self._add(Row(indent, (line,)))
                return
            # What stood behind the line is about all of it.
            for comment in self._said[end + 1][:1]:
                if not comment.alone:
                    self._add(Row(indent, (comment.text,)))
                    self._said[end + 1] = self._said[end + 1][1:]
        opening = (f"{head(node)} {{",)
        inner = self._inner(first, size)
        # What goes on is further in than what stands in the block.
        deeper = 2 * DEEPER
        self._add(*wrapped(opening, indent, None, False, block.head.tokens, inner, deeper))
        inside = scope
        if not isinstance(node, x.Choice | x.Group):
            self._scopes += 1
            inside = self._scopes
        waiting = self._said[brace]
        self._body(block.body, body(node), brace + 1, end, indent + DEEPER, inside, waiting)
        self._add(Row(indent, ("}",)))
        self._closed = indent == 0

    # --- between the statements -----------------------------------------------------------

    def _between(self, at: int, first: int) -> list[Comment]:
        """The comments from before token `at` up to before token `first`."""
        return [comment for found in self._said[at : first + 1] for comment in found]

    def _inner(self, first: int, size: int) -> dict[int, tuple[Comment, ...]]:
        """The comments in a statement, by the number of its tokens that stand before."""
        return {i: self._said[first + i] for i in range(1, size) if self._said[first + i]}

    def _comments(self, comments: Iterable[Comment], indent: int, opens: bool) -> None:
        """Adds comments: the first behind the last line, if that is where it was; the others on
        lines of their own. `opens`: a block or the file begins with them."""
        may_follow = bool(self.rows)
        for comment in comments:
            if may_follow and not comment.alone and not self.rows[-1].comment:
                self.rows[-1].comment = comment.text
            else:
                self._apart(comment.apart and not opens)
                self._add(Row(indent, (comment.text,)))
                opens = False
            may_follow = False

    def _apart(self, wanted: bool) -> None:
        """An empty line, if it is wanted or the last line closes a block outside any other."""
        if self.rows and (wanted or self._closed):
            self._add(Row(0, ()))
            self._stretch += 1
        self._closed = False

    def _add(self, *rows: Row) -> None:
        self.rows += rows

    def _on_one_line(self, low: int, high: int) -> bool:
        text = self._slice(low, high + 1)
        return "\n" not in text and "\r" not in text

    def _slice(self, low: int, high: int) -> str:
        return self._text[self._seen[low].start : self._seen[high - 1].end] if low < high else ""


def _inline(node: Line | Block) -> str:
    """A statement on one line, whatever its length."""
    if not isinstance(node, Block):
        return " ".join(cells(node))
    inside = "; ".join(map(_inline, body(node)))
    return f"{head(node)} {{ {inside} }}" if inside else f"{head(node)} {{ }}"


def _kind(node: Line) -> Kind | None:
    """How a statement stands in columns with those of its kind."""
    match node:
        case x.PointsRule() | x.Row() | x.LabelRule():
            return _RULES
        case x.Exclude() | x.Freeze():
            return _ASIDE
        case _:
            return _NAMED.get(type(node))
