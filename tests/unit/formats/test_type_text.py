from __future__ import annotations

import pytest

from gateway.formats.pattern_text import pattern_text
from gateway.formats.structure import SimpleType
from gateway.formats.suggestions import listed, nearest
from gateway.formats.type_text import type_text


@pytest.mark.parametrize(
    ("simple", "text"),
    [
        (SimpleType(), "text"),
        (SimpleType(min_length=2), "text of at least 2 characters"),
        (SimpleType(max_length=5), "text of at most 5 characters"),
        (SimpleType(min_length=3, max_length=3), "text of 3 characters"),
        (SimpleType(patterns=("[A-Z]+",), max_length=5), "text of at most 5 characters, only capital letters"),
        (SimpleType(enumeration=("A",)), "A"),
        (SimpleType(enumeration=("A", "B")), "one of A, B"),
        (SimpleType(base="decimal", fraction_digits=2), "number, at most 2 digits after the point"),
        (
            SimpleType(base="decimal", total_digits=5, fraction_digits=0),
            "number, at most 5 digits, none after the point",
        ),
        (SimpleType(base="integer", min_inclusive="1", max_inclusive="9"), "whole number, at least 1, at most 9"),
        (SimpleType(base="boolean"), "true or false"),
        (SimpleType(base="boolean", patterns=("true|false",)), "true or false"),
        (SimpleType(base="date"), "date as YYYY-MM-DD"),
    ],
)
def test_types_in_words(simple: SimpleType, text: str) -> None:
    assert type_text(simple) == text


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r".*[^\s].*", "not only blanks"),
        ("[A-Z]{2}", "2 capital letters"),
        ("[0-9]", "1 digit"),
        ("[A-Z]{1}", "1 capital letter"),
        ("[0-9]{1,4}", "1 to 4 digits"),
        ("[0-9A-Z]+", "only capital letters and digits"),
        ("[A-Z]{3}|[0-9]{3}", "3 capital letters, or 3 digits"),
        ("[A-Z]{3}[0-9]{3,5}", "3 capital letters, then 3 to 5 digits"),
        ("[0-9]{4}[0-9A-Z]{6}", "4 digits, then 6 capital letters and digits"),
        ("[01]", "0 or 1"),
        ("[YN]", "Y or N"),
        ("true|false", "true or false"),
        ("([A-Z]{2})?", "empty, or 2 capital letters"),
        ("[A-G]", "matching [A-G]"),
        ("[@]{0,1}[A-Z0-9]+", "matching [@]{0,1}[A-Z0-9]+"),
        (f"({'[0-9]' * 20})", "in the form that the schema describes"),
    ],
)
def test_patterns_in_words(pattern: str, text: str) -> None:
    assert pattern_text(pattern) == text


def test_suggestions() -> None:
    assert nearest("Consigne", ["Consignor", "Consignee"]) == "did you mean Consignee?"
    assert nearest("zzz", ["Consignor", "Consignee"]) == "allowed here: Consignor, Consignee"
    assert nearest("zzz", []) == "nothing may stand here"
    assert listed([str(number) for number in range(10)]) == "0, 1, 2, 3, 4, 5, 6, 7 and 2 more"
