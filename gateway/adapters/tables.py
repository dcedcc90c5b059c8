"""The tables, in the subset of SQL that SQLite and PostgreSQL share.

Times are integer microseconds since 1970 in UTC. Columns that a unit of work ever updates are marked *mutable*; all
others are written once and committed to by the log, whose entry stands in ``leaf_index``.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """A moment as it is stored: microseconds since 1970 in UTC."""
    return (at - _EPOCH) // _MICROSECOND


class Moment(sa.TypeDecorator[datetime]):
    """An aware datetime, stored as integer microseconds since 1970 in UTC."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        """To the stored integer."""
        del dialect
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:
        """From the stored integer."""
        del dialect
        return None if value is None else _EPOCH + value * _MICROSECOND


def _id(name: str, *, primary: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(32), primary_key=primary, nullable=False)


def _text(name: str, *, primary: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=primary, nullable=False)


def _number(name: str, *, primary: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, primary_key=primary, nullable=False, autoincrement=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, Moment, nullable=nullable)


def _salt() -> sa.Column[bytes]:
    """Of the commitments to this row in the log; without it they tell nothing."""
    return sa.Column("salt", sa.LargeBinary, nullable=False)


exchange = sa.Table(
    "exchange",
    metadata,
    _id("id", primary=True),
    _number("seq"),  # order of opening: the leaf index of the entry that opened it
    _text("direction"),
    _text("partner"),
    _text("message_type"),
    _text("agreement"),
    _moment("opened_at"),
    _text("state"),  # mutable, by the state table
    _moment("changed_at"),  # mutable
    _salt(),
    sa.UniqueConstraint("seq"),
    sa.Index("ix_exchange_partner_state", "partner", "state"),
)

message = sa.Table(
    "message",
    metadata,
    _id("key", primary=True),
    _text("exchange_id"),
    _text("direction"),
    _text("partner"),
    _text("message_id"),
    _text("message_type"),
    _text("agreement"),
    _text("purpose"),
    _text("format_name"),
    _text("media_type"),
    _text("ref"),
    _text("kid"),
    _text("digest"),
    _number("size"),
    _moment("issued_at"),
    _moment("stored_at"),
    _salt(),
    sa.UniqueConstraint("direction", "partner", "message_id", name="uq_message_identity"),
    sa.Index("ix_message_exchange_id", "exchange_id"),
)

body = sa.Table(
    "body",
    metadata,
    _id("message_key", primary=True),
    _text("role", primary=True),
    _text("key_id"),
    sa.Column("wrapped_key", sa.LargeBinary, nullable=True),  # NULL once the body is erased
    sa.Column("salt", sa.LargeBinary, nullable=True),  # of the commitment in the log; dies with the body
    sa.Column("nonce", sa.LargeBinary, nullable=False),
    sa.Column("ciphertext", sa.LargeBinary, nullable=True),  # NULL when the body is a file
    _text("file"),  # name below the bodies folder, empty when inline
)

receipt = sa.Table(
    "receipt",
    metadata,
    _id("message_key", primary=True),
    _text("direction", primary=True),
    sa.Column("compact", sa.LargeBinary, nullable=False),
    _number("leaf_index"),
    _moment("at"),
    _salt(),
)

acknowledgement = sa.Table(
    "acknowledgement",
    metadata,
    _id("message_key", primary=True),
    _id("exchange_id"),
    _text("direction"),
    _text("outcome"),
    _text("findings"),
    _moment("at"),
    _salt(),
    sa.Index("ix_acknowledgement_exchange_id", "exchange_id"),
)

report = sa.Table(
    "report",
    metadata,
    _id("exchange_id", primary=True),
    _text("source_format"),
    _text("target_format"),
    _text("clause"),
    _text("agreement_version"),
    _text("withheld"),
    _text("account"),
    _text("findings"),
    _text("catalogue"),
    _salt(),
)

state_change = sa.Table(
    "state_change",
    metadata,
    _number("leaf_index", primary=True),
    _id("exchange_id", primary=True),
    _text("event"),
    _text("before"),
    _text("after"),
    _moment("at"),
    sa.Index("ix_state_change_exchange_id", "exchange_id"),
)

delivery_attempt = sa.Table(
    "delivery_attempt",
    metadata,
    _id("message_key", primary=True),
    _number("number", primary=True),
    _moment("at"),
    _number("status"),
    _text("code"),
)

log_head = sa.Table(
    "log_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),  # always 1
    _number("size"),  # mutable: the counter that gives out leaf indexes
    sa.Column("compact_range", sa.LargeBinary, nullable=False),  # mutable: hashes of the complete subtrees
)

log_entry = sa.Table(
    "log_entry",
    metadata,
    _number("leaf_index", primary=True),
    sa.Column("entry", sa.LargeBinary, nullable=False),
    sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
)

log_node = sa.Table(
    "log_node",
    metadata,
    _number("level", primary=True),
    _number("position", primary=True),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)
"""Roots of the log's whole tiles, derived from the leaf hashes; level 1 stands above the leaves."""

