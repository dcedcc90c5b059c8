"""Between rows of the database and the nouns of `gateway.exchange.model`."""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa

from gateway.exchange.model import (
    Acknowledgement,
    DeliveryAttempt,
    Exchange,
    Message,
    Outcome,
    Receipt,
    Report,
    StateChange,
)
from gateway.exchange.states import Direction, Event, State
from gateway.identifiers import AgreementId, ExchangeId, MessageId, PartnerCode

Row = sa.Row[Any]


def exchange_from(row: Row) -> Exchange:
    """An exchange."""
    return Exchange(
        id=ExchangeId(row.id),
        direction=Direction(row.direction),
        partner=PartnerCode(row.partner),
        message_type=row.message_type,
        agreement=AgreementId(row.agreement),
        opened_at=row.opened_at,
        state=State(row.state),
        changed_at=row.changed_at,
    )


def message_from(row: Row) -> Message:
    """A message."""
    return Message(
        key=row.key,
        exchange_id=ExchangeId(row.exchange_id),
        direction=Direction(row.direction),
        partner=PartnerCode(row.partner),
        message_id=MessageId(row.message_id),
        message_type=row.message_type,
        agreement=AgreementId(row.agreement),
        purpose=row.purpose,
        format_name=row.format_name,
        media_type=row.media_type,
        ref=row.ref,
        kid=row.kid,
        digest=row.digest,
        size=row.size,
        issued_at=row.issued_at,
        stored_at=row.stored_at,
    )


def message_values(message: Message) -> dict[str, Any]:
    """The columns of a message."""
    return {
        "key": message.key,
        "exchange_id": message.exchange_id,
        "direction": message.direction.value,
        "partner": message.partner,
        "message_id": message.message_id,
        "message_type": message.message_type,
        "agreement": message.agreement,
        "purpose": message.purpose,
        "format_name": message.format_name,
        "media_type": message.media_type,
        "ref": message.ref,
        "kid": message.kid,
        "digest": message.digest,
        "size": message.size,
        "issued_at": message.issued_at,
        "stored_at": message.stored_at,
    }


def receipt_from(row: Row) -> Receipt:
    """A receipt."""
    return Receipt(
        message_key=row.message_key,
        direction=Direction(row.direction),
        compact=row.compact,
        leaf_index=row.leaf_index,
        at=row.at,
    )


def acknowledgement_from(row: Row) -> Acknowledgement:
    """A business answer."""
    return Acknowledgement(
        exchange_id=ExchangeId(row.exchange_id),
        message_key=row.message_key,
        direction=Direction(row.direction),
        outcome=Outcome(row.outcome),
        findings=tuple(orjson.loads(row.findings)),
        at=row.at,
    )


def attempt_from(row: Row) -> DeliveryAttempt:
    """A delivery attempt."""
    return DeliveryAttempt(message_key=row.message_key, number=row.number, at=row.at, status=row.status, code=row.code)


def change_from(row: Row) -> StateChange:
    """One line of an exchange's history."""
    return StateChange(
        exchange_id=ExchangeId(row.exchange_id),
        event=Event(row.event),
        before=State(row.before) if row.before else None,
        after=State(row.after),
        at=row.at,
        leaf_index=row.leaf_index,
    )


def report_from(row: Row) -> Report:
    """What examining or lodging found."""
    return Report(
        exchange_id=ExchangeId(row.exchange_id),
        source_format=row.source_format,
        target_format=row.target_format,
        clause=row.clause,
        agreement_version=row.agreement_version,
        withheld=tuple(orjson.loads(row.withheld)),
        account=orjson.loads(row.account),
        findings=tuple(orjson.loads(row.findings)),
        catalogue=row.catalogue,
    )


def report_values(report: Report) -> dict[str, Any]:
    """The columns of a report."""
    return {
        "exchange_id": report.exchange_id,
        "source_format": report.source_format,
        "target_format": report.target_format,
        "clause": report.clause,
        "agreement_version": report.agreement_version,
        "withheld": as_text(report.withheld),
        "account": as_text(report.account),
        "findings": as_text(report.findings),
        "catalogue": report.catalogue,
    }


def as_text(value: Any) -> str:
    """JSON text of a flat report, with sorted keys."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode("utf-8")
