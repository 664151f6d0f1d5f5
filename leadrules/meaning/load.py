"""A rule file and all that it includes, as one sequence of statements.

Files are read through a function that is handed in, so that nothing here touches a disk.
Rules may come from a stranger's pull request: they name files of the repository only, and
not too many and no large ones.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field

from leadrules.model.diagnostic import Diagnostic, Fix
from leadrules.model.frozen import Frozen
from leadrules.model.source import Source, Span
from leadrules.model.syntax import Include, Statement
from leadrules.text.parse import parse

# Gets the text of a file by its path. Raises OutsideRoot when the path leads out of the
# repository, also by a link; TooLarge when the file is larger than MOST_BYTES, or all files
# together than MOST_BYTES_TOGETHER; OSError or UnicodeDecodeError when it cannot be read.
Read = Callable[[str], str]

MOST_BYTES = 5_000_000
MOST_BYTES_TOGETHER = 20_000_000
_MOST_FILES = 200
_MOST_FINDINGS = 200


class OutsideRoot(Exception):
    """A path that leads out of the repository."""


class TooLarge(Exception):
    """A file that is larger than MOST_BYTES, or makes all of them too large."""


class Enough(Exception):
    """There are so many mistakes that nobody looks for more; `diagnostics` has them."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__()
        self.diagnostics = diagnostics


@dataclass(slots=True)
class Report:
    """Where findings are collected, in any order. Raises Enough at some hundreds."""

    diagnostics: list[Diagnostic] = field(default_factory=list)

    def error(
        self,
        code: str,
        source: Source,
        span: Span,
        message: str,
        help: str | None = None,
        fix: Fix | None = None,
    ) -> None:
        """Adds an error."""
        if len(self.diagnostics) >= _MOST_FINDINGS:
            raise Enough(self.diagnostics)
        self.diagnostics.append(Diagnostic(code, "error", message, source, span, help, fix=fix))

    def has_error(self, source: Source, span: Span) -> bool:
        """Whether something has been found wrong inside a stretch of a file."""
        return any(
            found.is_error and found.source is source and span.start <= found.span.start <= span.end
            for found in self.diagnostics
        )

    def warning(
        self, code: str, source: Source, span: Span, message: str, help: str | None = None
    ) -> None:
        """Adds a warning."""
        self.diagnostics.append(Diagnostic(code, "warning", message, source, span, help))


def respelled(source: Source, span: Span, right: str | None) -> Fix | None:
    """The fix for a word that differs from the right one in case alone."""
    same = right is not None and source.text[span.start : span.end].lower() == right.lower()
    return Fix(span, right) if same and right is not None else None


class Placed(Frozen):
    """A statement and the file it stands in."""

    statement: Statement
    source: Source


def load(source: Source, read: Read, report: Report) -> list[Placed]:
    """The statements of a file in the order written, included files where they are included."""
    placed: list[Placed] = []
    _load(source, read, report, placed, (source.name,), {source.name})
    return placed


def beside(source: Source, path: str) -> str:
    """A path that a file names, seen from where that file's own name is seen."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(source.name), path))


def read_beside(
    source: Source, path: str, span: Span, read: Read, report: Report
) -> tuple[str, str] | None:
    """The name and the text of a file named in another one; None, reported, when unreadable."""
    name = beside(source, path)
    try:
        if posixpath.isabs(path):
            raise OutsideRoot
        text = read(name).removeprefix("\ufeff")
        if len(text) > MOST_BYTES:
            raise TooLarge
        return name, text
    except OutsideRoot:
        message = f'"{path}" leads out of the folder that the rules belong to'
        help = "name a file of the same repository, seen from the folder of this file"
        report.error("LR136", source, span, message, help)
        return None
    except TooLarge:
        message = f'"{path}" is too large'
        sizes = MOST_BYTES // 1_000_000, MOST_BYTES_TOGETHER // 1_000_000
        help = f"a file has at most {sizes[0]} MB, all together {sizes[1]} MB"
        report.error("LR151", source, span, message, help)
        return None
    except FileNotFoundError:
        problem = "there is no such file"
    except UnicodeDecodeError:
        problem = "it is not UTF-8 text"
    except (OSError, ValueError) as error:
        problem = (getattr(error, "strerror", None) or str(error)).lower()
    help = f"paths are seen from the folder of this file; looked for {name}"
    report.error("LR101", source, span, f'cannot read "{path}": {problem}', help)
    return None


def _load(
    source: Source,
    read: Read,
    report: Report,
    placed: list[Placed],
    chain: tuple[str, ...],
    seen: set[str],
) -> None:
    file, diagnostics = parse(source)
    report.diagnostics.extend(diagnostics)
    for statement in file.statements:
        placed.append(Placed(statement, source))
        if not isinstance(statement, Include):
            continue
        name = beside(source, statement.path.value)
        if name in chain:
            circle = " includes ".join([*chain[chain.index(name) :], name])
            report.error("LR102", source, statement.span, f"included in a circle: {circle}")
        elif name in seen:
            message = f'"{statement.path.value}" is included already'
            report.error("LR107", source, statement.span, message, "include it once")
        elif len(seen) >= _MOST_FILES:
            message = f"rules are made of at most {_MOST_FILES} files"
            report.error("LR151", source, statement.span, message, "put several into one")
        else:
            seen.add(name)
            found = read_beside(source, statement.path.value, statement.path.span, read, report)
            if found is not None:
                _load(Source(*found), read, report, placed, (*chain, name), seen)
