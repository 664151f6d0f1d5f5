"""What the result of any lead under any ruleset promises by itself."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from leadrules.model.program import Program

Result = dict[str, Any]
_LIMIT = re.compile(r"(min|max) (-?[\d_.]+)")


def check_result(program: Program, result: Result) -> None:
    """The promises of one result, whose numbers are decimals."""
    if "excluded" in result:
        assert set(result) <= {"id", "excluded", "frozen"}
        return
    if "frozen" in result:
        return  # It is yesterday's, whatever that was.
    fired = result["fired"]
    assert sum(item["points"] for item in fired) == result["score"]
    for item in fired:
        check_paid(item)
    named = [block.name for block in program.blocks if block.name is not None]
    assert list(result.get("scores", {})) == named
    if len(named) == len(program.blocks) and program.formula is None and not program.total:
        assert sum(result.get("scores", {}).values()) == result["score"]


def check_paid(item: Result) -> None:
    """One item of `fired`: what it says of decay and limits fits its points."""
    points: Decimal = item["points"]
    acted = {"decay", "limit", "formula"} & set(item)
    assert bool(acted) == ("earned" in item), item
    assert ("decayed" in item) == ({"decay", "limit"} <= acted), item
    assert ("events" in item) == ("counted" in item), item
    if "events" in item:
        assert item["events"] > item["counted"] > 0, item
    if not acted:
        return
    earned: Decimal = item["earned"]
    if "formula" in item:
        assert points != 0, item
        return
    if "decay" in item:
        left: Decimal = item.get("decayed", points)
        assert left != earned, item
        # Of points up and points down together, decay may leave anything in between.
        assert left * earned < 0 or abs(left) < abs(earned) or item["rule"].startswith("each"), item
        earned = left
    if "limit" in item:
        found = _LIMIT.match(item["limit"])
        assert found is not None, item
        most = Decimal(found[2].replace("_", ""))
        # A limit of one rule says what is left of it; one of several what it took or gave.
        for allowed in (points, earned + points):
            low, high = sorted((allowed, earned))
            if found[1] == "max" and allowed == most == low < high:
                return
            # Where a `max` is smaller than the `min`, it wins.
            if found[1] == "min" and low == earned < high == allowed <= most:
                return
        raise AssertionError(item)
