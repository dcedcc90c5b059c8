from __future__ import annotations

from gateway.formats.description import describe
from gateway.formats.format import Format


def test_one_entry_a_place_in_schema_order(cargo: Format) -> None:
    entries = cargo.dictionary()
    assert [entry.path for entry in entries][:6] == [
        "/@calendar",
        "ID",
        "Issue",
        "Issue/DateTimeString",
        "Issue/DateTimeString@formatCode",
        "Owner",
    ]
    by_path = {entry.path: entry for entry in entries}
    identity = by_path["ID"]
    assert (identity.kind, identity.type, identity.cardinality) == ("leaf", "text of 1 to 10 characters", "1..1")
    assert (identity.wco_id, identity.wco_format, identity.edifact, identity.code_list) == (
        "D014",
        "an..10",
        "1004",
        "aa-ids",
    )
    assert identity.text == "Number of the report."
    assert (by_path["Line"].kind, by_path["Line"].cardinality, by_path["Line"].type) == ("class", "0..*", "")
    assert (by_path["Line/Gross@unitCode"].kind, by_path["Line/Gross@unitCode"].cardinality) == ("attribute", "0..1")
    assert not by_path["Issue"].verified
    assert by_path["Line/Gross"].as_json()["type"] == (
        "number, at most 8 digits, at most 3 of them after the point, at least 0"
    )


def test_description(cargo: Format) -> None:
    text = describe(cargo)
    assert text.startswith(
        "aa-cargo-1.0  Cargo report of nowhere\nCargo\n  @calendar 0..1  text\n  ID 1..1  D014  text of"
    )
    assert "\n  Issue 0..1  D011?\n    DateTimeString 1..1  text\n      @formatCode 1..1  text\n" in text
    assert "list aa-ids" in text
    assert "\n  Line 0..*  28A\n    SequenceNumeric 1..1  006  whole number" in text
