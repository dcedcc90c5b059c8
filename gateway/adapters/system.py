"""The clock and the source of ids of the machine."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

_RANDOM = secrets.SystemRandom()


class SystemClock:
    """`gateway.ports.Clock` of the machine."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        return datetime.now(UTC)


class SystemIds:
    """`gateway.ports.IdSource` of the operating system's randomness."""

    def new_id(self) -> str:
        """A fresh id of 128 random bits."""
        return secrets.token_hex(16)

    def fraction(self) -> float:
        """A random number from 0 up to, but not including, 1."""
        return _RANDOM.random()
