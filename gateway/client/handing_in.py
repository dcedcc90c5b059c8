"""What comes back for a message that was handed in, and trying again while the two sides know different keys."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway.errors import DeliveryFailed, EnvelopeRefused
from gateway.security.receipts import Receipt

PAUSE_SECONDS = 0.5
"""Between two tries."""

_KEYS_DIFFER = frozenset(
    {
        *("http.unknown-key", "http.key-not-active", "receipt.key"),
        *("envelope.unknown-key", "envelope.key-not-active", "envelope.unknown-recipient-key"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """The gateway's answer to a message that was handed in.

    Attributes:
        status: HTTP status; 202 means that it holds the message.
        receipt: verified, only with 202.
        receipt_bytes: the compact JWS, to be kept as evidence.
        problem: the problem document of a refusal.
        acknowledgement: the sealed business answer, when it was ready in time.
    """

    status: int
    receipt: Receipt | None
    receipt_bytes: bytes
    problem: dict[str, Any]
    acknowledgement: bytes | None


def until_keys_are_known(hand_in: Callable[[], HandedIn], patience: float) -> HandedIn:
    """Hand in, and again with the same bytes while one side has not taken up the newest key list of the other.

    A key of ours may be news to the gateway, and one of the gateway's to us: then its answer proves nothing yet.
    Whether it holds the message or not, the same bytes again are right: it takes them once and repeats its receipt.

    Args:
        hand_in: one try.
        patience: for how many seconds; 0 for one try.

    Raises:
        DeliveryFailed: no answer that proves anything came in this time.
        EnvelopeRefused: the receipt is not the gateway's.
    """
    until = time.monotonic() + patience
    while True:
        last = time.monotonic() + PAUSE_SECONDS > until
        try:
            handed = hand_in()
        except (DeliveryFailed, EnvelopeRefused) as failure:
            if last or not (isinstance(failure, DeliveryFailed) or failure.stable_code in _KEYS_DIFFER):
                raise
        else:
            if last or handed.problem.get("title") not in _KEYS_DIFFER:
                return handed
        time.sleep(PAUSE_SECONDS)
