"""The words of the language: which are reserved, and which terminal each stands for."""

from __future__ import annotations

import re
import unicodedata

# Only in backquotes can these be names.
# fmt: off
RESERVED = frozenset((
    "and", "or", "not", "no", "any", "each", "in", "is", "where", "when", "within", "older",
    "before", "after", "between", "for", "since", "followed", "contains", "starts", "ends",
    "like", "matches", "known", "missing", "spaced", "otherwise", "was", "true", "false",
    "field", "event", "events", "exclude", "freeze",
))
# fmt: on

# Bare words that are no text: what is meant could be "is missing", so quotes are needed.
NO_TEXT = frozenset(("missing", "known", "empty", "null", "field", "exactly"))

# Words that are one terminal on their own.
KEYWORDS = {
    "and": "AND",
    "or": "OR",
    "not": "NOT",
    "no": "NO",
    "each": "EACH",
    "where": "WHERE",
    "when": "WHEN",
    "within": "WITHIN",
    "before": "BEFORE",
    "after": "AFTER",
    "between": "BETWEEN",
    "ago": "AGO",
    "for": "FOR",
    "field": "FIELD",
    "otherwise": "OTHERWISE",
    "known": "KNOWN",
    "missing": "MISSING",
    "in": "IN",
    "contains": "CONTAINS",
    "like": "LIKE",
    "matches": "MATCHES",
    "exactly": "EXACTLY",
    "true": "BOOLEAN",
    "false": "BOOLEAN",
    "event": "ANY_EVENT",
    "events": "ANY_EVENT",
    "since": "SINCE",
    "complete": "COMPLETE",
    "was": "WAS",
    "distinct": "DISTINCT",
    "spaced": "SPACED",
    "half-life": "HALF_LIFE",
    "decays": "DECAYS",
    "loses": "LOSES",
    "every": "EVERY",
    "max": "MAX",
    "min": "MIN",
    "total": "TOTAL",
    "score": "SCORE",
    "classify": "CLASSIFY",
    "unique": "UNIQUE",
    "group": "GROUP",
    "band": "BAND",
    "checklist": "CHECKLIST",
    "dimension": "DIMENSION",
    "until": "UNTIL",
    "combine": "COMBINE",
    "exclude": "EXCLUDE",
    "freeze": "FREEZE",
    "define": "DEFINE",
    "list": "LIST",
    "signal": "SIGNAL",
    "file": "FILE",
    "include": "INCLUDE",
    "timezone": "TIMEZONE",
    "ruleset": "TITLE",
}

# Words that belong together, longest first.
PHRASES: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    "not": ((("followed", "by"), "NOT_FOLLOWED_BY"), (("in",), "NOT_IN")),
    "followed": ((("by",), "FOLLOWED_BY"),),
    "contains": ((("any", "of"), "CONTAINS_ANY_OF"), (("all", "of"), "CONTAINS_ALL_OF")),
    "starts": ((("with",), "STARTS_WITH"),),
    "ends": ((("with",), "ENDS_WITH"),),
    "older": ((("than",), "OLDER_THAN"),),
    "within": ((("last",), "WITHIN_LAST"), (("next",), "WITHIN_NEXT")),
    "since": ((("last",), "SINCE_LAST"),),
    "at": ((("least",), "AT_LEAST"), (("most",), "AT_MOST")),
    "per": ((("day",), "PER"), (("week",), "PER"), (("month",), "PER")),
    "count": ((("of",), "COUNT_OF"),),
    "sum": ((("of",), "AGGREGATE_OF"),),
    "min": ((("of",), "AGGREGATE_OF"),),
    "max": ((("of",), "AGGREGATE_OF"),),
    "average": ((("of",), "AGGREGATE_OF"),),
    "days": ((("since", "first"), "TIME_SINCE"), (("since", "last"), "TIME_SINCE")),
    "hours": ((("since", "first"), "TIME_SINCE"), (("since", "last"), "TIME_SINCE")),
    "fades": ((("over",), "FADES_OVER"),),
    "expires": ((("after",), "EXPIRES_AFTER"),),
    "first": ((("of",), "FIRST_OF"),),
    "best": ((("of",), "BEST_OF"),),
    "never": ((("falls",), "NEVER_FALLS"),),
    "any": ((("of",), "ANY_OF"), (("event",), "ANY_EVENT"), (("events",), "ANY_EVENT")),
    "is": (
        (("not", "empty"), "NOT_EMPTY"),
        (("known",), "KNOWN"),
        (("missing",), "MISSING"),
        (("empty",), "EMPTY"),
    ),
    "use": ((("schema",), "USE_SCHEMA"),),
}


def name_parts(raw: str) -> tuple[str, ...]:
    """The parts of a name as written: ``company.`Annual Revenue` `` has two; in NFC."""
    return tuple(unicodedata.normalize("NFC", part.strip("`")) for part in _PART.findall(raw))


_PART = re.compile(r"`[^`]*`|[^`.]+")
