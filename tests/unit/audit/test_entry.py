from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.commitments import commit, commit_columns, opens
from gateway.audit.entry import (
    FACT_NAMES,
    LogDamaged,
    LogEntry,
    body_commitment,
    erasure_mark,
    read_entry,
    row_commitments,
)

NOW = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
SALT = bytes(range(16))


def entry(**changes: Any) -> LogEntry:
    return LogEntry(**{"index": 7, "time": NOW, "tag": "partner:message:received", "salt": SALT, **changes})


def test_an_entry_is_one_canonical_line_of_texts() -> None:
    assert entry(facts={"partner": "xx"}).as_bytes() == (
        b'{"index":"7","partner":"xx","salt":"000102030405060708090a0b0c0d0e0f",'
        b'"tag":"partner:message:received","time":"2026-03-01T12:00:00.250Z"}'
    )


@given(
    index=st.integers(0, 10**15),
    facts=st.dictionaries(st.sampled_from(sorted(FACT_NAMES)), st.text(max_size=20)),
    rows=st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text(max_size=5), max_size=3),
)
def test_an_entry_reads_back_the_same(index: int, facts: dict[str, str], rows: dict[str, str]) -> None:
    commitments = {**row_commitments(SALT, "message", "id-1", rows), **body_commitment(SALT, "id-1", "0" * 64)}
    written = entry(index=index, facts=facts, commitments=commitments)
    assert read_entry(written.as_bytes()) == written
    assert read_entry(written.as_bytes()).as_bytes() == written.as_bytes()


def test_a_time_in_another_zone_is_the_same_moment() -> None:
    east = NOW.astimezone(timezone(timedelta(hours=5)))
    assert entry(time=east).as_bytes() == entry().as_bytes()


@pytest.mark.parametrize(
    "changes",
    [
        {"index": -1},
        {"time": datetime(2026, 3, 1)},  # noqa: DTZ001 - the point of the case
        {"tag": "message received"},
        {"tag": "a:b"},
        {"tag": "a:b:c:d"},
        {"tag": "a:b:c\n"},
        {"salt": b"short"},
        {"facts": {"goods": "x"}},
        {"facts": {"row/message/1/x": "x"}},
        {"commitments": {"message": "x"}},
    ],
    ids=str,
)
def test_an_entry_outside_the_closed_form_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(LogDamaged):
        entry(**changes)


def test_an_entry_fits_a_tile_bundle() -> None:
    assert len(entry(facts={"reason": "x" * 65000}).as_bytes()) < 65536
    with pytest.raises(LogDamaged) as damaged:
        entry(facts={"reason": "x" * 65535}).as_bytes()
    assert damaged.value.stable_code == "log.entry-too-large"


def test_a_text_that_is_no_unicode_is_damaged_not_an_accident() -> None:
    with pytest.raises(LogDamaged):
        entry(facts={"reason": "\ud800"}).as_bytes()


def test_control_characters_cannot_forge_a_second_entry() -> None:
    written = entry(facts={"message": 'm\n{"index":"8"}'}).as_bytes()
    assert b"\n" not in written
    assert read_entry(written).facts["message"] == 'm\n{"index":"8"}'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        entry().as_bytes() + b"\n",
        entry().as_bytes().replace(b'":"7"', b'":7'),
        entry().as_bytes().replace(b'":"7"', b'":"07"'),
        entry().as_bytes().replace(b'"index"', b'"indez"'),
        entry().as_bytes().replace(b'"2026', b'"x026'),
        entry().as_bytes().replace(b"250Z", b"250"),
        entry().as_bytes().replace(b'"0001', b'"00_1'),
        entry().as_bytes().replace(b'"tag"', b'"tah"'),
        json.dumps(json.loads(entry().as_bytes())).encode(),
    ],
)
def test_other_bytes_are_no_entry(data: bytes) -> None:
    with pytest.raises(LogDamaged):
        read_entry(data)


@pytest.mark.parametrize(
    ("table", "row_id", "column"),
    [
        ("message", "a/b", "sender"),
        ("message", "", "sender"),
        ("message", "a b", "sender"),
        ("message", "ü", "sender"),
        ("Message", "a", "sender"),
        ("message", "a", "sen/der"),
        ("", "a", "sender"),
    ],
)
def test_names_that_could_be_read_in_two_ways_are_refused(table: str, row_id: str, column: str) -> None:
    with pytest.raises(LogDamaged):
        row_commitments(SALT, table, row_id, {column: "x"})


def test_erasure_and_body_names_are_checked_too() -> None:
    assert erasure_mark("id-1") == {"erased/id-1": "yes"}
    for record_id in ("", "a/b", "a\nb"):
        with pytest.raises(LogDamaged):
            erasure_mark(record_id)
        with pytest.raises(LogDamaged):
            body_commitment(SALT, record_id, "0" * 64)


class TestCommitments:
    def test_a_commitment_opens_only_with_its_salt_and_content(self) -> None:
        commitment = commit(SALT, b"content")
        assert opens(commitment, SALT, b"content")
        assert not opens(commitment, SALT, b"Content")
        assert not opens(commitment, bytes(16), b"content")
        assert not opens(commitment, SALT[:15], SALT[15:] + b"content")
        assert not opens("nö commitment", SALT, b"content")

    def test_a_salt_has_16_bytes(self) -> None:
        with pytest.raises(ValueError, match="16 bytes"):
            commit(SALT + b"c", b"ontent")

    def test_values_of_different_kinds_never_commit_to_the_same(self) -> None:
        values = [None, "", 0, "0", b"", b"0", "None", 1, "1", NOW, NOW.isoformat()]
        commitments = [commit_columns(SALT, "message", "1", {"column": value})["column"] for value in values]
        assert len(set(commitments)) == len(values)

    def test_a_commitment_is_bound_to_its_place(self) -> None:
        places = [("message", "1", "a"), ("receipt", "1", "a"), ("message", "2", "a"), ("message", "1", "b")]
        commitments = [commit_columns(SALT, table, row, {column: "x"})[column] for table, row, column in places]
        assert len(set(commitments)) == len(places)

    def test_a_large_number_goes_through_no_float(self) -> None:
        first, second = (commit_columns(SALT, "t", "1", {"n": 2**60 + step})["n"] for step in (0, 1))
        assert first != second

    def test_a_moment_is_the_same_in_every_zone_and_needs_one(self) -> None:
        east = NOW.astimezone(timezone(timedelta(hours=5)))
        assert commit_columns(SALT, "t", "1", {"at": NOW}) == commit_columns(SALT, "t", "1", {"at": east})
        with pytest.raises(ValueError, match="zone"):
            commit_columns(SALT, "t", "1", {"at": NOW.replace(tzinfo=None)})

    def test_without_the_salt_even_a_yes_or_no_cannot_be_guessed(self) -> None:
        commitment = commit(SALT, b"yes")
        assert all(commitment != commit(bytes([guess]) * 16, b"yes") for guess in range(256))
