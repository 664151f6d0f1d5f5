"""The page of a diagnostic: what is wrong, how not to write it, what to write, and why."""

from __future__ import annotations

from leadrules.model.frozen import Frozen


class Example(Frozen):
    """Rules, and the files that they name or that they are run with, as (name, text).

    `rules` is None where a page can show none; then `without` says why.
    """

    rules: str | None
    files: tuple[tuple[str, str], ...] = ()
    without: str = ""


class Page(Frozen):
    """One diagnostic, explained. `summary` and `why` are paragraphs, each on one line."""

    code: str
    title: str
    summary: str
    avoid: Example
    prefer: Example
    why: str


# The families of codes, by how a code begins.
FAMILIES = {
    "LR0": "How rules are written",
    "LR1": "What rules mean",
    "LR2": "What may be meant otherwise",
    "LR3": "What follows from the rules together",
    "LR4": "What the leads say",
}


def family(code: str) -> str:
    """The family of a code, in words."""
    return FAMILIES[code[:3]]
