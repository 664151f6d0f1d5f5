"""`leadrules.yaml`: settings for the rules in a folder, read when there is one.

The nearest one counts, from the folder of the file at hand up to the root of the repository;
those further up are not asked. A flag goes before it, and so does the environment.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from leadrules.model.frozen import Frozen
from leadrules.model.nearest import nearest
from leadrules.shell.files import read_text
from leadrules.shell.outcome import USAGE, Stop

NAME = "leadrules.yaml"
SCHEMA = Path(__file__).resolve().parent.parent / "schemas" / "config.schema.json"
_REPOSITORY = ".git"
_TYPES: Mapping[str, type] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": float,
}


class Config(Frozen):
    """What a configuration says. `folder` is where it stands; patterns are seen from there."""

    folder: str
    settings: dict[str, Any]

    def get(self, key: str) -> Any:
        """The setting behind a key such as `score.engine`, or None."""
        found: Any = self.settings
        for part in key.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        return found

    def leaves_out(self, path: str, verb: str) -> bool:
        """Whether a pattern names a file, or a folder that it lies in, for a verb."""
        patterns = [*(self.get("exclude") or ()), *(self.get(f"{verb}.exclude") or ())]
        if not patterns:
            return False
        inside = Path(os.path.relpath(os.path.realpath(path), self.folder)).as_posix()
        return any(_pattern(pattern).fullmatch(inside) for pattern in patterns)


def config_of(path: str) -> Config:
    """The configuration for a file or a folder. Stops when it is not written properly."""
    folder = os.path.realpath(path)
    return _nearest(folder if os.path.isdir(folder) else os.path.dirname(folder))


def left_out_by(verb: str) -> Callable[[str], bool]:
    """A function that tells of a file or folder found on the way whether a verb leaves it out."""
    return lambda path: config_of(path).leaves_out(path, verb)


@cache
def _nearest(folder: str) -> Config:
    path = os.path.join(folder, NAME)
    if os.path.isfile(path):
        return Config(folder, _read(path))
    above = os.path.dirname(folder)
    if above == folder or os.path.exists(os.path.join(folder, _REPOSITORY)):
        return Config(folder, {})
    return _nearest(above)


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    """A pattern as in `.gitignore`: without a `/` it names a file or folder at any depth, else
    one seen from the folder of the configuration. `*` stops at a `/`, `**` does not."""
    whole = pattern.rstrip("/")
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", whole.removeprefix("./").lstrip("/"))
    middle = "".join(parts.get(piece) or re.escape(piece) for piece in pieces)
    anywhere = "" if "/" in whole else "(?:.*/)?"
    return re.compile(f"{anywhere}{middle}(?:/.*)?", re.DOTALL)


def _read(path: str) -> dict[str, Any]:
    shown = os.path.relpath(path)
    try:
        text = read_text(path)
    except UnicodeDecodeError:
        raise Stop(USAGE, f"{shown}: it is not UTF-8 text") from None
    except OSError as error:
        raise Stop(USAGE, f"{shown}: {(error.strerror or '').lower()}") from None
    if all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines()):
        return {}
    import json

    from leadrules.cases.yaml_text import BadYaml, read_yaml

    try:
        marked = read_yaml(text)
    except BadYaml as error:
        raise Stop(USAGE, f"{shown}:{error.line}: {error}") from None
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    wrong = [
        f"{shown}:{marked.line(place)}: {said}"
        for place, said in _faults(marked.value, schema, schema["$defs"], ())
    ]
    if wrong:
        raise Stop(USAGE, "\n".join(wrong))
    settings: dict[str, Any] = marked.value
    return settings


def _faults(
    value: Any, schema: Mapping[str, Any], shared: Mapping[str, Any], place: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Where a value is not what a schema asks for, in words. It knows as much of JSON Schema
    as `config.schema.json` uses; loading a whole validator takes longer than a check."""
    if "$ref" in schema:
        schema = {**shared[schema["$ref"].rpartition("/")[2]], **schema}
    if not _fits(value, schema):
        called = f"`{place[-1]}`" if place and isinstance(place[-1], str) else "this"
        yield place, f"{called} must be {schema['description']}"
    elif isinstance(value, dict):
        known = schema["properties"]
        for key, inner in value.items():
            if key in known:
                yield from _faults(inner, known[key], shared, (*place, key))
            else:
                yield (*place, key), _unknown(key, known, place)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _faults(item, schema["items"], shared, (*place, number))


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    if "enum" in schema:
        return value in schema["enum"]
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(type(value) is _TYPES[name] for name in types):
        return False
    if isinstance(value, str):
        return re.search(schema.get("pattern", ""), value) is not None
    if isinstance(value, int | float):
        return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
    return True


def _unknown(key: str, known: Mapping[str, Any], place: Sequence[str | int]) -> str:
    close = nearest(key, known)
    instead = f"did you mean `{close}`?" if close else f"there are {', '.join(known)}"
    inside = f"`{place[-1]}` has no setting" if place else "there is no setting"
    return f"{inside} `{key}`; {instead}"
