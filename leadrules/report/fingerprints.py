"""Marks by which a finding is known again when lines above it have come or gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from leadrules.model.diagnostic import Diagnostic
from leadrules.report.checked import Checked, place_of

_WINDOW = 100
_FACTOR = 37
_END_OF_FILE = 0xFFFF


def fingerprints(checked: Checked) -> list[str]:
    """A mark for each finding, no two the same.

    It is made of the path, the code, the message and the text of the line, so it stays when
    the line moves. The second finding that is the same in all of these is told by its number.
    """
    seen: Counter[str] = Counter()
    found = []
    for finding in checked.findings:
        parts = _parts(finding, checked)
        seen[parts] += 1
        data = f"{parts}\0{seen[parts]}".encode("utf-8", "surrogateescape")
        found.append(sha256(data).hexdigest()[:32])
    return found


def _parts(finding: Diagnostic, checked: Checked) -> str:
    line = finding.source.line(place_of(finding.source, finding.span).line)
    path = checked.path_of(finding.source.name)
    return "\0".join([path, finding.code, finding.message, " ".join(line.split())])


def line_hashes(text: str) -> list[str]:
    """For each line of a file the mark that GitHub's own upload gives it, so that both agree.

    It is a hash of the hundred UTF-16 code units from the start of the line on, blanks and
    tabs left out, and how many lines up to here have the same. Modulo 2**64.
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    starts: list[int] = []
    units: list[int] = []
    for line in plain.split("\n"):
        starts.append(len(units))
        kept = line.replace(" ", "").replace("\t", "") + "\n"
        encoded = kept.encode("utf-16-le")
        units += [encoded[i] | encoded[i + 1] << 8 for i in range(0, len(encoded), 2)]
    units[-1] = _END_OF_FILE  # Behind the last line no line end stands.
    units += [0] * _WINDOW
    seen: Counter[int] = Counter()
    found = []
    for start in starts:
        value = _hash(units[start : start + _WINDOW])
        seen[value] += 1
        found.append(f"{value:x}:{seen[value]}")
    return found


def _hash(units: Sequence[int]) -> int:
    value = 0
    for unit in units:
        value = (value * _FACTOR + unit) & 0xFFFF_FFFF_FFFF_FFFF
    return value
