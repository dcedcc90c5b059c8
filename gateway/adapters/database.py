"""Engines, transactions and migrations: the SQLite and the PostgreSQL recipe.

SQLite: write-ahead log with ``synchronous=FULL`` (a commit is on disk when it returns), ``BEGIN IMMEDIATE`` for writers
(a read-then-write transaction otherwise fails at once with "database is locked"), and a second engine with deferred,
query-only transactions so that readers do not queue with writers. PostgreSQL: ``synchronous_commit`` is insisted on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, exc

from gateway.adapters.durability import Durability
from gateway.errors import DataFolderError, TemporaryFailure

_MIGRATIONS = Path(__file__).parent / "migrations"
_POOL = {"pool_size": 10, "max_overflow": 40}
"""More connections than the thread pool of an HTTP server has threads, so that none waits for a connection."""


class Database:
    """One database with an engine for writing and one for reading.

    Args:
        url: SQLAlchemy address, ``sqlite:///...`` or ``postgresql+psycopg://...``.
        durability: where commits are counted.
        busy_seconds: how long a transaction waits for a lock.
    """

    def __init__(self, url: str, durability: Durability, *, busy_seconds: float = 30.0) -> None:
        self.url = sa.make_url(url)
        self._durability = durability
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._writer = _sqlite_engine(self.url, busy_seconds, writes=True)
            self._reader = _sqlite_engine(self.url, busy_seconds, writes=False)
        else:
            self._writer = _postgres_engine(self.url, busy_seconds)
            self._reader = self._writer.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that is durable when the block ends."""
        with _as_temporary(), self._writer.connect() as connection:
            with connection.begin():
                yield connection
            self._durability.committed()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A read-only snapshot."""
        with _as_temporary(), self._reader.connect() as connection, connection.begin():
            yield connection

    def migrate(self) -> None:
        """Bring the schema up to the newest version."""
        with self._writer.connect() as connection, connection.begin():
            command.upgrade(_alembic(connection), "head")
        self._durability.committed()

    def check_version(self) -> None:
        """Refuse a database that was not set up, or by another version.

        Raises:
            DataFolderError: with what to do.
        """
        head = ScriptDirectory.from_config(_alembic(None)).get_current_head()
        with self.reading() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
        if found != head:
            raise DataFolderError(
                "the database is not set up" if found is None else "the database has the schema of another version",
                path=self.url.database or "",
                remedy="run the set-up (sarhad run does it; in code: gateway.bootstrap.set_up)",
                code="store.version",
            )

    def close(self) -> None:
        """Give all connections back."""
        self._writer.dispose()
        self._reader.dispose()


@contextmanager
def _as_temporary() -> Iterator[None]:
    """The database's own faults of the moment become errors of our tree, without the statement or its values."""
    try:
        yield
    except (exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError) as error:
        raise TemporaryFailure(
            f"the database cannot answer now ({type(error).__name__})",
            remedy="try again; if it lasts, look at the database's own log and at the free space",
            code="store.unavailable",
        ) from None


def _sqlite_engine(url: sa.URL, busy_seconds: float, *, writes: bool) -> sa.Engine:
    engine = sa.create_engine(url, connect_args={"timeout": busy_seconds}, hide_parameters=True, **_POOL)

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=wal",
            "synchronous=full",
            f"busy_timeout={int(busy_seconds * 1000)}",
            "foreign_keys=on",
            "trusted_schema=off",
            f"query_only={'off' if writes else 'on'}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres_engine(url: sa.URL, busy_seconds: float) -> sa.Engine:
    options = f"-c lock_timeout={int(busy_seconds * 1000)} -c synchronous_commit=on -c timezone=UTC"
    return sa.create_engine(url, connect_args={"options": options}, pool_pre_ping=True, hide_parameters=True, **_POOL)


def _alembic(connection: sa.Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config
