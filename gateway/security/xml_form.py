"""The forms of a sealed message, and the closed lists of names and algorithms that the XML forms are made of.

The profile of a partner chooses the form; a message only states it, and is refused where the two differ. What stands
in no list here (SHA-1, HMAC, DSA, XSLT, XPath, base64, XPointer, canonical forms with comments) cannot occur in a
signature at all: there is no code that would run it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.formats.limits import ParseLimits
from gateway.security.jose import MESSAGE_TYPE


class EnvelopeForm(StrEnum):
    """How a message is signed; it is encrypted as a compact JWE in every form."""

    JOSE = "jose"
    """A compact JWS over the raw bytes."""
    XMLDSIG = "xmldsig"
    """An enveloped XML signature (W3C XML Signature 1.1)."""
    XADES = "xades"
    """The same with the signed properties of ETSI EN 319 132-1: time and certificate of signing."""

    @property
    def content_type(self) -> str:
        """``cty`` of the JWE: what is inside."""
        return _CONTENT_TYPES[self]

    @property
    def is_xml(self) -> bool:
        """Whether the signature stands inside the XML document."""
        return self is not EnvelopeForm.JOSE


_CONTENT_TYPES = {
    EnvelopeForm.JOSE: MESSAGE_TYPE,
    EnvelopeForm.XMLDSIG: "message+xmldsig",
    EnvelopeForm.XADES: "message+xades",
}

FORMS_BY_CONTENT_TYPE: Mapping[str, EnvelopeForm] = {form.content_type: form for form in EnvelopeForm}

ALWAYS_JOSE = frozenset({"acknowledgement"})
"""Message types that are JSON documents of the gateway's own and have no XML form: they travel as JWS to everybody."""

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
METADATA = "urn:sarhad:message-metadata:1"
"""Namespace of the signed metadata."""

EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = "http://www.w3.org/2006/12/xml-c14n11"
CANONICAL_FORMS = frozenset({EXCLUSIVE, INCLUSIVE, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"})
"""Canonical XML without comments: exclusive 1.0, 1.1 and 1.0."""

ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SIGNATURE_METHODS: Mapping[str, str] = {
    "ES256": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    "PS256": "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
}
"""XML signature method (RFC 9231) by the ``alg`` of the registered key: each key has exactly one."""

OBJECT_TYPE = "http://www.w3.org/2000/09/xmldsig#Object"
PROPERTIES_TYPE = "http://uri.etsi.org/01903#SignedProperties"


def ds(name: str) -> str:
    """An element name of XML Signature."""
    return f"{{{DS}}}{name}"


def xades(name: str) -> str:
    """An element name of XAdES."""
    return f"{{{XADES}}}{name}"


def meta(name: str) -> str:
    """An element name of our signed metadata."""
    return f"{{{METADATA}}}{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlSignatureLimits:
    """What a signed XML document may cost us beyond its content.

    Attributes:
        signature_bytes: bytes of the whole Signature element; with a certificate our own take about 4,000.
        certificate_bytes: bytes of the one certificate that may stand in KeyInfo.
        depth: levels of elements of the whole document.
        elements: elements of the whole document; a reference costs one walk over all of them.
    """

    signature_bytes: int = 32 * 1024
    certificate_bytes: int = 8 * 1024
    depth: int = 64
    elements: int = 500_000

    def parsing(self, content_bytes: int) -> ParseLimits:
        """Limits of parsing a signed document whose content may have that many bytes."""
        return ParseLimits(bytes=content_bytes + self.signature_bytes, depth=self.depth, elements=self.elements)


XML_LIMITS = XmlSignatureLimits()
