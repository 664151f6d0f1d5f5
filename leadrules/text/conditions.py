"""Parse trees of conditions, terms and values to syntax nodes.

The depth of a tree is bounded by `feed.DEEPEST`, so plain recursion is safe here.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from leadrules.model import syntax as x
from leadrules.model.source import Span
from leadrules.text.lalr import Leaf, Tree
from leadrules.text.literals import Problem, unquoted
from leadrules.text.words import NO_TEXT, name_parts


class Refused(Exception):
    """A statement that parses and still cannot stand; turned into a diagnostic at once."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def node(tree: Tree | Leaf) -> Any:
    """The node of a tree or a token that is part of a statement."""
    if isinstance(tree, str):
        return _TOKENS[tree.type](str(tree), span_of(tree))
    drop_parentheses(tree)
    return _TREES[tree.data](tree, span_of(tree))


def drop_parentheses(tree: Tree) -> None:
    """Parentheses have done their work: they are in the span and in the shape of the tree."""
    tree.children = [
        c for c in tree.children if not (isinstance(c, str) and c.type in ("LPAR", "RPAR"))
    ]


def span_of(tree: Tree | Leaf) -> Span:
    """Where a tree or a token stands."""
    return Span(tree.start, tree.end)


# --- tokens ------------------------------------------------------------------------


def number_of(text: str, span: Span) -> x.Number:
    """The number that a token spells."""
    return x.Number(Decimal(text.replace("_", "")), text, span)


def _percent(text: str, span: Span) -> x.Number:
    return number_of(text[:-1], span)


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
    first = number_of(low, Span(span.start, span.start + len(low))) if low else None
    last = number_of(high, Span(span.end - len(high), span.end)) if high else None
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
    "NUMBER": number_of,
    "POINTS": number_of,
    "PERCENT": _percent,
    "WORD": _word,
    "TEXT": _text,
    "BOOLEAN": _boolean,
    "DATE": _date,
    "INSTANT": x.Instant,
    "RANGE": _range,
    "REGEX": _regex,
    "DURATION": _duration,
}


# --- conditions --------------------------------------------------------------------


def condition(tree: Tree | Leaf) -> Any:
    """The node of a condition: events standing alone are one."""
    made = node(tree)
    return _occurrence(made) if isinstance(made, x.Events) else made


def _occurrence(events: x.Events) -> x.Occurs:
    return x.Occurs(events, False, events.span)


def _chain(kind: Any) -> Any:
    def build(tree: Tree, span: Span) -> Any:
        items: list[Any] = []
        for child in tree.children:
            if isinstance(child, str):
                continue
            item = condition(child)
            if isinstance(item, kind):
                items.extend(item.items)
            else:
                items.append(item)
        return kind(tuple(items), span)

    return build


def _not(tree: Tree, span: Span) -> x.Not:
    return x.Not(condition(tree.children[1]), span)


def _state(tree: Tree, span: Span) -> x.Is:
    token = cast(Leaf, tree.children[-1])
    state = {"KNOWN": "known", "MISSING": "missing", "EMPTY": "empty", "NOT_EMPTY": "not empty"}
    return x.Is(node(tree.children[0]), cast(x.State, state[token.type]), span)


def _holds(tree: Tree, span: Span) -> x.Holds:
    return x.Holds(node(tree.children[0]), span)


def _complete(tree: Tree, span: Span) -> x.Complete:
    return x.Complete(node(tree.children[0]), span)


def _was(tree: Tree, span: Span) -> x.Was:
    return x.Was(node(tree.children[1]), span)


def _label(tree: Tree, span: Span) -> x.Text:
    token = cast(Leaf, tree.children[0])
    if token.type != "NUMBER":
        return cast(x.Text, node(token))
    if not token.isdecimal():
        raise Refused(
            Problem(
                "LR041",
                "a label is a word, a whole number or a text in quotes",
                f'put it in quotes: `"{token}"`',
                span,
            )
        )
    return x.Text(str(token), True, span)


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


def _comparison(tree: Tree, span: Span) -> x.Comparison:
    children = tree.children
    sign = cast(Leaf, children[1])
    right = children[2:]
    exactly = isinstance(right[0], str) and right[0].type == "EXACTLY"
    return x.Comparison(
        node(children[0]),
        _OPERATORS[sign.type],
        node(right[-1]),
        exactly,
        span_of(sign),
        span,
    )


def _items(tree: Tree, span: Span) -> x.Items:
    signs = ("LBRACK", "RBRACK", "COMMA")
    return x.Items(tuple(node(c) for c in tree.children if cast(Leaf, c).type not in signs), span)


def _list_name(tree: Tree, span: Span) -> x.ListName:
    return x.ListName(node(tree.children[0]), span)


# --- terms -------------------------------------------------------------------------


def _call(tree: Tree, span: Span) -> x.Call:
    function, *arguments = tree.children
    values = tuple(node(c) for c in arguments if not _is(c, "COMMA"))
    return x.Call(node(function), values, span)


def _arithmetic(tree: Tree, span: Span) -> x.Arithmetic:
    return x.Arithmetic(
        cast(Any, str(tree.children[1])), node(tree.children[0]), node(tree.children[2]), span
    )


def _negative(tree: Tree, span: Span) -> x.Negative | x.Number:
    inside = tree.children[1]
    if isinstance(inside, str) and inside.type == "NUMBER":
        return number_of(f"-{inside}", span)
    return x.Negative(node(inside), span)


