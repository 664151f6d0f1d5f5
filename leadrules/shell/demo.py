"""`leadrules demo`: a short tour on the leads and rules that come with the package."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from leadrules.batch.score import Input, score
from leadrules.model.instant import parse_instant
from leadrules.shell.color import Color, wants_color
from leadrules.shell.files import shipped
from leadrules.shell.rules import must_compile, open_rules
from leadrules.shell.score import report

_AS_OF = "2026-11-22T00:00:00Z"
_SECTIONS = ("# --- engagement", "# --- stage", "# --- temperature")
_COLUMNS = ("id", "score", "fit", "engagement", "stage", "temperature", "next_step")


def run(color: str) -> None:
    """Shows a ruleset, its scored leads, and why one of them has its score."""
    choice: Color = color  # type: ignore[assignment]  # click allows no other values
    colored = wants_color(choice, sys.stdout)
    console = Console(force_terminal=colored, no_color=not colored, highlight=False, width=_width())
    folder = shipped("inbound")
    rules, leads = folder / "inbound.rules", folder / "leads.jsonl"
    program, _ = must_compile(open_rules(str(rules), sys.stdin), colored)
    with tempfile.TemporaryFile() as scored, tempfile.TemporaryFile() as bad:
        as_of = parse_instant(_AS_OF, None)
        summary = score(
            program, [Input(leads, leads.name)], scored, bad, as_of=as_of, engine="duckdb"
        )
        scored.seek(0)
        results = [json.loads(line) for line in scored]
    _title(console, "1. Rules are text that people can read. A part of inbound.rules:")
    for line in _excerpt(rules):
        console.print(Text("    " + line), soft_wrap=True)
    _title(console, f"2. {summary.read} sample leads, scored as of {_AS_OF}:")
    console.print(_table(results))
    console.print(report(summary, as_of, "inbound.quarantine.jsonl"), soft_wrap=True)
    chosen = max(results, key=lambda result: (len(result["fired"]), result["score"]))
    _title(console, f"3. Why {chosen['id']} has {_number(chosen['score'])} points:")
    console.print(_why(chosen))
    _title(console, "4. Try it:")
    shown = _near(folder)
    name = _command()
    for command in (
        f"{name} score {shown}/leads.jsonl -r {shown}/inbound.rules --as-of {_AS_OF} --sort id",
        f"{name} explain {chosen['id']} --leads {shown}/leads.jsonl -r {shown}/inbound.rules "
        f"--as-of {_AS_OF}",
        f"{name} check {shown}",
        f"{name} score {shown}/leads.jsonl --as-of {_AS_OF} "
        "-e 'demo_request +40; score>=60 -> SQL; no_reply 30d -> cold'",
    ):
        console.print(Text("    " + command, style="bold"), soft_wrap=True)


def _width() -> int | None:
    return None if sys.stdout.isatty() else 100


def _title(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold"))
    console.print()


def _excerpt(rules: Path) -> list[str]:
    """The sections of the file that the tour shows."""
    lines: list[str] = []
    wanted = False
    for line in rules.read_text(encoding="utf-8").splitlines():
        if line.startswith("# --- "):
            wanted = line.startswith(_SECTIONS)
        if wanted:
            lines.append(line)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _table(results: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 2))
    for name in _COLUMNS:
        numeric = name in ("score", "fit", "engagement")
        table.add_column(name, justify="right" if numeric else "left")
    for result in sorted(results, key=lambda r: (-r["score"], r["id"])):
        values = result | result["scores"]
        table.add_row(*(Text(_number(values[name])) for name in _COLUMNS))
    return table


def _why(result: dict[str, Any]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 2))
    table.add_column(justify="right")
    table.add_column()
    table.add_column()
    for item in result["fired"]:
        said = item.get("reason", "")
        if "limit" in item:
            limited = f"{item['limit']} ({_number(item['earned'])} earned)"
            said = f"{said}; {limited}" if said else limited
        points = item["points"]
        sign = "+" if points >= 0 else ""
        table.add_row(Text(sign + _number(points)), Text(item["rule"]), Text(said))
    labels = ", ".join(
        f"{name}: {value}"
        for name, value in result.items()
        if name not in ("id", "score", "scores", "fired", "reasons") and value is not None
    )
    table.add_row(Text(_number(result["score"]), style="bold"), Text("score", style="bold"), "")
    table.add_row("", Text(labels), "")
    return table


def _number(value: Any) -> str:
    return "-" if value is None else str(value)


def _command() -> str:
    """How the command is called from here: by its name when the shell finds it."""
    called = Path(sys.argv[0])
    if shutil.which("leadrules") or called.name != "leadrules":
        return "leadrules"
    return _near(called)


def _near(folder: Path) -> str:
    """A folder as it is shortest to type."""
    near = os.path.relpath(folder)
    return str(folder) if near.startswith("..") else near
