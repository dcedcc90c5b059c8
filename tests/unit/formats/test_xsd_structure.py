from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.errors import DataFolderError
from gateway.formats.format import Format, load_format
from gateway.formats.structure import Element

SchemaWriter = Callable[..., Path]


def at(cargo: Format, path: str) -> Element:
    found = cargo.structure.find(path)
    assert found is not None
    return found


def test_children_in_schema_order_with_cardinality(cargo: Format) -> None:
    root = cargo.structure.root
    assert [(child.key, child.minimum, child.maximum) for child in root.children] == [
        ("ID", 1, 1),
        ("Issue", 0, 1),
        ("Owner", 0, 1),
        ("t:Owner", 0, 1),
        ("Ship", 0, 1),
        ("Truck", 0, 1),
        ("Trailer", 0, 1),
        ("Line", 0, None),
        ("Empty", 0, 1),
    ]
    assert root.choices == ((("Ship",), ("Truck", "Trailer")),)
    assert root.choice_required == (True,)
    assert [attribute.name for attribute in root.attributes] == ["calendar"]


def test_namespaces_and_aliases(cargo: Format) -> None:
    assert at(cargo, "Owner").namespace == "urn:aa:cargo"
    assert at(cargo, "t:Owner").namespace == "urn:aa:types"
    assert at(cargo, "t:Owner").local == "Owner"
    assert at(cargo, "Issue/DateTimeString").attribute_by_name["formatCode"].required


def test_annotations(cargo: Format) -> None:
    note = at(cargo, "ID").annotation
    assert (note.wco_id, note.wco_format, note.edifact, note.code_list) == ("D014", "an..10", "1004", "aa-ids")
    assert (note.hint, note.verified, note.text) == ("bill-number", True, "Number of the report.")
    assert not at(cargo, "Issue").annotation.verified


def test_facets_of_a_derivation(cargo: Format) -> None:
    code = at(cargo, "Truck").type
    assert code is not None
    assert (code.base, code.min_length, code.max_length, code.patterns) == ("token", 1, 4, ("([A-Z]+)|([0-9]+)",))
    mass = at(cargo, "Line/Gross").type
    assert mass is not None
    assert (mass.base, mass.total_digits, mass.fraction_digits, mass.min_inclusive) == ("decimal", 8, 3, "0")


def test_nested_groups_multiply(write_schema: SchemaWriter) -> None:
    head = write_schema(
        """<xs:element name="R"><xs:complexType><xs:sequence>
        <xs:sequence maxOccurs="3"><xs:element name="a" type="xs:string" maxOccurs="2"/></xs:sequence>
        <xs:sequence minOccurs="0"><xs:element name="b" type="xs:string"/>
        <xs:element name="c" type="xs:string"/></xs:sequence>
        <xs:choice minOccurs="0" maxOccurs="unbounded"><xs:element name="d" type="xs:string"/></xs:choice>
        <xs:element name="gone" type="xs:string" minOccurs="0" maxOccurs="0"/>
        </xs:sequence></xs:complexType></xs:element>"""
    )
    root = load_format(head).structure.root
    assert [(child.key, child.minimum, child.maximum) for child in root.children] == [
        ("a", 1, 6),
        ("b", 0, 1),
        ("c", 0, 1),
        ("d", 0, None),
    ]
    assert root.choices == ()


def test_branches_that_share_an_element(write_schema: SchemaWriter) -> None:
    head = write_schema(
        """<xs:element name="R"><xs:complexType><xs:choice>
        <xs:sequence><xs:element name="a" type="xs:string"/><xs:element name="b" type="xs:string"/></xs:sequence>
        <xs:sequence><xs:element name="c" type="xs:string"/>
        <xs:element name="b" type="xs:string" maxOccurs="4"/></xs:sequence>
        </xs:choice></xs:complexType></xs:element>"""
    )
    root = load_format(head).structure.root
    assert [(child.key, child.maximum) for child in root.children] == [("a", 1), ("c", 1), ("b", 4)]
    assert root.choices == ((("a", "b"), ("c", "b")),)


