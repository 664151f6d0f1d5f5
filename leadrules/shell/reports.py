"""Reports of a command: one on standard output, and any number in files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from leadrules.model.frozen import Frozen
from leadrules.model.nearest import nearest
from leadrules.report.checked import Explained
from leadrules.shell.files import draft, folder_around
from leadrules.shell.outcome import USAGE, Stop
from leadrules.shell.pages import page_of, text_of

_ROOT_MARK = ".git"


class Outputs(Frozen):
    """Which format goes to standard output, and which ones into which files."""

    shown: str
    files: tuple[tuple[str, str], ...]


def outputs(form: str | None, reports: Sequence[str], formats: Sequence[str]) -> Outputs:
    """Reads `--format` (None where it was not given) and `--report FORMAT=PATH`.

    The path `-` is standard output, which takes one format only. Stops when one is wrong.
    """
    files: list[tuple[str, str]] = []
    shown = [] if form is None else [form]
    for report in reports:
        name, equals, path = report.partition("=")
        if not equals or not path:
            raise Stop(USAGE, f"--report {report}: write a format and a file: --report json=FILE")
        if name not in formats:
            close = nearest(name, formats)
            said = f"did you mean {close}?" if close else f"there are {', '.join(formats)}"
            raise Stop(USAGE, f"--report {report}: there is no format {name} here; {said}")
        if path == "-":
            shown.append(name)
        else:
            files.append((name, path))
    if len(shown) > 1:
        raise Stop(USAGE, f"standard output takes one format, not {' and '.join(shown)}")
    if len({os.path.realpath(path) for _, path in files}) < len(files):
        raise Stop(USAGE, "two reports go to the same file; give each its own")
    return Outputs(shown[0] if shown else "text", tuple(files))


def write_files(wanted: Outputs, read: Iterable[str], written: Callable[[str], str]) -> None:
    """Writes the reports that go into files, each in one piece: all of them, or none when one
    cannot be written. `read` are the files that went in, which are never written over."""
    went_in = {os.path.realpath(path) for path in read}
    with ExitStack() as stack:
        drafts = []
        for form, path in wanted.files:
            if os.path.realpath(path) in went_in:
                raise Stop(USAGE, f"{path} is one of the files that were read; write elsewhere")
            made = stack.enter_context(draft(Path(path)))
            made.file.write(written(form).encode("utf-8", "replace"))
            drafts.append(made)
        for made in drafts:
            made.publish()


def repository_paths() -> Callable[[str], str]:
    """A function from the name of a file, as seen from here, to its path from the root of the
    repository that we are in, or from this folder if it is in none. The path has `/` between
    folders. Of a file outside it is the absolute path, and standard input stays `-`."""
    here = os.path.realpath(".")
    root = folder_around(here, [_ROOT_MARK]) or here

    def path_of(name: str) -> str:
        if name == "-":
            return name
        path = os.path.join(here, name)
        # The file may be a link; its folder counts, under the name that the repository has.
        real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        inside = os.path.commonpath([real, root]) == root
        return Path(os.path.relpath(real, root) if inside else real).as_posix()

    return path_of


def explain(code: str) -> Explained:
    """A code in words, from its page."""
    page = page_of(code)
    return Explained(code, page.title, page.summary, text_of(code))
