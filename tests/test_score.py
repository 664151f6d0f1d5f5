"""`leadrules score` from the command line: files in, files out, and how it leaves.

What rules mean is told elsewhere; here it is where things go, what becomes of bad records,
and that results come in one piece or not at all. What depends on the process (exit codes,
signals, standard output) runs in one of its own; the rest calls the verb in this one.
"""

from __future__ import annotations

import base64
import fcntl
import gzip
import hashlib
import json
import os
import random
import resource
import shlex
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard
from click.testing import CliRunner

from leadrules import __version__
from leadrules.batch import records
from leadrules.batch import score as batch
from leadrules.model.lead import CODES
from leadrules.shell.cli import cli
from tests.doors import ENGINES, Engine

ROOT = Path(__file__).parents[1]
AS_OF = "2026-11-22"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
RULES = """
budget >= 10 +5
name = Ann +3
company.size > 5 +1
each visit where (pages > 3) +2
each visit +1 max 10
score >= 5 -> SQL
otherwise -> lead
visit within 7d -> hot
"""
both_engines = pytest.mark.parametrize("engine", ENGINES)


class Place:
    """A folder to work in: files are made in it and the command runs in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("r.rules", RULES)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def lines(self, name: str) -> list[Any]:
        return [json.loads(line) for line in self.read(name).splitlines()]

    def ids(self, name: str = "out.jsonl") -> list[str]:
        return [line["id"] for line in self.lines(name)]

    def manifest(self, name: str = "out.jsonl") -> Any:
        return json.loads(self.read(name + ".manifest.json"))

    def names(self) -> set[str]:
        return {str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if p.is_file()}

    def score(self, *arguments: str, rules: str = "r.rules", stdin: bytes = b"") -> str:
        """Runs the verb in this process; what it says on standard error. Raises Stop."""
        before = os.getcwd()
        os.chdir(self.folder)
        try:
            result = CliRunner().invoke(
                cli, ["score", "-r", rules, "--as-of", AS_OF, *arguments], input=stdin
            )
        finally:
            os.chdir(before)
        if result.exception is not None:
            raise result.exception
        return result.stderr

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        """The command in a process of its own."""
        pipe = subprocess.PIPE
        return subprocess.Popen(
            [sys.executable, "-m", "leadrules", "score", *arguments],
            cwd=self.folder,
            stdin=options.pop("stdin", pipe),
            stdout=options.pop("stdout", pipe),
            stderr=pipe,
            env={**ENVIRONMENT, **options.pop("env", {})},
            **options,
        )

    def leave(self, *arguments: str, stdin: bytes = b"", **options: Any) -> tuple[int, bytes, str]:
        """Exit code, standard output and standard error of the command."""
        process = self.start("-r", "r.rules", "--as-of", AS_OF, *arguments, **options)
        out, err = process.communicate(stdin)
        assert b"Traceback" not in err, err.decode()
        return process.returncode, out or b"", err.decode()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def leads(*ids: object) -> bytes:
    """A record a line, which any rules can score."""
    return b"".join(json.dumps({"id": key}, ensure_ascii=False).encode() + b"\n" for key in ids)


# --- what goes in ----------------------------------------------------------------------

ARRAY = b' [\n{"id":"a"},\n\n {"id":"b,]"} , {"id":"c"}\n]\n'
LAYOUTS: dict[str, tuple[bytes, list[str]]] = {
    "lines": (leads("a", "b"), ["a", "b"]),
    "no line end at the end": (leads("a", "b").rstrip(), ["a", "b"]),
    "windows line ends": (leads("a", "b").replace(b"\n", b"\r\n"), ["a", "b"]),
    "blank lines": (b"\n  \n\t\r\n" + leads("a").replace(b"\n", b"\n\n \n"), ["a"]),
    "byte order mark": (b"\xef\xbb\xbf" + leads("a", "b"), ["a", "b"]),
    "array": (ARRAY, ["a", "b,]", "c"]),
    "array with a byte order mark": (b"\xef\xbb\xbf" + ARRAY, ["a", "b,]", "c"]),
    "empty array": (b"[ ]\n", []),
    "nothing": (b"", []),
    "blanks alone": (b"\n \n", []),
    "lines.gz": (gzip.compress(leads("a", "b"), mtime=0), ["a", "b"]),
    "two parts.jsonl.gz": (
        gzip.compress(leads("a"), mtime=0) + gzip.compress(leads("b"), mtime=0),
        ["a", "b"],
    ),
    "array.json.gz": (gzip.compress(ARRAY, mtime=0), ["a", "b,]", "c"]),
    "nothing.gz": (gzip.compress(b"", mtime=0), []),
    "array.json.zst": (zstandard.compress(ARRAY), ["a", "b,]", "c"]),
}


@both_engines
@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts(place: Place, engine: Engine, name: str) -> None:
    content, ids = LAYOUTS[name]
    place.write(name, content)
    said = place.score(name, "-o", "out.jsonl", "--engine", engine)
    assert place.ids() == ids
    assert f"read {len(ids)} = scored {len(ids)} + excluded 0 + quarantined 0" in said


@both_engines
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("leads", gzip.compress(leads("a", "b"), mtime=0)),
        ("leads", gzip.compress(b'[{"id":"a"},{"id":"b"}]', mtime=0)),
        ("leads", zstandard.compress(b'[{"id":"a"},{"id":"b"}]')),
        ("leads.gz", leads("a", "b")),
        ("leads.zst", leads("a", "b")),
    ],
)
def test_a_file_is_told_by_its_content(
    place: Place, engine: Engine, name: str, content: bytes
) -> None:
    place.write(name, content)
    place.score(name, "-o", "out.jsonl", "--engine", engine)
    assert place.ids() == ["a", "b"]


@both_engines
@pytest.mark.parametrize("content", [leads("a", "b"), b'[{"id":"a"},{"id":"b"}]'])
def test_standard_input_may_be_compressed(place: Place, engine: Engine, content: bytes) -> None:
    code, out, _ = place.leave("-", "--engine", engine, stdin=gzip.compress(content, mtime=0))
    assert (code, out.count(b"\n")) == (0, 2)


@both_engines
def test_lines_compressed_with_zstd(place: Place, engine: Engine) -> None:
    place.write("in.jsonl.zst", zstandard.compress(leads("a") + b"nope\n" + leads("b")))
    place.score("in.jsonl.zst", "-o", "out.jsonl", "--engine", engine)
    assert place.ids() == ["a", "b"]


def test_zstd_cut_short_is_not_taken_for_an_empty_file(place: Place) -> None:
    place.write("in.jsonl.zst", zstandard.compress(leads(*range(100)))[:-5])
    assert place.leave("in.jsonl.zst", "-o", "out.jsonl")[0] == 3


@both_engines
def test_a_byte_order_mark_alone_is_no_record(place: Place, engine: Engine) -> None:
    place.write("in", b"\xef\xbb\xbf")
    assert "read 0 =" in place.score("in", "-o", "out.jsonl", "--engine", engine)


@both_engines
def test_mixed_files_in_one_run_keep_their_order(place: Place, engine: Engine) -> None:
    place.write("1.jsonl", leads(*range(10, 15)))
    place.write("2.json", ARRAY)
    place.write("3.gz", gzip.compress(leads(*range(20, 25))))
    place.write("4.json.zst", zstandard.compress(b'[{"id":"a"},{"id":"d"}]'))
    place.write("5.jsonl", leads("z", "y"))
    place.write("bad/x.jsonl", b"nope\n")
    order = ("5.jsonl", "bad/x.jsonl", "2.json", "3.gz", "1.jsonl", "4.json.zst")
    place.score(*order, "-o", "out.jsonl", "--engine", engine)
    expected = ["z", "y", "a", "b,]", "c", *map(str, range(20, 25)), *map(str, range(10, 15))]
    assert place.ids() == [*expected, "d"]
    bad = [entry["file"] for entry in place.lines("out.quarantine.jsonl")]
    assert bad == ["bad/x.jsonl", "4.json.zst"]


@both_engines
def test_a_pattern_stands_for_its_files_in_the_order_of_names(place: Place, engine: Engine) -> None:
    for name in ("in/b.jsonl", "in/a.jsonl", "in/deep/c.jsonl"):
        place.write(name, leads(name))
    (place.folder / "in/folder.jsonl").mkdir()
    place.score("in/*.jsonl", "-o", "out.jsonl", "--engine", engine)
    assert place.ids() == ["in/a.jsonl", "in/b.jsonl"]
    place.score("in/**/*.jsonl", "-o", "out.jsonl", "--engine", engine)
    assert place.ids() == ["in/a.jsonl", "in/b.jsonl", "in/deep/c.jsonl"]


@both_engines
@pytest.mark.parametrize("name", ["it's.jsonl", "a b.jsonl", "ü.jsonl", "{a}.jsonl", "-a", "a%20b"])
def test_odd_names_of_files(place: Place, engine: Engine, name: str) -> None:
    place.write(name, leads("a"))
    place.score("-o", "out.jsonl", "--engine", engine, "--", name)
    assert place.ids() == ["a"]


@both_engines
@pytest.mark.parametrize("name", ["a[1].jsonl", "*.jsonl", "a?.jsonl"])
def test_a_name_that_is_there_is_no_pattern(place: Place, engine: Engine, name: str) -> None:
    place.write("a1.jsonl", leads("other"))
    place.write(name, leads("a"))
    place.score(name, "-o", "out.jsonl", "--engine", engine)
    assert place.ids() == ["a"]


@both_engines
def test_standard_input_and_output(place: Place, engine: Engine) -> None:
    for content in (leads("a", "b"), ARRAY):
        place.write("in", content)
        place.score("in", "-o", "out.jsonl", "--engine", engine)
        code, out, said = place.leave("-", "--engine", engine, stdin=content)
        assert (code, out) == (0, place.read("out.jsonl"))
        assert said.startswith("as of 2026-11-22T00:00:00Z\nread ")
        assert place.leave("-", "-q", "-o", "-", "--engine", engine, stdin=content) == (0, out, "")
    assert place.names() == {"in", "r.rules", "out.jsonl", "out.jsonl.manifest.json"}


def test_rules_from_standard_input_and_from_the_command_line(place: Place) -> None:
    place.write("in", b'{"id":"a","budget":10}\n')
    process = place.start("in", "-r", "-", "--as-of", AS_OF)
    out, _ = process.communicate(b"\xef\xbb\xbfbudget >= 10 +7\n")
    assert json.loads(out)["score"] == 7
    process = place.start("in", "-e", "budget >= 10 +8; score > 5 -> SQL", "--as-of", AS_OF)
    out, _ = process.communicate()
    assert json.loads(out)["score"] == 8


@both_engines
def test_leads_from_a_pipe_are_not_lost(place: Place, engine: Engine) -> None:
    """`leadrules score <(zcat leads.gz)`: to read it or to refuse it, but not in silence."""
    receive, send = os.pipe()
    os.write(send, leads("a", "b"))
    os.close(send)
    name = f"/dev/fd/{receive}"
    code, out, _ = place.leave(name, "--engine", engine, pass_fds=(receive,))
    os.close(receive)
    assert code or out.count(b"\n") == 2


# --- sorting ---------------------------------------------------------------------------


@both_engines
def test_sorting_is_by_the_bytes_of_the_id(place: Place, engine: Engine) -> None:
    ids = [
        "b",
        "a",
        "Z",
        "é",
        "z",
        "10",
        "9",
        "e\u0301",
        "😀",
        "\uffee",
        "ab",
        " a",
        "a\u0000b",
        'a"b',
    ]
    ids += ["a\\b", "a\nb", "\u0080", "aé"]
    place.write("in", leads(*ids))
    place.score("in", "-o", "out.jsonl", "--sort", "id", "--engine", engine)
    assert place.ids() == sorted(ids, key=lambda key: key.encode())
    place.score("in", "-o", "plain.jsonl", "--engine", engine)
    assert place.ids("plain.jsonl") == ids
    assert sorted(place.read("plain.jsonl").splitlines()) == sorted(
        place.read("out.jsonl").splitlines()
    )


def test_sorted_output_of_nothing(place: Place) -> None:
    place.write("in", b"")
    place.score("in", "-o", "out.jsonl", "--sort", "id")
    assert place.read("out.jsonl") == b""


def test_sorting_goes_to_standard_output_too(place: Place) -> None:
    code, out, _ = place.leave("-", "--sort", "id", stdin=leads("b", "c", "a"))
    assert code == 0
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["a", "b", "c"]


# --- bad records -----------------------------------------------------------------------

# Each record, the code it is set aside with, and the field that is named.
BAD: list[tuple[bytes, str, str | None]] = [
    (b"nope", "not_json", None),
    (b'{"id":"a"', "not_json", None),
    (b'{"id":"a"} x', "not_json", None),
    (b'{"id":"a"}{"id":"b"}', "not_json", None),
    (b'{"id":"\xff"}', "not_json", None),
    (b'{"id":"\\ud800"}', "not_json", None),
    (b'{"id":"a\x01"}', "not_json", None),
    (b"{'id':'a'}", "not_json", None),
    (b"\xef\xbb\xbf", "not_json", None),
    (b"5", "not_an_object", None),
    (b'"a"', "not_an_object", None),
    (b"null", "not_an_object", None),
    (b'["a"]', "not_an_object", None),
    (b"{}", "no_id", None),
    (b'{"ID":"a"}', "no_id", None),
    (b'{"id":null}', "no_id", None),
    (b'{"id":""}', "no_id", None),
    (b'{"id":" \\u00a0"}', "no_id", None),
    (b'{"id":7.0}', "no_id", None),
    (b'{"id":true}', "no_id", None),
    (b'{"id":["a"]}', "no_id", None),
    (b'{"id":"t1","budget":"10"}', "wrong_type", "budget"),
    (b'{"id":"t2","budget":true}', "wrong_type", "budget"),
    (b'{"id":"t3","name":5}', "wrong_type", "name"),
    (b'{"id":"t4","company":"Acme"}', "wrong_type", "company"),
    (b'{"id":"t5","company":{"size":"big"}}', "wrong_type", "company.size"),
    (b'{"id":"t6","events":"none"}', "wrong_type", "events"),
    (b'{"id":"t7","events":[5]}', "wrong_type", "events[0]"),
    (b'{"id":"t8","events":[{"at":"2026-11-01"}]}', "wrong_type", "events[0].type"),
    (
        b'{"id":"t9","events":[{"type":"x","at":"2026-11-01"},'
        b'{"type":"x","at":"2026-11-01","pages":"3"}]}',
        "wrong_type",
        "events[1].pages",
    ),
    (b'{"id":"n1","staff":12.5}', "not_whole", "staff"),
    (b'{"id":"f1","budget":1e400}', "not_finite", "budget"),
    (b'{"id":"f2","budget":NaN}', "not_finite", "budget"),
    (b'{"id":"d1","born":"2026-02-30"}', "bad_date", "born"),
    (b'{"id":"d2","born":"tomorrow"}', "bad_date", "born"),
    (b'{"id":"d3","events":[{"type":"x"}]}', "bad_date", "events[0].at"),
    (b'{"id":"d4","events":[{"type":"x","at":"11/22/2026"}]}', "bad_date", "events[0].at"),
    (b'{"id":"good"}', "duplicate_id", "id"),
    (b'{"id":"good","budget":11}', "duplicate_id", "id"),
    (b'{"budget":11,"\\u0069d":"good"}', "duplicate_id", "id"),
]
SCHEMA = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "budget": {"type": "number"},
        "staff": {"type": "integer"},
        "name": {"type": "string"},
        "born": {"type": "string", "format": "date"},
        "company": {"type": "object", "properties": {"size": {"type": "number"}}},
        "events": {"type": "array", "items": {"properties": {"pages": {"type": "number"}}}},
    },
}
STRICT = f'use schema "s.json"\n{RULES}staff > 5 +1\nborn within 30d +1\n'


@pytest.fixture
def strict(place: Place) -> Place:
    place.write("s.json", json.dumps(SCHEMA))
    place.write("r.rules", STRICT)
    return place


@both_engines
def test_what_is_kept_of_a_bad_record(strict: Place, engine: Engine) -> None:
    content = b'{"id":"good"}\n\n' + b"\n".join(record for record, _, _ in BAD) + leads("", "last")
    strict.write("in.jsonl", content)
    said = strict.score("in.jsonl", "-o", "out.jsonl", "--engine", engine)
    # Glued to the last bad record, so it is bad too: the text goes on behind it.
    assert strict.ids() == ["good", "last"]
    entries = strict.lines("out.quarantine.jsonl")
    assert len(entries) == len(BAD)
    for number, (entry, (record, code, field)) in enumerate(zip(entries, BAD, strict=True), 3):
        last = number == len(BAD) + 2
        kept = record + b'{"id": ""}' if last else record
        assert entry["file"] == "in.jsonl"
        assert entry["line"] == number
        assert entry["code"] == ("not_json" if last else code), record
        assert entry["field"] == (None if last else field), record
        assert entry["reason"]
        try:
            assert entry["record"] == kept.decode()
            assert "record_base64" not in entry
        except UnicodeDecodeError:
            assert entry["record"] is None
            assert base64.b64decode(entry["record_base64"]) == kept
        if code not in ("not_json", "not_an_object", "no_id"):
            assert last or entry["id"] == json.loads(record)["id"]
        else:
            assert entry["id"] is None
    assert f"read {len(BAD) + 2} = scored 2 + excluded 0 + quarantined {len(BAD)}" in said
    assert "(see out.quarantine.jsonl)" in said


def test_every_code_is_provoked() -> None:
    assert {code for _, code, _ in BAD[:-1]} == set(CODES)


def test_engines_keep_the_same_bytes(strict: Place) -> None:
    strict.write("in.jsonl", b'{"id":"good"}\n' + b"\n".join(record for record, _, _ in BAD))
    for engine in ENGINES:
        strict.score("in.jsonl", "-o", f"{engine}.jsonl", "--engine", engine)
    assert strict.read("duckdb.jsonl") == strict.read("reference.jsonl")
    one, other = (strict.read(f"{engine}.quarantine.jsonl") for engine in ENGINES)
    assert one == other
    assert strict.manifest("duckdb.jsonl")["counts"] == strict.manifest("reference.jsonl")["counts"]


def test_the_quarantine_can_be_mended_and_scored(place: Place) -> None:
    place.write("in.jsonl", b'{"id":"a","budget":"12"}\n' + leads("b"))
    place.score("in.jsonl", "-o", "out.jsonl")
    (entry,) = place.lines("out.quarantine.jsonl")
    place.write("mended.jsonl", entry["record"].replace('"12"', "12"))
    place.score("mended.jsonl", "-o", "more.jsonl")
    assert place.lines("more.jsonl")[0]["score"] == 5


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["-o", "out.jsonl"], "out.quarantine.jsonl"),
        (["-o", "deep/scored"], "deep/scored.quarantine.jsonl"),
        (["-o", "a.b.jsonl"], "a.b.quarantine.jsonl"),
        (["-o", "out.jsonl", "--quarantine", "deep/bad"], "deep/bad"),
        ([], "quarantine.jsonl"),
        (["--quarantine", "bad"], "bad"),
    ],
)
def test_where_the_quarantine_goes(place: Place, arguments: list[str], expected: str) -> None:
    (place.folder / "deep").mkdir()
    place.write("in.jsonl", leads("a") + b"nope\n")
    code, _, said = place.leave("in.jsonl", *arguments)
    assert code == 0
    assert place.lines(expected)[0]["code"] == "not_json"
    assert f"quarantined: not_json 1 (see {expected})" in said


def test_an_older_quarantine_does_not_outlive_its_run(place: Place) -> None:
    place.write("in.jsonl", leads("a") + b"nope\n")
    place.score("in.jsonl", "-o", "out.jsonl")
    assert place.read("out.quarantine.jsonl")
    place.write("in.jsonl", leads("a"))
    place.score("in.jsonl", "-o", "out.jsonl")
    assert place.read("out.quarantine.jsonl") == b""
    place.score("in.jsonl", "-o", "new.jsonl")
    assert "new.quarantine.jsonl" not in place.names()
    place.score("in.jsonl", "-o", "new.jsonl", "--quarantine", "asked.jsonl")
    assert place.read("asked.jsonl") == b""


@both_engines
def test_lines_of_an_array_are_those_where_items_begin(place: Place, engine: Engine) -> None:
    place.write("in", b'[\n{"id":"a"},\n\n  {"id":\n"a"\n},{"id":"a"},\n5\n]')
    place.score("in", "-o", "out.jsonl", "--engine", engine)
    assert place.ids() == ["a"]
    bad = place.lines("out.quarantine.jsonl")
    assert [(entry["line"], entry["code"]) for entry in bad] == [
        (4, "duplicate_id"),
        (6, "duplicate_id"),
        (7, "not_an_object"),
    ]


# --- duplicates ------------------------------------------------------------------------


@both_engines
def test_the_first_of_an_id_counts_across_files(place: Place, engine: Engine) -> None:
    place.write("1.jsonl", leads("a", "b", 7))
    place.write("2.json", b'[{"id":"c"},\n{"id":"a"},{"id":"7"}]')
    place.write("3.jsonl", leads("b", "a ", "A", "d", "d"))
    place.score("1.jsonl", "2.json", "3.jsonl", "-o", "out.jsonl", "--engine", engine)
    assert place.ids() == ["a", "b", "7", "c", "a ", "A", "d"]
    bad = [
        (e["file"], e["line"], e["id"], e["reason"]) for e in place.lines("out.quarantine.jsonl")
    ]
    assert bad == [
        ("2.json", 2, "a", "the id was seen before, in 1.jsonl line 1"),
        ("2.json", 2, "7", "the id was seen before, in 1.jsonl line 3"),
        ("3.jsonl", 1, "b", "the id was seen before, in 1.jsonl line 2"),
        ("3.jsonl", 5, "d", "the id was seen before, in line 4"),
    ]


SAME_PLACE = "a lead is told from itself by file and line, and here both are the same"


@both_engines
@pytest.mark.parametrize("names", [("in", "in"), ("in", "i*")])
def test_the_same_file_twice_is_all_duplicates(
    place: Place, engine: Engine, names: tuple[str, str]
) -> None:
    place.write("in", leads("a", "b"))
    said = place.score(*names, "-o", "out.jsonl", "--engine", engine)
    assert "read 4 = scored 2 + excluded 0 + quarantined 2" in said


@both_engines
def test_duplicates_in_one_line_of_an_array(place: Place, engine: Engine) -> None:
    place.write("in", b'[{"id":"a"},{"id":"b"},{"id":"a"}]')
    place.score("in", "-o", "out.jsonl", "--engine", engine)
    assert place.ids() == ["a", "b"]


def test_standard_input_is_not_lost_when_it_is_named_twice(place: Place) -> None:
    code, out, _ = place.leave("-", "-", stdin=leads("a", "b"))
    assert code == 2 or out.count(b"\n") == 2


@pytest.mark.parametrize("ids", [('"0"', "0"), ("0", '"0"'), ('"-0"', "-0"), ("17", '"17"')])
@both_engines
def test_one_id_in_two_spellings(place: Place, engine: Engine, ids: tuple[str, str]) -> None:
    place.write("in", "".join(f'{{"id":{spelled}}}\n' for spelled in (*ids, '"other"')))
    place.score("in", "-o", "out.jsonl", "--engine", engine)
    assert place.ids() == [ids[0].strip('"'), "other"]
    assert [entry["code"] for entry in place.lines("out.quarantine.jsonl")] == ["duplicate_id"]


@pytest.mark.parametrize("value", ["{,}", "[,]", "[[1,],[ ,]]", "[1,,]"])
@both_engines
def test_a_comma_alone_is_not_json(place: Place, engine: Engine, value: str) -> None:
    place.write("in", f'{{"zzz":{value},"id":"a"}}\n{{"zzz":[1,],"id":"a",}}\n')
    place.score("in", "-o", "out.jsonl", "--engine", engine)
    assert place.ids() == ["a"]
    assert [entry["code"] for entry in place.lines("out.quarantine.jsonl")] == ["not_json"]


@both_engines
def test_a_bad_record_does_not_make_a_later_one_a_duplicate(place: Place, engine: Engine) -> None:
    records = [b'{"id":"a","budget":"x"}', b'{"id":"a","budget":11}', b'{"id":"a","budget":"y"}']
    place.write("in", b"\n".join([*records, records[1]]))
    place.score("in", "-o", "out.jsonl", "--engine", engine)
    assert [line["score"] for line in place.lines("out.jsonl")] == [5]
    bad = place.lines("out.quarantine.jsonl")
    assert [(e["line"], e["code"]) for e in bad] == [
        (1, "wrong_type"),
        (3, "wrong_type"),
        (4, "duplicate_id"),
    ]
    assert bad[-1]["reason"] == "the id was seen before, in line 2"


@both_engines
def test_of_a_key_given_twice_the_first_counts(place: Place, engine: Engine) -> None:
    place.write(
        "in",
        b'{"id":"a","id":"b","budget":11,"budget":"x"}\n{"id":"c","budget":"x","budget":11}\n'
        b'{"id":"d","company":{"size":6,"size":"x"}}\n',
    )
    place.score("in", "-o", "out.jsonl", "--engine", engine)
    assert [(line["id"], line["score"]) for line in place.lines("out.jsonl")] == [
        ("a", 5),
        ("d", 1),
    ]
    assert [e["id"] for e in place.lines("out.quarantine.jsonl")] == ["c"]


# --- much ------------------------------------------------------------------------------


def many(number: int) -> Iterable[bytes]:
    """Leads of which every 97th is bad, odd or given before."""
    for i in range(number):
        match i // 97 % 5 if i % 97 == 0 else -1:
            case 0:
                yield b'{"id":"L%d","budget":"x"}' % i
            case 1:
                yield b'{"id":"L%d"}' % (i - 1)
            case 2:
                yield (
                    b'{"id":"L%d","events":[{"type":"visit","at":"2026-11-20T00:00:00.000000001Z"}]}'
                    % i
                )
            case 3:
                yield b'{"id":"L%d","name":"\xff"}' % i
            case 4:
                yield b'{"id":"L%d","events":[{"type":"visit","at":"2026-11-23"}]}' % i
            case _:
                yield b'{"id":"L%d","budget":%d,"name":"ann"}' % (i, i % 20)


def test_many_records_with_bad_ones_in_every_batch(place: Place) -> None:
    place.write("in.jsonl", b"\n".join(many(20_000)) + b"\n")
    for engine in ENGINES:
        place.score("in.jsonl", "-o", f"{engine}.jsonl", "--engine", engine)
    counts = place.manifest("duckdb.jsonl")["counts"]
    assert counts["read"] == 20_000
    assert counts["quarantined_by_code"] == {"duplicate_id": 42, "not_json": 41, "wrong_type": 42}
    assert counts["scored"] == 20_000 - 125
    assert counts["events_after_as_of"] == 41
    assert place.read("duckdb.jsonl") == place.read("reference.jsonl")
    one, other = (place.read(f"{engine}.quarantine.jsonl") for engine in ENGINES)
    assert one == other
    one, other = (place.manifest(f"{engine}.jsonl") for engine in ENGINES)
    assert one["labels"] == other["labels"]
    assert one["counts"] == other["counts"]


@pytest.mark.parametrize("seed", range(200))
def test_edits_are_made_in_the_file(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(seed)
    monkeypatch.setattr(batch, "_PIECE", draw.choice([1, 3, 7, 64]))
    before = draw.randbytes(draw.randint(0, 200))
    cuts = sorted(draw.randint(0, len(before)) for _ in range(2 * draw.randint(0, 6)))
    edits = [
        batch._Edit(start, end, draw.randbytes(draw.choice([0, 1, 5, 30, end - start])))
        for start, end in zip(cuts[::2], cuts[1::2], strict=True)
    ]
    after, at = b"", 0
    for edit in edits:
        after += before[at : edit.start] + edit.data
        at = edit.end
    with tempfile.TemporaryFile() as file:
        file.write(before)
        batch._apply(edits, file)
        file.seek(0)
        assert file.read() == after + before[at:]


@pytest.mark.parametrize("seed", range(200))
def test_wanted_records_are_those_that_are_read(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(seed)
    monkeypatch.setattr(records, "_CHUNK", draw.choice([1, 4, 16, 64]))
    pieces = [b"{}", b'{"a":1}', b"", b" ", b"\r", b"x", b"  {}", b"[", b"\xef\xbb\xbf"]
    some = pieces[: draw.choice([2, len(pieces)])]
    lines = [draw.choice(some) for _ in range(draw.randint(0, 30))]
    file = tmp_path / "leads"
    file.write_bytes(b"\n".join(lines) + draw.choice([b"", b"\n"]))
    found = list(enumerate(records.records(file, "newline_delimited"), 7))
    chosen = [number for number, _ in found if draw.random() < 0.3]
    wanted = deque(chosen)
    ends = []

    def picked() -> Iterator[tuple[int, records.Record]]:
        ends.append((yield from records.records_at(file, "newline_delimited", wanted, 7)))

    assert list(picked()) == [(number, record) for number, record in found if number in chosen]
    assert ends == [7 + len(found)]
    assert not wanted


def test_the_same_bytes_twice_and_with_one_processor(place: Place) -> None:
    place.write("in.jsonl", b"\n".join(many(20_000)))
    expected = place.leave("in.jsonl", "--quarantine", "bad")[1], place.read("bad")
    assert expected[0].count(b"\n") == 20_000 - 125
    assert (place.leave("in.jsonl", "--quarantine", "bad")[1], place.read("bad")) == expected

    def one_processor() -> None:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

    if sys.platform == "linux":
        again = place.leave("in.jsonl", "--quarantine", "bad", preexec_fn=one_processor)
        assert (again[1], place.read("bad")) == expected


@both_engines
def test_a_huge_line_is_one_record(place: Place, engine: Engine) -> None:
    place.write("in", b'{"id":"a","x":"' + b"y" * 20_000_000 + b'","budget":11}\n' + leads("b"))
    place.score("in", "-o", "out.jsonl", "--engine", engine)
    assert [(line["id"], line["score"]) for line in place.lines("out.jsonl")] == [
        ("a", 5),
        ("b", 0),
    ]


@both_engines
def test_a_lead_with_very_many_events(place: Place, engine: Engine) -> None:
    kinds = "abcde"
    place.write("r.rules", "".join(f"each {kind} +0.01\n" for kind in kinds))
    events = ",".join(
        f'{{"type":"{kind}","at":"2026-11-01"}}' for kind in kinds for _ in range(40_000)
    )
    place.write("in", f'{{"id":"a","events":[{events}]}}\n' + '{"id":"b"}\n')
    place.score("in", "-o", "out.jsonl", "--engine", engine)
    assert [line["score"] for line in place.lines("out.jsonl")] == [2000, 0]


@pytest.mark.parametrize("depth", [1_500, 100_000])
def test_deep_nesting_is_the_same_to_both_engines(place: Place, depth: int) -> None:
    place.write("in", b'{"id":"a","x":' + b"[" * depth + b"]" * depth + b"}\n" + leads("b"))
    for engine in ENGINES:
        place.score("in", "-o", f"{engine}.jsonl", "--engine", engine)
    assert place.read("duckdb.jsonl") == place.read("reference.jsonl")


@pytest.mark.parametrize("item", [b"{bad}", b'{"id":"\xff"}', b"NaN", b'{"id":"\x01"}', b""])
def test_a_bad_item_of_an_array_is_the_same_to_both_engines(place: Place, item: bytes) -> None:
    place.write("in", b'[{"id":"a"},' + item + b"]")

    def outcome(engine: Engine) -> tuple[int, bytes]:
        return place.leave("in", "-q", "--engine", engine)[:2]

    assert outcome("duckdb") == outcome("reference")


# --- what cannot be read ---------------------------------------------------------------

BROKEN: dict[str, bytes] = {
    "cut short.gz": gzip.compress(leads(*range(1000)))[:-20],
    "no end.gz": gzip.compress(leads("a"), mtime=0)[:-8],
    "rubbish.gz": gzip.compress(leads(*range(1000)))[:60] + b"rubbish" * 20,
    "cut short.json.zst": zstandard.compress(b"[" + b"5," * 1000 + b"5]")[:-9],
    "array cut short": b'[{"id":"a"},{"id":"b"}',
    "array cut in a text": b'[{"id":"a"},{"id":"b',
    "text behind the array": b'[{"id":"a"}] x',
    "two arrays": b'[{"id":"a"}][{"id":"b"}]',
    "comma without a record": b'[{"id":"a"},,{"id":"b"}]',
}


@both_engines
@pytest.mark.parametrize("name", BROKEN)
def test_an_unreadable_file_leaves_everything_as_it_was(
    place: Place, engine: Engine, name: str
) -> None:
    place.write("good.jsonl", leads("a", "b"))
    place.write(name, BROKEN[name])
    for old in ("out.jsonl", "out.quarantine.jsonl", "out.jsonl.manifest.json"):
        place.write(old, f"before: {old}")
    before = {old: place.read(old) for old in place.names()}
    code, out, said = place.leave("good.jsonl", name, "-o", "out.jsonl", "--engine", engine)
    assert (code, out) == (3, b"")
    assert "nothing was written" in said.lower()
    assert {old: place.read(old) for old in place.names()} == before


@pytest.mark.parametrize("name", ["array cut short", "text behind the array"])
def test_an_unreadable_file_is_no_fault_of_leadrules(place: Place, name: str) -> None:
    place.write(name, BROKEN[name])
    assert "fault of leadrules" not in place.leave(name)[2]


@both_engines
def test_a_broken_array_is_named_as_it_was_given(place: Place, engine: Engine) -> None:
    broken = b'[{"id":"a"},\n{"id":"b"'
    place.write("good.json", b'[{"id":"a"}]')
    place.write("bad.json", broken)
    said = "the array breaks off before its end; nothing was written\n"
    code, _, err = place.leave("-", "--engine", engine, stdin=broken)
    assert (code, err) == (3, f"cannot read the leads: standard input: {said}")
    code, _, err = place.leave("good.json", "bad.json", "--engine", engine)
    assert (code, err) == (3, f"cannot read the leads: bad.json: {said}")


@both_engines
def test_gzip_with_a_wrong_checksum(place: Place, engine: Engine) -> None:
    record = b'{"id":"%d","events":[{"type":"visit","at":"2026-11-21T00:00:00Z"}]}\n'
    whole = gzip.compress(b"".join(record % number for number in range(5_000)))
    place.write("in.gz", whole[:-8] + b"\0\0\0\0" + whole[-4:])
    assert place.leave("in.gz", "--engine", engine)[0] == 3


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nowhere.jsonl"], 3, "cannot read nowhere.jsonl: there is no such file\n"),
        (["*.csv"], 3, "cannot read *.csv: there is no such file\n"),
        (["folder"], 2, "folder is a folder; name the files in it: folder/*.jsonl\n"),
        (
            ["in", "-r", "nowhere.rules"],
            3,
            "cannot read nowhere.rules: no such file or directory\n",
        ),
        (["in", "-o", "nowhere/out.jsonl"], 3, "cannot write nowhere/out.jsonl"),
        (["in", "-e", "a +1"], 2, "give the rules once"),
        ([], 2, "Missing argument"),
        (["in", "--engine", "fast"], 2, "fast"),
        (["in", "--sort", "score"], 2, "score"),
        (["in", "--as-of", "yesterday"], 2, "--as-of yesterday is not a timestamp such as"),
        (["in", "--as-of", "2026-02-30"], 2, "--as-of 2026-02-30 names a day"),
        (["in", "--as-of", "2026-11-22T00:00:00.0000001Z"], 2, "finer than a microsecond"),
        (["in", "--max-quarantine", "some"], 2, "--max-quarantine some"),
        (["in", "--max-quarantine", "-1"], 2, "--max-quarantine -1"),
        (["in", "--max-quarantine", "nan"], 2, "--max-quarantine nan"),
        (["in", "--max-quarantine", "1.9"], 2, "--max-quarantine 1.9"),
        (["in", "--max-quarantine", "1e3"], 2, "--max-quarantine 1e3"),
        (["in", "--max-quarantine", "101%"], 2, "a share is 100% at most"),
        (["-", "-r", "-"], 2, "standard input (-) can be given only once"),
        (["in", "-o", "in"], 2, "in is one of the inputs"),
        (["in", "-o", "link"], 2, "link is one of the inputs"),
        (["in", "-o", "./folder/../in"], 2, "is one of the inputs"),
        (["in", "--quarantine", "in"], 2, "in is one of the inputs"),
        (["in", "-o", "r.rules"], 2, "r.rules is one of the rule files"),
        (["in", "--quarantine", "link.rules"], 2, "link.rules is one of the rule files"),
        (["in", "--previous", "old", "--quarantine", "old"], 2, "old holds yesterday's results"),
        (["in", "-o", "x", "--quarantine", "x"], 2, "must be three files"),
        (["in", "-o", "x", "--quarantine", "x.manifest.json"], 2, "must be three files"),
        (["in", "-r", "wrong.rules", "-o", "out.jsonl"], 1, "nothing was scored: 2 errors"),
    ],
)
def test_what_is_refused(place: Place, arguments: list[str], code: int, said: str) -> None:
    (place.folder / "folder").mkdir()
    place.write("in", leads("a"))
    (place.folder / "link").symlink_to("in")
    (place.folder / "link.rules").symlink_to("r.rules")
    place.write("old", "")
    place.write("wrong.rules", "a -> SQLL\nb +1\nbudget >= +1\n")
    place.write("out.jsonl", "before")
    before = {name: place.read(name) for name in place.names()}
    found, out, err = place.leave(*arguments)
    assert found == code, err
    assert out == b""
    assert said in err
    assert {name: place.read(name) for name in place.names()} == before


@both_engines
def test_all_that_may_nest_at_once(place: Place, engine: Engine) -> None:
    deep = "x = 1"
    for n in range(31):
        deep = f"({deep} {'and' if n % 2 else 'or'} not y = {n})"
    steps = [f"classify d{n} {{ d{n - 1} = A and {deep} -> A }}" for n in range(1, 32)]
    first = f"classify d0 {{ s >= 1 and {deep} -> A }}"
    place.write("r.rules", "\n".join([f"score s {{ {deep} +1 }}", first, *steps]))
    place.write("in", '{"id": "a", "x": 1, "y": 99}\n')
    place.score("in", "-o", "out.jsonl", "--engine", engine)
    assert place.lines("out.jsonl")[0]["d31"] == "A"
    assert place.manifest()["engine"] == engine


def test_labels_cannot_forge_the_summary(place: Place) -> None:
    place.write("in", leads("a"))
    place.write("r.rules", r'classify c { id known -> "\u001b[2J\nread 9 = scored 9\u202e" }')
    said = place.score("in")
    assert "\nc: \ufffd[2J\ufffdread 9 = scored 9\ufffd = 1\n" in said
    assert said.count("\n") == 3


def test_no_rules_at_all(place: Place) -> None:
    process = place.start("in", "--as-of", AS_OF)
    _, err = process.communicate()
    assert process.returncode == 2
    assert b"give the rules once" in err
    assert "did you mean -r r.rules?" in place.start("in", "r.rules").communicate()[1].decode()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(place: Place) -> None:
    place.write("in", leads("a")).chmod(0)
    code, _, said = place.leave("in", "-o", "out.jsonl")
    assert code == 3
    assert "permission denied" in said.lower()


# --- what comes out --------------------------------------------------------------------


def test_nothing_is_left_beside_the_output(place: Place) -> None:
    place.write("in", leads("a"))
    place.score("in", "-o", "out.jsonl")
    assert place.names() == {"in", "r.rules", "out.jsonl", "out.jsonl.manifest.json"}


def test_the_mode_of_the_target_is_kept(place: Place) -> None:
    place.write("in", leads("a") + b"nope\n")
    for name in ("out.jsonl", "out.quarantine.jsonl", "out.jsonl.manifest.json"):
        place.write(name, "before").chmod(0o640)
    before = os.umask(0o022)
    try:
        place.score("in", "-o", "out.jsonl")
        place.score("in", "-o", "new.jsonl")
    finally:
        os.umask(before)
    modes = {name: stat.S_IMODE((place.folder / name).stat().st_mode) for name in place.names()}
    assert modes["out.jsonl"] == modes["out.quarantine.jsonl"] == 0o640
    assert modes["out.jsonl.manifest.json"] == 0o640
    assert modes["new.jsonl"] == modes["new.quarantine.jsonl"] == 0o644


def test_an_output_that_is_a_link_stays_one(place: Place) -> None:
    place.write("in", leads("a"))
    place.write("real/data.jsonl", "before")
    (place.folder / "out.jsonl").symlink_to("real/data.jsonl")
    place.score("in", "-o", "out.jsonl")
    assert (place.folder / "out.jsonl").is_symlink()
    assert place.ids("real/data.jsonl") == ["a"]


@pytest.mark.parametrize("option", ["-o", "--quarantine"])
def test_an_output_that_is_no_plain_file_stays_what_it_is(place: Place, option: str) -> None:
    """A pipe stands for `/dev/null`, which a test run as root would lose."""
    place.write("in", leads("a") + b"nope\n")
    os.mkfifo(place.folder / "pipe")
    reader = os.open(place.folder / "pipe", os.O_RDWR | os.O_NONBLOCK)
    try:
        place.leave("in", option, "pipe")
    finally:
        os.close(reader)
    bad = {"quarantine.jsonl"} if option == "-o" else set()
    assert place.names() == {"in", "r.rules", *bad}
    assert stat.S_ISFIFO((place.folder / "pipe").stat().st_mode)


@pytest.mark.parametrize("option", ["-o", "--quarantine"])
def test_an_output_that_is_a_folder(place: Place, option: str) -> None:
    place.write("in", leads("a") + b"nope\n")
    (place.folder / "folder").mkdir()
    code, _, said = place.leave("in", option, "folder")
    assert code in (2, 3)
    assert "fault of leadrules" not in said


def test_two_names_for_one_place_are_seen(place: Place) -> None:
    place.write("in", leads("a"))
    place.write("real", "before")
    os.link(place.folder / "in", place.folder / "hard")
    assert place.leave("in", "-o", "hard")[0] in (0, 2)
    assert place.read("in") == leads("a")


def test_another_run_holds_the_lock(place: Place) -> None:
    place.write("in", leads("a"))
    place.write("out.jsonl", "before")
    lock = place.write(".out.jsonl.leadrules", "half")
    with lock.open("r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        code, _, said = place.leave("in", "-o", "out.jsonl")
        assert code == 75
        assert "another run is writing" in said
        assert place.read("out.jsonl") == b"before"
        assert lock.read_bytes() == b"half"
    # What a run that was killed has left is no lock.
    assert place.leave("in", "-o", "out.jsonl")[0] == 0
    assert place.ids() == ["a"]
    assert not lock.exists()


def slow(place: Place) -> None:
    """Leads that take the reference some seconds."""
    place.write("in", b"\n".join(b'{"id":"L%d","budget":12}' % i for i in range(300_000)))


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["TERM", "INT"]
)
@both_engines
def test_a_run_that_is_stopped_leaves_nothing(
    place: Place, engine: Engine, number: signal.Signals, code: int
) -> None:
    slow(place)
    scratch = place.folder / "scratch"
    scratch.mkdir()
    for name in ("out.jsonl", "out.quarantine.jsonl"):
        place.write(name, "before")
    before = place.names()
    process = place.start(
        "in", "-r", "r.rules", "--as-of", AS_OF, "-o", "out.jsonl", "--engine", engine,
        env={"TMPDIR": str(scratch)},
    )  # fmt: skip
    draft = place.folder / ".out.jsonl.leadrules"
    limit = time.monotonic() + 30
    while not draft.exists() and time.monotonic() < limit:
        time.sleep(0.01)
    assert draft.exists()
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (code, b"")
    assert err.decode().strip() in (
        "terminated; nothing was written",
        "interrupted; nothing was written",
    )
    assert place.names() == before
    assert place.read("out.jsonl") == b"before"
    assert list(scratch.iterdir()) == []


def test_a_reader_that_leaves_early(place: Place) -> None:
    place.write("in", b"\n".join(many(20_000)))
    process = place.start("in", "-r", "r.rules", "--as-of", AS_OF, "--quarantine", "bad")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    process.wait(30)
    assert b"Traceback" not in err
    assert b"fault" not in err


def test_a_reader_that_leaves_early_is_no_answer_of_no(place: Place) -> None:
    place.write("in", b"\n".join(many(20_000)))
    process = place.start("in", "-r", "r.rules", "--as-of", AS_OF, "--quarantine", "bad")
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(30) == 3


def test_a_full_disk(place: Place) -> None:
    """Stood in for by a limit on the size of a file."""
    place.write("in", b"\n".join(many(20_000)))
    place.write("out.jsonl", "before")
    before = place.names()

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    for engine in ENGINES:
        code, _, said = place.leave("in", "-o", "out.jsonl", "--engine", engine, preexec_fn=small)
        assert code == 3, said
        assert "too large" in said.lower()
        assert place.read("out.jsonl") == b"before"
        assert place.names() == before


def test_standard_output_that_takes_nothing(place: Place) -> None:
    place.write("in", leads("a"))
    with open("/dev/full", "wb") as full:
        code, _, said = place.leave("in", stdout=full)
    assert code == 3
    assert "no space left" in said.lower()


# --- limits of the quarantine ----------------------------------------------------------


@both_engines
@pytest.mark.parametrize("limit", [(), ("--max-quarantine", "100%")])
def test_when_every_record_is_bad_the_results_stay_as_they_were(
    place: Place, engine: Engine, limit: tuple[str, ...]
) -> None:
    place.write("in", b"nope\nnope\n")
    place.write("out.jsonl", "before")
    code, _, said = place.leave("in", "-o", "out.jsonl", "--engine", engine, *limit)
    assert len(place.lines("out.quarantine.jsonl")) == 2
    if limit:
        assert (code, place.read("out.jsonl")) == (0, b"")
    else:
        assert (code, place.read("out.jsonl")) == (1, b"before")
        assert said.endswith("every record is bad; no results written\n")


def test_no_record_is_not_every_record(place: Place) -> None:
    assert place.leave("-")[0] == 0


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_table_is_told_from_leads_and_how_to_make_leads_of_it(place: Place, sign: str) -> None:
    place.write("people.csv", f"id{sign}name\n1{sign}Ann\n2{sign}Bob\n")
    code, _, said = place.leave("people.csv")
    assert code == 1
    assert "people.csv looks like CSV" in said
    command = shlex.split(said.splitlines()[-1])
    assert command[0] == "python"
    subprocess.run([sys.executable, *command[1:]], cwd=place.folder, check=True)
    place.write("any.rules", "visit +1\n")
    place.score("leads.jsonl", "-o", "out.jsonl", rules="any.rules")
    assert place.ids() == ["1", "2"]


def test_what_is_no_table_is_not_called_one(place: Place) -> None:
    place.write("in", "hello, world\nhow are you\n")
    assert "CSV" not in place.leave("in")[2]


@pytest.mark.parametrize(
    ("limit", "code"),
    [("1", 1), ("2", 0), ("49%", 1), ("50%", 0), ("0", 1), ("0%", 1), ("100%", 0)],
)
def test_too_many_bad_records(place: Place, limit: str, code: int) -> None:
    place.write("in", leads("a", "b") + b"nope\nnope\n")
    place.write("out.jsonl", "before")
    place.write("out.jsonl.manifest.json", "before")
    found, _, said = place.leave("in", "-o", "out.jsonl", "--max-quarantine", limit)
    assert found == code
    assert "read 4 = scored 2 + excluded 0 + quarantined 2" in said
    # They are there to be looked at, whatever comes of the run.
    assert len(place.lines("out.quarantine.jsonl")) == 2
    if code:
        assert f"more than {limit} of the records are bad; no results written" in said
        assert place.read("out.jsonl") == place.read("out.jsonl.manifest.json") == b"before"
    else:
        assert place.ids() == ["a", "b"]


def test_too_many_bad_records_for_standard_output(place: Place) -> None:
    code, out, _ = place.leave("-", "--max-quarantine", "0", stdin=leads("a") + b"nope\n")
    assert (code, out) == (1, b"")


def test_no_records_are_not_too_many(place: Place) -> None:
    assert place.leave("-", "--max-quarantine", "0%", stdin=b"")[0] == 0


# --- the manifest ----------------------------------------------------------------------


def test_the_manifest(strict: Place) -> None:
    strict.write(
        "r.rules", 'include "more.rules"\nuse schema "s.json"\nbudget > 5 +60\nscore >= 60 -> SQL\n'
    )
    strict.write("more.rules", "at least 1 visit +1\nvisit within 7d -> hot\n")
    strict.write("1.jsonl", b'{"id":"a","budget":6}\n{"id":"a"}\nnope\n')
    strict.write(
        "2.gz",
        gzip.compress(
            b'[{"id":"b","events":[{"type":"visit","at":"2026-11-23T00:00:00Z"}]}]', mtime=0
        ),
    )
    strict.score("1.jsonl", "2.gz", "-o", "out.jsonl")
    found = strict.manifest()
    seconds = found.pop("seconds")
    assert 0 <= seconds < 60

    def sha(name: str) -> str:
        return hashlib.sha256(strict.read(name)).hexdigest()

    assert found == {
        "format_version": 1,
        "leadrules": __version__,
        "as_of": "2026-11-22T00:00:00Z",
        "ruleset": {
            "name": "r.rules",
            "files": {name: sha(name) for name in ("more.rules", "r.rules", "s.json")},
        },
        "inputs": [
            {"name": name, "bytes": len(strict.read(name)), "sha256": sha(name)}
            for name in ("1.jsonl", "2.gz")
        ],
        "previous": None,
        "engine": "duckdb",
        "counts": {
            "read": 4,
            "scored": 2,
            "frozen": 0,
            "excluded": 0,
            "quarantined": 2,
            "quarantined_by_code": {"duplicate_id": 1, "not_json": 1},
            "events_after_as_of": 1,
        },
        "labels": {
            "stage": [{"label": "SQL", "leads": 1}, {"label": None, "leads": 1}],
            "temperature": [{"label": None, "leads": 2}],
        },
        "conflicts": {},
    }


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2026-11-22", "2026-11-22T00:00:00Z"),
        ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z"),
        ("2026-11-22T10:00:00.123456Z", "2026-11-22T10:00:00.123456Z"),
        ("2026-11-22 10:00:00+02:00", "2026-11-22T08:00:00Z"),
        ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z"),
        ("0001-01-01", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ],
)
@both_engines
def test_spellings_of_as_of(place: Place, engine: Engine, given: str, shown: str) -> None:
    place.write("in", leads("a"))
    said = place.score("in", "-o", "out.jsonl", "--as-of", given, "--engine", engine)
    assert place.manifest()["as_of"] == shown
    assert said.startswith(f"as of {shown}\n")


def test_as_of_is_read_in_the_zone_of_the_rules(place: Place) -> None:
    place.write("r.rules", 'timezone "Europe/Paris"\nfield born within 1d -> hot\n')
    place.write("in", b'{"id":"a","born":"2026-11-21T00:00:01"}\n{"id":"b","born":"2026-11-21"}\n')
    place.score("in", "-o", "out.jsonl")
    assert place.manifest()["as_of"] == "2026-11-21T23:00:00Z"
    assert [line["temperature"] for line in place.lines("out.jsonl")] == ["hot", None]


def test_as_of_comes_from_the_environment_or_is_now(place: Place) -> None:
    place.write("in", leads("a"))
    arguments = ("in", "-r", "r.rules", "-o", "out.jsonl")
    process = place.start(*arguments, env={"LEADRULES_AS_OF": "2020-01-01"})
    process.communicate()
    assert place.manifest()["as_of"] == "2020-01-01T00:00:00Z"
    before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    place.start(*arguments).communicate()
    after = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    assert before <= place.manifest()["as_of"] <= after


def test_as_of_before_the_first_year_there_is(place: Place) -> None:
    place.write("r.rules", 'timezone "Europe/Paris"\na +1\n')
    place.write("in", leads("a"))
    code, _, said = place.leave("in", "-o", "out.jsonl", "--as-of", "0001-01-01")
    assert "fault of leadrules" not in said
    assert code in (0, 2)


# --- the tour --------------------------------------------------------------------------


def demo(folder: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "leadrules", "demo"],
        cwd=folder,
        capture_output=True,
        env={**ENVIRONMENT, **environment},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def commands(shown: str) -> list[list[str]]:
    lines = shown.partition("4. Try it:")[2].splitlines()
    return [shlex.split(line) for line in lines if line.strip()]


@pytest.mark.parametrize("folder", [ROOT, ROOT / "tests"], ids=["here", "elsewhere"])
def test_what_the_demo_proposes_works(folder: Path, tmp_path: Path) -> None:
    proposed = commands(demo(folder))
    assert len(proposed) == 4
    for command in proposed:
        assert command[0] == "leadrules"
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=folder, capture_output=True, env=ENVIRONMENT
        )
        assert done.returncode == 0, done.stderr.decode()
        assert b"Traceback" not in done.stderr
        if "score" in command:
            assert b"quarantined 0" in done.stderr
            assert all(json.loads(line)["id"] for line in done.stdout.splitlines())


def test_the_demo_is_the_same_each_time_and_plain_in_a_file(tmp_path: Path) -> None:
    shown = demo(tmp_path)
    assert shown == demo(tmp_path)
    assert "\x1b" not in shown
    assert "\x1b[" in demo(tmp_path, FORCE_COLOR="1", NO_COLOR="")
    assert list(tmp_path.iterdir()) == []


def test_duckdb_draws_no_progress_bar(tmp_path: Path) -> None:
    """It would stand among the results on standard output when a run takes long."""
    from leadrules.engines.duckdb import connect

    with connect(tmp_path) as connection:
        setting = connection.execute("SELECT current_setting('enable_progress_bar')").fetchone()
    assert setting == (False,)


def test_rules_that_are_too_much_for_duckdb_are_scored_all_the_same(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leadrules.engines.duckdb.MEMORY", 1_500_000)
    place.write("r.rules", "each e where (x > 1) +1 half-life 30d")
    lead = '{"id": "a", "events": [{"type": "e", "at": "2026-11-20", "x": 2}]}\n'
    place.write("in.jsonl", lead + "{}\n")
    said = place.score("in.jsonl", "-o", "out.jsonl")
    assert "scoring with the slow engine: they need more memory" in said
    assert place.ids() == ["a"]
    assert place.manifest()["engine"] == "reference"
    assert place.manifest()["counts"]["quarantined"] == 1
