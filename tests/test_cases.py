"""`leadrules test`: how cases are read, tried and told of, and how the command leaves.

The cases of the rulesets that ship are in `test_rulesets.py`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from leadrules.cases.leads import Wrong, write_out
from leadrules.cases.read import read_cases, schema
from leadrules.cases.yaml_text import BadYaml, Dumper, read_yaml
from leadrules.model.lead import CODES
from leadrules.shell.cli import cli
from tests.doors import ENGINES, Engine, compile_text

ROOT = Path(__file__).parents[1]
SHIPPED = sorted((ROOT / "rulesets").glob("**/cases.yaml"))

RULES = """
exclude domain(email) in [rival.example] "a rival"

score fit max 30 {
  country = FR                   +10
  band employees { 1..49 +5; 50..249 +20 }
}
score engagement half-life 30d {
  demo_request within 90d        +40
  each webinar at most 1 per day +10 max 20
}
group "extras" max 5 { newsletter +5; podcast +5 }
checklist BANT {
  budget: budget >= 5000
  need:   need known
}
score >= 60 and BANT >= 1        -> SQL   "ready"
score >= 30                      -> MQL
classify grade { fit >= 20 -> A; otherwise -> B }
classify level { engagement >= 20 -> 1; otherwise -> 2 }
combine tier = grade, level
"""
TOP = "rules: r.rules\nas_of: 2026-11-22T00:00:00Z\n"


class Place:
    """A folder with rules, to write cases into and to run the command in."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        monkeypatch.chdir(folder)
        self.write("r.rules", RULES)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(cli, ["test", *arguments])

    def told(self, cases: str, *arguments: str) -> str:
        """What the command prints on its standard output about some cases."""
        self.write("cases.yaml", TOP + "cases:\n" + cases)
        return self.run("cases.yaml", "-q", *arguments).stdout


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(tmp_path, monkeypatch)


def command(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "leadrules", "test", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )


# --- what is printed, and how the command leaves -----------------------------------

GOOD = """
  - name: a demo
    lead: {email: ada@sohn.example, events: {demo_request: 0d ago}}
    expect: {score: 40, stage: MQL}
"""
BAD = """
  - name: asks too much
    lead: {country: FR, employees: 60, need: Shifts, events: {demo_request: 30d ago}}
    expect:
      score: 70
      stage: SQL
      fired: {country = FR: 10, demo_request within 90d: 40, newsletter: 5, podcast: no}
"""
BAD_TOLD = """\
FAIL cases.yaml:8  asks too much
    score: expected 70, got 50
      +10 country = FR
      +20 employees in 50..249
      +20 demo_request within 90d (earned 40; half-life 30d)
    stage: expected SQL, got MQL
      decided by `score >= 30 -> MQL`
      `score >= 60 and BANT >= 1 -> SQL` is false: score is 50
    fired.demo_request within 90d: expected 40, got 20
      +20 demo_request within 90d (earned 40; half-life 30d)
    fired.newsletter: expected 5, got no
      `newsletter` is false: no newsletter
"""


def test_cases_that_hold(place: Place) -> None:
    place.write("cases.yaml", TOP + "cases:" + GOOD)
    done = command(cwd=place.folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "1 case: 1 passed\n")


def test_a_case_that_does_not_hold(place: Place) -> None:
    place.write("cases.yaml", TOP + "cases:" + GOOD + BAD)
    done = command(cwd=place.folder)
    assert done.returncode == 1
    assert done.stdout == BAD_TOLD
    assert done.stderr == "2 cases: 1 passed, 1 failed\n"


def test_colour(place: Place) -> None:
    place.write("cases.yaml", TOP + "cases:" + BAD)
    plain = place.run().stdout
    assert "\x1b" not in plain
    colored = place.run("--color", "always").stdout
    assert "expected \x1b[32m70\x1b[0m, got \x1b[31m50\x1b[0m" in colored
    assert command(cwd=place.folder, FORCE_COLOR="1").stdout == colored
    assert command(cwd=place.folder, FORCE_COLOR="1", NO_COLOR="1").stdout == plain


def test_both_engines_tell_the_same(place: Place) -> None:
    cases = GOOD + BAD + "  - {name: bad, lead: {id: [], budget: a lot}, expect: {score: 0}}\n"
    by_engine = [place.told(cases, "--engine", engine) for engine in ENGINES]
    assert by_engine[0] == by_engine[1]
    assert "FAIL cases.yaml:9" in by_engine[0]


@pytest.mark.parametrize("engine", ENGINES)
def test_an_id_can_be_there_twice(place: Place, engine: Engine) -> None:
    cases = "".join(
        f"  - {{name: {n}, lead: {{id: L-1, budget: {budget}}}, expect: {expect}}}\n"
        for n, budget, expect in [
            (1, 6000, "{checklists: {BANT: {met: [budget]}}}"),
            (2, "[]", "{quarantined: wrong_type}"),
            (3, 5, "{checklists: {BANT: {unmet: [budget], unknown: [], met: []}}}"),
        ]
    )
    told = place.told(cases, "--engine", engine)
    assert "checklists.BANT.unknown: expected [], got []" not in told
    assert told == place.told(cases)


def test_part_of_a_name(place: Place) -> None:
    place.write("cases.yaml", TOP + "cases:" + GOOD + BAD)
    assert place.run("-k", "demo").exit_code == 0
    assert place.run("-k", "asks").exit_code == 1
    nothing = place.run("-k", "nobody")
    assert nothing.exit_code == 1


@pytest.mark.parametrize(
    ("files", "arguments", "said"),
    [
        ({}, (), "nothing was tested: there are no cases in ."),
        ({"cases.yaml": TOP + "cases: []\n"}, (), "nothing was tested: there are no cases in ."),
        (
            {"cases.yaml": TOP + "cases:" + GOOD},
            ("-k", "x"),
            "nothing was tested: there are no cases with `x` in their names in .",
        ),
        ({"other.cases.yaml": TOP + "cases:" + GOOD}, ("s.rules",), "in s.rules"),
    ],
)
def test_an_empty_run_fails(
    place: Place, files: dict[str, str], arguments: tuple[str, ...], said: str
) -> None:
    place.write("s.rules", "a +1\n")
    for name, text in files.items():
        place.write(name, text)
    done = command(*arguments, cwd=place.folder)
    assert done.returncode == 1
    assert done.stdout == ""
    assert said in done.stderr


