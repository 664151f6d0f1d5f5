"""Yesterday's results in SQL: a table of what the rules ask of them, one row for a lead.

The leads are joined with it by their ids. DuckDB's joins do not keep the order of their
input when they work in parallel, nor when they do not fit into memory. So this query has a
single thread, the table has no lines (a lead that keeps its line gets the number of it,
`place`), and the leads are numbered before the join, so that a lost order is seen.
"""

from __future__ import annotations

from sqlglot import exp

from leadrules.engines.results import FROZEN_KEY, NUMBER
from leadrules.engines.sql_build import NULL, Sql, cast, col, named, select, text
from leadrules.model import program as p
from leadrules.model.frozen import walk

TABLE = "yesterday"
PLACE = "place"
_ID = "yesterday id"
NUMBER_OF_LEAD = "ordinal"


class Yesterday:
    """Writes what the rules ask of yesterday's results; without them, that is nothing."""

    def __init__(self, program: p.Program, given: bool) -> None:
        self.given = given and program.reads_previous
        nodes = list(walk(program))
        labels = [node.dimension for node in nodes if isinstance(node, p.Was)]
        labels += [
            node.name for node in nodes if isinstance(node, p.Dimension) and node.falls is not None
        ]
        scores = [node.block for node in nodes if isinstance(node, p.PreviousScore)]
        self.labels = list(dict.fromkeys(labels))
        self.scores = list(dict.fromkeys(scores))

    def label(self, dimension: str) -> Sql:
        """Yesterday's label of a dimension; NULL when there was none."""
        if not self.given:
            return cast(NULL, "VARCHAR")
        return col(f"was{self.labels.index(dimension)}")

    def score(self, block: str | None) -> Sql:
        """Yesterday's score, or that of a block, as a DOUBLE; NULL when there was none."""
        if not self.given:
            return cast(NULL, "DOUBLE")
        return col(f"before{self.scores.index(block)}")

    def table(self) -> str:
        """The statement that reads the file of results, which is its parameter."""
        columns = [f'"{name}"' for name in (PLACE, _ID, "sound")]
        score = "CASE WHEN number THEN {} END"
        for number, dimension in enumerate(self.labels):
            found = f"json_extract_string(line, {_pointer(dimension)})"
            is_text = f"json_type(line, {_pointer(dimension)}) = 'VARCHAR'"
            columns.append(f'CASE WHEN number AND {is_text} THEN {found} END AS "was{number}"')
        for number, block in enumerate(self.scores):
            keys = ("score",) if block is None else ("scores", block)
            found = f"CAST(json_extract(line, {_pointer(*keys)}) AS VARCHAR)"
            sound = f"CASE WHEN regexp_full_match({found}, '{NUMBER}') THEN {found} END"
            whole = score.format(f"TRY_CAST({sound} AS DOUBLE)")
            columns.append(f'{whole} AS "before{number}"')
        return f"""
            CREATE TABLE {TABLE} AS
            SELECT {", ".join(columns)}
            FROM (
                SELECT *, coalesce(regexp_full_match(score, '{NUMBER}'), false) AS number,
                    coalesce(starts_with(id, '"'), false)
                    AND (number OR (score IS NULL AND excluded IS NOT NULL)) AS sound,
                    '"' || json_extract_string(line, '/id') || '"' AS "{_ID}"
                FROM (
                    SELECT {PLACE}, line,
                        CAST(json_extract(line, '/id') AS VARCHAR) AS id,
                        CAST(json_extract(line, '/score') AS VARCHAR) AS score,
                        CAST(json_extract(line, '/excluded') AS VARCHAR) AS excluded
                    FROM (
                        SELECT row_number() OVER () - 1 AS {PLACE},
                            CASE WHEN json_valid(line)
                            THEN regexp_replace(line, {_literal(FROZEN_KEY)}, '}}', 's') END AS line
                        FROM read_csv(?, columns = {{'line': 'VARCHAR'}}, header = false,
                            auto_detect = false, delim = chr(1), quote = '', escape = '',
                            max_line_size = 134217728, strict_mode = false, compression = 'none')
                    )
                )
            )
        """

    def joined(self, leads: exp.Select) -> exp.Select:
        """The leads, with what there is of yesterday."""
        names = [PLACE, *(f"was{number}" for number, _ in enumerate(self.labels))]
        names += [f"before{number}" for number, _ in enumerate(self.scores)]
        columns = [
            exp.column(exp.Star(), table="s"),
            *(exp.column(exp.to_identifier(name, quoted=True), table=TABLE) for name in names),
        ]
        same = exp.EQ(
            this=exp.column("name", table="s"),
            expression=exp.column(exp.to_identifier(_ID, quoted=True), table=TABLE),
        )
        numbered = select([named(_number(), NUMBER_OF_LEAD)], leads)
        made = exp.Select(expressions=columns).from_(numbered.subquery("s", copy=False), copy=False)
        return made.join(exp.to_table(TABLE), on=same, join_type="left", copy=False)


# With the leads as the other side of the join, or with several threads, their order would
# be lost.
KEEP_ORDER = (
    "SET disabled_optimizers = 'build_side_probe_side'",
    "SET threads = 1",
)
FIRST_BAD = f"SELECT min({PLACE}) FROM {TABLE} WHERE NOT sound"
FIRST_TWICE = f"""
    SELECT "{_ID}", max({PLACE}) FROM {TABLE} GROUP BY 1 HAVING count(*) > 1 ORDER BY 2 LIMIT 1
"""


def _number() -> Sql:
    return exp.Window(this=exp.RowNumber())


def _pointer(*keys: str) -> str:
    """The place of a key inside objects, as an SQL text."""
    return _literal("".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys))


def _literal(value: str) -> str:
    return text(value).sql("duckdb")
