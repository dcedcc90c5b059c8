"""The one shape that a signed XML document may have, checked before any cryptography runs.

An XML signature may point anywhere and transform anything; signature wrapping lives on that freedom. Here it has none:
exactly one Signature in the whole document, a child of the document element, with a reference to the whole document
without it, one to our metadata, in the XAdES form one to the signed properties and at most one to KeyInfo, and nothing
unsigned but what the standard cannot sign. The Id that a reference names occurs once, on the element expected.

Every refusal here is ``envelope.not-opened``: the document came out of the decryption, so its faults are told apart in
our own log only.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.errors import MalformedMessage, MessageTooLarge
from gateway.formats.limits import ParseLimits
from gateway.formats.parsing import XmlElement, parse_xml
from gateway.security.xml_form import SHA256, XML_LIMITS, EnvelopeForm, ds, meta, xades
from gateway.security.xml_references import read_signed_info, refused, targets_of

_DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml[ \t\r\n]")  # a stylesheet begins alike
_KEY_INFO_PARTS = frozenset({ds("KeyName"), ds("KeyValue"), ds("X509Data")})


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedShape:
    """A document of the right shape whose signature has NOT been verified yet.

    Attributes:
        form: what its shape makes it.
        root: the document element, the Signature inside.
        held: the Object with our metadata.
        properties: SignedProperties of the XAdES form; None in the other.
        method: URI of the signature method.
        targets: the signed elements in the order of the references; the document element stands for the whole.
        certificate: the one certificate of KeyInfo in DER form; None without one.
    """

    form: EnvelopeForm
    root: XmlElement
    held: XmlElement
    properties: XmlElement | None
    method: str
    targets: tuple[XmlElement, ...]
    certificate: bytes | None

    def place_of(self, target: XmlElement) -> int:
        """Which of the references points at this element; what is verified comes in the same order."""
        return next(number for number, one in enumerate(self.targets) if one is target)


def read_shape(data: bytes, limits: ParseLimits) -> SignedShape:
    """Parse a signed document and check its shape.

    Args:
        data: the signed document as it came out of the decryption, or out of the store.
        limits: size of the document.

    Raises:
        OpeningRefused: ``envelope.not-opened``.
    """
    check_bytes(data)
    try:
        root = parse_xml(data, limits)
    except (MalformedMessage, MessageTooLarge) as fault:
        raise refused(fault.stable_code) from None
    signatures = list(root.iter(ds("Signature")))
    if len(signatures) != 1 or signatures[0].getparent() is not root:
        raise refused("not exactly one Signature in the document element")
    signature = signatures[0]
    signed_info, key_info, objects = _parts(signature)
    held, properties = _held(signature, objects)
    method, references = read_signed_info(signed_info)
    targets = targets_of(root, references, [held, *properties, *key_info])
    if not all(any(target is wanted for target in targets) for wanted in (root, held, *properties)):
        raise refused("the document, the metadata or the signed properties are not referenced")
    certificate = _certificate(key_info[0]) if key_info else None
    if properties and certificate is None:
        raise refused("the XAdES form without a certificate")
    form = EnvelopeForm.XADES if properties else EnvelopeForm.XMLDSIG
    return SignedShape(
        form=form,
        root=root,
        held=held,
        properties=properties[0] if properties else None,
        method=method,
        targets=targets,
        certificate=certificate,
    )


def check_bytes(data: bytes) -> None:
    """Refuse comments and processing instructions: the one are never signed, the other are of no use.

    Counting bytes is sound: encodings with zero bytes are refused here, and all others that the parser takes keep
    these characters on their ASCII bytes.

    Raises:
        OpeningRefused: ``envelope.not-opened``.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:4]:
        raise refused("an encoding of two bytes a character")
    declared = _DECLARATION.match(data) is not None
    if b"<!--" in data or data.count(b"<?") > declared:
        raise refused("a comment or a processing instruction")


def _parts(signature: XmlElement) -> tuple[XmlElement, list[XmlElement], list[XmlElement]]:
    """SignedInfo, KeyInfo (if any) and the Objects; SignatureValue stands between (section 4.2 of the standard)."""
    children = list(signature)
    names = [one.tag for one in children]
    key_info = [one for one in children if one.tag == ds("KeyInfo")]
    objects = [one for one in children if one.tag == ds("Object")]
    wanted = [ds("SignedInfo"), ds("SignatureValue"), *[ds("KeyInfo")] * len(key_info), *[ds("Object")] * len(objects)]
    if names != wanted or len(key_info) > 1 or not 1 <= len(objects) <= 2:
        raise refused("Signature holds other parts than the form has")
    return children[0], key_info, objects


def _held(signature: XmlElement, objects: Sequence[XmlElement]) -> tuple[XmlElement, list[XmlElement]]:
    """The Object with our metadata, and the SignedProperties of the XAdES form."""
    held: list[XmlElement] = []
    properties: list[XmlElement] = []
    for one in objects:
        children = list(one)
        if len(children) == 1 and children[0].tag == meta("Metadata"):
            held.append(one)
        elif len(children) == 1 and children[0].tag == xades("QualifyingProperties"):
            properties.append(_properties(children[0], signature))
        else:
            raise refused("an Object that the form does not have")
    if len(held) != 1 or len(properties) > 1:
        raise refused("not exactly one metadata object")
    return held[0], properties


def _properties(qualifying: XmlElement, signature: XmlElement) -> XmlElement:
    """SignedProperties: alone (unsigned ones may say anything), with a certificate digest of SHA-256."""
    children = list(qualifying)
    own = signature.get("Id")
    if [one.tag for one in children] != [xades("SignedProperties")] or not own or qualifying.get("Target") != f"#{own}":
        raise refused("QualifyingProperties of another shape or for another signature")
    place = "/".join(xades(name) for name in ("SignedSignatureProperties", "SigningCertificateV2", "Cert"))
    certificates = children[0].findall(place)
    digests = [one.get("Algorithm") for one in children[0].iter(ds("DigestMethod"))]
    legacy = next(children[0].iter(xades("SigningCertificate")), None)
    if len(certificates) != 1 or digests != [SHA256] or legacy is not None:
        raise refused("not exactly one certificate digest of SHA-256")
    return children[0]


def _certificate(key_info: XmlElement) -> bytes | None:
    """The certificate of KeyInfo; where it names keys by address or by encrypted means it is refused."""
    names = [one.tag for one in key_info]
    if not _KEY_INFO_PARTS.issuperset(names) or len(set(names)) != len(names):
        raise refused("KeyInfo holds other parts than name, value and certificate")
    data = key_info.find(ds("X509Data"))
    if data is None:
        return None
    if [one.tag for one in data] != [ds("X509Certificate")]:
        raise refused("X509Data holds other parts than one certificate")
    text = "".join((data[0].text or "").split())
    if len(text) > XML_LIMITS.certificate_bytes * 4 // 3 + 4:
        raise refused("the certificate is too long")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise refused("the certificate is not base64") from None
