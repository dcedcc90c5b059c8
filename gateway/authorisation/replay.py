"""Replay memory in a transaction of its own, so that no lock is held while a signature is verified."""

from __future__ import annotations

from datetime import datetime

from gateway.ports import Store


class StoredNonces:
    """`gateway.ports.Nonces` over a store: every value is durable, and known to all processes, when the call returns.

    Args:
        store: the database that all processes share; a set in memory would let a second process be fooled.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def remember(self, kind: str, owner: str, value: str, *, expires_at: datetime) -> bool:
        """Keep a one-time value; False when it was there already, which is a replay."""
        with self._store.writing() as work:
            return work.nonces.remember(kind, owner, value, expires_at=expires_at)

    def forget(self, *, before: datetime) -> int:
        """Drop values that expired before then; returns how many."""
        with self._store.writing() as work:
            return work.nonces.forget(before=before)
