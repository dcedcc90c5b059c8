"""Certificates around keys: self-signed through `Signer`, the same for one process, and never a source of trust."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509

from gateway.security.filekeys import FileSigner
from gateway.security.generation import GeneratedKey
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import Lifecycle
from gateway.security.refusals import OpeningRefused
from gateway.security.xml_certificates import NO_END, SelfSigned, certificate_around, holds_key, self_signed

MakeKey = Callable[..., GeneratedKey]


@pytest.mark.parametrize("algorithm", ["ES256", "PS256"])
def test_it_is_signed_by_the_key_that_it_holds(make_key: MakeKey, algorithm: str, now: datetime) -> None:
    made = make_key("xx", algorithm)
    registered = RegisteredKey(made.public, "xx", Lifecycle.active_from(now))
    certificate = x509.load_der_x509_certificate(self_signed(registered, FileSigner(made.private, made.public)))
    certificate.verify_directly_issued_by(certificate)
    assert holds_key(certificate, made.public)
    assert certificate.not_valid_before_utc == now
    assert certificate.not_valid_after_utc == NO_END
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.digital_signature, usage.key_cert_sign) == (True, False)


def test_it_ends_with_the_key(make_key: MakeKey, now: datetime) -> None:
    made, last = make_key("xx", "ES256"), now + timedelta(days=90)
    registered = RegisteredKey(made.public, "xx", Lifecycle.active_from(now, last))
    certificate = x509.load_der_x509_certificate(self_signed(registered, FileSigner(made.private, made.public)))
    assert certificate.not_valid_after_utc == last


def test_a_key_without_an_xml_signature_method_has_none(make_key: MakeKey, now: datetime) -> None:
    made = make_key("xx", "Ed25519")
    registered = RegisteredKey(made.public, "xx", Lifecycle.active_from(now))
    with pytest.raises(OpeningRefused) as refused:
        self_signed(registered, FileSigner(made.private, made.public))
    assert refused.value.stable_code == "envelope.algorithm-refused"


def test_it_is_made_once_for_a_key_and_follows_a_rotation(make_key: MakeKey, registered: Any, signer: Any) -> None:
    made = make_key("xx", "PS256")
    keys = [registered]
    certificates = SelfSigned(lambda: keys)
    first = certificates.of(signer)
    assert certificates.of(signer) is first
    other = FileSigner(made.private, made.public)
    renamed = type("Renamed", (), {"kid": "xx-sig-202603-7", "alg": "PS256", "sign": other.sign})()
    with pytest.raises(OpeningRefused):
        certificates.of(renamed)
    public = type(made.public)(kid=renamed.kid, use="sig", alg="PS256", jwk=made.public.jwk, native=made.public.native)
    keys.append(RegisteredKey(public, "xx", registered.lifecycle))
    assert holds_key(x509.load_der_x509_certificate(certificates.of(renamed)), public)
    assert certificates.of(signer) is first


@pytest.mark.parametrize("algorithm", ["ES256", "PS256"])
def test_the_one_to_verify_with_holds_the_registered_key(make_key: MakeKey, algorithm: str) -> None:
    public = make_key("xx", algorithm).public
    assert holds_key(certificate_around(public), public)
    assert certificate_around(public) is certificate_around(public)


def test_another_key_is_not_held(make_key: MakeKey) -> None:
    assert not holds_key(certificate_around(make_key("xx", "ES256").public), make_key("yy", "ES256").public)
