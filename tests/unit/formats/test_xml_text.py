from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway.formats.xml_text import Unfit, escape_attribute, escape_text, is_xml_text


@given(st.text())
def test_escaped_text_is_read_back_by_lxml(text: str) -> None:
    if not is_xml_text(text):
        with pytest.raises(Unfit):
            escape_text(text)
        with pytest.raises(ValueError, match="XML compatible"):
            etree.Element("a").text = text
        return
    node = etree.fromstring(f'<a b="{escape_attribute(text)}">{escape_text(text)}</a>'.encode())
    assert (node.text or "") == text
    assert node.get("b") == text


@pytest.mark.parametrize("text", ["\x00", "\x0b", "\ud800", "\ufffe", "\uffff"])
def test_characters_that_xml_does_not_allow(text: str) -> None:
    assert not is_xml_text(text)
