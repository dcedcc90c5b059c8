"""The first schema: exchanges with their evidence, the log, lanes of due work, feeds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create all tables and the head of an empty log."""
    _exchanges()
    _messages()
    _history()
    _log()
    _feeds()
    _lanes()
    op.execute(sa.text("INSERT INTO log_head (id, size, compact_range) VALUES (1, 0, :none)").bindparams(none=b""))


def downgrade() -> None:
    """There is nothing before the first version: evidence is never dropped by a migration.

    Raises:
        RuntimeError: always.
    """
    raise RuntimeError("the first schema has no predecessor; restore a backup instead")


def _exchanges() -> None:
    op.create_table(
        "body",
        sa.Column("message_key", sa.String(32), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=True),
        sa.Column("file", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("message_key", "role", name="pk_body"),
    )
    op.create_table(
        "exchange",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("message_type", sa.Text(), nullable=False),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_exchange"),
        sa.UniqueConstraint("seq", name="uq_exchange_seq"),
    )
    op.create_index("ix_exchange_partner_state", "exchange", ["partner", "state"], unique=False)


def _messages() -> None:
    op.create_table(
        "message",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("exchange_id", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("message_type", sa.Text(), nullable=False),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("format_name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_message"),
        sa.UniqueConstraint("direction", "partner", "message_id", name="uq_message_identity"),
    )
    op.create_index("ix_message_exchange_id", "message", ["exchange_id"], unique=False)
    op.create_table(
        "receipt",
        sa.Column("message_key", sa.String(32), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("compact", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_index", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("message_key", "direction", name="pk_receipt"),
    )


def _history() -> None:
    op.create_table(
        "acknowledgement",
        sa.Column("message_key", sa.String(32), nullable=False),
        sa.Column("exchange_id", sa.String(32), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("message_key", name="pk_acknowledgement"),
    )
    op.create_index("ix_acknowledgement_exchange_id", "acknowledgement", ["exchange_id"], unique=False)
    op.create_table(
        "delivery_attempt",
        sa.Column("message_key", sa.String(32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("message_key", "number", name="pk_delivery_attempt"),
    )
    op.create_table(
        "report",
        sa.Column("exchange_id", sa.String(32), nullable=False),
        sa.Column("source_format", sa.Text(), nullable=False),
        sa.Column("target_format", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("agreement_version", sa.Text(), nullable=False),
        sa.Column("withheld", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("catalogue", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("exchange_id", name="pk_report"),
    )
    op.create_table(
        "state_change",
        sa.Column("leaf_index", sa.BigInteger(), nullable=False),
        sa.Column("exchange_id", sa.String(32), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("leaf_index", "exchange_id", name="pk_state_change"),
    )
    op.create_index("ix_state_change_exchange_id", "state_change", ["exchange_id"], unique=False)


def _log() -> None:
    op.create_table(
        "checkpoint",
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_checkpoint"),
    )
    op.create_table(
        "log_entry",
        sa.Column("leaf_index", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("leaf_index", name="pk_log_entry"),
    )
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("compact_range", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_log_head"),
    )
    op.create_table(
        "nonce",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "owner", "value", name="pk_nonce"),
    )
    op.create_index("ix_nonce_expires_at", "nonce", ["expires_at"], unique=False)


def _feeds() -> None:
    op.create_table(
        "feed",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("last_position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_feed"),
    )
    op.create_table(
        "feed_cursor",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "consumer", name="pk_feed_cursor"),
    )
    op.create_table(
        "feed_entry",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("exchange_id", sa.String(32), nullable=False),
        sa.Column("message_key", sa.String(32), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("message_type", sa.Text(), nullable=False),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "position", name="pk_feed_entry"),
        sa.UniqueConstraint("feed", "exchange_id", name="uq_feed_entry_once"),
    )


def _lanes() -> None:
    op.create_table(
        "lane",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("next_seq", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("retry_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("served_at", sa.BigInteger(), nullable=True),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lane"),
    )
    op.create_table(
        "work_item",
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("message_key", sa.String(32), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("parked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("lane", "seq", name="pk_work_item"),
        sa.UniqueConstraint("message_key", "work", name="uq_work_item_message"),
    )
    op.create_index(
        "ix_work_item_due",
        "work_item",
        ["lane", "seq"],
        unique=False,
        sqlite_where=sa.text("state = 'due'"),
        postgresql_where=sa.text("state = 'due'"),
    )
