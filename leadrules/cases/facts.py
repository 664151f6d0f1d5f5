"""What a rule asks about, and what a lead answers: for people who wonder why it did not fire."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from leadrules.cases.leads import Ready
from leadrules.cases.run import read_case
from leadrules.engines.conditions import Scene, judge, number_of, value_of
from leadrules.engines.reference import evaluate_in
from leadrules.model.frozen import parts
from leadrules.model.instant import show_instant
from leadrules.model.lead import Rejection
from leadrules.model.program import (
    Aggregate,
    All,
    Any_,
    Arithmetic,
    Condition,
    Constant,
    Count,
    Distinct,
    Domain,
    Events,
    Field,
    Function,
    HasLabel,
    Length,
    Met,
    NoneAfter,
    NoneSince,
    Not,
    Number,
    PreviousScore,
    Program,
    Score,
    Since,
    Text,
    Was,
)
from leadrules.model.verdict import Outcome

# What can be asked of a lead, and has a name and a value.
Asked = Field | Count | Aggregate | Distinct | Since | Score | Met | PreviousScore | HasLabel | Was
_ASKED = (Field, Count, Aggregate, Distinct, Since, Score, Met, PreviousScore, HasLabel, Was)
_MOST = 4
_MOST_TYPES = 3


@dataclass(frozen=True, slots=True)
class Scored:
    """A lead, what the reference says of it, and where its conditions are judged, with
    points and labels when it has some."""

    scene: Scene
    outcome: Outcome


def score_case(program: Program, ready: Ready) -> Scored | None:
    """The lead of a case, scored; None for a bad record."""
    lead = read_case(program, ready)
    if isinstance(lead, Rejection):
        return None
    outcome, scene = evaluate_in(program, lead, ready.as_of)
    return Scored(scene, outcome)


def truth(name: str, condition: Condition, scene: Scene) -> str:
    """Whether a condition holds, and what of the lead makes it so."""
    found = judge(condition, scene)
    word = {True: "true", False: "false", None: "unknown"}[found]
    decisive = [asked for part in _decisive(condition, scene) for asked in asked_of(part)]
    facts = list(dict.fromkeys(fact(asked, scene) for asked in decisive))
    if found is None:
        facts = [said for said in facts if said.endswith(" is missing")] or facts
    more = ", …" if len(facts) > _MOST else ""
    said = ", ".join(facts[:_MOST]) + more
    return f"`{name}` is {word}" + (f": {said}" if said else "")


def _decisive(condition: Condition, scene: Scene) -> list[Condition]:
    """The parts of a condition that made it what it is: of several that must all hold, those
    that do not."""
    found = judge(condition, scene)
    match condition:
        case All(items) if found is not True:
            return [p for x in items if judge(x, scene) is found for p in _decisive(x, scene)]
        case Any_(items) if found is not False:
            return [p for x in items if judge(x, scene) is found for p in _decisive(x, scene)]
        case All(items) | Any_(items):
            return [part for item in items for part in _decisive(item, scene)]
        case Not(item):
            return _decisive(item, scene)
        case _:
            return [condition]


def asked_of(data: object) -> Iterator[Asked]:
    """What a condition or a number asks of the lead, in the order written; what is asked of
    single events is no part of it."""
    if isinstance(data, _ASKED):
        yield data
    elif isinstance(data, NoneSince):
        yield Count(data.events)
        yield data.created
    elif isinstance(data, NoneAfter):
        yield Count(data.marker)
        yield Count(data.events)
    elif isinstance(data, Events):
        yield Count(data)
    elif isinstance(data, tuple):
        for item in data:
            yield from asked_of(item)
    else:
        for name in parts(type(data)):
            yield from asked_of(getattr(data, name))


def fact(asked: Asked, scene: Scene) -> str:
    """What a lead answers to one question."""
    match asked:
        case HasLabel(dimension, _):
            return f"{dimension} is {_shown(scene.labels[dimension])}"
        case Was(dimension, _):
            before = scene.lead.previous
            found = None if before is None else before.labels.get(dimension)
            return f"{dimension} was {'nothing' if found is None else _shown(found)}"
        case Count(events):
            number = int(number_of(asked, scene) or 0)
            filtered = any(kind.where is not None for kind in events.kinds)
            like = " like that" * filtered + " in that time" * (events.window is not None)
            return f"{number or 'no'} {events_called(events)}{like}"
        case Field(_, "date"):
            at = value_of(asked, scene)
            return f"{called(asked)} is {show_instant(at) if isinstance(at, int) else 'missing'}"
        case Field(_, "anything"):
            return f"{called(asked)} is {'missing' if value_of(asked, scene) is None else 'known'}"
        case Field():
            return f"{called(asked)} is {_shown(value_of(asked, scene))}"
        case _:
            return f"{called(asked)} is {_shown(number_of(asked, scene))}"


def _shown(value: object) -> str:
    match value:
        case None:
            return "missing"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.15g}"
        case tuple():
            return f"[{', '.join(map(str, value))}]"
        case _:
            return f'"{value}"'


def called(asked: Asked | Number | Text) -> str:
    """What people call something that can be asked."""
    match asked:
        case Field(path):
            return ".".join(path)
        case Count(events):
            return f"count of {events_called(events)}"
        case Aggregate(kind, property, events):
            return f"{kind} of {called(property)} in {events_called(events)}"
        case Distinct(property, events):
            return f"distinct {called(property)} in {events_called(events)}"
        case Since(unit, which, events):
            return f"{unit} since {which} {events_called(events)}"
        case Score(block):
            return block or "score"
        case Met(checklist):
            return checklist
        case PreviousScore(block):
            return f"previous.{block or 'score'}"
        case HasLabel(dimension) | Was(dimension):
            return dimension
        case Constant(value):
            return f"{value:.15g}"
        case Length(text):
            return f"length({called(text)})"
        case Domain(text):
            return f"domain({called(text)})"
        case Arithmetic(sign, left, right):
            return f"({called(left)} {sign} {called(right)})"
        case Function(name, arguments):
            return f"{name}({', '.join(map(called, arguments))})"
        case _:
            assert_never(asked)


def events_called(events: Events) -> str:
    """The types of some events, for people; filters and windows are not told."""
    types = list(dict.fromkeys(kind.type or "event" for kind in events.kinds))
    return " or ".join(types[:_MOST_TYPES]) + " or …" * (len(types) > _MOST_TYPES)
