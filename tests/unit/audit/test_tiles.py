"""Tiles: names, the arithmetic of C2SP tlog-tiles, and proofs that agree with those made from all leaves."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    ProofRefused,
    consistency_proof,
    inclusion_proof,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from gateway.audit.tiles import WIDTH, Tile, TiledTree, fold, hashes_at, read_tile, tile_in
from tests.world.log import tiles_of

LEAVES = [hashlib.sha256(number.to_bytes(4)).digest() for number in range(700)]


def served(leaves: list[bytes]) -> tuple[dict[Tile, bytes], list[Tile]]:
    """All tiles of a tree, made from its leaves, and a list for the names of those that are read."""
    levels = [leaves]
    while len(levels[-1]) >= WIDTH:
        below = levels[-1]
        levels.append([fold(below[at : at + WIDTH]) for at in range(0, len(below) - WIDTH + 1, WIDTH)])
    tiles = {tile: b"".join(levels[tile.level][tile.first : tile.first + tile.width]) for tile in tiles_of(len(leaves))}
    return tiles, []


def tree(leaves: list[bytes]) -> tuple[TiledTree, list[Tile]]:
    tiles, asked = served(leaves)

    def read(tile: Tile) -> bytes:
        asked.append(tile)
        return tiles[tile]

    return TiledTree(len(leaves), read), asked


def test_a_log_of_70000_entries() -> None:
    # C2SP tlog-tiles, "Partial Tiles": 273 full tiles and a partial one of 112; one full and one of 17; one of 1
    tiles = list(tiles_of(70_000))
    assert Counter((tile.level, tile.width) for tile in tiles) == {
        (0, 256): 273,
        (0, 112): 1,
        (1, 256): 1,
        (1, 17): 1,
        (2, 1): 1,
    }
    assert [tile.path() for tile in tiles if tile.width < WIDTH] == ["0/273.p/112", "1/001.p/17", "2/000.p/1"]
    assert tile_in(0, 273, 70_000) == Tile(0, 273, 112)
    assert tile_in(0, 274, 70_000) is None
    assert [hashes_at(level, 70_000) for level in range(4)] == [70_000, 273, 1, 0]


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "0/000"),
        (Tile(0, 999), "0/999"),
        (Tile(0, 1000), "0/x001/000"),
        (Tile(0, 1234067), "0/x001/x234/067"),  # the example of C2SP tlog-tiles
        (Tile(3, 1234067, 5), "3/x001/x234/067.p/5"),
        (Tile(1, 12, 255), "1/012.p/255"),
    ],
)
def test_names(tile: Tile, path: str) -> None:
    level, _, place = path.partition("/")
    assert tile.path() == path
    assert read_tile(level, place) == tile


@given(st.integers(0, 5), st.integers(0, 10**12), st.integers(1, WIDTH))
def test_every_tile_has_one_name(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    number, _, place = tile.path().partition("/")
    assert read_tile(number, place) == tile


@pytest.mark.parametrize(
    "path",
    [
        *("0/", "0/0", "0/00", "0/0000", "0/x000/000", "0/x000", "0/001/002", "0/x1/000", "0/X001/000"),
        *("0/000.p/0", "0/000.p/256", "0/000.p/257", "0/000.p/01", "0/000.p", "0/000.p/", "0/000.p/1/", "0/000/"),
        *("00/000", "6/000", "-1/000", "a/000", "/000", "+1/000", "entries/000", "\u0660/000", "0/\u0660\u0660\u0661"),
        *("0/-01", "0/../000", "0/000\n", "0/" + "x001/" * 7 + "000", "0/" + "x001/" * 4000 + "000"),
    ],
)
def test_what_is_no_name(path: str) -> None:
    level, _, place = path.partition("/")
    assert read_tile(level, place) is None


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 511, 512, 513, 700])
def test_the_root_comes_out_of_the_tiles(size: int) -> None:
    tiled, _ = tree(LEAVES[:size])
    assert tiled.root() == tree_root(LEAVES[:size])


def test_the_empty_tree_has_no_tile() -> None:
    tiled, asked = tree([])
    assert tiled.root() == EMPTY_ROOT
    assert asked == []
    assert list(tiles_of(0)) == []


@given(st.integers(1, 700), st.data())
@settings(max_examples=25)
def test_proofs_are_those_of_the_leaves_and_verify(size: int, data: st.DataObject) -> None:
    tiled, _ = tree(LEAVES[:size])
    index = data.draw(st.integers(0, size - 1))
    proof = tiled.inclusion(index)
    assert proof == inclusion_proof(LEAVES[:size], index)
    verify_inclusion(index=index, size=size, leaf=tiled.leaf(index), proof=proof, root=tiled.root())
    smaller = data.draw(st.integers(1, size))
    proof = tiled.consistency(smaller)
    assert proof == consistency_proof(LEAVES[:size], smaller)
    verify_consistency(size1=smaller, size2=size, root1=tree_root(LEAVES[:smaller]), root2=tiled.root(), proof=proof)


def test_a_proof_reads_few_tiles_each_once() -> None:
    tiled, asked = tree(LEAVES)
    tiled.inclusion(300)
    assert len(asked) == len(set(asked)) <= 4


@pytest.mark.parametrize("index", [-1, 3, 10**20])
def test_a_leaf_beyond_the_tree(index: int) -> None:
    tiled, _ = tree(LEAVES[:3])
    for ask in (tiled.leaf, tiled.inclusion):
        with pytest.raises(ProofRefused) as refused:
            ask(index)
        assert refused.value.stable_code == "log.index"


@pytest.mark.parametrize("size", [0, 4, -1])
def test_no_consistency_with_what_is_no_smaller_tree(size: int) -> None:
    tiled, _ = tree(LEAVES[:3])
    with pytest.raises(ProofRefused):
        tiled.consistency(size)


@pytest.mark.parametrize("wrong", [b"", b"x" * (HASH_BYTES * 3 - 1), b"x" * HASH_BYTES * 4])
def test_a_tile_of_another_length_is_refused(wrong: bytes) -> None:
    tiled = TiledTree(3, lambda _tile: wrong)
    with pytest.raises(ProofRefused) as refused:
        tiled.root()
    assert refused.value.stable_code == "log.tile"


def test_a_changed_tile_does_not_verify() -> None:
    tiles, _ = served(LEAVES)
    root = tree_root(LEAVES)
    tiled = TiledTree(len(LEAVES), lambda tile: tiles[tile][:-1] + bytes([tiles[tile][-1] ^ 1]))
    with pytest.raises(ProofRefused):
        verify_inclusion(index=0, size=len(LEAVES), leaf=LEAVES[0], proof=tiled.inclusion(0), root=root)
