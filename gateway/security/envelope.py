"""Seal and open: the only two verbs that others use.

A sealed message is a compact JWE for one recipient; inside is a compact JWS over the raw bytes of the message, whose
protected header carries the signed metadata. Sign first, then encrypt: the signature survives decryption and storage
and stays evidence, and no canonical form is needed because exactly the bytes that were sent are signed.

Order of opening; each step is fail-closed, and none may be moved up:

1. size, five segments, JWE header strictly read, members and algorithms by allow-list (own code for each fault);
2. our key by ``kid``; the sender's key by ``skid``, with its state (own codes: nothing here depends on a secret);
3. decryption, then the inner JWS: header, algorithm, kid equal to ``skid``, signature
   (ONE code and text for every fault: no oracle);
4. the signed metadata: recipient is us, sender owns the key, time is plausible (own codes: the sender is proven now).

``skid`` in the JWE header serves step 2 only. It is not evidence; the signed ``kid`` is.
Not done here, and the caller's duty: transport identity against ``sender``, the agreement, replay of the message id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import MessageTooLarge
from gateway.security.compact import CompactJws, sign_compact
from gateway.security.jose import MESSAGE_TYPE
from gateway.security.keys import Decrypter, PublicKey, RegisteredKey, Signer
from gateway.security.limits import DEFAULT_LIMITS, EnvelopeLimits
from gateway.security.metadata import MessageMetadata
from gateway.security.outer import read_outer_header
from gateway.security.refusals import EnvelopeCode, OpeningRefused
from gateway.security.steps import (
    KeyLookup,
    check_parties,
    check_time,
    encrypt_to,
    our_key,
    require_agreed,
    senders_key,
    verify_evidence,
    verify_inner,
)
from gateway.security.suites import INTL_1, Suite


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Sealed:
    """A sealed message, ready to be stored and sent; it is never sealed again for a retry.

    Attributes:
        jwe: the compact JWE that goes out.
        jws: the compact JWS inside, in the XML forms the signed document, which is kept as evidence.
        jws_digest: SHA-256 of ``jws``, hexadecimal: with sender and message id the identity of the message.
    """

    jwe: bytes
    jws: bytes
    jws_digest: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Opened:
    """A message that was decrypted and whose signature, sender, recipient and time were verified.

    Attributes:
        payload: exactly the bytes that the sender signed; in the XML forms the document without its Signature.
        metadata: the signed metadata.
        jws: the compact JWS, in the XML forms the signed document, to be kept as evidence.
        jws_digest: SHA-256 of ``jws``, hexadecimal.
        kid: id of the sender's signing key.
        sender: owner of that key, equal to ``metadata.iss``.
    """

    payload: bytes
    metadata: MessageMetadata
    jws: bytes
    jws_digest: str
    kid: str
    sender: str


def seal(
    payload: bytes,
    metadata: MessageMetadata,
    signer: Signer,
    recipient_key: PublicKey,
    *,
    suite: Suite = INTL_1,
    limits: EnvelopeLimits = DEFAULT_LIMITS,
) -> Sealed:
    """Sign ``payload`` with its metadata and encrypt the result to one recipient.

    Args:
        payload: raw bytes of the message.
        metadata: what is signed beside them.
        signer: our signing key.
        recipient_key: the recipient's encryption key; the caller chose one that is active.
        suite: the agreed suite.
        limits: size caps; what we could not open ourselves is not sealed.

    Raises:
        MessageTooLarge: more than ``limits.max_message_bytes``.
        OpeningRefused: a key's algorithm is outside the suite, or there is no content.
    """
    if len(payload) > limits.max_message_bytes:
        raise _too_large(limits)
    require_agreed(suite, signer, recipient_key)
    signed = sign_compact(payload, members=metadata.as_header(), typ=MESSAGE_TYPE, signer=signer)
    sealed = encrypt_to(recipient_key, signed, MESSAGE_TYPE, signer.kid, suite, limits)
    return Sealed(jwe=sealed, jws=signed, jws_digest=hashlib.sha256(signed).hexdigest())


def open_sealed(
    data: bytes,
    *,
    decrypters: Iterable[Decrypter],
    lookup_key: KeyLookup,
    recipient: str,
    at: datetime,
    suite: Suite = INTL_1,
    limits: EnvelopeLimits = DEFAULT_LIMITS,
) -> Opened:
    """Open a sealed message.

    Args:
        data: the compact JWE as it came.
        decrypters: our decryption keys, retiring ones included.
        lookup_key: the registered keys of the parties that may send here.
        recipient: our own code; ``aud`` must equal it.
        at: time of receipt, with time zone.
        suite: the suite agreed with the sender.
        limits: size caps, clock skew and greatest age.

    Raises:
        MessageTooLarge: the envelope is longer than the limits allow.
        OpeningRefused: every other fault; see the module's order.
    """
    if len(data) > limits.max_jwe_bytes:
        raise _too_large(limits)
    header = read_outer_header(data, suite, limits)
    decrypter = our_key(header, decrypters, at)
    sender_key = senders_key(header, lookup_key, at)
    signed = decrypter.decrypt(data, suite.content, limits)
    try:
        unverified, payload = verify_inner(signed, MESSAGE_TYPE, header["skid"], sender_key.key, suite, limits)
    except OpeningRefused as fault:
        detail = f"inner {fault.stable_code}: {fault.detail}"
        raise OpeningRefused(EnvelopeCode.NOT_OPENED, detail=detail) from None
    metadata = check_parties(unverified, sender_key.owner, recipient)
    check_time(metadata, at, limits)
    return _opened(unverified, payload, metadata, sender_key)


def verify_stored(jws: bytes, registered: RegisteredKey, *, received: datetime, suite: Suite = INTL_1) -> Opened:
    """Verify a stored JWS as evidence, judged by the key state at the recorded time of receipt.

    Args:
        jws: the stored compact JWS.
        registered: the key under its kid.
        received: when the log says it was received.
        suite: the suite agreed then.

    Raises:
        OpeningRefused: with distinct codes; this is our own check, no oracle to guard against.
    """
    unverified, payload, metadata = verify_evidence(jws, MESSAGE_TYPE, registered, received, suite)
    return _opened(unverified, payload, metadata, registered)


def _too_large(limits: EnvelopeLimits) -> MessageTooLarge:
    return MessageTooLarge(
        f"The message has more than {limits.max_message_bytes} bytes.",
        remedy="Split the message, or agree on another way for large ones.",
    )


def _opened(unverified: CompactJws, payload: bytes, metadata: MessageMetadata, key: RegisteredKey) -> Opened:
    """The result, once everything about it has been verified."""
    digest = hashlib.sha256(unverified.text).hexdigest()
    return Opened(
        payload=payload, metadata=metadata, jws=unverified.text, jws_digest=digest, kid=key.kid, sender=key.owner
    )
