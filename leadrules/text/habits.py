"""What people write for what the language says in other words: `then` for `->`, `every` for `each`.

Each habit is a pattern of tokens and what is written for them. A habit is spoken of only when
the whole statement can be read after the change, so the line that the help shows is one that
works. Up to three habits may meet in one line.
"""

from __future__ import annotations

from collections.abc import Iterator

from leadrules.model.diagnostic import Fix
from leadrules.model.frozen import Frozen, changed
from leadrules.model.source import Span
from leadrules.text import scan
from leadrules.text.fit import reads
from leadrules.text.literals import Problem
from leadrules.text.scan import Token
from leadrules.text.words import RESERVED

# How many habits may meet, how many lines are tried, and how long a line may be.
_DEEPEST = 3
_MOST = 50
_LONGEST = 60

# A pattern: words and signs as they stand, `a|b` for one of several, `a?` for one that may be
# missing, `^` and `$` for the ends of the statement. In capitals a kind of token, and `…` for
# any, at least one: those are numbered from 0 and stand in what is written instead. A `!` marks
# the word to point at; without any, it is all of them.
#
# Then what to say (when empty: that the one is written like the other), and the lines that would
# be meant, the first that can be read is taken.
_HABITS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    # --- whole statements ---
    ("^ !else -> …", "`else` is written `otherwise`", ("otherwise -> {0}",)),
    ("^ total between NUMBER and|to NUMBER", "", ("total min {0} max {1}",)),
    ("^ LIMIT NUMBER $", "a limit of the whole score begins with `total`; the limit of a block"
     " stands before its `{`", ("total {0} {1}",)),
    ("^ total =|: NUMBER $", "", ("total max {0}",)),
    ("^ total|score = … CALCULATING …", "the whole score is worked out with `define score`",
     ("define score = {0} {1} {2}", "define score = ({0} {1} {2})")),
    ("^ combine !NAME , NAME $", "what is combined has a name", ("combine tier = {0}, {1}",)),
    ("^ combine NAME = NAME !+|and|& NAME $", "a comma stands between what is combined",
     ("combine {0} = {1}, {2}",)),
    ("^ schema TEXT", "", ("use schema {0}",)),
    ("^ dimension !: …", "a dimension has a name", ("dimension size: {0}",)),
    ("^ NAME : NUMBER $", "points begin with a sign", ("{0} +{1}",)),
    ("^ define|list NAME = LIST $", "", ("list {0} = [{1}]",)),
    ("^ signal NAME = !LIST $", "one of several events is `any of` a list",
     ("signal {0} = any of [{1}]",)),
    ("^ signal NAME = ![ … ] $", "one of several events is `any of` a list",
     ("signal {0} = any of [{1}]",)),
    ("^ !score NAME ORDER …", "a score block is asked for by its name alone", ("{0} {1} {2}",)),
    ("^ !unless …", "`unless` is written `not`", ("not {0}", "not ({0})")),
    ("^ every|per NAME", "", ("each {0}",)),
    ("^ for each|every NAME", "", ("each {0}",)),
    ("^ !if|If|IF|when … then|Then|THEN …",
     "the condition stands alone, before its points or its label", ("{0} -> {1}", "{0} {1}")),
    ("^ !if|If|IF|when …", "the condition stands alone, before its points or its label", ("{0}",)),
    ("^ NAME !if|when …", "the condition stands before its label",
     ("{1} -> {0}",)),
    ("^ POINTS !if|when|for …", "the condition stands before its points", ("{1} {0}",)),
    ("^ … -> VALUE !, VALUE $", "a rule has one label", ("{0} -> {1}; {0} -> {2}",)),
    ("^ … -> VALUE !when|if …", "the condition stands before its label",
     ("{0} and {2} -> {1}", "({0}) and ({2}) -> {1}")),
    ("^ … -> VALUE !unless …", "the condition stands before its label",
     ("{0} and not {2} -> {1}", "({0}) and not ({2}) -> {1}")),
    ("^ each … POINTS !when|if …", "the condition stands before the points",
     ("each {0} when {2} {1}",)),
    ("^ each … POINTS !unless …", "the condition stands before the points",
     ("each {0} when not {2} {1}", "each {0} when not ({2}) {1}")),
    ("^ … POINTS !when|if …", "the condition stands before the points",
     ("{0} and {2} {1}", "({0}) and ({2}) {1}")),
    ("^ … POINTS !unless …", "the condition stands before the points",
     ("{0} and not {2} {1}", "({0}) and not ({2}) {1}")),
    ("^ … POINTS ,? !else|otherwise POINTS $", "a rule pays one number of points",
     ("{0} {1}; not {0} {2}", "{0} {1}; not ({0}) {2}")),
    ("^ each … POINTS !every DURATION $", "a distance between events is told with `spaced`,"
     " before the points", ("each {0} spaced {2} {1}",)),
    ("no NAME within DURATION !of|after NAME", "one event without another is told with"
     " `not followed by`", ("{2} not followed by {0} within {1}",)),
    # --- windows and silence ---
    ("no NAME since|over|during DURATION", "", ("no {0} for {1}",)),
    ("no NAME in the? last|past? DURATION", "", ("no {0} for {1}",)),
    ("in|during|over the? last|past DURATION", "", ("within {0}",)),
    ("within the past|last DURATION", "", ("within {0}",)),
    ("last|past|in|during DURATION", "", ("within {0}",)),
    ("DURATION ago or? more?", "", ("older than {0}",)),
    ("within|last DURATION NAME", "the window stands behind the event", ("{1} within {0}",)),
    ("between DURATION and DURATION ago? NAME", "the window stands behind the event",
     ("{2} between {0} and {1} ago",)),
    ("last NAME older|more than DAYS ago?", "", ("days since last {0} > {1}",)),
    ("last NAME > DAYS", "", ("days since last {0} > {1}",)),
    ("last NAME within DURATION", "", ("{0} within {1}",)),
    ("never NAME", "", ("no {0}",)),
    ("NAME never", "", ("no {0}",)),
    ("no NAME !ever", "`ever` is not needed", ("no {0}",)),
    ("NAME without|no NAME within|in DURATION", "", ("{0} not followed by {1} within {2}",)),
    ("NAME !without NAME", "one event without another is told with `not followed by`, and a time",
     ("{0} not followed by {1} within 48h",)),
    ("without NAME", "", ("no {0}",)),
    # --- numbers ---
    ("NUMBER <= NAME < NUMBER", "", ("{1} in {0}..<{2}",)),
    ("NUMBER <= NAME <= NUMBER", "", ("{1} in {0}..{2}",)),
    ("NUMBER < NAME < NUMBER", "", ("{1} > {0} and {1} < {2}",)),
    ("NUMBER < NAME <= NUMBER", "", ("{1} > {0} and {1} <= {2}",)),
    ("NAME CALCULATING NAME ORDER", "a calculation stands in parentheses",
     ("({0} {1} {2}) {3}",)),
    ("NAME CALCULATING NAME CALCULATING NAME ORDER", "a calculation stands in parentheses",
     ("({0} {1} {2} {3} {4}) {5}",)),
    ("is? more|greater|larger|higher than NUMBER", "", ("> {0}",)),
    ("is? less|fewer|smaller|lower than NUMBER", "", ("< {0}",)),
    ("is? above|over NUMBER", "", ("> {0}",)),
    ("is? below|under NUMBER", "", ("< {0}",)),
    ("ORDER NUMBER UNIT", "a number has no unit", ("{0} {1}",)),
    ("POINTS !points|point|pts", "the sign alone says that it is points", ("{0}",)),
    ("ORDER NUMBER !NAME ORDER", "between two conditions stands `and` or `or`",
     ("{0} {1} and {2} {3}",)),
    ("SHARE per|each|a|every day", "", ("{0} every 1d",)),
    ("SHARE per|each|a|every week", "", ("{0} every 7d",)),
    ("SHARE per|each|a|every month", "", ("{0} every 30d",)),
    ("NAME at least NUMBER times", "", ("at least {1} {0}",)),
    ("NAME more than MORE times", "", ("at least {1} {0}",)),
    ("more than MORE NAME", "", ("at least {0} {1}",)),
    ("less|fewer than FEWER NAME", "", ("at most {0} {1}",)),
    ("NUMBER or more NAME", "", ("at least {0} {1}",)),
    ("is? at least NUMBER", "", (">= {0}",)),
    ("is? NUMBER or more", "", (">= {0}",)),
    ("LIMIT = NUMBER", "", ("{0} {1}",)),
    ("NAME NUMBER times", "", ("at least {1} {0}",)),
    ("between NUMBER and|to NUMBER", "", ("in {0}..{1}",)),
    ("from NUMBER to NUMBER", "", ("in {0}..{1}",)),
    ("in NUMBER to NUMBER", "", ("in {0}..{1}",)),
    ("at most NUMBER times? /|per|a|every PERIOD", "", ("at most {0} per {1}",)),
    (", NUMBER per PERIOD", "", (" at most {0} per {1}",)),
    ("AGGREGATE of PART", "", ("{0} of {2} in {1}",)),
    ("SIGNED !NAME ( … )", "points that are worked out stand in parentheses", ("{0}({1}({2}))",)),
    ("loses NUMBER !points every", "`points` is not needed", ("loses {0} every",)),
    # --- signs and words ---
    ("is? one of LIST", "", ("in [{0}]",)),
    ("is? one of", "", ("in",)),
    ("=|is LIST", "", ("in [{0}]",)),
    ("!=|isnt LIST", "", ("not in [{0}]",)),
    ("contains|has LIST", "", ("contains any of [{0}]",)),
    ("older DURATION", "", ("older than {0}",)),
    ("not in? LIST", "", ("not in [{0}]",)),
    ("in LIST", "", ("in [{0}]",)),
    ("of LIST", "", ("of [{0}]",)),
    ("NAME !not complete", "`not` stands before the name", ("not {0} complete",)),
    ("NAME !not VALUE", "unequal is written `!=`", ("{0} != {1}",)),
    ("-> NAME != NAME", "behind `->` stands the label alone", ("-> {1}",)),
    ("-> !stage|temperature NAME", "behind `->` stands the label alone", ("-> {0}",)),
    ("reason|because :? TEXT", "a reason stands alone, in its quotes", ("{0}",)),
    (", BEHIND", "no comma stands here", (" {0}",)),
    (", TEXT", "no comma stands here", (" {0}",)),
    (",", "a comma stands only in a list", (" and",)),
    ("then", "", ("->", "followed by")),
    ("if", "", ("when",)),
    ("unless", "", ("when not",)),
)  # fmt: skip