def test_where_cases_are_looked_for(place: Place) -> None:
    cases = TOP + "cases:" + GOOD
    place.write("s.rules", "a +1\n")
    for name in ("cases.yaml", "more.cases.yaml", "other.yaml", ".venv/cases.yaml"):
        place.write(name, cases)
    place.write("deep/down/cases.yaml", cases.replace("r.rules", "../../s.rules"))

    def tried(*arguments: str) -> list[str]:
        done = place.run("--format", "json", *arguments)
        return [case["file"] for case in json.loads(done.stdout)["cases"]]

    assert tried() == ["cases.yaml", "more.cases.yaml", "deep/down/cases.yaml"]
    assert tried("r.rules") == ["cases.yaml", "more.cases.yaml"]
    assert tried("other.yaml", "other.yaml", "./other.yaml") == ["other.yaml"]
    assert tried("deep") == ["deep/down/cases.yaml"]


@pytest.mark.parametrize("name", ["nowhere.yaml", "nowhere.rules", "nowhere"])
def test_a_file_that_cannot_be_read(place: Place, name: str) -> None:
    done = command(name, cwd=place.folder)
    assert done.returncode == 3
    assert done.stderr.startswith(f"cannot read {name}")


def test_text_that_is_no_text(place: Place) -> None:
    (place.folder / "cases.yaml").write_bytes(b"\xff\xfe")
    done = place.run()
    assert "cannot read cases.yaml: it is not UTF-8 text" in str(done.exception)


def test_reports(place: Place) -> None:
    place.write("cases.yaml", TOP + "cases:" + GOOD + BAD)
    done = place.run("--format", "github", "--report", "junit=out.xml", "--report", "json=out.json")
    assert done.exit_code == 1
    assert done.stdout.startswith("::error file=cases.yaml,line=8,title=asks too much::score")
    assert 'tests="2" failures="1"' in (place.folder / "out.xml").read_text("utf-8")
    counts = json.loads((place.folder / "out.json").read_text("utf-8"))["counts"]
    assert counts == {"passed": 1, "failed": 1, "error": 0}


def test_reports_write_over_nothing_that_was_read(place: Place) -> None:
    place.write("cases.yaml", TOP + "cases:" + GOOD)
    for name in ("cases.yaml", "r.rules"):
        done = command("--report", f"json={name}", cwd=place.folder)
        assert done.returncode == 2
        assert "one of the files that were read" in done.stderr
    assert (place.folder / "r.rules").read_text("utf-8") == RULES


# --- what a failure says -----------------------------------------------------------


@pytest.mark.parametrize(
    ("lead", "expect", "told"),
    [
        ("country: DE", "score: 0", []),
        ("country: DE", "stage: null, grade: B, level: 2, tier: B2", []),
        ("country: FR", "scores: {fit: 10, engagement: 0}, fired: {country = FR: 10}", []),
        (
            "country: FR",
            "scores: {fit: 30}",
            [
                "scores.fit: expected 30, got 10",
                "  +10 country = FR",
                "  `employees in 50..249` is unknown: employees is missing",
            ],
        ),
        (
            "country: FR, employees: 60, events: {demo_request: 30d ago}",
            "score: 10.5",
            [
                "score: expected 10.5, got 50",
                "  +10 country = FR",
                "  +20 employees in 50..249",
                "  +20 demo_request within 90d (earned 40; half-life 30d)",
            ],
        ),
        (
            "{}",
            "score: 10",
            [
                "score: expected 10, got 0",
                "  no rule fired",
                "  `country = FR` is unknown: country is missing",
                "  `each webinar at most 1 per day` did not fire: no webinar",
            ],
        ),
        (
            "country: FR",
            "level: 1",
            [
                "level: expected 1, got 2",
                "  decided by `otherwise -> 2`",
                "  `engagement >= 20 -> 1` is false: engagement is 0",
            ],
        ),
        (
            "{}",
            "tier: A1, stage: MQL",
            [
                "tier: expected A1, got B2",
                "  `tier` is made of grade is B, level is 2",
                "stage: expected MQL, got null",
                "  no rule is true",
                "  `score >= 30 -> MQL` is false: score is 0",
            ],
        ),
        (
            "budget: 4999.5",
            "checklists: {BANT: {met: [budget, need], unmet: []}}",
            [
                "checklists.BANT.met: expected [budget, need], got []",
                "  `budget` is false: budget is 4999.5",
                "  `need` is false: need is missing",
                "checklists.BANT.unmet: expected [], got [budget, need]",
                "  `budget` is false: budget is 4999.5",
                "  `need` is false: need is missing",
            ],
        ),
        (
            "events: {newsletter: 1d ago, podcast: 1d ago}",
            "fired: {extras: no}",
            ["fired.extras: expected no, got -5", "  -5 extras (earned 10; max 5)"],
        ),
        (
            "{}",
            "fired: {extras: -5}",
            ["fired.extras: expected -5, got no", "  no limit of `extras` acted"],
        ),
        (
            "events: {webinar: [1d ago, 1d ago, 3d ago, 5d ago]}",
            "fired: {each webinar at most 1 per day: 30}",
            [
                "fired.each webinar at most 1 per day: expected 30, got 20",
                "  +20 each webinar at most 1 per day"
                " (3 of 4 events count; earned 30; half-life 30d, 28.01 left; max 20)",
            ],
        ),
        (
            "email: bob@rival.example",
            "score: 5, stage: SQL",
            [
                "excluded: expected null, got a rival",
                '  `exclude … "a rival"` is true: email is "bob@rival.example"',
            ],
        ),
        ("email: bob@rival.example", "excluded: a rival", []),
        (
            "{}",
            "excluded: a rival, score: 0",
            [
                "excluded: expected a rival, got null",
                '  `exclude … "a rival"` is unknown: email is missing',
            ],
        ),
        (
            "budget: a lot",
            "score: 5, excluded: null",
            [
                "quarantined: expected null, got wrong_type",
                '  `budget` is the text "a lot", but the rules need a number',
            ],
        ),
        ("budget: a lot", "quarantined: wrong_type", []),
        ("events: {demo_request: 2026-02-30}", "quarantined: bad_date", []),
        ("id: ''", "quarantined: no_id", []),
        ("budget: 1e999", "quarantined: not_finite", []),
        (
            "{}",
            "quarantined: bad_date",
            [
                "quarantined: expected bad_date, got null",
                "  the record is good: only fields that the rules read are looked at",
            ],
        ),
        (
            "events: {demo_request: 1d ago}, country: FR, employees: 60, budget: 9000",
            "reasons: {stage: hot}",
            [
                "reasons.stage: expected hot, got ready",
                "  decided by `score >= 60 and BANT >= 1 -> SQL`",
            ],
        ),
        (
            "events: {demo_request: now}, country: FR, employees: 60",
            "stage: SQL",
            [
                "stage: expected SQL, got MQL",
                "  decided by `score >= 30 -> MQL`",
                "  `score >= 60 and BANT >= 1 -> SQL` is false: BANT is 0",
            ],
        ),
    ],
)
def test_what_made_the_difference(place: Place, lead: str, expect: str, told: list[str]) -> None:
    lead = lead if lead == "{}" else f"{{{lead}}}"
    found = place.told(f"  - {{name: one, lead: {lead}, expect: {{{expect}}}}}\n")
    lines = [line.removeprefix("    ") for line in found.splitlines()]
    assert lines == (["FAIL cases.yaml:4  one", *told] if told else [])


