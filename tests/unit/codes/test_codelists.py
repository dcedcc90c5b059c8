from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from gateway.codes.codelists import CodeList, CodeRow

TODAY = date(2026, 3, 16)
UNITS = CodeList(
    name="xx-unit",
    rows=(
        CodeRow(national="035", wco="KGM", preferred=True),
        CodeRow(national="036", wco="GRM"),
        CodeRow(national="835", wco="KGM"),
        CodeRow(national="070", wco="TNE", valid_to=date(2020, 12, 31)),
        CodeRow(national="071", wco="TNE", valid_from=date(2021, 1, 1)),
        CodeRow(national="140", wco="XBX"),
        CodeRow(national="141", wco="XBX"),
        CodeRow(national="999", wco=""),
        CodeRow(national="", wco="LTR"),
    ),
)


def test_a_code_goes_both_ways() -> None:
    assert UNITS.to_wco("036", TODAY) == "GRM"
    assert UNITS.from_wco("GRM", TODAY) == "036"


def test_a_code_is_never_padded_trimmed_or_guessed() -> None:
    assert UNITS.to_wco("35", TODAY) is None
    assert UNITS.to_wco(" 035", TODAY) is None
    assert UNITS.from_wco("kgm", TODAY) is None


def test_the_preferred_row_wins_on_the_way_back() -> None:
    assert UNITS.to_wco("835", TODAY) == "KGM"
    assert UNITS.from_wco("KGM", TODAY) == "035"


def test_several_rows_without_a_preferred_one_are_no_answer() -> None:
    assert UNITS.to_wco("141", TODAY) == "XBX"
    assert UNITS.from_wco("XBX", TODAY) is None


def test_the_row_in_force_on_the_day_counts_to_the_day() -> None:
    assert UNITS.from_wco("TNE", date(2020, 12, 31)) == "070"
    assert UNITS.from_wco("TNE", date(2021, 1, 1)) == "071"
    assert UNITS.to_wco("070", TODAY) is None
    assert UNITS.to_wco("070", date(2020, 12, 31)) == "TNE"


def test_a_one_sided_row_has_no_equivalent_but_is_listed() -> None:
    assert UNITS.to_wco("999", TODAY) is None
    assert UNITS.from_wco("LTR", TODAY) is None
    assert UNITS.contains_national("999", TODAY)
    assert UNITS.contains_wco("LTR", TODAY)
    assert not UNITS.contains_national("", TODAY)
    assert not UNITS.contains_national("070", TODAY)


def test_codes_are_listed_once_in_file_order_and_by_day() -> None:
    assert UNITS.wco_codes(TODAY) == ("KGM", "GRM", "TNE", "XBX", "LTR")
    assert UNITS.national_codes(TODAY) == ("035", "036", "835", "071", "140", "141", "999")
    assert "070" in UNITS.national_codes()


def test_totality_is_about_every_code_named() -> None:
    assert UNITS.is_total_for(["035", "071"], TODAY)
    assert not UNITS.is_total_for(["035", "999"], TODAY)
    assert UNITS.is_total_back_for(["KGM", "TNE"], TODAY)
    assert not UNITS.is_total_back_for(["XBX"], TODAY)


def test_labels_are_for_people() -> None:
    listed = CodeList(name="xx", rows=(CodeRow(national="1", wco="A", label="first"),))
    assert listed.label_of("1") == "first"
    assert listed.label_of("2") == ""


_CODES = st.text("AB1", min_size=1, max_size=2)
_DAYS = st.one_of(st.none(), st.dates(date(2025, 1, 1), date(2025, 1, 9)))


@given(
    st.lists(st.builds(CodeRow, national=_CODES, wco=_CODES, preferred=st.booleans(), valid_from=_DAYS), max_size=8),
    st.dates(date(2025, 1, 1), date(2025, 1, 9)),
)
def test_every_answer_stands_in_a_row_in_force(rows: list[CodeRow], on: date) -> None:
    listed = CodeList(name="xx", rows=tuple(rows))
    pairs = {(row.national, row.wco) for row in rows if row.holds_on(on)}
    for code in listed.national_codes():
        found = listed.to_wco(code, on)
        assert (found is None) == (code not in {national for national, _ in pairs})
        assert found is None or (code, found) in pairs
    for code in listed.wco_codes():
        back = listed.from_wco(code, on)
        assert back is None or (back, code) in pairs
