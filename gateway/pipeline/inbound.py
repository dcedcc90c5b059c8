"""Receiving: opened, stored, logged, and only then answered with a receipt.

The order that must not be changed: size and envelope -> replay -> bodies prepared (a large one durable as a file) ->
ONE transaction with exchange, message, body, log entries, receipt and the work of examining -> the receipt goes out.
What is refused before that leaves a log entry and nothing else. The content is not looked at here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime

from gateway.errors import Refusal, ReplayRefused, TemporaryFailure, TooManyRequests
from gateway.exchange.model import ACKNOWLEDGEMENT_TYPE, Exchange, Message, Receipt, Role
from gateway.exchange.states import Direction, Event, State
from gateway.exchange.tags import Tag
from gateway.identifiers import AgreementId, ExchangeId, MessageId, PartnerCode
from gateway.pipeline.opening import Opener
from gateway.pipeline.sealing import Sealer
from gateway.pipeline.stages import OpenedMessage, ReceivedMessage, StoredMessage
from gateway.pipeline.surroundings import Surroundings, off_facts
from gateway.pipeline.throttling import Throttling
from gateway.pipeline.volumes import Volumes
from gateway.ports import AlreadyKept, Gate, LogDraft, PreparedBody, UnitOfWork, Work


class Receiver:
    """Takes in sealed messages of partners.

    Args:
        around: the ports.
        opener: opens.
        sealer: signs receipts.
        switched_off: which protections a partner's profile turns off.
        volumes: of the agreements.
        throttling: keeps refusals for a volume from filling the log.
    """

    def __init__(
        self,
        around: Surroundings,
        opener: Opener,
        sealer: Sealer,
        switched_off: Callable[[PartnerCode], tuple[str, ...]],
        *,
        volumes: Volumes,
        throttling: Throttling,
    ) -> None:
        self._around = around
        self._opener = opener
        self._sealer = sealer
        self._switched_off = switched_off
        self._volumes = volumes
        self._throttling = throttling

    def receive(self, received: ReceivedMessage, permit: Callable[[PartnerCode], None] | None = None) -> StoredMessage:
        """Store a message and give the receipt for it; the same message again gets the same receipt.

        Args:
            received: the message.
            permit: refuses where the transport does not prove that it comes from this sender; None inside our house.

        Raises:
            Refusal: refused before it was opened, or a message id used before with other bytes; a log entry tells.
            TooManyRequests: ``agreement.volume``; a repetition does not count.
            TemporaryFailure: it could not be stored now; nothing was kept.
        """
        try:
            opened = self._opener.open(received)
        except Refusal as refusal:
            self._log_refusal(refusal, received.at)
            raise
        if permit is not None:
            self._permit(permit, opened)
        try:
            return self._repeat(opened) or self._store(opened)
        except TooManyRequests as refusal:
            self._throttling.log.count(refusal, opened.sender)
            raise
        except AlreadyKept:  # another request with the same message was faster
            repeated = self._repeat(opened)
            if repeated is None:
                raise TemporaryFailure("the message is being stored by another request", remedy="try again") from None
            return repeated

    def _permit(self, permit: Callable[[PartnerCode], None], opened: OpenedMessage) -> None:
        try:
            permit(opened.sender)
        except Refusal as refusal:
            self._log_refusal(refusal, opened.at, opened)
            raise

    def _repeat(self, opened: OpenedMessage) -> StoredMessage | None:
        """The first receipt again, byte for byte; None for a message that is new."""
        with self._around.store.reading() as work:
            known = work.exchanges.find_message(Direction.INBOUND, opened.sender, MessageId(opened.metadata.jti))
            receipt = None if known is None else work.exchanges.receipt(known.key, Direction.OUTBOUND)
        if known is None or receipt is None:
            return None
        if known.digest != opened.digest:
            refusal = ReplayRefused(
                "this message id was used before with other bytes",
                path="jti",
                remedy="a message id is used for one message only; send a changed message under a new id",
            )
            self._log_refusal(refusal, opened.at, opened)
            raise refusal
        return StoredMessage(message=known, receipt=receipt.compact, repeated=True)

    def _store(self, opened: OpenedMessage) -> StoredMessage:
        gates = self._around.gates
        gates.reach(Gate.INBOUND_BEFORE_BODIES)
        key = self._around.ids.new_id()
        body = self._around.bodies.prepare(key, Role.SIGNED, opened.jws)
        gates.reach(Gate.INBOUND_BEFORE_STORE)
        with self._around.store.writing() as work:
            stored = self._keep(work, opened, key, body)
            gates.reach(Gate.INBOUND_INSIDE_STORE)
        gates.reach(Gate.INBOUND_AFTER_STORE)
        self._around.wake(Work.EXAMINE)
        return stored

    def _keep(self, work: UnitOfWork, opened: OpenedMessage, key: str, body: PreparedBody) -> StoredMessage:
        message, exchange = self._nouns(work, opened, key)
        work.outbox.add(Work.EXAMINE, opened.sender, key, at=opened.at)
        draft = LogDraft(
            tag=Tag.PARTNER_MESSAGE_RECEIVED,
            partner=opened.sender,
            exchange_id=message.exchange_id,
            message_id=message.message_id,
            agreement=message.agreement,
            decision=exchange.state.value if exchange else "",
            rows=(message,) if exchange is None else (exchange, message),
            bodies=(body,),
            change=None if exchange is None else (exchange, Event.RECEIVE),
            facts={
                "message_type": message.message_type,
                "purpose": message.purpose,
                "format": message.format_name,
                "kid": message.kid,
                "direction": message.direction.value,
            }
            | off_facts(self._switched_off(opened.sender)),
        )
        leaf = work.log.append(draft, at=opened.at)
        compact = self._sealer.receipt_for(opened, message.exchange_id or ExchangeId(key), leaf)
        receipt = Receipt(
            message_key=key, direction=Direction.OUTBOUND, compact=compact, leaf_index=leaf.index, at=opened.at
        )
        issued = LogDraft(
            tag=Tag.GATEWAY_RECEIPT_ISSUED,
            partner=opened.sender,
            exchange_id=message.exchange_id,
            message_id=message.message_id,
            rows=(receipt,),
        )
        work.log.append(issued, at=opened.at)
        if exchange is not None:
            work.exchanges.open(exchange, Event.RECEIVE, leaf_index=leaf.index)
        work.exchanges.keep_message(message)
        work.exchanges.keep_receipt(receipt)
        work.bodies.keep(body)
        terms = opened.metadata
        self._volumes.take(work, "in", opened.sender, terms.agreement, terms.type, at=opened.at)
        return StoredMessage(message=message, receipt=compact, repeated=False)

    def _nouns(self, work: UnitOfWork, opened: OpenedMessage, key: str) -> tuple[Message, Exchange | None]:
        """The message; and its new exchange, or none for an answer, which belongs to the exchange that it answers."""
        message = _message(opened, key)
        if message.message_type != ACKNOWLEDGEMENT_TYPE:
            exchange = Exchange(
                id=ExchangeId(self._around.ids.new_id()),
                direction=Direction.INBOUND,
                partner=opened.sender,
                message_type=message.message_type,
                agreement=message.agreement,
                opened_at=opened.at,
                state=State.RECEIVED,
                changed_at=opened.at,
            )
            return dataclasses.replace(message, exchange_id=exchange.id), exchange
        answered = work.exchanges.find_message(Direction.OUTBOUND, opened.sender, MessageId(message.ref))
        return (message if answered is None else dataclasses.replace(message, exchange_id=answered.exchange_id)), None

    def _log_refusal(self, refusal: Refusal, at: datetime, opened: OpenedMessage | None = None) -> None:
        """A refusal leaves a log entry with its code; a reused message id is a security event of its own tag."""
        replayed = isinstance(refusal, ReplayRefused)
        draft = LogDraft(
            tag=Tag.PARTNER_MESSAGE_REPLAYED if replayed else Tag.PARTNER_MESSAGE_REFUSED,
            partner=opened.sender if opened else "",
            message_id=opened.metadata.jti if opened else "",
            codes=(refusal.stable_code,),
        )
        with self._around.store.writing() as work:
            work.log.append(draft, at=at)


def _message(opened: OpenedMessage, key: str) -> Message:
    metadata = opened.metadata
    return Message(
        key=key,
        exchange_id=ExchangeId(""),
        direction=Direction.INBOUND,
        partner=opened.sender,
        message_id=MessageId(metadata.jti),
        message_type=metadata.type,
        agreement=AgreementId(metadata.agreement),
        purpose=metadata.purpose,
        format_name=metadata.format_name,
        media_type=metadata.cty,
        ref=metadata.ref or "",
        kid=opened.kid,
        digest=opened.digest,
        size=len(opened.jws),
        issued_at=datetime.fromtimestamp(metadata.iat, UTC),
        stored_at=opened.at,
    )
