"""Named limits of the envelope, each with its default and the reason for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


def base64url_length(size: int) -> int:
    """Length of the unpadded base64url text of ``size`` bytes."""
    return (size * 4 + 2) // 3


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeLimits:
    """What an envelope may cost us.

    Attributes:
        max_message_bytes: bytes of the signed content; a compact envelope peaks at about ten times as much memory.
        max_header_bytes: characters of one base64url header; our own take about 700.
        clock_skew: how far ahead of our clock a sender's clock may be.
        max_age: how old a message may be when it arrives; covers the longest re-delivery of a dead letter.
    """

    max_message_bytes: int = 16 * 1024 * 1024
    max_header_bytes: int = 4096
    clock_skew: timedelta = timedelta(seconds=60)
    max_age: timedelta = timedelta(days=30)

    @property
    def max_jws_bytes(self) -> int:
        """Largest compact JWS: header, content and a signature of at most 1,024 characters."""
        return self.max_header_bytes + base64url_length(self.max_message_bytes) + 1024 + 2

    @property
    def max_jwe_bytes(self) -> int:
        """Largest compact JWE: base64 is applied twice, so the cap grows twice."""
        return self.max_header_bytes + base64url_length(self.max_jws_bytes) + 2048


DEFAULT_LIMITS = EnvelopeLimits()
