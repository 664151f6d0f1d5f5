"""`leadrules score`: the batch, from the names of files to files in their places."""

from __future__ import annotations

import gc
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from leadrules.batch.previous import NotResults
from leadrules.batch.records import BadArray, layout, opened, records
from leadrules.batch.score import Engine, Input, LostCount, score
from leadrules.batch.sort import sort_by_id
from leadrules.batch.summary import Summary
from leadrules.model.instant import NotAnInstant, find_zone, parse_instant, show_instant
from leadrules.model.program import Program
from leadrules.model.source import Source
from leadrules.shell.color import Color, wants_color
from leadrules.shell.files import Draft, draft, lead_files, regular
from leadrules.shell.manifest import Fingerprints, WentIn, manifest
from leadrules.shell.outcome import NO, UNFINISHED, USAGE, Stop
from leadrules.shell.rules import must_compile, open_rules
from leadrules.text.draw import clean

_EARLIEST = parse_instant("0001-01-01", None)
LATEST = parse_instant("9999-12-31T23:59:59.999999Z", None)
_FALLBACK = "quarantine.jsonl"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for; `output` is None for standard output."""

    leads: tuple[str, ...]
    rules: str | None
    expression: str | None
    as_of: str | None
    output: str | None
    quarantine: str | None
    sort: bool
    most_bad: str | None
    engine: Engine
    previous: str | None
    quiet: bool
    color: str


def run(options: Options) -> None:
    """Scores, writes, reports. Stops with exit code 1 when too many records are bad."""
    started = time.monotonic()
    if options.rules == "-" and "-" in options.leads:
        raise Stop(USAGE, "standard input (-) can be given only once: for the leads or the rules")
    most_bad = _most_bad(options.most_bad)
    choice: Color = options.color  # type: ignore[assignment]  # click allows no other values
    if options.rules is not None:
        source = open_rules(options.rules, sys.stdin)
    else:
        source = Source("-e", options.expression or "")
    program, compiled = must_compile(source, wants_color(choice, sys.stderr))
    as_of = as_of_instant(options.as_of, program)
    with ExitStack() as stack:
        temporary = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="leadrules-")))
        files = lead_files(options.leads, temporary)
        bad_path = _quarantine_path(options)
        _refuse_overlap(options, bad_path, [path for path, _ in files], list(compiled.texts))
        scored = _output(options.output, temporary, stack)
        bad = stack.enter_context((temporary / "quarantine").open("w+b"))
        named = _previous(options.previous, temporary, len(files))
        prints = Fingerprints([*files, *named]) if isinstance(scored, Draft) else None
        inputs = [Input(path, name) for path, name in files]
        file = scored.file if isinstance(scored, Draft) else scored
        gc.enable()
        with explained(inputs):
            before = named[0][0] if named else None
            summary, engine = _score(program, inputs, file, bad, as_of, before, options)
            if options.sort:
                sort_by_id(file, temporary)
            # Before the output takes its place: that may be where yesterday's results are.
            read = [] if prints is None else prints.wait()
        too_many = _too_many(summary, most_bad)
        hint = _csv_hint(inputs) if too_many else ""
        said_where = _publish_bad(bad, summary, bad_path, options)
        if not too_many:
            if isinstance(scored, Draft):
                scored.publish()
            else:
                _to_stdout(scored)
        if isinstance(scored, Draft) and scored.is_file and not too_many:
            seconds = time.monotonic() - started
            inputs_read, previous = (read[:-1], read[-1]) if named else (read, None)
            went_in = WentIn(source.name, compiled.texts, inputs_read, previous)
            content = manifest(went_in, as_of, engine, summary, seconds)
            with draft(scored.target.with_name(scored.target.name + ".manifest.json")) as last:
                last.file.write(content)
                last.publish()
    if not options.quiet:
        print(report(summary, as_of, said_where), file=sys.stderr)
    if too_many:
        how_many = (
            f"more than {options.most_bad} of the records are" if most_bad else "every record is"
        )
        raise Stop(NO, f"{how_many} bad; no results written{hint}")


def report(summary: Summary, as_of: int, quarantine: str | None) -> str:
    """The summary of a run, for people."""
    lines = [
        f"as of {show_instant(as_of)}",
        f"read {summary.read} = scored {summary.scored} + excluded {summary.excluded}"
        f" + quarantined {summary.quarantined}",
    ]
    if summary.quarantined:
        codes = ", ".join(f"{code} {n}" for code, n in sorted(summary.by_code.items()))
        lines.append(f"quarantined: {codes} (see {quarantine})")
    if summary.frozen:
        lines.append(f"kept from yesterday: {summary.frozen}")
    if summary.later:
        lines.append(f"events later than that, ignored: {summary.later}")
    for dimension, counts in summary.labels.items():
        ranked = sorted(counts.items(), key=lambda item: (item[0] is None, -item[1], item[0] or ""))
        said = ", ".join(
            f"{'(none)' if label is None else clean(label)} = {number}"
            for label, number in ranked
            if number
        )
        lines.append(f"{clean(dimension)}: {said or 'no leads'}")
        if summary.conflicts[dimension]:
            lines.append(f"{clean(dimension)}: conflicts {summary.conflicts[dimension]}")
    return "\n".join(lines)


def _previous(name: str | None, temporary: Path, number: int) -> list[tuple[Path, str]]:
    """The file of yesterday's results, if one was named, and its name. It must be there,
    whether or not the rules ask for it."""
    if name is None:
        return []
    with explained():
        path = regular(name, temporary, number)
        path.open("rb").close()
    return [(path, name)]


def _score(
    program: Program,
    inputs: list[Input],
    scored: BinaryIO,
    bad: BinaryIO,
    as_of: int,
    previous: Path | None,
    options: Options,
) -> tuple[Summary, str]:
    run = partial(score, program, inputs, scored, bad, as_of=as_of, previous=previous)
    if options.engine == "duckdb":
        from leadrules.engines.duckdb import OutOfMemory
        from leadrules.engines.sql import Gap

        try:
            return run(engine="duckdb"), "duckdb"
        except (Gap, OutOfMemory) as reason:
            if not options.quiet:
                print(f"scoring with the slow engine: {reason}", file=sys.stderr)
            for file in (scored, bad):
                file.seek(0)
                file.truncate()
    return run(engine="reference"), "reference"


@contextmanager
def explained(inputs: Sequence[Input] = ()) -> Iterator[None]:
    """Turns what can go wrong with the input into a message."""
    try:
        yield
    except (BadArray, LostCount) as error:
        said = _broken_array(inputs) or error
        raise Stop(UNFINISHED, f"cannot read the leads: {said}; nothing was written") from None
    except NotResults as error:
        raise Stop(
            UNFINISHED, f"cannot read yesterday's results: {error}; nothing was written"
        ) from None
    except (OSError, EOFError) as error:
        said = getattr(error, "strerror", None) or str(error)
        name = getattr(error, "filename", None)
        where = f" {name}" if name else ""
        raise Stop(UNFINISHED, f"could not finish{where}: {said}; nothing was written") from None
    except Exception as error:
        if type(error).__name__ != "Unreadable":
            raise
        # DuckDB names its own copy of the file, and counts in bytes.
        said = _broken_array(inputs) or str(error)
        raise Stop(UNFINISHED, f"cannot read the leads: {said}; nothing was written") from None


def _broken_array(inputs: Sequence[Input]) -> str:
    """Where the first array that cannot be taken apart is broken; nothing if all are whole."""
    for source in inputs:
        try:
            if layout(source.path) == "array":
                for _ in records(source.path, "array"):
                    pass
        except (BadArray, OSError, EOFError) as error:
            return f"{_shown(source.name)}: {error}"
    return ""


def as_of_instant(text: str | None, program: Program) -> int:
    """The instant that `--as-of` names, else now, in nanoseconds. Stops when it is none."""
    if text is None:
        return int(datetime.now(UTC).timestamp()) * 1_000_000_000
    try:
        instant = parse_instant(text, find_zone(program.zone))
    except NotAnInstant as error:
        raise Stop(USAGE, f"--as-of {text} {error}") from None
    if not _EARLIEST <= instant <= LATEST:
        raise Stop(USAGE, f"--as-of {text} is outside the years 1 to 9999")
    if instant % 1000:
        raise Stop(USAGE, f"--as-of {text} is finer than a microsecond")
    return instant


def _most_bad(text: str | None) -> tuple[float, bool] | None:
    if text is None:
        return None
    said = f"--max-quarantine {text}: give a number of records or a share such as 1%"
    if not re.fullmatch(r"[0-9]+|[0-9]+(\.[0-9]+)?%", text):
        raise Stop(USAGE, said)
    value, share = float(text.removesuffix("%")), text.endswith("%")
    if share and value > 100:
        raise Stop(USAGE, f"{said}; a share is 100% at most")
    return value, share


def _too_many(summary: Summary, most: tuple[float, bool] | None) -> bool:
    """Whether so many records are bad that the results must not take their place. Without a
    limit that is when all are: then the file or the schema is the wrong one."""
    if most is None:
        return 0 < summary.read == summary.quarantined
    value, share = most
    return summary.quarantined > (value * summary.read / 100 if share else value)


def _csv_hint(inputs: Sequence[Input]) -> str:
    """How to go on when the first file is no JSON, but has the look of a table."""
    name = inputs[0].name
    with opened(inputs[0].path) as file:
        first, second = (file.readline(10_000).strip() for _ in range(2))
    if first.startswith((b"{", b"[")) or not any(
        0 < first.count(sign) <= second.count(sign) for sign in (b",", b";", b"\t")
    ):
        return ""
    table = name if re.fullmatch(r"[\w./][\w./-]*", name) else "leads.csv"
    return (
        f"\n{_shown(name)} looks like CSV, and leadrules reads JSON, one lead a line. This makes"
        ' leads.jsonl of it:\n  python -c "import duckdb; duckdb.sql('
        f"\\\"COPY (FROM read_csv('{table}')) TO 'leads.jsonl' (FORMAT json)\\\")\""
    )


def _shown(name: str) -> str:
    return "standard input" if name == "-" else name


def _quarantine_path(options: Options) -> Path:
    if options.quarantine is not None:
        return Path(options.quarantine)
    if options.output is None:
        return Path(_FALLBACK)
    output = Path(options.output)
    if output.exists() and not output.is_file():
        return Path(_FALLBACK)
    return output.with_name(f"{output.stem}.quarantine.jsonl")


def _refuse_overlap(options: Options, bad: Path, inputs: list[Path], rules: list[str]) -> None:
    """Nothing that goes in is written over. Only results may take the place of yesterday's."""
    beside = [bad]
    results = []
    if options.output is not None:
        beside.append(Path(options.output + ".manifest.json"))
        results.append(Path(options.output))
    before = [] if options.previous is None else [options.previous]
    named = [*results, *beside]
    for path in named:
        for read, what in ((inputs, "one of the inputs"), (rules, "one of the rule files")):
            if _is_among(path, read):
                raise Stop(USAGE, f"{path} is {what}; write somewhere else")
    for path in beside:
        if _is_among(path, before):
            raise Stop(USAGE, f"{path} holds yesterday's results; write somewhere else")
    if len({os.path.realpath(path) for path in named}) < len(named):
        raise Stop(USAGE, "the output, its manifest and the quarantine must be three files")


def _is_among(path: Path, others: Sequence[Path | str]) -> bool:
    return os.path.realpath(path) in map(os.path.realpath, others)


def _output(name: str | None, temporary: Path, stack: ExitStack) -> Draft | BinaryIO:
    """Where lines are collected until all of them are there."""
    if name is None:
        return stack.enter_context((temporary / "scored").open("w+b"))
    return stack.enter_context(draft(Path(name)))


def _publish_bad(bad: BinaryIO, summary: Summary, path: Path, options: Options) -> str | None:
    """Writes the quarantine where there is something in it, or an older one to replace."""
    unasked = not summary.quarantined and options.quarantine is None
    if unasked and (options.output is None or not path.exists()):
        return None
    bad.seek(0)
    with draft(path) as file:
        shutil.copyfileobj(bad, file.file)
        file.publish()
    return str(path)


def _to_stdout(file: BinaryIO) -> None:
    file.seek(0)
    try:
        sys.stdout.flush()
        shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Whoever read our output has left: there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise Stop(UNFINISHED) from None
    except OSError as error:
        # What is left in the buffer cannot go anywhere either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise Stop(UNFINISHED, f"cannot write the results: {error.strerror}") from None
