"""`leadrules init`: a folder whose rules, cases and CI pass at once."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

from leadrules import __version__
from leadrules.shell.outcome import UNFINISHED, USAGE, Stop

STARTER = Path(__file__).resolve().parent.parent / "starter"
_EVERYWHERE = {
    name: name
    for name in (
        "leads.rules",
        "lead.schema.json",
        "cases.yaml",
        "leads.jsonl",
        "leadrules.yaml",
        "README.md",
    )
} | {"pre-commit-config.yaml": ".pre-commit-config.yaml"}
# What each kind of CI reads, by the name it has in the starter.
CI = {
    "github": {"github.yml": ".github/workflows/leadrules.yml"},
    "gitlab": {"gitlab.yml": ".gitlab-ci.yml"},
    "none": dict[str, str](),
}


def run(folder: str, ci: str, quiet: bool) -> None:
    """Makes the files and names them. Stops, with nothing made, when one is there already."""
    files = _EVERYWHERE | CI[ci]
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise Stop(USAGE, f"{folder} is a file; name a folder")
    there = [name for name in files.values() if os.path.lexists(target / name)]
    if there:
        listed = "".join(f"\n  {name}" for name in there)
        raise Stop(USAGE, f"nothing was made, as these are there already in {folder}:{listed}")
    try:
        for source, name in files.items():
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            text = (STARTER / source).read_text(encoding="utf-8")
            with path.open("x", encoding="utf-8", newline="") as file:
                file.write(text.replace("leadrules==VERSION", f"leadrules=={__version__}"))
            if not quiet:
                print(path)
    except OSError as error:
        said = (error.strerror or "").lower()
        raise Stop(UNFINISHED, f"cannot write {error.filename}: {said}") from None
    if not quiet:
        go = "" if target.resolve() == Path.cwd() else f"cd {shlex.quote(folder)} && "
        print(f"next: {go}leadrules check && leadrules test", file=sys.stderr)
