"""An explanation in words: what is said, in which order. How it is drawn is told elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from leadrules.explain import words
from leadrules.explain.explanation import Asked, Checks, Explanation, Labelled, Step, Towards
from leadrules.explain.forecast import Change, Forecast
from leadrules.explain.nearer import Nearer, Trial, Way
from leadrules.explain.parts import Found, Part
from leadrules.model.instant import local_day
from leadrules.model.lead import Event, Rejection
from leadrules.model.verdict import Excluded, Frozen, Verdict, points

_MOST_DATES = 3
_MOST_WAYS = 4
_MOST_MOVES = 5
_MOST_FALLS = 2
# What these labels are of, everybody knows.
_WELL_KNOWN = ("stage", "temperature")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a section: points or another mark, what it is about, and what is behind it.
    `depth` says how far it is inside others."""

    mark: str
    said: str
    behind: str = ""
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A title and its rows. `is_sum`: the marks are points, and the last row is their sum."""

    title: str
    rows: tuple[Row, ...]
    is_sum: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A headline, what has to be known about the record, and the sections."""

    headline: str
    lines: tuple[str, ...]
    sections: tuple[Section, ...]


def report(of: Explanation, verbose: bool) -> Report:
    """What is said of a lead. `verbose`: also why it has none of the labels of earlier rules,
    where these have no order and nothing speaks for them."""
    return _Words(of, verbose).report()


