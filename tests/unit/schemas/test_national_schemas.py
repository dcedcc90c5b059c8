"""The national schemas on their own: plain libxml2 and jsonschema, no code of the gateway."""

from __future__ import annotations

import copy
import json
import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from lxml import etree

ROOT = Path(__file__).resolve().parents[3]
NATIONAL = ROOT / "wco_schemas" / "national"
VECTORS = ROOT / "tests" / "vectors"
MANIFEST = "{urn:Declaration:datamodel:standard:CN:MT2401:1}"
DECLARATION = "{http://www.chinaport.gov.cn/dec}"
EXTRACT = "{urn:sarhad:bilateral:gd-extract:1}"
ANNOTATION = "{urn:sarhad:annotation:1}element"


def schema_of(path: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(NATIONAL / path)))


def exact_json(path: Path) -> Any:
    """Numbers as decimals: 2.9 is a multiple of 0.0001, which binary fractions would deny."""
    return json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


def good(case: str) -> Any:
    return etree.parse(str(VECTORS / case / "input.xml"))


@pytest.fixture(scope="module")
def manifest_schema() -> etree.XMLSchema:
    return schema_of("cn/1.0/mt2401.xsd")


@pytest.fixture(scope="module")
def declaration_schema() -> etree.XMLSchema:
    return schema_of("cn/1.0/dec-message.xsd")


@pytest.fixture(scope="module")
def goods_declaration() -> dict[str, Any]:
    document: dict[str, Any] = exact_json(VECTORS / "pk/export-yarn/input.json")
    return document


@pytest.fixture(scope="module")
def goods_declaration_schema() -> jsonschema.Draft202012Validator:
    schema = exact_json(NATIONAL / "pk/1.0/pk-gd.schema.json")
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("head", sorted(NATIONAL.rglob("*.format.toml")), ids=lambda head: head.name)
def test_a_head_names_the_root_that_its_schema_declares(head: Path) -> None:
    content = tomllib.loads(head.read_text(encoding="utf-8"))
    schema = head.parent / content["schema"]
    assert head.name == f"{content['name']}.format.toml"
    if content["syntax"] == "json":
        assert json.loads(schema.read_text(encoding="utf-8"))["title"] == content["root"]
        return
    document = etree.parse(str(schema)).getroot()
    assert document.get("targetNamespace") == content["namespace"]
    assert [node.get("name") for node in document.findall("{http://www.w3.org/2001/XMLSchema}element")] == [
        content["root"]
    ]


@pytest.mark.parametrize("schema", sorted(NATIONAL.rglob("*.xsd")), ids=lambda schema: schema.name)
def test_every_code_list_of_an_annotation_exists(schema: Path) -> None:
    known = {path.stem for path in ROOT.glob("wco_schemas/codelists/*.csv")}
    known |= {path.stem for path in ROOT.glob("mappings/*/codelists/*.csv")}
    named = {node.get("codeList") for node in etree.parse(str(schema)).iter(ANNOTATION) if node.get("codeList")}
    assert named
    assert named <= known


def test_the_manifest_of_the_story_is_valid(manifest_schema: etree.XMLSchema) -> None:
    manifest_schema.assertValid(good("cn/s1-road-manifest"))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Head/FunctionCode", "5"),
        ("Head/MessageType", "MT1401"),
        ("Head/SendTime", "20260230"),
        ("Head/SendTime", "20270229120000"),
        ("Head/SendTime", "20260316240000"),
        ("Head/SenderID", "short"),
        ("Declaration/DeclarationOfficeID", "94A"),
        ("Declaration/ID", "batch-1"),
        ("Declaration/Consignment/GovernmentProcedure/CurrentCode", "RD17"),
        ("Declaration/Consignment/TransportContractDocument/ID", "@@1"),
        ("Declaration/Consignment/TransportContractDocument/ConditionCode", "12"),
        ("Declaration/Consignment/ConsignmentItem/GoodsMeasure/GrossMassMeasure", "1.0001"),
        ("Declaration/Consignment/Consignee/Name", "x" * 71),
    ],
)
def test_a_manifest_with_one_wrong_text_is_refused(manifest_schema: etree.XMLSchema, path: str, text: str) -> None:
    document = good("cn/s1-road-manifest")
    document.find("/".join(MANIFEST + step for step in path.split("/"))).text = text
    assert not manifest_schema.validate(document)


