"""What the sender of a large message signs in place of its bytes: their number, their digest, and the size of a chunk.

The statement is the payload of the signed JWS, as canonical JSON (RFC 8785) of texts:

    {"chunk_size":"1048576","form":"large-1","length":"200000000","sha256":"<64 hexadecimal digits>"}

Whoever holds the JWS and the content can verify them together, without the envelope that carried them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.errors import MessageTooLarge
from gateway.security.large_limits import LargeLimits
from gateway.security.refusals import EnvelopeCode, OpeningRefused

FORM = "large-1"
"""Version of the form; another one is refused."""

TAG_BYTES = 16
"""Authentication tag of AES-GCM at the end of each chunk (NIST SP 800-38D, 128 bits)."""

MOST_CHUNKS = 2**32
"""The counter of a chunk has 32 bits."""

Bytes = bytes | bytearray | memoryview


class ContentDigest:
    """Length and SHA-256 of content that passes by in pieces."""

    def __init__(self) -> None:
        self.length = 0
        self._hash = hashlib.sha256()

    def update(self, piece: Bytes) -> None:
        """Take in the next piece."""
        self.length += len(piece)
        self._hash.update(piece)

    @property
    def sha256(self) -> str:
        """SHA-256 of all pieces so far, hexadecimal."""
        return self._hash.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeContent:
    """The content of a large message, as its sender states it.

    Attributes:
        length: bytes of the content, at least one.
        sha256: its SHA-256, hexadecimal.
        chunk_size: bytes of content in each chunk but the last, which has one byte to ``chunk_size``.
    """

    length: int
    sha256: str
    chunk_size: int

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return -(-self.length // self.chunk_size)

    @property
    def sealed_length(self) -> int:
        """Bytes of all chunks with their tags, the head not counted."""
        return self.length + self.chunks * TAG_BYTES

    def size_of(self, index: int) -> int:
        """Bytes of content in the chunk ``index``, counted from 0."""
        return min(self.chunk_size, self.length - index * self.chunk_size)

    def agrees(self, digest: ContentDigest) -> bool:
        """Whether pieces that passed by are this content."""
        return (digest.length, digest.sha256) == (self.length, self.sha256)

    def statement(self) -> bytes:
        """What is signed."""
        members = {
            "form": FORM,
            "length": str(self.length),
            "sha256": self.sha256,
            "chunk_size": str(self.chunk_size),
        }
        return rfc8785.dumps(dict(members))


def describe(pieces: Iterable[Bytes], limits: LargeLimits) -> LargeContent:
    """Read content once, to learn what has to be signed.

    Args:
        pieces: the content in pieces of any size.
        limits: the greatest length and the size of a chunk.

    Raises:
        MessageTooLarge: as soon as there is one byte too many.
        OpeningRefused: ``envelope.empty``.
    """
    digest = ContentDigest()
    for piece in pieces:
        digest.update(piece)
        if digest.length > limits.max_content_bytes:
            raise too_large(limits)
    if digest.length == 0:
        raise OpeningRefused(EnvelopeCode.EMPTY)
    return LargeContent(length=digest.length, sha256=digest.sha256, chunk_size=limits.chunk_bytes)


def too_large(limits: LargeLimits) -> MessageTooLarge:
    """The refusal of content beyond the limit."""
    return MessageTooLarge(
        f"The message has more than {limits.max_content_bytes} bytes.", remedy="Send it in several messages."
    )


_Number = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,14}\z")]


class _Statement(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    form: Literal["large-1"]
    length: _Number
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}\z")]
    chunk_size: _Number


def read_statement(payload: bytes) -> LargeContent:
    """The content that a verified statement describes; its sizes are not judged here.

    Raises:
        OpeningRefused: ``envelope.metadata-refused``; its path names the first member at fault.
    """
    try:
        members: Any = json.loads(payload)
        canonical = isinstance(members, dict) and rfc8785.dumps(members) == payload
    except (ValueError, RecursionError, rfc8785.CanonicalizationError):
        canonical = False
    if not canonical:
        raise OpeningRefused(EnvelopeCode.METADATA_REFUSED, detail="statement is no canonical object")
    try:
        said = _Statement.model_validate(members)
    except ValidationError as error:
        place = str(error.errors(include_input=False, include_url=False)[0]["loc"][0])
        known = place if place in _Statement.model_fields else ""  # a foreign member is not quoted
        raise OpeningRefused(EnvelopeCode.METADATA_REFUSED, detail="member of the statement", path=known) from None
    return LargeContent(length=int(said.length), sha256=said.sha256, chunk_size=int(said.chunk_size))


def require_affordable(content: LargeContent, limits: LargeLimits) -> None:
    """Refuse content that would cost more than the limits allow.

    Raises:
        MessageTooLarge: longer than ``max_content_bytes``.
        OpeningRefused: ``envelope.empty``, or ``envelope.metadata-refused``: a chunk size that we do not serve.
    """
    if content.length < 1:
        raise OpeningRefused(EnvelopeCode.EMPTY)
    if content.length > limits.max_content_bytes:
        raise too_large(limits)
    served = limits.min_chunk_bytes <= content.chunk_size <= limits.max_chunk_bytes
    if not served or content.chunks > MOST_CHUNKS:
        raise OpeningRefused(EnvelopeCode.METADATA_REFUSED, detail="chunk size not served", path="chunk_size")
