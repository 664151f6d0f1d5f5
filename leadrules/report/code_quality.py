"""Findings as GitLab's Code Quality report, which it shows in a merge request."""

from __future__ import annotations

import json

from leadrules.model.diagnostic import Severity
from leadrules.report.checked import Checked, place_of
from leadrules.report.fingerprints import fingerprints

# Of info, minor, major, critical and blocker.
_SEVERITY: dict[Severity, str] = {"error": "major", "warning": "minor"}


def write(checked: Checked) -> str:
    """The findings as one JSON array."""
    content = []
    for finding, mark in zip(checked.findings, fingerprints(checked), strict=True):
        place = place_of(finding.source, finding.span)
        said = finding.message if finding.help is None else f"{finding.message} ({finding.help})"
        content.append(
            {
                "description": f"{finding.code}: {said}",
                "check_name": finding.code,
                "fingerprint": mark,
                "severity": _SEVERITY[finding.severity],
                "location": {
                    "path": checked.path_of(finding.source.name),
                    "lines": {"begin": place.line, "end": place.end_line},
                },
            }
        )
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
