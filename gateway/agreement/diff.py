"""What a new version of an agreement changes, said in the order in which it matters: first what newly leaves."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.agreement.agreement import Agreement, Permit


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference.

    Attributes:
        kind: ``releases`` and ``permits`` are new; ``withholds`` and ``forbids`` are gone; ``alters`` is another
            transform, clause, purpose, retention or format.
        message: ``type direction``.
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
    found: list[Change] = []
    for message in dict.fromkeys([*before, *after]):
        was, now = before.get(message), after.get(message)
        if was is None:
            found.append(Change(kind="permits", message=message, what="the message type"))
        elif now is None:
            found.append(Change(kind="forbids", message=message, what="the message type"))
        else:
            found += _terms_changed(message, was, now)
        found += _paths_changed(message, was, now)
    return tuple(sorted(found, key=lambda one: _ORDER.index(one.kind)))


def _by_message(agreement: Agreement) -> dict[str, Permit]:
    return {f"{one.message.type} {one.message.direction}": one for one in agreement.permits}


def _terms_changed(message: str, was: Permit, now: Permit) -> list[Change]:
    names = ("purposes", "format", "clause", "retention_days")
    pairs = ((name, str(getattr(was.message, name)), str(getattr(now.message, name))) for name in names)
    return [Change(kind="alters", message=message, what=name, was=a, now=b) for name, a, b in pairs if a != b]


def _paths_changed(message: str, was: Permit | None, now: Permit | None) -> list[Change]:
    before, after = _released(was), _released(now)
    found = []
    for path in dict.fromkeys([*before, *after]):
        a, b = before.get(path, ""), after.get(path, "")
        if a != b:
            kind = "alters" if a and b else "releases" if b else "withholds"
            found.append(Change(kind=kind, message=message, what=path, was=a, now=b))
    return found


def _released(permit: Permit | None) -> dict[str, str]:
    """Path -> how it is released; a path that a denial cuts out is left out, one that it narrows stays."""
    if permit is None:
        return {}
    fields = permit.fields
    released = {}
    for one in fields.allowed:
        if one.whole or fields.releases(one.path):
            how = " and all below" if one.whole else ""
            released[str(one.path)] = f"{one.transform}{how} ({one.clause})"
    for denied in fields.denied:
        released.pop(str(denied.path), None)
    return released
