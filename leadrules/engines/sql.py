"""A program as one SQL query for DuckDB: leads in, finished lines out.

The query is a pile of selects, each over the one below, so that nothing is computed
twice: raw JSON of the fields; nested objects taken apart; values; event counts; which
rules fire; points; labels; the line. Its rows are the records in the order of the input:

    line    the finished line with its line end, or NULL: the reference must look at it
    hash    a hash of the id, by which ids given twice are found
    doubt   1 when `events` is absent or was no list; the record itself tells which
    later   how many events lie after as_of, where there is a line
    d0 …    for each dimension the number of the rule that gave the label, 0 for none

`Gap` is raised for a ruleset that this engine cannot express; the reference scores it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from sqlglot import exp

from leadrules.engines.sql_build import (
    FALSE,
    Gap,
    Sql,
    binary,
    both,
    call,
    case,
    cast,
    col,
    either,
    has_value,
    is_null,
    named,
    no,
    num,
    select,
    text,
    total,
)
from leadrules.engines.sql_conditions import Conditions, since
from leadrules.engines.sql_events import (
    BAD,
    LATER,
    MOST_EVENTS,
    code_columns,
    count_columns,
    filtered_column,
    plan_events,
    table_name,
    word_columns,
)
from leadrules.engines.sql_line import Line
from leadrules.engines.sql_points import Points
from leadrules.engines.sql_scan import Scan, raw
from leadrules.engines.sql_values import OFFSETS, folded_items, offsets, read_value
from leadrules.model import program as p
from leadrules.model.instant import find_zone

__all__ = ["Gap", "Query", "write_query"]


@dataclass(frozen=True, slots=True)
class Query:
    """Statements to run first, each with its parameters, and the query itself, whose `?`
    stands for the list of files."""

    setup: tuple[tuple[str, list[object]], ...]
    sql: str
    reads_events: bool


def write_query(program: p.Program, as_of: int, format_: str) -> Query:
    """The query that scores leads at `as_of`.

    `format_` is DuckDB's name for the layout of the files: newline_delimited or array.
    Raises Gap.
    """
    pile = _Pile(program, as_of)
    zone = pile.plan.zone
    setup: list[tuple[str, list[object]]] = [("SET timezone = 'UTC'", [])]
    for number, table in enumerate(pile.plan.words):
        setup.append((f"SET VARIABLE {table_name(number)} = ?::BIGINT[]", [list(table)]))
    if zone is not None:
        # As runs of equal numbers: a list of all the days would take long to read.
        runs = ",".join(
            f"list_resize([]::INTEGER[], {len(list(days))}, {'NULL' if east is None else east})"
            for east, days in groupby(offsets(zone))
        )
        setup.append((f"SET VARIABLE {OFFSETS} = flatten([{runs}])", []))
    return Query(tuple(setup), pile.query(format_).sql("duckdb"), program.reads_events)


class _Pile:
    def __init__(self, program: p.Program, as_of: int) -> None:
        self.program = program
        self.plan = plan_events(_counted(program), as_of, find_zone(program.zone))
        self.scan = Scan(program)
        self.points = Points(program)
        self.conditions = Conditions(program, self.plan, self.points)
        self.line = Line(program, self.points)

    def query(self, format_: str) -> exp.Select:
        """All of it."""
        made = self.scan.scan(format_)
        for step in self.scan.unpacked():
            made = select([named(value, name) for name, value in step], made)
        for layer in (
            self.values,
            self.folds,
            self.codes,
            self.sure_codes,
            self.words,
            self.counts,
            self.fires,
            self.earned,
            self.limited,
            self.score,
            self.labels,
        ):
            made = select([named(value, name) for name, value in layer()], made)
        return select([named(value, name) for name, value in self.result()], made, keep=False)

    def values(self) -> list[tuple[str, Sql]]:
        """The value of each field, and whether the record is a good one so far."""
        columns: list[tuple[str, Sql]] = []
        bad: list[Sql] = []
        for field, number in self.conditions.fields.items():
            value = read_value(field, col(raw(field.path)), self.plan.zone)
            bad.append(value.bad)
            columns.append((f"v{number}", value.value))
            if value.items is not None:
                columns.append((f"i{number}", value.items))
        read = [field.path for field in self.conditions.fields]
        if self.program.reads_events:
            read.append(self.program.shape.events)
        parents = {path[:d]: None for path in read for d in range(1, len(path))}
        for parent in parents:
            found = col(raw(parent))
            bad.append(both(has_value(found), no(call("starts_with", found, text("{")))))
        shape = self.program.shape
        if self.program.reads_events:
            events = col(self.scan.events)
            bad.append(call("coalesce", binary(">", call("len", events), num(MOST_EVENTS)), FALSE))
            if len(shape.events) > 1:
                found = col(raw(shape.events))
                bad.append(both(has_value(found), no(call("starts_with", found, text("[")))))
        columns.append(("bad", call("coalesce", either(*bad), FALSE) if bad else FALSE))
        columns.append(("name", _identity(col(raw(shape.id)))))
        return columns

    def folds(self) -> list[tuple[str, Sql]]:
        """The folded form of texts and of lists of texts."""
        columns: list[tuple[str, Sql]] = []
        for field, number in self.conditions.fields.items():
            value = self.conditions.value(field, None)
            if value.folded is not None:
                columns.append((f"k{number}", call("lower", value.value)))
            if value.items is not None:
                columns.append((f"j{number}", folded_items(value.items)))
        return columns

    def codes(self) -> list[tuple[str, Sql]]:
        """The events as codes, those in plain spelling."""
        if not self.program.reads_events:
            return []
        events = col(self.scan.events)
        return [("usual", code_columns(self.plan, self.program, events)[0])]

    def sure_codes(self) -> list[tuple[str, Sql]]:
        """The codes again, of the lists with events in another spelling."""
        if not self.program.reads_events:
            return []
        return [("codes", code_columns(self.plan, self.program, col(self.scan.events))[1])]

    def words(self) -> list[tuple[str, Sql]]:
        """The packed counters, and the counts of events that have a filter."""
        if not self.program.reads_events:
            return []
        filtered = [
            (
                name,
                filtered_column(
                    self.plan, wanted, col(self.scan.events), col("codes"), self.conditions.judge
                ),
            )
            for name, wanted in self.plan.filtered.items()
        ]
        return word_columns(self.plan, col("codes")) + filtered

    def counts(self) -> list[tuple[str, Sql]]:
        """The counters."""
        return count_columns(self.plan) if self.program.reads_events else []

    def fires(self) -> list[tuple[str, Sql]]:
        """For each rule, how often it pays: a truth for one that pays once."""
        columns: list[tuple[str, Sql]] = []
        for number, rule in self.points.rules():
            match rule.pays:
                case p.Once(condition):
                    fires = call("coalesce", self.conditions.judge(condition), FALSE)
                case p.Each(events, None):
                    fires = self.conditions.count(events)
                case p.Each(events, when):
                    assert when is not None
                    fires = case(
                        [(self.conditions.judge(when), self.conditions.count(events))], num(0)
                    )
            columns.append((f"r{number}", fires))
        return columns

    def earned(self) -> list[tuple[str, Sql]]:
        """For each rule that pays more than once, what it earned before its limits."""
        return [
            (f"e{number}", binary("*", col(f"r{number}"), num(self.points.in_units(rule.points))))
            for number, rule in self.points.rules()
            if isinstance(rule.pays, p.Each)
        ]

    def limited(self) -> list[tuple[str, Sql]]:
        """What each block earned before its limits."""
        columns = []
        for number, (_, rules) in enumerate(self.points.blocks()):
            columns.append((f"b{number}", total([self.points.paid(n, rule) for n, rule in rules])))
        return columns

    def score(self) -> list[tuple[str, Sql]]:
        """The score."""
        blocks = [self.points.block(number) for number, _ in enumerate(self.program.blocks)]
        return [("score", total(blocks))]

    def labels(self) -> list[tuple[str, Sql]]:
        """For each dimension the number of the rule that decides, from 1; 0 for none."""
        columns = []
        for number, dimension in enumerate(self.program.dimensions):
            branches = []
            default: Sql = num(0)
            for place, rule in enumerate(dimension.rules, 1):
                if rule.condition is None:
                    default = num(place)
                    break
                branches.append((self.conditions.judge(rule.condition), num(place)))
            found = case(branches, default) if branches else default
            columns.append((f"d{number}", cast(found, "USMALLINT")))
        return columns

    def result(self) -> list[tuple[str, Sql]]:
        """The columns of the outcome."""
        reads = self.program.reads_events
        good = both(
            has_value(col("name")),
            no(col("bad")),
            *([binary("=", col(BAD), num(0))] if reads else []),
        )
        doubt = (
            is_null(col(self.scan.events))
            if reads and len(self.program.shape.events) == 1
            else FALSE
        )
        return [
            ("line", case([(good, call("concat", *self.line.pieces()))])),
            ("hash", call("hash", col("name"))),
            ("doubt", cast(doubt, "UTINYINT")),
            ("later", cast(case([(good, col(LATER))], num(0)) if reads else num(0), "UINTEGER")),
            *((f"d{n}", col(f"d{n}")) for n, _ in enumerate(self.program.dimensions)),
        ]


def _counted(program: p.Program) -> Iterable[p.Events]:
    for node in p.walk((program.blocks, program.dimensions)):
        match node:
            case p.Count(events) | p.Each(events, _):
                yield events
            case p.NoneSince():
                yield from since(node)


def _identity(raw: Sql) -> Sql:
    """The id in quotes, as it is written; NULL for one that the reference must look at."""
    is_text = both(
        call("starts_with", raw, text('"')),
        binary("=", call("strlen", raw), call("length", raw)),
        no(call("contains", raw, text("\\"))),
        no(call("starts_with", raw, text('" '))),
        binary("!=", raw, text('""')),
    )
    is_number = call("regexp_full_match", raw, text("-?[1-9][0-9]{0,17}"))
    return case(
        [
            (is_text, raw),
            (is_number, call("concat", text('"'), raw, text('"'))),
        ]
    )
