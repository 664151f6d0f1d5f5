"""Short names for the pieces of an SQL tree.

Each puts parentheses where a reader of the text would need them, and copies a piece that
already stands somewhere else, so that pieces can be used twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from sqlglot import exp

Sql = exp.Expr


class Gap(Exception):
    """A ruleset that cannot be written in SQL; the message says why."""


_COMPOUND = (exp.Binary, exp.Not, exp.In, exp.Is, exp.Between, exp.Escape)


def col(name: str) -> Sql:
    """A column of the select below."""
    return exp.column(exp.to_identifier(name, quoted=True))


def text(value: str) -> Sql:
    """A text."""
    return exp.Literal.string(value)


def num(value: int | float) -> Sql:
    """A number; a float keeps every digit and stays a double."""
    if isinstance(value, float):
        return cast(text(repr(value)), "DOUBLE")
    if value < 0:
        return exp.Paren(this=exp.Neg(this=exp.Literal.number(-value)))
    return exp.Literal.number(value)


NULL = exp.Null()
TRUE = exp.true()
FALSE = exp.false()


def call(function: str, *arguments: Sql) -> Sql:
    """A function of the engine, by its name."""
    return exp.Anonymous(this=function, expressions=[_own(a) for a in arguments])


def cast(value: Sql, type_: str, strict: bool = True) -> Sql:
    """A value as another type; NULL where it cannot be, unless `strict`."""
    kind = exp.Cast if strict else exp.TryCast
    return kind(this=_operand(value), to=_type(type_).copy())


@cache
def _type(name: str) -> exp.DataType:
    return exp.DataType.build(name, dialect="duckdb")


def case(branches: Sequence[tuple[Sql, Sql]], default: Sql | None = None) -> Sql:
    """The value of the first branch whose condition is true."""
    ifs = [exp.If(this=_own(condition), true=_own(value)) for condition, value in branches]
    return exp.Case(ifs=ifs, default=None if default is None else _own(default))


def both(*conditions: Sql) -> Sql:
    """All of them."""
    return _chain(exp.And, conditions)


def either(*conditions: Sql) -> Sql:
    """Any of them."""
    return _chain(exp.Or, conditions)


def no(condition: Sql) -> Sql:
    """Its opposite."""
    return exp.Not(this=_operand(condition))


def is_null(value: Sql) -> Sql:
    """Whether a value is missing."""
    return exp.Is(this=_operand(value), expression=exp.Null())


def has_value(value: Sql) -> Sql:
    """Whether a value is there."""
    return exp.Not(this=exp.Paren(this=is_null(value)))


def one_of(value: Sql, items: Sequence[Sql]) -> Sql:
    """Whether a value is among some others."""
    if len(items) == 1:
        return binary("=", value, items[0])
    return exp.In(this=_operand(value), expressions=[_own(item) for item in items])


def between(value: Sql, low: Sql, high: Sql) -> Sql:
    """Whether a value lies between two others, which belong."""
    return exp.Between(this=_operand(value), low=_own(low), high=_own(high))


_BINARY: dict[str, type[exp.Binary]] = {
    "=": exp.EQ,
    "!=": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
    "+": exp.Add,
    "-": exp.Sub,
    "*": exp.Mul,
    "/": exp.Div,
    "//": exp.IntDiv,
    "%": exp.Mod,
    "&": exp.BitwiseAnd,
    ">>": exp.BitwiseRightShift,
    "||": exp.DPipe,
    "like": exp.Like,
}


def binary(operator: str, left: Sql, right: Sql) -> Sql:
    """`left operator right`."""
    made = _BINARY[operator](this=_operand(left), expression=_operand(right))
    if operator == "/":
        # Plain IEEE division: sqlglot must not guard it against zero or cast its sides.
        made.set("safe", True)
    return made


def like(value: Sql, pattern: str) -> Sql:
    """Whether a text fits a pattern of `%` and `_`, with `\\` before a plain one."""
    made = binary("like", value, text(pattern))
    if "\\" in pattern:
        return exp.Escape(this=made, expression=exp.Literal.string("\\"))
    return made


def total(items: Sequence[Sql]) -> Sql:
    """The sum, as a balanced tree: a long chain takes quadratic time to plan."""
    if not items:
        return num(0)
    if len(items) == 1:
        return _own(items[0])
    half = len(items) // 2
    return binary("+", total(items[:half]), total(items[half:]))


def each(list_: Sql, make: Callable[[Sql], Sql], name: str = "x") -> Sql:
    """The list with every item turned into another."""
    return call("list_transform", list_, _lambda(make, name))


def each_at(list_: Sql, make: Callable[[Sql, Sql], Sql], name: str, place: str) -> Sql:
    """The list with every item turned into another, given the item and its number."""
    return call("list_transform", list_, _lambda_of_two(make, name, place))


def reduce(
    list_: Sql, start: Sql, step: Callable[[Sql, Sql], Sql], name: str = "a", item: str = "x"
) -> Sql:
    """What comes of a start when a step is made with every item of a list."""
    return call("list_reduce", list_, _lambda_of_two(step, name, item), start)


def only(list_: Sql, test: Callable[[Sql], Sql], name: str = "x") -> Sql:
    """The list with the items that pass a test."""
    return call("list_filter", list_, _lambda(test, name))


def array(items: Sequence[Sql]) -> Sql:
    """A list of some values."""
    return exp.Array(expressions=[_own(item) for item in items], bracket_notation=True)


def at(list_: Sql, index: Sql) -> Sql:
    """An item of a list, counted from 1."""
    return call("list_extract", list_, index)


def struct(members: dict[str, Sql]) -> Sql:
    """A struct of some members."""
    return exp.Struct(
        expressions=[
            exp.PropertyEQ(this=exp.to_identifier(key, quoted=True), expression=_own(value))
            for key, value in members.items()
        ]
    )


def member(value: Sql, key: str) -> Sql:
    """A member of a struct."""
    return call("struct_extract", value, text(key))


def named(value: Sql, name: str) -> Sql:
    """A column of the select being made."""
    return exp.alias_(_own(value), exp.to_identifier(name, quoted=True), copy=False)


def select(columns: Sequence[Sql], source: Sql, keep: bool = True) -> exp.Select:
    """A select over another one; with `keep` it has that one's columns too."""
    below = source.subquery("s", copy=False) if isinstance(source, exp.Select) else source
    listed = [exp.Star(), *columns] if keep else list(columns)
    return exp.Select(expressions=listed).from_(below, copy=False)


def _lambda(make: Callable[[Sql], Sql], name: str) -> Sql:
    body = _own(make(exp.column(name)))
    return exp.Lambda(this=body, expressions=[exp.to_identifier(name)])


def _lambda_of_two(make: Callable[[Sql, Sql], Sql], one: str, other: str) -> Sql:
    body = _own(make(exp.column(one), exp.column(other)))
    return exp.Lambda(this=body, expressions=[exp.to_identifier(one), exp.to_identifier(other)])


def _chain(kind: type[exp.Connector], conditions: Sequence[Sql]) -> Sql:
    if not conditions:
        return TRUE.copy() if kind is exp.And else FALSE.copy()
    if len(conditions) == 1:
        return _own(conditions[0])
    half = len(conditions) // 2
    return kind(
        this=_operand(_chain(kind, conditions[:half])),
        expression=_operand(_chain(kind, conditions[half:])),
    )


def _operand(value: Sql) -> Sql:
    value = _own(value)
    return exp.Paren(this=value) if isinstance(value, _COMPOUND) else value


def _own(value: Sql) -> Sql:
    return value.copy() if value.parent is not None else value
