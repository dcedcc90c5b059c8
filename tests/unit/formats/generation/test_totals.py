from __future__ import annotations

import random
from typing import Any

import pytest

from gateway.formats.generation.totals import add_up, link_equipment
from gateway.formats.structure import Annotation, Element, SimpleType

NUMBER = SimpleType(base="decimal", total_digits=16, fraction_digits=3)
SHORT = SimpleType(base="decimal", total_digits=2, fraction_digits=0)


def leaf(key: str, wco_id: str = "", kind: SimpleType = NUMBER, hint: str = "") -> Element:
    return Element(key=key, local=key, minimum=0, type=kind, annotation=Annotation(wco_id=wco_id, hint=hint))


def group(key: str, wco_id: str, *children: Element, many: bool = False) -> Element:
    most = None if many else 1
    return Element(key=key, local=key, minimum=0, maximum=most, children=children, annotation=Annotation(wco_id=wco_id))


NAMED = group("Box", "31B", leaf("Number", "006"), leaf("ID", "159", SimpleType()), many=True)
STATED = group("Box", "31B", leaf("ID", "159", SimpleType()), group("Seal", "44B", many=True), many=True)
ITEM = group(
    "Item",
    "29A",
    group("Measure", "65A", leaf("Gross", "126"), leaf("Net", "128"), many=True),
    group("Packaging", "93A", leaf("Quantity", "144"), many=True),
    NAMED,
    many=True,
)
CONSIGNMENT = group(
    "Consignment", "28A", leaf("Gross", "131"), STATED, ITEM, group("Loose", "", leaf("Quantity", "144"))
)
DECLARATION = group(
    "Declaration",
    "42A",
    leaf("Count", "228"),
    leaf("Gross", "131"),
    leaf("Net", hint="net-mass"),
    leaf("Packages", "146", SHORT),
    CONSIGNMENT,
)
ROOT = group("MetaData", "", DECLARATION)


def message(**head: str) -> dict[str, Any]:
    items = [
        {"Measure": [{"Gross": "1.5", "Net": "1"}, {"Gross": "2"}], "Packaging": [{"Quantity": "3"}]},
        {"Measure": [{"Gross": {"value": "10.25", "@unit": "KGM"}}], "Packaging": [{"Quantity": "4"}]},
    ]
    inside = {"Gross": {"value": "0", "@unit": "KGM"}, "Item": items, "Loose": {"Quantity": "50"}}
    return {"Declaration": {**head, "Consignment": inside}}


def test_totals_are_the_sums_of_the_items_alone() -> None:
    tree = message(Count="9", Gross="9", Net="9", Packages="9")
    add_up(ROOT, tree)
    head = tree["Declaration"]
    assert (head["Count"], head["Gross"], head["Net"], head["Packages"]) == ("2", "13.75", "1", "7")
    assert head["Consignment"]["Gross"] == {"value": "13.75", "@unit": "KGM"}


def test_a_net_total_without_net_masses_is_the_gross_one() -> None:
    tree = message(Gross="9", Net="9")
    del tree["Declaration"]["Consignment"]["Item"][0]["Measure"][0]["Net"]
    add_up(ROOT, tree)
    assert tree["Declaration"]["Net"] == "13.75"


def test_nothing_is_put_where_no_total_stands_or_the_sum_does_not_fit() -> None:
    tree = message(Packages="9")
    tree["Declaration"]["Consignment"]["Item"][0]["Packaging"][0]["Quantity"] = "99"
    add_up(ROOT, tree)
    assert set(tree["Declaration"]) == {"Packages", "Consignment"}
    assert tree["Declaration"]["Packages"] == "9"


def test_totals_without_items_stay() -> None:
    tree = {"Declaration": {"Count": "9", "Gross": "9"}}
    add_up(ROOT, tree)
    assert tree == {"Declaration": {"Count": "9", "Gross": "9"}}


def boxed(stated: list[str], named: list[str]) -> dict[str, Any]:
    boxes = [{"ID": identity} for identity in stated]
    item = {"Measure": [{"Gross": "1"}], "Box": [{"Number": "7", "ID": identity} for identity in named]}
    return {"Declaration": {"Consignment": {"Box": boxes, "Item": [item]}}}


@pytest.mark.parametrize("seed", range(5))
def test_items_name_the_containers_of_their_consignment_each_once(seed: int) -> None:
    tree = boxed(["A", "B", "A"], ["X", "Y", "Z"])
    link_equipment(ROOT, tree, random.Random(seed))
    item = tree["Declaration"]["Consignment"]["Item"][0]
    assert sorted(box["ID"] for box in item["Box"]) == ["A", "B"]
    assert [box["Number"] for box in item["Box"]] == ["1", "2"]
    assert [box["ID"] for box in tree["Declaration"]["Consignment"]["Box"]] == ["A", "B", "A"]


def test_items_name_nothing_where_nothing_is_stated() -> None:
    tree = boxed([], ["X"])
    link_equipment(ROOT, tree, random.Random(1))
    assert "Box" not in tree["Declaration"]["Consignment"]["Item"][0]
