"""A file of cases, read and held against its schema.

Here the names of rules, blocks and labels are not looked at, and leads are as written: that
needs the rules. What a file of cases looks like is said in `schemas/cases.schema.json` alone;
its descriptions are the words of the messages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from leadrules.cases.yaml_text import BadYaml, Marked, Path, read_yaml
from leadrules.model.nearest import nearest


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake in a file of cases: the line, from 1, and what is wrong, in one line."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Case:
    """One case as it is written. `place` leads to it in its file.

    `as_of` is the case's own or that of the file, as written; None when there is neither.
    `faults` are mistakes in how it is written: with one, nothing else here can be trusted
    but `name` (which may be blank) and `line`.
    """

    name: str
    line: int
    place: Path
    as_of: str | None
    lead: Mapping[str, Any]
    previous: Mapping[str, Any] | None
    expect: Mapping[str, Any]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file of cases: its name in messages, the rules it is about, as written, and where
    that stands. `faults` are those that concern no single case."""

    name: str
    marked: Marked
    rules: str
    rules_line: int
    cases: tuple[Case, ...]
    faults: tuple[Fault, ...]


def read_cases(name: str, text: str) -> CaseFile:
    """The cases in a text. Without rules, `rules` is blank, and there is a fault."""
    try:
        marked = read_yaml(text)
    except BadYaml as error:
        return CaseFile(name, Marked(None, {(): 1}), "", 1, (), (Fault(error.line, str(error)),))
    content = marked.value
    faults = list(_faults(marked))
    loose = [fault for place, fault in faults if place is None]
    if not isinstance(content, dict):
        return CaseFile(name, marked, "", 1, (), tuple(loose))
    listed = content.get("cases")
    by_case: dict[int, list[Fault]] = {}
    for place, fault in faults:
        if place is not None:
            by_case.setdefault(place, []).append(fault)
    cases = [
        _case(entry, number, content.get("as_of"), marked, by_case.get(number, []))
        for number, entry in enumerate(listed if isinstance(listed, list) else [])
    ]
    rules = content.get("rules")
    return CaseFile(
        name,
        marked,
        rules if isinstance(rules, str) else "",
        marked.line(("rules",)),
        tuple(_named_once(cases)),
        tuple(loose),
    )


def _case(entry: Any, number: int, usual: Any, marked: Marked, faults: list[Fault]) -> Case:
    place: Path = ("cases", number)
    line = marked.line(place)
    if faults:
        name = entry.get("name", "") if isinstance(entry, dict) else ""
        shown = str(name) if isinstance(name, str | int | float) else ""
        return Case(shown, line, place, None, {}, None, {}, tuple(faults))
    as_of = entry.get("as_of", usual)
    named = str(entry["name"])
    lead, expect = entry["lead"], entry["expect"]
    if not isinstance(as_of, str):
        missing = Fault(line, "a case needs an instant: write `as_of` at the top of the file")
        return Case(named, line, place, None, lead, None, expect, (missing,))
    return Case(named, line, place, as_of, lead, entry.get("previous"), expect)


def _named_once(cases: list[Case]) -> Iterator[Case]:
    first: dict[str, Case] = {}
    for case in cases:
        earlier = first.setdefault(case.name, case)
        if case.name and earlier is not case:
            fault = Fault(case.line, f"the case in line {earlier.line} has the same name")
            yield replace(case, faults=(*case.faults, fault))
        else:
            yield case


# --- the schema --------------------------------------------------------------------


def schema() -> dict[str, Any]:
    """The JSON Schema of a file of cases."""
    file = resources.files("leadrules").joinpath("schemas", "cases.schema.json")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _faults(marked: Marked) -> Iterator[tuple[int | None, Fault]]:
    """What the schema has to say, each with the number of its case; None outside of cases."""
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(schema())
    errors = sorted(validator.iter_errors(marked.value), key=lambda e: [str(p) for p in e.path])
    # Of several keys that are missing each error names all.
    told: set[tuple[Path, str]] = set()
    for error in errors:
        path: Path = tuple(error.absolute_path)
        number = path[1] if len(path) > 1 and path[0] == "cases" else None
        for place, message in _said(error, path):
            if (place, message) in told:
                continue
            told.add((place, message))
            yield (number if isinstance(number, int) else None), Fault(marked.line(place), message)


def _said(error: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """A mistake in plain words, and where it is; an unknown key is a mistake each."""
    part = error.schema
    called = part.get("title", part.get("description", "it"))
    if error.validator == "required" and "title" in part:
        unknown = [key for key in error.instance if key not in part["properties"]]
        for key in error.validator_value:
            # One that is misspelt is told as such.
            if key not in error.instance and not any(nearest(x, [key]) for x in unknown):
                yield path, f"{called} needs `{key}`"
    elif error.validator == "additionalProperties":
        known = list(part["properties"])
        for key in error.instance:
            if key not in known and not key.startswith("x-"):
                yield (*path, key), f"{called} has no `{key}`; {_instead(key, known)}"
    else:
        name = f"`{path[-1]}`" if path and isinstance(path[-1], str) else "this"
        yield path, f"{name} must be {part['description']}"


def _instead(key: str, known: list[str]) -> str:
    close = nearest(key, known)
    return f"did you mean `{close}`?" if close else f"it has {', '.join(known)}"
