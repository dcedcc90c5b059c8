from __future__ import annotations

import random
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway.formats.generation.patterns import draw_text, matches, shortest
from gateway.formats.generation.regex_syntax import PatternSyntaxError, parse_pattern

KNOWN = (
    r".*[^\s].*",
    r"(20\d{6})(\d{6}(Z|[-+]\d\d))?",
    r"[A-Z0-9\-.]+",
    r"([A-Za-z0-9]{13}[A-Za-z0-9_*@./-]{0,51})|AAAAA|BBBB",
    r"[0-9]{2}[-].{2}[-].+",
    r"[^A-Z]{2,4}",
    r"[a-z-[aeiou]]{3}",
    r"(a|b{2,3}|(cd)*)e?",
    r"\d{1,3}(\.\d{1,2})?",
    r"[\p{L}\d ]{2,5}",
    r"\p{Lu}\P{Lu}",
    r"\i\c*",
    r"\w+\s\S",
    r"[А-Яа-я]{3,6}",
    r"[一-龥A-Z]{2}",
    r"[+\-]?[0-9]+",
    r"\\\[\]\(\)\{\}\^\$\|\.\?\*\+",
    r"",
    r"[ ]{2}",
)


@lru_cache(maxsize=512)
def _schema(pattern: str) -> etree.XMLSchema:
    """libxml2's opinion, which is the one that counts."""
    escaped = pattern.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return etree.XMLSchema(
        etree.fromstring(
            f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a"><xs:simpleType>
            <xs:restriction base="xs:string"><xs:pattern value="{escaped}"/></xs:restriction>
            </xs:simpleType></xs:element></xs:schema>"""
        )
    )


def _accepted(pattern: str, text: str) -> bool:
    node = etree.Element("a")
    node.text = text
    return bool(_schema(pattern).validate(node))


@pytest.mark.parametrize("pattern", KNOWN)
def test_drawn_texts_are_accepted_by_the_validator(pattern: str) -> None:
    for seed in range(40):
        text = draw_text(pattern, random.Random(seed))
        assert text is not None
        assert matches(pattern, text)
        assert _accepted(pattern, text)


def test_lengths_are_kept() -> None:
    for seed in range(60):
        text = draw_text("[A-Z]*[0-9]+", random.Random(seed), 30, 32)
        assert text is not None
        assert 30 <= len(text) <= 32
    assert draw_text("[A-Z]{5}", random.Random(1), 0, 4) is None
    assert draw_text("[A-Z]{0,5}", random.Random(1), 6, 9) is None


def test_the_same_stream_gives_the_same_text() -> None:
    assert draw_text("[A-Z0-9]{12}", random.Random(7)) == draw_text("[A-Z0-9]{12}", random.Random(7))


def test_the_shortest_text_is_known() -> None:
    assert shortest(parse_pattern("(ab|c)[0-9]{2,5}x*")) == 3


def test_anchors_of_json_schemas_are_taken_off() -> None:
    assert matches("^[A-Z]{2}$", "AB")
    assert matches("^(?:a|b)$", "b")
    assert not matches("^[A-Z]{2}$", "ABC")
    assert matches(r"a\$", "a$")


@pytest.mark.parametrize(
    "pattern",
    ["(", ")", "[", "[]", "a{", "a{x}", "*a", "a**", "[z-a]", r"\q", r"\p{IsCyrillic}", "a\\", "[a", "a{2,x}"],
)
def test_what_is_no_pattern_is_told(pattern: str) -> None:
    with pytest.raises(PatternSyntaxError):
        parse_pattern(pattern)


_SINGLE = st.sampled_from(["a", "b", "0", "-", "é", "я", r"\.", r"\d", "[ab0]", "[^ab]", "[a-f]", "[0-9-]", "."])
_ATOMS = st.recursive(
    _SINGLE,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{0,2}", "{1,3}"])).map(
            lambda pair: f"({pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=6,
)


@given(_ATOMS, st.integers(0, 2**32))
def test_any_pattern_is_drawn_from_as_the_validator_reads_it(pattern: str, seed: int) -> None:
    text = draw_text(pattern, random.Random(seed))
    assert text is not None
    assert _accepted(pattern, text)


@given(_ATOMS, st.text("ab0-éя.f", max_size=5))
def test_any_text_is_judged_as_the_validator_judges_it(pattern: str, text: str) -> None:
    assert matches(pattern, text) == _accepted(pattern, text)
