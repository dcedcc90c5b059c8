from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.checkpoint import Checkpoint, cosign_checkpoint, sign_checkpoint
from gateway.audit.entry import LogEntry, body_commitment, erasure_mark, row_commitments
from gateway.audit.merkle import CompactRange, leaf_hash, tree_root
from gateway.audit.notes import COSIGNATURE, NoteKey
from gateway.audit.stored import LogReport, StoredBody, StoredCheckpoint, StoredEntry, StoredRow
from gateway.audit.verify import verify_log

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEY = NoteKey("gateway.example/log", PRIVATE.public_key().public_bytes_raw())
WITNESS = NoteKey("witness.example", PRIVATE.public_key().public_bytes_raw(), COSIGNATURE)


def salt_of(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()[:16]


@dataclass
class Store:
    """A small store: each message has a row in two tables, a body and one log entry."""

    entries: list[StoredEntry] = field(default_factory=list)
    checkpoints: list[StoredCheckpoint] = field(default_factory=list)
    rows: dict[str, StoredRow] = field(default_factory=dict)
    bodies: dict[str, StoredBody] = field(default_factory=dict)
    edge: CompactRange = field(default_factory=CompactRange)

    def append(self, commitments: dict[str, str]) -> None:
        entry = LogEntry(
            index=self.edge.size,
            time=NOW,
            tag="partner:message:received",
            salt=salt_of(f"entry {self.edge.size}"),
            facts={"partner": "xx"},
            commitments=commitments,
        ).as_bytes()
        self.entries.append(StoredEntry(index=self.edge.size, entry=entry, leaf_hash=leaf_hash(entry)))
        self.edge.append(leaf_hash(entry))

    def receive(self, name: str) -> None:
        commitments: dict[str, str] = {}
        for table, columns in (
            ("message", {"sender": "xx", "size": 17, "stored_at": NOW, "ref": None}),
            ("receipt", {"compact": name.encode(), "leaf_index": self.edge.size}),
        ):
            row = StoredRow(table=table, row_id=name, salt=salt_of(f"{table} {name}"), columns=columns)  # type: ignore[arg-type]
            self.rows[f"{table} {name}"] = row
            commitments |= row_commitments(salt_of(f"{table} {name}"), table, name, row.columns)
        digest, salt = hashlib.sha256(name.encode()).hexdigest(), salt_of(f"body {name}")
        self.bodies[name] = StoredBody(record_id=name, salt=salt, digest=digest)
        self.append(commitments | body_commitment(salt, name, digest))

    def check(self) -> None:
        head = Checkpoint(KEY.name, self.edge.size, self.edge.root())
        note = sign_checkpoint(head, KEY, PRIVATE)
        self.checkpoints.append(StoredCheckpoint(size=head.size, root=head.root, note=note))

    def verify(self, **options: Any) -> LogReport:
        return verify_log(
            self.entries,
            self.checkpoints,
            key=KEY,
            rows=self.rows.values(),
            bodies=self.bodies.values(),
            entry_at=lambda index: self.entries[index].entry,
            **options,
        )

    def faults(self) -> list[tuple[str, str, str]]:
        return [(fault.code, fault.place, fault.column) for fault in self.verify().faults]

    def change_row(self, name: str, **columns: Any) -> None:
        row = self.rows[name]
        self.rows[name] = replace(row, columns={**row.columns, **columns})


@pytest.fixture
def store() -> Store:
    made = Store()
    made.check()
    for number in range(10):
        made.receive(f"m-{number}")
        if number in {3, 6}:
            made.check()
    return made


def test_a_sound_log_has_no_faults(store: Store) -> None:
    report = store.verify()
    assert report.sound
    assert (report.size, report.root) == (10, tree_root(entry.leaf_hash for entry in store.entries))
    assert report.checkpointed == 7


def test_an_empty_log_is_sound() -> None:
    assert Store().verify().sound


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        ("message m-4", "sender", "yy"),
        ("message m-4", "size", 18),
        ("message m-4", "size", "17"),
        ("message m-4", "stored_at", NOW.replace(microsecond=1)),
        ("message m-4", "ref", ""),
        ("receipt m-9", "compact", b"m-8"),
        ("receipt m-0", "leaf_index", 1),
    ],
)
def test_a_changed_column_is_named_with_its_entry(store: Store, row: str, column: str, value: Any) -> None:
    store.change_row(row, **{column: value})
    (fault,) = store.verify().faults
    index = row.rpartition("-")[2]
    assert fault.message == f"{row}: column {column} differs from log entry {index}"
    assert fault.as_json() == {
        "code": "log.column-differs",
        "place": row,
        "column": column,
        "message": fault.message,
    }


