from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.formats.codec import Codec, TreeUnfit
from gateway.formats.codec_source import write_source
from gateway.formats.format import Format, load_format
from gateway.formats.parsing import parse_xml
from gateway.formats.structure import Element, Structure
from gateway.formats.tree import Tree

Trees = Callable[[Structure], st.SearchStrategy[Tree]]

TREE: Tree = {
    "Cargo": {
        "@calendar": "plain",
        "ID": "A-1",
        "Issue": {"DateTimeString": {"value": "20240229", "@formatCode": "102"}},
        "Owner": {"Code": "ABC"},
        "t:Owner": {"Name": "Nobody & Sons"},
        "Truck": "12",
        "Line": [
            {"SequenceNumeric": "1", "Gross": {"value": "10.500", "@unitCode": "KGM"}, "Mark": ["one", ""]},
            {"SequenceNumeric": "2", "Remark": [{"value": "r", "@lang": "aa"}, "s"]},
        ],
        "Empty": {},
    }
}


@pytest.fixture(name="codec", scope="session")
def codec_fixture(cargo: Format) -> Codec:
    return Codec(cargo.structure, dict(cargo.head.aliases))


def test_reads(codec: Codec, good: bytes) -> None:
    assert codec.read(parse_xml(good)) == TREE


def test_writes_in_schema_order_with_namespaces_at_the_root(codec: Codec) -> None:
    shuffled = {"Cargo": dict(reversed(TREE["Cargo"].items()))}
    written = codec.write(shuffled).decode()
    assert written.startswith(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Cargo xmlns="urn:aa:cargo" xmlns:t="urn:aa:types" calendar="plain"><ID>A-1</ID><Issue><t:DateTimeString '
    )
    assert written.count("xmlns") == 2
    assert codec.read(parse_xml(written.encode())) == TREE


def test_a_leaf_holder_without_attributes_is_read_as_text(codec: Codec) -> None:
    tree = {"Cargo": {"Line": [{"Gross": {"value": "1"}}]}}
    assert codec.read(parse_xml(codec.write(tree))) == {"Cargo": {"Line": [{"Gross": "1"}]}}


def test_an_element_that_the_structure_does_not_know(codec: Codec) -> None:
    with pytest.raises(TreeUnfit):
        codec.read(parse_xml(b'<Cargo xmlns="urn:aa:cargo"><Nobody/></Cargo>'))
    with pytest.raises(TreeUnfit):
        codec.read(parse_xml(b"<Cargo/>"))


def _with(**changes: Any) -> Tree:
    return {"Cargo": {**TREE["Cargo"], **changes}}


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        ({}, ""),
        ({"Freight": {}}, ""),
        ({**TREE, "More": {}}, ""),
        ({"Cargo": "text"}, ""),
        (_with(Nobody="x"), "Nobody"),
        (_with(ID=None), "ID"),
        (_with(ID=5), "ID"),
        (_with(ID=["A"]), "ID"),
        (_with(ID="\x00"), "ID"),
        (_with(Line={}), "Line"),
        (_with(Line="ab"), "Line"),
        (_with(Line=[{"Mark": ["ok", 1]}]), "Line[1]/Mark[2]"),
        (_with(Line=[{"Gross": {"value": "1", "@unit": "KGM"}}]), "Line[1]/Gross/@unit"),
        (_with(Line=[{"Gross": {"value": "1", "@unitCode": 1}}]), "Line[1]/Gross@unitCode"),
        (_with(Line=[{"Gross": {"@unitCode": "KGM"}}]), "Line[1]/Gross"),
        (_with(Owner={"Code": {"value": "A"}}), "Owner/Code"),
        (_with(**{"@other": "x"}), "@other"),
        (_with(**{"@calendar": "\ud800"}), "/@calendar"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_path(codec: Codec, tree: Tree, path: str) -> None:
    with pytest.raises(TreeUnfit) as caught:
        codec.write(tree)
    assert caught.value.path == path
    assert caught.value.findings


def test_unqualified_elements_need_a_prefixed_root(tmp_path: Path) -> None:
    (tmp_path / "u.xsd").write_text(
        """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:aa:u"><xs:element name="U">
        <xs:complexType><xs:sequence><xs:element name="a" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
        </xs:schema>"""
    )
    head = tmp_path / "u.format.toml"
    head.write_text('name = "u"\nversion = "1"\nschema = "u.xsd"\nroot = "U"\nnamespace = "urn:aa:u"\n')
    found = load_format(head)
    written = found.to_xml({"U": {"a": "x"}})
    assert b":U xmlns:" in written
    assert found.read(written).tree == {"U": {"a": "x"}}


def test_equal_classes_share_one_function(cargo: Format) -> None:
    text = write_source(cargo.structure, {}).text
    assert text.count("def read_") == len({line for line in text.splitlines() if line.startswith("def read_")})
    measures = [line for line in text.splitlines() if "unitCode" in line and "node.get" in line]
    assert len(measures) == 1


def _reference(element: Element, name: str, content: Any) -> etree._Element:
    """The same tree built through lxml, slowly and by the book."""
    node = etree.Element(name)
    if element.is_leaf:
        node.text = content if isinstance(content, str) else content["value"]
        for key, text in content.items() if isinstance(content, dict) else ():
            if key != "value":
                node.set(key[1:], text)
        return node
    for key, value in content.items():
        if key.startswith("@"):
            node.set(key[1:], value)
            continue
        child = element.by_key[key]
        tag = f"{{{child.namespace}}}{child.local}"
        for entry in value if isinstance(value, list) else [value]:
            node.append(_reference(child, tag, entry))
    return node


@given(data=st.data())
@settings(max_examples=150)
def test_writer_agrees_with_lxml_and_reader_reads_it_back(
    codec: Codec, cargo: Format, trees: Trees, data: st.DataObject
) -> None:
    tree = data.draw(trees(cargo.structure))
    written = codec.write(tree)
    mine = etree.fromstring(written)
    etree.cleanup_namespaces(mine)
    reference = _reference(cargo.structure.root, "{urn:aa:cargo}Cargo", tree["Cargo"])
    theirs = etree.fromstring(etree.tostring(reference))
    assert _plain(mine) == _plain(theirs)
    assert codec.read(parse_xml(written)) == tree


def _plain(node: etree._Element) -> Any:
    return (node.tag, node.text or "", sorted(node.attrib.items()), [_plain(child) for child in node])
