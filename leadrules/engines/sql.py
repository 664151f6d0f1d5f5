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

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import assert_never
from zoneinfo import ZoneInfo

from sqlglot import exp

from leadrules.engines.reference import limited
from leadrules.engines.sql_build import (
    FALSE,
    NULL,
    Sql,
    array,
    at,
    binary,
    both,
    call,
    case,
    cast,
    col,
    each,
    either,
    has_value,
    is_null,
    like,
    member,
    named,
    no,
    num,
    one_of,
    select,
    text,
    total,
)
from leadrules.engines.sql_events import (
    BAD,
    LATER,
    MOST_EVENTS,
    code_columns,
    count_columns,
    filtered_column,
    plan_events,
    table_name,
    value_of,
    word_columns,
)
from leadrules.engines.sql_values import (
    OFFSETS,
    Value,
    inner,
    json_type,
    offsets,
    quoted,
    read_value,
)
from leadrules.model import program as p
from leadrules.model.instant import Interval, Moment, Window, find_zone
from leadrules.model.letters import BLANKS
from leadrules.model.valid import EMAIL, EMAIL_LENGTH, EMAIL_LOCAL_LENGTH, LA_POSTE
from leadrules.model.verdict import Paid, paid, points, quote

EVERYTHING = (p.Kind(None, None),)


class Gap(Exception):
    """A ruleset that cannot be written in SQL; the message says why."""


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
    writer = _Writer(program, as_of)
    zone = writer.zone
    setup: list[tuple[str, list[object]]] = [("SET timezone = 'UTC'", [])]
    for number, table in enumerate(writer.plan.words):
        setup.append((f"SET VARIABLE {table_name(number)} = ?::BIGINT[]", [list(table)]))
    if zone is not None:
        # As runs of equal numbers: a list of all the days would take long to read.
        runs = ",".join(
            f"list_resize([]::INTEGER[], {len(list(days))}, {'NULL' if east is None else east})"
            for east, days in groupby(offsets(zone))
        )
        setup.append((f"SET VARIABLE {OFFSETS} = flatten([{runs}])", []))
    return Query(tuple(setup), writer.query(format_).sql("duckdb"), program.reads_events)


