"""Syntax trees made by hypothesis: every node that rule text can say, in canonical form."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from leadrules.model import syntax as x
from leadrules.model.source import Span
from leadrules.text.write import is_bare

AT = Span(0, 0)

words = st.sampled_from(
    ["budget", "reply", "score", "max", "min", "list", "exactly", "count", "at", "first", "use",
     "prénom", "नाम", "_x", "file", "sum", "level", "define", "domain", "last", "next", "of", "ago",
     "complete", "band", "group", "total", "best", "days", "hours", "day", "week", "month", "per",
     "average", "fades", "over", "decays", "loses", "expires", "every", "unique", "combine",
     "checklist", "dimension", "never", "falls", "until", "classify", "signal", "distinct", "by"]
)  # fmt: skip
odd_words = st.sampled_from(
    ["within", "Annual Revenue", "a-b", "2nd", "and", "field", "x.y", "né#"]
)
names = st.lists(words | odd_words, min_size=1, max_size=3).map(lambda p: x.Name(tuple(p), AT))
simple_names = (words | odd_words).map(lambda p: x.Name((p,), AT))


@st.composite
def numbers(draw: st.DrawFn, low: int = -9999) -> x.Number:
    whole = draw(st.integers(low, 99999))
    spelling = str(whole)
    if draw(st.booleans()):
        spelling += "." + draw(st.sampled_from(["5", "25", "50", "00"]))
    if abs(whole) >= 1000 and draw(st.booleans()):
        sign, digits = ("-", spelling[1:]) if spelling[0] == "-" else ("", spelling)
        spelling = f"{sign}{digits[0]}_{digits[1:]}"
    return x.Number(Decimal(spelling.replace("_", "")), spelling, AT)


def _text(value: str) -> x.Text:
    return x.Text(value, is_bare(value), AT)


any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
texts = (
    st.sampled_from(["FR", "gmail.com", "e-commerce", "New York", "missing", "true", "in", "any",
                     "not", "within", "51-200", 'say "x"', "a\\b", "", "#fff",
                     "\u2102", "x{}", "max", "else", "otherwise"])
    | any_text
).map(_text)  # fmt: skip
quoted_texts = any_text.map(lambda v: x.Text(v, False, AT))


@st.composite
def ranges(draw: st.DrawFn) -> x.Range:
    low, high = draw(st.none() | numbers()), draw(st.none() | numbers())
    if low is None and high is None:
        low = draw(numbers())
    is_open = high is not None and draw(st.booleans())
    if low and high:
        if low.value > high.value:
            low, high = high, low
        is_open = is_open and low.value < high.value
    return x.Range(low, high, is_open, AT)


dates = st.dates().map(lambda d: x.Date(d.year, d.month, d.day, AT))
instants = st.sampled_from(["2026-11-22T10:00:00Z", "2026-11-22T10:00:00.5+01:00"]).map(
    lambda s: x.Instant(s, AT)
)
booleans = st.booleans().map(lambda b: x.Boolean(b, AT))
scalars = numbers() | texts | booleans | dates | instants
items = st.lists(scalars | ranges(), max_size=4).map(lambda i: x.Items(tuple(i), AT))
patterns = st.sampled_from(["chief|ceo", "a/b", "\\d+", "a#b;{}", "[/]", "x\\\\y"]).map(
    lambda p: x.Regex(p, AT)
)
durations = st.builds(
    x.Duration,
    st.integers(0, 999),
    st.sampled_from(["min", "h", "d", "w", "mo", "y"]),
    st.just(AT),
)
windows = st.one_of(
    durations.map(lambda d: x.Within(d, AT)),
    durations.map(lambda d: x.WithinNext(d, AT)),
    durations.map(lambda d: x.OlderThan(d, AT)),
    st.builds(x.Between, durations, durations, st.just(AT)),
    (dates | instants).map(lambda d: x.Before(d, AT)),
    (dates | instants).map(lambda d: x.After(d, AT)),
)
fields = st.builds(x.Field, names, st.booleans(), st.just(AT))


def _is_leaf(term: Any) -> bool:
    return isinstance(term, x.Number)


terms: st.SearchStrategy[Any] = st.deferred(lambda: fields | calls | tallies | works)
works: st.SearchStrategy[Any] = st.deferred(
    lambda: (
        st.builds(
            x.Arithmetic, st.sampled_from("+-*/"), terms | numbers(), terms | numbers(), st.just(AT)
        )
        | terms.map(lambda t: x.Negative(t, AT))
    )
)
calls: st.SearchStrategy[Any] = st.deferred(
    lambda: st.builds(
        x.Call,
        names,
        st.tuples(terms | numbers()) | st.tuples(terms | numbers(), terms | numbers()),
        st.just(AT),
    )
)


@st.composite
def events(draw: st.DrawFn, window: bool = True, short: bool = True) -> x.Events:
    name = draw(st.none() | names)
    where = draw(st.none() | conditions) if draw(st.integers(0, 3)) == 0 else None
    chosen: x.Window | None = draw(st.none() | windows) if window else None
    if short and window and where is None and draw(st.integers(0, 4)) == 0:
        chosen = x.Shorthand(draw(durations), AT)
    return x.Events(name, where, chosen, AT)


tallies: st.SearchStrategy[Any] = st.deferred(
    lambda: st.one_of(
        st.builds(x.Count, events(), st.just(AT)),
        st.builds(
            x.Aggregate,
            st.sampled_from(["sum", "min", "max", "average"]),
            names,
            events(),
            st.just(AT),
        ),
        st.builds(x.Distinct, names, events(), st.just(AT)),
        st.builds(
            x.Since,
            st.sampled_from(["days", "hours"]),
            st.sampled_from(["first", "last"]),
            events(),
            st.just(AT),
        ),
    )
)


@st.composite
def comparisons(draw: st.DrawFn) -> x.Comparison:
    left = draw(terms)
    operator: Any = draw(
        st.sampled_from(
            ["=", "!=", "<", "<=", ">", ">=", "in", "not in", "contains", "contains any of",
             "contains all of", "starts with", "ends with", "like", "matches"]
        )
    )  # fmt: skip
    exactly = operator[0] not in "<>" and draw(st.booleans())
    right: Any
    list_names = names.map(lambda n: x.ListName(n, AT))
    if operator in ("in", "not in"):
        right = draw(ranges() | items | list_names)
    elif operator in ("contains any of", "contains all of"):
        right = draw(items | list_names)
    elif operator == "matches":
        right = draw(patterns)
    else:
        explicit = names.map(lambda n: x.Field(n, True, AT))
        right = draw(scalars | explicit | calls | tallies | works)
        if operator[0] not in "=!<>" and isinstance(right, x.Number) and right.value < 0:
            # Behind a word a sign is no number's: these words take texts.
            right = x.Number(-right.value, right.spelling.lstrip("-"), AT)
    return x.Comparison(left, operator, right, exactly, AT, AT)


@st.composite
def occurrences(draw: st.DrawFn) -> x.Occurs:
    if draw(st.integers(0, 3)) == 0:
        window = draw(st.none() | windows)
        return x.Occurs(x.Events(draw(names), None, window, AT), True, AT)
    return x.Occurs(draw(events()), False, AT)


def _flat(kind: Any, parts: list[Any]) -> Any:
    flat: list[Any] = []
    for part in parts:
        flat.extend(part.items if isinstance(part, kind) else [part])
    return kind(tuple(flat), AT)


def _label(value: str) -> x.Text:
    bare = is_bare(value) or value.isdecimal() or value in ("true", "false")
    return x.Text(value, bare, AT)


labels = st.sampled_from(["SQL", "no", "1", "20", "New stage", "true", "max", "or", "1.5"]).map(
    _label
)


counted = st.integers(0, 99).map(lambda n: x.Number(Decimal(n), str(n), AT))
facts: st.SearchStrategy[Any] = st.one_of(
    occurrences(),
    comparisons(),
    st.builds(
        x.Is, terms, st.sampled_from(["known", "missing", "empty", "not empty"]), st.just(AT)
    ),
    calls.map(lambda c: x.Holds(c, AT)),
    st.builds(
        x.Quantity,
        st.sampled_from(["at least", "at most", "exactly"]),
        counted,
        events(),
        st.just(AT),
    ),
    st.builds(x.Quantity, st.just("no"), st.none(), events(short=False), st.just(AT)),
    st.builds(
        x.Absence,
        events(window=False),
        durations,
        st.none() | events(window=False),
        st.just(AT),
    ),
    st.builds(
        x.Followed,
        events(),
        events(window=False),
        st.none() | durations,
        st.just(False),
        st.just(AT),
    ),
    st.builds(x.Followed, events(), events(window=False), durations, st.just(True), st.just(AT)),
    st.builds(x.Complete, names, st.just(AT)),
    st.builds(x.Was, labels, st.just(AT)),
)
conditions: st.SearchStrategy[Any] = st.recursive(
    facts,
    lambda inner: st.one_of(
        inner.map(lambda c: x.Not(c, AT)),
        st.lists(inner, min_size=2, max_size=3).map(lambda p: _flat(x.And, p)),
        st.lists(inner, min_size=2, max_size=3).map(lambda p: _flat(x.Or, p)),
    ),
    max_leaves=4,
)
reasons = st.none() | quoted_texts
points = numbers() | st.builds(x.Computed, st.sampled_from("+-"), terms | numbers(), st.just(AT))
limit = st.builds(
    x.Limit, st.sampled_from(["min", "max"]), numbers(), st.none() | conditions, st.just(AT)
)
limits = st.lists(limit, max_size=2).map(tuple)


@st.composite
def decays(draw: st.DrawFn) -> x.Decay:
    kind: Any = draw(st.sampled_from(["half-life", "fades", "decays", "loses", "expires"]))
    percent = kind == "decays" or (kind == "loses" and draw(st.booleans()))
    amount = draw(numbers(low=0)) if kind in ("decays", "loses") else None
    since = draw(st.none() | events(window=False))
    return x.Decay(kind, amount, percent, draw(durations), since, AT)


choosing = st.lists(
    st.builds(x.AtMost, counted, st.none() | st.sampled_from(["day", "week", "month"]), st.just(AT))
    | st.builds(x.Spaced, durations, st.just(AT))
    | st.builds(x.DistinctBy, names, st.just(AT)),
    max_size=3,
).map(tuple)
each = st.builds(x.Each, events(), choosing, st.none() | conditions, st.just(AT))
points_rules = st.builds(
    x.PointsRule,
    conditions | each,
    points,
    limits,
    st.none() | decays(),
    reasons,
    st.just(AT),
)
rows = st.builds(
    x.Row,
    st.sampled_from([None, "missing"])
    | scalars.filter(lambda v: v != x.Text("else", True, AT))
    | ranges()
    | items,
    points,
    reasons,
    st.just(AT),
)
bands = st.builds(x.Band, terms, st.lists(rows, max_size=4).map(tuple), st.just(AT))
paying: st.SearchStrategy[Any] = st.recursive(
    points_rules | bands,
    lambda inner: (
        st.builds(
            x.Group, quoted_texts, limits, st.lists(inner, max_size=2).map(tuple), st.just(AT)
        )
        | st.builds(
            x.Choice,
            st.sampled_from(["first", "best"]),
            st.lists(inner, max_size=2).map(tuple),
            st.just(AT),
        )
    ),
    max_leaves=3,
)


label_rules = st.builds(x.LabelRule, st.none() | conditions, labels, reasons, st.just(AT))
score = st.just(x.Name(("score",), AT))


def _is_number(term: Any) -> bool:
    """Whether a term in parentheses is a number wherever it stands, and no condition."""
    if isinstance(term, x.Call):
        return term.function.parts in (("max",), ("floor",), ("length",))
    return not isinstance(term, x.Field)


statements = st.one_of(
    paying,
    label_rules,
    st.builds(
        x.ScoreBlock,
        simple_names,
        st.none() | conditions,
        limits,
        st.none() | decays(),
        st.lists(paying, max_size=2).map(tuple),
        st.just(AT),
    ),
    st.builds(x.Total, st.tuples(limit) | st.tuples(limit, limit), st.just(AT)),
    st.builds(
        x.ClassifyBlock,
        simple_names,
        st.booleans(),
        st.lists(label_rules, max_size=2).map(tuple),
        st.just(AT),
    ),
    st.builds(
        x.DimensionOrder,
        simple_names,
        st.lists(labels, min_size=1, max_size=3).map(tuple),
        st.lists(labels, max_size=2).map(tuple),
        st.just(AT),
    ),
    st.builds(x.NeverFalls, simple_names, st.none() | conditions, st.just(AT)),
    st.builds(
        x.Combine,
        simple_names,
        st.lists(names, min_size=2, max_size=3).map(tuple),
        st.just(AT),
    ),
    st.builds(
        x.Checklist,
        simple_names,
        st.lists(st.builds(x.ChecklistItem, simple_names, conditions, st.just(AT)), max_size=3).map(
            tuple
        ),
        st.just(AT),
    ),
    st.builds(x.Exclude, conditions, reasons, st.just(AT)),
    st.builds(x.Freeze, conditions, reasons, st.just(AT)),
    st.builds(
        x.Define, simple_names.filter(lambda n: n.parts != ("score",)), conditions, st.just(AT)
    ),
    st.builds(x.DefineNumber, simple_names, (terms | numbers()).filter(_is_number), st.just(AT))
    | st.builds(x.DefineNumber, score, works | tallies | fields, st.just(AT)),
    st.builds(x.ListDefinition, simple_names, items | quoted_texts, st.just(AT)),
    st.builds(
        x.Signal,
        simple_names,
        st.lists(events(window=False), min_size=1, max_size=3).map(tuple),
        st.just(AT),
    ),
    st.builds(x.Include, quoted_texts, st.just(AT)),
    st.builds(x.UseSchema, quoted_texts, st.just(AT)),
    st.builds(x.Timezone, quoted_texts, st.just(AT)),
    st.builds(x.Title, quoted_texts, st.just(AT)),
)
