"""The language reference holds: every table of `behaviours/*.md` runs on every engine.

How the pages are written. A heading starts a section. Inside it:

- a block ```rules is the ruleset of the tables below it that have none of their own; it
  must compile;
- a block ```rules refused CODE must be refused with that code;
- a block ```rules NAME, ```json NAME or ```text NAME is a file of that name, for the page;
- a block ```json lead is the lead of the tables below that have no column `lead`;
- a line "`as_of` is 2026-03-31T12:00:00Z." sets the instant of the tables below it.

A table is told by its first column. `condition`: `result` is true, false or unknown, and
every row stands for itself. `lead`: one run, the other columns are keys of the result.
`rules`: a ruleset per row, with results, or with the code it is `refused` with. `record`:
the rows are the lines of one file, `code` is why a record is set aside, or `ok`.
Everywhere: a lead without an id is given one, `⟨U+2028⟩` is that character itself,
`⟨byte FF⟩` that byte, `\\|` is `|`, and a column `note` is for the reader.

A table with a column `yesterday` is run with the results of the day before: a line of
results, which is given an id as leads are, or `none` for a lead that is new.

Some results have a form of their own. `fired` is what paid, with what happened to it in
parentheses: `each webinar +40 (counted 3 of 5, earned 60, half-life 30d, left 45, max 40)`.
`met`, `unmet` and `unknown` are the items of the checklist. `conflicts` are the labels that
are true at once. A lead that is `excluded` has no other results. `line` is the whole line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from leadrules.engines.sql import Gap
from leadrules.model.diagnostic import Diagnostic
from leadrules.model.instant import parse_instant
from leadrules.model.program import Program
from tests.doors import ENGINES, Engine, findings, score_lines

# What DuckDB leaves to the reference, and why.
GAPS = {
    "purchase where plan.name = pro": "a value inside a property of an event",
    "Country = FR and country = BE": "two fields that differ only in case",
}
PAGES = sorted((Path(__file__).parent / "behaviours").glob("*.md"))
AS_OF = "2026-11-22T00:00:00Z"


@dataclass(frozen=True)
class Row:
    """One row of a table: its line in the page and its cells by column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A table with what its section says: the rules, the lead, the instant, the files."""

    page: str
    line: int
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    rules: str
    lead: str | None
    as_of: int
    files: Mapping[str, str]

    @property
    def results(self) -> list[str]:
        """The columns that are keys of a result."""
        return [c for c in self.columns if c not in ("rules", "lead", "yesterday", "note")]

    def lead_of(self, row: Row) -> str:
        """The lead's record as it stands in the page."""
        lead = row.cells.get("lead", self.lead)
        assert lead is not None, f"{self.page}:{row.line}: no lead"
        return lead

    def yesterday_of(self, rows: Sequence[Row]) -> list[bytes] | None:
        """The results of yesterday that some rows have; None in a table without them."""
        if "yesterday" not in self.columns:
            return None
        given = [(row.cells["yesterday"], row.line) for row in rows]
        return [as_bytes(with_id(line, n)) + b"\n" for line, n in given if line != "none"]


@dataclass(frozen=True)
class Block:
    """A ```rules block, and the code it must be refused with, if it must."""

    page: str
    line: int
    text: str
    refused: str | None
    files: Mapping[str, str]


@dataclass
class Page:
    """What runs of a page."""

    tables: list[Table] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


# --- reading a page ----------------------------------------------------------------

CODE_COLUMNS = {"condition", "lead", "rules", "record"}
# Keys that only those results have to which it happened.
ASIDE = {"excluded", "frozen"}


class Malformed(Exception):
    """A page that is not written as this module's docstring says."""


