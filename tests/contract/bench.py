"""What the contract tests work on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gateway.adapters.bodies import BodyVault
from gateway.adapters.database import Database
from gateway.adapters.durability import Durability
from gateway.adapters.store import SqlStore

INLINE_LIMIT = 1000
"""Largest body, in bytes, that lives in the database of a test."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A store with everything that it is made of."""

    database: Database
    durability: Durability
    vault: BodyVault
    store: SqlStore
    folder: Path
