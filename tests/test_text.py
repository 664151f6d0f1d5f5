"""The text wing through its doors: text to tree and back, and what it says when it cannot."""

from __future__ import annotations

import logging
import random
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lark import Lark, Token, logger

from leadrules.meaning.compile import understand
from leadrules.model import syntax as x
from leadrules.model.diagnostic import Diagnostic, Note
from leadrules.model.source import Source, Span
from leadrules.text import tables
from leadrules.text.codes import CODES
from leadrules.text.draw import draw
from leadrules.text.lalr import END, Leaf, Parse, Tree
from leadrules.text.parse import MOST_BYTES, MOST_STATEMENTS, parse
from leadrules.text.scan import scan
from leadrules.text.words import KEYWORDS, NO_TEXT, PHRASES, RESERVED
from leadrules.text.write import write
from tests.text_trees import statements as trees

ERRORS = Path(__file__).parent / "errors"
TOUR = (Path(__file__).parent / "text_tour.rules").read_text(encoding="utf-8")


def read(text: str) -> tuple[x.Statement, ...]:
    """The statements of a text that must be sound."""
    file, found = parse(Source("t.rules", text))
    assert not found, [(d.code, d.message) for d in found]
    return file.statements


def codes(text: str) -> list[str]:
    return [d.code for d in parse(Source("t.rules", text))[1]]


# --- what is accepted ------------------------------------------------------------------

