"""One byte changed by hand anywhere in the evidence of a gateway that has worked: the verification says where.

Every stored entry, body, checkpoint, and every immutable column of exchange, message, receipt, answer and report of
exchanges both ways, as they stand after receiving, refusing, lodging, delivering and being answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.adapters.evidence import COMMITTED_TABLES
from tests.world.partner import NOTE, note
from tests.world.setting import World, world_in

KEYS: dict[str, tuple[str, ...]] = {table.name: keys for table, keys in COMMITTED_TABLES} | {
    "body": ("message_key", "role"),
    "log_entry": ("leaf_index",),
    "checkpoint": ("size",),
}
UNCOMMITTED = {("exchange", "changed_at"), ("checkpoint", "at"), ("body", "file")}
"""Columns that no proof rests on; a wrong ``file`` would be found, but there is none in an inline body."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A gateway that has done everything once and signed two checkpoints."""
    with world_in(tmp_path_factory.mktemp("evidence"), body_inline_limit=3000) as world:
        gateway, partner = world.gateway, world.partner
        lines = b"".join(b"<Line><No>%d</No><Goods>%s</Goods></Line>" % (n, b"g" * 60) for n in range(1, 40))
        for message_id, payload in (("m-1", NOTE), ("m-2", b"<Note"), ("m-3", note("N-3", lines))):
            gateway.receive(partner.seal(payload, message_id), "application/jose")
        gateway.settle()
        gateway.checkpoint()
        gateway.lodge(b'{"number": "L-1", "secret": "s"}', "xx", "reply", message_id="l-1")
        gateway.settle()
        gateway.receive(partner.acknowledge("l-1", "a-1", "refused", [{"code": "xx.rule"}]), "application/jose")
        gateway.settle()
        gateway.checkpoint()
        assert gateway.verify_audit().ok
        yield world


def changed(value: Any) -> Any:
    """The smallest change of a stored value."""
    if value is None:
        return b"x"
    if isinstance(value, bytes):
        return value[:-1] + bytes([value[-1] ^ 1]) if value else b"x"
    if isinstance(value, str):
        return chr(ord(value[0]) ^ 1) + value[1:] if value else "x"
    return value + 1_000_003


def problems(world: World) -> list[tuple[str, str]]:
    """What the verification says: place and column."""
    report = world.gateway.verify_audit().as_json()
    return [(problem["place"], problem["column"]) for problem in report["problems"]]


def overwrite(world: World, table: str, old: Mapping[Any, Any], new: Mapping[Any, Any]) -> None:
    """Change one row past all of our code."""
    engine = sa.create_engine(world.settings.database)
    where = " AND ".join(f'"{key}" = :old_{key}' for key in KEYS[table])
    assign = ", ".join(f'"{column}" = :{column}' for column in new)
    with engine.begin() as connection:
        statement = sa.text(f'UPDATE "{table}" SET {assign} WHERE {where}')  # noqa: S608
        done = connection.execute(statement, {**new, **{f"old_{key}": old[key] for key in KEYS[table]}})
        assert done.rowcount == 1
    engine.dispose()


def sample(world: World, table: str) -> list[dict[str, Any]]:
    """First and last row of a table."""
    engine = sa.create_engine(world.settings.database)
    with engine.connect() as connection:
        found = connection.execute(sa.text(f'SELECT * FROM "{table}" ORDER BY 1')).mappings().all()  # noqa: S608
    engine.dispose()
    assert found
    return [dict(found[0]), dict(found[-1])][: len(found)]


@pytest.mark.parametrize("table", list(KEYS))
def test_one_changed_byte_is_found_and_named(world: World, table: str) -> None:
    for row in sample(world, table):
        for column, value in row.items():
            if (table, column) in UNCOMMITTED or (table == "body" and column == "ciphertext" and value is None):
                continue
            tampered = row | {column: changed(value)}
            overwrite(world, table, row, tampered)
            found = problems(world)
            overwrite(world, table, tampered, row)
            named = {part for place, _ in found for part in place.split()}
            name = ".".join(str(row[key]) for key in KEYS[table])
            assert found, (table, column)
            assert name in named or column in KEYS[table] or table in {"log_entry", "checkpoint"}, (
                table,
                column,
                found,
            )
            if table == "log_entry" and column != "leaf_index":
                assert f"entry {row['leaf_index']}" in {place for place, _ in found}
            if table == "checkpoint":
                assert any(place.startswith("checkpoint") for place, _ in found)
            if table in {known.name for known, _ in COMMITTED_TABLES} and column not in KEYS[table]:
                assert column in {one for _, one in found}, (table, column, found)
    assert problems(world) == []


def test_one_changed_byte_of_a_large_bodys_file_is_found_and_named(world: World) -> None:
    files = [path for path in world.settings.bodies_dir.rglob("*") if path.is_file()]
    assert files
    for file in files:
        content = file.read_bytes()
        for position in (0, len(content) // 2, len(content) - 1):
            file.write_bytes(content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :])
            assert problems(world) == [(f"body {file.name}", "")]
        file.write_bytes(content)
    assert problems(world) == []


@pytest.mark.parametrize("table", [name for name in KEYS if name != "checkpoint"])
def test_a_deleted_row_is_found(world: World, table: str) -> None:
    row = sample(world, table)[0]
    engine = sa.create_engine(world.settings.database)
    where = " AND ".join(f'"{key}" = :{key}' for key in KEYS[table])
    with engine.begin() as connection:
        connection.execute(sa.text(f'DELETE FROM "{table}" WHERE {where}'), row)  # noqa: S608
    found = problems(world)
    columns = ", ".join(f'"{column}"' for column in row)
    values = ", ".join(f":{column}" for column in row)
    with engine.begin() as connection:
        connection.execute(sa.text(f'INSERT INTO "{table}" ({columns}) VALUES ({values})'), row)  # noqa: S608
    engine.dispose()
    assert found
    assert problems(world) == []


def test_the_bodies_of_this_story_are_rows_and_files(world: World) -> None:
    assert any(Path(world.settings.bodies_dir).rglob("*.signed"))
    assert any(row["file"] == "" for row in sample(world, "body"))
