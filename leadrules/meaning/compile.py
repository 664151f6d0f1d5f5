"""A rule file in, a program out: the passes of the rule wing in their order.

Load the file and what it includes; read the settings, the schema, the declarations, the
dimensions; lower every rule, as often as the types of fields need; check what only the
whole shows. A ruleset with an error has no program.
"""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from leadrules.meaning.book import Book, Notes, Refused
from leadrules.meaning.dimensions import survey
from leadrules.meaning.formula import formula
from leadrules.meaning.json_schema import BadSchema, Schema, read_schema
from leadrules.meaning.labels import Labels, aside, checklist, labels, sequence
from leadrules.meaning.lints import lint
from leadrules.meaning.load import Enough, Placed, Read, Report, load, read_beside
from leadrules.meaning.lower import Lowering
from leadrules.meaning.mentions import Mentions
from leadrules.meaning.names import Settings, declarations, listed, settings, written
from leadrules.meaning.places import Places
from leadrules.meaning.points import Always, Points
from leadrules.meaning.types import report_quarrel, settle
from leadrules.model import program as p
from leadrules.model import syntax as s
from leadrules.model.diagnostic import Diagnostic, in_order
from leadrules.model.frozen import Frozen, changed
from leadrules.model.instant import find_zone
from leadrules.model.source import Source, Span

_MOST_RULES = 5_000
_MOST_DIMENSIONS = 200
# Once without types and once with them is enough, unless uses disagree.
_MOST_PASSES = 4


class Meant(Frozen):
    """What a ruleset means: its program, None when it has errors; where the parts of that
    were written; all findings, in order."""

    program: p.Program | None
    places: Places
    diagnostics: tuple[Diagnostic, ...]


def compile_rules(source: Source, read: Read) -> tuple[p.Program | None, list[Diagnostic]]:
    """The program of a ruleset and the findings, where nobody asks for places."""
    meant = understand(source, read)
    return meant.program, list(meant.diagnostics)


def understand(source: Source, read: Read) -> Meant:
    """What a ruleset means.

    `read` gets the text of a file that the rules name, by its path: the one written, seen
    from the folder of the file that names it. `load` says what it raises.
    """
    report = Report()
    program: p.Program | None = None
    places = Places()
    try:
        found = _compiled(source, read, report)
        if found is not None:
            program, places = found
    except Enough as enough:
        if enough.diagnostics is not report.diagnostics:
            report.diagnostics += enough.diagnostics
    findings = in_order(report.diagnostics)
    if any(finding.is_error for finding in findings):
        program = None
    return Meant(program, places, tuple(findings))


def _compiled(source: Source, read: Read, report: Report) -> tuple[p.Program, Places] | None:
    placed = load(source, read, report)
    if not _is_bounded(placed, report):
        return None
    chosen = settings(placed, report)
    zone_name, zone = _zone(chosen, report)
    schema = _schema(chosen, read, report)
    found = declarations(placed, report)
    book = Book(
        declared=found.named,
        lists=listed(found.named, read, report),
        dimensions=survey(placed, found, report),
        schema=schema,
        shape=schema.shape if schema else p.Shape(),
        zone=zone,
        mentions=Mentions(placed),
        types={},
        notes=Notes(),
        names={},
    )
    whole, book = _lowered(placed, book, found.formula, report)
    order = sequence(whole.labels, book)
    report.diagnostics += book.notes.report.diagnostics
    if whole.is_empty and not report.diagnostics:
        message = "there are no rules here: nothing gives points or a label"
        report.error("LR135", source, Span(0, 0), message, "`demo_request +40`, for instance")
    lint(placed, book, report)
    return _program(chosen.title, zone_name, book, whole, order), book.notes.places


def _is_bounded(placed: Iterable[Placed], report: Report) -> bool:
    """Whether there are not too many rules to be judged; they may be a stranger's."""
    rules = dimensions = 0
    for item in placed:
        rules += _number_of_rules(item.statement)
        dimensions += isinstance(item.statement, s.ClassifyBlock | s.Combine | s.DimensionOrder)
        if rules > _MOST_RULES or dimensions > _MOST_DIMENSIONS:
            what = (
                f"{_MOST_RULES:_} rules"
                if rules > _MOST_RULES
                else f"{_MOST_DIMENSIONS} dimensions"
            )
            message = f"a ruleset has at most {what}"
            help = "put what can be one condition into one rule, with `in [ … ]` and lists"
            report.error("LR152", item.source, item.statement.span, message, help)
            return False
    return True


def _number_of_rules(node: s.Statement | s.Paying) -> int:
    match node:
        case s.ScoreBlock() | s.Group() | s.Choice():
            return 1 + sum(_number_of_rules(rule) for rule in node.rules)
        case s.Band():
            return 1 + len(node.rows)
        case s.ClassifyBlock():
            return 1 + len(node.rules)
        case s.Checklist():
            return 1 + len(node.items)
        case _:
            return 1


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


# --- rules -------------------------------------------------------------------------


