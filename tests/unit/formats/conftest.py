"""A made-up format with everything that the derivation knows, and helpers to write others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from gateway.formats.format import Format, load_format
from gateway.formats.structure import Element, Structure
from gateway.formats.tree import Tree

TYPES_XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns:t="urn:aa:types" targetNamespace="urn:aa:types"
    elementFormDefault="qualified">
  <xs:simpleType name="Code"><xs:restriction base="xs:token">
    <xs:minLength value="1"/><xs:maxLength value="4"/><xs:pattern value="[A-Z]+"/><xs:pattern value="[0-9]+"/>
  </xs:restriction></xs:simpleType>
  <xs:simpleType name="Mass"><xs:restriction base="xs:decimal">
    <xs:totalDigits value="8"/><xs:fractionDigits value="3"/><xs:minInclusive value="0"/>
  </xs:restriction></xs:simpleType>
  <xs:complexType name="Measure"><xs:simpleContent><xs:extension base="t:Mass">
    <xs:attribute name="unitCode" type="t:Code"/>
  </xs:extension></xs:simpleContent></xs:complexType>
  <xs:complexType name="Remark"><xs:simpleContent><xs:extension base="xs:string">
    <xs:attribute name="lang" type="xs:token"/><xs:attribute name="kind" type="t:Code"/>
  </xs:extension></xs:simpleContent></xs:complexType>
  <xs:element name="DateTimeString"><xs:complexType><xs:simpleContent><xs:extension base="xs:string">
    <xs:attribute name="formatCode" type="xs:token" use="required"/>
  </xs:extension></xs:simpleContent></xs:complexType></xs:element>
  <xs:element name="Owner"><xs:complexType><xs:sequence>
    <xs:element name="Name" type="xs:string" minOccurs="0"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""

CARGO_XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:c="urn:aa:cargo" xmlns:t="urn:aa:types"
    xmlns:s="urn:sarhad:annotation:1" targetNamespace="urn:aa:cargo" elementFormDefault="qualified">
  <xs:import namespace="urn:aa:types" schemaLocation="types.xsd"/>
  <xs:element name="Cargo"><xs:complexType><xs:sequence>
    <xs:element name="ID"><xs:annotation>
        <xs:appinfo><s:element wcoId="D014" format="an..10" edifact="1004" codeList="aa-ids"
          hint="bill-number"/></xs:appinfo>
        <xs:documentation>Number of the
          report.</xs:documentation></xs:annotation>
      <xs:simpleType><xs:restriction base="xs:string">
        <xs:minLength value="1"/><xs:maxLength value="10"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="Issue" minOccurs="0">
      <xs:annotation><xs:appinfo><s:element wcoId="D011" verified="false"/></xs:appinfo></xs:annotation>
      <xs:complexType><xs:sequence><xs:element ref="t:DateTimeString"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="Owner" minOccurs="0" type="c:OwnerType"/>
    <xs:element ref="t:Owner" minOccurs="0"/>
    <xs:choice>
      <xs:element name="Ship" type="xs:string"/>
      <xs:sequence><xs:element name="Truck" type="t:Code"/>
        <xs:element name="Trailer" type="t:Code" minOccurs="0"/></xs:sequence>
    </xs:choice>
    <xs:element name="Line" minOccurs="0" maxOccurs="unbounded" type="c:LineType">
      <xs:annotation><xs:appinfo><s:element wcoId="28A"/></xs:appinfo></xs:annotation></xs:element>
    <xs:element name="Empty" minOccurs="0"><xs:complexType/></xs:element>
  </xs:sequence>
    <xs:attribute name="calendar" type="xs:token"/>
  </xs:complexType></xs:element>
  <xs:complexType name="OwnerType"><xs:sequence><xs:element name="Code" type="t:Code"/></xs:sequence></xs:complexType>
  <xs:complexType name="LineType"><xs:sequence>
    <xs:element name="SequenceNumeric" type="xs:integer">
      <xs:annotation><xs:appinfo><s:element wcoId="006"/></xs:appinfo></xs:annotation></xs:element>
    <xs:element name="Gross" type="t:Measure" minOccurs="0">
      <xs:annotation><xs:appinfo><s:element wcoId="126"/></xs:appinfo></xs:annotation></xs:element>
    <xs:element name="Net" type="t:Measure" minOccurs="0">
      <xs:annotation><xs:appinfo><s:element wcoId="128"/></xs:appinfo></xs:annotation></xs:element>
    <xs:element name="Container" type="xs:string" minOccurs="0">
      <xs:annotation><xs:appinfo><s:element wcoId="159"/></xs:appinfo></xs:annotation></xs:element>
    <xs:element name="Mark" type="xs:string" minOccurs="0" maxOccurs="3"/>
    <xs:element name="Remark" type="t:Remark" minOccurs="0" maxOccurs="2"/>
    <xs:element name="Urgent" type="xs:boolean" minOccurs="0"/>
  </xs:sequence></xs:complexType>
</xs:schema>
"""