ACCEPTED = (ERRORS.parent / "text_accepted.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("line", ACCEPTED)
def test_accepted(line: str) -> None:
    text = line.replace("\\r", "\r").replace("\\n", "\n").replace("\\xa0", "\u00a0")
    assert read(text)


def test_one_line_is_a_ruleset() -> None:
    points, label, cold = read("demo_request +40; score>=60 -> SQL; no_reply 30d -> cold")
    assert isinstance(points, x.PointsRule)
    assert write(points) == "demo_request +40"
    assert isinstance(label, x.LabelRule)
    assert isinstance(cold, x.LabelRule)
    assert isinstance(cold.condition, x.Occurs)
    assert isinstance(cold.condition.events.window, x.Shorthand)


SAME = [
    ("no reply 30 days -> x", "no reply for 30d -> x"),
    ("a within last 2 weeks +1", "a within 2w +1"),
    ("x is known +1", "x known +1"),
    ("a → x", "a -> x"),
    ("x ≥ −5 −1", "x >= -5 -1"),
    ("x = 'it\\'s' +1", 'x = "it\'s" +1'),
    ('x = "FR" +1', "x = FR +1"),
    ("(a and b) and c +1", "a and b and c +1"),
    ("a within 30d where x = 1 +1", "a where x = 1 within 30d +1"),
    ("event +1", "any event +1"),
    ("t matches /a/i +1", "t matches /a/ +1"),
    ("((a + b)) > 5 +1", "(a + b) > 5 +1"),
    ("a + 5", "a +5"),
    ("x in [\n a,\n b,\n] +1", "x in [a, b] +1"),
    ("not in_sale +1", "not in_sale +1"),
    ("`a`.b = 1 +1", "a.b = 1 +1"),
    ("(a where x = 1) and b +1", "a where (x = 1) and b +1"),
    ("each any event +1", "each event +1"),
    ("no events for 30d -> x", "no event for 30d -> x"),
    ("at least 2 any event +1", "at least 2 events +1"),
    ("no reply 30 days since last demo -> x", "no reply for 30d since demo -> x"),
    ("not (a followed by b) +1", "not (a followed by b) +1"),
    ("a followed by b where x = 1 +1", "a followed by b where x = 1 +1"),
    ("a +5 half-life 30 days max 9", "a +5 max 9 half-life 30d"),
    (
        "each webinar at most 1 per day when country = FR +5",
        "each webinar at most 1 per day when country = FR +5",
    ),
    ("band x { else_ +1; 'else' +2 }", 'band x {\n  else_ +1\n  "else" +2\n}'),
    ("score s { first of { a +1 } }", "score s {\n  first of {\n    a +1\n  }\n}"),
    ("define score = (fit)", "define score = (fit)"),
    ("define x = (a)", "define x = a"),
]


@pytest.mark.parametrize(("written", "canonical"), SAME)
def test_canonical_text(written: str, canonical: str) -> None:
    (node,) = read(written)
    assert write(node) == canonical


def test_quotes_are_kept_on_request() -> None:
    (node,) = read("x = 'FR' and y = DE -> 'A'")
    assert write(node) == "x = FR and y = DE -> A"
    # A label is a text in any case.
    assert write(node, keep_quotes=True) == 'x = "FR" and y = DE -> A'


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
@given(trees)
def test_what_is_written_reads_back(node: Any) -> None:
    text = write(node)
    assert read(text) == (node,)
    assert write(read(text)[0]) == text


# Every word of the language that is not reserved.
WORDS = sorted(
    ({*KEYWORDS, *PHRASES} | {w for rows in PHRASES.values() for words, _ in rows for w in words})
    - RESERVED
)
# Where a name can stand.
NAMED = [
    "{} +1", "{} > 5 +1", "{} = FR +1", "{} in [a] +1", "{} known +1", "{} is missing +1",
    "{} contains a +1", "{} within 7d +1", "{} after 2026-01-01 +1", "{} older than 7d -> x",
    "{} 7d -> x", "{} where x = 1 +1", "x and {} and y +1", "not {} +1", "({} or x) +1",
    "no {} -> x", "no {} for 30d since {} -> x", "no {} 30d -> x", "at least 3 {} within 7d +1",
    "each {} +1", "each {} within 7d at most 1 per day when {} +1", "each x distinct {} +1",
    "field {} = 1 +1", "x = field {} +1", "({} + {}) > 5 +1", "max({}, {}) > 5 +1", "{}(x) > 5 +1",
    "count of {} > 5 +1", "sum of {} in {} > 5 +1", "distinct {} in {} > 5 +1",
    "days since last {} > 5 +1", "{} followed by {} within 7d +1", "{} complete -> x",
    "a +({})", "a +5 max 5 when {} half-life 7d since last {}", "a +5 max 5 when {} > 5 min 1",
    "band {} {{ 1 +1 }}", "score {} when {} {{ a +1 }}", "score {} max 5 {{ {} +1 }}",
    "classify {} unique {{ {} -> {} }}", "checklist {} {{ {}: {} }}",
    "dimension {}: {} < {}, {}", "dimension {} never falls until {}", "combine {} = {}, {}",
    "exclude {}", "freeze {} > 5", "define {} = {} > 5", "list {} = [{}]", "signal {} = {}",
    "signal {} = any of [{}, x]", "x in {} +1", "x = {} +1", "-> {}", "was {} -> x",
    "{}.x = 5 +1", "x.{} = 5 +1", "total max 5 when {}", "define score = ({})",
    "first of {{ {} +1 }}", 'group "g" {{ {} +1; each {} +2 }}', "{} -> x; {} +1",
]  # fmt: skip
# Where a word is a text or a label, or both.
WRITTEN = {
    "classify {} unique {{ {} -> {} }}", "dimension {}: {} < {}, {}", "list {} = [{}]",
    "x = {} +1", "-> {}", "was {} -> x",
}  # fmt: skip
# `at least 3 days` is a length of time; `define score` is the score itself.
UNNAMED = {
    *((w, "at least 3 {} within 7d +1") for w in ("day", "days", "hours", "week", "month")),
    *((w, place) for w in NO_TEXT for place in WRITTEN),
    ("exactly", "x in {} +1"),
    ("score", "define {} = {} > 5"),
}


@pytest.mark.parametrize("place", NAMED)
def test_words_of_the_language_are_names(place: str) -> None:
    for word in WORDS:
        text = place.replace("{}", word).replace("{{", "{").replace("}}", "}")
        text = f"a {text}" if text.startswith("->") else text
        if "-" not in word and (word, place) not in UNNAMED:
            read(text)
    assert len(WORDS) > 50


# --- layout ----------------------------------------------------------------------------

LAYOUTS = [
    ("a and\n# why\n\nb +5", 1),
    ("a\n# why\n\nand b\n+5\n", 1),
    ("a\n-> x\nb\r\n-> y\rc -> z", 3),
    ("x = or +5\ny +1", 2),
    ("a -> or\nb -> and\nc -> not\nd -> x", 4),
    ("score s\n{\n a +1\n}\nb +1", 2),
    ("score s { a +1 } score t { b +1; c +1 }", 2),
    (";;a +1;; ;b +1;", 2),
    ("", 0),
    ("# only\n\n", 0),
    ("\ufeffa +1", 1),
    ("signal s = any of [\n a where x = 1,\n b\n]\nb +1", 2),
    ("band x {\n -10..-5 +1\n -3 +3\n +5 -5\n or +5\n [a,\n  b] +1\n}\nb +1", 2),
    ("score s { first of { a +1; band x { 1 +1; -2 +2 } } b +1 } c +1", 2),
    ("score s\n{\n first of\n {\n a +1\n }\n}\nb +1", 2),
    ("checklist B {\n a: b\n  and c\n d: e or\n   f\n}", 1),
    ("a\n+(b /\n  c)\nd +1", 2),
]


@pytest.mark.parametrize(("text", "count"), LAYOUTS)
def test_layout(text: str, count: int) -> None:
    assert len(read(text)) == count


# text, codes, how many statements are left; of a list, at least its name
RECOVERED = [
    ("a +1\nx in [a, b +5\nc +1\n", ["LR023"], 2),
    ("a +1\n(b and c +5\nd or e +1\n(f) +1\n", ["LR023"], 3),
    ("list l = [\n a,\n b\ndefine d = e\nf +1", ["LR023"], 3),
    ("a +1\nb = \"x\nc +1", ["LR006"], 2),
    ("score s {\n a +1\nb +1\n", ["LR025"], 2),
    ("score s {\n a +1\n\nscore t {\n b +1\n}\nc +1", ["LR025"], 3),
    ("score s\n a +1\n b +1\n}\nc +1", ["LR027"], 2),
    ("a +1\n}\nb +1", ["LR026"], 2),
    ("score s { a +1\nb +1\n}\nc +1", ["LR025"], 3),
    ("score s { {\n a +1\n}\nb +1", ["LR027"], 2),
    ("score s maxx 5 {\n a +1\n}\nb +1", ["LR027"], 2),
    ("score s {\n a -> x\n b +1\n}", ["LR038"], 1),
    ("checklist B {\n need: need known\n c +1 -> 2\n}\na +1", ["LR038"], 2),
    ("score s {\n first of {\n  a +1\n  b +2\n c +1\n}\nd +1", ["LR025"], 2),
    ("score s {\n first of\n  a +1\n  b +2\n }\n c +1\n}\nd +1", ["LR027"], 2),
    ("score s {\n group \"x\" max 5\n  a +1\n }\n c +1\n}\nd +1", ["LR027"], 2),
    ("score s {\n band x\n  1..5 +1\n  -3 +2\n }\n c +1\n}\nd +1", ["LR027"], 2),
    ("score s {\n band x 1..5 +1; 6.. +2; otherwise +3 }\n c +1\n}\nd +1", ["LR027"], 2),
    ("score s {\n band x {\n  1 +1\n\nscore t {\n d +1\n}", ["LR025"], 2),
    ("checklist B\n a: b\n c: d\n}\nx +1", ["LR027"], 2),
    ("checklist B { a: b; c: d\nx +1", ["LR025"], 2),
    ("score s {\n a +1\nexclude x\ntotal max 5\ndimension g: a < b", ["LR025"], 4),
    ("score s { first of { a +1\n b +2\n}\nc +1", ["LR025"], 2),
    ("score s {\n a +1\n score t {\n  b +1\n }\n}\nb +1", ["LR038"], 2),
    ("classify c {\n score s {\n a +1\n }\n}\nb +1", ["LR038"], 2),
    ("source {\n FR +1\n [a, b] +2\n otherwise +1\n}\nb +1", ["LR027"], 1),
    ("chekclist B {\n a: b\n c: d\n}\nB complete -> x", ["LR050"], 2),
    ("group {\n a +1\n b +1\n}\nc +1", ["LR048"], 3),
    ("first of { {\n a +1\n}\nb +1", ["LR027"], 2),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "left"), RECOVERED)
