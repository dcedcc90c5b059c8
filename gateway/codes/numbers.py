"""Numbers of messages as exact decimals: read, counted, rounded and written plainly, never as floats."""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from typing import Literal

Rounding = Literal["half-even", "half-up", "down"]

_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_MODES = {"half-even": ROUND_HALF_EVEN, "half-up": ROUND_HALF_UP, "down": ROUND_DOWN}
_MOST_CHARACTERS = 60
"""Longer numbers occur in no format (the widest is 24 digits) and would only cost time."""
EXACT = Context(prec=200)
"""Arithmetic in which no message number (see `parse_decimal`) is ever rounded by adding or multiplying."""


def parse_decimal(text: str) -> Decimal | None:
    """The number of a text in plain ASCII digits with a point; None for anything else.

    An exponent, ``NaN``, infinity, digits of another script, blanks and grouping signs are not numbers here.
    """
    if len(text) > _MOST_CHARACTERS or _PLAIN.fullmatch(text) is None:
        return None
    return Decimal(text)


def plain(value: Decimal) -> str:
    """A number without exponent and without needless zeros: ``1200``, ``0.5``, ``-3``."""
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def round_to(value: Decimal, digits: int, rounding: Rounding = "half-even") -> Decimal:
    """A number with at most so many digits after the point.

    Args:
        value: any finite number.
        digits: digits kept after the point, 0 or more.
        rounding: what happens to the rest: to the even neighbour, away from zero at one half, or cut.
    """
    return value.quantize(Decimal(1).scaleb(-digits), rounding=_MODES[rounding], context=EXACT)


def count_digits(value: Decimal) -> tuple[int, int]:
    """Digits before the point (no leading zeros) and after it (no trailing ones), as XSD counts its digits."""
    whole, _, part = plain(abs(value)).partition(".")
    return len(whole.lstrip("0")), len(part)


def digits_fit(value: Decimal, total: int | None, fraction: int | None) -> bool:
    """Whether a number keeps to ``totalDigits`` and ``fractionDigits`` (None is no limit)."""
    before, after = count_digits(value)
    return (total is None or before + after <= total) and (fraction is None or after <= fraction)