HEAD = """name = "aa-cargo"
version = "1.0"
title = "Cargo report of nowhere"
schema = "cargo.xsd"
root = "Cargo"
namespace = "urn:aa:cargo"

[namespaces]
aliases = { t = "urn:aa:types" }
"""

GOOD = (
    b'<Cargo xmlns="urn:aa:cargo" xmlns:x="urn:aa:types" calendar="plain"><ID>A-1</ID>'
    b'<Issue><x:DateTimeString formatCode="102">20240229</x:DateTimeString></Issue>'
    b"<Owner><Code>ABC</Code></Owner><x:Owner><x:Name>Nobody &amp; Sons</x:Name></x:Owner><Truck>12</Truck>"
    b'<Line><SequenceNumeric>1</SequenceNumeric><Gross unitCode="KGM">10.500</Gross><Mark>one</Mark><Mark/></Line>'
    b'<Line><SequenceNumeric>2</SequenceNumeric><Remark lang="aa">r</Remark><Remark>s</Remark></Line><Empty/></Cargo>'
)

FormatWriter = Callable[..., Path]


def write_cargo(folder: Path, *, head: str = HEAD, more: str = "", replace: tuple[str, str] = ("", "")) -> Path:
    """Write the cargo format into a folder, with more lines in its head or one text of its schema replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "types.xsd").write_text(TYPES_XSD)
    (folder / "cargo.xsd").write_text(CARGO_XSD.replace(*replace) if replace[0] else CARGO_XSD)
    file = folder / "aa-cargo.format.toml"
    file.write_text(head + more)
    return file


@pytest.fixture(name="cargo_head")
def cargo_head_fixture(tmp_path: Path) -> Path:
    return write_cargo(tmp_path)


@pytest.fixture(name="write_format")
def write_format_fixture(tmp_path: Path) -> FormatWriter:
    """Write the cargo format with changes: ``write_format(more=..., replace=(old, new), head=...)``."""

    def write(**changes: object) -> Path:
        return write_cargo(tmp_path / "changed", **changes)  # type: ignore[arg-type]

    return write


@pytest.fixture(name="write_schema")
def write_schema_fixture(tmp_path: Path) -> Callable[[str], Path]:
    """Write a format whose root ``R`` (no namespace) has the given XSD content; gives its head."""

    def write(content: str, more: str = "") -> Path:
        opening = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified">'
        schema = f"{opening}{content}</xs:schema>"
        (tmp_path / "r.xsd").write_text(schema)
        file = tmp_path / "aa-r.format.toml"
        file.write_text(f'name = "aa-r"\nversion = "1"\nschema = "r.xsd"\nroot = "R"\nnamespace = ""\n{more}')
        return file

    return write


@pytest.fixture(name="cargo", scope="session")
def cargo_fixture(tmp_path_factory: pytest.TempPathFactory) -> Format:
    return load_format(write_cargo(tmp_path_factory.mktemp("cargo")))


@pytest.fixture(name="good", scope="session")
def good_fixture() -> bytes:
    return GOOD


TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufffe\uffff").filter(
        lambda sign: sign in "\t\n\r" or sign >= " "
    ),
    max_size=6,
)


def random_trees(structure: Structure) -> st.SearchStrategy[Tree]:
    """Trees of the right shape; values and cardinality are anyhow."""
    return _class(structure.root).map(lambda content: {structure.root.key: content})


def _class(element: Element) -> st.SearchStrategy[Tree]:
    optional: dict[str, st.SearchStrategy[Any]] = {f"@{one.name}": TEXT for one in element.attributes}
    optional |= {child.key: _occurrences(child) for child in element.children}
    return st.fixed_dictionaries({}, optional=optional).map(lambda tree: _in_order(element, tree))


def _in_order(element: Element, tree: Tree) -> Tree:
    keys = [*(f"@{one.name}" for one in element.attributes), *(child.key for child in element.children)]
    return {key: tree[key] for key in keys if key in tree}


def _occurrences(element: Element) -> st.SearchStrategy[Any]:
    entry = _leaf(element) if element.is_leaf else _class(element)
    return st.lists(entry, min_size=1, max_size=3) if element.repeats else entry


def _leaf(element: Element) -> st.SearchStrategy[Any]:
    if not element.attributes:
        return TEXT
    names = [f"@{one.name}" for one in element.attributes]
    with_attributes = st.fixed_dictionaries({"value": TEXT}, optional=dict.fromkeys(names, TEXT))
    ordered = with_attributes.map(lambda leaf: {key: leaf[key] for key in ["value", *names] if key in leaf})
    return TEXT | ordered.map(lambda leaf: leaf if len(leaf) > 1 else leaf["value"])


@pytest.fixture(name="trees", scope="session")
def trees_fixture() -> Callable[[Structure], st.SearchStrategy[Tree]]:
    """Strategy of random message trees of a structure: shape as the schema has it, values anyhow."""
    return random_trees