def test_recovery(text: str, expected: list[str], left: int) -> None:
    file, found = parse(Source("t.rules", text))
    assert [d.code for d in found] == expected
    assert len(file.statements) == left


# --- every mistake: code, place and drawing ----------------------------------------------


def chunks(path: Path) -> list[tuple[str, set[tuple[int, str]]]]:
    """Texts of an error file, with the lines and codes that its `#~ LR001` marks announce."""
    result = []
    for chunk in path.read_text(encoding="utf-8").split("\n---\n"):
        lines = []
        marks = set()
        for number, line in enumerate(chunk.rstrip("\n").split("\n"), 1):
            text, mark, code = line.partition("  #~ ")
            lines.append(text)
            if mark:
                marks.add((number, code.strip()))
        assert marks, chunk
        result.append(("\n".join(lines), marks))
    return result


def drawings(path: Path) -> str:
    drawn = []
    for text, _ in chunks(path):
        drawn += [draw(d) for d in parse(Source(path.name, text))[1]]
    return "\n\n".join(drawn) + "\n"


ERROR_FILES = sorted(ERRORS.glob("*.rules"))


@pytest.mark.parametrize("path", ERROR_FILES, ids=lambda p: p.stem)
def test_errors(path: Path) -> None:
    for text, marks in chunks(path):
        found = parse(Source(path.name, text))[1]
        assert {(d.source.place(d.span.start)[0], d.code) for d in found} == marks, text
        assert len(found) == len(marks), text
        for d in found:
            assert d.help
            assert "unexpected" not in d.message


