"""Questions about all leads that there can be."""

from __future__ import annotations

from collections.abc import Iterable

from leadrules.logic.conditions import Conditions
from leadrules.logic.facts import Facts
from leadrules.logic.formula import Domains, Formula, Search, Undecided, subjects
from leadrules.logic.space import Space
from leadrules.model import program as p

# Questions that are larger are not asked.
MOST_SUBJECTS = 400


class Leads:
    """All leads, as far as a program can tell them apart.

    Answers may raise Undecided. An answer that there is no such lead is certain. That there is
    one is certain too where nothing in the question is taken as a subject of its own that is
    none (`witness` beside this file makes the lead). Questions are made of the conditions of the
    program, and of `more`.
    """

    def __init__(self, program: p.Program, more: Iterable[p.Condition] = ()) -> None:
        self.program = program
        # `demo_request +40; score >= 60 -> SQL` is a beginning: other rules will pay as well.
        paying = [rule for block in program.blocks for rule in p.rules_of(block.items)]
        self.is_sketch = len(paying) < 2
        self.space = Space(program, more)
        self.conditions = Conditions(self.space)
        self.facts = Facts(self.space, self.conditions)

    def find(self, formulas: Iterable[Formula]) -> Domains | None:
        """The cells of a lead for which all formulas are true; None when there is none."""
        asked = list(formulas)
        about = {subject for formula in asked for subject in subjects(formula)}
        if len(about) > MOST_SUBJECTS:
            raise Undecided
        facts, at_most = self.facts.about(about)
        return Search(self.space.domains, at_most).find([*asked, *facts])

    def can(self, *formulas: Formula) -> bool:
        """Whether there can be a lead for which all of them are true."""
        return self.find(formulas) is not None
