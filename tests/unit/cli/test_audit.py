"""`audit verify|checkpoint`."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from gateway.audit.checkpoint import verify_checkpoint
from gateway.audit.notes import read_vkey
from tests.unit.cli.conftest import Kept, Typed


def change(state: Path, statement: str, *values: str) -> None:
    connection = sqlite3.connect(state / "gateway.sqlite")
    with connection:
        assert connection.execute(statement, values).rowcount > 0
    connection.close()


def test_what_agrees_ends_with_0(typed: Typed, kept: Kept) -> None:
    del kept
    shown = typed("audit", "verify")
    assert shown.code == 0
    assert "everything agrees" in shown.out
    [report] = typed("audit", "verify", "--json").lines
    assert report["ok"]
    assert report["size"] > 0
    assert report["problems"] == []


def test_what_was_changed_is_named_and_ends_with_1(typed: Typed, kept: Kept, tmp_path: Path) -> None:
    change(tmp_path / "state", "update exchange set message_type = 'letter' where id = ?", kept.received)
    shown = typed("audit", "verify", "--json")
    assert shown.code == 1
    [report] = shown.lines
    assert not report["ok"]
    [problem] = report["problems"]
    assert kept.received in problem["place"]
    assert problem["column"] == "message_type"
    told = typed("audit", "verify")
    assert told.code == 1
    assert "message_type" in told.out
    assert "do NOT agree" in told.out


def test_the_key_verifies_the_checkpoint(typed: Typed, kept: Kept) -> None:
    del kept
    key = read_vkey(typed("audit", "key").out.strip())
    note = typed("audit", "checkpoint").out
    checkpoint, _ = verify_checkpoint(note.encode(), key)
    assert checkpoint.origin == key.name


def test_a_checkpoint_is_signed_over_the_whole_log(typed: Typed, kept: Kept) -> None:
    del kept
    [before] = typed("audit", "verify", "--json").lines
    note = typed("audit", "checkpoint")
    assert note.code == 0
    origin, size, *_ = note.out.splitlines()
    assert (origin, int(size)) == ("aa.example/log", before["size"])
    [after] = typed("audit", "verify", "--json").lines
    assert after["checkpointed"] == before["size"]


def test_nothing_to_verify_is_wrong_usage(typed: Typed) -> None:
    shown = typed("audit", "verify", "--json")
    assert (shown.code, shown.out) == (2, "")
    assert "what to do" in shown.err
