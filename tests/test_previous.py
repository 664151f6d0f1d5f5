"""`leadrules score --previous`: a run that knows the results of the one before."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from pathlib import Path

import pytest

from leadrules.shell.outcome import UNFINISHED, Stop
from tests.doors import ENGINES, Engine
from tests.test_score import Place, both_engines

RULES = """
score fit { budget >= 10 +50 }
name = Ann +10
was SQL -2
previous.fit > 40 +1
exclude name = Bob "competitor"
freeze was customer "a customer"
freeze previous.score < 0
score >= 50 -> SQL
score >= 10 -> MQL
classify mood { score >= 60 -> good; score >= 50 -> "not bad" }
dimension stage never falls until name = Eve
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.write("r.rules", RULES)
    return made


def result(identity: str, **keys: object) -> bytes:
    return json.dumps({"id": identity} | keys, separators=(",", ":")).encode() + b"\n"


@both_engines
def test_what_was(place: Place, engine: Engine) -> None:
    leads: list[dict[str, object]] = [
        {"id": "new", "budget": 20},
        {"id": "kept", "name": "Ann"},
        {"id": "may fall", "name": "Eve"},
        {"id": "higher", "budget": 20, "name": "Ann"},
        {"id": "customer", "budget": 20},
        {"id": "below", "budget": 20},
        {"id": "out", "name": "Bob"},
        {"id": "was out", "name": "Ann"},
        {"id": "élan", "name": "Ann"},
    ]
    place.write("in.jsonl", "\n".join(json.dumps(lead) for lead in leads))
    frozen = b'{"id":"below","score":-0.5,"stage":null,"fired":[],"frozen":"an \\"old\\" one"}\n'
    place.write(
        "before.jsonl",
        result("customer", score=1, stage="customer", fired=[])
        + frozen
        + result("kept", score=60, scores={"fit": 50}, stage="SQL")
        + result("gone", score=60, stage="SQL")
        + result("may fall", score=60, stage="SQL")
        + result("higher", score=10, stage="MQL")
        + result("out", score=10, stage="customer")
        + result("was out", excluded="competitor")
        + result("élan", score=60, stage="SQL"),
    )
    said = place.score(
        "in.jsonl", "-o", "out.jsonl", "--engine", engine, "--previous", "before.jsonl"
    )
    lines = {line["id"]: line for line in place.lines("out.jsonl")}
    assert list(lines) == [lead["id"] for lead in leads]
    assert (lines["new"]["score"], lines["new"]["stage"], lines["new"]["mood"]) == (
        50,
        "SQL",
        "not bad",
    )
    assert (lines["kept"]["score"], lines["kept"]["stage"]) == (9, "SQL")
    assert lines["kept"]["reasons"] == {"stage": "never falls"}
    assert (lines["may fall"]["score"], lines["may fall"]["stage"]) == (-2, None)
    assert (lines["higher"]["score"], lines["higher"]["stage"]) == (60, "SQL")
    assert lines["out"] == {"id": "out", "excluded": "competitor"}
    assert (lines["was out"]["score"], lines["was out"]["stage"]) == (10, "MQL")
    assert (lines["élan"]["score"], lines["élan"]["stage"]) == (8, "SQL")
    output = place.read("out.jsonl")
    assert (
        b'{"id":"customer","score":1,"stage":"customer","fired":[],"frozen":"a customer"}\n'
        in output
    )
    kept = frozen.replace(b'an \\"old\\" one', b"previous.score < 0")
    assert kept in output
    counts = place.manifest()["counts"]
    assert (counts["scored"], counts["frozen"], counts["excluded"]) == (8, 2, 1)
    assert "kept from yesterday: 2" in said


def test_many_in_another_order(place: Place) -> None:
    chance = random.Random(1)
    ids = [f"L-{number}" for number in range(30_000)]
    place.write("in.jsonl", b"".join(b'{"id":"%s","budget":5}\n' % i.encode() for i in ids))
    chance.shuffle(ids)
    labels = ["SQL", "MQL", "customer", None]
    before = [result(i, score=chance.randrange(90), stage=chance.choice(labels)) for i in ids]
    place.write("before.jsonl", b"".join(before))
    place.write("before.gz", gzip.compress(b"".join(before)))
    for name, engine in (
        ("before.jsonl", "duckdb"),
        ("before.gz", "duckdb"),
        ("before.jsonl", "reference"),
    ):
        place.score("in.jsonl", "-o", f"{name}.{engine}", "--engine", engine, "--previous", name)
    expected = place.read("before.jsonl.reference")
    assert place.read("before.jsonl.duckdb") == expected
    assert place.read("before.gz.duckdb") == expected
    assert place.ids("before.jsonl.duckdb") == [f"L-{number}" for number in range(30_000)]
    one, other = (place.manifest(f"before.jsonl.{engine}") for engine in ENGINES)
    assert one["labels"] == other["labels"]
    assert one["counts"] == other["counts"]
    assert one["counts"]["frozen"] > 5_000