# Where more than the spelling is chosen: a name or a time is made up, or there are two meanings.
_CHOOSING = frozenset(
    (
        "^ LIMIT NUMBER $",
        "^ total =|: NUMBER $",
        "^ combine !NAME , NAME $",
        "^ dimension !: …",
        "^ NAME : NUMBER $",
        "^ define|list NAME = LIST $",
        "NAME !without NAME",
        "NAME NUMBER times",
        "ORDER NUMBER !NAME ORDER",
        "SHARE per|each|a|every month",
        ",",
        "then",
    )
)


def _needed(pattern: str) -> tuple[frozenset[str], ...]:
    """What must stand in a line that a pattern fits: one word of each set."""
    plain = [p.removeprefix("!") for p in pattern.split() if not p.endswith("?")]
    words = [p for p in plain if p not in ("^", "$", "…") and not p.isupper()]
    return tuple(frozenset(p.split("|")) for p in words)


_NEEDED = tuple(_needed(pattern) for pattern, _, _ in _HABITS)


class _Change(Frozen):
    """A line after a change, and what was said and meant in it."""

    message: str
    written: str
    text: str
    span: Span
    is_certain: bool


def habit(tokens: tuple[Token, ...], start: str) -> Problem | None:
    """The message for a statement that can be read once some words are exchanged."""
    if len(tokens) > _LONGEST:
        return None
    tried = 0
    span = Span(tokens[0].start, tokens[-1].end)
    level: list[tuple[_Change | None, tuple[Token, ...]]] = [(None, tokens)]
    for _ in range(_DEEPEST):
        deeper: list[tuple[_Change | None, tuple[Token, ...]]] = []
        for first, line in level:
            for change in _changes(line):
                tried += 1
                if tried > _MOST:
                    return None
                if first is not None:
                    is_certain = first.is_certain and change.is_certain
                    change = changed(first, text=change.text, is_certain=is_certain)
                if reads(change.text, start):
                    return _problem(change, start, span)
                again = tuple(t for t in scan.scan(change.text) if t.is_seen)
                if not any(t.problem or t.text == ";" for t in again):
                    deeper.append((change, again))
        level = deeper
    return None


