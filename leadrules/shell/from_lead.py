"""`leadrules test --from-lead`: a case made of a real lead and its present result."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from leadrules.batch.records import layout, records
from leadrules.cases.made import NoCase, make_case, written, written_top
from leadrules.cases.read import read_cases
from leadrules.engines.read import read_record
from leadrules.model.program import Program
from leadrules.shell.color import Color, wants_color
from leadrules.shell.files import draft, lead_files, read_text
from leadrules.shell.outcome import NO, USAGE, Stop
from leadrules.shell.rules import must_compile, open_rules
from leadrules.shell.score import as_of_instant, explained
from leadrules.shell.test import open_cases, rules_of


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for; `file` is where the case goes, None for standard
    output."""

    id: str
    leads: str
    rules: str
    as_of: str | None
    file: str | None
    quiet: bool
    color: str


def run(options: Options) -> None:
    """Writes the case of a lead: a whole file of cases, or one more case in a file."""
    if options.rules == "-":
        raise Stop(USAGE, "a case names its rules, so give them as a file")
    choice: Color = options.color  # type: ignore[assignment]  # click allows no other values
    program, _ = must_compile(open_rules(options.rules, sys.stdin), wants_color(choice, sys.stderr))
    as_of = as_of_instant(options.as_of, program)
    record = _record(options.id, options.leads, program, as_of)
    try:
        case = make_case(program, record, as_of)
    except NoCase as error:
        raise Stop(NO, f"no case can be made of {options.id}: {error}") from None
    folder = os.path.dirname(options.file or "")
    rules = Path(os.path.relpath(options.rules, folder or ".")).as_posix()
    whole = written_top(rules) + _item(case, "  ")
    if options.file is None:
        print(whole, end="")
        return
    there = os.path.exists(options.file)
    text = _longer(case, options) if there else whole
    with draft(Path(options.file)) as made:
        made.file.write(text.encode())
        made.publish()
    if not options.quiet:
        print(f"{options.file} has a case of {options.id} now", file=sys.stderr)


def _record(identity: str, leads: str, program: Program, as_of: int) -> bytes:
    """The first record of a lead in some files."""
    wanted = identity.encode()
    with tempfile.TemporaryDirectory(prefix="leadrules-") as temporary, explained():
        for path, _ in lead_files([leads], Path(temporary)):
            for record in records(path, layout(path)):
                # Most records need not be read.
                if (
                    record.may_hold(wanted)
                    and read_record(program, record.data, as_of).id == identity
                ):
                    return record.data
    raise Stop(NO, f"there is no lead {identity} in {leads}")


def _longer(case: dict[str, object], options: Options) -> str:
    """A file of cases with one more at its end. Stops when that cannot be."""
    assert options.file is not None
    file = open_cases(options.file)
    if file.faults or not file.cases:
        raise Stop(NO, f"{options.file} is not a sound file of cases; `leadrules test` says why")
    if os.path.realpath(rules_of(file)) != os.path.realpath(options.rules):
        raise Stop(USAGE, f"{options.file} is about {file.rules}, not about {options.rules}")
    if any(other.name == case["name"] for other in file.cases):
        raise Stop(NO, f"{options.file} has a case `{case['name']}` already")
    before = read_text(options.file).rstrip() + "\n"
    last = before.splitlines()[file.cases[-1].line - 1]
    indent = last[: len(last) - len(last.lstrip(" "))]
    text = before + _item(case, indent)
    if len(read_cases(options.file, text).cases) != len(file.cases) + 1:
        # Something stands behind the cases, or they are written in brackets.
        raise Stop(
            NO, f"the case does not fit at the end of {options.file}; add it by hand, without -o"
        )
    return text


def _item(case: dict[str, object], indent: str) -> str:
    """A case as an item of a list."""
    return "".join(indent + line + "\n" for line in written([case]).splitlines())