def _explicit(tree: Tree, span: Span) -> x.Field:
    return x.Field(node(tree.children[1]), True, span)


def _plain(tree: Tree, span: Span) -> x.Field:
    return x.Field(node(tree.children[0]), False, span)


def _count(tree: Tree, span: Span) -> x.Count:
    return x.Count(node(tree.children[1]), span)


def _aggregate(tree: Tree, span: Span) -> x.Aggregate:
    word, name, _, events = tree.children
    kind = str(word).split()[0]
    return x.Aggregate(cast(Any, kind), node(name), node(events), span)


def _distinct(tree: Tree, span: Span) -> x.Distinct:
    return x.Distinct(node(tree.children[1]), node(tree.children[3]), span)


def _since(tree: Tree, span: Span) -> x.Since:
    unit, _, which = str(tree.children[0]).split()
    return x.Since(cast(Any, unit), cast(Any, which), node(tree.children[1]), span)


def _name(tree: Tree, span: Span) -> x.Name:
    raw = str(tree.children[0])
    if "-" in raw and "`" not in raw:
        from leadrules.text.odd import hyphen

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


def _occurs(tree: Tree, span: Span) -> x.Occurs:
    first = node(tree.children[0])
    if isinstance(first, x.Events):
        return _occurrence(first)
    window = node(tree.children[1]) if len(tree.children) > 1 else None
    return x.Occurs(x.Events(first.name, None, window, span), True, span)


def _events(tree: Tree, span: Span) -> x.Events:
    first = tree.children[0]
    name = None if isinstance(first, str) else node(first)
    where = window = None
    for child in tree.children[1:]:
        if isinstance(child, str):
            duration = node(child)
            window = x.Shorthand(duration, duration.span)
        elif child.data == "window":
            window = node(child)
        else:
            where = node(child)
    return x.Events(name, where, window, span)


def _filter(tree: Tree, span: Span) -> Any:
    return condition(tree.children[1])


def _quantity(tree: Tree, span: Span) -> x.Quantity | x.Absence:
    kind = {"AT_LEAST": "at least", "AT_MOST": "at most", "EXACTLY": "exactly", "NO": "no"}[
        cast(Leaf, tree.children[0]).type
    ]
    number = None if kind == "no" else node(tree.children[1])
    if number is not None:
        whole(number, kind)
    return x.Quantity(cast(Any, kind), number, node(tree.children[-1]), span)


def whole(number: x.Number, words: str) -> None:
    """Refuse a count of events that is not a whole number; `words` stand before it."""
    if number.value != int(number.value) or number.value < 0:
        raise Refused(
            Problem(
                "LR047",
                f"events are counted in whole numbers: `{number.spelling}`",
                f"write `{words} {max(0, int(number.value))}`",
                number.span,
            )
        )


def _absence(tree: Tree, span: Span) -> x.Absence:
    durations = [i for i, c in enumerate(tree.children) if _is(c, "DURATION")]
    duration = durations[0]
    since = _kind(tree.children[-1]) if duration + 1 < len(tree.children) else None
    return x.Absence(_kind(tree.children[1]), node(tree.children[duration]), since, span)


def _kind(tree: Tree | Leaf) -> x.Events:
    """Events without a window, also from a name or `any event` alone."""
    if isinstance(tree, str):
        return x.Events(None, None, None, span_of(tree))
    made = node(tree)
    return made if isinstance(made, x.Events) else x.Events(made, None, None, made.span)


def _is(tree: Tree | Leaf, terminal: str) -> bool:
    return isinstance(tree, str) and tree.type == terminal


def _followed(tree: Tree, span: Span) -> x.Followed:
    first, word, then, *rest = tree.children
    within = node(rest[1]) if rest else None
    return x.Followed(node(first), node(then), within, _is(word, "NOT_FOLLOWED_BY"), span)


def _window(tree: Tree, span: Span) -> x.Window:
    word = cast(Leaf, tree.children[0]).type
    if word == "BETWEEN":
        return x.Between(node(tree.children[1]), node(tree.children[3]), span)
    of: dict[str, Any] = {
        "WITHIN": x.Within,
        "WITHIN_LAST": x.Within,
        "WITHIN_NEXT": x.WithinNext,
        "OLDER_THAN": x.OlderThan,
        "BEFORE": x.Before,
        "AFTER": x.After,
    }
    return cast(x.Window, of[word](node(tree.children[1]), span))


_TREES: dict[str, Any] = {
    "label": _label,
    "and": _chain(x.And),
    "or": _chain(x.Or),
    "not_unit": _not,
    "not_naked": _not,
    "is": _state,
    "complete": _complete,
    "was": _was,
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
    "aggregate": _aggregate,
    "distinct": _distinct,
    "since": _since,
    "occurs": _occurs,
    "occurs_naked": _occurs,
    "quantity": _quantity,
    "quantity_naked": _quantity,
    "absence": _absence,
    "absence_naked": _absence,
    "followed": _followed,
    "followed_naked": _followed,
    "events": _events,
    "shortened": _events,
    "filtered": _events,
    "kind_of": _events,
    "filtered_kind": _events,
    "closed_filter": _filter,
    "open_filter": _filter,
    "window": _window,
}
