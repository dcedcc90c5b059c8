"""Signing an XML document: the signature is put into it, as the last child of its document element.

The signature is built here and not by signxml because that cannot call a hardware module, cannot sign an object of
its own beside the whole document and reads the clock for the time of signing. signxml verifies what is built here, as
every receiver does. Canonical forms: 1.1 for the whole document, so that prefixes which occur in values only stay
bound; exclusive for what stands inside the Signature, so that nothing of the document around leaks into its digest.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

from lxml import etree

from gateway.errors import MalformedMessage, MessageTooLarge
from gateway.formats.limits import ParseLimits
from gateway.formats.parsing import XmlElement, parse_xml
from gateway.security.keys import Signer
from gateway.security.metadata import MessageMetadata
from gateway.security.refusals import EnvelopeCode, OpeningRefused
from gateway.security.xml_form import (
    DS,
    ENVELOPED,
    EXCLUSIVE,
    INCLUSIVE,
    OBJECT_TYPE,
    PROPERTIES_TYPE,
    SHA256,
    SIGNATURE_METHODS,
    XADES,
    ds,
    xades,
)
from gateway.security.xml_metadata import write_metadata
from gateway.security.xml_shape import check_bytes, read_shape


def sign_document(
    content: bytes, metadata: MessageMetadata, signer: Signer, limits: ParseLimits, certificate: bytes | None = None
) -> bytes:
    """The document with an enveloped signature over itself and the metadata, in UTF-8.

    Args:
        content: the document.
        metadata: what is signed beside it.
        signer: our signing key.
        limits: size of the signed document.
        certificate: certificate of the signing key in DER form, which makes it the XAdES form; None for XMLDSig.

    Raises:
        OpeningRefused: ``envelope.algorithm-refused``: XML signatures have no method for the key;
            ``envelope.not-signable``: not XML, a comment, or a Signature of another kind inside.
    """
    if signer.alg not in SIGNATURE_METHODS:
        raise OpeningRefused(EnvelopeCode.ALGORITHM_REFUSED, detail="no XML signature method for the key", path="alg")
    root = _signable(content, limits)
    whole = canonical(root, INCLUSIVE)
    signature = etree.SubElement(root, ds("Signature"), {"Id": _name("signature", metadata)}, nsmap={"ds": DS})
    signed_info = _signed_info(signature, signer.alg)
    value = etree.SubElement(signature, ds("SignatureValue"))
    _key_info(signature, signer.kid, certificate)
    held = write_metadata(metadata, signer.kid, _name("metadata", metadata))
    signature.append(held)
    _refer(signed_info, "", [ENVELOPED, INCLUSIVE], whole, {"Id": _name("document", metadata)})
    _refer(signed_info, f"#{held.get('Id')}", [EXCLUSIVE], canonical(held, EXCLUSIVE), {"Type": OBJECT_TYPE})
    if certificate is not None:
        signed = _properties(signature, metadata, certificate)
        _refer(
            signed_info, f"#{signed.get('Id')}", [EXCLUSIVE], canonical(signed, EXCLUSIVE), {"Type": PROPERTIES_TYPE}
        )
    value.text = _base64(signer.sign(canonical(signed_info, EXCLUSIVE)))
    document = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    read_shape(document, limits)  # what we could not open ourselves is not sealed
    return document


def canonical(element: XmlElement, form: str) -> bytes:
    """Canonical XML of an element with all that is in it, without comments."""
    return etree.tostring(element, method="c14n", exclusive=form == EXCLUSIVE, with_comments=False)


def _signable(content: bytes, limits: ParseLimits) -> XmlElement:
    """The document element of a content that can be signed without changing what it says."""
    try:
        check_bytes(content)
        root = parse_xml(content, limits)
    except (MalformedMessage, MessageTooLarge, OpeningRefused) as fault:
        code = fault.detail if isinstance(fault, OpeningRefused) else fault.stable_code
        raise OpeningRefused(EnvelopeCode.NOT_SIGNABLE, detail=code) from None
    if next(root.iter(ds("Signature")), None) is not None:
        raise OpeningRefused(EnvelopeCode.NOT_SIGNABLE, detail="a Signature in the content")
    return root


def _name(part: str, metadata: MessageMetadata) -> str:
    """An Id that no document has by chance, the same for the same message."""
    return f"{part}-{hashlib.sha256(f'{metadata.iss} {metadata.jti}'.encode()).hexdigest()[:32]}"


def _signed_info(signature: XmlElement, alg: str) -> XmlElement:
    signed_info = etree.SubElement(signature, ds("SignedInfo"))
    etree.SubElement(signed_info, ds("CanonicalizationMethod"), Algorithm=EXCLUSIVE)
    etree.SubElement(signed_info, ds("SignatureMethod"), Algorithm=SIGNATURE_METHODS[alg])
    return signed_info


def _refer(signed_info: XmlElement, uri: str, transforms: list[str], octets: bytes, more: dict[str, str]) -> None:
    reference = etree.SubElement(signed_info, ds("Reference"), {**more, "URI": uri})
    chain = etree.SubElement(reference, ds("Transforms"))
    for transform in transforms:
        etree.SubElement(chain, ds("Transform"), Algorithm=transform)
    _digest(reference, octets)


def _digest(parent: XmlElement, octets: bytes) -> None:
    etree.SubElement(parent, ds("DigestMethod"), Algorithm=SHA256)
    etree.SubElement(parent, ds("DigestValue")).text = _base64(hashlib.sha256(octets).digest())


def _key_info(signature: XmlElement, kid: str, certificate: bytes | None) -> None:
    key_info = etree.SubElement(signature, ds("KeyInfo"))
    etree.SubElement(key_info, ds("KeyName")).text = kid
    if certificate is not None:
        data = etree.SubElement(key_info, ds("X509Data"))
        etree.SubElement(data, ds("X509Certificate")).text = _base64(certificate)


def _properties(signature: XmlElement, metadata: MessageMetadata, certificate: bytes) -> XmlElement:
    """The signed properties of EN 319 132-1 sections 5.2.1 to 5.2.4: time, certificate, what was signed."""
    held = etree.SubElement(signature, ds("Object"))
    target = {"Target": f"#{signature.get('Id')}"}
    qualifying = etree.SubElement(held, xades("QualifyingProperties"), target, nsmap={"xades": XADES})
    signed = etree.SubElement(qualifying, xades("SignedProperties"), {"Id": _name("properties", metadata)})
    of_signature = etree.SubElement(signed, xades("SignedSignatureProperties"))
    time = datetime.fromtimestamp(metadata.iat, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    etree.SubElement(of_signature, xades("SigningTime")).text = time
    listed = etree.SubElement(of_signature, xades("SigningCertificateV2"))
    _digest(etree.SubElement(etree.SubElement(listed, xades("Cert")), xades("CertDigest")), certificate)
    of_data = etree.SubElement(signed, xades("SignedDataObjectProperties"))
    document = {"ObjectReference": f"#{_name('document', metadata)}"}
    described = etree.SubElement(of_data, xades("DataObjectFormat"), document)
    etree.SubElement(described, xades("MimeType")).text = metadata.cty
    return signed


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
