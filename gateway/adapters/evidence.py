"""Which columns of which row the log commits to: all that are written once.

The same function serves writing (a noun before it is kept) and verifying (a row as it is found), so that the two
cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.adapters import rows, tables
from gateway.audit.commitments import ColumnValue
from gateway.exchange.model import (
    Acknowledgement,
    DeliveryAttempt,
    Exchange,
    FeedEntry,
    Message,
    Receipt,
    Report,
    Role,
    StateChange,
)
from gateway.exchange.states import TABLE, Event, next_state
from gateway.ports import Noun

MUTABLE = frozenset({"state", "changed_at", "salt", "seq", "position"})
"""Columns of these tables that no entry commits to.

``seq`` is the index of the entry itself; a ``position`` is given after the entry, in the order of the entries. The
verification compares all of them but the salt with the log in other ways.
"""

COMMITTED_TABLES: tuple[tuple[sa.Table, tuple[str, ...]], ...] = (
    (tables.exchange, ("id",)),
    (tables.message, ("key",)),
    (tables.receipt, ("message_key", "direction")),
    (tables.acknowledgement, ("message_key",)),
    (tables.report, ("exchange_id",)),
    (tables.state_change, ("leaf_index", "exchange_id")),
    (tables.delivery_attempt, ("message_key", "number")),
    (tables.feed_entry, ("feed", "exchange_id")),
)
"""The tables whose rows are committed to, with the columns that name a row.

Rows of the last three hold nothing of a message and are never erased: they have no salt of their own, the salt of the
log entry serves.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedRow:
    """One row with what the log commits to.

    Attributes:
        row_id: key columns joined by a dot.
        columns: the immutable ones.
        salt: of the commitments; None before the row is written, and for rows that have none of their own.
    """

    table: str
    row_id: str
    columns: Mapping[str, ColumnValue]
    salt: bytes | None = None


def record_id(message_key: str, role: Role) -> str:
    """Name of a body in the log and in its encryption: ``<message key>.<role>``."""
    return f"{message_key}.{role.value}"


def committed_row(noun: Noun) -> CommittedRow:
    """What the log commits to of a value that is about to be kept."""
    table, values = _values_of(noun)
    return _row(table, values)


def committed_change(change: StateChange) -> CommittedRow:
    """What the log commits to of a line of an exchange's history."""
    return _row(tables.state_change, change_values(change))


def change_of(exchange: Exchange, event: Event, *, at: datetime, leaf_index: int) -> StateChange:
    """The line of history that the state table gives.

    Args:
        exchange: as it stands, or as it is opened.
        event: what happens to it.
        at: when.
        leaf_index: of the log entry that tells of it.

    Raises:
        InvalidTransition: the table does not hold the change.
    """
    opens = (exchange.direction, None, event) in TABLE
    before = None if opens else exchange.state
    return StateChange(
        exchange_id=exchange.id,
        event=event,
        before=before,
        after=next_state(exchange.direction, before, event),
        at=at,
        leaf_index=leaf_index,
    )


def stored_rows(connection: sa.Connection) -> Iterator[CommittedRow]:
    """Every row of the committed tables as it is found."""
    for table, _ in COMMITTED_TABLES:
        for row in connection.execute(sa.select(table)):
            yield _row(table, dict(row._mapping))  # noqa: SLF001 - the public name of a row's mapping


def exchange_values(exchange: Exchange) -> dict[str, Any]:
    """The columns of an exchange, without ``seq``."""
    return {
        "id": exchange.id,
        "direction": exchange.direction.value,
        "partner": exchange.partner,
        "message_type": exchange.message_type,
        "agreement": exchange.agreement,
        "opened_at": exchange.opened_at,
        "state": exchange.state.value,
        "changed_at": exchange.changed_at,
    }


def receipt_values(receipt: Receipt) -> dict[str, Any]:
    """The columns of a receipt."""
    return {
        "message_key": receipt.message_key,
        "direction": receipt.direction.value,
        "compact": receipt.compact,
        "leaf_index": receipt.leaf_index,
        "at": receipt.at,
    }


def acknowledgement_values(acknowledgement: Acknowledgement) -> dict[str, Any]:
    """The columns of a business answer."""
    return {
        "message_key": acknowledgement.message_key,
        "exchange_id": acknowledgement.exchange_id,
        "direction": acknowledgement.direction.value,
        "outcome": acknowledgement.outcome.value,
        "findings": rows.as_text(acknowledgement.findings),
        "at": acknowledgement.at,
    }


def attempt_values(attempt: DeliveryAttempt) -> dict[str, Any]:
    """The columns of a delivery attempt."""
    return {
        "message_key": attempt.message_key,
        "number": attempt.number,
        "at": attempt.at,
        "status": attempt.status,
        "code": attempt.code,
    }


def change_values(change: StateChange) -> dict[str, Any]:
    """The columns of a line of an exchange's history."""
    return {
        "leaf_index": change.leaf_index,
        "exchange_id": change.exchange_id,
        "event": change.event.value,
        "before": change.before.value if change.before else "",
        "after": change.after.value,
        "at": change.at,
    }


def feed_values(entry: FeedEntry) -> dict[str, Any]:
    """The columns of an entry of a feed."""
    return {
        "feed": entry.feed,
        "position": entry.position,
        "exchange_id": entry.exchange_id,
        "message_key": entry.message_key,
        "partner": entry.partner,
        "message_type": entry.message_type,
        "agreement": entry.agreement,
        "format": entry.format,
        "at": entry.at,
    }


def _values_of(noun: Noun) -> tuple[sa.Table, dict[str, Any]]:
    match noun:
        case Exchange():
            found = (tables.exchange, exchange_values(noun))
        case Message():
            found = (tables.message, rows.message_values(noun))
        case Receipt():
            found = (tables.receipt, receipt_values(noun))
        case Acknowledgement():
            found = (tables.acknowledgement, acknowledgement_values(noun))
        case DeliveryAttempt():
            found = (tables.delivery_attempt, attempt_values(noun))
        case FeedEntry():
            found = (tables.feed_entry, feed_values(noun))
        case Report():
            found = (tables.report, rows.report_values(noun))
    return found


def _row(table: sa.Table, values: Mapping[str, Any]) -> CommittedRow:
    keys = next(keys for known, keys in COMMITTED_TABLES if known is table)
    return CommittedRow(
        table=table.name,
        row_id=".".join(str(values[key]) for key in keys),
        columns={name: _plain(value) for name, value in values.items() if name not in MUTABLE},
        salt=values.get("salt"),
    )


def _plain(value: Any) -> ColumnValue:
    assert value is None or isinstance(value, str | int | bytes | datetime)
    return value
