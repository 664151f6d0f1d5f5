"""A rule file in, a program out: the passes of the rule wing in their order.

Load the file and what it includes; read the settings, the schema, the declarations;
settle the types of fields; lower every rule; check what only the whole shows. A ruleset
with an error has no program.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

from leadrules.meaning.book import Book, Key, Refused, Use
from leadrules.meaning.json_schema import BadSchema, Schema, read_schema
from leadrules.meaning.load import Placed, Read, Report, load, read_beside
from leadrules.meaning.lower import Lowering
from leadrules.meaning.names import (
    BUILT_IN,
    Settings,
    declarations,
    listed,
    settings,
    written,
)
from leadrules.meaning.nearest import nearest
from leadrules.model import program as p
from leadrules.model import syntax as s
from leadrules.model.diagnostic import Diagnostic, Note, in_order
from leadrules.model.instant import find_zone
from leadrules.model.source import Source, Span
from leadrules.text.write import write

_MOST_POINTS = 1_000_000
# Counted among the names that are mentioned; no name has a blank.
SHORTHANDS = "E 30d"


def compile_rules(source: Source, read: Read) -> tuple[p.Program | None, list[Diagnostic]]:
    """The program of a ruleset, or None when it has errors; and all findings, in order.

    `read` gets the text of a file that the rules name, by its path: the one written, seen
    from the folder of the file that names it. It raises OSError when there is none.
    """
    report = Report()
    placed = load(source, read, report)
    chosen = settings(placed, report)
    zone_name, zone = _zone(chosen, report)
    schema = _schema(chosen, read, report)
    declared = declarations(placed, report)
    book = Book(
        declared=declared,
        lists=listed(declared, read, report),
        schema=schema,
        shape=schema.shape if schema else p.Shape(),
        zone=zone,
        mentioned=_mentioned(placed),
        types={},
        report=Report(),
        guess=0,
    )
    book = _with_types(placed, book, report)
    rules = _Rules(placed, book, report)
    blocks, dimensions = rules.blocks(), rules.dimensions()
    rules.check_unused()
    if not any(block.rules for block in blocks) and not dimensions and not report.diagnostics:
        message = "there are no rules here: nothing gives points or a label"
        report.error("LR135", source, Span(0, 0), message, "`demo_request +40`, for instance")
    _warn(book, report)
    found = in_order(report.diagnostics)
    if any(finding.is_error for finding in found):
        return None, found
    return _program(chosen.title, zone_name, book, blocks, dimensions), found


def _zone(chosen: Settings, report: Report) -> tuple[str, ZoneInfo | None]:
    if chosen.zone is None:
        return "UTC", None
    node = chosen.zone.statement
    assert isinstance(node, s.Timezone)
    try:
        return node.zone.value, find_zone(node.zone.value)
    except LookupError:
        message = f'there is no time zone "{node.zone.value}"'
        help = 'zones are named like "Europe/Paris" or "America/New_York"'
        report.error("LR108", chosen.zone.source, node.zone.span, message, help)
        return "UTC", None


def _schema(chosen: Settings, read: Read, report: Report) -> Schema | None:
    if chosen.schema is None:
        return None
    node = chosen.schema.statement
    assert isinstance(node, s.UseSchema)
    found = read_beside(chosen.schema.source, node.path.value, node.path.span, read, report)
    if found is None:
        return None
    try:
        return read_schema(found[1])
    except BadSchema as error:
        message = f'"{node.path.value}" cannot be used as a schema: {error}'
        report.error("LR103", chosen.schema.source, node.path.span, message)
        return None


def _mentioned(placed: Iterable[Placed]) -> Counter[str]:
    """How often each name stands in the rules; `no_x 30d` does not count for `no_x`."""
    found: Counter[str] = Counter()
    for item in placed:
        for node in p.walk(item.statement):
            if isinstance(node, s.Name):
                found[written(node)] += 1
            elif isinstance(node, s.Shorthand):
                found[SHORTHANDS] += 1
            elif isinstance(node, s.Occurs) and isinstance(node.events.window, s.Shorthand):
                name = node.events.name
                if name is not None and not node.explicit and node.events.where is None:
                    found[written(name)] -= 1
    return found


# --- types of fields that no schema has ---------------------------------------------


def _with_types(placed: list[Placed], book: Book, report: Report) -> Book:
    """The book with the type of each field, as its uses tell."""
    while True:
        trial = replace(book, report=Report(), used=0, uses=[], bare_texts=[], events=[])
        rules = _Rules(placed, trial, trial.report, trial=True)
        rules.blocks()
        rules.dimensions()
        rules.check_unused()
        types, quarrels = _settle(trial.uses)
        if types == book.types and book.guess == 2:
            for earlier, later in quarrels:
                _report_quarrel(earlier, later, report)
            return replace(book, report=report, used=0, uses=[], bare_texts=[], events=[])
        # Two fields compared with each other may learn their type from a third rule;
        # only when nothing more is learned is it guessed from the operator.
        book = replace(book, types=types, guess=book.guess + (types == book.types))


def _settle(uses: Iterable[Use]) -> tuple[dict[Key, p.Type], list[tuple[Use, Use]]]:
    settled: dict[Key, Use] = {}
    quarrels = []
    for use in uses:
        earlier = settled.get(use.key)
        if earlier is None:
            settled[use.key] = use
            continue
        together = _both(earlier.type, use.type)
        if together is None:
            quarrels.append((earlier, use))
        elif together != earlier.type:
            settled[use.key] = use if together == use.type else replace(use, type=together)
    return {key: use.type for key, use in settled.items()}, quarrels


def _both(one: p.Type, other: p.Type) -> p.Type | None:
    """The type that serves both uses, or None."""
    if one == other or other == "anything":
        return one
    if one == "anything":
        return other
    if one == "text or list" and other in ("text", "list"):
        return other
    if other == "text or list" and one in ("text", "list"):
        return one
    return None


_AS = {
    "number": "a number",
    "text": "a text",
    "boolean": "true or false",
    "date": "a date",
    "text or list": "a text or a list",
}


def _report_quarrel(earlier: Use, later: Use, report: Report) -> None:
    shown = ".".join(later.key[1])
    line = earlier.source.place(earlier.span.start)[0]
    where = (
        f"line {line}" if earlier.source == later.source else f"{earlier.source.name} line {line}"
    )
    one, other = _AS.get(earlier.type, earlier.type), _AS.get(later.type, later.type)
    report.diagnostics.append(
        Diagnostic(
            "LR112",
            "error",
            f"`{shown}` is {other} here, but {one} in {where}",
            later.source,
            later.span,
            "use it in one way; quotes make a text of a number",
            (Note(earlier.source, earlier.span, f"{one} here"),),
        )
    )


# --- rules -------------------------------------------------------------------------


class _Rules:
    """Lowers all the rules of a ruleset."""

    def __init__(
        self, placed: list[Placed], book: Book, report: Report, trial: bool = False
    ) -> None:
        self.placed = placed
        self.book = book
        self.report = report
        # A trial is only to see how fields are used; it makes no rules.
        self.trial = trial

    def blocks(self) -> tuple[p.Block, ...]:
        """The score blocks, and the rules outside any, in the order written."""
        loose = []
        blocks = []
        for item in self.placed:
            node = item.statement
            if isinstance(node, s.PointsRule):
                loose.append(self.points(node, item.source))
            elif isinstance(node, s.ScoreBlock) and self.is_declared(node, node.name):
                limits = self.limits(node.limits, item.source)
                rules = [self.points(rule, item.source) for rule in node.rules]
                kept = tuple(rule for rule in rules if rule)
                blocks.append(p.Block(written(node.name), kept, limits))
        outside = tuple(rule for rule in loose if rule)
        return ((p.Block(None, outside, p.Limits()),) if outside else ()) + tuple(blocks)

    def dimensions(self) -> tuple[p.Dimension, ...]:
        """Stage and temperature where they are used, then the classifications."""
        built: dict[str, list[tuple[s.LabelRule, Source]]] = {"stage": [], "temperature": []}
        own: dict[str, list[tuple[s.LabelRule, Source]]] = {}
        for item in self.placed:
            node = item.statement
            if isinstance(node, s.LabelRule):
                dimension = self.dimension_of(node, item.source)
                if dimension is not None:
                    built[dimension].append((node, item.source))
            elif isinstance(node, s.ClassifyBlock) and self.is_declared(node, node.name):
                own[written(node.name)] = [(rule, item.source) for rule in node.rules]
        found = []
        for name, rules in [*built.items(), *own.items()]:
            if rules or name in own:
                found.append(self.dimension(name, rules))
        return tuple(found)

    def check_unused(self) -> None:
        """Looks into definitions and signals that no rule uses: they can be wrong too."""
        for name, item in self.book.declared.items():
            lowering = Lowering(self.book, item.source, (name,))
            try:
                if isinstance(item.node, s.Define):
                    lowering.condition(item.node.condition)
                elif isinstance(item.node, s.Signal):
                    lowering = Lowering(self.book, item.source)
                    lowering.kinds(s.Events(item.node.name, None, None, item.node.span))
            except Refused:
                continue

    def is_declared(self, node: s.Statement, name: s.Name) -> bool:
        """Whether this is the declaration of that name, and not a second one."""
        declared = self.book.declared.get(written(name))
        return declared is not None and declared.node is node

    def points(self, node: s.PointsRule, source: Source) -> p.PointsRule | None:
        """A rule with points; None when it has been refused."""
        lowering = Lowering(self.book, source)
        each = isinstance(node.condition, s.Each)
        points = self.hundredths(node.points, source)
        limits = self.limits(node.limits, source)
        self.check_reach(node, points, limits, each, source)
        try:
            pays: p.Once | p.Each
            if isinstance(node.condition, s.Each):
                when = node.condition.when
                events = lowering.events(node.condition.events)
                pays = p.Each(events, None if when is None else lowering.condition(when))
            else:
                pays = p.Once(lowering.condition(node.condition))
        except Refused:
            return None
        if self.trial:
            return None
        if any(isinstance(part, p.Score) for part in p.walk(pays)):
            message = "points cannot depend on the score: the score is made of them"
            help = "let a label depend on it: `score >= 60 -> SQL`"
            self.report.error("LR121", source, node.condition.span, message, help)
            return None
        name = self.name(node.condition, lowering)
        reason = None if node.reason is None else node.reason.value
        return p.PointsRule(name, pays, points, limits, reason)

    def name(self, condition: s.Condition | s.Each, lowering: Lowering) -> str:
        """A rule's name in the results: its condition in long form."""
        short = self.book.mentioned.get(SHORTHANDS)
        return write(lowering.long_form(condition) if short else condition)

    def dimension_of(self, node: s.LabelRule, source: Source) -> str | None:
        """The built-in dimension of a label outside any block."""
        label = node.label.value
        if label in BUILT_IN:
            return BUILT_IN[label]
        close = nearest(label, BUILT_IN)
        known = ", ".join(BUILT_IN)
        help = (
            f"did you mean `{close}`?"
            if close
            else f"labels here are {known}; others stand in `classify NAME {{ … }}`"
        )
        self.report.error(
            "LR130", source, node.label.span, f"`{label}` is no stage and no temperature", help
        )
        return None

    def dimension(self, name: str, rules: list[tuple[s.LabelRule, Source]]) -> p.Dimension:
        """A dimension and its rules; nothing may follow `otherwise`."""
        found = []
        last: tuple[s.LabelRule, Source] | None = None
        for node, source in rules:
            if last is not None:
                line = last[1].place(last[0].span.start)[0]
                message = f"no lead gets here: `otherwise` in line {line} takes all that are left"
                help = f"move `otherwise` behind the last rule of {name}"
                self.report.error("LR131", source, node.span, message, help)
            if node.condition is None:
                last = last or (node, source)
            try:
                condition = (
                    None
                    if node.condition is None
                    else Lowering(self.book, source).condition(node.condition)
                )
            except Refused:
                continue
            if self.trial:
                continue
            lowering = Lowering(self.book, source)
            words = "otherwise" if node.condition is None else self.name(node.condition, lowering)
            reason = None if node.reason is None else node.reason.value
            found.append(p.LabelRule(words, condition, node.label.value, reason))
        return p.Dimension(name, tuple(found))

    def limits(self, nodes: tuple[s.Limit, ...], source: Source) -> p.Limits:
        """`min` and `max`, each at most once."""
        found: dict[str, int] = {}
        for node in nodes:
            if node.kind in found:
                self.report.error(
                    "LR107",
                    source,
                    node.span,
                    f"`{node.kind}` is given twice",
                    "keep one of the two",
                )
                continue
            found[node.kind] = self.hundredths(node.number, source)
        limits = p.Limits(found.get("min"), found.get("max"))
        if limits.low is not None and limits.high is not None and limits.low > limits.high:
            message = "the `min` is larger than the `max`"
            self.report.error(
                "LR133", source, nodes[0].span.to(nodes[-1].span), message, "swap the two numbers"
            )
        return limits

    def check_reach(
        self, node: s.PointsRule, points: int, limits: p.Limits, each: bool, source: Source
    ) -> None:
        """A limit that points can never get to."""
        for limit in node.limits:
            value = limits.high if limit.kind == "max" else limits.low
            if value is None:
                continue
            upward = limit.kind == "max"
            more_each_time = each and (points > 0 if upward else points < 0)
            beyond = points < value if upward else points > value
            if beyond and not more_each_time:
                text = write(limit.number)
                pays = ("+" if node.points.value >= 0 else "") + write(node.points)
                message = f"`{limit.kind} {text}` can never be reached: this rule pays {pays}"
                help = "leave it out"
                if not each and (points > 0) == upward and isinstance(node.condition, s.Occurs):
                    message += " and only once"
                    each_of = f"each {write(node.condition)} {pays} {limit.kind} {text}"
                    help = f"did you mean `{each_of}`?"
                self.report.error("LR132", source, limit.span, message, help)

    def hundredths(self, number: s.Number, source: Source) -> int:
        """Points as whole hundredths."""
        if abs(number.value) > _MOST_POINTS:
            message = f"points lie between -{_MOST_POINTS:,} and {_MOST_POINTS:,}".replace(",", "_")
            self.report.error("LR134", source, number.span, message)
            return 0
        return int(number.value * Decimal(100))


