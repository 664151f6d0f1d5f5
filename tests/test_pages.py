"""The pages of the diagnostics: one for each code, each true, and `leadrules rule` shows them."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from leadrules.model.page import FAMILIES, Example, Page
from leadrules.shell import pages
from leadrules.shell.cli import cli

ROOT = Path(__file__).parents[1]
# How the rules of a page are called; the files that they name stand beside them.
RULES = "example.rules"
# Sample leads that a page is checked with, for what only leads can show.
LEADS = "leads.jsonl"

CODES = {
    code: title
    for table in sorted(ROOT.glob("leadrules/*/codes.py"))
    for code, title in importlib.import_module(f"leadrules.{table.parent.name}.codes").CODES.items()
}


def page_of(code: str) -> Page:
    return pages.page_of(code)


def found_in(example: Example, folder: Path) -> list[str]:
    """The codes of all that `check` finds in an example."""
    assert example.rules is not None
    for name, text in {**dict(example.files), RULES: example.rules}.items():
        (folder / name).write_text(text, encoding="utf-8")
    leads = ["--leads", str(folder / LEADS)] if LEADS in dict(example.files) else []
    result = command("check", *leads, str(folder / RULES))
    assert result.exit_code in (0, 1), result.output
    return re.findall(r"^(?:error|warning)\[(LR\d{3})\]", result.output, flags=re.MULTILINE)


def command(*arguments: str) -> Result:
    """What a command prints and how it leaves."""
    return CliRunner().invoke(cli, [*arguments, "--color", "never"])


# --- each code has its page ------------------------------------------------------------


def test_the_tables_of_codes_were_seen() -> None:
    assert len(CODES) > 100
    assert {code[:3] for code in CODES} <= set(FAMILIES)


def test_each_code_has_a_page_and_each_page_a_code() -> None:
    assert pages.codes() == sorted(CODES)


@pytest.mark.parametrize("code", pages.codes())
def test_a_page_is_well_formed_and_has_the_title_of_its_code(code: str) -> None:
    page = page_of(code)
    assert (page.code, page.title) == (code, CODES[code])
    assert max(map(len, pages.text_of(code).splitlines())) <= 100
    for said in (page.summary, page.why):
        assert said.endswith((".", ":", "?"))
    assert page.avoid != page.prefer


@pytest.mark.parametrize("code", pages.codes())
def test_what_a_page_avoids_is_found(code: str, tmp_path: Path) -> None:
    example = page_of(code).avoid
    if example.rules is None:
        assert example.without
    else:
        assert set(found_in(example, tmp_path)) == {code}


@pytest.mark.parametrize("code", pages.codes())
def test_in_what_a_page_prefers_nothing_is_found(code: str, tmp_path: Path) -> None:
    example = page_of(code).prefer
    if example.rules is None:
        assert example.without
    else:
        assert found_in(example, tmp_path) == []


GOOD = """# LR104: t

s.

## Avoid

```rules
a +1
```

## Prefer

```rules
b +1
```

## Why

