"""A big table is one and the same list, whether its rows are read at once or when they are asked for."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codes.checked_rows import CheckedRows, digest_of
from gateway.codes.codelist_files import COLUMNS, read_code_list
from gateway.codes.codelists import CodeList

HEADER = ",".join(COLUMNS) + "\n"
TABLE = HEADER + 'AB1,AB1,"one, first",,,,S,made up\nAB2,AB2,two,,,2024-06-30,S,made up\nAB3,AB3,three,,,,S,made up\n'
HEAD = "name = 'xx-place'\ncomplete = true\nversion = '2024-1'\nreleased = 2024-07-01\n"
BEFORE, AFTER = date(2024, 6, 30), date(2024, 7, 1)


def read(table: str = TABLE, *, checked: bool) -> CodeList:
    head = HEAD + (f"table = '{digest_of(table)}'\n" if checked else "")
    listed, faults = read_code_list(table, head, "xx-place.csv")
    assert faults == []
    assert listed is not None
    return listed


def test_a_checked_table_says_what_a_read_one_says() -> None:
    at_once, later = read(checked=False), read(checked=True)
    assert isinstance(later.rows, CheckedRows)
    assert tuple(later.rows) == tuple(at_once.rows)
    assert later.rows[-1] == at_once.rows[-1]
    assert later.rows[:2] == at_once.rows[:2]
    for day in (None, BEFORE, AFTER):
        assert later.national_codes(day) == at_once.national_codes(day)
        assert later.wco_codes(day) == at_once.wco_codes(day)
        for code in ("AB1", "AB2", "AB4", ""):
            assert later.contains_wco(code, day) == at_once.contains_wco(code, day)
            assert later.contains_national(code, day) == at_once.contains_national(code, day)
            assert later.to_wco(code, day) == at_once.to_wco(code, day)
            assert later.from_wco(code, day) == at_once.from_wco(code, day)
    assert later.label_of("AB1") == "one, first"
    assert later.rows_of("AB2") == at_once.rows_of("AB2")
    assert (later.complete, later.version, later.released) == (True, "2024-1", date(2024, 7, 1))


def test_the_index_is_a_whole_mapping() -> None:
    index = CheckedRows(TABLE).by_code("wco")
    assert list(index) == ["AB1", "AB2", "AB3"]
    assert len(index) == 3
    with pytest.raises(KeyError):
        index["AB4"]
    with pytest.raises(IndexError):
        CheckedRows(TABLE)[3]


def test_another_table_under_its_head_is_refused() -> None:
    head = HEAD + f"table = '{digest_of(TABLE)}'\n"
    listed, (fault,) = read_code_list(TABLE.replace("three", "tree"), head, "xx-place.csv")
    assert listed is None
    assert fault.code == "codelist.table-changed"
    assert "import" in fault.remedy


LABELS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)


@given(st.dictionaries(st.from_regex(r"[A-Z0-9]{3}", fullmatch=True).filter(str.isascii), LABELS, max_size=20))
def test_every_code_is_found_with_its_label(codes: dict[str, str]) -> None:
    rows = "".join(f'{code},{code},"{label.replace(chr(34), chr(34) * 2)}",,,,S,x\n' for code, label in codes.items())
    listed = read(HEADER + rows, checked=True)
    assert listed.wco_codes() == tuple(codes)
    assert {code: listed.label_of(code) for code in codes} == codes
