"""Parse trees to syntax nodes, and the few mistakes that only show when a node is made.

The depth of a tree is bounded by `feed.DEEPEST`, so plain recursion is safe here.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from leadrules.model import syntax as x
from leadrules.model.source import Span
from leadrules.text.literals import Problem, unquoted
from leadrules.text.odd import hyphen
from leadrules.text.words import NO_TEXT, name_parts

if TYPE_CHECKING:
    from lark import Token, Tree


class Refused(Exception):
    """A statement that parses and still cannot stand; turned into a diagnostic at once."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def statement(tree: Tree[Token]) -> x.Statement:
    """The node of a whole statement."""
    return cast(x.Statement, _node(cast("Tree[Token]", tree.children[0])))


def head(tree: Tree[Token]) -> tuple[x.Name, tuple[x.Limit, ...]]:
    """The name and the limits of a block's head."""
    name = _node(cast("Tree[Token]", tree.children[1]))
    limits = [_node(t) for t in tree.children[2:] if not isinstance(t, str)]
    return _declared(name), tuple(limits)


def _node(tree: Tree[Token] | Token) -> Any:
    if isinstance(tree, str):
        return _TOKENS[tree.type](str(tree), _at(tree))
    # Parentheses have done their work: they are in the span and in the shape of the tree.
    tree.children = [
        c for c in tree.children if not (isinstance(c, str) and c.type in ("LPAR", "RPAR"))
    ]
    return _TREES[str(tree.data)](tree, _span(tree))


def _span(tree: Tree[Token]) -> Span:
    meta = tree.meta
    return Span(meta.start_pos, meta.end_pos)


def _at(token: Token) -> Span:
    return Span(cast(int, token.start_pos), cast(int, token.end_pos))


# --- tokens ------------------------------------------------------------------------


def _number(text: str, span: Span) -> x.Number:
    return x.Number(Decimal(text.replace("_", "")), text, span)


def _word(text: str, span: Span) -> x.Text:
    if text in NO_TEXT:
        meant = f"; for a test write `is {text}`" if text in ("missing", "known", "empty") else ""
        raise Refused(
            Problem(
                "LR033",
                f"`{text}` as a text stands in quotes",
                f'write `"{text}"`{meant}',
                span,
            )
        )
    if text[0] == "_":
        raise Refused(
            Problem(
                "LR014",
                f"a word that is a text begins with a letter: `{text}`",
                f'put it in quotes: `"{text}"`',
                span,
            )
        )
    return x.Text(text, True, span)


def _text(text: str, span: Span) -> x.Text:
    return x.Text(unquoted(text), False, span)


def _boolean(text: str, span: Span) -> x.Boolean:
    return x.Boolean(text == "true", span)


def _date(text: str, span: Span) -> x.Date:
    year, month, day = (int(part) for part in text.split("-"))
    return x.Date(year, month, day, span)


def _range(text: str, span: Span) -> x.Range:
    low, _, high = text.partition("..")
    is_open = high.startswith("<")
    high = high.lstrip("<").replace("−", "-")
    first = _number(low, Span(span.start, span.start + len(low))) if low else None
    last = _number(high, Span(span.end - len(high), span.end)) if high else None
    if first and last and (first.value > last.value or (is_open and first.value == last.value)):
        swapped = f"{last.spelling}..{first.spelling}"
        raise Refused(
            Problem(
                "LR039",
                f"nothing lies in `{text}`: the smaller number stands first",
                f"write `{swapped}`",
                span,
            )
        )
    return x.Range(first, last, is_open, span)


def _regex(text: str, span: Span) -> x.Regex:
    inner = text[1 : text.rindex("/")]
    pattern = []
    at = 0
    while at < len(inner):
        if inner[at] == "\\" and at + 1 < len(inner):
            pattern.append("/" if inner[at + 1] == "/" else inner[at : at + 2])
            at += 2
        else:
            pattern.append(inner[at])
            at += 1
    return x.Regex("".join(pattern), span)


