"""Rule files from the disk, compiled, with their findings drawn for a terminal."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

from leadrules.meaning.compile import Meant, understand
from leadrules.meaning.load import MOST_BYTES, MOST_BYTES_TOGETHER, OutsideRoot, TooLarge
from leadrules.model.diagnostic import Diagnostic
from leadrules.model.frozen import Frozen
from leadrules.model.program import Program
from leadrules.model.source import Source
from leadrules.shell.files import folder_around, read_bytes, read_text
from leadrules.shell.outcome import NO, UNFINISHED, Stop
from leadrules.text.draw import draw

_MARKS = (".git", "leadrules.yaml")


@dataclass(slots=True)
class Reader:
    """Reads files for the compiler and remembers what was read, for the manifest.

    Rules may come from a stranger's pull request, and what they name is shown in messages:
    so nothing is read outside the folder `root`.
    """

    texts: dict[str, str]
    root: str
    # Texts that are read in the place of files.
    instead: Mapping[str, str]

    def __call__(self, path: str) -> str:
        """The text of a file. Raises OutsideRoot, TooLarge, OSError or UnicodeDecodeError."""
        real = os.path.realpath(path)
        if os.path.commonpath([real, self.root]) != self.root:
            raise OutsideRoot
        # Where git keeps its settings, a CI keeps its tokens.
        if ".git" in os.path.relpath(real, self.root).split(os.sep):
            raise OutsideRoot
        if os.path.isfile(real):
            together = sum(len(text) for name, text in self.texts.items() if name != path)
            if os.path.getsize(real) > min(MOST_BYTES, MOST_BYTES_TOGETHER - together):
                raise TooLarge
        text = self.instead[path] if path in self.instead else read_text(real)
        self.texts[path] = text
        return text


def root_of(path: str) -> str:
    """The folder that a rule file belongs to: the nearest one around it with a `.git` or a
    `leadrules.yaml`, else its own. Rules from standard input belong where they are run."""
    own = os.path.dirname(os.path.realpath(path))
    return folder_around(own, _MARKS) or own


class Compiled(Frozen):
    """A ruleset: what it means, and the texts of the files that it is made of."""

    meant: Meant
    texts: dict[str, str]

    @property
    def program(self) -> Program | None:
        """None when there are errors."""
        return self.meant.program

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All findings of the compiler."""
        return self.meant.diagnostics


def open_rules(path: str, stdin: TextIO) -> Source:
    """A rule file as text; `-` is standard input."""
    return source_of(path, read_rules(path, stdin))


def read_rules(path: str, stdin: TextIO) -> bytes:
    """A rule file as it is; `-` is standard input."""
    try:
        # From its bytes: in some places what is no UTF-8 gets into the text otherwise.
        return stdin.buffer.read() if path == "-" else read_bytes(path)
    except OSError as error:
        raise Stop(UNFINISHED, f"cannot read {path}: {(error.strerror or '').lower()}") from None


def source_of(path: str, data: bytes) -> Source:
    """The text of a rule file."""
    try:
        return Source("-" if path == "-" else os.path.normpath(path), data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Stop(UNFINISHED, f"cannot read {path}: it is not UTF-8 text") from None


def compile_source(source: Source, instead: Mapping[str, str] | None = None) -> Compiled:
    """Compiles rules, reading from the disk what they name; but of the files in `instead`
    the text that it has."""
    reader = Reader({source.name: source.text}, root_of(source.name), instead or {})
    return Compiled(understand(source, reader), reader.texts)


def must_compile(source: Source, color: bool) -> tuple[Program, Compiled]:
    """The program of some rules. Stops with the errors when there are any."""
    compiled = compile_source(source)
    if compiled.program is None:
        errors = [finding for finding in compiled.diagnostics if finding.is_error]
        raise Stop(NO, drawn(errors, color) + "\n\nnothing was scored: " + counted(errors))
    return compiled.program, compiled


def drawn(diagnostics: Iterable[Diagnostic], color: bool) -> str:
    """Findings one below the other."""
    return "\n\n".join(draw(finding, color) for finding in diagnostics)


def counted(diagnostics: Sequence[Diagnostic]) -> str:
    """How many findings there are, in words."""
    errors = sum(finding.is_error for finding in diagnostics)
    warnings = len(diagnostics) - errors
    parts = [
        f"{number} {word}{'' if number == 1 else 's'}"
        for number, word in ((errors, "error"), (warnings, "warning"))
        if number
    ]
    return " and ".join(parts) or "no mistakes"
