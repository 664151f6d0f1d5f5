"""`leadrules init`: what it makes passes at once, in its own CI's words, and nothing is lost."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from leadrules import __version__
from leadrules.shell.init import CI, STARTER

ROOT = Path(__file__).parents[1]
MADE = [
    "leads.rules",
    "lead.schema.json",
    "cases.yaml",
    "leads.jsonl",
    "leadrules.yaml",
    "README.md",
    ".pre-commit-config.yaml",
]


def leadrules(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "leadrules", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def steps(ci: str, made: dict[str, str]) -> list[str]:
    """The commands that a CI runs."""
    if ci == "github":
        jobs = yaml.safe_load(made[".github/workflows/leadrules.yml"])["jobs"]
        return [step["run"] for step in jobs["rules"]["steps"] if "run" in step]
    script: list[str] = yaml.safe_load(made[".gitlab-ci.yml"])["leadrules"]["script"]
    return script


@pytest.mark.parametrize("ci", CI)
def test_it_makes_what_it_says(tmp_path: Path, ci: str) -> None:
    done = leadrules("init", "new folder", "--ci", ci, cwd=tmp_path)
    assert done.returncode == 0
    made = files(tmp_path / "new folder")
    assert set(made) == {*MADE, *CI[ci].values()}
    assert done.stdout.splitlines() == [f"new folder/{name}" for name in (*MADE, *CI[ci].values())]
    assert done.stderr == "next: cd 'new folder' && leadrules check && leadrules test\n"
    assert not any("VERSION" in text for text in made.values())
    assert f"leadrules=={__version__}" in made[".pre-commit-config.yaml"]
    assert len(made["README.md"].splitlines()) <= 10


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_its_ci_passes_at_once(tmp_path: Path, ci: str) -> None:
    leadrules("init", "--ci", ci, cwd=tmp_path)
    (tmp_path / ".git").mkdir()
    run = steps(ci, files(tmp_path))
    assert run[0] == f"pip install leadrules=={__version__}"
    assert len(run) >= 4
    for step in run[1:]:
        command, *arguments = shlex.split(step)
        assert command == "leadrules"
        done = leadrules(*arguments, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, ""), step + done.stderr
    if ci == "gitlab":
        reports = yaml.safe_load((tmp_path / ".gitlab-ci.yml").read_text(encoding="utf-8"))
        for report in reports["leadrules"]["artifacts"]["reports"].values():
            assert (tmp_path / report).read_text(encoding="utf-8")


def test_its_hooks_pass_at_once(tmp_path: Path) -> None:
    leadrules("init", cwd=tmp_path)
    hooks = yaml.safe_load((tmp_path / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    entries = [hook["entry"] for repo in hooks["repos"] for hook in repo["hooks"]]
    assert len(entries) >= 3
    for entry in entries:
        command, *arguments = shlex.split(entry)
        assert command == "leadrules"
        assert leadrules(*arguments, cwd=tmp_path).returncode == 0, entry


def test_what_its_readme_says_works(tmp_path: Path) -> None:
    leadrules("init", cwd=tmp_path)
    readme = (tmp_path / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^    (leadrules [^#\n]*)", readme, re.M)
    assert any("score" in command for command in commands)
    for command in commands:
        done = leadrules(*shlex.split(command)[1:], cwd=tmp_path)
        assert done.returncode == 0, command
        if "score" in command:
            assert "read 5 = scored 4 + excluded 1 + quarantined 0" in done.stderr
            stages = {json.loads(line).get("stage") for line in done.stdout.splitlines()}
            assert {"SQL", "MQL", "lead"} < stages


def test_its_leads_are_what_its_schema_says() -> None:
    schema = json.loads((STARTER / "lead.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    lines = (STARTER / "leads.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) >= 5
    for line in lines:
        Draft202012Validator(schema).validate(json.loads(line))


def test_a_mistake_in_what_it_makes_is_found(tmp_path: Path) -> None:
    """So that what passes there is not passed over."""
    leadrules("init", cwd=tmp_path)
    path = tmp_path / "leads.rules"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("demo_request  ", "demo_requst  "), encoding="utf-8")
    assert "LR104" in leadrules("check", cwd=tmp_path).stdout
    path.write_text(text.replace("+40", "+41"), encoding="utf-8")
    assert leadrules("check", cwd=tmp_path).returncode == 0
    assert leadrules("test", cwd=tmp_path).returncode == 1


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("ours\n", encoding="utf-8")
    (tmp_path / "cases.yaml").symlink_to("nowhere")
    done = leadrules("init", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines()[1:] == ["  cases.yaml", "  README.md"]
    assert files(tmp_path) == {"README.md": "ours\n"}


def test_twice_is_refused_and_beside_other_files_is_not(tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("ours\n", encoding="utf-8")
    done = leadrules("init", "-q", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    again = leadrules("init", cwd=tmp_path)
    assert again.returncode == 2
    assert len(again.stderr.splitlines()) == 1 + len(MADE) + 1


def test_a_place_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for place, code in (("file", 2), ("file/below", 3)):
        done = leadrules("init", place, cwd=tmp_path)
        assert done.returncode == code
        assert "Traceback" not in done.stderr
    assert files(tmp_path) == {"file": ""}
