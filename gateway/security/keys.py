"""Public keys as values, and the two Protocols behind which private keys stay.

A `PublicKey` can only be made through the key policy, so holding one means that it was checked. Private keys are
reached through `Signer` and `Decrypter`: a file key here, a hardware module later, with the same two methods.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

import rfc8785
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from joserfc.jwk import ECKey, OKPKey, RSAKey

from gateway.security.jose import decode, encode
from gateway.security.lifecycle import KeyPurpose, Lifecycle
from gateway.security.limits import EnvelopeLimits
from gateway.security.policy import KeyRefused, check_description, check_rsa_numbers
from gateway.security.refusals import OpeningRefused

NativePublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | x25519.X25519PublicKey | rsa.RSAPublicKey
JoseKey = ECKey | OKPKey | RSAKey

_NUMBER_MEMBERS = {"EC": ("crv", "x", "y"), "OKP": ("crv", "x"), "RSA": ("n", "e")}
_COORDINATE_BYTES = 32


class Signer(Protocol):
    """Something that signs with one private key, in this process or in a hardware module."""

    @property
    def kid(self) -> str:
        """Id of the key."""

    @property
    def alg(self) -> str:
        """JWS algorithm of the key."""

    def sign(self, data: bytes) -> bytes:
        """The JWS signature of ``data``: r || s for ES256, as RFC 7518 section 3.4 has it."""


class Decrypter(Protocol):
    """Something that decrypts a compact JWE with one private key."""

    @property
    def kid(self) -> str:
        """Id of the key."""

    @property
    def alg(self) -> str:
        """JWE key management algorithm of the key."""

    def refusal_at(self, at: datetime) -> str | None:
        """The code that refuses use of the key at ``at``, or None."""

    def decrypt(self, compact: bytes, content: Collection[str], limits: EnvelopeLimits) -> bytes:
        """The plaintext.

        Args:
            compact: the whole compact JWE, its header already checked.
            content: allowed values of ``enc``.
            limits: size caps.

        Raises:
            OpeningRefused: ``envelope.not-opened``, for whatever reason; only its detail tells which.
        """


@dataclass(frozen=True, eq=False)
class PublicKey:
    """A public key that has passed the key policy.

    Attributes:
        kid: key id, never reused.
        use: ``sig`` or ``enc``.
        alg: the one algorithm that the key is for.
        jwk: its JWK, public members only.
        native: the same key for the ``cryptography`` package.
    """

    kid: str
    use: str
    alg: str
    jwk: Mapping[str, str]
    native: NativePublicKey

    @cached_property
    def jose(self) -> JoseKey:
        """The key as joserfc wants it, with use, alg and kid set; made once, for it costs as much as a verification."""
        members: dict[str, str | list[str]] = dict(self.jwk)
        if isinstance(self.native, rsa.RSAPublicKey):
            return RSAKey.import_key(members)
        if isinstance(self.native, ec.EllipticCurvePublicKey):
            return ECKey.import_key(members)
        return OKPKey.import_key(members)

    @property
    def thumbprint(self) -> str:
        """RFC 7638 SHA-256 thumbprint, base64url."""
        return thumbprint(self.jwk)


@dataclass(frozen=True, slots=True, eq=False)
class RegisteredKey:
    """A public key with its owner and its dated states.

    Attributes:
        key: the key.
        owner: code of the party that holds the private half.
        lifecycle: the states of the key over time.
    """

    key: PublicKey
    owner: str
    lifecycle: Lifecycle

    @property
    def kid(self) -> str:
        """Id of the key."""
        return self.key.kid

    @property
    def use(self) -> str:
        """``sig`` or ``enc``."""
        return self.key.use

    def refusal_at(self, at: datetime) -> str | None:
        """The code that refuses to accept something made with this key at ``at``, or None."""
        code = self.lifecycle.refusal_at(at, KeyPurpose.ACCEPT)
        return None if code is None else code.value

    def active_since(self, at: datetime) -> datetime | None:
        """Since when the key has been active, if something new may be made with it at ``at``."""
        if self.lifecycle.refusal_at(at, KeyPurpose.PRODUCE) is not None:
            return None
        return max(change.since for change in self.lifecycle.changes if change.since <= at)

    def require(self, at: datetime, purpose: KeyPurpose) -> PublicKey:
        """The key, when it may serve ``purpose`` at ``at``.

        Raises:
            OpeningRefused: ``envelope.key-not-active``, ``envelope.expired-key`` or ``envelope.compromised-key``.
        """
        code = self.lifecycle.refusal_at(at, purpose)
        if code is not None:
            raise OpeningRefused(code, detail=f"key {self.kid} of {self.owner}", path="kid")
        return self.key


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """RFC 7638 thumbprint of a JWK: SHA-256 over its required members in lexical order, base64url."""
    members = {name: str(jwk[name]) for name in (*_NUMBER_MEMBERS[str(jwk["kty"])], "kty")}
    return encode(hashlib.sha256(rfc8785.dumps(members)).digest())


def import_public_key(jwk: Mapping[str, Any], *, short_rsa_allowed: Collection[str] = ()) -> PublicKey:
    """Import a JWK under the key policy.

    Args:
        jwk: the JWK; unknown members are left out (RFC 7517 section 4), private ones refuse the key.
        short_rsa_allowed: key ids that a written exception lets be RSA of 2,048 bits.

    Raises:
        KeyRefused: the policy or the crypto library does not take the key.
    """
    check_description(jwk)
    names = (*_NUMBER_MEMBERS[str(jwk["kty"])], "kty", "kid", "use", "alg")
    members = {name: str(jwk.get(name, "")) for name in names}
    try:
        native = _native(members, short_rsa_allowed)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyRefused(
            "The numbers of the key are not those of a key of its kind.",
            code="key.numbers",
            remedy="Export the key again as a JWK of RFC 7518 section 6 or RFC 8037.",
        ) from error
    return PublicKey(kid=members["kid"], use=members["use"], alg=members["alg"], jwk=members, native=native)


def _native(members: Mapping[str, str], short_rsa_allowed: Collection[str]) -> NativePublicKey:
    """The key object; raises ValueError for numbers that are no key (a point off the curve among them)."""
    if members["kty"] == "RSA":
        modulus, exponent = _number(members["n"]), _number(members["e"])
        check_rsa_numbers(modulus, exponent, key_id=members["kid"], short_rsa_allowed=short_rsa_allowed)
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    if members["kty"] == "EC":
        x, y = _coordinate(members["x"]), _coordinate(members["y"])
        numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1())
        return numbers.public_key()
    if members["crv"] == "Ed25519":
        return ed25519.Ed25519PublicKey.from_public_bytes(_coordinate(members["x"]))
    key = x25519.X25519PublicKey.from_public_bytes(_coordinate(members["x"]))
    x25519.X25519PrivateKey.generate().exchange(key)  # raises ValueError for a point of small order (RFC 7748 s.6.1)
    return key


def _number(text: str) -> int:
    """A base64url unsigned integer without leading zero bytes (RFC 7518 section 2)."""
    data = decode(text.encode("utf-8"))
    if not data or data[0] == 0:
        raise ValueError("not a shortest unsigned integer")
    return int.from_bytes(data)


def _coordinate(text: str) -> bytes:
    """A coordinate of the full 32 bytes (RFC 7518 section 6.2.1.2)."""
    data = decode(text.encode("utf-8"))
    if len(data) != _COORDINATE_BYTES:
        raise ValueError("not 32 bytes")
    return data
