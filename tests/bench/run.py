"""Times and memory of `leadrules`, against the aims.

Everything is a whole process, from start to closed file, because that is what a nightly
run waits for. The yardstick is DuckDB reading the same columns of the same file in a
process of its own and counting what it read: no engine on top of it can be faster. Runs
of all jobs take turns, so that a machine that grows busy slows all of them alike.

`python -m tests.bench.run`; `README.md` tells how to read the table.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.generate import AS_OF, Made, generate

HERE = Path(__file__).parent

# The columns of the bare read are those that the rules touch; tests/test_bench.py holds
# each list to its rules.
RULES_9 = HERE / "rules_9.rules"
BARE_9 = {
    "id": "VARCHAR",
    "created_at": "TIMESTAMPTZ",
    "budget": "DOUBLE",
    "seniority": "VARCHAR",
    "company": "STRUCT(employees DOUBLE)",
    "events": 'STRUCT("type" VARCHAR, "at" TIMESTAMPTZ, url VARCHAR)[]',
}

RULES_50 = HERE / "rules_50.rules"
BARE_50 = {
    "id": "VARCHAR",
    "created_at": "TIMESTAMPTZ",
    "purchase_date": "TIMESTAMPTZ",
    "budget": "DOUBLE",
    "department": "VARCHAR",
    "email": "VARCHAR",
    "opted_in": "BOOLEAN",
    "seniority": "VARCHAR",
    "source": "VARCHAR",
    "title": "VARCHAR",
    "company": (
        "STRUCT(annual_revenue DOUBLE, country VARCHAR, employees DOUBLE, industry VARCHAR)"
    ),
    "events": (
        'STRUCT("type" VARCHAR, "at" TIMESTAMPTZ, outcome VARCHAR, seconds DOUBLE, url VARCHAR)[]'
    ),
}

RULES_100 = HERE / "rules_100.rules"

# How many times the bare read a run may take, the clean run a run with bad records may
# take, how much memory a run may need, and how long a check may last.
AIM_9, AIM_50, AIM_BAD = 2.3, 3.5, 1.5
AIM_MEMORY = 1.5 * 2**30
AIM_CHECK = 0.250

_BARE = """
import json, sys
import duckdb
columns = json.loads(sys.argv[2])
counts = ", ".join(f'count("{name}")' for name in columns)
duckdb.execute("set timezone = 'UTC'")
relation = "read_json(?, format = 'newline_delimited', columns = ?)"
print(duckdb.execute(f"select {counts} from {relation}", [sys.argv[1], columns]).fetchone())
"""
_LEADRULES = "from leadrules.shell.cli import main; main()"


@dataclass(frozen=True)
class Job:
    """A command to time, and the job and factor, or the seconds, that it is held to."""

    name: str
    command: tuple[str, ...]
    against: str | None = None
    aim: float | None = None
    codes: tuple[int, ...] = (0,)


@dataclass
class Times:
    """What the runs of one job took: seconds each, and the most memory of any, in bytes."""

    seconds: list[float] = field(default_factory=list)
    memory: int = 0

    @property
    def median(self) -> float:
        """The run in the middle."""
        return median(self.seconds)


def main() -> None:
    """The command line of the benchmark."""
    parser = argparse.ArgumentParser(description="Time leadrules against its aims.")
    parser.add_argument("--leads", type=int, default=500_000)
    parser.add_argument("--runs", type=int, default=5, help="runs of each job, at least 5")
    parser.add_argument(
        "--large", action="store_true", help="also the memory at 10 times the leads"
    )
    parser.add_argument(
        "--dir", type=Path, help="keep the files here, and use those that are there"
    )
    options = parser.parse_args()
    runs = max(5, options.runs)
    if options.dir is not None:
        options.dir.mkdir(parents=True, exist_ok=True)
        _bench(options.dir, options.leads, runs, options.large)
        return
    with TemporaryDirectory(prefix="leadrules-bench-") as folder:
        _bench(Path(folder), options.leads, runs, options.large)


def _bench(folder: Path, leads: int, runs: int, large: bool) -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    clean, made = _leads(folder, "clean", leads, 0.0)
    _, spoilt = _leads(folder, "bad", leads, 0.01)
    print(f"{leads} leads, {made.size / 1e6:.0f} MB; {sum(spoilt.bad.values())} of them spoilt")
    jobs = (
        Job("bare read, columns of 9 rules", bare(clean, BARE_9)),
        Job("bare read, columns of 50 rules", bare(clean, BARE_50)),
        Job(
            "score, 9 rules",
            score(folder, "clean", RULES_9),
            "bare read, columns of 9 rules",
            AIM_9,
        ),
        Job(
            "score, 50 rules",
            score(folder, "clean", RULES_50),
            "bare read, columns of 50 rules",
            AIM_50,
        ),
        Job(
            "score, 9 rules, 1 % bad",
            score(folder, "bad", RULES_9),
            "score, 9 rules",
            AIM_BAD,
            # Records in quarantine may be more than the run allows; they are counted below.
            (0, 1),
        ),
        Job("check, 100 rules", leadrules("check", str(RULES_100)), None, AIM_CHECK),
    )
    times = measure(jobs, runs)
    _count(folder, "clean", RULES_9, leads, 0)
    _count(folder, "clean", RULES_50, leads, 0)
    _count(folder, "bad", RULES_9, leads, spoilt.set_aside)
    _print_times(jobs, times)
    peaks = {f"{job.name}, {leads} leads": times[job.name].memory for job in jobs[2:5]}
    if large:
        many = leads * 10
        _, made = _leads(folder, "large", many, 0.0)
        print(f"\n{many} leads, {made.size / 1e6:.0f} MB")
        for rules, number in ((RULES_9, 9), (RULES_50, 50)):
            job = Job(f"score, {number} rules", score(folder, "large", rules))
            seconds, memory = timed(job)
            print(f"{job.name}: {seconds:.1f} s")
            _count(folder, "large", rules, many, 0)
            peaks[f"{job.name}, {many} leads"] = memory
    _print_memory(peaks)


# --- the jobs ------------------------------------------------------------------------


def bare(leads: Path, columns: Mapping[str, str]) -> tuple[str, ...]:
    """The command that reads columns and does nothing with them."""
    return (sys.executable, "-c", _BARE, str(leads), json.dumps(columns))


def leadrules(*arguments: str) -> tuple[str, ...]:
    """The command `leadrules` with arguments."""
    return (sys.executable, "-c", _LEADRULES, *arguments)


def score(folder: Path, name: str, rules: Path) -> tuple[str, ...]:
    """The command that scores a file of the folder, with the default output."""
    results, quarantine = _outputs(folder, name, rules)
    return leadrules(
        *("score", str(folder / f"{name}.jsonl"), "-r", str(rules), "--as-of", AS_OF),
        *("-o", str(results), "--quarantine", str(quarantine)),
    )


def _outputs(folder: Path, name: str, rules: Path) -> tuple[Path, Path]:
    return (
        folder / f"{name}.{rules.stem}.results.jsonl",
        folder / f"{name}.{rules.stem}.quarantine.jsonl",
    )


def _leads(folder: Path, name: str, leads: int, bad: float) -> tuple[Path, Made]:
    """A file of leads, made unless this generator has made it; what it holds is kept beside."""
    path, notes = folder / f"{name}.jsonl", folder / f"{name}.json"
    maker = sha256((HERE / "generate.py").read_bytes()).hexdigest()
    wanted = {"leads": leads, "bad": bad, "maker": maker}
    if path.exists() and notes.exists():
        note = json.loads(notes.read_text(encoding="utf-8"))
        if note["wanted"] == wanted and path.stat().st_size == note["size"]:
            return path, Made(leads, note["size"], Counter(note["kinds"]))
    made = generate(path, leads, bad)
    note = {"wanted": wanted, "size": made.size, "kinds": dict(made.bad)}
    notes.write_text(json.dumps(note), encoding="utf-8")
    return path, made


# --- measuring -----------------------------------------------------------------------


def measure(jobs: Sequence[Job], runs: int) -> dict[str, Times]:
    """Runs the jobs in turns. A first turn, to warm up, does not count."""
    times = {job.name: Times() for job in jobs}
    for turn in range(runs + 1):
        for job in jobs:
            seconds, memory = timed(job)
            if turn:
                times[job.name].seconds.append(seconds)
                times[job.name].memory = max(times[job.name].memory, memory)
    return times


def timed(job: Job) -> tuple[float, int]:
    """The seconds a job takes as a whole process, and the most memory it held, in bytes."""
    start = time.perf_counter()
    process = subprocess.Popen(job.command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in job.codes:
        raise SystemExit(f"{job.name} ended with {process.returncode}:\n{said.decode()}")
    # macOS counts in bytes, all others in kilobytes.
    return seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _count(folder: Path, name: str, rules: Path, leads: int, bad: int) -> None:
    """Makes sure that the runs did the work: every record came out on one side."""
    results, quarantine = _outputs(folder, name, rules)
    found = _lines(results), _lines(quarantine) if quarantine.exists() else 0
    if found != (leads - bad, bad):
        message = f"{rules.name} on {name}.jsonl: {found[0]} scored and {found[1]} set aside"
        raise SystemExit(f"{message}, but {leads - bad} and {bad} were expected")


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


# --- the tables ----------------------------------------------------------------------


def _print_times(jobs: Sequence[Job], times: Mapping[str, Times]) -> None:
    print(f"\n{'job':<34}{'median':>10}{'least':>10}{'ratio':>8}{'aim':>10}")
    for job in jobs:
        time_ = times[job.name]
        line = f"{job.name:<34}{time_.median:>8.3f} s{min(time_.seconds):>8.3f} s"
        if job.against is not None and job.aim is not None:
            ratio = time_.median / times[job.against].median
            line += f"{ratio:>8.2f}{job.aim:>10.2f}  {_met(ratio, job.aim)}  of {job.against}"
        elif job.aim is not None:
            line += f"{'':>8}{job.aim:>8.3f} s  {_met(time_.median, job.aim)}"
        print(line)


def _print_memory(peaks: Mapping[str, int]) -> None:
    print(f"\n{'most memory held':<44}{'peak':>12}{'aim':>12}")
    for name, peak in peaks.items():
        aim = AIM_MEMORY / 2**20
        print(f"{name:<44}{peak / 2**20:>9.0f} MB{aim:>9.0f} MB  {_met(peak, AIM_MEMORY)}")


def _met(value: float, aim: float) -> str:
    return "met" if value <= aim else "MISSED"


if __name__ == "__main__":
    main()
