"""Key lists: a JWK Set whose keys carry their dated states.

    {"keys": [{"kty": "EC", "crv": "P-256", "x": "...", "y": "...", "kid": "aa-sig-202601-1", "use": "sig",
               "alg": "ES256", "states": [["active", "2026-01-01T00:00:00Z"]], "not_after": "2028-01-01T00:00:00Z"}]}

A list is imported by an operator, never fetched live and never taken from a message header.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable

from gateway.findings import Fault
from gateway.security.dated_states import read_states, write_states
from gateway.security.keys import RegisteredKey, import_public_key
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
            lifecycle = read_states(jwk)
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
    members = [{**registered.key.jwk, **write_states(registered.lifecycle)} for registered in keys]
    return json.dumps({"keys": members}, indent=2).encode("utf-8") + b"\n"
