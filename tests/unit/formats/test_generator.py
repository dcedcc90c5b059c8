from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codes.codelist_files import read_code_list
from gateway.codes.codelists import CodeList, CodeRow
from gateway.codes.dates import parse_moment
from gateway.codes.numbers import parse_decimal
from gateway.codes.scheme_files import read_schemes
from gateway.formats.format import Format, load_format
from gateway.formats.generator import NoInstanceError, Vocabulary, generate, read_vocabulary
from gateway.formats.structure import Annotation, Attribute, Element, SimpleType, Structure
from gateway.formats.tree import entries, general_path, leaf_text, leaves, root_of
from tests.conftest import ROOT

XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:s="urn:sarhad:annotation:1" xmlns="urn:xx"
    targetNamespace="urn:xx" elementFormDefault="qualified">
  <xs:simpleType name="Text"><xs:restriction base="xs:string"><xs:maxLength value="20"/>
    <xs:pattern value=".*[^\\s].*"/></xs:restriction></xs:simpleType>
  <xs:complexType name="Measure"><xs:simpleContent><xs:extension base="Mass">
    <xs:attribute name="unitCode" use="required"><xs:simpleType><xs:restriction base="xs:token">
      <xs:maxLength value="3"/><xs:minLength value="2"/></xs:restriction></xs:simpleType></xs:attribute>
  </xs:extension></xs:simpleContent></xs:complexType>
  <xs:simpleType name="Mass"><xs:restriction base="xs:decimal"><xs:totalDigits value="9"/>
    <xs:fractionDigits value="3"/><xs:minInclusive value="0"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Moment"><xs:restriction base="xs:string">
    <xs:pattern value="(20\\d{6})(\\d{6}(Z|[-+]\\d\\d))?"/></xs:restriction></xs:simpleType>
  <xs:complexType name="DateTime"><xs:simpleContent><xs:extension base="Moment">
    <xs:attribute name="formatCode" use="required"><xs:simpleType><xs:restriction base="xs:token">
      <xs:enumeration value="102"/><xs:enumeration value="304"/></xs:restriction></xs:simpleType></xs:attribute>
  </xs:extension></xs:simpleContent></xs:complexType>
  <xs:complexType name="Party"><xs:sequence>
    <xs:element name="Name" type="Text"><xs:annotation><xs:appinfo><s:element hint="party-name"/></xs:appinfo>
      </xs:annotation></xs:element>
    <xs:choice>
      <xs:element name="TaxID" type="Text"/>
      <xs:sequence><xs:element name="Country"><xs:annotation><xs:appinfo><s:element codeList="xx-country"/></xs:appinfo>
        </xs:annotation><xs:simpleType><xs:restriction base="xs:token"><xs:pattern value="[A-Z]{2}"/></xs:restriction>
        </xs:simpleType></xs:element><xs:element name="Register" type="Text" minOccurs="0"/></xs:sequence>
    </xs:choice>
  </xs:sequence></xs:complexType>
  <xs:element name="Cargo"><xs:complexType><xs:sequence>
    <xs:element name="ID"><xs:simpleType><xs:restriction base="xs:string">
      <xs:pattern value="[A-Z]{4}-[A-Z]{2}-\\d{1,7}"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="IssueDateTime" type="DateTime" minOccurs="0"/>
    <xs:element name="SendDate" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string"><xs:length value="10"/>
      </xs:restriction></xs:simpleType></xs:element>
    <xs:element name="LineCount" type="xs:integer" minOccurs="0"><xs:annotation><xs:appinfo>
      <s:element hint="count-of Line"/></xs:appinfo></xs:annotation></xs:element>
    <xs:element name="TotalMass" minOccurs="0" type="Mass"><xs:annotation><xs:appinfo>
      <s:element hint="sum-of Line/GrossMassMeasure"/></xs:appinfo></xs:annotation></xs:element>
    <xs:element name="Sender" type="Party"/>
    <xs:element name="Line" maxOccurs="unbounded" minOccurs="0"><xs:complexType><xs:sequence>
      <xs:element name="SequenceNumeric" type="xs:integer"/>
      <xs:element name="Description" type="Text" minOccurs="0"><xs:annotation><xs:appinfo>
        <s:element hint="goods-description"/></xs:appinfo></xs:annotation></xs:element>
      <xs:element name="GrossMassMeasure" type="Measure"/>
      <xs:element name="NetMassMeasure" minOccurs="0" type="Measure"><xs:annotation><xs:appinfo>
        <s:element hint="net-mass"/></xs:appinfo></xs:annotation></xs:element>
      <xs:element name="Box" minOccurs="0" maxOccurs="3"><xs:annotation><xs:appinfo>
        <s:element hint="value-of Box/Number"/></xs:appinfo></xs:annotation><xs:simpleType>
        <xs:restriction base="xs:string"><xs:maxLength value="17"/></xs:restriction></xs:simpleType></xs:element>
    </xs:sequence></xs:complexType></xs:element>
    <xs:element name="Box" maxOccurs="9" minOccurs="0"><xs:complexType><xs:sequence>
      <xs:element name="Number"><xs:annotation><xs:appinfo><s:element hint="container-number"/></xs:appinfo>
        </xs:annotation><xs:simpleType><xs:restriction base="xs:string"><xs:maxLength value="17"/></xs:restriction>
        </xs:simpleType></xs:element>
      <xs:element name="Lines" minOccurs="0" type="xs:string"><xs:annotation><xs:appinfo>
        <s:element hint="lines-of Line"/></xs:appinfo></xs:annotation></xs:element>
      <xs:element name="LineNo" minOccurs="0" type="xs:integer"><xs:annotation><xs:appinfo>
        <s:element hint="line-of Line"/></xs:appinfo></xs:annotation></xs:element>
    </xs:sequence></xs:complexType></xs:element>
    <xs:element name="Note" minOccurs="0"><xs:complexType><xs:sequence>
      <xs:element name="Text" type="Text" minOccurs="0"/><xs:element name="Mark" type="Text" minOccurs="0"/>
    </xs:sequence></xs:complexType></xs:element>
  </xs:sequence><xs:attribute name="version" type="xs:token" fixed="1.0" use="required"/></xs:complexType></xs:element>
