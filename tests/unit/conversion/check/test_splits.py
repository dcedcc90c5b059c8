"""Lists that several loops share out: what the static check says of entries and leaves that nobody takes."""

from __future__ import annotations

import pytest

from gateway.conversion.check import check_table
from tests.unit.conversion.bench import form, group, leaf, loaded, row

NATIONAL = form("Form", group("Unit", leaf("No", 9), leaf("Seal", 9), most=9))
WCO = form("Meta", group("Means", leaf("ID", 9), group("Trailer", leaf("ID", 9), leaf("Seal", 9), most=9)))
FIRST = 'm = { says = "the vehicle", national = "Unit", wco = "Means", only = "first" }\n'
OTHERS = 't = { says = "its trailers", national = "Unit", wco = "Means/Trailer", only = "others" }\n'
VEHICLE = row("r1", "Unit[m]/No", "Means[m]/ID")
TRAILER = row("r2", "Unit[t]/No", "Means/Trailer[t]/ID")
SEAL = row("r3", "Unit[t]/Seal", "Means/Trailer[t]/Seal")


def faults(rows: list[dict[str, str]], loops: str) -> list[tuple[str, str]]:
    result = loaded(NATIONAL, WCO, rows, f"[loops]\n{loops}")
    assert result.mapping is not None, result.faults
    found = check_table(result.mapping.table, NATIONAL, WCO, {})
    return [(fault.row, fault.code) for fault in found]


def test_a_leaf_needs_a_row_in_each_loop_that_takes_entries_of_its_list() -> None:
    without = faults([VEHICLE, TRAILER, SEAL], FIRST + OTHERS)
    assert without == [("Unit/Seal", "mapping.leaf-without-row-in-a-loop")]
    dropped = row("r4", "Unit[m]/Seal", "", "drop", way="to-wco")
    assert faults([VEHICLE, TRAILER, SEAL, dropped], FIRST + OTHERS) == []


@pytest.mark.parametrize("place", ["Unit/Seal", "Unit"])
def test_a_drop_without_a_letter_speaks_for_all_loops(place: str) -> None:
    dropped = row("r4", place, "", "drop", way="to-wco")
    assert faults([VEHICLE, TRAILER, dropped], FIRST + OTHERS) == []


def test_others_that_no_loop_takes_are_a_fault() -> None:
    rows = [VEHICLE, row("r3", "Unit/Seal", "", "drop", way="to-wco")]
    assert faults(rows, FIRST) == [("loops.m", "mapping.list-not-covered")]


def test_two_loops_that_fill_one_class_must_be_told_apart_on_the_way_back() -> None:
    national = form("Form", group("Box", leaf("No", 9), most=9), group("Truck", leaf("No", 9), most=9))
    wco = form("Meta", group("Equipment", leaf("Kind", 9), leaf("ID", 9), most=9))

    def found(boxes: str, trucks: str, rows: list[dict[str, str]]) -> list[tuple[str, str]]:
        head = f"""
[loops]
b = {{ says = "each box", national = "Box", wco = "Equipment{boxes}" }}
t = {{ says = "each truck", national = "Truck", wco = "Equipment{trucks}" }}
"""
        result = loaded(national, wco, rows, head)
        assert result.mapping is not None, result.faults
        return [(fault.row, fault.code) for fault in check_table(result.mapping.table, national, wco, {})]

    def rows(boxes: str, trucks: str, way: str = "both") -> list[dict[str, str]]:
        box = row("r1", "Box[b]/No", f"Equipment{boxes}[b]/ID")
        return [box, row("r2", "Truck[t]/No", f"Equipment{trucks}[t]/ID", way=way)]

    assert found("", "", rows("", "")) == [("loops.t", "mapping.entries-taken-twice")]
    assert found("{Kind=BX}", "{Kind=TR}", rows("{Kind=BX}", "{Kind=TR}")) == []
