"""Mends rule files: what has a fix is written as the fix says.

A fix counts only when the rules are better with it: fewer errors, or as many and fewer findings.
All are tried together first; when that makes nothing better, one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from leadrules.model.diagnostic import Diagnostic, in_order
from leadrules.model.frozen import Frozen
from leadrules.model.source import Source
from leadrules.shell.files import rewrite

# What is found when some files have these texts.
Look = Callable[[Mapping[str, str]], Sequence[Diagnostic]]
# A fix may bring others to light; and each try reads all the rules anew.
_MOST_TRIES = 30
_DEEPEST = 3
# Of byte order.
_MARK = b"\xef\xbb\xbf"


class Mended(Frozen):
    """The texts of the files that are changed, by name, and the findings that were mended."""

    texts: Mapping[str, str]
    done: tuple[Diagnostic, ...]


def mend(found: Sequence[Diagnostic], may: Callable[[Diagnostic], bool], look: Look) -> Mended:
    """Mends what has a fix and may be mended."""
    texts: dict[str, str] = {}
    done: list[Diagnostic] = []
    tries = 0
    while True:
        together = _fixes(found, may)
        rounds = [together] + ([[one] for one in together] if len(together) > 1 else [])
        for chosen in rounds:
            if tries >= _MOST_TRIES:
                return Mended(texts, tuple(done))
            tries += 1
            step = _step(texts, chosen, found, may, look)
            if step is not None:
                texts, found = step.texts, step.found
                done += step.done
                break
        else:
            return Mended(texts, tuple(done))


class _Step(Frozen):
    """The texts after some fixes, what is found in them, and what was mended."""

    texts: dict[str, str]
    found: Sequence[Diagnostic]
    done: list[Diagnostic]


def _step(
    texts: dict[str, str],
    chosen: list[Diagnostic],
    found: Sequence[Diagnostic],
    may: Callable[[Diagnostic], bool],
    look: Look,
) -> _Step | None:
    """Some fixes, and those that only show behind them: of a line one mistake is told at a
    time. None when nothing is better then."""
    done: list[Diagnostic] = []
    for _ in range(_DEEPEST):
        if not chosen:
            return None
        texts = {**texts, **_written(chosen)}
        done += chosen
        after = look(texts)
        if _weight(after) < _weight(found):
            return _Step(texts, after, done)
        chosen = _fixes(after, may)
    return None


def _fixes(found: Sequence[Diagnostic], may: Callable[[Diagnostic], bool]) -> list[Diagnostic]:
    """The findings whose fixes do not meet; of two that do, the first."""
    chosen: list[Diagnostic] = []
    ends: dict[str, int] = {}
    for finding in in_order([finding for finding in found if finding.fix and may(finding)]):
        assert finding.fix is not None
        if finding.fix.span.start >= ends.get(finding.source.name, 0):
            chosen.append(finding)
            ends[finding.source.name] = finding.fix.span.end + 1
    return chosen


def write(mended: Mended, sources: Mapping[str, Source]) -> None:
    """Writes the changed files, each in one piece. A byte order mark stays. Stops when one
    is no longer as it was read."""
    for name, text in mended.texts.items():
        data = Path(name).read_bytes()
        mark = _MARK if data.startswith(_MARK) else b""
        rewrite(name, mark + sources[name].text.encode(), mark + text.encode())


def _weight(found: Sequence[Diagnostic]) -> tuple[int, int]:
    return sum(finding.is_error for finding in found), len(found)


def _written(chosen: Sequence[Diagnostic]) -> dict[str, str]:
    """The texts of files with some fixes in them; those of one file stand in their order."""
    texts: dict[str, str] = {}
    for finding in reversed(chosen):
        assert finding.fix is not None
        name, span = finding.source.name, finding.fix.span
        text = texts.get(name, finding.source.text)
        texts[name] = text[: span.start] + finding.fix.text + text[span.end :]
    return texts
