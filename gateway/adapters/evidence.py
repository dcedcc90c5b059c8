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
from gateway.exchange.model import Acknowledgement, Exchange, Message, Receipt, Role
from gateway.ports import Noun

MUTABLE = frozenset({"state", "changed_at", "salt", "seq"})
"""Columns of these tables that no entry commits to (``seq`` is the index of the entry itself)."""

COMMITTED_TABLES: tuple[tuple[sa.Table, tuple[str, ...]], ...] = (
    (tables.exchange, ("id",)),
    (tables.message, ("key",)),
    (tables.receipt, ("message_key", "direction")),
    (tables.acknowledgement, ("message_key",)),
    (tables.report, ("exchange_id",)),
)
"""The tables whose rows are committed to, with their key columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedRow:
    """One row with what the log commits to.

    Attributes:
        row_id: key columns joined by a dot.
        columns: the immutable ones.
        salt: of the commitments; empty before the row is written.
    """

    table: str
    row_id: str
    columns: Mapping[str, ColumnValue]
    salt: bytes = b""


def record_id(message_key: str, role: Role) -> str:
    """Name of a body in the log and in its encryption: ``<message key>.<role>``."""
    return f"{message_key}.{role.value}"


def committed_row(noun: Noun) -> CommittedRow:
    """What the log commits to of a value that is about to be kept."""
    if isinstance(noun, Exchange):
        return _row(tables.exchange, exchange_values(noun))
    if isinstance(noun, Message):
        return _row(tables.message, rows.message_values(noun))
    if isinstance(noun, Receipt):
        return _row(tables.receipt, receipt_values(noun))
    if isinstance(noun, Acknowledgement):
        return _row(tables.acknowledgement, acknowledgement_values(noun))
    return _row(tables.report, rows.report_values(noun))


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


def _row(table: sa.Table, values: Mapping[str, Any]) -> CommittedRow:
    keys = next(keys for known, keys in COMMITTED_TABLES if known is table)
    return CommittedRow(
        table=table.name,
        row_id=".".join(str(values[key]) for key in keys),
        columns={name: _plain(value) for name, value in values.items() if name not in MUTABLE},
        salt=values.get("salt", b""),
    )


def _plain(value: Any) -> ColumnValue:
    assert value is None or isinstance(value, str | int | bytes | datetime)
    return value
