"""Inner nodes of the log's tree, for the hash tiles that partners read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An empty table: the next checkpoint fills it for the whole log."""
    op.create_table(
        "log_node",
        sa.Column("level", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "position", name="pk_log_node"),
    )


def downgrade() -> None:
    """The hashes can be made again out of the entries."""
    op.drop_table("log_node")
