"""Forged signed XML, made with bare lxml, hashlib and cryptography calls, so that every element can be chosen.

The digests are filled in as a lenient implementation would compute them: what is refused is refused for what it is,
not because a number in it is wrong.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from lxml import etree

from gateway.security.envelope import Opened
from gateway.security.filekeys import FileSigner, file_decrypter
from gateway.security.generation import generate_key
from gateway.security.keys import RegisteredKey
from gateway.security.refusals import OpeningRefused
from gateway.security.xml_certificates import self_signed
from gateway.security.xml_envelope import FormOpener
from gateway.security.xml_form import EnvelopeForm
from tests.attacks.envelope.conftest import ACTIVE, NOW, Forge

DSIG, XADES = "http://www.w3.org/2000/09/xmldsig#", "http://uri.etsi.org/01903/v1.3.2#"
METADATA = "urn:sarhad:message-metadata:1"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = "http://www.w3.org/2006/12/xml-c14n11"
CANONICAL_10 = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = f"{DSIG}enveloped-signature"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SHA1 = f"{DSIG}sha1"
ECDSA = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
ECDSA_SHA1 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1"
HMAC = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
NAMES = {"ds": DSIG, "xades": XADES, "m": METADATA}
CONTENT = '<Note xmlns="urn:note"><Number>N-1</Number><Mass>12.5</Mass></Note>'


def reference(uri: str | None, *transforms: str, digest: str = SHA256) -> str:
    """A reference; each transform is an algorithm or a whole element."""
    chain = "".join(one if one.startswith("<") else f'<ds:Transform Algorithm="{one}"/>' for one in transforms)
    chain = f"<ds:Transforms>{chain}</ds:Transforms>" if chain else ""
    named = "" if uri is None else f' URI="{uri}"'
    method = f'<ds:DigestMethod Algorithm="{digest}"/>'
    return f"<ds:Reference{named}>{chain}{method}<ds:DigestValue>?</ds:DigestValue></ds:Reference>"


WHOLE = reference("", ENVELOPED, INCLUSIVE)
TO_METADATA = reference("#meta", EXCLUSIVE)
TO_PROPERTIES = reference("#props", EXCLUSIVE)


def member_elements(members: dict[str, Any]) -> str:
    return "".join(f"<m:{name}>{value}</m:{name}>" for name, value in members.items() if value is not None)


@cache
def certificate_of(forge: Forge) -> bytes:
    return self_signed(forge.registered, FileSigner(forge.sender.private, forge.sender.public))


@dataclass(frozen=True)
class XmlForge:
    """Two parties (xx sends, aa receives) and full freedom over every element between them."""

    forge: Forge
    form: EnvelopeForm = EnvelopeForm.XMLDSIG

    def members(self, **changes: Any) -> dict[str, Any]:
        header = {"kid": self.forge.sender.public.kid, **self.forge.inner_header(alg=None, typ=None, crit=None)}
        names = ("kid", "iss", "aud", "iat", "jti", "agreement", "type", "schema", "cty", "purpose", "ref")
        return {name: {**header, **changes}.get(name) for name in names}

    def metadata(self, inside: str | None = None, name: str = "meta", **changes: Any) -> str:
        text = member_elements(self.members(**changes)) if inside is None else inside
        return f'<ds:Object Id="{name}"><m:Metadata xmlns:m="{METADATA}">{text}</m:Metadata></ds:Object>'

    @property
    def certificate(self) -> bytes:
        """Of the sender's signing key, always the same."""
        return certificate_of(self.forge)

    @staticmethod
    def key_info(certificate: bytes) -> str:
        text = base64.b64encode(certificate).decode()
        return f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{text}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"

    def properties(self, certificate: bytes, *, time: str = "2026-03-01T12:00:00Z", **parts: str) -> str:
        digest = base64.b64encode(hashlib.sha256(certificate).digest()).decode()
        method = parts.get("method", SHA256)
        listed = (
            f'<xades:SigningCertificateV2><xades:Cert><xades:CertDigest><ds:DigestMethod Algorithm="{method}"/>'
            f"<ds:DigestValue>{digest}</ds:DigestValue></xades:CertDigest></xades:Cert></xades:SigningCertificateV2>"
        )
        signed = (
            f'<xades:SignedProperties Id="props"><xades:SignedSignatureProperties><xades:SigningTime>{time}'
            f"</xades:SigningTime>{parts.get('listed', listed)}</xades:SignedSignatureProperties>"
            f"</xades:SignedProperties>{parts.get('unsigned', '')}"
        )
        target = parts.get("target", "#sig")
        return (
            f'<ds:Object><xades:QualifyingProperties xmlns:xades="{XADES}" Target="{target}">{signed}'
            "</xades:QualifyingProperties></ds:Object>"
        )

    def signature(
        self,
        references: Sequence[str] | None = None,
        objects: Sequence[str] | None = None,
        *,
        key_info: str | None = None,
        method: str = ECDSA,
        canonical: str = EXCLUSIVE,
    ) -> str:
        """A Signature of the right shape, except for what is given."""
        xades = self.form is EnvelopeForm.XADES
        certificate = self.certificate if xades else b""
        if references is None:
            references = [WHOLE, TO_METADATA, *([TO_PROPERTIES] if xades else [])]
        if objects is None:
            objects = [self.metadata(), *([self.properties(certificate)] if xades else [])]
        if key_info is None:
            key_info = self.key_info(certificate) if xades else ""
        method = method if method.startswith("<") else f'<ds:SignatureMethod Algorithm="{method}"/>'
        return (
            f'<ds:Signature xmlns:ds="{DSIG}" Id="sig"><ds:SignedInfo>'
            f'<ds:CanonicalizationMethod Algorithm="{canonical}"/>{method}{"".join(references)}</ds:SignedInfo>'
            f"<ds:SignatureValue>?</ds:SignatureValue>{key_info}{''.join(objects)}</ds:Signature>"
        )

    def signed(self, signature: str | None = None, content: str = CONTENT, by: Any = None) -> etree._Element:
        """The document with a signature whose digests and value are true."""
        root = etree.fromstring(content)
        root.append(etree.fromstring(self.signature() if signature is None else signature))
        [element] = root.findall("ds:Signature", NAMES)
        for one in element.iterfind("ds:SignedInfo/ds:Reference", NAMES):
            digest(root, one)
        [value] = element.findall("ds:SignatureValue", NAMES)
        value.text = base64.b64encode(self._value(element, by)).decode()
        return root

    def _value(self, signature: etree._Element, by: Any) -> bytes:
        [info] = signature.findall("ds:SignedInfo", NAMES)
        octets = etree.tostring(info, method="c14n", exclusive=info[0].get("Algorithm") == EXCLUSIVE)
        private = self.forge.sender.private if by is None else by
        if info[1].get("Algorithm") == HMAC:
            encoding = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            return hmac.new(private.public_key().public_bytes(*encoding), octets, "sha256").digest()
        if isinstance(private, ec.EllipticCurvePrivateKey):
            hashed = hashes.SHA1() if info[1].get("Algorithm") == ECDSA_SHA1 else hashes.SHA256()  # noqa: S303
            r, s = utils.decode_dss_signature(private.sign(octets, ec.ECDSA(hashed)))
            return r.to_bytes(32) + s.to_bytes(32)
        value: bytes = by(octets)
        return value

    def seal(self, document: etree._Element | bytes, **header: Any) -> bytes:
        """The document encrypted to the recipient, as the sender would."""
        data = document if isinstance(document, bytes) else etree.tostring(document, encoding="UTF-8")
        return self.forge.seal(data, self.forge.outer_header(**{"cty": self.form.content_type, **header}))

    def open(self, data: bytes, **options: Any) -> Opened:
        defaults: dict[str, Any] = {
            "form_of": lambda _: self.form,
            "decrypters": [self.forge.decrypter],
            "lookup_key": lambda kid: self.forge.registered if kid == self.forge.registered.kid else None,
            "recipient": "aa",
        }
        at = options.pop("at", NOW)
        return FormOpener(**{**defaults, **options}).open(data, at)

    def refusal(self, data: bytes, **options: Any) -> OpeningRefused:
        with pytest.raises(OpeningRefused) as refused:
            self.open(data, **options)
        return refused.value

    def code(self, document: etree._Element | bytes, **options: Any) -> str:
        """Code of the refusal of a document that was properly encrypted."""
        return self.refusal(self.seal(document), **options).stable_code

    def in_form(self, form: EnvelopeForm) -> XmlForge:
        return replace(self, form=form)


