"""Findings and cases as JUnit XML, which every CI shows as tests.

Of findings, a file without errors is one test that passes, and each error is a test that
failed. A warning is no failure, as rules with warnings can run: it is what the test of its
file has printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from xml.etree import ElementTree

from leadrules.model.diagnostic import Diagnostic
from leadrules.report.checked import Checked, place_of
from leadrules.report.trials import Trials


def write(checked: Checked) -> str:
    """The findings, a suite for each file."""
    by_file: dict[str, list[Diagnostic]] = {name: [] for name in checked.files}
    for finding in checked.findings:
        by_file.setdefault(finding.source.name, []).append(finding)
    suites = []
    for name, findings in by_file.items():
        path = checked.path_of(name)
        warnings = [checked.drawn(finding) for finding in findings if not finding.is_error]
        errors = [finding for finding in findings if finding.is_error]
        cases = []
        if warnings or not errors:
            case = _case(path, "check")
            if warnings:
                ElementTree.SubElement(case, "system-out").text = _clean("\n\n".join(warnings))
            cases.append(case)
        for finding in errors:
            place = place_of(finding.source, finding.span)
            case = _case(path, f"{finding.code} {place.line}:{place.column}")
            _blame(case, "failure", finding.code, finding.message, checked.drawn(finding))
            cases.append(case)
        suites.append(_suite(path, cases))
    return _document("leadrules check", suites)


def write_cases(trials: Trials) -> str:
    """The cases, a suite for each file. One that could not be tried is an error."""
    suites: dict[str, list[ElementTree.Element]] = {}
    for tried in trials.cases:
        path = trials.path_of(tried.file)
        case = _case(path, tried.name or tried.file)
        if tried.status == "failed":
            _blame(case, "failure", "failed", tried.message, trials.drawn(tried))
        elif tried.status == "error":
            _blame(case, "error", "error", tried.message, trials.drawn(tried))
        suites.setdefault(path, []).append(case)
    return _document("leadrules test", [_suite(path, cases) for path, cases in suites.items()])


def _case(classname: str, name: str) -> ElementTree.Element:
    """A test that passed, until it is blamed for something."""
    return ElementTree.Element("testcase", {"classname": _clean(classname), "name": _clean(name)})


def _blame(
    case: ElementTree.Element,
    tag: Literal["failure", "error"],
    kind: str,
    message: str,
    text: str,
) -> None:
    attributes = {"type": kind, "message": _clean(message)}
    ElementTree.SubElement(case, tag, attributes).text = _clean(text)


def _suite(name: str, cases: Sequence[ElementTree.Element]) -> ElementTree.Element:
    """Tests of one file, counted."""
    attributes = {"name": _clean(name), **_counts(cases), "file": _clean(name)}
    element = ElementTree.Element("testsuite", attributes)
    element.extend(cases)
    return element


def _document(name: str, suites: Sequence[ElementTree.Element]) -> str:
    """All suites, as the text of a file."""
    cases = [case for one in suites for case in one]
    root = ElementTree.Element("testsuites", {"name": name, **_counts(cases)})
    root.extend(suites)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _counts(cases: Sequence[ElementTree.Element]) -> dict[str, str]:
    counts = {"tests": len(cases)}
    for tag, name in (("failure", "failures"), ("error", "errors")):
        counts[name] = sum(case.find(tag) is not None for case in cases)
    return {name: str(number) for name, number in counts.items()}


def _clean(text: str) -> str:
    """A text of characters that XML may hold; any other becomes U+FFFD."""
    return "".join(c if _is_allowed(c) else "\ufffd" for c in text)


def _is_allowed(c: str) -> bool:
    return c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
