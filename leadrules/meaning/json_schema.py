"""A JSON Schema document, read as the fields and types of a lead.

Types follow the keywords `type`, `format`, `properties`, `items` and `$ref` (inside the
document); whatever else a schema demands is not looked at here. Four annotations are
leadrules' own: `x-blank` on a field lists texts that mean "nothing entered"; `x-events`,
`x-created` and `x-id` at the top name the list of events, the date a lead came to be, and
its id.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from leadrules.model.frozen import Frozen
from leadrules.model.letters import fold, normal
from leadrules.model.program import Shape, Type

# An object is a field that can be known or missing; `anything` a field of no stated type.
_TYPES: dict[str, Type] = {
    "number": "number",
    "integer": "whole",
    "boolean": "boolean",
    "object": "anything",
}


class SchemaField(Frozen):
    """One field: its type, its blanks (folded), its values if they are listed (as written; of
    a list those of its items), and whether every lead has it."""

    type: Type
    blanks: tuple[str, ...] = ()
    values: tuple[str, ...] | None = None
    required: bool = False


class Schema(Frozen):
    """All fields of a lead and properties of an event, by path, and where things are.

    `properties` is None when the schema says nothing of events. `event_types` are the only
    types of event there are, or None when the schema lists none.
    """

    fields: Mapping[tuple[str, ...], SchemaField]
    properties: Mapping[tuple[str, ...], SchemaField] | None
    shape: Shape
    event_types: tuple[str, ...] | None


# References can make many fields of few lines.
_MOST_FIELDS = 10_000


class BadSchema(ValueError):
    """A document that is no usable JSON Schema; its message says why."""


def read_schema(text: str) -> Schema:
    """The schema in a JSON document. Raises BadSchema when it is none."""
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadSchema(f"it is not JSON ({error})") from None
    _validate(document)
    if not isinstance(document, dict):
        raise BadSchema("it describes no fields")
    reader = _Reader(document)
    shape = _shape(document)
    fields: dict[tuple[str, ...], SchemaField] = {}
    reader.fields(document, (), True, fields)
    events = fields.pop(shape.events, None)
    fields = {
        path: field for path, field in fields.items() if path[: len(shape.events)] != shape.events
    }
    properties: dict[tuple[str, ...], SchemaField] | None = None
    types: tuple[str, ...] | None = None
    item = reader.items_at(shape.events)
    if events is not None and item is not None:
        properties = {}
        reader.fields(item, (), True, properties)
        kind = properties.pop((shape.type,), None)
        types = kind.values if kind else None
    return Schema(fields, properties, shape, types)


def _validate(document: Any) -> None:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(document)
    except RecursionError:
        raise BadSchema("it is nested too deep") from None
    except SchemaError as error:
        place = "/".join(map(str, error.absolute_path)) or "the top"
        raise BadSchema(f"at {place}: {error.message}") from None


def _shape(document: dict[str, Any]) -> Shape:
    usual = Shape()
    events = document.get("x-events", {})
    if not isinstance(events, dict):
        raise BadSchema("x-events must be an object with list, type and at")

    def path(value: Any, usual: tuple[str, ...], key: str) -> tuple[str, ...]:
        if value is None:
            return usual
        if not isinstance(value, str) or not all(value.split(".")):
            raise BadSchema(f"{key} must be the name of a field")
        return tuple(value.split("."))

    return Shape(
        path(document.get("x-id"), usual.id, "x-id"),
        path(document.get("x-created"), usual.created, "x-created"),
        path(events.get("list"), usual.events, "x-events: list"),
        path(events.get("type"), (usual.type,), "x-events: type")[0],
        path(events.get("at"), (usual.at,), "x-events: at")[0],
    )


class _Reader:
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def fields(
        self,
        schema: dict[str, Any],
        path: tuple[str, ...],
        sure: bool,
        into: dict[tuple[str, ...], SchemaField],
    ) -> None:
        """Adds the fields below an object; `sure` when every lead has that object."""
        required = schema.get("required", ())
        for key, entry in schema.get("properties", {}).items():
            inner = self.follow(entry)
            always = sure and key in required
            into[*path, key] = self.field(inner, always)
            if len(into) > _MOST_FIELDS:
                raise BadSchema(f"it has more than {_MOST_FIELDS:_} fields")
            if isinstance(inner.get("properties"), dict) and len(path) < 16:
                self.fields(inner, (*path, key), always, into)

    def field(self, schema: dict[str, Any], required: bool) -> SchemaField:
        kinds = _kinds(schema)
        blanks = tuple(fold(normal(b)) for b in schema.get("x-blank", ()) if isinstance(b, str))
        values = schema.get("enum")
        if kinds == {"array"}:
            values = self.follow(schema.get("items", {})).get("enum")
        texts = tuple(v for v in values if isinstance(v, str)) if isinstance(values, list) else None
        required = required and "null" not in _listed(schema.get("type")) and not blanks
        type_: Type = "anything"
        if kinds == {"string"}:
            type_ = "date" if schema.get("format") in ("date", "date-time") else "text"
        elif kinds == {"array"}:
            items = self.follow(schema.get("items", {}))
            type_ = "list" if _kinds(items) == {"string"} else "anything"
        elif kinds == {"integer", "number"}:
            type_ = "number"
        elif len(kinds) == 1:
            type_ = _TYPES.get(next(iter(kinds)), "anything")
        return SchemaField(type_, blanks, texts if type_ in ("text", "list") else None, required)

    def items_at(self, path: tuple[str, ...]) -> dict[str, Any] | None:
        """The schema of the items of the list at a path."""
        schema = self.document
        for key in path:
            schema = self.follow(schema.get("properties", {}).get(key, {}))
        items = schema.get("items")
        return self.follow(items) if isinstance(items, dict) else None

    def follow(self, schema: Any) -> dict[str, Any]:
        """The schema itself, or the one its `$ref` points to inside the document."""
        for _ in range(16):
            if not isinstance(schema, dict):
                return {}
            reference = schema.get("$ref")
            if not isinstance(reference, str):
                return schema
            if not reference.startswith("#/"):
                raise BadSchema(f"$ref {reference} points outside the document")
            target: Any = self.document
            for key in reference[2:].split("/"):
                key = key.replace("~1", "/").replace("~0", "~")
                target = target.get(key) if isinstance(target, dict) else None
            if target is None:
                raise BadSchema(f"$ref {reference} points to nothing")
            schema = {**target, **{k: v for k, v in schema.items() if k != "$ref"}}
        raise BadSchema("$ref goes in a circle")


def _kinds(schema: dict[str, Any]) -> set[str]:
    stated = {kind for kind in _listed(schema.get("type")) if kind != "null"}
    values = schema.get("enum")
    listed = values if isinstance(values, list) and not stated else []
    if listed and all(isinstance(value, str | None) for value in listed):
        return {"string"}
    if not stated and isinstance(schema.get("properties"), dict):
        return {"object"}
    return stated


def _listed(kinds: Any) -> list[str]:
    return [kinds] if isinstance(kinds, str) else list(kinds) if isinstance(kinds, list) else []
