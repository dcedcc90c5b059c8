"""The WCO schemas by themselves: the canonical set, and what holds for the profile too. No part of the gateway."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"
NOTE = "{urn:sarhad:annotation:1}element"
OURS = "urn:sarhad:wco:3.6:"
FOLDER = Path(__file__).resolve().parents[3] / "wco_schemas"
PROFILE = FOLDER / "profiles" / "dms-3.6" / "metadata.xsd"
CANONICAL = {
    package: FOLDER / "wco" / "3.6" / f"{package}-metadata.xsd"
    for package in ("dec", "cri", "cre", "conv", "trt", "res")
}
SCHEMA_FILES = sorted([*PROFILE.parent.glob("*.xsd"), *CANONICAL["dec"].parent.glob("*.xsd")])


@cache
def validator(main: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(main)))


def accepts(main: Path, text: str) -> bool:
    return bool(validator(main).validate(etree.fromstring(text)))


def canonical(package: str, body: str, *, name: str = "", version: str = "3.6") -> str:
    return (
        f'<MetaData xmlns="{OURS}{package}-metadata:1" xmlns:b="{OURS}{package}:1" xmlns:dec="{OURS}dec:1" '
        f'xmlns:t="{OURS}datatypes:1"><WCODataModelVersionCode>{version}</WCODataModelVersionCode>'
        f"<WCOTypeName>{name or package.upper()}</WCOTypeName>{body}</MetaData>"
    )


def canonical_declaration(package: str, inside: str) -> str:
    content = f"<b:Declaration><b:FunctionCode>9</b:FunctionCode>{inside}</b:Declaration>"
    return canonical(package, content)


def canonical_date(text: str, form: str) -> str:
    return canonical_declaration(
        "dec", f'<b:IssueDateTime><t:DateTimeString formatCode="{form}">{text}</t:DateTimeString></b:IssueDateTime>'
    )


@pytest.mark.parametrize(
    ("package", "inside"),
    [
        ("dec", '<b:Exporter><b:ID schemeID="XX-A">1</b:ID><b:ID schemeID="XX-B">2</b:ID></b:Exporter>'),
        ("dec", f"<b:Exporter><b:ID>{'9' * 36}</b:ID></b:Exporter>"),
        ("dec", "<b:Agent/><b:Authentication/><b:Submitter/>"),
        ("dec", "<b:Agent><b:Address><b:Line>two\nlines</b:Line></b:Address></b:Agent>"),
        ("cri", "<b:Consignment><b:Carrier/><b:Carrier/></b:Consignment><b:Consignment/>"),
        ("cri", "<b:BorderTransportMeans><b:AttachedTransportEquipment/><b:Master/></b:BorderTransportMeans>"),
    ],
)
def test_the_canonical_set_takes(package: str, inside: str) -> None:
    assert accepts(CANONICAL[package], canonical_declaration(package, inside))


@pytest.mark.parametrize(
    ("package", "inside"),
    [
        ("dec", f"<b:Exporter><b:ID>{'9' * 37}</b:ID></b:Exporter>"),
        ("dec", "<b:Exporter><b:Name> </b:Name></b:Exporter>"),
        ("dec", f"<b:Exporter><b:Name>{'n' * 71}</b:Name></b:Exporter>"),
        ("dec", "<b:Submitter/><b:Agent/>"),
        ("dec", "<b:Consignment/><b:Consignment/>"),
        ("cri", "<b:GoodsShipment/>"),
        ("cri", "<b:Consignment><b:ConsignmentItem/></b:Consignment>"),
    ],
)
def test_the_canonical_set_refuses(package: str, inside: str) -> None:
    assert not accepts(CANONICAL[package], canonical_declaration(package, inside))


@pytest.mark.parametrize(
    ("text", "form"),
    [("20260228", "102"), ("20260228235959", "204"), ("20260228235959Z", "304"), ("19991231000000-11", "304")],
)
def test_the_canonical_dates_take(text: str, form: str) -> None:
    assert accepts(CANONICAL["dec"], canonical_date(text, form))


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("20261301", "102"),
        ("20260132", "102"),
        ("20260100", "102"),
        ("20260101240000Z", "304"),
        ("20260101006000Z", "304"),
        ("20260101000000+15", "304"),
        ("20260101000000+0530", "304"),
        ("202601010000", "203"),
        ("2026-01-01", "102"),
        ("", "102"),
    ],
)
def test_the_canonical_dates_refuse(text: str, form: str) -> None:
    assert not accepts(CANONICAL["dec"], canonical_date(text, form))


def test_the_canonical_envelope_names_its_package_and_release() -> None:
    body = "<b:Declaration><b:FunctionCode>9</b:FunctionCode></b:Declaration>"
    assert accepts(CANONICAL["cri"], canonical("cri", body))
    assert not accepts(CANONICAL["cri"], canonical("cri", body, name="DEC"))
    assert not accepts(CANONICAL["cri"], canonical("cri", body, version="3.7"))
    assert not accepts(CANONICAL["cri"], canonical("cri", body + body))


def test_the_canonical_response_repeats_and_takes_an_empty_statement_code() -> None:
    said = "<b:AdditionalInformation><b:StatementCode/></b:AdditionalInformation>"
    own = "<b:Declaration/>"
    other = "<dec:Declaration><dec:FunctionCode>9</dec:FunctionCode></dec:Declaration>"

    def response(inside: str) -> str:
        return f"<b:Response><b:FunctionCode>07</b:FunctionCode>{inside}</b:Response>"

    assert accepts(CANONICAL["res"], canonical("res", response(said + own + other) + response(own)))
    assert not accepts(CANONICAL["res"], canonical("res", response(other + own)))
    assert not accepts(CANONICAL["res"], canonical("res", ""))


def places(main: Path) -> dict[str, Any]:
    """Every element below the root by its general path; a second local name under one parent gets a star."""
    schema = xmlschema.XMLSchema10(str(main), allow="local")

    def below(parent: Any, prefix: str) -> Iterator[tuple[str, Any]]:
        if not parent.type.has_complex_content():
            return
        seen: set[str] = set()
        for child in parent.type.content.iter_elements():
            path = f"{prefix}{'*' if child.local_name in seen else ''}{child.local_name}"
            seen.add(child.local_name)
            yield path, child
            yield from below(child, f"{path}/")

    root = next(element for element in schema.elements.values() if element.local_name == "MetaData")
    return dict(below(root, ""))


def facets(element: Any) -> tuple[int | None, int | None]:
    """Longest text and most digits of a leaf, None for no limit."""
    simple = element.type.content if element.type.is_complex() else element.type
    digits = simple.get_facet(f"{XS}totalDigits")
    return simple.max_length, digits.value if digits is not None else None


def test_the_canonical_set_holds_every_place_of_the_profile() -> None:
    wide = {**places(CANONICAL["res"]), **places(CANONICAL["dec"])}
    narrow = places(PROFILE)
    below_the_envelope = {path: element for path, element in narrow.items() if "/" in path}
    assert len(below_the_envelope) > 1000
    faults = []
    for path, element in below_the_envelope.items():
        other = wide.get(path)
        if other is None:
            faults.append(f"{path}: missing")
        elif other.max_occurs is not None and (element.max_occurs is None or element.max_occurs > other.max_occurs):
            faults.append(f"{path}: repeats less")
        elif other.min_occurs > element.min_occurs:
            faults.append(f"{path}: mandatory")
        elif element.type.has_complex_content() != other.type.has_complex_content():
            faults.append(f"{path}: leaf against class")
        elif not element.type.has_complex_content():
            attributes = set(element.attributes) - set(other.attributes)
            limits = zip(facets(element), facets(other), strict=True)
            tighter = any(most is not None and (least is None or least > most) for least, most in limits)
            if attributes or tighter:
                faults.append(f"{path}: narrower {attributes}")
    assert faults == []


@pytest.mark.parametrize("package", CANONICAL)
def test_classes_of_the_canonical_set_stand_after_the_data_and_by_alphabet(package: str) -> None:
    exceptions = {"Response": ["Declaration", "Declaration"]}
    for path, element in places(CANONICAL[package]).items():
        if not element.type.has_complex_content():
            continue
        children = list(element.type.content.iter_elements())
        is_class = [
            child.type.has_complex_content() and not child.local_name.endswith("DateTime") for child in children
        ]
        assert is_class == sorted(is_class), path
        classes = [child.local_name for child, yes in zip(children, is_class, strict=True) if yes]
        last = exceptions.get(path, [])
        if last:
            assert classes[-len(last) :] == last, path
            classes = classes[: -len(last)]
        assert classes == sorted(classes, key=str.casefold), path


@pytest.mark.parametrize("package", CANONICAL)
def test_names_under_one_parent_are_unique_but_for_the_second_declaration(package: str) -> None:
    doubled = [path for path in places(CANONICAL[package]) if "/*" in path and path.rpartition("/")[2].startswith("*")]
    assert doubled == (["Response/*Declaration"] if package == "res" else [])


def declared_elements(file: Path) -> Iterator[tuple[str, Any]]:
    for element in etree.parse(str(file)).iter(f"{XS}element"):
        if element.get("name"):
            owner = next((up.get("name") for up in element.iterancestors(f"{XS}complexType", f"{XS}element")), "")
            yield f"{owner}.{element.get('name')}", element


@pytest.mark.parametrize("file", SCHEMA_FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_element_is_annotated_with_a_sentence(file: Path) -> None:
    for name, element in declared_elements(file):
        notes = element.findall(f"{XS}annotation/{XS}appinfo/{NOTE}")
        assert len(notes) == 1, name
        assert set(notes[0].attrib) <= {"wcoId", "format", "edifact", "codeList", "hint", "packages", "verified"}, name
        sentence = element.findtext(f"{XS}annotation/{XS}documentation") or ""
        assert sentence.endswith("."), name
        assert sentence[0].isupper(), name


@pytest.mark.parametrize("file", SCHEMA_FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_nothing_without_a_known_id_counts_as_verified(file: Path) -> None:
    in_the_published_facts = {
        "MetaData", "WCODataModelVersionCode", "WCOTypeName", "ResponsibleCountryCode", "ResponsibleAgencyName",
        "AgencyAssignedCustomizationCode", "AgencyAssignedCustomizationVersionCode",
        "DateTimeString", "IdentificationTypeCode",
    }  # fmt: skip  # the profile states these without a WCO id
    for name, element in declared_elements(file):
        note = element.find(f"{XS}annotation/{XS}appinfo/{NOTE}")
        if note.get("verified") == "false" or note.get("wcoId"):
            continue
        assert file.parent == PROFILE.parent, name
        assert element.get("name") in in_the_published_facts, name


def test_ids_from_memory_or_from_a_mapping_table_are_marked() -> None:
    from_elsewhere = {"D023", "D024", "138", "149", "151", "152", "154", "172", "173", "L013", "110", "134", "R045"}
    seen = set()
    for file in SCHEMA_FILES:
        for name, element in declared_elements(file):
            note = element.find(f"{XS}annotation/{XS}appinfo/{NOTE}")
            if note.get("wcoId") in from_elsewhere:
                seen.add(note.get("wcoId"))
                assert note.get("verified") == "false", f"{file.name}: {name}"
    assert seen == from_elsewhere