def _duration(text: str, span: Span) -> x.Duration:
    count = text.rstrip("abcdefghijklmnopqrstuvwxyz").rstrip()
    unit = text[len(count) :].strip()
    if len(unit) > 3:
        unit = {"mi": "min", "mo": "mo"}.get(unit[:2], unit[0])
    elif unit == "day":
        unit = "d"
    return x.Duration(int(count), cast(x.Unit, unit), span)


_TOKENS: dict[str, Any] = {
    "NUMBER": _number,
    "POINTS": _number,
    "WORD": _word,
    "TEXT": _text,
    "BOOLEAN": _boolean,
    "DATE": _date,
    "INSTANT": x.Instant,
    "RANGE": _range,
    "REGEX": _regex,
    "DURATION": _duration,
}


# --- statements --------------------------------------------------------------------


def _points_rule(tree: Tree[Token], span: Span) -> x.PointsRule:
    condition = _node(tree.children[0])
    rest = [_node(child) for child in tree.children[1:]]
    reason = rest.pop() if isinstance(rest[-1], x.Text) else None
    points, *limits = rest
    for number in (points, *(limit.number for limit in limits)):
        _two_decimals(number)
    return x.PointsRule(_shed(condition), points, tuple(limits), reason, span)


def _two_decimals(number: x.Number) -> None:
    digits = number.spelling.replace("_", "").partition(".")[2]
    if len(digits) > 2 and digits[2:].strip("0"):
        raise Refused(
            Problem(
                "LR036",
                f"points have at most two decimals: `{number.spelling}`",
                f"write `{round(number.value, 2)}`",
                number.span,
            )
        )


def _label_rule(tree: Tree[Token], span: Span) -> x.LabelRule:
    first = tree.children[0]
    condition = None if isinstance(first, str) else _shed(_node(first))
    label = _node(tree.children[2])
    reason = _node(tree.children[3]) if len(tree.children) > 3 else None
    return x.LabelRule(condition, label, reason, span)


def _label(tree: Tree[Token], span: Span) -> x.Text:
    token = cast("Token", tree.children[0])
    if token.type != "NUMBER":
        return cast(x.Text, _node(token))
    if not token.isdecimal():
        raise Refused(
            Problem(
                "LR041",
                "a label is a word, a whole number or a text in quotes",
                f'put it in quotes: `-> "{token}"`',
                span,
            )
        )
    return x.Text(str(token), True, span)


def _limit(tree: Tree[Token], span: Span) -> x.Limit:
    kind = str(tree.children[0])
    number = _node(tree.children[1])
    _two_decimals(number)
    return x.Limit(cast(Any, kind), number, span)


def _each(tree: Tree[Token], span: Span) -> x.Each:
    when = _shed(_node(tree.children[3])) if len(tree.children) > 3 else None
    return x.Each(_node(tree.children[1]), when, span)


def _declared(name: x.Name) -> x.Name:
    if len(name.parts) > 1:
        plain = "_".join(part.replace(" ", "_") for part in name.parts)
        raise Refused(
            Problem(
                "LR040",
                "a name that is declared here has no dot; dots are for the fields of a lead",
                f"write `{plain}`",
                name.span,
            )
        )
    return name


def _define(tree: Tree[Token], span: Span) -> x.Define:
    name = _declared(_node(tree.children[1]))
    return x.Define(name, _shed(_node(tree.children[3])), span)


def _list_definition(tree: Tree[Token], span: Span) -> x.ListDefinition:
    return x.ListDefinition(_declared(_node(tree.children[1])), _node(tree.children[-1]), span)


def _signal(tree: Tree[Token], span: Span) -> x.Signal:
    events = tuple(_node(t) for t in tree.children[3:] if not isinstance(t, str))
    return x.Signal(_declared(_node(tree.children[1])), events, span)


def _one_text(kind: Any) -> Any:
    return lambda tree, span: kind(_node(tree.children[1]), span)


# --- conditions --------------------------------------------------------------------


def _shed(node: Any) -> Any:
    return _occurrence(node) if isinstance(node, x.Events) else node


