"""`leadrules check`: the findings about some rule files."""

from __future__ import annotations

import os
import sys

from leadrules import __version__
from leadrules.model.diagnostic import Diagnostic, in_order
from leadrules.report.checked import Checked
from leadrules.report.formats import FORMATS, written
from leadrules.shell.color import Color, wants_color
from leadrules.shell.files import rule_files
from leadrules.shell.reports import explain, outputs, repository_paths, write_files
from leadrules.shell.rules import compile_source, counted, drawn, open_rules
from leadrules.text.draw import draw


def run(
    paths: tuple[str, ...], quiet: bool, color: str, form: str | None, reports: tuple[str, ...]
) -> bool:
    """Tells every finding; whether there was no error.

    A file that another of the files includes is checked as a part of that one only: by
    itself it may lack what the other declares.
    """
    choice: Color = color  # type: ignore[assignment]  # click allows no other values
    wanted = outputs(form, reports, FORMATS)
    files = rule_files(paths)
    compiled = {os.path.normpath(f): compile_source(open_rules(f, sys.stdin)) for f in files}
    included = {text for root, found in compiled.items() for text in found.texts if text != root}
    roots = [name for name in compiled if name not in included] or list(compiled)
    found: list[Diagnostic] = []
    for name in roots:
        found += compiled[name].diagnostics
    found = in_order(found)
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
    if wanted.shown != "text":
        print(written(wanted.shown, checked), end="")
    elif shown := [finding for finding in found if finding.is_error or not quiet]:
        print(drawn(shown, wants_color(choice, sys.stdout)))
    if not quiet:
        looked_at = "1 file" if len(files) == 1 else f"{len(files)} files"
        more = f"; `leadrules rule {found[0].code}` says more" if found else ""
        print(f"checked {looked_at}: {counted(found)}{more}", file=sys.stderr)
    return not any(finding.is_error for finding in found)
