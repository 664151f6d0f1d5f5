"""An explanation as JSON, for programs. `leadrules/schemas/explain.schema.json` describes it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, assert_never

from leadrules.explain.explanation import Asked, Checks, Explanation, Labelled, Step, Towards
from leadrules.explain.forecast import Change, Forecast, State
from leadrules.explain.nearer import Nearer, Trial
from leadrules.explain.parts import Found, Part
from leadrules.explain.words import within_calendar
from leadrules.model.instant import show_instant
from leadrules.model.lead import Event, Rejection, Value
from leadrules.model.verdict import Excluded, Frozen, Outcome, Verdict, line

FORMAT_VERSION = 1


def write(explanation: Explanation, version: str) -> str:
    """An explanation as one JSON object; `version` is that of leadrules."""
    return json.dumps(_content(explanation, version), ensure_ascii=False, indent=2) + "\n"


def _content(of: Explanation, version: str) -> dict[str, Any]:
    content: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "leadrules": version,
        "id": of.id,
        "as_of": _instant(of.as_of),
        "status": _status(of),
        "reason": None if isinstance(of.outcome, Verdict) else of.outcome.reason,
        "notes": list(of.notes),
    }
    if isinstance(of.outcome, Rejection):
        content["code"], content["field"] = of.outcome.code, of.outcome.field
        return content
    content["result"] = _result(of.outcome)
    content["events_to_come"] = of.later
    if of.aside is not None:
        content["condition"] = _part(of.aside)
    if isinstance(of.outcome, Verdict):
        content |= {
            "score": points(of.outcome.score),
            "waterfall": [_step(step) for step in of.steps],
            "labels": [_labelled(label) for label in of.labels],
            "checklists": [_checks(checks) for checks in of.checklists],
            "towards": [_towards(one) for one in of.towards],
        }
        if of.why_not:
            content["why_not"] = [_towards(one) for one in of.why_not]
    if of.forecast is not None:
        content["forecast"] = _forecast(of.forecast)
    return content


def _result(outcome: Outcome) -> Any:
    """The line of the result. One that is kept from yesterday may be JSON that only leadrules
    reads; then it is null."""
    try:
        return json.loads(line(outcome))
    except ValueError:
        return None


def _status(of: Explanation) -> str:
    match of.outcome:
        case Verdict():
            return "scored"
        case Excluded():
            return "excluded"
        case Frozen():
            return "frozen"
        case Rejection():
            return "quarantined"
        case _:
            assert_never(of.outcome)


def _instant(instant: int) -> str:
    return show_instant(within_calendar(instant))


def points(hundredths: int) -> float | int:
    """Hundredths of a point as points."""
    return hundredths // 100 if hundredths % 100 == 0 else hundredths / 100


def _maybe(hundredths: int | None) -> float | int | None:
    return None if hundredths is None else points(hundredths)


# --- the score ---------------------------------------------------------------------


def _step(step: Step) -> dict[str, Any]:
    paid = step.paid
    paying = {id(counted.event): _maybe(counted.points) for counted in paid.counted_events}
    return {
        "what": _kind(step),
        "rule": paid.rule,
        "reason": paid.reason,
        "within": list(paid.within),
        "points": points(paid.points),
        "earned": _maybe(paid.earned),
        "formula": paid.formula,
        "decay": paid.decay,
        "decayed": _maybe(paid.decayed),
        "limit": paid.limit,
        "matched": paid.events,
        "values": _values(step.found),
        "events": [_event(event) | {"points": paying.get(id(event))} for event in step.events],
    }


def _kind(step: Step) -> str:
    if step.paid.source is not None:
        return "rule"
    return "limit" if step.paid.formula is None else "formula"


def _event(event: Event) -> dict[str, Any]:
    return {"type": event.type, "at": _instant(event.at)}


def _values(found: Iterable[Found]) -> list[dict[str, Any]]:
    return [{"name": one.name, "value": _value(one.value, one.is_date)} for one in found]


def _value(value: Value | None, is_date: bool) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if is_date and isinstance(value, int):
        return _instant(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value


# --- labels ------------------------------------------------------------------------


def _part(part: Part | None) -> dict[str, Any] | None:
    if part is None:
        return None
    if part.joined is not None:
        inner = [_part(one) for one in part.parts]
        return {"says": part.said, "truth": part.truth, "joined": part.joined, "parts": inner}
    return {
        "says": part.said,
        "truth": part.truth,
        "values": _values(part.found),
        "events": [_event(event) for event in part.events],
        "missing": list(part.missing),
        "points_short": _maybe(part.short),
    }


def _asked(asked: Asked | None) -> dict[str, Any] | None:
    if asked is None:
        return None
    return {
        "rule": asked.rule,
        "label": asked.label,
        "reason": asked.reason,
        "condition": _part(asked.part),
    }


def _labelled(label: Labelled) -> dict[str, Any]:
    return {
        "dimension": label.dimension,
        "label": label.label,
        "decided_by": _asked(label.decided),
        "earlier": [_asked(rule) for rule in label.earlier],
        "kept_from_yesterday": label.kept,
        "combines": list(label.parts),
    }


def _checks(checks: Checks) -> dict[str, Any]:
    items = [{"item": name, "condition": _part(part)} for name, part in checks.items]
    return {"checklist": checks.name, "items": items}


def _towards(towards: Towards) -> dict[str, Any]:
    return {
        "dimension": towards.dimension,
        "label": towards.label,
        "is_given": towards.is_given,
        "rules": [_asked(rule) for rule in towards.rules],
        "decided_earlier_by": _asked(towards.first),
        "would_do": None if towards.nearer is None else _nearer(towards.nearer),
        "needs": [
            {"dimension": name, "label": wanted, "is": is_} for name, wanted, is_ in towards.parts
        ],
    }


def _nearer(nearer: Nearer) -> dict[str, Any]:
    return {
        "tried": nearer.tried,
        "all_tried": nearer.all_tried,
        "ways": [
            {
                "steps": [_trial(trial) for trial in way.trials],
                "score": points(way.score),
                "label": way.label,
            }
            for way in nearer.ways
        ],
    }


def _trial(trial: Trial) -> dict[str, Any]:
    if trial.field is None:
        return {"event": trial.said}
    value = None if trial.value is None else _value(trial.value, trial.field.type == "date")
    return {"field": trial.said, "value": None if trial.only_known else value}


# --- what is to come ---------------------------------------------------------------


def _forecast(forecast: Forecast) -> dict[str, Any]:
    return {
        "until": _instant(forecast.until),
        "exact": forecast.exact,
        "cut": forecast.cut,
        "changes": [_change(change) for change in forecast.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "at": _instant(change.at),
        **_state(change.after),
        "moves": [
            {"dimension": name, "from": before, "to": after} for name, before, after in change.moves
        ],
    }


def _state(state: State) -> dict[str, Any]:
    return {"score": _maybe(state.score), "excluded": state.excluded, "frozen": state.frozen}
