from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import iban, imo, iso6346, luhn
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from gateway.codes.identifier_schemes import IdentifierScheme, Part
from gateway.codes.scheme_files import read_schemes
from tests.conftest import ROOT

SCHEMES, FAULTS = read_schemes(
    (ROOT / "wco_schemas/codelists/identifier-schemes.toml").read_text(encoding="utf-8"), "identifier-schemes.toml"
)
INNER = IdentifierScheme(
    name="xx-inner",
    pattern=re.compile("[0-9]{3}"),
    engine="weighted",
    alphabet="0123456789",
    weights=(2, 1),
    modulus=10,
    checks="0123456789",
)
OUTER = IdentifierScheme(
    name="xx-outer",
    pattern=re.compile("A[0-9]{3}[0-9 X]"),
    engine="weighted",
    alphabet="0123456789A",
    weights=(1, 1, 1, 1),
    modulus=11,
    checks="0 X98765432",
    parts=(Part(2, 4, INNER),),
)


def test_the_projects_schemes_are_sound() -> None:
    assert FAULTS == []
    assert {"iso6346", "imo", "iban"} <= set(SCHEMES)
    assert {"ucr", "mmsi", "call-sign", "tir-carnet", "awb", "awb-hyphen", "uic-wagon"} <= set(SCHEMES)


def test_an_inner_check_character_counts_and_is_set() -> None:
    whole = OUTER.complete("A120")
    assert whole is not None
    assert whole[:4] == "A124"
    assert OUTER.is_valid(whole)
    assert not OUTER.is_valid("A125" + whole[4])


def test_a_body_that_cannot_be_completed_gives_nothing() -> None:
    assert OUTER.complete("B120") is None
    assert OUTER.complete("A12") is None
    assert OUTER.complete("") is None


def test_a_remainder_without_a_check_character_is_not_valid() -> None:
    # A (10) + 0 + 2 + 0 = 12, remainder 1, which has a blank: INNER of "02" is 2, so the body becomes A022.
    blank = [f"A{n:02}" for n in range(100) if OUTER.complete(f"A{n:02}0") is None]
    assert blank
    assert len(blank) < 100


def test_a_pattern_alone_checks_the_shape() -> None:
    scheme = IdentifierScheme(name="xx", pattern=re.compile("[0-9]{2}"))
    assert scheme.is_valid("12")
    assert not scheme.is_valid("123")
    assert scheme.complete("12") == "12"
    assert scheme.complete("1") is None


@pytest.mark.parametrize("text", ["", "\x00", "CSQU305438\n", "ＣＳＱＵ3054383", "CSQU30543830", "csqu3054383"])
def test_weird_texts_are_simply_not_valid(text: str) -> None:
    assert not any(scheme.is_valid(text) for scheme in SCHEMES.values())


def _opinion(module: object, text: str) -> bool:
    try:
        return bool(module.validate(text))  # type: ignore[attr-defined]
    except ValidationError:
        return False


@given(st.from_regex(r"[A-Z]{3}[UJZ][0-9]{7}", fullmatch=True))
def test_container_numbers_agree_with_a_second_opinion(text: str) -> None:
    assert SCHEMES["iso6346"].is_valid(text) == _opinion(iso6346, text)
    whole = SCHEMES["iso6346"].complete(text[:-1])
    assert whole is not None
    assert _opinion(iso6346, whole)


@given(st.from_regex(r"[0-9]{7}", fullmatch=True).filter(str.isascii))
def test_ship_numbers_agree_with_a_second_opinion(text: str) -> None:
    assert SCHEMES["imo"].is_valid(text) == _opinion(imo, text)


@given(st.from_regex(r"[0-9]{8}[0-9A-HJ-NPQRTUWXY]{9}", fullmatch=True))
def test_company_codes_agree_with_a_second_opinion(body: str) -> None:
    whole = SCHEMES["uscc"].complete(body)
    assume(whole is not None)
    assert whole is not None
    assert _opinion(uscc, whole)


@given(st.from_regex(r"PK[A-Z]{4}[0-9]{16}", fullmatch=True).filter(str.isascii))
def test_account_numbers_agree_with_a_second_opinion(body: str) -> None:
    whole = SCHEMES["iban"].complete(body)
    assert whole is not None
    assert _opinion(iban, whole)
    wrong = whole[:-1] + str((int(whole[-1]) + 1) % 10)
    assert not SCHEMES["iban"].is_valid(wrong)


@given(st.from_regex(r"[0-9]{11}", fullmatch=True).filter(str.isascii))
def test_wagon_numbers_agree_with_a_second_opinion(body: str) -> None:
    whole = SCHEMES["uic-wagon"].complete(body)
    assert whole is not None
    assert _opinion(luhn, whole)
    assert SCHEMES["uic-wagon"].is_valid(whole)
    assert not SCHEMES["uic-wagon"].is_valid(body + str((int(whole[-1]) + 1) % 10))


def test_a_check_digit_needs_digits() -> None:
    scheme = IdentifierScheme(name="xx", pattern=re.compile("[A-Z0-9]{3}"), engine="luhn")
    assert scheme.complete("A1") is None
    assert not scheme.is_valid("A18")


@given(st.integers(0, 9_999_999), st.integers(0, 999))
def test_an_air_waybill_ends_in_the_remainder_by_seven(serial: int, airline: int) -> None:
    whole = f"{airline:03}{serial:07}{serial % 7}"
    assert SCHEMES["awb"].is_valid(whole)
    assert SCHEMES["awb-hyphen"].is_valid(f"{whole[:3]}-{whole[3:]}")
    assert not SCHEMES["awb"].is_valid(whole[:-1] + str((serial % 7 + 1) % 7))
