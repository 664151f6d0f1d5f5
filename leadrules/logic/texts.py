"""What is in a text that is known."""

from __future__ import annotations

import re

from leadrules.model import program as p
from leadrules.model.valid import CHECKS


def holds_in(
    condition: p.Has | p.Matches | p.Valid, folded: str, written: str | None
) -> bool | None:
    """Whether a condition is true of a text, given folded and as it is written; None when that
    depends on how it is written, which is not known. A Has looks for one value."""
    match condition:
        case p.Has(_, how, (value,), _, exactly):
            text = written if exactly else folded
            return None if text is None else _has(how, value, text)
        case p.Valid(_, check):
            return None if written is None else CHECKS[check](written)
        case p.Matches(_, pattern, exactly):
            # Folded, an `İ` is an `i`; to a regular expression it never is.
            text = written if exactly else folded
            sure = text is not None and (exactly or (text.isascii() and "i" not in text))
            return _matches(pattern, exactly, text) if sure and text is not None else None
        case _:
            return None


def _has(how: str, value: str, text: str) -> bool:
    match how:
        case "contains":
            return value in text
        case "starts":
            return text.startswith(value)
        case "ends":
            return text.endswith(value)
        case _:
            pattern = ".*".join(map(re.escape, value.split("*")))
            return re.fullmatch(pattern, text, re.DOTALL) is not None


def _matches(pattern: str, exactly: bool, text: str) -> bool:
    import re2  # type: ignore[import-untyped]  # the library has no types

    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = exactly
    return re2.search(pattern, text, options) is not None
