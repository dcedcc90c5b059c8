"""Opening a large message as its bytes arrive, with one chunk in memory.

The head is judged as soon as it is whole, so that a caller can refuse a stranger, a repetition or a message without
an agreement before it takes 200 MB. Each chunk is decrypted and verified before its content goes to the caller's sink.
**What the sink holds counts for nothing until `LargeOpener.finish` has returned**: only then the signature is known to
cover it, whole, in order, and nothing beside it. After a refusal the caller throws away what the sink holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.errors import GatewayError
from gateway.security.gathering import Gathering
from gateway.security.keys import Decrypter, RegisteredKey
from gateway.security.large_chunks import Chunks
from gateway.security.large_content import TAG_BYTES, Bytes, ContentDigest, read_statement
from gateway.security.large_head import (
    LARGE_TYPE,
    LENGTH_BYTES,
    MARK,
    Expectations,
    LargeHead,
    head_length,
    open_head,
    verified_head,
)
from gateway.security.large_limits import DEFAULT_LARGE_LIMITS, LargeLimits
from gateway.security.refusals import EnvelopeCode, OpeningRefused
from gateway.security.steps import KeyLookup, verify_evidence
from gateway.security.suites import INTL_1, Suite

_START_BYTES = len(MARK) + LENGTH_BYTES


class Sink(Protocol):
    """Where content goes that is not yet verified as a whole: a file that nobody reads before `finish`."""

    def write(self, data: memoryview, /) -> object:
        """Take the next content; ``data`` holds it during this call only."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class OpenedLarge:
    """A large message all of whose content was verified: what the sink holds is what the sender signed.

    Attributes:
        head: metadata, statement, evidence, key and sender.
    """

    head: LargeHead


class LargeOpener:
    """Opens one large message; its bytes are fed in pieces of any size.

    Args:
        sink: takes the content.
        decrypters: our decryption keys, retiring ones included.
        lookup_key: the registered keys of the parties that may send here.
        recipient: our own code; ``aud`` must equal it.
        at: time of receipt, with time zone.
        suite: the suite agreed with the sender.
        limits: sizes, clock skew and greatest age.
    """

    def __init__(
        self,
        sink: Sink,
        *,
        decrypters: Iterable[Decrypter],
        lookup_key: KeyLookup,
        recipient: str,
        at: datetime,
        suite: Suite = INTL_1,
        limits: LargeLimits = DEFAULT_LARGE_LIMITS,
    ) -> None:
        self.head: LargeHead | None = None
        """The head, verified, once it has come in."""
        self._sink = sink
        self._expected = Expectations(
            decrypters=decrypters, lookup_key=lookup_key, recipient=recipient, at=at, suite=suite, limits=limits
        )
        self._gathering = Gathering(_START_BYTES)
        self._chunks: Chunks | None = None
        self._digest = ContentDigest()
        self._fault: BaseException | None = None

    def feed(self, data: Bytes) -> None:
        """Take the next bytes of the envelope.

        Raises:
            MessageTooLarge: more content is stated than the limits allow.
            OpeningRefused: every other fault. Whatever was raised once is raised by every later call.
        """
        self._go_on()
        try:
            rest = memoryview(data)
            while rest:
                rest = self._take(rest)
        except BaseException as fault:
            self._fault = fault
            raise

    def finish(self) -> OpenedLarge:
        """Say that no more bytes come; only when this returns is the content verified.

        Raises:
            OpeningRefused: ``envelope.incomplete``, ``envelope.wrong-digest``, or what an earlier call raised.
        """
        self._go_on()
        try:
            if self.head is None or self._chunks is None or not self._chunks.done:
                raise OpeningRefused(EnvelopeCode.INCOMPLETE, detail="ends within the head or before the last chunk")
            if not self.head.content.agrees(self._digest):
                raise OpeningRefused(EnvelopeCode.WRONG_DIGEST, detail="content is not what was signed")
        except GatewayError as fault:
            self._fault = fault
            raise
        return OpenedLarge(head=self.head)

    def _go_on(self) -> None:
        if self._fault is not None:
            raise self._fault

    def _take(self, rest: memoryview) -> memoryview:
        """Take what is wanted next from the front of ``rest``, copying only what has to wait for more."""
        if self._chunks is not None and self._chunks.done:
            raise OpeningRefused(EnvelopeCode.SURPLUS, detail="bytes after the last chunk")
        whole, rest = self._gathering.take(rest)
        if whole is not None:
            if self._chunks is None:
                self._take_head(bytes(whole))
            else:
                self._take_chunk(self._chunks, whole)
        return rest

    def _take_head(self, head: bytes) -> None:
        """The first twelve bytes tell how long the head is; the whole head is judged at once."""
        if len(head) == _START_BYTES:
            self._gathering = Gathering(head_length(head, self._expected.limits), head)
            return
        self.head, key, head_digest = open_head(head, self._expected)
        self._chunks = Chunks(key, self.head.content, head_digest)
        self._gathering = Gathering(self._chunks.next_size + TAG_BYTES)

    def _take_chunk(self, chunks: Chunks, sealed: memoryview) -> None:
        """Decrypt and verify one chunk, then hand its content to the sink."""
        content = chunks.open_next(sealed)
        self._digest.update(content)
        self._sink.write(content)
        if not chunks.done:
            self._gathering.want(chunks.next_size + TAG_BYTES)


def is_large(start: Bytes) -> bool:
    """Whether an envelope that begins so (eight bytes are enough) is a large one."""
    return bytes(start[: len(MARK)]) == MARK


def verify_stored_large(
    jws: bytes,
    registered: RegisteredKey,
    pieces: Iterable[Bytes],
    *,
    received: datetime,
    suite: Suite = INTL_1,
) -> OpenedLarge:
    """Verify stored evidence together with the stored content, judged by the key state at the time of receipt.

    Args:
        jws: the stored compact JWS.
        registered: the key under its kid.
        pieces: the stored content.
        received: when the log says it was received.
        suite: the suite agreed then.

    Raises:
        OpeningRefused: with distinct codes; this is our own check, no oracle to guard against.
    """
    unverified, payload, metadata = verify_evidence(jws, LARGE_TYPE, registered, received, suite)
    content, digest = read_statement(payload), ContentDigest()
    for piece in pieces:
        digest.update(piece)
    if not content.agrees(digest):
        raise OpeningRefused(EnvelopeCode.WRONG_DIGEST, detail="stored content is not what was signed")
    return OpenedLarge(head=verified_head(unverified, metadata, content, registered))
