"""Parse trees of whole statements and of blocks' heads to syntax nodes."""

from __future__ import annotations

from typing import Any, assert_never, cast

from leadrules.model import syntax as x
from leadrules.model.frozen import changed
from leadrules.model.source import Span
from leadrules.text.conditions import Refused, condition, drop_parentheses, node, span_of, whole
from leadrules.text.lalr import Leaf, Tree
from leadrules.text.literals import Problem

Head = x.ScoreBlock | x.ClassifyBlock | x.Group | x.Choice | x.Band | x.Checklist


def statement(tree: Tree) -> x.Statement | x.Row | x.ChecklistItem:
    """The node of a whole statement, or of what stands for one in a band or a checklist."""
    return cast(x.Statement, _built(tree.children[0]))


def head(tree: Tree) -> Head:
    """The node of a block that has nothing in it yet."""
    return cast(Head, _built(tree.children[0]))


def filled(head: Head, parts: tuple[Any, ...], span: Span) -> Head:
    """A block with what stands in it."""
    match head:
        case x.ScoreBlock():
            return changed(head, rules=parts, span=span)
        case x.Group():
            return changed(head, rules=parts, span=span)
        case x.Choice():
            return changed(head, rules=parts, span=span)
        case x.ClassifyBlock():
            return changed(head, rules=parts, span=span)
        case x.Band():
            return changed(head, rows=parts, span=span)
        case x.Checklist():
            return changed(head, items=parts, span=span)
        case _:
            assert_never(head)


def _built(tree: Any) -> Any:
    if tree.data != "define":
        drop_parentheses(tree)
    return _STATEMENTS[tree.data](tree, span_of(tree))


# --- points ------------------------------------------------------------------------


def _points_rule(tree: Tree, span: Span) -> x.PointsRule:
    first, *rest = tree.children
    points, rest = _points(rest)
    limits, decay, reason = _behind(rest)
    return x.PointsRule(_payer(first), points, limits, decay, reason, span)


def _payer(tree: Any) -> x.Condition | x.Each:
    if tree.data != "each":
        return cast(x.Condition, condition(tree))
    drop_parentheses(tree)
    events, *rest = tree.children[1:]
    when = None
    if len(rest) > 1 and isinstance(rest[-2], str):
        when = condition(rest[-1])
        rest = rest[:-2]
    choosing = tuple(_choosing(part, span_of(part)) for part in rest)
    return x.Each(node(events), choosing, when, span_of(tree))


def _choosing(tree: Tree, span: Span) -> x.Choosing:
    if tree.data == "spaced":
        return x.Spaced(node(tree.children[1]), span)
    if tree.data == "distinct_by":
        return x.DistinctBy(node(tree.children[1]), span)
    count = node(tree.children[1])
    whole(count, "at most")
    per = str(tree.children[2]).split()[1] if len(tree.children) > 2 else None
    return x.AtMost(count, cast(Any, per), span)


def _points(rest: list[Any]) -> tuple[x.Number | x.Computed, list[Any]]:
    """The points at the beginning of what is left of a rule, and what follows them."""
    first = rest[0]
    if isinstance(first, str):
        points = node(cast(Leaf, first))
        _two_decimals(points)
        return points, rest[1:]
    drop_parentheses(first)
    sign, term = first.children
    return x.Computed(cast(Any, str(sign)), node(term), span_of(first)), rest[1:]


def _behind(
    rest: list[Any],
) -> tuple[tuple[x.Limit, ...], x.Decay | None, x.Text | None]:
    """Limits, a decay, a reason: what follows the points, or the name of a block."""
    limits: list[x.Limit] = []
    decay = reason = None
    for part in rest:
        if isinstance(part, str):
            reason = node(cast(Leaf, part))
        elif part.data == "limit":
            limits.append(_limit(part))
        elif decay is None:
            decay = _decay(part)
        else:
            raise Refused(
                Problem(
                    "LR052",
                    f"points shrink in one way; here is a second one, behind `{decay.kind}`",
                    "take one of the two out",
                    span_of(part),
                )
            )
    return tuple(limits), decay, reason


def _limit(tree: Tree) -> x.Limit:
    drop_parentheses(tree)
    kind, number, *when = tree.children
    most = node(number)
    _two_decimals(most)
    holds = condition(when[1]) if when else None
    return x.Limit(cast(Any, str(kind)), most, holds, span_of(tree))


def _decay(tree: Tree) -> x.Decay:
    word, *rest = tree.children
    kind = str(word).split()[0]
    amount = None
    percent = False
    token: Any = rest[0]
    if token.type in ("PERCENT", "NUMBER"):
        percent = token.type == "PERCENT"
        amount = node(token)
        if not percent:
            _two_decimals(amount)
        rest = rest[2:]
    since = node(rest[2]) if len(rest) > 1 else None
    return x.Decay(cast(Any, kind), amount, percent, node(rest[0]), since, span_of(tree))


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


def _total(tree: Tree, span: Span) -> x.Total:
    return x.Total(_behind(tree.children[1:])[0], span)


def _score_head(tree: Tree, span: Span) -> x.ScoreBlock:
    _, name, *rest = tree.children
    when = None
    if rest and isinstance(rest[0], str):
        when = condition(rest[1])
        rest = rest[2:]
    limits, decay, _ = _behind(rest)
    return x.ScoreBlock(_declared(name), when, limits, decay, (), span)


def _group_head(tree: Tree, span: Span) -> x.Group:
    _, title, *limits = tree.children
    return x.Group(node(title), _behind(limits)[0], (), span)


def _choice_head(tree: Tree, span: Span) -> x.Choice:
    return x.Choice(cast(Any, str(tree.children[0]).split()[0]), (), span)


