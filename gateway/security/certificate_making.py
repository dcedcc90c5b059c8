"""New TLS certificates, self-signed, for set-up, tests and demonstrations: bytes out; writing files is the adapters'.

Such a certificate is trusted because the other side has registered it, not because somebody signed it. An
administration whose rules ask for an authority brings a certificate of that authority instead.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = timedelta(days=730)
"""Two years; the new one is registered beside the old one before that."""

_EARLIER = timedelta(minutes=5)
"""Valid from a little before, for the clock of the other side."""

_USAGES = (ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GeneratedCertificate:
    """A new certificate with its private key.

    Attributes:
        private: P-256 private key.
        certificate: the certificate.
    """

    private: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        """The certificate in DER form."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The certificate as PEM text."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def private_pem(self, password: bytes) -> bytes:
        """The private key as encrypted PKCS#8 PEM."""
        protection = serialization.BestAvailableEncryption(password)
        return self.private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)


def generate_certificate(
    name: str, hosts: Sequence[str], at: datetime, *, lifetime: timedelta = LIFETIME
) -> GeneratedCertificate:
    """Make a self-signed leaf certificate for both sides of TLS.

    It is no authority (RFC 5280 section 4.2.1.9): nothing that its key signs is a certificate that anybody takes.

    Args:
        name: common name, for people.
        hosts: names and addresses that it may serve under.
        at: now, with time zone.
        lifetime: how long it lasts.
    """
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder(subject, subject, private.public_key(), x509.random_serial_number())
        .not_valid_before(at - _EARLIER)
        .not_valid_after(at + lifetime)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(signing_usage(), critical=True)
        .add_extension(x509.ExtendedKeyUsage(_USAGES), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False)
    )
    return GeneratedCertificate(private, builder.sign(private, hashes.SHA256()))


def signing_usage() -> x509.KeyUsage:
    """The key usage of a certificate whose key signs and does nothing else (RFC 5280 section 4.2.1.3)."""
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