@pytest.mark.parametrize("path", ERROR_FILES, ids=lambda p: p.stem)
def test_drawings(path: Path) -> None:
    assert drawings(path) == path.with_suffix(".drawn").read_text(encoding="utf-8")


def test_help_for_a_habit_is_a_line_that_works() -> None:
    """What stands in backquotes there is a whole statement, and is read without a complaint."""
    for text, _ in chunks(ERRORS / "habits.rules"):
        (told,) = parse(Source("t.rules", text))[1]
        assert told.help is not None
        help_ = told.help.removeprefix("write two rules: ").removeprefix("write ")
        for line in help_.strip("`").split("` and `"):
            assert codes(line) == [], text


@pytest.mark.parametrize("path", ERROR_FILES, ids=lambda p: p.stem)
def test_what_is_read_of_texts_with_mistakes_can_be_understood(path: Path) -> None:
    """Names and types are looked at in the rest of the file, whatever is wrong above."""
    files: dict[str, str] = {}
    for text, marks in chunks(path):
        found = understand(Source(path.name, text), files.__getitem__).diagnostics
        assert marks <= {(d.source.place(d.span.start)[0], d.code) for d in found}, text


def test_every_code_is_provoked() -> None:
    told = {code for path in ERROR_FILES for _, marks in chunks(path) for _, code in marks}
    assert told | {"LR029", "LR054"} == set(CODES)
    assert codes("a" * (MOST_BYTES + 1)) == ["LR029"]
    file, found = parse(Source("t.rules", "a +1\n" * (MOST_STATEMENTS + 5)))
    assert [d.code for d in found] == ["LR054"]
    assert len(file.statements) == MOST_STATEMENTS
    assert found[0].source.place(found[0].span.start)[0] == MOST_STATEMENTS + 1


def test_drawing() -> None:
    source = Source("in.rules", "a +1\n\t名前 = = 5\n" + "b and " * 100 + "c d +1\n")
    at = source.text.index("= 5")
    note = Note(source, Span(0, 1), "the first one")
    d = Diagnostic("LR020", "error", "no", source, Span(at, at + 1), "write `=`", (note,))
    assert draw(d) == (
        "error[LR020]: no\n"
        "  --> in.rules:2:7\n"
        "   |\n"
        " 2 |     名前 = = 5\n"
        "   |            ^\n"
        "  ::: in.rules:1:1\n"
        "   |\n"
        " 1 | a +1\n"
        "   | - the first one\n"
        "   = help: write `=`"
    )
    assert "\x1b[31m" in draw(d, color=True)
    at = source.text.index("c d")
    long = draw(Diagnostic("LR034", "error", "no", source, Span(at, len(source.text))))
    assert max(map(len, long.split("\n"))) < 115
    assert "…" in long


# --- one fault at a time ---------------------------------------------------------------


def leaves(file: x.RuleFile) -> list[Any]:
    """Every statement that holds no others, with the block it stands in."""
    found: list[Any] = []
    for node in file.statements:
        found += _leaves(node, "")
    return found


def _leaves(node: Any, inside: str) -> list[Any]:
    match node:
        case x.ScoreBlock() | x.ClassifyBlock():
            return [leaf for rule in node.rules for leaf in _leaves(rule, node.name.parts[0])]
        case x.Group() | x.Choice():
            return [leaf for rule in node.rules for leaf in _leaves(rule, inside)]
        case x.Band():
            return [(inside, row) for row in node.rows]
        case x.Checklist():
            return [(inside, item) for item in node.items]
        case _:
            return [(inside, node)]