def _band_head(tree: Tree, span: Span) -> x.Band:
    return x.Band(node(tree.children[-1]), (), span)


def _row(tree: Tree, span: Span) -> x.Row:
    first, *rest = tree.children
    value: Any
    if isinstance(first, str) and first.type in ("OTHERWISE", "MISSING"):
        value = None if first.type == "OTHERWISE" else "missing"
    else:
        value = node(first)
        if isinstance(value, x.Text) and value.bare and value.value == "else":
            raise Refused(
                Problem(
                    "LR033",
                    "for all other values a band has `otherwise`",
                    'write `otherwise`, or `"else"` for a value that is called so',
                    value.span,
                )
            )
    points, rest = _points(rest)
    return x.Row(value, points, _behind(rest)[2], span)


# --- labels ------------------------------------------------------------------------


def _label_rule(tree: Tree, span: Span) -> x.LabelRule:
    first, _, label, *reason = tree.children
    is_otherwise = isinstance(first, str) and first.type == "OTHERWISE"
    held = None if is_otherwise else condition(first)
    return x.LabelRule(held, node(label), _reason(reason), span)


def _reason(rest: list[Any]) -> x.Text | None:
    return node(rest[0]) if rest else None


def _class_head(tree: Tree, span: Span) -> x.ClassifyBlock:
    return x.ClassifyBlock(_declared(tree.children[1]), len(tree.children) > 2, (), span)


def _dimension_order(tree: Tree, span: Span) -> x.DimensionOrder:
    labels: list[x.Text] = []
    outside: list[x.Text] = []
    part = labels
    for child in tree.children[3:]:
        if not isinstance(child, str):
            part.append(node(child))
        elif child.type == "COMMA":
            part = outside
    return x.DimensionOrder(_declared(tree.children[1]), tuple(labels), tuple(outside), span)


def _never_falls(tree: Tree, span: Span) -> x.NeverFalls:
    until = condition(tree.children[4]) if len(tree.children) > 4 else None
    return x.NeverFalls(_declared(tree.children[1]), until, span)


def _combine(tree: Tree, span: Span) -> x.Combine:
    names = [node(c) for c in tree.children[3:] if not isinstance(c, str)]
    return x.Combine(_declared(tree.children[1]), tuple(names), span)


def _checklist_head(tree: Tree, span: Span) -> x.Checklist:
    return x.Checklist(_declared(tree.children[1]), (), span)


def _item(tree: Tree, span: Span) -> x.ChecklistItem:
    return x.ChecklistItem(_declared(tree.children[0]), condition(tree.children[2]), span)


def _with_reason(kind: Any) -> Any:
    return lambda tree, span: kind(condition(tree.children[1]), _reason(tree.children[2:]), span)


# --- names, files, settings --------------------------------------------------------


def _declared(tree: Any) -> x.Name:
    name = cast(x.Name, node(tree))
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


# The functions that give a number: `define x = (max(a, b))` names one, and no condition.
_NUMBER_FUNCTIONS = frozenset(("min", "max", "floor", "ceil", "round", "abs", "length"))


def _define(tree: Tree, span: Span) -> x.Define | x.DefineNumber:
    parentheses = any(isinstance(c, str) and c.type == "LPAR" for c in tree.children)
    drop_parentheses(tree)
    name = _declared(tree.children[1])
    made = condition(tree.children[3])
    if (
        parentheses
        and isinstance(made, x.Holds)
        and made.call.function.parts[0] in _NUMBER_FUNCTIONS
    ):
        return x.DefineNumber(name, made.call, span)
    if name.parts != ("score",):
        return x.Define(name, made, span)
    if not parentheses or not isinstance(made, x.Occurs):
        raise _no_calculation(made.span)
    events = made.events
    if events.name is None or events.where is not None or events.window is not None:
        raise _no_calculation(made.span)
    # Elsewhere `(fit)` is a condition in parentheses.
    return x.DefineNumber(name, x.Field(events.name, made.explicit, made.span), span)


def _no_calculation(span: Span) -> Refused:
    return Refused(
        Problem(
            "LR053",
            "`define score` says how the score is worked out, and this is a condition",
            "write it like `define score = (0.6 * fit + 0.4 * engagement)`",
            span,
        )
    )


def _define_number(tree: Tree, span: Span) -> x.DefineNumber:
    return x.DefineNumber(_declared(tree.children[1]), node(tree.children[3]), span)


def _list_definition(tree: Tree, span: Span) -> x.ListDefinition:
    return x.ListDefinition(_declared(tree.children[1]), node(tree.children[-1]), span)


def _signal(tree: Tree, span: Span) -> x.Signal:
    events = tuple(node(t) for t in tree.children[3:] if not isinstance(t, str))
    return x.Signal(_declared(tree.children[1]), events, span)


def _one_text(kind: Any) -> Any:
    return lambda tree, span: kind(node(tree.children[1]), span)


_STATEMENTS: dict[str, Any] = {
    "points_rule": _points_rule,
    "total": _total,
    "score_head": _score_head,
    "group_head": _group_head,
    "choice_head": _choice_head,
    "band_head": _band_head,
    "row": _row,
    "label_rule": _label_rule,
    "class_head": _class_head,
    "dimension_order": _dimension_order,
    "never_falls": _never_falls,
    "combine": _combine,
    "checklist_head": _checklist_head,
    "item": _item,
    "exclude": _with_reason(x.Exclude),
    "freeze": _with_reason(x.Freeze),
    "define": _define,
    "define_number": _define_number,
    "list_definition": _list_definition,
    "signal": _signal,
    "include": _one_text(x.Include),
    "use_schema": _one_text(x.UseSchema),
    "timezone": _one_text(x.Timezone),
    "title": _one_text(x.Title),
}