def _problem(change: _Change, start: str, whole: Span) -> Problem:
    text = change.text
    mark = "``" if "`" in text else "`"
    pad = " " if mark == "``" else ""
    lines = [f"{mark}{pad}{line}{pad}{mark}" for line in text.split("; ")]
    if len(lines) > 1:
        help_ = f"write two rules: {' and '.join(lines)}"
    elif start.endswith("_head"):
        help_ = f"write {lines[0][: -len(mark + pad)]} {{{pad}{mark}"
    else:
        help_ = f"write {lines[0]}"
    if len(text) > 100:
        help_ = f"write `{change.written}`"
    fix = Fix(whole, text) if change.is_certain and len(lines) == 1 else None
    return Problem("LR020", change.message, help_, change.span, fix)


def _changes(tokens: tuple[Token, ...]) -> Iterator[_Change]:
    """Every line that one habit makes of this one."""
    texts = {token.text for token in tokens}
    for (pattern, message, meant), needed in zip(_HABITS, _NEEDED, strict=True):
        if not all(words & texts for words in needed):
            continue
        parts = pattern.split()
        first = parts[0] == "^"
        for at in range(1 if first else len(tokens)):
            found = next(_matches(parts[first:], tokens, at), None)
            if found is None:
                continue
            end, groups, marked = found
            whole = Span(tokens[at].start, tokens[end - 1].end)
            old = _joined(tokens[at:end])
            for template in meant:
                new = template.format(*groups)
                before, after = _joined(tokens[:at]), _joined(tokens[end:])
                glue = "" if new.startswith(" ") or before[-1:] in ("", "(", "[") else " "
                text = f"{before}{glue}{new} {after}".rstrip()
                said = message or f"`{old}` is written `{new.strip()}`"
                is_certain = pattern not in _CHOOSING
                yield _Change(said, new.strip(), text, marked or whole, is_certain)