class _Whole(Frozen):
    """All that has been lowered."""

    exclusions: tuple[p.Aside, ...]
    freezes: tuple[p.Aside, ...]
    blocks: tuple[p.Block, ...]
    formula: p.Formula | None
    total: tuple[p.Limit, ...]
    checklists: tuple[p.Checklist, ...]
    labels: Labels

    @property
    def is_empty(self) -> bool:
        """Whether nothing here could come out for a lead."""
        paying = any(block.items for block in self.blocks)
        return not paying and not self.labels.dimensions and not self.checklists


def _lowered(
    placed: list[Placed], book: Book, formula_at: Placed | None, report: Report
) -> tuple[_Whole, Book]:
    """All rules, and the book with the notes of the pass that made them.

    Without a schema a field's type follows from all of its uses. So the rules are lowered
    without types first; when the uses say that some were taken for another type, or could
    not be told, all is done again.
    """
    types: dict[tuple[bool, tuple[str, ...]], p.Type] = {}
    for _ in range(_MOST_PASSES):
        book = changed(book, types=types, notes=Notes())
        whole = _lower(placed, book, formula_at)
        _look_into_unused(book)
        found, quarrels = settle(book.notes)
        taken = all(types.get(use.key, use.type) == found[use.key] for use in book.notes.uses)
        if quarrels or (taken and not book.notes.ties):
            break
        types = found
    for earlier, later in quarrels:
        report_quarrel(earlier, later, report)
    return whole, changed(book, types=found)


def _lower(placed: list[Placed], book: Book, formula_at: Placed | None) -> _Whole:
    """One pass over all rules."""
    exclusions: list[p.Aside] = []
    freezes: list[p.Aside] = []
    loose: list[p.Item] = []
    blocks: list[p.Block] = []
    checklists: list[p.Checklist] = []
    for item in placed:
        node = item.statement
        points = Points(book, item.source)
        match node:
            case s.PointsRule() | s.Band() | s.Group() | s.Choice():
                lowered = points.item(node)
                loose += [] if lowered is None else [lowered]
            case s.ScoreBlock() if _is_declared(node, node.name, book):
                block = points.block(node)
                blocks += [] if block is None else [block]
            case s.Checklist() if _is_declared(node, node.name, book):
                checklists.append(checklist(node, item.source, book))
            case s.Exclude() | s.Freeze():
                made = aside(node, item.source, book)
                into = exclusions if isinstance(node, s.Exclude) else freezes
                into += [] if made is None else [made]
            case _:
                continue
    outside = (p.Block(None, None, tuple(loose), ()),) if loose else ()
    return _Whole(
        tuple(exclusions),
        tuple(freezes),
        (*outside, *blocks),
        None if formula_at is None else formula(formula_at, placed, book),
        _total(placed, book),
        tuple(checklists),
        labels(book),
    )


def _total(placed: Iterable[Placed], book: Book) -> tuple[p.Limit, ...]:
    """The limits of the whole score; several statements may give them."""
    found: list[p.Limit] = []
    always: Always = {}
    for item in placed:
        if isinstance(item.statement, s.Total):
            found += Points(book, item.source).limits(item.statement.limits, "total", always)
    return tuple(found)


def _is_declared(node: s.Statement, name: s.Name, book: Book) -> bool:
    """Whether this is the declaration of that name, and not a second one."""
    declared = book.declared.get(written(name))
    return declared is not None and declared.node is node


def _look_into_unused(book: Book) -> None:
    """Looks into definitions and signals that no rule uses: they can be wrong too."""
    notes = book.notes
    needed = dict(notes.fields), list(notes.asked), notes.counted
    for name, item in book.declared.items():
        if name in notes.followed:
            continue
        lowering = Lowering(book, item.source, (name,))
        try:
            match item.node:
                case s.Define():
                    lowering.condition(item.node.condition)
                case s.DefineNumber():
                    lowering.number(item.node.term)
                case s.Signal():
                    events = s.Events(item.node.name, None, None, item.node.span)
                    Lowering(book, item.source).kinds(events)
                case _:
                    continue
        except Refused:
            continue
    # What only these read, no lead is asked for.
    notes.fields, notes.asked, notes.counted = needed


# --- the whole ---------------------------------------------------------------------


def _program(
    title: str | None, zone: str, book: Book, whole: _Whole, order: tuple[int, ...]
) -> p.Program:
    notes = book.notes
    fields = sorted(notes.fields, key=lambda field: field.path)
    previous = any(isinstance(asked, p.PreviousScore | p.Was) for asked in notes.asked)
    falling = any(
        isinstance(dimension, p.Dimension) and dimension.falls
        for dimension in whole.labels.dimensions
    )
    return p.Program(
        title=title,
        zone=zone,
        shape=book.shape,
        fields=tuple(field for field in fields if not field.of_event),
        properties=tuple(field for field in fields if field.of_event),
        reads_events=notes.counted > 0,
        reads_previous=previous or falling or bool(whole.freezes),
        exclusions=whole.exclusions,
        freezes=whole.freezes,
        blocks=whole.blocks,
        formula=whole.formula,
        total=whole.total,
        checklists=whole.checklists,
        dimensions=whole.labels.dimensions,
        sequence=order,
    )
