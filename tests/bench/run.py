"""Times and memory of `leadrules`, against the aims.

Everything is a whole process, from start to closed file, because that is what a nightly
run waits for. The yardstick is DuckDB reading the same columns of the same file in a
process of its own and counting what it read: no engine on top of it can be faster. Runs
of all jobs take turns, so that a machine that grows busy slows all of them alike. Beside
time stands what the processors had to do, which others on the machine change less.

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

from tests.bench.generate import AS_OF, Build, Made, generate

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

RULES_200 = HERE / "rules_200.rules"
BARE_200 = BARE_50 | {
    "company": (
        "STRUCT(annual_revenue DOUBLE, country VARCHAR, employees DOUBLE,"
        ' industry VARCHAR, "name" VARCHAR)'
    ),
    "events": (
        'STRUCT("type" VARCHAR, "at" TIMESTAMPTZ,'
        " campaign VARCHAR, outcome VARCHAR, seconds DOUBLE, url VARCHAR)[]"
    ),
}

RULES_DECAY = HERE / "rules_decay.rules"
BARE_DECAY = {
    "id": "VARCHAR",
    "created_at": "TIMESTAMPTZ",
    "seniority": "VARCHAR",
    "company": "STRUCT(employees DOUBLE)",
    "events": BARE_50["events"],
}

RULES_WIDE = HERE / "rules_wide.rules"
BARE_WIDE = BARE_9 | {"lead_status": "VARCHAR", "sessions_30d": "DOUBLE", "source": "VARCHAR"}

RULES_PREVIOUS = HERE / "rules_previous.rules"
BARE_PREVIOUS = BARE_9 | {"company": "STRUCT(employees DOUBLE, industry VARCHAR)"}

# The day before AS_OF, for yesterday's results.
YESTERDAY = "2026-11-21T00:00:00Z"

# How many times the bare read a run may take, the clean run a run with bad records may
# take, how much memory a run may need, and how long a check may last.
AIM_9, AIM_50, AIM_200, AIM_BAD = 2.3, 3.5, 3.5, 1.5
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
class Leads:
    """A file of leads."""

    path: Path
    made: Made


@dataclass(frozen=True)
class Output:
    """Where a job writes, and how many records it has to score and to set aside."""

    results: Path
    quarantine: Path
    scored: int
    set_aside: int


@dataclass(frozen=True)
class Job:
    """A command to time, and the job and factor, or the seconds, that it is held to.

    Without an aim the ratio to the other job is only told.
    """

    name: str
    command: tuple[str, ...]
    leads: int | None = None
    against: str | None = None
    aim: float | None = None
    output: Output | None = None


@dataclass(frozen=True)
class Run:
    """One run of a job: seconds that passed, seconds of all processors, most bytes held."""

    seconds: float
    cpu: float
    memory: int


@dataclass
class Times:
    """What the runs of one job took."""

    runs: list[Run] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The seconds of the run in the middle."""
        return median(run.seconds for run in self.runs)

    @property
    def least(self) -> float:
        """The seconds of the fastest run."""
        return min(run.seconds for run in self.runs)

    @property
    def cpu(self) -> float:
        """The seconds of all processors, of the run in the middle."""
        return median(run.cpu for run in self.runs)

    @property
    def memory(self) -> int:
        """The most bytes held by any run."""
        return max(run.memory for run in self.runs)


def main() -> None:
    """The command line of the benchmark."""
    parser = argparse.ArgumentParser(description="Time leadrules against its aims.")
    parser.add_argument(
        "--leads", type=int, default=500_000, help="a fifth of them where no aim is stated"
    )
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
    jobs = make_jobs(folder, leads)
    times = measure(jobs, runs)
    for job in jobs:
        _check_output(job)
    _print_times(jobs, times)
    peaks = {f"{job.name}, {job.leads} leads": times[job.name].memory for job in jobs if job.output}
    if large:
        many = _leads(folder, "large", leads * 10)
        for rules, number in ((RULES_9, 9), (RULES_50, 50)):
            job = score(f"score, {number} rules", many, rules)
            run = timed(job)
            _check_output(job)
            print(f"{job.name}: {run.seconds:.1f} s")
            peaks[f"{job.name}, {job.leads} leads"] = run.memory
    _print_memory(peaks)


