"""Taking in a newer key list of a party whose older one we hold: what we know is kept, what is past is not rewritten.

Signed evidence is judged by the state that a key had when something was received. Whoever could rewrite the past of a
key by a new list could make old evidence void, or forged evidence valid. So:

* a key id keeps its key for ever; another key under a known id refuses the list;
* a key that the newer list leaves out stays: it retires from now on, over the time of an overlap;
* what has come to pass stands; a newer list says what is to come, and anything it dates back counts from now;
* compromise alone may be dated back, by the owner, and is never taken back: of two dates the earlier one counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.findings import Fault
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import KeyState, Lifecycle, StateChange, first_impossible_change


def renewed(
    known: Sequence[RegisteredKey], newer: Sequence[RegisteredKey], *, at: datetime, overlap: timedelta, file: str
) -> tuple[tuple[RegisteredKey, ...], tuple[Fault, ...]]:
    """The keys of a party after a newer list has come.

    Args:
        known: what we hold.
        newer: what the party handed over now.
        at: when.
        overlap: how long a key that was left out is still taken.
        file: names the newer list in faults.

    Returns:
        All keys, known ones first, and every fault; with a fault nothing is to be taken in.
    """
    given = {key.kid: key for key in newer}
    faults: list[Fault] = []
    kept: list[RegisteredKey] = []
    for old in known:
        new = given.pop(old.kid, None)
        if new is None:
            kept.append(replace(old, lifecycle=_left_out(old.lifecycle, at, overlap)))
            continue
        if (new.key.jwk, new.owner) != (old.key.jwk, old.owner):
            message, remedy = "This key id belongs to another key.", "Give the new key an id of its own."
            faults.append(Fault(file=file, row=old.kid, code="key.kid-reused", message=message, remedy=remedy))
            continue
        lifecycle = merged(old.lifecycle, new.lifecycle, at)
        if first_impossible_change(lifecycle.changes) is not None:
            message, remedy = "The states take back what has come to pass.", "Leave the past states as they were."
            faults.append(Fault(file=file, row=old.kid, code="key.states", message=message, remedy=remedy))
        kept.append(replace(old, lifecycle=lifecycle))
    return (*kept, *given.values()), tuple(faults)


def merged(old: Lifecycle, new: Lifecycle, at: datetime) -> Lifecycle:
    """The past of ``old``, the future of ``new``; whether the course is possible is still to be checked."""
    compromised = [since for since in (old.compromised_since, new.compromised_since) if since is not None]
    past = old.until(at)
    future = tuple(change for change in new.changes if change.since > at)
    was, now = past[-1].state if past else None, _state_by(new, at)
    turn = () if now is None or now is was else (StateChange(now, at),)
    whole = Lifecycle((*past, *turn, *future), _last_moment(old, new, at))
    return whole.with_course(StateChange(KeyState.COMPROMISED, min(compromised))) if compromised else whole


def _state_by(lifecycle: Lifecycle, at: datetime) -> KeyState | None:
    """The state that the changes give, whatever the last moment is; None before the first."""
    past = lifecycle.until(at)
    return past[-1].state if past else None


def _last_moment(old: Lifecycle, new: Lifecycle, at: datetime) -> datetime | None:
    """The new last moment, but never before now where the key was good until now; one that has passed stays."""
    if old.not_after is not None and old.not_after <= at:
        return old.not_after
    return None if new.not_after is None else max(new.not_after, at)


def _left_out(old: Lifecycle, at: datetime, overlap: timedelta) -> Lifecycle:
    """A key that its owner no longer lists: one in use retires, one that waited never comes."""
    state = _state_by(old, at) or KeyState.PENDING
    if state in {KeyState.RETIRED, KeyState.COMPROMISED}:
        return old
    if state is KeyState.PENDING:
        return replace(old, changes=(*old.until(at), StateChange(KeyState.RETIRED, at)))
    planned = (change.since for change in old.changes if change.since > at and change.state is KeyState.RETIRED)
    end = StateChange(KeyState.RETIRED, min(next(planned, at + overlap), at + overlap))
    turn = (StateChange(KeyState.RETIRING, at),) if state is KeyState.ACTIVE else ()
    return replace(old, changes=(*old.until(at), *turn, end))
