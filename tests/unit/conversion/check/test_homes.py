"""What a row writes beside its own leaf (a unit, a time of day) is a row for a mandatory element, too."""

from __future__ import annotations

import pytest

from gateway.conversion.check import check_table
from gateway.formats.structure import Structure
from tests.unit.conversion.bench import code_list, date, form, group, leaf, loaded, row

WEIGHT = form("Form", group("Weight", leaf("Value", 9, least=1), leaf("Unit", 3, least=1)))
CLOCK = form("Form", group("Arrival", leaf("Day", 10, least=1), leaf("Clock", 8, least=1)))
WCO = form("Meta", leaf("Mass", base="decimal", attributes=("unitCode",)), date("Arrived"))
MASS = code_list("mass", {"KG": "KGM"}, preferred=("KG",))


@pytest.mark.parametrize(
    ("national", "made"),
    [
        (WEIGHT, row("r1", "Weight/Value", "Mass", "measure", "mass KGM unit at Weight/Unit")),
        (CLOCK, row("r1", "Arrival/Day", "Arrived", "date", "YYYY-MM-DD time at Arrival/Clock +05:00 | 102 or 304")),
    ],
)
def test_a_mandatory_leaf_that_a_row_writes_beside_its_own_is_written(
    national: Structure, made: dict[str, str]
) -> None:
    result = loaded(national, WCO, [made], lists={"mass": MASS}, factor=lambda value, _one, _other: value)
    assert result.mapping is not None, result.faults
    assert check_table(result.mapping.table, national, WCO, {"mass": MASS}) == []
