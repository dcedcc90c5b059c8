"""The pace of our deliveries: the rate of the partner's profile and the volumes of its agreements, as inbound.

A lane is served by one process at a time, so looking before a delivery and counting with its outcome, in the
transaction that keeps it, cannot overshoot. A message that has to wait is neither tried nor failed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from gateway.exchange.model import Message
from gateway.identifiers import PartnerCode
from gateway.pipeline.volumes import Volumes
from gateway.ports import Rate, UnitOfWork

DELIVERIES = "deliveries"
"""Kind of what is counted for each partner."""


class DeliveryPace:
    """Says when the next delivery may go out.

    Args:
        rate_of: how many messages a partner takes.
        volumes: of the agreements.
    """

    def __init__(self, rate_of: Callable[[PartnerCode], Rate], volumes: Volumes) -> None:
        self._rate_of = rate_of
        self._volumes = volumes

    def wait(self, look: UnitOfWork, message: Message, *, at: datetime) -> timedelta | None:
        """How long a message has to wait; None when it may go now."""
        to = message.partner
        by_rate = look.rates.wait(DELIVERIES, to, self._rate_of(to), at=at)
        by_volume = self._volumes.wait(look, "out", to, message.agreement, message.message_type, at=at)
        return max(by_rate or timedelta(), by_volume or timedelta()) or None

    def tried(self, work: UnitOfWork, message: Message, *, at: datetime) -> None:
        """Count one try against the partner's rate."""
        work.rates.take(DELIVERIES, message.partner, self._rate_of(message.partner), at=at)

    def delivered(self, work: UnitOfWork, message: Message, *, at: datetime) -> None:
        """Count one try, and one message against the volume: a message that is tried again counts once."""
        self.tried(work, message, at=at)
        self._volumes.count(work, "out", message.partner, message.agreement, message.message_type, at=at)
