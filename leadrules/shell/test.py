"""`leadrules test`: the cases of rulesets, and what became of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from leadrules import __version__
from leadrules.batch.score import Engine
from leadrules.cases.facts import Scored
from leadrules.cases.read import Case, CaseFile, read_cases
from leadrules.cases.trial import faults_of, try_cases
from leadrules.model.program import Program
from leadrules.model.tried import Coverage, Tried
from leadrules.report.formats import CASE_FORMATS, written_cases
from leadrules.report.trials import Trials
from leadrules.shell.color import Color, wants_color
from leadrules.shell.config import left_out_by
from leadrules.shell.files import files_below, read_text
from leadrules.shell.outcome import NO, UNFINISHED, Stop
from leadrules.shell.reports import outputs, repository_paths, write_files
from leadrules.shell.rules import compile_source, counted, open_rules, root_of
from leadrules.shell.told import drawn, drawn_coverage, shown_percent, summed_up

# What a file of cases is called, besides `cases.yaml`.
_ENDING = ".cases.yaml"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for; `part` is a part of the names of cases. `least` is the
    coverage in percent that each ruleset must reach; None when coverage was not asked for."""

    paths: tuple[str, ...]
    part: str | None
    engine: Engine
    least: float | None
    form: str | None
    reports: tuple[str, ...]
    quiet: bool
    color: str


@dataclass(slots=True)
class _Run:
    """What has been tried so far, the leads of each ruleset with its program, by the name of
    its file, and the files that were read."""

    options: Options
    tried: list[Tried] = field(default_factory=list)
    leads: dict[str, tuple[Program, list[Scored]]] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)


def run(options: Options) -> bool:
    """Tries the cases and tells what became of them; whether all of them hold, and show as
    much of their rules as was asked for.

    A run without a single case does not hold.
    """
    choice: Color = options.color  # type: ignore[assignment]  # click allows no other values
    wanted = outputs(options.form, options.reports, CASE_FORMATS)
    run = _Run(options)
    for name in case_files(options.paths):
        _try_file(open_cases(name), run)
    covered = _coverage(run)
    color = wants_color(choice, sys.stdout)

    def told(form: str, color: bool = False) -> str:
        drawing = partial(drawn, color=color)
        paths = repository_paths()
        return written_cases(form, Trials(__version__, tuple(run.tried), covered, paths, drawing))

    write_files(wanted, run.read, told)
    print(told(wanted.shown, color), end="")
    for found in covered or ():
        # Where standard output is for a program, the table is in the way.
        if wanted.shown == "text":
            print(drawn_coverage(found, color))
        else:
            print(drawn_coverage(found, wants_color(choice, sys.stderr)), file=sys.stderr)
    if not run.tried:
        named = "" if options.part is None else f" with `{options.part}` in their names"
        where = ", ".join(options.paths)
        raise Stop(NO, f"nothing was tested: there are no cases{named} in {where}")
    if not options.quiet:
        print(summed_up(run.tried), file=sys.stderr)
    enough = _enough(covered, options.least)
    return enough and all(one.ok for one in run.tried)


def _coverage(run: _Run) -> tuple[Coverage, ...] | None:
    if run.options.least is None:
        return None
    from leadrules.cases.coverage import coverage

    return tuple(coverage(rules, program, leads) for rules, (program, leads) in run.leads.items())


def _enough(covered: tuple[Coverage, ...] | None, least: float | None) -> bool:
    """Whether each ruleset is covered as far as it must be; tells which ones are not."""
    too_low = [found for found in covered or () if found.percent < (least or 0)]
    for found in too_low:
        said = f"{found.rules}: coverage is {shown_percent(found)}, and must be {least:g}%"
        print(said, file=sys.stderr)
    return not too_low


# --- files of cases ----------------------------------------------------------------


def case_files(paths: Sequence[str]) -> list[str]:
    """The files of cases that some paths name. A folder stands for all `cases.yaml` and
    `*.cases.yaml` below it; a rule file for those beside it that are about it."""
    found: list[str] = []
    for path in paths:
        if os.path.isdir(path):
            found += [
                file
                for file in files_below(path, left_out_by("test"))
                if _is_cases(os.path.basename(file))
            ]
        elif path.endswith(".rules"):
            found += _about(path)
        else:
            found.append(os.path.normpath(path))
    return list(dict.fromkeys(found))


def _is_cases(path: str) -> bool:
    name = os.path.basename(path)
    return name == "cases.yaml" or name.endswith(_ENDING)


def _about(rules: str) -> Iterator[str]:
    if not os.path.isfile(rules):
        raise Stop(UNFINISHED, f"cannot read {rules}: there is no such file")
    folder = os.path.dirname(rules)
    for name in sorted(os.listdir(folder or ".")):
        path = os.path.join(folder, name)
        if _is_cases(name) and os.path.realpath(rules_of(open_cases(path))) == os.path.realpath(
            rules
        ):
            yield os.path.normpath(path)


def open_cases(path: str) -> CaseFile:
    """The cases in a file. Stops when it cannot be read."""
    try:
        return read_cases(path, read_text(path))
    except UnicodeDecodeError:
        raise Stop(UNFINISHED, f"cannot read {path}: it is not UTF-8 text") from None
    except OSError as error:
        raise Stop(UNFINISHED, f"cannot read {path}: {(error.strerror or '').lower()}") from None


def rules_of(file: CaseFile) -> str:
    """The rules that a file of cases is about."""
    return os.path.normpath(os.path.join(os.path.dirname(file.name), file.rules))


# --- trying ------------------------------------------------------------------------


def _try_file(file: CaseFile, run: _Run) -> None:
    run.read.append(file.name)
    if file.faults:
        run.tried += faults_of(file)
        return
    part = run.options.part
    cases = [case for case in file.cases if part is None or part in case.name]
    if not cases:
        return
    program = _program(file, run)
    if isinstance(program, str):
        run.tried.append(Tried("", file.name, file.rules_line, "error", (), program))
    else:
        tried, leads = _try_cases(program, file, cases, run.options.engine)
        run.tried += tried
        run.leads.setdefault(rules_of(file), (program, []))[1].extend(leads)


def _try_cases(
    program: Program, file: CaseFile, cases: Sequence[Case], engine: Engine
) -> tuple[list[Tried], list[Scored]]:
    if engine == "duckdb":
        from leadrules.engines.duckdb import OutOfMemory
        from leadrules.engines.sql import Gap

        try:
            return try_cases(program, file, cases, engine)
        except (Gap, OutOfMemory) as reason:
            print(f"{file.name}: tried with the slow engine: {reason}", file=sys.stderr)
    return try_cases(program, file, cases, "reference")


def _program(file: CaseFile, run: _Run) -> Program | str:
    """The rules of a file of cases, or what is wrong with them."""
    path = rules_of(file)
    root = root_of(file.name)
    if os.path.commonpath([os.path.realpath(path), root]) != root:
        said = "a file leadrules.yaml in a folder around both makes them one"
        return f"`{file.rules}` is outside the folder {root}, which these cases belong to; {said}"
    if not os.path.isfile(path):
        return f"there is no rule file {path}"
    compiled = compile_source(open_rules(path, sys.stdin))
    run.read += compiled.texts
    if compiled.program is not None:
        return compiled.program
    errors = [finding for finding in compiled.diagnostics if finding.is_error]
    line, column = errors[0].source.place(errors[0].span.start)
    first = f"{errors[0].source.name}:{line}:{column}: {errors[0].message}"
    return f"{path} has {counted(errors)}: {first}; `leadrules check {path}` shows all"
