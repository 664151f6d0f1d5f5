"""Findings and cases as JSON, for programs.

`leadrules/schemas/check.schema.json` and `test.schema.json` describe it.
"""

from __future__ import annotations

import json

from leadrules.model.diagnostic import Diagnostic
from leadrules.model.source import Source, Span
from leadrules.model.tried import Coverage, Tried
from leadrules.report.checked import Checked, place_of
from leadrules.report.trials import Trials

FORMAT_VERSION = 1


def write(checked: Checked) -> str:
    """The findings, and what was looked at, as one JSON object."""
    errors = sum(finding.is_error for finding in checked.findings)
    content = {
        "format_version": FORMAT_VERSION,
        "leadrules": checked.version,
        "files": list(checked.files),
        "findings": [_finding(finding, checked) for finding in checked.findings],
        "counts": {"errors": errors, "warnings": len(checked.findings) - errors},
    }
    return _text(content)


def write_cases(trials: Trials) -> str:
    """The cases, and what became of each, as one JSON object."""
    statuses = [case.status for case in trials.cases]
    content: dict[str, object] = {
        "format_version": FORMAT_VERSION,
        "leadrules": trials.version,
        "cases": [_case(case) for case in trials.cases],
        "counts": {status: statuses.count(status) for status in ("passed", "failed", "error")},
    }
    if trials.coverage is not None:
        content["coverage"] = [_coverage(found) for found in trials.coverage]
    return _text(content)


def _text(content: dict[str, object]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _finding(finding: Diagnostic, checked: Checked) -> dict[str, object]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "title": checked.explain(finding.code).title,
        "message": finding.message,
        "help": finding.help,
        **_place(finding.source, finding.span),
        "notes": [
            {"message": note.message, **_place(note.source, note.span)} for note in finding.notes
        ],
        "fix": None
        if finding.fix is None
        else {**_span(finding.source, finding.fix.span), "text": finding.fix.text},
    }


def _place(source: Source, span: Span) -> dict[str, object]:
    return {"file": source.name, **_span(source, span)}


def _span(source: Source, span: Span) -> dict[str, object]:
    place = place_of(source, span)
    return {
        "start": {"line": place.line, "column": place.column},
        "end": {"line": place.end_line, "column": place.end_column},
    }


def _case(case: Tried) -> dict[str, object]:
    return {
        "name": case.name,
        "file": case.file,
        "line": case.line,
        "status": case.status,
        "differences": [
            {
                "what": difference.what,
                "expected": difference.expected,
                "got": difference.got,
                "because": list(difference.because),
            }
            for difference in case.differences
        ],
        "problem": case.problem,
    }


def _coverage(found: Coverage) -> dict[str, object]:
    return {
        "rules": found.rules,
        "seen": found.seen,
        "wanted": found.wanted,
        "never": [
            {"kind": goal.kind, "name": goal.name, "never": list(goal.never)}
            for goal in found.goals
            if goal.never
        ],
    }
