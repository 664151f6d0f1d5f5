"""Checks that a text is well formed: an e-mail address, a SIREN, a SIRET.

They say that a value can exist, not that it does. Texts come in normal form.
Sources: RFC 5321 and RFC 1035 for lengths and labels; INSEE for SIREN and SIRET (a Luhn
sum; the establishments of La Poste, SIREN 356000000, have a plain digit sum instead).
"""

from __future__ import annotations

import re
from collections.abc import Callable

# One regular expression in RE2's syntax, so that every engine can use the same one.
EMAIL = (
    r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$"
)
EMAIL_LENGTH = 254
EMAIL_LOCAL_LENGTH = 64
LA_POSTE = "356000000"
_EMAIL = re.compile(EMAIL.removeprefix("^").removesuffix("$"), re.ASCII)


def email(text: str) -> bool:
    """Whether a text is an address such as ann@example.com."""
    local = text.partition("@")[0]
    return (
        len(text) <= EMAIL_LENGTH
        and len(local) <= EMAIL_LOCAL_LENGTH
        and _EMAIL.fullmatch(text) is not None
    )


def siren(text: str) -> bool:
    """Whether a text is a SIREN: nine digits, blanks between them allowed."""
    digits = text.replace(" ", "")
    return _is_digits(digits, 9) and luhn(digits) % 10 == 0


def siret(text: str) -> bool:
    """Whether a text is a SIRET: fourteen digits, blanks between them allowed."""
    digits = text.replace(" ", "")
    if not _is_digits(digits, 14):
        return False
    if digits.startswith(LA_POSTE) and sum(map(int, digits)) % 5 == 0:
        return True
    return luhn(digits) % 10 == 0


def luhn(digits: str) -> int:
    """The Luhn sum: from the right, every second digit counts double, less 9 above 9."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (place % 2 + 1)
        total += value - 9 if value > 9 else value
    return total


CHECKS: dict[str, Callable[[str], bool]] = {"email": email, "siren": siren, "siret": siret}


def _is_digits(text: str, length: int) -> bool:
    return len(text) == length and re.fullmatch("[0-9]*", text) is not None
