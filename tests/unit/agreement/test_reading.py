"""Reading: unknown anything does not load, and every fault is named at once."""

from __future__ import annotations

import pytest

from gateway.agreement.reading import read_agreement

FILE = "agreements/aa-xx-goods-v1.toml"


def codes(content: str, file: str = FILE) -> list[tuple[str, str]]:
    _, faults = read_agreement(content.encode(), file)
    return [(fault.code, fault.row) for fault in faults]


def test_a_sound_file_is_read_with_its_digest(text: str) -> None:
    read, faults = read_agreement(("\ufeff" + text).encode(), FILE)
    assert not faults
    assert read is not None
    assert read.terms.id == "aa-xx-goods"
    assert len(read.digest) == 64


@pytest.mark.parametrize(
    ("was", "becomes", "expected"),
    [
        ('status = "active"', 'status = "active"\nextra = 1', ("agreement.unknown-key", "extra")),
        ('status = "active"', 'status = "running"', ("agreement.invalid", "status")),
        ('status = "active"\n', "", ("agreement.invalid", "status")),
        ("version = 1", 'version = "1"', ("agreement.invalid", "version")),
        ("in_force_from = 2024-01-01", 'in_force_from = "2024-01-01"', ("agreement.invalid", "in_force_from")),
        ('zone = "+05:30"', 'zone = "Asia/Examplia"', ("agreement.invalid", "zone")),
        ('direction = "out"', 'direction = "sideways"', ("agreement.invalid", "messages[1].direction")),
        ("retention_days = 365", "retention_days = true", ("agreement.invalid", "messages[1].retention_days")),
        (
            "retention_days = 365",
            "retention_days = 365\nmapping = 'x'",
            ("agreement.unknown-key", "messages[1].mapping"),
        ),
        ('says = "identity and goods"', "", ("agreement.invalid", "fields.goods-out.allow[1].says")),
    ],
)
def test_what_the_model_does_not_know_is_a_fault(text: str, was: str, becomes: str, expected: tuple[str, str]) -> None:
    assert was in text
    assert codes(text.replace(was, becomes)) == [expected]


def test_all_faults_are_named_at_once(text: str) -> None:
    wrong = text.replace("version = 1", 'version = "1"').replace('status = "active"', 'status = "no"')
    assert {row for _, row in codes(wrong)} == {"version", "status"}


def test_bytes_that_are_no_toml_are_a_fault_with_their_line() -> None:
    assert codes("id = \nx") == [("agreement.not-toml", "1")]
    _, faults = read_agreement(b"\xff\xfe", FILE)
    assert [fault.code for fault in faults] == ["agreement.not-utf-8"]


def test_a_file_is_called_what_it_says(text: str) -> None:
    assert codes(text, "agreements/aa-xx-goods-v2.toml") == [("agreement.file-name", "id, version")]


def test_a_row_points_to_the_line_of_its_own_field_set(text: str) -> None:
    again = text.replace("[fields.goods-out]", "[fields.goods-in]").partition("[fields.goods-in]")[2]
    longer = f"{text}\n[fields.goods-in]{again.replace('goods-out', 'goods-in')}"
    read, faults = read_agreement(longer.encode(), FILE)
    assert read is not None, faults
    lines = [number for number, line in enumerate(longer.splitlines(), 1) if '"Declaration/ID"' in line]
    first, second = "fields.goods-out.allow[1].paths[1]", "fields.goods-in.allow[1].paths[1]"
    assert read.row(first, "Declaration/ID") == f"{first} (line {lines[0]})"
    assert read.row(second, "Declaration/ID") == f"{second} (line {lines[1]})"
    assert read.row("fields.goods-in.allow[7].paths[1]", "Declaration/ID").endswith(f"(line {lines[0]})")
    assert read.row(first, "Declaration/Nonsense") == first
    assert read.row("status") == "status"
