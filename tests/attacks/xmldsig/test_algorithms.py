"""Algorithms, transforms and references that stand in no list, truly signed by the registered key all the same."""

from __future__ import annotations

import pytest

from gateway.security.xml_form import EnvelopeForm
from tests.attacks.xmldsig.conftest import (
    CANONICAL_10,
    CONTENT,
    DSIG,
    ECDSA,
    ECDSA_SHA1,
    ENVELOPED,
    EXCLUSIVE,
    HMAC,
    INCLUSIVE,
    SHA1,
    TO_METADATA,
    TO_PROPERTIES,
    WHOLE,
    XmlForge,
    reference,
)

XPATH = (
    '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>not(self::n:Mass)</ds:XPath>'
    "</ds:Transform>"
)
XSLT = (
    '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116">'
    '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"/></ds:Transform>'
)
PREFIXES = (
    f'<ds:Transform Algorithm="{EXCLUSIVE}"><e:InclusiveNamespaces xmlns:e="{EXCLUSIVE}" PrefixList="a b"/>'
    "</ds:Transform>"
)


@pytest.mark.parametrize("canonical", [EXCLUSIVE, INCLUSIVE, CANONICAL_10])
def test_the_forge_makes_good_documents_in_every_canonical_form(each: XmlForge, canonical: str) -> None:
    """Without this, every refusal below could have another reason."""
    references = [reference("", ENVELOPED, canonical), reference("#meta", canonical)]
    if each.form is EnvelopeForm.XADES:
        references.append(reference("#props", canonical))
    opened = each.open(each.seal(each.signed(each.signature(references, canonical=canonical))))
    assert (opened.payload, opened.sender, opened.metadata.jti) == (CONTENT.encode(), "xx", "m-1")


def test_space_around_the_signature_belongs_to_the_document(each: XmlForge) -> None:
    content = CONTENT.replace("</Note>", "\n  </Note>")
    document = each.signed(content=content)
    document[-2].tail, document[-1].tail = "\n", "  "
    assert each.open(each.seal(document)).payload == content.encode()
    document[-1].tail = "\n"
    assert each.code(document) == "envelope.not-opened"


def test_references_in_another_order_and_one_to_key_info_are_the_sender_s_choice(
    parties: object, xml: XmlForge
) -> None:
    del parties
    xades = xml.in_form(EnvelopeForm.XADES)
    certificate = xades.certificate
    key_info = xades.key_info(certificate).replace("<ds:KeyInfo>", '<ds:KeyInfo Id="keys">')
    references = [TO_PROPERTIES, TO_METADATA, reference("#keys"), WHOLE]
    signature = xades.signature(references, [xades.metadata(), xades.properties(certificate)], key_info=key_info)
    assert xades.open(xades.seal(xades.signed(signature))).payload == CONTENT.encode()


REFERENCES: dict[str, list[str]] = {
    "none": [],
    "document only": [WHOLE],
    "metadata only": [TO_METADATA],
    "document twice": [WHOLE, WHOLE],
    "metadata twice": [WHOLE, TO_METADATA, TO_METADATA],
    "one more, by Id": [WHOLE, TO_METADATA, reference("#number", EXCLUSIVE)],
    "another element instead of the document": [reference("#number", EXCLUSIVE), TO_METADATA],
    "the document element by Id": [reference("#root", ENVELOPED, EXCLUSIVE), TO_METADATA],
    "the signature": [reference("#sig", EXCLUSIVE), TO_METADATA],
    "without URI": [reference(None, ENVELOPED, EXCLUSIVE), TO_METADATA],
    "xpointer to the root": [reference("#xpointer(/)", ENVELOPED, EXCLUSIVE), TO_METADATA],
    "xpointer to an Id": [WHOLE, reference("#xpointer(id('meta'))", EXCLUSIVE)],
    "http": [WHOLE, TO_METADATA, reference("http://127.0.0.1:9/x")],
    "http instead of the document": [reference("http://127.0.0.1:9/x"), TO_METADATA],
    "file": [WHOLE, reference("file:///etc/passwd")],
    "relative": [WHOLE, reference("meta.xml")],
    "Id with a quote": [WHOLE, reference("#me&apos;ta")],
    "Id of nobody": [WHOLE, reference("#nobody", EXCLUSIVE)],
    "empty fragment": [WHOLE, reference("#", EXCLUSIVE)],
    "enveloped signature not cut out": [reference("", INCLUSIVE), TO_METADATA],
    "enveloped signature cut out last": [reference("", INCLUSIVE, ENVELOPED), TO_METADATA],
    "enveloped signature cut out twice": [reference("", ENVELOPED, ENVELOPED), TO_METADATA],
    "no canonical form of the document": [reference("", ENVELOPED), TO_METADATA],
    "two canonical forms": [reference("", ENVELOPED, INCLUSIVE, EXCLUSIVE), TO_METADATA],
    "no transforms": [reference(""), TO_METADATA],
    "xpath": [reference("", ENVELOPED, XPATH, INCLUSIVE), TO_METADATA],
    "xpath alone": [reference("", ENVELOPED, XPATH), TO_METADATA],
    "xslt": [reference("", ENVELOPED, XSLT), TO_METADATA],
    "xslt on the metadata": [WHOLE, reference("#meta", XSLT)],
    "base64": [WHOLE, reference("#meta", f"{DSIG}base64")],
    "comments kept": [reference("", ENVELOPED, f"{EXCLUSIVE}WithComments"), TO_METADATA],
    "prefix list": [reference("", ENVELOPED, PREFIXES), TO_METADATA],
    "enveloped signature on the metadata": [WHOLE, reference("#meta", ENVELOPED, EXCLUSIVE)],
    "sha-1 of the document": [reference("", ENVELOPED, INCLUSIVE, digest=SHA1), TO_METADATA],
    "sha-1 of the metadata": [WHOLE, reference("#meta", EXCLUSIVE, digest=SHA1)],
    "unknown digest": [WHOLE, reference("#meta", EXCLUSIVE, digest="urn:none")],
    "md5": [WHOLE, reference("#meta", EXCLUSIVE, digest="http://www.w3.org/2001/04/xmldsig-more#md5")],
}
CONTENT_WITH_IDS = CONTENT.replace("<Note", '<Note Id="root"').replace("<Number", '<Number Id="number"')


