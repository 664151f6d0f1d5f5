"""What to say when a statement stops making sense: where, after what, and what would work.

The cases are asked in turn, the first that knows what to say is taken. None of them says that
something was "unexpected": each names what is there, and each has a line that would work.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from leadrules.model.diagnostic import Fix
from leadrules.model.source import Span
from leadrules.text.bodies import combination, item, label_order, outside, row, verdict
from leadrules.text.chains import in_parentheses, mixed_chain
from leadrules.text.layout import HEADS as BLOCK_WORDS
from leadrules.text.layout import Block, Line
from leadrules.text.literals import Problem, spelled
from leadrules.text.missing import missing
from leadrules.text.neighbours import doubled, forgotten, two_words
from leadrules.text.openings import block_head, opening_word
from leadrules.text.paying import behind_reason, choosing_elsewhere, decay, each, limit, worked_out
from leadrules.text.scan import WORD, Token
from leadrules.text.sequences import order, since, tally, yesterday
from leadrules.text.stuck import (
    VALUE_OPERATORS,
    WINDOWS,
    Stuck,
    chain_start,
    nearest,
    place,
    reserved_word,
    shown,
    words_of,
)
from leadrules.text.values import (
    counted,
    hyphen_in_name,
    left_value,
    swallowed,
    wrong_value,
)
from leadrules.text.words import KEYWORDS, PHRASES, RESERVED


def wording(stuck: Stuck) -> Problem:
    """The message for a statement that the parser cannot read."""
    for case in _CASES:
        problem = case(stuck)
        if problem is not None:
            return problem
    return _general(stuck)


def wrong_block(head: Line, outer: str) -> Problem:
    """The message for a block that stands inside a block that cannot hold it."""
    word = head.tokens[0].text
    if outer == "score":
        message = f"a `{word}` block stands outside blocks"
    else:
        holds = {"class": "rules with labels", "band": "rows", "checklist": "items"}[outer]
        message = f"a `{word}` block does not stand here: this block has {holds} and no blocks"
    return Problem("LR038", message, "close the block before it with `}` first", head.span)


def late_limit(block: Block, line: Line) -> Problem:
    """The message for `} max 50`."""
    head, limit = (" ".join(t.text for t in part.tokens) for part in (block.head, line))
    return Problem(
        "LR043",
        "the limit of a block stands before its `{`",
        f"write `{head} {limit} {{`",
        line.span,
    )


def order_in_braces(block: Block) -> Problem:
    """The message for `dimension grade { A < B }`."""
    head = " ".join(token.text for token in block.head.tokens)
    rows = [line for line in block.body if isinstance(line, Line)]
    order = " ".join(token.text for token in rows[0].tokens) if len(rows) == 1 else "C < B < A"
    return Problem(
        "LR027",
        "the labels of a dimension stand in one line, without braces",
        f"write `{head}: {order}`",
        block.head.span,
    )


def foreign_comment(tokens: tuple[Token, ...]) -> Problem | None:
    """The message for `// asked by sales` and `/* … */`: comments of other languages."""
    for one, other in pairwise(tokens):
        if one.text + other.text in ("//", "/*") and one.end == other.start:
            span = Span(one.start, other.end)
            fix = Fix(span, "#") if other.text == "/" else None
            return Problem("LR020", "a comment begins with `#`", "write `# …`", span, fix)
    return None


def meant_block(tokens: tuple[Token, ...]) -> str | None:
    """The word that a word before a `{` is a misspelling of."""
    return nearest(tokens[0].text, BLOCK_WORDS) if tokens[0].kind == WORD else None


def no_block(tokens: tuple[Token, ...]) -> Problem:
    """The message for a `{` behind something that opens no block."""
    span = Span(tokens[0].start, tokens[-1].end)
    words = [t.text for t in tokens[:2]]
    near = meant_block(tokens)
    if words[1:] == ["of"] and words[0] in ("any", "all", "one", "last", "max", "highest"):
        right = "best of" if words[0] in ("max", "highest") else "first of"
        return Problem(
            "LR050",
            f"`{' '.join(words)}` opens no block",
            f"write `{right} {{`; `first of` pays the first rule that holds, `best of` the one"
            " that pays most",
            span,
        )
    if near:
        return Problem(
            "LR050",
            f"`{tokens[0].text}` opens no block",
            f"did you mean `{near}`?",
            tokens[0].span,
        )
    return Problem(
        "LR027",
        "this opens no block",
        "write `score fit {` around rules with points, `classify grade {` around labels,"
        " `checklist BANT {` around items",
        span,
    )


def _capitals(s: Stuck) -> Problem | None:
    piece = s.piece
    if s.before == "NAME":
        first = s.pieces[s.at - 1]
        if first.text.isupper() and first.text.lower() in (
            "not",
            "no",
            "each",
            "any",
            "at",
            "field",
        ):
            return _small(first.text, first.span)
    if piece is None or piece.terminal or piece.text.islower():
        return None
    low = piece.text.lower()
    if low not in KEYWORDS and low not in PHRASES and low not in RESERVED:
        return None
    possible = [KEYWORDS.get(low, "")] + [name for _, name in PHRASES.get(low, ())]
    if not s.accepts.intersection(possible):
        return None
    return _small(piece.text, piece.span)


def _small(word: str, span: Span) -> Problem:
    message = f"words of the language are written small: `{word}`"
    return spelled("LR021", message, word.lower(), span)


def _twice(s: Stuck) -> Problem | None:
    paying = ("POINTS", "PAYS", "COSTS")
    points, arrow = bool({*paying}.intersection(s.given)), "ARROW" in s.given
    if (s.terminal == "ARROW" and points) or (s.terminal in paying and arrow):
        return Problem(
            "LR003",
            "a rule has points or a label, never both",
            "write two rules, each with the condition",
            place(s),
        )
    if s.terminal in ("POINTS", "PAYS", "COSTS") and points:
        rest = s.pieces[s.at + 1 :]
        if rest and not rest[0].terminal and s.piece is not None:
            return Problem(
                "LR043",
                "points stand behind their condition",
                f"write `{words_of(rest)} {shown(s.piece)}`",
                place(s),
            )
        return Problem("LR043", "this rule already has points", "add the two up", place(s))
    if s.terminal == "ARROW" and arrow:
        return Problem("LR043", "this rule already has a label", "write two rules", place(s))
    if s.terminal == "ARROW" and s.start == "s_score":
        return Problem(
            "LR038",
            "a label does not stand in a score block",
            "put this rule behind the block's `}`, or into `classify NAME { … }`",
            place(s),
        )
    if s.terminal in paying and s.start == "s_class":
        return Problem(
            "LR038",
            "points do not stand in a classify block",
            "put this rule outside, or into `score NAME { … }`",
            place(s),
        )
    if s.terminal == "ARROW" and s.given[:1] == ["EACH"] and "POINTS" not in s.given:
        return Problem(
            "LR043", "`each` pays points for every event; it gives no label",
            "leave `each` out", place(s),
        )  # fmt: skip
    return None


def _places(s: Stuck) -> Problem | None:
    """Words of the language that stand in the wrong place."""
    piece = s.piece
    if piece is None:
        return None
    t = s.terminal
    text = piece.text
    if (
        "AND" in s.accepts
        and t == ""
        and text not in RESERVED
        and s.before not in ("NAME", "NUMBER")
    ):
        return Problem(
            "LR043",
            f"`{text}` does not fit behind `{s.pieces[s.at - 1].text}`",
            f"write `and {text}` or `or {text}`; a reason stands in quotes behind the points",
            piece.span,
        )
    if t == "LBRACK" and "IN" in s.accepts:
        return Problem("LR043", "before a list stands `in`", "write `in […]`", piece.span)
    if "NAME" in s.accepts and text in RESERVED and t not in ("AND", "OR"):
        if t in WINDOWS | {"WHERE", "FOR", "IN", "NOT_IN", "KNOWN", "MISSING", "WHEN"} or (
            t in VALUE_OPERATORS | {"MATCHES"}
        ):
            return Problem(
                "LR046",
                f"there is no name before `{text}`",
                f"write the event or the field: `demo_request {text} …`".replace(" …", "")
                if t not in WINDOWS
                else f"write the event: `demo_request {text} 30d`",
                piece.span,
            )
        after = s.pieces[s.at + 1] if s.at + 1 < len(s.pieces) else None
        if text == "any" and after is not None and not after.terminal:
            return Problem(
                "LR043",
                "`any` is not needed: an event counts however often it happened",
                f"write `{after.text}`, or `any event` for every type",
                piece.span,
            )
        if s.before or t != "EACH":
            return reserved_word(s)
    if t == "WHEN":
        return Problem(
            "LR043",
            "`when` belongs to `each`, to a limit, and to the head of a score block",
            "write `and`",
            piece.span,
        )
    if t == "EACH":
        return Problem("LR043", "`each` begins a rule", "write `each demo_request +10`", piece.span)
    if t == "OTHERWISE":
        return Problem(
            "LR043",
            "`otherwise` stands alone before its label",
            "write `otherwise -> lead`",
            piece.span,
        )
    if t in WINDOWS or t == "WHERE":
        if "WHERE" in s.given and t == "WHERE":
            return Problem(
                "LR043", "one event has one filter", "write `where (a = 1 and b = 2)`", piece.span
            )
        if s.given[-1:] == ["DURATION"] or s.given[-1:] == ["AGO"]:
            return Problem(
                "LR043", "one event has one window", f"drop `{text}` or the one before", piece.span
            )
        what = "window" if t in WINDOWS else "filter"
        return Problem(
            "LR043",
            f"`{text}` does not fit here: a {what} belongs to an event or a date, right behind it",
            "write `demo_request within 30d`"
            if t in WINDOWS
            else "write `page_view where seconds > 30`",
            piece.span,
        )
    if t == "TEXT" and s.before == "TEXT":
        told = "POINTS" in s.given or "ARROW" in s.given
        return Problem(
            "LR043",
            "a rule has one reason" if told else "two texts in a row",
            "put both into one text" if told
            else f"write `in [{s.pieces[s.at - 1].text}, {text}]`, or one text",
            piece.span,
        )  # fmt: skip
    if t == "TEXT" and "POINTS" in s.accepts and not s.accepts & {"WORD"}:
        return Problem(
            "LR043",
            "a text stands behind the points or the label, as the reason",
            f"write `+10 {text}`"
            if "ARROW" not in s.accepts
            else f"write `+10 {text}` or `-> MQL {text}`",
            piece.span,
        )
    if t == "DURATION" and "FOR" in s.accepts:
        return Problem(
            "LR043", f"`{text}` alone does not fit here", f"write `for {text}`", piece.span
        )
    if t == "DURATION" and "WITHIN" in s.accepts:
        return Problem(
            "LR043", f"`{text}` alone does not fit here", f"write `within {text}`", piece.span
        )
    if t == "FOR" and "NO" not in s.given:
        return Problem(
            "LR043", "`for` says how long something did not happen",
            "write `no reply for 30d`, or `within 30d` for when it did", piece.span,
        )  # fmt: skip
    if piece.terminal == "COLON":
        return Problem("LR010", "`:` means nothing here", "write `=` or `->`", piece.span)
    return None


def _ends(s: Stuck) -> Problem | None:
    """What is missing where the statement, its points, or a parenthesis comes too early."""
    t = s.terminal
    if s.piece is not None and not (
        t in ("POINTS", "PAYS", "COSTS", "ARROW", "RPAR", "RBRACK", "AND", "OR", "COMMA", "FOR")
        or t in ("WHEN", "FOLLOWED_BY", "NOT_FOLLOWED_BY")
        or t in WINDOWS
    ):
        return None
    if t in ("POINTS", "ARROW") and not s.given:
        sign = s.pieces[0].text
        example = f"demo_request +{sign}" if t == "POINTS" else "score >= 60 -> SQL"
        return missing("condition", place(s), example)
    operator = s.pieces[s.at - 1].text if s.at else ""
    found = missing(s.before, place(s), operator)
    if found is not None:
        return found
    if s.piece is None and s.accepts & {"POINTS", "ARROW"}:
        return _neither(s)
    if (s.piece is None or t in ("POINTS", "ARROW")) and s.accepts & VALUE_OPERATORS:
        begin = chain_start(s)
        return missing("calculation", place(s), words_of(s.pieces[begin : s.at]))
    return None


def _open(s: Stuck) -> Problem | None:
    """Behind a word that wants something more."""
    return missing(s.before, place(s), s.pieces[s.at - 1].text) if s.at else None


def _neither(s: Stuck) -> Problem:
    given = [p.text for p in s.pieces[:3]]
    if given[1:2] == ["="] and s.start == "s_top" and (len(s.pieces) == 3 or given[2] == "("):
        give = f"; to give it a name: `define {words_of(s.pieces)}`"
    else:
        give = ""
    what = {
        "s_score": "add points (`+10`)",
        "s_class": "add a label (`-> MQL`)",
    }.get(s.start, "add points (`+10`) or a label (`-> MQL`)")
    if s.given == ["OTHERWISE"]:
        what = "add a label (`-> lead`)"
    return Problem(
        "LR002", "this line says when, but not what", f"{what}{give}",
        Span(s.pieces[0].span.start, s.pieces[-1].span.end),
    )  # fmt: skip


_CASES: tuple[Callable[[Stuck], Problem | None], ...] = (
    hyphen_in_name,
    row,
    item,
    behind_reason,
    limit,
    decay,
    block_head,
    _capitals,
    outside,
    label_order,
    combination,
    verdict,
    opening_word,
    order,
    since,
    tally,
    yesterday,
    each,
    worked_out,
    choosing_elsewhere,
    _twice,
    mixed_chain,
    left_value,
    swallowed,
    counted,
    forgotten,
    in_parentheses,
    wrong_value,
    doubled,
    two_words,
    _ends,
    _places,
    _open,
)


# What could have come, in the order in which it helps most.
_COMING = (
    ("COUNT_OF", "a condition such as `budget >= 5000`"),
    ("WORD", 'a value such as `FR`, `40` or `"New York"`'),
    ("DURATION", "a length of time such as `30d`"),
    ("NUMBER", "a number"),
    ("NAME", "a name"),
    ("EQ", "an operator such as `=` or `>=`"),
    ("WITHIN", "a window such as `within 30d`"),
    ("AND", "`and` or `or`"),
    ("POINTS", "points such as `+10`"),
    ("ARROW", "a label such as `-> MQL`"),
    ("MAX", "a limit such as `max 50`"),
    ("AGO", "`ago`"),
    ("RBRACK", "a comma or `]`"),
    ("RPAR", "`)`"),
    ("LBRACK", "a list such as `[a, b]`"),
    ("REGEX", "a pattern such as `/ceo/`"),
    ("DATE", "a date such as `2026-11-22`"),
    ("TEXT", "a text in quotes"),
    ("$END", "the end of the line"),
)


def _general(s: Stuck) -> Problem:
    piece = s.piece
    here = f"`{piece.text}` does not fit" if piece else "something is missing"
    behind = f" behind `{s.pieces[s.at - 1].text}`" if s.at else " at the start of a line"
    coming = [words for terminal, words in _COMING if terminal in s.accepts][:4]
    if not s.at:
        coming = ["a condition such as `budget >= 5000`"]
    help_ = "here could stand " + (
        f"{', '.join(coming[:-1])} or {coming[-1]}" if len(coming) > 1 else "".join(coming)
    )
    return Problem("LR043", here + behind, help_ if coming else "take it out", place(s))
