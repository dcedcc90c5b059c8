"""The project's own lists of the standards: every file readable, every row with its source."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gateway.codes.codelist_files import read_code_list
from gateway.codes.codelists import CodeList
from gateway.codes.units import read_units
from tests.conftest import ROOT

FOLDER = ROOT / "wco_schemas/codelists"
FILES = sorted(FOLDER.glob("*.csv"))
TODAY = date(2026, 3, 16)


def _read(file: Path) -> CodeList:
    head = file.with_suffix(".toml").read_text(encoding="utf-8")
    listed, faults = read_code_list(file.read_text(encoding="utf-8"), head, file.name)
    assert faults == []
    assert listed is not None
    return listed


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_list_is_sound_and_says_where_it_comes_from(file: Path) -> None:
    listed = _read(file)
    assert listed.name == file.stem
    assert listed.title
    assert listed.source
    for row in listed.rows:
        assert row.national
        assert row.wco
        assert row.label
        assert row.source
        assert row.certainty in {"S", "M", "G", "P"}
        assert row.certainty != "S" or "unverified" not in row.source


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_list_of_one_standard_says_the_same_on_both_sides(file: Path) -> None:
    translating = {"boolean", "iso-3166-1-alpha-3", "iso-4217-minor-units"}
    listed = _read(file)
    assert (listed.name in translating) == any(row.national != row.wco for row in listed.rows)
    assert listed.is_total_for(listed.national_codes(TODAY), TODAY)


def test_all_countries_are_there_in_two_and_three_letters() -> None:
    two, three = _read(FOLDER / "iso-3166-1.csv"), _read(FOLDER / "iso-3166-1-alpha-3.csv")
    assert len(two.wco_codes()) == 249
    assert set(three.wco_codes()) == set(two.wco_codes())
    assert three.is_total_back_for(two.wco_codes())
    assert three.to_wco("CHE", TODAY) == "CH"


def test_currencies_change_with_the_day_and_have_their_digits() -> None:
    currencies, digits = _read(FOLDER / "iso-4217.csv"), _read(FOLDER / "iso-4217-minor-units.csv")
    assert currencies.contains_national("HRK", date(2022, 12, 31))
    assert not currencies.contains_national("HRK", TODAY)
    assert digits.to_wco("JPY", TODAY) == "0"
    assert digits.to_wco("KWD", TODAY) == "3"
    assert set(digits.national_codes(TODAY)) <= set(currencies.national_codes(TODAY))


def test_every_unit_that_converts_is_a_listed_code() -> None:
    units, _ = read_units((FOLDER / "units.toml").read_text(encoding="utf-8"), "units.toml")
    assert set(units.by_code) <= set(_read(FOLDER / "unece-rec-20.csv").wco_codes())


def test_packages_used_as_units_are_listed_packages() -> None:
    packages = set(_read(FOLDER / "unece-rec-21.csv").wco_codes())
    used = {code[1:] for code in _read(FOLDER / "unece-rec-20.csv").wco_codes() if len(code) == 3 and code[0] == "X"}
    assert used
    assert used <= packages
