"""Whose key: certificates and keys inside a message count for nothing, and a signature counts for its owner only."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from gateway.security.filekeys import FileSigner
from gateway.security.generation import GeneratedKey, generate_key
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import KeyState, Lifecycle, StateChange
from gateway.security.xml_certificates import self_signed
from gateway.security.xml_form import EnvelopeForm
from tests.attacks.envelope.conftest import ACTIVE, NOW
from tests.attacks.xmldsig.conftest import DSIG, TO_METADATA, WHOLE, XmlForge

RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"


@pytest.fixture(scope="module")
def stranger() -> GeneratedKey:
    return generate_key("yy", "ES256", NOW)


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def certificate_of(key: GeneratedKey, owner: str = "yy") -> bytes:
    return self_signed(RegisteredKey(key.public, owner, ACTIVE), FileSigner(key.private, key.public))


def key_value(private: ec.EllipticCurvePrivateKey) -> str:
    encoding = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    point = base64.b64encode(private.public_key().public_bytes(*encoding)).decode()
    return (
        '<ds:KeyInfo><ds:KeyValue><d11:ECKeyValue xmlns:d11="http://www.w3.org/2009/xmldsig11#">'
        f'<d11:NamedCurve URI="urn:oid:1.2.840.10045.3.1.7"/><d11:PublicKey>{point}</d11:PublicKey>'
        "</d11:ECKeyValue></ds:KeyValue></ds:KeyInfo>"
    )


def test_a_stranger_s_signature_with_its_own_certificate_is_not_opened(each: XmlForge, stranger: GeneratedKey) -> None:
    theirs = certificate_of(stranger)
    objects = [each.metadata(), *([each.properties(theirs)] if each.form is EnvelopeForm.XADES else [])]
    document = each.signed(each.signature(objects=objects, key_info=each.key_info(theirs)), by=stranger.private)
    assert each.code(document) == "envelope.not-opened"


def test_a_stranger_s_certificate_beside_a_good_signature_is_not_opened(xml: XmlForge, stranger: GeneratedKey) -> None:
    document = xml.signed(xml.signature(key_info=xml.key_info(certificate_of(stranger))))
    assert xml.code(document) == "envelope.not-opened"


def test_the_certificate_of_the_registered_key_may_stand_there(xml: XmlForge) -> None:
    assert xml.open(xml.seal(xml.signed(xml.signature(key_info=xml.key_info(xml.certificate))))).sender == "xx"


def test_a_key_value_must_be_the_registered_key(xml: XmlForge, stranger: GeneratedKey) -> None:
    own, theirs = xml.forge.sender.private, stranger.private
    assert isinstance(own, ec.EllipticCurvePrivateKey)
    assert isinstance(theirs, ec.EllipticCurvePrivateKey)
    assert xml.open(xml.seal(xml.signed(xml.signature(key_info=key_value(own))))).sender == "xx"
    assert xml.code(xml.signed(xml.signature(key_info=key_value(theirs)))) == "envelope.not-opened"
    assert xml.code(xml.signed(xml.signature(key_info=key_value(theirs)), by=theirs)) == "envelope.not-opened"


KEY_INFO = {
    "address of a key": '<ds:RetrievalMethod URI="http://127.0.0.1:9/key"/>',
    "two certificates": "<ds:X509Data><ds:X509Certificate>AA==</ds:X509Certificate>"
    "<ds:X509Certificate>AA==</ds:X509Certificate></ds:X509Data>",
    "name of an issuer": "<ds:X509Data><ds:X509SubjectName>CN=xx</ds:X509SubjectName></ds:X509Data>",
    "no certificate": "<ds:X509Data><ds:X509Certificate>AAAA</ds:X509Certificate></ds:X509Data>",
    "no base64": "<ds:X509Data><ds:X509Certificate>?</ds:X509Certificate></ds:X509Data>",
    "empty certificate": "<ds:X509Data><ds:X509Certificate/></ds:X509Data>",
    "long certificate": f"<ds:X509Data><ds:X509Certificate>{'A' * 12000}</ds:X509Certificate></ds:X509Data>",
    "two names": "<ds:KeyName>a</ds:KeyName><ds:KeyName>b</ds:KeyName>",
    "foreign": '<x:Key xmlns:x="urn:x"/>',
    "pgp": "<ds:PGPData><ds:PGPKeyID>AAAA</ds:PGPKeyID></ds:PGPData>",
}


@pytest.mark.parametrize("name", KEY_INFO)
def test_key_info_of_another_shape_is_not_opened(xml: XmlForge, name: str) -> None:
    document = xml.signed(xml.signature(key_info=f"<ds:KeyInfo>{KEY_INFO[name]}</ds:KeyInfo>"))
    assert xml.code(document) == "envelope.not-opened"


def test_a_signature_with_an_rsa_key_of_the_sender_s_choice_is_not_opened(
    xml: XmlForge, rsa_key: rsa.RSAPrivateKey
) -> None:
    numbers = rsa_key.public_key().public_numbers()
    texts = [base64.b64encode(one.to_bytes((one.bit_length() + 7) // 8)).decode() for one in (numbers.n, numbers.e)]
    key_info = (
        f"<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>{texts[0]}</ds:Modulus>"
        f"<ds:Exponent>{texts[1]}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo>"
    )
    signature = xml.signature(method=RSA_SHA256, key_info=key_info)
    document = xml.signed(signature, by=lambda octets: rsa_key.sign(octets, padding.PKCS1v15(), hashes.SHA256()))
    assert xml.code(document) == "envelope.not-opened"


def test_another_partner_s_key_id_does_not_open(each: XmlForge, stranger: GeneratedKey) -> None:
    """The outer header names a key of ``yy``; the signature is of ``xx``."""
    other = RegisteredKey(stranger.public, "yy", ACTIVE)
    keys = {other.kid: other, each.forge.registered.kid: each.forge.registered}
    data = each.seal(each.signed(), skid=other.kid)
    assert each.refusal(data, lookup_key=keys.get).stable_code == "envelope.not-opened"


def test_another_partner_may_not_speak_for_the_sender(xml: XmlForge, stranger: GeneratedKey) -> None:
    other = RegisteredKey(stranger.public, "yy", ACTIVE)
    document = xml.signed(xml.signature(objects=[xml.metadata(kid=other.kid)]), by=stranger.private)
    refused = xml.refusal(xml.seal(document, skid=other.kid), lookup_key=lambda _: other)
    assert (refused.stable_code, refused.path) == ("envelope.wrong-sender", "iss")


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (KeyState.RETIRED, "envelope.expired-key"),
        (KeyState.COMPROMISED, "envelope.compromised-key"),
    ],
)
def test_a_key_that_is_over_is_told_before_decryption(each: XmlForge, state: KeyState, code: str) -> None:
    changes = (StateChange(KeyState.ACTIVE, NOW - timedelta(days=9)), StateChange(state, NOW - timedelta(days=1)))
    key = RegisteredKey(each.forge.registered.key, "xx", Lifecycle(changes))
    assert each.refusal(each.seal(b"never decrypted"), lookup_key=lambda _: key).stable_code == code


def test_an_unknown_key_is_told_before_decryption(each: XmlForge) -> None:
    assert each.refusal(each.seal(b"never decrypted"), lookup_key=lambda _: None).stable_code == "envelope.unknown-key"


def test_an_encryption_key_signs_nothing(each: XmlForge) -> None:
    key = RegisteredKey(each.forge.recipient.public, "xx", ACTIVE)
    refused = each.refusal(each.seal(each.signed(), skid=key.kid), lookup_key=lambda _: key)
    assert refused.stable_code == "envelope.unknown-key"


def test_a_certificate_outside_its_time_is_not_opened(xml: XmlForge) -> None:
    xades = xml.in_form(EnvelopeForm.XADES)
    forge = xades.forge
    early = RegisteredKey(forge.registered.key, "xx", Lifecycle.active_from(NOW + timedelta(days=1)))
    theirs = self_signed(early, FileSigner(forge.sender.private, forge.sender.public))
    signature = xades.signature(objects=[xades.metadata(), xades.properties(theirs)], key_info=xades.key_info(theirs))
    assert xades.code(xades.signed(signature)) == "envelope.not-opened"


Bound = Callable[[XmlForge, bytes, bytes], tuple[str | None, bytes | None]]
PROPERTIES: dict[str, Bound] = {
    "no signed properties": lambda _, mine, _theirs: (None, mine),
    "digest of another certificate": lambda xades, mine, theirs: (xades.properties(theirs), mine),
    "certificate of another key": lambda xades, _, theirs: (xades.properties(theirs), theirs),
    "digest by sha-1": lambda xades, mine, _: (xades.properties(mine, method=f"{DSIG}sha1"), mine),
    "no certificate digest": lambda xades, mine, _: (xades.properties(mine, listed=""), mine),
    "legacy digest": lambda xades, mine, _: (xades.properties(mine).replace("CertificateV2", "Certificate"), mine),
    "unsigned": lambda xades, mine, _: (xades.properties(mine, unsigned="<xades:UnsignedProperties/>"), mine),
    "for another signature": lambda xades, mine, _: (xades.properties(mine, target="#other"), mine),
    "no certificate": lambda xades, mine, _: (xades.properties(mine), None),
}


@pytest.mark.parametrize("name", PROPERTIES)
def test_signed_properties_that_do_not_bind_the_certificate_are_not_opened(
    xml: XmlForge, stranger: GeneratedKey, name: str
) -> None:
    xades = xml.in_form(EnvelopeForm.XADES)
    properties, certificate = PROPERTIES[name](xades, xades.certificate, certificate_of(stranger))
    objects = [xades.metadata(), *([] if properties is None else [properties])]
    key_info = "" if certificate is None else xades.key_info(certificate)
    assert xades.code(xades.signed(xades.signature(objects=objects, key_info=key_info))) == "envelope.not-opened"


def test_signed_properties_without_a_reference_are_not_opened(xml: XmlForge) -> None:
    xades = xml.in_form(EnvelopeForm.XADES)
    assert xades.code(xades.signed(xades.signature([WHOLE, TO_METADATA]))) == "envelope.not-opened"


@pytest.mark.parametrize(
    ("time", "code"),
    [
        ("2026-03-01T12:02:00Z", "envelope.clock"),
        ("2026-03-01T11:58:00Z", "envelope.clock"),
        ("2026-03-01T12:00:00+05:00", "envelope.clock"),
        ("2026-03-01T12:00:00", "envelope.clock"),
        ("9999-12-31T24:00:00Z", "envelope.clock"),
        ("", "envelope.not-opened"),  # the schema of XAdES wants a time at all
        ("yesterday", "envelope.not-opened"),
        ("9" * 40, "envelope.not-opened"),
    ],
)
def test_a_signing_time_other_than_the_time_of_issue_is_refused(xml: XmlForge, time: str, code: str) -> None:
    xades = xml.in_form(EnvelopeForm.XADES)
    objects = [xades.metadata(), xades.properties(xades.certificate, time=time)]
    assert xades.code(xades.signed(xades.signature(objects=objects))) == code


@pytest.mark.parametrize("time", ["2026-03-01T12:00:59Z", "2026-03-01T17:00:00+05:00", "2026-03-01T11:59:30.25Z"])
def test_a_signing_time_within_the_skew_is_taken(xml: XmlForge, time: str) -> None:
    xades = xml.in_form(EnvelopeForm.XADES)
    objects = [xades.metadata(), xades.properties(xades.certificate, time=time)]
    assert xades.open(xades.seal(xades.signed(xades.signature(objects=objects)))).sender == "xx"
