"""Rotation: at any moment exactly one of our keys makes new things, and what is under way is still taken."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.security.generation import generate_key
from gateway.security.keys import PublicKey, RegisteredKey
from gateway.security.lifecycle import EARLY, KeyPurpose, KeyState, Lifecycle, first_impossible_change
from gateway.security.policy import KeyRefused
from gateway.security.rotation import announced, next_number, revoked, rotated, services_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OVERLAP = timedelta(days=37)


@cache
def public(number: int, algorithm: str = "ES256") -> PublicKey:
    return generate_key("aa", algorithm, NOW, number=number).public


def active(number: int, algorithm: str = "ES256") -> RegisteredKey:
    return RegisteredKey(public(number, algorithm), "aa", Lifecycle.active_from(NOW - timedelta(days=9)))


def turned(keys: tuple[RegisteredKey, ...], number: int, at: datetime, lead: timedelta) -> tuple[RegisteredKey, ...]:
    new = announced(public(number), "aa", at=at, first_use=at + lead)
    return rotated(keys, new, at=at, overlap=OVERLAP)


def makers(keys: tuple[RegisteredKey, ...], at: datetime) -> list[str]:
    return [key.kid for key in keys if key.active_since(at) is not None]


def test_the_new_key_waits_and_the_old_one_stays_until_nothing_is_under_way() -> None:
    first_use = NOW + timedelta(days=7)
    old, new = turned((active(1),), 2, NOW, timedelta(days=7))
    states = {
        "published": (NOW, KeyState.ACTIVE, KeyState.PENDING),
        "the last moment": (first_use - timedelta(microseconds=1), KeyState.ACTIVE, KeyState.PENDING),
        "first use": (first_use, KeyState.RETIRING, KeyState.ACTIVE),
        "still under way": (first_use + OVERLAP - timedelta(microseconds=1), KeyState.RETIRING, KeyState.ACTIVE),
        "over": (first_use + OVERLAP, KeyState.RETIRED, KeyState.ACTIVE),
    }
    for at, was, is_ in states.values():
        assert (old.lifecycle.state_at(at), new.lifecycle.state_at(at)) == (was, is_)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 30)), min_size=1, max_size=6))
def test_after_any_rotations_one_key_makes_new_things_at_any_moment(steps: list[tuple[int, int]]) -> None:
    keys: tuple[RegisteredKey, ...] = (active(1),)
    at, moments = NOW, {NOW}
    for number, (pause, lead) in enumerate(steps, start=2):
        at += timedelta(days=pause, seconds=1)
        with suppress(KeyRefused):  # while another key waits
            keys = turned(keys, number, at, timedelta(days=lead))
        moments |= {change.since for key in keys for change in key.lifecycle.changes}
    for key in keys:
        assert first_impossible_change(key.lifecycle.changes) is None
    for moment in moments:
        for near in (moment - timedelta(microseconds=1), moment, moment + timedelta(microseconds=1)):
            made = makers(keys, near)
            assert len(made) == 1 or near < NOW - timedelta(days=9)
            taken = [key for key in keys if key.refusal_at(near + timedelta(hours=1)) is None]
            assert set(made) <= {key.kid for key in taken}, "what is made now is taken an hour later"


def test_while_one_key_waits_no_other_is_made() -> None:
    keys = turned((active(1),), 2, NOW, timedelta(days=7))
    with pytest.raises(KeyRefused) as refused:
        turned(keys, 3, NOW + timedelta(days=6), timedelta(days=7))
    assert (refused.value.stable_code, refused.value.path) == ("key.rotation-pending", public(2).kid)
    assert len(turned(keys, 3, NOW + timedelta(days=7, seconds=1), timedelta(days=7))) == 3
    without = revoked(keys, public(2).kid, NOW + timedelta(days=1))
    assert len(turned(without, 3, NOW + timedelta(days=2), timedelta(days=7))) == 3


def test_an_id_is_given_once() -> None:
    with pytest.raises(KeyRefused) as refused:
        turned((active(1),), 1, NOW, timedelta(days=7))
    assert refused.value.stable_code == "key.kid-reused"


@pytest.mark.parametrize(
    ("old", "new", "retires"),
    [
        ("ES256", "Ed25519", True),
        ("PS256", "ES256", True),
        ("PS512", "Ed25519", True),
        ("ES256", "PS256", False),  # nobody would sign HTTP
        ("ES256", "PS512", False),  # nobody would sign messages
        ("PS256", "PS512", False),
        ("ECDH-ES+A256KW", "ES256", False),
        ("ECDH-ES+A256KW", "RSA-OAEP-256", True),
    ],
)
def test_an_old_key_retires_only_when_the_new_one_can_do_all_that_it_did(old: str, new: str, retires: bool) -> None:
    coming = announced(public(2, new), "aa", at=NOW, first_use=NOW + timedelta(days=7))
    kept, _ = rotated((active(1, old),), coming, at=NOW, overlap=OVERLAP)
    assert (kept.lifecycle.state_at(NOW + timedelta(days=8)) is KeyState.RETIRING) is retires


def test_each_key_knows_what_it_can_do() -> None:
    assert services_of(public(1, "ES256")) == {"messages", "http"}
    assert services_of(public(1, "PS256")) == {"messages"}
    assert services_of(public(1, "PS512")) == {"http"}
    assert services_of(public(1, "RSA-OAEP-256")) == {"open"}


def test_numbers_go_on_after_the_highest_that_was_ever_given() -> None:
    taken = ["aa-sig-202603-1", "aa-sig-202603-7", "aa-sig-202602-9", "aa-enc-202603-8", "ab-sig-202603-11", "log"]
    assert next_number("aa", "sig", NOW, taken) == 8
    assert next_number("aa", "sig", NOW, []) == 1
    with pytest.raises(KeyRefused) as refused:
        next_number("aa", "sig", NOW, ["aa-sig-202603-999"])
    assert refused.value.stable_code == "key.ids-used-up"


def test_a_revoked_key_is_refused_from_then_on_and_nothing_before() -> None:
    keys = turned((active(1),), 2, NOW, timedelta(days=7))
    at = NOW + timedelta(days=8)
    old, new = revoked(keys, public(1).kid, at)
    assert new is keys[1]
    assert old.refusal_at(at - timedelta(microseconds=1)) is None
    assert old.refusal_at(at) == "envelope.compromised-key"
    assert old.refusal_at(at + OVERLAP * 2) == "envelope.compromised-key"
    assert first_impossible_change(old.lifecycle.changes) is None


@pytest.mark.parametrize(("kid", "code"), [("aa-sig-202603-9", "key.unknown"), ("aa-sig-202603-1", "key.compromised")])
def test_what_cannot_be_revoked(kid: str, code: str) -> None:
    keys = revoked((active(1),), public(1).kid, NOW)
    with pytest.raises(KeyRefused) as refused:
        revoked(keys, kid, NOW + timedelta(days=1))
    assert refused.value.stable_code == code


def test_a_key_is_taken_a_little_before_its_first_use_but_never_used_before_it() -> None:
    [new] = turned((), 2, NOW, timedelta(days=7))
    first_use = NOW + timedelta(days=7)
    assert new.refusal_at(first_use - EARLY) is None
    assert new.refusal_at(first_use - EARLY - timedelta(microseconds=1)) == "envelope.key-not-active"
    assert new.lifecycle.refusal_at(first_use - timedelta(seconds=1), KeyPurpose.PRODUCE) == "envelope.key-not-active"
