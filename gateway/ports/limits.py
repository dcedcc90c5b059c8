"""The Protocols of limits that all processes on one database share: rates, and how each partner stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from gateway.identifiers import PartnerCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often something may happen: so many at once, then one each time.

    Attributes:
        burst: how many may come at once after a quiet time.
        each: what one of them takes up.
    """

    burst: int
    each: timedelta

    @classmethod
    def over(cls, count: int, period: timedelta) -> Rate:
        """So many in a period: all at once, or spread over it."""
        return cls(burst=count, each=period / count)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerStanding:
    """Whether requests of a partner are served.

    Attributes:
        stopped: a person has stopped it.
        paused_until: it misbehaved and waits until then; None when it never did.
        changed_at: when that became so.
    """

    partner: PartnerCode
    stopped: bool = False
    paused_until: datetime | None = None
    changed_at: datetime | None = None


class Rates(Protocol):
    """Counts what happens against rates (the generic cell rate algorithm: one moment a name, nothing to clean up)."""

    def take(self, kind: str, owner: str, allowed: Rate, *, at: datetime) -> timedelta | None:
        """Count one more; how long to wait instead, and then nothing is counted, when that is too many.

        Args:
            kind: what is counted, a word of ours.
            owner: whose count it is.
            allowed: how often.
            at: now.
        """

    def wait(self, kind: str, owner: str, allowed: Rate, *, at: datetime) -> timedelta | None:
        """How long to wait before one more is allowed; None for not at all. Nothing is counted."""

    def clear(self, kind: str, owner: str) -> None:
        """Begin counting anew."""


class Standings(Protocol):
    """How partners stand."""

    def of(self, partner: PartnerCode) -> PartnerStanding:
        """One partner."""

    def all(self) -> list[PartnerStanding]:
        """Every partner that was ever stopped or paused, by code."""

    def keep(self, kept: PartnerStanding) -> None:
        """Write down how a partner stands from now on."""