</xs:schema>
"""
HEAD = """
name = "xx-cargo"
version = "1.0"
title = "made up"
schema = "cargo.xsd"
syntax = "xml"
root = "Cargo"
namespace = "urn:xx"
"""
COUNTRIES = CodeList(
    name="xx-country",
    rows=(
        CodeRow(national="AA", wco="AA"),
        CodeRow(national="XX", wco="XX"),
        CodeRow(national="OO", wco="OO", valid_to=date(2020, 1, 1)),
        CodeRow(national="LOWER", wco="LL"),
    ),
)
LISTS = {"xx-country": COUNTRIES}
SCHEMES = read_schemes((ROOT / "wco_schemas/codelists/identifier-schemes.toml").read_text(encoding="utf-8"), "s.toml")[
    0
]
SEEDS = st.integers(0, 2**32)


@pytest.fixture(scope="module")
def cargo(tmp_path_factory: pytest.TempPathFactory) -> Format:
    folder = tmp_path_factory.mktemp("xx")
    (folder / "cargo.xsd").write_text(XSD, encoding="utf-8")
    (folder / "xx-cargo.format.toml").write_text(HEAD, encoding="utf-8")
    return load_format(folder / "xx-cargo.format.toml")


def _draw(cargo: Format, seed: int, richness: float | None = None) -> dict[str, Any]:
    tree = generate(cargo.structure, seed=seed, code_lists=LISTS, schemes=SCHEMES, richness=richness)
    return root_of(tree)


def test_every_instance_is_valid(cargo: Format) -> None:
    for seed in range(150):
        tree = generate(cargo.structure, seed=seed, code_lists=LISTS, schemes=SCHEMES)
        assert cargo.judge(tree) == ()
        reading = cargo.read(cargo.write(tree))
        assert reading.findings == ()
        assert reading.tree == tree


@given(SEEDS)
def test_the_same_seed_gives_the_same_message(cargo: Format, seed: int) -> None:
    one = generate(cargo.structure, seed=seed, code_lists=LISTS)
    assert one == generate(cargo.structure, seed=seed, code_lists=LISTS)
    assert one != generate(cargo.structure, seed=seed + 1, code_lists=LISTS)


def test_richness_one_puts_everything_in_and_zero_only_what_must_be(cargo: Format) -> None:
    full, bare = _draw(cargo, 3, richness=1.0), _draw(cargo, 3, richness=0.0)
    optional = {"IssueDateTime", "SendDate", "LineCount", "TotalMass", "Line", "Box", "Note"}
    assert optional <= set(full)
    assert {"Description", "NetMassMeasure"} <= set(full["Line"][0])
    assert set(full["Note"]) == {"Text", "Mark"}
    assert set(bare) == {"@version", "ID", "Sender"}


def test_a_series_holds_every_optional_place(cargo: Format) -> None:
    seen = {general_path(path) for seed in range(60) for path, _ in leaves({"Cargo": _draw(cargo, seed)})}
    wanted = {path for path, element in cargo.structure.root.walk() if element.is_leaf}
    assert wanted <= seen


def test_one_branch_of_a_choice_is_taken(cargo: Format) -> None:
    branches = set()
    for seed in range(40):
        sender = _draw(cargo, seed)["Sender"]
        assert ("TaxID" in sender) != ("Country" in sender)
        assert "TaxID" not in sender or "Register" not in sender
        branches.add("TaxID" in sender)
    assert branches == {True, False}


def test_an_optional_class_is_never_empty(cargo: Format) -> None:
    for seed in range(80):
        assert _draw(cargo, seed).get("Note") != {}


def test_codes_come_from_the_list_in_force_and_fit_the_type(cargo: Format) -> None:
    seen = {_draw(cargo, seed)["Sender"].get("Country") for seed in range(60)}
    assert seen == {None, "AA", "XX"}


def test_dates_exist_and_agree_with_their_format_code(cargo: Format) -> None:
    codes = set()
    for seed in range(60):
        content = _draw(cargo, seed, richness=1.0)
        issued = content["IssueDateTime"]
        codes.add(issued["@formatCode"])
        moment = parse_moment(issued["value"], issued["@formatCode"])
        assert moment is not None
        assert date(2026, 1, 10) < moment.day <= date(2026, 3, 17)
        sent = {parse_moment(content["SendDate"], form) for form in ("iso", "DD.MM.YYYY", "DD/MM/YYYY", "YYYY/MM/DD")}
        assert sent - {None} or parse_moment(content["SendDate"], "DD-MM-YYYY") is not None
    assert codes == {"102", "304"}


def _lines(cargo: Format) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    for seed in range(60):
        content = _draw(cargo, seed)
        yield content, entries(content, "Line")


def test_lines_are_numbered_and_gross_is_not_below_net(cargo: Format) -> None:
    for _, lines in _lines(cargo):
        assert [line["SequenceNumeric"] for line in lines] == [str(number + 1) for number in range(len(lines))]
        for line in lines:
            gross = parse_decimal(leaf_text(line["GrossMassMeasure"]))
            assert line["GrossMassMeasure"]["@unitCode"] == "KGM"
            assert gross is not None
            if "NetMassMeasure" in line:
                net = parse_decimal(leaf_text(line["NetMassMeasure"]))
                assert net is not None
                assert net <= gross


def test_references_name_what_is_there(cargo: Format) -> None:
    linked = 0
    for content, lines in _lines(cargo):
        boxes = entries(content, "Box")
        numbers = {box["Number"] for box in boxes}
        if "LineCount" in content:
            assert content["LineCount"] == str(len(lines))
        for box in boxes:
            assert SCHEMES["iso6346"].is_valid(box["Number"])
            for named in [*box.get("Lines", "").split(","), box.get("LineNo", "")]:
                assert not named or 1 <= int(named) <= len(lines)
                linked += bool(named)
        for line in lines if boxes else ():
            assert set(entries(line, "Box")) <= numbers
    assert linked > 20


def test_a_total_is_the_sum_of_its_lines(cargo: Format) -> None:
    summed = 0
    for content, lines in _lines(cargo):
        if lines and "TotalMass" in content:
            masses = [parse_decimal(leaf_text(line["GrossMassMeasure"])) for line in lines]
            assert sum(mass for mass in masses if mass is not None) == parse_decimal(content["TotalMass"])
            summed += 1
    assert summed > 10


def _leaf(key: str, kind: SimpleType, **more: Any) -> Element:
    return Element(key=key, local=key, type=kind, **more)


def _structure(*children: Element) -> Structure:
    return Structure(root=Element(key="Root", local="Root", children=children), digest="0" * 64, syntax="json")


def test_a_leaf_that_admits_nothing_is_told_with_its_path() -> None:
    kind = SimpleType(patterns=("[A-Z]{3}",), max_length=2)
    with pytest.raises(NoInstanceError) as caught:
        generate(_structure(_leaf("Code", kind)), seed=1)
    assert caught.value.path == "Root/Code"
    assert generate(_structure(_leaf("Code", kind, minimum=0), _leaf("ID", SimpleType())), seed=1)["Root"].keys() == {
        "ID"
    }


def test_amount_is_quantity_times_price_where_hints_say_so() -> None:
    number = SimpleType(base="decimal", total_digits=16, fraction_digits=4)
    hinted = [
        _leaf(hint, number, annotation=Annotation(hint=hint)) for hint in ("quantity", "unit-price", "line-amount")
    ]
    for seed in range(30):
        content = root_of(generate(_structure(*hinted), seed=seed))
        quantity, price, amount = (parse_decimal(content[leaf.key]) for leaf in hinted)
        assert quantity is not None
        assert price is not None
        assert amount is not None
        assert abs(quantity * price - amount) <= parse_decimal("0.005")  # type: ignore[operator]


def test_currencies_of_one_message_agree() -> None:
    attribute = Attribute(name="currencyID", type=SimpleType(patterns=("[A-Z]{3}",)), required=True)
    number = SimpleType(base="decimal", fraction_digits=2)
    leaf = _leaf("Amount", number, attributes=(attribute,), minimum=3, maximum=3)
    for seed in range(20):
        amounts = root_of(generate(_structure(leaf), seed=seed))["Amount"]
        assert len({amount["@currencyID"] for amount in amounts}) == 1


def test_words_of_the_trade_come_from_the_vocabulary() -> None:
    words = read_vocabulary('[texts]\nparty-name = ["Xylo Trading"]\n[common]\nxx-country = ["XX"]')
    name = _leaf("Name", SimpleType(max_length=6), annotation=Annotation(hint="party-name"))
    country = _leaf("Country", SimpleType(), annotation=Annotation(code_list="xx-country"))
    drawn = [
        root_of(generate(_structure(name, country), seed=seed, code_lists=LISTS, vocabulary=words))
        for seed in range(60)
    ]
    assert {content["Name"] for content in drawn} == {"Xylo T"}
    countries = [content["Country"] for content in drawn]
    assert countries.count("XX") > countries.count("AA") > 0
    assert Vocabulary().texts["party-name"]


def test_some_texts_are_long_enough_to_overflow_other_formats() -> None:
    name = _leaf("Name", SimpleType(max_length=100), annotation=Annotation(hint="party-name"))
    lengths = [len(root_of(generate(_structure(name), seed=seed))["Name"]) for seed in range(200)]
    assert 4 < sum(length > 70 for length in lengths) < 40
    assert max(lengths) <= 100


def test_dates_inside_a_number_exist_and_hints_may_alternate() -> None:
    words = read_vocabulary('[patterns]\ndeclaration-number = ["[A-Z]{2}-{DD-MM-YYYY}"]\nbill-number = ["X/{DDMMYY}"]')
    kind = SimpleType(patterns=("[A-Z]{2}-[0-3][0-9]-[01][0-9]-[0-9]{4}|X/[0-9]{6}",))
    number = _leaf("ID", kind, annotation=Annotation(hint="declaration-number|bill-number"))
    kinds = set()
    for seed in range(40):
        text = root_of(generate(_structure(number), seed=seed, vocabulary=words))["ID"]
        kinds.add(text[:2] == "X/")
        form = "DDMMYY of 20" if text[:2] == "X/" else "DD-MM-YYYY"
        moment = parse_moment(text[2:] if text[:2] == "X/" else text[3:], form)
        assert moment is not None
        assert date(2026, 1, 10) < moment.day <= date(2026, 3, 16)
    assert kinds == {True, False}


def _project_lists() -> dict[str, CodeList]:
    found = {}
    for file in sorted((ROOT / "wco_schemas/codelists").glob("*.csv")):
        listed, _ = read_code_list(
            file.read_text(encoding="utf-8"), file.with_suffix(".toml").read_text(encoding="utf-8"), file.name
        )
        if listed is not None:
            found[listed.name] = listed
    return found


HEADS = sorted((ROOT / "wco_schemas").rglob("*.format.toml"))


@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.name.removesuffix(".format.toml"))
def test_instances_of_every_format_of_the_project_are_valid(head: Path, soak: bool) -> None:
    known = load_format(head)
    words = read_vocabulary((ROOT / "wco_schemas/codelists/generator/vocabulary.toml").read_text(encoding="utf-8"))
    lists = _project_lists()
    for seed in range(300 if soak else 8):
        tree = generate(known.structure, seed=seed, code_lists=lists, schemes=SCHEMES, vocabulary=words)
        assert known.judge(tree) == (), seed
