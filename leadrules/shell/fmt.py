"""`leadrules fmt`: rule files in their one layout."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterator

from leadrules.model.diagnostic import Diagnostic
from leadrules.model.frozen import Frozen
from leadrules.model.program import Program
from leadrules.model.source import Source
from leadrules.shell.color import Color, wants_color
from leadrules.shell.config import left_out_by
from leadrules.shell.files import rewrite, rule_files
from leadrules.shell.outcome import UNFINISHED, USAGE, Stop
from leadrules.shell.rules import compile_source, drawn, read_rules, source_of
from leadrules.text.draw import clean
from leadrules.text.format import Fault, IsAbsence, formatted, short_absences, unknown

_STYLES = {"---": "\x1b[1m", "+++": "\x1b[1m", "@": "\x1b[36m", "+": "\x1b[32m", "-": "\x1b[31m"}


class Options(Frozen):
    """What the command line asks for."""

    paths: tuple[str, ...]
    check: bool
    diff: bool
    stdin_name: str | None
    quiet: bool
    color: Color


class _File(Frozen):
    """A rule file: where it is (`-`: standard input), its bytes and its text."""

    path: str
    data: bytes
    source: Source


def run(options: Options) -> bool:
    """Formats files, or tells what that would change. False: a file cannot be read as rules, or
    it would change and that was asked."""
    files = list(_files(options))
    sources = {file.source.name: file.source for file in files}
    only_ask = options.check or options.diff
    changes = broken = 0
    for file in files:
        text, found = _laid_out(file.source, sources)
        if text is None:
            broken += 1
            # Standard output is for the text of standard input alone.
            stream = sys.stderr if file.path == "-" else sys.stdout
            print(drawn(found, wants_color(options.color, stream)), file=stream)
            continue
        changes += text.encode() != file.data
        if options.diff:
            sys.stdout.write(_diff(file, text, wants_color(options.color, sys.stdout)))
        if options.check and text.encode() != file.data:
            print(f"would change {file.source.name}")
        if file.path == "-" and not only_ask:
            sys.stdout.write(text)
        elif text.encode() != file.data and not only_ask:
            rewrite(file.path, file.data, text.encode())
    if not options.quiet and (only_ask or options.paths != ("-",)):
        print(_summary(len(files), changes, broken, only_ask), file=sys.stderr)
    return not broken and not (only_ask and changes)


def _files(options: Options) -> Iterator[_File]:
    if "-" in options.paths and len(options.paths) > 1:
        raise Stop(USAGE, "standard input (-) is formatted alone")
    if options.stdin_name is not None and options.paths != ("-",):
        raise Stop(USAGE, "--stdin-filename says what standard input (-) is called; give - too")
    for path in rule_files(options.paths, left_out_by("fmt")):
        data = read_rules(path, sys.stdin)
        source = source_of(path, data)
        if path == "-" and options.stdin_name is not None:
            source = source_of(options.stdin_name, data)
        yield _File(path, data, source)


def _laid_out(source: Source, sources: dict[str, Source]) -> tuple[str | None, list[Diagnostic]]:
    """The text of a file in its layout, or None and its errors."""
    names = short_absences(source)
    wholes = _wholes(source, sources) if names else [source]
    try:
        known = _known(source, names, wholes)
        text, found = formatted(source, known)
        if text is not None and text != source.text:
            after = Source(source.name, text)
            for whole in wholes:
                before = _compiled(whole, source)
                if before is not None and before != _compiled(whole, after):
                    raise Fault(f"the layout of {source.name} would change what its rules mean")
    except Fault as fault:
        left = "It was left as it is. This is a fault of leadrules."
        raise Stop(UNFINISHED, f"leadrules fmt failed: {fault}\n{left}") from None
    return text, found


def _wholes(source: Source, sources: dict[str, Source]) -> list[Source]:
    """The rulesets that a file is a part of, among those that are formatted; or itself."""
    others = (other for name, other in sources.items() if name != source.name)
    return [o for o in others if source.name in compile_source(o).texts] or [source]


def _known(source: Source, names: tuple[str, ...], wholes: list[Source]) -> IsAbsence:
    """What `no_reply 30d` means in a file, for each of some names: both ways to write it out are
    tried, and the one is taken that means the same in all rulesets."""
    known: dict[str, bool] = {}
    before = [_compiled(whole, source) for whole in wholes] if names else []
    for name in names if None not in before else ():
        for meant in (True, False):
            text, _ = formatted(source, _knowing(known | {name: meant}))
            part = Source(source.name, text or "")
            if [_compiled(whole, part) for whole in wholes] == before:
                known[name] = meant
                break
    return _knowing(known)


def _knowing(known: dict[str, bool]) -> IsAbsence:
    return lambda name: known.get(name, unknown(name))


def _compiled(root: Source, part: Source) -> Program | None:
    """What a ruleset means when one file of it, which may be its first, has the text of `part`."""
    if root.name == part.name:
        return compile_source(part).program
    return compile_source(root, {part.name: part.text}).program


def _diff(file: _File, text: str, color: bool) -> str:
    """The difference to the layout, as `git apply` takes it."""
    name = file.source.name
    before, after = (re.findall(r"[^\n]*\n|[^\n]+", t) for t in (file.data.decode(), text))
    lines = []
    for line in difflib.unified_diff(before, after, name, name):
        ended = line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        style = next((s for sign, s in _STYLES.items() if line.startswith(sign)), "")
        lines.append(f"{style}{clean(ended[:-1])}\x1b[0m\n" if color and style else ended)
    return "".join(lines)


def _summary(files: int, changes: int, broken: int, only_ask: bool) -> str:
    would = "would change" if only_ask else "changed"
    parts = [f"{would} {changes}"] if changes else []
    if files - changes - broken:
        parts.append(f"as they should be {files - changes - broken}")
    if broken:
        parts.append(f"left alone for their errors {broken}")
    return f"{'1 file' if files == 1 else f'{files} files'}: {', '.join(parts)}"
