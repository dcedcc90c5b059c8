from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.security.lifecycle import KeyPurpose, KeyState, Lifecycle, StateChange, first_impossible_change

START = datetime(2026, 1, 1, tzinfo=UTC)
COURSE = (KeyState.PENDING, KeyState.ACTIVE, KeyState.RETIRING, KeyState.RETIRED, KeyState.COMPROMISED)
WHOLE = Lifecycle(tuple(StateChange(state, START + timedelta(days=day)) for day, state in enumerate(COURSE)))


@pytest.mark.parametrize(
    ("day", "state", "produce", "accept"),
    [
        (-1, KeyState.PENDING, "envelope.key-not-active", "envelope.key-not-active"),
        (0, KeyState.PENDING, "envelope.key-not-active", "envelope.key-not-active"),
        (1, KeyState.ACTIVE, None, None),
        (2, KeyState.RETIRING, "envelope.expired-key", None),
        (3, KeyState.RETIRED, "envelope.expired-key", "envelope.expired-key"),
        (4, KeyState.COMPROMISED, "envelope.compromised-key", "envelope.compromised-key"),
    ],
)
def test_each_state_allows_what_the_table_says(
    day: int, state: KeyState, produce: str | None, accept: str | None
) -> None:
    at = START + timedelta(days=day)
    assert WHOLE.state_at(at) is state
    assert WHOLE.refusal_at(at, KeyPurpose.PRODUCE) == produce
    assert WHOLE.refusal_at(at, KeyPurpose.ACCEPT) == accept


def test_past_its_last_moment_a_key_is_retired_whatever_its_state() -> None:
    key = Lifecycle.active_from(START, START + timedelta(days=10))
    assert key.state_at(START + timedelta(days=10)) is KeyState.ACTIVE
    assert key.state_at(START + timedelta(days=10, microseconds=1)) is KeyState.RETIRED


def test_compromise_weighs_more_than_expiry() -> None:
    key = Lifecycle((*Lifecycle.active_from(START).changes, StateChange(KeyState.COMPROMISED, START)), START)
    assert key.state_at(START + timedelta(days=1)) is KeyState.COMPROMISED


@given(st.lists(st.sampled_from(COURSE), max_size=6))
def test_only_forward_courses_are_possible(states: list[KeyState]) -> None:
    changes = [StateChange(state, START + timedelta(days=day)) for day, state in enumerate(states)]
    possible = first_impossible_change(changes) is None
    order = [COURSE.index(state) for state in states]
    forward = all(later > earlier for earlier, later in pairwise(order))
    starts_well = not states or states[0] is not KeyState.RETIRING
    skips_active = any(pair == (KeyState.PENDING, KeyState.RETIRING) for pair in pairwise(states))
    assert possible == (forward and starts_well and not skips_active)


def test_a_course_back_in_time_is_impossible() -> None:
    back = StateChange(KeyState.RETIRED, START - timedelta(days=1))
    assert first_impossible_change([StateChange(KeyState.ACTIVE, START), back]) is back