_Match = tuple[int, tuple[str, ...], Span | None]


def _matches(parts: list[str], tokens: tuple[Token, ...], at: int) -> Iterator[_Match]:
    """Where a pattern ends that begins at a token, its groups, and the word to point at."""
    if not parts:
        yield at, (), None
        return
    part, rest = parts[0].removeprefix("!"), parts[1:]
    if part == "$":
        if at == len(tokens):
            yield at, (), None
        return
    steps = _steps(part.removesuffix("?"), tokens, at)
    for end, groups in steps:
        for last, more, marked in _matches(rest, tokens, end):
            if parts[0].startswith("!"):
                marked = Span(tokens[at].start, tokens[end - 1].end)
            yield last, (*groups, *more), marked
    if part.endswith("?"):
        yield from _matches(rest, tokens, at)


def _steps(part: str, tokens: tuple[Token, ...], at: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Where one part of a pattern may end, and its groups."""
    if at >= len(tokens):
        return
    token = tokens[at]
    text = token.text
    plain = token.kind == scan.WORD and text not in RESERVED
    one: tuple[str, ...] | None = None
    match part:
        case "…":
            for end in range(len(tokens), at, -1):
                yield end, (_joined(tokens[at:end]),)
        case "LIST":
            for end in _list_ends(tokens, at):
                yield end, (_joined(tokens[at:end]),)
        case "POINTS":
            number = at + 1 < len(tokens) and tokens[at + 1].kind == scan.NUMBER
            if text in ("+", "-") and number:
                yield at + 2, (f"{text}{tokens[at + 1].text}",)
        case "NAME":
            one = (text,) if plain else None
        case "PART":
            path = text.split(".")
            one = (path[0], path[1]) if plain and len(path) == 2 else None
        case "VALUE":
            one = (text,) if _is_value(token) else None
        case "NUMBER":
            one = (text,) if token.kind == scan.NUMBER else None
        case "MORE" | "FEWER":
            if token.kind == scan.NUMBER and text.isdecimal():
                one = (str(int(text) + (1 if part == "MORE" else -1)),)
        case "DURATION":
            one = (text,) if token.kind == scan.DURATION else None
        case "DAYS":
            count = text.rstrip("days ")
            one = (count,) if token.kind == scan.DURATION and count.isdecimal() else None
        case "TEXT":
            one = (text,) if token.kind == scan.TEXT else None
        case "SHARE":
            one = (text,) if token.kind == scan.PERCENT else None
        case "UNIT":
            one = () if text.lower() in _UNITS else None
        case "ORDER" | "PERIOD" | "LIMIT" | "AGGREGATE" | "SIGNED" | "CALCULATING" | "BEHIND":
            one = (text,) if text in _KINDS[part] else None
        case _:
            one = () if text in part.split("|") else None
    if one is not None:
        yield at + 1, one


_KINDS = {
    "PERIOD": ("day", "week", "month"),
    "ORDER": (">=", ">", "<=", "<"),
    "LIMIT": ("max", "min"),
    "AGGREGATE": ("sum", "average", "min", "max"),
    "SIGNED": ("+", "-"),
    "CALCULATING": ("+", "-", "*", "/"),
    "BEHIND": ("max", "min", "half-life", "fades", "expires", "decays", "loses", "spaced",
               "distinct", "within", "at", "where", "when"),
}  # fmt: skip


_UNITS = frozenset(
    (
        "eur",
        "euro",
        "euros",
        "usd",
        "dollar",
        "dollars",
        "gbp",
        "chf",
        "points",
        "percent",
        "employees",
    )
)


def _list_ends(tokens: tuple[Token, ...], at: int) -> Iterator[int]:
    """Where a list without its brackets may end: behind the second value, or any further one."""
    end = at
    while end < len(tokens) and _is_value(tokens[end]):
        if end > at:
            yield end + 1
        comma, after = (*tokens[end + 1 : end + 3], None, None)[:2]
        if comma is None or after is None or comma.text != ",":
            return
        if after.kind == scan.NUMBER and comma.end == after.start:
            # `2,5` is a number.
            return
        end += 2


def _is_value(token: Token) -> bool:
    plain = token.kind == scan.WORD and token.text not in RESERVED
    return plain or token.kind in (scan.NUMBER, scan.TEXT)


def _joined(tokens: tuple[Token, ...]) -> str:
    """The tokens as they were written, with at most one blank between two."""
    text = ""
    for i, token in enumerate(tokens):
        apart = i > 0 and tokens[i - 1].end < token.start
        text += f" {token.text}" if apart else token.text
    return text
