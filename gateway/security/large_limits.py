"""Named limits of large envelopes, each with its default and the reason for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.security.limits import EnvelopeLimits

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeLimits:
    """What a large envelope may cost us.

    Attributes:
        max_content_bytes: bytes of the signed content; it costs disk and time, never memory.
        chunk_bytes: bytes of content in each chunk that we seal; opening holds one chunk twice.
        min_chunk_bytes: smallest chunk of another's envelope; smaller ones cost more calls than bytes.
        max_chunk_bytes: largest chunk of another's envelope; it bounds the memory of opening.
        head: limits of the compact envelope in the head, the clock skew and the greatest age among them; its content
            is a statement of about 150 bytes.
    """

    max_content_bytes: int = 1024 * MIB
    chunk_bytes: int = MIB
    min_chunk_bytes: int = 64 * KIB
    max_chunk_bytes: int = 4 * MIB
    head: EnvelopeLimits = field(default=EnvelopeLimits(max_message_bytes=KIB))


DEFAULT_LARGE_LIMITS = LargeLimits()
"""The limits that hold where a caller names none."""