checkpoint = sa.Table(
    "checkpoint",
    metadata,
    _number("size", primary=True),
    sa.Column("root", sa.LargeBinary, nullable=False),
    _text("note"),
    _moment("at"),
)

lane = sa.Table(
    "lane",
    metadata,
    _text("name", primary=True),
    _text("work"),
    _number("next_seq"),  # mutable
    _text("owner"),  # mutable
    _moment("lease_until", nullable=True),  # mutable
    _number("fence"),  # mutable
    _moment("retry_at", nullable=True),  # mutable
    _number("failures"),  # mutable
    _moment("served_at", nullable=True),  # mutable
    sa.Column("stopped", sa.Boolean, nullable=False),  # mutable
)

work_item = sa.Table(
    "work_item",
    metadata,
    _text("lane", primary=True),
    _number("seq", primary=True),
    _text("work"),
    _id("message_key"),
    _text("state"),  # mutable: due, done, parked, blocking
    _number("attempts"),  # mutable
    _moment("added_at"),
    _text("reason"),  # mutable
    _moment("parked_at", nullable=True),  # mutable
    sa.UniqueConstraint("message_key", "work", name="uq_work_item_message"),
)
sa.Index(
    "ix_work_item_due",
    work_item.c.lane,
    work_item.c.seq,
    sqlite_where=work_item.c.state == "due",
    postgresql_where=work_item.c.state == "due",
)

feed = sa.Table("feed", metadata, _text("name", primary=True), _number("last_position"))  # mutable counter

feed_entry = sa.Table(
    "feed_entry",
    metadata,
    _text("feed", primary=True),
    _number("position", primary=True),
    _id("exchange_id"),
    _id("message_key"),
    _text("partner"),
    _text("message_type"),
    _text("agreement"),
    _text("format"),
    _moment("at"),
    sa.UniqueConstraint("feed", "exchange_id", name="uq_feed_entry_once"),
)

feed_cursor = sa.Table(
    "feed_cursor",
    metadata,
    _text("feed", primary=True),
    _text("consumer", primary=True),
    _number("position"),  # mutable, grows only
    _moment("at"),  # mutable
)

nonce = sa.Table(
    "nonce",
    metadata,
    _text("kind", primary=True),
    _text("owner", primary=True),
    _text("value", primary=True),
    _moment("expires_at"),
    sa.Index("ix_nonce_expires_at", "expires_at"),
)
"""Replay memory of one-time values (HTTP nonces, token ids): the key is the memory, a second insert fails."""

rate = sa.Table(
    "rate",
    metadata,
    _text("kind", primary=True),
    _text("owner", primary=True),
    _moment("busy_until"),  # mutable
)
"""What was counted against a rate: until when it takes up the time."""

partner_standing = sa.Table(
    "partner_standing",
    metadata,
    _text("partner", primary=True),
    sa.Column("stopped", sa.Boolean, nullable=False),  # mutable
    _moment("paused_until", nullable=True),  # mutable
    _moment("changed_at", nullable=True),  # mutable
)
"""Partners whose requests are not served, or were not once; a partner without a row is served."""
