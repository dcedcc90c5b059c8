"""What a mailbox asks for and answers with: rules, limits, an entry, the answer to a receipt, refusals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.errors import NotFound, TemporaryFailure
from gateway.exchange.model import Message
from gateway.pipeline.views import time_text
from gateway.ports import WorkItem


class MailboxStopped(TemporaryFailure):
    """An operator has stopped the delivery to this partner; nothing is handed out meanwhile."""

    code = "mailbox.stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxRules:
    """What is agreed with one partner about its mailbox.

    Attributes:
        collects: whether it collects its messages; with False we post them, and it has no mailbox.
        switched_off: which protections its profile turns off.
    """

    collects: bool
    switched_off: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxLimits:
    """Limits of every mailbox.

    Attributes:
        page: most entries that one look shows.
        receipt_bytes: largest body of a request that hands in a receipt.
    """

    page: int
    receipt_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxEntry:
    """One message that waits to be collected."""

    message: Message
    item: WorkItem

    def as_json(self) -> dict[str, Any]:
        """What the partner is told before it opens the message."""
        message = self.message
        return {
            "id": message.key,
            "message_id": message.message_id,
            "message_type": message.message_type,
            "agreement": message.agreement,
            "ref": message.ref,
            "jws_digest": message.digest,
            "waiting_since": time_text(self.item.added_at),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """The answer to a receipt.

    Attributes:
        repeated: the message had a receipt before; the first one stays.
    """

    message: Message
    repeated: bool

    def as_json(self) -> dict[str, Any]:
        """As a flat JSON object."""
        return {
            "id": self.message.key,
            "message_id": self.message.message_id,
            "exchange_id": self.message.exchange_id,
            "repeated": self.repeated,
        }


def no_such_entry() -> NotFound:
    """What is told of an entry that does not wait for this partner: one text, whoever's it is or was."""
    return NotFound("no message of this id waits in the mailbox of this partner", remedy="list the mailbox again")
