"""The profile DMS 3.6 place by place: what the facts allow is accepted, what they refuse is refused."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest
from lxml import etree

from gateway.formats.structure import Element
from tests.unit.schemas.facts import (
    ATTRIBUTES,
    DMS,
    Member,
    Site,
    bounds,
    classes_at,
    data_of,
    document,
    load,
    occurs,
    schema_of,
    sites,
)

GOODS_ITEM = "GoodsShipment/GovernmentAgencyGoodsItem"
ONLY = {
    "Response/Declaration": {
        "AcceptanceDateTime", "CancellationDateTime", "FunctionalReferenceID", "ID", "RejectionDateTime", "VersionID",
    },
    "Response/Declaration/GoodsShipment": set(),
    f"Response/Declaration/{GOODS_ITEM}": {"SequenceNumeric"},
    f"Response/Declaration/{GOODS_ITEM}/Commodity": set(),
}  # fmt: skip
"""Places that hold only some data elements of their class: the dictionary merges all places (PROVENANCE.md)."""

NOT_IN_A_DECLARATION = {"CancellationDateTime", "RejectionDateTime", "VersionID"}
ORDER_DECIDED = {"Submitter": ["Name", "ID", "RoleCode"]}
EMPTY_ALLOWED = "Response/AdditionalInformation/StatementCode"
FORMAT_DECIDED = {"TaxRateNumeric": "n..17,3"}
"""The published annotation says an..17,3; the term Numeric is a decimal (PROVENANCE.md)."""

MARK_OF_BOTH_PLACES = f"Declaration/{GOODS_ITEM}/CustomsValuation/ChargeDeduction"
"""Marked I below an item and IE below the shipment: one class, so the annotation says IE."""


def data_at(site: Site) -> list[Member]:
    """Data elements that a place holds."""
    found = data_of(site.class_code)
    name = site.path.rpartition("/")[2]
    if site.path in ONLY:
        found = [member for member in found if member.name in ONLY[site.path]]
    elif site.path == "Declaration":
        found = [member for member in found if member.name not in NOT_IN_A_DECLARATION]
    order = ORDER_DECIDED.get(name)
    return sorted(found, key=lambda member: order.index(member.name)) if order else found


def leaves() -> Iterator[tuple[Site, Member]]:
    for site in sites():
        for member in data_at(site):
            yield site, member


def element_at(path: str) -> Element:
    element = load(DMS).structure.find(path)
    assert element is not None, path
    return element


def accepts(path: str, value: Any) -> bool:
    return bool(schema_of(DMS).validate(document(load(DMS), path, value)))


@pytest.mark.parametrize("site", sites(), ids=lambda site: site.path)
def test_a_place_holds_exactly_what_the_facts_say(site: Site) -> None:
    element = element_at(site.path)
    wanted = {member.name: member.occurs for member in data_at(site)} | classes_at(site)
    if site.path == "Response":
        wanted["dec:Declaration"] = "0..1"
    found = {child.key: occurs(child) for child in element.children}
    assert list(found.items()) == list(wanted.items())
    assert element.annotation.wco_id == site.class_code
    if site.path != MARK_OF_BOTH_PLACES:
        assert element.annotation.packages == site.packages


def test_the_tables_reach_every_place_of_the_profile() -> None:
    told = {site.path for site in sites()}
    told |= {f"{site.path}/{member.name}" for site, member in leaves()}
    told |= {f"{site.path}/{name}" for site in sites() for name in classes_at(site)}
    for path, element in load(DMS).structure.root.walk():
        parts = path.split("/")
        below_a_party = len(parts) > 2 and parts[-2] in ("Address", "Contact", "Communication")
        if "dec:Declaration" in parts or "/" not in path or below_a_party or element.local == "DateTimeString":
            continue
        assert path in told, path


@pytest.mark.parametrize("site", sites(), ids=lambda site: site.path)
def test_ids_formats_and_edifact_numbers_are_those_of_the_facts(site: Site) -> None:
    for member in data_at(site):
        note = element_at(f"{site.path}/{member.name}").annotation
        wanted = (member.wco_id, FORMAT_DECIDED.get(member.name, member.format), member.edifact)
        assert (note.wco_id, note.wco_format, note.edifact) == wanted, member.name


@pytest.mark.parametrize("site", sites(), ids=lambda site: site.path)
def test_values_at_the_border_of_their_format(site: Site) -> None:
    for member in data_at(site):
        path = f"{site.path}/{member.name}"
        if member.is_date:
            continue
        good, bad = bounds(FORMAT_DECIDED.get(member.name, member.format or "an..3"))
        bad = [value for value in bad if path != EMPTY_ALLOWED or value.strip()]
        assert [value for value in good if not accepts(path, value)] == [], path
        assert [value for value in bad if accepts(path, value)] == [], path
    assert accepts(EMPTY_ALLOWED, "")


@pytest.mark.parametrize(
    ("name", "form"),
    [("CountryCode", "a2"), ("CityName", "an..35"), ("Line", "an..70"), ("PostcodeID", "an..9"), ("TypeCode", "an..3")],
)
def test_values_at_the_border_in_every_address(name: str, form: str) -> None:
    good, bad = bounds(form)
    addresses = [path for path, _ in load(DMS).structure.root.walk() if path.endswith("/Address")]
    assert len(addresses) > 20
    for address in addresses:
        assert all(accepts(f"{address}/{name}", value) for value in good), address
        assert not any(accepts(f"{address}/{name}", value) for value in bad), address


@pytest.mark.parametrize("site", sites(), ids=lambda site: site.path)
def test_a_leaf_takes_the_attributes_of_its_kind_and_no_other(site: Site) -> None:
    values = {"currencyID": "USD", "unitCode": "KGM#G"}
    known = set().union(*ATTRIBUTES.values())
    for member in data_at(site):
        path = f"{site.path}/{member.name}"
        element = element_at(path)
        if element.type is None:
            continue
        text = bounds(FORMAT_DECIDED.get(member.name, member.format or "an..3"))[0][0]
        allowed = ATTRIBUTES[member.term]
        assert {attribute.name for attribute in element.attributes} == allowed, path
        attributes = {f"@{name}": values.get(name, "x") for name in allowed}
        assert accepts(path, {"value": text, **attributes} if attributes else text), path
        for name in sorted((known - allowed) | {"id", "formatCode"}):
            assert not accepts_with(path, text, name), f"{path}@{name}"


def accepts_with(path: str, text: str, attribute: str) -> bool:
    """Whether a leaf is taken with an attribute that our tree could not hold."""
    root = document(load(DMS), path, text)
    last(root, path).set(attribute, "KGM")
    return bool(schema_of(DMS).validate(root))


def last(root: Any, path: str) -> Any:
    """The element at a path, by local names."""
    here = root
    for step in path.split("/"):
        here = next(child for child in here if etree.QName(child).localname == step)
    return here


@pytest.mark.parametrize("unit", ["K", "KGM", "KGM#G", "12345"])
def test_a_unit_has_one_to_five_characters(unit: str) -> None:
    assert accepts("Declaration/TotalGrossMassMeasure", {"value": "1", "@unitCode": unit})


@pytest.mark.parametrize("unit", ["", " ", "KGM#GG"])
def test_a_unit_has_no_other_length(unit: str) -> None:
    assert not accepts("Declaration/TotalGrossMassMeasure", {"value": "1", "@unitCode": unit})


@pytest.mark.parametrize("site", [site for site in sites() if "/" in site.path], ids=lambda site: site.path)
def test_a_class_repeats_as_often_as_the_facts_say_and_no_oftener(site: Site) -> None:
    most = site.occurs.partition("..")[2]
    allowed = 1000 if most == "*" else int(most)
    assert repeated(site.path, allowed)
    assert most == "*" or not repeated(site.path, allowed + 1)


def test_a_data_element_stands_once() -> None:
    for site, member in leaves():
        assert not repeated(f"{site.path}/{member.name}", 2), f"{site.path}/{member.name}"


def repeated(path: str, times: int) -> bool:
    """Whether a document with so many of one element is valid."""
    root = document(load(DMS), path, {} if not _has_mandatory(path) else None)
    found = last(root, path)
    for _ in range(times - 1):
        found.addnext(deepcopy(found))
    return bool(schema_of(DMS).validate(root))


def _has_mandatory(path: str) -> bool:
    element = element_at(path)
    return element.is_leaf or any(child.minimum for child in element.children)


@pytest.mark.parametrize("site", sites(), ids=lambda site: site.path)
def test_children_stand_in_the_order_of_the_facts(site: Site) -> None:
    element = element_at(site.path)
    keys = [child for child in element.children if ":" not in child.key]
    for first, second in pairwise(keys):
        root = document(load(DMS), f"{site.path}/{first.key}")
        parent = last(root, site.path)
        other = last(document(load(DMS), f"{site.path}/{second.key}"), f"{site.path}/{second.key}")
        here = last(root, f"{site.path}/{first.key}")
        if second.minimum:
            parent.remove(last(root, f"{site.path}/{second.key}"))
        here.addnext(deepcopy(other))
        assert schema_of(DMS).validate(root), (first.key, second.key)
        here.addprevious(here.getnext())
        assert not schema_of(DMS).validate(root), (first.key, second.key)


DATES = [(site, member) for site, member in leaves() if member.is_date]


@pytest.mark.parametrize(("site", "member"), DATES, ids=lambda one: getattr(one, "path", getattr(one, "name", "")))
def test_every_date_has_the_two_forms(site: Site, member: Member) -> None:
    path = f"{site.path}/{member.name}/DateTimeString"
    for text in ("20260228", "20260228235959Z", "20260228235959+02", "20260228235959-11", "20269999"):
        for form in ("102", "304"):
            assert accepts(path, {"value": text, "@formatCode": form}), (text, form)
    for text in ("", "2026022", "19991231", "202602281200", "20260228235959", "20260228235959+0200", "2026-02-28"):
        assert not accepts(path, {"value": text, "@formatCode": "304"}), text
    for form in ("", "101", "203", "204", "208"):
        assert not accepts(path, {"value": "20260228", "@formatCode": form}), form
    assert not accepts(path, "20260228")
