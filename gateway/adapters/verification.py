"""Reads everything that the log commits to and hands it to the verifier.

Beside what `gateway.audit.verify` finds (entries, checkpoints, bodies, immutable columns), `gateway.adapters.course`
compares the columns that may change with what the log says about them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator

import sqlalchemy as sa

from gateway.adapters import tables
from gateway.adapters.bodies import BodyVault
from gateway.adapters.course import course_faults
from gateway.adapters.database import Database
from gateway.adapters.evidence import record_id, stored_rows
from gateway.audit.notes import NoteKey
from gateway.audit.stored import LogReport, StoredBody, StoredCheckpoint, StoredEntry, StoredRow
from gateway.audit.verify import verify_log
from gateway.errors import GatewayError
from gateway.exchange.model import Role


class LogVerifier:
    """Verifies the whole log of a database.

    Args:
        database: where it lies.
        vault: reads the bodies.
        key: the log's public key.
        witnesses: keys whose cosignatures may stand on checkpoints.
    """

    def __init__(self, database: Database, vault: BodyVault, key: NoteKey, witnesses: Collection[NoteKey] = ()) -> None:
        self._database = database
        self._vault = vault
        self._key = key
        self._witnesses = witnesses

    def verify(self) -> LogReport:
        """Verify in one snapshot; every fault is reported, not the first only."""
        with self._database.reading() as connection:
            report = verify_log(
                _entries(connection),
                list(_checkpoints(connection)),
                key=self._key,
                witnesses=self._witnesses,
                rows=_rows(connection),
                bodies=self._bodies(connection),
                entry_at=lambda index: _entry_at(connection, index),
            )
            faults = (*report.faults, *course_faults(connection, report))
        return LogReport(faults=faults, size=report.size, root=report.root, checkpointed=report.checkpointed)

    def _bodies(self, connection: sa.Connection) -> Iterator[StoredBody]:
        for row in connection.execute(sa.select(tables.body)):
            try:
                name = record_id(row.message_key, Role(row.role))
                digest = None if row.wrapped_key is None else hashlib.sha256(self._vault.content(row)).hexdigest()
            except (GatewayError, ValueError):
                name, digest = f"{row.message_key}.{row.role}", None
            yield StoredBody(record_id=name, salt=row.salt, digest=digest, erased=row.wrapped_key is None)


def _entries(connection: sa.Connection) -> Iterator[StoredEntry]:
    query = sa.select(tables.log_entry).order_by(tables.log_entry.c.leaf_index)
    for row in connection.execute(query):
        yield StoredEntry(index=row.leaf_index, entry=row.entry, leaf_hash=row.leaf_hash)


def _checkpoints(connection: sa.Connection) -> Iterator[StoredCheckpoint]:
    for row in connection.execute(sa.select(tables.checkpoint).order_by(tables.checkpoint.c.size)):
        yield StoredCheckpoint(size=row.size, root=row.root, note=row.note.encode("utf-8"))


def _rows(connection: sa.Connection) -> Iterator[StoredRow]:
    for row in stored_rows(connection):
        yield StoredRow(table=row.table, row_id=row.row_id, salt=row.salt, columns=row.columns)


def _entry_at(connection: sa.Connection, index: int) -> bytes:
    query = sa.select(tables.log_entry.c.entry).where(tables.log_entry.c.leaf_index == index)
    entry: bytes = connection.execute(query).scalar_one()
    return entry