LOOKS_BACK = """
demo_request +60
freeze was customer "a customer"
dimension stage never falls
bought -> customer
score >= 60 -> SQL
otherwise -> lead
classify who unique { demo -> hot; fair -> warm }
classify size { demo -> 1 }
classify big { was 1 -> "was so" }
"""


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("lead: {}, previous: {score: 60, stage: SQL}, expect: {stage: SQL, score: 0}", []),
        ("lead: {}, previous: {score: 60, id: x, size: 1}, expect: {big: was so}", []),
        (
            "lead: {}, previous: {score: 60, stage: SQL}, expect: {stage: lead}",
            ["stage: expected lead, got SQL", "  `stage` never falls, and was SQL"],
        ),
        (
            "lead: {}, previous: {score: 7, stage: customer, old: A},"
            " expect: {frozen: a customer, score: 7, old: A}",
            [],
        ),
        (
            "lead: {}, previous: {score: 7, stage: SQL}, expect: {frozen: a customer}",
            [
                "frozen: expected a customer, got null",
                '  `freeze … "a customer"` is false: stage was "SQL"',
            ],
        ),
        (
            "lead: {}, expect: {frozen: a customer}",
            [
                "frozen: expected a customer, got null",
                '  `freeze … "a customer"` is false: stage was nothing',
                "  the case has no `previous`",
            ],
        ),
        (
            "lead: {}, previous: {score: 7, stage: customer}, expect: {frozen: null, score: 7}",
            [
                "frozen: expected null, got a customer",
                '  `freeze … "a customer"` is true: stage was "customer"',
            ],
        ),
        (
            "lead: {events: {demo: now, fair: now}}, expect: {conflicts: {who: [warm, hot]}}",
            [],
        ),
        (
            "lead: {events: {demo: now, fair: now}}, expect: {conflicts: {who: []}}",
            ["conflicts.who: expected [], got [hot, warm]"],
        ),
    ],
)
def test_with_results_of_the_day_before(place: Place, case: str, told: list[str]) -> None:
    place.write("r.rules", LOOKS_BACK)
    for engine in ENGINES:
        found = place.told(f"  - {{name: one, {case}}}\n", "--engine", engine)
        lines = [line.removeprefix("    ") for line in found.splitlines()]
        assert lines == (["FAIL cases.yaml:4  one", *told] if told else [])


def test_a_rule_changed_by_hand_is_seen(place: Place) -> None:
    """A point in a ruleset that ships is changed, and its cases say so."""
    shutil.copytree(ROOT / "rulesets", place.folder / "rulesets")
    rules = place.folder / "rulesets/b2b/points.rules"
    text = rules.read_text("utf-8")
    before = "meeting_accepted                        +15"
    assert before in text
    rules.write_text(text.replace(before, before.replace("+15", "+14")), encoding="utf-8")
    done = command("rulesets/b2b", cwd=place.folder)
    assert done.returncode == 1
    assert "fired.meeting_accepted: expected 15, got 14" in done.stdout
    assert "FAIL rulesets/b2b/cases.yaml:60  one look at prices" in done.stdout


# --- mistakes in files of cases ----------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "this must be cases of a ruleset: leads, and what has to come out of them"),
        ("cases: [", 2, "this is not YAML: did not find expected node content"),
        ("a: 1\na: 2\n", 2, "`a` is there twice"),
        ("rules: r.rules\ncases: {}\n", 2, "`cases` must be a list of cases"),
        ("as_of: 2026-11-22\ncases: []\n", 1, "a file of cases needs `rules`"),
        (TOP + "casess: []\n", 3, "a file of cases has no `casess`; did you mean `cases`?"),
        (TOP + "cases: []\nother: 1\n", 4, "a file of cases has no `other`; it has rules,"),
        (TOP + "cases: [5]\n", 3, "this must be a case: its name, a lead, and what is expected"),
        ("rules: no.rules\nas_of: 2026-11-22\ncases:" + GOOD, 1, "there is no rule file no.rules"),
        ("rules: /etc/passwd\nas_of: 2026-11-22\ncases:" + GOOD, 1, "is outside the folder"),
        ("rules: bad.rules\nas_of: 2026-11-22\ncases:" + GOOD, 1, "bad.rules has 1 error: bad.rul"),
        ("as_of: soon\nrules: r.rules\ncases:" + GOOD, 1, "`as_of` must be an instant or a day"),
        ("rules: r.rules\ncases:" + GOOD, 3, "a case needs an instant: write `as_of` at the top"),
    ],
)
def test_mistakes_in_a_file(place: Place, text: str, line: int, message: str) -> None:
    place.write("bad.rules", "demo_request\n")
    place.write("cases.yaml", text)
    done = place.run("--format", "json")
    assert done.exit_code == 1
    (found,) = json.loads(done.stdout)["cases"]
    assert (found["status"], found["line"]) == ("error", line)
    assert found["problem"].startswith(message) or message in found["problem"]


