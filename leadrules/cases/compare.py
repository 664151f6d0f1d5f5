"""What a case expects beside what came of it, and the rules that made the difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, assert_never

from leadrules.cases.facts import Scored, asked_of, fact, truth
from leadrules.cases.names import names_in
from leadrules.cases.run import Result
from leadrules.engines.conditions import Scene, judge
from leadrules.model.program import (
    Aside,
    Dimension,
    Each,
    LabelRule,
    Once,
    PointsRule,
    Program,
    rules_of,
)
from leadrules.model.tried import Difference

_APART = ("quarantined", "excluded", "frozen")


def differences(
    program: Program, expect: Mapping[str, Any], result: Result, scored: Scored | None
) -> tuple[Difference, ...]:
    """Where a result is not what a case expects; only what the case names is compared.

    `scored` is the lead of the case, None for a bad record. When a lead was scored that
    should not have been, or the other way round, nothing else is told.
    """
    why = _Why(program, result, scored)
    for key in _APART:
        wanted, got = expect.get(key), result.keys.get(key)
        unforeseen = got is not None and key != "frozen"
        if wanted != got and (key in expect or unforeseen):
            return (_difference(key, wanted, got, why.apart(key, wanted)),)
    return tuple(_compared(expect, result.keys, why))


def _compared(
    expect: Mapping[str, Any], keys: Mapping[str, Any], why: _Why
) -> Iterator[Difference]:
    for key, wanted in expect.items():
        got = keys.get(key)
        match key:
            case "score":
                if wanted != got:
                    yield _difference(key, wanted, got, why.points(None, wanted))
            case "scores":
                for block, points in wanted.items():
                    found = (got or {}).get(block)
                    if points != found:
                        because = why.points(block, points)
                        yield _difference(f"scores.{block}", points, found, because)
            case "fired":
                yield from _fired(wanted, why)
            case "checklists":
                yield from _checklists(wanted, got or {}, why)
            case "reasons":
                for dimension, reason in wanted.items():
                    found = (got or {}).get(dimension)
                    if reason != found:
                        because = why.label(dimension, None)
                        yield _difference(f"reasons.{dimension}", reason, found, because)
            case "conflicts":
                for dimension, labels in wanted.items():
                    found = (got or {}).get(dimension, [])
                    if set(map(str, labels)) != set(found):
                        yield _difference(f"conflicts.{dimension}", labels, found, ())
            case _ if key not in _APART:
                label = None if wanted is None else str(wanted)
                if label != got:
                    yield _difference(key, label, got, why.label(key, label))


def _difference(what: str, wanted: Any, got: Any, because: Iterable[str]) -> Difference:
    return Difference(what, _shown(wanted), _shown(got), tuple(because))


def _fired(wanted: Mapping[str, Any], why: _Why) -> Iterator[Difference]:
    for rule, points in wanted.items():
        paid = [item for item in why.fired if item["rule"] == rule]
        got = float(sum(Decimal(str(item["points"])) for item in paid)) if paid else "no"
        if points != got:
            because = [_line(item) for item in paid] or why.rule(rule)
            yield _difference(f"fired.{rule}", points, got, because)


def _checklists(
    wanted: Mapping[str, Any], got: Mapping[str, Any], why: _Why
) -> Iterator[Difference]:
    for checklist, states in wanted.items():
        for state, items in states.items():
            found = got.get(checklist, {}).get(state, [])
            if set(map(str, items)) != set(found):
                because = why.items(checklist, set(map(str, items)) ^ set(found))
                yield _difference(f"checklists.{checklist}.{state}", items, found, because)


def _shown(value: Any) -> str:
    match value:
        case None:
            return "null"
        case float() if value.is_integer():
            return str(int(value))
        case list():
            return f"[{', '.join(map(str, value))}]"
        case _:
            return str(value)


def _line(item: Mapping[str, Any]) -> str:
    """An item of `fired`, for people: its points, its name, and what acted on it."""
    points = item["points"]
    said = f"{'+' if points >= 0 else ''}{points} {item['rule']}"
    acted = [f"earned {item['earned']}"] if "earned" in item else []
    if "decay" in item:
        left = f", {item['decayed']} left" if "decayed" in item else ""
        acted.append(item["decay"] + left)
    acted += [item[key] for key in ("limit", "formula") if key in item]
    if "counted" in item:
        acted.insert(0, f"{item['counted']} of {item['events']} events count")
    return f"{said} ({'; '.join(acted)})" if acted else said


class _Why:
    """Lines that say which rules made a difference."""

    def __init__(self, program: Program, result: Result, scored: Scored | None) -> None:
        self.program = program
        self.result = result
        self.scene = None if scored is None else scored.scene
        self.fired: Sequence[Mapping[str, Any]] = result.keys.get("fired", ())

    def apart(self, key: str, wanted: Any) -> Iterator[str]:
        """Why a lead was scored or was not."""
        if self.result.why is not None:
            yield self.result.why
        elif self.scene is None:
            return
        elif key == "quarantined":
            yield "the record is good: only fields that the rules read are looked at"
        else:
            asides: Sequence[Aside] = (
                self.program.exclusions if key == "excluded" else self.program.freezes
            )
            for aside in asides:
                if aside.reason in (wanted, self.result.keys.get(key)):
                    word = "exclude" if key == "excluded" else "freeze"
                    yield truth(f'{word} … "{aside.reason}"', aside.condition, self.scene)
            if key == "frozen" and self.scene.lead.previous is None:
                yield "the case has no `previous`"

    def points(self, block: str | None, wanted: float) -> list[str]:
        """What paid, in a block or at all, and the rules that would make up for the rest."""
        blocks = [found for found in self.program.blocks if block in (None, found.name)]
        names = {name for found in blocks for name in names_in(found)}
        paid = [item for item in self.fired if block is None or item["rule"] in names]
        lines = [_line(item) for item in paid] or ["no rule fired"]
        got = self.result.keys.get("score" if block is None else "scores")
        got = got.get(block, 0) if isinstance(got, dict) else got
        if got is None or self.scene is None:
            return lines
        lacking = round((wanted - got) * 100)
        fired = {item["rule"] for item in self.fired}
        for rule in (rule for found in blocks for rule in rules_of(found.items)):
            if rule.points == lacking and rule.name not in fired:
                lines += self.rule(rule.name)
        return lines

    def rule(self, name: str) -> list[str]:
        """Why a rule did not fire."""
        if self.scene is None:
            return []
        lines = []
        for block in self.program.blocks:
            for rule in rules_of(block.items):
                if rule.name == name:
                    lines.append(_not_fired(rule, self.scene))
                    if block.when is not None:
                        lines.append(truth(f"score {block.name} when …", block.when, self.scene))
        return lines or [f"no limit of `{name}` acted"]

    def items(self, checklist: str, names: set[str]) -> list[str]:
        """What the items of a checklist ask."""
        if self.scene is None:
            return []
        return [
            truth(name, condition, self.scene)
            for found in self.program.checklists
            if found.name == checklist
            for name, condition in found.items
            if name in names
        ]

    def label(self, name: str, wanted: str | None) -> list[str]:
        """Which rule decided a dimension, and why one that gives the wanted label did not."""
        found = next((d for d in self.program.dimensions if d.name == name), None)
        if self.scene is None or found is None:
            return []
        if not isinstance(found, Dimension):
            parts = ", ".join(
                f"{part} is {self.result.keys.get(part) or 'missing'}" for part in found.dimensions
            )
            return [f"`{name}` is made of {parts}"]
        if self.result.keys.get("reasons", {}).get(name) == "never falls":
            before = self.scene.lead.previous
            assert before is not None
            return [f"`{name}` never falls, and was {before.labels[name]}"]
        decided = _deciding(found, self.scene)
        said = None if decided is None else f"{decided.name} -> {decided.label}"
        lines = ["no rule is true" if said is None else f"decided by `{said}`"]
        for rule in found.rules:
            if rule is decided:
                break
            if rule.label == wanted and rule.condition is not None:
                lines.append(truth(f"{rule.name} -> {rule.label}", rule.condition, self.scene))
        return lines


def _deciding(dimension: Dimension, scene: Scene) -> LabelRule | None:
    for rule in dimension.rules:
        if rule.condition is None or judge(rule.condition, scene) is True:
            return rule
    return None


def _not_fired(rule: PointsRule, scene: Scene) -> str:
    match rule.pays:
        case Once(condition):
            if judge(condition, scene) is not True:
                return truth(rule.name, condition, scene)
        case Each(events, when):
            if when is not None and judge(when, scene) is not True:
                return truth(rule.name, when, scene)
            said = ", ".join(fact(asked, scene) for asked in asked_of(events))
            return f"`{rule.name}` did not fire: {said}"
        case _:
            assert_never(rule.pays)
    return f"`{rule.name}` is true, but another rule pays in its place"
