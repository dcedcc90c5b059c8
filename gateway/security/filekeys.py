"""Private keys held in this process: `Signer` and `Decrypter` over key objects that are handed in.

Meant for development, tests and small installations; a hardware module implements the same Protocols. Nothing here
reads a file: bytes come in.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils, x25519
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from gateway.security.jose import StrictJweRegistry
from gateway.security.keys import JoseKey, PublicKey, RegisteredKey
from gateway.security.limits import EnvelopeLimits
from gateway.security.policy import KeyRefused
from gateway.security.refusals import EnvelopeCode, OpeningRefused

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | x25519.X25519PrivateKey | rsa.RSAPrivateKey

_PSS_HASHES: dict[str, hashes.HashAlgorithm] = {"PS256": hashes.SHA256(), "PS512": hashes.SHA512()}

_DECRYPTION_FAULTS = (
    *(JoseError, InvalidTag, UnsupportedAlgorithm),
    # joserfc lets Python's own errors through for odd headers and segments
    *(ValueError, TypeError, LookupError, AssertionError, AttributeError, ArithmeticError),
)


def read_private_key(pem: bytes, password: bytes | None = None) -> PrivateKey:
    """A private key of the kinds that the policy knows, from PKCS#8 PEM.

    Raises:
        KeyRefused: not such a key, or the password is wrong.
    """
    try:
        key = serialization.load_pem_private_key(pem, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyRefused("The private key file cannot be read.", code="key.unreadable") from error
    if not isinstance(key, PrivateKey):
        raise KeyRefused("The private key is of a kind outside the policy.", code="key.type")
    return key


def _check_pair(private: PrivateKey, public: PublicKey, use: str) -> None:
    """Refuse a private key that is not the other half of ``public``, or is for another use."""
    if public.use != use:
        raise KeyRefused(f"The key is not registered for use {use}.", path="use", code="key.use")
    encoding = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    if private.public_key().public_bytes(*encoding) != public.native.public_bytes(*encoding):
        raise KeyRefused("The private key does not belong to the registered public key.", code="key.pair")


class FileSigner:
    """Signs with a private key in memory.

    Args:
        private: the private key.
        public: its registered public half, which fixes kid and alg.

    Raises:
        KeyRefused: the two are no pair, or the key is not for signing.
    """

    def __init__(self, private: PrivateKey, public: PublicKey) -> None:
        _check_pair(private, public, "sig")
        self._private = private
        self.kid = public.kid
        self.alg = public.alg

    def sign(self, data: bytes) -> bytes:
        """The JWS signature of ``data``."""
        key = self._private
        if isinstance(key, ec.EllipticCurvePrivateKey):
            r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32) + s.to_bytes(32)
        if isinstance(key, rsa.RSAPrivateKey):
            hashed = _PSS_HASHES[self.alg]
            salted = padding.PSS(mgf=padding.MGF1(hashed), salt_length=hashed.digest_size)  # RFC 7518 section 3.5
            return key.sign(data, salted, hashed)
        assert isinstance(key, ed25519.Ed25519PrivateKey)
        return key.sign(data)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class JoseDecrypter:
    """Decrypts with a key that joserfc can use: in memory (see `file_decrypter`), or one that asks a hardware module.

    Attributes:
        registered: the public half, with the states that allow or refuse its use.
        jose_key: the key for joserfc.
    """

    registered: RegisteredKey
    jose_key: JoseKey

    @property
    def kid(self) -> str:
        """Id of the key."""
        return self.registered.kid

    @property
    def alg(self) -> str:
        """JWE key management algorithm of the key."""
        return self.registered.key.alg

    def refusal_at(self, at: datetime) -> str | None:
        """The code that refuses use of the key at ``at``, or None."""
        return self.registered.refusal_at(at)

    def decrypt(self, compact: bytes, content: Collection[str], limits: EnvelopeLimits) -> bytes:
        """The plaintext of a compact JWE.

        Raises:
            OpeningRefused: ``envelope.not-opened``, for whatever reason; only its detail tells which.
        """
        registry = StrictJweRegistry(key_management=self.alg, content=content, limits=limits)
        try:
            plaintext = jwe.decrypt_compact(compact, self.jose_key, registry=registry).plaintext
        except _DECRYPTION_FAULTS as error:
            raise OpeningRefused(EnvelopeCode.NOT_OPENED, detail=f"decryption: {type(error).__name__}") from None
        if plaintext is None:
            raise OpeningRefused(EnvelopeCode.NOT_OPENED, detail="decryption: no plaintext")
        return plaintext


def file_decrypter(private: PrivateKey, registered: RegisteredKey) -> JoseDecrypter:
    """A `Decrypter` over a private key in memory.

    Args:
        private: the private key.
        registered: its registered public half, with the states that allow or refuse its use.

    Raises:
        KeyRefused: the two are no pair, or the key is not for encryption.
    """
    _check_pair(private, registered.key, "enc")
    parameters = {"kid": registered.kid, "use": "enc", "alg": registered.key.alg}
    if isinstance(private, rsa.RSAPrivateKey):
        return JoseDecrypter(registered, RSAKey.import_key(private, parameters))  # type: ignore[arg-type]
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return JoseDecrypter(registered, ECKey.import_key(private, parameters))  # type: ignore[arg-type]
    assert isinstance(private, x25519.X25519PrivateKey)
    return JoseDecrypter(registered, OKPKey.import_key(private, parameters))  # type: ignore[arg-type]