def read_page(path: Path) -> Page:
    """The tables and the blocks of a page. Raises Malformed, with the line."""
    page = Page()
    files: dict[str, str] = {}
    rules, lead, as_of = "", None, parse_instant(AS_OF, None)
    lines = path.read_text(encoding="utf-8").split("\n")
    numbered = iter(enumerate(lines, 1))
    for number, line in numbered:
        place = f"{path.name}:{number}"
        if line.startswith("#"):
            rules, lead, as_of = "", None, parse_instant(AS_OF, None)
        elif line.startswith("`as_of` is"):
            found = re.fullmatch(r"`as_of` is (\S+Z)\.", line)
            if found is None:
                raise Malformed(f"{place}: write `as_of` is 2026-11-22T00:00:00Z.")
            as_of = parse_instant(found[1], None)
        elif line.startswith("```"):
            body = "".join(text + "\n" for text in _fenced(numbered, place))
            match line.removeprefix("```").split(" "):
                case ["rules"]:
                    rules = body
                    page.blocks.append(Block(path.name, number, body, None, files))
                case ["rules", "refused", code]:
                    page.blocks.append(Block(path.name, number, body, code, files))
                case ["json", "lead"]:
                    lead = " ".join(body.split("\n"))
                case ["rules" | "json" | "text", name] if "." in name and name not in files:
                    files[name] = body
                case _:
                    raise Malformed(f"{place}: {line} is no kind of block")
        elif line.startswith("|"):
            columns, rows = _table(number, line, numbered, path.name)
            page.tables.append(Table(path.name, number, columns, rows, rules, lead, as_of, files))
    if not page.tables:
        raise Malformed(f"{path.name}: a page without a table")
    return page


def _fenced(numbered: Iterator[tuple[int, str]], place: str) -> Iterator[str]:
    for _, line in numbered:
        if line.startswith("```"):
            return
        yield line
    raise Malformed(f"{place}: a block that does not end")


def _table(
    number: int, head: str, numbered: Iterator[tuple[int, str]], page: str
) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    columns = tuple(cell.strip("`") for cell in _cells(head, f"{page}:{number}"))
    _check_columns(columns, f"{page}:{number}")
    _, rule = next(numbered, (0, ""))
    if not re.fullmatch(r"\|(-+\|)+", rule) or rule.count("|") != len(columns) + 1:
        raise Malformed(f"{page}:{number + 1}: |---| for each of {len(columns)} columns")
    rows = []
    for line_number, line in numbered:
        if not line.startswith("|"):
            if line:
                raise Malformed(f"{page}:{line_number}: a table ends with an empty line")
            break
        place = f"{page}:{line_number}"
        cells = _cells(line, place)
        if len(cells) != len(columns):
            raise Malformed(f"{place}: {len(cells)} cells for {len(columns)} columns")
        row = dict(zip(columns, cells, strict=True))
        for name, cell in row.items():
            if name in CODE_COLUMNS:
                row[name] = _code(cell, place)
            elif name != "note":
                row[name] = _code(cell, place) if cell.startswith("`") else cell
                if not cell:
                    raise Malformed(f"{place}: {name} is empty")
        rows.append(Row(line_number, row))
    if not rows:
        raise Malformed(f"{page}:{number}: a table without rows")
    return columns, tuple(rows)


def _check_columns(columns: tuple[str, ...], place: str) -> None:
    rest = [column for column in columns if column not in ("yesterday", "note")]
    match rest:
        case ["condition", "result"] | ["condition", "lead", "result"]:
            return
        case ["record", "code"] | ["record", "code", "field"] | ["rules", "refused"]:
            if "yesterday" not in columns:
                return
        case ["lead" | "rules", *results]:
            named = [name for name in results if name != "lead"]
            if named and all(re.fullmatch(r"[a-z_]+", name) for name in named):
                return
    raise Malformed(f"{place}: no table has the columns {', '.join(columns)}")


def _cells(line: str, place: str) -> list[str]:
    if not line.endswith("|"):
        raise Malformed(f"{place}: a row ends with |")
    cells = re.split(r"(?<!\\)\|", line)[1:-1]
    return [cell.strip().replace("\\|", "|") for cell in cells]


