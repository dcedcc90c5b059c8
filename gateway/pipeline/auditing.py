"""The log from the pipeline's side: signing checkpoints, refusing to start on a damaged log, verifying."""

from __future__ import annotations

from gateway.audit.checkpoint import Checkpoint, sign_checkpoint, verify_checkpoint
from gateway.audit.entry import LogDamaged
from gateway.audit.merkle import CompactRange, leaf_hash
from gateway.audit.stored import LogReport
from gateway.exchange.tags import Tag
from gateway.pipeline.surroundings import Surroundings
from gateway.ports import CheckpointRecord, LogDraft, Verifier


class Auditing:
    """Keeps the log honest.

    Args:
        around: the ports.
        verifier: compares everything with the log.
    """

    def __init__(self, around: Surroundings, verifier: Verifier) -> None:
        self._around = around
        self._verifier = verifier

    def checkpoint(self) -> str:
        """Sign the head of the log as it is now; the text of the newest checkpoint.

        An unchanged log gets no second checkpoint.
        """
        keys = self._around.keys
        with self._around.store.writing() as work:
            size, root = work.log.size(), work.log.root()
            work.log.grow_tiles()
            latest = work.log.latest_checkpoint()
            if latest is not None and latest.size == size:
                return latest.text
            head = Checkpoint(self._around.log_origin, size, root)
            text = sign_checkpoint(head, keys.log_key, keys.log_signer).decode("utf-8")
            record = CheckpointRecord(size=size, root=root, text=text, at=self._around.clock.now())
            work.log.keep_checkpoint(record)
        return text

    def latest_checkpoint(self) -> str | None:
        """Text of the newest checkpoint."""
        with self._around.store.reading() as look:
            latest = look.log.latest_checkpoint()
        return latest.text if latest else None

    def check_at_start(self) -> None:
        """Refuse to start when the entries do not give the head and the last signed checkpoint.

        Raises:
            LogDamaged: what differs.
        """
        with self._around.store.reading() as look:
            latest = look.log.latest_checkpoint()
            head = None if latest is None else verify_checkpoint(latest.text.encode(), self._around.keys.log_key)[0]
            edge = CompactRange()
            for leaf in look.log.leaves():
                if head is not None and edge.size == head.size and edge.root() != head.root:
                    raise _damaged("the entries do not give the root of the last signed checkpoint")
                if leaf.index != edge.size or leaf_hash(leaf.entry) != leaf.leaf_hash:
                    raise _damaged(f"the entry {leaf.index} is not what was logged")
                edge.append(leaf.leaf_hash)
            if head is not None and (edge.size < head.size or (edge.size == head.size and edge.root() != head.root)):
                raise _damaged("entries that the last signed checkpoint covers are missing or changed")
            if (edge.size, edge.root()) != (look.log.size(), look.log.root()):
                raise _damaged("the head of the log is not the head of its entries")

    def note_catalogue(self, digest: str) -> None:
        """Log which data folders are in force from here on; done whenever a gateway begins to serve."""
        draft = LogDraft(tag=Tag.GATEWAY_CATALOGUE_LOADED, facts={"catalogue": digest})
        with self._around.store.writing() as work:
            work.log.append(draft, at=self._around.clock.now())

    def verify(self) -> LogReport:
        """Compare everything that is stored with the log."""
        return self._verifier.verify()


def _damaged(what: str) -> LogDamaged:
    return LogDamaged(
        f"The log is damaged: {what}.",
        remedy="do not go on with it: run the verification for the details, keep a copy, restore the backup",
        code="log.damaged",
    )
