"""Client certificates: who calls is known by the SHA-256 of the leaf certificate, pinned beforehand.

The chain is the affair of whoever ends TLS. Here the leaf is looked up: a certificate that a trusted authority has
issued to somebody else is refused as an unknown one is. The value is the ``x5t#S256`` of RFC 7515 section 4.1.8, which
is also what an access token is bound to (RFC 8705 section 3.1).

Behind a proxy that ends TLS the leaf comes in the field ``Client-Cert`` (RFC 9440). Only a caller who knows that the
request came from such a proxy may read it here; anybody else could write the field as he likes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import http_sf
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from gateway.errors import DataFolderError, Refusal
from gateway.security.jose import encode
from gateway.security.lifecycle import KeyPurpose, KeyState, Lifecycle

FIELD = "Client-Cert"
"""The HTTP field of RFC 9440 section 2.2."""

MOST_FIELD_CHARACTERS = 16 * 1024
"""Longest field that is read: a leaf certificate has 1 to 3 KB."""


class CertificateCode(StrEnum):
    """Stable codes of certificate refusals."""

    MISSING = "certificate.missing"
    MALFORMED = "certificate.malformed"
    FIELD_REFUSED = "certificate.field-refused"
    UNKNOWN = "certificate.unknown"
    NOT_ACTIVE = "certificate.not-active"
    WITHDRAWN = "certificate.withdrawn"
    EXPIRED = "certificate.expired"


_TEXTS: dict[CertificateCode, tuple[str, str]] = {
    CertificateCode.MISSING: (
        "The connection has no client certificate.",
        "Connect with the client certificate that is registered with us.",
    ),
    CertificateCode.MALFORMED: (
        "The client certificate was not handed on as one byte sequence with one DER certificate.",
        "The proxy in front has to send exactly one Client-Cert field of RFC 9440.",
    ),
    CertificateCode.FIELD_REFUSED: (
        "The field Client-Cert came from an address that is no proxy of ours.",
        "Leave the field out, and show the client certificate on the connection itself.",
    ),
    CertificateCode.UNKNOWN: (
        "The client certificate is not registered.",
        "Register the certificate with us before its first use, also when it renews another.",
    ),
    CertificateCode.NOT_ACTIVE: (
        "The client certificate is registered but not yet active.",
        "Use the active certificate until the day agreed for the new one.",
    ),
    CertificateCode.WITHDRAWN: (
        "The client certificate has been retired or is marked as compromised.",
        "Use another registered certificate.",
    ),
    CertificateCode.EXPIRED: (
        "The client certificate is outside the days of its validity.",
        "Renew the certificate and register the new one; look at the clock of the machine.",
    ),
}


class CertificateRefused(Refusal):
    """A request is refused because of its client certificate.

    Args:
        code: what may be told to the caller.
        detail: what exactly failed, for the internal log only.
    """

    code = "certificate.refused"

    def __init__(self, code: CertificateCode, *, detail: str = "") -> None:
        message, remedy = _TEXTS[code]
        super().__init__(message, remedy=remedy, code=code.value)
        self.detail = detail


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A leaf certificate as it was presented.

    Attributes:
        thumbprint: base64url SHA-256 of its DER form, ``x5t#S256``.
        not_before: first moment of its validity, UTC.
        not_after: last moment of its validity, UTC.
    """

    thumbprint: str
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class PinnedCertificate:
    """A registered leaf certificate; a partner has two of them while one renews the other.

    Attributes:
        owner: code of the partner.
        thumbprint: base64url SHA-256 of its DER form, ``x5t#S256``.
        lifecycle: the states of the registration over time.
    """

    owner: str
    thumbprint: str
    lifecycle: Lifecycle


class CertificatePins:
    """The registered certificates of all partners.

    Args:
        pins: each with its owner.

    Raises:
        DataFolderError: ``certificate.shared``: one certificate is registered twice, so its user could be mistaken.
    """

    def __init__(self, pins: Iterable[PinnedCertificate]) -> None:
        self._pins: dict[str, PinnedCertificate] = {}
        for pin in pins:
            if pin.thumbprint in self._pins:
                raise DataFolderError(
                    "One client certificate is registered twice.",
                    code="certificate.shared",
                    path=pin.thumbprint,
                    remedy="Each partner needs a certificate of its own.",
                )
            self._pins[pin.thumbprint] = pin

    def require(self, certificate: ClientCertificate, at: datetime) -> PinnedCertificate:
        """The registration of a presented certificate, when it counts at ``at``: now we know who calls.

        Raises:
            CertificateRefused: not registered, not active, or outside its validity.
        """
        pin = self._pins.get(certificate.thumbprint)
        if pin is None:
            raise CertificateRefused(CertificateCode.UNKNOWN, detail="no pin of that thumbprint")
        if pin.lifecycle.refusal_at(at, KeyPurpose.ACCEPT) is not None:
            state = pin.lifecycle.state_at(at)
            code = CertificateCode.NOT_ACTIVE if state is KeyState.PENDING else CertificateCode.WITHDRAWN
            raise CertificateRefused(code, detail=f"pin of {pin.owner} is {state}")
        if not certificate.not_before <= at <= certificate.not_after:
            raise CertificateRefused(CertificateCode.EXPIRED, detail=f"certificate of {pin.owner}")
        return pin


def certificate_thumbprint(der: bytes) -> str:
    """The ``x5t#S256`` of a certificate: base64url SHA-256 of its DER form (RFC 7515 section 4.1.8)."""
    return encode(hashlib.sha256(der).digest())


def read_certificate(der: bytes) -> ClientCertificate:
    """A certificate from its DER form, nothing before or behind it.

    Raises:
        CertificateRefused: ``certificate.malformed``.
    """
    try:
        certificate = x509.load_der_x509_certificate(der)
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    except (ValueError, UnsupportedAlgorithm, OverflowError) as error:
        raise CertificateRefused(CertificateCode.MALFORMED, detail=f"DER: {type(error).__name__}") from None
    return ClientCertificate(certificate_thumbprint(der), begin, end)


def read_client_cert(lines: Sequence[str]) -> ClientCertificate:
    """The certificate of the field ``Client-Cert``, set by a trusted proxy.

    RFC 9440 section 2.2: an item that is a byte sequence, once in a request. Read strictly: no parameters, no second
    field line, and only the one spelling that a serializer makes (http-sf would bear missing padding).

    Args:
        lines: the values of all field lines of that name, in order.

    Raises:
        CertificateRefused: ``certificate.missing`` or ``certificate.malformed``.
    """
    if not lines:
        raise CertificateRefused(CertificateCode.MISSING)
    if len(lines) > 1:
        raise CertificateRefused(CertificateCode.MALFORMED, detail="field repeated")
    text = lines[0].strip(" \t")
    if len(text) > MOST_FIELD_CHARACTERS or not text.isascii():
        raise CertificateRefused(CertificateCode.MALFORMED, detail="field too long or not ASCII")
    try:
        item = http_sf.parse(text.encode("ascii"), tltype="item")
    except (http_sf.StructuredFieldError, ValueError) as error:
        raise CertificateRefused(CertificateCode.MALFORMED, detail=f"field: {type(error).__name__}") from None
    value = item[0] if isinstance(item, tuple) else item
    if not isinstance(value, bytes) or write_client_cert(value) != text:  # parameters and odd padding differ here
        raise CertificateRefused(CertificateCode.MALFORMED, detail="field is no plain byte sequence")
    return read_certificate(value)


def write_client_cert(der: bytes) -> str:
    """The value of a ``Client-Cert`` field, as a proxy writes it."""
    return http_sf.ser(der)
