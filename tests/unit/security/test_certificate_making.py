from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.security.certificate_making import LIFETIME, generate_certificate

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_a_made_certificate_is_a_leaf_for_both_sides_of_tls() -> None:
    made = generate_certificate("xx", ("xx.customs.example", "192.0.2.1", "::1"), NOW)
    extensions = made.certificate.extensions
    assert extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert not extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    usages = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert set(usages) == {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH}
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["xx.customs.example"]
    addresses = [ipaddress.ip_address("192.0.2.1"), ipaddress.ip_address("::1")]
    assert names.get_values_for_type(x509.IPAddress) == addresses
    made.certificate.verify_directly_issued_by(made.certificate)


def test_it_counts_from_now_for_its_lifetime() -> None:
    made = generate_certificate("xx", ("localhost",), NOW)
    assert made.certificate.not_valid_before_utc <= NOW
    assert made.certificate.not_valid_after_utc == NOW + LIFETIME
    short = generate_certificate("xx", ("localhost",), NOW, lifetime=timedelta(hours=1))
    assert short.certificate.not_valid_after_utc == NOW + timedelta(hours=1)


def test_each_has_a_key_of_its_own_that_only_the_passphrase_opens() -> None:
    made, other = (generate_certificate("xx", ("localhost",), NOW) for _ in range(2))
    assert made.der != other.der
    pem = made.private_pem(b"passphrase")
    key = serialization.load_pem_private_key(pem, b"passphrase")
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.public_key() == made.certificate.public_key()
    with pytest.raises(ValueError, match=r".*"):
        serialization.load_pem_private_key(pem, b"another")
    assert x509.load_pem_x509_certificate(made.pem) == made.certificate
