"""Findings as SARIF 2.1.0, with all that GitHub's code scanning asks for beyond it."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

from leadrules.model.diagnostic import Diagnostic, Note
from leadrules.model.source import Source, Span
from leadrules.report.checked import Checked, Explained, utf16_place
from leadrules.report.fingerprints import line_hashes

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_ROOT = "ROOT"


def write(checked: Checked) -> str:
    """The findings as a log of one run."""
    codes = sorted({finding.code for finding in checked.findings})
    texts = {finding.source.name: finding.source.text for finding in checked.findings}
    hashes = {name: line_hashes(text) for name, text in texts.items()}
    run = {
        "tool": {
            "driver": {
                "name": "leadrules",
                "version": checked.version,
                "semanticVersion": checked.version,
                "rules": [_rule(checked.explain(code)) for code in codes],
            }
        },
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {
            _ROOT: {"description": {"text": "The root of the repository."}},
        },
        "results": [
            _result(finding, codes.index(finding.code), hashes[finding.source.name], checked)
            for finding in checked.findings
        ],
    }
    content = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _rule(rule: Explained) -> dict[str, object]:
    return {
        "id": rule.code,
        "shortDescription": {"text": _sentence(rule.title)},
        "fullDescription": {"text": rule.summary},
        "help": {"text": rule.page, "markdown": rule.page},
        "properties": {"tags": ["leadrules"]},
    }


def _result(
    finding: Diagnostic, rule: int, hashes: list[str], checked: Checked
) -> dict[str, object]:
    location = _location(finding, checked)
    place = utf16_place(finding.source, finding.span)
    said = finding.message if finding.help is None else f"{finding.message}\nHelp: {finding.help}"
    result: dict[str, object] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": _message(said)},
        "locations": [location],
        "partialFingerprints": {
            "primaryLocationLineHash": hashes[place.line - 1],
            "primaryLocationStartColumnFingerprint": str(place.column - 1),
        },
    }
    if finding.notes:
        result["relatedLocations"] = [
            _location(note, checked) | {"id": number, "message": {"text": _message(note.message)}}
            for number, note in enumerate(finding.notes, 1)
        ]
    if finding.fix is not None:
        replacement = {
            "deletedRegion": _region(finding.source, finding.fix.span),
            "insertedContent": {"text": finding.fix.text},
        }
        change = {
            "artifactLocation": _artifact(checked.path_of(finding.source.name)),
            "replacements": [replacement],
        }
        result["fixes"] = [{"artifactChanges": [change]}]
    return result


def _location(at: Diagnostic | Note, checked: Checked) -> dict[str, object]:
    return {
        "physicalLocation": {
            "artifactLocation": _artifact(checked.path_of(at.source.name)),
            "region": _region(at.source, at.span),
        }
    }


def _region(source: Source, span: Span) -> dict[str, int]:
    place = utf16_place(source, span)
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _artifact(path: str) -> dict[str, object]:
    """A file as SARIF names it: from the root of the repository, or else with all of its path."""
    uri = quote(path, errors="surrogateescape")
    if path.startswith("/"):
        return {"uri": f"file://{uri}"}
    return {"uri": uri, "uriBaseId": _ROOT}


def _sentence(title: str) -> str:
    return title[:1].upper() + title[1:] + "."


def _message(text: str) -> str:
    """A message in which nothing is taken for a link. Its braces stay as they are: they would
    be placeholders only if it had arguments."""
    return re.sub(r"\[(?=[^\]]*\]\()", r"\\[", text)
