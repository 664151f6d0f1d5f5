"""What a sample of leads says about rules, put where it belongs in the rule files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from leadrules.batch.records import BadArray, layout, records
from leadrules.batch.sample import Rule, Sample, Tally, Values, sample_of
from leadrules.engines.read import WANTED
from leadrules.meaning.load import Report, load
from leadrules.meaning.places import Place
from leadrules.model import syntax as s
from leadrules.model.diagnostic import Diagnostic
from leadrules.model.frozen import walk
from leadrules.model.instant import show_instant
from leadrules.model.lead import CODES as REASONS
from leadrules.model.letters import composed, fold, normal
from leadrules.model.nearest import nearest
from leadrules.model.program import Field, Has, IsText, Kind, Program
from leadrules.model.source import Source, Span
from leadrules.shell.files import lead_files
from leadrules.shell.looked import Looked
from leadrules.shell.outcome import UNFINISHED, Stop
from leadrules.shell.rules import Compiled

MOST = 5_000
# Of fewer leads nothing is said but what was counted: anything may be missing in them.
FEWEST = 10
# A rule that is unknown for more than these leads.
_HARDLY = 0.95
_MOST_SHOWN = 4
_SEVERAL = 3


def look_at_leads(leads: str, name: str, compiled: Compiled, as_of: int) -> Looked:
    """What the first leads of a file say about a ruleset without errors, at `as_of`."""
    program = compiled.program
    assert program is not None
    with TemporaryDirectory(prefix="leadrules-") as folder:
        sample, more = _sample(leads, Path(folder), program, as_of)
    said = _said(leads, sample, more, as_of)
    found = _Finder(name, compiled, program, sample)
    if sample.read >= FEWEST:
        found.set_aside()
    if sample.scored < FEWEST:
        few = f"that is too few to find anything missing: {FEWEST} leads at least"
        return Looked(tuple(found.findings), (*said, few), ())
    found.fields()
    found.values()
    found.events()
    found.rules()
    return Looked(tuple(found.findings), said, tuple(_table(sample)))


def _sample(leads: str, folder: Path, program: Program, as_of: int) -> tuple[Sample, bool]:
    """What is counted in the first records, and whether there are more."""

    def first() -> Iterator[bytes]:
        for path, _ in lead_files([leads], folder):
            for record in records(path, layout(path)):
                yield record.data

    found = first()
    try:
        sample = sample_of(program, islice(found, MOST), as_of)
        return sample, next(found, None) is not None
    except (BadArray, EOFError, OSError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise Stop(UNFINISHED, f"cannot read {leads}: {said.lower()}") from None


# --- in words ----------------------------------------------------------------------


def _said(leads: str, sample: Sample, more: bool, as_of: int) -> tuple[str, ...]:
    bad = sum(sample.rejected.values())
    only = f"the first {sample.read:,} leads" if more else _counted(sample.read, "lead")
    lines = [
        f"looked at {only} of {leads} as of {show_instant(as_of)}: {sample.scored:,} scored, "
        f"{sample.excluded:,} excluded, {bad:,} would be set aside"
    ]
    for (code, place), number in sample.rejected.most_common():
        what = REASONS[code].rstrip(".").lower()
        lines.append(f"  {number:,} set aside: {what}" + (f" (`{place}`)" if place else ""))
    return tuple(lines)


def _table(sample: Sample) -> Iterator[str]:
    """How often each rule held."""
    yield f"{'held':>8} {'not':>8} {'unknown':>8}  rule"
    for tally in sample.tallies:
        name = tally.rule.name if hasattr(tally.rule, "name") else tally.rule.reason
        wanting = f"  (missing: {_wanting(tally)})" if tally.wanting else ""
        yield f"{tally.true:>8,} {tally.false:>8,} {tally.unknown:>8,}  {name}{wanting}"


def _wanting(tally: Tally) -> str:
    most = tally.wanting.most_common(_MOST_SHOWN)
    return ", ".join(f"{'.'.join(path)} {number:,}" for path, number in most)


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


# --- in the rules ------------------------------------------------------------------


class _Finder:
    """Finds, and remembers what is not there, so that of a rule that holds for nobody since a
    field does not exist nothing more is said."""

    def __init__(self, name: str, compiled: Compiled, program: Program, sample: Sample) -> None:
        self.program = program
        self.sample = sample
        self.places = compiled.meant.places
        self.findings: list[Diagnostic] = []
        # Paths of fields, types of event, and values of fields that are not there.
        self.absent: set[object] = set()
        source = Source(name, compiled.texts[name])
        placed = load(source, compiled.texts.__getitem__, Report())
        self.names: dict[str, tuple[Source, Span]] = {}
        self.compared: list[tuple[s.Comparison | s.Band, Source]] = []
        self.lists: dict[str, s.Items] = {}
        for item in placed:
            if isinstance(item.statement, s.ListDefinition):
                if isinstance(item.statement.value, s.Items):
                    self.lists[".".join(item.statement.name.parts)] = item.statement.value
                continue
            for node in walk(item.statement):
                for named in _names(node):
                    self.names.setdefault(".".join(named.parts), (item.source, named.span))
                if isinstance(node, s.Comparison | s.Band):
                    self.compared.append((node, item.source))

    def add(self, code: str, at: tuple[Source, Span], message: str, help: str) -> None:
        """Adds a finding."""
        source, span = at
        self.findings.append(Diagnostic(code, "warning", message, source, span, help))

    def asks_in_vain(self, rule: Rule) -> bool:
        """Whether a rule asks for something that is not there."""
        for part in walk(rule):
            asked: list[object] = []
            if isinstance(part, Field):
                asked = [part.path]
            elif isinstance(part, Kind):
                asked = [part.type]
            elif isinstance(part, IsText | Has) and isinstance(part.text, Field):
                asked = [(part.text.path, fold(value)) for value in part.values]
            if not self.absent.isdisjoint(asked):
                return True
        return False

    # --- what there is ---------------------------------------------------------------

    def fields(self) -> None:
        """Fields that no lead has, properties that no event has."""
        for whole, fields, there in (
            ("lead", self.program.fields, self.sample.paths),
            ("event", self.program.properties, self.sample.properties),
        ):
            if not there:
                continue
            for field in fields:
                shown = ".".join(field.path)
                at = self.names.get(shown)
                if there[field.path] or at is None:
                    continue
                known = {".".join(path): number for path, number in there.items()}
                self.absent.add(field.path)
                message = f"no {whole} has `{shown}`"
                self.add("LR401", at, message, _close(shown, known, "{:,} have it"))

    def values(self) -> None:
        """Values that no lead has."""
        by_path: dict[str, tuple[Field, Values]] = {}
        for field, values in self.sample.values.items():
            by_path.setdefault(".".join(field.path), (field, values))
        for node, source in self.compared:
            subject = node.left if isinstance(node, s.Comparison) else node.subject
            if not isinstance(subject, s.Field):
                continue
            shown = ".".join(subject.name.parts)
            found = by_path.get(shown)
            if found is None or found[1].counts.total() < FEWEST:
                continue
            field, values = found
            texts, how = self.asked(node)
            never = [text for text in texts if not _occurs(text.value, how, field, values)]
            for text in never:
                near = _near(text.value, values)
                # One of a list may be rare; when none is there, or another is close, it is not.
                if near or len(never) == len(texts):
                    self.absent.add((field.path, fold(normal(text.value))))
                    spelled = {values.spelled[key]: number for key, number in near.items()}
                    message = f"no {'event' if field.of_event else 'lead'} has `{text.value}`"
                    help = _listed("there is", spelled or _shared(values))
                    self.add("LR402", (source, text.span), f"{message} in `{shown}`", help)

    def asked(self, node: s.Comparison | s.Band) -> tuple[list[s.Text], str]:
        """The texts that a field is compared with, and how."""
        if isinstance(node, s.Band):
            rows = [row.value for row in node.rows]
            inside = [
                item for row in rows for item in (row.items if isinstance(row, s.Items) else (row,))
            ]
            return [item for item in inside if isinstance(item, s.Text)], "="
        right: object = node.right
        if isinstance(right, s.ListName):
            right = self.lists.get(".".join(right.name.parts))
        items = right.items if isinstance(right, s.Items) else (right,)
        return [item for item in items if isinstance(item, s.Text)], node.operator

    def events(self) -> None:
        """Types of event that no lead has."""
        types = self.sample.types
        asked = {
            part.type: None for part in walk(self.program) if isinstance(part, Kind) and part.type
        }
        for name in asked:
            assert name is not None
            at = self.names.get(name)
            if not types[name] and at is not None:
                self.absent.add(name)
                help = _close(name, types, "it happened {:,} times")
                if not types:
                    list_ = ".".join(self.program.shape.events)
                    help = f"no lead has any event in `{list_}`; a schema can name another list"
                self.add("LR403", at, f"no lead has an event `{name}`", help)

    def set_aside(self) -> None:
        """Fields for which records go to the quarantine."""
        fields = {".".join(field.path): field for field in self.program.fields}
        for (_, place), number in self.sample.rejected.most_common():
            field, at = fields.get(place or ""), self.names.get(place or "")
            if field is None or at is None:
                continue
            wanted = WANTED.get(field.type, "what the rules need")
            of = f"{number:,} of {_counted(self.sample.read, 'lead')}"
            message = f"{of} would be set aside: `{place}` is not {wanted}"
            self.add("LR407", at, message, "mend the export, or ask for the field in another way")

    # --- what held -------------------------------------------------------------------

    def rules(self) -> None:
        """Rules that held for nobody, for everybody, or of which nobody knows."""
        scored = self.sample.scored
        for tally in self.sample.tallies:
            place: Place | None = self.places.own(tally.rule)
            if place is None or isinstance(place.node, s.Row) or tally.true not in (0, scored):
                # Of a band it is plain that not every row is met.
                continue
            condition = getattr(place.node, "condition", None) or place.node
            if self.asks_in_vain(tally.rule):
                continue
            at = place.source, condition.span
            counted = tally.true + tally.false + tally.unknown
            if tally.true:
                message = f"this holds for all of {_counted(scored, 'lead')}"
                self.add("LR405", at, message, "it tells no lead from another; ask for more")
            elif tally.unknown > _HARDLY * counted:
                message = f"for {tally.unknown:,} of {_counted(counted, 'lead')} nobody can tell"
                self.add("LR406", at, message, f"missing: {_wanting(tally) or 'what it asks for'}")
            else:
                message = f"this holds for none of {_counted(counted, 'lead')}"
                help = f"it is false for {tally.false:,}, and unknown for {tally.unknown:,}"
                self.add("LR404", at, message, help)


def _names(node: object) -> Iterator[s.Name]:
    """The names of fields and of events in a piece of syntax."""
    match node:
        case s.Field(name):
            yield name
        case s.Events(name) if name is not None:
            yield name
        case s.Aggregate(_, property) | s.Distinct(property) | s.DistinctBy(property):
            yield property


def _occurs(text: str, how: str, field: Field, values: Values) -> bool:
    whole, part = fold(normal(text)), fold(composed(text))
    match how:
        case "contains" | "contains any of" | "contains all of" if field.type != "list":
            return any(part in value for value in values.counts)
        case "starts with":
            return any(value.startswith(part) for value in values.counts)
        case "ends with":
            return any(value.endswith(part) for value in values.counts)
        case "like":
            return True
        case _:
            return whole in values.counts


def _near(text: str, values: Values) -> dict[str, int]:
    """Values that may have been meant: they hold the text, or are close to it."""
    key = fold(normal(text))
    holding = [
        value for value in values.counts if key in value or (len(value) > 3 and value in key)
    ]
    close = nearest(key, values.counts)
    found = dict.fromkeys([*holding, *([close] if close else [])])
    return {value: values.counts[value] for value in found}


def _shared(values: Values) -> dict[str, int]:
    """The values that several leads have: of the others nobody should read here."""
    found = {key: number for key, number in values.counts.items() if number >= _SEVERAL}
    return {values.spelled[key]: number for key, number in found.items()}


def _close(name: str, known: Mapping[str, int], often: str) -> str:
    """The name that may have been meant, else those that there are."""
    last = name.rpartition(".")[2].lower()
    same = [other for other in known if other.rpartition(".")[2].lower() == last]
    close = same[0] if same else nearest(name, known)
    if close is not None:
        return f"did you mean `{close}`? {often.format(known[close])}"
    return _listed("there is", known)


def _listed(words: str, known: Mapping[str, int]) -> str:
    if not known:
        return "every lead has a value of its own there"
    most = Counter(known).most_common(_MOST_SHOWN)
    more = ", …" if len(known) > _MOST_SHOWN else ""
    return f"{words} {', '.join(f'`{name}` ({number:,})' for name, number in most)}{more}"
