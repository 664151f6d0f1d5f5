"""Findings as workflow commands, which GitHub shows beside the lines of a pull request.

GitHub keeps ten errors and ten warnings of a step and says nothing of the others, so one line
more tells how many there are.
"""

from __future__ import annotations

from collections import Counter

from leadrules.model.diagnostic import Diagnostic
from leadrules.report.checked import Checked, Place, place_of

MOST_OF_A_KIND = 10


def write(checked: Checked) -> str:
    """A line for each finding, up to ten of a kind."""
    lines: list[str] = []
    beyond: list[Diagnostic] = []
    seen: Counter[str] = Counter()
    for finding in checked.findings:
        seen[finding.severity] += 1
        if seen[finding.severity] > MOST_OF_A_KIND:
            beyond.append(finding)
            continue
        title = f"{finding.code}: {checked.explain(finding.code).title}"
        message = finding.message
        if finding.help is not None:
            message += f"\nhelp: {finding.help}"
        lines.append(_of_finding(finding.severity, finding, title, message, checked))
    if beyond:
        counts = Counter(finding.severity for finding in beyond)
        said = " and ".join(
            f"{number} more {kind}{'' if number == 1 else 's'}"
            for kind, number in sorted(counts.items())
        )
        message = f"{said} not shown here: GitHub shows {MOST_OF_A_KIND} of a kind"
        lines.append(_of_finding("notice", beyond[0], "leadrules", message, checked))
    return "".join(line + "\n" for line in lines)


def command(kind: str, path: str, place: Place, title: str, message: str) -> str:
    """One workflow command. Columns may be given only where a place has a single line."""
    properties = {"file": path, "line": str(place.line)}
    if place.line == place.end_line:
        properties |= {"col": str(place.column), "endColumn": str(place.end_column)}
    else:
        properties["endLine"] = str(place.end_line)
    properties["title"] = title
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {said}::{_text(message)}"


def _of_finding(kind: str, finding: Diagnostic, title: str, message: str, checked: Checked) -> str:
    place = place_of(finding.source, finding.span)
    return command(kind, checked.path_of(finding.source.name), place, title, message)


def _text(text: str) -> str:
    """A text in which nothing ends the line or is obeyed by a terminal."""
    shown = "".join(c if c.isprintable() or c in "\r\n" else "\ufffd" for c in text)
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
