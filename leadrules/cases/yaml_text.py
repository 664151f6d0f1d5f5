"""YAML as cases are written in it: few types, no surprises, and the line of everything.

A scalar without quotes is a number when JSON would have it as one, perhaps behind a `+`. It is
yes or no as `true` and `false`, and nothing as `null`, `~` or a blank. All else is text: `no`,
which is Norway, `2026-11-22`, `012`, `12:30`. That is the core schema of YAML 1.2, but for
numbers that are no JSON. Anchors and merges (`<<`) work as in YAML 1.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar

import yaml

# Keys and positions that lead to a value.
Path = tuple[str | int, ...]

# Aliases of aliases make a giant of a few lines.
MOST_VALUES = 200_000
_MERGE = "tag:yaml.org,2002:merge"
_SCALARS = (
    ("tag:yaml.org,2002:null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("tag:yaml.org,2002:int", r"[-+]?(?:0|[1-9][0-9]*)", list("-+0123456789")),
    (
        "tag:yaml.org,2002:float",
        r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?",
        list("-+0123456789"),
    ),
    (_MERGE, r"<<", ["<"]),
)
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class BadYaml(ValueError):
    """A text that is no YAML, or YAML that means nothing here; `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class Marked:
    """A value made of dict, list, str, int, float, bool and None, and where its parts stand."""

    def __init__(self, value: Any, lines: dict[Path, int]) -> None:
        self.value = value
        self._lines = lines

    def line(self, path: Path) -> int:
        """The line of what stands at a path, or of what is nearest around it."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]


class _Loader(_LOADER):  # type: ignore[misc]  # which of two classes it is, is known when it runs
    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


class Dumper(yaml.SafeDumper):
    """Writes values so that `read_yaml` reads them again, with no quotes that it can do without."""

    # The stubs have it as a variable of instances.
    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}  # type: ignore[misc]

    def ignore_aliases(self, data: Any) -> bool:
        """Always: what is the same twice is written twice."""
        return True


for _tag, _pattern, _first in _SCALARS:
    for _kind in (_Loader, Dumper):
        _kind.add_implicit_resolver(_tag, re.compile(rf"(?:{_pattern})\Z"), _first)


def read_yaml(text: str) -> Marked:
    """The one document in a text. Raises BadYaml."""
    try:
        node = yaml.compose(text, _Loader)
        lines: dict[Path, int] = {(): 1}
        value = None if node is None else _Making(lines).value(node, ())
    except RecursionError:
        raise BadYaml(1, "it is nested too deep") from None
    except yaml.reader.ReaderError as error:
        # The C reader counts bytes and the other one characters; the line is all we need.
        line = text.encode("utf-8", "replace")[: error.position].count(b"\n") + 1
        raise BadYaml(line, "a character here cannot stand in YAML") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        raise BadYaml(line, f"this is not YAML: {error.problem}") from None
    return Marked(value, lines)


class _Making:
    """Makes values out of nodes, and notes their lines."""

    def __init__(self, lines: dict[Path, int]) -> None:
        self.lines = lines
        self.left = MOST_VALUES

    def value(self, node: Any, path: Path) -> Any:
        self.left -= 1
        line = node.start_mark.line + 1
        if self.left < 0:
            raise BadYaml(line, "there is too much in this file")
        self.lines.setdefault(path, line)
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, n)) for n, item in enumerate(node.value)]
        return _scalar(node)

    def mapping(self, node: Any, path: Path) -> dict[str, Any]:
        own: dict[str, tuple[Any, Any]] = {}
        for key, inner in node.value:
            if key.tag == _MERGE:
                continue
            name = _key(key)
            if name in own:
                raise BadYaml(key.start_mark.line + 1, f"`{name}` is there twice")
            own[name] = key, inner
        taken: dict[str, tuple[Any, Any]] = {}
        for key, inner in _merged(node):
            taken.setdefault(_key(key), (key, inner))
        made: dict[str, Any] = {}
        for name, (key, inner) in (taken | own).items():
            self.lines[(*path, name)] = key.start_mark.line + 1
            made[name] = self.value(inner, (*path, name))
        return made


def _merged(node: Any) -> Iterator[tuple[Any, Any]]:
    """The keys and values that a mapping takes over from others; of two the first counts."""
    for key, value in node.value:
        if key.tag != _MERGE:
            continue
        sources = value.value if isinstance(value, yaml.SequenceNode) else [value]
        for source in sources:
            if not isinstance(source, yaml.MappingNode):
                raise BadYaml(key.start_mark.line + 1, "`<<` takes over keys with their values")
            yield from ((k, v) for k, v in source.value if k.tag != _MERGE)
            yield from _merged(source)


def _key(node: Any) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise BadYaml(node.start_mark.line + 1, "a key is a word or a text")
    return str(node.value)


def _scalar(node: Any) -> Any:
    text = node.value
    try:
        match node.tag.rpartition(":")[2]:
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int" if len(text) < 300:
                return int(text)
            case "int" | "float":
                return float(text)
    except ValueError:
        line = node.start_mark.line + 1
        raise BadYaml(line, f"`{text}` is not what its tag says") from None
    return text