UNFIT = {
    "another order": """<xs:choice>
        <xs:sequence><xs:element name="a" type="xs:string"/><xs:element name="b" type="xs:string"/></xs:sequence>
        <xs:sequence><xs:element name="b" type="xs:string"/><xs:element name="a" type="xs:string"/></xs:sequence>
        </xs:choice>""",
    "repeats as a whole": """<xs:sequence maxOccurs="2"><xs:element name="a" type="xs:string"/>
        <xs:element name="b" type="xs:string"/></xs:sequence>""",
    "two places": """<xs:sequence><xs:element name="a" type="xs:string"/><xs:element name="b" type="xs:string"/>
        <xs:element name="a" type="xs:string"/></xs:sequence>""",
    "wildcard": '<xs:sequence><xs:any processContents="skip"/></xs:sequence>',
    "called 'value'": '<xs:sequence><xs:element name="value" type="xs:string"/></xs:sequence>',
    "default": '<xs:sequence><xs:element name="a" type="xs:string" default="x"/></xs:sequence>',
    "no exact text": '<xs:sequence><xs:element name="a" type="xs:double"/></xs:sequence>',
    "exclusive bound": """<xs:sequence><xs:element name="a"><xs:simpleType><xs:restriction base="xs:decimal">
        <xs:maxExclusive value="5"/></xs:restriction></xs:simpleType></xs:element></xs:sequence>""",
    "union": """<xs:sequence><xs:element name="a"><xs:simpleType>
        <xs:union memberTypes="xs:date xs:string"/></xs:simpleType>
        </xs:element></xs:sequence>""",
    "any attribute": "<xs:sequence/><xs:anyAttribute/>",
}


@pytest.mark.parametrize("why", UNFIT)
def test_what_a_tree_cannot_hold_is_a_fault_with_its_place(write_schema: SchemaWriter, why: str) -> None:
    head = write_schema(f'<xs:element name="R"><xs:complexType>{UNFIT[why]}</xs:complexType></xs:element>')
    with pytest.raises(DataFolderError, match=why) as caught:
        load_format(head)
    assert "R" in caught.value.path
    assert caught.value.remedy


def test_mixed_content_recursion_and_substitution(write_schema: SchemaWriter) -> None:
    mixed = '<xs:element name="R"><xs:complexType mixed="true"><xs:sequence/></xs:complexType></xs:element>'
    with pytest.raises(DataFolderError, match="mixed"):
        load_format(write_schema(mixed))
    recursive = """<xs:element name="R" type="T"/><xs:complexType name="T"><xs:sequence>
        <xs:element name="In" type="T" minOccurs="0"/></xs:sequence></xs:complexType>"""
    with pytest.raises(DataFolderError, match="holds itself"):
        load_format(write_schema(recursive))
    substituted = """<xs:element name="R"><xs:complexType><xs:sequence><xs:element ref="A"/></xs:sequence>
        </xs:complexType>
        </xs:element><xs:element name="A" type="xs:string"/>
        <xs:element name="B" type="xs:string" substitutionGroup="A"/>"""
    with pytest.raises(DataFolderError, match="substituted"):
        load_format(write_schema(substituted))


def test_two_namespaces_need_an_alias(write_format: Callable[..., Path]) -> None:
    head = 'name = "aa-cargo"\nversion = "1.0"\nschema = "cargo.xsd"\nroot = "Cargo"\nnamespace = "urn:aa:cargo"\n'
    with pytest.raises(DataFolderError, match="two namespaces"):
        load_format(write_format(head=head))


def test_root_that_the_schema_does_not_declare(write_format: Callable[..., Path]) -> None:
    head = 'name = "aa-cargo"\nversion = "1.0"\nschema = "cargo.xsd"\nroot = "Freight"\nnamespace = "urn:aa:cargo"\n'
    with pytest.raises(DataFolderError, match="declares no element Freight"):
        load_format(write_format(head=head))


def test_enumerations_unions_lists_and_builtin_types(write_schema: SchemaWriter) -> None:
    head = write_schema(
        """<xs:element name="R"><xs:complexType><xs:all>
        <xs:element name="e"><xs:simpleType><xs:union><xs:simpleType><xs:restriction base="xs:token">
          <xs:enumeration value="A"/></xs:restriction></xs:simpleType><xs:simpleType><xs:restriction base="xs:token">
          <xs:enumeration value="B"/></xs:restriction></xs:simpleType></xs:union></xs:simpleType></xs:element>
        <xs:element name="l"><xs:simpleType><xs:list itemType="xs:token"/></xs:simpleType></xs:element>
        <xs:element name="t" type="xs:time"/><xs:element name="i" type="xs:positiveInteger"/>
        <xs:element name="d" type="xs:date"/><xs:element name="f" type="xs:string" fixed="X"/>
        </xs:all></xs:complexType></xs:element>"""
    )
    types = {child.key: child.type for child in load_format(head).structure.root.children}
    assert types["e"] is not None
    assert types["e"].enumeration == ("A", "B")
    assert [(key, one.base) for key, one in types.items() if one is not None] == [
        ("e", "token"),
        ("l", "token"),
        ("t", "token"),
        ("i", "integer"),
        ("d", "date"),
        ("f", "string"),
    ]
    assert types["i"] is not None
    assert types["i"].min_inclusive == "1"
    assert types["f"] is not None
    assert types["f"].enumeration == ("X",)
