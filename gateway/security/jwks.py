"""Our public keys as a JWK Set (RFC 7517 section 5), for partners' software that reads one.

It says what is published now: pending, active and retiring keys, without their dates. The key list with dated states is
what parties hand to one another at onboarding and rotation; nobody's JWK Set is ever fetched by us.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.security.certificates import certificate_thumbprint
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import KeyState

MEDIA_TYPE = "application/jwk-set+json"
"""RFC 7517 section 8.5.2."""

_SHOWN = frozenset({KeyState.PENDING, KeyState.ACTIVE, KeyState.RETIRING})


def jwk_set(keys: Iterable[RegisteredKey], at: datetime, certificates: Iterable[bytes] = ()) -> bytes:
    """The JWK Set of some keys.

    Args:
        keys: with their states; retired and compromised ones are left out.
        at: now.
        certificates: of ours, in DER form; a key that one of them certifies gets ``x5c`` and ``x5t#S256``.
    """
    certified = {_public(x509.load_der_x509_certificate(der)): der for der in certificates}
    shown = [_entry(key, certified) for key in keys if key.lifecycle.state_at(at) in _SHOWN]
    return json.dumps({"keys": shown}, separators=(",", ":")).encode("ascii")


def _entry(registered: RegisteredKey, certified: Mapping[bytes, bytes]) -> dict[str, Any]:
    key = registered.key
    entry: dict[str, Any] = dict(key.jwk)
    der = certified.get(key.native.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    if der is not None:
        entry |= {"x5c": [base64.b64encode(der).decode("ascii")], "x5t#S256": certificate_thumbprint(der)}
    return entry


def _public(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
