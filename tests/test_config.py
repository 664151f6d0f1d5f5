"""`leadrules.yaml`: where it is found, what it may say, and what goes before it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from leadrules.cases.yaml_text import read_yaml
from leadrules.shell import config
from leadrules.shell.cli import cli
from leadrules.shell.outcome import NO, USAGE, Stop

ROOT = Path(__file__).parents[1]
SCHEMA: dict[str, Any] = json.loads(config.SCHEMA.read_text(encoding="utf-8"))
WARNING = "demo_request +1\ndemo_requst +1\n"  # LR202
ERROR = "a -> SQLL\n"


class Place:
    """A repository to work in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, **files: str) -> None:
        """Files by their paths, with `__` for `/`; `config` is leadrules.yaml."""
        for name, text in files.items():
            parts = name.replace("config", "leadrules.yaml").split("__")
            path = self.folder.joinpath(*parts)
            if not path.suffix:
                path = path.with_suffix(".rules")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def run(self, *arguments: str, **environment: str) -> Result:
        config._nearest.cache_clear()
        result = CliRunner(env=environment).invoke(cli, [*arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def codes(self, *arguments: str, **environment: str) -> list[str]:
        """What `check` finds: `file:CODE`."""
        result = self.run("check", "--format", "json", *arguments, **environment)
        found = json.loads(result.stdout)["findings"]
        return [f"{finding['file'].removesuffix('.rules')}:{finding['code']}" for finding in found]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return Place(tmp_path)


# --- what it may say ---------------------------------------------------------------------

GOOD = """
color: never
exclude: [drafts, '*.old.rules', "a b/**"]
check:
  select: [LR2, LR301]
  ignore: []
  exclude:
    - tests
score: {engine: reference, max_quarantine: 1.5%}
test: {fail_under: 90}
---
test: {fail_under: 99.5}
---
score: {max_quarantine: 10}
---
{}
"""
# What is wrong, and what is said of it.
BAD = {
    "colour: never": "1: there is no setting `colour`; did you mean `color`?",
    "zzz: 1": "1: there is no setting `zzz`; there are color, exclude, check, fmt, score, test",
    "color: no": "1: `color` must be auto, always or never",
    "exclude: drafts": "1: `exclude` must be patterns of files and folders",
    "exclude:\n - ' '": "2: this must be a pattern",
    "exclude:\n - a\n - 5": "3: this must be a pattern",
    "check: [LR2]": "1: `check` must be settings of `leadrules check`",
    "check:": "1: `check` must be settings of `leadrules check`",
    "check:\n\n  selct: [LR2]": "3: `check` has no setting `selct`; did you mean `select`?",
    "check:\n  select: [LR2, XY]": "2: this must be a code such as LR201",
    "check:\n  select:\n  - LR2\n  - lr3": "4: this must be a code such as LR201",
    "score:\n  engine: fast": "2: `engine` must be duckdb or reference",
    "score:\n  max_quarantine: 1.5": "2: `max_quarantine` must be a number of records, or a share",
    "score:\n  max_quarantine: -1": "2: `max_quarantine` must be a number of records, or a share",
    "score:\n  max_quarantine: true": "2: `max_quarantine` must be a number of records",
    "score:\n  max_quarantine: '1 %'": "2: `max_quarantine` must be a number of records",
    "test:\n  fail_under: 101": "2: `fail_under` must be a share of 0 to 100 percent",
    "test:\n  fail_under: 90%": "2: `fail_under` must be a share of 0 to 100 percent",
    "test:\n  fail_under: true": "2: `fail_under` must be a share of 0 to 100 percent",
    "- color": "1: this must be settings for the rules below the folder",
    "color": "1: this must be settings for the rules below the folder",
}
# What the schema cannot tell: it is no YAML.
UNREADABLE = {
    "a: [": "this is not YAML",
    "color: auto\ncolor: never": "2: `color` is there twice",
    "color: auto\n---\ncolor: auto": "this is not YAML",
}


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("text", GOOD.split("---"))
def test_what_is_good(place: Place, text: str) -> None:
    Draft202012Validator(SCHEMA).validate(read_yaml(text).value)
    place.write(config=text, a="demo_request +1\n")
    assert place.run("check").exit_code == 0


@pytest.mark.parametrize("text", BAD)
def test_what_is_bad_is_told_with_its_line(place: Place, text: str) -> None:
    # Another validator agrees that it is.
    assert not Draft202012Validator(SCHEMA).is_valid(read_yaml(text).value)
    place.write(config=text, a="demo_request +1\n")
    with pytest.raises(Stop) as stop:
        place.run("check")
    assert stop.value.code == USAGE
    assert stop.value.message.startswith(f"leadrules.yaml:{BAD[text]}")


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_is_no_yaml(place: Place, text: str) -> None:
    place.write(config=text, a="demo_request +1\n")
    with pytest.raises(Stop, match=UNREADABLE[text]) as stop:
        place.run("check")
    assert stop.value.code == USAGE


def test_every_mistake_is_told_at_once(place: Place) -> None:
    place.write(config="colour: a\ncheck: {selct: []}\nscore: {engine: fast}\n", a="b +1\n")
    with pytest.raises(Stop) as stop:
        place.run("check")
    assert len(stop.value.message.splitlines()) == 3


def test_bytes_that_are_no_text(place: Place) -> None:
    (place.folder / "leadrules.yaml").write_bytes(b"color: \xe9\n")
    place.write(a="b +1\n")
    with pytest.raises(Stop, match="not UTF-8"):
        place.run("check")


def test_help_needs_no_configuration(place: Place) -> None:
    place.write(config="colour: a\n")
    assert place.run("check", "--help").exit_code == 0
    assert place.run("--version").exit_code == 0


# --- where it is found -------------------------------------------------------------------


def test_the_nearest_counts(place: Place) -> None:
    place.write(
        config="check: {ignore: [LR202]}\n",
        a=WARNING,
        deep__down__b=WARNING,
        own__config="check: {ignore: [LR203]}\n",
        own__c=WARNING,
        own__down__d=WARNING,
    )
    assert place.codes() == ["own/c:LR202", "own/down/d:LR202"]


def test_it_may_stand_above_where_the_command_runs(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write(config="check: {ignore: [LR202]}\n", deep__down__a=WARNING)
    monkeypatch.chdir(place.folder / "deep" / "down")
    assert place.codes() == []


def test_none_above_the_repository_counts(place: Place) -> None:
    place.write(config="check: {ignore: [LR202]}\n", inner__a=WARNING)
    (place.folder / "inner" / ".git").mkdir()
    assert place.codes("inner") == ["inner/a:LR202"]


def test_a_file_of_comments_marks_a_folder_and_sets_nothing(place: Place) -> None:
    place.write(config="check: {ignore: [LR202]}\n", own__config="# Ours.\n\n", own__a=WARNING)
    assert place.codes() == ["own/a:LR202"]


# --- what goes before it -----------------------------------------------------------------


def test_a_flag_goes_before_the_environment_and_that_before_the_file(place: Place) -> None:
    place.write(config="check: {ignore: [LR202]}\n", a=WARNING)
    assert place.codes() == []
    assert place.codes(LEADRULES_IGNORE="LR203") == ["a:LR202"]
    assert place.codes("--ignore", "LR20", LEADRULES_IGNORE="LR203") == []
    place.write(config="color: always\n")
    assert "\x1b[" in place.run("check").stdout
    assert "\x1b[" not in place.run("check", LEADRULES_COLOR="never").stdout
    assert "\x1b[" in place.run("check", "--color", "always", LEADRULES_COLOR="never").stdout


def test_colour_is_a_setting_of_explain_too(place: Place) -> None:
    place.write(config="color: always\n", a="b +1\n")
    (place.folder / "in.jsonl").write_text('{"id": "1"}\n', encoding="utf-8")
    explain = ("explain", "1", "--leads", "in.jsonl", "-r", "a.rules")
    assert "\x1b[" in place.run(*explain).stdout
    assert "\x1b[" not in place.run(*explain, "--color", "never").stdout


def test_settings_of_score(place: Place) -> None:
    place.write(config="score: {max_quarantine: 1, engine: reference}\n", a="b +1\n")
    (place.folder / "in.jsonl").write_text('{"id": 1}\nno\nno\n', encoding="utf-8")
    score = ("score", "in.jsonl", "-r", "a.rules", "-o", "out.jsonl")
    with pytest.raises(Stop, match="more than 1 of the records are bad") as stop:
        place.run(*score)
    assert stop.value.code == NO
    assert place.run(*score, LEADRULES_MAX_QUARANTINE="2").exit_code == 0
    assert place.run(*score, "--max-quarantine", "90%").exit_code == 0
    manifest = place.folder / "out.jsonl.manifest.json"
    assert json.loads(manifest.read_text(encoding="utf-8"))["engine"] == "reference"
    place.run(*score, "--max-quarantine", "2", LEADRULES_ENGINE="duckdb")
    assert json.loads(manifest.read_text(encoding="utf-8"))["engine"] == "duckdb"


def test_settings_of_test(place: Place) -> None:
    place.write(config="test: {fail_under: 100}\n", a="demo_request +1\n")
    case = "{name: one, as_of: 2026-11-22, lead: {}, expect: {score: 0}}"
    path = place.folder / "cases.yaml"
    path.write_text(f"rules: a.rules\ncases: [{case}]\n", encoding="utf-8")
    assert place.run("test").exit_code == 1
    assert place.run("test", LEADRULES_FAIL_UNDER="10").exit_code == 0
    assert place.run("test", "--fail-under", "99", LEADRULES_FAIL_UNDER="10").exit_code == 1


def test_every_setting_that_is_an_option_has_a_variable_in_its_help(place: Place) -> None:
    for verb in ("check", "score", "test"):
        said = place.run(verb, "--help").stdout
        for key in SCHEMA["properties"][verb]["properties"]:
            if key != "exclude":
                assert f"LEADRULES_{key.upper()}" in re.sub(r"\s+", " ", said)
        assert "LEADRULES_COLOR" in said


# --- exclude -----------------------------------------------------------------------------

FILES = ("a", "b.old", "drafts/c", "deep/drafts/d", "deep/e", "deep/f.old", "x y/g", "x y/z/h")


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("drafts", "a b.old deep/e deep/f.old x y/g x y/z/h"),
        ("drafts/", "a b.old deep/e deep/f.old x y/g x y/z/h"),
        ("/drafts", "a b.old deep/drafts/d deep/e deep/f.old x y/g x y/z/h"),
        ("./drafts", "a b.old deep/drafts/d deep/e deep/f.old x y/g x y/z/h"),
        ("deep/drafts", "a b.old drafts/c deep/e deep/f.old x y/g x y/z/h"),
        ("*.old.rules", "a drafts/c deep/drafts/d deep/e x y/g x y/z/h"),
        ("deep/*.old.rules", "a b.old drafts/c deep/drafts/d deep/e x y/g x y/z/h"),
        ("deep/*", "a b.old drafts/c x y/g x y/z/h"),
        ("**/z", "a b.old drafts/c deep/drafts/d deep/e deep/f.old x y/g"),
        ("x y/*/h.rules", "a b.old drafts/c deep/drafts/d deep/e deep/f.old x y/g"),
        ("?.rules", "b.old deep/f.old"),
        ("raft", "a b.old drafts/c deep/drafts/d deep/e deep/f.old x y/g x y/z/h"),
    ],
)
def test_what_a_pattern_leaves_out(place: Place, pattern: str, left: str) -> None:
    place.write(config=json.dumps({"exclude": [pattern]}))
    for name in FILES:
        path = place.folder / f"{name}.rules"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ERROR, encoding="utf-8")
    expected = sorted(re.findall(r"(?:x y/)?[^ ]+", left))
    assert sorted(code.removesuffix(":LR130") for code in place.codes()) == expected


