"""Fifteen mistakes in one file: each is told once, in its place, and nothing else is.

What `check` says of `fifteen/inbound.rules` stands in `fifteen/inbound.said`, to be read by people.
When a change of it is wanted, write it anew and read the difference:

    python -c "from tests.test_fifteen import *; SAID.write_text(said(), encoding='utf-8')"
"""

from __future__ import annotations

import re
from contextlib import chdir
from pathlib import Path

from click.testing import CliRunner

from leadrules.shell.cli import cli

FOLDER = Path(__file__).parent / "fifteen"
SAID = FOLDER / "inbound.said"
# The line of each mistake, from the first to the last.
LINES = [6, 9, 10, 11, 12, 13, 14, 15, 18, 19, 20, 21, 24, 25, 26]


def said(name: str = "inbound.rules") -> str:
    """What the command says of a file, which it sees from its own folder."""
    with chdir(FOLDER):
        return CliRunner().invoke(cli, ["check", name], catch_exceptions=False).stdout


def test_each_mistake_is_told_once_and_nothing_else() -> None:
    places = re.findall(r"^ +--> inbound\.rules:(\d+):\d+$", said(), re.MULTILINE)
    assert [int(line) for line in places] == LINES
    assert len(set(LINES)) == 15


def test_what_is_said_was_read_by_people() -> None:
    assert said() == SAID.read_text(encoding="utf-8")


def test_in_the_mended_file_there_is_no_mistake() -> None:
    assert said("mended.rules") == ""
