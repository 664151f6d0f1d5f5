"""`leadrules check`: the findings about some rule files."""

from __future__ import annotations

import os
import sys

from leadrules.model.diagnostic import Diagnostic, in_order
from leadrules.shell.color import Color, wants_color
from leadrules.shell.files import rule_files
from leadrules.shell.rules import compile_source, counted, drawn, open_rules


def run(paths: tuple[str, ...], quiet: bool, color: str) -> bool:
    """Prints every finding; whether there was no error.

    A file that another of the files includes is checked as a part of that one only: by
    itself it may lack what the other declares.
    """
    choice: Color = color  # type: ignore[assignment]  # click allows no other values
    files = rule_files(paths)
    compiled = {os.path.normpath(f): compile_source(open_rules(f, sys.stdin)) for f in files}
    included = {text for root, found in compiled.items() for text in found.texts if text != root}
    roots = [name for name in compiled if name not in included] or list(compiled)
    found: list[Diagnostic] = []
    for name in roots:
        found += compiled[name].diagnostics
    found = in_order(found)
    shown = [finding for finding in found if finding.is_error or not quiet]
    if shown:
        print(drawn(shown, wants_color(choice, sys.stdout)))
    if not quiet:
        checked = "1 file" if len(files) == 1 else f"{len(files)} files"
        print(f"checked {checked}: {counted(found)}", file=sys.stderr)
    return not any(finding.is_error for finding in found)