def test_what_is_named_is_not_left_out(place: Place) -> None:
    place.write(config="exclude: [drafts]\n", a="b +1\n", drafts__c=ERROR)
    assert place.codes() == []
    assert place.codes("drafts/c.rules") == ["drafts/c:LR130"]
    assert place.codes("drafts") == ["drafts/c:LR130"]


def test_a_list_of_check_is_for_check_alone(place: Place) -> None:
    place.write(config="check: {exclude: [drafts]}\n", a="b +1\n", drafts__c=ERROR)
    assert place.codes() == []
    found = config.left_out_by("test")("drafts")
    assert not found
    assert config.left_out_by("check")("drafts")


def test_hidden_folders_are_passed_over(place: Place) -> None:
    place.write(a="b +1\n")
    hidden = place.folder / ".venv" / "lib"
    hidden.mkdir(parents=True)
    (hidden / "c.rules").write_text(ERROR, encoding="utf-8")
    assert place.codes() == []
    assert place.codes(".venv") == [".venv/lib/c:LR130"]


def test_when_everything_is_left_out_there_is_nothing_to_look_at(place: Place) -> None:
    place.write(config="exclude: [a.rules]\n", a="b +1\n")
    with pytest.raises(Stop, match="no rule files") as stop:
        place.run("check")
    assert stop.value.code == USAGE


def test_cases_are_left_out_too(place: Place) -> None:
    place.write(config="exclude: [drafts]\n", a="demo_request +1\n")
    case = "{name: one, as_of: 2026-11-22, lead: {}, expect: {score: %s}}"
    for folder, score in ((".", 0), ("drafts", 1)):
        path = place.folder / folder / "cases.yaml"
        path.parent.mkdir(exist_ok=True)
        rules = os.path.relpath(place.folder / "a.rules", path.parent)
        path.write_text(f"rules: {rules}\ncases: [{case % score}]\n", encoding="utf-8")
    assert place.run("test").exit_code == 0
    assert place.run("test", "drafts").exit_code == 1


def test_this_repository_has_no_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    config._nearest.cache_clear()
    for verb in (["check"], ["fmt", "--check"]):
        result = CliRunner().invoke(cli, verb)
        assert (result.exit_code, result.stdout) == (0, "")
