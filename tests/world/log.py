"""Reading the log of a gateway under test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import sqlalchemy as sa

from gateway.audit.tiles import HIGHEST_LEVEL, WIDTH, Tile, hashes_at
from gateway.settings import Settings
from tests.world.setting import World


def entries(world: World) -> list[dict[str, Any]]:
    """All log entries, as JSON."""
    return entries_in(world.settings)


def entries_in(settings: Settings) -> list[dict[str, Any]]:
    """All log entries of the gateway with these settings, as JSON."""
    engine = sa.create_engine(settings.database)
    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT entry FROM log_entry ORDER BY leaf_index")).scalars().all()
    engine.dispose()
    return [orjson.loads(entry) for entry in found]


def tags(world: World) -> list[str]:
    """The tags of all entries, in order."""
    return [entry["tag"] for entry in entries(world)]


def rows(world: World, table: str) -> int:
    """How many rows a table holds."""
    engine = sa.create_engine(world.settings.database)
    with engine.connect() as connection:
        count = connection.execute(sa.text(f'SELECT count(*) FROM "{table}"')).scalar_one()  # noqa: S608
    engine.dispose()
    return int(count)


def tiles_of(size: int) -> Iterator[Tile]:
    """All tiles of a tree of ``size`` leaves, level by level."""
    for level in range(HIGHEST_LEVEL + 1):
        count = hashes_at(level, size)
        for index in range((count + WIDTH - 1) // WIDTH):
            yield Tile(level, index, min(WIDTH, count - index * WIDTH))
