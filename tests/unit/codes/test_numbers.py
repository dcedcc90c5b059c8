from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codes.numbers import EXACT, count_digits, digits_fit, parse_decimal, plain, round_to

_DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=5, min_value=-(10**15), max_value=10**15)


@pytest.mark.parametrize("text", ["0", "1", "-1", "+1.50", ".5", "5.", "000123.4500", "9" * 24])
def test_plain_decimals_are_numbers(text: str) -> None:
    assert parse_decimal(text) == Decimal(text)


@pytest.mark.parametrize(
    "text", ["", " 1", "1 ", "1e3", "NaN", "Infinity", "1,000", "1_000", "٣", "0x10", "--1", ".", "1.2.3", "9" * 61]
)
def test_nothing_else_is_a_number(text: str) -> None:
    assert parse_decimal(text) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [("1E+3", "1000"), ("1.500", "1.5"), ("0.000", "0"), ("-0", "0"), ("1E-7", "0.0000001"), ("100", "100")],
)
def test_numbers_are_written_plainly(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


@pytest.mark.parametrize(
    ("rounding", "wanted"), [("half-even", ["2", "4", "-2"]), ("half-up", ["3", "4", "-3"]), ("down", ["2", "3", "-2"])]
)
def test_the_three_roundings_differ_at_one_half(rounding: str, wanted: list[str]) -> None:
    found = [plain(round_to(Decimal(value), 0, rounding)) for value in ("2.5", "3.5", "-2.5")]  # type: ignore[arg-type]
    assert found == wanted


def test_rounding_adds_no_digits_of_meaning() -> None:
    assert plain(round_to(Decimal("1.2"), 4)) == "1.2"


@pytest.mark.parametrize(
    ("value", "total", "fraction", "fits"),
    [
        ("123.45", 5, 2, True),
        ("123.45", 4, 2, False),
        ("123.45", 5, 1, False),
        ("000123.4500", 5, 2, True),
        ("0.05", 2, 2, True),
        ("1E+3", 4, 0, True),
        ("99999999", None, 0, True),
    ],
)
def test_digits_are_counted_as_a_schema_counts_them(value: str, total: int | None, fraction: int, fits: bool) -> None:
    assert digits_fit(Decimal(value), total, fraction) is fits


@given(_DECIMALS)
def test_a_number_survives_being_written(value: Decimal) -> None:
    text = plain(value)
    assert parse_decimal(text) == value
    assert "E" not in text
    whole, part = count_digits(value)
    assert digits_fit(value, whole + part, part)


@given(_DECIMALS, _DECIMALS)
def test_products_of_message_numbers_are_exact(one: Decimal, other: Decimal) -> None:
    product = EXACT.multiply(one, other)
    assert int(product.scaleb(10, EXACT)) == int(one * 10**5) * int(other * 10**5)
