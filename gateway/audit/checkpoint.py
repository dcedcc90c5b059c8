"""Checkpoints (C2SP tlog-checkpoint): the signed head of the log, countersigned by witnesses.

The note text is three lines: origin, number of entries, base64 of the root. The log signs it with an Ed25519 key;
witnesses add cosignatures after they have seen a consistency proof from the last checkpoint they signed. Without a
witness, an operator who holds the key can rewrite history: the log is tamper-evident only against someone who does not
also control the witness.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection
from dataclasses import dataclass

from gateway.audit.entry import LogDamaged
from gateway.audit.merkle import HASH_BYTES
from gateway.audit.notes import (
    COSIGNATURE,
    LOG_SIGNATURE,
    Note,
    NoteKey,
    NoteSigner,
    read_note,
    sign_note,
    signature_holds,
)

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log of one size.

    Attributes:
        origin: name of the log, unique and never changed, such as ``gateway.example/log``.
        size: number of entries.
        root: 32 bytes.
    """

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The note text."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"


def sign_checkpoint(checkpoint: Checkpoint, key: NoteKey, signer: NoteSigner) -> bytes:
    """The checkpoint as a note signed by the log.

    Args:
        checkpoint: what is signed; the caller never signs two that contradict each other.
        key: the log's public key; its name is the origin.
        signer: signs with the private half.

    Raises:
        LogDamaged: key and checkpoint are not of the same log.
    """
    if key.name != checkpoint.origin or key.kind != LOG_SIGNATURE:
        raise LogDamaged("The key does not belong to the log of that origin.", code="log.vkey")
    text = checkpoint.text()
    return Note(text, (sign_note(text, key, signer),)).as_bytes()


def cosign_checkpoint(note: bytes, key: NoteKey, signer: NoteSigner, *, time: int) -> bytes:
    """The checkpoint with one more cosignature.

    Args:
        note: the signed checkpoint, already verified by the witness, consistency included.
        key: the witness's public key, of kind `COSIGNATURE`.
        signer: signs with the private half.
        time: seconds since 1970.

    Raises:
        LogDamaged: not a note, or the key is no witness key.
    """
    if key.kind != COSIGNATURE:
        raise LogDamaged("The key is no witness key.", code="log.vkey")
    text, signatures = read_note(note)
    return Note(text, (*signatures, sign_note(text, key, signer, time=time))).as_bytes()


def read_checkpoint(text: str) -> Checkpoint:
    """The checkpoint of a note text. Extension lines are allowed and mean nothing here.

    Raises:
        LogDamaged: ``log.checkpoint``.
    """
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 3 or not all(lines) or _SIZE.fullmatch(lines[1]) is None:
        raise LogDamaged("A checkpoint has an origin, a size and a root.", code="log.checkpoint")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except ValueError as error:
        raise LogDamaged("The root of the checkpoint is no base64.", code="log.checkpoint") from error
    if len(root) != HASH_BYTES or base64.b64encode(root).decode("ascii") != lines[2]:
        raise LogDamaged("The root of the checkpoint does not have 32 bytes.", code="log.checkpoint")
    return Checkpoint(lines[0], int(lines[1]), root)


def verify_checkpoint(
    note: bytes, key: NoteKey, *, witnesses: Collection[NoteKey] = (), quorum: int = 0
) -> tuple[Checkpoint, tuple[str, ...]]:
    """The checkpoint of a note, after the log's signature was verified.

    Args:
        note: the signed note.
        key: the log's public key.
        witnesses: the witness keys that count.
        quorum: how many of them must have cosigned.

    Returns:
        The checkpoint, and the names of the witnesses whose cosignatures hold.

    Raises:
        LogDamaged: ``log.note``, ``log.checkpoint``, ``log.checkpoint-signature`` or ``log.checkpoint-witness``.
    """
    text, signatures = read_note(note)
    for known in (key, *witnesses):
        claimed = [line for line in signatures if (line.name, line.key_id) == (known.name, known.key_id)]
        if not all(signature_holds(text, line, known) for line in claimed):
            # C2SP signed-note: a failing signature by a known key rejects the whole note
            raise LogDamaged("A signature of the checkpoint does not hold.", code="log.checkpoint-signature")
        if known is key and not claimed:
            raise LogDamaged("The checkpoint is not signed by the log.", code="log.checkpoint-signature")
    checkpoint = read_checkpoint(text)
    if checkpoint.origin != key.name:
        raise LogDamaged("The checkpoint is of another log.", code="log.checkpoint-signature")
    names = {(line.name, line.key_id) for line in signatures}
    cosigned = tuple(sorted(witness.name for witness in witnesses if (witness.name, witness.key_id) in names))
    if len(cosigned) < quorum:
        raise LogDamaged("Too few witnesses have cosigned the checkpoint.", code="log.checkpoint-witness")
    return checkpoint, cosigned
