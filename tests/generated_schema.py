"""A made-up world for generated rules: fields, events, a schema or none, zone and instant."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Literal, TypeVar

from leadrules.model.instant import parse_instant
from tests.pools import AS_OFS, EARLY_AS_OFS, TEXTS, ZONES

Kind = Literal["number", "whole", "text", "boolean", "date", "list", "text or list", "anything"]
Path = tuple[str, ...]
T = TypeVar("T")


class Pen:
    """Draws the choices of one example; the same seed, the same choices.

    It is no Hypothesis strategy: drawing from one takes as long as scoring does, and makes
    a third of the examples in vain. What fails is made small by `reduce`.
    """

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random

    def number(self, most: int) -> int:
        """A number from 0 to `most`."""
        return int(self._random() * (most + 1))

    def chance(self, percent: int) -> bool:
        """True in so many of 100 cases."""
        return self._random() * 100 < percent

    def pick(self, items: Sequence[T]) -> T:
        """One of some things."""
        return items[self.number(len(items) - 1)]

    def some(self, items: Sequence[T], most: int) -> list[T]:
        """At most so many of some things, each once."""
        left = list(items)
        return [left.pop(self.number(len(left) - 1)) for _ in range(min(most, len(left)))]

    def text(self) -> str:
        """A few characters of any kind."""
        return "".join(self._character() for _ in range(1 + self.number(2)))

    def _character(self) -> str:
        code = self.number(self.pick((0x7F, 0x24F, 0xFFFF, 0x10FFFF)))
        return chr(code) if not 0xD800 <= code < 0xE000 else "x"


@dataclass(frozen=True, slots=True)
class Place:
    """A field of a lead or a property of an event.

    `spelled` is how rules write it. `typed` when the schema says what type it has; else
    its type follows from its use, and rules use it in the way of `kind` alone.
    """

    path: Path
    spelled: str
    kind: Kind
    typed: bool
    of_event: bool = False
    blanks: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class World:
    """What the rules and leads of one example are about.

    `types` are pairs of an event's type and its spelling in rules. `schema` is a JSON
    Schema document, or None. `zone` is None when the rules name none.
    """

    fields: tuple[Place, ...]
    properties: tuple[Place, ...]
    types: tuple[tuple[str, str], ...]
    schema: str | None
    zone: str | None
    as_of: int
    id: Path = ("id",)
    created: Path = ("created_at",)
    events: Path = ("events",)
    type: str = "type"
    at: str = "at"


# Some are words of the language, and some are names that an engine may use itself.
FIELDS: tuple[tuple[Path, str], ...] = (
    (("budget",), "budget"),
    (("country",), "country"),
    (("company", "employees"), "company.employees"),
    (("company", "Annual Revenue"), "company.`Annual Revenue`"),
    (("company",), "company"),
    (("company.employees",), "`company.employees`"),
    (("tags",), "tags"),
    (("größe",), "größe"),
    (("données", "société", "nom"), "données.société.nom"),
    (("données", "société", "it's"), "données.société.`it's`"),
    (("a", "b"), "a.b"),
    (("a.b",), "`a.b`"),
    (("max",), "max"),
    (("list",), "list"),
    (("count",), "count"),
    (("score",), "score"),
    (("is",), "`is`"),
    (("name",), "name"),
    (("bad",), "bad"),
    (("v0",), "v0"),
    (("c0",), "c0"),
    (("raw.v0",), "`raw.v0`"),
    (("codes",), "codes"),
    (('say "x"',), '`say "x"`'),
    (("it's",), "`it's`"),
    (("back\\slash",), "`back\\slash`"),
    (("100%",), "`100%`"),
    (("$",), "`$`"),
    (("$.id",), "`$.id`"),
    (("{}",), "`{}`"),
    (("🚀",), "`🚀`"),
    (("日本",), "日本"),
)
PROPERTIES: tuple[tuple[Path, str], ...] = (
    (("url",), "url"),
    (("seconds",), "seconds"),
    (("budget",), "budget"),
    (("score",), "score"),
    (("it's",), "`it's`"),
    (('say "x"',), '`say "x"`'),
    (("Prix €",), "`Prix €`"),
    (("name",), "name"),
    (("events",), "`events`"),
    (("id",), "id"),
)
TYPES: tuple[tuple[str, str], ...] = (
    ("demo_request", "demo_request"),
    ("page_view", "page_view"),
    ("reply", "reply"),
    ("no_show", "no_show"),
    ("Réponse", "Réponse"),
    ("web.visit", "web.visit"),
    ("E-Mail öffnen", "`E-Mail öffnen`"),
    ('asked "how"', '`asked "how"`'),
    ("log\\out", "`log\\out`"),
    ("didn't", "`didn't`"),
    ("訪問", "訪問"),
)
_BLANK_WORDS = ("Select", "n/a", "-", "Sélectionner…", '"none"', "İ/a")
_KINDS: tuple[Kind, ...] = (
    "number",
    "text",
    "date",
    "boolean",
    "list",
    "whole",
    "whole",
    "text",
    "anything",
)
_LOOSE_KINDS: tuple[Kind, ...] = (
    "number",
    "text",
    "date",
    "boolean",
    "text or list",
    "text",
    "anything",
)


def draw_world(pen: Pen) -> World:
    """A world: about half of them with a schema."""
    has_schema = pen.chance(55)
    zone = pen.pick((None, *ZONES))
    as_of = parse_instant(pen.pick(EARLY_AS_OFS if pen.chance(3) else AS_OFS), None)
    types = tuple(pen.some(TYPES, 2 + pen.number(2)))
    fields = [_place(pen, *name, has_schema, False) for name in pen.some(FIELDS, 3 + pen.number(6))]
    properties = tuple(
        _place(pen, *name, has_schema, True) for name in pen.some(PROPERTIES, pen.number(4))
    )
    if pen.chance(20):
        fields.append(Place(("id",), "id", "text", has_schema))
    if not has_schema:
        fields.append(Place(("created_at",), "created_at", "date", False))
        return World(tuple(fields), properties, types, None, zone, as_of)
    ids: Path = pen.pick((("id",), ("id",), ("lead_id",), ("meta", "key")))
    if fields[-1].path == ("id",):
        ids = fields[-1].path
    created = pen.pick((("created_at",), ("born",), ("meta", "born")))
    events = pen.pick((("events",), ("events",), ("log",), ("meta", "log")))
    type_, at = pen.pick((("type", "at"), ("kind", "time"), ("type", "Sent At")))
    fields.append(Place(created, ".".join(created), "date", True))
    lists_types = pen.chance(30)
    top = dict(_object(fields))
    if all(place.path != ids for place in fields):
        _put(top, ids, {"type": ["string", "integer"]})
    item = dict(_object(properties))
    item["properties"][type_] = {"type": "string"}
    if lists_types:
        item["properties"][type_]["enum"] = [name for name, _ in types]
    item["properties"][at] = {"type": "string", "format": "date-time"}
    _put(top, events, {"type": "array", "items": item})
    top["x-id"], top["x-created"] = ".".join(ids), ".".join(created)
    top["x-events"] = {"list": ".".join(events), "type": type_, "at": at}
    schema = json.dumps(top, ensure_ascii=False)
    return World(
        tuple(fields), properties, types, schema, zone, as_of, ids, created, events, type_, at
    )


def _place(pen: Pen, path: Path, spelled: str, has_schema: bool, of_event: bool) -> Place:
    if path == ("company",):
        return Place(path, spelled, "anything", has_schema)
    if not has_schema or pen.chance(15):
        return Place(path, spelled, pen.pick(_LOOSE_KINDS), False, of_event)
    kind = pen.pick(_KINDS)
    blanks = tuple(pen.some(_BLANK_WORDS, 1 + pen.number(2))) if pen.chance(25) else ()
    values = tuple(pen.some(TEXTS, 4)) if kind == "text" and pen.chance(20) else ()
    return Place(path, spelled, kind, True, of_event, blanks, values)


def _object(places: Sequence[Place]) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "object", "properties": {}}
    # A parent comes before what is in it, so that it is not put over it.
    for place in sorted(places, key=lambda place: len(place.path)):
        _put(made, place.path, _described(place))
    return made


def _put(schema: dict[str, Any], path: Path, described: dict[str, Any]) -> None:
    for key in path[:-1]:
        schema = schema["properties"].setdefault(key, {"type": "object"})
        schema.setdefault("properties", {})
    schema["properties"][path[-1]] = described


def _described(place: Place) -> dict[str, Any]:
    described: dict[str, Any] = {}
    if place.blanks:
        described["x-blank"] = list(place.blanks)
    if not place.typed:
        return described
    if place.values:
        return described | {"enum": [*place.values, None]}
    match place.kind:
        case "number":
            return described | {"type": ["number", "null"]}
        case "whole":
            return described | {"type": "integer"}
        case "boolean":
            return described | {"type": "boolean"}
        case "date":
            form = "date" if len(place.spelled) % 2 else "date-time"
            return described | {"type": "string", "format": form}
        case "list":
            return described | {"type": "array", "items": {"type": "string"}}
        case "anything":
            return described | {"type": "object"}
        case _:
            return described | {"type": "string"}
