"""The names of all that rules can be made of, and which of them a ruleset has in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from leadrules.model import program as p
from leadrules.model import syntax as s
from leadrules.model.frozen import walk
from leadrules.model.program import Program
from leadrules.model.source import Source
from leadrules.text.parse import parse
from tests.generated_rules import Rules

OPERATORS = (
    *("=", "!=", "<", "<=", ">", ">=", "in", "not in", "starts with", "ends with", "like"),
    *("contains", "contains any of", "contains all of", "matches"),
)
_FUNCTIONS = ("min", "max", "floor", "ceil", "round", "abs")
_DECAYS = ("half-life", "fades", "expires", "decays", "loses share", "loses points")
CONSTRUCTS = {
    # What conditions and numbers mean.
    *(f"means {kind.__name__}" for kind in p.Condition.__args__),
    *(f"means {kind.__name__}" for kind in p.Number.__args__ if kind is not p.Constant),
    *("means Domain", "means Once", "means Each", "means Group", "means Choice"),
    *("means Combination", "means Checklist", "means NeverFalls", "means Formula"),
    *(f"type {name}" for name in ("number", "whole", "text", "boolean", "date", "list")),
    *("type text or list", "type anything"),
    *(f"aggregate {kind}" for kind in ("sum", "min", "max", "average")),
    *(f"distinct {type_}" for type_ in ("number", "whole", "text", "boolean", "date")),
    *(f"{unit} since {which}" for unit in ("days", "hours") for which in ("first", "last")),
    *(f"function {name}" for name in _FUNCTIONS),
    *("not followed", "followed within", "followed at any time"),
    *("previous score", "previous block", "score of a block", "score of all"),
    # How points are made.
    *(f"decay {kind}" for kind in _DECAYS),
    *("decay since", "decay of each", "decay of once", "half-life of minutes"),
    *("picks distinct", "picks two distinct", "picks spaced", "picks at most", "picks together"),
    *(f"picks per {period}" for period in ("day", "week", "month")),
    *("computed once", "computed each", "computed with min or max", "points with decimals"),
    *(
        f"{where} {kind}{when}"
        for where in ("rule", "group", "block", "total")
        for kind in ("min", "max")
        for when in ("", " when")
    ),
    *("limits that cross", "limit and points below zero", "guarded block"),
    *("choice first", "choice best", "choice in a group", "group in a choice", "choice loose"),
    *("rule loose", "group loose", "three deep", "group in a group", "choice in a choice"),
    # Labels.
    *("unique", "never falls", "never falls until", "exclusion", "freeze"),
    *("dimension of a dimension", "score in a label", "combination of a combination"),
    *("checklist in points", "label in a condition of never falls"),
    # How rules are written.
    *(f"statement {kind.__name__}" for kind in s.Statement.__args__),
    *(f"operator {operator}" for operator in OPERATORS),
    *(f"exactly {operator}" for operator in OPERATORS if operator[0] not in "<>"),
    *(f"right {kind.__name__}" for kind in (s.Number, s.Text, s.Boolean, s.Date, s.Instant)),
    *(f"right {kind.__name__}" for kind in (s.Range, s.Items, s.ListName, s.Regex, s.Field)),
    *(f"right {kind.__name__}" for kind in (s.Call, s.Arithmetic)),
    *(f"left {kind.__name__}" for kind in (s.Field, s.Call, s.Count, s.Arithmetic)),
    *(f"left {kind.__name__}" for kind in (s.Aggregate, s.Distinct, s.Since)),
    *(f"calculates {sign}" for sign in "+-*/"),
    "calculates Negative",
    *(f"asks {state}" for state in ("known", "missing", "empty", "not empty")),
    *(f"calls {name}" for name in ("domain", "length", *_FUNCTIONS)),
    *(f"calls valid_{name}" for name in ("email", "siren", "siret")),
    *(f"quantity {kind}" for kind in ("at least", "at most", "exactly", "no")),
    *(f"window {kind.__name__}" for kind in s.Window.__args__),
    *(f"unit {unit}" for unit in ("min", "h", "d", "w", "mo", "y")),
    *("any event", "filter", "filter of the lead", "absence", "no_x", "explicit", "event's date"),
    *("absence since", "complete", "item of a checklist", "was", "computed below zero"),
    *("each when", "reason", "label reason", "open range", "and", "or", "not", "otherwise"),
    *(f"band {kind}" for kind in ("number", "text", "boolean", "date", "tally", "calculation")),
    *(f"row {kind.__name__}" for kind in (s.Number, s.Text, s.Boolean, s.Date, s.Range, s.Items)),
    *("row otherwise", "row missing", "row computed", "row reason", "row behind otherwise"),
    *("order beside a block", "order without a block", "label outside the order"),
    *("zone", "schema", "no schema", "blank", "within last", "list from a file"),
    *("nested fields", "id elsewhere", "events elsewhere", "signal in a signal"),
    *("number of scores", "number in a filter", "definition of a label"),
}


def constructs(rules: Rules, program: Program) -> Iterator[str]:
    """The names of what a ruleset has in it."""
    yield "schema" if "lead.schema.json" in rules.files else "no schema"
    yield "zone" if program.zone != "UTC" else "UTC"
    if program.shape.id != ("id",):
        yield "id elsewhere"
    if program.shape.events != ("events",):
        yield "events elsewhere"
    if "within last" in rules.text:
        yield "within last"
    for node in walk(program):
        yield f"means {type(node).__name__}"
        yield from meant(node)
    yield from whole(program)
    for text in (rules.text, rules.files.get("more.rules", "")):
        file, problems = parse(Source("rules", text))
        assert not problems
        ordered = {node.name for node in file.statements if isinstance(node, s.DimensionOrder)}
        blocks = {node.name for node in file.statements if isinstance(node, s.ClassifyBlock)}
        if ordered & blocks:
            yield "order beside a block"
        if ordered - blocks:
            yield "order without a block"
        for node in walk(file.statements):
            yield from written(node)


# --- what it means -----------------------------------------------------------------


def meant(node: object) -> Iterable[str]:
    """The names of what one node of a program is."""
    match node:
        case p.Field():
            yield f"type {node.type}"
            yield "nested fields" if len(node.path) > 1 else "plain field"
            yield "blank" if node.blanks else "no blank"
        case p.Kind(_, where) if where is not None:
            inner = [part for part in walk(where) if isinstance(part, p.Field)]
            yield "filter of the lead" if not all(f.of_event for f in inner) else "filter"
            if any(isinstance(part, p.During) and part.date.of_event for part in walk(where)):
                yield "event's date"
        case p.Aggregate():
            yield f"aggregate {node.kind}"
        case p.Distinct():
            yield f"distinct {node.property.type}"
        case p.Since():
            yield f"{node.unit} since {node.which}"
        case p.Function():
            yield f"function {node.name}"
        case p.Followed():
            ways = ("followed at any time", "followed within", "not followed")
            yield ways[2 if node.negated else node.span is not None]
        case p.PreviousScore():
            yield "previous score" if node.block is None else "previous block"
        case p.Score():
            yield "score of all" if node.block is None else "score of a block"
        case p.Group():
            yield from (f"group {kind}" for kind in acting(node.limits))
            yield from (f"{_sort(item)} in a group" for item in node.items)
        case p.Choice():
            yield f"choice {node.kind}"
            yield from (f"{_sort(item)} in a choice" for item in node.items)
        case p.PointsRule():
            yield from rule(node)
        case p.Decay():
            yield f"decay {node.kind}"
            yield "decay since" if node.since is not None else "decay of its own"
            if node.kind == "half-life" and node.span % (86_400 * 10**9):
                yield "half-life of minutes"
        case p.Picks():
            yield from picks(node)
        case p.Block():
            if node.name is None:
                yield from (f"{_sort(item)} loose" for item in node.items)
            yield from (f"block {kind}" for kind in acting(node.limits))
            yield "guarded block" if node.when is not None else "block"
        case p.NeverFalls():
            yield "never falls" if node.until is None else "never falls until"
            if any(isinstance(part, p.HasLabel) for part in walk(node.until)):
                yield "label in a condition of never falls"
        case p.Dimension():
            yield "unique" if node.unique else "not unique"
            inner = list(walk(node.rules))
            if any(isinstance(part, p.Score) for part in inner):
                yield "score in a label"
            if any(isinstance(part, p.HasLabel) for part in inner):
                yield "dimension of a dimension"


def acting(limits: Iterable[p.Limit]) -> Iterator[str]:
    """Of limits: what kind they are, and whether they hold under a condition."""
    for limit in limits:
        yield limit.kind + (" when" if limit.when is not None else "")
    low = max((x.points for x in limits if x.kind == "min"), default=None)
    high = min((x.points for x in limits if x.kind == "max"), default=None)
    if low is not None and high is not None and low > high:
        yield "that crosses"


def rule(node: p.PointsRule) -> Iterator[str]:
    """The names of what is in one rule."""
    way = "each" if isinstance(node.pays, p.Each) else "once"
    if node.decay is not None:
        yield f"decay of {way}"
    if not isinstance(node.points, int):
        yield f"computed {way}"
        if any(isinstance(part, p.Function) for part in walk(node.points)):
            yield "computed with min or max"
    elif node.points % 100:
        yield "points with decimals"
    for kind in acting(node.limits):
        yield "limits that cross" if kind == "that crosses" else f"rule {kind}"
    if node.limits and isinstance(node.points, int) and node.points < 0:
        yield "limit and points below zero"


def picks(node: p.Picks) -> Iterator[str]:
    """The names of the ways in which events are chosen."""
    ways = [f"picks per {period}" for _, period in node.per]
    ways += ["picks distinct"] if node.distinct else []
    ways += ["picks spaced"] if node.spaced is not None else []
    ways += ["picks at most"] if node.most is not None else []
    yield from ways
    if len(ways) > 1:
        yield "picks together"
    if len(node.distinct) > 1:
        yield "picks two distinct"


def whole(program: Program) -> Iterator[str]:
    """The names of what only the whole program shows."""
    yield from (f"total {kind}" for kind in acting(program.total))
    if program.exclusions:
        yield "exclusion"
    if program.freezes:
        yield "freeze"
    if any(isinstance(part, p.Met) for part in walk(program.blocks)):
        yield "checklist in points"
    combined = {d.name for d in program.dimensions if isinstance(d, p.Combination)}
    for dimension in program.dimensions:
        if isinstance(dimension, p.Combination) and combined & set(dimension.dimensions):
            yield "combination of a combination"
    if any(_depth(block.items) > 2 for block in program.blocks):
        yield "three deep"


def _sort(item: p.Item) -> str:
    return {p.PointsRule: "rule", p.Group: "group", p.Choice: "choice"}[type(item)]


def _depth(items: Iterable[p.Item]) -> int:
    inner = (0 if isinstance(item, p.PointsRule) else _depth(item.items) for item in items)
    return 1 + max(inner, default=0)


# --- how it is written -------------------------------------------------------------


def written(node: object) -> Iterable[str]:
    """The names of what stands at one place of a rule's text."""
    kind = type(node).__name__
    match node:
        case s.Comparison():
            yield f"operator {node.operator}"
            yield f"right {type(node.right).__name__}"
            yield f"left {type(node.left).__name__}"
            if node.exactly:
                yield f"exactly {node.operator}"
        case s.Is():
            yield f"asks {node.state}"
        case s.Call():
            yield f"calls {'.'.join(node.function.parts)}"
        case s.Arithmetic():
            yield f"calculates {node.operator}"
        case s.Negative():
            yield "calculates Negative"
        case s.Quantity():
            yield f"quantity {node.kind}"
        case s.Absence():
            yield "absence" if node.since is None else "absence since"
        case s.Complete():
            yield "complete"
        case s.Was():
            yield "was"
        case s.Computed("-", _):
            yield "computed below zero"
        case s.Events():
            yield from events(node)
        case s.Occurs():
            yield "explicit" if node.explicit else "occurs"
            if node.events.name is not None and node.events.name.parts[0] in ("BANT", "Check 2"):
                yield "item of a checklist"
        case s.Range() if node.open:
            yield "open range"
        case s.Duration():
            yield f"unit {node.unit}"
        case s.And() | s.Or() | s.Not():
            yield kind.lower()
        case s.Each() if node.when is not None:
            yield "each when"
        case s.LabelRule():
            yield "otherwise" if node.condition is None else "condition"
            if node.reason is not None:
                yield "label reason"
        case s.PointsRule():
            yield "reason" if node.reason is not None else "no reason"
        case s.Band():
            yield from band(node)
        case s.DimensionOrder() if node.outside:
            yield "label outside the order"
        case s.ListDefinition() if isinstance(node.value, s.Text):
            yield "list from a file"
        case s.Define():
            if any(
                isinstance(part, s.Field) and part.name.parts == ("score",) for part in walk(node)
            ):
                yield "definition of a label"
        case s.DefineNumber() if node.name.parts == ("mix",):
            yield "number of scores"
        case s.Signal():
            names = [".".join(events.name.parts) for events in node.events if events.name]
            if any(name.startswith("signal") for name in names):
                yield "signal in a signal"
    if isinstance(node, s.Window):
        yield f"window {kind}"
    if isinstance(node, s.Statement):
        yield f"statement {kind}"


