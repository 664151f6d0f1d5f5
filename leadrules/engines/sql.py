"""A program as one SQL query for DuckDB: leads in, finished lines out.

The query is a pile of selects, each over the one below, so that nothing is computed
twice: raw JSON of the fields; nested objects taken apart; values; events; what they tell;
checklists; which rules fire; points, from the inside out; labels; the line. Its rows are the
records in the order of the input:

    line    the finished line with its line end, or NULL: the reference must look at it
    hash    a hash of the id, by which ids given twice are found
    doubt   1 when `events` is absent or was no list; the record itself tells which
    later   how many events lie after as_of, where there is a line
    aside   what became of the lead: SCORED, EXCLUDED, FROZEN; the line of a frozen one is only
            what has to stand behind yesterday's line, which has the number `place`
    d0 …    for each dimension the number of what it decided, as `Query.dimensions` has it
    u0 …    for each `unique` dimension whether several of its rules are true
    ordinal and place: with yesterday's results, the number of the record, from 1 and in
            their order, and the number of its result of yesterday

`Gap` is raised for a ruleset that this engine cannot express; the reference scores it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlglot import exp

from leadrules.engines.sql_build import (
    FALSE,
    Gap,
    Sql,
    between,
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
)
from leadrules.engines.sql_conditions import Conditions, since
from leadrules.engines.sql_days import EAST, TURNS, turns
from leadrules.engines.sql_decay import Decays
from leadrules.engines.sql_events import (
    BAD,
    LATER,
    MOST_EVENTS,
    code_column,
    count_columns,
    plan_events,
    seen_column,
    seen_pieces,
    table_name,
    used_pieces,
    word_columns,
)
from leadrules.engines.sql_hits import Hits
from leadrules.engines.sql_labels import Labels, Numbering
from leadrules.engines.sql_line import Line
from leadrules.engines.sql_points import Points, whole_points
from leadrules.engines.sql_previous import NUMBER_OF_LEAD, PLACE, Yesterday
from leadrules.engines.sql_scan import Scan, raw
from leadrules.engines.sql_values import (
    MIDNIGHTS,
    OFFSETS,
    VALUE_LAYERS,
    Keep,
    midnights,
    offsets,
    read_value,
)
from leadrules.model import program as p
from leadrules.model.frozen import walk
from leadrules.model.instant import find_zone

__all__ = ["EXCLUDED", "FROZEN", "SCORED", "Gap", "Query", "write_query"]

SCORED, EXCLUDED, FROZEN = range(3)

_DEEPEST_CALLS = 10_000

Layer = list[tuple[str, Sql]]


@dataclass(frozen=True, slots=True)
class Query:
    """Statements to run first, each with its parameters, and the query itself, whose `?`
    stands for the list of files.

    `dimensions` says what the numbers of the dimensions mean; `unique` names those that
    report conflicts, in the order of their columns. `yesterday` is the statement that reads
    yesterday's results, whose `?` stands for the file.
    """

    setup: tuple[tuple[str, list[object]], ...]
    sql: str
    reads_events: bool
    dimensions: tuple[Numbering, ...]
    unique: tuple[str, ...]
    yesterday: str | None = None


def write_query(program: p.Program, as_of: int, format_: str, previous: bool = False) -> Query:
    """The query that scores leads at `as_of`, with or without yesterday's results.

    `format_` is DuckDB's name for the layout of the files: newline_delimited or array.
    Raises Gap.
    """
    pile = _Pile(program, as_of, previous)
    # The tree is used once, so the writer need not copy it first: that takes half the time.
    with _room_to_nest():
        sql = pile.query(format_).sql("duckdb", copy=False)
    return Query(
        tuple(pile.setup()),
        sql,
        program.reads_events,
        pile.labels.numberings,
        tuple(program.dimensions[number].name for number in pile.unique()),
        pile.yesterday.table() if pile.yesterday.given else None,
    )


@contextmanager
def _room_to_nest() -> Iterator[None]:
    """Room for the writer of SQL, which goes down by recursion: what a ruleset may nest, taken
    together (dimensions behind each other, parentheses in their rules), needs more than usual."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _DEEPEST_CALLS))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


