"""The statements in which the two databases differ in words but not in meaning."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def insert_or_nothing(connection: sa.Connection, table: sa.Table, values: dict[str, Any]) -> bool:
    """Insert a row unless its key is there already, without breaking the transaction; True when it was inserted."""
    flavour = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = flavour.insert(table).values(**values).on_conflict_do_nothing()
    return connection.execute(statement.returning(*table.primary_key)).one_or_none() is not None


def insert_or_update(
    connection: sa.Connection,
    table: sa.Table,
    values: dict[str, Any],
    *,
    update: dict[str, Any],
    where: sa.ColumnElement[bool],
) -> bool:
    """Insert a row, or update the one with its key where a condition holds; True when either was done.

    Args:
        connection: with an open transaction.
        table: whose primary key says what is the same row.
        values: of a new row.
        update: columns of a row that is there, as expressions over it.
        where: what has to hold of that row.
    """
    flavour = postgresql if connection.dialect.name == "postgresql" else sqlite
    inserted = flavour.insert(table).values(**values)
    key = list(table.primary_key)
    statement = inserted.on_conflict_do_update(index_elements=key, set_=update, where=where)
    return connection.execute(statement.returning(*key)).one_or_none() is not None
