"""Bodies at rest: encrypted each under its own key; small ones in the transaction, large ones as durable files.

A large body is written, fsynced, renamed and its folder fsynced BEFORE the transaction that names it begins, so that
no lock is held meanwhile and a row never names a file that is not there. A file without a row is what a crash between
the two leaves behind; `BodyVault.sweep` removes it.
"""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from gateway.adapters import tables
from gateway.adapters.committing import Commitments
from gateway.adapters.durability import Durability
from gateway.adapters.evidence import record_id
from gateway.audit.commitments import SALT_BYTES
from gateway.errors import NotFound, TemporaryFailure
from gateway.exchange.model import Role
from gateway.ports import PreparedBody
from gateway.security.bodies import BodyUnreadable, EncryptedBody, WrappingKey, decrypt_body, encrypt_body

SWEEP_AFTER_SECONDS = 3600
"""A file younger than this may belong to a transaction of another process that has not committed yet."""


class BodyVault:
    """Encrypts, writes and reads bodies.

    Args:
        folder: of large bodies; made when it is missing.
        wrapping_key: wraps the key of each body.
        durability: makes files durable.
        inline_limit: largest content, in bytes, that lives in the database.
    """

    def __init__(self, folder: Path, wrapping_key: WrappingKey, durability: Durability, *, inline_limit: int) -> None:
        self._folder = folder
        self._wrapping_key = wrapping_key
        self._durability = durability
        self._inline_limit = inline_limit

    def prepare(self, message_key: str, role: Role, content: bytes) -> PreparedBody:
        """Encrypt, and make a large one durable as a file.

        Raises:
            TemporaryFailure: the file cannot be written.
        """
        body = encrypt_body(content, record_id(message_key, role), self._wrapping_key)
        record = {
            "key_id": body.key_id,
            "wrapped_key": body.wrapped_key,
            "nonce": body.nonce,
            "salt": os.urandom(SALT_BYTES),
            "ciphertext": body.ciphertext,
            "file": "",
        }
        if len(content) > self._inline_limit:
            record |= {"ciphertext": None, "file": self._write(message_key, role, body.ciphertext)}
        digest = hashlib.sha256(content).hexdigest()
        return PreparedBody(message_key=message_key, role=role, digest=digest, record=record)

    def content(self, row: sa.Row[Any]) -> bytes:
        """The content of a row of the body table.

        Raises:
            BodyUnreadable: it was changed, erased, or belongs to another record.
        """
        if bool(row.file) == (row.ciphertext is not None):
            raise BodyUnreadable("A body lies either in its row or in its file.")
        ciphertext = row.ciphertext if not row.file else self._read(row.file)
        body = EncryptedBody(row.key_id, row.wrapped_key, row.nonce, ciphertext)
        return decrypt_body(body, record_id(row.message_key, Role(row.role)), self._wrapping_key)

    def sweep(self, connection: sa.Connection) -> int:
        """Remove files that no row names and that are old enough to belong to no running transaction."""
        named = set(connection.execute(sa.select(tables.body.c.file).where(tables.body.c.file != "")).scalars())
        before = time.time() - SWEEP_AFTER_SECONDS
        removed = 0
        for file in self._folder.glob("*/*"):
            name = f"{file.parent.name}/{file.name}"
            if name not in named and file.stat().st_mtime < before:
                file.unlink(missing_ok=True)
                removed += 1
        return removed

    def _write(self, message_key: str, role: Role, ciphertext: bytes) -> str:
        name = f"{message_key[:2]}/{record_id(message_key, role)}"
        path = self._folder / name
        try:
            if not path.parent.is_dir():
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._durability.sync_folder(self._folder)
            self._durability.write_file(path, ciphertext)
        except OSError as error:
            raise TemporaryFailure(
                f"a large body cannot be written ({type(error).__name__})",
                remedy="look at the free space and the rights of the bodies folder",
                code="store.body",
            ) from None
        return name

    def _read(self, name: str) -> bytes:
        path = self._folder / name
        try:
            if not path.resolve().is_relative_to(self._folder.resolve()):
                raise BodyUnreadable("The name of a body's file leads out of the bodies folder.")
            return path.read_bytes()
        except (OSError, ValueError):
            raise BodyUnreadable("The file of a body cannot be read.") from None


class SqlBodies:
    """`gateway.ports.BodyStore` on one connection."""

    def __init__(self, connection: sa.Connection, vault: BodyVault, commitments: Commitments) -> None:
        self._connection = connection
        self._vault = vault
        self._commitments = commitments

    def keep(self, body: PreparedBody) -> None:
        """Write the row of a prepared body."""
        self._commitments.require_body(body)
        values = {"message_key": body.message_key, "role": body.role.value, **body.record}
        self._connection.execute(sa.insert(tables.body).values(**values))

    def read(self, message_key: str, role: Role) -> bytes:
        """The content of a body."""
        bodies = tables.body.c
        query = sa.select(tables.body).where(bodies.message_key == message_key, bodies.role == role.value)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("there is no such body")
        return self._vault.content(row)