class _Words:
    """Says things about one lead, with dates as seen from its instant."""

    def __init__(self, of: Explanation, verbose: bool) -> None:
        self.of = of
        self.verbose = verbose

    def report(self) -> Report:
        """The whole."""
        lines = [f"as of {words.date(self.of.as_of, None, self.of.zone)}", *self.of.notes]
        if self.of.later:
            lines.append(f"{_times(self.of.later, 'event')} still to come: not counted yet")
        return Report(f"{self.of.id}: {self.headline()}", tuple(lines), tuple(self.sections()))

    def headline(self) -> str:
        """The result in a line."""
        match self.of.outcome:
            case Verdict(_, score):
                # Labels in an order say how far it is; the others are told further down.
                ordered = [label for label in self.of.labels if label.is_ordered]
                said = [
                    label.label if label.dimension in _WELL_KNOWN else _called(label)
                    for label in ordered or self.of.labels
                    if label.label is not None
                ]
                return ", ".join([f"{points(score)} points", *said])
            case Excluded(_, reason):
                return f"left out: {reason}"
            case Frozen(_, _, reason):
                return f"keeps its result of yesterday: {reason}"
            case Rejection(code, reason):
                return f"cannot be scored: {reason} ({code})"

    def sections(self) -> Iterator[Section]:
        """What there is to say, in order."""
        of = self.of
        if isinstance(of.outcome, Verdict):
            yield Section(f"Why {points(of.outcome.score)} points", tuple(self.steps()), True)
            for label in of.labels:
                called = f"is {label.label}" if label.label is not None else "has no label"
                yield Section(f"Why {label.dimension} {called}", tuple(self.labelled(label)))
            for checks in of.checklists:
                met = sum(part.truth is True for _, part in checks.items)
                title = f"{checks.name}: {met} of {len(checks.items)}"
                yield Section(title, tuple(self.checked(checks)))
            for towards in of.why_not:
                title = f"Why {towards.dimension} is not {towards.label}"
                yield Section(title, tuple(self.why_not(towards)))
            for towards in of.towards:
                if not any(asked.label == towards.label for asked in of.why_not):
                    title = f"What would make {towards.dimension} {towards.label}"
                    yield Section(title, tuple(self.nearer(towards)))
        elif of.aside is not None:
            yield Section("Why", tuple(self.leaf(leaf) for leaf in of.aside.reasons()))
        if of.forecast is not None:
            yield Section("If nothing happens", tuple(self.forecast(of.forecast)))

    # --- the score -----------------------------------------------------------------

    def steps(self) -> Iterator[Row]:
        """The steps from 0 to the score, by block, and their sum."""
        named = dict(self.of.blocks)

        def block(step: Step) -> str | None:
            within = step.paid.within
            first = within[0] if within else step.paid.rule if step.paid.source is None else None
            return first if first in named else None

        for name, steps in groupby(self.of.steps, block):
            if name is not None:
                yield Row("", f"{name}: {points(named[name])}")
            for step in steps:
                yield self.step(step, int(name is not None))
        assert isinstance(self.of.outcome, Verdict)
        yield Row(points(self.of.outcome.score), "in all")

    def step(self, step: Step, depth: int) -> Row:
        """A step, and what is behind it."""
        paid = step.paid
        if paid.source is None:
            earned = points(paid.earned or 0)
            if paid.formula is not None:
                said, before = f"score = {paid.formula}", f"the blocks add up to {earned}"
            else:
                what = "the score" if paid.rule == "total" else paid.rule
                said, before = paid.limit or "", f"{what} would be {earned}"
            return Row(_signed(paid.points), said, before, depth)
        behind = [self.events(step.events)]
        if paid.events is not None:
            behind.append(f"{paid.counted} of {paid.events} count")
        behind += [self.value(found) for found in step.found]
        if paid.decay is not None:
            left = paid.points if paid.decayed is None else paid.decayed
            behind.append(f"{points(paid.earned or 0)} faded to {points(left)} ({paid.decay})")
        if paid.limit is not None:
            whole = paid.earned if paid.decayed is None else paid.decayed
            behind.append(f"{points(whole or 0)} held at {points(paid.points)} ({paid.limit})")
        said = paid.reason or paid.rule
        return Row(_signed(paid.points), said, "; ".join(filter(None, behind)), depth)

    # --- labels --------------------------------------------------------------------

    def labelled(self, label: Labelled) -> Iterator[Row]:
        """Why a dimension has its label."""
        if label.parts:
            labels = {other.dimension: other.label for other in self.of.labels}
            for name in label.parts:
                yield Row("", f"{name} is {labels[name] or 'without a label'}")
            return
        if label.kept:
            yield Row("", "kept from yesterday, as it never falls")
        if label.decided is None:
            yield Row("", "no rule is true")
        else:
            yield from self.decided(label.decided)
        # What would make it that one is told further down.
        told = {one.label for one in self.of.towards if one.dimension == label.dimension}
        told |= {label.decided.label} if label.decided is not None else set()
        earlier: dict[str, list[Part]] = {}
        for asked in label.earlier:
            if asked.part is not None and asked.label not in told:
                earlier.setdefault(asked.label, []).append(asked.part)
        for other, parts in earlier.items():
            leaves = [leaf for part in parts for leaf in part.reasons()]
            # Labels without an order are many, and most are not what it nearly was.
            near = any(leaf.truth is None or leaf.short is not None for leaf in leaves)
            if not (near or label.is_ordered or self.verbose):
                continue
            # What is false among them would read as if it were so.
            unknown = [part for part in parts if part.truth is not False]
            said = "; ".join(map(self.reasons, unknown or parts))
            yield Row("?" if unknown else "✗", f"not {other}", said)

    def decided(self, asked: Asked) -> Iterator[Row]:
        """The rule that gave a label."""
        if asked.part is None:
            yield Row("", asked.reason or "no rule before it is true")
            return
        if asked.reason is not None:
            yield Row("", asked.reason)
        leaves = [*asked.part.leaves()]
        if len(leaves) == 1:
            # The rule says it as its writer does.
            row = self.leaf(leaves[0])
            yield Row(row.mark, asked.rule, row.behind)
        else:
            yield from map(self.leaf, asked.part.reasons())

    def reasons(self, part: Part) -> str:
        """Why a condition is not true, or why nobody can tell, in one line."""
        said = []
        for leaf in part.reasons():
            row = self.leaf(leaf)
            alone = leaf.truth is None and row.behind
            said.append(row.behind if alone else _joined(row))
        return "; ".join(dict.fromkeys(said))

    def checked(self, checks: Checks) -> Iterator[Row]:
        """The items of a checklist."""
        for name, part in checks.items:
            yield Row(_mark(part), name, self.reasons(part))

    def leaf(self, leaf: Part) -> Row:
        """A part of a condition, and what was found."""
        if leaf.truth is None:
            missing = [f"{name} is not known" for name in leaf.missing]
            behind = missing or [self.value(found) for found in leaf.found]
        else:
            behind = [self.value(found) for found in leaf.found]
            behind += [self.events(leaf.events)] if leaf.events else []
        if leaf.short is not None:
            behind.append(f"{points(leaf.short)} short")
        return Row(_mark(leaf), leaf.said, ", ".join(behind))

    # --- other labels --------------------------------------------------------------

    def why_not(self, towards: Towards) -> Iterator[Row]:
        """What is between the lead and a label, rule by rule and part by part."""
        if towards.is_given:
            yield Row("✓", f"it is {towards.label}")
            return
        for name, wanted, is_ in towards.parts:
            is_so = wanted == is_
            said = f"{name} must be {wanted}"
            yield Row("✓" if is_so else "✗", said, "" if is_so else f"it is {is_ or 'none'}")
        if towards.parts:
            return
        if not towards.rules:
            yield Row("", f"no rule gives {towards.label}")
        for asked in towards.rules:
            if asked.part is None:
                yield Row("✓", "for all that no rule before it takes")
            else:
                yield from self.tree(asked.part, 0)
        if towards.first is not None:
            first = towards.first
            yield Row("", f"{first.label} comes first, and is true", first.rule)
        yield from self.ways(towards.nearer)

    def tree(self, part: Part, depth: int) -> Iterator[Row]:
        """A condition with all its parts."""
        if part.joined is None:
            row = self.leaf(part)
            yield Row(row.mark, row.said, row.behind, depth)
            return
        said = {"all": "all of these:", "any": "one of these:", "not": "not:"}[part.joined]
        yield Row(_mark(part), said, "", depth)
        for inner in part.parts:
            yield from self.tree(inner, depth + 1)

    def nearer(self, towards: Towards) -> Iterator[Row]:
        """What is still missing for the next label, and what would do."""
        if towards.first is not None:
            yield Row("", f"{towards.first.label} comes first, and is true", towards.first.rule)
        for asked in towards.rules:
            if asked.part is not None:
                open_ = [leaf for leaf in asked.part.reasons() if leaf.truth is not True]
                yield from map(self.leaf, open_)
        yield from self.ways(towards.nearer)

    def ways(self, nearer: Nearer | None) -> Iterator[Row]:
        """What would do, as far as it was tried."""
        if nearer is None:
            return
        for way in nearer.ways[:_MOST_WAYS]:
            yield Row("→", f"{self.way(way)} would do", f"{points(way.score)} points, {way.label}")
        if len(nearer.ways) > _MOST_WAYS:
            rest = len(nearer.ways) - _MOST_WAYS
            yield Row("", f"and {_times(rest, 'other way')}")
        if not nearer.ways and nearer.tried:
            yield Row("", f"no way was found: {_times(nearer.tried, 'thing')} tried")

    def way(self, way: Way) -> str:
        """Some trials in words."""
        said = []
        for trial in dict.fromkeys(way.trials):
            number = way.trials.count(trial)
            said.append(f"{number} × {trial.said}" if number > 1 else self.trial(trial))
        return " and ".join(said)

    def trial(self, trial: Trial) -> str:
        if trial.field is None:
            return f"a new {trial.said}"
        if trial.only_known or trial.value is None:
            return f"to know {trial.said}"
        value = words.shown(trial.value, trial.field.type == "date", self.of.as_of, self.of.zone)
        return f"{trial.said} = {value}"

    # --- what is to come -----------------------------------------------------------

    def forecast(self, forecast: Forecast) -> Iterator[Row]:
        """The next changes, day by day."""
        moves = falls = hidden = 0
        last: Change | None = None
        for _, of_day in groupby(forecast.changes, lambda c: local_day(c.at, self.of.zone)):
            changes = [*of_day]
            whole = Change(changes[-1].at, changes[0].before, changes[-1].after)
            last = whole
            if whole.moves or _kind(whole.before) != _kind(whole.after):
                moves += 1
                shown = moves <= _MOST_MOVES
            else:
                falls += 1
                shown = falls <= _MOST_FALLS
            if shown:
                yield self.change(whole)
            else:
                hidden += 1
        end = words.date(forecast.until, self.of.as_of, self.of.zone)
        if hidden and last is not None:
            then = "" if last.after.score is None else f", to {points(last.after.score)} points"
            yield Row("", f"{_times(hidden, 'more day')} with a change until {end}{then}")
        if last is None:
            yield Row("", f"nothing changes until {end}")
        if forecast.cut:
            yield Row("", f"not looked further than {end}: too much changes until then")
        if not forecast.exact:
            yield Row("", "rules calculate with the time itself: there may be more changes")
        if self.of.looks_back:
            yield Row("", "yesterday's results are taken to stay as they are")

    def change(self, change: Change) -> Row:
        """The changes of a day together."""
        when = words.ago(change.at, self.of.as_of, self.of.zone)
        after, said = change.after, []
        if after.excluded is not None:
            said.append(f"left out: {after.excluded}")
        elif after.frozen is not None:
            said.append(f"keeps its result of yesterday: {after.frozen}")
        else:
            for name, old, new in change.moves:
                said.append(f"{name} {old or 'none'} → {new or 'none'}")
        before = change.before.score
        if after.score is not None and after.score != before:
            moved = "" if before is None else f" ({_signed(after.score - before)})"
            said.append(f"{points(after.score)} points{moved}")
        return Row("", when, ", ".join(said))

    # --- values --------------------------------------------------------------------

    def value(self, found: Found) -> str:
        """A value that was found."""
        if found.value is None:
            return f"{found.name} is not known"
        shown = words.shown(found.value, found.is_date, self.of.as_of, self.of.zone)
        return f"{found.name} is {shown}"

    def events(self, events: Sequence[Event]) -> str:
        """Some events with their dates; of many the last ones."""
        if not events:
            return ""
        ordered = sorted(events, key=lambda event: event.at)
        dates = [words.ago(event.at, self.of.as_of, self.of.zone) for event in ordered]
        alike = len({event.type for event in ordered}) == 1
        said = dates if alike else [f"{e.type} {d}" for e, d in zip(ordered, dates, strict=True)]
        listed = ", ".join(dict.fromkeys(said[-_MOST_DATES:]))
        if len(said) > _MOST_DATES:
            listed = f"{len(said)} {'times' if alike else 'events'}, last {listed}"
        return f"{ordered[0].type} {listed}" if alike else listed


