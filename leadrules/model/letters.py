"""How texts are compared: without case, without surrounding blanks, in one normal form.

Every engine must come to the same answer, so none of this is left to a language's own
idea of case. A text is first brought to `normal` form: NFC, without blanks at its ends.
Two texts are the same when their `fold` is the same: each letter by its simple small
form (Unicode 14), one letter for one letter, whatever stands around it. So `İ` is `i`,
a capital sigma is never a final one, and `ß` stays itself.
"""

from __future__ import annotations

import unicodedata

# The characters of Unicode's White_Space property. Python's own strip() also takes
# U+001C to U+001F, which are no blanks.
BLANKS = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)

# Capital letters that got a small form after Unicode 14: newer Pythons know them, the
# engines do not yet, so here they are compared as they are.
_LATER = frozenset(
    [
        *(0x1C89, 0xA7CB, 0xA7CC, 0xA7CE, 0xA7D2, 0xA7D4, 0xA7DA, 0xA7DC),
        *range(0x10D50, 0x10D66),
        *range(0x16EA0, 0x16EB9),
    ]
)


def normal(text: str) -> str:
    """The text as it is kept and compared `exactly`: in NFC, without blanks at its ends."""
    return composed(text).strip(BLANKS)


def composed(text: str) -> str:
    """The text in NFC: a letter and its accent are one."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """The text as it is compared without regard to case; as long as the text itself."""
    return text.lower() if text.isascii() else "".join(map(_small, text))


def _small(letter: str) -> str:
    if letter == "İ":
        return "i"
    small = letter.lower()
    return letter if len(small) != 1 or ord(letter) in _LATER else small