class _Pile:
    def __init__(self, program: p.Program, as_of: int, previous: bool) -> None:
        self.program = program
        self.yesterday = Yesterday(program, previous)
        self.freezes = self.yesterday.given and bool(program.freezes)
        self.plan = plan_events(_named(program), _counted(program), as_of, find_zone(program.zone))
        self.scan = Scan(program)
        self.hits = Hits(program, self.plan)
        unit = 1 if whole_points(program) else 100
        self.kept: list[Layer] = [[] for _ in range(VALUE_LAYERS)]
        self.values = {
            field: read_value(field, col(raw(field.path)), self.plan.zone, self.keeper(number))
            for number, field in enumerate(program.fields)
        }
        self.conditions = Conditions(
            program, self.plan, self.hits, self.yesterday, self.values, unit
        )
        self.decays = Decays(self.hits)
        self.points = Points(program, self.conditions, self.decays)
        self.labels = Labels(program, self.conditions)
        self.line = Line(program, self.points, self.labels)

    def setup(self) -> Iterable[tuple[str, list[object]]]:
        """What has to be run before the query: the tables that it looks into."""
        yield "SET timezone = 'UTC'", []
        for number, table in enumerate(self.plan.words):
            yield _table(table_name(number), table)
        for decayed, name in self.decays.tables.items():
            yield _table(name, decayed)
        if self.plan.zone is not None:
            yield _table(OFFSETS, offsets(self.plan.zone))
            yield _table(MIDNIGHTS, midnights(self.plan.zone))
            if self.hits.asks("day"):
                east, found = turns(self.plan.zone)
                yield _table(EAST, east)
                yield _table(TURNS, found)

    def query(self, format_: str) -> exp.Select:
        """All of it. The upper layers are written first: they say which events they need."""
        upper: list[Layer] = [
            self.labels.items(),
            self.asides(),
            self.points.amounts(),
            self.points.picked(),
            self.points.fires(),
            self.points.earned(),
            self.points.limited(),
            *self.points.composed(),
            self.points.added(),
            self.points.blocked(),
            self.points.summed(),
            self.points.score(),
            *self.labels.layers(),
            self.line.groups,
        ]
        result = self.result()
        counts = self.counts()
        lower: list[Layer] = [
            *self.scan.unpacked(),
            # What a value is worked out from, the values, and what is worked out from them.
            *self.kept[:-1],
            self.kept[-1] + self.checks(),
        ]
        middle = [*self.events([*upper, counts]), counts] if self.program.reads_events else []
        made = _piled(lower, self.scan.scan(format_))
        if self.yesterday.given:
            made = self.yesterday.joined(made)
        made = _piled([*middle, *upper], made)
        return select([named(value, name) for name, value in result], made, keep=False)

    def keeper(self, number: int) -> Keep:
        """What gives names to the pieces of a field's value, as columns."""

        def keep(layer: int, name: str, piece: Sql) -> Sql:
            column = f"field{number} {name}"
            self.kept[layer].append((column, piece))
            return col(column)

        return keep

    def checks(self) -> Layer:
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

    def events(self, above: Iterable[Layer]) -> list[Layer]:
        """What is seen in the events, their codes, the packed counters, and the lists of those
        that the layers above need."""
        codes = [("codes", code_column(self.plan, col("seen"), self.conditions.judge))]
        lists = self.hits.hit_columns(self.conditions.judge)
        late = used_pieces(column for layer in (*above, lists) for _, column in layer)
        used = late | used_pieces(column for _, column in codes)
        seen = seen_column(self.plan, self.program, col(self.scan.events), used)
        return [
            [("seen", seen)],
            codes,
            self.hits.dated(col("seen"), col("codes"), late & seen_pieces(seen)),
            word_columns(self.plan, col("codes")) + lists,
        ]

    def counts(self) -> Layer:
        """The counters, and what the lists tell."""
        if not self.program.reads_events:
            return []
        filtered = [
            (name, call("coalesce", call("len", self.hits.hits(events)), num(0)))
            for name, events in self.plan.filtered.items()
        ]
        return count_columns(self.plan) + filtered + self.hits.fact_columns()

    def asides(self) -> Layer:
        """The number of the first exclusion or freeze that is true, from 1; 0 for none."""
        tests = [self.conditions.judge(aside.condition) for aside in self.program.exclusions]
        if self.freezes:
            there = has_value(col(PLACE))
            tests += [
                both(there, self.conditions.judge(aside.condition))
                for aside in self.program.freezes
            ]
        if not tests:
            return []
        branches = [(test, num(number)) for number, test in enumerate(tests, 1)]
        return [("aside", cast(case(branches, num(0)), "INTEGER"))]

    def unique(self) -> list[int]:
        """The dimensions that report conflicts."""
        return [n for n, _ in enumerate(self.program.dimensions) if self.labels.truths(n)]

    def result(self) -> Layer:
        """The columns of the outcome."""
        reads = self.program.reads_events
        good = both(
            has_value(col("name")),
            no(col("bad")),
            *([binary("=", col(BAD), num(0))] if reads else []),
            *(no(unsure) for unsure in self.points.unsure()),
        )
        doubt = (
            is_null(col(self.scan.events))
            if reads and len(self.program.shape.events) == 1
            else FALSE
        )
        line = call("concat", *self.line.pieces())
        aside: list[tuple[Sql, Sql, int]] = []
        if self.program.exclusions:
            last = num(len(self.program.exclusions))
            aside.append((between(col("aside"), num(1), last), self.line.excluded(), EXCLUDED))
        if self.freezes:
            aside.append((binary("!=", col("aside"), num(0)), self.line.frozen(), FROZEN))
        if aside:
            line = case([(test, other) for test, other, _ in aside], line)
        became = case([(test, num(kind)) for test, _, kind in aside], num(SCORED))
        return [
            ("line", case([(good, line)])),
            ("hash", call("hash", col("name"))),
            ("doubt", cast(doubt, "UTINYINT")),
            ("later", cast(case([(good, col(LATER))], num(0)) if reads else num(0), "UINTEGER")),
            ("aside", cast(became if aside else num(SCORED), "UTINYINT")),
            *((f"d{n}", self.decided(n)) for n, _ in enumerate(self.program.dimensions)),
            *((f"u{n}", self.conflict(n)) for n in self.unique()),
            *(self.from_yesterday() if self.yesterday.given else []),
        ]

    def from_yesterday(self) -> Layer:
        """The number of the lead, and that of its result of yesterday."""
        place = call("coalesce", col(PLACE), num(0))
        return [
            (NUMBER_OF_LEAD, cast(col(NUMBER_OF_LEAD), "UBIGINT")),
            (PLACE, cast(place, "UBIGINT")),
        ]

    def decided(self, number: int) -> Sql:
        """What a dimension decided; the number behind the last where nothing is counted."""
        numbering = self.labels.numberings[number]
        found, uncounted = col(f"d{number}"), num(numbering.size + 1)
        if not self.asides():
            return found
        return cast(case([(self.is_scored(), found)], uncounted), numbering.type)

    def conflict(self, number: int) -> Sql:
        """Whether a `unique` dimension is in conflict."""
        found = self.labels.in_conflict(number)
        return cast(both(self.is_scored(), found) if self.asides() else found, "UTINYINT")

    def is_scored(self) -> Sql:
        """Whether a lead is neither excluded nor frozen."""
        return binary("=", col("aside"), num(0))


def _piled(layers: Iterable[Layer], made: exp.Select) -> exp.Select:
    """Layers on top of a select."""
    for layer in layers:
        if layer:
            made = select([named(value, name) for name, value in layer], made)
    return made


def _named(program: p.Program) -> Iterable[p.Events]:
    """All events that the rules name, and those they imply."""
    for node in walk(program):
        if isinstance(node, p.Events):
            yield node


def _counted(program: p.Program) -> Iterable[p.Events]:
    """The events of which the rules need the number."""
    for node in walk(program):
        match node:
            case p.Count(events) | p.Each(events, _, _):
                yield events
            case p.NoneSince():
                yield from since(node)


def _table(name: str, values: Iterable[int | None]) -> tuple[str, list[object]]:
    """A statement that sets a list of numbers, and its parameters."""
    return f"SET VARIABLE {name} = ?::BIGINT[]", [list(values)]


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
