"""The examples of RFC 8785: log entries and thumbprints are written in the canonical form of the standard."""

from __future__ import annotations

import json
import struct
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.audit.commitments import column_content
from gateway.audit.entry import LogEntry

FILE = Path(__file__).resolve().parents[2] / "vectors" / "rfc8785" / "examples.toml"
VECTORS: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))


def double(bits: str) -> float:
    """The number with these 64 bits (IEEE 754, big-endian)."""
    [value] = struct.unpack(">d", bytes.fromhex(bits))
    return float(value)


def test_rfc8785_3_2_4_bytes() -> None:
    example = VECTORS["whole"]
    assert rfc8785.dumps(json.loads(example["input"])).hex() == example["output"]


def test_rfc8785_3_2_3_order_of_members_by_utf16_code_units() -> None:
    example = VECTORS["order"]
    canonical = rfc8785.dumps(json.loads(example["input"]))
    assert [value for _, value in json.loads(canonical, object_pairs_hook=list)] == example["values"]


@pytest.mark.parametrize(("bits", "text"), VECTORS["numbers"].items())
def test_rfc8785_b_numbers(bits: str, text: str) -> None:
    assert rfc8785.dumps(double(bits)) == text.encode()


@pytest.mark.parametrize("bits", VECTORS["not_numbers"])
def test_rfc8785_b_what_is_no_number_is_refused(bits: str) -> None:
    with pytest.raises(rfc8785.FloatDomainError):
        rfc8785.dumps(double(bits))


@example(table="message", row_id="1", value="".join(map(chr, range(0x120))) + "\u2028\u2029\ufeff\U0001f600")
@given(table=st.text(max_size=9), row_id=st.text(max_size=9), value=st.text())
def test_what_a_commitment_to_a_column_is_made_over_is_in_that_form(table: str, row_id: str, value: str) -> None:
    assert column_content(table, row_id, "name", value) == rfc8785.dumps([table, row_id, "name", "text", value])


@pytest.mark.parametrize(
    "canonical", [lambda text: rfc8785.dumps([text]), lambda text: column_content("m", "1", "n", text)]
)
def test_what_is_no_unicode_text_is_in_no_form(canonical: Callable[[str], bytes]) -> None:
    with pytest.raises(ValueError, match=r"utf-8|UTF-8"):
        canonical("\ud800")


def test_a_log_entry_is_in_that_form_and_holds_texts_only() -> None:
    entry = LogEntry(
        index=3,
        time=datetime(2026, 3, 1, tzinfo=UTC),
        tag="partner:message:received",
        salt=bytes(16),
        facts={"reason": json.loads(VECTORS["whole"]["input"])["string"], "actor": "operator"},
    )
    written = entry.as_bytes()
    assert rfc8785.dumps(json.loads(written)) == written
    assert bytes.fromhex(VECTORS["whole"]["output"])[-37:-1].partition(b":")[2] in written
    assert all(isinstance(value, str) for value in json.loads(written).values())