def test_one_fault_costs_one_message() -> None:
    whole = leaves(parse(Source("t.rules", TOUR))[0])
    tokens = [t for t in scan(TOUR) if t.is_seen]
    assert len(tokens) > 200
    told = generic = 0
    for t in tokens:
        word = TOUR[t.start : t.end]
        for text in (TOUR[: t.start] + TOUR[t.end :], f"{TOUR[: t.end]} {word}{TOUR[t.end :]}"):
            file, found = parse(Source("t.rules", text))
            assert len(found) <= 1, (word, text[t.start - 20 : t.end + 20], found)
            if not found:
                continue
            at = text[: t.start].count("\n")
            told += 1
            generic += found[0].help is not None and found[0].help.startswith("here could stand")
            lost = sum(1 for leaf in whole if leaf not in leaves(file))
            # The fault of a head may cost what is in its block.
            is_head = found[0].code in ("LR025", "LR026", "LR027") or "{" in text.split("\n")[at]
            assert lost <= 2 or is_head, (word, found[0].message, lost)
    assert told > 900
    assert generic < told / 50


def test_two_words_that_change_places_cost_one_message() -> None:
    tokens = [t for t in scan(TOUR) if t.is_seen]
    told = 0
    for first, second in pairwise(tokens):
        between = TOUR[first.end : second.start]
        if "\n" in between or {TOUR[t.start : t.end] for t in (first, second)} & set(";{}"):
            continue
        swapped = f"{TOUR[second.start : second.end]} {between}{TOUR[first.start : first.end]}"
        text = f"{TOUR[: first.start]}{swapped}{TOUR[second.end :]}"
        found = parse(Source("t.rules", text))[1]
        assert len(found) <= 1, (swapped, [d.message for d in found])
        told += len(found)
    assert told > 350


# --- anything at all -------------------------------------------------------------------

SOUP = (  # noqa: SIM905
    "and or not no any each in is where when within older than last next before after between ago"
    " for contains all of starts with like matches known missing empty otherwise true field event"
    " count at least most exactly score classify define list signal include use schema file max"
    " followed by since days sum distinct spaced per day half-life fades over decays loses every 5%"
    " expires total group first best band checklist dimension never falls until unique combine was"
    " complete exclude freeze +( -("
    ' min a b x.y E `q` AND if then 5 2.5 30d 1..5 2026-01-01 "t" /re/ ( ) [ ] { } , ; : + - -> ='
    " != < >= * / # @ & . ' \" ` \n \n +5 -> SQL"
).split(" ")


def check_anything(text: str) -> None:
    at = 0
    for token in scan(text):
        assert token.start == at < token.end
        at = token.end
    assert at == len(text)
    for d in parse(Source("t.rules", text))[1]:
        assert d.code in CODES
        assert 0 <= d.span.start <= d.span.end <= len(text)
        assert d.help
        assert draw(d)


def test_any_words() -> None:
    dice = random.Random(7)
    for _ in range(3000):
        check_anything(dice.choice(["", " "]).join(dice.choices(SOUP, k=dice.randint(1, 14))))


@settings(max_examples=200, deadline=None, database=None)
@given(st.text(st.characters(), max_size=60))
def test_any_text(text: str) -> None:
    check_anything(text)


