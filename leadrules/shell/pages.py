"""The pages of all diagnostics, read from the package.

A page is `leadrules/pages/LR104.md`, written like this, and in no other way:

    # LR104: its title
    What is wrong, in a paragraph.
    ## Avoid
    A ```rules block that provokes it.
    ## Prefer
    A ```rules block that does not.
    ## Why
    A paragraph.

Files that the rules need stand in blocks before them: ```json schema is `lead.schema.json`, and
```text file=NAME a file of that name. They hold for the blocks further down, too. Where no
rules can show it, the reason stands there instead: `(no example: …)`.
"""

from __future__ import annotations

import re
from pathlib import Path

from leadrules.model.page import Example, Page

FOLDER = Path(__file__).resolve().parent.parent / "pages"
SCHEMA_FILE = "lead.schema.json"

_PARTS = re.compile(
    r"# (?P<code>LR\d{3}): (?P<title>[^\n]+)\n\n(?P<summary>.+?)\n\n"
    r"## Avoid\n\n(?P<avoid>.+?)\n\n## Prefer\n\n(?P<prefer>.+?)\n\n## Why\n\n(?P<why>.+)\n",
    re.DOTALL,
)
_BLOCK = re.compile(r"```(?P<info>[^\n]+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_WITHOUT = re.compile(r"\(no example: (?P<reason>.+)\)", re.DOTALL)


class Malformed(Exception):
    """A page that is not written as this module's docstring says."""


def codes() -> list[str]:
    """All codes that have a page, in order."""
    return sorted(path.stem for path in FOLDER.glob("LR*.md"))


def text_of(code: str) -> str:
    """A page as it is written. Raises FileNotFoundError when there is none."""
    return (FOLDER / f"{code}.md").read_text(encoding="utf-8")


def page_of(code: str) -> Page:
    """The page of a code such as `LR104`. Raises FileNotFoundError when there is none."""
    return parse_page(text_of(code))


def parse_page(text: str) -> Page:
    """Reads a page. Raises Malformed."""
    parts = _PARTS.fullmatch(text)
    if parts is None:
        raise Malformed("a page has a title, a summary, and the parts Avoid, Prefer and Why")
    avoid = _example(parts["avoid"], ())
    prefer = _example(parts["prefer"], avoid.files)
    summary, why = _paragraph(parts["summary"]), _paragraph(parts["why"])
    return Page(parts["code"], parts["title"], summary, avoid, prefer, why)


def _example(text: str, files: tuple[tuple[str, str], ...]) -> Example:
    """The rules of a part, with the files given here and those from further up."""
    if without := _WITHOUT.fullmatch(text):
        return Example(None, files, _paragraph(without["reason"]))
    if _BLOCK.sub("", text).strip():
        raise Malformed("between the blocks of an example nothing stands")
    known = dict(files)
    rules: str | None = None
    for block in _BLOCK.finditer(text):
        match block["info"].partition(" "):
            case ["rules", "", ""] if rules is None:
                rules = block["text"]
            case ["json", " ", "schema"]:
                known[SCHEMA_FILE] = block["text"]
            case [_, " ", name] if name.startswith("file="):
                known[name.removeprefix("file=")] = block["text"]
            case _:
                raise Malformed(f"an example has no place for ```{block['info']}")
    if rules is None:
        raise Malformed("an example has a block ```rules")
    return Example(rules, tuple(known.items()))


def _paragraph(text: str) -> str:
    if "\n\n" in text or "```" in text or "\n#" in text:
        raise Malformed("what is said of a mistake is one paragraph")
    return " ".join(text.split())
