"""The reference engine: one lead, in plain Python. It is what the language means.

Written to be read. Every other engine is held to it. Here are points and labels;
conditions, numbers and events are in `conditions` beside this file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from leadrules.engines.conditions import (
    Scene,
    identity,
    judge,
    matching,
    number_of,
    rounded_up,
)
from leadrules.model.decay import age, lose, rounded, share
from leadrules.model.instant import find_zone, local_day
from leadrules.model.lead import Event, Lead
from leadrules.model.program import (
    MOST_POINTS,
    Block,
    Checklist,
    Choice,
    Combination,
    Decay,
    Dimension,
    Each,
    Formula,
    Group,
    Item,
    Limit,
    Number,
    Once,
    Period,
    Picks,
    PointsRule,
    Program,
)
from leadrules.model.verdict import Checked, Counted, Excluded, Frozen, Outcome, Paid, Verdict


def evaluate(program: Program, lead: Lead, as_of: int) -> Outcome:
    """What the rules say about a lead at `as_of` (an instant)."""
    return evaluate_in(program, lead, as_of)[0]


def evaluate_in(program: Program, lead: Lead, as_of: int) -> tuple[Outcome, Scene]:
    """The same, with the scene at its end: conditions can be judged there as they were. Of a
    lead that is scored it has the scores and the labels."""
    scene = Scene(program, lead, as_of, find_zone(program.zone))
    for aside in program.exclusions:
        if judge(aside.condition, scene) is True:
            return Excluded(lead.id, aside.reason), scene
    if lead.previous is not None:
        for aside in program.freezes:
            if judge(aside.condition, scene) is True:
                return Frozen(lead.id, lead.previous.line, aside.reason), scene
    return _verdict(program, scene)


def _verdict(program: Program, scene: Scene) -> tuple[Verdict, Scene]:
    fired: list[Paid] = []
    scores: dict[str | None, int] = {}
    for block in program.blocks:
        scores[block.name], paid = _block(block, scene)
        fired += paid
    scene = replace(scene, scores=scores)
    score, paid = _total(program, scene)
    fired += paid
    named = tuple((name, value) for name, value in scores.items() if name is not None)
    scene = replace(scene, scores=scores | {None: score})
    labels, reasons, conflicts = _labels(program, scene)
    verdict = Verdict(
        scene.lead.id,
        score,
        named,
        labels,
        reasons,
        tuple(fired),
        tuple(_checked(checklist, scene) for checklist in program.checklists),
        conflicts,
    )
    return verdict, replace(scene, labels=dict(labels))


# --- points ------------------------------------------------------------------------


def _block(block: Block, scene: Scene) -> tuple[int, list[Paid]]:
    """What a block comes to, and what is listed for it."""
    if block.when is not None and judge(block.when, scene) is not True:
        return 0, []
    brought = [b for b in (_item(item, scene) for item in block.items) if b is not None]
    return _within(block.name or "", sum(b.points for b in brought), block.limits, brought, scene)


def _total(program: Program, scene: Scene) -> tuple[int, list[Paid]]:
    """The score, made of the scores of the blocks."""
    added = score = sum(scene.scores.values())
    fired = []
    if program.formula is not None:
        score = _worked_out(program.formula, scene)
        if score != added:
            name = program.formula.name
            fired = [Paid("score", score - added, earned=added, formula=name)]
    score, limit = _within("total", score, program.total, (), scene)
    return score, fired + limit


def _worked_out(formula: Formula, scene: Scene) -> int:
    return _hundredths(formula.number, scene) or 0


@dataclass(frozen=True, slots=True)
class _Brought:
    """What something that fired brings, and what is listed for it."""

    points: int
    fired: list[Paid]


def _item(item: Item, scene: Scene) -> _Brought | None:
    """What an item brings; None when it does not fire."""
    match item:
        case PointsRule():
            return _rule(item, scene)
        case Group(title, items, limits):
            brought = [b for b in (_item(inner, scene) for inner in items) if b is not None]
            if not brought:
                return None
            earned = sum(b.points for b in brought)
            return _Brought(*_within(title, earned, limits, brought, scene))
        case Choice(kind, items):
            brought = [b for b in (_item(inner, scene) for inner in items) if b is not None]
            if kind == "first" or not brought:
                return next(iter(brought), None)
            return max(brought, key=lambda b: b.points)
        case _:
            assert_never(item)


def _within(
    name: str, earned: int, limits: Sequence[Limit], brought: Sequence[_Brought], scene: Scene
) -> tuple[int, list[Paid]]:
    """What is left of points within limits, and all that is listed for it."""
    around = (name,) if name else ()
    fired = [
        replace(paid, within=around + paid.within) for inner in brought for paid in inner.fired
    ]
    allowed, limit = limited(earned, acting(limits, scene))
    if limit is not None:
        fired.append(Paid(name, allowed - earned, limit, earned))
    return allowed, fired


def acting(limits: Iterable[Limit], scene: Scene) -> list[Limit]:
    """The limits whose conditions are true."""
    return [x for x in limits if x.when is None or judge(x.when, scene) is True]


def limited(earned: int, limits: Sequence[Limit]) -> tuple[int, str | None]:
    """What is left of some points, and the name of the limit that acted."""
    high = min((x for x in limits if x.kind == "max"), key=lambda x: x.points, default=None)
    low = max((x for x in limits if x.kind == "min"), key=lambda x: x.points, default=None)
    if high is not None and earned > high.points:
        return high.points, high.name
    if low is not None and earned < low.points:
        allowed = low.points if high is None else min(low.points, high.points)
        return (allowed, low.name) if allowed > earned else (earned, None)
    return earned, None


# --- one rule ----------------------------------------------------------------------


def _rule(rule: PointsRule, scene: Scene) -> _Brought | None:
    match rule.pays:
        case Once():
            found = _once(rule, rule.pays, scene)
        case Each():
            found = _each(rule, rule.pays, scene)
        case _:
            assert_never(rule.pays)
    if found is None:
        return None
    allowed, limit = limited(found.decayed, acting(rule.limits, scene))
    decays = found.decayed != found.earned
    paid = Paid(
        rule.name,
        allowed,
        limit,
        found.earned if decays or limit is not None else None,
        rule.reason,
        rule.decay.name if rule.decay is not None and decays else None,
        found.decayed if decays and limit is not None else None,
        found.events if found.events != found.counted else None,
        found.counted if found.events != found.counted else None,
        source=rule,
        counted_events=found.behind,
    )
    return _Brought(allowed, [paid])


@dataclass(frozen=True, slots=True)
class _Found:
    """What a rule comes to, in hundredths: without decay, and with it; of which events, and of
    how many."""

    earned: int
    decayed: int
    behind: tuple[Counted, ...] = ()
    events: int = 0
    counted: int = 0


def _once(rule: PointsRule, pays: Once, scene: Scene) -> _Found | None:
    if judge(pays.condition, scene) is not True:
        return None
    amount = _amount(rule.points, scene)
    if amount is None:
        return None
    asked = [event for events in pays.asks for event in matching(events, scene)]
    latest = max((event.at for event in asked), default=None)
    decayed = _decayed(rule.decay, [(amount, latest)], scene)
    return _Found(amount, decayed, tuple(Counted(event) for event in asked))


def _each(rule: PointsRule, pays: Each, scene: Scene) -> _Found | None:
    if pays.when is not None and judge(pays.when, scene) is not True:
        return None
    events = matching(pays.events, scene)
    paying = [event for event in events if _amount(rule.points, scene.of(event)) is not None]
    counted = picked(pays.picks, paying, scene)
    if not counted:
        return None
    amounts = [_amount(rule.points, scene.of(event)) or 0 for event in counted]
    dated = [(amount, event.at) for amount, event in zip(amounts, counted, strict=True)]
    decayed = _decayed(rule.decay, dated, scene)
    behind = tuple(map(Counted, counted, amounts))
    return _Found(sum(amounts), decayed, behind, len(events), len(counted))


def _amount(points: int | Number, scene: Scene) -> int | None:
    """Points in hundredths; None when they cannot be worked out."""
    return points if isinstance(points, int) else _hundredths(points, scene)


def _hundredths(number: Number, scene: Scene) -> int | None:
    value = number_of(number, scene)
    if value is None or abs(value) > MOST_POINTS:
        return None
    return rounded_up(value * 100)


def _decayed(decay: Decay | None, dated: Sequence[tuple[int, int | None]], scene: Scene) -> int:
    """What decay leaves of points in hundredths, each with its instant (None: no age)."""
    whole = sum(amount for amount, _ in dated)
    if decay is None:
        return whole
    since = [] if decay.since is None else [e.at for e in matching(decay.since, scene)]
    last = max(since, default=None)
    left = 0
    shares = 0
    for amount, own in dated:
        at = own if last is None else last
        days = 0 if at is None else age(at, scene.as_of)
        if decay.kind == "loses points":
            left += lose(decay, amount, days)
        else:
            shares += amount * (10_000 if at is None else share(decay, days))
    return left + rounded(shares, 10_000)


def picked(picks: Picks, events: Sequence[Event], scene: Scene) -> list[Event]:
    """The events that count, from the earliest on."""
    counted: list[Event] = []
    for event in sorted(events, key=lambda event: event.at):
        if _counts(picks, event, counted, scene):
            counted.append(event)
    return counted


def _counts(picks: Picks, event: Event, counted: Sequence[Event], scene: Scene) -> bool:
    if picks.most is not None and len(counted) >= picks.most:
        return False
    if picks.spaced is not None and counted and event.at < counted[-1].at + picks.spaced:
        return False
    for most, period in picks.per:
        here = _period(event, period, scene)
        if sum(_period(other, period, scene) == here for other in counted) >= most:
            return False
    for property in picks.distinct:
        value = identity(property, scene.of(event))
        if value is None or any(identity(property, scene.of(x)) == value for x in counted):
            return False
    return True


def _period(event: Event, period: Period, scene: Scene) -> object:
    """The day, the week or the month in which an event lies."""
    # Days are counted from a Monday, the first day of the year 1.
    day = local_day(event.at, scene.zone) + date(1970, 1, 1).toordinal() - 1
    match period:
        case "day":
            return day
        case "week":
            return day // 7
        case "month":
            there = date.fromordinal(min(max(day + 1, 1), date.max.toordinal()))
            return there.year, there.month
        case _:
            assert_never(period)


# --- checklists and labels ---------------------------------------------------------


def _checked(checklist: Checklist, scene: Scene) -> Checked:
    truths = [(name, judge(condition, scene)) for name, condition in checklist.items]
    met, unmet, unknown = (
        tuple(name for name, truth in truths if truth is wanted) for wanted in (True, False, None)
    )
    return Checked(checklist.name, met, unmet, unknown)


_Labels = tuple[tuple[str, str | None], ...]


def _labels(
    program: Program, scene: Scene
) -> tuple[_Labels, tuple[tuple[str, str], ...], tuple[tuple[str, tuple[str, ...]], ...]]:
    """The label of each dimension, the reasons, and the labels that are in conflict."""
    reasons: dict[str, str] = {}
    conflicts: dict[str, tuple[str, ...]] = {}
    for number in program.sequence:
        dimension = program.dimensions[number]
        if isinstance(dimension, Combination):
            label = _combined(dimension, scene)
        else:
            label, reason, true = _label(dimension, scene)
            if reason is not None:
                reasons[dimension.name] = reason
            if len(true) > 1:
                conflicts[dimension.name] = true
        scene = replace(scene, labels=scene.labels | {dimension.name: label})
    names = [dimension.name for dimension in program.dimensions]
    return (
        tuple((name, scene.labels[name]) for name in names),
        tuple((name, reasons[name]) for name in names if name in reasons),
        tuple((name, conflicts[name]) for name in names if name in conflicts),
    )


def _label(dimension: Dimension, scene: Scene) -> tuple[str | None, str | None, tuple[str, ...]]:
    """A label, its reason, and in a `unique` dimension the labels of all true rules."""
    label = reason = None
    for rule in dimension.rules:
        if rule.condition is None or judge(rule.condition, scene) is True:
            label, reason = rule.label, rule.reason
            break
    if _is_kept(dimension, label, scene):
        assert scene.lead.previous is not None
        label, reason = scene.lead.previous.labels[dimension.name], "never falls"
    true = [
        rule.label
        for rule in dimension.rules
        if dimension.unique and rule.condition is not None and judge(rule.condition, scene) is True
    ]
    return label, reason, tuple(true)


def _is_kept(dimension: Dimension, label: str | None, scene: Scene) -> bool:
    """Whether yesterday's label stays, because the new one would be a fall."""
    falls, before = dimension.falls, scene.lead.previous
    if falls is None or before is None:
        return False
    earlier, order = before.labels.get(dimension.name), dimension.order
    if earlier not in order or (label is not None and label not in order):
        return False
    if label is not None and order.index(label) >= order.index(earlier):
        return False
    return falls.until is None or judge(falls.until, scene) is not True


def _combined(combination: Combination, scene: Scene) -> str | None:
    parts = [scene.labels[name] for name in combination.dimensions]
    return None if None in parts else "".join(part or "" for part in parts)
