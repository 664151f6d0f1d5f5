"""Constructs of the language that this version does not know, each with its own message.

They are looked for only in a statement that cannot be read, so no rule that is sound is
ever taken for one of them.
"""

from __future__ import annotations

import re

from leadrules.model.source import Span
from leadrules.text.literals import Problem
from leadrules.text.scan import TEXT, WORD, Token


def later(tokens: tuple[Token, ...], is_block: bool = False) -> Problem | None:
    """What this statement, or head of a block, wants that is not there yet; None if nothing."""
    # Texts and numbers are stand-ins, so that nothing inside a text is taken for a word.
    words = [
        t.text if t.kind == WORD or not t.text[:1].isalnum() else "0"
        for t in tokens[:_LOOK]
        if t.kind != TEXT
    ]
    line = " ".join(words) + (" {" if is_block else "")
    for pattern, what, instead in _LATER:
        if pattern.search(line):
            return Problem(
                "LR001",
                f"this version of leadrules does not know {what}",
                instead,
                Span(tokens[0].start, tokens[-1].end),
            )
    return None


# How many tokens of a statement are looked at: more than any person writes in one.
_LOOK = 2000
_NAME = r"[^\W\d][\w.`-]*"


def _row(pattern: str, what: str, instead: str) -> tuple[re.Pattern[str], str, str]:
    return re.compile(pattern), what, instead


_RECENT = "to count only what is recent, write `within 30d` behind the event"
_LATER = (
    _row(
        r"^exclude\b",
        "`exclude`",
        "for now give such leads a label of their own: `country = US -> disqualified`",
    ),
    _row(r"^freeze\b", "`freeze`", "take the line out"),
    _row(
        rf"^checklist {_NAME}(?: |$)",
        "`checklist`",
        "for now give each item its points: `score BANT { budget >= 5000 +1 }`",
    ),
    _row(
        r"^band\b.* \{",
        "`band`",
        "write a rule for each row: `company.employees in 50..249 +10`",
    ),
    _row(r"^(?:first|best) of\b", "`first of` and `best of`", "write the rules without it"),
    _row(r"^group\b.*\{", "`group`", "write `max` behind a rule or in a `score` block's head"),
    _row(
        rf"^dimension {_NAME} (?::|never)",
        "`dimension`",
        "write `classify grade { fit >= 40 -> A; otherwise -> B }`",
    ),
    _row(
        rf"^combine {_NAME} =",
        "`combine`",
        "let rules ask for the scores behind both: `fit >= 40 and engagement >= 60 -> SQL`",
    ),
    _row(r"^total (?:min|max)\b", "`total`", "write `max` in the head of a `score` block"),
    _row(
        rf"^score {_NAME} .*\bwhen\b",
        "a score block with `when`",
        "put the condition into its rules: `country = FR and demo_request +10`",
    ),
    _row(
        rf"^classify {_NAME} unique\b",
        "`unique`",
        "leave it out: the first rule that is true wins",
    ),
    _row(r"\bhalf-life\b", "`half-life`", _RECENT),
    _row(r"\bfades over\b", "`fades over`", _RECENT),
    _row(r"\bdecays (?:0|every|\d)", "`decays`", _RECENT),
    _row(r"\bloses (?:0|every|\d)", "`loses`", _RECENT),
    _row(r"\bexpires after\b", "`expires after`", _RECENT),
    _row(r"\bper (?:day|week|month)\b", "`per day`", "write `max 10` behind the points"),
    _row(r"\bspaced\b", "`spaced`", "write `max 10` behind the points"),
    _row(r"\beach\b.*\bat most 0", "`at most` in `each`", "write `max 10` behind the points"),
    _row(rf"\bdistinct {_NAME}", "`distinct`", "count all events: `count of page_view > 3`"),
    _row(
        rf"\b(?:sum|min|max|average) of {_NAME}",
        "sums, averages and extremes of events",
        "filter and count them: `at least 3 purchase where amount > 100`",
    ),
    _row(
        r"\b(?:days|hours) since\b",
        "`days since` and `hours since`",
        "write a window: `no reply for 30d` or `reply older than 30d`",
    ),
    _row(
        r"\bfollowed by\b|\bnot followed\b",
        "`followed by`",
        "name both events: `demo_request within 7d and call within 7d`",
    ),
    _row(r"\bsince\b", "`since`", "write a window: `no reply for 30d`"),
    _row(r"\bwas \S", "`was`", "take it out: yesterday's results are not at hand"),
    _row(r"\bprevious\.", "`previous`", "take it out: yesterday's results are not at hand"),
    _row(
        rf"^define {_NAME} = \((?:(?! (?:=|!=|<|>|<=|>=|in|and|or) ).)*[-+*/].*\)$",
        "a `define` of a number",
        "compare it there: `define big_deal = (budget / seats) > 100`",
    ),
    _row(
        r"^score = \([^=<>]*\)$",
        "a score that is worked out",
        "give each part its `max` instead: `score fit max 60 {`",
    ),
    _row(r" (?:\+|-) \((?![^()]*\) (?:=|!=|<|>))", "points that are worked out", "write `+10`"),
)