def _code(cell: str, place: str) -> str:
    found = re.fullmatch(r"(`+)(.*?[^`])\1", cell)
    if found is None:
        raise Malformed(f"{place}: {cell} must stand in backquotes")
    return found[2].strip() if len(found[1]) > 1 else found[2]


def with_id(lead: str, number: int) -> str:
    """The record with an id in front, unless it begins with one."""
    if re.match(r'\{\s*"id"', lead) or not lead.startswith("{"):
        return lead
    rest = lead[1:].lstrip()
    return f'{{"id":"line {number}"' + ("" if rest.startswith("}") else ",") + rest


def as_bytes(record: str) -> bytes:
    """The record, with what stands in ⟨⟩ as that character or byte."""
    parts = re.split(r"⟨(U\+[0-9A-F]{4,6}|byte [0-9A-F]{2})⟩", record)
    encoded = [part.encode() for part in parts]
    for index in range(1, len(parts), 2):
        kind, value = parts[index][:2], int(parts[index].removeprefix("byte")[-6:].strip("U+"), 16)
        encoded[index] = chr(value).encode() if kind == "U+" else bytes([value])
    return b"".join(encoded)


# --- running a table ---------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """What came of some records: results by id, each with its whole `line`, and the lines
    that were set aside."""

    scored: Mapping[str, Mapping[str, Any]]
    rejected: Mapping[int, Mapping[str, Any]]


def compile_or_fail(text: str, files: Mapping[str, str]) -> Program:
    """The program of a rule text that has no mistakes."""
    program, diagnostics = findings(text, files)
    assert program is not None, f"{text!r} is refused: {told(diagnostics)}"
    return program


def told(diagnostics: Sequence[Diagnostic]) -> str:
    """The errors among some diagnostics, in short."""
    return "; ".join(f"{d.code} {d.message}" for d in diagnostics if d.is_error)


def run(
    program: Program,
    records: Sequence[bytes],
    as_of: int,
    engine: Engine,
    yesterday: Sequence[bytes] | None = None,
) -> Run:
    """Scores some records as one file, and perhaps with the results of yesterday."""
    outcome = score_lines(program, records, as_of, engine, yesterday)
    assert not outcome.failed, "the file could not be read"
    scored = {}
    for line in outcome.scored:
        result = json.loads(line, parse_int=str, parse_float=str)
        scored[result["id"]] = result | {"line": line.decode().removesuffix("\n")}
    return Run(scored, {r["line"]: r for r in outcome.quarantined})


def check_conditions(table: Table, engine: Engine) -> Iterator[str]:
    """Each row is a ruleset of its own; DuckDB gets many in one run, to be quick."""
    got: dict[int, str] = {}
    if engine == "reference":
        for row in table.rows:
            got |= judged(table, [row], engine)
    else:
        got = judged(table, [r for r in table.rows if r.cells["condition"] not in GAPS], engine)
    for row in table.rows:
        if row.line not in got:
            with pytest.raises(Gap):
                judged(table, [row], engine)
        elif got[row.line] != row.cells["result"]:
            yield (
                f"{table.page}:{row.line}: {row.cells['condition']} of {table.lead_of(row)}: "
                f"expected {row.cells['result']}, got {got[row.line]}"
            )


def judged(table: Table, rows: Sequence[Row], engine: Engine) -> dict[int, str]:
    """What the conditions of some rows are, each for its lead, by line.

    Rows that disturb each other (they use a field in two ways) are judged apart.
    """
    program, diagnostics = findings(table.rules + "".join(map(_asked, rows)), table.files)
    if program is None and len(rows) > 1:
        middle = len(rows) // 2
        return judged(table, rows[:middle], engine) | judged(table, rows[middle:], engine)
    if program is None:
        return {rows[0].line: f"refused: {told(diagnostics)}"}
    leads = [as_bytes(with_id(table.lead_of(row), row.line)) for row in rows]
    ran = run(program, leads, table.as_of, engine, table.yesterday_of(rows))
    got: dict[int, str] = {}
    for place, row in enumerate(rows, 1):
        if place not in ran.rejected:
            got[row.line] = _answer(ran.scored[f"line {row.line}"]["scores"], row)
        elif len(rows) > 1:
            got |= judged(table, [row], engine)
        else:
            got[row.line] = f"set aside: {ran.rejected[place]}"
    return got


def _asked(row: Row) -> str:
    condition = row.cells["condition"]
    return (
        f"score yes_{row.line} {{ {condition} +1 }}\n"
        f"score no_{row.line} {{ not ({condition}) +1 }}\n"
    )


def _answer(scores: Mapping[str, str], row: Row) -> str:
    answers = {("1", "0"): "true", ("0", "1"): "false", ("0", "0"): "unknown"}
    return answers[scores[f"yes_{row.line}"], scores[f"no_{row.line}"]]


def check_leads(table: Table, engine: Engine) -> Iterator[str]:
    """The rows that share a ruleset are one run."""
    by_rules: dict[str, list[Row]] = {}
    for row in table.rows:
        by_rules.setdefault(row.cells.get("rules", table.rules), []).append(row)
    for rules, rows in by_rules.items():
        records = [as_bytes(with_id(table.lead_of(row), row.line)) for row in rows]
        program = compile_or_fail(rules, table.files)
        ran = run(program, records, table.as_of, engine, table.yesterday_of(rows))
        scored = iter(ran.scored.values())
        for place, row in enumerate(rows, 1):
            result = None if place in ran.rejected else next(scored)
            for column in table.results:
                got = (
                    f"set aside: {ran.rejected[place]}" if result is None else shown(result, column)
                )
                if got != row.cells[column]:
                    yield (
                        f"{table.page}:{row.line}: {column} of {row.cells.get('rules', '')} "
                        f"{table.lead_of(row)}: "
                        f"expected {row.cells[column]}, got {got}"
                    )


def shown(result: Mapping[str, Any], column: str) -> str:
    """A value of a result as the tables write it."""
    match column:
        case "fired":
            found = [_paid(item) for item in result.get("fired", [])]
        case "reasons":
            found = [f"{name}: {reason}" for name, reason in result.get("reasons", {}).items()]
        case "conflicts":
            conflicts = result.get("conflicts", {})
            found = [f"{name}: {', '.join(given)}" for name, given in conflicts.items()]
        case "met" | "unmet" | "unknown":
            return ", ".join(_items(result["checklists"], column)) or "none"
        case _:
            return _value(result, column)
    return "; ".join(found) or "none"


def _items(checklists: Mapping[str, Mapping[str, Sequence[str]]], state: str) -> list[str]:
    """The items of a checklist in a state, with its name where there are several."""
    return [
        item if len(checklists) == 1 else f"{name}.{item}"
        for name, checklist in checklists.items()
        for item in checklist[state]
    ]


def _value(result: Mapping[str, Any], column: str) -> str:
    found = {**result.get("scores", {}), **result}
    assert column in found or column in ASIDE or "excluded" in found, f"{result} has no {column}"
    value = found.get(column)
    return "none" if value is None else str(value)


# What can have happened to points, in the order in which it happened.
HAPPENED = {
    "counted": "counted {counted} of {events}",
    "earned": "earned {earned}",
    "formula": "{formula}",
    "decay": "{decay}",
    "decayed": "left {decayed}",
    "limit": "{limit}",
}


def _paid(item: Mapping[str, str]) -> str:
    sign = "" if item["points"].startswith("-") else "+"
    text = f"{item['rule']} {sign}{item['points']}"
    told = [form.format(**item) for key, form in HAPPENED.items() if key in item]
    text += f" ({', '.join(told)})" if told else ""
    return text + (f' "{item["reason"]}"' if "reason" in item else "")


def check_records(table: Table, engine: Engine) -> Iterator[str]:
    """The rows are the lines of one file."""
    records = [as_bytes(row.cells["record"]) for row in table.rows]
    ran = run(compile_or_fail(table.rules, table.files), records, table.as_of, engine)
    assert len(ran.scored) + len(ran.rejected) == len(records), f"{table.page}: records got lost"
    for place, row in enumerate(table.rows, 1):
        rejected = ran.rejected.get(place, {"code": "ok", "field": None})
        for column in ("code", "field"):
            got = rejected[column] or "none"
            if got != row.cells.get(column, got):
                yield (
                    f"{table.page}:{row.line}: {column} of {row.cells['record']}: "
                    f"expected {row.cells[column]}, got {got} ({rejected.get('reason')})"
                )


def check_refused(table: Table) -> Iterator[str]:
    """Each row is a ruleset with a mistake."""
    for row in table.rows:
        text = as_bytes(row.cells["rules"]).decode()
        codes = codes_of(findings(text, table.files)[1])
        if codes != [row.cells["refused"]]:
            yield (
                f"{table.page}:{row.line}: {row.cells['rules']}: "
                f"expected {row.cells['refused']}, got {codes}"
            )


def codes_of(diagnostics: Sequence[Diagnostic]) -> list[str]:
    """The codes of the errors among some diagnostics, each once."""
    return sorted({d.code for d in diagnostics if d.is_error})


# --- the tests ---------------------------------------------------------------------


@cache
def pages() -> tuple[Page, ...]:
    """All pages."""
    return tuple(map(read_page, PAGES))


TABLES = [table for page in pages() for table in page.tables]
BLOCKS = [block for page in pages() for block in page.blocks]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.page}:{table.line}")
def test_table(table: Table, engine: Engine) -> None:
    if "refused" in table.columns:
        failures = list(check_refused(table))
    elif table.columns[0] == "condition":
        failures = list(check_conditions(table, engine))
    elif table.columns[0] == "record":
        failures = list(check_records(table, engine))
    else:
        failures = list(check_leads(table, engine))
    assert not failures, "\n" + "\n".join(failures)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{block.page}:{block.line}")
def test_block(block: Block) -> None:
    diagnostics = findings(block.text, block.files)[1]
    # A block may hold only what a table of conditions needs, and so no rule (LR135).
    expected = [[], ["LR135"]] if block.refused is None else [[block.refused]]
    assert codes_of(diagnostics) in expected, f"{block.page}:{block.line}: {told(diagnostics)}"


def test_the_reference_has_rows() -> None:
    assert len(PAGES) >= 13
    assert sum(len(table.rows) for table in TABLES) >= 1800
    conditions = {row.cells.get("condition") for table in TABLES for row in table.rows}
    assert conditions >= set(GAPS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# Nothing\n", "without a table"),
        ("| condition | outcome |\n|---|---|\n| `x = 1` | true |\n", "no table has the columns"),
        ("| condition | result |\n|---|\n| `x = 1` | true |\n", "for each of 2 columns"),
        ("| condition | result |\n|---|---|\n| `x = 1` |\n", "1 cells for 2 columns"),
        ("| condition | result |\n|---|---|\n| x = 1 | true |\n", "must stand in backquotes"),
        ("| condition | result |\n|---|---|\n| `x = 1` | |\n", "result is empty"),
        ("| condition | result |\n|---|---|\n\n", "a table without rows"),
        ("```sql\nselect 1\n```\n", "is no kind of block"),
        ("```rules\nx +1\n", "does not end"),
        ("`as_of` is today.\n", "write `as_of` is"),
    ],
)
def test_a_malformed_page_is_an_error(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Malformed, match=re.escape(words)):
        read_page(path)