def _called(label: Labelled) -> str:
    return f"{label.dimension} {label.label}"


def _kind(state: object) -> tuple[object, object]:
    return getattr(state, "excluded", None), getattr(state, "frozen", None)


def _mark(part: Part) -> str:
    return {True: "✓", False: "✗", None: "?"}[part.truth]


def _joined(row: Row) -> str:
    """What is said, and what is behind it, which may say the same."""
    if row.behind == row.said or row.behind.startswith(f"{row.said} is "):
        return row.behind
    if row.behind == row.said.removesuffix("known") + "not known":
        return row.behind
    return f"{row.said}: {row.behind}" if row.behind else row.said


def _signed(hundredths: int) -> str:
    return points(hundredths) if hundredths < 0 else f"+{points(hundredths)}"


def _times(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


# --- drawn -------------------------------------------------------------------------


def as_text(found: Report) -> Iterator[tuple[str, bool]]:
    """A report for the terminal: its lines, and which of them are titles."""
    yield found.headline, True
    for line in found.lines:
        yield line, False
    for section in found.sections:
        yield "", False
        yield section.title, True
        left = max(len(row.mark) for row in section.rows)
        gap = "  " if left else ""
        for row in section.rows:
            yield f"  {row.mark:>{left}}{gap}{'  ' * row.depth}{_joined(row)}", False


def as_markdown(found: Report) -> Iterator[tuple[str, bool]]:
    """A report as a note for a CRM, in lines."""
    yield f"## {_escaped(found.headline)}", True
    yield "", False
    for line in found.lines:
        yield f"{_escaped(line)}  ", False
    for section in found.sections:
        yield "", False
        yield f"### {_escaped(section.title)}", True
        yield "", False
        for row in section.rows:
            mark = f"**{row.mark}** " if row.mark else ""
            yield f"{'  ' * row.depth}- {mark}{_escaped(_joined(row))}", False


def _escaped(text: str) -> str:
    """A text in which Markdown finds no signs of its own."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#|~" else sign for sign in text)
