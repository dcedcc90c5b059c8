"""Rotation of our own keys: one becomes ready while another still serves, and neither is ever in doubt.

    new key   pending ──── active ────────────────────────────>
    old key   active ────> retiring ───> retired
              published    first use     nothing under way any more

The new key is published well before its first use, so that partners know it by then. From its first use on we sign with
it, and partners encrypt to it; what was made with the old one before, or by somebody who got the list late, is still
taken until the old one is retired. All of that stands as dated states in one list, so that every process and every
partner changes over at the same moment without being told. Nothing is taken out of a list: a public key stays for the
evidence that was signed with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.security.generation import use_of
from gateway.security.http_profile import ALGORITHMS
from gateway.security.keys import PublicKey, RegisteredKey
from gateway.security.lifecycle import KeyState, Lifecycle, StateChange
from gateway.security.policy import KeyRefused
from gateway.security.suites import INTL_1

MOST_OF_A_MONTH = 999
"""Most keys of one use that one month has ids for."""


def services_of(key: PublicKey) -> frozenset[str]:
    """What a key can do for us: open envelopes, sign messages, sign HTTP; an RSA key signs one or the other."""
    return services_by(key.alg)


def services_by(algorithm: str) -> frozenset[str]:
    """What a key of an algorithm can do for us."""
    if use_of(algorithm) == "enc":
        return frozenset({"open"})
    can = {"messages": INTL_1.signatures, "http": ALGORITHMS}
    return frozenset(service for service, algorithms in can.items() if algorithm in algorithms)


def next_number(party: str, use: str, at: datetime, taken: Iterable[str]) -> int:
    """The last part of the next id ``<party>-<use>-<yyyymm>-<n>``: higher than every one that was ever given.

    Args:
        party: code of the owner.
        use: ``sig`` or ``enc``.
        at: gives the month.
        taken: ids that were given, of keys that came to nothing too.

    Raises:
        KeyRefused: ``key.ids-used-up``.
    """
    form = re.compile(rf"{re.escape(party)}-{use}-{at:%Y%m}-([0-9]+)")
    numbers = [int(found.group(1)) for kid in taken if (found := form.fullmatch(kid))]
    number = max(numbers, default=0) + 1
    if number > MOST_OF_A_MONTH:
        raise KeyRefused("This month has no key id left.", path=use, code="key.ids-used-up", remedy="wait for the next")
    return number


def rotated(
    listed: Sequence[RegisteredKey], new: RegisteredKey, *, at: datetime, overlap: timedelta
) -> tuple[RegisteredKey, ...]:
    """A list in which a new key takes over from those that did its work.

    Args:
        listed: all our keys so far.
        new: from `announced`.
        at: now.
        overlap: how long after the first use of the new key the old ones still open or verify.

    Raises:
        KeyRefused: ``key.kid-reused``, or ``key.rotation-pending`` when another key is about to take over.
    """
    if any(key.kid == new.kid for key in listed):
        raise KeyRefused("This key id was given before.", path=new.kid, code="key.kid-reused", remedy="give another")
    first_use, serves = new.lifecycle.changes[-1].since, services_of(new.key)
    refuse_second(listed, serves, at)
    return (*(_making_room(key, serves, first_use, overlap) for key in listed), new)


def refuse_second(listed: Iterable[RegisteredKey], serves: frozenset[str], at: datetime) -> None:
    """Refuse a new key while another one waits to do some of its work.

    Raises:
        KeyRefused: ``key.rotation-pending``.
    """
    waiting = waiting_for(listed, serves, at)
    if waiting is not None:
        raise KeyRefused(
            "Another key is published already and has not taken over yet.",
            path=waiting.kid,
            code="key.rotation-pending",
            remedy="wait for its first use, let it take over now (--now), or revoke it before a new one is made",
        )


def waiting_for(listed: Iterable[RegisteredKey], serves: frozenset[str], at: datetime) -> RegisteredKey | None:
    """The key that is published and has not taken over yet, among those that do some of this work."""
    waiting = (key for key in listed if key.lifecycle.state_at(at) is KeyState.PENDING)
    return next((key for key in waiting if services_of(key.key) & serves), None)


def brought_forward(
    listed: Sequence[RegisteredKey], waiting: RegisteredKey, *, at: datetime, first_use: datetime, overlap: timedelta
) -> tuple[RegisteredKey, ...]:
    """A list in which a key that waits takes over sooner: partners who have the list know it already.

    Args:
        listed: all our keys.
        waiting: the one of them that is pending.
        at: now.
        first_use: when it takes over.
        overlap: how long after that the old ones still open or verify.
    """
    moved = Lifecycle((*waiting.lifecycle.until(at), StateChange(KeyState.ACTIVE, first_use)))
    sooner, serves = replace(waiting, lifecycle=moved), services_of(waiting.key)
    return tuple(sooner if key is waiting else _making_room(key, serves, first_use, overlap) for key in listed)


def announced(key: PublicKey, owner: str, *, at: datetime, first_use: datetime) -> RegisteredKey:
    """A new key as it is published: pending until its first use."""
    waiting = (StateChange(KeyState.PENDING, at),) if first_use > at else ()
    return RegisteredKey(key, owner, Lifecycle((*waiting, StateChange(KeyState.ACTIVE, first_use))))


def revoked(listed: Sequence[RegisteredKey], kid: str, at: datetime) -> tuple[RegisteredKey, ...]:
    """A list in which one key counts as compromised from ``at`` on.

    What was received with it before keeps its standing: the recorded time of receipt decides, not what a message says.

    Raises:
        KeyRefused: ``key.unknown``, or ``key.compromised`` when it was marked before.
    """
    found = next((key for key in listed if key.kid == kid), None)
    if found is None:
        remedy = "`sarhad partner keys list` shows the ids"
        raise KeyRefused("No key of this id is in the list.", path=kid, code="key.unknown", remedy=remedy)
    if found.lifecycle.compromised_since is not None:
        raise KeyRefused("This key is marked as compromised already.", path=kid, code="key.compromised")
    marked = replace(found, lifecycle=found.lifecycle.with_course(StateChange(KeyState.COMPROMISED, at)))
    return tuple(marked if key is found else key for key in listed)


def _making_room(key: RegisteredKey, serves: frozenset[str], first_use: datetime, overlap: timedelta) -> RegisteredKey:
    """An old key as it stands beside a new one: it retires when the new one can do all that it did."""
    if key.lifecycle.state_at(first_use) is not KeyState.ACTIVE or not services_of(key.key) <= serves:
        return key
    leaving = (StateChange(KeyState.RETIRING, first_use), StateChange(KeyState.RETIRED, first_use + overlap))
    return replace(key, lifecycle=key.lifecycle.with_course(*leaving))
