"""Feeds in SQL: positions without gaps, in commit order.

A position comes from a counter row that is locked until the commit. (A reader that follows an autoincrement id loses
rows on a database where ids commit out of order.) The counter is updated last in the transaction: a short lock.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.adapters import tables
from gateway.adapters.bodies import SqlBodies
from gateway.adapters.committing import Commitments
from gateway.adapters.dialect import insert_or_nothing
from gateway.adapters.evidence import feed_values
from gateway.exchange.model import FeedEntry, Role
from gateway.identifiers import AgreementId, ExchangeId, PartnerCode
from gateway.ports import PreparedBody


class SqlFeed:
    """`gateway.ports.Feed` on one connection."""

    def __init__(self, connection: sa.Connection, bodies: SqlBodies, commitments: Commitments) -> None:
        self._connection = connection
        self._bodies = bodies
        self._commitments = commitments

    def publish(self, entry: FeedEntry, body: PreparedBody) -> int:
        """Give the entry the next position and keep it with its body; once an exchange, by a unique key."""
        self._commitments.salt_of(entry)
        self._bodies.keep(body)
        position = self._next_position(entry.feed)
        values = feed_values(entry) | {"position": position}
        self._connection.execute(sa.insert(tables.feed_entry).values(**values))
        return position

    def _next_position(self, name: str) -> int:
        feeds = tables.feed
        take = (
            sa.update(feeds)
            .where(feeds.c.name == name)
            .values(last_position=feeds.c.last_position + 1)
            .returning(feeds.c.last_position)
        )
        position: int | None = self._connection.execute(take).scalar_one_or_none()
        if position is not None:
            return position
        insert_or_nothing(self._connection, feeds, {"name": name, "last_position": 0})
        first: int = self._connection.execute(take).scalar_one()
        return first

    def read(self, feed: str, *, after: int, limit: int) -> list[FeedEntry]:
        """Entries after a position, in order, with their documents."""
        entries = tables.feed_entry
        query = (
            sa.select(entries)
            .where(entries.c.feed == feed, entries.c.position > after)
            .order_by(entries.c.position)
            .limit(limit)
        )
        return [self._entry(row) for row in self._connection.execute(query)]

    def names(self) -> list[str]:
        """The feeds that have entries."""
        return list(self._connection.execute(sa.select(tables.feed.c.name).order_by(tables.feed.c.name)).scalars())

    def last_position(self, feed: str) -> int:
        """The newest position; 0 for a feed without entries."""
        query = sa.select(tables.feed.c.last_position).where(tables.feed.c.name == feed)
        return self._connection.execute(query).scalar_one_or_none() or 0

    def acknowledge(self, feed: str, consumer: str, position: int, *, at: datetime) -> int:
        """Store how far a consumer has come; an older position than the stored one changes nothing."""
        cursors = tables.feed_cursor
        start = {"feed": feed, "consumer": consumer, "position": 0, "at": at}
        insert_or_nothing(self._connection, cursors, start)
        this = sa.and_(cursors.c.feed == feed, cursors.c.consumer == consumer, cursors.c.position < position)
        self._connection.execute(sa.update(cursors).where(this).values(position=position, at=at))
        return self.acknowledged(feed, consumer)

    def acknowledged(self, feed: str, consumer: str) -> int:
        """How far a consumer has come; 0 at the beginning."""
        cursors = tables.feed_cursor
        query = sa.select(cursors.c.position).where(cursors.c.feed == feed, cursors.c.consumer == consumer)
        return self._connection.execute(query).scalar_one_or_none() or 0

    def _entry(self, row: sa.Row[Any]) -> FeedEntry:
        return FeedEntry(
            feed=row.feed,
            position=row.position,
            exchange_id=ExchangeId(row.exchange_id),
            message_key=row.message_key,
            partner=PartnerCode(row.partner),
            message_type=row.message_type,
            agreement=AgreementId(row.agreement),
            format=row.format,
            at=row.at,
            document=self._bodies.read(row.message_key, Role.FEED),
        )
