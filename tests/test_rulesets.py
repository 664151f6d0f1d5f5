"""The rulesets that ship: they compile without a word, and their cases hold on every engine."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from leadrules.cases.coverage import coverage
from leadrules.cases.leads import Ready, write_out
from leadrules.cases.read import CaseFile, read_cases
from leadrules.cases.run import run_cases
from leadrules.cases.trial import faults_of, try_cases
from leadrules.model.program import Dimension, Program, rules_of
from leadrules.shell.rules import Compiled, compile_source, drawn, open_rules
from tests.doors import ENGINES, Engine, score_lines

ROOT = Path(__file__).parents[1]
RULESETS = ROOT / "rulesets"
FOLDERS = sorted(
    readme.parent for readme in RULESETS.glob("**/README.md") if readme.parent != RULESETS
)

# Labels that no lead can have, and why.
OUT_OF_REACH = {
    # The one line gives 40 points; its page says so.
    "quickstart": {("stage", "SQL")},
}


def name_of(folder: Path) -> str:
    return folder.relative_to(RULESETS).as_posix()


@cache
def compiled(folder: Path) -> Compiled:
    """A ruleset: the rule file that is called like its folder."""
    path = folder / f"{folder.name}.rules"
    return compile_source(open_rules(str(path), sys.stdin))


@cache
def program_of(folder: Path) -> Program:
    program = compiled(folder).program
    assert program is not None
    return program


@cache
def cases_of(folder: Path) -> CaseFile:
    path = folder / "cases.yaml"
    found = read_cases(str(path), path.read_text(encoding="utf-8"))
    assert not found.faults
    assert found.cases
    return found


@cache
def written_out(folder: Path) -> tuple[Ready, ...]:
    file = cases_of(folder)
    return tuple(write_out(program_of(folder), case, file.marked) for case in file.cases)


@cache
def results(folder: Path) -> list[dict[str, Any]]:
    """What comes of the cases, in their order."""
    found = run_cases(program_of(folder), written_out(folder), "reference")
    return [dict(result.keys) for result in found]


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_compiles_without_a_word(folder: Path) -> None:
    found = compiled(folder)
    assert found.program is not None, drawn(found.diagnostics, color=False)
    assert not found.diagnostics, drawn(found.diagnostics, color=False)


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_is_about_its_own_rules(folder: Path) -> None:
    assert cases_of(folder).rules == f"{folder.name}.rules"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_every_case_holds(folder: Path, engine: Engine) -> None:
    file = cases_of(folder)
    tried, _ = try_cases(program_of(folder), file, file.cases, engine)
    assert len(tried) == len(file.cases)
    assert [f"{one.name}: {one.message}" for one in tried if not one.ok] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_the_points_shown_add_up(folder: Path) -> None:
    scored = [result for result in results(folder) if "fired" in result]
    assert scored
    for result in scored:
        shown = sum(Decimal(str(item["points"])) for item in result["fired"])
        assert shown == Decimal(str(result["score"])), result


def test_the_case_on_the_page_holds() -> None:
    """The example of `rulesets/README.md`, which is about `b2b`."""
    page = (RULESETS / "README.md").read_text("utf-8")
    file = read_cases("page", page.partition("```yaml\n")[2].partition("```")[0])
    tried, _ = try_cases(program_of(RULESETS / "b2b"), file, file.cases, "reference")
    assert [one.message for one in [*tried, *faults_of(file)]] == [""]


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_every_label_has_a_case(folder: Path) -> None:
    program = program_of(folder)
    given = {
        (key, value)
        for case in cases_of(folder).cases
        for key, value in case.expect.items()
        if isinstance(value, str)
    }
    possible = {
        (dimension.name, rule.label)
        for dimension in program.dimensions
        if isinstance(dimension, Dimension)
        for rule in dimension.rules
    }
    reasons = {("excluded", aside.reason) for aside in program.exclusions}
    assert (possible | reasons) - given == OUT_OF_REACH.get(name_of(folder), set())


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_every_rule_fires_in_a_case(folder: Path) -> None:
    program = program_of(folder)
    fired = {item["rule"] for result in results(folder) for item in result.get("fired", ())}
    rules = {rule.name for block in program.blocks for rule in rules_of(block.items)}
    assert rules
    assert not rules - fired


@pytest.mark.parametrize("name", ["inbound", "b2b"])
def test_nothing_is_left_to_show(name: str) -> None:
    """Each rule true, false and unknown, each threshold at it and beside it, each label."""
    folder = RULESETS / name
    file = cases_of(folder)
    _, leads = try_cases(program_of(folder), file, file.cases, "reference")
    found = coverage(name, program_of(folder), leads)
    assert found.wanted > 150
    assert [goal for goal in found.goals if goal.never] == []


SAMPLES = [folder for folder in FOLDERS if (folder / "leads.jsonl").exists()]


@pytest.mark.parametrize("folder", SAMPLES, ids=name_of)
def test_sample_leads_are_scored(folder: Path) -> None:
    lines = (folder / "leads.jsonl").read_bytes().splitlines()
    program = program_of(folder)
    as_of = written_out(folder)[0].as_of
    by_engine = [score_lines(program, lines, as_of, engine) for engine in ENGINES]
    assert not by_engine[0].quarantined
    assert len(by_engine[0].scored) == len(lines)
    assert by_engine[0].scored == by_engine[1].scored


def test_duplicates_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `duplicates.sql` finds is what the sample leads of `b2b` have in their fields."""
    folder = RULESETS / "b2b"
    monkeypatch.chdir(folder)
    with duckdb.connect() as connection:
        found = connection.execute((folder / "duplicates.sql").read_text("utf-8")).fetchall()
    lines = (folder / "leads.jsonl").read_text("utf-8").splitlines()
    leads = [json.loads(line) for line in lines]
    marked = {lead["id"]: lead.get("duplicate_of") for lead in leads}
    others = {lead["id"]: lead.get("company", {}).get("open_leads", 0) for lead in leads}
    assert {id_: original for id_, original, _ in found} == marked
    assert {id_: count or 0 for id_, _, count in found} == others
    assert any(marked.values())
    assert any(others.values())


def test_there_are_rulesets() -> None:
    names = {name_of(folder) for folder in FOLDERS}
    assert names >= {"quickstart", "inbound", "b2b", "models/gitlab-person-score"}
    rules = {path.parent for path in RULESETS.glob("**/*.rules")}
    assert rules == set(FOLDERS), "a folder with rules has a README.md"
