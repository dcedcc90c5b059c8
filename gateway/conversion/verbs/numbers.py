"""``number`` and ``measure``: exact decimals, plainly written; too many digits is a finding."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache

from gateway.codes.codelists import CodeList
from gateway.codes.numbers import EXACT, Rounding, digits_fit, parse_decimal, plain, round_to
from gateway.conversion.arguments import MeasureArgument, NumberArgument
from gateway.conversion.model import Loss
from gateway.conversion.run import Problem
from gateway.conversion.verbs.results import Converter, Result
from gateway.formats.structure import SimpleType

NOT_A_NUMBER = Problem("map.not-a-number", "not a plain decimal number", "write digits with a point")
TOO_MANY_DIGITS = Problem(
    "map.too-many-digits", "the number has more digits than its place can hold", "round it, or correct it"
)
NO_UNIT = Problem("map.unit-missing", "the measure has no unit", "give its unit")
UNKNOWN_UNIT = Problem("map.unit-unknown", "the unit cannot be converted", "use a unit of the list")

Factor = Callable[[Decimal, str, str], Decimal | None]
"""Converts a value from one Rec 20 unit to another; None when they do not measure the same."""

_LONGEST = 60
"""Longer numbers occur in no format (`gateway.codes.numbers` refuses them)."""
_REPEATING_DIGITS = 12
"""A quotient that never ends is rounded to this many decimals when its place names no number of decimals."""


def number_forward(argument: NumberArgument, target: SimpleType | None) -> Converter:
    """National number times the factor, rounded."""
    if argument.times == 1:
        return _unscaled(argument.digits, argument.rounding, target)
    return _scaled(lambda value: EXACT.multiply(value, argument.times), argument.digits, argument.rounding, target)


def number_back(argument: NumberArgument, target: SimpleType | None) -> Converter:
    """WCO number divided by the factor; rounded only where the national place cannot hold it."""
    if argument.times == 1:
        return _unscaled(None, argument.rounding, target)
    return _scaled(lambda value: EXACT.divide(value, argument.times), None, argument.rounding, target)


def _scaled(
    scale: Callable[[Decimal], Decimal], digits: int | None, rounding: str, target: SimpleType | None
) -> Converter:
    def convert(text: str, _day: date) -> Result:
        value = parse_decimal(text)
        return NOT_A_NUMBER if value is None else written(scale(value), digits, rounding, target)

    return convert


def _unscaled(digits: int | None, rounding: str, target: SimpleType | None) -> Converter:
    exactly = as_it_stands(digits, target)

    def convert(text: str, _day: date) -> Result:
        plainly = exactly(text)
        if plainly is not None:
            return plainly, "none"
        value = parse_decimal(text)
        return NOT_A_NUMBER if value is None else written(value, digits, rounding, target)

    return convert


def as_it_stands(digits: int | None, target: SimpleType | None) -> Callable[[str], str | None]:
    """The short way for a number that is neither scaled nor rounded: its own digits, without needless zeros.

    Args:
        digits: as for `written`.
        target: as for `written`.

    Returns:
        A function that gives None where the long way must decide.
    """
    most, kind = _most_decimals(digits, target), target or SimpleType()
    figures, room = kind.total_digits or _LONGEST, kind.max_length or _LONGEST

    def exactly(text: str) -> str | None:
        whole, point, part = text.partition(".")
        if not whole.isdigit() or not text.isascii() or (point and not part.isdigit()):
            return None
        whole, part = whole.lstrip("0"), part.rstrip("0")
        plainly = f"{whole or '0'}.{part}" if part else whole or "0"
        fits = len(part) <= most and len(whole) + len(part) <= figures and len(plainly) <= room
        return plainly if fits and len(text) <= _LONGEST else None

    return exactly


def _most_decimals(digits: int | None, target: SimpleType | None) -> int:
    most = target.fraction_digits if target is not None else None
    if digits is None:
        return most if most is not None else _REPEATING_DIGITS
    return digits if most is None else min(digits, most)


def written(value: Decimal, digits: int | None, rounding: str, target: SimpleType | None) -> Result:
    """A number as text for its place.

    Args:
        value: the exact value.
        digits: decimals that the row asks for; None keeps what the place can hold.
        rounding: how to round.
        target: the type of the place.
    """
    most = target.fraction_digits if target is not None else None
    if digits is None:
        digits = most if most is not None else _REPEATING_DIGITS
    mode: Rounding = "half-up" if rounding == "half-up" else "down" if rounding == "down" else "half-even"
    rounded = round_to(value, digits, mode)
    if target is not None and not digits_fit(rounded, target.total_digits, most):
        return TOO_MANY_DIGITS
    if target is not None and target.max_length is not None and len(plain(rounded)) > target.max_length:
        return TOO_MANY_DIGITS
    loss: Loss = "none" if rounded == value else "rounded"
    return plain(rounded), loss


def measure_forward(
    argument: MeasureArgument, units: CodeList, factor: Factor, target: SimpleType | None
) -> Callable[[str, str, date], Result]:
    """National value and unit to a value in the target unit."""
    exactly = as_it_stands(argument.digits, target)

    def convert(text: str, unit: str, day: date) -> Result:
        known = units.to_wco(unit, day)
        plainly = exactly(text) if known == argument.target else None
        if plainly is not None:
            return plainly, "none"
        value = parse_decimal(text)
        if value is None:
            return NOT_A_NUMBER
        moved = None if known is None else factor(value, known, argument.target)
        return UNKNOWN_UNIT if moved is None else written(moved, argument.digits, argument.rounding, target)

    return convert


def measure_back(
    argument: MeasureArgument, units: CodeList, factor: Factor, target: SimpleType | None
) -> Callable[[str, str, date], tuple[str, str, Loss] | Problem]:
    """A value in a WCO unit to a value in the unit that the list prefers (or the row names): value, unit, loss."""
    exactly = as_it_stands(None, target)

    @lru_cache(maxsize=64)
    def unit_on(day: date) -> tuple[str | None, str | None]:
        national = argument.unit or preferred_unit(units, argument.target, day)
        return national, None if national is None else units.to_wco(national, day)

    def convert(text: str, unit: str, day: date) -> tuple[str, str, Loss] | Problem:
        national, code = unit_on(day)
        plainly = exactly(text) if national is not None and unit == code else None
        if national is not None and plainly is not None:
            return plainly, national, "none"
        value = parse_decimal(text)
        if value is None:
            return NOT_A_NUMBER
        moved = None if code is None else factor(value, unit, code)
        if national is None or moved is None:
            return UNKNOWN_UNIT
        result = written(moved, None, argument.rounding, target)
        return result if isinstance(result, Problem) else (result[0], national, result[1])

    return convert


def preferred_unit(units: CodeList, target: str, day: date) -> str | None:
    """The national unit that a list prefers: the one unit marked so, else the equivalent of the target unit."""
    preferred = {row.national for row in units.rows if row.preferred and row.national and row.holds_on(day)}
    return preferred.pop() if len(preferred) == 1 else units.from_wco(target, day)
