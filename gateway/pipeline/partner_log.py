"""The log as partners may see it: hash tiles under signed checkpoints, and the entries that are about themselves.

Tiles hold hashes of salted entries and tell nothing but how many there are, which a checkpoint tells as well. An entry
is given to its partner only, byte for byte, so that its leaf hash can be made again and found in a tile. What is
somebody else's, what is our own (what an operator did, what was withheld, why something was refused) and what does not
exist get one and the same answer.
"""

from __future__ import annotations

import re

from gateway.audit.entry import LogEntry, read_entry
from gateway.audit.tiles import Tile, hashes_at, read_tile
from gateway.errors import NotFound
from gateway.exchange.states import Direction
from gateway.exchange.tags import Tag
from gateway.identifiers import MessageId, PartnerCode
from gateway.pipeline.surroundings import Surroundings
from gateway.ports import UnitOfWork

SHOWN = frozenset(
    {
        *(Tag.PARTNER_MESSAGE_RECEIVED, Tag.GATEWAY_RECEIPT_ISSUED, Tag.PARTNER_RECEIPT_RECEIVED),
        *(Tag.GATEWAY_MESSAGE_ACCEPTED, Tag.GATEWAY_MESSAGE_REJECTED, Tag.LODGER_MESSAGE_RELEASED),
        *(Tag.PARTNER_ACKNOWLEDGEMENT_ACCEPTED, Tag.PARTNER_ACKNOWLEDGEMENT_REFUSED),
        Tag.PARTNER_ACKNOWLEDGEMENT_UNMATCHED,
    }
)
"""What a partner may read of its own entries: what it was told anyway.

Not shown: refusals before a message was opened (their codes are finer than what is told, and would be an oracle), what
was withheld from the partner or never lodged, tries of delivery, and whatever an operator did and why.
"""

_INDEX = re.compile(r"0|[1-9][0-9]{0,17}")


def no_such_entry() -> NotFound:
    """What is told of an entry that is not this partner's to read: one text, whether there is one or not."""
    return NotFound("the log has no such entry for this partner")


class PartnerLog:
    """Serves tiles and entries.

    Args:
        around: the ports.
    """

    def __init__(self, around: Surroundings) -> None:
        self._around = around

    @property
    def vkey(self) -> str:
        """The public key that checkpoints are verified with, in one line; handed to partners at onboarding."""
        return self._around.keys.log_key.vkey

    def tile(self, level: str, place: str) -> bytes:
        """The hashes of a tile, joined; whole or as far as asked for. The same for ever.

        Args:
            level: as in its path.
            place: the rest of its path.

        Raises:
            NotFound: no tile has that path, or the newest checkpoint does not cover it.
        """
        tile = read_tile(level, place)
        with self._around.store.reading() as look:
            if tile is None or not _covered(look, tile):
                raise NotFound("no such tile lies under the newest checkpoint", remedy="ask again after the next one")
            return b"".join(look.log.hashes(tile.level, tile.first, tile.width))

    def entry(self, partner: PartnerCode, index: str) -> bytes:
        """The exact bytes of an entry of this partner; its leaf hash is SHA-256 over a zero byte and these.

        Args:
            partner: who asks.
            index: decimal, as receipts name it.

        Raises:
            NotFound: it is not this partner's to read, or does not exist.
        """
        with self._around.store.reading() as look:
            found = _entry_of(look, partner, int(index)) if _INDEX.fullmatch(index) else None
        if found is None:
            raise no_such_entry()
        return found.as_bytes()

    def entries_about(self, partner: PartnerCode, message_id: str) -> list[int]:
        """Indexes of this partner's entries about a message, of its own or of ours to it, in order.

        Args:
            partner: who asks.
            message_id: the sender's id of the message.

        Raises:
            NotFound: there is none.
        """
        indexes: set[int] = set()
        with self._around.store.reading() as look:
            for way in Direction:
                message = look.exchanges.find_message(way, partner, MessageId(message_id))
                if message is None:
                    continue
                receipt = look.exchanges.receipt(message.key, Direction.OUTBOUND)
                indexes |= {receipt.leaf_index} if receipt is not None else set()
                indexes |= {change.leaf_index for change in look.exchanges.changes(message.exchange_id)}
            own = [index for index in sorted(indexes) if _entry_of(look, partner, index) is not None]
        if not own:
            raise no_such_entry()
        return own


def _covered(look: UnitOfWork, tile: Tile) -> bool:
    """Whether the newest checkpoint covers all hashes of a tile."""
    newest = look.log.latest_checkpoint()
    return newest is not None and tile.first + tile.width <= hashes_at(tile.level, newest.size)


def _entry_of(look: UnitOfWork, partner: PartnerCode, index: int) -> LogEntry | None:
    """The entry at an index, if this partner may read it."""
    leaf = look.log.leaf(index)
    entry = None if leaf is None else read_entry(leaf.entry)
    mine = entry is not None and entry.tag in SHOWN and entry.facts.get("partner") == partner
    return entry if mine else None
