"""The dated states of an entry in a list of keys or certificates.

"states": [["active", "2026-01-01T00:00:00Z"], ["retiring", "2027-12-01T00:00:00Z"]],
"not_after": "2028-01-01T00:00:00Z"
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from gateway.security.lifecycle import KeyState, Lifecycle, StateChange, first_impossible_change
from gateway.security.policy import KeyRefused


def read_states(entry: Mapping[str, Any]) -> Lifecycle:
    """The states of one entry.

    Raises:
        KeyRefused: ``key.states``.
    """
    try:
        changes = tuple(StateChange(KeyState(state), _time(since)) for state, since in entry["states"])
        not_after = _time(entry["not_after"]) if "not_after" in entry else None
    except (KeyError, ValueError, TypeError) as error:
        message = "The states are not a list of [state, time with zone]."
        raise KeyRefused(message, path="states", code="key.states") from error
    if not changes or first_impossible_change(changes) is not None:
        raise KeyRefused("The states are not a possible course.", path="states", code="key.states")
    return Lifecycle(changes, not_after)


def write_states(lifecycle: Lifecycle) -> dict[str, Any]:
    """The members ``states`` and, where there is one, ``not_after``."""
    members: dict[str, Any] = {
        "states": [[change.state.value, _text(change.since)] for change in lifecycle.changes],
    }
    if lifecycle.not_after is not None:
        members["not_after"] = _text(lifecycle.not_after)
    return members


def _time(text: Any) -> datetime:
    """A time with zone; raises TypeError or ValueError otherwise."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("no zone")
    return at


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
