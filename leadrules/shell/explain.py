"""`leadrules explain`: one lead, found in its file, explained, and told in three formats."""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from leadrules import __version__
from leadrules.batch.previous import results_in
from leadrules.batch.records import layout, records
from leadrules.batch.score import Input
from leadrules.explain import data
from leadrules.explain.explanation import Explanation, explain
from leadrules.explain.find import Search, find
from leadrules.explain.report import as_markdown, as_text, report
from leadrules.model.instant import find_zone
from leadrules.model.lead import Lead
from leadrules.model.nearest import nearest
from leadrules.model.program import Program, labels
from leadrules.model.source import Source
from leadrules.shell.color import Color, wants_color
from leadrules.shell.files import lead_files, regular
from leadrules.shell.outcome import NO, USAGE, Stop
from leadrules.shell.reports import outputs, write_files
from leadrules.shell.rules import must_compile, open_rules
from leadrules.shell.score import LATEST, as_of_instant, explained
from leadrules.text.draw import clean

_FORMATS = ("text", "json", "markdown")
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for; `id` is None for the only lead on standard input."""

    id: str | None
    leads: tuple[str, ...]
    rules: str | None
    expression: str | None
    as_of: str | None
    why_not: str | None
    previous: str | None
    form: str | None
    reports: tuple[str, ...]
    verbose: bool
    color: Color


def run(options: Options) -> bool:
    """Explains a lead; whether it could be scored. Stops when there is no such lead."""
    wanted = outputs(options.form, options.reports, _FORMATS)
    if options.rules == "-" and "-" in options.leads:
        raise Stop(USAGE, "standard input (-) can be given only once: for the leads or the rules")
    source = (
        Source("-e", options.expression or "")
        if options.rules is None
        else open_rules(options.rules, sys.stdin)
    )
    program, compiled = must_compile(source, wants_color(options.color, sys.stderr))
    as_of = as_of_instant(options.as_of, program)
    if options.why_not is not None:
        _check_label(options.why_not, program)
    with ExitStack() as stack:
        temporary = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="leadrules-")))
        files = [Input(*file) for file in lead_files(options.leads, temporary)]
        with explained(files):
            search = _search(program, files, options)
            if isinstance(search.found, Lead):
                search = replace(search, found=_looking_back(search.found, program, options, stack))
        explanation = _asked(program, search, as_of, options)
        read = [*compiled.texts, *(file.name for file in files)]
        write_files(wanted, read, lambda form: _written(form, explanation, options.verbose, False))
    colored = wants_color(options.color, sys.stdout)
    print(_written(wanted.shown, explanation, options.verbose, colored), end="")
    return isinstance(search.found, Lead)


def _check_label(label: str, program: Program) -> None:
    """Stops when no dimension has a label."""
    known = {one: None for d in program.dimensions for one in labels(program, d.name)}
    if label not in known:
        close = nearest(label, known)
        listed = ", ".join([*known][:12]) + (", …" if len(known) > 12 else "")
        help_ = f"did you mean {close}?" if close else f"there are {listed or 'no labels'}"
        raise Stop(USAGE, f"--why-not {label}: the rules have no such label; {help_}")


def _search(program: Program, files: list[Input], options: Options) -> Search:
    """Looks for the lead. Stops when there is none."""
    named = ((file.name, records(file.path, layout(file.path))) for file in files)
    search = find(program, named, options.id, LATEST)
    if options.id is None and search.read != 1:
        raise Stop(USAGE, f"standard input has {search.read} records, not one; give an id")
    if search.found is None:
        where = ", ".join(file.name for file in files)
        said = f"there is no lead {options.id} in {where} (records read: {search.read})"
        raise Stop(NO, clean("; ".join([said, *search.notes])))
    return search


def _looking_back(lead: Lead, program: Program, options: Options, stack: ExitStack) -> Lead:
    """The lead with its result of yesterday."""
    if options.previous is None:
        return lead
    temporary = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="leadrules-")))
    path = regular(options.previous, temporary, 0)
    yesterday = stack.enter_context(results_in(path))
    return replace(lead, previous=yesterday.of(lead.id)) if program.reads_previous else lead


def _asked(program: Program, search: Search, as_of: int, options: Options) -> Explanation:
    found = search.found
    if isinstance(found, Lead):
        return explain(
            program,
            found,
            as_of,
            why_not=options.why_not,
            latest=LATEST,
            notes=search.notes,
        )
    assert found is not None
    identity = found.id or options.id or "-"
    zone = find_zone(program.zone)
    return Explanation(identity, as_of, zone, found, notes=search.notes)


def _written(form: str, explanation: Explanation, verbose: bool, colored: bool) -> str:
    """An explanation in a format."""
    if form == "json":
        return data.write(explanation, __version__)
    draw = as_markdown if form == "markdown" else as_text
    lines = []
    for line, is_title in draw(report(explanation, verbose)):
        shown = clean(line).rstrip() if form == "text" else clean(line)
        lines.append(f"{_BOLD}{shown}{_PLAIN}" if is_title and colored else shown)
    return "\n".join(lines) + "\n"