def test_each_missing_key_is_told_once(place: Place) -> None:
    place.write("cases.yaml", "as_of: 2026-11-22\n")
    found = json.loads(place.run("--format", "json").stdout)["cases"]
    assert [case["problem"] for case in found] == [
        "a file of cases needs `rules`",
        "a file of cases needs `cases`",
    ]


CASE = """
  - name: one
    lead: {}
    expect: {score: 0}
"""


@pytest.mark.parametrize(
    ("before", "after", "line", "message"),
    [
        ("expect", "expects", 7, "a case has no `expects`; did you mean `expect`?"),
        ("    expect: {score: 0}\n", "", 5, "a case needs `expect`"),
        ("lead: {}", "lead:", 6, "`lead` must be fields with their values, or {}"),
        ("lead: {}", "lead: {events: 5}", 6, "events are `demo_request: 2d ago`, or a list"),
        ("lead: {}", "lead: {events: {a: [{url: b}]}}", 6, "`a` has no `at`"),
        ("lead: {}", "lead: {events: {a: yesterday}}", 6, "`a: yesterday` says no time; write"),
        ("lead: {}", "lead: {events: {a: 2 moons ago}}", 6, "`a: 2 moons ago` says no time"),
        ("lead: {}", "lead: {}\n    as_of: 2026-02-30", 5, "`as_of: 2026-02-30` names a day"),
        ("lead: {}", "lead: {}\n    source: heard", 7, "`source` must be stated"),
        ("lead: {}", "lead: {}\n    previous: {stage: SQL}", 7, "`previous` must be yesterday's"),
        ("lead: {}", "lead: {}\n    previous: {score: 0.125}", 7, "`previous` is no result"),
        ("{score: 0}", "{}", 7, "`expect` must be what is expected, such as score: 40"),
        ("{score: 0}", "5", 7, "`expect` must be what is expected, such as score: 40"),
        ("score: 0", 'score: "0"', 7, "`score` must be a number of points"),
        ("score: 0", "score: 1e400", 7, "`score` must be a number of points"),
        ("score: 0", "fired: {podcast: 1e13}", 7, "`podcast` must be a number of points, or `no`"),
        ("score: 0", "scores: {fitt: 0}", 7, "there is no score block `fitt`; did you mean `fit`?"),
        ("score: 0", "scroe: 0", 7, "results have no `scroe`; did you mean `score`?"),
        ("score: 0", "grad: A", 7, "results have no `grad`; did you mean `grade`?"),
        ("score: 0", "stage: SQLL", 7, "no rule of `stage` gives `SQLL`; did you mean `SQL`?"),
        ("score: 0", "level: 3", 7, "no rule of `level` gives `3`; there is `1`, `2`"),
        ("score: 0", "stage: [SQL]", 7, "`stage` must be a label, or null for none"),
        ("score: 0", "fired: {podcasts: no}", 7, "there is no rule `podcasts`; did you mean `pod"),
        ("score: 0", "fired: {demo: no}", 7, "did you mean `demo_request within 90d`?"),
        ("score: 0", "fired: {}", 7, "`fired` must be rules with their points, or `no`"),
        ("score: 0", "fired: {podcast: yes}", 7, "`podcast` must be a number of points, or `no`"),
        ("score: 0", "excluded: rival", 7, "no `exclude` has the reason `rival`; did you mean"),
        ("score: 0", "frozen: x", 7, "no `freeze` has the reason `x`; there is none"),
        ("score: 0", "quarantined: bad", 7, "`quarantined` must be the code of what is wrong"),
        ("score: 0", "checklists: {BANTT: {}}", 7, "there is no checklist `BANTT`; did you mean"),
        (
            "score: 0",
            "checklists: {BANT: {met: [bugdet]}}",
            7,
            "the checklist `BANT` has no item `bugdet`; did you mean `budget`?",
        ),
        ("score: 0", "checklists: {BANT: {mett: []}}", 7, "a checklist has no `mett`; did you"),
        ("score: 0", "reasons: {stag: x}", 7, "there is no dimension `stag`; did you mean `stage"),
    ],
)
def test_mistakes_in_a_case(place: Place, before: str, after: str, line: int, message: str) -> None:
    assert before in CASE
    place.write("cases.yaml", TOP + "cases:\n" + CASE.replace(before, after, 1))
    done = place.run("--format", "json")
    assert done.exit_code == 1
    (found,) = json.loads(done.stdout)["cases"]
    assert (found["status"], found["line"]) == ("error", line)
    assert message in found["problem"]


def test_every_mistake_is_told_and_the_rest_is_tried(place: Place) -> None:
    cases = GOOD + CASE.replace("score: 0", "scor: 0, stag: x") + CASE.replace("one", "a demo")
    place.write("cases.yaml", TOP + "cases:" + cases)
    done = command(cwd=place.folder)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "ERROR cases.yaml:10  one",
        "    results have no `scor`; did you mean `score`?",
        "ERROR cases.yaml:10  one",
        "    results have no `stag`; did you mean `stage`?",
        "ERROR cases.yaml:12  a demo",
        "    the case in line 4 has the same name",
    ]
    assert done.stderr == "1 case: 1 passed; 3 mistakes kept cases from being tried\n"


def test_the_schema_is_one_and_the_shipped_cases_fit_it() -> None:
    Draft202012Validator.check_schema(schema())
    codes = schema()["$defs"]["expect"]["properties"]["quarantined"]["enum"]
    assert {*codes, "duplicate_id"} == {*CODES, None}
    assert len(SHIPPED) > 10
    for path in SHIPPED:
        content = read_yaml(path.read_text("utf-8")).value
        assert list(Draft202012Validator(schema()).iter_errors(content)) == []