# --- the whole ---------------------------------------------------------------------


def _warn(book: Book, report: Report) -> None:
    """Warnings that need all the rules: misspelt events, texts that are also fields."""
    names = Counter(written(name) for name, _ in book.events)
    once = {written(name): (name, source) for name, source in book.events}
    for key, (name, source) in once.items():
        if names[key] > 1 or (book.schema and book.schema.event_types is not None):
            continue
        close = nearest(key, [other for other in names if other != key])
        if close is not None and len(key) > 3 and (names[close] > 1 or key > close):
            message = f"`{key}` is used only here, and is close to `{close}`"
            help = f"if it is meant to be the same event, write `{close}`"
            report.warning("LR202", source, name.span, message, help)
    fields = {".".join(key[1]) for key in book.types if not key[0]}
    fields |= {".".join(path) for path in book.schema.fields} if book.schema else set()
    for text, source in book.bare_texts:
        if text.value in fields:
            message = f"`{text.value}` is read as a text here, and is also a field"
            help = f'for the field write `field {text.value}`, for the text `"{text.value}"`'
            report.warning("LR203", source, text.span, message, help)


def _program(
    title: str | None,
    zone: str,
    book: Book,
    blocks: tuple[p.Block, ...],
    dimensions: tuple[p.Dimension, ...],
) -> p.Program:
    nodes = list(p.walk((blocks, dimensions)))
    found = {node for node in nodes if isinstance(node, p.Field)}
    ordered = sorted(found, key=lambda field: field.path)
    return p.Program(
        title=title,
        zone=zone,
        shape=book.shape,
        fields=tuple(field for field in ordered if not field.of_event),
        properties=tuple(field for field in ordered if field.of_event),
        reads_events=any(isinstance(node, p.Count | p.Each | p.NoneSince) for node in nodes),
        blocks=blocks,
        dimensions=dimensions,
    )