@pytest.mark.parametrize("name", REFERENCES)
def test_references_and_transforms_outside_the_form_are_not_opened(xml: XmlForge, name: str) -> None:
    document = xml.signed(xml.signature(REFERENCES[name]), CONTENT_WITH_IDS)
    assert xml.code(document) == "envelope.not-opened"


METHODS = {
    "ecdsa with sha-1": ECDSA_SHA1,
    "hmac with the public key": HMAC,
    "rsa": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "rsa-pss": "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
    "dsa": f"{DSIG}dsa-sha1",
    "none": "",
    "unknown": "urn:none",
    "length of an hmac": f'<ds:SignatureMethod Algorithm="{HMAC}"><ds:HMACOutputLength>8</ds:HMACOutputLength>'
    "</ds:SignatureMethod>",
    "parameter": f'<ds:SignatureMethod Algorithm="{ECDSA}"><ds:HMACOutputLength>8</ds:HMACOutputLength>'
    "</ds:SignatureMethod>",
}


@pytest.mark.parametrize("method", METHODS)
def test_signature_methods_that_are_not_the_key_s_own_are_not_opened(each: XmlForge, method: str) -> None:
    assert each.code(each.signed(each.signature(method=METHODS[method]))) == "envelope.not-opened"


@pytest.mark.parametrize("canonical", [f"{EXCLUSIVE}WithComments", f"{CANONICAL_10}#WithComments", "urn:none", ""])
def test_canonical_forms_of_signed_info_with_comments_are_not_opened(xml: XmlForge, canonical: str) -> None:
    assert xml.code(xml.signed(xml.signature(canonical=canonical))) == "envelope.not-opened"


@pytest.mark.parametrize("value", ["", "?", "AAAA", "A" * 86 + "==", "A" * 20000])
def test_signature_values_of_no_signature_are_not_opened(xml: XmlForge, value: str) -> None:
    document = xml.signed()
    next(document.iter(f"{{{DSIG}}}SignatureValue")).text = value
    assert xml.code(document) == "envelope.not-opened"


@pytest.mark.parametrize("place", ["DigestValue", "SignatureValue"])
def test_values_that_are_no_base64_are_not_opened(each: XmlForge, place: str) -> None:
    document = each.signed()
    next(document.iter(f"{{{DSIG}}}{place}")).text = "\u0416"
    assert each.code(document) == "envelope.not-opened"


@pytest.mark.parametrize(
    "place", ["CanonicalizationMethod", "SignatureMethod", "DigestMethod", "DigestValue", "Transform"]
)
def test_a_part_that_is_missing_is_not_opened(each: XmlForge, place: str) -> None:
    document = each.signed()
    part = next(document.iter(f"{{{DSIG}}}{place}"))
    parent = part.getparent()
    assert parent is not None
    parent.remove(part)
    assert each.code(document) == "envelope.not-opened"


@pytest.mark.parametrize("place", ["Reference", "Transform", "DigestMethod", "SignatureMethod"])
def test_a_part_in_another_namespace_is_not_opened(each: XmlForge, place: str) -> None:
    document = each.signed()
    next(document.iter(f"{{{DSIG}}}{place}")).tag = f"{{urn:other}}{place}"
    assert each.code(document) == "envelope.not-opened"


def test_a_reference_may_not_carry_foreign_attributes(xml: XmlForge) -> None:
    document = xml.signed()
    next(document.iter(f"{{{DSIG}}}Reference")).set("foreign", "x")
    assert xml.code(document) == "envelope.not-opened"
