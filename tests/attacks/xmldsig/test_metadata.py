"""The signed metadata of signed XML: wrong members under a good signature, and the forms played against each other."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from gateway.security.xml_form import EnvelopeForm
from tests.attacks.envelope.conftest import NOW
from tests.attacks.xmldsig.conftest import XmlForge, member_elements


def refusal(xml: XmlForge, inside: str | None = None, **changes: Any) -> tuple[str, str]:
    refused = xml.refusal(xml.seal(xml.signed(xml.signature(objects=[xml.metadata(inside, **changes)]))))
    return refused.stable_code, refused.path


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"aud": "bb"}, "envelope.wrong-recipient", "aud"),
        ({"iss": "yy"}, "envelope.wrong-sender", "iss"),
        ({"kid": "xx-sig-202603-9"}, "envelope.metadata-refused", "kid"),
        ({"kid": ""}, "envelope.metadata-refused", "kid"),
        ({"iat": int((NOW + timedelta(seconds=61)).timestamp())}, "envelope.clock", "iat"),
        ({"iat": int((NOW - timedelta(days=31)).timestamp())}, "envelope.clock", "iat"),
        ({"iat": "0"}, "envelope.metadata-refused", "iat"),
        ({"iat": "-1"}, "envelope.metadata-refused", "iat"),
        ({"iat": "1.5e9"}, "envelope.metadata-refused", "iat"),
        ({"iat": "١٧٧٢٣٦٦٤٠٠"}, "envelope.metadata-refused", "iat"),
        ({"iat": "9" * 30}, "envelope.metadata-refused", "iat"),
        ({"jti": ""}, "envelope.metadata-refused", "jti"),
        ({"jti": "a b"}, "envelope.metadata-refused", "jti"),
        ({"jti": "a" * 129}, "envelope.metadata-refused", "jti"),
        ({"jti": "a&#10;"}, "envelope.metadata-refused", "jti"),
        ({"agreement": "../x"}, "envelope.metadata-refused", "agreement"),
        ({"cty": "text"}, "envelope.metadata-refused", "cty"),
        ({"ref": ""}, "envelope.metadata-refused", "ref"),
        ({"purpose": None}, "envelope.metadata-refused", ""),
        ({"kid": None}, "envelope.metadata-refused", ""),
        ({"type": "acknowledgement"}, "envelope.wrong-form", "type"),
    ],
)
def test_a_member_that_is_wrong_is_told_once_the_sender_is_proven(
    xml: XmlForge, changes: dict[str, Any], code: str, path: str
) -> None:
    assert refusal(xml, **changes) == (code, path)


SHAPES: dict[str, Callable[[str], str]] = {
    "member twice": lambda good: good + "<m:purpose>risk-analysis</m:purpose>",
    "foreign member": lambda good: good + '<x:y xmlns:x="urn:x"/>',
    "unknown member": lambda good: good + "<m:more>x</m:more>",
    "another order": lambda good: "".join(reversed(re.findall(r"<m:\w+>[^<]*</m:\w+>", good))),
    "an element inside a member": lambda good: good.replace("<m:aud>aa", "<m:aud>aa<m:aud>bb</m:aud>"),
    "an attribute": lambda good: good.replace("<m:aud>", '<m:aud x="bb">'),
    "text between members": lambda good: good.replace("<m:aud>", "bb<m:aud>"),
    "text before members": lambda good: f"bb{good}",
    "no member": lambda _: "",
}


@pytest.mark.parametrize("name", SHAPES)
def test_metadata_of_another_shape_is_refused(xml: XmlForge, name: str) -> None:
    assert refusal(xml, SHAPES[name](member_elements(xml.members())))[0] == "envelope.metadata-refused"


def test_a_message_for_somebody_else_that_is_encrypted_anew_to_us_is_refused(xml: XmlForge) -> None:
    """Surreptitious forwarding: an honest recipient passes a signed document on as if it were meant for us."""
    signed = xml.signed(xml.signature(objects=[xml.metadata(aud="bb")]))
    assert xml.code(signed) == "envelope.wrong-recipient"


@pytest.mark.parametrize("agreed", list(EnvelopeForm))
@pytest.mark.parametrize("sent", list(EnvelopeForm))
def test_only_the_form_of_the_profile_opens(xml: XmlForge, sent: EnvelopeForm, agreed: EnvelopeForm) -> None:
    forge = xml.in_form(sent)
    if sent is EnvelopeForm.JOSE:
        data = forge.forge.seal(forge.forge.sign(forge.forge.inner_header()))
    else:
        data = forge.seal(forge.signed())
    if sent is agreed:
        assert forge.open(data).sender == "xx"
    else:
        refused = forge.refusal(data, form_of=lambda _: agreed)
        assert (refused.stable_code, refused.path) == ("envelope.wrong-form", "cty")


@pytest.mark.parametrize("stated", [EnvelopeForm.XMLDSIG, EnvelopeForm.XADES])
def test_what_is_inside_must_be_what_is_stated(xml: XmlForge, stated: EnvelopeForm) -> None:
    """The outer header says what was agreed; inside is another form, properly signed."""
    forge = xml.in_form(stated)
    [other] = {EnvelopeForm.XMLDSIG, EnvelopeForm.XADES} - {stated}
    assert forge.code(xml.in_form(other).signed()) == "envelope.not-opened"
    assert forge.code(forge.forge.sign(forge.forge.inner_header(), b"<a/>")) == "envelope.not-opened"


def test_signed_xml_under_the_content_type_of_a_jws_is_not_opened(each: XmlForge) -> None:
    data = each.seal(each.signed(), cty="message+jws")
    assert each.refusal(data).stable_code == "envelope.not-opened"


@pytest.mark.parametrize("cty", ["message+xml", "MESSAGE+XMLDSIG", "", "large-message+jws"])
def test_a_content_type_of_no_form_is_refused(each: XmlForge, cty: str) -> None:
    assert each.refusal(each.seal(each.signed(), cty=cty)).stable_code == "envelope.header-refused"


@pytest.mark.parametrize("cty", [1, None, ["message+xmldsig"], {"a": "b"}])
def test_a_content_type_that_is_no_text_is_refused(xml: XmlForge, cty: object) -> None:
    code = xml.refusal(xml.seal(xml.signed(), cty=cty)).stable_code
    assert code == ("envelope.not-opened" if cty is None else "envelope.header-refused")


def test_every_fault_from_decryption_to_signature_has_one_text(each: XmlForge) -> None:
    good = each.seal(each.signed())
    protected, wrapped, nonce, content, tag = good.split(b".")
    faults = [
        b".".join([protected, wrapped, nonce, content, base64.urlsafe_b64encode(b"t" * 16).rstrip(b"=")]),
        b".".join([protected, base64.urlsafe_b64encode(b"k" * 40).rstrip(b"="), nonce, content, tag]),
        each.seal(b"<a/>"),
        each.seal(b"<!DOCTYPE a><a/>"),
        each.seal(b"\xff"),
        each.seal(each.signed(by=lambda _: b"\x01" * 64)),
        each.seal(each.signed(each.signature(objects=[]))),
    ]
    told = {(one.stable_code, one.message, one.path, one.remedy) for one in map(each.refusal, faults)}
    assert len(told) == 1


def test_a_refusal_quotes_nothing_of_the_message(each: XmlForge) -> None:
    canary = "CANARY-4711"
    inside = each.seal(each.signed(each.signature(objects=[each.metadata(jti=f"{canary} x")])))
    for data in (each.seal(f"<{canary}/>".encode()), each.seal(f"<a>{canary}".encode()), inside):
        refused = each.refusal(data)
        assert canary not in "".join((str(refused), refused.detail, refused.remedy, refused.path))
