"""Verifying a signed XML document with signxml, and taking from it only what it verified.

The order: shape (`xml_shape`), then the signature with the registered key and its one method, then the values that the
verified references hold. What goes on is ``VerifyResult.signed_data``: the canonical octets whose digest was signed.
The tree that came in is not looked at again.
"""

from __future__ import annotations

import binascii
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier
from signxml.xades.xades import XAdESVerifier

from gateway.formats.limits import ParseLimits
from gateway.formats.parsing import XmlElement
from gateway.security.keys import PublicKey
from gateway.security.metadata import MessageMetadata
from gateway.security.refusals import EnvelopeCode, OpeningRefused
from gateway.security.xml_certificates import certificate_around, holds_key, read_certificate
from gateway.security.xml_form import SIGNATURE_METHODS, EnvelopeForm, ds, xades
from gateway.security.xml_metadata import read_metadata_object
from gateway.security.xml_references import refused
from gateway.security.xml_shape import SignedShape, read_shape

logging.getLogger("signxml").setLevel(logging.WARNING)  # at DEBUG it writes whole canonical documents

_FAULTS = (
    *(SignXMLException, InvalidSignature, UnsupportedAlgorithm, etree.LxmlError, NotImplementedError, binascii.Error),
    # signxml lets Python's own errors through for odd texts and values
    *(ValueError, TypeError, LookupError, AttributeError, AssertionError, ArithmeticError, RecursionError),
)


class _Copying:
    """How signxml copies trees: in UTF-8, the only spelling of names outside ASCII, and without what follows."""

    def _tostring(self, xml_node: XmlElement, **options: Any) -> bytes:
        copied: bytes = etree.tostring(xml_node, encoding="UTF-8", with_tail=False, **options)
        return copied


class _PlainVerifier(_Copying, XMLVerifier):
    """Verifies the XMLDSig form."""


class _XadesVerifier(_Copying, XAdESVerifier):
    """Verifies the XAdES form, its certificate digest included."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class VerifiedDocument:
    """What a signature was verified to cover.

    Attributes:
        form: XMLDSig or XAdES.
        content: the canonical octets of the document without its Signature, in UTF-8.
        metadata: the signed metadata.
    """

    form: EnvelopeForm
    content: bytes
    metadata: MessageMetadata


def verify_document(
    data: bytes, key: PublicKey, at: datetime, limits: ParseLimits, *, clock_skew: timedelta
) -> VerifiedDocument:
    """Verify a signed document with a registered key.

    Args:
        data: the signed document.
        key: the key registered under the id that was looked up.
        at: time of receipt, at which a certificate has to be valid.
        limits: size of the document.
        clock_skew: how far the signing time of XAdES may lie from the signed time of issue.

    Raises:
        OpeningRefused: ``envelope.not-opened`` for every fault of shape and signature; ``envelope.metadata-refused``
            or ``envelope.clock`` for what the verified signature covers.
    """
    shape = read_shape(data, limits)
    if key.use != "sig" or SIGNATURE_METHODS.get(key.alg) != shape.method:
        raise refused("the signature method is not the key's own")
    results = _verified(shape, key, at)
    whole = results[shape.place_of(shape.root)]
    if whole.signed_xml is None or whole.signed_xml.tag != shape.root.tag:
        raise refused("what was verified is not the document element")
    if next(whole.signed_xml.iter(ds("Signature")), None) is not None:
        raise refused("the verified document still holds a Signature")
    metadata = read_metadata_object(_signed(results[shape.place_of(shape.held)]), key.kid)
    if shape.properties is not None:
        properties = _signed(results[shape.place_of(shape.properties)])
        _check_signing_time(properties, metadata, clock_skew)
    return VerifiedDocument(form=shape.form, content=whole.signed_data, metadata=metadata)


def _verified(shape: SignedShape, key: PublicKey, at: datetime) -> list[VerifyResult]:
    """All references, verified by signxml with the registered key and nothing out of the message."""
    expected = SignatureConfiguration(
        location="./",
        expect_references=len(shape.targets),
        signature_methods=frozenset({SignatureMethod(shape.method)}),
        digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
        verification_time=at,
    )
    verifier = _XadesVerifier() if shape.form is EnvelopeForm.XADES else _PlainVerifier()
    try:
        certificate = _certificate(shape, key)
        found = verifier.verify(shape.root, x509_cert=certificate, parser=_parser(), expect_config=expected)
    except _FAULTS as fault:
        raise refused(f"signature: {type(fault).__name__}") from None
    results = found if isinstance(found, list) else [found]
    pem = key.native.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    if len(results) != len(shape.targets) or any(one.signature_key != pem for one in results):
        raise refused("verified with another key or in another number")
    return results


def _certificate(shape: SignedShape, key: PublicKey) -> x509.Certificate:
    """The certificate that signxml is pinned to; one of KeyInfo is taken only where it holds the registered key."""
    if shape.certificate is None:
        return certificate_around(key)
    named = read_certificate(shape.certificate)
    if not holds_key(named, key):
        raise refused("the certificate in KeyInfo is not of the registered key")
    return named


def _parser() -> etree.XMLParser:
    """The parser that signxml copies trees with; what comes to it was parsed under our own rules before."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=False
    )


def _signed(result: VerifyResult) -> XmlElement:
    if result.signed_xml is None:
        raise refused("a reference to something that is not XML")
    return result.signed_xml


def _check_signing_time(properties: XmlElement, metadata: MessageMetadata, clock_skew: timedelta) -> None:
    """The time of XAdES says the same as the metadata, which is judged by our clock."""
    text = properties.findtext(f"{xades('SignedSignatureProperties')}/{xades('SigningTime')}") or ""
    try:
        signed = datetime.fromisoformat(text.strip())
        away = abs(signed.timestamp() - metadata.iat) if signed.tzinfo is not None else None
    except (ValueError, OverflowError):
        away = None
    if away is None or away > clock_skew.total_seconds():
        raise OpeningRefused(EnvelopeCode.CLOCK, detail="SigningTime is not the time of issue", path="SigningTime")
