"""The audit log on both databases: indexes without gaps, a root that equals the whole tree's, and named tampering."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from gateway.adapters import tables
from gateway.adapters.evidence import COMMITTED_TABLES
from gateway.adapters.verification import LogVerifier
from gateway.audit.checkpoint import Checkpoint, sign_checkpoint
from gateway.audit.merkle import leaf_hash, tree_root
from gateway.audit.notes import NoteKey
from gateway.exchange.model import Acknowledgement, DeliveryAttempt, FeedEntry, Outcome, Report, Role
from gateway.exchange.states import Direction, Event
from gateway.exchange.tags import Tag
from gateway.ports import CheckpointRecord, LogDraft
from gateway.security.filekeys import FileSigner
from gateway.security.generation import generate_key
from tests.contract.bench import Bench
from tests.contract.nouns import LATER, NOW, XX, keep_received

LOG_KEY = generate_key("aa", "Ed25519", NOW)
NOTE_KEY = NoteKey("aa.example/log", LOG_KEY.public.native.public_bytes_raw())  # type: ignore[union-attr]


def draft(number: int = 0) -> LogDraft:
    return LogDraft(tag=Tag.PARTNER_MESSAGE_REFUSED, partner=XX, codes=(f"code.{number}",))


def checkpoint(bench: Bench) -> None:
    with bench.store.writing() as work:
        head = Checkpoint(NOTE_KEY.name, work.log.size(), work.log.root())
        note = sign_checkpoint(head, NOTE_KEY, FileSigner(LOG_KEY.private, LOG_KEY.public))
        work.log.keep_checkpoint(CheckpointRecord(size=head.size, root=head.root, text=note.decode(), at=NOW))


def faults(bench: Bench) -> list[tuple[str, str, str]]:
    report = LogVerifier(bench.database, bench.vault, NOTE_KEY).verify()
    return [(fault.code, fault.place, fault.column) for fault in report.faults]


def test_the_head_is_the_root_of_all_leaves_at_every_size(bench: Bench) -> None:
    for number in range(9):
        with bench.store.writing() as work:
            leaf = work.log.append(draft(number), at=NOW)
        with bench.store.reading() as look:
            leaves = list(look.log.leaves())
            assert [one.index for one in leaves] == list(range(number + 1))
            assert leaves[-1] == leaf
            assert leaf.leaf_hash == leaf_hash(leaf.entry)
            assert (look.log.size(), look.log.root()) == (number + 1, tree_root(one.leaf_hash for one in leaves))


def test_an_entry_says_what_happened_and_nothing_else(bench: Bench) -> None:
    with bench.store.writing() as work:
        leaf = work.log.append(draft(), at=NOW)
    members = orjson.loads(leaf.entry)
    assert len(members.pop("salt")) == 32
    assert members == {
        "index": "0",
        "time": "2026-03-01T12:00:00.123Z",
        "tag": "partner:message:refused",
        "partner": "xx",
        "codes": "code.0",
    }


def test_writers_at_once_get_indexes_without_gaps(bench: Bench) -> None:
    def write() -> None:
        for _ in range(8):
            with bench.store.writing() as work:
                work.log.append(draft(), at=NOW)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults(bench) == []
    with bench.store.reading() as look:
        assert look.log.size() == 32


def test_an_undone_transaction_leaves_no_gap(bench: Bench) -> None:
    def fail() -> None:
        with bench.store.writing() as work:
            work.log.append(draft(), at=NOW)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with bench.store.writing() as work:
        assert work.log.append(draft(), at=NOW).index == 0


def whole(bench: Bench) -> None:
    """One exchange with everything, a second one, and two checkpoints."""
    with bench.store.writing() as work:
        exchange, message, _ = keep_received(work, bench.vault)
    checkpoint(bench)
    with bench.store.writing() as work:
        answer = Acknowledgement(
            exchange_id=exchange.id,
            message_key=message.key,
            direction=Direction.OUTBOUND,
            outcome=Outcome.ACCEPTED,
            findings=(),
            at=LATER,
        )
        report = Report(exchange_id=exchange.id, clause="3")
        attempt = DeliveryAttempt(message_key=message.key, number=1, at=LATER, status=202, code="delivered")
        entry = FeedEntry(
            feed="rms",
            position=0,
            exchange_id=exchange.id,
            message_key=message.key,
            partner=exchange.partner,
            message_type=exchange.message_type,
            agreement=exchange.agreement,
            format="cri-3.6",
            at=LATER,
            document=b"",
        )
        document = bench.vault.prepare(message.key, Role.FEED, b"{}")
        draft = LogDraft(
            tag=Tag.GATEWAY_MESSAGE_ACCEPTED,
            exchange_id=exchange.id,
            decision="accepted",
            rows=(answer, report, attempt, entry),
            bodies=(document,),
            change=(exchange, Event.ACCEPT),
        )
        leaf = work.log.append(draft, at=LATER)
        work.exchanges.move(exchange, Event.ACCEPT, at=LATER, leaf_index=leaf.index)
        work.exchanges.keep_acknowledgement(answer)
        work.exchanges.keep_report(report)
        work.exchanges.keep_attempt(attempt)
        work.feed.publish(entry, document)
        keep_received(work, bench.vault, 2, content=b"x" * 5000)
    checkpoint(bench)


def test_an_untouched_store_is_sound(bench: Bench) -> None:
    whole(bench)
    assert faults(bench) == []


def changed(value: object) -> object:
    """The smallest change of a value of any column: one byte, one unit."""
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:] if value else b"x"
    if isinstance(value, str):
        return chr(ord(value[0]) ^ 1) + value[1:] if value else "x"
    assert isinstance(value, int)
    return value + 1


@pytest.mark.parametrize("table", [table.name for table, _ in COMMITTED_TABLES])
def test_one_changed_byte_of_any_immutable_column_is_named(bench: Bench, table: str) -> None:
    whole(bench)
    known, keys = next((known, keys) for known, keys in COMMITTED_TABLES if known.name == table)
    tried = [column.name for column in known.columns]
    assert len(tried) > 4
    for column in tried:
        with bench.database.writing() as connection:
            row = connection.execute(sa.text(f'SELECT * FROM "{table}" LIMIT 1')).mappings().one()  # noqa: S608
        tampered = dict(row) | {column: changed(row[column])}
        overwrite(bench, table, keys, row, tampered)
        name = ".".join(str(row[key]) for key in keys)
        found = faults(bench)
        if column in keys:  # the row under its old name is gone, one under a new name has appeared
            assert ("log.row-missing", f"{table} {name}", "") in found, column
            assert any(code == "log.row-unknown" and place.startswith(f"{table} ") for code, place, _ in found)
        else:
            assert ("log.column-differs", f"{table} {name}", column) in found
        overwrite(bench, table, keys, tampered, row)
    assert faults(bench) == []


def overwrite(bench: Bench, table: str, keys: tuple[str, ...], old: Mapping[Any, Any], new: Mapping[Any, Any]) -> None:
    """Change a row as somebody with access to the database would, past all of our code."""
    where = " AND ".join(f'"{key}" = :old_{key}' for key in keys)
    assign = ", ".join(f'"{column}" = :{column}' for column in new)
    with bench.database.writing() as connection:
        connection.execute(
            sa.text(f'UPDATE "{table}" SET {assign} WHERE {where}'),  # noqa: S608
            {**new, **{f"old_{key}": old[key] for key in keys}},
        )


def test_one_changed_byte_of_a_body_is_named(bench: Bench) -> None:
    whole(bench)
    for column in ("salt", "wrapped_key", "nonce", "ciphertext", "key_id", "role", "message_key"):
        with bench.database.writing() as connection:
            signed = sa.select(tables.body).where(tables.body.c.file == "", tables.body.c.role == "signed")
            row = connection.execute(signed).mappings().one()
        tampered = dict(row) | {column: changed(row[column])}
        overwrite(bench, "body", ("message_key", "role"), row, tampered)
        named = {code for code, place, _ in faults(bench) if place == f"body {row['message_key']}.signed"}
        assert named & {"log.body-differs", "log.body-unreadable", "log.body-missing"}, column
        overwrite(bench, "body", ("message_key", "role"), tampered, row)
    assert faults(bench) == []


def test_one_changed_byte_of_a_large_bodys_file_is_named(bench: Bench) -> None:
    whole(bench)
    [file] = [path for path in bench.folder.rglob("*") if path.is_file()]
    file.write_bytes(bytes(changed(file.read_bytes())))  # type: ignore[call-overload]
    assert [(code, place) for code, place, _ in faults(bench)] == [("log.body-unreadable", f"body {file.name}")]


@pytest.mark.parametrize("column", ["entry", "leaf_hash"])
def test_one_changed_byte_of_an_entry_is_named(bench: Bench, column: str) -> None:
    whole(bench)
    with bench.database.writing() as connection:
        value = connection.execute(sa.select(tables.log_entry.c[column]).where(tables.log_entry.c.leaf_index == 1))
        new = changed(value.scalar_one())
        connection.execute(sa.update(tables.log_entry).where(tables.log_entry.c.leaf_index == 1).values({column: new}))
    assert "entry 1" in {place for _, place, _ in faults(bench)}


@pytest.mark.parametrize("column", ["size", "root", "note"])
def test_one_changed_byte_of_a_checkpoint_is_named(bench: Bench, column: str) -> None:
    whole(bench)
    with bench.database.writing() as connection:
        row = connection.execute(sa.select(tables.checkpoint).where(tables.checkpoint.c.size == 2)).mappings().one()
        this = tables.checkpoint.c.size == 2
        connection.execute(sa.update(tables.checkpoint).where(this).values({column: changed(row[column])}))
    assert any(place.startswith("checkpoint ") for _, place, _ in faults(bench))


def test_a_deleted_entry_row_or_body_is_named(bench: Bench) -> None:
    whole(bench)
    with bench.database.writing() as connection:
        connection.execute(sa.delete(tables.report))
        connection.execute(sa.delete(tables.body).where(tables.body.c.file == ""))
    codes = {code for code, _, _ in faults(bench)}
    assert codes == {"log.row-missing", "log.body-missing"}
    with bench.database.writing() as connection:
        connection.execute(sa.delete(tables.log_entry).where(tables.log_entry.c.leaf_index == 3))
    assert "log.index" in {code for code, _, _ in faults(bench)}


def test_a_row_put_in_by_hand_is_named(bench: Bench) -> None:
    whole(bench)
    with bench.database.writing() as connection:
        row = dict(connection.execute(sa.select(tables.report)).mappings().one())
        connection.execute(sa.insert(tables.report).values(row | {"exchange_id": "e" * 32}))
    assert faults(bench) == [("log.row-unknown", f"report {'e' * 32}", "")]


def test_cut_off_entries_are_named_by_head_and_checkpoint(bench: Bench) -> None:
    whole(bench)
    with bench.database.writing() as connection:
        connection.execute(sa.delete(tables.log_entry).where(tables.log_entry.c.leaf_index >= 4))
    codes = {code for code, _, _ in faults(bench)}
    assert {"log.entries-missing", "log.head"} <= codes