# --- YAML ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1", 1),
        ("a: +40", 40),
        ("a: -2.50", -2.5),
        ("a: 1e3", 1000.0),
        ("a: 012", "012"),
        ("a: 000123463", "000123463"),
        ("a: 1_000", "1_000"),
        ("a: 0x1F", "0x1F"),
        ("a: .inf", ".inf"),
        ("a: 12:30:45", "12:30:45"),
        ("a: 2026-11-22", "2026-11-22"),
        ("a: 2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z"),
        ("a: NO", "NO"),
        ("a: no", "no"),
        ("a: yes", "yes"),
        ("a: on", "on"),
        ("a: y", "y"),
        ("a: true", True),
        ("a: False", False),
        ("a: null", None),
        ("a: ~", None),
        ("a:", None),
        ("a: ''", ""),
        ("a: '5'", "5"),
        ("a: !!str 5", "5"),
        ("a: =", "="),
        ("no: 1", None),
        ("a: {b: [1, x]}", {"b": [1, "x"]}),
    ],
)
def test_what_yaml_means(text: str, value: Any) -> None:
    found = read_yaml(text).value
    assert found == ({"no": 1} if text.startswith("no") else {"a": value})
    assert type(found.get("a")) is type(value)


def test_merges_and_lines() -> None:
    marked = read_yaml(
        "x: &x {k: 1, l: 2}\ny: &y\n  l: 3\n  m: 4\nz:\n  <<: [*x, *y]\n  k: 5\nw: {<<: *y}\n"
    )
    assert marked.value["z"] == {"k": 5, "l": 2, "m": 4}
    assert marked.value["w"] == {"l": 3, "m": 4}
    places = [("z",), ("z", "k"), ("z", "l"), ("z", "m"), ("w", "m"), ("w", "m", "no", 5)]
    assert [marked.line(place) for place in places] == [5, 7, 1, 4, 4, 4]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: [", 3, "did not find"),
        ("a:\n  b: 1\n  b: 2", 3, "`b` is there twice"),
        ("a: &a [*a]", 1, "nested too deep"),
        ("a: &a {<<: *a}", 1, "nested too deep"),
        ("[" * 5000, 1, "nest"),
        ("a: 1\nb: \x01", 2, "a character here cannot stand in YAML"),
        ("a: *b", 1, "undefined alias"),
        ("? [a]\n: b", 1, "a key is a word or a text"),
        ("a: 1\n<<: 5", 2, "takes over keys"),
        ("a: !!int x", 1, "is not what its tag says"),
        ("- a\n---\n- b", 2, "another document"),
        (
            "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
            + "".join(
                f"{name}: &{name} [{', '.join(['*' + before] * 10)}]\n"
                for before, name in zip("abcde", "bcdef", strict=True)
            ),
            1,
            "too much in this file",
        ),
    ],
)
def test_what_is_no_yaml(text: str, line: int, message: str) -> None:
    with pytest.raises(BadYaml, match=message) as raised:
        read_yaml(text)
    assert raised.value.line == line


def test_what_is_written_is_read_again() -> None:
    import yaml

    values = ["no", "1", "1_000", "2026-11-22", "", "a: b", " x", "true", "Ünï", "+5", "é\n", None]
    content = {"values": [*values, 1, 2.5, True], "no": {"<<": 1}}
    text = yaml.dump(content, Dumper=Dumper, allow_unicode=True, sort_keys=False)
    assert read_yaml(text).value == content
    assert "- no\n" in text
    assert "- 2026-11-22\n" in text


# --- leads in short form -------------------------------------------------------------


def written(lead: str, rules: str = RULES, as_of: str = "2026-11-22T00:00:00Z") -> dict[str, Any]:
    text = f"rules: r\nas_of: {as_of}\ncases: [{{name: one, lead: {lead}, expect: {{score: 0}}}}]"
    file = read_cases("cases.yaml", text)
    assert not file.faults
    (case,) = file.cases
    found: dict[str, Any] = json.loads(write_out(compile_text(rules), case, file.marked).record)
    return found


@pytest.mark.parametrize(
    ("when", "instant"),
    [
        ("2d ago", "2026-11-20T00:00:00Z"),
        ("36h ago", "2026-11-20T12:00:00Z"),
        ("90min ago", "2026-11-21T22:30:00Z"),
        ("2w ago", "2026-11-08T00:00:00Z"),
        ("1mo ago", "2026-10-22T00:00:00Z"),
        ("1y ago", "2025-11-22T00:00:00Z"),
        ("30 days ago", "2026-10-23T00:00:00Z"),
        ("1 month ago", "2026-10-22T00:00:00Z"),
        ("2d 1min ago", "2026-11-19T23:59:00Z"),
        ("in 2w", "2026-12-06T00:00:00Z"),
        ("now", "2026-11-22T00:00:00Z"),
        ("9999y ago", "0001-01-01T00:00:00Z"),
        ("2026-11-03", "2026-11-03"),
        ("2026-11-03T08:00:00+01:00", "2026-11-03T08:00:00+01:00"),
        ("2026-02-30", "2026-02-30"),
    ],
)
def test_when_an_event_was(when: str, instant: str) -> None:
    event = {"type": "reply", "at": instant}
    assert written(f"{{events: {{reply: {when}}}}}") == {"id": "one", "events": [event]}
    assert written(f"{{events: [{{type: reply, at: {when}}}]}}")["events"] == [event]


def test_short_forms_are_written_out() -> None:
    assert written(
        "{id: 7, country: NO, company: {since: 60d ago}, purchase_date: in 2w, events:"
        " {call: [2d ago, {at: 1d ago, url: /x, next: in 1d}], reply: {at: 3d ago}}}"
    ) == {
        "id": 7,
        "country": "NO",
        "company": {"since": "2026-09-23T00:00:00Z"},
        "purchase_date": "2026-12-06T00:00:00Z",
        "events": [
            {"type": "call", "at": "2026-11-20T00:00:00Z"},
            {
                "type": "call",
                "at": "2026-11-21T00:00:00Z",
                "url": "/x",
                "next": "2026-11-23T00:00:00Z",
            },
            {"type": "reply", "at": "2026-11-19T00:00:00Z"},
        ],
    }


def test_a_text_stays_as_it_is() -> None:
    rules = 'note contains "ago" +1; each call where (said = "now") +1; field due within 7d +1'
    lead = "{note: 2d ago, due: 2d ago, events: {call: {at: 1d ago, said: now}}}"
    found = written(lead, rules)
    assert (found["note"], found["due"]) == ("2d ago", "2026-11-20T00:00:00Z")
    assert found["events"][0]["said"] == "now"


def test_days_and_months_are_those_of_the_rules() -> None:
    rules = 'timezone "Europe/Paris"; reply within 30d +1'
    found = written("{events: {reply: 1mo ago}}", rules, "2026-11-22")
    assert found["events"][0]["at"] == "2026-10-21T22:00:00Z"


