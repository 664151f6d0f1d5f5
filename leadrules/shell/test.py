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
from leadrules.model.tried import Tried
from leadrules.report.formats import CASE_FORMATS, written_cases
from leadrules.report.trials import Trials
from leadrules.shell.color import Color, wants_color
from leadrules.shell.config import left_out_by
from leadrules.shell.files import files_below, read_text
from leadrules.shell.outcome import NO, UNFINISHED, Stop
from leadrules.shell.reports import outputs, repository_paths, write_files
from leadrules.shell.rules import compile_source, counted, open_rules, root_of
from leadrules.text.draw import clean

# What a file of cases is called, besides `cases.yaml`.
_ENDING = ".cases.yaml"
_RED, _GREEN, _BOLD, _FAINT, _PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[1m", "\x1b[2m", "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for; `part` is a part of the names of cases."""

    paths: tuple[str, ...]
    part: str | None
    engine: Engine
    form: str | None
    reports: tuple[str, ...]
    quiet: bool
    color: str


@dataclass(slots=True)
class _Run:
    """What has been tried so far, and the files that were read for it."""

    options: Options
    tried: list[Tried] = field(default_factory=list)
    read: list[str] = field(default_factory=list)


def run(options: Options) -> bool:
    """Tries the cases and tells what became of them; whether all of them hold.

    A run without a single case does not hold.
    """
    choice: Color = options.color  # type: ignore[assignment]  # click allows no other values
    wanted = outputs(options.form, options.reports, CASE_FORMATS)
    run = _Run(options)
    for name in case_files(options.paths):
        _try_file(_opened(name), run)
    color = wants_color(choice, sys.stdout)

    def told(form: str, color: bool = False) -> str:
        drawing = partial(drawn, color=color)
        return written_cases(
            form, Trials(__version__, tuple(run.tried), repository_paths(), drawing)
        )

    write_files(wanted, run.read, told)
    print(told(wanted.shown, color), end="")
    if not run.tried:
        named = "" if options.part is None else f" with `{options.part}` in their names"
        where = ", ".join(options.paths)
        raise Stop(NO, f"nothing was tested: there are no cases{named} in {where}")
    if not options.quiet:
        print(summed_up(run.tried), file=sys.stderr)
    return all(one.ok for one in run.tried)


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


def _is_cases(name: str) -> bool:
    return name == "cases.yaml" or name.endswith(_ENDING)


def _about(rules: str) -> Iterator[str]:
    if not os.path.isfile(rules):
        raise Stop(UNFINISHED, f"cannot read {rules}: there is no such file")
    folder = os.path.dirname(rules)
    for name in sorted(os.listdir(folder or ".")):
        path = os.path.join(folder, name)
        if _is_cases(name) and os.path.realpath(_rules_of(_opened(path))) == os.path.realpath(
            rules
        ):
            yield os.path.normpath(path)


def _opened(path: str) -> CaseFile:
    try:
        return read_cases(path, read_text(path))
    except UnicodeDecodeError:
        raise Stop(UNFINISHED, f"cannot read {path}: it is not UTF-8 text") from None
    except OSError as error:
        raise Stop(UNFINISHED, f"cannot read {path}: {(error.strerror or '').lower()}") from None


def _rules_of(file: CaseFile) -> str:
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
        run.tried += _try_cases(program, file, cases, run.options.engine)[0]


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
    path = _rules_of(file)
    root = root_of(file.name)
    if os.path.commonpath([os.path.realpath(path), root]) != root:
        return f"`{file.rules}` is outside the folder {root}, which these cases belong to"
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


# --- telling -----------------------------------------------------------------------


def drawn(tried: Tried, color: bool) -> str:
    """A case that does not hold, for people, without a line end behind it."""

    def paint(style: str, text: str) -> str:
        return f"{style}{text}{_PLAIN}" if color else text

    title = paint(_RED + _BOLD, "FAIL" if tried.status == "failed" else "ERROR")
    name = paint(_BOLD, f"  {clean(tried.name)}") if tried.name else ""
    lines = [f"{title} {tried.file}:{tried.line}{name}"]
    if tried.problem is not None:
        lines.append(f"    {clean(tried.problem)}")
    for different in tried.differences:
        expected = paint(_GREEN, clean(different.expected))
        got = paint(_RED, clean(different.got))
        lines.append(f"    {clean(different.what)}: expected {expected}, got {got}")
        lines += [paint(_FAINT, f"      {clean(line)}") for line in different.because]
    return "\n".join(lines)


def summed_up(tried: Sequence[Tried]) -> str:
    """How many cases there were, in words."""
    passed = sum(one.ok for one in tried)
    failed = sum(one.status == "failed" for one in tried)
    wrong = len(tried) - passed - failed
    total = passed + failed
    said = f"{'1 case' if total == 1 else f'{total} cases'}: {passed} passed"
    if failed:
        said += f", {failed} failed"
    if wrong:
        said += f"; {wrong} mistake{'' if wrong == 1 else 's'} in how cases are written"
    return said
