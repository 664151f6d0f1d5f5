"""The names in what a case expects, held against the rules.

A misspelt name would be a case that says nothing: a rule that does not exist never fires. So
each name has to be one that the rules, or the case's own result of yesterday, can bring about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, assert_never

from leadrules.cases.read import Case, Fault
from leadrules.cases.yaml_text import Marked, Path
from leadrules.model.nearest import nearest
from leadrules.model.program import (
    Block,
    Choice,
    Dimension,
    Group,
    Item,
    PointsRule,
    Program,
    labels,
)
from leadrules.model.verdict import KEYS as RESULT_KEYS

# What a case can expect that has the same name in all rules.
KEYS = (*(key for key in RESULT_KEYS if key != "id"), "quarantined")


def unknown_names(program: Program, case: Case, marked: Marked) -> list[Fault]:
    """The names in what a case expects that stand for nothing."""
    place: Path = (*case.place, "expect")
    return [Fault(marked.line((*place, *path)), said) for path, said in _unknown(program, case)]


def _unknown(program: Program, case: Case) -> Iterator[tuple[Path, str]]:
    before = case.previous or {}
    dimensions = {found.name: list(labels(program, found.name)) for found in program.dimensions}
    for key, value in before.items():
        if isinstance(value, str) and key not in KEYS:
            dimensions.setdefault(key, []).append(value)
    blocks = [block.name for block in program.blocks if block.name is not None]
    blocks += before.get("scores", {})
    for key, wanted in case.expect.items():
        match key:
            case "score" | "quarantined":
                pass
            case "scores":
                yield from _each(key, wanted, blocks, "score block")
            case "fired":
                yield from _each(key, wanted, list(fired_names(program)), "rule")
            case "reasons":
                yield from _each(key, wanted, dimensions, "dimension")
            case "conflicts":
                unique = [d.name for d in program.dimensions if isinstance(d, Dimension)]
                yield from _each(key, wanted, unique, "dimension")
            case "checklists":
                yield from _checklists(program, wanted)
            case "excluded":
                reasons = [aside.reason for aside in program.exclusions]
                yield from _one(key, wanted, reasons, "no `exclude` has the reason")
            case "frozen":
                reasons = [aside.reason for aside in program.freezes]
                yield from _one(key, wanted, reasons, "no `freeze` has the reason")
            case _ if key in dimensions:
                yield from _one(key, wanted, dimensions[key], f"no rule of `{key}` gives")
            case _:
                known = [*dimensions, *KEYS]
                yield (key,), f"results have no `{key}`; {_instead(key, known)}"


def fired_names(program: Program) -> Iterator[str]:
    """What `fired` can list: rules, and whatever has a limit of its own."""
    for block in program.blocks:
        yield from names_in(block)
    if program.formula is not None:
        yield "score"
    if program.total:
        yield "total"


def names_in(block: Block) -> Iterator[str]:
    """The same of one block."""
    yield from _of_items(block.items)
    if block.name is not None and block.limits:
        yield block.name


def _of_items(items: Iterable[Item]) -> Iterator[str]:
    for item in items:
        match item:
            case PointsRule():
                yield item.name
            case Group(title, inner, _):
                yield from _of_items(inner)
                yield title
            case Choice(_, inner):
                yield from _of_items(inner)
            case _:
                assert_never(item)


def _checklists(program: Program, wanted: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    known = {found.name: [name for name, _ in found.items] for found in program.checklists}
    yield from _each("checklists", wanted, known, "checklist")
    for name, states in wanted.items():
        for state, items in states.items():
            for number, item in enumerate(items):
                if name in known and str(item) not in known[name]:
                    said = f"the checklist `{name}` has no item `{item}`"
                    path = ("checklists", name, state, number)
                    yield path, f"{said}; {_instead(str(item), known[name])}"


def _each(
    key: str, wanted: Iterable[str], known: Iterable[str], what: str
) -> Iterator[tuple[Path, str]]:
    names = list(dict.fromkeys(known))
    for name in wanted:
        if name not in names:
            yield (key, name), f"there is no {what} `{name}`; {_instead(name, names)}"


def _one(key: str, wanted: Any, known: Iterable[str], said: str) -> Iterator[tuple[Path, str]]:
    names = list(dict.fromkeys(known))
    if wanted is not None and str(wanted) not in names:
        yield (key,), f"{said} `{wanted}`; {_instead(str(wanted), names)}"


def _instead(name: str, known: list[str]) -> str:
    """What to write instead, or what there is, as far as it fits."""
    close = nearest(name, known) or _with_word(name, known)
    if close is not None:
        return f"did you mean `{close}`?"
    if not known:
        return "there is none"
    shown = ", ".join(f"`{other}`" for other in known[:8])
    return f"there is {shown}{', …' if len(known) > 8 else ''}"


def _with_word(name: str, known: list[str]) -> str | None:
    """The first of some names that has another one in it, or a word close to it."""
    for other in known:
        if name in other or nearest(name, other.split()) is not None:
            return other
    return None
