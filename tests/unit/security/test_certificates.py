from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import DataFolderError
from gateway.security.certificates import (
    MOST_FIELD_CHARACTERS,
    CertificatePins,
    CertificateRefused,
    ClientCertificate,
    PinnedCertificate,
    certificate_thumbprint,
    read_certificate,
    read_client_cert,
    write_client_cert,
)
from gateway.security.lifecycle import KeyState, Lifecycle, StateChange

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ACTIVE = Lifecycle.active_from(NOW - timedelta(days=30))


def make_certificate(begin: datetime, end: datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "xx.customs.example")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    signed = builder.not_valid_before(begin).not_valid_after(end).sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.DER)


DER = make_certificate(NOW - timedelta(days=30), NOW + timedelta(days=335))
FIELD = f":{base64.b64encode(DER).decode()}:"


def field_code(*lines: str) -> str:
    with pytest.raises(CertificateRefused) as refused:
        read_client_cert(lines)
    return refused.value.stable_code


def pin_code(certificate: ClientCertificate, lifecycle: Lifecycle, at: datetime = NOW) -> str:
    pins = CertificatePins([PinnedCertificate("xx", certificate.thumbprint, lifecycle)])
    with pytest.raises(CertificateRefused) as refused:
        pins.require(certificate, at)
    return refused.value.stable_code


def test_the_thumbprint_is_the_sha_256_of_the_der_form() -> None:
    digest = base64.urlsafe_b64encode(hashlib.sha256(DER).digest()).rstrip(b"=").decode()
    certificate = read_certificate(DER)
    assert certificate.thumbprint == certificate_thumbprint(DER) == digest
    assert len(digest) == 43
    assert (certificate.not_before, certificate.not_after) == (NOW - timedelta(days=30), NOW + timedelta(days=335))
    fingerprint = x509.load_der_x509_certificate(DER).fingerprint(hashes.SHA256())
    assert base64.urlsafe_b64decode(certificate.thumbprint + "=") == fingerprint


def test_the_field_of_a_proxy_is_read_and_written() -> None:
    assert write_client_cert(DER) == FIELD
    assert read_client_cert([FIELD]) == read_certificate(DER)
    assert read_client_cert([f" {FIELD}\t"]) == read_certificate(DER)


def test_no_field() -> None:
    assert field_code() == "certificate.missing"


def test_a_repeated_field() -> None:
    assert field_code(FIELD, FIELD) == "certificate.malformed"


OTHER_FIELDS = {
    "empty": "",
    "empty sequence": "::",
    "a colon": ":",
    "not closed": FIELD[:-1],
    "not opened": FIELD[1:],
    "a list": f"{FIELD}, {FIELD}",
    "a parameter": f"{FIELD};a=1",
    "a flag": f"{FIELD};a",
    "an inner list": f"({FIELD})",
    "a dictionary": f"cert={FIELD}",
    "a string": f'"{FIELD[1:-1]}"',
    "bare base64": FIELD[1:-1],
    "another delimiter": FIELD.replace(":", "=", 1),
    "something behind": f"{FIELD}=",
    "a byte behind the certificate": write_client_cert(DER + b"x"),
    "a byte short": write_client_cert(DER[:-1]),
    "two certificates": write_client_cert(DER + DER),
    "no certificate": write_client_cert(b"no certificate"),
    "a space inside": FIELD[:40] + " " + FIELD[40:],
    "a folded line": FIELD[:40] + "\r\n " + FIELD[40:],
    "percent-encoded": "%3A" + FIELD[1:],
    "not ASCII": "é",
    "too long": ":" + "A" * MOST_FIELD_CHARACTERS + ":",
    "PEM": "-----BEGIN CERTIFICATE-----",
    "a boolean": "?1",
    "a number": "1",
}


@pytest.mark.parametrize("name", OTHER_FIELDS)
def test_other_fields(name: str) -> None:
    assert field_code(OTHER_FIELDS[name]) == "certificate.malformed"


@given(st.text(max_size=60))
def test_any_text_is_refused_and_nothing_else_is_raised(text: str) -> None:
    assert field_code(text) == "certificate.malformed"


