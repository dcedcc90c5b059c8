"""Certificates around registered keys: XML signature software wants one, trust stays with the key.

Two uses. To verify, signxml asks for a certificate: it is given one made here around the registered key, so that no
key out of a message can come in. In the XAdES form the signature names the certificate of the signing key: ours is
self-signed by that very key, through `Signer`, so that a key in a hardware module can have one too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.x509.oid import NameOID

from gateway.security.certificate_making import signing_usage
from gateway.security.keys import PublicKey, RegisteredKey, Signer
from gateway.security.refusals import EnvelopeCode, OpeningRefused
from gateway.security.xml_form import SIGNATURE_METHODS

NO_END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""No well-defined end (RFC 5280 section 4.1.2.5)."""

_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_SHORTEST = timedelta(seconds=1)


@lru_cache(maxsize=1024)
def certificate_around(key: PublicKey) -> x509.Certificate:
    """A certificate that holds a registered key, signed by a key that nobody keeps: it carries, it proves nothing."""
    builder = _builder(_signing_key(key), key.kid, key.kid, _BEGIN, NO_END)
    return builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())


def read_certificate(der: bytes) -> x509.Certificate:
    """A certificate out of a message.

    Raises:
        ValueError: the bytes are none.
    """
    return x509.load_der_x509_certificate(der)


def holds_key(certificate: x509.Certificate, key: PublicKey) -> bool:
    """Whether a certificate out of a message holds exactly the registered key."""
    try:
        held = certificate.public_key().public_bytes(*_SPKI)
    except (ValueError, UnsupportedAlgorithm):
        return False
    return held == key.native.public_bytes(*_SPKI)


class SelfSigned:
    """The certificates of our own signing keys, each made once in the life of a process.

    Partners pin the key; the bytes of the certificate may differ between processes, for ECDSA signatures do.

    Args:
        keys: gives our public keys, as they are now: a rotation brings new ones.
    """

    def __init__(self, keys: Callable[[], Iterable[RegisteredKey]]) -> None:
        self._keys = keys
        self._made: dict[str, bytes] = {}

    def of(self, signer: Signer) -> bytes:
        """The certificate of a signing key, in DER form.

        Raises:
            OpeningRefused: ``envelope.unknown-key`` or ``envelope.algorithm-refused``.
        """
        made = self._made.get(signer.kid)
        if made is not None:
            return made
        registered = next((key for key in self._keys() if key.use == "sig" and key.kid == signer.kid), None)
        if registered is None:
            raise OpeningRefused(EnvelopeCode.UNKNOWN_KEY, detail="no public half of our signing key", path="kid")
        return self._made.setdefault(signer.kid, self_signed(registered, signer))


def self_signed(registered: RegisteredKey, signer: Signer) -> bytes:
    """A certificate of a key signed by itself, in DER form.

    The part to be signed is made with a key of the same kind that is then forgotten; its signature is replaced by that
    of ``signer``, since `cryptography` cannot call a hardware module.

    Args:
        registered: the key; its states give the time of validity, its owner the organisation.
        signer: the private half.

    Raises:
        OpeningRefused: ``envelope.algorithm-refused``: XML signatures have no such key.
    """
    changes = registered.lifecycle.changes
    begin = changes[0].since if changes else _BEGIN
    end = max(registered.lifecycle.not_after or NO_END, begin + _SHORTEST)
    builder = _builder(_signing_key(registered.key), registered.kid, registered.owner, begin, end)
    if isinstance(registered.key.native, ec.EllipticCurvePublicKey):
        made = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    else:
        pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=hashes.SHA256.digest_size)
        made = builder.sign(rsa.generate_private_key(65537, 2048), hashes.SHA256(), rsa_padding=pss)
    return _signed_anew(made, signer)


_SPKI = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo


def _signing_key(key: PublicKey) -> ec.EllipticCurvePublicKey | rsa.RSAPublicKey:
    native = key.native
    if key.alg not in SIGNATURE_METHODS or not isinstance(native, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        raise OpeningRefused(EnvelopeCode.ALGORITHM_REFUSED, detail="no XML signature method for the key", path="alg")
    return native


def _builder(
    key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey, name: str, owner: str, begin: datetime, end: datetime
) -> x509.CertificateBuilder:
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, owner), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
    serial = int.from_bytes(hashlib.sha256(key.public_bytes(*_SPKI)).digest()[:16]) >> 1 or 1
    return (
        x509.CertificateBuilder(subject, subject, key, serial, begin, end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(signing_usage(), critical=True)
    )


def _signed_anew(made: x509.Certificate, signer: Signer) -> bytes:
    """The same certificate under the signature of ``signer`` (RFC 5280 section 4.1: to be signed, algorithm, bits)."""
    signed = made.tbs_certificate_bytes
    rest = made.public_bytes(serialization.Encoding.DER).partition(signed)[2]
    algorithm = rest[: 2 + rest[1]]  # a sequence of fewer than 128 bytes for both kinds of keys
    signature = signer.sign(signed)
    if signer.alg == "ES256":
        half = len(signature) // 2
        signature = utils.encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
    bits = b"\x03" + _length(len(signature) + 1) + b"\x00" + signature
    content = signed + algorithm + bits
    return b"\x30" + _length(len(content)) + content


def _length(size: int) -> bytes:
    """A DER length (X.690 section 10.1)."""
    if size < 128:
        return bytes([size])
    text = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([0x80 | len(text)]) + text
