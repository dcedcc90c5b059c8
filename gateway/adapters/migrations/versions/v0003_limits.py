"""Rates that all processes share, and which partners are not served."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two empty tables: nobody is stopped, and nothing has been counted."""
    op.create_table(
        "partner_standing",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("paused_until", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("partner", name="pk_partner_standing"),
    )
    op.create_table(
        "rate",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("busy_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "owner", name="pk_rate"),
    )


def downgrade() -> None:
    """Counts begin anew; who was stopped is served again."""
    op.drop_table("rate")
    op.drop_table("partner_standing")
