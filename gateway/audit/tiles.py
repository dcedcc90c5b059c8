"""Hash tiles (C2SP tlog-tiles): the Merkle tree cut into pieces that never change, and proofs made out of them.

Tile ``n`` of level ``l`` holds up to 256 hashes, those of the perfect subtrees over ``256 ** l`` leaves each, from
number ``256 * n`` on. Whoever has the tiles of a tree can make any proof about it by itself; the log never learns which
one. Only hashes are in tiles. The entries themselves are for whom they are about, and are not served in bundles.

    tile/0/x001/x234/067          whole tile 1234067 of level 0
    tile/1/000.p/17               the first 17 hashes of tile 0 of level 1
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from gateway.audit.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    ProofRefused,
    consistency_path,
    inclusion_path,
    node_hash,
    split_of,
)

HEIGHT = 8
WIDTH = 1 << HEIGHT
"""Most hashes of one tile."""

HIGHEST_LEVEL = 5
"""``256 ** 5`` leaves are more than any log here will hold."""

_PLACE = re.compile(r"((?:x\d{3}/)*)(\d{3})(?:\.p/([1-9]\d{0,2}))?", re.ASCII)
_LEVEL = re.compile(r"\d", re.ASCII)
_MOST_GROUPS = 6


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """The name of one tile.

    Attributes:
        level: 0 for the leaves.
        index: number in its level, from 0.
        width: how many hashes of it; less than `WIDTH` for a tile at the right edge of a tree.
    """

    level: int
    index: int
    width: int = WIDTH

    @property
    def first(self) -> int:
        """Number of its first hash among those of its level."""
        return self.index * WIDTH

    def path(self) -> str:
        """``level/index``, and ``.p/width`` where it is not whole, as C2SP tlog-tiles writes it."""
        digits = f"{self.index:03d}"
        groups = [digits[max(0, end - 3) : end].zfill(3) for end in range(len(digits), 0, -3)][::-1]
        place = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        return f"{self.level}/{place}" + (f".p/{self.width}" if self.width < WIDTH else "")


def read_tile(level: str, place: str) -> Tile | None:
    """The tile of a path; None for a path that is no tile's. There is one way to write each.

    Args:
        level: decimal, without leading zeros.
        place: the rest of the path: groups of three digits, all but the last with an ``x``, perhaps ``.p/width``.
    """
    found = _PLACE.fullmatch(place)
    if found is None or _LEVEL.fullmatch(level) is None or int(level) > HIGHEST_LEVEL:
        return None
    groups = found[1].replace("x", "").split("/")[:-1]
    width = WIDTH if found[3] is None else int(found[3])
    if len(groups) > _MOST_GROUPS:
        return None
    tile = Tile(int(level), int("".join([*groups, found[2]])), width)
    return tile if tile.path() == f"{level}/{place}" else None


def hashes_at(level: int, size: int) -> int:
    """How many whole subtrees of a level a tree of ``size`` leaves has."""
    return size >> (HEIGHT * level)


def tile_in(level: int, index: int, size: int) -> Tile | None:
    """The tile of a level and number as a tree of ``size`` leaves has it; None where it has none."""
    width = min(WIDTH, hashes_at(level, size) - index * WIDTH)
    return Tile(level, index, width) if width > 0 else None


def fold(hashes: list[bytes]) -> bytes:
    """Root of a perfect subtree over a power of two of hashes."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


class TiledTree:
    """A tree of a given size whose hashes are read tile by tile; each tile is read once.

    What is made here proves nothing until it is verified (`gateway.audit.merkle`) against a signed checkpoint.

    Args:
        size: number of leaves, from a checkpoint.
        read: gives the hashes of a tile, joined.
    """

    def __init__(self, size: int, read: Callable[[Tile], bytes]) -> None:
        self.size = size
        self._read = read
        self._tiles: dict[tuple[int, int], bytes] = {}

    def leaf(self, index: int) -> bytes:
        """Hash of one leaf.

        Raises:
            ProofRefused: the tree has no such leaf, or its tile is malformed.
        """
        if not 0 <= index < self.size:
            raise ProofRefused("The log of that size has no entry of that index.", code="log.index")
        return self._hashes(0, index, 1)[0]

    def root(self) -> bytes:
        """Root over all leaves."""
        return self._range(0, self.size) if self.size else EMPTY_ROOT

    def inclusion(self, index: int) -> tuple[bytes, ...]:
        """The audit path of one leaf (RFC 9162 section 2.1.3.1), from the leaf upwards.

        Raises:
            ProofRefused: the tree has no such leaf, or a tile is malformed.
        """
        return inclusion_path(self.size, index, self._range)

    def consistency(self, size: int) -> tuple[bytes, ...]:
        """Proof that this tree continues the one over its first ``size`` leaves (RFC 9162 section 2.1.4.1).

        Raises:
            ProofRefused: ``size`` is 0 or larger than the tree, or a tile is malformed.
        """
        return consistency_path(self.size, size, self._range)

    def _range(self, start: int, end: int) -> bytes:
        """Hash over the leaves from ``start`` to ``end``; a perfect subtree comes out of one tile."""
        count = end - start
        if count & (count - 1) == 0 and start % count == 0:
            return self._subtree(start, count)
        middle = start + split_of(count)
        return node_hash(self._range(start, middle), self._range(middle, end))

    def _subtree(self, start: int, count: int) -> bytes:
        height = count.bit_length() - 1
        level, more = divmod(height, HEIGHT)
        return fold(self._hashes(level, start >> (HEIGHT * level), 1 << more))

    def _hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """Hashes of one level that lie in one tile."""
        index, offset = divmod(first, WIDTH)
        tile = tile_in(level, index, self.size)
        if tile is None:
            raise ProofRefused("The tree has no such tile.", code="log.tile")
        held = self._tiles.get((level, index))
        if held is None:
            held = self._read(tile)
            if len(held) != tile.width * HASH_BYTES:
                raise ProofRefused("A tile does not have the length that it has to have.", code="log.tile")
            self._tiles[level, index] = held
        places = range(offset * HASH_BYTES, (offset + count) * HASH_BYTES, HASH_BYTES)
        return [held[at : at + HASH_BYTES] for at in places]
