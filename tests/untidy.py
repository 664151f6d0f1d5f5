"""Rule text made untidy: other line ends, blanks, empty lines, and comments wherever one may
stand. What it says stays the same."""

from __future__ import annotations

from random import Random

from leadrules.text.scan import BLANK, COMMENT, SIGN, WORD, Token, scan

BLANKS = (" ", "  ", "\t", " \u00a0 ")
ENDS = ("\n", "\n\n", "\r\n", "\r", "\n  \n\n")


def untidy(text: str, random: Random, comments: int) -> str:
    """The same rules; about one in `comments` places for a line end gets a comment."""
    written: list[str] = []
    depth = 0
    said = 0

    def line_end() -> str:
        nonlocal said
        ends = random.choice(ENDS)
        while random.randrange(comments) == 0:
            said += 1
            before = random.choice((" ", "\n", "\n\n   "))
            ends = f'{before}# comment {said} {{;( " \n{ends}'
        return ends + random.choice(("", "  ", "\t", "        "))

    tokens = [token for token in scan(text) if token.kind != BLANK]
    in_band = 0
    word = ""
    for i, token in enumerate(tokens):
        before = tokens[i - 1] if i else token
        if token.text == "{" and word == "band":
            in_band += 1
        if token.text == "}" and in_band:
            in_band -= 1
        if not i or not before.is_seen or before.text in ("{", "}", ";"):
            word = token.text
        if i and before.kind == SIGN and before.text in "([":
            depth += 1
        if token.kind == SIGN and token.text in ")]":
            depth -= 1
        if not token.is_seen:
            written.append(f" {token.text}" if token.kind == COMMENT else line_end())
            continue
        if i and before.is_seen:
            glued = before.end == token.start
            breaks = _may_break(before, token, depth, bool(in_band))
            if breaks and random.randrange(3) == 0:
                written.append(line_end())
            elif not glued or (before.kind == SIGN and before.text in "([,{"):
                written.append(random.choice(BLANKS))
        written.append(token.text if token.kind == SIGN else text[token.start : token.end])
    return "".join(written) + line_end()


def _may_break(before: Token, token: Token, depth: int, in_band: bool) -> bool:
    """Whether a statement, or a block, may go on in the next line between two tokens."""
    if before.kind == SIGN and before.text in "([":
        return True
    if depth:
        joins = token.kind == WORD and token.text in ("and", "or", "in", "within")
        return joins or before.text == "," or (token.kind == SIGN and token.text in ")]")
    if in_band:
        return False
    if token.kind == WORD and token.text in ("and", "or"):
        return True
    return token.kind == SIGN and token.text in ("->", "+", "{")
