from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.findings import Finding, has_errors
from gateway.formats.format import Format, load_format

Lines = "<Line><SequenceNumeric>1</SequenceNumeric>{}</Line>"


def refuse(cargo: Format, *changes: tuple[str, str], good: bytes) -> list[Finding]:
    text = good.decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    reading = cargo.read(text.encode())
    assert reading.tree is None
    assert has_errors(reading.findings)
    return list(reading.findings)


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in findings]


CASES = [
    ("schema.unknown-element", "Nobody", ("<Truck>", "<Nobody/><Truck>")),
    ("schema.unknown-element", "Line[2]/Marc", ("</SequenceNumeric><Remark", "</SequenceNumeric><Marc/><Remark")),
    ("schema.wrong-order", "ID", ("<ID>A-1</ID><Issue>", "<Issue>"), ("<Truck>", "<ID>A-1</ID><Truck>")),
    ("schema.missing-element", "ID", ("<ID>A-1</ID>", "")),
    ("schema.missing-element", "", ("<Truck>12</Truck>", "")),
    ("schema.missing-element", "Line[2]/SequenceNumeric", ("<SequenceNumeric>2</SequenceNumeric>", "")),
    ("schema.too-many", "ID[2]", ("<ID>", "<ID>B</ID><ID>")),
    ("schema.too-many", "Line[1]/Mark[4]", ("<Mark/>", "<Mark/><Mark/><Mark/>")),
    ("schema.choice", "Truck", ("<Truck>", "<Ship>s</Ship><Truck>")),
    (
        "schema.namespace",
        "DateTimeString",
        ("x:DateTimeString formatCode", "DateTimeString formatCode"),
        ("/x:Date", "/Date"),
    ),
    ("schema.facet", "ID", ("A-1", "A-1-TOO-LONG")),
    ("schema.facet", "Line[1]/Gross", ("10.500", "10.5001")),
    ("schema.facet", "Line[1]/Gross@unitCode", ("KGM", "kgm")),
    ("schema.type", "Line[2]/SequenceNumeric", ("<SequenceNumeric>2", "<SequenceNumeric>two")),
    ("schema.attribute-missing", "Issue/DateTimeString@formatCode", (' formatCode="102"', "")),
    ("schema.attribute-unknown", "Line[2]/Remark[1]@long", ('<Remark lang="aa"', '<Remark long="aa"')),
    ("schema.attribute-unknown", "/@colour", (' calendar="plain"', ' colour="plain"')),
    ("schema.text", "Owner", ("<Owner>", "<Owner>text")),
    ("schema.content", "Empty", ("<Empty/>", "<Empty><ID/></Empty>")),
    ("schema.content", "ID", ("A-1", "<b/>")),
    (
        "schema.retyped",
        "Line[1]/Gross",
        ("<Gross", '<Gross xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="x:Mass"'),
    ),
]


@pytest.mark.parametrize(("code", "path", "changes"), [(code, path, changes) for code, path, *changes in CASES])
def test_each_fault_has_a_code_a_path_a_line_and_a_remedy(
    cargo: Format, good: bytes, code: str, path: str, changes: list[tuple[str, str]]
) -> None:
    findings = refuse(cargo, *changes, good=good)
    place = f"Issue/{path}" if path == "DateTimeString" else path
    assert (code, place) in told(findings)
    first = next(finding for finding in findings if finding.code == code)
    assert first.line == 1
    assert first.remedy
    assert first.message


def test_remedies_teach(cargo: Format, good: bytes) -> None:
    unknown = refuse(cargo, ("<Truck>12</Truck>", "<Truk>12</Truk>"), good=good)
    assert [finding.remedy for finding in unknown if finding.path == "Truk"] == ["did you mean Truck?"]
    late = refuse(cargo, ("<ID>A-1</ID><Issue>", "<Issue>"), ("<Truck>", "<ID>A-1</ID><Truck>"), good=good)
    assert [finding.remedy for finding in late] == ["move it before Issue"]
    facet = refuse(cargo, ("A-1", ""), good=good)
    assert [finding.expected for finding in facet] == ["text of 1 to 10 characters"]


