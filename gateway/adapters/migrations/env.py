"""Alembic's entry: run the migrations on the connection that the database object hands over.

``render_as_batch`` because SQLite changes a column only by making the table anew.
"""

from __future__ import annotations

from alembic import context

from gateway.adapters.tables import metadata

_connection = context.config.attributes["connection"]
context.configure(connection=_connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
