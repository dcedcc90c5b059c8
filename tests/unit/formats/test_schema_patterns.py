from __future__ import annotations

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway.formats.schema_patterns import json_pattern, token_length_pattern, token_pattern
from gateway.formats.xml_text import escape_text

PATTERNS = [
    r"(20\d{6})(\d{6}(Z|[-+]\d\d))?",
    r".*[^\s].*",
    r"[A-Z]{3}[UJZ]\d{7}",
    r"^a$",
    r"a\.b|c\-d",
    r"[^\d]x",
    r"\S+",
    r"\D",
    r"[A-Za-z0-9]+[_/ \-]{0,1}[A-Za-z0-9]+",
]


def accepts(pattern: str, text: str, *, base: str = "string") -> bool:
    schema = etree.XMLSchema(
        etree.fromstring(
            f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a">
            <xs:simpleType><xs:restriction base="xs:{base}"><xs:pattern value="{pattern}"/></xs:restriction>
            </xs:simpleType></xs:element>
            </xs:schema>"""
        )
    )
    return schema.validate(etree.fromstring(f"<a>{escape_text(text)}</a>"))


def allows(pattern: str, text: str) -> bool:
    return jsonschema_rs.is_valid({"type": "string", "pattern": pattern}, text)


@pytest.mark.parametrize("pattern", PATTERNS)
@given(data=st.data())
def test_never_stricter_than_the_original(pattern: str, data: st.DataObject) -> None:
    signs = st.sampled_from("20 aAxZ-+._/^$\u00a0\u0663\t") | st.characters(
        max_codepoint=0x7FF, exclude_categories=["C"]
    )
    text = data.draw(
        st.text(signs, max_size=9) | st.sampled_from(["20240101", "20240101120000Z", "^a$", "a.b", "ABCU1234567"])
    )
    translated = json_pattern(pattern)
    assert translated is not None
    if accepts(pattern, text):
        assert allows(translated, text)


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (r"\d{2}", ["12", "\u0661\u0662"], ["1", "ab", "123"]),
        (r"^a$", ["^a$"], ["a"]),
        (r"a.b", ["axb", "a\u2028b"], ["a\nb"]),
        (r"[\s]", [" "], ["\u00a0", "x"]),
    ],
)
def test_means_the_same(pattern: str, good: list[str], bad: list[str]) -> None:
    translated = json_pattern(pattern)
    assert translated is not None
    assert all(allows(translated, text) and accepts(pattern, text) for text in good)
    assert not any(allows(translated, text) or accepts(pattern, text) for text in bad)


@pytest.mark.parametrize("pattern", [r"\i\c*", r"[a-z-[aeiou]]", r"\p{Lu}", r"\w", r"[\S]"])
def test_what_cannot_be_said_is_left_out(pattern: str) -> None:
    assert json_pattern(pattern) is None
    assert token_pattern(pattern) is None


def test_token_patterns_allow_blanks_around_and_are_left_out_where_blanks_may_be_inside() -> None:
    translated = token_pattern("[A-Z]{2}")
    assert translated is not None
    assert allows(translated, " \nAB\t")
    assert not allows(translated, "ABC")
    assert token_pattern("a b") is None
    assert token_pattern(".+") is None


def test_token_length_counts_collapsed_blanks_as_one() -> None:
    pattern = token_length_pattern(1, 3)
    assert allows(pattern, "  abc  ")
    assert allows(pattern, "a \n\t b")
    assert not allows(pattern, "a b c")
    assert not allows(pattern, "   ")
    assert allows(token_length_pattern(2, None), "x" * 500)
