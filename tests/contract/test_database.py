"""Engines and migrations, on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gateway.adapters.database import Database
from gateway.adapters.durability import Durability
from gateway.adapters.tables import metadata
from gateway.errors import DataFolderError, TemporaryFailure
from tests.contract.bench import Bench


def test_migrations_build_exactly_the_tables_that_the_code_uses(bench: Bench) -> None:
    with bench.database.reading() as connection:
        difference = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": False}), metadata)
    assert difference == []


def test_a_migrated_database_is_accepted_and_migrating_again_changes_nothing(bench: Bench) -> None:
    bench.database.check_version()
    bench.database.migrate()
    bench.database.check_version()


def test_a_database_that_was_not_set_up_is_refused(tmp_path: object) -> None:
    database = Database(f"sqlite:///{tmp_path}/empty.sqlite", Durability())
    with pytest.raises(DataFolderError, match="not set up"):
        database.check_version()
    database.close()


def test_a_reader_cannot_write(bench: Bench) -> None:
    with pytest.raises((TemporaryFailure, sa.exc.DatabaseError)), bench.database.reading() as connection:
        connection.execute(sa.text("DELETE FROM log_head"))


def test_a_block_that_raises_leaves_nothing_and_counts_no_commit(bench: Bench) -> None:
    before = bench.durability.steps

    def fail() -> None:
        with bench.database.writing() as connection:
            connection.execute(sa.text("UPDATE log_head SET size = 7"))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with bench.database.reading() as connection:
        assert connection.execute(sa.text("SELECT size FROM log_head")).scalar_one() == 0
    assert bench.durability.steps == before


def test_a_commit_of_sqlite_is_synchronous(bench: Bench) -> None:
    if not bench.database.is_sqlite:
        pytest.skip("a pragma of SQLite")
    with bench.database.writing() as connection:
        assert connection.execute(sa.text("PRAGMA synchronous")).scalar_one() == 2
        assert connection.execute(sa.text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(sa.text("PRAGMA foreign_keys")).scalar_one() == 1


def test_readers_do_not_wait_for_a_writer(bench: Bench) -> None:
    with bench.database.writing() as writer:
        writer.execute(sa.text("UPDATE log_head SET size = 1"))
        with bench.database.reading() as reader:
            assert reader.execute(sa.text("SELECT size FROM log_head")).scalar_one() == 0
