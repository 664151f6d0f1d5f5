"""Reports: each format is what its readers ask for, and says what the drawings say.

JSON has a schema of its own. SARIF and JUnit are held to schemas that others have published,
in tests/data/schemas. For what no schema tells (GitHub's workflow commands, what its code
scanning needs beyond SARIF, GitLab's Code Quality), the rules are written out here, from the
documentation of each.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
import xmlschema
from click.testing import CliRunner, Result
from jsonschema import Draft4Validator, Draft202012Validator

from leadrules.model.tried import Coverage, Difference, Goal, Tried
from leadrules.report.fingerprints import line_hashes
from leadrules.report.formats import FORMATS, written_cases
from leadrules.report.trials import Trials
from leadrules.shell.cli import cli
from leadrules.shell.outcome import UNFINISHED, USAGE, Stop

ROOT = Path(__file__).parents[1]
SCHEMAS = Path(__file__).parent / "data" / "schemas"
ERRORS = "tests/errors"

# A file whose name and text are hard on every format.
ODD_NAME = "a, b%20:c/é #1.rules"
ODD_TEXT = (
    'näme = "😀😀" and title = ]]> +5\n'
    "demo_request within 7d +40\n"
    "each demo_requst +10 max 20\r\n"
    "a -> \x1b[31mSQLL\x07\n"
    'title = ["a](b)", c] and {0} & <b> +1\n'
    "budget >= 5,000 +10\n"
    "budget >= 5,000 +10\n"
    'group "x" {\n'
)


def command(*arguments: str, stdin: str | None = None) -> Result:
    """The command, run in this process. What it stops with is raised."""
    result = CliRunner().invoke(cli, [*arguments], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in a repository, with the odd file in it and a sound one beside."""
    (tmp_path / ".git").mkdir()
    here = tmp_path / "sales"
    odd = here / ODD_NAME
    odd.parent.mkdir(parents=True)
    odd.write_bytes(ODD_TEXT.encode())
    (here / "sound.rules").write_text("demo_request +40\n", encoding="utf-8")
    monkeypatch.chdir(here)
    return here


def report(form: str, *paths: str) -> str:
    """A report of all errors that the tests know, or of some paths."""
    before = os.getcwd()
    if not paths:
        os.chdir(ROOT)
    try:
        result = command("check", *(paths or (ERRORS,)), "--format", form)
    finally:
        os.chdir(before)
    return result.stdout


def findings(*paths: str) -> list[Any]:
    """The findings as data, which the other formats are compared with."""
    found: list[Any] = json.loads(report("json", *paths))["findings"]
    assert len(found) > (3 if paths else 100)
    return found


# --- JSON ------------------------------------------------------------------------------


