"""Pointers resolved: the place, whether it is there, and the level that leads nowhere."""

from __future__ import annotations

import pytest

from gateway.case.pointers import Level, PointerUnresolved, levels_of, lists_of, resolve
from gateway.formats.structure import Structure
from gateway.formats.tree import Tree
from tests.unit.case.conftest import pointers_of


@pytest.mark.parametrize(
    ("line", "path", "pointer", "exists"),
    [
        ("42A", "Declaration", "42A", True),
        ("42A:D026", "Declaration/FunctionalReferenceID", "42A.D026", True),
        ("42A/1 67A/1 68A/2 23A/1:137", "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[2]/Commodity/Description",
         "42A.67A.68A.$2.23A.137", True),
        ("67A 68A/1 02A/3", "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[1]/AdditionalDocument[3]",
         "42A.67A.68A.$1.02A.$3", True),
        ("42A 67A 68A/4", "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[4]", "42A.67A.68A.$4", False),
        ("42A 67A 68A/2 02A", "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[2]/AdditionalDocument[1]",
         "42A.67A.68A.$2.02A.$1", False),
        ("42A 67A 43B:L019", "Declaration/GoodsShipment/Warehouse/ID", "42A.67A.43B.L019", False),
        ("42A:D011", "Declaration/IssueDateTime", "42A.D011", False),
    ],
)  # fmt: skip
def test_a_place(structure: Structure, declaration: Tree, line: str, path: str, pointer: str, exists: bool) -> None:
    found = resolve(structure, declaration, pointers_of(line))
    assert (found.path, found.pointer, found.exists) == (path, pointer, exists)


@pytest.mark.parametrize(
    ("line", "level", "code"),
    [
        ("", 0, "amend.pointer-missing"),
        ("99Z", 1, "amend.pointer-section"),
        ("42A 68A/1", 2, "amend.pointer-section"),
        ("42A :137", 2, "amend.pointer-section"),
        ("42A 67A 68A", 3, "amend.pointer-unclear"),
        ("42A 67A 68A/5", 3, "amend.pointer-number"),
        ("42A 67A 68A/0", 3, "amend.pointer-number"),
        ("42A 67A 68A/x", 3, "amend.pointer-number"),
        ("42A 67A 68A/1.5", 3, "amend.pointer-number"),
        ("42A/2 67A", 1, "amend.pointer-number"),
        ("42A:D014 67A", 1, "amend.pointer-tag"),
        ("42A 67A:D014", 2, "amend.pointer-tag"),
        ("42A 67A 42A", 3, "amend.pointer-section"),
    ],
)
def test_no_place(structure: Structure, declaration: Tree, line: str, level: int, code: str) -> None:
    with pytest.raises(PointerUnresolved) as refused:
        resolve(structure, declaration, pointers_of(line))
    assert (refused.value.level, refused.value.stable_code) == (level, code)
    assert refused.value.expected
    assert refused.value.remedy


def test_several_lists_under_one_entry_begin_with_the_root() -> None:
    levels = levels_of(pointers_of("42A 67A:103 42A 28A"))
    assert lists_of(levels) == ((0, levels[:2]), (2, levels[2:]))
    assert lists_of(()) == ()


def test_leaves_with_attributes_are_read_too() -> None:
    pointer = {"DocumentSectionCode": {"value": " 67A ", "@listID": "x"}, "SequenceNumeric": " 2 "}
    assert levels_of([pointer]) == (Level("67A", 2, ""),)
