"""The parser's tables: made from the grammar once, kept in a file of the package.

lark takes longer to make them than reading a hundred rules takes, so `python -m
leadrules.text.tables` writes them to `tables.bin`: the grammar they are of, a zero byte, the
tables. If that grammar is not the one at hand they are made anew in memory, so a stale file
costs time and never a wrong answer.
"""

from __future__ import annotations

import io
import pickle
from functools import cache
from pathlib import Path
from typing import Any

from leadrules.text.lalr import END, Tables

HEADS = ("score", "class", "group", "choice", "band", "checklist")
BODIES = ("top", "score", "class", "band", "checklist")
STARTS = (*(f"s_{body}" for body in BODIES), *(f"s_{head}_head" for head in HEADS))
_FILE = Path(__file__).with_name("tables.bin")


@cache
def tables() -> Tables:
    """The tables for all start rules, from the file if it is fresh."""
    grammar, body = _kept()
    if grammar == grammar_file().read_bytes():
        return Tables(*pickle.loads(body))
    return _built()


def is_fresh() -> bool:
    """Whether the tables in the package are those of the grammar at hand."""
    return _kept()[0] == grammar_file().read_bytes()


def grammar_file() -> Path:
    """The grammar: at the top of the source tree, or packed into an installed package."""
    package = Path(__file__).parents[1]
    for folder in (package, package.parent):
        path = folder / "grammar" / "leadrules.lark"
        if path.is_file():
            return path
    raise FileNotFoundError("grammar/leadrules.lark is missing from this installation")


def write_tables() -> Path:
    """Make the tables and write the file of the package."""
    made = _built()
    body = pickle.dumps((made.starts, made.rows, made.rules), protocol=4)
    _FILE.write_bytes(grammar_file().read_bytes() + b"\0" + body)
    return _FILE


def _kept() -> tuple[bytes, bytes]:
    """The grammar and the tables in the file of the package; empty when there is no file."""
    grammar, _, body = (_FILE.read_bytes() if _FILE.is_file() else b"").partition(b"\0")
    return grammar, body


def _built() -> Tables:
    """The tables as lark makes them, read from what `Lark.save` writes."""
    from lark import Lark

    file = io.BytesIO()
    # All terminals are declared, so lark's lexer has nothing to do; every one is kept.
    Lark(
        grammar_file().read_text(encoding="utf-8"),
        parser="lalr",
        lexer="basic",
        start=list(STARTS),
        maybe_placeholders=False,
        keep_all_tokens=True,
    ).save(file)
    saved: dict[str, Any] = pickle.loads(file.getvalue())
    automaton = saved["data"]["parser"]["parser"]
    numbers = {key: number for number, key in enumerate(saved["memo"])}
    rows = [
        {
            automaton["tokens"][symbol]: ~numbers[goal["@"]] if reduces else goal
            for symbol, (reduces, goal) in automaton["states"][state].items()
        }
        for state in range(len(automaton["states"]))
    ]
    for state in automaton["end_states"].values():
        rows[state][END] = state
    rules = [(rule["origin"]["name"], len(rule["expansion"])) for rule in saved["memo"].values()]
    # What the tree of a rule looks like is not told by its name alone if one of these is there.
    odd = [rule for rule in saved["memo"].values() if rule["alias"] or rule["options"]["expand1"]]
    assert not odd, f"`?rule` and `-> alias` are not understood here: {odd[0]}"
    assert all(size for _, size in rules), "a rule that can be empty is not understood here"
    return Tables(automaton["start_states"], rows, rules)


if __name__ == "__main__":
    print(write_tables())