def _occurrence(events: x.Events) -> x.Occurs:
    return x.Occurs(events, False, events.span)


def _chain(kind: Any) -> Any:
    def build(tree: Tree[Token], span: Span) -> Any:
        items: list[Any] = []
        for child in tree.children:
            if isinstance(child, str):
                continue
            node = _shed(_node(child))
            if isinstance(node, kind):
                items.extend(node.items)
            else:
                items.append(node)
        return kind(tuple(items), span)

    return build


def _not(tree: Tree[Token], span: Span) -> x.Not:
    return x.Not(_shed(_node(tree.children[1])), span)


def _is(tree: Tree[Token], span: Span) -> x.Is:
    token = cast("Token", tree.children[-1])
    state = {"KNOWN": "known", "MISSING": "missing", "EMPTY": "empty", "NOT_EMPTY": "not empty"}
    return x.Is(_node(tree.children[0]), cast(x.State, state[token.type]), span)


def _holds(tree: Tree[Token], span: Span) -> x.Holds:
    return x.Holds(_node(tree.children[0]), span)


_OPERATORS: dict[str, x.Operator] = {
    "EQ": "=",
    "NE": "!=",
    "LT": "<",
    "LE": "<=",
    "GT": ">",
    "GE": ">=",
    "IN": "in",
    "NOT_IN": "not in",
    "CONTAINS": "contains",
    "CONTAINS_ANY_OF": "contains any of",
    "CONTAINS_ALL_OF": "contains all of",
    "STARTS_WITH": "starts with",
    "ENDS_WITH": "ends with",
    "LIKE": "like",
    "MATCHES": "matches",
}


def _comparison(tree: Tree[Token], span: Span) -> x.Comparison:
    children = tree.children
    sign = cast("Token", children[1])
    right = children[2:]
    exactly = isinstance(right[0], str) and right[0].type == "EXACTLY"
    return x.Comparison(
        _node(children[0]),
        _OPERATORS[sign.type],
        _node(right[-1]),
        exactly,
        _at(sign),
        span,
    )


def _items(tree: Tree[Token], span: Span) -> x.Items:
    signs = ("LBRACK", "RBRACK", "COMMA")
    return x.Items(
        tuple(_node(c) for c in tree.children if cast("Token", c).type not in signs), span
    )


def _list_name(tree: Tree[Token], span: Span) -> x.ListName:
    return x.ListName(_node(tree.children[0]), span)


# --- terms -------------------------------------------------------------------------


def _call(tree: Tree[Token], span: Span) -> x.Call:
    return x.Call(_node(tree.children[0]), _node(tree.children[1]), span)


def _arithmetic(tree: Tree[Token], span: Span) -> x.Arithmetic:
    return x.Arithmetic(
        cast(Any, str(tree.children[1])), _node(tree.children[0]), _node(tree.children[2]), span
    )


def _negative(tree: Tree[Token], span: Span) -> x.Negative | x.Number:
    inside = tree.children[1]
    if isinstance(inside, str) and inside.type == "NUMBER":
        return _number(f"-{inside}", span)
    return x.Negative(_node(inside), span)


def _explicit(tree: Tree[Token], span: Span) -> x.Field:
    return x.Field(_node(tree.children[1]), True, span)


def _plain(tree: Tree[Token], span: Span) -> x.Field:
    return x.Field(_node(tree.children[0]), False, span)


def _count(tree: Tree[Token], span: Span) -> x.Count:
    return x.Count(_node(tree.children[1]), span)


def _name(tree: Tree[Token], span: Span) -> x.Name:
    raw = str(tree.children[0])
    if "-" in raw and "`" not in raw:
        raise Refused(hyphen(raw, span))
    for part in raw.split("."):
        if "`" not in raw and not part.isidentifier() and not name_parts(part)[0].isidentifier():
            raise Refused(
                Problem(
                    "LR046",
                    f"no part of a name begins with a digit: `{raw}`",
                    f"put that part in backquotes: {_code(raw.replace(part, f'`{part}`'))}",
                    span,
                )
            )
    return x.Name(name_parts(raw), span)


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


