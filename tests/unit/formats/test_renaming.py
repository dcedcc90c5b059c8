from __future__ import annotations

from typing import Any

from gateway.formats.renaming import rename
from gateway.formats.structure import Attribute, Element, SimpleType

TEXT = SimpleType(base="string")


def leaf(key: str, *, maximum: int | None = 1, attributes: tuple[str, ...] = ()) -> Element:
    named = tuple(Attribute(name=name, type=TEXT) for name in attributes)
    return Element(key=key, local=key, minimum=0, maximum=maximum, type=TEXT, attributes=named)


def holder(key: str, *children: Element, maximum: int | None = 1, attributes: tuple[str, ...] = ()) -> Element:
    named = tuple(Attribute(name=name, type=TEXT) for name in attributes)
    return Element(key=key, local=key, minimum=0, maximum=maximum, children=children, attributes=named)


TARGET = holder(
    "MetaData",
    leaf("Version"),
    holder(
        "Declaration",
        leaf("ID"),
        leaf("Mass", attributes=("unitCode",)),
        holder("Party", leaf("ID", maximum=None), maximum=9),
        holder("Agent", leaf("Name")),
        attributes=("lang",),
    ),
)


def renamed(content: dict[str, Any]) -> Any:
    return rename({"Other": content}, TARGET)


def test_what_is_the_same_stays() -> None:
    content = {"Version": "1", "Declaration": {"@lang": "en", "ID": "A", "Agent": {"Name": "N"}}}
    done = renamed(content)
    assert done.tree == {"MetaData": content}
    assert done.carried == {"Version": 1, "Declaration@lang": 1, "Declaration/ID": 1, "Declaration/Agent/Name": 1}
    assert (done.empty, done.homeless) == ({}, [])


def test_a_single_value_becomes_a_list_where_the_other_form_repeats() -> None:
    done = renamed({"Declaration": {"Party": {"ID": "P"}}})
    assert done.tree == {"MetaData": {"Declaration": {"Party": [{"ID": ["P"]}]}}}


def test_entries_of_a_list_are_counted_together() -> None:
    done = renamed({"Declaration": {"Party": [{"ID": "P"}, {"ID": "Q"}]}})
    assert done.carried == {"Declaration/Party/ID": 2}


def test_a_second_entry_without_room_is_told_by_its_place() -> None:
    done = renamed({"Declaration": {"Agent": [{"Name": "N"}, {"Name": "M"}]}})
    assert done.tree == {"MetaData": {"Declaration": {"Agent": {"Name": "N"}}}}
    assert done.homeless == ["Declaration/Agent[2]"]


def test_an_unknown_place_is_told_with_all_that_it_holds_left_out() -> None:
    done = renamed({"Declaration": {"ID": "A", "Extra": {"ID": "B"}}})
    assert done.tree == {"MetaData": {"Declaration": {"ID": "A"}}}
    assert done.homeless == ["Declaration/Extra"]


def test_a_leaf_does_not_become_a_class_nor_a_class_a_leaf() -> None:
    done = renamed({"Declaration": {"ID": {"Name": "N"}, "Agent": "text"}})
    assert done.tree == {"MetaData": {"Declaration": {}}}
    assert done.homeless == ["Declaration/ID", "Declaration/Agent"]


def test_an_empty_leaf_is_left_out_and_counted() -> None:
    done = renamed({"Version": "", "Declaration": {"Mass": {"value": ""}}})
    assert done.tree == {"MetaData": {"Declaration": {}}}
    assert done.empty == {"Version": 1, "Declaration/Mass": 1}


def test_attributes_go_along_where_they_are_known() -> None:
    done = renamed({"@x": "1", "Declaration": {"Mass": {"value": "5", "@unitCode": "KGM", "@scheme": "s"}}})
    assert done.tree == {"MetaData": {"Declaration": {"Mass": {"value": "5", "@unitCode": "KGM"}}}}
    assert done.carried == {"Declaration/Mass": 1, "Declaration/Mass@unitCode": 1}
    assert done.homeless == ["/@x", "Declaration/Mass@scheme"]


def test_a_leaf_whose_only_attribute_is_unknown_is_plain_text() -> None:
    done = renamed({"Declaration": {"ID": {"value": "A", "@scheme": "s"}}})
    assert done.tree == {"MetaData": {"Declaration": {"ID": "A"}}}


def test_the_message_itself_is_left_alone() -> None:
    content: dict[str, Any] = {"Declaration": {"Party": {"ID": "P"}}}
    renamed(content)
    assert content == {"Declaration": {"Party": {"ID": "P"}}}