def test_two_changed_columns_are_both_named(store: Store) -> None:
    store.change_row("message m-4", sender="yy", size=1)
    assert store.faults() == [
        ("log.column-differs", "message m-4", "sender"),
        ("log.column-differs", "message m-4", "size"),
    ]


def test_a_changed_salt_is_named_as_such(store: Store) -> None:
    for salt in (bytes(16), b"short", b""):
        store.rows["message m-4"] = replace(store.rows["message m-4"], salt=salt)
        assert store.faults() == [("log.column-differs", "message m-4", "salt")]


def test_a_column_that_appears_or_disappears_is_named(store: Store) -> None:
    store.change_row("message m-4", extra="x")
    columns = dict(store.rows["message m-5"].columns)
    del columns["sender"]
    store.rows["message m-5"] = replace(store.rows["message m-5"], columns=columns)
    assert store.faults() == [
        ("log.column-differs", "message m-4", "extra"),
        ("log.column-differs", "message m-5", "sender"),
    ]


def test_a_removed_and_an_added_row_are_named(store: Store) -> None:
    row = store.rows.pop("message m-4")
    store.rows["new"] = replace(row, row_id="m-99")
    assert store.faults() == [("log.row-unknown", "message m-99", ""), ("log.row-missing", "message m-4", "")]


