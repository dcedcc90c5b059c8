"""Dates as xs:date and xs:dateTime become forms 102, 204 and 304 without moving the instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.formats.dialect_dates import Written, from_xml_schema, unread


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-03-16", Written("20260316", "102")),
        ("2026-03-16Z", Written("20260316", "102", precision_lost=True)),
        ("2026-03-16T08:30:00", Written("20260316083000", "204")),
        ("2026-03-16T08:30:00Z", Written("20260316083000Z", "304")),
        ("2026-03-16T08:30:00+05:00", Written("20260316083000+05", "304")),
        ("2026-03-16T08:30:00+00:00", Written("20260316083000+00", "304")),
        ("2026-03-16T01:15:00+04:30", Written("20260315204500Z", "304", moved_to_utc=True)),
        ("2026-03-16T22:45:00-03:30", Written("20260317021500Z", "304", moved_to_utc=True)),
        ("2026-03-16T08:30:00.000", Written("20260316083000", "204")),
        ("2026-03-16T08:30:00.250Z", Written("20260316083000Z", "304", precision_lost=True)),
        ("2026-03-16T08:30:00+14:00", Written("20260316083000+14", "304")),
        ("2026-02-30T08:30:00Z", Written("20260230083000Z", "304")),
    ],
)
def test_known_texts(text: str, written: Written) -> None:
    assert from_xml_schema(text) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20260316",
        "2026-3-16",
        "2026-03-16T08:30",
        "2026-03-16 08:30:00",
        "2026-02-30T08:30:00+04:30",
        "x",
        "0001-01-01T00:00:00+04:30",
        "9999-12-31T23:59:59-04:30",
        "٢026-03-16",
        "2026-03-16T08:30:00+5",
        "2026-03-16T08:30:00+14:15",
        "2026-03-16T08:30:00-15:00",
        "2026-03-16T08:30:00+04:60",
        "2026-03-16+99:00",
    ],
)
def test_other_texts_are_left_to_the_validator(text: str) -> None:
    assert from_xml_schema(text) is None


@pytest.mark.parametrize(
    ("text", "code"), [("20260316", ""), ("20260316083000Z", ""), ("16.03.2026", "304"), ("", "304")]
)
def test_no_form_is_guessed_for_a_text_that_may_have_one(text: str, code: str) -> None:
    assert unread(text) == Written(text, code)


@given(
    st.datetimes(min_value=datetime(1001, 1, 1), max_value=datetime(2999, 1, 1)),  # noqa: DTZ001
    st.integers(-14 * 60, 14 * 60),
)
def test_the_instant_stays(local: datetime, minutes: int) -> None:
    moment = local.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    written = from_xml_schema(moment.isoformat())
    assert written is not None
    text = written.text.replace("Z", "+00")
    again = datetime.strptime(f"{text[:14]}{text[14:]}00", "%Y%m%d%H%M%S%z")
    assert again.astimezone(UTC) == moment.astimezone(UTC)
    assert written.moved_to_utc == bool(minutes % 60)
