"""What a new version of an agreement changes, said in the order in which it matters: first what newly leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.agreement.agreement import Agreement, Permit
from gateway.agreement.fields import Denied, Field, covers
from gateway.agreement.places import meet

ALL_MESSAGES = "all messages"
"""Stands for the message where a term of the whole agreement changes."""

_OF_AGREEMENT = ("status", "zone", "in_force_from", "in_force_to", "onward", "correction", "service")
_OF_MESSAGE = ("purposes", "format", "clause", "retention_days", "deadline", "volume_per_hour", "recipients")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference.

    Attributes:
        kind: ``releases`` and ``permits`` are new; ``withholds`` and ``forbids`` are gone; ``alters`` is another
            transform, clause, purpose, retention or other term.
        message: ``type direction``, or `ALL_MESSAGES`.
        what: the path, or the term.
        was, now: as the two versions have it, empty where one has nothing.
    """

    kind: str
    message: str
    what: str
    was: str = ""
    now: str = ""


_ORDER = ("permits", "releases", "alters", "withholds", "forbids")


def changes(old: Agreement, new: Agreement) -> tuple[Change, ...]:
    """All that the new version permits, releases, alters, withholds and forbids, in this order."""
    before, after = _by_message(old), _by_message(new)
    found = list(_altered(ALL_MESSAGES, _OF_AGREEMENT, old.terms, new.terms))
    for message in dict.fromkeys([*before, *after]):
        was, now = before.get(message), after.get(message)
        if was is None:
            found.append(Change(kind="permits", message=message, what="the message type"))
        elif now is None:
            found.append(Change(kind="forbids", message=message, what="the message type"))
        else:
            found += _altered(message, _OF_MESSAGE, was.message, now.message)
        found += _paths_changed(message, was, now)
        found += _exceptions_changed(message, was, now)
    return tuple(sorted(found, key=lambda one: _ORDER.index(one.kind)))


def _by_message(agreement: Agreement) -> dict[str, Permit]:
    return {f"{one.message.type} {one.message.direction}": one for one in agreement.permits}


def _altered(message: str, names: tuple[str, ...], was: object, now: object) -> Iterator[Change]:
    for name in names:
        before, after = getattr(was, name), getattr(now, name)
        if before != after:
            yield Change(kind="alters", message=message, what=name, was=_said(before), now=_said(after))


def _said(term: object) -> str:
    if term is None:
        return ""
    return ", ".join(map(str, term)) if isinstance(term, tuple) else str(term)


def _paths_changed(message: str, was: Permit | None, now: Permit | None) -> Iterator[Change]:
    before, after = _released(was), _released(now)
    for path in dict.fromkeys([*before, *after]):
        a, b = before.get(path, ""), after.get(path, "")
        if a != b:
            kind = "alters" if a and b else "releases" if b else "withholds"
            yield Change(kind=kind, message=message, what=path, was=a, now=b)


def _released(permit: Permit | None) -> dict[str, str]:
    """Path -> how it is released, without what a denial takes away entirely."""
    released: dict[str, str] = {}
    for one in permit.fields.allowed if permit is not None else ():
        if permit is not None and not _gone(one, permit):
            below = " and all below" if one.whole else ""
            personal = ", personal data too" if one.personal else ""
            released[str(one.path)] = f"{one.transform}{below}{personal} ({one.clause})"
    return released


def _gone(grant: Field, permit: Permit) -> bool:
    if grant.whole:
        return any(covers(denied.path, grant.path, claims=None) for denied in permit.fields.denied)
    return not permit.fields.releases(grant.path)


def _exceptions_changed(message: str, was: Permit | None, now: Permit | None) -> Iterator[Change]:
    """Denials inside a class that both versions release as a whole."""
    before, after = _exceptions(was), _exceptions(now)
    for path in dict.fromkeys([*before, *after]):
        a, b = before.get(path), after.get(path)
        if a is not None and b is None and now is not None and _cut_out_of(now, a):
            yield Change(kind="releases", message=message, what=path, was=_held(a))
        elif b is not None and a is None and was is not None and _cut_out_of(was, b):
            yield Change(kind="withholds", message=message, what=path, now=_held(b))
        elif a is not None and b is not None and _held(a) != _held(b):
            yield Change(kind="alters", message=message, what=path, was=_held(a), now=_held(b))


def _exceptions(permit: Permit | None) -> dict[str, Denied]:
    denied = permit.fields.denied if permit is not None else ()
    return {str(one.path): one for one in denied if permit is not None and _cut_out_of(permit, one)}


def _cut_out_of(permit: Permit, denied: Denied) -> bool:
    """Whether a denial takes a part out of a class that is released as a whole."""
    wholes = [one.path for one in permit.fields.allowed if one.whole and not _gone(one, permit)]
    return any(meet(path, denied.path) or covers(path, denied.path, claims=None) for path in wholes)


def _held(denied: Denied) -> str:
    return f"held back ({denied.clause})"