def make_jobs(folder: Path, leads: int) -> tuple[Job, ...]:
    """All jobs, in the order of their turns, and the files that they read."""
    return (*_jobs_with_aims(folder, leads), *_jobs_without(folder, max(1, leads // 5)))


def _jobs_with_aims(folder: Path, number: int) -> tuple[Job, ...]:
    clean = _leads(folder, "clean", number)
    bad = _leads(folder, "bad", number, bad=0.01)
    bare_9 = bare("bare read for 9 rules", clean, BARE_9)
    bare_50 = bare("bare read for 50 rules", clean, BARE_50)
    bare_200 = bare("bare read for 200 rules", clean, BARE_200)
    score_9 = score("score, 9 rules", clean, RULES_9, bare_9, AIM_9)
    return (
        *(bare_9, bare_50, bare_200, score_9),
        score("score, 50 rules", clean, RULES_50, bare_50, AIM_50),
        score("score, 200 rules", clean, RULES_200, bare_200, AIM_200),
        score("score, 9 rules, 1 % bad", bad, RULES_9, score_9, AIM_BAD),
        Job("check, 100 rules", leadrules("check", str(RULES_100)), aim=AIM_CHECK),
    )


def _jobs_without(folder: Path, number: int) -> tuple[Job, ...]:
    """The jobs for which no aim is stated. They have fewer leads, so their start weighs more."""
    fewer = _leads(folder, "fewer", number)
    busy = _leads(folder, "busy", number, build="busy")
    wide = _leads(folder, "wide", number, build="wide")
    bare_decay = bare("bare read for decays", fewer, BARE_DECAY)
    bare_busy = bare("bare read, 20 events a lead", busy, BARE_50)
    bare_wide = bare("bare read, 9 of 90 fields", wide, BARE_WIDE)
    bare_previous = bare("bare read for yesterday", fewer, BARE_PREVIOUS)
    # The rules ask for yesterday; a run that is given none joins nothing.
    without = score("score, no yesterday", fewer, RULES_PREVIOUS, bare_previous)
    return (
        *(bare_decay, bare_busy, bare_wide, bare_previous),
        score("score, 20 rules with decays", fewer, RULES_DECAY, bare_decay),
        score("score, 50 rules, 20 events a lead", busy, RULES_50, bare_busy),
        score("score, 12 rules, 90 fields a lead", wide, RULES_WIDE, bare_wide),
        without,
        score("score --previous", fewer, RULES_PREVIOUS, without, previous=_yesterday(fewer)),
    )


# --- the jobs ------------------------------------------------------------------------


def bare(name: str, leads: Leads, columns: Mapping[str, str]) -> Job:
    """Reads columns and does nothing with them."""
    command = (sys.executable, "-c", _BARE, str(leads.path), json.dumps(columns))
    return Job(name, command, leads.made.leads)


def leadrules(*arguments: str) -> tuple[str, ...]:
    """The command `leadrules` with arguments."""
    return (sys.executable, "-c", _LEADRULES, *arguments)


def score(
    name: str,
    leads: Leads,
    rules: Path,
    against: Job | None = None,
    aim: float | None = None,
    previous: Path | None = None,
    as_of: str = AS_OF,
) -> Job:
    """Scores a file, with the default output beside it."""
    stem = f"{leads.path.stem}.{rules.stem}.{as_of[:10]}" + (".previous" if previous else "")
    results = leads.path.with_name(f"{stem}.results.jsonl")
    quarantine = leads.path.with_name(f"{stem}.quarantine.jsonl")
    command = leadrules(
        *("score", str(leads.path), "-r", str(rules), "--as-of", as_of),
        *("-o", str(results), "--quarantine", str(quarantine)),
        *(("--previous", str(previous)) if previous else ()),
    )
    made = leads.made
    output = Output(results, quarantine, made.leads - made.set_aside, made.set_aside)
    return Job(name, command, made.leads, against.name if against else None, aim, output)


def _yesterday(leads: Leads) -> Path:
    """The results of the same leads and rules a day before."""
    job = score("yesterday's results", leads, RULES_PREVIOUS, as_of=YESTERDAY)
    timed(job)
    _check_output(job)
    assert job.output is not None
    return job.output.results


def _leads(folder: Path, name: str, leads: int, bad: float = 0.0, build: Build = "usual") -> Leads:
    """A file of leads, made unless this generator has made it; what it holds is kept beside."""
    path, notes = folder / f"{name}.jsonl", folder / f"{name}.json"
    maker = sha256((HERE / "generate.py").read_bytes()).hexdigest()
    wanted = {"leads": leads, "bad": bad, "build": build, "maker": maker}
    note = json.loads(notes.read_text(encoding="utf-8")) if notes.exists() else None
    if note and note["wanted"] == wanted and path.exists() and path.stat().st_size == note["size"]:
        made = Made(leads, note["size"], Counter(note["kinds"]))
    else:
        made = generate(path, leads, bad, build=build)
        note = {"wanted": wanted, "size": made.size, "kinds": dict(made.bad)}
        notes.write_text(json.dumps(note), encoding="utf-8")
    spoilt = f", {sum(made.bad.values())} of them spoilt" if bad else ""
    print(f"{path.name}: {leads} leads, {made.size / 1e6:.0f} MB{spoilt}")
    return Leads(path, made)


# --- measuring -----------------------------------------------------------------------


def measure(jobs: Sequence[Job], runs: int) -> dict[str, Times]:
    """Runs the jobs in turns. A first turn, to warm up, does not count."""
    times = {job.name: Times() for job in jobs}
    for turn in range(runs + 1):
        for job in jobs:
            run = timed(job)
            if turn:
                times[job.name].runs.append(run)
    return times


def timed(job: Job) -> Run:
    """Runs a job once, as a whole process."""
    start = time.perf_counter()
    process = subprocess.Popen(job.command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    # Records in quarantine may be more than the run allows; they are counted afterwards.
    fine = (0, 1) if job.output is not None and job.output.set_aside else (0,)
    if process.returncode not in fine:
        raise SystemExit(f"{job.name} ended with {process.returncode}:\n{said.decode()}")
    # macOS counts in bytes, all others in kilobytes.
    memory = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Run(seconds, usage.ru_utime + usage.ru_stime, memory)


def _check_output(job: Job) -> None:
    """Makes sure that a job did its work: every record came out on one side."""
    if (out := job.output) is None:
        return
    scored, set_aside = _lines(out.results), _lines(out.quarantine)
    if (scored, set_aside) != (out.scored, out.set_aside):
        message = f"{job.name}: {scored} scored and {set_aside} set aside"
        raise SystemExit(f"{message}, but {out.scored} and {out.set_aside} were expected")


def _lines(path: Path) -> int:
    if not path.exists():
        return 0
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


# --- the tables ----------------------------------------------------------------------


def _print_times(jobs: Sequence[Job], times: Mapping[str, Times]) -> None:
    heads = f"{'leads':>9}{'median':>10}{'least':>10}{'ratio':>8}{'CPU ratio':>11}{'aim':>10}"
    print(f"\n{'job':<34}{heads}")
    for job in jobs:
        took = times[job.name]
        line = f"{job.name:<34}{job.leads or '':>9}{took.median:>8.3f} s{took.least:>8.3f} s"
        if job.against is not None:
            other = times[job.against]
            ratio = took.median / other.median
            line += f"{ratio:>8.2f}{took.cpu / other.cpu:>11.2f}"
            line += (
                f"{'':>18}" if job.aim is None else f"{job.aim:>10.2f}  {_met(ratio, job.aim):<6}"
            )
            line += f"  of {job.against}"
        elif job.aim is not None:
            line += f"{'':>19}{job.aim:>8.3f} s  {_met(took.median, job.aim)}"
        print(line)


def _print_memory(peaks: Mapping[str, int]) -> None:
    print(f"\n{'most memory held':<50}{'peak':>12}{'aim':>12}")
    for name, peak in peaks.items():
        aim = AIM_MEMORY / 2**20
        print(f"{name:<50}{peak / 2**20:>9.0f} MB{aim:>9.0f} MB  {_met(peak, AIM_MEMORY)}")


def _met(value: float, aim: float) -> str:
    return "met" if value <= aim else "MISSED"


if __name__ == "__main__":
    main()
