"""All that can be said of a ruleset without looking at a lead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from leadrules.logic.contradictions import Contradictions
from leadrules.logic.leads import Leads
from leadrules.logic.notebook import Notebook, Remark, between
from leadrules.logic.reached import Reached
from leadrules.logic.repeats import Repeats
from leadrules.logic.scores import bounds
from leadrules.logic.space import roots
from leadrules.meaning.compile import Meant
from leadrules.meaning.reach import Range
from leadrules.model import program as p
from leadrules.model.diagnostic import Diagnostic, in_order
from leadrules.model.frozen import Frozen


class Examined(Frozen):
    """The findings, in order; remarks; and between what each score lies, in hundredths."""

    diagnostics: tuple[Diagnostic, ...] = ()
    remarks: tuple[Remark, ...] = ()
    bounds: Mapping[str | None, Range] = {}


def examine(meant: Meant) -> Examined:
    """Examines a ruleset; one with errors has no program, and nothing follows from it."""
    if meant.program is None:
        return Examined()
    leads = Leads(meant.program)
    notebook = Notebook(leads, meant.places)
    leads.space.bounds |= bounds(leads)
    contradictions = Contradictions(notebook)
    ends = {id(condition) for condition in _last(meant.program)}
    for condition in roots(meant.program):
        everybody = leads.conditions.not_true(condition)
        if id(condition) not in ends or not notebook.never(None, everybody):
            contradictions.look(condition)
    reached = Reached(notebook)
    reached.asides()
    for block in meant.program.blocks:
        reached.items(block.items, reached.excluded)
    for number in meant.program.sequence:
        dimension = meant.program.dimensions[number]
        if isinstance(dimension, p.Dimension):
            reached.dimension(dimension)
    Repeats(notebook).look()
    _tell_scores(notebook)
    diagnostics = tuple(in_order(notebook.diagnostics))
    return Examined(diagnostics, tuple(notebook.remarks), leads.space.bounds)


def _tell_scores(notebook: Notebook) -> None:
    """Remarks between what each score block, and the score, lies."""
    leads = notebook.leads
    places = [notebook.places.own(block) for block in leads.program.blocks]
    for block, place in zip(leads.program.blocks, places, strict=True):
        if block.name is not None:
            notebook.remark(place, f"`{block.name}` lies {between(leads.space.bounds[block.name])}")
    total = next((place for place in reversed(places) if place is not None), None)
    notebook.remark(total, f"the score lies {between(leads.space.bounds[None])}")


def _last(program: p.Program) -> Iterator[p.Condition]:
    """The conditions of the last rules of dimensions: `score >= 0` is an `otherwise` there."""
    for dimension in program.dimensions:
        if isinstance(dimension, p.Dimension):
            condition = dimension.rules[-1].condition
            if condition is not None:
                yield condition
