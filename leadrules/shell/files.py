"""Files: rule files in, leads in, results out in one piece or not at all."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import glob
import os
import shutil
import signal
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from leadrules.shell.outcome import LOCKED, UNFINISHED, USAGE, Stop

_PACKAGE = Path(__file__).resolve().parent.parent


def read_bytes(path: str) -> bytes:
    """What is in a file. Raises OSError."""
    with open(path, "rb") as file:
        return file.read()


def read_text(path: str) -> str:
    """The text of a file. Raises OSError or UnicodeDecodeError."""
    return read_bytes(path).decode("utf-8-sig")


def shipped(name: str) -> Path:
    """A ruleset that comes with leadrules: in the package, or beside it in a checkout."""
    inside = _PACKAGE / "rulesets" / name
    return inside if inside.exists() else _PACKAGE.parent / "rulesets" / name


def rule_files(paths: Sequence[str], left_out: Callable[[str], bool]) -> list[str]:
    """The rule files that some paths name; a folder stands for all `*.rules` below it."""
    found: list[str] = []
    for path in paths:
        if path != "-" and os.path.isdir(path):
            below = [file for file in files_below(path, left_out) if file.endswith(".rules")]
            if not below:
                raise Stop(USAGE, f"there are no rule files (*.rules) to look at below {path}")
            found += sorted(below)
        else:
            found.append(path)
    # One file may be named in several ways.
    first: dict[str, str] = {}
    for file in found:
        first.setdefault(file if file == "-" else os.path.abspath(file), file)
    return list(first.values())


def folder_around(folder: str, marks: Sequence[str]) -> str | None:
    """The nearest folder, this one or one around it, that holds something of these names."""
    while not any(os.path.exists(os.path.join(folder, mark)) for mark in marks):
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
    return folder


def files_below(folder: str, left_out: Callable[[str], bool]) -> Iterator[str]:
    """The files below a folder, as seen from here. Hidden folders are passed over, and so is
    what is `left_out`, which is asked of folders and of files; but a folder that is named
    itself is meant, whatever is said of it."""
    passed_over = (lambda _: False) if left_out(folder) else left_out
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and not passed_over(os.path.join(here, name))
        )
        for path in (os.path.join(here, name) for name in sorted(files)):
            if not passed_over(path) and os.path.isfile(path):
                yield os.path.relpath(path)


def lead_files(names: Sequence[str], temporary: Path) -> list[tuple[Path, str]]:
    """The files that some names and patterns stand for, in order; `-` is standard input,
    which is first copied into `temporary`."""
    if names.count("-") > 1:
        raise Stop(USAGE, "standard input (-) can be given only once")
    found: list[tuple[Path, str]] = []
    for name in names:
        if name == "-":
            found.append((_spooled(sys.stdin.buffer, temporary, len(found)), "-"))
        elif os.path.isdir(name):
            raise Stop(
                USAGE, f"{name} is a folder; name the files in it: {name.rstrip('/')}/*.jsonl"
            )
        elif os.path.exists(name):
            found.append((regular(name, temporary, len(found)), name))
        else:
            matches = sorted(glob.glob(name, recursive=True))
            files = [match for match in matches if os.path.isfile(match)]
            if not files:
                raise Stop(UNFINISHED, f"cannot read {name}: there is no such file")
            found += [(Path(file), file) for file in files]
    return found


def regular(name: str, temporary: Path, number: int) -> Path:
    """A file that can be read more often: the one of that name, or its copy in `temporary`
    when it is a pipe. Raises OSError when there is none."""
    if os.path.isfile(name):
        return Path(name)
    with open(name, "rb") as pipe:
        return _spooled(pipe, temporary, number)


def _spooled(stream: BinaryIO, temporary: Path, number: int) -> Path:
    copy = temporary / f"stream-{number}"
    with copy.open("wb") as file:
        shutil.copyfileobj(stream, file)
    return copy


class Draft:
    """A file that is written beside its target and takes its place only when it is whole."""

    def __init__(self, target: Path) -> None:
        self.target = Path(os.path.realpath(target))
        if self.target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder", str(target))
        # A pipe or a device gets what is written; nothing takes its place, nor stands beside it.
        self.is_file = not self.target.exists() or self.target.is_file()
        folder = self.target.parent if self.is_file else Path(tempfile.gettempdir())
        self.path = folder / f".{self.target.name}.leadrules"
        self.file = _open_locked(self.path, self.target)

    def publish(self) -> None:
        """Puts the file in its place, with the mode that the place had."""
        self.file.flush()
        if not self.is_file:
            self.file.seek(0)
            with self.target.open("wb") as place:
                shutil.copyfileobj(self.file, place)
            return
        os.fsync(self.file.fileno())
        with contextlib.suppress(FileNotFoundError):
            os.fchmod(self.file.fileno(), stat.S_IMODE(self.target.stat().st_mode))
        os.replace(self.path, self.target)
        self.file.close()

    def discard(self) -> None:
        """Takes the file away; the target is as it was."""
        if not self.file.closed:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path)
            self.file.close()


@contextlib.contextmanager
def draft(target: Path) -> Iterator[Draft]:
    """A draft that is discarded unless it has been published."""
    made = None
    try:
        with _undisturbed():
            made = Draft(target)
        yield made
    except OSError as error:
        if made is not None:
            raise
        raise Stop(UNFINISHED, f"cannot write {target}: {(error.strerror or '').lower()}") from None
    finally:
        if made is not None:
            made.discard()


def rewrite(name: str, before: bytes, after: bytes) -> None:
    """Writes a file anew, in one piece. Stops when it is no longer as it was `before`."""
    path = Path(name)
    with draft(path) as made:
        try:
            if path.read_bytes() != before:
                raise Stop(UNFINISHED, f"{name} was changed meanwhile; it is left as it is")
            made.file.write(after)
            made.publish()
        except OSError as error:
            problem = (error.strerror or "").lower()
            raise Stop(UNFINISHED, f"cannot write {name}: {problem}") from None


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Lets a signal that stops the program wait: a file that has just been made is known to
    whoever takes it away again."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _open_locked(path: Path, target: Path) -> BinaryIO:
    """Opens the draft and locks it; whoever holds the lock is the one who writes `target`."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The run before may have moved this very file into its place meanwhile.
            if os.path.exists(path) and os.path.samestat(os.fstat(descriptor), os.stat(path)):
                os.ftruncate(descriptor, 0)
                return os.fdopen(descriptor, "w+b")
        except BlockingIOError:
            os.close(descriptor)
            raise Stop(LOCKED, f"another run is writing {target}") from None
        os.close(descriptor)