def test_a_manifest_has_no_seals_and_no_unloading_place(manifest_schema: etree.XMLSchema) -> None:
    text = (NATIONAL / "cn/1.0/mt2401.xsd").read_text(encoding="utf-8")
    assert not re.search(r'name="(SealID|UnloadingLocation|TransitDestination|Deconsolidator|HSCode)"', text)
    document = good("cn/s1-road-manifest")
    equipment = document.find(f".//{MANIFEST}TransportEquipment")
    etree.SubElement(equipment, f"{MANIFEST}SealID").text = "M/1@CA"
    assert not manifest_schema.validate(document)


def test_a_mass_in_pounds_is_refused(manifest_schema: etree.XMLSchema) -> None:
    document = good("cn/s1-road-manifest")
    document.find(f".//{MANIFEST}GrossMassMeasure").set("unitCode", "LBR")
    assert not manifest_schema.validate(document)


def test_the_declaration_is_valid_once_its_empty_elements_are_gone(declaration_schema: etree.XMLSchema) -> None:
    document = good("cn/s1-export-declaration")
    assert not declaration_schema.validate(document)
    for node in [node for node in document.iter() if len(node) == 0 and not node.text]:
        node.getparent().remove(node)
    declaration_schema.assertValid(document)


@pytest.mark.parametrize(
    ("name", "text"),
    [("IEFlag", "X"), ("IEDate", "20260431"), ("GrossWet", "1,5"), ("TransMode", "8"), ("DistinatePort", "PAK9")],
)
def test_a_declaration_with_one_wrong_text_is_refused(
    declaration_schema: etree.XMLSchema, name: str, text: str
) -> None:
    document = good("cn/s1-export-declaration")
    for node in [node for node in document.iter() if len(node) == 0 and not node.text]:
        node.getparent().remove(node)
    document.find(f".//{DECLARATION}{name}").text = text
    assert not declaration_schema.validate(document)


def test_the_misspelt_names_are_the_contract() -> None:
    text = (NATIONAL / "cn/1.0/dec-message.xsd").read_text(encoding="utf-8")
    for name in ("TaxAaminMark", "PromiseItmes", "DistinatePort", "GrossWet", "EdocRealation", "ExtendFiled"):
        assert f'name="{name}"' in text


def test_the_extract_is_one_of_export_declarations() -> None:
    schema = schema_of("cn/gd-extract-1.0/gd-extract.xsd")
    document = good("cn/extract-minimal")
    schema.assertValid(document)
    document.find(f".//{EXTRACT}TypeCode").text = "IM"
    assert not schema.validate(document)


def test_the_pakistani_declaration_of_the_vector_is_valid(
    goods_declaration: dict[str, Any], goods_declaration_schema: jsonschema.Draft202012Validator
) -> None:
    goods_declaration_schema.validate(goods_declaration)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("gdNumber", "KPEX-SB-99002-30-02-2026"),
        ("gdNumber", "KAPE-HC-2026-0012345"),
        ("gdNumber", "KAPE-HC-5876"),
        ("blAwbDate", "20260229"),
        ("generalInformation/grossWeight", "25263.16"),
        ("generalInformation/grossWeight", Decimal("25.2")),
        ("financialInformation/totalDeclaredValue", "69600"),
        ("financialInformation/totalDeclaredValue", -1),
        ("financialInformation/totalDeclaredValue", Decimal("1.00001")),
        ("itemInformation", []),
        ("consignorConsigneeInfo/strn", "17"),
    ],
)
def test_a_pakistani_declaration_with_one_wrong_value_is_refused(
    goods_declaration: dict[str, Any],
    goods_declaration_schema: jsonschema.Draft202012Validator,
    path: str,
    value: object,
) -> None:
    document = copy.deepcopy(goods_declaration)
    place = document["data"]
    *parents, last = path.split("/")
    for parent in parents:
        place = place[parent]
    place[last] = value
    assert not goods_declaration_schema.is_valid(document)


@pytest.mark.parametrize("sides", [(), ("financialInfo", "financialInformation")])
def test_a_pakistani_declaration_has_exactly_one_money_side(
    goods_declaration: dict[str, Any], goods_declaration_schema: jsonschema.Draft202012Validator, sides: tuple[str, ...]
) -> None:
    document = copy.deepcopy(goods_declaration)
    money = document["data"].pop("financialInformation")
    money.pop("financialInstrument")
    document["data"].update(dict.fromkeys(sides, money))
    assert not goods_declaration_schema.is_valid(document)
