"""The packages beside goods declaration and response: the cargo report tree, its relatives, the forms, the envelope."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from gateway.formats.format import Format
from gateway.formats.library import FormatLibrary
from gateway.formats.structure import Element
from tests.unit.schemas.facts import CANONICAL, canonical, document, schema_of

PACKAGES = ("dec", "cri", "cre", "conv", "trt", "res")
FORMS = ("dec-amendment", "dec-cancellation")
CARGO = ("cri", "cre", "trt")

CARGO_TREE = {
    "Declaration": "FunctionCode 017, FunctionalReferenceID D026, ID D014, IssueDateTime D011, TypeCode D013, "
    "DeclarationOfficeID 065, TotalGrossMassMeasure 131, TotalPackageQuantity 146, SpecificCircumstancesCodeCode 504, "
    "VersionID 383, AdditionalDocument* 02A, AdditionalInformation* 03A, Agent 05A, Amendment* 06A, "
    "Authentication 61B, BorderTransportMeans 15A, Consignment* 28A, Declarant 57B, ExitOffice 56A, "
    "ObligationGuarantee* 90A, PreviousDocument* 99A, Submitter 17B",
    "Declaration/BorderTransportMeans": "Name T005, ID T006, IdentificationTypeCode T018, TypeCode T010, "
    "RegistrationNationalityCode T014, ModeCode T022, ArrivalDateTime, FirstArrivalLocationID, JourneyID, StayID, "
    "CargoDescription, GrossWeightMeasure, NetWeightMeasure, SecurityLevelCode, Itinerary*, Master, "
    "TransportMeansOperator, PersonOnBoard*, ArrivalConveyanceFacility, DepartureConveyanceFacility",
    "Declaration/BorderTransportMeans/Itinerary": "SequenceNumeric 006, RoutingCountryCode 064, ID, ArrivalDateTime, "
    "DepartureDateTime, SecurityLevelCode",
    "Declaration/Consignment": "SequenceNumeric, TotalPackageQuantity, GrossVolumeMeasure, ContainerCode 096, "
    "GoodsStatusCode, TransportSplitCode, AcceptancePlace, AdditionalInformation*, AssociatedTransportDocument*, "
    "Carrier* 18A, Consignee, ConsignmentItem* 29A, Consignor, Freight 62A, GoodsConsignedPlace, GoodsLocation 64A, "
    "GoodsReceiptPlace, HandlingInstructions*, Itinerary*, LoadingLocation 83A, NotifyParty, PreviousDocument*, "
    "TransportContractDocument*, TransportEquipment* 31B, UCR 35B, UnloadingLocation, UnloadingParty",
    "Declaration/Consignment/Freight": "PaymentMethodCode 098",
    "Declaration/Consignment/TransportContractDocument": "ID, TypeCode, ConditionCode, IssueLocation",
    "Declaration/Consignment/UnloadingLocation": "ID, ArrivalDateTime",
    "Declaration/Consignment/ConsignmentItem": "GoodsStatusCode, SequenceNumeric, AdditionalInformation*, "
    "Commodity 23A, Consignor, Freight, GoodsMeasure* 65A, GovernmentProcedure* 70A, Packaging* 93A, StowPosition, "
    "TemperatureFlashpoint, TransportEquipment* 31B, UCR",
    "Declaration/Consignment/ConsignmentItem/Commodity": "CargoDescription, Description 137, Classification*, "
    "DangerousGoods*",
    "Declaration/Consignment/ConsignmentItem/Commodity/Classification": "ID 145, IdentificationTypeCode",
    "Declaration/Consignment/ConsignmentItem/Commodity/DangerousGoods": "UNDGID 506",
    "Declaration/Consignment/ConsignmentItem/GoodsMeasure": "GrossMassMeasure 126, NetNetWeightMeasure 128, "
    "TariffQuantity 130, NetVolumeMeasure, TypeCode",
    "Declaration/Consignment/ConsignmentItem/Packaging": "SequenceNumeric, MarksNumbersID 142, QuantityQuantity 144, "
    "TypeCode 141",
    "Declaration/Consignment/ConsignmentItem/TransportEquipment": "ID 159",
    "Declaration/Consignment/TransportEquipment": "SequenceNumeric, CharacteristicCode, FullnessCode, ID 159, "
    "SupplierPartyTypeCode, Seal* 44B",
    "Declaration/Consignment/TransportEquipment/Seal": "SequenceNumeric, ID 165",
}
"""The cargo report of the facts (wco 11), place by place; a star repeats, an id is told where the facts tell it."""

CONVEYANCE = (
    "Declaration",
    "Declaration/BorderTransportMeans",
    "Declaration/BorderTransportMeans/Itinerary",
)
NOT_IN_A_CONVEYANCE_REPORT = {"ObligationGuarantee"}


def element_at(name: str, path: str) -> Element:
    element = canonical(name).structure.find(path)
    assert element is not None, f"{name}: {path}"
    return element


def judged(name: str, root: Any) -> bool:
    return bool(schema_of(CANONICAL / f"{name}-3.6.format.toml").validate(root))


def accepts(name: str, path: str, value: Any = None) -> bool:
    return judged(name, document(canonical(name), path, value))


@pytest.mark.parametrize("path", CARGO_TREE)
@pytest.mark.parametrize("name", CARGO)
def test_the_cargo_report_has_the_tree_of_the_facts(name: str, path: str) -> None:
    element = element_at(name, path)
    for told in CARGO_TREE[path].split(", "):
        key, _, wco_id = told.partition(" ")
        child = element.child(key.rstrip("*"))
        assert child is not None, key
        assert child.repeats or not key.endswith("*"), key
        assert not wco_id or child.annotation.wco_id == wco_id, key
        assert accepts(name, f"{path}/{child.key}"), key


@pytest.mark.parametrize("path", CONVEYANCE)
def test_the_conveyance_report_has_the_same_head_and_means_of_transport(path: str) -> None:
    element = element_at("conv", path)
    for told in CARGO_TREE[path].split(", "):
        key = told.partition(" ")[0].rstrip("*")
        assert (element.child(key) is None) == (key in NOT_IN_A_CONVEYANCE_REPORT), key
    if path != "Declaration":
        assert [below for below, _ in element.walk()] == [below for below, _ in element_at("cri", path).walk()]


def test_packages_differ_by_what_they_allow() -> None:
    def classes(name: str) -> set[str]:
        return {child.key for child in element_at(name, "Declaration").children if not child.is_leaf}

    assert classes("cri") - classes("cre") == {"EntryOffice"}
    assert classes("cre") <= classes("cri")
    assert classes("trt") - classes("cri") == {"PresentationOffice", "TransitDepartureOffice", "TransitOffice"}
    assert classes("cri") - classes("conv") == {"ObligationGuarantee", "TransitDestinationOffice"}
    assert element_at("conv", "Declaration/Consignment").child("ConsignmentItem") is None
    for name in ("cri", "cre", "trt", "conv"):
        assert element_at(name, "Declaration").child("GoodsShipment") is None


def test_transit_names_its_guarantee_and_the_offices_of_the_way() -> None:
    for path in (
        "Declaration/ObligationGuarantee/GuaranteeOffice/ID",
        "Declaration/TransitDepartureOffice/ID",
        "Declaration/TransitOffice/SequenceNumeric",
        "Declaration/TransitOffice/ID",
        "Declaration/TransitDestinationOffice/ID",
        "Declaration/BorderTransportMeans/Seal/ID",
        "Declaration/Consignment/TransportEquipment/Seal/ID",
        "Declaration/Consignment/Itinerary/RoutingCountryCode",
    ):
        assert accepts("trt", path), path
    assert element_at("trt", "Declaration/TransitOffice").repeats


@pytest.mark.parametrize("name", [*PACKAGES, *FORMS])
def test_every_envelope_says_the_same(name: str) -> None:
    root = canonical(name).structure.root
    assert [child.key for child in root.children][:7] == [
        "WCODataModelVersionCode",
        "WCOTypeName",
        "ResponsibleCountryCode",
        "ResponsibleAgencyName",
        "AgencyAssignedCustomizationCode",
        "AgencyAssignedCustomizationVersionCode",
        "CommunicationMetaData",
    ]
    for key in ("ResponsibleCountryCode", "ResponsibleAgencyName", "AgencyAssignedCustomizationCode"):
        assert accepts(name, key, ""), key
    for word, taken in {"true": True, "false": True, "1": False, "0": False, "yes": False, "": False}.items():
        assert accepts(name, "CommunicationMetaData/TestIndicator", word) == taken, word
    assert accepts(name, "CommunicationMetaData/Recipient/RoleCode", "CU")
    assert accepts(name, "CommunicationMetaData/PreparationDateTime")


@pytest.mark.parametrize("name", FORMS)
def test_a_form_fixes_function_and_type(name: str) -> None:
    kind = {"dec-amendment": "COR", "dec-cancellation": "INV"}[name]
    assert accepts(name, "Declaration/FunctionCode", "13")
    assert accepts(name, "Declaration/TypeCode", kind)
    for code in ("9", "14", "013", ""):
        assert not accepts(name, "Declaration/FunctionCode", code), code
    for code in ("IMA", "GPR", kind.lower(), ""):
        assert not accepts(name, "Declaration/TypeCode", code), code


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("dec-amendment", "Declaration/ID"),
        ("dec-amendment", "Declaration/FunctionalReferenceID"),
        ("dec-amendment", "Declaration/TypeCode"),
        ("dec-amendment", "Declaration/Amendment"),
        ("dec-cancellation", "Declaration/ID"),
        ("dec-cancellation", "Declaration/TypeCode"),
        ("dec-cancellation", "Declaration/AdditionalInformation"),
        ("dec-cancellation", "Declaration/AdditionalInformation/StatementDescription"),
        ("dec-cancellation", "Declaration/Amendment"),
        ("dec-cancellation", "Declaration/Amendment/ChangeReasonCode"),
    ],
)
def test_what_a_form_cannot_do_without(name: str, path: str) -> None:
    root = document(canonical(name), path)
    assert judged(name, root)
    found = root
    for step in path.split("/"):
        found = next(child for child in found if etree.QName(child).localname == step)
    parent = found.getparent()
    assert parent is not None
    parent.remove(found)
    assert not judged(name, root)


def test_an_amendment_takes_any_part_of_the_tree_and_its_pointers() -> None:
    whole = {path for path, _ in canonical("dec").structure.root.walk()}
    assert {path for path, _ in canonical("dec-amendment").structure.root.walk()} == whole
    assert accepts("dec-amendment", "Declaration/Amendment/Pointer/TagID", "D005")
    assert accepts("dec-amendment", "Declaration/GoodsShipment/GovernmentAgencyGoodsItem/AdditionalDocument/ID")
    line = {"GovernmentAgencyGoodsItem": [{"AdditionalDocument": [{"ID": "1"}]}]}
    assert not accepts("dec-amendment", "Declaration/GoodsShipment", line)


def test_a_cancellation_points_at_no_element_and_changes_nothing() -> None:
    for path in ("Declaration/Amendment/Pointer", "Declaration/AdditionalInformation/Pointer"):
        assert accepts("dec-cancellation", f"{path}/DocumentSectionCode", "42A")
        assert element_at("dec-cancellation", path).child("TagID") is None
    known = {child.key for child in element_at("dec-cancellation", "Declaration").children}
    assert not known & {"GoodsShipment", "Consignment", "BorderTransportMeans", "InvoiceAmount"}
    wide = {path for path, _ in canonical("dec").structure.root.walk()}
    assert {path for path, _ in canonical("dec-cancellation").structure.root.walk()} <= wide


def library() -> FormatLibrary:
    return FormatLibrary([canonical(name) for name in (*PACKAGES, *FORMS)])


@pytest.mark.parametrize("name", [*PACKAGES, *FORMS])
def test_a_message_is_recognised_by_its_content_in_xml_and_json(name: str) -> None:
    found: Format = canonical(name)
    path = "Response/FunctionCode" if name == "res" else "Declaration/FunctionCode"
    data = etree.tostring(document(found, path))
    assert library().recognise(data).name == found.name
    assert library().recognise(found.to_json(found.read(data).tree or {})).name == found.name


def test_a_form_of_another_type_is_a_goods_declaration() -> None:
    data = etree.tostring(document(canonical("dec-amendment"), "Declaration/TypeCode"))
    assert library().recognise(data.replace(b">COR<", b">GPR<")).name == "dec-3.6"
    assert library().recognise(data.replace(b">13<", b">9<")).name == "dec-amendment-3.6"