def test_pointers(cargo: Format, good: bytes) -> None:
    sequence = refuse(cargo, ("<SequenceNumeric>2", "<SequenceNumeric>two"), good=good)
    assert [finding.pointer for finding in sequence] == ["28A.$2.006"]


def test_all_faults_of_a_document_in_one_answer(cargo: Format, good: bytes) -> None:
    findings = refuse(
        cargo,
        ("<ID>A-1</ID>", "<Nobody/>"),
        ("<Code>ABC", "<Code>abc"),
        ("<SequenceNumeric>1</SequenceNumeric>", ""),
        ("10.500", "ten"),
        ("<Remark>s", "<Marc/><Remark>s"),
        (">20240229", " wrong='1'>20240229"),
        good=good,
    )
    assert sorted(told(findings)) == [
        ("schema.attribute-unknown", "Issue/DateTimeString@wrong"),
        ("schema.facet", "Owner/Code"),
        ("schema.missing-element", "ID"),
        ("schema.missing-element", "Line[1]/SequenceNumeric"),
        ("schema.type", "Line[1]/Gross"),
        ("schema.unknown-element", "Line[2]/Marc"),
        ("schema.unknown-element", "Nobody"),
    ]


def test_no_value_of_the_message_is_told(cargo: Format, good: bytes) -> None:
    secret = "S3CR3T"
    text = good.decode().replace("A-1", secret * 3).replace("KGM", secret).replace("<Truck>12", f"<Truck>{secret}")
    text = text.replace("10.500", secret).replace('calendar="plain"', f'{secret}="{secret}"')
    findings = cargo.read(text.encode()).findings
    assert len(findings) >= 5
    assert secret not in repr([finding for finding in findings if finding.code != "schema.attribute-unknown"])


def test_a_made_up_name_is_shown_only_when_it_is_short_and_plain(cargo: Format, good: bytes) -> None:
    long = "n" * 200
    findings = refuse(cargo, ("<Truck>", f"<{long}/><Truck>"), good=good)
    assert told(findings) == [("schema.unknown-element", "?")]


def test_findings_are_bounded(cargo: Format, good: bytes) -> None:
    findings = refuse(cargo, ("<Empty/>", "<Zero/>" * 1000), good=good)
    assert len(findings) == 201
    assert findings[-1].code == "schema.more"


def test_line_numbers(cargo: Format, good: bytes) -> None:
    text = good.decode().replace("<Line>", "\n<Line>\n").replace("<SequenceNumeric>2", "<SequenceNumeric>two")
    assert [finding.line for finding in cargo.read(text.encode()).findings] == [5]


def test_what_only_the_validator_knows_is_told_with_its_expected_names(write_schema: Callable[[str], Path]) -> None:
    found = load_format(
        write_schema(
            """<xs:element name="R"><xs:complexType><xs:sequence>
            <xs:sequence minOccurs="0"><xs:element name="a" type="xs:string"/>
            <xs:element name="b" type="xs:string"/></xs:sequence><xs:element name="c" type="xs:string"/></xs:sequence>
            </xs:complexType></xs:element>"""
        )
    )
    findings = found.read(b"<R><a/><c/></R>").findings
    assert [(finding.code, finding.path, finding.expected) for finding in findings] == [
        ("schema.content-model", "c", "b")
    ]


def test_identity_constraints(write_schema: Callable[[str], Path]) -> None:
    found = load_format(
        write_schema(
            """<xs:element name="R"><xs:complexType><xs:sequence><xs:element name="a" type="xs:string" maxOccurs="9"/>
            </xs:sequence></xs:complexType><xs:unique name="u"><xs:selector xpath="a"/><xs:field xpath="."/></xs:unique>
            </xs:element>"""
        )
    )
    assert [finding.code for finding in found.read(b"<R><a>1</a><a>1</a></R>").findings] == ["schema.identity"]
    assert found.read(b"<R><a>1</a><a>2</a></R>").tree == {"R": {"a": ["1", "2"]}}


def test_another_document_element(cargo: Format) -> None:
    for data in (b"<Cargo/>", b'<Freight xmlns="urn:aa:cargo"/>', b'<x:Owner xmlns:x="urn:aa:types"/>'):
        findings = cargo.read(data).findings
        assert [finding.code for finding in findings] == ["schema.root"]
