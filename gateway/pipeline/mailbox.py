"""The mailbox of a partner that cannot be reached: it collects our sealed messages and hands in its signed receipts.

A mailbox is the delivery lane of its partner, looked at from the other side. What waits there is the same bytes that
would have been posted; asking for them changes nothing, so that they can be asked for again. An entry goes only by a
receipt, verified as one that answers a delivery is, and only the oldest entry takes one: the order of the lane is kept.
The kill switch and dead letters count as they do for a delivery by us.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from gateway.errors import (
    EnvelopeRefused,
    InvalidTransition,
    MalformedMessage,
    NotFound,
    NotPermitted,
)
from gateway.exchange.model import Message, Role
from gateway.exchange.states import Direction
from gateway.exchange.tags import Tag
from gateway.identifiers import PartnerCode
from gateway.pipeline.deliveries import keep_delivered, next_attempt, tried
from gateway.pipeline.mailbox_views import (
    Collected,
    MailboxEntry,
    MailboxLimits,
    MailboxRules,
    MailboxStopped,
    no_such_entry,
)
from gateway.pipeline.sealing import Sealer
from gateway.pipeline.surroundings import Surroundings
from gateway.ports import Gate, UnitOfWork, Work, WorkItem, lane_name

COLLECTED = "collected"
"""Code of the attempt by which a partner took a message out of its mailbox."""


class Mailbox:
    """The mailboxes of all partners that collect.

    Args:
        around: the ports.
        sealer: verifies receipts.
        rules: what is agreed with a partner.
        limits: sizes.
    """

    def __init__(
        self,
        around: Surroundings,
        *,
        sealer: Sealer,
        rules: Callable[[PartnerCode], MailboxRules],
        limits: MailboxLimits,
    ) -> None:
        self._around = around
        self._sealer = sealer
        self._rules = rules
        self.limits = limits

    def waiting(self, partner: PartnerCode, limit: int) -> tuple[MailboxEntry, ...]:
        """What a partner may collect, the oldest first; nothing behind a dead letter that blocks.

        Args:
            partner: whose mailbox.
            limit: most entries; never more than the limit of the settings.

        Raises:
            NotPermitted: ``mailbox.not-agreed``.
            MailboxStopped: try again later.
        """
        self._require(partner)
        with self._around.store.reading() as look:
            self._require_open(look, partner)
            items = look.outbox.waiting(Work.DELIVER, partner, min(limit, self.limits.page))
            return tuple(MailboxEntry(message=look.exchanges.message(item.message_key), item=item) for item in items)

    def collect(self, partner: PartnerCode, entry_id: str) -> bytes:
        """The sealed bytes of an entry, the same each time; it stays until a receipt takes it away.

        Args:
            partner: whose mailbox.
            entry_id: of `MailboxEntry`.

        Raises:
            NotFound: no such entry waits for this partner.
            NotPermitted: ``mailbox.not-agreed``.
            MailboxStopped: try again later.
        """
        self._require(partner)
        with self._around.store.reading() as look:
            self._require_open(look, partner)
            message = _message_to(look, partner, entry_id)
            if not look.outbox.is_due(message.key, Work.DELIVER):
                raise no_such_entry()
            return look.bodies.read(message.key, Role.SEALED)

    def take_receipt(self, partner: PartnerCode, entry_id: str, body: bytes) -> Collected:
        """Take the partner's receipt for an entry, as the dispatcher takes the answer to a delivery.

        Taken also while the delivery is stopped: it is evidence of what was handed out before.

        Args:
            partner: whose mailbox.
            entry_id: of `MailboxEntry`.
            body: a JSON object with the member ``receipt``, a compact JWS.

        Raises:
            NotFound: no such entry waits, or waited, for this partner.
            MalformedMessage: ``mailbox.no-receipt``.
            EnvelopeRefused: the receipt is not this partner's, or not for these bytes. Logged.
            InvalidTransition: ``mailbox.out-of-order`` or ``mailbox.given-up``.
            NotPermitted: ``mailbox.not-agreed``.
        """
        rules = self._require(partner)
        compact = _receipt_of(body)
        with self._around.store.reading() as look:
            message = _message_to(look, partner, entry_id)
        index = self._verified(compact, message)
        gates = self._around.gates
        gates.reach(Gate.MAILBOX_BEFORE_STORE)
        with self._around.store.writing() as work:
            work.outbox.hold(Work.DELIVER, partner)
            if work.exchanges.receipt(message.key, Direction.INBOUND) is not None:
                return Collected(message=message, repeated=True)
            at = self._around.clock.now()
            work.outbox.finish(_head_of(work, message))
            attempt = next_attempt(work, message, status=0, code=COLLECTED, at=at)
            keep_delivered(work, message, compact, index, attempt=attempt, off=rules.switched_off)
            gates.reach(Gate.MAILBOX_INSIDE_STORE)
        gates.reach(Gate.MAILBOX_AFTER_STORE)
        self._around.wake(Work.DELIVER)
        return Collected(message=message, repeated=False)

    def _verified(self, compact: bytes, message: Message) -> int:
        """The index in the partner's log that a good receipt names; a bad one is logged."""
        at = self._around.clock.now()
        try:
            return self._sealer.check_receipt(compact, message, at)
        except EnvelopeRefused as refusal:
            with self._around.store.writing() as work:
                work.log.append(tried(Tag.PARTNER_RECEIPT_REFUSED, message, refusal.stable_code), at=at)
            raise

    def _require(self, partner: PartnerCode) -> MailboxRules:
        rules = self._rules(partner)
        if not rules.collects:
            raise NotPermitted(
                "messages to this partner are posted to its endpoint, it has no mailbox",
                code="mailbox.not-agreed",
                remedy='the operator sets way = "pull" under [delivery] of its profile',
            )
        return rules

    def _require_open(self, look: UnitOfWork, partner: PartnerCode) -> None:
        if look.outbox.is_stopped(lane_name(Work.DELIVER, partner)):
            raise MailboxStopped("the delivery to this partner is stopped for the moment", remedy="ask again later")


def _message_to(look: UnitOfWork, partner: PartnerCode, entry_id: str) -> Message:
    """The message of ours to this partner that an id names."""
    try:
        message = look.exchanges.message(entry_id)
    except NotFound:
        raise no_such_entry() from None
    if message.direction is not Direction.OUTBOUND or message.partner != partner or not message.kid:
        raise no_such_entry()  # somebody else's, the partner's own, or one that was never sealed
    return message


def _head_of(work: UnitOfWork, message: Message) -> WorkItem:
    """The work item of a message, if it is the oldest that waits."""
    head = next(iter(work.outbox.waiting(Work.DELIVER, message.partner, 1)), None)
    if head is not None and head.message_key == message.key:
        return head
    if work.outbox.is_due(message.key, Work.DELIVER):
        raise InvalidTransition(
            "an older message waits for its receipt",
            code="mailbox.out-of-order",
            remedy="hand in receipts in the order of the mailbox",
        )
    raise InvalidTransition(
        "the message was not collected in time and was given up",
        code="mailbox.given-up",
        remedy="ask our operator to put it into the mailbox again",
    )


def _receipt_of(body: bytes) -> bytes:
    """The compact JWS in the body of a request."""
    try:
        document = orjson.loads(body)
        compact: Any = document["receipt"]
        return bytes(compact.encode("ascii"))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise MalformedMessage(
            "the body has to be a JSON object with the member receipt",
            path="receipt",
            code="mailbox.no-receipt",
            remedy="send the receipt as a compact JWS",
        ) from None
