from __future__ import annotations

import pytest

from gateway.codes.codelist_files import COLUMNS, read_code_list
from gateway.findings import Fault

HEAD = """
name = "xx-unit"
title = "units"
source = "made up"
pattern_national = '[0-9]{3}'
pattern_wco = '[A-Z]{3}'
"""
HEADER = ",".join(COLUMNS) + "\n"
FILE = "mappings/xx/codelists/xx-unit.csv"


def _faults(rows: str, head: str = HEAD) -> list[Fault]:
    return read_code_list(HEADER + rows, head, FILE)[1]


def test_a_sound_list_is_read_whole() -> None:
    text = HEADER + '035,KGM,"kilogram, net",true,2020-01-01,,S,made up 1\n\n036,GRM,gram,,,2030-12-31,M,made up 2\n'
    listed, faults = read_code_list(text, HEAD, FILE)
    assert faults == []
    assert listed is not None
    assert (listed.name, listed.title, listed.source) == ("xx-unit", "units", "made up")
    assert [row.label for row in listed.rows] == ["kilogram, net", "gram"]
    assert [row.line for row in listed.rows] == [2, 4]
    assert listed.rows[0].preferred
    assert not listed.rows[1].preferred


def test_a_byte_order_mark_and_spreadsheet_line_ends_are_accepted() -> None:
    text = "\ufeff" + (HEADER + "035,KGM,kilogram,,,,S,made up\n").replace("\n", "\r\n")
    listed, faults = read_code_list(text, "\ufeff" + HEAD, FILE)
    assert faults == []
    assert listed is not None
    assert listed.to_wco("035") == "KGM"


def test_eaten_leading_zeros_are_called_by_their_name() -> None:
    (fault,) = _faults("35,KGM,kilogram,,,,S,made up\n")
    assert fault.code == "codelist.code-does-not-fit-pattern"
    assert (fault.file, fault.row) == (FILE, "2")
    assert "spreadsheet" in fault.remedy
    assert "zeros" in fault.remedy


def test_another_misfit_is_not_blamed_on_the_spreadsheet() -> None:
    (fault,) = _faults("035,kgm,kilogram,,,,S,made up\n")
    assert fault.code == "codelist.code-does-not-fit-pattern"
    assert "wco" in fault.message
    assert "spreadsheet" not in fault.remedy


@pytest.mark.parametrize("cell", ["=1+1", "+35", "-35", "@SUM"])
def test_a_cell_that_a_spreadsheet_would_run_is_a_fault(cell: str) -> None:
    assert "codelist.formula" in {fault.code for fault in _faults(f"035,KGM,{cell},,,,S,made up\n")}


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("035,KGM,a,,,,S,x\n035,KGM,b,,,,S,x\n", "codelist.duplicate"),
        ("035,KGM,a,,,2025-06-30,S,x\n035,GRM,b,,2025-06-30,,S,x\n", "codelist.overlap"),
        ("035,KGM,a,true,,,S,x\n036,KGM,b,true,,,S,x\n", "codelist.two-preferred"),
        ("035,KGM,a,,2025-02-30,,S,x\n", "codelist.validity"),
        ("035,KGM,a,,20250101,,S,x\n", "codelist.validity"),
        ("035,KGM,a,,2025-02-02,2025-02-01,S,x\n", "codelist.validity"),
        ("035,KGM,a,perhaps,,,S,x\n", "codelist.preferred"),
        ("035,KGM,a,,,\n", "codelist.cells"),
        (",,a,,,,S,x\n", "codelist.no-code"),
        ('035,KGM,"a,,,,S,x\n', "codelist.csv"),
    ],
)
def test_each_fault_has_its_code_and_line(rows: str, code: str) -> None:
    (fault,) = _faults(rows)
    assert fault.code == code
    assert fault.row in {"2", "3"}


def test_rows_that_follow_each_other_in_time_are_sound() -> None:
    assert (
        _faults("035,KGM,a,true,,2025-06-30,S,x\n035,GRM,b,true,2025-07-01,,S,x\n036,KGM,c,true,2025-07-01,,S,x\n")
        == []
    )


def test_sound_rows_are_kept_beside_faulty_ones() -> None:
    listed, faults = read_code_list(HEADER + "35,KGM,a,,,,S,x\n036,GRM,b,,,,S,x\n", HEAD, FILE)
    assert len(faults) == 1
    assert listed is not None
    assert listed.national_codes() == ("036",)


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("name = ", "codelist.head-unreadable"),
        ("title = 'x'", "codelist.no-name"),
        ("name = 1", "codelist.head-not-text"),
        ("name = 'xx'\nnaem = 'xx'", "codelist.unknown-key"),
        ("name = 'xx'\npattern_wco = '['", "codelist.bad-pattern"),
    ],
)
def test_faults_of_the_head_name_the_head(head: str, code: str) -> None:
    faults = _faults("", head)
    assert [fault.code for fault in faults] == [code]
    assert faults[0].file == "mappings/xx/codelists/xx-unit.toml"


def test_a_list_without_head_or_columns_cannot_be_read() -> None:
    assert read_code_list("national;wco\n", HEAD, FILE)[0] is None
    assert read_code_list("", HEAD, FILE)[0] is None
    assert read_code_list(HEADER, "nonsense", FILE)[0] is None
