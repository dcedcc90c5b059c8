"""New key pairs, for set-up, tests and demonstrations: bytes in, bytes out; writing files is the adapters' affair."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519

from gateway.security.filekeys import PrivateKey
from gateway.security.jose import encode
from gateway.security.keys import PublicKey, import_public_key
from gateway.security.policy import SMALLEST_RSA_BITS, KeyRefused

TOKEN_ALGORITHM = "ES256"  # noqa: S105 - no secret
"""The one algorithm of the keys that sign our own access tokens."""

_MAKERS: Mapping[tuple[str, str], Callable[[], PrivateKey]] = {
    ("ES256", "P-256"): lambda: ec.generate_private_key(ec.SECP256R1()),
    ("Ed25519", "Ed25519"): ed25519.Ed25519PrivateKey.generate,
    ("PS256", "RSA"): lambda: rsa.generate_private_key(65537, SMALLEST_RSA_BITS),
    ("PS512", "RSA"): lambda: rsa.generate_private_key(65537, SMALLEST_RSA_BITS),
    ("ECDH-ES+A256KW", "P-256"): lambda: ec.generate_private_key(ec.SECP256R1()),
    ("ECDH-ES+A256KW", "X25519"): x25519.X25519PrivateKey.generate,
    ("RSA-OAEP-256", "RSA"): lambda: rsa.generate_private_key(65537, SMALLEST_RSA_BITS),
}
_DEFAULT_KINDS: Mapping[str, str] = dict(reversed(list(_MAKERS)))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GeneratedKey:
    """A new key pair.

    Attributes:
        private: the private key object.
        public: its public half under the key policy.
    """

    private: PrivateKey
    public: PublicKey

    def private_pem(self, password: bytes | None = None) -> bytes:
        """The private key as PKCS#8 PEM, encrypted when a password is given."""
        protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if password is not None:
            protection = serialization.BestAvailableEncryption(password)
        return self.private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)


def generate_key(party: str, algorithm: str, at: datetime, *, number: int = 1, kind: str = "") -> GeneratedKey:
    """Make a key pair with the id ``<party>-<use>-<yyyymm>-<n>``.

    Args:
        party: code of the owner, lower-case letters and digits.
        algorithm: ``ES256``, ``Ed25519``, ``PS256``, ``PS512``, ``ECDH-ES+A256KW`` or ``RSA-OAEP-256``.
        at: gives the month of the id.
        number: last part of the id; a used id is never used again.
        kind: ``P-256`` or ``X25519`` for ``ECDH-ES+A256KW``; by default the first.

    Raises:
        KeyRefused: no such algorithm, or an id that the policy does not take.
    """
    return make_key(key_id(party, use_of(algorithm), at, number), algorithm, kind)


def make_key(kid: str, algorithm: str, kind: str = "") -> GeneratedKey:
    """Make a key pair with an id that the caller gives; arguments and errors as of `generate_key`."""
    maker = _MAKERS.get((algorithm, kind or _DEFAULT_KINDS.get(algorithm, "")))
    if maker is None:
        raise KeyRefused("No key of that algorithm and kind can be made.", path="alg", code="key.algorithm")
    private = maker()
    return GeneratedKey(private, describe_public_key(private, kid, use_of(algorithm), algorithm))


def key_id(party: str, use: str, at: datetime, number: int) -> str:
    """The id ``<party>-<use>-<yyyymm>-<n>`` of a key."""
    return f"{party}-{use}-{at:%Y%m}-{number}"


def use_of(algorithm: str) -> str:
    """``enc`` for an algorithm of key management, ``sig`` for every other."""
    return "enc" if algorithm in ("ECDH-ES+A256KW", "RSA-OAEP-256") else "sig"


def token_key_id() -> str:
    """A new id of a key that signs our own access tokens: 256 random bits.

    Nobody but us reads it, and no key that signs messages can have one like it: those are named by party and month.
    """
    return encode(secrets.token_bytes(32))


def describe_public_key(private: PrivateKey, key_id: str, use: str, algorithm: str) -> PublicKey:
    """The public half of a private key, under the key policy.

    Raises:
        KeyRefused: the policy does not take the key.
    """
    members = {"kid": key_id, "use": use, "alg": algorithm, **_public_members(private)}
    return import_public_key(members)


def _public_members(private: PrivateKey) -> dict[str, str]:
    """The members of RFC 7518 section 6 and RFC 8037 section 2."""
    public = private.public_key()
    if isinstance(public, ec.EllipticCurvePublicKey):
        point = public.public_numbers()
        return {"kty": "EC", "crv": "P-256", "x": encode(point.x.to_bytes(32)), "y": encode(point.y.to_bytes(32))}
    if isinstance(public, rsa.RSAPublicKey):
        numbers = public.public_numbers()
        return {"kty": "RSA", "n": _unsigned(numbers.n), "e": _unsigned(numbers.e)}
    curve = "Ed25519" if isinstance(public, ed25519.Ed25519PublicKey) else "X25519"
    return {"kty": "OKP", "crv": curve, "x": encode(public.public_bytes_raw())}


def _unsigned(number: int) -> str:
    return encode(number.to_bytes((number.bit_length() + 7) // 8))
