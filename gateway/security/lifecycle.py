"""The states of a key over time, and what a key may do in each.

    pending ──> active ──> retiring ──> retired
       └──────────┴───────────┴──────────┴────> compromised

A change is dated, so that a stored signature can be judged by the state that held at the recorded time of receipt:
a sender's own time of signing proves nothing once its key has leaked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.security.refusals import EnvelopeCode


class KeyState(StrEnum):
    """Where a key stands."""

    PENDING = "pending"
    ACTIVE = "active"
    RETIRING = "retiring"
    RETIRED = "retired"
    COMPROMISED = "compromised"


class KeyPurpose(StrEnum):
    """What somebody wants to do with a key now."""

    PRODUCE = "produce"
    """Make something new: sign, or encrypt to its owner. Only an active key may."""
    ACCEPT = "accept"
    """Take something in: verify, or decrypt. A retiring key still may."""


_FOLLOWERS: dict[KeyState, frozenset[KeyState]] = {
    KeyState.PENDING: frozenset({KeyState.ACTIVE, KeyState.RETIRED, KeyState.COMPROMISED}),
    KeyState.ACTIVE: frozenset({KeyState.RETIRING, KeyState.RETIRED, KeyState.COMPROMISED}),
    KeyState.RETIRING: frozenset({KeyState.RETIRED, KeyState.COMPROMISED}),
    KeyState.RETIRED: frozenset({KeyState.COMPROMISED}),
    KeyState.COMPROMISED: frozenset(),
}

_ALLOWED: dict[KeyPurpose, frozenset[KeyState]] = {
    KeyPurpose.PRODUCE: frozenset({KeyState.ACTIVE}),
    KeyPurpose.ACCEPT: frozenset({KeyState.ACTIVE, KeyState.RETIRING}),
}

_REFUSALS: dict[KeyState, EnvelopeCode] = {
    KeyState.PENDING: EnvelopeCode.KEY_NOT_ACTIVE,
    KeyState.ACTIVE: EnvelopeCode.KEY_NOT_ACTIVE,
    KeyState.RETIRING: EnvelopeCode.EXPIRED_KEY,
    KeyState.RETIRED: EnvelopeCode.EXPIRED_KEY,
    KeyState.COMPROMISED: EnvelopeCode.COMPROMISED_KEY,
}


@dataclass(frozen=True, slots=True)
class StateChange:
    """From ``since`` on (with time zone) the key is in ``state``."""

    state: KeyState
    since: datetime


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The dated states of one key; before the first change it is pending.

    Attributes:
        changes: in order of time.
        not_after: last moment of use, whatever the state says; None for no such limit.
    """

    changes: tuple[StateChange, ...]
    not_after: datetime | None = None

    @classmethod
    def active_from(cls, since: datetime, not_after: datetime | None = None) -> Lifecycle:
        """A key that is simply active from ``since`` on."""
        return cls((StateChange(KeyState.ACTIVE, since),), not_after)

    def state_at(self, at: datetime) -> KeyState:
        """The state that holds at ``at``; past ``not_after`` a living key counts as retired."""
        state = KeyState.PENDING
        for change in self.changes:
            if change.since <= at:
                state = change.state
        if self.not_after is not None and at > self.not_after and state is not KeyState.COMPROMISED:
            return KeyState.RETIRED
        return state

    def refusal_at(self, at: datetime, purpose: KeyPurpose) -> EnvelopeCode | None:
        """The code that refuses ``purpose`` at ``at``, or None when it is allowed."""
        state = self.state_at(at)
        return None if state in _ALLOWED[purpose] else _REFUSALS[state]


def first_impossible_change(changes: Iterable[StateChange]) -> StateChange | None:
    """The first change that the state table does not hold or that goes back in time; None when all are possible."""
    state, since = KeyState.PENDING, None
    for number, change in enumerate(changes):
        opening = number == 0 and change.state is KeyState.PENDING
        if not opening and change.state not in _FOLLOWERS[state]:
            return change
        if since is not None and change.since < since:
            return change
        state, since = change.state, change.since
    return None
