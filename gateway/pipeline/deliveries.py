"""What the end of a delivery leaves: receipt, attempt, log entry and state, the same whoever began the delivery.

A message is posted by the dispatcher or collected by the partner; in both cases the receipt, or giving up, is written
here, in the unit of work of the one who has found it out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime

from gateway.exchange.model import DeliveryAttempt, Message, Receipt
from gateway.exchange.states import TABLE, Direction, Event, allows
from gateway.exchange.tags import Tag
from gateway.pipeline.surroundings import off_facts
from gateway.ports import LogDraft, UnitOfWork


def keep_delivered(
    work: UnitOfWork,
    message: Message,
    compact: bytes,
    leaf_index: int,
    *,
    attempt: DeliveryAttempt,
    off: Sequence[str],
) -> None:
    """The partner holds the message: keep its receipt, log it, move the exchange.

    Args:
        work: in which the work item was finished.
        message: ours.
        compact: the partner's receipt, verified.
        leaf_index: of the partner's log, as the receipt names it.
        attempt: how it was handed over.
        off: the protections that the partner's profile turns off.
    """
    receipt = Receipt(
        message_key=message.key, direction=Direction.INBOUND, compact=compact, leaf_index=leaf_index, at=attempt.at
    )
    event = Event.ANSWER_DELIVERED if message.is_acknowledgement else Event.RECEIPT
    draft = LogDraft(tag=Tag.PARTNER_RECEIPT_RECEIVED, rows=(receipt, attempt), facts=off_facts(off))
    _log_and_move(work, message, draft, event=event, at=attempt.at)
    work.exchanges.keep_receipt(receipt)
    work.exchanges.keep_attempt(attempt)


def keep_given_up(work: UnitOfWork, message: Message, attempt: DeliveryAttempt) -> None:
    """Nobody tries any more to hand the message over: log it, move the exchange; the caller keeps the attempt."""
    answers = message.is_acknowledgement
    tag = Tag.GATEWAY_ACKNOWLEDGEMENT_UNDELIVERED if answers else Tag.GATEWAY_MESSAGE_UNDELIVERED
    event = Event.ANSWER_GIVEN_UP if answers else Event.GIVE_UP
    draft = LogDraft(tag=tag, codes=(attempt.code,), rows=(attempt,))
    _log_and_move(work, message, draft, event=event, at=attempt.at)


def next_attempt(work: UnitOfWork, message: Message, *, status: int, code: str, at: datetime) -> DeliveryAttempt:
    """The attempt that follows those that are kept.

    Args:
        work: reads the earlier ones.
        message: that was tried.
        status: HTTP status of the partner's answer; 0 where there was none.
        code: ``delivered``, ``collected`` or what went wrong.
        at: when.
    """
    number = len(work.exchanges.attempts(message.key)) + 1
    return DeliveryAttempt(message_key=message.key, number=number, at=at, status=status, code=code)


def tried(tag: Tag, message: Message, code: str, rows: Sequence[DeliveryAttempt] = ()) -> LogDraft:
    """What the log says of a try that delivered nothing.

    Args:
        tag: what happened.
        message: ours.
        code: stable code of what went wrong.
        rows: the attempt, where one is kept.
    """
    return LogDraft(
        tag=tag,
        partner=message.partner,
        exchange_id=message.exchange_id,
        message_id=message.message_id,
        codes=(code,),
        rows=tuple(rows),
    )


def _log_and_move(work: UnitOfWork, message: Message, draft: LogDraft, *, event: Event, at: datetime) -> None:
    """Log, and move the exchange if the table holds the change: an acknowledgement may have overtaken us."""
    exchange = work.exchanges.exchange(message.exchange_id)
    moves = allows(exchange.direction, exchange.state, event)
    after = TABLE[exchange.direction, exchange.state, event].value if moves else ""
    leaf = work.log.append(
        dataclasses.replace(
            draft,
            partner=message.partner,
            exchange_id=exchange.id,
            message_id=message.message_id,
            agreement=message.agreement,
            decision=after,
            change=(exchange, event) if moves else None,
        ),
        at=at,
    )
    if moves:
        work.exchanges.move(exchange, event, at=at, leaf_index=leaf.index)