def test_a_lead_of_another_shape(place: Place) -> None:
    place.write(
        "lead.json",
        json.dumps(
            {
                "x-id": "crm.key",
                "x-events": {"list": "crm.log", "type": "what", "at": "when"},
                "properties": {
                    "crm": {
                        "properties": {
                            "key": {"type": "string"},
                            "log": {
                                "type": "array",
                                "items": {"properties": {"what": {"type": "string"}}},
                            },
                        }
                    }
                },
            }
        ),
    )
    place.write("r.rules", 'use schema "lead.json"\neach call +5\nscore >= 5 -> MQL\n')
    case = "{name: one, lead: {crm: {log: {call: [1d ago, {when: 2d ago}]}}}, expect: {score: 10}}"
    for engine in ENGINES:
        assert place.told(f"  - {case}\n", "--engine", engine) == ""
    assert "`call` has no `when`" in place.told(f"  - {case.replace('{when', '{at')}\n")


def test_a_bad_instant_is_told() -> None:
    with pytest.raises(Wrong, match="outside the years"):
        written("{}", as_of="2026-11-22T00:00:00.1234567Z")


# --- coverage ------------------------------------------------------------------------


def never_seen(place: Place, rules: str, *leads: str, previous: str = "") -> dict[str, list[str]]:
    """What some leads, given as `{…}`, do not show of some rules."""
    place.write("r.rules", rules)
    cases = "".join(
        f"  - {{name: c{n}, lead: {lead}, {previous} expect: {{quarantined: null}}}}\n"
        for n, lead in enumerate(leads)
    )
    place.write("cases.yaml", TOP + "cases:\n" + cases)
    done = place.run("--coverage", "--format", "json")
    content = json.loads(done.stdout)
    assert content["counts"]["error"] == 0, done.stdout
    (found,) = content["coverage"]
    missed = {f"{goal['kind']} {goal['name']}": goal["never"] for goal in found["never"]}
    assert found["wanted"] - found["seen"] == sum(map(len, missed.values()))
    return missed


T, F, U = "true", "false", "unknown"
BELOW, AT, ABOVE = "just below", "at", "just above"


@pytest.mark.parametrize(
    ("rules", "leads", "missed"),
    [
        # A rule is seen true, false, and unknown where it can be.
        ("country = FR +1", ["{}"], {"rule country = FR": [T, F]}),
        ("country = FR +1", ["{}", "{country: FR}", "{country: DE}"], {}),
        ("country known +1", ["{}"], {"rule country known": [T]}),
        ("call within 7d +1", ["{}"], {"rule call within 7d": [T]}),
        ("call within 7d +1", ["{events: {call: 1d ago}}", "{}"], {}),
        ("each call +1", ["{}"], {"rule each call": [T]}),
        (
            "each call when country = FR +1",
            ["{country: FR}", "{events: {call: now}}"],
            {"rule each call when country = FR": [T]},
        ),
        ("no call for 30d +1", ["{}"], {"rule no call for 30d": [T, F]}),
        # What asks whether a field is there settles whether it is.
        (
            "country known and country = FR +1",
            ["{}", "{country: FR}"],
            {},
        ),
        (
            "(country missing or country = FR) +1",
            ["{}", "{country: DE}"],
            {},
        ),
        # The last row of a band takes what is left.
        (
            "band country { FR +5; otherwise +1 }",
            ["{country: FR}", "{country: DE}"],
            {"rule country = FR": [U]},
        ),
        (
            "band country { FR +5; missing +2; otherwise +1 }",
            ["{country: FR}", "{}"],
            {"rule country = FR": [F], "rule country otherwise": [T]},
        ),
        # A block that is not for a lead says nothing of its rules.
        (
            "score fit when country = FR { title = boss +1 }",
            ["{country: DE, title: boss}", "{country: FR}"],
            {"rule score fit when …": [U], "rule title = boss": [T, F]},
        ),
        # Who is left out shows nothing but that.
        (
            'exclude country = FR "home"; title = boss +1',
            ["{country: FR, title: boss}"],
            {'rule exclude … "home"': [F, U], "rule title = boss": [T, F, U]},
        ),
        (
            "checklist BANT { need: need known; budget: budget >= 5000 }; BANT >= 1 -> MQL",
            ["{need: x, budget: 5000}"],
            {
                "rule BANT.need": [F],
                "rule BANT.budget": [F, U],
                "rule stage: BANT >= 1 -> MQL": [F],
                "threshold budget 5000": [BELOW, ABOVE],
                "threshold BANT 1": [BELOW, AT],
            },
        ),
        # A rule of labels is true when it decides.
        (
            "country = FR -> MQL; known_to_us = true -> SQL; otherwise -> lead",
            ["{country: FR, known_to_us: true}"],
            {
                "rule stage: country = FR -> MQL": [F, U],
                "rule stage: known_to_us = true -> SQL": [T, F, U],
                "label stage: SQL": ["given"],
                "label stage: lead": ["given"],
            },
        ),
        # With `otherwise`, a dimension always has a label.
        (
            "country = FR -> MQL; otherwise -> lead; classify x { stage = MQL -> a }",
            ["{country: FR}", "{country: DE}"],
            {"rule stage: country = FR -> MQL": [U]},
        ),
        (
            "country = FR -> MQL; classify x { stage = MQL -> a }",
            ["{country: FR}", "{country: DE}"],
            {"rule stage: country = FR -> MQL": [U], "rule x: stage = MQL -> a": [F]},
        ),
    ],
)
def test_what_cases_do_not_show(
    place: Place, rules: str, leads: list[str], missed: dict[str, list[str]]
) -> None:
    assert never_seen(place, rules, *leads) == {k: v for k, v in missed.items() if v}


