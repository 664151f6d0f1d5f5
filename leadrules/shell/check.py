"""`leadrules check`: the findings about some rule files."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping

from leadrules import __version__
from leadrules.model.diagnostic import Diagnostic, in_order
from leadrules.model.frozen import Frozen
from leadrules.model.source import Source
from leadrules.report.checked import Checked
from leadrules.report.formats import FORMATS, written
from leadrules.shell.color import Color, wants_color
from leadrules.shell.files import rule_files
from leadrules.shell.pages import codes
from leadrules.shell.reports import explain, outputs, repository_paths, write_files
from leadrules.shell.rules import Compiled, compile_source, counted, drawn, open_rules
from leadrules.shell.selection import Selection
from leadrules.text.draw import draw
from leadrules.text.excuses import Excuse, Judged, excuses, judge


class Options(Frozen):
    """What is checked, what is said of it and where, and when the answer is no.

    `exclude` names files and folders that are left out where a folder is looked through.
    With `strict` a warning is a no, too.
    """

    paths: tuple[str, ...]
    selection: Selection
    exclude: tuple[str, ...]
    strict: bool
    quiet: bool
    verbose: bool
    color: Color
    form: str | None
    reports: tuple[str, ...]


def run(options: Options) -> bool:
    """Tells every finding that is wanted; whether the answer is yes."""
    wanted = outputs(options.form, options.reports, FORMATS)
    files = rule_files(options.paths, options.exclude)
    compiled = {os.path.normpath(f): compile_source(open_rules(f, sys.stdin)) for f in files}
    judged = _judged(_roots(compiled))
    found = [finding for finding in judged.kept if options.selection.has(finding)]
    checked = Checked(
        version=__version__,
        files=tuple(compiled),
        findings=tuple(found),
        path_of=repository_paths(),
        explain=explain,
        drawn=draw,
    )
    read = [name for ruleset in compiled.values() for name in ruleset.texts]
    write_files(wanted, read, lambda form: written(form, checked))
    loud = options.strict or not options.quiet
    if wanted.shown != "text":
        print(written(wanted.shown, checked), end="")
    elif shown := [finding for finding in found if finding.is_error or loud]:
        print(drawn(shown, wants_color(options.color, sys.stdout)))
    if options.verbose:
        for finding, excuse in judged.excused:
            _say_excused(finding, excuse)
    if not options.quiet:
        looked_at = "1 file" if len(files) == 1 else f"{len(files)} files"
        aside = f"; {len(judged.excused)} excused" if judged.excused else ""
        more = f"; `leadrules rule {found[0].code}` says more" if found else ""
        print(f"checked {looked_at}: {counted(found)}{aside}{more}", file=sys.stderr)
    return not any(finding.is_error or options.strict for finding in found)


def _roots(compiled: Mapping[str, Compiled]) -> Mapping[str, Compiled]:
    """Those that are rulesets of their own.

    A file that another of the files includes is checked as a part of that one only: by
    itself it may lack what the other declares.
    """
    included = {text for root, found in compiled.items() for text in found.texts if text != root}
    return {name: found for name, found in compiled.items() if name not in included} or compiled


def _judged(compiled: Mapping[str, Compiled]) -> Judged:
    """All findings in order, apart from those that a comment excuses."""
    found = [finding for ruleset in compiled.values() for finding in ruleset.diagnostics]
    given, wrong = _excuses(compiled.values())
    # Where there are errors, not everything has been looked at.
    whole = all(ruleset.program is not None for ruleset in compiled.values())
    judged = judge(in_order(found), given, lambda code: whole)
    return Judged(tuple(in_order([*judged.kept, *wrong])), judged.excused)


def _excuses(compiled: Iterable[Compiled]) -> tuple[list[Excuse], list[Diagnostic]]:
    texts = {name: text for ruleset in compiled for name, text in ruleset.texts.items()}
    known = frozenset(codes())
    given: list[Excuse] = []
    wrong: list[Diagnostic] = []
    for name, text in texts.items():
        read, unread = excuses(Source(name, text), known)
        given += read
        wrong += unread
    return given, wrong


def _say_excused(finding: Diagnostic, excuse: Excuse) -> None:
    line, column = finding.source.place(finding.span.start)
    place = f"{finding.source.name}:{line}:{column}"
    print(
        f"{place}: {finding.code} is excused: {excuse.reason or 'no reason given'}", file=sys.stderr
    )
