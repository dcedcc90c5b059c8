"""Marks of distrust: they take trust away, never give it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.security.distrust import distrusting, read_marks, write_marks
from gateway.security.generation import generate_key
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import KeyState, Lifecycle, StateChange
from gateway.security.policy import KeyRefused

START = datetime(2026, 1, 1, tzinfo=UTC)
days = st.integers(0, 400).map(lambda number: START + timedelta(days=number))


@cache
def key() -> RegisteredKey:
    return RegisteredKey(generate_key("xx", "ES256", START).public, "xx", Lifecycle.active_from(START))


@given(st.dictionaries(st.from_regex(r"xx-sig-2026(0[1-9])-[1-9]", fullmatch=True), days, max_size=4))
def test_marks_are_read_as_they_were_written(marks: dict[str, datetime]) -> None:
    assert read_marks(write_marks(marks)) == marks


@given(days, days)
def test_a_marked_key_is_refused_from_its_mark_on_and_nothing_else_changes(mark: datetime, at: datetime) -> None:
    [marked] = distrusting([key()], {key().kid: mark, "zz-sig-202601-1": START})
    before = key().refusal_at(at)
    assert marked.refusal_at(at) == ("envelope.compromised-key" if at >= mark else before)


@given(days, days)
def test_of_mark_and_list_the_earlier_counts(mark: datetime, listed: datetime) -> None:
    course = key().lifecycle.with_course(StateChange(KeyState.COMPROMISED, listed))
    [marked] = distrusting([RegisteredKey(key().key, "xx", course)], {key().kid: mark})
    assert marked.lifecycle.compromised_since == min(mark, listed)


@pytest.mark.parametrize(
    "document",
    [
        *(b"", b"{", b"[]", b"{}", b'{"distrusted": {}, "distrusted": []}', b'{"distrusted": ["xx"]}', b"\xff"),
        b'{"distrusted": [{"kid": "a"}]}',
        b'{"distrusted": [{"kid": "a", "since": "2026-01-01"}]}',
        b'{"distrusted": [{"kid": 1, "since": "2026-01-01T00:00:00Z"}]}',
        b'{"distrusted": [{"kid": "a", "since": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"}]}',
    ],
)
def test_what_is_no_list_of_marks_is_refused(document: bytes) -> None:
    with pytest.raises(KeyRefused) as refused:
        read_marks(document)
    assert refused.value.stable_code == "registry.marks"
