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
    code_column,
    count_columns,
    filtered_column,
    plan_events,
    seen_column,
    table_name,
    used_pieces,
    word_columns,
)
from leadrules.engines.sql_line import Line
from leadrules.engines.sql_points import Points
from leadrules.engines.sql_scan import Scan, raw
from leadrules.engines.sql_values import OFFSETS, VALUE_LAYERS, Keep, offsets, read_value
from leadrules.model import program as p
from leadrules.model.instant import find_zone

__all__ = ["Gap", "Query", "write_query"]

Column = tuple[str, Sql]


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
        setup.append((f"SET VARIABLE {OFFSETS} = ?::INTEGER[]", [list(offsets(zone))]))
    # The tree is used once, so the writer need not copy it first: that takes half the time.
    sql = pile.query(format_).sql("duckdb", copy=False)
    return Query(tuple(setup), sql, program.reads_events)


class _Pile:
    def __init__(self, program: p.Program, as_of: int) -> None:
        self.program = program
        self.plan = plan_events(_counted(program), as_of, find_zone(program.zone))
        self.scan = Scan(program)
        self.points = Points(program)
        self.kept: list[list[Column]] = [[] for _ in range(VALUE_LAYERS)]
        self.values = {
            field: read_value(field, col(raw(field.path)), self.plan.zone, self.keeper(number))
            for number, field in enumerate(program.fields)
        }
        self.conditions = Conditions(program, self.plan, self.points, self.values)
        self.line = Line(program, self.points)

    def query(self, format_: str) -> exp.Select:
        """All of it."""
        made = self.scan.scan(format_)
        for step in self.scan.unpacked():
            made = select([named(value, name) for name, value in step], made)
        # What a value is worked out from, the values, and what is worked out from them.
        self.kept[-1] += self.checks()
        for step in self.kept:
            made = select([named(value, name) for name, value in step], made)
        for layer in (
            self.seen,
            self.codes,
            self.words,
            self.counts,
            self.fires,
            self.earned,
            self.limited,
            self.score,
            self.labels,
            lambda: self.line.groups,
        ):
            made = select([named(value, name) for name, value in layer()], made)
        return select([named(value, name) for name, value in self.result()], made, keep=False)

    def keeper(self, number: int) -> Keep:
        """What gives names to the pieces of a field's value, as columns."""

        def keep(layer: int, name: str, piece: Sql) -> Sql:
            self.kept[layer].append((f"{name}{number}", piece))
            return col(f"{name}{number}")

        return keep

    def checks(self) -> list[Column]:
        """Whether the record is a good one so far, and its id."""
        bad = [value.bad for value in self.values.values()]
        read = [field.path for field in self.program.fields]
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
        return [
            ("bad", call("coalesce", either(*bad), FALSE) if bad else FALSE),
            ("name", _identity(col(raw(shape.id)))),
        ]

    def seen(self) -> list[Column]:
        """What is seen in each event."""
        if not self.program.reads_events:
            return []
        used = used_pieces(column for _, column in [*self.codes(), *self.filtered()])
        return [("seen", seen_column(self.plan, self.program, col(self.scan.events), used))]

    def codes(self) -> list[Column]:
        """The events as codes."""
        if not self.program.reads_events:
            return []
        return [("codes", code_column(self.plan, col("seen"), self.conditions.judge))]

    def filtered(self) -> list[Column]:
        """The counts of events that have a filter which the codes do not tell."""
        judge = self.conditions.judge
        return [
            (name, filtered_column(self.plan, wanted, col("seen"), col("codes"), judge))
            for name, wanted in self.plan.filtered.items()
        ]

    def words(self) -> list[Column]:
        """The packed counters."""
        if not self.program.reads_events:
            return []
        return word_columns(self.plan, col("codes")) + self.filtered()

    def counts(self) -> list[Column]:
        """The counters."""
        return count_columns(self.plan) if self.program.reads_events else []

    def fires(self) -> list[Column]:
        """For each rule, how often it pays: a truth for one that pays once."""
        columns: list[Column] = []
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

    def earned(self) -> list[Column]:
        """For each rule that pays more than once, what it earned before its limits."""
        return [
            (f"e{number}", binary("*", col(f"r{number}"), num(self.points.in_units(rule.points))))
            for number, rule in self.points.rules()
            if isinstance(rule.pays, p.Each)
        ]

    def limited(self) -> list[Column]:
        """What each block earned before its limits."""
        columns = []
        for number, (_, rules) in enumerate(self.points.blocks()):
            columns.append((f"b{number}", total([self.points.paid(n, rule) for n, rule in rules])))
        return columns

    def score(self) -> list[Column]:
        """The score."""
        blocks = [self.points.block(number) for number, _ in enumerate(self.program.blocks)]
        return [("score", total(blocks))]

    def labels(self) -> list[Column]:
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

    def result(self) -> list[Column]:
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
