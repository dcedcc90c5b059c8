"""The JWK Set: what is published now, public members only."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gateway.security.certificate_making import generate_certificate
from gateway.security.certificates import certificate_thumbprint
from gateway.security.generation import describe_public_key, generate_key
from gateway.security.jwks import jwk_set
from gateway.security.keys import RegisteredKey, import_public_key
from gateway.security.lifecycle import KeyState, Lifecycle, StateChange

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "shown"),
    [("pending", True), ("active", True), ("retiring", True), ("retired", False), ("compromised", False)],
)
def test_keys_that_may_still_be_met_are_shown(state: str, shown: bool) -> None:
    lifecycle = Lifecycle((StateChange(KeyState(state), NOW - timedelta(days=1)),))
    key = generate_key("aa", "ES256", NOW).public
    found = json.loads(jwk_set([RegisteredKey(key, "aa", lifecycle)], NOW))["keys"]
    assert [one["kid"] for one in found] == ([key.kid] if shown else [])


@pytest.mark.parametrize("algorithm", ["ES256", "Ed25519", "PS256", "ECDH-ES+A256KW"])
def test_an_entry_is_a_public_jwk_with_use_alg_and_kid(algorithm: str) -> None:
    key = generate_key("aa", algorithm, NOW).public
    [entry] = json.loads(jwk_set([RegisteredKey(key, "aa", Lifecycle.active_from(NOW))], NOW))["keys"]
    assert not {"d", "p", "q", "dp", "dq", "qi", "k", "states"} & entry.keys()
    assert (entry["kid"], entry["alg"], entry["use"]) == (key.kid, key.alg, key.use)
    assert import_public_key(entry).thumbprint == key.thumbprint


def test_a_key_that_a_certificate_of_ours_certifies_shows_it() -> None:
    made = generate_certificate("aa", ("localhost",), NOW)
    private = load_pem_private_key(made.private_pem(b"secret"), b"secret")
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    certified = describe_public_key(private, "aa-sig-202603-1", "sig", "ES256")
    other = generate_key("aa", "ES256", NOW, number=2).public
    keys = [RegisteredKey(key, "aa", Lifecycle.active_from(NOW)) for key in (certified, other)]
    first, second = json.loads(jwk_set(keys, NOW, [made.der]))["keys"]
    assert base64.b64decode(first["x5c"][0]) == made.der
    assert first["x5t#S256"] == certificate_thumbprint(made.der)
    assert "x5c" not in second
