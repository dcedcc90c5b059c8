"""Transforms never yield more than their name says."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.agreement.transforms import Transform, TransformSyntaxError, apply, objection, parse_transform
from gateway.formats.structure import SimpleType

SECRET = b"0123456789abcdef"


def done(words: str, text: str, attributes: dict[str, str] | None = None, longest: int | None = None) -> str | None:
    made = apply(parse_transform(words), text, attributes or {}, longest=longest, secret=SECRET)
    return None if made is None else made[0]


@pytest.mark.parametrize(
    ("words", "text", "expected"),
    [
        ("none", "abc", "abc"),
        ("mask", "secret", "****"),
        ("mask 4", "0123456789", "****6789"),
        ("mask 4", "01234567", "****"),
        ("coarsen first 6", "87032319", "870323"),
        ("coarsen to 1000", "1500", "2000"),
        ("coarsen to 1000", "2500", "2000"),
        ("coarsen to 10", "-14.9", "-10"),
        ("coarsen to 10", "not a number", None),
        ("coarsen to 10", "1E999999999", None),
    ],
)
def test_what_is_left_of_a_value(words: str, text: str, expected: str | None) -> None:
    assert done(words, text) == expected


@pytest.mark.parametrize(("words", "text", "code"), [("year", "2026", "602"), ("month", "202603", "610")])
def test_a_shorter_date_says_that_it_is_shorter(words: str, text: str, code: str) -> None:
    made = apply(parse_transform(f"coarsen {words}"), "20260316", {"@formatCode": "102"}, longest=None, secret=b"")
    assert made == (text, {"@formatCode": code})


def test_a_date_in_another_form_cannot_be_shortened() -> None:
    assert done("coarsen year", "2026-03-16", {"@formatCode": "x"}) is None
    assert done("coarsen year", "20260316") is None


@given(st.text(max_size=40), st.integers(min_value=0, max_value=9))
def test_a_mask_shows_at_most_half_and_never_the_length(text: str, size: int) -> None:
    made = done(f"mask {size}", text)
    assert made is not None
    shown = made.removeprefix("****")
    assert len(shown) in {0, size}
    assert text.endswith(shown)
    assert 2 * len(shown) <= len(text)


@given(st.text(max_size=40), st.integers(min_value=16, max_value=40))
def test_a_hash_fits_its_field_and_depends_on_the_secret(text: str, longest: int) -> None:
    made = done("hash", text, longest=longest)
    other = apply(Transform("hash"), text, {}, longest=longest, secret=b"another secret...")
    assert made is not None
    assert len(made) == min(32, longest)
    assert other is not None
    assert other[0] != made


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**12), max_value=10**12))
def test_a_rounded_number_is_a_multiple_near_the_value(value: Decimal) -> None:
    made = done("coarsen to 50", f"{value:f}")
    assert made is not None
    assert Decimal(made) % 50 == 0
    assert abs(Decimal(made) - value) <= 25


@pytest.mark.parametrize("words", ["", "encrypt", "mask x", "coarsen", "coarsen first 0", "coarsen to -5", "none 3"])
def test_only_the_closed_set_is_known(words: str) -> None:
    with pytest.raises(TransformSyntaxError):
        parse_transform(words)


@pytest.mark.parametrize("words", ["none", "mask 3", "hash", "coarsen first 2", "coarsen to 10", "coarsen month"])
def test_a_transform_prints_as_it_is_written(words: str) -> None:
    assert str(parse_transform(words)) == words


@pytest.mark.parametrize(
    ("words", "leaf", "fits"),
    [
        ("mask 2", SimpleType(base="token", max_length=6), True),
        ("mask 3", SimpleType(base="token", max_length=6), False),
        ("mask", SimpleType(base="decimal"), False),
        ("hash", SimpleType(base="token", max_length=15), False),
        ("hash", SimpleType(base="token", enumeration=("A",)), False),
        ("coarsen to 10", SimpleType(base="decimal"), True),
        ("coarsen to 10", SimpleType(base="token"), False),
        ("coarsen year", SimpleType(base="string"), True),
        ("coarsen year", SimpleType(base="dateTime"), False),
    ],
)
def test_a_transform_must_suit_the_field(words: str, leaf: SimpleType, *, fits: bool) -> None:
    assert (objection(parse_transform(words), leaf) == "") is fits
