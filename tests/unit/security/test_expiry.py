"""Ends of keys and certificates, and from when on somebody is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.security.certificate_making import generate_certificate
from gateway.security.certificates import PinnedCertificate, certificate_thumbprint
from gateway.security.expiry import certificate_expiries, key_expiries
from gateway.security.generation import generate_key
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import KeyState, Lifecycle, StateChange
from gateway.security.pinlist import ListedCertificate

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KEY = generate_key("xx", "ES256", NOW).public


def day(number: float) -> datetime:
    return NOW + timedelta(days=number)


def course(*changes: tuple[KeyState, float], ends: float | None = None) -> Lifecycle:
    steps = tuple(StateChange(state, day(since)) for state, since in changes)
    return Lifecycle(steps, None if ends is None else day(ends))


@pytest.mark.parametrize(
    ("left", "told"),
    [(90.01, None), (90, 90), (31, 90), (30, 30), (7.5, 30), (7, 7), (1.5, 7), (1, 1), (0, 1), (-0.5, None)],
)
def test_the_operator_is_told_at_90_30_7_and_1_days(left: float, told: int | None) -> None:
    [found] = key_expiries([RegisteredKey(KEY, "xx", course((KeyState.ACTIVE, -400), ends=left))], NOW)
    assert found.days_left(NOW) == pytest.approx(left)
    assert found.warned_at(NOW) == told


@pytest.mark.parametrize(
    ("lifecycle", "life", "left"),
    [
        (course((KeyState.ACTIVE, -100)), None, None),
        (course((KeyState.ACTIVE, -100)), 730, 630),
        (course((KeyState.ACTIVE, -100), ends=20), 730, 20),
        (course((KeyState.ACTIVE, -100), (KeyState.RETIRING, 7), (KeyState.RETIRED, 44)), 730, 7),
        (course((KeyState.ACTIVE, -100), (KeyState.RETIRING, 7), ends=3), 730, 3),
        (course((KeyState.PENDING, -1), (KeyState.ACTIVE, 6)), 730, None),
        (course((KeyState.ACTIVE, -100), (KeyState.COMPROMISED, -1)), 730, None),
    ],
)
def test_a_key_ends_by_its_last_day_its_plan_or_its_age(
    lifecycle: Lifecycle, life: float | None, left: float | None
) -> None:
    lasts = None if life is None else timedelta(days=life)
    [found] = key_expiries([RegisteredKey(KEY, "xx", lifecycle)], NOW, life=lasts)
    assert found.days_left(NOW) == (None if left is None else pytest.approx(left))


def test_what_is_out_of_use_warns_nobody() -> None:
    retiring = course((KeyState.ACTIVE, -100), (KeyState.RETIRING, -1), (KeyState.RETIRED, 1))
    [found] = key_expiries([RegisteredKey(KEY, "xx", retiring)], NOW)
    assert (found.state, found.warned_at(NOW)) == (KeyState.RETIRING, None)


def test_a_certificate_ends_by_itself_or_with_its_registration() -> None:
    made = generate_certificate("xx", ("localhost",), NOW)
    pin = certificate_thumbprint(made.der)
    whole = ListedCertificate(PinnedCertificate("xx", pin, Lifecycle.active_from(NOW)), made.der)
    short = ListedCertificate(PinnedCertificate("xx", pin, Lifecycle.active_from(NOW, day(5))), made.der)
    bare = ListedCertificate(PinnedCertificate("xx", pin, Lifecycle.active_from(NOW)))
    own, sooner, unknown = certificate_expiries([whole, short, bare], NOW)
    assert own.days_left(NOW) is not None
    assert (own.days_left(NOW) or 0) > 300
    assert sooner.days_left(NOW) == pytest.approx(5)
    assert unknown.ends is None
    assert {one.name for one in (own, sooner, unknown)} == {pin}
