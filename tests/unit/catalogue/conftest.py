"""Small made-up data folders: a canonical form, a national one, a mapping both ways, an agreement, a partner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.catalogue import check_folders
from gateway.findings import Fault

SCHEMA = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:{name}" targetNamespace="urn:{name}"
    elementFormDefault="qualified">
  <xs:simpleType name="T"><xs:restriction base="xs:token"><xs:minLength value="1"/><xs:maxLength value="{longest}"/>
  </xs:restriction></xs:simpleType>
  <xs:simpleType name="C"><xs:restriction base="xs:token"><xs:minLength value="1"/><xs:maxLength value="3"/>
  </xs:restriction></xs:simpleType>
  <xs:element name="{root}"><xs:complexType><xs:sequence>{content}</xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""
CANONICAL = """<xs:element name="Declaration"><xs:complexType><xs:sequence>
  <xs:element name="ID" type="T"/>
  <xs:element name="OfficeCode" type="C" minOccurs="0"/>
  <xs:element name="AdditionalInformation" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
    <xs:element name="StatementDescription"><xs:simpleType><xs:restriction base="xs:token"><xs:minLength value="1"/>
      <xs:maxLength value="90"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="StatementTypeCode" type="C"/>
  </xs:sequence></xs:complexType></xs:element>
  <xs:element name="Trader" minOccurs="0"><xs:complexType><xs:sequence>
    <xs:element name="ID" type="T" minOccurs="0"/><xs:element name="Name" type="T" minOccurs="0"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:sequence></xs:complexType></xs:element>"""
NATIONAL = """<xs:element name="Number" type="T"/>
<xs:element name="Office" type="C" minOccurs="0"/>
<xs:element name="Seller" minOccurs="0"><xs:complexType><xs:sequence>
  <xs:element name="Name"><xs:simpleType><xs:restriction base="xs:token"><xs:minLength value="1"/>
    <xs:maxLength value="90"/></xs:restriction></xs:simpleType></xs:element>
  <xs:element name="Code" type="T" minOccurs="0"/>
</xs:sequence></xs:complexType></xs:element>"""
HEAD = """name = "{name}"
version = "0.1"
title = "made up"
schema = "{name}.xsd"
root = "{root}"
namespace = "urn:{name}"
{more}"""
TABLE = """row,national,wco,verb,with,way,case,loss,why,source
r1,Number,Declaration/ID,copy,,both,,none,,test
r2,Office,Declaration/OfficeCode,code,xx-office,both,,none,,test
r3,Seller/Name,Declaration/Trader/Name,fit,over OVER,both,,none,,test
r4,Seller/Code,Declaration/Trader/ID,copy,,both,,none,,test
""".replace("OVER", "Declaration/AdditionalInformation{StatementTypeCode=TNM}/StatementDescription")
AGREEMENT = """id = "aa-xx-goods"
version = 1
title = "Goods"
partner = "xx"
parties = [{ code = "aa", name = "Ours" }, { code = "xx", name = "Theirs" }]
status = "active"
zone = "+00:00"
in_force_from = 2025-01-01
legal_basis = [{ ref = "Made-up treaty", certainty = "ours", source = "test" }]
purposes = { RISK = "risk analysis" }
clauses = [{ id = "1", text = "what is exchanged" }]
onward = { other_agency = "never", third_country = "never" }
correction = { within_hours = 24, receiver_confirms = true }
service = { acknowledge_within_minutes = 60 }
[[messages]]
type = "goods"
direction = "out"
purposes = ["RISK"]
format = "xx-goods-0.1"
clause = "1"
fields = "goods"
retention_days = 30
[fields.goods]
wco = "dec-0.1"
[[fields.goods.allow]]
clause = "1"
says = "all"
paths = ["Declaration/ID", "Declaration/OfficeCode", "Declaration/Trader/Name"]
"""
EXAMPLE = """title = "it leaves"
expect = "allowed"
type = "goods"
direction = "out"
purpose = "RISK"
at = 2026-01-01T00:00:00Z
message = "goods.xml"
released = ["Declaration/ID"]
withheld = ["Declaration/Trader/ID"]
"""
MESSAGE = """<Goods xmlns="urn:xx-goods"><Number>1</Number><Office>010</Office>
<Seller><Name>seller</Name><Code>s1</Code></Seller></Goods>"""

FILES = {
    "wco_schemas/wco/dec.xsd": SCHEMA.format(name="dec", root="MetaData", longest=35, content=CANONICAL),
    "wco_schemas/wco/dec.format.toml": HEAD.format(name="dec", root="MetaData", more='[wco]\npackage = "DEC"\n'),
    "wco_schemas/national/xx/xx-goods.xsd": SCHEMA.format(name="xx-goods", root="Goods", longest=35, content=NATIONAL),
    "wco_schemas/national/xx/xx-goods.format.toml": HEAD.format(name="xx-goods", root="Goods", more=""),
    "wco_schemas/codelists/units.toml": '[mass]\nKGM = "1"\n',
    "wco_schemas/codelists/identifier-schemes.toml": "",
    "wco_schemas/codelists/generator/vocabulary.toml": "",
    "mappings/xx/goods.csv": TABLE,
    "mappings/xx/goods.toml": 'name = "xx-goods"\nversion = "1"\nnational = ["xx-goods-0.1"]\nwco = "dec-0.1"\n'
    'ways = ["to-wco", "from-wco"]\n',
    "mappings/xx/codelists/xx-office.csv": "national,wco,label,preferred,valid_from,valid_to,certainty,source\n"
    "010,010,one,,,,P,test\n",
    "mappings/xx/codelists/xx-office.toml": "name = 'xx-office'\ntitle = 'offices'\nsource = 'test'\n"
    "pattern_national = '[0-9]{3}'\npattern_wco = '[0-9]{3}'\n",
    "agreements/aa-xx-goods-v1.toml": AGREEMENT,
    "agreements/aa-xx-goods-v1.examples/leaves.toml": EXAMPLE,
    "agreements/aa-xx-goods-v1.examples/goods.xml": MESSAGE,
    "partners/xx/profile.toml": 'code = "xx"\nname = "Theirs"\nroles = ["sends", "receives"]\n'
    '[channel]\nendpoint = "http://127.0.0.1:9"\n',
    "partners/xx/README.md": "made up",
    "partners/xx/certificates/README.md": "none",
}

Laying = Callable[..., Path]


@pytest.fixture
def terms() -> str:
    """The agreement's file."""
    return AGREEMENT


@pytest.fixture
def lay(tmp_path: Path) -> Laying:
    """Lay the folders out, with changes: file -> (was, becomes), or file -> whole text."""

    def make(changes: dict[str, tuple[str, str] | str] | None = None, *, without: tuple[str, ...] = ()) -> Path:
        files = dict(FILES)
        for file, change in (changes or {}).items():
            if isinstance(change, str):
                files[file] = change
            else:
                assert change[0] in files[file]
                files[file] = files[file].replace(*change)
        for file, text in files.items():
            if file not in without:
                path = tmp_path / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        return tmp_path

    return make


@pytest.fixture
def faults_of(lay: Laying) -> Callable[..., list[Fault]]:
    """All faults of the folders with these changes."""

    def check(changes: dict[str, tuple[str, str] | str] | None = None, *, without: tuple[str, ...] = ()) -> list[Fault]:
        return check_folders(lay(changes, without=without))

    return check
