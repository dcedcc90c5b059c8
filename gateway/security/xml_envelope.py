"""Sealing and opening in the form that a partner's profile names: JWS or signed XML, inside the same JWE.

Everything outside the signature is as in `gateway.security.envelope`: one recipient, ``skid`` to look up the key,
sizes, order of the checks, one code between decryption and verified signature. The form is decided here by the profile
of the key's owner. The stated ``cty`` has to agree, before anything is decrypted; a JWS of a partner that signs XML is
taken for acknowledgements only, which are JSON to everybody.

What is kept as evidence is the signed XML exactly as it came out of the decryption; its SHA-256 takes the place of the
JWS digest in the message's identity and in receipts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import MessageTooLarge
from gateway.security.envelope import Opened, Sealed, open_sealed, seal, verify_stored
from gateway.security.jose import Header, read_header
from gateway.security.keys import Decrypter, PublicKey, RegisteredKey, Signer
from gateway.security.limits import DEFAULT_LIMITS, EnvelopeLimits
from gateway.security.metadata import MessageMetadata
from gateway.security.outer import read_outer_header
from gateway.security.refusals import EnvelopeCode, OpeningRefused
from gateway.security.steps import (
    KeyLookup,
    check_names,
    check_time,
    encrypt_to,
    our_key,
    require_agreed,
    senders_key,
)
from gateway.security.suites import INTL_1, Suite
from gateway.security.xml_form import ALWAYS_JOSE, FORMS_BY_CONTENT_TYPE, XML_LIMITS, EnvelopeForm
from gateway.security.xml_signing import sign_document
from gateway.security.xml_verification import VerifiedDocument, verify_document

FormOf = Callable[[str], EnvelopeForm]
"""From the code of a party to the form that its profile names."""


def seal_in_form(
    form: EnvelopeForm,
    payload: bytes,
    metadata: MessageMetadata,
    signer: Signer,
    recipient_key: PublicKey,
    *,
    certificate: Callable[[Signer], bytes],
    suite: Suite = INTL_1,
    limits: EnvelopeLimits = DEFAULT_LIMITS,
) -> Sealed:
    """Sign in the form that was agreed and encrypt to one recipient.

    Args:
        form: of the recipient's profile.
        payload: raw bytes of the message.
        metadata: what is signed beside them.
        signer: our signing key.
        recipient_key: the recipient's encryption key.
        certificate: gives the certificate of our signing key in DER form; asked for the XAdES form only.
        suite: the agreed suite.
        limits: size caps.

    Raises:
        MessageTooLarge: more than the limits allow.
        OpeningRefused: a key outside the suite or the form, no content, or content that is no XML to be signed.
    """
    if not form.is_xml or metadata.type in ALWAYS_JOSE:
        return seal(payload, metadata, signer, recipient_key, suite=suite, limits=limits)
    if len(payload) > limits.max_message_bytes:
        raise _too_large(limits)
    if not payload:
        raise OpeningRefused(EnvelopeCode.EMPTY)
    require_agreed(suite, signer, recipient_key)
    named = certificate(signer) if form is EnvelopeForm.XADES else None
    signed = sign_document(payload, metadata, signer, XML_LIMITS.parsing(limits.max_message_bytes), named)
    sealed = encrypt_to(recipient_key, signed, form.content_type, signer.kid, suite, limits)
    return Sealed(jwe=sealed, jws=signed, jws_digest=hashlib.sha256(signed).hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True)
class FormOpener:
    """Opens sealed messages, each of which has to come in the form that its sender's profile names.

    Attributes:
        form_of: the form of each sender, by profile.
        decrypters: our decryption keys.
        lookup_key: the registered keys of the parties that may send here.
        recipient: our own code.
        suite: the agreed suite.
        limits: size caps, clock skew and greatest age.
    """

    form_of: FormOf
    decrypters: Iterable[Decrypter]
    lookup_key: KeyLookup
    recipient: str
    suite: Suite = INTL_1
    limits: EnvelopeLimits = DEFAULT_LIMITS

    def open(self, data: bytes, at: datetime) -> Opened:
        """Open a sealed message.

        Args:
            data: the compact JWE as it came.
            at: time of receipt, with time zone.

        Raises:
            MessageTooLarge: the envelope is longer than the limits allow.
            OpeningRefused: every other fault; ``envelope.wrong-form`` for another form than agreed.
        """
        if len(data) > self.limits.max_jwe_bytes:
            raise _too_large(self.limits)
        stated = _stated_form(data, self.limits)
        return self._open_xml(data, stated, at) if stated.is_xml else self._open_jose(data, at)

    def _open_jose(self, data: bytes, at: datetime) -> Opened:
        opened = open_sealed(
            data,
            decrypters=self.decrypters,
            lookup_key=self.lookup_key,
            recipient=self.recipient,
            at=at,
            suite=self.suite,
            limits=self.limits,
        )
        if self.form_of(opened.sender).is_xml and opened.metadata.type not in ALWAYS_JOSE:
            raise OpeningRefused(EnvelopeCode.WRONG_FORM, detail="a JWS of a partner that signs XML", path="cty")
        return opened

    def _open_xml(self, data: bytes, stated: EnvelopeForm, at: datetime) -> Opened:
        """In the order of `gateway.security.envelope`; the form agreed is looked at as soon as the key is found."""
        header = read_outer_header(data, self.suite, self.limits, content_type=stated.content_type)
        decrypter = our_key(header, self.decrypters, at)
        sender_key = senders_key(header, self.lookup_key, at)
        if self.form_of(sender_key.owner) is not stated:
            raise OpeningRefused(EnvelopeCode.WRONG_FORM, detail="cty is not the form of the profile", path="cty")
        signed = decrypter.decrypt(data, self.suite.content, self.limits)
        verified = _verify(signed, sender_key, at, self.suite, self.limits)
        if verified.form is not stated:
            raise OpeningRefused(EnvelopeCode.NOT_OPENED, detail="xml: the signature is not of the form stated")
        check_names(verified.metadata, sender_key.owner, self.recipient)
        check_time(verified.metadata, at, self.limits)
        if verified.metadata.type in ALWAYS_JOSE:
            raise OpeningRefused(EnvelopeCode.WRONG_FORM, detail="a type that has no XML form", path="type")
        return _opened(signed, verified, sender_key)


def verify_kept(signed: bytes, registered: RegisteredKey, *, received: datetime, suite: Suite = INTL_1) -> Opened:
    """Verify stored signed bytes of any form, judged by the key state at the recorded time of receipt.

    The form is read off the bytes: a profile may have changed since, and what was agreed then was held to on receipt.

    Args:
        signed: the stored JWS, or the stored signed XML.
        registered: the key under its kid.
        received: when the log says it was received.
        suite: the suite agreed then.

    Raises:
        OpeningRefused: the evidence does not hold.
    """
    if not signed.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return verify_stored(signed, registered, received=received, suite=suite)
    code = registered.refusal_at(received)
    if code is not None:
        raise OpeningRefused(EnvelopeCode(code), detail="key state at time of receipt", path="kid")
    limits = EnvelopeLimits(max_message_bytes=len(signed))  # its size was judged when it came in
    verified = _verify(signed, registered, received, suite, limits)
    if verified.metadata.iss != registered.owner:
        raise OpeningRefused(EnvelopeCode.WRONG_SENDER, detail="iss is not the owner of kid", path="iss")
    return _opened(signed, verified, registered)


def _stated_form(data: bytes, limits: EnvelopeLimits) -> EnvelopeForm:
    """The form that the outer header states; whatever is wrong with the header is refused by the opening of a JWS."""
    try:
        header: Header = read_header(data.split(b".", 1)[0], limits)
    except OpeningRefused:
        return EnvelopeForm.JOSE
    stated = header.get("cty")
    return FORMS_BY_CONTENT_TYPE.get(stated, EnvelopeForm.JOSE) if isinstance(stated, str) else EnvelopeForm.JOSE


def _verify(
    signed: bytes, registered: RegisteredKey, at: datetime, suite: Suite, limits: EnvelopeLimits
) -> VerifiedDocument:
    if registered.key.alg not in suite.signatures:
        raise OpeningRefused(EnvelopeCode.NOT_OPENED, detail="xml: key outside the agreed suite")
    parsing = XML_LIMITS.parsing(limits.max_message_bytes)
    return verify_document(signed, registered.key, at, parsing, clock_skew=limits.clock_skew)


def _opened(signed: bytes, verified: VerifiedDocument, key: RegisteredKey) -> Opened:
    """The result, once everything about it has been verified."""
    return Opened(
        payload=verified.content,
        metadata=verified.metadata,
        jws=signed,
        jws_digest=hashlib.sha256(signed).hexdigest(),
        kid=key.kid,
        sender=key.owner,
    )


def _too_large(limits: EnvelopeLimits) -> MessageTooLarge:
    return MessageTooLarge(
        f"The message has more than {limits.max_message_bytes} bytes.",
        remedy="Split the message, or agree on another way for large ones.",
    )
