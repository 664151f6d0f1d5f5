"""Conditions and the values in them, in SQL.

A condition becomes a truth that is NULL when unknown. Values of the lead, counts, scores
and labels are columns of the layers below; `event` is what is seen in the one at hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from sqlglot import exp

from leadrules.engines.sql_build import (
    FALSE,
    NULL,
    Gap,
    Sql,
    array,
    at,
    between,
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
    no,
    num,
    one_of,
    text,
    total,
)
from leadrules.engines.sql_events import EventPlan, seen_value
from leadrules.engines.sql_hits import Hits
from leadrules.engines.sql_numbers import finite, finite_once, largest, smallest
from leadrules.engines.sql_previous import Yesterday
from leadrules.engines.sql_valid import valid_email, valid_siren, valid_siret
from leadrules.engines.sql_values import Value, inner, quoted
from leadrules.model import program as p
from leadrules.model.instant import Interval, Moment, Window
from leadrules.model.letters import BLANKS

EVERYTHING = (p.Kind(None, None),)


class Conditions:
    """Writes the conditions of a program.

    `values` are those of the lead. `unit` is how many units of points the query counts for
    one point.
    """

    def __init__(
        self,
        program: p.Program,
        plan: EventPlan,
        hits: Hits,
        yesterday: Yesterday,
        values: Mapping[p.Field, Value],
        unit: int,
    ) -> None:
        self.program = program
        self.plan = plan
        self.hits = hits
        self.yesterday = yesterday
        self.values = values
        self.unit = unit

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
                return {"email": valid_email, "siren": valid_siren, "siret": valid_siret}[check](
                    found
                )
            case p.IsTrue(field):
                return value(field).value
            case p.During(date, window):
                return _during(value(date).value, window.resolve(self.plan.as_of, self.plan.zone))
            case p.CompareDates(order, left_date, right_date):
                return binary(order, value(left_date).value, value(right_date).value)
            case p.Known(known):
                return self.known(known, event)
            case p.Empty(field):
                return _empty(field, value(field))
            case p.NoneSince():
                return self.none_since(condition)
            case p.NoneAfter():
                return self.hits.none_after(condition)
            case p.Followed():
                return self.hits.followed(condition)
            case p.HasLabel(dimension, labels):
                return one_of(self.label(dimension), [text(label) for label in labels])
            case p.LabelKnown(dimension):
                return has_value(self.label(dimension))
            case p.Was(dimension, label):
                before = self.yesterday.label(dimension)
                return call("coalesce", binary("=", before, text(label)), FALSE)
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
                items = found.folded_items
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
        after, before = since(condition)
        created = self.value(condition.created, None).value
        until = Window(until=condition.since).resolve(self.plan.as_of, self.plan.zone)
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
        if not field.of_event:
            return self.values[field]
        assert event is not None
        if len(field.path) > 1:
            raise Gap(f"`{'.'.join(field.path)}` is nested inside an event")
        return seen_value(self.program, field, event)

    def number(self, number: p.Number, event: Sql | None) -> Sql:
        """A number as a DOUBLE, NULL when missing."""
        found = self.unchecked(number, event)
        return finite(found) if _can_overflow(number) else found

    def unchecked(self, number: p.Number, event: Sql | None) -> Sql:
        """The same, but it may be infinite or NaN."""
        match number:
            case p.Field():
                return self.value(number, event).value
            case p.Constant(constant):
                return num(constant)
            case p.Count(events):
                return cast(self.count(events), "DOUBLE")
            case p.Aggregate() | p.Distinct() | p.Since():
                return self.hits.number(number)
            case p.Length(text_):
                whole = self.text(text_, True, event)
                return cast(binary("-", call("length", whole), num(2)), "DOUBLE")
            case p.Score():
                amount = cast(self.points_of(number), "DOUBLE")
                return amount if self.unit == 1 else binary("/", amount, num(100.0))
            case p.Met(checklist):
                return cast(self.met(checklist), "DOUBLE")
            case p.PreviousScore(block):
                return self.yesterday.score(block)
            case p.Function("min" | "max" as name, arguments):
                best = smallest if name == "min" else largest
                return best([self.safe(argument, event) for argument in arguments])
            case p.Function(name, arguments):
                return call(name, self.unchecked(arguments[0], event))
            case p.Arithmetic("/", left, right):
                return binary("/", self.unchecked(left, event), self.safe(right, event))
            case p.Arithmetic(operator, left, right):
                return binary(operator, self.unchecked(left, event), self.unchecked(right, event))
            case _:
                assert_never(number)

    def safe(self, number: p.Number, event: Sql | None) -> Sql:
        """A number inside a larger one, where infinity would get lost."""
        found = self.unchecked(number, event)
        return finite_once(found) if _can_overflow(number) else found

    def text(self, text_: p.Text, exactly: bool, event: Sql | None) -> Sql:
        """A text in quotes, folded unless `exactly`; NULL when missing."""
        if isinstance(text_, p.Field):
            found = self.value(text_, event)
            whole = found.value if exactly else found.folded
            assert whole is not None
            return whole
        address = self.text(text_.text, exactly, event)
        behind = at(call("string_split", address, text("@")), num(-1))

        def domain(behind: Sql) -> Sql:
            # Trimming takes a microsecond, and there is nearly never anything to trim.
            trimmed = call("ltrim", behind, text(BLANKS))
            some = binary("!=", trimmed, text('"'))
            plain = between(behind, text("#"), text("~"))
            found = case([(plain, behind), (some, trimmed)])
            return binary("||", text('"'), found)

        # Written once, so that DuckDB splits the address once.
        once = at(each(array([behind]), domain, "d"), num(1))
        return case([(call("contains", address, text("@")), once)])

    def count(self, events: p.Events) -> Sql:
        """How many events there are."""
        return col(self.plan.counts[events])

    def points_of(self, score: p.Score) -> Sql:
        """The score, or that of a block, in the unit that the query counts in."""
        if score.block is None:
            return col("score")
        names = [block.name for block in self.program.blocks]
        return col(block_column(names.index(score.block)))

    def met(self, checklist: str) -> Sql:
        """How many items of a checklist are true."""
        names = [checklist.name for checklist in self.program.checklists]
        number = names.index(checklist)
        truths = [
            call("coalesce", col(item_column(number, place)), FALSE)
            for place, _ in enumerate(self.program.checklists[number].items)
        ]
        return total([cast(truth, "INTEGER") for truth in truths])

    def label(self, dimension: str) -> Sql:
        """The label of a dimension."""
        names = [dimension.name for dimension in self.program.dimensions]
        return col(label_column(names.index(dimension)))


def block_column(number: int) -> str:
    """The column of what a block comes to, within its limits."""
    return f"s{number}"


def item_column(checklist: int, item: int) -> str:
    """The column of the truth of a checklist's item."""
    return f"x{checklist}_{item}"


def label_column(dimension: int) -> str:
    """The column of a dimension's label."""
    return f"l{dimension}"


def _can_overflow(number: p.Number) -> bool:
    """Whether a number may come out infinite or NaN."""
    match number:
        case p.Arithmetic():
            return True
        case p.Function("floor" | "ceil" | "round" | "abs", arguments):
            return _can_overflow(arguments[0])
        case _:
            return False


def since(condition: p.NoneSince) -> tuple[p.Events, p.Events]:
    """The events that `no E for D` asks for, and those that show that the lead was there."""
    after = p.Events(condition.events.kinds, Window(after=condition.since, until=Moment()))
    return after, p.Events(EVERYTHING, Window(until=condition.since))


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
