"""Small exchanges to put into a store."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.adapters.bodies import BodyVault
from gateway.adapters.store import SqlUnitOfWork
from gateway.exchange.model import Exchange, Message, Receipt, Role
from gateway.exchange.states import Direction, Event, State, next_state
from gateway.exchange.tags import Tag
from gateway.identifiers import AgreementId, ExchangeId, MessageId, PartnerCode
from gateway.ports import LogDraft, LogLeaf, PreparedBody

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
XX = PartnerCode("xx")


def an_exchange(number: int = 1, **changed: Any) -> Exchange:
    made = Exchange(
        id=ExchangeId(f"{number:032x}"),
        direction=Direction.INBOUND,
        partner=XX,
        message_type="manifest",
        agreement=AgreementId("aa-xx-manifest"),
        opened_at=NOW,
        state=State.RECEIVED,
        changed_at=NOW,
    )
    return dataclasses.replace(made, **changed)


def a_message(number: int = 1, **changed: Any) -> Message:
    made = Message(
        key=f"{number + 1000:032x}",
        exchange_id=ExchangeId(f"{number:032x}"),
        direction=Direction.INBOUND,
        partner=XX,
        message_id=MessageId(f"m-{number}"),
        message_type="manifest",
        agreement=AgreementId("aa-xx-manifest"),
        purpose="RISK",
        format_name="xx-manifest-1.0",
        media_type="application/xml",
        ref="",
        kid="xx-sig-202601-1",
        digest="ab" * 32,
        size=7,
        issued_at=NOW,
        stored_at=NOW,
    )
    return dataclasses.replace(made, **changed)


def a_receipt(message: Message, leaf: LogLeaf, **changed: Any) -> Receipt:
    made = Receipt(
        message_key=message.key, direction=Direction.OUTBOUND, compact=b"a.b.c", leaf_index=leaf.index, at=NOW
    )
    return dataclasses.replace(made, **changed)


def keep_received(
    work: SqlUnitOfWork, vault: BodyVault, number: int = 1, content: bytes = b"content"
) -> tuple[Exchange, Message, PreparedBody]:
    """An exchange that was received, with message, body, receipt and both log entries."""
    exchange, message = an_exchange(number), a_message(number)
    body = vault.prepare(message.key, Role.SIGNED, content)
    leaf = work.log.append(
        LogDraft(
            tag=Tag.PARTNER_MESSAGE_RECEIVED,
            partner=XX,
            exchange_id=exchange.id,
            decision="received",
            rows=(exchange, message),
            bodies=(body,),
            change=(exchange, Event.RECEIVE),
        ),
        at=NOW,
    )
    receipt = a_receipt(message, leaf)
    work.log.append(LogDraft(tag=Tag.GATEWAY_RECEIPT_ISSUED, exchange_id=exchange.id, rows=(receipt,)), at=NOW)
    work.exchanges.open(exchange, Event.RECEIVE, leaf_index=leaf.index)
    work.exchanges.keep_message(message)
    work.exchanges.keep_receipt(receipt)
    work.bodies.keep(body)
    return exchange, message, body


def log_and_move(work: SqlUnitOfWork, exchange: Exchange, event: Event) -> Exchange:
    """An exchange moved by an event, with the log entry that commits to the change."""
    draft = LogDraft(
        tag=Tag.GATEWAY_MESSAGE_ACCEPTED,
        exchange_id=exchange.id,
        decision=next_state(exchange.direction, exchange.state, event).value,
        change=(exchange, event),
    )
    leaf = work.log.append(draft, at=LATER)
    return work.exchanges.move(exchange, event, at=LATER, leaf_index=leaf.index)
