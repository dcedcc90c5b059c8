"""Whatever is changed by hand in the store, the verification of the log says so, and says where."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.adapters.tables import acknowledgement, exchange, message, receipt, report
from gateway.settings import Settings
from tests.world.partner import NOTE, Partner
from tests.world.setting import World, world_in

JOSE = "application/jose"
MUTABLE = {"exchange": {"state", "changed_at", "seq"}}
"""Columns that the state table changes; ``seq`` is the place of the opening entry, which the log itself gives."""
COLUMNS = [
    (table.name, column.name)
    for table in (exchange, message, receipt, acknowledgement, report)
    for column in table.columns
    if column.name not in MUTABLE.get(table.name, set())
]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A gateway that has received, refused, lodged and been answered, with a checkpoint over all of it."""
    with world_in(tmp_path_factory.mktemp("lived"), Partner()) as world:
        for number in ("m-1", "m-2"):
            world.gateway.receive(world.partner.seal(NOTE, number), JOSE)
        world.gateway.receive(world.partner.seal(b"<no", "m-3"), JOSE)
        while world.gateway.process_once() + world.gateway.dispatch_once():
            pass
        world.gateway.checkpoint()
        assert world.gateway.verify_audit().ok
        yield world


def database_of(settings: Settings) -> Path:
    return settings.state_dir / "gateway.sqlite"


@pytest.fixture
def store(lived: World) -> Iterator[sqlite3.Connection]:
    """The database to be changed by hand; put back as it was afterwards."""
    path = database_of(lived.settings)
    kept = sqlite3.connect(":memory:")
    connection = sqlite3.connect(path)
    connection.backup(kept)
    yield connection
    connection.rollback()
    kept.backup(connection)
    connection.close()
    kept.close()
    assert lived.gateway.verify_audit().ok


def changed(value: object) -> object:
    """The value with one bit or sign of it changed."""
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:] if value else b"x"
    if isinstance(value, int):
        return value + 1
    text = str(value or "")
    return text[:-1] + ("y" if text[-1:] == "x" else "x") if text else "x"


def tamper(store: sqlite3.Connection, table: str, column: str) -> None:
    rowid, value = store.execute(f"SELECT rowid, {column} FROM {table} LIMIT 1").fetchone()  # noqa: S608
    store.execute("PRAGMA foreign_keys = OFF")
    store.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (changed(value), rowid))  # noqa: S608
    store.commit()


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_changed_column_is_named(lived: World, store: sqlite3.Connection, table: str, column: str) -> None:
    tamper(store, table, column)
    audit = lived.gateway.verify_audit()
    assert not audit.ok
    said = json.dumps(audit.as_json()["problems"])
    assert table in said
    if column != "salt" and column not in _keys(table):
        assert column in said


def _keys(table: str) -> set[str]:
    tables = {each.name: each for each in (exchange, message, receipt, acknowledgement, report)}
    return {column.name for column in tables[table].primary_key.columns} | {"exchange_id"}


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("log_entry", "entry"),
        ("log_entry", "leaf_hash"),
        ("checkpoint", "root"),
        ("checkpoint", "note"),
        ("body", "ciphertext"),
        ("body", "wrapped_key"),
        ("body", "nonce"),
    ],
)
def test_a_changed_entry_checkpoint_or_body_is_named(
    lived: World, store: sqlite3.Connection, table: str, column: str
) -> None:
    tamper(store, table, column)
    audit = lived.gateway.verify_audit()
    assert not audit.ok
    place = {"log_entry": "entry", "checkpoint": "checkpoint", "body": "body"}[table]
    assert place in json.dumps(audit.as_json()["problems"]).lower()


@pytest.mark.parametrize("table", ["message", "receipt", "exchange", "log_entry"])
def test_a_row_that_is_taken_away_is_missed(lived: World, store: sqlite3.Connection, table: str) -> None:
    store.execute("PRAGMA foreign_keys = OFF")
    store.execute(f"DELETE FROM {table} WHERE rowid = (SELECT min(rowid) FROM {table})")  # noqa: S608
    store.commit()
    assert not lived.gateway.verify_audit().ok


def test_the_command_says_it_and_ends_with_1(lived: World, tmp_path: Path) -> None:
    state = tmp_path / "state"
    shutil.copytree(lived.settings.state_dir, state)
    variables = {
        "SARHAD_ROOT": str(lived.settings.root),
        "SARHAD_STATE_DIR": str(state),
        "SARHAD_LOG_ORIGIN": lived.settings.log_origin,
    }

    def verify() -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "gateway", "audit", "verify"]
        return subprocess.run(command, env=variables, capture_output=True, check=False, timeout=60)

    sound = verify()
    assert sound.returncode == 0, sound.stderr
    with sqlite3.connect(state / "gateway.sqlite") as connection:
        connection.execute("UPDATE message SET purpose = 'x'")
    broken = verify()
    assert broken.returncode == 1
    assert b"purpose" in broken.stdout + broken.stderr
    assert b"Traceback" not in broken.stdout + broken.stderr
