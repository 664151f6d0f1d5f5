"""Comments that excuse a finding: `# leadrules: allow LR201 because blank means no here`.

At the end of a line such a comment speaks for that line, and the statement that ends there; on
a line of its own for the line below, and the statement or the whole block that begins there. It
names each code, and says why: whoever reads the rule next year has to know. Rules do not run with
an error, so errors are not excused. A comment that excuses nothing is reported itself, for it
would hide the next finding.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence

from leadrules.model.diagnostic import Diagnostic, Fix
from leadrules.model.frozen import Frozen
from leadrules.model.source import Source, Span
from leadrules.text.layout import Block, Line, lay_out
from leadrules.text.literals import Problem, spelled
from leadrules.text.scan import BLANK, COMMENT, NEWLINE, Token, scan

EXAMPLE = "# leadrules: allow LR201 because leads without a title are students"
_ANY = re.compile(r"leadrules[ \t]*:", re.IGNORECASE)
_ADDRESSED = re.compile(r"#+[ \t]*leadrules[ \t]*:[ \t]*", re.IGNORECASE)
_ALLOW = re.compile(r"allow\b[ \t]*", re.IGNORECASE)
_CODE = re.compile(r"LR\d+\b", re.IGNORECASE)
_BETWEEN = re.compile(r"[ \t]*(?:,|and\b)?[ \t]*", re.IGNORECASE)
_BECAUSE = re.compile(r"because\b[ \t]*", re.IGNORECASE)
_SIGNS = " \t:;,.-–—()"
# Who has more has no use for the finding at all.
_MOST = 500
# Errors: rules with one of them cannot run.
_ERRORS = ("LR0", "LR1")


class Excuse(Frozen):
    """One code that a comment excuses: `at` is the code's own place, `comment` that of the
    whole comment, and `stretch` is where findings may begin that it excuses."""

    code: str
    reason: str
    source: Source
    at: Span
    comment: Span
    stretch: Span


def excuses(source: Source, known: Collection[str]) -> tuple[list[Excuse], list[Diagnostic]]:
    """The excuses in a file, and what is wrong with them. `known` are all codes there are."""
    if _ANY.search(source.text) is None:
        return [], []
    tokens = scan(source.text)
    places = _Places(source, tokens)
    found: list[Excuse] = []
    wrong: list[Diagnostic] = []
    for token in tokens:
        if token.kind != COMMENT or not _ADDRESSED.match(token.text):
            continue
        read = _read(token, known)
        if len(found) >= _MOST:
            message = f"only {_MOST} excuses are read in one file"
            read = Problem("LR210", message, "leave it to `--ignore`", token.span)
        if isinstance(read, Problem):
            wrong.append(_warning(source, read))
            continue
        if not read.reason:
            wrong.append(_warning(source, _no_reason(token, read)))
        stretch = places.excused_by(token)
        for code, at in read.codes:
            found.append(Excuse(code, read.reason, source, at, token.span, stretch))
    return found, wrong


def _warning(source: Source, found: Problem) -> Diagnostic:
    return Diagnostic(
        found.code, "warning", found.message, source, found.span, found.help, fix=found.fix
    )


class _Comment(Frozen):
    """What such a comment says: its codes with their places, the reason (empty when there is
    none), and what else stands behind the codes."""

    codes: tuple[tuple[str, Span], ...]
    reason: str
    rest: str


def _read(token: Token, known: Collection[str]) -> _Comment | Problem:
    """What a comment says, or why nobody can tell."""
    text = token.text.rstrip()
    start = _ADDRESSED.match(text)
    assert start is not None
    allow = _ALLOW.match(text, start.end())
    codes: list[tuple[str, Span]] = []
    end = at = allow.end() if allow else start.end()
    while (code := _CODE.match(text, at)) is not None:
        codes.append((code.group().upper(), Span(token.start + at, token.start + code.end())))
        end = code.end()
        between = _BETWEEN.match(text, end)
        at = between.end() if between else end
    if allow is None or not codes:
        what = "names no code" if allow else "does not say `allow`"
        return Problem("LR210", f"this excuse {what}", f"write `{EXAMPLE}`", token.span)
    for name, span in codes:
        if name.startswith(_ERRORS):
            message = f"{name} is an error, and errors cannot be excused"
            return Problem("LR210", message, "mend the rule", span)
        if name not in known:
            message = f"there is no finding {name}"
            return Problem("LR210", message, "`leadrules rule` lists all of them", span)
    rest = text[end:].strip(_SIGNS)
    because = _BECAUSE.match(rest)
    reason = rest[because.end() :].strip(_SIGNS) if because else ""
    return _Comment(tuple(codes), reason, "" if because else rest)


def _no_reason(token: Token, read: _Comment) -> Problem:
    named = ", ".join(name for name, _ in read.codes)
    message = "this excuse does not say why"
    if read.rest:
        return spelled("LR211", message, f"{_excuse(named)} {read.rest}", token.span)
    return Problem("LR211", message, f"write `{_excuse(named)} …`", token.span)


def _excuse(named: str) -> str:
    return f"# leadrules: allow {named} because"


class _Places:
    """Which part of a file a comment speaks for."""

    def __init__(self, source: Source, tokens: Sequence[Token]) -> None:
        self._source = source
        self._seen = [token for token in tokens if token.is_seen]
        self._starts = [token.start for token in self._seen]
        self._line_firsts = _first_of_lines(tokens)
        # Where each statement and block ends, by where it begins; and the same for the
        # statements alone, and the heads of blocks.
        self._wholes: dict[int, int] = {}
        self._lines: list[Span] = []
        self._gather(lay_out(list(tokens))[0])
        self._lines.sort(key=lambda span: span.start)

    def _gather(self, lines: Iterable[Line | Block]) -> None:
        for line in lines:
            head = line.head if isinstance(line, Block) else line
            self._wholes[head.span.start] = line.span.end
            self._lines.append(head.span)
            if isinstance(line, Block):
                self._gather(line.body)

    def excused_by(self, comment: Token) -> Span:
        """The stretch of the file that a comment speaks for."""
        if comment.start in self._line_firsts:
            return self._below(comment)
        before = self._seen[bisect_left(self._starts, comment.start) - 1]
        start = comment.start - self._source.place(comment.start)[1] + 1
        at = bisect_right(self._lines, before.start, key=lambda span: span.start) - 1
        if at >= 0 and before.end <= self._lines[at].end:
            start = min(start, self._lines[at].start)
        return Span(start, comment.start)

    def _below(self, comment: Token) -> Span:
        """The line below, and the statement or the block that begins it."""
        at = bisect_left(self._starts, comment.end)
        if at == len(self._seen):
            return Span(comment.end, comment.end)
        token = self._seen[at]
        if token.text == "}":
            return Span(comment.end, comment.end)
        line, column = self._source.place(token.start)
        end = token.start - column + 1 + len(self._source.line(line))
        return Span(token.start, max(end, self._wholes.get(token.start, end)))


def _first_of_lines(tokens: Sequence[Token]) -> frozenset[int]:
    """Where the first token of each line begins, blanks aside."""
    firsts = set()
    fresh = True
    for token in tokens:
        if token.kind == NEWLINE:
            fresh = True
        elif token.kind != BLANK and fresh:
            firsts.add(token.start)
            fresh = False
    return frozenset(firsts)


def _taken_out(excuse: Excuse) -> Fix:
    """The text without the comment; without its line, when there is nothing else in it."""
    text, start, end = excuse.source.text, excuse.comment.start, excuse.comment.end
    start -= len(text[:start]) - len(text[:start].rstrip(" \t"))
    if start == 0 or text[start - 1] in "\r\n":
        end += 1 if text[end : end + 1] in ("\r", "\n") else 0
        end += 1 if text[end - 1 : end + 1] == "\r\n" else 0
    return Fix(Span(start, end), "")


class Judged(Frozen):
    """Findings that count, and those that are excused, each with its excuse."""

    kept: tuple[Diagnostic, ...]
    excused: tuple[tuple[Diagnostic, Excuse], ...]


def judge(
    findings: Sequence[Diagnostic], given: Sequence[Excuse], looked: Callable[[str], bool]
) -> Judged:
    """Takes out the findings that are excused, and adds the excuses that excuse none.

    `looked` tells of a code whether all findings of it are among `findings`; of any other
    nobody knows whether an excuse is needed.
    """
    by_code: dict[tuple[str, str], list[Excuse]] = {}
    for excuse in given:
        by_code.setdefault((excuse.source.name, excuse.code), []).append(excuse)
    kept: list[Diagnostic] = []
    excused: list[tuple[Diagnostic, Excuse]] = []
    needed: set[tuple[str, Span]] = set()
    for finding in findings:
        start = finding.span.start
        fitting = [
            excuse
            for excuse in by_code.get((finding.source.name, finding.code), ())
            if excuse.stretch.start <= start <= excuse.stretch.end and not finding.is_error
        ]
        if fitting:
            # The narrowest: around a block another may stand for the rest of it.
            narrow = min(fitting, key=lambda excuse: excuse.stretch.end - excuse.stretch.start)
            excused.append((finding, narrow))
            needed.add((finding.source.name, narrow.at))
        else:
            kept.append(finding)
    together = Counter((excuse.source.name, excuse.comment) for excuse in given)
    for excuse in given:
        unneeded = (excuse.source.name, excuse.at) not in needed
        if unneeded and excuse.reason and looked(excuse.code):
            message = f"this excuses nothing: there is no {excuse.code} here"
            help_ = "take it out; it would hide the next one"
            alone = together[excuse.source.name, excuse.comment] == 1
            kept.append(
                Diagnostic(
                    "LR212",
                    "warning",
                    message,
                    excuse.source,
                    excuse.at,
                    help_,
                    fix=_taken_out(excuse) if alone else None,
                )
            )
    return Judged(tuple(kept), tuple(excused))