def digest(root: etree._Element, one: etree._Element) -> None:
    """Fill in the digest of what a reference points at, as far as it points at anything here."""
    uri = one.get("URI", "")
    algorithms = [transform.get("Algorithm") for transform in one.iterfind("ds:Transforms/ds:Transform", NAMES)]
    target: etree._Element | None = copy.deepcopy(root)
    assert target is not None
    if uri.startswith("#"):
        target = next((found for found in root.iter() if found.get("Id") == uri[1:]), None)
    elif ENVELOPED in algorithms:
        for signature in target.findall("ds:Signature", NAMES):
            target.remove(signature)
    octets = b"" if target is None else etree.tostring(target, method="c14n", exclusive=EXCLUSIVE in algorithms)
    [method], [value] = one.findall("ds:DigestMethod", NAMES), one.findall("ds:DigestValue", NAMES)
    hashed = hashlib.sha1 if method.get("Algorithm") == SHA1 else hashlib.sha256
    value.text = base64.b64encode(hashed(octets).digest()).decode()


@pytest.fixture(scope="session")
def parties() -> Forge:
    sender, recipient = generate_key("xx", "ES256", NOW), generate_key("aa", "ECDH-ES+A256KW", NOW)
    decrypter = file_decrypter(recipient.private, RegisteredKey(recipient.public, "aa", ACTIVE))
    return Forge(sender, recipient, RegisteredKey(sender.public, "xx", ACTIVE), decrypter)


@pytest.fixture(scope="session")
def xml(parties: Forge) -> XmlForge:
    """The forge in the XMLDSig form."""
    return XmlForge(parties)


@pytest.fixture(scope="session", params=[EnvelopeForm.XMLDSIG, EnvelopeForm.XADES])
def each(request: pytest.FixtureRequest, parties: Forge) -> XmlForge:
    """The forge in each XML form."""
    return XmlForge(parties, request.param)