@given(index=st.integers(0, 9), place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_any_changed_byte_of_any_entry_is_found_and_named(index: int, place: float, flip: int) -> None:
    store = next(stores())
    entry = bytearray(store.entries[index].entry)
    entry[int(place * len(entry))] ^= flip
    store.entries[index] = replace(store.entries[index], entry=bytes(entry))
    assert ("log.entry-changed", f"entry {index}", "") in store.faults()


@given(index=st.integers(0, 6), flip=st.integers(1, 255))
def test_an_entry_rewritten_with_its_leaf_hash_is_found_by_the_checkpoint(index: int, flip: int) -> None:
    store = next(stores())
    entry = store.entries[index].entry.replace(b'"xx"', bytes([34, 120, flip % 26 + 97, 34]))
    store.entries[index] = replace(store.entries[index], entry=entry, leaf_hash=leaf_hash(entry))
    changed = b'"xx"' not in entry
    codes = {(code, place) for code, place, _ in store.faults()}
    expected = {("log.root-differs", "checkpoint 7")} | ({("log.root-differs", "checkpoint 4")} if index < 4 else set())
    assert codes == (expected if changed else set())


def stores() -> Iterator[Store]:
    made = Store()
    for number in range(10):
        made.receive(f"m-{number}")
        if number in {3, 6}:
            made.check()
    yield made


def test_a_changed_leaf_hash_is_named(store: Store) -> None:
    store.entries[5] = replace(store.entries[5], leaf_hash=bytes(32))
    assert store.faults() == [("log.entry-changed", "entry 5", "")]


def test_a_changed_index_column_is_named(store: Store) -> None:
    store.entries[5] = replace(store.entries[5], index=50)
    assert store.faults() == [("log.index", "entry 50", "")]


def test_a_removed_entry_is_found(store: Store) -> None:
    del store.entries[2]
    codes = {code for code, _, _ in store.faults()}
    assert {"log.index", "log.root-differs", "log.row-unknown", "log.body-unknown"} <= codes


def test_entries_cut_off_behind_a_checkpoint_are_found(store: Store) -> None:
    del store.entries[5:]
    assert ("log.entries-missing", "checkpoint 7", "") in store.faults()


def test_two_entries_that_changed_places_are_found(store: Store) -> None:
    first, second = store.entries[8], store.entries[9]
    store.entries[8] = replace(second, index=8)
    store.entries[9] = replace(first, index=9)
    assert [code for code, _, _ in store.faults()].count("log.index") == 2


@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_any_changed_byte_of_a_checkpoint_is_found_and_named(place: float, flip: int) -> None:
    store = next(stores())
    note = bytearray(store.checkpoints[0].note)
    note[int(place * len(note))] ^= flip
    store.checkpoints[0] = replace(store.checkpoints[0], note=bytes(note))
    assert store.faults() == [("log.checkpoint", "checkpoint 4", "")]


def test_the_columns_beside_a_checkpoint_are_compared_with_it(store: Store) -> None:
    store.checkpoints[1] = replace(store.checkpoints[1], size=5, root=bytes(32))
    assert store.faults() == [
        ("log.checkpoint-column", "checkpoint 5", "size"),
        ("log.checkpoint-column", "checkpoint 5", "root"),
    ]


def test_a_checkpoint_of_another_history_is_found(store: Store) -> None:
    other = Checkpoint(KEY.name, 7, bytes(32))
    note = sign_checkpoint(other, KEY, PRIVATE)
    store.checkpoints[2] = StoredCheckpoint(size=7, root=other.root, note=note)
    assert store.faults() == [("log.root-differs", "checkpoint 7", "")]


def test_a_cosignature_by_an_unregistered_witness_is_a_fault(store: Store) -> None:
    head = store.checkpoints[2]
    store.checkpoints[2] = replace(head, note=cosign_checkpoint(head.note, WITNESS, PRIVATE, time=1))
    assert store.faults() == [("log.checkpoint", "checkpoint 7", "")]
    assert store.verify(witnesses=[WITNESS]).sound


class TestBodies:
    def code(self, store: Store, **changes: Any) -> list[tuple[str, str, str]]:
        store.bodies["m-4"] = replace(store.bodies["m-4"], **changes)
        return store.faults()

    def test_a_changed_body_is_named(self, store: Store) -> None:
        assert self.code(store, digest="0" * 64) == [("log.body-differs", "body m-4", "")]

    def test_a_body_that_does_not_decrypt_is_named(self, store: Store) -> None:
        assert self.code(store, digest=None) == [("log.body-unreadable", "body m-4", "")]

    def test_a_changed_or_missing_salt_is_named(self, store: Store) -> None:
        assert self.code(store, salt=bytes(16)) == [("log.body-differs", "body m-4", "")]
        assert self.code(store, salt=None) == [("log.body-differs", "body m-4", "")]
        assert self.code(store, salt=b"short") == [("log.body-differs", "body m-4", "")]

    def test_a_missing_and_a_foreign_body_are_named(self, store: Store) -> None:
        store.bodies["m-99"] = replace(store.bodies.pop("m-4"), record_id="m-99")
        assert store.faults() == [("log.body-unknown", "body m-99", ""), ("log.body-missing", "body m-4", "")]

    def test_an_erased_body_is_sound_only_when_the_log_says_so(self, store: Store) -> None:
        assert self.code(store, erased=True, digest=None, salt=None) == [("log.body-missing", "body m-4", "")]
        store.append(erasure_mark("m-4"))
        assert store.faults() == []
        del store.bodies["m-4"]
        assert store.faults() == []


def test_a_row_that_two_entries_commit_to_is_a_fault(store: Store) -> None:
    row = store.rows["message m-4"]
    assert row.salt is not None
    store.append(row_commitments(row.salt, "message", "m-4", {**row.columns, "sender": "yy"}))
    assert store.faults() == [("log.committed-twice", "message m-4", "")]


def test_no_fault_repeats_a_value(store: Store) -> None:
    store.change_row("message m-4", sender="CANARY")
    assert "CANARY" not in str(store.verify())
