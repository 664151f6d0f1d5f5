"""The manifest of a run: what went in, what came out, as of when."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from leadrules import __version__
from leadrules.batch.summary import Summary
from leadrules.model.instant import show_instant


class Fingerprints:
    """SHA-256 of some files, worked out in the background."""

    def __init__(self, files: Sequence[tuple[Path, str]]) -> None:
        self._found: list[dict[str, object]] = []
        self._failed: OSError | None = None
        self._thread = Thread(target=self._work, args=(files,), daemon=True)
        self._thread.start()

    def wait(self) -> list[dict[str, object]]:
        """Name, size in bytes and hash of each file. Raises OSError."""
        self._thread.join()
        if self._failed is not None:
            raise self._failed
        return self._found

    def _work(self, files: Sequence[tuple[Path, str]]) -> None:
        try:
            for path, name in files:
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                    self._found.append({"name": name, "bytes": file.tell(), "sha256": digest})
        except OSError as error:
            self._failed = error


@dataclass(frozen=True, slots=True)
class WentIn:
    """What a run has read: the name of the ruleset and the texts of its files by their names,
    the leads, and yesterday's results, if it was given any."""

    rules: str
    texts: Mapping[str, str]
    leads: Sequence[dict[str, object]]
    previous: dict[str, object] | None


def manifest(went_in: WentIn, as_of: int, engine: str, summary: Summary, seconds: float) -> bytes:
    """The manifest as JSON."""
    texts = went_in.texts
    content = {
        "format_version": 1,
        "leadrules": __version__,
        "as_of": show_instant(as_of),
        "ruleset": {
            "name": went_in.rules,
            "files": {name: _hash(texts[name]) for name in sorted(texts)},
        },
        "inputs": went_in.leads,
        "previous": went_in.previous,
        "engine": engine,
        "counts": {
            "read": summary.read,
            "scored": summary.scored,
            "frozen": summary.frozen,
            "excluded": summary.excluded,
            "quarantined": summary.quarantined,
            "quarantined_by_code": dict(sorted(summary.by_code.items())),
            "events_after_as_of": summary.later,
        },
        "labels": {
            dimension: [{"label": label, "leads": number} for label, number in _ranked(counts)]
            for dimension, counts in summary.labels.items()
        },
        "conflicts": {name: number for name, number in sorted(summary.conflicts.items()) if number},
        "seconds": round(seconds, 3),
    }
    return json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n"


def _ranked(counts: Mapping[str | None, int]) -> list[tuple[str | None, int]]:
    kept = [(label, number) for label, number in counts.items() if number]
    return sorted(kept, key=lambda item: (item[0] is None, -item[1], item[0] or ""))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
