"""What a sample of leads says about rules: what there is, and how often each rule held.

The reference judges every rule on every lead, also where the result would not ask: a row behind
the first that fits, a limit that is passed anyway. So a sample is some thousand leads, not all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from leadrules.engines.conditions import Scene, judge, matching
from leadrules.engines.json_text import NotJson, read_json
from leadrules.engines.read import read_record
from leadrules.engines.reference import evaluate_in
from leadrules.model.frozen import walk
from leadrules.model.lead import Rejection, Value
from leadrules.model.letters import composed, fold
from leadrules.model.program import (
    Aside,
    Choice,
    Dimension,
    Each,
    Field,
    Group,
    Item,
    LabelRule,
    PointsRule,
    Program,
)
from leadrules.model.verdict import Verdict

# Where a rule is, and what it is: the part of the program.
Rule = PointsRule | LabelRule | Aside
Path = tuple[str, ...]
_DEEPEST = 6


@dataclass(slots=True)
class Tally:
    """How often a rule held, did not, or could not be told; then, which fields were missing."""

    rule: Rule
    true: int = 0
    false: int = 0
    unknown: int = 0
    wanting: Counter[Path] = field(default_factory=Counter)


@dataclass(slots=True)
class Values:
    """The texts in a field, each in the small form that rules compare, with how often it was
    there and how it was first written."""

    counts: Counter[str] = field(default_factory=Counter)
    spelled: dict[str, str] = field(default_factory=dict)

    def add(self, text: str) -> None:
        """Counts a text."""
        key = fold(text)
        self.counts[key] += 1
        self.spelled.setdefault(key, text)


@dataclass(slots=True)
class Sample:
    """What was counted in some records.

    `paths` are all fields that are there, not only those that the rules read, and `types` all
    types of event. `rejected` has the code, the field and the reason of the records that would
    be set aside.
    """

    read: int = 0
    scored: int = 0
    excluded: int = 0
    rejected: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    reasons: dict[tuple[str, str | None], str] = field(default_factory=dict)
    paths: Counter[Path] = field(default_factory=Counter)
    properties: Counter[Path] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    values: dict[Field, Values] = field(default_factory=dict)
    tallies: list[Tally] = field(default_factory=list)


def sample_of(program: Program, records: Iterable[bytes], as_of: int) -> Sample:
    """Counts in some records, each the text of one, at `as_of` (an instant)."""
    found = Sample()
    asides = [Tally(aside) for aside in program.exclusions]
    rules = [Tally(rule) for rule in _rules(program)]
    found.tallies = [*asides, *rules]
    texts = [f for f in (*program.fields, *program.properties) if f.type in _TEXTS]
    found.values = {text: Values() for text in texts}
    seen: set[str] = set()
    for record in records:
        found.read += 1
        lead = read_record(program, record, as_of)
        if not isinstance(lead, Rejection) and lead.id in seen:
            lead = Rejection("duplicate_id", "an earlier record has the same id", None)
        _count_keys(program, record, found)
        if isinstance(lead, Rejection):
            _reject(lead, found)
            continue
        seen.add(lead.id)
        _count_values(found, lead.values, False)
        for event in lead.events:
            _count_values(found, event.properties, True)
        outcome, scene = evaluate_in(program, lead, as_of)
        _tally(asides, scene)
        if not isinstance(outcome, Verdict):
            found.excluded += 1
            continue
        found.scored += 1
        _tally(rules, scene)
    return found


_TEXTS = ("text", "list", "text or list")


def _rules(program: Program) -> Iterator[Rule]:
    """The rules that pay or give a label, but for `otherwise` and for the rows of bands: of a
    table it is plain that not every row is met."""
    for block in program.blocks:
        yield from _paying(block.items)
    for dimension in program.dimensions:
        if isinstance(dimension, Dimension):
            yield from (rule for rule in dimension.rules if rule.condition is not None)


def _paying(items: Iterable[Item]) -> Iterator[PointsRule]:
    for item in items:
        match item:
            case PointsRule():
                yield item
            case Group():
                yield from _paying(item.items)
            case Choice():
                yield from _paying(item.items)


def _holds(rule: Rule) -> Callable[[Scene], bool | None]:
    """Whether a rule holds for a lead."""
    if not isinstance(rule, PointsRule):
        condition = rule.condition
        assert condition is not None
        return lambda scene: judge(condition, scene)
    pays = rule.pays
    if not isinstance(pays, Each):
        return lambda scene: judge(pays.condition, scene)

    def each(scene: Scene) -> bool | None:
        if not matching(pays.events, scene):
            return False
        return True if pays.when is None else judge(pays.when, scene)

    return each


def _tally(tallies: Iterable[Tally], scene: Scene) -> None:
    for tally in tallies:
        holds = _holds(tally.rule)(scene)
        if holds is True:
            tally.true += 1
        elif holds is False:
            tally.false += 1
        else:
            tally.unknown += 1
            fields = {part for part in walk(tally.rule) if isinstance(part, Field)}
            missing = {f.path for f in fields if not f.of_event and f.path not in scene.lead.values}
            tally.wanting.update(missing)


def _reject(lead: Rejection, found: Sample) -> None:
    # `events[3].at` is told as `events.at`.
    place = None if lead.field is None else _without_numbers(lead.field)
    found.rejected[lead.code, place] += 1
    found.reasons.setdefault((lead.code, place), lead.reason)


def _without_numbers(place: str) -> str:
    return "".join(part.partition("]")[2] if i else part for i, part in enumerate(place.split("[")))


def _count_values(found: Sample, values: object, of_event: bool) -> None:
    assert isinstance(values, dict)
    for text, counted in found.values.items():
        if text.of_event is not of_event:
            continue
        value: Value | None = values.get(text.path)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, str):
                counted.add(one)


def _count_keys(program: Program, record: bytes, found: Sample) -> None:
    """Counts the fields, the properties and the types of events that are in a record."""
    try:
        whole = read_json(record.removeprefix(b"\xef\xbb\xbf").decode())
    except (UnicodeDecodeError, NotJson):
        return
    if not isinstance(whole, dict):
        return
    shape = program.shape
    found.paths.update(path for path in _paths(whole, ()) if path != shape.events)
    events: object = whole
    for key in shape.events:
        events = events.get(key) if isinstance(events, dict) else None
    for event in events if isinstance(events, list) else ():
        if isinstance(event, dict):
            kind = event.get(shape.type)
            if isinstance(kind, str):
                found.types[composed(kind)] += 1
            found.properties.update(_paths(event, ()))


def _paths(value: dict[str, object], before: Path) -> Iterator[Path]:
    """The fields that hold something, also those inside others."""
    for key, inner in value.items():
        if inner is None or (isinstance(inner, str) and not inner.strip()):
            continue
        yield (*before, key)
        if isinstance(inner, dict) and len(before) < _DEEPEST:
            yield from _paths(inner, (*before, key))
