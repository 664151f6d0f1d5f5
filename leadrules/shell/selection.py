"""Which findings a person wants to see: `--select LR2 --ignore LR201`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from leadrules.model.diagnostic import Diagnostic
from leadrules.model.frozen import Frozen
from leadrules.shell.outcome import USAGE, Stop
from leadrules.shell.pages import codes


class Selection(Frozen):
    """Codes, or how they begin. Without `select` all are wanted that are not ignored."""

    select: tuple[str, ...]
    ignore: tuple[str, ...]

    def has(self, finding: Diagnostic) -> bool:
        """Whether a finding is wanted. An error always is: with it the rules do not run.

        Of the beginnings that fit a code the longest decides, so `--ignore LR2 --select LR201`
        leaves LR201; of two that are the same `ignore` does.
        """
        if finding.is_error:
            return True
        chosen = _longest(finding.code, self.select or ("LR",))
        return chosen > _longest(finding.code, self.ignore)


@cache
def selection(select: tuple[str, ...], ignore: tuple[str, ...]) -> Selection:
    """Reads `--select` and `--ignore`. Stops when no code begins like that."""
    return Selection(_beginnings(select, "--select"), _beginnings(ignore, "--ignore"))


def _beginnings(given: Iterable[str], option: str) -> tuple[str, ...]:
    found = [part.strip().upper() for text in given for part in text.split(",") if part.strip()]
    known = codes() if found else []
    for beginning in found:
        if not any(code.startswith(beginning) for code in known):
            raise Stop(USAGE, f"{option}: no code begins with {beginning}; they are like LR201")
    return tuple(found)


def _longest(code: str, beginnings: tuple[str, ...]) -> int:
    return max(
        (len(beginning) for beginning in beginnings if code.startswith(beginning)), default=0
    )
