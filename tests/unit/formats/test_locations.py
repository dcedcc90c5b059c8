"""One place in four notations: path, JSON Pointer, XPath, WCO pointers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.findings import Finding, Layer, Severity
from gateway.formats.format import Format, load_format
from gateway.formats.generator import generate
from gateway.formats.locations import located, location_of
from gateway.formats.parsing import XmlElement, parse_xml
from gateway.formats.places import Places
from tests.conftest import ROOT

CANONICAL = ("dec-3.6", "cri-3.6", "res-3.6")


def resolve(document: Any, pointer: str) -> Any:
    """RFC 6901, written anew so that the code under test does not check itself."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        document = document[int(name)] if isinstance(document, list) else document[name]
    return document


def text_of(value: Any) -> str:
    found = value["value"] if isinstance(value, dict) else value
    assert isinstance(found, str)
    return found


def check_all_places(chosen: Format, xml: bytes) -> int:
    """Each element's path leads to itself in the document, and to its text in the JSON form."""
    tree = chosen.read(xml).tree
    assert tree is not None
    form = json.loads(chosen.to_json(tree))
    document = parse_xml(xml)
    places = Places(document, chosen.structure)
    checked = 0
    for node in document.iter():
        place = places.of(node)
        assert place is not None
        told = location_of(chosen.structure, place.path)
        assert document.getroottree().xpath(told.xpath) == [node], place.path
        value = resolve(form, told.json_pointer or "/" + chosen.structure.root.key)
        if len(node) == 0 and place.element is not None and place.element.is_leaf:
            assert text_of(value) == (node.text or "")
        for name, text in node.items():
            attribute = location_of(chosen.structure, f"{place.path or '/'}@{name!s}")
            assert document.getroottree().xpath(attribute.xpath) == [text]
            assert resolve(form, attribute.json_pointer) == text
        checked += 1
    return checked


def test_every_place_of_a_message_is_found_again(cargo: Format, good: bytes) -> None:
    assert check_all_places(cargo, good) > 15


@pytest.mark.parametrize("name", CANONICAL)
def test_every_place_of_generated_messages_is_found_again(name: str) -> None:
    chosen = load_format(ROOT / "wco_schemas" / "wco" / "3.6" / f"{name}.format.toml")
    assert sum(check_all_places(chosen, chosen.to_xml(generate(chosen.structure, seed=seed))) for seed in (1, 2)) > 50


def test_the_second_of_two_namespaces_is_found_with_and_without_them(cargo: Format, good: bytes) -> None:
    xpath = location_of(cargo.structure, "t:Owner/Name").xpath
    bare = good.replace(b' xmlns="urn:aa:cargo" xmlns:x="urn:aa:types"', b"").replace(b"x:", b"")
    for data in (good, bare):
        [found] = nodes(parse_xml(data), xpath)
        assert found.text == "Nobody & Sons"
    [first] = nodes(parse_xml(bare), location_of(cargo.structure, "Owner").xpath)[:1]
    assert first[0].text == "ABC"


def nodes(document: XmlElement, xpath: str) -> list[XmlElement]:
    found = document.getroottree().xpath(xpath)
    assert isinstance(found, list)
    return [node for node in found if isinstance(node, XmlElement)]


@pytest.mark.parametrize(
    ("path", "pointer", "xpath"),
    [
        ("", "", "/*"),
        ("/@calendar", "/Cargo/@calendar", "/*/@*[local-name()='calendar']"),
        ("Line[2]/Gross@unitCode", "/Cargo/Line/1/Gross/@unitCode", None),
        ("Line", "/Cargo/Line", "/*/*[local-name()='Line']"),
        ("ID[2]", "/Cargo/ID", "/*/*[local-name()='ID'][2]"),
        ("Line[1]/?", "/Cargo/Line/0", "/*/*[local-name()='Line'][1]"),
        ("Line[1]/Nobody[2]/In", "/Cargo/Line/0/Nobody/1/In", None),
    ],
)
def test_places_that_are_missing_unknown_or_too_many(cargo: Format, path: str, pointer: str, xpath: str | None) -> None:
    told = location_of(cargo.structure, path)
    assert told.json_pointer == pointer
    assert xpath is None or told.xpath == xpath


def test_pointers_have_one_entry_a_level(cargo: Format) -> None:
    assert location_of(cargo.structure, "Line[2]/SequenceNumeric").pointers == (
        {"SequenceNumeric": "2", "DocumentSectionCode": "28A", "TagID": "006"},
    )


def test_a_native_json_document_has_no_root_in_its_pointers(tmp_path: Path) -> None:
    (tmp_path / "n.schema.json").write_text(
        json.dumps(
            {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "type": "object",
                "additionalProperties": False,
                "properties": {"lines": {"type": "array", "items": {"type": "string"}}},
            }
        )
    )
    head = tmp_path / "aa-n.format.toml"
    head.write_text('name = "aa-n"\nversion = "1"\nschema = "n.schema.json"\nsyntax = "json"\nroot = "N"\n')
    told = location_of(load_format(head).structure, "lines[2]")
    assert (told.json_pointer, told.xpath) == ("/lines/1", "")


def finding(layer: Layer, path: str, **more: str) -> Finding:
    return Finding(severity=Severity.ERROR, code="x.y", layer=layer, path=path, message="wrong", **more)  # type: ignore[arg-type]


def test_findings_get_their_places_once(cargo: Format) -> None:
    [told] = located([finding(Layer.RULE, "Line[2]/Gross", xpath="/kept")], cargo.structure)
    assert (told.json_pointer, told.xpath, told.pointer) == ("/Cargo/Line/1/Gross", "/kept", "28A.$2.126")
    [parser] = located([finding(Layer.PARSE, "/a/b")], None)
    assert (parser.json_pointer, parser.xpath) == ("/a/b", "")
    [nowhere] = located([finding(Layer.SCHEMA, "Line")], None)
    assert (nowhere.json_pointer, nowhere.xpath) == ("", "")