# --- events ------------------------------------------------------------------------


def _occurs(tree: Tree[Token], span: Span) -> x.Occurs:
    first = _node(tree.children[0])
    if isinstance(first, x.Events):
        return _occurrence(first)
    window = _node(tree.children[1]) if len(tree.children) > 1 else None
    return x.Occurs(x.Events(first.name, None, window, span), True, span)


def _events(tree: Tree[Token], span: Span) -> x.Events:
    first = tree.children[0]
    name = None if isinstance(first, str) else _node(first)
    where = window = None
    for child in tree.children[1:]:
        if isinstance(child, str):
            duration = _node(child)
            window = x.Shorthand(duration, duration.span)
        elif child.data == "window":
            window = _node(child)
        else:
            where = _shed(_node(child))
    return x.Events(name, where, window, span)


def _filter(tree: Tree[Token], span: Span) -> Any:
    return _node(tree.children[1])


def _quantity(tree: Tree[Token], span: Span) -> x.Quantity | x.Absence:
    kind = {"AT_LEAST": "at least", "AT_MOST": "at most", "EXACTLY": "exactly", "NO": "no"}[
        cast("Token", tree.children[0]).type
    ]
    number = None if kind == "no" else _node(tree.children[1])
    if number is not None and (number.value != int(number.value) or number.value < 0):
        raise Refused(
            Problem(
                "LR047",
                f"events are counted in whole numbers: `{number.spelling}`",
                f"write `{kind} {max(0, int(number.value))}`",
                number.span,
            )
        )
    return x.Quantity(cast(Any, kind), number, _node(tree.children[-1]), span)


def _absence(tree: Tree[Token], span: Span) -> x.Absence:
    kind = tree.children[1]
    duration = _node(tree.children[-1])
    if isinstance(kind, str) or kind.data == "name":
        name = None if isinstance(kind, str) else _node(kind)
        at = _at(kind) if isinstance(kind, str) else _span(kind)
        return x.Absence(x.Events(name, None, None, at), duration, span)
    return x.Absence(_node(kind), duration, span)


def _window(tree: Tree[Token], span: Span) -> x.Window:
    word = cast("Token", tree.children[0]).type
    if word == "BETWEEN":
        return x.Between(_node(tree.children[1]), _node(tree.children[3]), span)
    of: dict[str, Any] = {
        "WITHIN": x.Within,
        "WITHIN_NEXT": x.WithinNext,
        "OLDER_THAN": x.OlderThan,
        "BEFORE": x.Before,
        "AFTER": x.After,
    }
    return cast(x.Window, of[word](_node(tree.children[1]), span))


_TREES: dict[str, Any] = {
    "points_rule": _points_rule,
    "label_rule": _label_rule,
    "label": _label,
    "limit": _limit,
    "each": _each,
    "define": _define,
    "list_definition": _list_definition,
    "signal": _signal,
    "include": _one_text(x.Include),
    "use_schema": _one_text(x.UseSchema),
    "timezone": _one_text(x.Timezone),
    "title": _one_text(x.Title),
    "and": _chain(x.And),
    "or": _chain(x.Or),
    "not_unit": _not,
    "not_naked": _not,
    "is": _is,
    "holds": _holds,
    "comparison": _comparison,
    "items": _items,
    "list_name": _list_name,
    "call": _call,
    "add": _arithmetic,
    "multiply": _arithmetic,
    "negative": _negative,
    "explicit": _explicit,
    "plain": _plain,
    "name": _name,
    "count": _count,
    "occurs": _occurs,
    "occurs_naked": _occurs,
    "quantity": _quantity,
    "quantity_naked": _quantity,
    "absence": _absence,
    "absence_naked": _absence,
    "events": _events,
    "shortened": _events,
    "filtered": _events,
    "kind_of": _events,
    "filtered_kind": _events,
    "closed_filter": _filter,
    "open_filter": _filter,
    "window": _window,
}
