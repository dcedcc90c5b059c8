from __future__ import annotations

import random
from typing import Any

from gateway.formats.generation.pointers import fill_pointers
from gateway.formats.structure import Annotation, Element, SimpleType

TEXT = SimpleType()


def leaf(key: str, wco_id: str = "") -> Element:
    return Element(key=key, local=key, minimum=0, type=TEXT, annotation=Annotation(wco_id=wco_id))


def group(key: str, wco_id: str, *children: Element, many: bool = False) -> Element:
    most = None if many else 1
    return Element(key=key, local=key, minimum=0, maximum=most, children=children, annotation=Annotation(wco_id=wco_id))


def pointer(*, tag: bool = True) -> Element:
    parts = [leaf("SequenceNumeric", "006"), leaf("DocumentSectionCode", "375")]
    return group("Pointer", "97A", *parts, *([leaf("TagID", "381")] if tag else []), many=True)


LINE = group("Line", "68A", leaf("SequenceNumeric", "006"), leaf("Value", "108"), many=True)
DECLARATION = group(
    "Declaration",
    "42A",
    leaf("ID", "D014"),
    group("Amendment", "06A", pointer(), many=True),
    group("Shipment", "67A", LINE),
    group("Unnumbered", "", group("Inside", "99B", leaf("Code", "465"))),
)
ROOT = group("MetaData", "", DECLARATION)
FAR = group("MetaData", "", group("Response", "07B", group("Error", "53A", pointer(tag=False), many=True), DECLARATION))


def content(amendments: int) -> dict[str, Any]:
    stale = [{"Pointer": [{"DocumentSectionCode": "xx", "TagID": "yy"}]} for _ in range(amendments)]
    return {
        "Declaration": {
            "ID": "1",
            "Amendment": stale,
            "Shipment": {"Line": [{"SequenceNumeric": "1"}, {"SequenceNumeric": "2", "Value": "5"}]},
            "Unnumbered": {"Inside": {"Code": "AA"}},
        }
    }


def drawn(seed: int, amendments: int = 3) -> list[list[dict[str, str]]]:
    tree = content(amendments)
    fill_pointers(ROOT, tree, random.Random(seed))
    return [entry["Pointer"] for entry in tree["Declaration"]["Amendment"]]


def test_each_list_leads_from_the_root_class_to_a_place_that_is_there() -> None:
    seen = set()
    for seed in range(60):
        for pointers in drawn(seed):
            codes = [one["DocumentSectionCode"] for one in pointers]
            assert codes in (["42A"], ["42A", "06A"], ["42A", "67A"], ["42A", "67A", "68A"])
            assert all(int(one["SequenceNumeric"]) >= 1 for one in pointers)
            assert all("TagID" not in one for one in pointers[:-1])
            seen.add((codes[-1], pointers[-1]["SequenceNumeric"], pointers[-1].get("TagID", "")))
    assert {("68A", "2", "108"), ("68A", "1", "006"), ("42A", "1", "D014"), ("06A", "3", "")} <= seen
    assert ("68A", "1", "108") not in seen


def test_the_same_seed_points_at_the_same_place() -> None:
    assert drawn(5) == drawn(5)
    assert len({str(drawn(seed)) for seed in range(20)}) > 10


def test_a_response_points_into_the_declaration_from_its_own_root() -> None:
    starts = set()
    for seed in range(40):
        tree = {"Response": {"Error": [{"Pointer": [{}]}], **content(0)}}
        fill_pointers(FAR, tree, random.Random(seed))
        pointers = tree["Response"]["Error"][0]["Pointer"]
        starts.add(pointers[0]["DocumentSectionCode"])
        assert all("TagID" not in one for one in pointers)
        assert "42A" not in [one["DocumentSectionCode"] for one in pointers[1:]]
    assert starts == {"07B", "42A"}


def test_a_message_without_pointers_stays_as_it_is() -> None:
    tree = content(0)
    del tree["Declaration"]["Amendment"]
    before = str(tree)
    fill_pointers(ROOT, tree, random.Random(1))
    assert str(tree) == before
