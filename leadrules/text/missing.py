"""What to say when a statement, its points or a parenthesis comes before something needed."""

from __future__ import annotations

from leadrules.model.source import Span
from leadrules.text.literals import Problem


def missing(before: str, span: Span, word: str) -> Problem | None:
    """The message for what is missing behind a terminal; `word` is how it was written.

    `before` may also be `condition` (then `word` is a whole example) or `calculation`.
    """
    if before == "condition":
        return Problem("LR045", "the condition is missing", f"write it like `{word}`", span)
    if before == "calculation":
        return Problem(
            "LR035",
            "a number is compared with something",
            f"write `{word or '(a / b)'} > 100`",
            span,
        )
    if before in _CONDITIONS:
        message = f"behind `{word}` the condition is missing"
        return Problem("LR045", message, f"write `{_CONDITIONS[before]}`", span)
    if before in ("AND", "OR", "NOT"):
        return Problem(
            "LR045",
            f"behind `{word}` a condition is missing",
            f"take `{word}` out, or write `{word} budget >= 5000`",
            span,
        )
    if before == "WHERE":
        help_ = "write `where seconds > 30`"
        return Problem("LR045", "behind `where` the filter is missing", help_, span)
    if before == "WHEN":
        help_ = "write `when budget >= 5000`"
        return Problem("LR045", "behind `when` the condition is missing", help_, span)
    if before in _VALUES:
        return Problem("LR035", f"behind `{word}` a value is missing", _VALUES[before], span)
    if before in _TIMES:
        what = "date" if before in ("BEFORE", "AFTER") else "length of time"
        message = f"behind `{word}` a {what} is missing"
        return Problem("LR044", message, f"write `{_TIMES[before]}`", span)
    if before in _NAMES:
        return Problem(
            "LR046", f"behind `{word}` the name is missing", f"write `{_NAMES[before]}`", span
        )
    if before == "before order":
        return Problem(
            "LR046",
            f"before `{word}` the event is missing",
            f"write `demo_request {word} call within 48h`",
            span,
        )
    if before == "label":
        help_ = "write `dimension grade: C < B < A, none`"
        return Problem("LR041", f"behind `{word}` a label is missing", help_, span)
    if before == "AT_MOST each":
        help_ = "write `at most 3` or `at most 1 per day`"
        return Problem("LR047", "behind `at most` a number is missing", help_, span)
    if before in ("AT_LEAST", "AT_MOST"):
        message = f"behind `{word}` a number is missing"
        return Problem("LR047", message, f"write `{word} 3 page_view`", span)
    if before in ("MIN", "MAX"):
        message = f"behind `{word or before.lower()}` a number is missing"
        return Problem("LR047", message, f"write `{before.lower()} 50`", span)
    if before == "ARROW":
        return Problem("LR041", "behind `->` the label is missing", "write `-> MQL`", span)
    if before == "FILE":
        help_ = 'write `file "names.txt"`'
        return Problem("LR048", "behind `file` its name in quotes is missing", help_, span)
    if before == "WAS":
        return Problem("LR041", "behind `was` the label is missing", "write `was SQL`", span)
    if before == "distinct by":
        help_ = "write `distinct url`"
        return Problem("LR046", "behind `distinct` the name is missing", help_, span)
    return None


_TEXT = 'write it like `= FR` or `= "New York"`; a text with `#` in it stands in quotes'
_VALUES = {
    "EQ": _TEXT,
    "NE": _TEXT,
    "LT": "write a number: `< 5000`",
    "LE": "write a number: `<= 5000`",
    "GT": "write a number: `> 5000`",
    "GE": "write a number: `>= 5000`",
    "IN": "write a list or a range: `in [FR, DE]` or `in 50..249`",
    "NOT_IN": "write a list or a range: `not in [FR, DE]`",
    "CONTAINS": 'write `contains "/pricing"`',
    "STARTS_WITH": 'write `starts with "+33"`',
    "ENDS_WITH": 'write `ends with .edu` in quotes: `ends with ".edu"`',
    "LIKE": 'write `like "*/pricing*"`',
    "MATCHES": "write `matches /ceo|cfo/`",
    "EXACTLY": 'write `= exactly FR`; as a text `exactly` stands in quotes: `"exactly"`',
    "CONTAINS_ANY_OF": "write `contains any of [art, music]`",
    "CONTAINS_ALL_OF": "write `contains all of [art, music]`",
}
_CONDITIONS = {
    "COLON": "budget: budget >= 5000",
    "UNTIL": "until demo_request within 7d",
    "EXCLUDE": "exclude country = US",
    "FREEZE": "freeze was customer",
}
_TIMES = {
    "SPACED": "spaced 7d",
    "WITHIN": "within 30d",
    "WITHIN_NEXT": "within next 90d",
    "OLDER_THAN": "older than 30d",
    "FOR": "no reply for 30d",
    "BETWEEN": "between 7d and 30d ago",
    "BEFORE": "before 2026-11-22",
    "AFTER": "after 2026-11-22",
}
_NAMES = {
    "EACH": "each demo_request",
    "NO": "no reply",
    "FIELD": "field budget",
    "COUNT_OF": "count of page_view > 3",
    "AGGREGATE_OF": "sum of amount in purchase > 100",
    "DISTINCT": "distinct url in page_view > 3",
    "TIME_SINCE": "days since last reply > 30",
    "SINCE": "no reply for 30d since demo_request",
    "SINCE_LAST": "half-life 30d since last reply",
    "FOLLOWED_BY": "demo_request followed by call within 48h",
    "NOT_FOLLOWED_BY": "demo_request not followed by call within 48h",
}
