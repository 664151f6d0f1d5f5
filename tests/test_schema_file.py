"""The standard schema is a good schema: valid, explained everywhere, true to its examples."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

RULESETS = Path(__file__).parents[1] / "rulesets"
SCHEMA: dict[str, Any] = json.loads((RULESETS / "lead.schema.json").read_text(encoding="utf-8"))
SAMPLES = sorted(RULESETS.glob("*/leads.jsonl"))
PLAIN_TYPES = {"string", "number", "integer", "boolean", "array", "object"}


def described(schema: dict[str, Any], path: str = "lead") -> Iterator[tuple[str, dict[str, Any]]]:
    """The schema and every schema inside it, with its path."""
    yield path, schema
    for name, inner in schema.get("properties", {}).items():
        yield from described(inner, f"{path}.{name}")
    if "items" in schema:
        yield from described(schema["items"], f"{path}[]")


FIELDS = dict(described(SCHEMA))


def test_is_a_json_schema() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", FIELDS)
def test_every_field_is_explained(path: str) -> None:
    field = FIELDS[path]
    assert field["title"].strip()
    assert field["description"].endswith(".")
    assert field["examples"]
    for example in field["examples"]:
        Draft202012Validator(field, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
            example
        )


@pytest.mark.parametrize("path", FIELDS)
def test_types_are_plain(path: str) -> None:
    field = FIELDS[path]
    assert field["type"] in PLAIN_TYPES
    assert field.get("format") in (None, "date", "date-time")
    assert "enum" not in field
    if field["type"] == "object":
        assert field["additionalProperties"] is True
    if "x-blank" in field:
        assert field["type"] == "string"
        assert all(isinstance(blank, str) and blank for blank in field["x-blank"])
        assert not set(field["examples"]) & set(field["x-blank"])


def test_only_the_id_is_required() -> None:
    assert SCHEMA["required"] == ["id"]
    assert "required" not in FIELDS["lead.company"]


def test_annotations_name_fields_that_exist() -> None:
    assert FIELDS[f"lead.{SCHEMA['x-id']}"]["type"] == "string"
    assert FIELDS[f"lead.{SCHEMA['x-created']}"]["format"] == "date-time"
    events = SCHEMA["x-events"]
    assert FIELDS[f"lead.{events['list']}"]["type"] == "array"
    event = FIELDS[f"lead.{events['list']}[]"]
    assert event["required"] == [events["type"], events["at"]]
    assert set(event["required"]) < set(event["properties"])


def test_no_event_is_called_like_a_field() -> None:
    """Such an event could not be named in a rule: the name would be the field."""
    assert not set(FIELDS["lead.events[].type"]["examples"]) & set(SCHEMA["properties"])


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.parent.name)
def test_sample_leads_fit(sample: Path) -> None:
    leads = [json.loads(line) for line in sample.read_text(encoding="utf-8").splitlines()]
    assert len({lead["id"] for lead in leads}) == len(leads) >= 5
    for lead in leads:
        Draft202012Validator(SCHEMA).validate(lead)


def test_there_are_samples() -> None:
    assert {sample.parent.name for sample in SAMPLES} >= {"quickstart", "inbound"}
