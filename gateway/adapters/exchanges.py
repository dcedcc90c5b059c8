"""Exchanges, messages, receipts, answers and history in SQL."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from gateway.adapters import evidence, rows, tables
from gateway.adapters.committing import Commitments
from gateway.errors import InvalidTransition, NotFound
from gateway.exchange.model import (
    Acknowledgement,
    DeliveryAttempt,
    Exchange,
    Message,
    Receipt,
    Report,
    StateChange,
)
from gateway.exchange.states import TABLE, Direction, Event, State, next_state
from gateway.identifiers import ExchangeId, MessageId, PartnerCode
from gateway.ports import AlreadyKept, Noun, StateConflict


class SqlExchanges:
    """`gateway.ports.ExchangeStore` on one connection."""

    def __init__(self, connection: sa.Connection, commitments: Commitments) -> None:
        self._connection = connection
        self._commitments = commitments

    def open(self, exchange: Exchange, event: Event, *, leaf_index: int) -> None:
        """Keep a new exchange and the first line of its history."""
        if TABLE.get((exchange.direction, None, event)) is not exchange.state:
            raise InvalidTransition(
                f"an {exchange.direction.value} exchange does not open as {exchange.state.value} by {event.value}"
            )
        self._keep(tables.exchange, exchange, evidence.exchange_values(exchange) | {"seq": leaf_index})
        self._insert_change(exchange, event, at=exchange.opened_at, leaf_index=leaf_index)

    def move(self, exchange: Exchange, event: Event, *, at: datetime, leaf_index: int) -> Exchange:
        """Apply the state table as compare-and-set against the state that was read."""
        after = next_state(exchange.direction, exchange.state, event)
        exchanges = tables.exchange
        as_read = sa.and_(exchanges.c.id == exchange.id, exchanges.c.state == exchange.state.value)
        changed = self._connection.execute(
            sa.update(exchanges).where(as_read).values(state=after.value, changed_at=at)
        ).rowcount
        if changed == 0:
            raise StateConflict("another worker moved the exchange meanwhile", remedy="read it again and decide anew")
        moved = dataclasses.replace(exchange, state=after, changed_at=at)
        self._insert_change(exchange, event, at=at, leaf_index=leaf_index)
        return moved

    def keep_message(self, message: Message) -> None:
        """Keep a message; its identity is unique."""
        try:
            self._keep(tables.message, message, rows.message_values(message))
        except exc.IntegrityError:
            raise AlreadyKept("a message of this identity is kept already", remedy="read it") from None

    def keep_receipt(self, receipt: Receipt) -> None:
        """Keep a receipt that we issued or were given."""
        self._keep(tables.receipt, receipt, evidence.receipt_values(receipt))

    def keep_acknowledgement(self, acknowledgement: Acknowledgement) -> None:
        """Keep a business answer."""
        values = evidence.acknowledgement_values(acknowledgement)
        self._keep(tables.acknowledgement, acknowledgement, values)

    def keep_attempt(self, attempt: DeliveryAttempt) -> None:
        """Keep one delivery attempt."""
        self._commitments.salt_of(attempt)
        self._insert(tables.delivery_attempt, **evidence.attempt_values(attempt))

    def keep_report(self, report: Report) -> None:
        """Keep what examining or lodging found."""
        self._keep(tables.report, report, rows.report_values(report))

    def exchange(self, exchange_id: ExchangeId) -> Exchange:
        """One exchange."""
        row = self._one(sa.select(tables.exchange).where(tables.exchange.c.id == exchange_id))
        if row is None:
            raise NotFound("there is no exchange of this id", remedy="list the exchanges to see their ids")
        return rows.exchange_from(row)

    def message(self, key: str) -> Message:
        """One message by our key."""
        row = self._one(sa.select(tables.message).where(tables.message.c.key == key))
        if row is None:
            raise NotFound("there is no message of this key")
        return rows.message_from(row)

    def find_message(self, direction: Direction, partner: PartnerCode, message_id: MessageId) -> Message | None:
        """The message of this identity, if it is kept."""
        messages = tables.message.c
        row = self._one(
            sa.select(tables.message).where(
                messages.direction == direction.value, messages.partner == partner, messages.message_id == message_id
            )
        )
        return None if row is None else rows.message_from(row)

    def messages(self, exchange_id: ExchangeId) -> list[Message]:
        """The messages of an exchange in order of storing."""
        messages = tables.message.c
        query = (
            sa.select(tables.message)
            .where(messages.exchange_id == exchange_id)
            .order_by(messages.stored_at, messages.key)
        )
        return [rows.message_from(row) for row in self._connection.execute(query)]

    def receipt(self, message_key: str, direction: Direction) -> Receipt | None:
        """The receipt for a message, if there is one."""
        receipts = tables.receipt.c
        row = self._one(
            sa.select(tables.receipt).where(receipts.message_key == message_key, receipts.direction == direction.value)
        )
        return None if row is None else rows.receipt_from(row)

    def acknowledgements(self, exchange_id: ExchangeId) -> list[Acknowledgement]:
        """The business answers of an exchange, both ways."""
        answers = tables.acknowledgement
        query = sa.select(answers).where(answers.c.exchange_id == exchange_id).order_by(answers.c.at)
        return [rows.acknowledgement_from(row) for row in self._connection.execute(query)]

    def changes(self, exchange_id: ExchangeId) -> list[StateChange]:
        """The history of an exchange."""
        history = tables.state_change
        query = sa.select(history).where(history.c.exchange_id == exchange_id).order_by(history.c.leaf_index)
        return [rows.change_from(row) for row in self._connection.execute(query)]

    def attempts(self, message_key: str) -> list[DeliveryAttempt]:
        """The delivery attempts of a message."""
        tries = tables.delivery_attempt
        query = sa.select(tries).where(tries.c.message_key == message_key).order_by(tries.c.number)
        return [rows.attempt_from(row) for row in self._connection.execute(query)]

    def report(self, exchange_id: ExchangeId) -> Report | None:
        """What examining or lodging found, if it came so far."""
        row = self._one(sa.select(tables.report).where(tables.report.c.exchange_id == exchange_id))
        return None if row is None else rows.report_from(row)

    def select(
        self,
        *,
        direction: Direction | None = None,
        partner: PartnerCode | None = None,
        state: State | None = None,
        after: str = "",
        limit: int = 100,
    ) -> list[Exchange]:
        """Exchanges in order of opening, after the one named by ``after``."""
        columns = tables.exchange.c
        query = sa.select(tables.exchange).order_by(columns.seq).limit(limit)
        if direction is not None:
            query = query.where(columns.direction == direction.value)
        if partner is not None:
            query = query.where(columns.partner == partner)
        if state is not None:
            query = query.where(columns.state == state.value)
        if after:
            query = query.where(columns.seq > sa.select(columns.seq).where(columns.id == after).scalar_subquery())
        return [rows.exchange_from(row) for row in self._connection.execute(query)]

    def _keep(self, table: sa.Table, noun: Noun, values: dict[str, Any]) -> None:
        self._insert(table, **values, salt=self._commitments.salt_of(noun))

    def _insert(self, table: sa.Table, **values: Any) -> None:
        self._connection.execute(sa.insert(table).values(**values))

    def _insert_change(self, exchange: Exchange, event: Event, *, at: datetime, leaf_index: int) -> None:
        change = evidence.change_of(exchange, event, at=at, leaf_index=leaf_index)
        self._commitments.require_change(change)
        self._insert(tables.state_change, **evidence.change_values(change))

    def _one(self, query: sa.Select[Any]) -> sa.Row[Any] | None:
        return self._connection.execute(query).one_or_none()
