"""Verification of the whole log against itself, its checkpoints, and every row and body that it commits to.

Any single byte changed by hand is found and named: in a stored entry, a leaf hash, a checkpoint, a body, or an
immutable column of a stored row. All findings are reported, not the first only. What this cannot find alone, and who
can: a rewritten log with a new signature by the log's own key (a witness, by a consistency proof), and entries cut off
behind the last checkpoint together with their rows (the holder of a receipt for one of them).

Rows and bodies are read once each; what is kept meanwhile is one fingerprint for each row, not its commitments.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

import rfc8785

from gateway.audit.checkpoint import Checkpoint, verify_checkpoint
from gateway.audit.commitments import SALT_BYTES, commit_columns, opens
from gateway.audit.entry import LogDamaged, LogEntry, read_entry
from gateway.audit.merkle import CompactRange, leaf_hash
from gateway.audit.notes import NoteKey, read_note
from gateway.audit.stored import LogFault, LogReport, StoredBody, StoredCheckpoint, StoredEntry, StoredRow


@dataclass(slots=True)
class _Committed:
    """What the entries commit to, gathered in one pass."""

    rows: dict[str, tuple[int, bytes, bytes]] = field(default_factory=dict)
    bodies: dict[str, tuple[int, str]] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)


def verify_log(
    entries: Iterable[StoredEntry],
    checkpoints: Iterable[StoredCheckpoint],
    *,
    key: NoteKey,
    witnesses: Collection[NoteKey] = (),
    rows: Iterable[StoredRow] = (),
    bodies: Iterable[StoredBody] = (),
    entry_at: Callable[[int], bytes],
) -> LogReport:
    """Verify the log and everything stored that it commits to.

    Args:
        entries: all stored entries, in order of index.
        checkpoints: all stored checkpoints.
        key: the log's public key.
        witnesses: the witness keys; a signature line by any other key is a fault, for we store none.
        rows: every stored row of the tables that the log commits to.
        bodies: every stored body.
        entry_at: reads the bytes of one entry again, to name the column that differs.
    """
    faults: list[LogFault] = []
    heads = _sound_checkpoints(checkpoints, key, witnesses, faults)
    committed = _Committed()
    edge = CompactRange()
    checkpointed = _check_heads(heads, edge, 0, faults)
    for stored in entries:
        entry = _check_entry(stored, edge.size, faults)
        if entry is not None:
            _gather(entry, committed, faults)
        edge.append(leaf_hash(stored.entry))
        checkpointed = _check_heads(heads, edge, checkpointed, faults)
    for size in heads:
        message = "The checkpoint covers more entries than the log holds: entries are missing."
        faults.append(LogFault(code="log.entries-missing", place=f"checkpoint {size}", message=message))
    _check_rows(rows, committed, entry_at, faults)
    _check_bodies(bodies, committed, faults)
    return LogReport(faults=tuple(faults), size=edge.size, root=edge.root(), checkpointed=checkpointed)


def _sound_checkpoints(
    checkpoints: Iterable[StoredCheckpoint], key: NoteKey, witnesses: Collection[NoteKey], faults: list[LogFault]
) -> dict[int, Checkpoint]:
    """The checkpoints whose signatures hold, by size, in order of size."""
    known = {(note_key.name, note_key.key_id) for note_key in (key, *witnesses)}
    sound: dict[int, Checkpoint] = {}
    for stored in checkpoints:
        place = f"checkpoint {stored.size}"
        try:
            checkpoint, _ = verify_checkpoint(stored.note, key, witnesses=witnesses)
        except LogDamaged as damage:
            faults.append(LogFault(code="log.checkpoint", place=place, message=damage.message))
            continue
        if {(line.name, line.key_id) for line in read_note(stored.note).signatures} - known:
            message = "The checkpoint has a signature line by a key that is not registered."
            faults.append(LogFault(code="log.checkpoint", place=place, message=message))
        for column, same in (("size", checkpoint.size == stored.size), ("root", checkpoint.root == stored.root)):
            if not same:
                message = f"checkpoint {stored.size}: column {column} differs from the signed note"
                faults.append(LogFault(code="log.checkpoint-column", place=place, column=column, message=message))
        sound[checkpoint.size] = checkpoint
    return dict(sorted(sound.items()))


def _check_heads(heads: dict[int, Checkpoint], edge: CompactRange, checkpointed: int, faults: list[LogFault]) -> int:
    """Compare the checkpoint of the present size, if there is one, with the root; returns how far entries are covered.

    All checkpoints are compared with the same growing tree, so those that pass are consistent with each other.
    """
    head = heads.pop(edge.size, None)
    if head is None:
        return checkpointed
    if head.root == edge.root():
        return edge.size
    message = f"The entries {checkpointed} to {edge.size - 1} do not give the root of the signed checkpoint."
    faults.append(LogFault(code="log.root-differs", place=f"checkpoint {edge.size}", message=message))
    return checkpointed


def _check_entry(stored: StoredEntry, index: int, faults: list[LogFault]) -> LogEntry | None:
    """The entry, when it can be read; its index, leaf hash and form are checked."""
    place = f"entry {stored.index}"
    if stored.index != index:
        message = f"The log goes on with entry {stored.index} where entry {index} is due."
        faults.append(LogFault(code="log.index", place=place, message=message))
    if leaf_hash(stored.entry) != stored.leaf_hash:
        message = "The bytes of the entry do not give its leaf hash."
        faults.append(LogFault(code="log.entry-changed", place=place, message=message))
    try:
        entry = read_entry(stored.entry)
    except LogDamaged as damage:
        faults.append(LogFault(code="log.entry-damaged", place=place, message=damage.message))
        return None
    if entry.index != index:
        faults.append(LogFault(code="log.index", place=place, message="The entry states another index than its own."))
    return entry


def _gather(entry: LogEntry, committed: _Committed, faults: list[LogFault]) -> None:
    """Add what one entry commits to; nothing may be committed to twice."""
    for row, columns in _row_columns(entry).items():
        if row in committed.rows:
            message = f"The row is committed to twice, in entries {committed.rows[row][0]} and {entry.index}."
            faults.append(LogFault(code="log.committed-twice", place=row.replace("/", " "), message=message))
        committed.rows.setdefault(row, (entry.index, _fingerprint(columns), entry.salt))
    for name, value in entry.commitments.items():
        kind, _, record_id = name.partition("/")
        if kind == "body":
            committed.bodies[record_id] = (entry.index, value)
        elif kind == "erased":
            committed.erased.add(record_id)


def _row_columns(entry: LogEntry) -> dict[str, dict[str, str]]:
    """The column commitments of an entry, by ``table/row id``."""
    rows: dict[str, dict[str, str]] = {}
    for name, value in entry.commitments.items():
        parts = name.split("/")
        if parts[0] == "row" and len(parts) == 4:
            rows.setdefault(f"{parts[1]}/{parts[2]}", {})[parts[3]] = value
    return rows


def _fingerprint(columns: Mapping[str, str]) -> bytes:
    return hashlib.sha256(rfc8785.dumps(dict(columns))).digest()


def _check_rows(
    rows: Iterable[StoredRow], committed: _Committed, entry_at: Callable[[int], bytes], faults: list[LogFault]
) -> None:
    """Every stored row is committed to and unchanged, and every row committed to is still there."""
    for row in rows:
        name, place = f"{row.table}/{row.row_id}", f"{row.table} {row.row_id}"
        index, fingerprint, entry_salt = committed.rows.pop(name, (-1, b"", b""))
        if index < 0:
            faults.append(LogFault(code="log.row-unknown", place=place, message=f"{place}: no log entry records it"))
            continue
        salt = entry_salt if row.salt is None else row.salt
        found = commit_columns(salt, row.table, row.row_id, row.columns) if len(salt) == SALT_BYTES else {}
        if _fingerprint(found) == fingerprint:
            continue
        for column in _differing(found, name, entry_at(index)):
            message = f"{place}: column {column} differs from log entry {index}"
            faults.append(LogFault(code="log.column-differs", place=place, column=column, message=message))
    for name, (index, _, _) in committed.rows.items():
        place = name.replace("/", " ")
        message = f"{place}: recorded by log entry {index}, but the row is gone"
        faults.append(LogFault(code="log.row-missing", place=place, message=message))


def _differing(found: Mapping[str, str], name: str, entry: bytes) -> list[str]:
    """The columns whose commitments differ; ``salt`` when every one does."""
    try:
        recorded = _row_columns(read_entry(entry)).get(name, {})
    except LogDamaged:
        recorded = {}
    columns = [column for column in sorted({*found, *recorded}) if found.get(column) != recorded.get(column)]
    return ["salt"] if len(columns) == len({*found, *recorded}) else columns


def _check_bodies(bodies: Iterable[StoredBody], committed: _Committed, faults: list[LogFault]) -> None:
    """Every body is unchanged, or was erased and the log says so."""
    for body in bodies:
        index, commitment = committed.bodies.pop(body.record_id, (-1, ""))
        trouble = _body_trouble(body, index, commitment, committed)
        if trouble:
            place = f"body {body.record_id}"
            faults.append(LogFault(code=trouble[0], place=place, message=f"{place}: {trouble[1]}"))
    for record_id, (index, _) in committed.bodies.items():
        if record_id not in committed.erased:
            place = f"body {record_id}"
            message = f"{place}: recorded by log entry {index}, but the body is gone"
            faults.append(LogFault(code="log.body-missing", place=place, message=message))


def _body_trouble(body: StoredBody, index: int, commitment: str, committed: _Committed) -> tuple[str, str] | None:
    """Code and text of what is wrong with one body, if anything is."""
    if index < 0:
        return "log.body-unknown", "no log entry records it"
    if body.erased:
        erasure = body.record_id in committed.erased
        return None if erasure else ("log.body-missing", "erased, but no log entry records the erasure")
    if body.digest is None:
        return "log.body-unreadable", "it does not decrypt"
    if body.salt is None or not opens(commitment, body.salt, body.digest.encode("utf-8")):
        return "log.body-differs", f"it differs from log entry {index}"
    return None
