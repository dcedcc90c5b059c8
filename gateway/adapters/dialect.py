"""The one statement in which the two databases differ in words but not in meaning."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def insert_or_nothing(connection: sa.Connection, table: sa.Table, values: dict[str, Any]) -> bool:
    """Insert a row unless its key is there already, without breaking the transaction; True when it was inserted."""
    flavour = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = flavour.insert(table).values(**values).on_conflict_do_nothing()
    return connection.execute(statement.returning(*table.primary_key)).one_or_none() is not None
