"""The parser's tables: made from the grammar once, kept in a file of the package.

Building them takes longer than reading a hundred rules, so `python -m
leadrules.text.tables` writes them to `tables.bin`: a line with the grammar's hash and
lark's version, then what `Lark.save` wrote. When either differs from what is at hand the
tables are built anew in memory, so a stale file costs time and never a wrong answer.
"""

from __future__ import annotations

import hashlib
import io
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lark import Lark

HEADS = ("score", "class", "group", "choice", "band", "checklist")
BODIES = ("top", "score", "class", "band", "checklist")
STARTS = (*(f"s_{body}" for body in BODIES), *(f"s_{head}_head" for head in HEADS))
_FILE = Path(__file__).with_name("tables.bin")


@cache
def parser() -> Lark:
    """The parser for all start rules, from the file if it is fresh."""
    from lark import Lark

    if _FILE.is_file():
        head, _, body = _FILE.read_bytes().partition(b"\n")
        if head.decode() == _stamp():
            return Lark.load(io.BytesIO(body))
    return _built()


def is_fresh() -> bool:
    """Whether the tables in the package are those of the grammar and lark at hand."""
    return _FILE.is_file() and _FILE.read_bytes().partition(b"\n")[0].decode() == _stamp()


def grammar_file() -> Path:
    """The grammar: at the top of the source tree, or packed into an installed package."""
    package = Path(__file__).parents[1]
    for folder in (package, package.parent):
        path = folder / "grammar" / "leadrules.lark"
        if path.is_file():
            return path
    raise FileNotFoundError("grammar/leadrules.lark is missing from this installation")


def write_tables() -> Path:
    """Build the tables and write the file of the package."""
    body = io.BytesIO()
    _built().save(body)
    _FILE.write_bytes(_stamp().encode() + b"\n" + body.getvalue())
    return _FILE


def _built() -> Lark:
    from lark import Lark

    # All terminals are declared, so the lexer has nothing to do; positions are needed for spans.
    return Lark(
        grammar_file().read_text(encoding="utf-8"),
        parser="lalr",
        lexer="basic",
        start=list(STARTS),
        propagate_positions=True,
        maybe_placeholders=False,
        keep_all_tokens=True,
    )


def _stamp() -> str:
    from lark import __version__

    grammar = grammar_file().read_text(encoding="utf-8")
    return f"{hashlib.sha256(grammar.encode()).hexdigest()} lark {__version__}"


if __name__ == "__main__":
    print(write_tables())
