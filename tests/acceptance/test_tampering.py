"""One byte changed by hand anywhere in the database of a gateway that has worked: the verification says where.

Every column of every table, as it stands after receiving, refusing, lodging, delivering (at the second try) and being
answered, but for those that the reference page lists with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.adapters import tables
from gateway.adapters.evidence import COMMITTED_TABLES
from gateway.exchange.states import Direction
from gateway.ports import ChannelAnswer
from tests.world.partner import NOTE, note
from tests.world.setting import World, world_in

ALL_TABLES = tables.metadata.sorted_tables
ROW_NAMES = {table.name: keys for table, keys in COMMITTED_TABLES}
KEYS: dict[str, tuple[str, ...]] = {
    table.name: ROW_NAMES.get(table.name, tuple(column.name for column in table.primary_key)) for table in ALL_TABLES
}
REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "audit_log.md"
UNCOMMITTED = set(re.findall(r"^\| `(\w+\.[\w*]+)` \|", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE))
"""What the reference page says that nothing is said about."""
PROVEN = [name for name in KEYS if f"{name}.*" not in UNCOMMITTED]


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
        partner.mood.append(lambda: ChannelAnswer(status=503, body=b""))
        gateway.lodge(b'{"number": "L-1", "secret": "s"}', "xx", "reply", message_id="l-1")
        gateway.settle()
        world.clock.go(60)
        gateway.settle()
        assert [attempt["status"] for attempt in attempts(world)] == [503, 202]
        gateway.receive(partner.acknowledge("l-1", "a-1", "refused", [{"code": "xx.rule"}]), "application/jose")
        gateway.settle()
        gateway.checkpoint()
        assert gateway.verify_audit().ok
        yield world


def attempts(world: World) -> list[dict[str, Any]]:
    """The delivery attempts of the lodgement."""
    (exchange,) = world.gateway.exchanges(direction=Direction.OUTBOUND)
    found: list[dict[str, Any]] = world.gateway.exchange(exchange.exchange.id).as_json()["attempts"]
    return found


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


def test_the_page_lists_only_what_there_is() -> None:
    known = {f"{table.name}.{column.name}" for table in ALL_TABLES for column in table.columns}
    known |= {f"{table.name}.*" for table in ALL_TABLES} | {"alembic_version.*"}
    assert known >= UNCOMMITTED
    assert PROVEN


@pytest.mark.parametrize("table", PROVEN)
def test_one_changed_byte_is_found_and_named(world: World, table: str) -> None:
    for row in sample(world, table):
        for column, value in row.items():
            if f"{table}.{column}" in UNCOMMITTED:
                continue
            tampered = row | {column: changed(value)}
            overwrite(world, table, row, tampered)
            found = problems(world)
            overwrite(world, table, tampered, row)
            named = {part for place, _ in found for part in place.split()}
            name = ".".join(str(row[key]) for key in KEYS[table])
            assert found, (table, column)
            of_its_own = table in {"log_entry", "log_head", "checkpoint"}
            assert name in named or column in KEYS[table] or of_its_own, (table, column, found)
            if table == "log_entry" and column != "leaf_index":
                assert f"entry {row['leaf_index']}" in {place for place, _ in found}
            if table == "checkpoint":
                assert any(place.startswith("checkpoint") for place, _ in found)
            if table in ROW_NAMES and column not in KEYS[table]:
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


@pytest.mark.parametrize("table", [name for name in PROVEN if name != "checkpoint"])
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
