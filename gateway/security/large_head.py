"""The head of a large envelope: a mark, a length, and a compact JWE that carries the content key and the signed JWS.

    8 bytes   89 53 41 52 48 41 44 01
    4 bytes   length of the JWE, unsigned, big-endian
    n bytes   compact JWE for the one recipient; inside: 32 bytes key, 7 bytes nonce prefix, then the compact JWS

The JWS has a type of its own, the protected header of a compact message, and the statement of
`gateway.security.large_content` as its payload. The key stands outside the JWS, because the JWS is kept and shown as
evidence. The order of opening is that of `gateway.security.envelope`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gateway.security.compact import CompactJws
from gateway.security.jose import Header
from gateway.security.keys import Decrypter, PublicKey, RegisteredKey
from gateway.security.large_chunks import KEY_BYTES, PREFIX_BYTES, ContentKey
from gateway.security.large_content import LargeContent, read_statement, require_affordable
from gateway.security.large_limits import LargeLimits
from gateway.security.metadata import MessageMetadata
from gateway.security.outer import read_outer_header
from gateway.security.refusals import EnvelopeCode, OpeningRefused
from gateway.security.steps import KeyLookup, check_parties, check_time, encrypt_to, our_key, senders_key, verify_inner
from gateway.security.suites import Suite

MARK = b"\x89SARHAD\x01"
"""The first bytes; no compact JWE and no text begins so."""

LENGTH_BYTES = 4

LARGE_TYPE = "large-message+jws"
"""``typ`` of the JWS and ``cty`` of the JWE: neither form of message can be taken for the other."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LargeHead:
    """The verified head of a large message whose content has NOT been verified yet.

    Attributes:
        metadata: the signed metadata.
        content: what the sender states of the content.
        jws: the compact JWS, to be kept as evidence.
        jws_digest: SHA-256 of ``jws``, hexadecimal: with sender and message id the identity of the message.
        kid: id of the sender's signing key.
        sender: owner of that key, equal to ``metadata.iss``.
    """

    metadata: MessageMetadata
    content: LargeContent
    jws: bytes
    jws_digest: str
    kid: str
    sender: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """Against what a head is judged.

    Attributes:
        decrypters: our decryption keys, retiring ones included.
        lookup_key: the registered keys of the parties that may send here.
        recipient: our own code; ``aud`` must equal it.
        at: time of receipt, with time zone.
        suite: the suite agreed with the sender.
        limits: sizes, clock skew and greatest age.
    """

    decrypters: Iterable[Decrypter]
    lookup_key: KeyLookup
    recipient: str
    at: datetime
    suite: Suite
    limits: LargeLimits


def write_head(
    jws: bytes, key: ContentKey, skid: str, recipient_key: PublicKey, suite: Suite, limits: LargeLimits
) -> bytes:
    """All bytes before the first chunk.

    Args:
        jws: the signed statement.
        key: the content key.
        skid: id of our signing key.
        recipient_key: the recipient's encryption key.
        suite: the agreed suite.
        limits: size caps.
    """
    jwe = encrypt_to(recipient_key, key.key + key.prefix + jws, LARGE_TYPE, skid, suite, limits.head)
    return MARK + len(jwe).to_bytes(LENGTH_BYTES) + jwe


def head_length(start: bytes, limits: LargeLimits) -> int:
    """Length of the whole head, from its first twelve bytes.

    Raises:
        OpeningRefused: ``envelope.malformed``: another mark, or a length that no head of ours or others' needs.
    """
    length = int.from_bytes(start[len(MARK) : len(MARK) + LENGTH_BYTES])
    if not start.startswith(MARK) or not 0 < length <= limits.head.max_jwe_bytes:
        raise OpeningRefused(EnvelopeCode.MALFORMED, detail="no head of a large envelope")
    return len(MARK) + LENGTH_BYTES + length


def open_head(head: bytes, expected: Expectations) -> tuple[LargeHead, ContentKey, bytes]:
    """Decrypt and verify a whole head.

    Args:
        head: as long as `head_length` says.
        expected: what it is judged against.

    Returns:
        The head, the content key, and the SHA-256 of the head.

    Raises:
        MessageTooLarge: more content is stated than the limits allow.
        OpeningRefused: every other fault; from decryption to signature one code for all.
    """
    jwe, suite, limits = head[len(MARK) + LENGTH_BYTES :], expected.suite, expected.limits
    outer = read_outer_header(jwe, suite, limits.head, content_type=LARGE_TYPE)
    decrypter = our_key(outer, expected.decrypters, expected.at)
    sender_key = senders_key(outer, expected.lookup_key, expected.at)
    plaintext = decrypter.decrypt(jwe, suite.content, limits.head)
    key, unverified, payload = _inside(plaintext, outer, sender_key, expected)
    metadata = check_parties(unverified, sender_key.owner, expected.recipient)
    check_time(metadata, expected.at, limits.head)
    content = read_statement(payload)
    require_affordable(content, limits)
    return verified_head(unverified, metadata, content, sender_key), key, hashlib.sha256(head).digest()


def verified_head(
    unverified: CompactJws, metadata: MessageMetadata, content: LargeContent, key: RegisteredKey
) -> LargeHead:
    """The head, once its signature and its members have been verified."""
    return LargeHead(
        metadata=metadata,
        content=content,
        jws=unverified.text,
        jws_digest=hashlib.sha256(unverified.text).hexdigest(),
        kid=key.kid,
        sender=key.owner,
    )


def _inside(
    plaintext: bytes, outer: Header, sender_key: RegisteredKey, expected: Expectations
) -> tuple[ContentKey, CompactJws, bytes]:
    """The content key and the verified JWS; one code for every fault (no oracle)."""
    key = ContentKey(plaintext[:KEY_BYTES], plaintext[KEY_BYTES : KEY_BYTES + PREFIX_BYTES])
    signed, head_limits = plaintext[KEY_BYTES + PREFIX_BYTES :], expected.limits.head
    try:
        unverified, payload = verify_inner(
            signed, LARGE_TYPE, outer["skid"], sender_key.key, expected.suite, head_limits
        )
    except OpeningRefused as fault:
        detail = f"inner {fault.stable_code}: {fault.detail}"
        raise OpeningRefused(EnvelopeCode.NOT_OPENED, detail=detail) from None
    return key, unverified, payload
