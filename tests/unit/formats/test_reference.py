"""The page of a format says of each place what its schema says, in the order in which it must stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.formats.format import Format, load_format
from gateway.formats.reference import format_page, index_page, markdown_table, page_name

COLUMNS = 12


@pytest.fixture(name="dec", scope="module")
def dec_fixture(project_root: Path, derived: Path) -> Format:
    file = project_root / "wco_schemas" / "wco" / "3.6" / "dec-3.6.format.toml"
    return load_format(file, cache=derived)


@pytest.fixture(name="page", scope="module")
def page_fixture(dec: Format) -> str:
    return format_page(dec)


def section(page: str, path: str) -> list[list[str]]:
    """The rows of one class, a list of cells each."""
    text = page.partition(f"### {path}\n")[2].partition("\n### ")[0]
    rows = [re.split(r" \| ", line[2:-2]) for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows[1:]]


def test_every_place_of_the_schema_has_one_row_in_the_table_of_its_class(dec: Format, page: str) -> None:
    places = [one for one in dec.dictionary() if one.kind != "attribute"]
    headings = re.findall(r"^### (.*)$", page, re.MULTILINE)
    assert len(headings) == len(set(headings))
    assert sum(len(section(page, path)) for path in headings) == len(places)
    assert {path.rpartition("/")[0] or "MetaData" for path in (one.path for one in places)} >= set(headings)


def test_the_rows_of_a_class_stand_in_the_order_of_the_schema(dec: Format, page: str) -> None:
    element = dec.structure.find("Declaration/GoodsShipment/GovernmentAgencyGoodsItem")
    assert element is not None
    rows = section(page, "Declaration/GoodsShipment/GovernmentAgencyGoodsItem")
    counted = [row for row in rows if row[0]]
    assert [row[0] for row in counted] == [str(number) for number in range(1, len(element.children) + 1)]
    assert [re.sub(r"\[(\w+)\]\(.*\)", r"\1", row[1]) for row in counted] == [one.key for one in element.children]
    assert all(len(row) == COLUMNS for row in rows)


def test_a_row_says_times_type_id_format_number_list_and_whether_it_is_sure(page: str) -> None:
    [row] = [one for one in section(page, "Declaration") if one[1] == "FunctionCode"]
    assert row[2:4] == ["1..1", "text, 1 to 2 digits"]
    assert row[5:9] == ["017", "n..2", "1225", "edifact-1225"]
    assert row[10] == "yes"
    assert {row[10] for row in section(page, "Declaration")} <= {"yes", "no", "no id"}


def test_a_date_stands_in_the_table_of_its_class_with_the_form_it_takes(page: str) -> None:
    rows = section(page, "Declaration")
    [at] = [number for number, row in enumerate(rows) if row[1] == "IssueDateTime"]
    assert rows[at + 1][:4] == [
        "",
        "IssueDateTime/DateTimeString",
        "1..1",
        "date or time, in the form that formatCode names",
    ]
    assert "### Declaration/IssueDateTime" not in page


def test_every_link_of_a_page_leads_to_a_heading_of_it(page: str) -> None:
    anchors = {one.replace("/", "").lower() for one in re.findall(r"^### (.*)$", page, re.MULTILINE)}
    links = re.findall(r"\]\(#([a-z0-9]+)\)", page)
    assert len(links) > 100
    assert set(links) <= anchors


def test_the_tree_shows_classes_nested_with_times_and_ids(page: str) -> None:
    tree = page.partition("```\n")[2].partition("```")[0]
    assert "\n    GoodsShipment  0..1  67A\n" in tree
    assert "\n      GovernmentAgencyGoodsItem  0..*  68A\n" in tree


def test_the_index_leads_to_the_page(dec: Format) -> None:
    assert page_name(dec) == "dec.md"
    assert f"[dec-3.6](dec.md) | DEC | {dec.head.title}" in index_page([dec])


def test_a_cell_is_never_markup_of_the_table() -> None:
    assert markdown_table(("a",), [("x|y\nz",)]) == ["| a |", "|---|", "| x\\|y z |"]
