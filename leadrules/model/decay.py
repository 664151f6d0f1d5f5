"""How much of some points is left at an age: the tables behind `half-life` and its like.

Ages are whole days. What is left is a whole number of ten-thousandths, worked out here in
decimal arithmetic and handed to every engine, so that all machines have the same digits.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache

from leadrules.model.instant import DAY
from leadrules.model.program import Decay

WHOLE = 10_000


def age(at: int, as_of: int) -> int:
    """The age of an event in whole days; `at` is not later than `as_of`."""
    return (as_of - at) // DAY


def step(decay: Decay) -> int:
    """For how many days in a row the same is left."""
    return decay.span // DAY if decay.kind in ("decays", "loses share", "loses points") else 1


@lru_cache(maxsize=1024)
def shares(decay: Decay) -> tuple[int, ...]:
    """The ten-thousandths left after 0, 1, 2 … steps; after all of these nothing is left.

    Not for `loses points`, which takes points and no share.
    """
    assert decay.kind != "loses points"
    found: list[int] = []
    with localcontext() as context:
        context.prec = 50
        days = Decimal(decay.span) / DAY
        lost = Decimal(decay.amount or 0) / WHOLE
        match decay.kind:
            case "half-life":
                factor = Decimal(2) ** (-1 / days)
            case "decays":
                factor = 1 - lost
            case _:
                factor = Decimal(1)
        left = Decimal(WHOLE)
        while True:
            number = len(found)
            match decay.kind:
                case "fades":
                    left = WHOLE * (days - number) / days
                case "expires":
                    left = Decimal(WHOLE if number < days else 0)
                case "loses share":
                    left = WHOLE - WHOLE * lost * number
            rounded = int(left.quantize(Decimal(1), ROUND_HALF_UP))
            if rounded <= 0:
                return tuple(found)
            found.append(rounded)
            left *= factor


def share(decay: Decay, days: int) -> int:
    """The ten-thousandths left at an age of so many days."""
    table = shares(decay)
    number = days // step(decay)
    return table[number] if number < len(table) else 0


def lose(decay: Decay, points: int, days: int) -> int:
    """What `loses points` leaves of some points (hundredths) at an age of so many days."""
    assert decay.amount is not None
    left = max(0, abs(points) - decay.amount * (days // step(decay)))
    return left if points >= 0 else -left


def rounded(numerator: int, denominator: int) -> int:
    """The nearest whole number to a fraction, a half away from zero."""
    whole = (2 * abs(numerator) + denominator) // (2 * denominator)
    return whole if numerator >= 0 else -whole
