"""Frozen data behave as frozen dataclasses do. Each `type: ignore` is a promise kept: mypy
refuses one that it has no need of, so what stands there is an error for the type checker too."""

from __future__ import annotations

from typing import assert_never

import pytest

from leadrules.model.frozen import Frozen, changed, parts, uncounted, walk
from leadrules.model.source import Span


class Leaf(Frozen):
    name: str
    count: int
    span: Span = uncounted()


class Branch(Frozen):
    leaves: tuple[Leaf | Branch, ...]
    span: Span = uncounted()


class Bare(Frozen):
    name: str
    count: int = 1
    flag: bool = False


class Named(Frozen):
    count: int
    name: str | None = uncounted(default=None)


class Nothing(Frozen):
    pass


HERE, THERE = Span(0, 1), Span(5, 9)


def test_values_come_in_order_by_name_and_from_defaults() -> None:
    for bare in (Bare("a", 2), Bare("a", count=2), Bare(count=2, name="a"), Bare("a", 2, False)):
        assert (bare.name, bare.count, bare.flag) == ("a", 2, False)
    assert Bare("a") == Bare("a", 1, False) == Bare(name="a")


def test_what_is_uncounted_may_be_left_out_where_it_has_a_default() -> None:
    assert Named(1) == Named(1, "a") != Named(2, "a")
    assert (Named(1).name, Named(1, name="a").name) == (None, "a")
    assert parts(Named) == ("count",)


def test_values_that_do_not_fit_are_refused() -> None:
    with pytest.raises(TypeError, match="name"):
        Bare()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="colour"):
        Bare("a", colour=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="positional"):
        Bare("a", 1, False, 3)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="multiple values"):
        Bare("a", name="b")  # type: ignore[misc]
    with pytest.raises(TypeError, match="span"):
        Leaf("a", 1)  # type: ignore[call-arg]
    Bare(1)  # type: ignore[arg-type]


def test_nothing_can_be_changed() -> None:
    bare = Bare("a")
    with pytest.raises(AttributeError, match="frozen"):
        bare.name = "b"  # type: ignore[misc]
    with pytest.raises(AttributeError, match="frozen"):
        bare.colour = "b"  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="frozen"):
        del bare.name
    assert not hasattr(bare, "__dict__")
    assert changed(bare, count=7) == Bare("a", 7)
    assert bare == Bare("a")
    with pytest.raises(TypeError, match="colour"):
        changed(bare, colour=1)


def test_equality_hash_and_words_leave_out_what_is_uncounted() -> None:
    assert Leaf("a", 1, HERE) == Leaf("a", 1, THERE)
    assert len({Leaf("a", 1, HERE), Leaf("a", 1, THERE), Leaf("a", 2, HERE)}) == 2
    assert Leaf("a", 1, HERE) != Bare("a", 1)
    assert Span(0, 1) != Span(0, 2)
    assert Nothing() == Nothing()
    assert repr(Branch((Leaf("a", 1, HERE),), THERE)) == "Branch(leaves=(Leaf(name='a', count=1),))"
    assert parts(Leaf) == ("name", "count")
    assert parts(str) == parts(Nothing) == ()


def test_kinds_are_told_apart_by_match() -> None:
    def told(data: Leaf | Branch | Nothing) -> str:
        match data:
            case Leaf(name, 2):
                return f"two {name}"
            case Leaf(name):
                return name
            case Branch(leaves):
                return "-".join(map(told, leaves))
            case Nothing():
                return ""
            case _:
                assert_never(data)

    assert told(Branch((Leaf("a", 2, HERE), Leaf("b", 1, HERE)), HERE)) == "two a-b"


def test_a_walk_sees_all_in_order() -> None:
    first, second = Leaf("a", 1, HERE), Leaf("b", 2, HERE)
    tree = Branch((first, Branch((second,), HERE)), HERE)
    assert [node for node in walk(tree) if isinstance(node, Leaf)] == [first, second]
    assert HERE not in list(walk(tree))
