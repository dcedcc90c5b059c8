"""Sealing a large message: its content is read twice and never held.

First `gateway.security.large_content.describe` reads it to learn length and digest, which are signed; then
`seal_large` reads it again and encrypts chunk after chunk. The last chunk is given out only if the second reading gave
what the first one promised: of content that is changed meanwhile no whole envelope is made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.security.compact import sign_compact
from gateway.security.gathering import Gathering
from gateway.security.keys import PublicKey, Signer
from gateway.security.large_chunks import Chunks, ContentKey
from gateway.security.large_content import Bytes, ContentDigest, LargeContent, require_affordable
from gateway.security.large_head import LARGE_TYPE, write_head
from gateway.security.large_limits import DEFAULT_LARGE_LIMITS, LargeLimits
from gateway.security.metadata import MessageMetadata
from gateway.security.refusals import EnvelopeCode, OpeningRefused
from gateway.security.steps import require_agreed
from gateway.security.suites import INTL_1, Suite


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SealedLarge:
    """A large message being sealed; what comes out is stored, and sent again as it is for a retry.

    Attributes:
        pieces: the envelope, head first; can be read once, because its key serves once.
        length: bytes of the whole envelope.
        jws: the compact JWS in its head, which is kept as evidence.
        jws_digest: SHA-256 of ``jws``, hexadecimal: with sender and message id the identity of the message.
    """

    pieces: Iterator[bytes]
    length: int
    jws: bytes
    jws_digest: str


def seal_large(
    content: LargeContent,
    pieces: Iterable[Bytes],
    metadata: MessageMetadata,
    signer: Signer,
    recipient_key: PublicKey,
    *,
    suite: Suite = INTL_1,
    limits: LargeLimits = DEFAULT_LARGE_LIMITS,
) -> SealedLarge:
    """Sign what `describe` found, and encrypt the content to one recipient as it is read again.

    Args:
        content: what `describe` found.
        pieces: the content once more, in pieces of any size; those of ``content.chunk_size`` bytes are not copied.
        metadata: what is signed beside the content.
        signer: our signing key.
        recipient_key: the recipient's encryption key; the caller chose one that is active.
        suite: the agreed suite.
        limits: size caps; what we could not open ourselves is not sealed.

    Raises:
        MessageTooLarge: more content than the limits allow.
        OpeningRefused: a key's algorithm is outside the suite, or there is no content. Reading ``pieces`` of the
            result raises ``envelope.content-changed`` before the last chunk.
    """
    require_affordable(content, limits)
    require_agreed(suite, signer, recipient_key)
    jws = sign_compact(content.statement(), members=metadata.as_header(), typ=LARGE_TYPE, signer=signer)
    key = ContentKey.fresh()
    head = write_head(jws, key, signer.kid, recipient_key, suite, limits)
    chunks = Chunks(key, content, hashlib.sha256(head).digest())
    return SealedLarge(
        pieces=_envelope(head, chunks, content, pieces),
        length=len(head) + content.sealed_length,
        jws=jws,
        jws_digest=hashlib.sha256(jws).hexdigest(),
    )


def _envelope(head: bytes, chunks: Chunks, content: LargeContent, pieces: Iterable[Bytes]) -> Iterator[bytes]:
    """The head and all chunks; the last one waits until the digest of what was read is known."""
    yield head
    digest, whole, last = ContentDigest(), False, b""
    for chunk in _regrouped(pieces, content):
        if whole:
            raise _changed("more content than before")
        digest.update(chunk)
        if chunks.next_is_last:
            whole, last = True, bytes(chunk)
            continue
        yield chunks.seal_next(chunk)
    if not whole or not content.agrees(digest):  # not whole: the last chunk never became full
        raise _changed("other content than before")
    yield chunks.seal_next(last)


def _regrouped(pieces: Iterable[Bytes], content: LargeContent) -> Iterator[Bytes]:
    """The pieces cut anew into chunks of content; what is beyond its length comes as one more, a rest is left out."""
    gathering, index = Gathering(content.size_of(0)), 0
    for piece in pieces:
        rest = memoryview(piece)
        while rest:
            if index == content.chunks:
                yield rest
                break
            whole, rest = gathering.take(rest)
            if whole is not None:
                yield whole
                index += 1
                if index < content.chunks:
                    gathering.want(content.size_of(index))


def _changed(detail: str) -> OpeningRefused:
    return OpeningRefused(EnvelopeCode.CONTENT_CHANGED, detail=detail)
