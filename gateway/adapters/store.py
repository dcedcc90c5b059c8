"""The store: units of work over one database, with everything that a step writes in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from gateway.adapters.bodies import BodyVault, SqlBodies
from gateway.adapters.committing import Commitments
from gateway.adapters.database import Database
from gateway.adapters.exchanges import SqlExchanges
from gateway.adapters.feeds import SqlFeed
from gateway.adapters.lanes import SqlOutbox
from gateway.adapters.log import SqlLog
from gateway.adapters.nonces import SqlNonces
from gateway.adapters.rates import SqlRates, SqlStandings


class SqlUnitOfWork:
    """`gateway.ports.UnitOfWork` on one connection with an open transaction.

    Attributes:
        connection: for the verifier, which reads whole tables.
    """

    def __init__(self, connection: sa.Connection, vault: BodyVault) -> None:
        self.connection = connection
        commitments = Commitments()
        self.exchanges = SqlExchanges(connection, commitments)
        self.outbox = SqlOutbox(connection)
        self.log = SqlLog(connection, commitments)
        self.bodies = SqlBodies(connection, vault, commitments)
        self.feed = SqlFeed(connection, self.bodies, commitments)
        self.nonces = SqlNonces(connection)
        self.rates = SqlRates(connection)
        self.standings = SqlStandings(connection)


class SqlStore:
    """`gateway.ports.Store` over a database and a vault of bodies."""

    def __init__(self, database: Database, vault: BodyVault) -> None:
        self._database = database
        self._vault = vault

    @contextmanager
    def writing(self) -> Iterator[SqlUnitOfWork]:
        """A transaction that is durable when its block ends, and undone when the block raises."""
        with self._database.writing() as connection:
            yield SqlUnitOfWork(connection, self._vault)

    @contextmanager
    def reading(self) -> Iterator[SqlUnitOfWork]:
        """A read-only snapshot."""
        with self._database.reading() as connection:
            yield SqlUnitOfWork(connection, self._vault)