def events(node: s.Events) -> Iterator[str]:
    """The names of what stands where events are named."""
    if node.name is None:
        yield "any event"
    elif isinstance(node.window, s.Shorthand) and node.name.parts[0].startswith("no_"):
        yield "no_x"
    for part in walk(node.where):
        if isinstance(part, s.Field) and part.name.parts[0].startswith("number"):
            yield "number in a filter"


def band(node: s.Band) -> Iterator[str]:
    """The names of what stands in a band."""
    values = [row.value for row in node.rows]
    if None in values[:-1]:
        yield "row behind otherwise"
    kinds = {type(value) for value in values}
    match node.subject:
        case s.Arithmetic() | s.Negative():
            yield "band calculation"
        case s.Count() | s.Aggregate() | s.Distinct() | s.Since():
            yield "band tally"
        case _:
            named = {s.Text: "text", s.Boolean: "boolean", s.Date: "date", s.Range: "number"}
            yield from (f"band {name}" for kind, name in named.items() if kind in kinds)
    for row in node.rows:
        if row.value is None:
            yield "row otherwise"
        elif row.value == "missing":
            yield "row missing"
        else:
            yield f"row {type(row.value).__name__}"
        yield "row computed" if isinstance(row.points, s.Computed) else "row points"
        yield "row reason" if row.reason is not None else "row without a reason"
