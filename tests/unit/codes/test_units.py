from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codes.numbers import plain
from gateway.codes.units import Units, read_units

TABLE = """
[mass]
KGM = "1"
GRM = "0.001"
TNE = "1000"
LBR = "0.45359237"
[count]
C62 = "1"
DZN = "12"
[pairs]
PR = "1"
"""


def _units() -> Units:
    units, faults = read_units(TABLE, "units.toml")
    assert faults == []
    return units


@pytest.mark.parametrize(
    ("value", "source", "target", "wanted"),
    [
        ("1.11400", "TNE", "KGM", "1114"),
        ("0.123456789012345", "TNE", "GRM", "123456.789012345"),
        ("1", "LBR", "GRM", "453.59237"),
        ("3", "DZN", "C62", "36"),
        ("5", "KGM", "KGM", "5"),
    ],
)
def test_conversion_is_exact(value: str, source: str, target: str, wanted: str) -> None:
    converted = _units().convert(Decimal(value), source, target)
    assert converted is not None
    assert plain(converted) == wanted


def test_units_of_different_things_do_not_convert() -> None:
    assert _units().convert(Decimal(1), "KGM", "C62") is None
    assert _units().convert(Decimal(1), "PR", "C62") is None
    assert _units().convert(Decimal(1), "KGM", "???") is None


def test_the_same_unit_is_the_same_value_even_when_unknown() -> None:
    assert _units().convert(Decimal("1.5"), "KGM#G", "KGM#G") == Decimal("1.5")


def test_dimensions_are_told() -> None:
    assert _units().dimension_of("GRM") == "mass"
    assert _units().dimension_of("XYZ") is None


@given(st.decimals(min_value=0, max_value=10**9, places=6), st.sampled_from(["KGM", "GRM", "TNE"]))
def test_there_and_back_is_the_same(value: Decimal, unit: str) -> None:
    units = _units()
    there = units.convert(value, "KGM", unit)
    assert there is not None
    assert units.convert(there, unit, "KGM") == value


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        ("[mass", "units.unreadable", ""),
        ("mass = 1", "units.table", "mass"),
        ("[mass]\nKGM = 1", "units.factor", "mass.KGM"),
        ("[mass]\nKGM = '0'", "units.factor", "mass.KGM"),
        ("[mass]\nKGM = '1e3'", "units.factor", "mass.KGM"),
        ("[mass]\nKGM = '1'\n[other]\nKGM = '2'", "units.duplicate", "other.KGM"),
    ],
)
def test_faults_of_the_table_have_code_and_place(text: str, code: str, row: str) -> None:
    (fault,) = read_units(text, "units.toml")[1]
    assert (fault.code, fault.row, fault.file) == (code, row, "units.toml")


def test_the_projects_own_table_is_sound(project_root: Path) -> None:
    text = (project_root / "wco_schemas/codelists/units.toml").read_text(encoding="utf-8")
    units, faults = read_units(text, "units.toml")
    assert faults == []
    assert units.convert(Decimal(1), "SMI", "FOT") == Decimal(5280)
    assert units.convert(Decimal(1), "LTN", "LBR") == Decimal(2240)
    assert units.convert(Decimal(1), "GLI", "OZI") == Decimal(160)
    assert units.convert(Decimal(1), "GLL", "INQ") == Decimal(231)
    assert units.convert(Decimal(1), "BLL", "GLL") == Decimal(42)
    assert units.convert(Decimal(1), "ACR", "YDK") == Decimal(4840)
    assert units.convert(Decimal(1), "CWI", "STI") == Decimal(8)
    assert units.convert(Decimal(1), "LBR", "GRN") == Decimal(7000)
