"""What other repositories take from this one for their CI: hooks, an action, snippets."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import ValidationError
from jsonschema.validators import validator_for

from leadrules import __version__
from leadrules.cases.yaml_text import read_yaml
from leadrules.shell.config import SCHEMA
from leadrules.shell.init import STARTER

ROOT = Path(__file__).parents[1]
HOOKS = ROOT / ".pre-commit-hooks.yaml"
ACTION = ROOT / "action.yml"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def content(path: Path) -> Any:
    # As in YAML 1.2, so that `on` is a word.
    return read_yaml(path.read_text(encoding="utf-8")).value


def validate(path: Path, schema: str) -> None:
    """Holds a file to a published schema; check-jsonschema has copies of many."""
    folder = resources.files("check_jsonschema.builtin_schemas.vendor")
    published = json.loads(folder.joinpath(f"{schema}.json").read_text(encoding="utf-8"))
    validator_for(published)(published).validate(content(path))


def pre_commit(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pre_commit", *arguments]
    return subprocess.run(command, capture_output=True, text=True)


# --- valid for their readers ---------------------------------------------------------------


def test_the_action_is_what_github_reads() -> None:
    validate(ACTION, "github-actions")


def test_what_init_makes_is_what_its_readers_read() -> None:
    validate(STARTER / "github.yml", "github-workflows")
    validate(STARTER / "gitlab.yml", "gitlab-ci")
    done = pre_commit("validate-config", str(STARTER / "pre-commit-config.yaml"))
    assert (done.returncode, done.stdout) == (0, "")


def test_the_hooks_are_what_pre_commit_reads() -> None:
    done = pre_commit("validate-manifest", str(HOOKS))
    assert (done.returncode, done.stdout) == (0, "")


def test_what_is_wrong_is_refused(tmp_path: Path) -> None:
    """So that what passes above is not passed over."""
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("- id: a\n", encoding="utf-8")
    assert pre_commit("validate-manifest", str(wrong)).returncode == 1
    wrong.write_text("runs: {using: composite}\n", encoding="utf-8")
    with pytest.raises(ValidationError):
        validate(wrong, "github-actions")


# --- doing what they say -------------------------------------------------------------------


def hooks() -> dict[str, dict[str, Any]]:
    return {hook["id"]: hook for hook in content(HOOKS)}


def test_the_hooks_are_those_that_init_makes() -> None:
    made = content(STARTER / "pre-commit-config.yaml")["repos"][0]["hooks"]
    assert [hook["id"] for hook in made] == list(hooks())
    for hook in made:
        published = hooks()[hook["id"]]
        assert all(hook[key] == published[key] for key in ("entry", "files", "pass_filenames"))


@pytest.mark.parametrize(
    ("file", "ids"),
    [
        ("a.rules", {"leadrules-check", "leadrules-fmt", "leadrules-test"}),
        ("deep/lead.schema.json", {"leadrules-check", "leadrules-test"}),
        ("free_mail.txt", {"leadrules-check", "leadrules-test"}),
        ("leadrules.yaml", {"leadrules-check"}),
        ("b2b/leadrules.yaml", {"leadrules-check"}),
        ("cases.yaml", {"leadrules-test"}),
        ("b2b/inbound.cases.yaml", {"leadrules-test"}),
        ("showcases.yaml", set()),
        ("README.md", set()),
        ("leads.jsonl", set()),
    ],
)
def test_which_files_wake_which_hooks(file: str, ids: set[str]) -> None:
    assert {name for name, hook in hooks().items() if re.search(hook["files"], file)} == ids


class Runner:
    """As much of GitHub's runner as the action needs: its steps in bash, one after another."""

    def __init__(self, folder: Path) -> None:
        self.temporary = folder / "temporary"
        self.work = folder / "work"
        self.work.mkdir()
        (self.work / ".git").mkdir()
        # In place of what the action installs.
        program = self.temporary / "leadrules" / "bin" / "leadrules"
        program.parent.mkdir(parents=True)
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m leadrules "$@"\n')
        program.chmod(0o755)

    def run(self, **given: str) -> dict[str, tuple[int, str]]:
        """What each step that runs leadrules leaves with and prints."""
        action = content(ACTION)
        inputs = {name: value["default"] for name, value in action["inputs"].items()} | given
        done = {}
        for step in action["runs"]["steps"]:
            if not step.get("name", "").startswith("leadrules"):
                continue
            optional = re.search(r"inputs\.(\w+) == 'true'", step.get("if", ""))
            if optional and inputs[optional[1]] != "true":
                continue
            own = {
                key: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda m: inputs[m[1]], value)
                for key, value in step["env"].items()
            }
            result = subprocess.run(
                ["bash", "-eo", "pipefail", "-c", step["run"]],
                capture_output=True,
                text=True,
                cwd=self.work,
                env={**ENVIRONMENT, "RUNNER_TEMP": str(self.temporary), **own},
            )
            done[step["name"]] = (result.returncode, result.stdout)
        return done


def test_the_action_checks_and_tests(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    subprocess.run(
        [sys.executable, "-m", "leadrules", "init", "-q"], cwd=runner.work, env=ENVIRONMENT
    )
    names = ("leadrules check", "leadrules fmt", "leadrules test")
    assert runner.run() == dict.fromkeys(names, (0, ""))
    rules = runner.work / "leads.rules"
    rules.write_text(rules.read_text(encoding="utf-8") + "score >= 5 -> SQLL\n", encoding="utf-8")
    done = runner.run(sarif="my findings.sarif")
    assert done["leadrules check"][0] == done["leadrules test"][0] == 1
    assert done["leadrules check"][1].startswith("::error file=leads.rules,line=")
    found = json.loads((runner.work / "my findings.sarif").read_text(encoding="utf-8"))
    assert len(found["runs"][0]["results"]) == 1
    assert done["leadrules fmt"][0] == 1
    assert set(runner.run(test="false", fmt="false")) == {"leadrules check"}
    (runner.work / "other.rules").write_text("a +1\n", encoding="utf-8")
    only = runner.run(paths="other.rules", test="false", fmt="false")
    assert only == {"leadrules check": (0, "")}


def test_what_a_stranger_names_is_not_run(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    (runner.work / "a.rules").write_text("a +1\n", encoding="utf-8")
    runner.run(paths='a.rules; touch no "$(touch no)"', sarif="$(touch no)")
    assert not list(runner.work.glob("no*"))
    for step in content(ACTION)["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


# --- as the page shows them ----------------------------------------------------------------


def test_the_page_shows_the_files_that_init_makes() -> None:
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    for name in ("github.yml", "gitlab.yml"):
        made = (STARTER / name).read_text(encoding="utf-8").replace("VERSION", __version__)
        assert f"```yaml\n{made}```\n" in page


def test_the_page_shows_every_setting_and_every_hook() -> None:
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```yaml.*\n((?:.*\n)*?)```$", page, flags=re.MULTILINE)
    shown = [read_yaml(block).value for block in blocks]
    (settings,) = (content for content in shown if "exclude" in content)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))["properties"]
    assert list(settings) == list(schema)
    for verb in ("check", "fmt", "score", "test"):
        assert list(settings[verb]) == list(schema[verb]["properties"])
    (config,) = (content for content in shown if "repos" in content)
    assert [hook["id"] for hook in config["repos"][0]["hooks"]] == list(hooks())