class _Writer:
    def __init__(self, program: p.Program, as_of: int) -> None:
        self.program = program
        self.as_of = as_of
        self.zone: ZoneInfo | None = find_zone(program.zone)
        self.fields = {field: number for number, field in enumerate(program.fields)}
        self.plan = plan_events(_counted(program), as_of, self.zone)
        # Points are whole hundredths; when all of them are whole points, whole points do.
        self.unit = 1 if _whole_points(program) else 100

    # --- the pile of selects -------------------------------------------------------

    def query(self, format_: str) -> exp.Select:
        """All of it."""
        made = self.scan(format_)
        for step in self.unpacked():
            made = select([named(value, name) for name, value in step], made)
        for layer in (
            self.values,
            self.folds,
            self.codes,
            self.sure_codes,
            self.words,
            self.counts,
        ):
            made = select([named(value, name) for name, value in layer()], made)
        made = select([named(value, name) for name, value in self.fires()], made)
        made = select([named(value, name) for name, value in self.earned()], made)
        made = select([named(value, name) for name, value in self.limited()], made)
        made = select([named(self.score(), "score")], made)
        made = select([named(value, name) for name, value in self.labels()], made)
        return select([named(value, name) for name, value in self.result()], made, keep=False)

    def scan(self, format_: str) -> exp.Select:
        """The records, with the top-level keys that are needed."""
        keys = list(dict.fromkeys(path[0] for path in self.paths()))
        columns = dict.fromkeys(keys, "JSON")
        if self.program.reads_events and len(self.program.shape.events) == 1:
            columns[self.program.shape.events[0]] = self.event_type()
        _refuse_clash(columns)
        listed = exp.Struct(
            expressions=[
                exp.PropertyEQ(this=exp.to_identifier(key, quoted=True), expression=text(type_))
                for key, type_ in columns.items()
            ]
        )
        options: dict[str, Sql] = {
            "columns": listed,
            "format": text(format_),
            "ignore_errors": exp.true(),
            "maximum_object_size": num(MOST_BYTES),
        }
        table = exp.Anonymous(
            this="read_json",
            expressions=[
                exp.Placeholder(),
                *(exp.EQ(this=exp.to_identifier(k), expression=v) for k, v in options.items()),
            ],
        )
        # As plain text: what is compared with JSON is taken for JSON itself.
        raw = [
            named(cast(col(key), "VARCHAR") if type_ == "JSON" else col(key), _raw((key,)))
            for key, type_ in columns.items()
        ]
        return exp.Select(expressions=raw).from_(exp.Table(this=table), copy=False)

    def unpacked(self) -> Iterable[list[tuple[str, Sql]]]:
        """For each depth of nesting, the objects of that depth taken apart."""
        shape = self.program.shape
        deepest = max(len(path) for path in self.paths())
        for depth in range(1, deepest):
            parents: dict[tuple[str, ...], list[str]] = {}
            for path in self.paths():
                if len(path) > depth:
                    keys = parents.setdefault(path[:depth], [])
                    if path[depth] not in keys:
                        keys.append(path[depth])
            opened = []
            taken = []
            for parent, keys in parents.items():
                _refuse_clash(keys)
                raw = col(_raw(parent))
                opened.append(
                    (
                        _raw(parent) + " opened",
                        case(
                            [
                                (
                                    call("starts_with", raw, text("{")),
                                    call("from_json", raw, text(json_type(keys))),
                                )
                            ]
                        ),
                    )
                )
                taken += [
                    (
                        _raw((*parent, key)),
                        cast(member(col(_raw(parent) + " opened"), key), "VARCHAR"),
                    )
                    for key in keys
                ]
            yield opened
            yield taken
        if self.program.reads_events and len(shape.events) > 1:
            raw = col(_raw(shape.events))
            structure = json.dumps(
                [dict.fromkeys([shape.type, *self.property_keys()], "JSON") | {shape.at: "VARCHAR"}]
            )
            yield [
                (
                    EVENTS,
                    case(
                        [
                            (
                                call("starts_with", raw, text("[")),
                                call("from_json", raw, text(structure)),
                            )
                        ]
                    ),
                )
            ]

    def values(self) -> list[tuple[str, Sql]]:
        """The value of each field, and whether the record is a good one so far."""
        columns: list[tuple[str, Sql]] = []
        bad: list[Sql] = []
        for field, number in self.fields.items():
            value = read_value(field, col(_raw(field.path)), self.zone)
            bad.append(value.bad)
            columns.append((f"v{number}", value.value))
            if value.items is not None:
                columns.append((f"i{number}", value.items))
        read = [field.path for field in self.fields]
        if self.program.reads_events:
            read.append(self.program.shape.events)
        parents = {path[:d]: None for path in read for d in range(1, len(path))}
        for parent in parents:
            raw = col(_raw(parent))
            bad.append(both(has_value(raw), no(call("starts_with", raw, text("{")))))
        shape = self.program.shape
        if self.program.reads_events:
            events = col(self.events)
            bad.append(call("coalesce", binary(">", call("len", events), num(MOST_EVENTS)), FALSE))
            if len(shape.events) > 1:
                raw = col(_raw(shape.events))
                bad.append(both(has_value(raw), no(call("starts_with", raw, text("[")))))
        columns.append(("bad", call("coalesce", either(*bad), FALSE) if bad else FALSE))
        columns.append(("name", _identity(col(_raw(shape.id)))))
        return columns

    def folds(self) -> list[tuple[str, Sql]]:
        """The folded form of texts and of lists of texts."""
        columns: list[tuple[str, Sql]] = []
        for field, number in self.fields.items():
            value = self.value(field, None)
            if value.folded is not None:
                columns.append((f"k{number}", call("lower", value.value)))
            if value.items is not None:
                columns.append((f"j{number}", _folded_items(value.items)))
        return columns

    def codes(self) -> list[tuple[str, Sql]]:
        """The events as codes, those in plain spelling."""
        if not self.program.reads_events:
            return []
        events = col(self.events)
        return [("usual", code_columns(self.plan, self.program, events)[0])]

    def sure_codes(self) -> list[tuple[str, Sql]]:
        """The codes again, of the lists with events in another spelling."""
        if not self.program.reads_events:
            return []
        return [("codes", code_columns(self.plan, self.program, col(self.events))[1])]

    def words(self) -> list[tuple[str, Sql]]:
        """The packed counters, and the counts of events that have a filter."""
        if not self.program.reads_events:
            return []
        filtered = [
            (name, filtered_column(self.plan, wanted, col(self.events), col("codes"), self.judge))
            for name, wanted in self.plan.filtered.items()
        ]
        return word_columns(self.plan, col("codes")) + filtered

    def counts(self) -> list[tuple[str, Sql]]:
        """The counters."""
        return count_columns(self.plan) if self.program.reads_events else []

    def fires(self) -> list[tuple[str, Sql]]:
        """For each rule, how often it pays: a truth for one that pays once."""
        columns: list[tuple[str, Sql]] = []
        for number, rule in self.rules():
            match rule.pays:
                case p.Once(condition):
                    fires = call("coalesce", self.judge(condition), FALSE)
                case p.Each(events, None):
                    fires = self.count(events)
                case p.Each(events, when):
                    assert when is not None
                    fires = case([(self.judge(when), self.count(events))], num(0))
            columns.append((f"r{number}", fires))
        return columns

    def earned(self) -> list[tuple[str, Sql]]:
        """For each rule that pays more than once, what it earned before its limits."""
        return [
            (f"e{number}", binary("*", col(f"r{number}"), num(rule.points * self.unit // 100)))
            for number, rule in self.rules()
            if isinstance(rule.pays, p.Each)
        ]

    def limited(self) -> list[tuple[str, Sql]]:
        """What each block earned before its limits."""
        columns = []
        for number, (_, rules) in enumerate(self.blocks()):
            columns.append((f"b{number}", total([self.paid(n, rule) for n, rule in rules])))
        return columns

    def score(self) -> Sql:
        """The score."""
        return total([self.block(number) for number, _ in enumerate(self.program.blocks)])

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
                branches.append((self.judge(rule.condition), num(place)))
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
            is_null(col(self.events)) if reads and len(self.program.shape.events) == 1 else FALSE
        )
        return [
            ("line", case([(good, call("concat", *self.line()))])),
            ("hash", call("hash", col("name"))),
            ("doubt", cast(doubt, "UTINYINT")),
            ("later", cast(case([(good, col(LATER))], num(0)) if reads else num(0), "UINTEGER")),
            *((f"d{n}", col(f"d{n}")) for n, _ in enumerate(self.program.dimensions)),
        ]

    # --- the line ------------------------------------------------------------------

    def line(self) -> list[Sql]:
        """The pieces of a finished line, as model.verdict.line writes it."""
        pieces: list[Sql] = [
            text('{"id":'),
            col("name"),
            text(',"score":'),
            self.shown(col("score")),
        ]
        scores = [
            (block.name, number)
            for number, block in enumerate(self.program.blocks)
            if block.name is not None
        ]
        for place, (name, number) in enumerate(scores):
            start = ',"scores":{' if place == 0 else ","
            pieces += [text(f"{start}{quote(name)}:"), self.shown(self.block(number))]
        if scores:
            pieces.append(text("}"))
        reasons = []
        for number, dimension in enumerate(self.program.dimensions):
            labels = ["null", *(quote(rule.label) for rule in dimension.rules)]
            pieces += [text(f",{quote(dimension.name)}:"), _chosen(labels, f"d{number}")]
            if any(rule.reason is not None for rule in dimension.rules):
                said = [
                    "" if rule.reason is None else f",{quote(dimension.name)}:{quote(rule.reason)}"
                    for rule in dimension.rules
                ]
                reasons.append(_chosen(["", *said], f"d{number}"))
        if reasons:
            joined = call("concat", *reasons)
            some = call("concat", text(',"reasons":{'), call("substr", joined, num(2)), text("}"))
            pieces.append(case([(binary("!=", joined, text("")), some)], text("")))
        pieces += [text(',"fired":['), call("substr", self.fired(), num(2)), text("]}\n")]
        return pieces

    def fired(self) -> Sql:
        """The items of `fired`, each behind a comma."""
        items: list[Sql] = []
        for number, (block, rules) in enumerate(self.blocks()):
            items += [self.item(n, rule) for n, rule in rules]
            items += self.limit_items(number, block)
        return call("concat", *items) if items else text("")

    def item(self, number: int, rule: p.PointsRule) -> Sql:
        """One rule in `fired`, or an empty text when it did not fire."""
        fires = col(f"r{number}")
        if isinstance(rule.pays, p.Once):
            allowed, limit = limited(rule.points, rule.limits)
            earned = None if limit is None else rule.points
            whole = paid(Paid(rule.name, allowed, limit, earned, rule.reason))
            return case([(fires, text("," + whole))], text(""))
        pieces = [
            text(f',{{"rule":{quote(rule.name)},"points":'),
            self.shown(self.paid(number, rule)),
        ]
        limits = self.limit_texts(col(f"e{number}"), rule.limits)
        if limits is not None:
            pieces.append(limits)
        end = "}" if rule.reason is None else f',"reason":{quote(rule.reason)}}}'
        whole_item = call("concat", *pieces, text(end))
        return case([(binary("=", fires, num(0)), text(""))], whole_item)

    def limit_items(self, number: int, block: p.Block) -> list[Sql]:
        """What the limits of a block took or gave, in `fired`."""
        if block.name is None:
            return []
        earned = col(f"b{number}")
        limits = self.limit_texts(earned, block.limits)
        if limits is None:
            return []
        difference = binary("-", self.block(number), earned)
        item = call(
            "concat",
            text(f',{{"rule":{quote(block.name)},"points":'),
            self.shown(difference),
            limits,
            text("}"),
        )
        return [case([(binary("!=", difference, num(0)), item)], text(""))]

    def limit_texts(self, earned: Sql, limits: p.Limits) -> Sql | None:
        """The limit that acted and what was earned, or an empty text; None without limits."""
        branches = []
        for operator, word, value in ((">", "max", limits.high), ("<", "min", limits.low)):
            if value is not None:
                said = text(f',"limit":{quote(f"{word} {points(value)}")},"earned":')
                acted = binary(operator, earned, num(self.in_units(value)))
                branches.append((acted, call("concat", said, self.shown(earned))))
        return case(branches, text("")) if branches else None

    def shown(self, amount: Sql) -> Sql:
        """Points as model.verdict.points writes them."""
        whole = cast(amount, "VARCHAR")
        if self.unit == 1:
            return whole
        size = call("abs", amount)
        rest = binary("%", size, num(100))
        decimals = call("rtrim", call("lpad", cast(rest, "VARCHAR"), num(2), text("0")), text("0"))
        sign = case([(binary("<", amount, num(0)), text("-"))], text(""))
        return call(
            "concat",
            sign,
            cast(binary("//", size, num(100)), "VARCHAR"),
            case([(binary("=", rest, num(0)), text(""))], call("concat", text("."), decimals)),
        )

    # --- points --------------------------------------------------------------------

    def rules(self) -> list[tuple[int, p.PointsRule]]:
        """All points rules, numbered."""
        return list(enumerate(rule for block in self.program.blocks for rule in block.rules))

    def blocks(self) -> list[tuple[p.Block, list[tuple[int, p.PointsRule]]]]:
        """The blocks with their numbered rules."""
        numbered = iter(self.rules())
        return [(block, [next(numbered) for _ in block.rules]) for block in self.program.blocks]

    def paid(self, number: int, rule: p.PointsRule) -> Sql:
        """What a rule pays, within its limits."""
        fires = col(f"r{number}")
        if isinstance(rule.pays, p.Once):
            amount = self.in_units(limited(rule.points, rule.limits)[0])
            return case([(fires, num(amount))], num(0))
        within = self.clamped(col(f"e{number}"), rule.limits)
        if rule.limits.low is None and (rule.limits.high is None or rule.limits.high >= 0):
            return within
        return case([(binary("=", fires, num(0)), num(0))], within)

    def block(self, number: int) -> Sql:
        """What a block pays, within its limits."""
        return self.clamped(col(f"b{number}"), self.program.blocks[number].limits)

    def clamped(self, amount: Sql, limits: p.Limits) -> Sql:
        """An amount within limits."""
        branches = []
        if limits.high is not None:
            high = num(self.in_units(limits.high))
            branches.append((binary(">", amount, high), high))
        if limits.low is not None:
            low = num(self.in_units(limits.low))
            branches.append((binary("<", amount, low), low))
        return case(branches, amount) if branches else amount

    def in_units(self, hundredths: int) -> int:
        """Hundredths of a point in the unit that the query counts in."""
        return hundredths * self.unit // 100

    # --- conditions ----------------------------------------------------------------

    def judge(self, condition: p.Condition, event: Sql | None = None) -> Sql:
        """A condition as a truth that is NULL when unknown; inside a filter, of an event."""

        def value(field: p.Field) -> Value:
            return self.value(field, event)

        match condition:
            case p.All(items):
                return both(*(self.judge(item, event) for item in items))
            case p.Any_(items):
                return either(*(self.judge(item, event) for item in items))
            case p.Not(item):
                return no(self.judge(item, event))
            case p.Compare():
                return self.compare(condition, event)
            case p.InSpans(number, spans):
                return _in_spans(self.number(number, event), spans)
            case p.IsText(text_, values, exactly):
                return one_of(self.text(text_, exactly, event), [quoted(v) for v in values])
            case p.SameText(left, right, exactly):
                return binary(
                    "=", self.text(left, exactly, event), self.text(right, exactly, event)
                )
            case p.Has():
                return self.has(condition, event)
            case p.Matches(text_, pattern, exactly):
                found = inner(self.text(text_, True, event))
                return call("regexp_matches", found, text(pattern), text("c" if exactly else "i"))
            case p.Valid(text_, check):
                found = inner(self.text(text_, True, event))
                return {"email": _valid_email, "siren": _valid_siren, "siret": _valid_siret}[check](
                    found
                )
            case p.IsTrue(field):
                return value(field).value
            case p.During(date, window):
                return _during(value(date).value, window.resolve(self.as_of, self.zone))
            case p.CompareDates(order, left_date, right_date):
                return binary(order, value(left_date).value, value(right_date).value)
            case p.Known(known):
                return self.known(known, event)
            case p.Empty(field):
                return _empty(field, value(field))
            case p.NoneSince():
                return self.none_since(condition)
            case _:
                assert_never(condition)

    def compare(self, condition: p.Compare, event: Sql | None) -> Sql:
        """Two numbers; whole ones are compared as such where both sides are."""
        left, right = condition.left, condition.right
        if isinstance(right, p.Constant):
            if isinstance(left, p.Count) and right.value.is_integer():
                return binary(condition.operator, self.count(left.events), num(int(right.value)))
            scaled = right.value * self.unit
            if isinstance(left, p.Score) and right.value.is_integer():
                return binary(condition.operator, self.points_of(left), num(int(scaled)))
        return binary(condition.operator, self.number(left, event), self.number(right, event))

    def has(self, condition: p.Has, event: Sql | None) -> Sql:
        """`contains` and its like, on a text or on a list."""
        chain = both if condition.every else either
        if isinstance(condition.text, p.Field) and condition.text.type in ("list", "text or list"):
            found = self.value(condition.text, event)
            items = found.items
            if items is not None and not condition.exactly:
                # Of a lead there is a column of it; of an event it is worked out here.
                items = found.folded_items or _folded_items(items)
            if items is None:
                whole = found.value if condition.exactly else found.folded
                assert whole is not None
                return chain(*(_contains(whole, value) for value in condition.values))
            wanted = array([quoted(value.strip(BLANKS)) for value in condition.values])
            in_list = call("list_has_all" if condition.every else "list_has_any", items, wanted)
            if condition.text.type == "list":
                return in_list
            whole = found.value if condition.exactly else found.folded
            assert whole is not None
            in_text = chain(*(_contains(whole, value) for value in condition.values))
            return case([(has_value(items), in_list)], in_text)
        whole = self.text(condition.text, condition.exactly, event)
        tests: list[Sql] = []
        for value in condition.values:
            match condition.how:
                case "contains":
                    tests.append(_contains(whole, value))
                case "starts":
                    tests.append(_starts(whole, value))
                case "ends":
                    tests.append(_ends(whole, value))
                case "like":
                    pattern = "".join(
                        "%" if c == "*" else f"\\{c}" if c in "%_\\" else c for c in value
                    )
                    tests.append(like(whole, f'"{pattern}"'))
        return chain(*tests)

    def known(self, value: p.Number | p.Text, event: Sql | None) -> Sql:
        """Whether a value is there."""
        if isinstance(value, p.Domain):
            return has_value(self.text(value, True, event))
        if not isinstance(value, p.Field):
            return has_value(self.number(value, event))
        there = self.value(value, event)
        if value.type == "text or list" and there.items is not None:
            return either(has_value(there.value), has_value(there.items))
        return has_value(there.value)

    def none_since(self, condition: p.NoneSince) -> Sql:
        """`no E for D`."""
        after, before = _since(condition)
        created = self.value(condition.created, None).value
        until = Window(until=condition.since).resolve(self.as_of, self.zone)
        old = call("coalesce", _during(created, until), FALSE)
        seen = binary(">", self.count(before), num(0))
        return case(
            [
                (binary(">", self.count(after), num(0)), FALSE),
                (either(old, seen), exp.true()),
            ],
            NULL,
        )

    # --- values --------------------------------------------------------------------

    def value(self, field: p.Field, event: Sql | None) -> Value:
        """A field's value: of the lead from its columns, of an event from the event."""
        if field.of_event:
            assert event is not None
            if len(field.path) > 1:
                raise Gap(f"`{'.'.join(field.path)}` is nested inside an event")
            return value_of(field, event, self.zone)
        number = self.fields[field]
        has_fold = field.type in ("text", "text or list")
        has_items = field.type in ("list", "text or list")
        return Value(
            col(f"v{number}"),
            FALSE,
            col(f"k{number}") if has_fold else None,
            col(f"i{number}") if has_items else None,
            col(f"j{number}") if has_items else None,
        )

    def number(self, number: p.Number, event: Sql | None) -> Sql:
        """A number as a DOUBLE, NULL when missing."""
        match number:
            case p.Field():
                return self.value(number, event).value
            case p.Constant(constant):
                return num(constant)
            case p.Count(events):
                return cast(self.count(events), "DOUBLE")
            case p.Length(text_):
                whole = self.text(text_, True, event)
                return cast(binary("-", call("length", whole), num(2)), "DOUBLE")
            case p.Score():
                amount = cast(self.points_of(number), "DOUBLE")
                return amount if self.unit == 1 else binary("/", amount, num(100.0))
            case p.Arithmetic(operator, left, right):
                result = binary(operator, self.number(left, event), self.number(right, event))
                return case([(call("isfinite", result), result)])
            case _:
                assert_never(number)

    def text(self, text_: p.Text, exactly: bool, event: Sql | None) -> Sql:
        """A text in quotes, folded unless `exactly`; NULL when missing."""
        if isinstance(text_, p.Field):
            found = self.value(text_, event)
            whole = found.value if exactly else found.folded
            assert whole is not None
            return whole
        address = self.text(text_.text, exactly, event)
        behind = at(call("string_split", address, text("@")), num(-1))
        domain = call("concat", text('"'), call("ltrim", behind, text(BLANKS)))
        good = both(call("contains", address, text("@")), binary("!=", domain, text('""')))
        return case([(good, domain)])

    def count(self, events: p.Events) -> Sql:
        """How many events there are."""
        return col(self.plan.counts[events])

    def points_of(self, score: p.Score) -> Sql:
        """The score, or that of a block, in the unit that the query counts in."""
        if score.block is None:
            return col("score")
        names = [block.name for block in self.program.blocks]
        return self.block(names.index(score.block))

    # --- records -------------------------------------------------------------------

    @property
    def events(self) -> str:
        """The column of the list of events."""
        shape = self.program.shape
        return _raw(shape.events) if len(shape.events) == 1 else EVENTS

    def paths(self) -> list[tuple[str, ...]]:
        """The paths that are read as raw JSON."""
        shape = self.program.shape
        found = [shape.id, *(field.path for field in self.program.fields)]
        if self.program.reads_events and len(shape.events) > 1:
            found.append(shape.events)
        return list(dict.fromkeys(found))

    def property_keys(self) -> list[str]:
        """The keys of events that the rules read."""
        return list(dict.fromkeys(field.path[0] for field in self.program.properties))

    def event_type(self) -> str:
        """The type of the list of events: raw JSON, but for the timestamp."""
        shape = self.program.shape
        keys = {shape.type: "JSON"} | dict.fromkeys(self.property_keys(), "JSON")
        keys[shape.at] = "VARCHAR"
        _refuse_clash(keys)
        members = ", ".join(f'"{_identifier(key)}" {type_}' for key, type_ in keys.items())
        return f"STRUCT({members})[]"


MOST_BYTES = 64 << 20
EVENTS = "events.list"


def _raw(path: Sequence[str]) -> str:
    # Not joined by dots: the key `a.b` is another than the key `b` inside `a`.
    return "raw " + json.dumps(path, ensure_ascii=False)


def _identifier(key: str) -> str:
    return key.replace('"', '""')


def _refuse_clash(keys: Iterable[str]) -> None:
    """DuckDB's names do not know upper and lower case; leads' keys do."""
    seen: dict[str, str] = {}
    for key in keys:
        other = seen.setdefault(key.casefold(), key)
        if other != key:
            raise Gap(f"the fields `{other}` and `{key}` differ only in case")


def _counted(program: p.Program) -> Iterable[p.Events]:
    for node in p.walk((program.blocks, program.dimensions)):
        match node:
            case p.Count(events) | p.Each(events, _):
                yield events
            case p.NoneSince():
                yield from _since(node)


def _since(condition: p.NoneSince) -> tuple[p.Events, p.Events]:
    after = p.Events(condition.events.kinds, Window(after=condition.since, until=Moment()))
    return after, p.Events(EVERYTHING, Window(until=condition.since))


def _whole_points(program: p.Program) -> bool:
    amounts = [
        amount
        for node in p.walk(program.blocks)
        if isinstance(node, p.PointsRule | p.Block)
        for amount in (
            node.limits.low,
            node.limits.high,
            node.points if isinstance(node, p.PointsRule) else 0,
        )
    ]
    return all(amount is None or amount % 100 == 0 for amount in amounts)


def _chosen(texts: Sequence[str], column: str) -> Sql:
    """The text whose number, from 0, stands in a column."""
    branches = [(binary("=", col(column), num(n)), text(t)) for n, t in enumerate(texts)]
    return case(branches[1:], text(texts[0])) if len(branches) > 1 else text(texts[0])


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


def _folded_items(items: Sql) -> Sql:
    return each(items, lambda item: call("lower", item), "i")


def _empty(field: p.Field, found: Value) -> Sql:
    """Whether a field is missing or a list without items."""
    if field.type == "anything":
        return either(is_null(found.value), binary("=", found.value, text("[]")))
    if found.items is None:
        return is_null(found.value)
    none = call("coalesce", binary("=", call("len", found.items), num(0)), exp.true())
    return none if field.type == "list" else both(is_null(found.value), none)


def _during(instant: Sql, interval: Interval) -> Sql:
    """Whether an instant, in microseconds, lies in an interval."""
    tests = []
    if interval.low is not None:
        tests.append(binary(">=", instant, num(-(-interval.low // 1000))))
    if interval.high is not None:
        tests.append(binary("<", instant, num(-(-interval.high // 1000))))
    return both(*tests)


def _in_spans(value: Sql, spans: Sequence[p.Span]) -> Sql:
    single = [num(span.low) for span in spans if span.low is not None and span.low == span.high]
    tests = [_in_span(value, span) for span in spans if span.low is None or span.low != span.high]
    return either(*([one_of(value, single)] if single else []), *tests)


def _in_span(value: Sql, span: p.Span) -> Sql:
    tests = []
    if span.low is not None:
        tests.append(binary(">=", value, num(span.low)))
    if span.high is not None:
        tests.append(binary("<" if span.open else "<=", value, num(span.high)))
    return both(*tests)


def _contains(whole: Sql, value: str) -> Sql:
    # The quotes around the text must not be found.
    return call("contains", inner(whole) if '"' in value else whole, text(value))


def _starts(whole: Sql, value: str) -> Sql:
    if '"' in value:
        return call("starts_with", inner(whole), text(value))
    return call("starts_with", whole, text(f'"{value}'))


def _ends(whole: Sql, value: str) -> Sql:
    if '"' in value:
        return call("ends_with", inner(whole), text(value))
    return call("ends_with", whole, text(f'{value}"'))


def _valid_email(found: Sql) -> Sql:
    local = at(call("string_split", found, text("@")), num(1))
    return both(
        call("regexp_matches", found, text(EMAIL)),
        binary("<=", call("length", found), num(EMAIL_LENGTH)),
        binary("<=", call("length", local), num(EMAIL_LOCAL_LENGTH)),
    )


def _valid_siren(found: Sql) -> Sql:
    digits = call("replace", found, text(" "), text(""))
    return _if_digits(digits, 9, _divides(10, _luhn(digits, 9)))


def _valid_siret(found: Sql) -> Sql:
    digits = call("replace", found, text(" "), text(""))
    plain = total([_digit(digits, place) for place in range(1, 15)])
    post = both(call("starts_with", digits, text(LA_POSTE)), _divides(5, plain))
    return _if_digits(digits, 14, either(_divides(10, _luhn(digits, 14)), post))


def _if_digits(digits: Sql, length: int, test: Sql) -> Sql:
    right = call("regexp_full_match", digits, text(f"[0-9]{{{length}}}"))
    return case([(is_null(digits), NULL), (right, test)], FALSE)


def _digit(digits: Sql, place: int) -> Sql:
    return cast(call("substr", digits, num(place), num(1)), "INTEGER", strict=False)


def _luhn(digits: Sql, length: int) -> Sql:
    doubled = array([num(n) for n in (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)])
    return total(
        [
            at(doubled, binary("+", _digit(digits, place), num(1)))
            if (length - place) % 2
            else _digit(digits, place)
            for place in range(1, length + 1)
        ]
    )


def _divides(by: int, number: Sql) -> Sql:
    return binary("=", binary("%", number, num(by)), num(0))
