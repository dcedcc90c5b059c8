"""Hashes of the tiles in the store, on both databases: right, complete, and read by range."""

from __future__ import annotations

import hashlib

import pytest
import sqlalchemy as sa

from gateway.adapters import tables
from gateway.adapters.log_tiles import SqlTiles
from gateway.audit.entry import LogDamaged
from gateway.audit.merkle import leaf_hash, tree_root
from gateway.audit.tiles import WIDTH, Tile, TiledTree, fold
from gateway.exchange.tags import Tag
from gateway.ports import LogDraft
from tests.contract.bench import Bench
from tests.contract.nouns import NOW
from tests.world.log import tiles_of

LEAVES = [hashlib.sha256(number.to_bytes(4)).digest() for number in range(70_000)]


def fill(bench: Bench, leaves: list[bytes], start: int = 0) -> None:
    """Leaf hashes past the log's own code, for there are many."""
    values = [{"leaf_index": start + number, "entry": b"{}", "leaf_hash": leaf} for number, leaf in enumerate(leaves)]
    with bench.database.writing() as connection:
        connection.execute(sa.insert(tables.log_entry), values)


def grow(bench: Bench, size: int) -> None:
    with bench.database.writing() as connection:
        SqlTiles(connection).grow(size)


def tile_of(bench: Bench, tile: Tile) -> bytes:
    with bench.database.reading() as connection:
        return b"".join(SqlTiles(connection).hashes(tile.level, tile.first, tile.width))


def nodes(bench: Bench) -> int:
    with bench.database.reading() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(tables.log_node)).scalar_one()


def test_tiles_of_a_log_of_70000_entries(bench: Bench) -> None:
    if not bench.database.is_sqlite:
        pytest.skip("once is enough; the other tests compare the databases")
    fill(bench, LEAVES)
    grow(bench, len(LEAVES))
    assert nodes(bench) == 273 + 1
    assert all(len(tile_of(bench, tile)) == tile.width * 32 for tile in tiles_of(len(LEAVES)) if tile.level)
    assert tile_of(bench, Tile(0, 273, 112)) == b"".join(LEAVES[273 * WIDTH :])
    assert tile_of(bench, Tile(1, 1, 17))[:32] == fold(LEAVES[WIDTH * WIDTH : WIDTH * WIDTH + WIDTH])
    assert tile_of(bench, Tile(2, 0, 1)) == fold(LEAVES[: WIDTH * WIDTH])
    tree = TiledTree(len(LEAVES), lambda tile: tile_of(bench, tile))
    assert tree.root() == tree_root(LEAVES)


def test_tiles_grow_with_the_log_and_each_is_kept_once(bench: Bench) -> None:
    fill(bench, LEAVES[:300])
    for size in (255, 256, 300, 300):
        grow(bench, size)
        assert nodes(bench) == size // WIDTH
    fill(bench, LEAVES[300:600], 300)
    grow(bench, 600)
    assert nodes(bench) == 2
    assert TiledTree(600, lambda tile: tile_of(bench, tile)).root() == tree_root(LEAVES[:600])


def test_leaves_that_are_missing_are_told(bench: Bench) -> None:
    fill(bench, LEAVES[:100])
    with pytest.raises(LogDamaged) as damaged:
        grow(bench, 256)
    assert damaged.value.stable_code == "log.entries-missing"


def test_the_log_serves_what_it_has_written(bench: Bench) -> None:
    with bench.store.writing() as unit:
        written = [
            unit.log.append(LogDraft(tag=Tag.GATEWAY_CATALOGUE_LOADED, facts={"catalogue": str(number)}), at=NOW)
            for number in range(260)
        ]
        unit.log.grow_tiles()
    with bench.store.reading() as unit:
        assert unit.log.hashes(0, 250, 6) == [leaf.leaf_hash for leaf in written[250:256]]
        assert unit.log.hashes(0, 258, 10) == [leaf.leaf_hash for leaf in written[258:]]
        assert unit.log.hashes(1, 0, 256) == [tree_root([leaf.leaf_hash for leaf in written[:256]])]
        found = unit.log.leaf(17)
        assert found == written[17]
        assert leaf_hash(written[17].entry) == written[17].leaf_hash
        assert unit.log.leaf(260) is None