@both_engines
def test_the_output_of_one_day_is_the_input_of_the_next(place: Place, engine: Engine) -> None:
    place.write("in.jsonl", b'{"id":1,"budget":20}\n{"id":2}\n')
    arguments = ("in.jsonl", "-o", "out.jsonl", "--engine", engine)
    place.score(*arguments)
    assert [line["score"] for line in place.lines("out.jsonl")] == [50, 0]
    for _ in range(2):
        before = place.read("out.jsonl")
        place.score(*arguments, "--previous", "out.jsonl")
        assert place.manifest()["previous"] == {
            "name": "out.jsonl",
            "bytes": len(before),
            "sha256": hashlib.sha256(before).hexdigest(),
        }
        assert [line["score"] for line in place.lines("out.jsonl")] == [49, 0]
        assert [line["stage"] for line in place.lines("out.jsonl")] == ["SQL", None]


@both_engines
@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"x", "line 2 is not a result of leadrules"),
        (b"", "line 2 is not a result of leadrules"),
        (b"[]", "line 2 is not a result of leadrules"),
        (b'{"id":"b"}', "line 2 is not a result of leadrules"),
        (b'{"id":5,"score":1}', "line 2 is not a result of leadrules"),
        (b'{"id":"b","score":1.234}', "line 2 is not a result of leadrules"),
        (b'{"id":"b","score":null}', "line 2 is not a result of leadrules"),
        (b'{"id":"b","score":1', "line 2 is not a result of leadrules"),
        (b'{"id":"b","score":1} ', "line 2 is not a result of leadrules"),
        (b'{"id":"b","score":1 , }', "line 2 is not a result of leadrules"),
        (b'{"id":"b","score":1}\r{"id":"d","score":1}', "line 2 is not a result of leadrules"),
        (b'{"id":"b","score":1,"a":"\xff"}', "line 2 is not a result of leadrules"),
        (b'{"id":"a","score":2}', "line 2 is a second result for the id a"),
    ],
)
def test_what_is_no_result(place: Place, engine: Engine, line: bytes, said: str) -> None:
    place.write("in.jsonl", b'{"id":"a"}\n')
    place.write("before.jsonl", b'{"id":"a","score":1}\n' + line + b'\n{"id":"c","score":1}\n')
    arguments = ("in.jsonl", "-o", "out.jsonl", "--engine", engine, "--previous", "before.jsonl")
    with pytest.raises(Stop) as stopped:
        place.score(*arguments)
    assert stopped.value.code == UNFINISHED
    assert f"cannot read yesterday's results: {said}; nothing was written" in str(
        stopped.value.message
    )
    assert "out.jsonl" not in place.names()


@both_engines
def test_no_results_are_no_yesterday(place: Place, engine: Engine) -> None:
    place.write("in.jsonl", b'{"id":"a","budget":20}\n')
    place.write("before.jsonl", b"")
    for name in ("before.jsonl", "/dev/null"):
        place.score("in.jsonl", "-o", "out.jsonl", "--engine", engine, "--previous", name)
        assert place.lines("out.jsonl")[0]["stage"] == "SQL"


@both_engines
def test_a_byte_order_mark_is_no_part_of_a_result(place: Place, engine: Engine) -> None:
    place.write("in.jsonl", b'{"id":"a","budget":20}\n')
    place.write("before.jsonl", b"\xef\xbb\xbf" + result("a", score=1, stage="customer", fired=[]))
    place.score("in.jsonl", "-o", "out.jsonl", "--engine", engine, "--previous", "before.jsonl")
    assert place.lines("out.jsonl")[0]["frozen"] == "a customer"


@pytest.mark.parametrize("rules", [RULES, "budget > 1 +1"])
def test_results_that_are_not_there(place: Place, rules: str) -> None:
    place.write("in.jsonl", b'{"id":"a"}\n')
    place.write("r.rules", rules)
    with pytest.raises(Stop) as stopped:
        place.score("in.jsonl", "--previous", "nowhere.jsonl")
    assert stopped.value.code == UNFINISHED
    assert "nowhere.jsonl" in str(stopped.value.message)
