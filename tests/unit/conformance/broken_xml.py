"""Sides that verify signed XML badly, each in one way that is known from real systems."""

from __future__ import annotations

import base64
import copy
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree
from starlette.types import ASGIApp

from gateway.catalogue import Catalogue
from gateway.client.client import GatewayClient
from gateway.client.side import Side
from gateway.errors import GatewayError
from gateway.security.envelope import Opened
from gateway.security.limits import DEFAULT_LIMITS
from gateway.security.metadata import MessageMetadata
from gateway.security.refusals import EnvelopeCode, OpeningRefused
from gateway.security.xml_envelope import FormOpener, verify_kept
from gateway.security.xml_form import ALWAYS_JOSE, EnvelopeForm
from gateway.simulator.app import build_app
from gateway.simulator.partner import SimulatedPartner

NAMES = {"ds": "http://www.w3.org/2000/09/xmldsig#", "m": "urn:sarhad:message-metadata:1"}
SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"
ASSUMED = {
    "agreement": "aa-xx-notes",
    "type": "reply",
    "schema": "xx-note-1.0",
    "cty": "application/xml",
    "purpose": "RISK",
}


@dataclass(frozen=True, kw_only=True)
class Naive:
    """A verifier as one finds it: it looks for what it needs and is content when it finds it.

    Attributes:
        digests: whether the digests of the references are compared.
        brought_key: whether the key of a certificate in KeyInfo is used.
        assumes: whether metadata that are missing are made up.
    """

    digests: bool = True
    brought_key: bool = False
    assumes: bool = False

    def open(self, signed: bytes, side: Side) -> Opened:
        """The first signature that stands anywhere decides; the document and the first metadata are read."""
        root = etree.fromstring(signed)
        [signature, *_] = root.findall(".//ds:Signature", NAMES)
        [info] = signature.findall("ds:SignedInfo", NAMES)
        kid = signature.findtext("ds:KeyInfo/ds:KeyName", "", NAMES)
        registered = next(key for key in side.others if key.kid == kid)
        key: Any = registered.key.native
        brought = signature.findtext("ds:KeyInfo/ds:X509Data/ds:X509Certificate", "", NAMES)
        if self.brought_key and brought:
            key = x509.load_der_x509_certificate(base64.b64decode(brought)).public_key()
        raw = base64.b64decode(signature.findtext("ds:SignatureValue", "", NAMES))
        value = utils.encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        key.verify(value, etree.tostring(info, method="c14n", exclusive=True, with_comments=False), ec.ECDSA(SHA256()))
        if self.digests:
            assert all(self._holds(root, signature, one) for one in info.findall("ds:Reference", NAMES))
        return self._read(root, signed, kid, side)

    @staticmethod
    def _holds(root: etree._Element, signature: etree._Element, reference: etree._Element) -> bool:
        uri = reference.get("URI", "")
        if uri:
            [*_, element] = root.findall(f".//*[@Id='{uri[1:]}']")
        else:
            parent = signature.getparent()
            assert parent is not None
            element = copy.deepcopy(parent)
            for one in element.findall("ds:Signature", NAMES):
                element.remove(one)
        octets = etree.tostring(element, method="c14n", exclusive=bool(uri), with_comments=False)
        [method] = reference.findall("ds:DigestMethod", NAMES)
        hashed = hashlib.sha1 if method.get("Algorithm") == SHA1 else hashlib.sha256
        return base64.b64encode(hashed(octets).digest()).decode() == reference.findtext("ds:DigestValue", "", NAMES)

    def _read(self, root: etree._Element, signed: bytes, kid: str, side: Side) -> Opened:
        found = root.find(".//m:Metadata", NAMES)
        members: dict[str, Any] = {} if found is None else {etree.QName(one).localname: one.text for one in found}
        if found is None and self.assumes:
            parties = {"iss": side.home, "aud": side.code}
            members = {**ASSUMED, **parties, "iat": 1, "jti": hashlib.sha256(signed).hexdigest()}
        members.pop("kid", None)
        metadata = MessageMetadata(**{**members, "iat": int(members["iat"])})
        content = copy.deepcopy(root)
        for one in content.findall(".//ds:Signature", NAMES):
            parent = one.getparent()
            assert parent is not None
            parent.remove(one)
        digest = hashlib.sha256(signed).hexdigest()
        return Opened(
            payload=etree.tostring(content),
            metadata=metadata,
            jws=signed,
            jws_digest=digest,
            kid=kid,
            sender=metadata.iss,
        )


def opener_of(side: Side, form: EnvelopeForm) -> FormOpener:
    """Opens as a side should, in one form."""
    return FormOpener(
        form_of=lambda _: form,
        decrypters=list(side.own.decrypters),
        lookup_key=side.lookup,
        recipient=side.code,
    )


class AnyForm:
    """Opens whatever form a message states."""

    def open(self, sealed: bytes, side: Side) -> Opened:
        """The first form that fits."""
        for form in EnvelopeForm:
            try:
                return opener_of(side, form).open(sealed, datetime.now(UTC))
            except GatewayError as refusal:
                fault = refusal
        raise fault


class CommentsCutOut:
    """Cuts comments out, then verifies as it should: they are not signed, are they?"""

    def open(self, signed: bytes, side: Side) -> Opened:
        """Verified without comments."""
        [registered] = [key for key in side.others if key.use == "sig"]
        return verify_kept(re.sub(rb"<!--.*?-->", b"", signed), registered, received=datetime.now(UTC))


class CarelessXml(SimulatedPartner):
    """A partner that signs XML and verifies it in a way of its own where the right way refuses."""

    def __init__(self, catalogue: Catalogue, client: GatewayClient, opens: Any) -> None:
        super().__init__(catalogue, client, 1)
        client.open = self._open  # type: ignore[method-assign, assignment]
        self._opens = opens
        self._right = opener_of(client.side, client.form)

    def _open(self, sealed: bytes) -> Opened:
        try:
            return self._right.open(sealed, datetime.now(UTC))
        except OpeningRefused as refusal:
            if isinstance(self._opens, AnyForm):
                found = self._opens.open(sealed, self._client.side)
                if refusal.stable_code != EnvelopeCode.WRONG_FORM or found.metadata.type in ALWAYS_JOSE:
                    raise
                return found
            if refusal.stable_code != EnvelopeCode.NOT_OPENED:
                raise
            return self._badly(sealed, refusal)

    def _badly(self, sealed: bytes, refusal: OpeningRefused) -> Opened:
        """Whatever the bad way takes; what it cannot read is refused."""
        signed = self._client.side.own.decrypters[0].decrypt(sealed, ("A256GCM",), DEFAULT_LIMITS)
        try:
            found: Opened = self._opens.open(signed, self._client.side)
        except Exception:  # noqa: BLE001
            raise refusal from None
        return found


def careless(catalogue: Catalogue, side: Side, form: EnvelopeForm, opens: Any, url: str, limit: int) -> ASGIApp:
    """The application of a side that opens badly; one that opens well when `opens` is None."""
    client = GatewayClient(side, "http://127.0.0.1:1", oauth=False, form=form)
    partner = SimulatedPartner(catalogue, client, 1) if opens is None else CarelessXml(catalogue, client, opens)
    return build_app(partner, url, message_limit=limit, body_seconds=0.5)
