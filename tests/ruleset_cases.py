"""The cases of a ruleset: leads in short form, and what is expected of them.

The format is described for its readers in `rulesets/README.md`. Here it is read: short forms
are written out, and what came of a case is compared with what was expected.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from leadrules.model.instant import NotAnInstant, parse_instant, show_instant

# In nanoseconds.
UNITS = {
    "min": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
    "w": 604_800_000_000_000,
}
FILE_KEYS = {"rules", "as_of", "cases"}
CASE_KEYS = {"name", "source", "as_of", "lead", "previous", "expect"}
# Where the source of a model states the result, and where it follows from its rules.
SOURCES = {"stated", "derived"}


class Malformed(Exception):
    """A file of cases that is not written as `rulesets/README.md` says."""


@dataclass(frozen=True)
class Case:
    """One lead and what is expected of it. `as_of` is in nanoseconds since 1970; `previous` is
    yesterday's result, where the case has one."""

    name: str
    as_of: int
    lead: Mapping[str, Any]
    previous: Mapping[str, Any] | None
    expect: Mapping[str, Any]

    @property
    def record(self) -> bytes:
        """The lead as a line of a file."""
        return json.dumps(self.lead, ensure_ascii=False).encode()

    @property
    def yesterday(self) -> bytes | None:
        """Yesterday's result as a line of a file, with its line end."""
        if self.previous is None:
            return None
        result = {"id": self.lead["id"]} | dict(self.previous)
        return json.dumps(result, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


@dataclass(frozen=True)
class Cases:
    """All cases of a file, and the rules they are about."""

    rules: Path
    cases: tuple[Case, ...]


class _Loader(yaml.SafeLoader):
    """YAML in which `no` is a text (Norway), and dates are texts too."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(("bool", "timestamp"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false"), ["t", "f"])


# --- reading -----------------------------------------------------------------------


def read_cases(path: Path) -> Cases:
    """The cases of a file. Raises Malformed, with the case."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except yaml.YAMLError as error:
        raise Malformed(f"{path}: {error}") from None
    if not isinstance(content, dict) or content.keys() != FILE_KEYS:
        raise Malformed(f"{path}: a file of cases has {', '.join(sorted(FILE_KEYS))}")
    listed = content["cases"]
    if not isinstance(listed, list) or not listed:
        raise Malformed(f"{path}: there are no cases")
    usual = _instant(content["as_of"], None, str(path))
    cases = tuple(_case(entry, usual, f"{path}: case {n}") for n, entry in enumerate(listed, 1))
    names = [case.name for case in cases]
    if twice := {name for name in names if names.count(name) > 1}:
        raise Malformed(f"{path}: two cases are called {', '.join(sorted(twice))}")
    return Cases(path.parent / content["rules"], cases)


def _case(entry: Any, usual: int, place: str) -> Case:
    if not isinstance(entry, dict) or not {"name", "lead", "expect"} <= entry.keys() <= CASE_KEYS:
        raise Malformed(f"{place}: a case has name, lead and expect")
    name, lead, expect = str(entry["name"]), entry["lead"], entry["expect"]
    place = f"{place} ({name})"
    if not isinstance(lead, dict) or not isinstance(expect, dict) or not expect:
        raise Malformed(f"{place}: lead and expect are fields with their values")
    if entry.get("source", "derived") not in SOURCES:
        raise Malformed(f"{place}: the source is one of {', '.join(sorted(SOURCES))}")
    as_of = _instant(entry["as_of"], None, place) if "as_of" in entry else usual
    fields = {key: value for key, value in lead.items() if key != "events"}
    record = {"id": name} | {key: _value(value, as_of) for key, value in fields.items()}
    if "events" in lead:
        record["events"] = list(_events(lead["events"], as_of, place))
    return Case(name, as_of, record, entry.get("previous"), expect)


def _events(written: Any, as_of: int, place: str) -> Iterator[dict[str, Any]]:
    """Events by type, or a list of whole ones."""
    if isinstance(written, list):
        if not all(isinstance(event, dict) and event.keys() >= {"type", "at"} for event in written):
            raise Malformed(f"{place}: an event in a list has type and at")
        yield from (_event(event.pop("type"), event, as_of, place) for event in written)
    elif isinstance(written, dict):
        for type_, when in written.items():
            for one in when if isinstance(when, list) else [when]:
                yield _event(type_, one if isinstance(one, dict) else {"at": one}, as_of, place)
    else:
        raise Malformed(f"{place}: events are `demo_request: 2d ago`, or a list of whole ones")


def _event(type_: str, written: Mapping[str, Any], as_of: int, place: str) -> dict[str, Any]:
    if "at" not in written:
        raise Malformed(f"{place}: {type_} has no `at`")
    at = show_instant(_instant(written["at"], as_of, f"{place}: {type_}"))
    return {"type": type_} | dict(written) | {"at": at}


def _value(written: Any, as_of: int) -> Any:
    """A field's value, with `60d ago` and `in 30d` written out."""
    if isinstance(written, dict):
        return {key: _value(value, as_of) for key, value in written.items()}
    distance = _distance(written)
    return written if distance is None else show_instant(as_of + distance)


def _instant(written: Any, as_of: int | None, place: str) -> int:
    """`2d ago` or `in 2d`, seen from `as_of` if there is one, or an instant as in a record."""
    distance = _distance(written)
    if distance is not None and as_of is not None:
        return as_of + distance
    try:
        return parse_instant(str(written), None)
    except NotAnInstant:
        raise Malformed(f"{place}: `{written}` is no instant and not like `2d ago`") from None


def _distance(written: Any) -> int | None:
    if not isinstance(written, str):
        return None
    found = re.fullmatch(r"(?:(\d+)(min|h|d|w) ago|in (\d+)(min|h|d|w))", written)
    if found is None:
        return None
    if found[1]:
        return -int(found[1]) * UNITS[found[2]]
    return int(found[3]) * UNITS[found[4]]


# --- comparing ---------------------------------------------------------------------


def differences(expect: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    """Where a result is not what a case expects; only what the case names is compared."""
    for key, wanted in expect.items():
        if key == "fired":
            yield from _fired(wanted, result.get("fired", []))
        else:
            yield from _different(key, wanted, result.get(key))


def _fired(wanted: Mapping[str, Any], fired: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Rules with their points, `no` for a rule that did not fire."""
    points = {item["rule"]: item["points"] for item in fired}
    for rule, expected in wanted.items():
        got = points.get(rule, "no")
        if got != expected:
            yield f"fired, {rule}: expected {expected}, got {got}"


def _different(key: str, wanted: Any, got: Any) -> Iterator[str]:
    if isinstance(wanted, dict) and isinstance(got, dict):
        for inner, value in wanted.items():
            yield from _different(f"{key}.{inner}", value, got.get(inner))
    elif wanted != got:
        yield f"{key}: expected {wanted}, got {got}"
