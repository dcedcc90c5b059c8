"""How many messages of a type an agreement lets pass in one hour, each way.

``volume_per_hour`` is a term of the agreement about one type of message ("most messages of this type in one hour"), no
promise about time: what comes beyond it is not taken, and what would go beyond it waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from gateway.agreement.agreement import Agreement
from gateway.agreement.policy import standing
from gateway.errors import TooManyRequests
from gateway.exchange.model import ACKNOWLEDGEMENT_TYPE
from gateway.identifiers import PartnerCode
from gateway.ports import Rate, UnitOfWork

VOLUME = "agreement.volume"
"""Code of the refusal."""

Way = Literal["in", "out"]

_HOUR = timedelta(hours=1)


class Volumes:
    """Counts messages against the volumes of the agreements.

    Args:
        agreements: all versions of all agreements.
    """

    def __init__(self, agreements: Sequence[Agreement]) -> None:
        self._agreements = tuple(agreements)

    def take(
        self, work: UnitOfWork, way: Way, partner: PartnerCode, agreement: str, message_type: str, *, at: datetime
    ) -> None:
        """Count one message.

        Args:
            work: where the message is kept; undone together with it.
            way: seen from us.
            partner: with whom.
            agreement: id as the message names it, without version.
            message_type: as the message names it.
            at: time of receipt or sending.

        Raises:
            TooManyRequests: ``agreement.volume``.
        """
        wait = self.count(work, way, partner, agreement, message_type, at=at)
        if wait is not None:
            raise TooManyRequests(
                "more messages of this type than the agreement lets pass in one hour",
                retry_after=wait.total_seconds(),
                path="type",
                remedy="send the same message again when Retry-After is over",
                code=VOLUME,
            )

    def count(
        self, work: UnitOfWork, way: Way, partner: PartnerCode, agreement: str, message_type: str, *, at: datetime
    ) -> timedelta | None:
        """`take` that says how long to wait instead of refusing."""
        allowed = self._allowed(way, partner, agreement, message_type, at)
        if allowed is None:
            return None
        return work.rates.take(f"volume-{way}", f"{partner}/{agreement}/{message_type}", allowed, at=at)

    def wait(
        self, look: UnitOfWork, way: Way, partner: PartnerCode, agreement: str, message_type: str, *, at: datetime
    ) -> timedelta | None:
        """How long a message has to wait; None for not at all. Arguments as in `take`; nothing is counted."""
        allowed = self._allowed(way, partner, agreement, message_type, at)
        if allowed is None:
            return None
        return look.rates.wait(f"volume-{way}", f"{partner}/{agreement}/{message_type}", allowed, at=at)

    def _allowed(self, way: Way, partner: PartnerCode, agreement: str, message_type: str, at: datetime) -> Rate | None:
        """The volume of the version in force; None where none is agreed, or another stage refuses the message."""
        if message_type == ACKNOWLEDGEMENT_TYPE:
            return None
        for one in self._agreements:
            if one.id != agreement or one.terms.partner != partner or standing(one, at) != "in-force":
                continue
            for terms in one.terms.messages:
                if terms.type == message_type and terms.direction == way and terms.volume_per_hour:
                    return Rate.over(terms.volume_per_hour, _HOUR)
        return None
