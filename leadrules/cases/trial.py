"""The cases of a file, tried on rules."""

from __future__ import annotations

from collections.abc import Sequence

from leadrules.batch.score import Engine
from leadrules.cases.compare import differences
from leadrules.cases.facts import Scored, score_case
from leadrules.cases.leads import Ready, Wrong, write_out
from leadrules.cases.names import unknown_names
from leadrules.cases.read import Case, CaseFile, Fault
from leadrules.cases.run import run_cases
from leadrules.model.program import Program
from leadrules.model.tried import Status, Tried


def try_cases(
    program: Program, file: CaseFile, cases: Sequence[Case], engine: Engine
) -> tuple[list[Tried], list[Scored]]:
    """What became of some cases of a file, in their order, a case with several mistakes more
    than once; and the leads of those that were scored, as the reference sees them.

    Raises Gap and OutOfMemory of DuckDB when it cannot score with these rules.
    """
    found: dict[int, list[Tried]] = {}
    ready: dict[int, Ready] = {}
    for number, case in enumerate(cases):
        faults = list(case.faults)
        if not faults:
            faults = unknown_names(program, case, file.marked)
        if not faults:
            try:
                ready[number] = write_out(program, case, file.marked)
            except Wrong as wrong:
                faults = [wrong.fault]
        found[number] = [_error(file, case, fault) for fault in faults]
    leads: list[Scored] = []
    results = run_cases(program, list(ready.values()), engine)
    for (number, written), result in zip(ready.items(), results, strict=True):
        case = cases[number]
        scored = score_case(program, written)
        if scored is not None:
            leads.append(scored)
        different = differences(program, case.expect, result, scored)
        status: Status = "failed" if different else "passed"
        found[number] = [Tried(case.name, file.name, case.line, status, different)]
    return [tried for number in sorted(found) for tried in found[number]], leads


def faults_of(file: CaseFile) -> list[Tried]:
    """All mistakes in how a file is written, its cases included."""
    whole = Case("", 1, (), None, {}, None, {}, file.faults)
    return [_error(file, case, fault) for case in (whole, *file.cases) for fault in case.faults]


def _error(file: CaseFile, case: Case, fault: Fault) -> Tried:
    return Tried(case.name, file.name, fault.line, "error", (), fault.message)