@pytest.mark.parametrize(
    ("rules", "name", "leads", "missed"),
    [
        (
            "budget >= 5000 +1",
            "budget 5000",
            ["{budget: 4499}", "{budget: 5501}"],
            [BELOW, AT, ABOVE],
        ),
        ("budget >= 5000 +1", "budget 5000", ["{budget: 4500}", "{budget: 5500}"], [AT]),
        ("budget < 5 +1", "budget 5", ["{budget: 4}", "{budget: 5}", "{budget: 6}"], []),
        ("budget in 10..20 +1", "budget 10", ["{budget: 10}"], [BELOW, ABOVE]),
        ("budget in 10..20 +1", "budget 20", ["{budget: 21.5}"], [BELOW, AT]),
        ("budget = 5 +1", "budget 5", ["{}"], None),
        ("at least 3 call +1", "count of call 3", ["{events: {call: now}}"], [BELOW, AT, ABOVE]),
        ("at least 3 call +1", "count of call 3", ["{events: {call: [now, now]}}"], [AT, ABOVE]),
        ("call +1", "count of call 1", ["{}"], None),
        (
            "each view where (seconds > 30) +1",
            "view: seconds 30",
            ["{events: {view: [{at: now, seconds: 30}, {at: now, seconds: 31}]}}"],
            [BELOW],
        ),
        (
            "days since last call > 30 +1",
            "days since last call 30",
            ["{events: {call: 31d ago}}"],
            [BELOW, AT],
        ),
        (
            "(budget / 2) > 100 +1",
            "(budget / 2) 100",
            ["{budget: 200}", "{budget: 1}"],
            [BELOW, ABOVE],
        ),
        # No score lies between tens, when all points are tens.
        (
            "call +50; mail +10; score >= 60 -> SQL",
            "score 60",
            ["{events: {call: now}}"],
            [AT, ABOVE],
        ),
        (
            "call +50; mail +5; score >= 60 -> SQL",
            "score 60",
            ["{events: {call: now}}"],
            [BELOW, AT, ABOVE],
        ),
        (
            "score fit { call +20 }; mail +5; fit >= 20 -> SQL",
            "fit 20",
            ["{}"],
            [AT, ABOVE],
        ),
        # What a limit does not allow need not be seen.
        (
            "call +50; mail +10; total min 0 max 60; score >= 60 -> SQL",
            "score 60",
            ["{events: {call: now}}"],
            [AT],
        ),
        (
            "score fit min 0 { call +50; mail -10 }; fit > 0 -> SQL",
            "fit 0",
            ["{}"],
            [ABOVE],
        ),
        (
            "checklist B { a: a known; b: b known }; B >= 2 -> SQL",
            "B 2",
            ["{a: x}"],
            [AT],
        ),
    ],
)
def test_which_thresholds_cases_come_close_to(
    place: Place, rules: str, name: str, leads: list[str], missed: list[str] | None
) -> None:
    found = never_seen(place, rules, *leads)
    if missed is None:
        assert not any(goal.startswith("threshold") for goal in found)
    else:
        assert found.get(f"threshold {name}", []) == missed


def test_a_frozen_lead_shows_the_freeze(place: Place) -> None:
    rules = 'freeze was customer "a customer"; call -> customer; score > 5 -> SQL; call +10'
    missed = never_seen(place, rules, "{}", previous="previous: {score: 1, stage: customer},")
    assert missed['rule freeze … "a customer"'] == [F]
    assert missed["rule call"] == [T, F]


def test_the_table_of_coverage(place: Place) -> None:
    place.write("cases.yaml", TOP + "cases:" + GOOD)
    done = command("--coverage", cwd=place.folder)
    assert done.returncode == 0
    assert done.stderr == "1 case: 1 passed\n"
    lines = done.stdout.splitlines()
    assert lines[:4] == [
        "coverage of r.rules: 26% (18 of 69)",
        "  rules that were never so",
        '    exclude … "a rival"                      true, unknown',
        "    newsletter                               true",
    ]
    assert "  thresholds with no lead so close" in lines
    assert lines[-4:-1] == ["  labels that were never given", "    stage: SQL", "    grade: A"]
    other = command("--coverage", "--format", "json", cwd=place.folder)
    assert other.stderr == done.stdout + done.stderr


@pytest.mark.parametrize(
    ("least", "code"), [("26", 0), ("26.1", 1), ("0", 0), ("101", 2), ("x", 2)]
)
def test_coverage_must_be_reached(place: Place, least: str, code: int) -> None:
    place.write("cases.yaml", TOP + "cases:" + GOOD)
    done = command("--fail-under", least, cwd=place.folder)
    assert done.returncode == code
    if code == 1:
        assert done.stderr.splitlines() == [
            "1 case: 1 passed",
            "r.rules: coverage is 26%, and must be 26.1%",
        ]


def test_each_ruleset_is_covered_by_itself(place: Place) -> None:
    place.write("s.rules", "a +1\n")
    place.write("cases.yaml", TOP + "cases:" + GOOD)
    place.write("more.cases.yaml", TOP + "cases:" + BAD)
    case = "cases: [{name: a, lead: {}, expect: {score: 0}}]"
    place.write("s.cases.yaml", f"rules: s.rules\nas_of: 2026-11-22\n{case}\n")
    done = place.run("--coverage", "--format", "json")
    covered = json.loads(done.stdout)["coverage"]
    assert [(found["rules"], found["wanted"]) for found in covered] == [
        ("r.rules", 69),
        ("s.rules", 2),
    ]
    assert covered[0]["seen"] > 18
    assert command("--fail-under", "60", cwd=place.folder).stderr.count("must be 60%") == 2


# --- cases of real leads ---------------------------------------------------------------

LEADS = r"""
{"id": "L-1", "email": "ada@sohn.example", "phone": "+33 1", "country": "FR", "employees": 60.5,
 "need": "Shifts", "notes": "private", "events": [
   {"type": "page_view", "at": "2026-10-01", "url": "/secret"},
   {"type": "page_view", "at": "2026-10-02", "url": "/secret"},
   {"type": "demo_request", "at": "2026-11-20T09:00:00Z", "by": "Ada"},
   {"type": "webinar", "at": "2026-11-10"}, {"type": "webinar", "at": "2026-11-11"},
   {"type": "webinar", "at": "2026-12-11"}]}
{"id": "L-2", "email": "bob@rival.example"}
{"id": "L-3", "budget": "a lot"}
{"id": "L-4", "events": [{"type": "webinar", "at": "2026-02-30"}]}
{"id": "\u004c-5", "country": "no", "employees": null, "budget": 1e2}
{"id": "L-6", "events": [{"type": "webinar"}, 5]}
{"id": 7, "country": "FR"}
[]
not json
"""
AT_NOON = "2026-11-22T12:00:00Z"


