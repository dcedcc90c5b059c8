"""Replay memory of one-time values in SQL: a second insert of the same key is the replay."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from gateway.adapters import tables
from gateway.adapters.dialect import insert_or_nothing


class SqlNonces:
    """`gateway.ports.Nonces` on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def remember(self, kind: str, owner: str, value: str, *, expires_at: datetime) -> bool:
        """Keep a one-time value; False when it was there already."""
        row = {"kind": kind, "owner": owner, "value": value, "expires_at": expires_at}
        return insert_or_nothing(self._connection, tables.nonce, row)

    def forget(self, *, before: datetime) -> int:
        """Drop values that expired before then; returns how many."""
        old = tables.nonce.c.expires_at < before
        return self._connection.execute(sa.delete(tables.nonce).where(old)).rowcount