@pytest.mark.parametrize("paths", [(), (".",)])
def test_json_is_what_its_schema_says(place: Path, paths: tuple[str, ...]) -> None:
    schema = json.loads((ROOT / "leadrules/schemas/check.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    content = json.loads(report("json", *paths))
    Draft202012Validator(schema).validate(content)
    kinds = [finding["severity"] for finding in content["findings"]]
    assert content["counts"] == {"errors": kinds.count("error"), "warnings": kinds.count("warning")}
    assert kinds.count("error") > 0


def test_json_names_the_places_that_the_drawings_name(place: Path) -> None:
    drawn = re.findall(
        r"^(?:error|warning)\[(LR\d+)\].*\n +--> (.*):(\d+):(\d+)$", report("text", "."), re.M
    )
    assert drawn == [
        (f["code"], f["file"], str(f["start"]["line"]), str(f["start"]["column"]))
        for f in findings(".")
    ]


def test_no_finding_is_an_empty_report(place: Path) -> None:
    assert json.loads(report("json", "sound.rules"))["findings"] == []
    assert json.loads(report("sarif", "sound.rules"))["runs"][0]["results"] == []
    assert json.loads(report("gitlab", "sound.rules")) == []
    assert report("github", "sound.rules") == report("text", "sound.rules") == ""
    suites = ElementTree.fromstring(report("junit", "sound.rules"))
    assert (suites.get("tests"), suites.get("failures")) == ("1", "0")


def test_standard_input_has_reports_too() -> None:
    result = command("check", "-", "--format", "json", stdin="a -> SQLL\n")
    assert [f["file"] for f in json.loads(result.stdout)["findings"]] == ["-"]


# --- GitHub's workflow commands ----------------------------------------------------------

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::([^\r\n]*)")


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Workflow commands, read as GitHub's runner reads them."""
    found = []
    for line in text.splitlines():
        match = COMMAND.fullmatch(line)
        assert match, line
        properties = {}
        for item in match[2].split(","):
            name, _, value = item.partition("=")
            for sign, code in (
                (",", "%2C"),
                (":", "%3A"),
                ("\n", "%0A"),
                ("\r", "%0D"),
                ("%", "%25"),
            ):
                value = value.replace(code, sign)
            properties[name] = value
        message = match[3].replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
        found.append((match[1], properties, message))
    return found


def test_annotations_can_be_read_back(place: Path) -> None:
    read = commands(report("github", "."))
    assert len(read) == len(findings("."))
    for (kind, properties, message), finding in zip(read, findings("."), strict=True):
        assert kind == finding["severity"]
        assert properties["file"] == f"sales/{ODD_NAME}"
        assert properties["line"] == str(finding["start"]["line"])
        assert properties["title"] == f"{finding['code']}: {finding['title']}"
        said = "".join(c if c.isprintable() else "\ufffd" for c in finding["message"])
        assert message.split("\n")[0] == said
        one_line = finding["start"]["line"] == finding["end"]["line"]
        assert ("col" in properties) == ("endColumn" in properties) == one_line
        assert ("endLine" in properties) == (not one_line)


def test_github_gets_ten_of_a_kind_and_a_line_on_the_others() -> None:
    read = commands(report("github"))
    kinds = [finding["severity"] for finding in findings()]
    shown = [kind for kind, _, _ in read]
    assert shown.count("error") == 10
    assert shown.count("warning") == min(10, kinds.count("warning"))
    assert shown.count("notice") == 1
    kind, properties, message = read[-1]
    assert kind == "notice"
    assert properties["line"].isdigit()
    assert message.startswith(f"{kinds.count('error') - 10} more errors")


# --- SARIF -----------------------------------------------------------------------------


@pytest.mark.parametrize("paths", [(), (".",), ("sound.rules",)])
def test_sarif_is_valid(place: Path, paths: tuple[str, ...]) -> None:
    schema = json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
    Draft4Validator(schema).validate(json.loads(report("sarif", *paths)))


@pytest.mark.parametrize("paths", [(), (".",)])
def test_sarif_has_all_that_github_needs(place: Path, paths: tuple[str, ...]) -> None:
    """https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support"""
    content = json.loads(report("sarif", *paths))
    assert content["version"] == "2.1.0"
    assert content["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = content["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "leadrules"
    assert driver["semanticVersion"]
    assert run["columnKind"] == "utf16CodeUnits"
    for rule in driver["rules"]:
        assert len(rule["id"]) <= 255
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        assert len(rule["properties"]["tags"]) <= 10
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(set(ids)) == len(ids)
    expected = findings(*paths)
    assert len(run["results"]) == len(expected) <= 25_000
    for result, finding in zip(run["results"], expected, strict=True):
        assert ids[result["ruleIndex"]] == result["ruleId"] == finding["code"]
        assert result["level"] == finding["severity"]
        assert result["message"]["text"]
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert set(physical["region"]) == {"startLine", "startColumn", "endLine", "endColumn"}
        assert physical["region"]["startLine"] == finding["start"]["line"]
        assert physical["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
        assert result["partialFingerprints"]["primaryLocationLineHash"]


def test_sarif_names_files_from_the_root_of_the_repository(place: Path) -> None:
    uris = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in json.loads(report("sarif", "."))["runs"][0]["results"]
    }
    assert uris == {"sales/a%2C%20b%2520%3Ac/%C3%A9%20%231.rules"}
    (uri,) = uris
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
    assert unquote(uri) == f"sales/{ODD_NAME}"


def test_a_file_outside_the_repository_has_its_whole_path(place: Path, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name} outside"
    outside.mkdir()
    (outside / "a.rules").write_text("a -> SQLL\n", encoding="utf-8")
    (result,) = json.loads(report("sarif", str(outside)))["runs"][0]["results"]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert unquote(artifact["uri"]) == f"file://{outside}/a.rules"
    assert " " not in artifact["uri"]
    assert "uriBaseId" not in artifact


def test_columns_of_sarif_are_utf16_and_those_of_json_are_characters(place: Path) -> None:
    text = 'a = "😀" and b -> SQLL\n'
    (place / "wide.rules").write_text(text, encoding="utf-8")
    (result,) = json.loads(report("sarif", "wide.rules"))["runs"][0]["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    units = text.encode("utf-16-le")
    start, end = region["startColumn"] - 1, region["endColumn"] - 1
    assert units[2 * start : 2 * end].decode("utf-16-le") == "SQLL"
    (finding,) = json.loads(report("json", "wide.rules"))["findings"]
    assert text[finding["start"]["column"] - 1 : finding["end"]["column"] - 1] == "SQLL"


def test_what_a_report_would_write_mends_the_file(place: Path) -> None:
    text = 'a = "😀" and b -> SQl\n'
    (place / "fix.rules").write_text(text, encoding="utf-8")
    (finding,) = json.loads(report("json", "fix.rules"))["findings"]
    fix = finding["fix"]
    start, end = fix["start"]["column"] - 1, fix["end"]["column"] - 1
    mended = text[:start] + fix["text"] + text[end:]
    assert mended == text.replace("SQl", "SQL")
    (result,) = json.loads(report("sarif", "fix.rules"))["runs"][0]["results"]
    (change,) = result["fixes"][0]["artifactChanges"]
    (written,) = change["replacements"]
    units, region = text.encode("utf-16-le"), written["deletedRegion"]
    before, behind = units[: 2 * region["startColumn"] - 2], units[2 * region["endColumn"] - 2 :]
    inserted: str = written["insertedContent"]["text"]
    assert (before + inserted.encode("utf-16-le") + behind).decode("utf-16-le") == mended


def test_a_message_of_sarif_has_no_link_that_was_not_meant(place: Path) -> None:
    (place / "link.rules").write_text('a -> "[x](https://example.com)"\nb -> [\n', encoding="utf-8")
    texts = [
        r["message"]["text"]
        for r in json.loads(report("sarif", "link.rules"))["runs"][0]["results"]
    ]
    assert any("example.com" in text for text in texts)
    assert not any(re.search(r"(?<!\\)\[[^\]]*\]\(", text) for text in texts)


# The values that github/codeql-action itself is tested with.
HASHES = {
    "": ["c129715d7a2bc9a3:1"],
    " a\nb\n  \t\tc\n d": [
        "271789c17abda88f:1",
        "54703d4cd895b18:1",
        "180aee12dab6264:1",
        "a23a3dc5e078b07b:1",
    ],
    " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n": [
        "e9496ae3ebfced30:1",
        "fb7c023a8b9ccb3f:1",
        "ce8ba1a563dcdaca:1",
        "e20e36e16fcb0cc8:1",
        "b3edc88f2938467e:1",
        "c8e28b0b4002a3a0:1",
        "c129715d7a2bc9a3:1",
    ],
}


@pytest.mark.parametrize("text", HASHES)
@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n"])
def test_lines_have_the_hashes_that_github_gives_them(text: str, line_end: str) -> None:
    assert line_hashes(text.replace("\n", line_end)) == HASHES[text]


def test_equal_lines_are_told_apart() -> None:
    assert len(set(line_hashes("a +1\n" * 300))) == 301


# --- GitLab's Code Quality ---------------------------------------------------------------

# https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
CODE_QUALITY = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "not": {"pattern": r"^(\./|/)"}},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


@pytest.mark.parametrize("paths", [(), (".",)])
def test_code_quality_is_what_gitlab_reads(place: Path, paths: tuple[str, ...]) -> None:
    content = json.loads(report("gitlab", *paths))
    Draft202012Validator(CODE_QUALITY).validate(content)
    assert [item["check_name"] for item in content] == [f["code"] for f in findings(*paths)]
    assert len({item["fingerprint"] for item in content}) == len(content)
    if paths:
        assert {item["location"]["path"] for item in content} == {f"sales/{ODD_NAME}"}


def test_a_fingerprint_stays_when_its_line_moves(place: Path) -> None:
    (place / "moves.rules").write_text("a -> SQLL\n", encoding="utf-8")
    before = [item["fingerprint"] for item in json.loads(report("gitlab", "moves.rules"))]
    (place / "moves.rules").write_text("# More.\n\n  a -> SQLL\n", encoding="utf-8")
    assert [item["fingerprint"] for item in json.loads(report("gitlab", "moves.rules"))] == before


# --- JUnit -----------------------------------------------------------------------------


@pytest.mark.parametrize("paths", [(), (".",), ("sound.rules",)])
def test_junit_is_what_jenkins_reads(place: Path, paths: tuple[str, ...]) -> None:
    xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd").validate(report("junit", *paths))


@pytest.mark.parametrize("paths", [(), (".",)])
def test_junit_fails_for_errors_and_not_for_warnings(place: Path, paths: tuple[str, ...]) -> None:
    root = ElementTree.fromstring(report("junit", *paths))
    errors = [f for f in findings(*paths) if f["severity"] == "error"]
    failures = root.findall(".//failure")
    assert [failure.get("type") for failure in failures] == [f["code"] for f in errors]
    assert root.get("failures") == str(len(errors))
    assert root.get("tests") == str(len(root.findall(".//testcase")))
    for suite in root:
        assert suite.get("tests") == str(len(suite.findall("testcase")))
        assert suite.get("failures") == str(len(suite.findall(".//failure")))
        names = [(case.get("classname"), case.get("name")) for case in suite]
        assert len(set(names)) == len(names)
    printed = "".join(out.text or "" for out in root.iter("system-out"))
    warnings = [f for f in findings(*paths) if f["severity"] == "warning"]
    assert warnings
    assert all(f["code"] in printed for f in warnings)


# --- where reports go --------------------------------------------------------------------


def test_one_run_writes_several_reports(place: Path) -> None:
    forms = ("text", "json", "github", "gitlab", "sarif", "junit")
    wanted = [f"--report={form}=out.{form}" for form in forms]
    result = command("check", ".", "--color", "always", *wanted)
    assert result.exit_code == 1
    assert "\x1b[" in result.stdout
    for form in forms:
        assert (place / f"out.{form}").read_text(encoding="utf-8") == report(form, ".")


def test_a_report_to_standard_output_takes_the_place_of_the_text(place: Path) -> None:
    assert command("check", ".", "--report", "json=-").stdout == report("json", ".")
    assert not (place / "-").exists()


def test_quiet_is_for_people_and_reports_have_everything(place: Path) -> None:
    loud, quiet = (command("check", ".", "--format", "json", *q) for q in ((), ("-q",)))
    assert quiet.stdout == loud.stdout
    assert "warning" in quiet.stdout
    assert quiet.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--report", "sarif"], "write a format and a file"),
        (["--report", "sarif="], "write a format and a file"),
        (["--report", "serif=x"], "did you mean sarif?"),
        (["--report", "pdf=x"], "there are text, json, github"),
        (["--report", "json=-", "--format", "sarif"], "standard output takes one format"),
        (["--report", "json=-", "--report", "sarif=-"], "standard output takes one format"),
        (["--report", "json=x", "--report", "sarif=./x"], "go to the same file"),
        (["--report", "json=sound.rules"], "is one of the files that were read"),
        (["--report", "junit=out", "--report", "json=sound.rules"], "is one of the files"),
    ],
)
def test_a_report_that_cannot_be_meant_is_refused(
    place: Path, arguments: list[str], said: str
) -> None:
    before = {path: path.stat().st_mtime_ns for path in place.rglob("*")}
    with pytest.raises(Stop, match=said) as stop:
        command("check", ".", *arguments)
    assert stop.value.code == USAGE
    assert {path: path.stat().st_mtime_ns for path in place.rglob("*")} == before


def test_when_one_report_cannot_be_written_none_is(place: Path) -> None:
    with pytest.raises(Stop, match="cannot write nowhere/x") as stop:
        command("check", ".", "--report", "json=out", "--report", "sarif=nowhere/x")
    assert stop.value.code == UNFINISHED
    assert not (place / "out").exists()


def test_the_format_may_stand_in_the_environment(place: Path) -> None:
    result = CliRunner(env={"LEADRULES_FORMAT": "json"}).invoke(cli, ["check", "."])
    assert result.stdout == report("json", ".")
    assert CliRunner(env={"LEADRULES_FORMAT": "json"}).invoke(
        cli, ["check", ".", "--format", "text"]
    ).stdout == report("text", ".")


@pytest.mark.parametrize("form", FORMATS)
def test_reports_are_utf8_whatever_the_place_has(place: Path, form: str) -> None:
    folder = os.fsencode(place) + b"/\xff"
    os.mkdir(folder)
    with open(folder + b"/\xfe.rules", "wb") as file:
        file.write('a -> "SQLL 😀"\n'.encode())
    done = subprocess.run(
        [sys.executable, "-m", "leadrules", "check", "--format", form, f"--report={form}=out"],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 1
    out = done.stdout.decode()
    assert out == (place / "out").read_text(encoding="utf-8")
    assert "😀" in out
    if form == "sarif":
        assert "sales/%FF/%FE.rules" in out


# --- cases -----------------------------------------------------------------------------

ODD = 'a, b: 100% "x" <&> \x00\x1b é\n::error::no'
TESTED = Trials(
    version="0.1.0",
    cases=(
        Tried("a demo", "b2b/cases.yaml", 3, "passed"),
        Tried(
            ODD,
            "b2b/cases.yaml",
            12,
            "failed",
            (Difference("score", "60", "40", ("demo_request +40",)), Difference("stage", ODD, "-")),
        ),
        Tried("", "odd, #1.yaml", 1, "error", problem=f"this is no YAML: {ODD}"),
    ),
    coverage=(Coverage("b2b.rules", (Goal("threshold", "score 60", ("at",), ("just below",)),)),),
    path_of=lambda name: f"rulesets/{name}",
    drawn=lambda case: f"{case.name}: {case.message}",
)


def test_cases_as_json_are_what_their_schema_says() -> None:
    schema = json.loads((ROOT / "leadrules/schemas/test.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    content = json.loads(written_cases("json", TESTED))
    Draft202012Validator(schema).validate(content)
    assert content["counts"] == {"passed": 1, "failed": 1, "error": 1}
    assert content["cases"][1]["differences"][0]["because"] == ["demo_request +40"]
    (covered,) = content["coverage"]
    assert (covered["seen"], covered["wanted"]) == (1, 2)
    never = {"kind": "threshold", "name": "score 60", "never": ["just below"]}
    assert covered["never"] == [never]
    del content["coverage"]
    assert json.loads(written_cases("json", replace(TESTED, coverage=None))) == content


def test_cases_as_junit_are_what_jenkins_reads() -> None:
    text = written_cases("junit", TESTED)
    xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd").validate(text)
    root = ElementTree.fromstring(text)
    assert [root.get(name) for name in ("tests", "failures", "errors")] == ["3", "1", "1"]
    names = ["rulesets/b2b/cases.yaml", "rulesets/odd, #1.yaml"]
    assert [suite.get("name") for suite in root] == names
    (failure,) = root.iter("failure")
    assert "score: expected 60, got 40" in (failure.get("message") or "")


def test_cases_as_annotations_can_be_read_back() -> None:
    read = commands(written_cases("github", TESTED))
    said = ODD.replace("\x00\x1b", "\ufffd\ufffd")
    assert [(kind, properties["file"], properties["line"]) for kind, properties, _ in read] == [
        ("error", "rulesets/b2b/cases.yaml", "12"),
        ("error", "rulesets/odd, #1.yaml", "1"),
    ]
    assert read[0][1]["title"] == said
    assert read[1][2] == f"this is no YAML: {said}"


def test_cases_that_hold_are_no_text_and_no_annotation() -> None:
    good = replace(TESTED, cases=TESTED.cases[:1])
    assert written_cases("github", good) == written_cases("text", good) == ""
    assert written_cases("text", TESTED).count("\n") > 1
