"""Official releases in UNECE's layout: read whole into a sound list, or refused whole with file and line."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codes.codelist_files import read_code_list
from gateway.codes.codelists import CodeList
from gateway.codes.release_forms import STANDARDS
from gateway.codes.releases import MOST_FAULTS, Part, Release, clean, read_release
from gateway.findings import Fault

DAY = date(2024, 7, 1)
PART_1 = Part(
    "2024-1 UNLOCODE CodeListPart1.csv",
    (
        ',"XA",,".NORTHLAND",,,,,,,,\r\n'
        '"+","XA","AAA","Örtchen","Ortchen","ND","1-3-----","RL","2401",,"3320N 06655E",\r\n'
        '"X","XA","BB2","Altdorf, Hafen","Altdorf, Hafen",,"--3-----","RL","0701",,,\r\n'
        '"=","XA",,"Other = Ortchen","Other = Ortchen",,,,,,,\r\n'
        ',"XA","AAA","Ortchen","Ortchen","ND","--3-----","RL","0701",,,\r\n'
    ).encode("latin-1"),
)
PART_2 = Part(
    "2024-1 UNLOCODE CodeListPart2.csv",
    b',"XB",,".SOUTHLAND",,,,,,,,\n,"XB","CCC","=Sud",,,"1-------","RL","0701",,,\n',
)
UNITS = (
    "Codes for units,,\n"
    "Status,Common Code,Name,Description,Level / Category,Symbol,Conversion Factor\n"
    ",KGM,kilogram,,1,kg,kg\n"
    "D,A1,small calorie,,2,cal,\n"
    "X,05,lift,,3.9,,\n"
    ',4G,"microlitre, a ""small"" one",,1M,µl,\n'
    ",,,,,,\n"
)
PACKAGES = "Status;Code;Name;Description;Numeric code\n;BX;Box;;\nX;ZZ;Old one;;\n"


def release(standard: str, *parts: Part, packages: dict[str, str] | None = None) -> tuple[Release, CodeList]:
    made, faults = read_release(STANDARDS[standard], parts, version="2024-1", released=DAY, packages=packages)
    assert faults == []
    assert made is not None
    lazily, found = read_code_list(made.csv_text, made.head_text, "x.csv")
    assert (found, lazily is None) == ([], False)
    unchecked = "\n".join(line for line in made.head_text.splitlines() if not line.startswith("table"))
    at_once, found = read_code_list(made.csv_text, unchecked, "x.csv")
    assert found == []
    assert at_once is not None
    assert lazily is not None
    assert tuple(at_once.rows) == tuple(lazily.rows)
    return made, lazily


def faults_of(standard: str, *parts: Part, version: str = "2024-1") -> list[Fault]:
    made, faults = read_release(STANDARDS[standard], parts, version=version, released=DAY)
    assert made is None
    return faults


def test_places_come_from_all_parts_without_headers_and_aliases() -> None:
    made, places = release("unlocode", PART_2, PART_1)
    assert places.wco_codes() == ("XAAAA", "XABB2", "XBCCC")
    assert places.label_of("XAAAA") == "Ortchen (ND)"
    assert places.label_of("XABB2") == "Altdorf, Hafen (to be removed in a later release)"
    assert places.label_of("XBCCC") == "Sud"
    assert (made.rows, made.complete, places.complete) == (3, False, False)
    assert (places.version, places.released, places.source) == ("2024-1", DAY, "UN/LOCODE 2024-1")
    assert len(places.digest) == 64


def test_a_header_line_and_utf_8_are_accepted() -> None:
    text = (
        "\ufeffChange,Country,Location,Name,NameWoDiacritics,Subdivision,Status,Function,Date,IATA,Coordinates,Remarks\n"
        ",XA,AAA,Dū,,,,,,,,\n"
    )
    _, places = release("unlocode", Part("all.csv", text.encode()))
    assert places.label_of("XAAAA") == "Dū"


def test_the_digest_covers_every_byte_but_not_the_order_of_the_parts() -> None:
    one, other = release("unlocode", PART_1, PART_2)[0], release("unlocode", PART_2, PART_1)[0]
    assert one.head_text == other.head_text
    changed = Part(PART_2.name, PART_2.content + b"\n")
    assert release("unlocode", PART_1, changed)[0].head_text != one.head_text


def test_units_are_found_by_their_header_with_their_standing() -> None:
    _, units = release("rec20", Part("rec20.csv", UNITS.encode()), packages={"BX": "Box"})
    assert units.wco_codes() == ("05", "4G", "A1", "KGM", "XBX")
    assert units.wco_codes(DAY) == ("4G", "A1", "KGM", "XBX")
    assert units.contains_wco("05", date(2024, 6, 30))
    assert units.label_of("A1") == "small calorie (deprecated)"
    assert units.label_of("XBX") == "Box (package used as a unit)"


def test_packages_with_other_columns_and_signs_between_cells() -> None:
    _, packages = release("rec21", Part("rec21.txt", PACKAGES.encode()))
    assert packages.wco_codes(DAY) == ("BX",)
    tabs = "Name\tAlpha code\nBox\tBX\n"
    assert release("rec21", Part("rec21.csv", tabs.encode()))[1].label_of("BX") == "Box"


def test_a_full_release_is_complete() -> None:
    signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    codes = [one + two for one in signs for two in signs][:400]
    table = "Code,Name\n" + "".join(f"{code},thing\n" for code in codes)
    made, packages = release("rec21", Part("rec21.csv", table.encode()))
    assert made.complete
    assert packages.complete
    assert packages.title == "Kinds of packages"


@pytest.mark.parametrize(
    ("standard", "text", "code", "line"),
    [
        ("unlocode", ",XA,AAA\n", "import.cells", "1"),
        ("unlocode", ",XA,AAA,a,a,,,,,,,\n,x1,AAA,a,a,,,,,,,\n", "import.country", "2"),
        ("unlocode", ",XA,AA,a,a,,,,,,,\n", "import.location", "1"),
        ("unlocode", ',XA,AAA,"a,a,,,,,,,\n', "import.csv", "1"),
        ("unlocode", ",XA,,.NORTHLAND,,,,,,,,\n", "import.no-code", ""),
        ("rec20", "a,b\nc,d\n", "import.header", "1"),
        ("rec20", "Common Code,Name\nKGM,kilogram\n5,lift\n", "import.code", "3"),
        ("rec20", "Common Code,Name\nKGM\n", "import.cells", "2"),
        ("rec20", "Common Code,Name\n1.00E+03,thing\n", "import.code", "2"),
        ("rec21", "", "import.header", "1"),
    ],
)
def test_each_fault_has_its_code_and_line(standard: str, text: str, code: str, line: str) -> None:
    (fault,) = faults_of(standard, Part("file.csv", text.encode()))
    assert (fault.file, fault.row, fault.code) == ("file.csv", line, code)


@pytest.mark.parametrize("content", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0rest", b"%PDF-1.7", b"a\0b"])
def test_a_file_that_is_no_text_is_refused(content: bytes) -> None:
    (fault,) = faults_of("rec21", Part("file.xls", content))
    assert fault.code == "import.not-text"


def test_no_file_and_a_strange_version() -> None:
    assert [fault.code for fault in faults_of("unlocode")] == ["import.no-file"]
    assert [fault.code for fault in faults_of("unlocode", PART_1, version='2024"')] == ["import.version"]


def test_a_wrong_file_does_not_bring_a_thousand_faults() -> None:
    assert len(faults_of("unlocode", Part("x.csv", b"a,b\n" * 5000))) == MOST_FAULTS


def test_subdivisions_and_papers_do_not_belong_to_the_places() -> None:
    wants = STANDARDS["unlocode"].wants
    assert wants("2024-1 UNLOCODE CodeListPart1.csv")
    assert not wants("2024-1 SubdivisionCodes.csv")
    assert not wants("2024-1 UNLOCODE SecretariatNotes.pdf")
    assert list(STANDARDS) == ["unlocode", "rec20", "rec21"]


def test_a_label_is_one_plain_line() -> None:
    assert clean(" =a\r\n\x00b\u2028 c ") == "a b c"
    assert len(clean("x" * 500)) == 200


@given(st.sampled_from(sorted(STANDARDS)), st.binary(max_size=200))
def test_any_bytes_give_a_list_or_faults(standard: str, content: bytes) -> None:
    made, faults = read_release(STANDARDS[standard], [Part("x.csv", content)], version="1", released=DAY)
    assert (made is None) == bool(faults)


LINES = st.lists(
    st.tuples(
        st.sampled_from(["", "+", "X", "=", "#"]),
        st.from_regex(r"[A-Z]{2}", fullmatch=True),
        st.from_regex(r"([A-Z2-9]{3})?", fullmatch=True),
        st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=10).map(
            lambda name: '"' + name.replace('"', '""') + '"'
        ),
    ),
    min_size=1,
    max_size=12,
)


@given(LINES)
def test_any_sound_release_becomes_a_sound_list(lines: list[tuple[str, str, str, str]]) -> None:
    text = "".join(f"{mark},{country},{place},{name},{name},,,,,,,\n" for mark, country, place, name in lines)
    codes = sorted({country + place for _, country, place, _ in lines if place})
    made, _ = read_release(STANDARDS["unlocode"], [Part("x.csv", text.encode("latin-1"))], version="1", released=DAY)
    assert (made is None) == (not codes)
    if made is not None:
        _, places = release("unlocode", Part("x.csv", text.encode("latin-1")))
        assert list(places.wco_codes()) == codes
