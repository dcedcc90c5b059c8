"""Shape 21: date and time apart, and the calendar in a leaf of its own; both ways, with what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.conversion.mapping import Mapping
from gateway.formats.structure import Attribute, Element, SimpleType, Structure
from tests.unit.conversion.bench import CONTEXT, both_ways, codes_of, date, form, group, leaf, line_of, loaded, row
from tests.unit.conversion.bench import mapping as made_of

CLOCK = ("[0-9]{2}:[0-9]{2}:[0-9]{2}",)
NATIONAL = form("Form", leaf("ID"), leaf("Day"), leaf("Clock", patterns=CLOCK), leaf("Again"))
WCO = form("Meta", leaf("ID"), date("Arrival"), leaf("Year"))
TOGETHER = "YYYY-MM-DD time at Clock +05:00 | 102 or 304"


def with_calendar(*children: Element) -> Structure:
    root = group("Form", *children, least=1)
    calendar = Attribute(name="calendar", type=SimpleType())
    return Structure(
        root=Element(key="Form", local="Form", minimum=1, children=root.children, attributes=(calendar,)),
        digest="0" * 64,
    )


def made(argument: str = TOGETHER, national: Structure = NATIONAL, *more: dict[str, str], **cells: str) -> Mapping:
    return made_of(national, WCO, [row("r1", "Day", "Arrival", "date", argument, **cells), *more])


def arrival(text: str, code: str) -> dict[str, Any]:
    return {"Meta": {"Arrival": {"DateTimeString": {"value": text, "@formatCode": code}}}}


def test_shape_21_day_and_time_apart_are_one_date_and_come_back_apart() -> None:
    there, back = both_ways(
        made(), {"Form": {"Day": "2026-03-16", "Clock": "10:11:12"}}, arrival("20260316101112+05", "304")
    )
    assert [(line_of(there, path).fate, line_of(there, path).row) for path in ("Day", "Clock")] == [
        ("mapped", "r1")
    ] * 2
    assert {line.origin for line in back.account.target} == {"row"}


def test_a_day_without_time_stays_a_day() -> None:
    both_ways(made(), {"Form": {"Day": "2026-03-16"}}, arrival("20260316", "102"))


def test_the_day_changes_with_the_zone_and_comes_back() -> None:
    half = "YYYY-MM-DD time at Clock +03:30 | 102 or 304"
    both_ways(made(half), {"Form": {"Day": "2026-03-16", "Clock": "01:00:00"}}, arrival("20260315213000Z", "304"))


def test_a_time_that_names_its_zone_needs_none_in_the_row() -> None:
    national = form("Form", leaf("Day"), leaf("Clock"))
    zoned = made("YYYY-MM-DD time at Clock | 102 or 304", national)
    both_ways(zoned, {"Form": {"Day": "2026-03-16", "Clock": "10:11:12+05:00"}}, arrival("20260316101112+05", "304"))
    bare = zoned.to_wco({"Form": {"Day": "2026-03-16", "Clock": "10:11:12"}}, CONTEXT)
    assert codes_of(bare.findings) == [("map.date-unwritable", "r1")]


@pytest.mark.parametrize("clock", ["24:00:00", "10:11", "10.11.12", "1011:12", "x"])
def test_a_time_that_is_none_is_refused_and_nothing_is_written(clock: str) -> None:
    there = made().to_wco({"Form": {"Day": "2026-03-16", "Clock": clock}}, CONTEXT)
    if clock == "10:11":  # a time to the minute is one
        assert there.tree == arrival("20260316101100+05", "304")
        return
    assert codes_of(there.findings) == [("map.date-unreadable", "r1")]
    assert there.tree == {"Meta": {}}
    assert {line_of(there, path).fate for path in ("Day", "Clock")} == {"unmapped"}


def test_parts_of_a_second_go_only_where_the_row_declares_it() -> None:
    message = {"Form": {"Day": "2026-03-16", "Clock": "10:11:12.5"}}
    assert codes_of(made().to_wco(message, CONTEXT).findings) == [("map.date-unwritable", "r1")]
    there = made(loss="rounded").to_wco(message, CONTEXT)
    assert there.tree == arrival("20260316101112+05", "304")
    assert line_of(there, "Clock").loss == "rounded"


@pytest.mark.parametrize(
    ("patterns", "text", "loss"),
    [
        (("[0-9]{2}:[0-9]{2}",), "10:11", "rounded"),
        (("[0-9]{6}",), "101112", "none"),
        (("[0-9]{4}",), "1011", "rounded"),
    ],
)
def test_the_time_is_written_in_the_finest_shape_that_its_place_admits(
    patterns: tuple[str, ...], text: str, loss: str
) -> None:
    national = form("Form", leaf("Day"), leaf("Clock", patterns=patterns))
    back = made(TOGETHER, national, loss="rounded").from_wco(arrival("20260316101112+05", "304"), CONTEXT)
    assert (back.tree, back.findings) == ({"Form": {"Day": "2026-03-16", "Clock": text}}, ())
    assert line_of(back, "Arrival/DateTimeString").loss == loss


def test_a_place_that_admits_no_time_is_a_fault_of_the_table() -> None:
    national = form("Form", leaf("Day"), leaf("Clock", patterns=("[A-Z]",)))
    found = loaded(national, WCO, [row("r1", "Day", "Arrival", "date", TOGETHER)])
    assert [(fault.row, fault.code) for fault in found.faults] == [("r1", "mapping.no-clock")]


def test_a_one_way_row_is_compared_with_both_leaves_on_the_way_back() -> None:
    echo = row("r2", "Day", "Year", "date", "YYYY-MM-DD time at Clock +05:00 | YYYY", way="to-wco", loss="coarser")
    both = made(TOGETHER, NATIONAL, echo)
    national = {"Form": {"Day": "2026-03-16", "Clock": "10:11:12"}}
    wco = arrival("20260316101112+05", "304")
    wco["Meta"]["Year"] = "2026"
    _, back = both_ways(both, national, wco)
    assert line_of(back, "Year").fate == "implied"
    wco["Meta"]["Year"] = "2025"
    assert codes_of(both.from_wco(wco, CONTEXT).findings) == [("map.echo-differs", "r2")]


def test_the_calendar_that_the_message_names_is_read_and_a_constant_sets_it_on_the_way_back() -> None:
    constant = row("r2", "/@calendar", "", "constant", "gregorian")
    both = made("YYYY/MM/DD calendar at /@calendar | 102", with_calendar(leaf("Day")), constant)
    national = {"Form": {"@calendar": "gregorian", "Day": "2026/03/16"}}
    there, _ = both_ways(both, national, arrival("20260316", "102"))
    assert line_of(there, "/@calendar").fate == "implied"


def test_the_row_names_the_calendar_of_its_form_where_no_constant_does() -> None:
    both = made("YYYY/MM/DD gregorian calendar at /@calendar | 102", with_calendar(leaf("Day")))
    both_ways(both, {"Form": {"@calendar": "gregorian", "Day": "2026/03/16"}}, arrival("20260316", "102"))
    assert both.to_wco({"Form": {"Day": "2026/03/16"}}, CONTEXT).tree == arrival("20260316", "102")


@pytest.mark.parametrize(
    ("calendar", "code"), [({"@calendar": "lunar"}, "map.calendar-unknown"), ({}, "map.calendar-missing")]
)
def test_a_calendar_is_never_guessed(calendar: dict[str, str], code: str) -> None:
    constant = row("r2", "/@calendar", "", "constant", "gregorian", way="from-wco")
    one = made("YYYY/MM/DD calendar at /@calendar | 102", with_calendar(leaf("Day")), constant)
    there = one.to_wco({"Form": {**calendar, "Day": "2026/03/16"}}, CONTEXT)
    assert codes_of(there.findings) == [(code, "r1")]
    assert line_of(there, "Day").fate == "unmapped"


def test_a_table_that_cannot_know_the_calendar_of_the_way_back_is_not_loaded() -> None:
    dated = row("r1", "Day", "Arrival", "date", "YYYY/MM/DD calendar at /@calendar | 102")
    national = with_calendar(leaf("Day"))
    assert [fault.code for fault in loaded(national, WCO, [dated]).faults] == ["mapping.calendar-unset"]
    strange = row("r2", "/@calendar", "", "constant", "lunar")
    assert [fault.code for fault in loaded(national, WCO, [dated, strange]).faults] == ["mapping.unknown-calendar"]
