"""Rule text cut into raw tokens: every character in exactly one, and no failure.

The scanner knows no keywords and no layout. What cannot be read becomes a token that
carries its problem, so that the rest of the file is still read. Two things are told from the
 token before: `/…/` is a regular expression only behind `matches`, and `#` begins a
comment only where it is not glued to a word.
"""

from __future__ import annotations

import re
from types import ModuleType

from leadrules.model.frozen import Frozen
from leadrules.model.source import Span
from leadrules.text.literals import Problem, sound

BLANK = "blank"
NEWLINE = "newline"
COMMENT = "comment"
WORD = "word"
NUMBER = "number"
RANGE = "range"
DURATION = "duration"
PERCENT = "percent"
DATE = "date"
INSTANT = "instant"
TEXT = "text"
REGEX = "regex"
SIGN = "sign"
BAD = "bad"

_UNSEEN = frozenset((BLANK, NEWLINE, COMMENT))


class Token(Frozen):
    """A stretch of text with its kind. `problem` is what is wrong with it, if anything.

    A SIGN token's text is the plain spelling (`->` for `→`), so it may differ from the
    source between `start` and `end`.
    """

    kind: str
    text: str
    start: int
    end: int
    problem: Problem | None = None

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.start, self.end)

    @property
    def is_seen(self) -> bool:
        """Whether it matters to the parser: no blank, line end or comment."""
        return self.kind not in _UNSEEN


# Operators of other languages, and those that begin with `==`.
_STRANGE = frozenset(("<>", "=<", "&&", "||", "=>"))
_PLAIN = {"→": "->", "≥": ">=", "≤": "<=", "≠": "!=", "−": "-"}

# A letter, a digit or a mark of any script; `odd_word` looks closer at those beyond ASCII.
# Wide ranges take `re` long to compile, so it says what is left out: what lies below, and marks.
_WIDE = r"(?![\u2000-\u2bff])[^\0-\u00a9]"
_RUN = rf"(?:[0-9A-Za-z_]++|{_WIDE})++"
_NUM = r"[0-9][0-9_]*(?:\.[0-9][0-9_]*)?"
# What may not touch the end of a number: then it is something else, told by `odd_number`.
_END = r"(?![\w%@&$€£]|:\w|\.[\w`]|,[0-9]{3}(?![0-9])|[-−]\w|/[0-9]+/[0-9]{4})"
_LONG = r"(?:minute|hour|day|week|month|year)s?"

_TOKEN = re.compile(
    rf"""
    (?P<newline>\r\n|\r|\n)
  | (?P<blank>[ \t\u00a0]+|\A\ufeff)
  | (?P<comment>\#[^\r\n]*)
  | (?:(?P<instant>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[Tt][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}
          (?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{{2}}:[0-9]{{2}})?)
      | (?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})
      | (?P<range>{_NUM}\.\.(?:<?[-−]?{_NUM})?|\.\.<?[-−]?{_NUM})
      | (?P<duration>[0-9]+(?:min|mo|h|d|w|y|[ \t\u00a0]*{_LONG}))
      | (?P<number>{_NUM})
    ){_END}
  | (?P<text>"(?:[^"\\\r\n]|\\[^\r\n])*+"|'(?:[^'\\\r\n]|\\[^\r\n])*+')
  | (?P<word>(?:{_RUN}|`[^`\r\n]*`)(?:{_RUN}|\.`[^`\r\n]*`|[.-](?=\w))*+)
  | (?P<sign>->|→|<>|<=|>=|!=|==+|=>|=<|&&|\|\||[-−+*/=<>≥≤≠()\[\]{{}};,:])
  | (?P<bad>(?s:.))
    """,
    re.VERBOSE,
)
_REGEX = re.compile(r"/((?:[^/\\\r\n]|\\[^\r\n])+)/(i?)")
_GLUED_SIGN = re.compile(r"#+(?=[ \t\u00a0]*(?:[,\])}\"']|->|→|[-+−] ?[0-9]|\r|\n|\Z))")
_PERCENT = re.compile(rf"{_NUM}%(?![\w%.@:&$€£-])")
_SHRINKING = frozenset(("decays", "loses", "decay", "lose"))
_GLUABLE = frozenset((WORD, NUMBER, PERCENT, RANGE, DURATION, DATE, INSTANT, TEXT, BAD))


