"""What is proposed for a name that the schema does not know."""

from __future__ import annotations

import pytest

from gateway.formats.structure import Element, SimpleType
from gateway.formats.suggestions import advice, listed, nearest


def leaf(key: str) -> Element:
    return Element(key=key, local=key, type=SimpleType())


def of(key: str, *children: Element) -> Element:
    return Element(key=key, local=key, children=children)


ITEM = of("Item", leaf("SequenceNumeric"), of("Commodity", leaf("Description"), of("Measure", leaf("Gross"))))
SHIPMENT = of("Shipment", of("Consignee", leaf("Name")), of("Consignor", leaf("Name"), leaf("Road")), ITEM)
ROOT = of("Declaration", leaf("ID"), of("Agent", leaf("Street")), SHIPMENT)


@pytest.mark.parametrize(
    ("name", "element", "above", "said"),
    [
        ("SequenceNumerc", ITEM, (SHIPMENT, ROOT), "did you mean SequenceNumeric?"),
        ("Consignee", ITEM, (SHIPMENT, ROOT), "Consignee belongs below Shipment: move it there"),
        ("Agent", ITEM, (SHIPMENT, ROOT), "Agent belongs below Declaration: move it there"),
        ("Consignee", ROOT, (), "Consignee belongs below Shipment: move it there"),
        ("Commodity", ROOT, (), "Commodity belongs below Item: move it there"),
        ("Road", ITEM, (SHIPMENT, ROOT), "Road belongs below Consignor: move it there"),
        ("Name", ROOT, (), "Name belongs below Consignee or Consignor: move it there"),
        ("Comodty", ITEM, (SHIPMENT, ROOT), "did you mean Commodity?"),
        ("Xyz", ITEM, (SHIPMENT, ROOT), "allowed here: SequenceNumeric, Commodity"),
    ],
)
def test_where_it_belongs_or_what_was_meant(name: str, element: Element, above: tuple[Element, ...], said: str) -> None:
    assert advice(name, element, above) == said


def test_a_name_that_stands_everywhere_is_not_sent_anywhere() -> None:
    parties = [of(key, leaf("ID")) for key in ("Buyer", "Seller", "Payer", "Surety")]
    assert "belongs" not in advice("ID", of("Shipment", *parties), ())


def test_an_unknown_name_is_never_shown() -> None:
    assert "HUSH" not in advice("HUSH", ITEM, (SHIPMENT, ROOT))
    assert nearest("HUSH", ()) == "nothing may stand here"
    assert listed([str(number) for number in range(10)]) == "0, 1, 2, 3, 4, 5, 6, 7 and 2 more"
