"""The dimensions of a ruleset, as far as they can be told before any condition is looked at.

Which rules give the labels of which dimension, which labels that can be, and how these
are ordered. Every rule outside a block finds its dimension here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from leadrules.meaning.load import Placed, Report, respelled
from leadrules.meaning.names import Declarations, written
from leadrules.model import syntax as s
from leadrules.model.frozen import Frozen, changed
from leadrules.model.nearest import nearest
from leadrules.model.source import Source

STAGES = ("contact", "lead", "MQL", "SAL", "SQL", "prospect", "customer")
OUTSIDE_STAGES = ("disqualified",)
TEMPERATURES = ("cold", "warm", "hot")
_MOST_LABELS = 10_000


class Dimension(Frozen):
    """A dimension or a combination.

    `labels` are all that it can give, and that conditions may ask for; those of `order`
    go from low to high. `rules` give its labels: there are none when the ruleset makes no
    use of it. A combination has `parts`, and no rules; `complete` when these give every
    lead a label.
    """

    name: str
    labels: tuple[str, ...]
    order: tuple[str, ...] = ()
    rules: tuple[tuple[s.LabelRule, Source], ...] = ()
    unique: bool = False
    falls: tuple[s.NeverFalls, Source] | None = None
    parts: tuple[str, ...] = ()
    complete: bool = False

    @property
    def is_used(self) -> bool:
        """Whether it is in the results."""
        return bool(self.rules or self.parts)

    @property
    def is_sure(self) -> bool:
        """Whether every lead gets a label."""
        return self.complete or any(node.condition is None for node, _ in self.rules)


def survey(
    placed: Iterable[Placed], declarations: Declarations, report: Report
) -> dict[str, Dimension]:
    """All dimensions by name, in the order of the results: stage and temperature, which
    are always there, then the others as they are declared."""
    placed = tuple(placed)
    found = {
        "stage": Dimension("stage", STAGES + OUTSIDE_STAGES, STAGES),
        "temperature": Dimension("temperature", TEMPERATURES, TEMPERATURES),
    }
    for name, declared in declarations.named.items():
        order = declarations.orders.get(name)
        if isinstance(declared.node, s.ClassifyBlock):
            found[name] = _classification(declared.node, declared.source, order, report)
        elif isinstance(declared.node, s.DimensionOrder) and order is not None:
            found[name] = _ordered(name, order, report)
        elif isinstance(declared.node, s.Combine):
            found[name] = Dimension(name, ())
    _place_loose(placed, found, declarations, report)
    _check_otherwise(found.values(), report)
    for item in placed:
        if isinstance(item.statement, s.NeverFalls):
            _let_never_fall(item.statement, item.source, found, report)
    combined: set[str] = set()
    for name, declared in declarations.named.items():
        if isinstance(declared.node, s.Combine):
            _combine(name, (), found, combined, declarations, report)
        elif isinstance(declared.node, s.DimensionOrder) and not found[name].rules:
            _report_unused(found[name], declared.node.name, declared.source, report)
    return found


def _report_unused(dimension: Dimension, at: s.Name, source: Source, report: Report) -> None:
    message, help = unused(dimension)
    report.error("LR137", source, at.span, message, help)


def unused(dimension: Dimension) -> tuple[str, str]:
    """The message and the help for a dimension of which no rule gives a label."""
    label = dimension.labels[len(dimension.labels) // 2] if dimension.labels else "A"
    example = f"`demo_request -> {label}`, for instance"
    return f"no rule gives a label of `{dimension.name}`", example


# --- one dimension -----------------------------------------------------------------


def _ordered(name: str, item: Placed, report: Report) -> Dimension:
    """A dimension with an order of its own; each label stands in it once."""
    node = item.statement
    assert isinstance(node, s.DimensionOrder)
    seen: set[str] = set()
    for label in (*node.labels, *node.outside):
        if label.value in seen:
            message = f"`{label.value}` stands twice among the labels of `{name}`"
            report.error("LR140", item.source, label.span, message, "keep one of the two")
        seen.add(label.value)
    order = tuple(dict.fromkeys(label.value for label in node.labels))
    outside = tuple(label.value for label in node.outside)
    return Dimension(name, tuple(dict.fromkeys(order + outside)), order)


def _classification(
    node: s.ClassifyBlock, source: Source, order: Placed | None, report: Report
) -> Dimension:
    name = written(node.name)
    rules = tuple((rule, source) for rule in node.rules)
    given = tuple(dict.fromkeys(rule.label.value for rule in node.rules))
    if order is None:
        return Dimension(name, given, (), rules, node.unique)
    known = _ordered(name, order, report)
    for rule in node.rules:
        if rule.label.value not in known.labels:
            _report_label(rule.label, known, source, report)
    labels = tuple(dict.fromkeys(known.labels + given))
    return changed(known, labels=labels, rules=rules, unique=node.unique)


def _report_label(label: s.Text, dimension: Dimension, source: Source, report: Report) -> None:
    message, help = no_label(label.value, dimension)
    report.error("LR139", source, label.span, message, help)


def no_label(label: str, dimension: Dimension) -> tuple[str, str]:
    """The message and the help for a label that a dimension does not have."""
    close = nearest(label, dimension.labels)
    listed = ", ".join(dimension.labels[:8]) + (", …" if len(dimension.labels) > 8 else "")
    help = f"did you mean `{close}`?" if close else f"its labels are {listed}"
    return f"`{label}` is no label of `{dimension.name}`", help


# --- rules outside any block -------------------------------------------------------


def _place_loose(
    placed: Iterable[Placed],
    found: dict[str, Dimension],
    declarations: Declarations,
    report: Report,
) -> None:
    """Gives each rule outside a block to the dimension that has its label."""
    homes: dict[str, list[str]] = {}
    for name, dimension in found.items():
        declared = declarations.named.get(name)
        if declared is None or isinstance(declared.node, s.DimensionOrder):
            for label in dimension.labels:
                homes.setdefault(label, []).append(name)
    rules: dict[str, list[tuple[s.LabelRule, Source]]] = {}
    for item in placed:
        node = item.statement
        if not isinstance(node, s.LabelRule):
            continue
        label = node.label.value
        at = homes.get(label, [])
        if len(at) == 1:
            rules.setdefault(at[0], []).append((node, item.source))
        elif at:
            message = f"`{label}` is a label of {' and of '.join(f'`{name}`' for name in at)}"
            help = f"`classify {at[-1]} {{ … }}` around its rules says which is meant"
            report.error("LR141", item.source, node.label.span, message, help)
        else:
            _report_homeless(node.label, homes, item.source, report)
    for name, given in rules.items():
        found[name] = changed(found[name], rules=tuple(given))


def _report_homeless(
    label: s.Text, homes: Mapping[str, object], source: Source, report: Report
) -> None:
    own = len(homes) > len(STAGES + OUTSIDE_STAGES + TEMPERATURES)
    which = "label of a dimension" if own else "stage and no temperature"
    close = nearest(label.value, homes)
    help = (
        f"did you mean `{close}`?"
        if close
        else f"labels here are {', '.join(homes)}; others stand in `classify NAME {{ … }}`"
    )
    message = f"`{label.value}` is no {which}"
    fix = respelled(source, label.span, close)
    report.error("LR130", source, label.span, message, help, fix)


def _check_otherwise(dimensions: Iterable[Dimension], report: Report) -> None:
    """Nothing may follow `otherwise`."""
    for dimension in dimensions:
        last: tuple[s.LabelRule, Source] | None = None
        for node, source in dimension.rules:
            if last is not None:
                line = last[1].place(last[0].span.start)[0]
                message = f"no lead gets here: `otherwise` in line {line} takes all that are left"
                help = f"move `otherwise` behind the last rule of {dimension.name}"
                report.error("LR131", source, node.span, message, help)
            elif node.condition is None:
                last = (node, source)


# --- labels that never fall, labels that are joined --------------------------------


def _let_never_fall(
    node: s.NeverFalls, source: Source, found: dict[str, Dimension], report: Report
) -> None:
    name = written(node.name)
    dimension = found.get(name)
    if dimension is None:
        report_no_dimension(node.name, found, source, report)
    elif dimension.falls is not None:
        message = f"`{name} never falls` is said twice"
        report.error("LR107", source, node.span, message, "keep one of the two")
    elif not dimension.order:
        message = f"the labels of `{name}` have no order, so they cannot fall"
        report.error("LR140", source, node.name.span, message, order_help(dimension))
    elif not dimension.rules:
        _report_unused(dimension, node.name, source, report)
    else:
        found[name] = changed(dimension, falls=(node, source))


def order_help(dimension: Dimension) -> str:
    """The line that would give the labels of a dimension an order."""
    if not dimension.rules:
        return "a combination has no order; ask for its parts"
    labels = list(dict.fromkeys(node.label.value for node, _ in dimension.rules))
    shown = " < ".join(reversed(labels)) if len(labels) > 1 else "C < B < A"
    return f"`dimension {dimension.name}: {shown}` gives them one, from low to high"


def report_no_dimension(
    name: s.Name, found: Mapping[str, Dimension], source: Source, report: Report
) -> None:
    """A name that is no dimension where one is needed."""
    shown = written(name)
    close = nearest(shown, found)
    help = f"did you mean `{close}`?" if close else f"`classify {shown} {{ … }}` makes one"
    report.error("LR104", source, name.span, f"there is no dimension `{shown}`", help)


def _combine(
    name: str,
    chain: tuple[str, ...],
    found: dict[str, Dimension],
    combined: set[str],
    declarations: Declarations,
    report: Report,
) -> None:
    """Finds the labels of a combination; first those of its parts, which may be others."""
    declared = declarations.named[name]
    node = declared.node
    assert isinstance(node, s.Combine)
    if name in combined:
        return
    combined.add(name)
    labels = [""]
    parts = []
    for part in node.dimensions:
        key = written(part)
        other = declarations.named.get(key)
        if key in (*chain, name):
            circle = " uses ".join([*chain, name, key])
            message = f"defined in a circle: {circle}"
            report.error("LR109", declared.source, part.span, message)
            return
        if other is not None and isinstance(other.node, s.Combine):
            _combine(key, (*chain, name), found, combined, declarations, report)
        dimension = found.get(key)
        if dimension is None:
            report_no_dimension(part, found, declared.source, report)
            return
        if not dimension.is_used:
            if not (other is not None and isinstance(other.node, s.Combine | s.DimensionOrder)):
                _report_unused(dimension, part, declared.source, report)
            return
        parts.append(key)
        if len(labels) * len(dimension.labels) > _MOST_LABELS:
            message = f"`{name}` would have more than {_MOST_LABELS:_} labels"
            help = "combine fewer dimensions, or some with fewer labels"
            report.error("LR149", declared.source, node.span, message, help)
            return
        labels = [before + label for before in labels for label in dimension.labels]
    complete = all(found[part].is_sure for part in parts)
    labels = list(dict.fromkeys(labels))
    found[name] = Dimension(name, tuple(labels), parts=tuple(parts), complete=complete)
