"""The forms in which UNECE publishes its lists: the parts of UN/LOCODE, the tables of Recommendations 20 and 21.

UN/LOCODE comes as CSV files without a header line; a row without a location names a country or an alias. The tables of
the Recommendations are sheets whose columns have changed their names and order from revision to revision, so columns
are found by their header.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from gateway.codes.releases import Entry, Reading, Standard, Standing, lines_of

UNLOCODE_PATTERN = "[A-Z]{2}[A-Z0-9]{3}"
REC_20_PATTERN = "[A-Z0-9]{2,3}"
REC_21_PATTERN = "[A-Z0-9]{2}"

_COUNTRY = re.compile("[A-Z]{2}")
_LOCATION = re.compile("[A-Z0-9]{3}")
_PLACE_COLUMNS = range(7, 14)
_LAST_TITLE_LINE = 20
"""Sheets carry a title and a date above their header."""

_CODE_HEADERS = {"commoncode", "code", "alphacode", "alphabeticcode", "codes", "packagecode"}
_NAME_HEADERS = {"name", "codename", "unitname", "nameofunit", "packagename"}
_STATUS_HEADERS = {"status", "st", "change", "changeindicator"}
_STANDINGS = {"X": Standing.DELETED, "D": Standing.DEPRECATED}


def read_places(name: str, text: str, reading: Reading) -> None:
    """Read one part of UN/LOCODE: change mark, country, location, name, plain name, subdivision, function, and more."""
    for number, cells in lines_of(name, text, ",", reading):
        if len(cells) not in _PLACE_COLUMNS:
            reading.fault(
                name, number, "import.cells", f"{len(cells)} cells, where UN/LOCODE has 12", "is it UNECE's CSV file?"
            )
            continue
        change, country, location, spelled, plain, subdivision = cells[:6]
        if number == 1 and country.lower() == "country":
            continue
        if _COUNTRY.fullmatch(country) is None:
            reading.fault(name, number, "import.country", "the second cell is no country of two capital letters")
        elif location and _LOCATION.fullmatch(location) is None:
            reading.fault(
                name, number, "import.location", "the third cell is neither empty nor three capital letters or digits"
            )
        elif location:
            label = f"{plain or spelled} ({subdivision})" if subdivision else plain or spelled
            standing = Standing.LEAVING if change.upper() == "X" else Standing.IN_FORCE
            reading.entries.append(Entry(number, country + location, label, standing))


def read_units(name: str, text: str, reading: Reading) -> None:
    """Read the table of Recommendation 20 (units of measure)."""
    _read_table(name, text, re.compile(REC_20_PATTERN), reading)


def read_packages(name: str, text: str, reading: Reading) -> None:
    """Read the table of Recommendation 21 (kinds of packages)."""
    _read_table(name, text, re.compile(REC_21_PATTERN), reading)


def _read_table(name: str, text: str, pattern: re.Pattern[str], reading: Reading) -> None:
    columns: dict[str, int] = {}
    for number, cells in lines_of(name, text, _delimiter(text), reading):
        if not columns:
            columns = _columns(cells)
            if not columns and number >= _LAST_TITLE_LINE:
                break
            continue
        _read_code(name, number, cells, columns, pattern, reading)
    if not columns:
        reading.fault(
            name,
            1,
            "import.header",
            "no line names the columns of the code and of its name",
            "keep the line with Common Code (or Code), Name and Status, and save the sheet as CSV",
        )


def _read_code(
    name: str, number: int, cells: list[str], columns: Mapping[str, int], pattern: re.Pattern[str], reading: Reading
) -> None:
    if len(cells) <= max(columns.values()):
        reading.fault(name, number, "import.cells", f"{len(cells)} cells, fewer than the header names")
        return
    code, label = cells[columns["code"]], cells[columns["name"]]
    if not code and not label:
        return
    if pattern.fullmatch(code) is None:
        remedy = "a spreadsheet eats leading zeros and makes numbers of codes such as 1E2: format the column as text"
        reading.fault(name, number, "import.code", f"the code does not fit the pattern {pattern.pattern}", remedy)
        return
    marks = cells[columns["status"]].upper() if "status" in columns else ""
    standing = next((_STANDINGS[mark] for mark in marks if mark in _STANDINGS), Standing.IN_FORCE)
    reading.entries.append(Entry(number, code, label, standing))


def _columns(cells: list[str]) -> dict[str, int]:
    """Where the columns are in this line; empty when it is no header."""
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        title = re.sub("[^a-z]", "", cell.lower())
        for key, titles in (("code", _CODE_HEADERS), ("name", _NAME_HEADERS), ("status", _STATUS_HEADERS)):
            if title in titles:
                found.setdefault(key, place)
    return found if {"code", "name"} <= set(found) else {}


def _delimiter(text: str) -> str:
    """The sign between cells, from the first line that names a code."""
    for line in text.splitlines()[:_LAST_TITLE_LINE]:
        for delimiter in (",", ";", "\t"):
            if _columns([cell.strip().strip('"') for cell in line.split(delimiter)]):
                return delimiter
    return ","


def _is_table(name: str) -> bool:
    return name.lower().endswith((".csv", ".txt"))


def _is_part_of_unlocode(name: str) -> bool:
    return _is_table(name) and "subdivision" not in name.lower()


STANDARDS: Mapping[str, Standard] = {
    "unlocode": Standard(
        list_name="unlocode",
        title="Places",
        owner_name="UN/LOCODE",
        pattern=UNLOCODE_PATTERN,
        smallest=90_000,
        read=read_places,
        wants=_is_part_of_unlocode,
    ),
    "rec20": Standard(
        list_name="unece-rec-20",
        title="Units of measure",
        owner_name="UN/ECE Rec 20",
        pattern=REC_20_PATTERN,
        smallest=1_000,
        read=read_units,
        wants=_is_table,
        adds_packages=True,
    ),
    "rec21": Standard(
        list_name="unece-rec-21",
        title="Kinds of packages",
        owner_name="UN/ECE Rec 21",
        pattern=REC_21_PATTERN,
        smallest=300,
        read=read_packages,
        wants=_is_table,
    ),
}
"""The standards by the word of ``sarhad codelist import``."""