def real_leads(place: Place) -> None:
    lines = LEADS.strip().replace("\n ", " ")
    place.write("leads.jsonl", lines)


def from_lead(place: Place, identity: str, *more: str) -> subprocess.CompletedProcess[str]:
    arguments = ("--from-lead", identity, "--leads", "leads.jsonl", "-r", "r.rules")
    return command(*arguments, "--as-of", AT_NOON, *more, cwd=place.folder)


def test_a_case_of_a_lead(place: Place) -> None:
    real_leads(place)
    done = from_lead(place, "L-1")
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        done.stdout
        == """\
rules: r.rules
cases:
  - name: L-1 as of 2026-11-22T12:00:00Z
    as_of: 2026-11-22T12:00:00Z
    lead:
      id: L-1
      country: FR
      email: ada@sohn.example
      employees: 60.5
      need: true
      events:
        page_view: 2026-10-01
        demo_request: 2026-11-20T09:00:00Z
        webinar: [2026-11-10, 2026-11-11]
    expect:
      score: 83.53
      scores: {fit: 30, engagement: 53.53}
      stage: SQL
      grade: A
      level: '1'
      tier: A1
      checklists:
        BANT:
          met: [need]
          unmet: []
          unknown: [budget]
      fired: {country = FR: 10, employees in 50..249: 20, demo_request within 90d: 38.19,\
 each webinar at most 1 per day: 15.34}
"""
    )


@pytest.mark.parametrize("identity", ["L-1", "L-2", "L-3", "L-4", "L-5", "L-6", "7"])
def test_the_case_of_a_lead_holds(place: Place, identity: str) -> None:
    real_leads(place)
    done = from_lead(place, identity)
    assert done.returncode == 0, done.stderr
    assert "private" not in done.stdout
    assert "secret" not in done.stdout
    place.write("cases.yaml", done.stdout)
    assert place.run().exit_code == 0


def test_every_sample_lead_makes_a_case(place: Place) -> None:
    shutil.copytree(ROOT / "rulesets", place.folder / "rulesets")
    for name in ("inbound", "b2b"):
        leads = place.folder / f"rulesets/{name}/leads.jsonl"
        rules = f"rulesets/{name}/{name}.rules"
        ids = [json.loads(line)["id"] for line in leads.read_text("utf-8").splitlines()]
        assert len(ids) > 10
        for identity in ids:
            arguments = ["--from-lead", identity, "--leads", str(leads), "-r", rules]
            made = place.run(*arguments, "--as-of", AT_NOON, "-o", f"{name}.cases.yaml")
            assert made.exit_code == 0, made.output
        done = place.run(f"{name}.cases.yaml")
        assert done.stderr == f"{len(ids)} cases: {len(ids)} passed\n"


def test_a_case_is_added(place: Place) -> None:
    real_leads(place)
    place.write("cases.yaml", TOP + "# mine\ncases:\n" + GOOD + "  # the end\n")
    done = from_lead(place, "L-2", "-o", "cases.yaml")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "cases.yaml has a case of L-2 now\n"
    assert from_lead(place, "L-3", "-o", "cases.yaml", "-q").stderr == ""
    text = (place.folder / "cases.yaml").read_text("utf-8")
    assert text.startswith(TOP + "# mine\ncases:\n" + GOOD + "  # the end\n  - name: L-2 as of")
    assert place.run().stderr == "3 cases: 3 passed\n"
    again = from_lead(place, "L-2", "-o", "cases.yaml")
    assert again.returncode == 1
    assert again.stderr == f"cases.yaml has a case `L-2 as of {AT_NOON}` already\n"
    assert (place.folder / "cases.yaml").read_text("utf-8") == text


def test_a_new_file_finds_its_rules(place: Place) -> None:
    real_leads(place)
    (place.folder / "deep").mkdir()
    place.write("leadrules.yaml", "")
    assert from_lead(place, "L-2", "-o", "deep/cases.yaml").returncode == 0
    assert (place.folder / "deep/cases.yaml").read_text("utf-8").startswith("rules: ../r.rules\n")
    assert place.run("deep").stderr == "1 case: 1 passed\n"


@pytest.mark.parametrize(
    ("cases", "code", "said"),
    [
        (TOP + "cases: [{name: a, lead: {}, expect: {score: 0}}]\n", 1, "does not fit at the end"),
        (TOP + "cases:" + GOOD + "x-more: 1\n", 1, "does not fit at the end"),
        ("cases:" + GOOD, 1, "is not a sound file of cases"),
        ("rules: s.rules\nas_of: 2026-11-22\ncases:" + GOOD, 2, "is about s.rules, not about r"),
    ],
)
def test_where_a_case_cannot_be_added(place: Place, cases: str, code: int, said: str) -> None:
    real_leads(place)
    place.write("cases.yaml", cases)
    done = from_lead(place, "L-2", "-o", "cases.yaml")
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert (place.folder / "cases.yaml").read_text("utf-8") == cases


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--from-lead", "L-9", "--leads", "leads.jsonl", "-r", "r.rules"], 1, "no lead L-9 in"),
        (["--from-lead", "L-1", "--leads", "no.jsonl", "-r", "r.rules"], 3, "cannot read no.jsonl"),
        (["--from-lead", "L-1", "--leads", "leads.jsonl", "-r", "n.rules"], 3, "cannot read n.rul"),
        (["--from-lead", "L-1", "--leads", "leads.jsonl", "-r", "-"], 2, "give them as a file"),
        (["--from-lead", "L-1", "-r", "r.rules"], 2, "needs --leads FILE and -r RULES"),
        (["--from-lead", "L-1", "--leads", "a", "-r", "b", "cases.yaml"], 2, "and no PATHS"),
        (["-r", "r.rules"], 2, "belong to --from-lead"),
        (["-o", "x"], 2, "belong to --from-lead"),
        (
            ["--from-lead", "L", "--leads", "leads.jsonl", "-r", "r.rules", "--as-of", "soon"],
            2,
            "--as-of soon is not a timestamp",
        ),
    ],
)
def test_where_no_case_can_be_made(
    place: Place, arguments: list[str], code: int, said: str
) -> None:
    real_leads(place)
    done = command(*arguments, cwd=place.folder)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
