"""Marks of distrust: keys of a partner that count as compromised without the registrar's word.

    {"distrusted": [{"kid": "xx-sig-202601-1", "since": "2026-03-01T12:00:00Z"}]}

Trust needs the registrar's signature, distrust needs none: when a key has leaked, nobody waits for a key that lies in
a safe. A mark can only take trust away. A mark itself can be taken away by who can write the file; so the registrar
signs the compromised state as soon as he can be reached, and the log holds who marked what.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from gateway.security.jose import strict_object
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import KeyState, StateChange
from gateway.security.policy import KeyRefused

_KIND = "distrusted"


def read_marks(document: bytes) -> dict[str, datetime]:
    """Since when each marked key is distrusted.

    Raises:
        KeyRefused: ``registry.marks``: it is no such document.
    """
    try:
        return dict(_mark(entry) for entry in strict_object(document)[_KIND])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise KeyRefused(
            "This is not a JSON object with a list of key ids and times.",
            path=_KIND,
            code="registry.marks",
            remedy="restore it from the backup; the log holds what was marked",
        ) from None


def write_marks(marks: Mapping[str, datetime]) -> bytes:
    """The document of some marks."""
    entries = [{"kid": kid, "since": _text(since)} for kid, since in sorted(marks.items())]
    return json.dumps({_KIND: entries}, indent=2).encode("utf-8") + b"\n"


def distrusting(keys: Iterable[RegisteredKey], marks: Mapping[str, datetime]) -> tuple[RegisteredKey, ...]:
    """The keys with each marked one compromised from its mark on, or from earlier where its list says so."""
    return tuple(_marked(key, marks[key.kid]) if key.kid in marks else key for key in keys)


def _marked(key: RegisteredKey, since: datetime) -> RegisteredKey:
    listed = key.lifecycle.compromised_since
    if listed is not None and listed <= since:
        return key
    return replace(key, lifecycle=key.lifecycle.with_course(StateChange(KeyState.COMPROMISED, since)))


def _mark(entry: Any) -> tuple[str, datetime]:
    kid, since = entry["kid"], datetime.fromisoformat(entry["since"])
    if set(entry) != {"kid", "since"} or not isinstance(kid, str) or since.tzinfo is None:
        raise ValueError("no mark")
    return kid, since


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
