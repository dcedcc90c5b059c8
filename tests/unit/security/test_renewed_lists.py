"""Taking in a newer list: nothing known is lost, nothing past is rewritten, compromise is never taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.security.generation import generate_key
from gateway.security.keys import PublicKey, RegisteredKey
from gateway.security.lifecycle import KeyState, Lifecycle, StateChange, first_impossible_change
from gateway.security.renewed_lists import renewed

START = datetime(2026, 1, 1, tzinfo=UTC)
OVERLAP = timedelta(days=37)
COURSE = tuple(KeyState)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


@cache
def public(number: int, generation: int = 1) -> PublicKey:
    del generation
    return generate_key("xx", "ES256", START, number=number).public


def key(number: int, *changes: tuple[str, float], ends: float | None = None, generation: int = 1) -> RegisteredKey:
    course = tuple(StateChange(KeyState(state), day(since)) for state, since in changes)
    return RegisteredKey(public(number, generation), "xx", Lifecycle(course, None if ends is None else day(ends)))


def taken_in(known: list[RegisteredKey], newer: list[RegisteredKey], at: float) -> tuple[RegisteredKey, ...]:
    keys, faults = renewed(known, newer, at=day(at), overlap=OVERLAP, file="xx.json")
    assert faults == ()
    return keys


def refused(known: RegisteredKey, newer: RegisteredKey, at: float) -> list[str]:
    _, faults = renewed([known], [newer], at=day(at), overlap=OVERLAP, file="xx.json")
    return [fault.code for fault in faults]


def states(one: RegisteredKey) -> list[tuple[str, float]]:
    return [(change.state.value, (change.since - START) / timedelta(days=1)) for change in one.lifecycle.changes]


@st.composite
def courses(draw: st.DrawFn) -> RegisteredKey:
    """A possible course, on half days."""
    first = draw(st.sampled_from([KeyState.PENDING, KeyState.ACTIVE]))
    followers = draw(st.sets(st.sampled_from(COURSE[2:])))
    chosen = [first, *(state for state in COURSE if state in followers)]
    since = sorted(draw(st.lists(st.integers(0, 60), min_size=len(chosen), max_size=len(chosen))))
    changes = [StateChange(state, day(at / 2)) for state, at in zip(chosen, since, strict=True)]
    ends = draw(st.none() | st.integers(0, 40))
    made = Lifecycle(tuple(changes), None if ends is None else day(ends))
    if first_impossible_change(made.changes) is not None:
        made = Lifecycle.active_from(changes[0].since)
    return RegisteredKey(public(1), "xx", made)


@given(courses(), courses(), st.integers(0, 60))
def test_what_was_taken_before_an_import_stays_taken_but_for_compromise(
    old: RegisteredKey, new: RegisteredKey, half_day: int
) -> None:
    at = day(half_day / 2)
    [merged], faults = renewed([old], [new], at=at, overlap=OVERLAP, file="xx.json")
    if faults:
        return
    assert first_impossible_change(merged.lifecycle.changes) is None
    bad = [one.lifecycle.compromised_since for one in (old, new) if one.lifecycle.compromised_since is not None]
    assert merged.lifecycle.compromised_since == min(bad, default=None)
    for moment in (day(half / 4) for half in range(-1, 2 * half_day)):
        if moment >= at or (bad and moment >= min(bad)):
            continue
        if moment + timedelta(seconds=60) < at:
            assert merged.refusal_at(moment) == old.refusal_at(moment)
    again, _ = renewed([merged], [new], at=at, overlap=OVERLAP, file="xx.json")
    assert again[0].lifecycle == merged.lifecycle, "the same list once more changes nothing"


@given(st.lists(courses(), min_size=1, max_size=1), st.integers(0, 60), st.integers(0, 60))
def test_a_key_that_was_left_out_is_kept_for_ever_and_ends(known: list[RegisteredKey], first: int, later: int) -> None:
    kept = taken_in(known, [], first / 2)
    kept = taken_in(list(kept), [], (first + later) / 2)
    assert [one.kid for one in kept] == [known[0].kid]
    assert first_impossible_change(kept[0].lifecycle.changes) is None
    assert kept[0].lifecycle.state_at(day(first / 2) + OVERLAP) in {KeyState.RETIRED, KeyState.COMPROMISED}


def test_an_active_key_that_was_left_out_retires_over_the_overlap() -> None:
    [kept] = taken_in([key(1, ("active", 0))], [], 10)
    assert states(kept) == [("active", 0), ("retiring", 10), ("retired", 47)]


def test_a_planned_end_that_comes_sooner_stays() -> None:
    [kept] = taken_in([key(1, ("active", 0), ("retiring", 5), ("retired", 20))], [], 10)
    assert states(kept) == [("active", 0), ("retiring", 5), ("retired", 20)]


def test_a_key_that_waited_and_was_left_out_never_comes() -> None:
    [kept] = taken_in([key(1, ("pending", 0), ("active", 20))], [], 10)
    assert states(kept) == [("pending", 0), ("retired", 10)]


def test_a_rotation_of_the_partner_is_taken_over_as_it_is() -> None:
    newer = [key(1, ("active", 0), ("retiring", 17), ("retired", 54)), key(2, ("pending", 10), ("active", 17))]
    kept = taken_in([key(1, ("active", 0))], newer, 10)
    assert [(one.kid, one.lifecycle) for one in kept] == [(one.kid, one.lifecycle) for one in newer]


def test_what_is_dated_back_counts_from_the_import() -> None:
    [kept] = taken_in([key(1, ("active", 0))], [key(1, ("active", 0), ("retired", 3))], 10)
    assert states(kept) == [("active", 0), ("retired", 10)]
    [kept] = taken_in([key(1, ("pending", 0))], [key(1, ("active", 0))], 10)
    assert states(kept) == [("pending", 0), ("active", 10)]


def test_only_compromise_is_dated_back() -> None:
    [kept] = taken_in([key(1, ("active", 0))], [key(1, ("active", 0), ("compromised", 3))], 10)
    assert states(kept) == [("active", 0), ("compromised", 3)]


def test_a_key_that_we_marked_as_compromised_stays_so_whatever_its_owner_says() -> None:
    marked = key(1, ("active", 0), ("compromised", 5))
    [kept] = taken_in([marked], [key(1, ("active", 0))], 10)
    assert states(kept) == [("active", 0), ("compromised", 5)]
    [kept] = taken_in([marked], [], 10)
    assert states(kept) == [("active", 0), ("compromised", 5)]


def test_a_last_day_is_moved_but_not_before_what_was_good_and_not_once_it_is_over() -> None:
    for before, after, kept in (
        (None, 5, 10),
        (None, 20, 20),
        (30, 5, 10),
        (30, None, None),
        (30, 40, 40),
        (5, None, 5),
        (5, 40, 5),
    ):
        [one] = taken_in([key(1, ("active", 0), ends=before)], [key(1, ("active", 0), ends=after)], 10)
        assert one.lifecycle.not_after == (None if kept is None else day(kept)), (before, after)


@pytest.mark.parametrize(
    ("known", "newer", "code"),
    [
        (key(1, ("active", 0)), key(1, ("active", 0), generation=2), "key.kid-reused"),
        (key(1, ("active", 0), ("retired", 5)), key(1, ("active", 0)), "key.states"),
        (key(1, ("active", 0), ("retiring", 5)), key(1, ("active", 0), ("retiring", 20)), "key.states"),
    ],
    ids=["another key under a known id", "a retired key made active", "a retiring key made active for longer"],
)
def test_a_list_that_takes_back_what_has_come_to_pass_is_refused(
    known: RegisteredKey, newer: RegisteredKey, code: str
) -> None:
    assert refused(known, newer, 10) == [code]


def test_all_faults_are_told_and_each_names_its_key() -> None:
    known = [key(1, ("active", 0)), key(2, ("active", 0), ("retired", 5))]
    newer = [key(1, ("active", 0), generation=2), key(2, ("active", 0))]
    _, faults = renewed(known, newer, at=day(10), overlap=OVERLAP, file="xx.json")
    assert [(fault.row, fault.code) for fault in faults] == [
        ("xx-sig-202601-1", "key.kid-reused"),
        ("xx-sig-202601-2", "key.states"),
    ]
