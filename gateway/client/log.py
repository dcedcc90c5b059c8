"""The gateway's log, verified by a partner itself: its message is in it, and what was in it before still is.

Nothing is taken on trust but the public key of the log, handed over at onboarding. Proofs are made here out of hash
tiles, so that the gateway does not learn what is verified, and are held against a checkpoint that the log has signed::

    log = LogReader(client, read_vkey("gateway.example/log+1a2b3c4d+AQ..."))
    now = log.checkpoint()
    log.verify_receipt(handed.receipt, now)      # our message is in the log
    log.verify_continues(yesterday, now)         # and nothing before it was changed

A receipt younger than the newest checkpoint cannot be proved yet; the next checkpoint covers it.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from gateway.audit.checkpoint import Checkpoint, verify_checkpoint
from gateway.audit.merkle import ProofRefused, leaf_hash, verify_consistency, verify_inclusion
from gateway.audit.notes import NoteKey
from gateway.audit.tiles import Tile, TiledTree
from gateway.client.answers import content_of, object_of
from gateway.client.client import GatewayClient
from gateway.errors import DeliveryFailed
from gateway.security.receipts import Receipt

LOG_PATH = "/v1/log"


class LogReader:
    """Reads and verifies the log of one gateway.

    Args:
        client: carries the requests.
        key: the log's public key.
    """

    def __init__(self, client: GatewayClient, key: NoteKey) -> None:
        self._client = client
        self._key = key

    def checkpoint(self) -> Checkpoint:
        """The newest head of the log, signature verified; keep it, to hold later ones against it.

        Raises:
            LogDamaged: it is not signed by the log.
            GatewayRefused: none has been signed yet.
        """
        note = content_of(self._client.request("GET", f"{LOG_PATH}/checkpoint"))
        checkpoint, _ = verify_checkpoint(note, self._key)
        return checkpoint

    def verify_receipt(self, receipt: Receipt, checkpoint: Checkpoint) -> None:
        """Prove that the entry which a receipt of the gateway names is in the log.

        Args:
            receipt: of the gateway, verified.
            checkpoint: of `checkpoint`.

        Raises:
            ProofRefused: it is not, or the receipt names another log; ``log.not-covered`` when it is too young.
        """
        if receipt.log_origin != checkpoint.origin:
            raise ProofRefused("The receipt names another log than the checkpoint.", code="log.origin")
        self.verify_leaf(int(receipt.log_index), bytes.fromhex(receipt.entry_hash), checkpoint)

    def verify_entry(self, index: int, entry: bytes, checkpoint: Checkpoint) -> None:
        """Prove that the log holds exactly these bytes at an index.

        Raises:
            ProofRefused: it does not.
        """
        self.verify_leaf(index, leaf_hash(entry), checkpoint)

    def verify_leaf(self, index: int, leaf: bytes, checkpoint: Checkpoint) -> None:
        """Prove that a leaf hash stands at an index.

        Raises:
            ProofRefused: it does not.
        """
        if index >= checkpoint.size:
            raise ProofRefused(
                "The checkpoint is older than the entry.", remedy="ask for the next checkpoint", code="log.not-covered"
            )
        proof = self._tree(checkpoint).inclusion(index)
        verify_inclusion(index=index, size=checkpoint.size, leaf=leaf, proof=proof, root=checkpoint.root)

    def verify_continues(self, older: Checkpoint, newer: Checkpoint) -> None:
        """Prove that one checkpoint continues another: nothing that was in the log has been changed or taken out.

        Raises:
            ProofRefused: it does not.
        """
        if older.origin != newer.origin:
            raise ProofRefused("The checkpoints are of two logs.", code="log.origin")
        verify_consistency(
            size1=older.size,
            size2=newer.size,
            root1=older.root,
            root2=newer.root,
            proof=self._tree(newer).consistency(older.size),
        )

    def entry(self, index: int) -> bytes:
        """The exact bytes of an entry that is about us.

        Raises:
            GatewayRefused: it is not ours to read, or there is none.
        """
        return content_of(self._client.request("GET", f"{LOG_PATH}/entries/{index}?{self._query()}"))

    def entries_about(self, message_id: str) -> tuple[int, ...]:
        """Indexes of our entries about a message, ours or the gateway's to us.

        Raises:
            GatewayRefused: there is none.
        """
        query = self._query(message=message_id)
        found = object_of(self._client.request("GET", f"{LOG_PATH}/entries?{query}")).get("entries")
        if not isinstance(found, list) or not all(isinstance(index, int) for index in found):
            raise DeliveryFailed("the answer is no list of entries", code="delivery.not-an-answer")
        return tuple(found)

    def _tree(self, checkpoint: Checkpoint) -> TiledTree:
        return TiledTree(checkpoint.size, self._tile)

    def _tile(self, tile: Tile) -> bytes:
        return content_of(self._client.request("GET", f"{LOG_PATH}/tile/{quote(tile.path())}"))

    def _query(self, **more: str) -> str:
        return urlencode({"from": self._client.side.code, **more})
