"""Findings as JUnit XML, which every CI shows as tests.

A file without errors is one test that passes; each error is a test that failed. A warning is
no failure, as rules with warnings can run: it is what the test of its file has printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from leadrules.report.checked import Checked, place_of


def write(checked: Checked) -> str:
    """The findings, a suite for each file."""
    suites = []
    names = dict.fromkeys([*checked.files, *(f.source.name for f in checked.findings)])
    for name in names:
        path = checked.path_of(name)
        cases = []
        said = []
        for finding in checked.findings:
            if finding.source.name != name:
                continue
            if not finding.is_error:
                said.append(checked.drawn(finding))
                continue
            place = place_of(finding.source, finding.span)
            title = f"{finding.code} {place.line}:{place.column}"
            case = test_case(path, title)
            add_failure(case, finding.code, finding.message, checked.drawn(finding))
            cases.append(case)
        if not cases or said:
            case = test_case(path, "check")
            if said:
                ElementTree.SubElement(case, "system-out").text = clean("\n\n".join(said))
            cases.insert(0, case)
        suites.append(suite(path, cases))
    return document("leadrules check", suites)


def test_case(classname: str, name: str) -> ElementTree.Element:
    """A test that passed, until a failure is added to it."""
    return ElementTree.Element("testcase", {"classname": clean(classname), "name": clean(name)})


def add_failure(case: ElementTree.Element, kind: str, message: str, text: str) -> None:
    """Makes a test one that failed."""
    failure = ElementTree.SubElement(case, "failure", {"type": kind, "message": clean(message)})
    failure.text = clean(text)


def suite(name: str, cases: Sequence[ElementTree.Element]) -> ElementTree.Element:
    """Tests of one file, counted."""
    attributes = {"name": clean(name), **_counts(cases), "file": clean(name)}
    element = ElementTree.Element("testsuite", attributes)
    element.extend(cases)
    return element


def document(name: str, suites: Sequence[ElementTree.Element]) -> str:
    """All suites, as the text of a file."""
    cases = [case for one in suites for case in one]
    root = ElementTree.Element("testsuites", {"name": name, **_counts(cases)})
    root.extend(suites)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _counts(cases: Sequence[ElementTree.Element]) -> dict[str, str]:
    failed = sum(case.find("failure") is not None for case in cases)
    return {"tests": str(len(cases)), "failures": str(failed), "errors": "0"}


def clean(text: str) -> str:
    """A text of characters that XML may hold; any other becomes U+FFFD."""
    return "".join(c if _is_allowed(c) else "\ufffd" for c in text)


def _is_allowed(c: str) -> bool:
    return c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
