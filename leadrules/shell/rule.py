"""`leadrules rule`: the page of a diagnostic, or the list of all."""

from __future__ import annotations

import json
import re
import sys
import textwrap

from leadrules.model.nearest import distance
from leadrules.model.page import Example, Page, family
from leadrules.shell.color import Color, wants_color
from leadrules.shell.outcome import USAGE, Stop
from leadrules.shell.pages import codes, page_of, text_of

_WIDTH = 88
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


def run(wanted: str | None, form: str, color: str) -> None:
    """Prints the page of a code, or all codes with their titles."""
    choice: Color = color  # type: ignore[assignment]  # click allows no other values
    bold = form == "text" and wants_color(choice, sys.stdout)
    if wanted is None:
        pages = [page_of(code) for code in codes()]
        print({"json": _as_json, "markdown": _table, "text": _listed}[form](pages, bold))
        return
    code = _known(wanted)
    if form == "markdown":
        print(text_of(code), end="")
    elif form == "json":
        print(json.dumps({"format_version": 1} | _data(page_of(code)), ensure_ascii=False))
    else:
        print(_drawn(page_of(code), bold))


def _known(wanted: str) -> str:
    """The code that is meant: `LR104`, `lr104` and `104` are the same."""
    code = wanted.strip().upper()
    code = f"LR{code}" if code.isdigit() else code
    known = codes()
    if code in known:
        return code
    close = _close(wanted, known)
    said = f"there is no code `{wanted}`"
    if close:
        said += "; close to it:\n" + "\n".join(f"  {c}  {page_of(c).title}" for c in close)
    raise Stop(USAGE, said + "\n`leadrules rule` lists all codes")


def _close(wanted: str, known: list[str]) -> list[str]:
    """The codes that may have been meant: those that begin like it, those with one digit less,
    more or other, or those with this word in their titles."""
    if digits := re.sub(r"\D", "", wanted):
        return [
            code
            for code in known
            if code[2:].startswith(digits) or distance(digits, code[2:], 1) <= 1
        ]
    word = wanted.strip().lower()
    # Shorter ones are in nearly all titles.
    return [code for code in known if len(word) > 2 and word in page_of(code).title.lower()]


def _drawn(page: Page, bold: bool) -> str:
    """A page for the terminal."""
    parts = [_title(f"{page.code}: {page.title}", bold), _wrapped(page.summary)]
    for name, example in (("Avoid", page.avoid), ("Prefer", page.prefer)):
        parts.append(_title(name, bold))
        parts += _shown(example, page.avoid.files if example is page.prefer else ())
    return "\n\n".join([*parts, _title("Why", bold), _wrapped(page.why)])


def _shown(example: Example, before: tuple[tuple[str, str], ...]) -> list[str]:
    """An example, without the files that stand further up."""
    if example.rules is None:
        return [_wrapped(f"No example: {example.without}")]
    shown = []
    for name, text in example.files:
        if (name, text) not in before:
            shown += [f"{name}:", _indented(text)]
    if shown:
        shown.append("The rules:")
    return [*shown, _indented(example.rules)]


def _listed(pages: list[Page], bold: bool) -> str:
    """All codes with their titles, by family."""
    lines: list[str] = []
    for number, page in enumerate(pages):
        if number == 0 or family(page.code) != family(pages[number - 1].code):
            lines += ["", _title(family(page.code), bold), ""]
        lines.append(f"  {page.code}  {page.title}")
    return "\n".join(lines[1:])


def _table(pages: list[Page], _: bool) -> str:
    rows = [f"| {page.code} | {page.title} |" for page in pages]
    return "\n".join(["| code | what |", "|---|---|", *rows])


def _as_json(pages: list[Page], _: bool) -> str:
    data = {"format_version": 1, "codes": [_data(page) for page in pages]}
    return json.dumps(data, ensure_ascii=False)


def _data(page: Page) -> dict[str, object]:
    """A page as data for other programs."""

    def example(shown: Example) -> dict[str, object]:
        return {"rules": shown.rules, "files": dict(shown.files)}

    return {
        "code": page.code,
        "title": page.title,
        "family": family(page.code),
        "summary": page.summary,
        "avoid": example(page.avoid),
        "prefer": example(page.prefer),
        "why": page.why,
    }


def _title(text: str, bold: bool) -> str:
    return f"{_BOLD}{text}{_PLAIN}" if bold else text


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _indented(text: str) -> str:
    return textwrap.indent(text.rstrip("\n"), "    ")
