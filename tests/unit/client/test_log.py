"""A partner proves by itself that its message is in the log and the log continues; others' entries are not its to see.

Whatever the gateway could answer otherwise (another tile, another checkpoint, another entry) is found.
"""

from __future__ import annotations

import dataclasses

import orjson
import pytest

from gateway.audit.checkpoint import Checkpoint
from gateway.audit.entry import LogDamaged
from gateway.audit.merkle import ProofRefused
from gateway.audit.notes import NoteKey
from gateway.audit.tiles import Tile
from gateway.client.answers import GatewayRefused
from gateway.client.client import GatewayClient
from gateway.client.log import LogReader
from gateway.security.receipts import Receipt
from tests.unit.client.conftest import Clients
from tests.world.partner import NOTE


def hand_in(
    client: GatewayClient, message_id: str, form: str = "xx-note-1.0", agreement: str = "aa-xx-notes"
) -> Receipt:
    sealed = client.seal(
        NOTE,
        message_id=message_id,
        agreement=agreement,
        message_type="note",
        format_name=form,
        purpose="RISK",
    )
    receipt = client.hand_in(sealed).receipt
    assert receipt is not None
    return receipt


def reader(clients: Clients) -> LogReader:
    return LogReader(clients.client, clients.key)


def test_a_message_is_proved_to_be_in_the_log(clients: Clients) -> None:
    receipt = hand_in(clients.client, "m-1")
    log = reader(clients)
    clients.gateway.checkpoint()
    now = log.checkpoint()
    log.verify_receipt(receipt, now)
    entry = log.entry(int(receipt.log_index))
    log.verify_entry(int(receipt.log_index), entry, now)
    assert orjson.loads(entry)["message"] == "m-1"


def test_a_message_of_the_gateway_is_found_and_proved(clients: Clients) -> None:
    clients.lodge("l-1")
    clients.gateway.checkpoint()
    log = reader(clients)
    now = log.checkpoint()
    [index] = log.entries_about("l-1")
    entry = log.entry(index)
    log.verify_entry(index, entry, now)
    assert orjson.loads(entry)["tag"] == "lodger:message:released"


def test_what_was_in_the_log_stays_in_it(clients: Clients) -> None:
    log = reader(clients)
    heads = []
    for number in range(4):
        hand_in(clients.client, f"m-{number}")
        clients.gateway.checkpoint()
        heads.append(log.checkpoint())
    for older in heads:
        log.verify_continues(older, heads[-1])
    other = dataclasses.replace(heads[0], root=bytes(32))
    with pytest.raises(ProofRefused):
        log.verify_continues(other, heads[-1])
    with pytest.raises(ProofRefused) as refused:
        log.verify_continues(dataclasses.replace(heads[0], origin="other/log"), heads[-1])
    assert refused.value.stable_code == "log.origin"


def test_a_receipt_that_the_log_does_not_hold_is_found(clients: Clients) -> None:
    receipt = hand_in(clients.client, "m-1")
    clients.gateway.checkpoint()
    log = reader(clients)
    now = log.checkpoint()
    for changed, code in (
        ({"entry_hash": "0" * 64}, "log.proof-refused"),
        ({"log_index": str(int(receipt.log_index) + 1)}, "log.proof-refused"),
        ({"log_index": str(10**9)}, "log.not-covered"),
        ({"log_origin": "other/log"}, "log.origin"),
    ):
        with pytest.raises(ProofRefused) as refused:
            log.verify_receipt(receipt.model_copy(update=changed), now)
        assert refused.value.stable_code == code


def test_a_receipt_younger_than_the_checkpoint_waits_for_the_next(clients: Clients) -> None:
    log = reader(clients)
    with pytest.raises(GatewayRefused):
        log.checkpoint()
    hand_in(clients.client, "m-1")
    clients.gateway.checkpoint()
    receipt = hand_in(clients.client, "m-2")
    with pytest.raises(ProofRefused) as refused:
        log.verify_receipt(receipt, log.checkpoint())
    assert refused.value.stable_code == "log.not-covered"
    clients.gateway.checkpoint()
    log.verify_receipt(receipt, log.checkpoint())


def test_a_checkpoint_by_another_key_is_refused(clients: Clients) -> None:
    hand_in(clients.client, "m-1")
    clients.gateway.checkpoint()
    with pytest.raises(LogDamaged):
        LogReader(clients.client, NoteKey(clients.key.name, bytes(32))).checkpoint()


def test_a_tile_that_was_changed_is_found(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = hand_in(clients.client, "m-1")
    hand_in(clients.client, "m-2")
    clients.gateway.checkpoint()
    log = reader(clients)
    now: Checkpoint = log.checkpoint()
    honest = log._tile

    def forged(tile: Tile) -> bytes:
        hashes = honest(tile)
        return hashes[:-1] + bytes([hashes[-1] ^ 1])

    monkeypatch.setattr(log, "_tile", forged)
    with pytest.raises(ProofRefused):
        log.verify_receipt(receipt, now)


def test_entries_of_others_and_of_nobody_are_the_same_nothing(clients: Clients) -> None:
    mine = hand_in(clients.client, "m-1")
    theirs = hand_in(clients.other, "m-1", "yy-letter-1.0", "aa-yy-letters")
    clients.gateway.set_stopped("xx", stopped=True, operator="officer", reason="suspicion")
    ours = int(theirs.log_index) + 2
    clients.gateway.checkpoint()
    said = []
    for index in (int(theirs.log_index), int(theirs.log_index) + 1, ours, ours + 1, 10**18):
        with pytest.raises(GatewayRefused) as refused:
            reader(clients).entry(index)
        said.append((refused.value.status, refused.value.problem))
    assert said == [said[0]] * len(said)
    assert said[0][0] == 404
    assert reader(clients).entries_about("m-1") == (int(mine.log_index),)
    reader(clients).verify_receipt(theirs, reader(clients).checkpoint())  # a hash tells nothing of what it is of
