"""Key lists: a JWK Set whose keys carry their dated states.

    {"keys": [{"kty": "EC", "crv": "P-256", "x": "...", "y": "...", "kid": "aa-sig-202601-1", "use": "sig",
               "alg": "ES256", "states": [["active", "2026-01-01T00:00:00Z"]], "not_after": "2028-01-01T00:00:00Z"}]}

A list is imported by an operator, never fetched live and never taken from a message header.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any

from gateway.findings import Fault
from gateway.security.keys import RegisteredKey, import_public_key
from gateway.security.lifecycle import KeyState, Lifecycle, StateChange, first_impossible_change
from gateway.security.policy import KeyRefused


def read_key_list(
    data: bytes, *, owner: str, file: str, short_rsa_allowed: Collection[str] = ()
) -> tuple[tuple[RegisteredKey, ...], tuple[Fault, ...]]:
    """Read a key list, collecting every fault instead of stopping at the first.

    Args:
        data: the JSON document.
        owner: code of the party that holds the private halves.
        file: name for the faults.
        short_rsa_allowed: key ids that a written exception lets be RSA of 2,048 bits.
    """
    try:
        keys = json.loads(data)["keys"]
        members = [dict(jwk) for jwk in keys]
    except (ValueError, TypeError, KeyError, RecursionError):
        return (), (Fault(file=file, code="key.list", message="The file is not a JSON object with a list keys."),)
    registered: list[RegisteredKey] = []
    faults: list[Fault] = []
    for number, jwk in enumerate(members, start=1):
        row = f"keys[{number}]"
        try:
            key = import_public_key(jwk, short_rsa_allowed=short_rsa_allowed)
            lifecycle = _lifecycle(jwk)
        except KeyRefused as refused:
            message = f"{refused.message} ({refused.path})" if refused.path else refused.message
            faults.append(Fault(file=file, row=row, code=refused.stable_code, message=message, remedy=refused.remedy))
            continue
        if any(other.kid == key.kid for other in registered):
            message = "This key id stands twice in the list."
            faults.append(Fault(file=file, row=row, code="key.kid-repeated", message=message))
            continue
        registered.append(RegisteredKey(key, owner, lifecycle))
    return tuple(registered), tuple(faults)


def write_key_list(keys: Iterable[RegisteredKey]) -> bytes:
    """The key list of some registered keys, as UTF-8 JSON."""
    members = []
    for registered in keys:
        states = [[change.state.value, _text(change.since)] for change in registered.lifecycle.changes]
        jwk: dict[str, Any] = {**registered.key.jwk, "states": states}
        if registered.lifecycle.not_after is not None:
            jwk["not_after"] = _text(registered.lifecycle.not_after)
        members.append(jwk)
    return json.dumps({"keys": members}, indent=2).encode("utf-8") + b"\n"


def _lifecycle(jwk: dict[str, Any]) -> Lifecycle:
    """The dated states of one entry.

    Raises:
        KeyRefused: ``key.states``.
    """
    try:
        changes = tuple(StateChange(KeyState(state), _time(since)) for state, since in jwk["states"])
        not_after = _time(jwk["not_after"]) if "not_after" in jwk else None
    except (KeyError, ValueError, TypeError) as error:
        raise KeyRefused(
            "The states of the key are not a list of [state, time with zone].", path="states", code="key.states"
        ) from error
    if not changes or first_impossible_change(changes) is not None:
        raise KeyRefused("The states of the key are not a possible course.", path="states", code="key.states")
    return Lifecycle(changes, not_after)


def _time(text: Any) -> datetime:
    """A time with zone; raises TypeError or ValueError otherwise."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("no zone")
    return at


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