HOSTILE = [
    "(" * 50_000,
    "[" * 50_000 + "\n",
    ("x in [a +1\n") * 5_000,
    ("(a +1\n") * 5_000,
    "{" * 50_000,
    "a {" * 20_000,
    "}" * 50_000,
    "not " * 50_000 + "a +1",
    "a or " * 20_000 + "b +1",
    "(a" + " + a" * 20_000 + ") > 1 +1",
    "x in [" + "a, " * 50_000 + "b] +1",
    '"' * 200_001,
    "`" * 200_001,
    " " * 500_000,
    "# c\n" * 50_000 + "and b +1",
    "a\n" + "# c\n" * 50_000 + "and b +1",
    "x = " + "9" * 200_000,
    "x = " + "a-" * 100_000,
    "x = " + "1," * 100_000,
    "t matches /" + "\\/" * 100_000,
    "\u200b" * 20_000,
    "a and b or " * 5_000,
    "\u201ca" * 20_000,
    "score s {\n" + "first of {\n" * 20_000,
    "band x " + "1 +1; " * 30_000,
    "a +1" + " max 5" * 50_000,
    "dimension x: a" + " < b" * 50_000,
    "max(a" + ", a" * 20_000 + ") > 1 +1",
    "each E" + " distinct x" * 20_000 + " +1",
    "a followed by " * 20_000 + "b +1",
    "a +(" * 20_000,
    "score s {" + "\n first of\n  a +1" * 3_000 + "\n}}",
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_text_takes_linear_time(number: int) -> None:
    started = time.perf_counter()
    file, found = parse(Source("t.rules", HOSTILE[number]))
    assert time.perf_counter() - started < 20
    if found:
        draw(found[0])
    assert file.statements or found or not HOSTILE[number].strip()


def test_depth() -> None:
    assert read("(" * 60 + "a" + ")" * 60 + " +1")
    assert read("not " * 64 + "a +1")
    assert codes("(" * 65 + "a" + ")" * 65 + " +1") == ["LR028"]
    assert codes("not " * 65 + "a +1") == ["LR028"]
    (node,) = read("((" * 31 + "a + 1" + ") * 2)" * 31 + " > 3 +1")
    assert read(write(node)) == (node,)
    assert read("first of {\n" * 8 + "a +1\n" + "}\n" * 8)
    assert codes("first of {\n" * 9 + "a +1\n" + "}\n" * 9) == ["LR028"]


# --- the tables ------------------------------------------------------------------------


def test_tables_are_fresh() -> None:
    assert tables.is_fresh(), "run `python -m leadrules.text.tables`"


def test_stale_tables_are_built_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stale = tmp_path / "tables.bin"
    stale.write_bytes(b"old\nnonsense")
    monkeypatch.setattr(tables, "_FILE", stale)
    assert not tables.is_fresh()
    made = tables.tables.__wrapped__()
    assert set(made.starts) == set(tables.STARTS)


def test_the_grammar_has_no_conflict(caplog: pytest.LogCaptureFixture) -> None:
    # Lark settles a conflict in silence and only tells it to its log.
    caplog.set_level(logging.DEBUG, logger=logger.name)
    grammar = tables.grammar_file().read_text(encoding="utf-8")
    Lark(grammar, parser="lalr", lexer="basic", start=list(tables.STARTS), debug=True)
    assert not [r.message for r in caplog.records if "conflict" in r.message.lower()]


def test_tables_are_run_as_lark_runs_them() -> None:
    grammar = tables.grammar_file().read_text(encoding="utf-8")
    lark = Lark(
        grammar,
        parser="lalr",
        lexer="basic",
        start=list(tables.STARTS),
        propagate_positions=True,
        maybe_placeholders=False,
        keep_all_tokens=True,
    )
    choose = random.Random(1)
    whole = 0
    for start in tables.STARTS * 20:
        theirs: Any = lark.parse_interactive(start=start)
        ours = Parse(tables.tables(), start)
        for at in range(0, 90, 3):
            accepts = ours.accepts
            assert accepts == theirs.accepts()
            if END in accepts and (choose.random() < 0.2 or accepts == {END}):
                assert seen(ours.tree()) == seen(theirs.feed_eof())
                whole += 1
                break
            # What closes something is taken more often, so that statements end.
            closing = sorted(accepts & {"RPAR", "RBRACK", "POINTS", "ARROW", "NAME"})
            name = choose.choice(closing * 3 + sorted(accepts - {END}))
            ours.feed(Leaf.of(name, f"{name} {at}", at, at + 2))
            theirs.feed_token(Token(name, f"{name} {at}", start_pos=at, end_pos=at + 2))
    assert whole > 100


def seen(tree: Any) -> Any:
    """A tree or a token, of lark's or of ours, as plain data."""
    if isinstance(tree, str):
        return str(tree)
    place = (tree.start, tree.end) if isinstance(tree, Tree) else tree.meta
    start, end = place if isinstance(place, tuple) else (place.start_pos, place.end_pos)
    return str(tree.data), start, end, [seen(child) for child in tree.children]


def test_import_loads_neither_lark_nor_wording() -> None:
    late = "{'lark', 'leadrules.text.odd', 'leadrules.text.wording'}"
    code = f"import sys, leadrules.text.parse; sys.exit(bool({late} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
