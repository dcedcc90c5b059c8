"""The canonical set against the tables: every class and element where the facts put it, at least as wide."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.formats.structure import Element
from tests.unit.schemas.facts import (
    CANONICAL,
    Member,
    Site,
    bounds,
    canonical,
    classes_at,
    data_of,
    document,
    members,
    occurs,
    schema_of,
    sites,
)

OF_THE_DECLARATION = ("dec", "dec-amendment")
REPORTS = ("cri", "cre", "trt", "conv", "dec-cancellation")
PLACES = [
    *((name, site) for name in OF_THE_DECLARATION for site in sites() if site.message == "declaration"),
    *(("res", site) for site in sites() if site.message == "response"),
]
RESPONSE_LINE = "Response/Declaration/GoodsShipment/GovernmentAgencyGoodsItem"
ELSEWHERE = {
    "Declaration": {"CancellationDateTime", "RejectionDateTime"},
    "Response/Declaration": {
        "FunctionCode", "IssueDateTime", "IssueLocationID", "GoodsItemQuantity", "InvoiceAmount", "LoadingListQuantity",
        "TotalGrossMassMeasure", "TotalPackageQuantity", "SpecificCircumstancesCodeCode",
    },
    "Response/Declaration/GoodsShipment": {"ExitDateTime", "TransactionNatureCode"},
    RESPONSE_LINE: {"CustomsValueAmount", "StatisticalValueAmount", "TransactionNatureCode"},
    f"{RESPONSE_LINE}/Commodity": {"Description"},
}  # fmt: skip
"""Data elements that the dictionary lists for the class and that its other place has (PROVENANCE.md)."""

REPEATS_HERE = {
    ("Declaration/Consignment", "ConsignmentItem"): "0..*",
    ("Declaration/GoodsShipment", "GovernmentAgencyGoodsItem"): "0..*",
    ("Declaration/GoodsShipment/GovernmentAgencyGoodsItem/Commodity", "GoodsMeasure"): "0..*",
}
"""Where the canonical set repeats more than the facts, besides ids and communications of parties (ADR 3)."""

OF_THE_AMENDMENT = {"FunctionalReferenceID": "1..1", "TypeCode": "1..1", "ID": "1..1", "Amendment": "1..*"}
MARKED_ELSEWHERE = {
    "Declaration/GoodsShipment/GovernmentAgencyGoodsItem/CustomsValuation/ChargeDeduction",
    "Response/Amendment/Pointer",
}
"""Places of a class that is marked otherwise, or only, at its other place."""

FORMAT_DECIDED = {"TaxRateNumeric": "n..17,3"}
PARTY_ID = "3039"
WIDE_PARTY_ID = 36
NO_PARTY = {"Bank"}


def named(place: tuple[str, Site]) -> str:
    return f"{place[0]}: {place[1].path}"


def element_at(name: str, path: str) -> Element:
    element = canonical(name).structure.find(path)
    assert element is not None, f"{name}: {path}"
    return element


def data_at(site: Site) -> list[Member]:
    return [member for member in data_of(site.class_code) if member.name not in ELSEWHERE.get(site.path, set())]


def accepts(name: str, path: str, value: Any) -> bool:
    found = canonical(name)
    return bool(schema_of(CANONICAL / f"{name}-3.6.format.toml").validate(document(found, path, value)))


@pytest.mark.parametrize("place", PLACES, ids=named)
def test_every_element_stands_where_the_facts_put_it(place: tuple[str, Site]) -> None:
    name, site = place
    element = element_at(name, site.path)
    wanted = {member.name: member.occurs for member in data_at(site)} | classes_at(site)
    keys = [child.key for child in element.children]
    assert set(wanted) <= set(keys)
    for key, often in wanted.items():
        child = element.child(key)
        assert child is not None
        allowed = {often, REPEATS_HERE.get((site.path, key), often)}
        if name == "dec-amendment" and site.path == "Declaration":
            allowed = {OF_THE_AMENDMENT.get(key, often)}
        if key == "Communication" or (key == "ID" and child.annotation.edifact == PARTY_ID):
            allowed.add("0..*")
        assert occurs(child) in allowed, f"{site.path}/{key}"
    assert element.annotation.wco_id == site.class_code
    assert element.annotation.verified
    if site.path not in MARKED_ELSEWHERE:
        assert element.annotation.packages == site.packages


@pytest.mark.parametrize("place", PLACES, ids=named)
def test_data_elements_keep_the_order_of_the_facts(place: tuple[str, Site]) -> None:
    name, site = place
    wanted = [member.name for member in data_at(site)]
    if site.path.endswith("Submitter"):
        wanted = ["Name", "ID", "RoleCode"]
    keys = [child.key for child in element_at(name, site.path).children]
    assert [key for key in keys if key in wanted] == wanted


@pytest.mark.parametrize("place", PLACES, ids=named)
def test_ids_formats_and_edifact_numbers_are_those_of_the_facts(place: tuple[str, Site]) -> None:
    name, site = place
    for member in data_at(site):
        note = element_at(name, f"{site.path}/{member.name}").annotation
        wanted = (member.wco_id, FORMAT_DECIDED.get(member.name, member.format), member.edifact)
        assert (note.wco_id, note.wco_format, note.edifact) == wanted, member.name
        assert note.verified == bool(member.wco_id), member.name


@pytest.mark.parametrize("place", [place for place in PLACES if place[0] != "dec-amendment"], ids=named)
def test_values_at_the_border_of_their_format(place: tuple[str, Site]) -> None:
    name, site = place
    for member in data_at(site):
        path = f"{site.path}/{member.name}"
        if member.is_date:
            continue
        form = FORMAT_DECIDED.get(member.name, member.format or "an..3")
        if is_party_id(site, member):
            form = f"an..{WIDE_PARTY_ID}"
        good, bad = bounds(form)
        if path == "Response/AdditionalInformation/StatementCode":
            bad = [value for value in bad if value.strip()]
        assert [value for value in good if not accepts(name, path, value)] == [], path
        assert [value for value in bad if accepts(name, path, value)] == [], path


def is_party_id(site: Site, member: Member) -> bool:
    """Party ids have 36 characters in the canonical set (ADR 3)."""
    return member.name == "ID" and member.edifact == PARTY_ID and site.path.rpartition("/")[2] not in NO_PARTY


def test_every_member_of_the_dictionary_stands_somewhere_in_the_set() -> None:
    seen: set[tuple[str, str, str]] = set()
    for name in ("dec", "res"):
        for _, element in canonical(name).structure.root.walk():
            for child in element.children:
                seen.add((element.annotation.wco_id, child.key, child.annotation.wco_id))
    for code, found in members().items():
        for member in found:
            known = {(one, key) for one, key, _ in seen} if member.is_class else seen
            wanted = (code, member.name) if member.is_class else (code, member.name, member.wco_id)
            assert wanted in known, wanted


@pytest.mark.parametrize("name", REPORTS)
def test_reports_use_the_same_classes_as_the_declaration(name: str) -> None:
    shared = 0
    for site in sites():
        mine = canonical(name).structure.find(site.path)
        if site.message != "declaration" or mine is None:
            continue
        theirs = element_at("dec", site.path)
        assert (mine.annotation.wco_id, mine.annotation.packages) == (site.class_code, theirs.annotation.packages)
        for child in mine.children:
            other = theirs.child(child.key)
            fixed = name == "dec-cancellation" and child.key in ("FunctionCode", "TypeCode")
            if other is not None and child.is_leaf and other.is_leaf and not fixed:
                assert child.type == other.type, f"{site.path}/{child.key}"
                assert child.annotation.wco_id == other.annotation.wco_id, f"{site.path}/{child.key}"
        shared += 1
    assert shared >= 10


@pytest.mark.parametrize("name", ["cri", "cre", "trt", "conv"])
def test_every_place_that_the_data_model_marks_for_a_report_is_in_it(name: str) -> None:
    letter = {"cri": "R", "cre": "r", "trt": "T", "conv": "C"}[name]
    missing = [
        site.path
        for site in sites()
        if site.message == "declaration"
        and letter in site.packages
        and "GoodsShipment" not in site.path
        and canonical(name).structure.find(site.path) is None
    ]
    assert missing == []