@given(st.binary(max_size=60))
def test_any_bytes_are_no_certificate(data: bytes) -> None:
    with pytest.raises(CertificateRefused):
        read_certificate(data)


def test_only_the_spelling_of_a_serializer_is_read() -> None:
    der = DER
    while len(der) % 3 != 1:  # its base64 ends in two signs of padding and has four unused bits
        der = make_certificate(NOW - timedelta(days=30), NOW + timedelta(days=335))
    field = write_client_cert(der)
    assert field.endswith("==:")
    assert read_client_cert([field])
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = field[-4]
    for other in (field[:-3] + ":", field[:-2] + ":", field[:-4] + alphabet[alphabet.index(last) + 1] + "==:"):
        assert field_code(other) == "certificate.malformed"


def test_a_refusal_does_not_repeat_the_field() -> None:
    with pytest.raises(CertificateRefused) as refused:
        read_client_cert(["secret-part"])
    told = (refused.value.message, refused.value.remedy, refused.value.path, refused.value.detail)
    assert all("secret-part" not in text for text in told)


# Pins


def test_a_pinned_certificate_names_its_owner() -> None:
    certificate = read_certificate(DER)
    pins = CertificatePins([PinnedCertificate("xx", certificate.thumbprint, ACTIVE)])
    assert pins.require(certificate, NOW).owner == "xx"


def test_a_certificate_that_is_not_pinned() -> None:
    certificate = read_certificate(make_certificate(NOW - timedelta(days=1), NOW + timedelta(days=1)))
    pins = CertificatePins([PinnedCertificate("xx", certificate_thumbprint(DER), ACTIVE)])
    with pytest.raises(CertificateRefused) as refused:
        pins.require(certificate, NOW)
    assert refused.value.stable_code == "certificate.unknown"


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (KeyState.PENDING, "certificate.not-active"),
        (KeyState.RETIRED, "certificate.withdrawn"),
        (KeyState.COMPROMISED, "certificate.withdrawn"),
    ],
)
def test_the_state_of_a_pin(state: KeyState, code: str) -> None:
    assert pin_code(read_certificate(DER), Lifecycle((StateChange(state, NOW),))) == code


def test_a_pin_past_its_last_day() -> None:
    assert (
        pin_code(read_certificate(DER), Lifecycle(ACTIVE.changes, NOW - timedelta(days=1))) == "certificate.withdrawn"
    )


def test_two_certificates_overlap_while_one_renews_the_other() -> None:
    old, new = read_certificate(DER), read_certificate(make_certificate(NOW, NOW + timedelta(days=365)))
    retiring = Lifecycle((*ACTIVE.changes, StateChange(KeyState.RETIRING, NOW - timedelta(days=1))))
    pins = CertificatePins(
        [PinnedCertificate("xx", old.thumbprint, retiring), PinnedCertificate("xx", new.thumbprint, ACTIVE)]
    )
    assert [pins.require(each, NOW).owner for each in (old, new)] == ["xx", "xx"]


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        (NOW - timedelta(days=1, seconds=1), False),
        (NOW - timedelta(days=1), True),
        (NOW + timedelta(days=1), True),
        (NOW + timedelta(days=1, seconds=1), False),
    ],
    ids=str,
)
def test_a_pinned_certificate_counts_within_its_validity(at: datetime, counts: bool) -> None:
    certificate = read_certificate(make_certificate(NOW - timedelta(days=1), NOW + timedelta(days=1)))
    if counts:
        assert CertificatePins([PinnedCertificate("xx", certificate.thumbprint, ACTIVE)]).require(certificate, at)
    else:
        assert pin_code(certificate, ACTIVE, at) == "certificate.expired"


def test_one_certificate_for_two_partners_is_a_fault_of_the_data() -> None:
    pins = [PinnedCertificate(owner, certificate_thumbprint(DER), ACTIVE) for owner in ("xx", "yy")]
    with pytest.raises(DataFolderError) as fault:
        CertificatePins(pins)
    assert fault.value.stable_code == "certificate.shared"
