"""`leadrules check --leads`: what a sample of leads says about the rules."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from leadrules.shell import sample
from leadrules.shell.cli import cli
from leadrules.shell.codes import CODES
from leadrules.shell.outcome import Stop

DATA = Path(__file__).parent / "data"
AS_OF = "2026-11-22"

LEADS: list[dict[str, Any]] = [
    {
        "industry": "SaaS GmbH" if n < 12 else "Retail" if n < 18 else f"Firm {n}",
        "company": {"employees": n, "country": "FR"},
        "tags": ["art", "music"],
        "budget": 100 * n,
        "opted_in": n % 2 == 0,
        "events": [
            {"type": "demo_requested", "at": "2026-11-20", "url": f"/page/{n}", "channel": "web"}
        ],
    }
    for n in range(20)
]
# What the help says behind the finding is in parentheses.
FOUND = """
budgett > 5 +1  #~ LR401 (did you mean `budget`? 20 have it)
country = FR +1  #~ LR401 (did you mean `company.country`? 20 have it)
turnover > 5 +1  #~ LR401 (there is `
demo_requested where ulr contains page +1  #~ LR401 (did you mean `url`?
---
industry = SaaS +1  #~ LR402 (there is `SaaS GmbH` (12))
industry = saas_gmbh +1  #~ LR402 (there is `SaaS GmbH` (12))
industry = Banking +1  #~ LR402 (there is `SaaS GmbH` (12), `Retail` (6))
industry in [Banking, Insurance] +1  #~ LR402 LR402
industry in [Retail, Retale] +1  #~ LR402 (there is `Retail` (6))
industry starts with aaS +1  #~ LR402
industry contains bank +1  #~ LR402
tags contains painting +1  #~ LR402 (there is `art` (20), `music` (20))
band industry { SaaS +1; Retail +2; otherwise +0 }  #~ LR402
demo_requested where channel = mail +1  #~ LR402 (there is `web` (20))
---
list banks = [Banking, Insurance]  #~ LR402 LR402
industry in banks +1
---
demo_request +1  #~ LR403 (did you mean `demo_requested`? it happened 20 times)
webinar +1  #~ LR403 (there is `demo_requested` (20))
each page_view +1  #~ LR403
no reply for 30d -> cold  #~ LR403
---
budget > 100_000 +1  #~ LR404 (it is false for 20, and unknown for 0)
demo_requested within 1h +1  #~ LR404
each demo_requested within 1h +1  #~ LR404
score >= 900 -> SQL  #~ LR404
budget >= 0 +1  #~ LR405
each demo_requested +2  #~ LR405
exclude budget < 0  #~ LR404
---
define large = budget > 100_000
large +1  #~ LR404
define bank = industry = Banking and budget > 5  #~ LR402
bank +1
define known_bank = industry_code = 5  #~ LR401
known_bank -> hot
---
(budget / company.turnover) > 5 +1  #~ LR401
---
opted_in = yes +1  #~ LR407
"""
NOT_FOUND = """
budget > 500 +1
industry in ["SaaS GmbH", Retail, Banking] +1
industry = RETAIL +1
industry contains aas +1
industry like "x*" or budget > 500 +1
tags contains art and budget > 500 +1
demo_requested where url contains "/page/1" +1
band budget { 0..<500 +1; 500..<900 +2; 900..99_999 +3; 100_000.. +4 }
budget > 1_000 -> hot
otherwise -> cold
---
list big = [Banking, Retail]
industry in big +1
"""


def check(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["check", *arguments], catch_exceptions=False)


def write(folder: Path, rules: str, leads: Sequence[object] | None = None) -> tuple[str, str]:
    """The names of a rule file and of a file of leads."""
    made = [{"id": n, **lead} for n, lead in enumerate(LEADS)] if leads is None else leads
    path, sample = folder / "test.rules", folder / "leads.jsonl"
    path.write_text(rules, encoding="utf-8")
    sample.write_text("".join(json.dumps(lead) + "\n" for lead in made), encoding="utf-8")
    return str(path), str(sample)


def found(folder: Path, rules: str, *arguments: str) -> list[tuple[int, str, str]]:
    """The line, the code and the help of each finding of the leads."""
    path, leads = write(folder, rules)
    done = check(path, "--leads", leads, "--as-of", AS_OF, "--format", "json", *arguments)
    return [
        (finding["start"]["line"], finding["code"], finding["help"] or "")
        for finding in json.loads(done.stdout)["findings"]
        if finding["code"] >= "LR4"
    ]


@pytest.mark.parametrize("chunk", FOUND.removeprefix("\n").split("---\n"))
def test_what_is_found(tmp_path: Path, chunk: str) -> None:
    expected, helps = [], []
    for number, line in enumerate(chunk.splitlines(), 1):
        marks = line.partition("#~ ")[2]
        expected += [(number, code) for code in re.findall(r"LR\d{3}", marks)]
        helps += re.findall(r"\((.*?)\)?$", marks)
    told = found(tmp_path, chunk)
    assert [(line, code) for line, code, _ in told] == expected
    for help in helps:
        assert any(help in said for _, _, said in told), help


@pytest.mark.parametrize("chunk", NOT_FOUND.removeprefix("\n").split("---\n"))
def test_what_is_not_found(tmp_path: Path, chunk: str) -> None:
    assert found(tmp_path, chunk) == []


def test_every_code_is_provoked() -> None:
    assert set(re.findall(r"LR4\d\d", FOUND)) | {"LR406"} == set(CODES)


def test_a_rule_that_nobody_can_tell(tmp_path: Path) -> None:
    leads = [{"id": n, **({"a": 1} if n % 2 else {"b": 2})} for n in range(30)]
    path, name = write(tmp_path, "(a / b) > 5 +1\n", leads)
    out = check(path, "--leads", name).stdout
    assert out.count("[LR4") == 1
    assert "[LR406]: for 30 of 30 leads nobody can tell" in out
    assert "missing: " in out


def test_a_misspelt_name_is_told_once(tmp_path: Path) -> None:
    """By itself the checker only guesses."""
    rules = "budget > 500 +1\nbudget < 900 +1\nbudgett > 5 +1\n"
    assert [code for _, code, _ in found(tmp_path, rules)] == ["LR401"]
    assert "LR202" in check(str(tmp_path / "test.rules")).stdout
    path, leads = write(tmp_path, rules)
    assert "LR202" not in check(path, "--leads", leads).stdout


def test_what_was_counted_is_said(tmp_path: Path) -> None:
    leads: list[object] = [{"id": n, **lead} for n, lead in enumerate(LEADS)]
    leads += [{"id": 1}, {"id": 50, "budget": "much"}, {"id": 51, "budget": "more"}, [5], {}]
    leads += [{"id": 60, "budget": -5}]
    path, name = write(tmp_path, "exclude budget < 0\nbudget > 500 +1\nturnover > 5 +1\n", leads)
    done = check(path, "--leads", name, "--as-of", AS_OF)
    assert done.stderr.splitlines()[:5] == [
        f"looked at 26 leads of {name} as of 2026-11-22T00:00:00Z: 20 scored, 1 excluded, "
        "5 would be set aside",
        "  2 set aside: a field holds another kind of value than the rules need (`budget`)",
        "  1 set aside: an earlier record has the same id",
        "  1 set aside: the record is json, but not an object in braces",
        "  1 set aside: the record has no id, or a blank one",
    ]
    assert (
        "warning[LR407]: 2 of 26 leads would be set aside: `budget` is not a number" in done.stdout
    )
    assert "much" not in done.output
    table = check(path, "--leads", name, "-v").stderr
    assert "       1       20        0  budget < 0\n" in table
    assert "      14        6        0  budget > 500\n" in table
    assert "       0        0       20  turnover > 5  (missing: turnover 20)\n" in table
    assert check(path, "--leads", name, "-q").stderr == ""


def test_few_leads_prove_nothing(tmp_path: Path) -> None:
    leads = [{"id": n, "budget": 5} for n in range(9)]
    path, name = write(tmp_path, "budgett > 5 +1 # leadrules: allow LR401 because so\n", leads)
    done = check(path, "--leads", name)
    assert done.stdout == ""
    assert "too few to find anything missing: 10 leads at least" in done.stderr


def test_a_finding_of_the_leads_can_be_excused(tmp_path: Path) -> None:
    rules = "budget > 900_000 +1 # leadrules: allow LR404 because such leads are rare\n"
    assert found(tmp_path, rules) == []
    assert check(str(tmp_path / "test.rules")).stdout == ""
    path, leads = write(tmp_path, rules.replace("900_000", "900"))
    assert "LR212" in check(path, "--leads", leads).stdout


def test_only_the_first_leads_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "MOST", 15)
    path, leads = write(tmp_path, "budget > 500 +1\n")
    assert "looked at the first 15 leads of " in check(path, "--leads", leads).stderr
    monkeypatch.setattr(sample, "MOST", 20)
    assert "looked at 20 leads of " in check(path, "--leads", leads).stderr


@pytest.mark.parametrize("kind", ["array", "gzip", "zstd"])
def test_leads_come_in_all_their_forms(tmp_path: Path, kind: str) -> None:
    import zstandard

    path, leads = write(tmp_path, "budget > 500 +1\n")
    content = Path(leads).read_bytes()
    if kind == "array":
        content = b"[" + b",\n".join(content.splitlines()) + b"]"
    elif kind == "gzip":
        content = gzip.compress(content)
    else:
        content = zstandard.compress(content)
    Path(leads).write_bytes(content)
    assert "looked at 20 leads of " in check(path, "--leads", leads).stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot read "), (b"[{}, ", "cannot read "), (b"\x1f\x8bxx", "cannot read ")],
)
def test_leads_that_cannot_be_read(tmp_path: Path, content: bytes | None, said: str) -> None:
    path, leads = write(tmp_path, "budget > 500 +1\n")
    Path(leads).unlink()
    if content is not None:
        Path(leads).write_bytes(content)
    with pytest.raises(Stop, match=said) as stopped:
        check(path, "--leads", leads)
    assert stopped.value.code == 3


def test_no_leads_at_all(tmp_path: Path) -> None:
    path, leads = write(tmp_path, "budget > 500 +1\n", [])
    assert "looked at 0 leads of " in check(path, "--leads", leads).stderr


def test_rules_with_errors_are_not_tried(tmp_path: Path) -> None:
    path, leads = write(tmp_path, "budget > 500 -> SQLL\n")
    done = check(path, "--leads", leads)
    assert done.exit_code == 1
    assert "looked at" not in done.stderr


@pytest.mark.parametrize("folder", ["b2b", "hubspot", "marketo"])
def test_the_questions_about_real_leads_ask_for_what_there_is(folder: str) -> None:
    """What nobody has is asked for on purpose there, and found."""
    leads = str(DATA / folder / "leads.jsonl")
    out = check(str(DATA / folder / "questions.rules"), "--leads", leads, "--as-of", AS_OF).stdout
    assert not re.findall(r"\[(LR40[123])\]", out)


def test_real_leads_know_a_misspelt_value(tmp_path: Path) -> None:
    rules = "company.client = Curent +1\ncompany.sise = Big +1\ndeal.up_sale = Y +1\n"
    path = tmp_path / "test.rules"
    path.write_text(rules, encoding="utf-8")
    out = check(str(path), "--leads", str(DATA / "b2b" / "leads.jsonl")).stdout
    assert "no lead has `Curent` in `company.client`" in out
    assert "there is `Current` (286)" in out
    assert "did you mean `company.size`? 448 have it" in out
    assert "there is `Yes` (241)" in out
