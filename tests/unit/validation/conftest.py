"""A made-up format whose elements carry the WCO ids that the rules look for."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.codes.identifier_schemes import IdentifierScheme
from gateway.codes.scheme_files import read_schemes
from gateway.formats.format import Format, load_format
from gateway.formats.library import FormatLibrary
from gateway.validation.rule import Surroundings
from gateway.validation.rule_files import read_rules
from gateway.validation.rulebook import RuleBook

SCHEMA = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:s="urn:sarhad:annotation:1">
  <xs:element name="Report"><xs:complexType><xs:sequence>
    <xs:element name="Issue" minOccurs="0">
      <xs:annotation><xs:appinfo><s:element wcoId="D011"/></xs:appinfo></xs:annotation>
      <xs:complexType><xs:sequence><xs:element name="DateTimeString"><xs:complexType><xs:simpleContent>
        <xs:extension base="xs:string"><xs:attribute name="formatCode"/></xs:extension>
      </xs:simpleContent></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>
    <xs:element name="Equipment" minOccurs="0" maxOccurs="9">
      <xs:annotation><xs:appinfo><s:element wcoId="31B"/></xs:appinfo></xs:annotation>
      <xs:complexType><xs:sequence>
        <xs:element name="Number" type="xs:decimal" minOccurs="0">
          <xs:annotation><xs:appinfo><s:element wcoId="006"/></xs:appinfo></xs:annotation></xs:element>
        <xs:element name="ID" type="xs:string" minOccurs="0">
          <xs:annotation><xs:appinfo><s:element wcoId="159"/></xs:appinfo></xs:annotation></xs:element>
        <xs:element name="Gross" type="Mass" minOccurs="0">
          <xs:annotation><xs:appinfo><s:element wcoId="126"/></xs:appinfo></xs:annotation></xs:element>
        <xs:element name="Net" type="Mass" minOccurs="0">
          <xs:annotation><xs:appinfo><s:element wcoId="128"/></xs:appinfo></xs:annotation></xs:element>
      </xs:sequence></xs:complexType></xs:element>
    <xs:element name="Pointer" minOccurs="0" maxOccurs="9">
      <xs:annotation><xs:appinfo><s:element wcoId="97A"/></xs:appinfo></xs:annotation>
      <xs:complexType><xs:sequence><xs:element name="Number" type="xs:decimal">
          <xs:annotation><xs:appinfo><s:element wcoId="006"/></xs:appinfo></xs:annotation></xs:element>
      </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
  <xs:complexType name="Mass"><xs:simpleContent><xs:extension base="xs:decimal">
    <xs:attribute name="unitCode"/></xs:extension></xs:simpleContent></xs:complexType>
</xs:schema>"""

CONTAINERS = """[[scheme]]
name = "iso6346"
title = "Number of a freight container"
source = "ISO 6346"
engine = "weighted"
pattern = "[A-Z]{3}[UJZ][0-9]{7}"
alphabet = "0123456789A BCDEFGHIJK LMNOPQRSTU VWXYZ"
weights = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
modulus = 11
checks = "01234567890"
valid = ["CSQU3054383"]
"""


@pytest.fixture(name="report", scope="session")
def report_fixture(tmp_path_factory: pytest.TempPathFactory) -> Format:
    folder: Path = tmp_path_factory.mktemp("report")
    (folder / "report.xsd").write_text(SCHEMA)
    head = folder / "aa-report.format.toml"
    head.write_text('name = "aa-report"\nversion = "1"\nschema = "report.xsd"\nroot = "Report"\n')
    return load_format(head)


@pytest.fixture(name="library", scope="session")
def library_fixture(report: Format) -> FormatLibrary:
    return FormatLibrary([report])


RULES = """
[[rule]]
id = "rule.date"
severity = "error"
source = "made up for tests"
text = "a date exists in its form"
remedy = "write another date"
kind = "date"
at = ["end:DateTimeString"]
formats = ["aa-report-1"]

[[rule]]
id = "rule.box"
severity = "warning"
source = "made up for tests"
text = "a box has its check digit"
remedy = "look at the box"
kind = "scheme"
at = ["id:159"]
scheme = "iso6346"
formats = ["aa-report-1"]
"""


@pytest.fixture(name="book", scope="session")
def book_fixture(schemes: dict[str, IdentifierScheme]) -> RuleBook:
    rules, faults = read_rules(RULES, "made-up.toml")
    assert faults == []
    return RuleBook(rules, Surroundings(schemes=schemes))


@pytest.fixture(name="schemes", scope="session")
def schemes_fixture() -> dict[str, IdentifierScheme]:
    schemes, faults = read_schemes(CONTAINERS, "made-up")
    assert faults == []
    return schemes
