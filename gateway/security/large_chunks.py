"""Authenticated encryption in chunks: AES-256-GCM in the STREAM construction.

Hoang, Reyhanitabar, Rogaway, Vizar: Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance (2015). The
nonce of a chunk is the message's own prefix, the chunk's number and whether it is the last one, so that no chunk opens
in another place, and no earlier one as the last. The digest of the head is the associated data of each chunk, so that
none opens under another head. A key serves one message, hence no nonce comes twice.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.security.large_content import TAG_BYTES, Bytes, LargeContent
from gateway.security.refusals import EnvelopeCode, OpeningRefused

KEY_BYTES = 32
PREFIX_BYTES = 7
"""With four bytes of counter and one of the last mark the nonce has twelve bytes (NIST SP 800-38D section 5.2.1.1)."""


@dataclass(frozen=True, slots=True, repr=False)
class ContentKey:
    """The key of one message and the prefix of its nonces; it never serves a second message."""

    key: bytes
    prefix: bytes

    @classmethod
    def fresh(cls) -> ContentKey:
        """A new one from the operating system's randomness."""
        return cls(os.urandom(KEY_BYTES), os.urandom(PREFIX_BYTES))


class Chunks:
    """Seals or opens the chunks of one message, each once and in order.

    Args:
        key: the message's key.
        content: tells how many chunks there are and how long each is.
        head_digest: SHA-256 of all bytes before the first chunk.
    """

    def __init__(self, key: ContentKey, content: LargeContent, head_digest: bytes) -> None:
        self._cipher = AESGCM(key.key)
        self._prefix = key.prefix
        self._content = content
        self._head_digest = head_digest
        self._next = 0
        self._room = bytearray(content.size_of(0))

    @property
    def done(self) -> bool:
        """Whether the last chunk has passed."""
        return self._next == self._content.chunks

    @property
    def next_size(self) -> int:
        """Bytes of content in the next chunk."""
        return self._content.size_of(self._next)

    @property
    def next_is_last(self) -> bool:
        """Whether the next chunk is the last."""
        return self._next == self._content.chunks - 1

    def seal_next(self, content: Bytes) -> bytes:
        """The sealed form of the next chunk: ciphertext, then tag.

        Args:
            content: exactly `next_size` bytes.
        """
        assert len(content) == self.next_size
        return self._cipher.encrypt(self._nonce(), content, self._head_digest)

    def open_next(self, sealed: Bytes) -> memoryview:
        """The content of the next chunk, in a buffer that the next call writes over.

        Args:
            sealed: `next_size` bytes and the tag.

        Raises:
            OpeningRefused: ``envelope.not-opened``: changed, moved, or of another message; which of them is not told.
        """
        content = memoryview(self._room)[: self.next_size]
        assert len(sealed) == len(content) + TAG_BYTES
        try:
            self._cipher.decrypt_into(self._nonce(), sealed, self._head_digest, content)
        except InvalidTag:
            raise OpeningRefused(EnvelopeCode.NOT_OPENED, detail=f"chunk {self._next - 1}: InvalidTag") from None
        return content.toreadonly()

    def _nonce(self) -> bytes:
        """The nonce of the next chunk, given out once."""
        number, last = self._next, self.next_is_last
        self._next += 1
        return self._prefix + number.to_bytes(4) + (b"\x01" if last else b"\x00")