def scan(text: str) -> list[Token]:
    """All tokens of a text, in order, without a gap."""
    tokens: list[Token] = []
    at = 0
    size = len(text)
    # The last two tokens that are seen, for regular expressions.
    last = before = ""
    match = _TOKEN.match
    while at < size:
        found = match(text, at)
        assert found is not None, "the last alternative takes any character"
        kind = str(found.lastgroup)
        end = found.end()
        token: Token
        if kind == SIGN:
            token = _sign(text, at, end, last, before)
        elif kind == COMMENT and tokens and tokens[-1].kind in _GLUABLE:
            token = _glued(text, at, end, tokens[-1])
        elif kind == BAD:
            token = _bad(text, at, tokens)
        else:
            problem: Problem | None = None
            raw = found.group()
            if kind not in _UNSEEN:
                if kind == WORD:
                    # A number that something is glued to also comes here.
                    problem, kind, end = _word(text, at, end, (last, before))
                else:
                    problem = sound(kind, raw, at)
                raw = text[at:end]
            token = Token(kind, raw, at, end, problem)
        tokens.append(token)
        at = token.end
        if token.kind not in _UNSEEN:
            last, before = token.text, last
    return tokens


def _odd() -> ModuleType:
    """What is odd is loaded with the first odd thing: a plain file never needs it."""
    from leadrules.text import odd

    return odd


def _word(text: str, at: int, end: int, before: tuple[str, str]) -> tuple[Problem | None, str, int]:
    if "0" <= text[at] <= "9":
        # Also where `by` stands before it, or the word is misspelt: then that is what is told.
        percent = _PERCENT.match(text, at) if _SHRINKING.intersection(before) else None
        if percent is not None:
            end = percent.end()
            return sound(NUMBER, text[at : end - 1], at), PERCENT, end
        odd, end = _odd().odd_number(text, at)
        return odd, BAD, end
    raw = text[at:end]
    if raw.isascii() and "`" not in raw:
        return None, WORD, end
    problem, end = _odd().odd_word(text, at, end)
    return problem, WORD if problem is None else BAD, end


def _sign(text: str, at: int, end: int, last: str, before: str) -> Token:
    raw = text[at:end]
    if raw == "/" and (last == "matches" or (last == "exactly" and before == "matches")):
        found = _REGEX.match(text, at)
        if found is not None:
            glued = re.compile(r"[^\s,;()\[\]{}]+").match(text, found.end())
            if glued is None:
                return Token(REGEX, found.group(), at, found.end())
            end = glued.end()
            whole = text[at:end]
            inner = whole.strip("/").replace("\\/", "/").replace("/", "\\/")
            return Token(
                BAD,
                whole,
                at,
                end,
                Problem(
                    "LR037",
                    "the pattern ends at its second `/`, and more is glued to it",
                    f"write `\\/` for a slash inside the pattern: `/{inner}/`",
                    Span(at, end),
                ),
            )
        line = re.compile(r"[^\r\n]*").match(text, at)
        end = line.end() if line else end
        return Token(
            BAD,
            text[at:end],
            at,
            end,
            Problem(
                "LR037",
                "a pattern stands between two slashes, with something in it, on one line",
                "write it like `matches /chief|ceo/`",
                Span(at, at + 1),
            ),
        )
    problem = _odd().odd_sign(text, at, end) if raw in _STRANGE or raw[:2] == "==" else None
    if problem is not None:
        return Token(BAD, raw, at, end, problem)
    return Token(SIGN, _PLAIN.get(raw, raw), at, end)


def _glued(text: str, at: int, end: int, before: Token) -> Token:
    # `C#` in the middle of a rule: only the sign is bad, so that the rest of the line keeps
    # its brackets. Anything else behind the sign is taken for the comment it was meant to be.
    sign = _GLUED_SIGN.match(text, at)
    if sign is not None:
        end = sign.end()
        written = text[before.start : end].strip("\"'`")
        help_ = f'put the text in quotes: `"{written}"`'
    else:
        help_ = f"put a blank before `#`: `{text[before.start : before.end]} {text[at:end]}`"
        if len(help_) > 100:
            help_ = "put a blank before `#`"
    return Token(
        BAD,
        text[at:end],
        at,
        end,
        Problem(
            "LR011",
            f"`#` begins a comment, and this one is glued to `{text[before.start : before.end]}`",
            help_,
            Span(before.start, at + 1),
        ),
    )


def _bad(text: str, at: int, tokens: list[Token]) -> Token:
    # The sign and what is glued to its left are one thing to the person who wrote it.
    start = at
    if tokens and tokens[-1].kind in (WORD, NUMBER, BAD) and tokens[-1].problem is None:
        start = tokens[-1].start
    problem, end = _odd().odd_text(text, start, at)
    return Token(BAD, text[at:end], at, end, problem)
