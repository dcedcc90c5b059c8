"""The states of a key over time, and what a key may do in each.

    pending ──> active ──> retiring ──> retired
       └──────────┴───────────┴──────────┴────> compromised

A change is dated, so that a stored signature can be judged by the state that held at the recorded time of receipt:
a sender's own time of signing proves nothing once its key has leaked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.security.refusals import EnvelopeCode

EARLY = timedelta(seconds=60)
"""How long before a key becomes active what is made with it is taken in: its owner's clock may be ahead of ours."""


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

_AFTER_USE = frozenset({KeyState.RETIRING, KeyState.RETIRED, KeyState.COMPROMISED})

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
        if state is KeyState.PENDING and purpose is KeyPurpose.ACCEPT:
            state = self.state_at(at + EARLY)
        return None if state in _ALLOWED[purpose] else _REFUSALS[state]

    @property
    def compromised_since(self) -> datetime | None:
        """From when the key counts as compromised; None when nobody has said so."""
        return next((change.since for change in self.changes if change.state is KeyState.COMPROMISED), None)

    def until(self, at: datetime) -> tuple[StateChange, ...]:
        """What has come to pass by ``at``: nothing of that is ever rewritten."""
        return tuple(change for change in self.changes if change.since <= at)

    def with_course(self, *changes: StateChange) -> Lifecycle:
        """The same past, and from the first of these changes on no other course than they say."""
        past = tuple(change for change in self.changes if change.since < changes[0].since)
        return replace(self, changes=(*past, *changes))

    def end_of_use(self, at: datetime) -> datetime | None:
        """When an active key ceases to be active, as far as is known at ``at``; None where no end is set."""
        planned = (change.since for change in self.changes if change.since > at and change.state in _AFTER_USE)
        ends = [end for end in (self.not_after, next(planned, None)) if end is not None]
        return min(ends, default=None)


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
