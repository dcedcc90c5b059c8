"""What a unit of work has committed to in the log, so that its stores can refuse everything else."""

from __future__ import annotations

import os

from gateway.adapters.evidence import committed_change, committed_row, record_id
from gateway.audit.commitments import SALT_BYTES
from gateway.audit.entry import LogDamaged, body_commitment, row_commitments
from gateway.exchange.model import DeliveryAttempt, FeedEntry, StateChange
from gateway.ports import Noun, PreparedBody


class Commitments:
    """What was committed to in this unit of work: the salt of each row, and each body."""

    def __init__(self) -> None:
        self._salts: dict[tuple[str, str], bytes] = {}
        self._bodies: set[str] = set()
        self._changes: set[StateChange] = set()

    def commit_row(self, noun: Noun, entry_salt: bytes) -> dict[str, str]:
        """Commitments to a row, under a fresh salt that is kept beside it or under the one of the log entry."""
        row = committed_row(noun)
        salt = entry_salt if isinstance(noun, DeliveryAttempt | FeedEntry) else os.urandom(SALT_BYTES)
        self._salts[row.table, row.row_id] = salt
        return row_commitments(salt, row.table, row.row_id, row.columns)

    def commit_change(self, change: StateChange, entry_salt: bytes) -> dict[str, str]:
        """Commitments to a line of an exchange's history under the salt of the log entry."""
        row = committed_change(change)
        self._changes.add(change)
        return row_commitments(entry_salt, row.table, row.row_id, row.columns)

    def commit_body(self, body: PreparedBody) -> dict[str, str]:
        """Commitment to a body under the salt that it was prepared with."""
        name = record_id(body.message_key, body.role)
        self._bodies.add(name)
        return body_commitment(body.record["salt"], name, body.digest)

    def salt_of(self, noun: Noun) -> bytes:
        """The salt under which a row was committed to.

        Raises:
            LogDamaged: the row was never committed to: a programming fault that must not reach the database.
        """
        row = committed_row(noun)
        try:
            return self._salts[row.table, row.row_id]
        except KeyError:
            raise _uncommitted(row.table) from None

    def require_change(self, change: StateChange) -> None:
        """Refuse a line of history that no entry of this unit of work commits to as it is."""
        if change not in self._changes:
            raise _uncommitted("state_change")

    def require_body(self, body: PreparedBody) -> None:
        """Refuse a body that no entry of this unit of work commits to."""
        if record_id(body.message_key, body.role) not in self._bodies:
            raise _uncommitted("body")


def _uncommitted(table: str) -> LogDamaged:
    return LogDamaged(
        f"A row of {table} was about to be kept that no log entry commits to.",
        remedy="append the log entry first, in the same unit of work",
        code="log.uncommitted",
    )