w.
"""


def test_a_page_is_read_into_its_parts() -> None:
    page = pages.parse_page(GOOD)
    assert page == Page("LR104", "t", "s.", Example("a +1\n"), Example("b +1\n"), "w.")
    files = GOOD.replace(
        "```rules\na", "```json schema\n{}\n```\n\n```text file=x.txt\ny\n```\n\n```rules\na"
    )
    page = pages.parse_page(files)
    assert page.avoid.files == (("lead.schema.json", "{}\n"), ("x.txt", "y\n"))
    assert page.prefer.files == page.avoid.files
    without = pages.parse_page(GOOD.replace("```rules\na +1\n```", "(no example: too\nlong)"))
    assert without.avoid == Example(None, (), "too long")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LR104", "LR1045"),
        ("## Why\n\nw.\n", ""),
        ("s.\n", "s.\n\nmore.\n"),
        ("```rules\na +1\n```", "a +1"),
        ("```rules\na +1\n```", "```rules\na +1\n```\n\nwords"),
        ("```rules\na +1\n```", "```rules\na +1\n```\n\n```rules\na +1\n```"),
        ("```rules\na", "```text\na"),
    ],
)
def test_a_page_that_is_written_otherwise_is_refused(old: str, new: str) -> None:
    with pytest.raises(pages.Malformed):
        pages.parse_page(GOOD.replace(old, new, 1))


# --- leadrules rule --------------------------------------------------------------------


@pytest.mark.parametrize("wanted", ["LR104", "lr104", "104", " LR104 "])
def test_a_page_is_shown(wanted: str) -> None:
    shown = command("rule", wanted)
    assert shown.exit_code == 0
    assert shown.output.startswith("LR104: a name that nothing declares\n")
    for part in ("Avoid", "Prefer", "Why"):
        assert f"\n\n{part}\n\n" in shown.output
    assert max(map(len, shown.output.splitlines())) <= 88


def test_a_page_is_shown_as_it_is_written() -> None:
    assert command("rule", "LR104", "--format", "markdown").output == pages.text_of("LR104")


def test_a_page_is_shown_as_data() -> None:
    data = json.loads(command("rule", "LR104", "--format", "json").output)
    assert list(data) == [
        "format_version", "code", "title", "family", "summary", "avoid", "prefer", "why",
    ]  # fmt: skip
    assert data["avoid"]["rules"] == page_of("LR104").avoid.rules


def test_colour_is_for_titles() -> None:
    shown = CliRunner().invoke(cli, ["rule", "LR104", "--color", "always"]).output
    assert re.findall(r"\x1b\[1m(.+?)\x1b\[0m", shown)[1:] == ["Avoid", "Prefer", "Why"]


@pytest.mark.parametrize("code", pages.codes())
def test_every_page_can_be_shown(code: str) -> None:
    shown = command("rule", code)
    assert shown.exit_code == 0
    for example in (page_of(code).avoid, page_of(code).prefer):
        for line in (example.rules or "").splitlines():
            assert line in shown.output


def test_without_a_code_all_are_listed() -> None:
    listed = command("rule").output
    for code in pages.codes():
        assert f"  {code}  {CODES[code]}\n" in listed
    table = command("rule", "--format", "markdown").output
    assert len(table.splitlines()) == 2 + len(pages.codes())
    data = json.loads(command("rule", "--format", "json").output)
    assert [page["code"] for page in data["codes"]] == pages.codes()


@pytest.mark.parametrize(
    ("wanted", "close"),
    [
        ("LR140x", "LR140"),
        ("LR1004", "LR104"),
        ("LR2", "LR201"),
        ("circle", "LR109"),
        ("E104", "LR104"),
    ],
)
def test_an_unknown_code_has_some_close_to_it(wanted: str, close: str) -> None:
    result = command("rule", wanted)
    assert (result.exit_code, result.output) == (1, "")
    assert f"there is no code `{wanted}`; close to it:" in str(result.exception)
    assert f"\n  {close}" in str(result.exception)


@pytest.mark.parametrize("wanted", ["xyzzy", "LR999", "", "LR", "a"])
def test_what_is_close_to_nothing_is_sent_to_the_list(wanted: str) -> None:
    assert str(command("rule", wanted).exception) == (
        f"there is no code `{wanted}`\n`leadrules rule` lists all codes"
    )


# --- docs/diagnostics.md ---------------------------------------------------------------

DIAGNOSTICS = ROOT / "docs" / "diagnostics.md"
INDEX, COMPARISON = "## All codes\n", "## Beside other tools\n"


def indexed(text: str) -> str:
    """The text of `docs/diagnostics.md` with the index of all codes made anew."""
    before, _, rest = text.partition(INDEX)
    behind = rest[rest.index(COMPARISON) :]
    tables = []
    for beginning, title in FAMILIES.items():
        codes = [code for code in pages.codes() if code.startswith(beginning)]
        rows = [f"| [{c}](../leadrules/pages/{c}.md) | {page_of(c).title} |\n" for c in codes]
        tables.append(
            f"### {title}: {beginning}xx\n\n| code | what |\n|---|---|\n{''.join(rows)}\n"
        )
    return f"{before}{INDEX}\n{''.join(tables)}{behind}"


def test_the_index_has_all_codes() -> None:
    """How to make it anew stands in CONTRIBUTING.md, "Add a diagnostic"."""
    text = DIAGNOSTICS.read_text(encoding="utf-8")
    assert text == indexed(text)


def test_each_code_is_compared_once() -> None:
    compared = DIAGNOSTICS.read_text(encoding="utf-8").partition(COMPARISON)[2]
    seen: list[int] = []
    for row in re.findall(r"^\|[^|]+\|([^|]*LR[^|]*)\|", compared, flags=re.MULTILINE):
        for first, last in re.findall(r"LR(\d+)(?: to LR(\d+))?", row):
            numbers = range(int(first), int(last or first) + 1)
            seen += [number for number in numbers if f"LR{number:03}" in CODES]
    assert sorted(f"LR{number:03}" for number in seen) == sorted(CODES)
