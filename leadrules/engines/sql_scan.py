"""The bottom of the pile, in SQL: the keys that are needed, out of the files of leads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from sqlglot import exp

from leadrules.engines.sql_build import Gap, Sql, call, case, cast, col, member, named, num, text
from leadrules.engines.sql_values import json_type
from leadrules.model import program as p

MOST_BYTES = 64 << 20
EVENTS = "events.list"


class Scan:
    """Writes how the records of a program's leads are read and taken apart."""

    def __init__(self, program: p.Program) -> None:
        self.program = program

    def scan(self, format_: str) -> exp.Select:
        """The records, with the top-level keys that are needed."""
        keys = list(dict.fromkeys(path[0] for path in self.paths()))
        columns = dict.fromkeys(keys, "JSON")
        if self.program.reads_events and len(self.program.shape.events) == 1:
            columns[self.program.shape.events[0]] = self.event_type()
        _refuse_clash(columns)
        listed = exp.Struct(
            expressions=[
                exp.PropertyEQ(this=exp.to_identifier(key, quoted=True), expression=text(type_))
                for key, type_ in columns.items()
            ]
        )
        options: dict[str, Sql] = {
            "columns": listed,
            "format": text(format_),
            "ignore_errors": exp.true(),
            "maximum_object_size": num(MOST_BYTES),
        }
        table = exp.Anonymous(
            this="read_json",
            expressions=[
                exp.Placeholder(),
                *(exp.EQ(this=exp.to_identifier(k), expression=v) for k, v in options.items()),
            ],
        )
        # As plain text: what is compared with JSON is taken for JSON itself.
        listed_columns = [
            named(cast(col(key), "VARCHAR") if type_ == "JSON" else col(key), raw((key,)))
            for key, type_ in columns.items()
        ]
        return exp.Select(expressions=listed_columns).from_(exp.Table(this=table), copy=False)

    def unpacked(self) -> Iterable[list[tuple[str, Sql]]]:
        """For each depth of nesting, the objects of that depth taken apart."""
        shape = self.program.shape
        deepest = max(len(path) for path in self.paths())
        for depth in range(1, deepest):
            parents: dict[tuple[str, ...], list[str]] = {}
            for path in self.paths():
                if len(path) > depth:
                    keys = parents.setdefault(path[:depth], [])
                    if path[depth] not in keys:
                        keys.append(path[depth])
            opened = []
            taken = []
            for parent, keys in parents.items():
                _refuse_clash(keys)
                found = col(raw(parent))
                opened.append(
                    (
                        raw(parent) + " opened",
                        case(
                            [
                                (
                                    call("starts_with", found, text("{")),
                                    call("from_json", found, text(json_type(keys))),
                                )
                            ]
                        ),
                    )
                )
                taken += [
                    (
                        raw((*parent, key)),
                        cast(member(col(raw(parent) + " opened"), key), "VARCHAR"),
                    )
                    for key in keys
                ]
            yield opened
            yield taken
        if self.program.reads_events and len(shape.events) > 1:
            found = col(raw(shape.events))
            structure = json.dumps(
                [dict.fromkeys([shape.type, *self.property_keys()], "JSON") | {shape.at: "VARCHAR"}]
            )
            yield [
                (
                    EVENTS,
                    case(
                        [
                            (
                                call("starts_with", found, text("[")),
                                call("from_json", found, text(structure)),
                            )
                        ]
                    ),
                )
            ]

    @property
    def events(self) -> str:
        """The column of the list of events."""
        shape = self.program.shape
        return raw(shape.events) if len(shape.events) == 1 else EVENTS

    def paths(self) -> list[tuple[str, ...]]:
        """The paths that are read as raw JSON."""
        shape = self.program.shape
        found = [shape.id, *(field.path for field in self.program.fields)]
        if self.program.reads_events and len(shape.events) > 1:
            found.append(shape.events)
        return list(dict.fromkeys(found))

    def property_keys(self) -> list[str]:
        """The keys of events that the rules read."""
        return list(dict.fromkeys(field.path[0] for field in self.program.properties))

    def event_type(self) -> str:
        """The type of the list of events: raw JSON, but for the timestamp."""
        shape = self.program.shape
        keys = {shape.type: "JSON"} | dict.fromkeys(self.property_keys(), "JSON")
        keys[shape.at] = "VARCHAR"
        _refuse_clash(keys)
        members = ", ".join(f'"{_identifier(key)}" {type_}' for key, type_ in keys.items())
        return f"STRUCT({members})[]"


MOST_BYTES = 64 << 20
EVENTS = "events.list"


def raw(path: Sequence[str]) -> str:
    """The column of the raw JSON at a path."""
    # Not joined by dots: the key `a.b` is another than the key `b` inside `a`.
    return "raw " + json.dumps(path, ensure_ascii=False)


def _identifier(key: str) -> str:
    return key.replace('"', '""')


def _refuse_clash(keys: Iterable[str]) -> None:
    """DuckDB's names do not know upper and lower case; leads' keys do."""
    seen: dict[str, str] = {}
    for key in keys:
        other = seen.setdefault(key.casefold(), key)
        if other != key:
            raise Gap(f"the fields `{other}` and `{key}` differ only in case")
