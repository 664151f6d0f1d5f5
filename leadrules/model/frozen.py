"""Frozen data, of which there are many kinds: what rule files and programs are made of.

To a reader and to a type checker such a class is what `@dataclass(frozen=True, slots=True)`
would make of it. What is `uncounted()` plays no part in equality, nor is it shown:

    class Field(Frozen):
        name: Name
        explicit: bool
        span: Span = uncounted()

Only the making differs. `dataclass` writes and compiles six methods for each class when the
process starts, half a millisecond every time. There are more than 150 kinds, so that took
longer than reading and checking a hundred rules. Here all share methods that are written once,
but for `__init__`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

AnyFrozen = TypeVar("AnyFrozen", bound="Frozen")

_NOTHING: Any = object()


class _Uncounted:
    def __init__(self, default: Any) -> None:
        self.default = default


def uncounted(*, default: Any = _NOTHING) -> Any:
    """Stands behind a place whose value is no part of what the data is, such as a span. With
    a `default` it may be left out."""
    return _Uncounted(default)


@dataclass_transform(frozen_default=True, field_specifiers=(uncounted,))
class _Kind(type):
    """Makes a class out of its annotations. No class stands below another, but for Frozen."""

    # All places for values, in order, and those that count.
    _places: tuple[str, ...]
    _parts: tuple[str, ...]
    # The values of the last places, where they may be left out.
    _defaults: tuple[Any, ...]
    # What two that are equal have the same.
    _content: Callable[[Any], Any]

    def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> _Kind:
        places = tuple(body.get("__annotations__", ()))
        given = {place: body.pop(place) for place in places if place in body}
        body |= {"__slots__": places, "__match_args__": places}
        kind = super().__new__(mcs, name, bases, body)
        kind._places = places
        kind._parts = tuple(p for p in places if not isinstance(given.get(p), _Uncounted))
        defaults = [v.default if isinstance(v, _Uncounted) else v for v in given.values()]
        kind._defaults = tuple(value for value in defaults if value is not _NOTHING)
        kind._content = attrgetter(*kind._parts) if kind._parts else lambda _: ()
        return kind


class Frozen(metaclass=_Kind):
    """Cannot be changed; equal to another of its kind whose parts are equal."""

    def __init__(self, *values: Any, **named: Any) -> None:
        kind: Any = type(self)
        assert kind is not Frozen
        kind.__init__ = _written_init(kind)
        self.__init__(*values, **named)  # type: ignore[misc]  # it is another one now

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        content = type(self)._content
        return bool(content(self) == content(other))

    def __hash__(self) -> int:
        return hash(type(self)._content(self))

    def __repr__(self) -> str:
        shown = (f"{part}={getattr(self, part)!r}" for part in type(self)._parts)
        return f"{type(self).__name__}({', '.join(shown)})"

    # A type checker that saw these would let any name be set.
    if not TYPE_CHECKING:

        def __setattr__(self, name: str, value: object) -> None:
            raise AttributeError(f"{type(self).__name__} is frozen: cannot set {name}")

        def __delattr__(self, name: str) -> None:
            raise AttributeError(f"{type(self).__name__} is frozen: cannot delete {name}")


def _written_init(kind: _Kind) -> Any:
    """The `__init__` of a kind. It is written when the first of the kind is made, for in one
    run most kinds never are; and written for each kind, as nothing else is half as fast."""
    names: dict[str, Any] = {f"put_{place}": vars(kind)[place].__set__ for place in kind._places}
    first = len(kind._places) - len(kind._defaults)
    arguments = ["self", *kind._places[:first]]
    for place, value in zip(kind._places[first:], kind._defaults, strict=True):
        names[f"default_{place}"] = value
        arguments.append(f"{place}=default_{place}")
    lines = [f"put_{place}(self, {place})" for place in kind._places] or ["pass"]
    exec(f"def __init__({', '.join(arguments)}):\n " + "\n ".join(lines), names)
    return names["__init__"]


def changed(data: AnyFrozen, **changes: Any) -> AnyFrozen:
    """The same with other values for some of its places."""
    kind = type(data)
    return kind(**{place: getattr(data, place) for place in kind._places} | changes)


def parts(kind: type) -> tuple[str, ...]:
    """The names of what a kind is made of, without what is uncounted."""
    return kind._parts if isinstance(kind, _Kind) else ()


def walk(data: Any) -> Iterator[Any]:
    """The data and all frozen data below it, in the order written."""
    yield data
    if isinstance(data, tuple):
        for item in data:
            yield from walk(item)
    else:
        for name in parts(type(data)):
            yield from walk(getattr(data, name))
