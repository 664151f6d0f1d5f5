"""Findings and cases as workflow commands, which GitHub shows beside the lines of a pull request.

GitHub keeps ten errors and ten warnings of a step and says nothing of the others, so one line
more tells how many there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from leadrules.report.checked import Checked, Place, place_of
from leadrules.report.trials import Trials

MOST_OF_A_KIND = 10


@dataclass(frozen=True, slots=True)
class _Annotation:
    kind: str
    path: str
    place: Place
    title: str
    message: str


def write(checked: Checked) -> str:
    """A line for each finding, up to ten of a kind."""
    return _written(
        [
            _Annotation(
                kind=finding.severity,
                path=checked.path_of(finding.source.name),
                place=place_of(finding.source, finding.span),
                title=f"{finding.code}: {checked.explain(finding.code).title}",
                message=finding.message + (f"\nhelp: {finding.help}" if finding.help else ""),
            )
            for finding in checked.findings
        ]
    )


def write_cases(trials: Trials) -> str:
    """A line for each case that does not hold, up to ten. A case stands in one line; GitHub
    needs no column."""
    return _written(
        [
            _Annotation(
                kind="error",
                path=trials.path_of(case.file),
                place=Place(case.line, 1, case.line, 1),
                title=case.name or case.file,
                message=case.message,
            )
            for case in trials.cases
            if not case.ok
        ]
    )


def _written(annotations: Sequence[_Annotation]) -> str:
    shown: list[_Annotation] = []
    beyond: list[_Annotation] = []
    seen: Counter[str] = Counter()
    for annotation in annotations:
        seen[annotation.kind] += 1
        (shown if seen[annotation.kind] <= MOST_OF_A_KIND else beyond).append(annotation)
    if beyond:
        counts = Counter(annotation.kind for annotation in beyond)
        said = " and ".join(
            f"{number} more {kind}{'' if number == 1 else 's'}"
            for kind, number in sorted(counts.items())
        )
        message = f"{said} not shown here: GitHub shows {MOST_OF_A_KIND} of a kind"
        first = beyond[0]
        shown.append(_Annotation("notice", first.path, first.place, "leadrules", message))
    return "".join(_command(annotation) + "\n" for annotation in shown)


def _command(annotation: _Annotation) -> str:
    """One workflow command. Columns may be given only where a place has a single line."""
    place = annotation.place
    properties = {"file": annotation.path, "line": str(place.line)}
    if place.line != place.end_line:
        properties["endLine"] = str(place.end_line)
    elif place.column != place.end_column:
        properties |= {"col": str(place.column), "endColumn": str(place.end_column)}
    properties["title"] = annotation.title
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{annotation.kind} {said}::{_text(annotation.message)}"


def _text(text: str) -> str:
    """A text in which nothing ends the line or is obeyed by a terminal."""
    shown = "".join(c if c.isprintable() or c in "\r\n" else "\ufffd" for c in text)
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
