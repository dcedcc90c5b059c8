from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.formats.generation.facets import admits, draw_number, draw_value, shortened
from gateway.formats.structure import SimpleType

AT = date(2026, 3, 16)


@pytest.mark.parametrize(
    ("kind", "text", "wanted"),
    [
        (SimpleType(base="token", max_length=5), "a b", True),
        (SimpleType(base="token", max_length=5), "a  b", False),
        (SimpleType(base="token"), " a", False),
        (SimpleType(base="string"), " a", True),
        (SimpleType(base="string", min_length=2), "a", False),
        (SimpleType(base="string", max_length=2), "abc", False),
        (SimpleType(enumeration=("A", "B")), "A", True),
        (SimpleType(enumeration=("A", "B")), "C", False),
        (SimpleType(patterns=("[A-Z]+", ".{2}")), "AB", True),
        (SimpleType(patterns=("[A-Z]+", ".{2}")), "ABC", False),
        (SimpleType(base="decimal", total_digits=5, fraction_digits=2), "123.45", True),
        (SimpleType(base="decimal", total_digits=5, fraction_digits=2), "1234.56", False),
        (SimpleType(base="decimal", total_digits=5, fraction_digits=2), "1.234", False),
        (SimpleType(base="decimal"), "1e3", False),
        (SimpleType(base="decimal", min_inclusive="0", max_inclusive="10"), "10.0", True),
        (SimpleType(base="decimal", min_inclusive="0", max_inclusive="10"), "10.1", False),
        (SimpleType(base="decimal", min_inclusive="0"), "-1", False),
        (SimpleType(base="integer"), "1.0", False),
        (SimpleType(base="boolean"), "1", True),
        (SimpleType(base="boolean"), "yes", False),
        (SimpleType(base="date"), "2026-02-29", False),
        (SimpleType(base="date"), "2028-02-29", True),
        (SimpleType(base="dateTime"), "2026-03-16T24:61:00", False),
        (SimpleType(base="dateTime"), "2026-03-16T23:59:00+05:00", True),
    ],
)
def test_a_value_is_judged_by_all_facets(kind: SimpleType, text: str, wanted: bool) -> None:
    assert admits(kind, text) is wanted


def test_an_unreadable_pattern_is_left_to_the_validator() -> None:
    assert admits(SimpleType(patterns=(r"\p{IsCyrillic}+",)), "anything")


def test_a_text_is_cut_without_a_blank_at_the_end() -> None:
    assert shortened(SimpleType(max_length=5), "abcd efgh") == "abcd"
    assert shortened(SimpleType(), "abcd efgh") == "abcd efgh"


_KINDS = st.one_of(
    st.builds(
        SimpleType,
        base=st.sampled_from(["string", "token"]),
        min_length=st.integers(0, 3),
        max_length=st.one_of(st.none(), st.integers(3, 40)),
        patterns=st.sampled_from([(), (r".*[^\s].*",), ("[A-Z0-9]*",), ("[a-z ]{0,40}", r".*\S.*")]),
    ),
    st.builds(
        SimpleType,
        base=st.sampled_from(["decimal", "integer"]),
        total_digits=st.one_of(st.none(), st.integers(1, 16)),
        fraction_digits=st.one_of(st.none(), st.integers(0, 6)),
        min_inclusive=st.sampled_from([None, "0", "1", "-5"]),
        max_inclusive=st.sampled_from([None, "9", "9999999999"]),
    ),
    st.builds(SimpleType, base=st.sampled_from(["boolean", "date", "dateTime"])),
    st.builds(SimpleType, enumeration=st.sampled_from([("A",), ("A", "BB", "")])),
)


@given(_KINDS, st.integers(0, 2**32))
def test_whatever_is_drawn_is_a_value(kind: SimpleType, seed: int) -> None:
    text = draw_value(kind, random.Random(seed), AT)
    assert text is not None
    assert admits(kind, text)


def test_facets_that_leave_nothing_give_nothing() -> None:
    stream = random.Random(1)
    assert draw_value(SimpleType(enumeration=("abc",), max_length=2), stream, AT) is None
    assert draw_value(SimpleType(patterns=("[A-Z]{3}",), max_length=2), stream, AT) is None


def test_numbers_have_many_orders_of_magnitude_and_are_not_zero() -> None:
    kind = SimpleType(base="decimal", total_digits=16, fraction_digits=3)
    drawn = [draw_number(kind, random.Random(seed)) for seed in range(200)]
    assert {len(text.partition(".")[0]) for text in drawn} >= {1, 3, 6, 9}
    assert not any(float(text) == 0 for text in drawn)
