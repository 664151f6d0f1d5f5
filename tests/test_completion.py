"""`leadrules completion`: what a shell is given, and what it then gets to complete."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from leadrules.shell.cli import cli

ROOT = Path(__file__).parents[1]
COMMAND = "import sys; sys.argv[0] = 'leadrules'; from leadrules.shell.cli import main; main()"


def run(*arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def completed(words: str) -> list[tuple[str, str]]:
    """What bash is told when the last of some words is completed: kinds and values."""
    number = len(words.split(" ")) - 1
    out = run(_LEADRULES_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(number))
    return [(line.partition(",")[0], line.partition(",")[2]) for line in out.splitlines()]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_asks_leadrules(shell: str) -> None:
    script = run("completion", shell)
    assert f"_LEADRULES_COMPLETE={shell}_complete" in script
    assert "_leadrules_completion" in script


def test_verbs_and_options() -> None:
    assert ("plain", "check") in completed("leadrules ch")
    assert completed("leadrules check --form") == [("plain", "--format")]
    assert ("plain", "sarif") in completed("leadrules check --format s")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("leadrules rule LR10", "LR104"),
        ("leadrules rule lr10", "LR104"),
        ("leadrules check --select LR20", "LR201"),
        ("leadrules check --ignore LR1,LR20", "LR1,LR201"),
    ],
)
def test_codes(words: str, found: str) -> None:
    values = [value for _, value in completed(words)]
    assert found in values
    start = found[:-1]
    assert all(value.startswith(start) for value in values)


def test_a_code_is_shown_with_its_title() -> None:
    out = run(_LEADRULES_COMPLETE="fish_complete", COMP_WORDS="leadrules rule", COMP_CWORD="LR104")
    assert "a name that nothing declares" in out


def test_files_are_left_to_the_shell() -> None:
    assert completed("leadrules check inb") == [("file", "inb")]
    assert completed("leadrules score leads.jsonl -r inb") == [("file", "inb")]


def test_whatever_is_a_file_or_a_code_completes() -> None:
    """Of every verb, so that none is forgotten."""
    files = {"paths", "leads", "rules", "output", "quarantine", "previous", "folder"}
    codes = {"code", "select", "ignore"}
    seen: set[str] = set()
    for verb in cli.commands.values():
        for parameter in verb.params:
            kind = type(parameter.type).__name__
            name = parameter.name or ""
            wanted = "_File" if name in files else "_Codes" if name in codes else kind
            assert kind == wanted, f"{verb.name} {name}"
            assert kind != "_Codes" or name in codes
            seen.add(name)
    assert files | codes <= seen
    assert isinstance(cli, click.Group)
