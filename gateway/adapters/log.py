"""The audit log in SQL: entries with their leaf hashes, and the head row that gives out indexes.

The head row holds the number of leaves and the hashes of the complete subtrees (a compact range), so that appending
costs one hash for each level and never reads old entries. It is locked until the commit: one sequencer, no gaps.
What an entry commits to is remembered in the unit of work; the stores keep nothing that was not committed to.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from gateway.adapters import tables
from gateway.adapters.committing import Commitments
from gateway.adapters.evidence import change_of
from gateway.adapters.log_tiles import SqlTiles
from gateway.audit.commitments import SALT_BYTES
from gateway.audit.entry import LogDamaged, LogEntry
from gateway.audit.merkle import HASH_BYTES, CompactRange, leaf_hash
from gateway.ports import CheckpointRecord, LogDraft, LogLeaf

_HEAD = 1


class SqlLog:
    """`gateway.ports.AuditStore` on one connection."""

    def __init__(self, connection: sa.Connection, commitments: Commitments) -> None:
        self._connection = connection
        self._commitments = commitments

    def append(self, draft: LogDraft, *, at: datetime) -> LogLeaf:
        """Write an entry with the next index."""
        edge = self._edge(locked=True)
        salt = os.urandom(SALT_BYTES)
        commitments: dict[str, str] = {}
        for noun in draft.rows:
            commitments |= self._commitments.commit_row(noun, salt)
        if draft.change is not None:
            change = change_of(*draft.change, at=at, leaf_index=edge.size)
            commitments |= self._commitments.commit_change(change, salt)
        for body in draft.bodies:
            commitments |= self._commitments.commit_body(body)
        entry = LogEntry(
            index=edge.size,
            time=at,
            tag=draft.tag.value,
            salt=salt,
            facts=_facts(draft),
            commitments=commitments,
        ).as_bytes()
        leaf = LogLeaf(index=edge.size, entry=entry, leaf_hash=leaf_hash(entry))
        self._connection.execute(
            sa.insert(tables.log_entry).values(leaf_index=leaf.index, entry=leaf.entry, leaf_hash=leaf.leaf_hash)
        )
        edge.append(leaf.leaf_hash)
        self._connection.execute(
            sa.update(tables.log_head)
            .where(tables.log_head.c.id == _HEAD)
            .values(size=edge.size, compact_range=b"".join(edge.hashes))
        )
        return leaf

    def size(self) -> int:
        """Number of leaves."""
        return self._edge().size

    def root(self) -> bytes:
        """Root hash over all leaves."""
        return self._edge().root()

    def leaves(self, start: int = 0) -> Iterator[LogLeaf]:
        """The leaves from an index on, in order."""
        entries = tables.log_entry
        query = sa.select(entries).where(entries.c.leaf_index >= start).order_by(entries.c.leaf_index)
        for row in self._connection.execution_options(yield_per=1000).execute(query):
            yield LogLeaf(index=row.leaf_index, entry=row.entry, leaf_hash=row.leaf_hash)

    def leaf(self, index: int) -> LogLeaf | None:
        """The leaf at an index."""
        entries = tables.log_entry
        row = self._connection.execute(sa.select(entries).where(entries.c.leaf_index == index)).one_or_none()
        return None if row is None else LogLeaf(index=row.leaf_index, entry=row.entry, leaf_hash=row.leaf_hash)

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """Hashes of one level of the tree's tiles."""
        return SqlTiles(self._connection).hashes(level, first, count)

    def grow_tiles(self) -> None:
        """Keep the hashes of the upper levels for what the log has grown by."""
        SqlTiles(self._connection).grow(self.size())

    def keep_checkpoint(self, checkpoint: CheckpointRecord) -> None:
        """Keep a signed head."""
        self._connection.execute(
            sa.insert(tables.checkpoint).values(
                size=checkpoint.size, root=checkpoint.root, note=checkpoint.text, at=checkpoint.at
            )
        )

    def checkpoints(self) -> list[CheckpointRecord]:
        """All signed heads, the oldest first."""
        table = tables.checkpoint
        found = self._connection.execute(sa.select(table).order_by(table.c.size))
        return [CheckpointRecord(size=row.size, root=row.root, text=row.note, at=row.at) for row in found]

    def latest_checkpoint(self) -> CheckpointRecord | None:
        """The newest signed head."""
        table = tables.checkpoint
        row = self._connection.execute(sa.select(table).order_by(table.c.size.desc()).limit(1)).one_or_none()
        return None if row is None else CheckpointRecord(size=row.size, root=row.root, text=row.note, at=row.at)

    def _edge(self, *, locked: bool = False) -> CompactRange:
        query = sa.select(tables.log_head).where(tables.log_head.c.id == _HEAD)
        row = self._connection.execute(query.with_for_update() if locked else query).one_or_none()
        if row is None:
            raise LogDamaged("The log has no head.", remedy="set the database up", code="log.head")
        joined = row.compact_range
        return CompactRange(row.size, [joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES)])


def _facts(draft: LogDraft) -> dict[str, str]:
    facts = {
        "partner": draft.partner,
        "exchange": draft.exchange_id,
        "message": draft.message_id,
        "agreement": draft.agreement,
        "codes": " ".join(draft.codes),
        "decision": draft.decision,
        "reason": draft.reason,
        **draft.facts,
    }
    return {name: text for name, text in facts.items() if text}
