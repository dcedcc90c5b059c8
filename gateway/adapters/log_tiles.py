"""Hashes of the log's inner nodes in SQL, so that a tile of any level is one short read.

The leaf hashes lie beside the entries. Above them one row is kept for each whole tile: its root, which is one hash of
the level above. A log of a million entries has some four thousand of them. They are derived: written with a checkpoint,
for what the log has grown by, and never changed.
"""

from __future__ import annotations

import sqlalchemy as sa

from gateway.adapters import tables
from gateway.adapters.dialect import insert_or_nothing
from gateway.audit.entry import LogDamaged
from gateway.audit.tiles import HIGHEST_LEVEL, WIDTH, fold


class SqlTiles:
    """Reads and extends the hashes of the levels.

    Args:
        connection: of a unit of work.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """Hashes of one level, from number ``first`` on; fewer where the level ends.

        Args:
            level: 0 for the leaves.
            first: number of the first hash in its level.
            count: most hashes that are read.
        """
        if level == 0:
            entries = tables.log_entry.c
            place, column = entries.leaf_index, entries.leaf_hash
            query = sa.select(column)
        else:
            nodes = tables.log_node.c
            place, column = nodes.position, nodes.hash
            query = sa.select(column).where(nodes.level == level)
        between = query.where(place >= first, place < first + count).order_by(place)
        return list(self._connection.execute(between).scalars())

    def grow(self, size: int) -> None:
        """Keep the roots of all tiles that are whole in a tree of so many leaves.

        Args:
            size: number of leaves of the log.

        Raises:
            LogDamaged: hashes are missing.
        """
        below = size
        for level in range(1, HIGHEST_LEVEL + 1):
            whole = below // WIDTH
            if not whole:
                return
            for position in range(self._kept(level), whole):
                self._keep(level, position)
            below = whole

    def _kept(self, level: int) -> int:
        nodes = tables.log_node.c
        last = self._connection.execute(sa.select(sa.func.max(nodes.position)).where(nodes.level == level)).scalar()
        return 0 if last is None else last + 1

    def _keep(self, level: int, position: int) -> None:
        hashes = self.hashes(level - 1, position * WIDTH, WIDTH)
        if len(hashes) != WIDTH:
            raise LogDamaged("Hashes of the log are missing.", path=f"level {level - 1}", code="log.entries-missing")
        values = {"level": level, "position": position, "hash": fold(hashes)}
        insert_or_nothing(self._connection, tables.log_node, values)  # another process signs checkpoints, too
