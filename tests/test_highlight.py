"""Colours for rules: the Pygments lexer and the TextMate grammar, held to the real parser.

Of a TextMate grammar, as editors have it, this project uses only patterns that match inside a
line. So a page of code is enough to run it here.
"""

from __future__ import annotations

import importlib
import json
import re
import tomllib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from pygments import token as style

from leadrules.highlight import LeadrulesLexer
from leadrules.text import scan
from leadrules.text.lalr import Leaf
from leadrules.text.scan import Token
from leadrules.text.terminals import terminals
from leadrules.text.words import KEYWORDS, PHRASES, RESERVED

ROOT = Path(__file__).parents[1]
GRAMMAR = ROOT / "grammar" / "leadrules.tmLanguage.json"
TOUR = ROOT / "tests" / "text_tour.rules"
SHIPPED = [*sorted(ROOT.glob("rulesets/**/*.rules")), TOUR]
ACCEPTED = (ROOT / "tests" / "text_accepted.txt").read_text(encoding="utf-8").splitlines()
# What the kinds of the scanner are in each of the two.
KINDS = {
    scan.COMMENT: (style.Comment, "comment"),
    scan.TEXT: (style.String, "string.quoted"),
    scan.REGEX: (style.String.Regex, "string.regexp"),
    scan.NUMBER: (style.Number, "constant.numeric"),
    scan.RANGE: (style.Number, "constant.numeric.range"),
    scan.PERCENT: (style.Number, "constant.numeric"),
    scan.DURATION: (style.Number.Duration, "constant.numeric.duration"),
    scan.DATE: (style.Literal.Date, "constant.other.date"),
    scan.INSTANT: (style.Literal.Date, "constant.other.date"),
}
WORDLESS = {"NAME", "WORD"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def words_of(text: str) -> Iterator[tuple[Leaf, Token]]:
    """The words of a text, each with the terminal of which it is a part."""
    tokens = scan.scan(text)
    leaves = list(terminals(tokens))
    for token in tokens:
        if token.kind == scan.WORD:
            (leaf,) = (leaf for leaf in leaves if leaf.start <= token.start < leaf.end)
            yield leaf, token


# --- the terminals -----------------------------------------------------------------------


def test_every_keyword_of_the_grammar_is_found() -> None:
    texts = [path.read_text(encoding="utf-8") for path in SHIPPED] + [
        line.replace("\\r", "\r").replace("\\n", "\n").replace("\\xa0", "\u00a0")
        for line in ACCEPTED
    ]
    found = {leaf.type for text in texts for leaf, _ in words_of(text)}
    assert found == set(KEYWORDS.values()) | {n for p in PHRASES.values() for _, n in p} | WORDLESS


def test_the_parser_decides_what_is_a_keyword() -> None:
    text = "score >= 5 and first known -> SQL\nscore first { max +5 max 9 }\n"
    assert [(leaf.type, token.text) for leaf, token in words_of(text)] == [
        ("NAME", "score"),
        ("AND", "and"),
        ("NAME", "first"),
        ("KNOWN", "known"),
        ("WORD", "SQL"),
        ("SCORE", "score"),
        ("NAME", "first"),
        ("NAME", "max"),
        ("MAX", "max"),
    ]


def test_what_cannot_be_read_has_its_reserved_words() -> None:
    text = "country within and (\nx = FR +5\n"
    assert [leaf.type for leaf, _ in words_of(text)] == ["NAME", "WITHIN", "AND", "NAME", "WORD"]


# --- Pygments ----------------------------------------------------------------------------


def styled(text: str) -> list[tuple[int, Any, str]]:
    found = list(LeadrulesLexer().get_tokens_unprocessed(text))
    assert "".join(part for _, _, part in found) == text
    return found


@pytest.mark.parametrize("path", SHIPPED, ids=name_of)
def test_pygments_has_the_kinds_of_the_scanner(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    kinds = {at: kind for at, kind, _ in styled(text)}
    assert not any(kind in style.Error for kind in kinds.values())
    for token in scan.scan(text):
        if token.kind in KINDS:
            assert kinds[token.start] in KINDS[token.kind][0], token
    for leaf, token in words_of(text):
        kind = kinds[token.start]
        is_keyword = kind in style.Keyword or kind in style.Operator.Word
        assert is_keyword == (leaf.type not in WORDLESS), token


def test_pygments_in_a_line() -> None:
    text = 'no reply for 30d and country = FR -> cold "quiet" # why\n'
    shown = [(str(kind).removeprefix("Token."), part) for _, kind, part in styled(text)]
    assert [pair for pair in shown if pair[0] != "Text.Whitespace"] == [
        ("Keyword", "no"),
        ("Name", "reply"),
        ("Keyword", "for"),
        ("Literal.Number.Duration", "30d"),
        ("Operator.Word", "and"),
        ("Name", "country"),
        ("Operator", "="),
        ("Literal.String.Symbol", "FR"),
        ("Operator", "->"),
        ("Name.Label", "cold"),
        ("Literal.String.Double", '"quiet"'),
        ("Comment.Single", "# why"),
    ]


@pytest.mark.parametrize(
    "text", ["", "\n", "a = = ((", "“x” +1", "score s {\n a +\n", "x\u200b +1"]
)
def test_pygments_takes_any_text(text: str) -> None:
    styled(text)
    list(LeadrulesLexer().get_tokens(text))


def test_pygments_finds_the_lexer() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, name = project["entry-points"]["pygments.lexers"]["leadrules"].partition(":")
    assert getattr(importlib.import_module(module), name) is LeadrulesLexer
    assert LeadrulesLexer.filenames == ["*.rules"]


# --- TextMate ----------------------------------------------------------------------------


def patterns() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    """The patterns in their order."""
    grammar = json.loads(GRAMMAR.read_text(encoding="utf-8"))
    found = []
    for included in grammar["patterns"]:
        for pattern in grammar["repository"][included["include"].removeprefix("#")]["patterns"]:
            assert pattern.keys() <= {"name", "match", "captures"}, pattern
            found.append((re.compile(pattern["match"]), pattern))
    return found


PATTERNS = patterns()


def scopes(text: str) -> list[str]:
    """The scope of each character, as an editor finds it: at each place the pattern that
    matches first, and of several the one further up."""
    found = [""] * len(text)
    start = 0
    for line in text.splitlines(keepends=True):
        at = 0
        while at < len(line):
            matches = [(m, p) for regex, p in PATTERNS if (m := regex.search(line, at))]
            if not matches:
                break
            match, pattern = min(matches, key=lambda pair: pair[0].start())
            parts = [(0, pattern.get("name", ""))]
            parts += [(int(n), c["name"]) for n, c in pattern.get("captures", {}).items()]
            for number, name in parts:
                low, high = match.span(number)
                for i in range(low, high) if name else ():
                    found[start + i] = name
            at = max(match.end(), at + 1)
        start += len(line)
    return found


WORDS = ("keyword.other", "keyword.declaration", "keyword.control", "keyword.operator.word")


def is_keyword(scope: str) -> bool:
    return scope.startswith((*WORDS, "constant.language.boolean"))


@pytest.mark.parametrize("path", SHIPPED, ids=name_of)
def test_textmate_has_the_kinds_of_the_scanner(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = scopes(text)
    for token in scan.scan(text):
        if token.kind in KINDS:
            inside = found[token.start : token.end]
            assert all(s.startswith(KINDS[token.kind][1]) for s in inside), (token, inside)
    for leaf, token in words_of(text):
        shown = [name for name, _ in groupby(found[token.start : token.end])]
        assert len(shown) == 1, (token, shown)
        assert is_keyword(shown[0]) == (leaf.type not in WORDLESS), (token, shown)


def test_textmate_knows_every_keyword() -> None:
    """In the lines that the parser accepts, which have all of them."""
    seen = set()
    for line in ACCEPTED:
        text = line.replace("\\r", "\n").replace("\\n", "\n").replace("\\xa0", " ")
        found = scopes(text)
        for leaf, token in words_of(text):
            if is_keyword(found[token.start]) and leaf.type not in WORDLESS:
                seen.add(leaf.type)
    for path in SHIPPED:
        seen |= {leaf.type for leaf, _ in words_of(path.read_text(encoding="utf-8"))}
    assert seen - WORDLESS == set(KEYWORDS.values()) | {n for p in PHRASES.values() for _, n in p}


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_textmate_has_the_reserved_words(word: str) -> None:
    assert is_keyword(scopes(f"x {word} y")[2])
    assert not is_keyword(scopes(f"x {word}_ y")[2])
    assert not is_keyword(scopes(f"x `{word}` y")[2])


def test_the_grammar_is_shipped() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shipped = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert (
        shipped["grammar/leadrules.tmLanguage.json"]
        == "leadrules/grammar/leadrules.tmLanguage.json"
    )
