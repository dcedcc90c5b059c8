from __future__ import annotations

import pytest

from gateway.formats.format import Format
from gateway.formats.parsing import parse_xml
from gateway.formats.places import Places, pointer_of


def test_places_of_a_document(cargo: Format, good: bytes) -> None:
    document = parse_xml(good.replace(b"<Truck>", b"<Nobody><In/></Nobody><Truck>"))
    places = Places(document, cargo.structure)
    told = {place.path: place.pointer for node in document.iter() if (place := places.of(node)) is not None}
    assert told[""] == ""
    assert told["ID"] == "D014"
    assert told["Issue/DateTimeString"] == "D011"
    assert told["t:Owner/Name"] == ""
    assert told["Nobody/In"] == ""
    assert told["Line[2]/SequenceNumeric"] == "28A.$2.006"
    assert told["Line[1]/Mark[2]"] == "28A.$1"
    assert len(told) == len(list(document.iter()))
    assert places.of(parse_xml(b"<a/>")) is None


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("", ""),
        ("Line[2]/Gross", "28A.$2.126"),
        ("Line[2]/Gross@unitCode", "28A.$2.126"),
        ("Line/Gross", "28A.$1.126"),
        ("Issue/DateTimeString", "D011"),
        ("Nobody/At/All", ""),
    ],
)
def test_pointer_of_a_path(cargo: Format, path: str, pointer: str) -> None:
    assert pointer_of(cargo.structure, path) == pointer
