"""Collecting with the client: everything once, in order, and nothing goes before it is kept."""

from __future__ import annotations

import hashlib

import pytest

from gateway.client.answers import GatewayRefused
from gateway.client.mailbox import Kept, Mailbox, Waiting
from gateway.errors import EnvelopeRefused
from gateway.security.envelope import Opened
from tests.unit.client.conftest import Clients


def kept(opened: Opened, sealed: bytes) -> Kept:
    del opened
    return Kept(exchange_id="e-1", log_index=0, entry_hash=hashlib.sha256(sealed).hexdigest())


def test_what_waits_is_collected_in_order_and_answered(clients: Clients) -> None:
    clients.lodge("l-1", "l-2")
    mailbox = Mailbox(clients.client)
    assert [entry.message_id for entry in mailbox.waiting()] == ["l-1", "l-2"]
    for opened in mailbox.collect(kept):
        answer = clients.client.acknowledge(opened, message_id=f"a-{opened.metadata.jti}", accepted=True, findings=[])
        assert answer.status == 202
    assert mailbox.waiting() == ()
    clients.gateway.process_once()
    states = [exchange.exchange.state.value for exchange in clients.gateway.exchanges()]
    assert states == ["acknowledged", "acknowledged"]
    assert clients.gateway.verify_audit().ok


def test_what_could_not_be_kept_stays(clients: Clients) -> None:
    clients.lodge("l-1")
    mailbox = Mailbox(clients.client)

    def full(opened: Opened, sealed: bytes) -> Kept:
        raise OSError(f"disk full: {opened.metadata.jti} of {len(sealed)} bytes")

    with pytest.raises(OSError, match="disk full"):
        list(mailbox.collect(full))
    assert [entry.message_id for entry in mailbox.waiting()] == ["l-1"]
    assert [opened.metadata.jti for opened in mailbox.collect(kept)] == ["l-1"]


def test_a_receipt_whose_answer_was_lost_is_handed_in_again(clients: Clients) -> None:
    clients.lodge("l-1")
    mailbox = Mailbox(clients.client)
    [entry] = mailbox.waiting()
    opened = clients.client.open(mailbox.sealed(entry))
    receipt = clients.client.receipt_for(opened, exchange_id="e-1", log_index=0, entry_hash="0" * 64)
    assert [mailbox.hand_in(entry, receipt) for _ in range(2)] == [False, True]


def test_a_list_that_does_not_fit_its_messages_is_refused(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    clients.lodge("l-1")
    mailbox = Mailbox(clients.client)
    [entry] = mailbox.waiting()
    wrong = Waiting(id=entry.id, message_id="l-9", message_type="reply", jws_digest=entry.jws_digest)
    monkeypatch.setattr(mailbox, "waiting", lambda _limit: (wrong,))
    with pytest.raises(EnvelopeRefused) as refused:
        list(mailbox.collect(kept))
    assert refused.value.stable_code == "mailbox.other-bytes"


def test_refusals_carry_code_status_and_remedy(clients: Clients) -> None:
    with pytest.raises(GatewayRefused) as refused:
        Mailbox(clients.other).waiting()
    assert (refused.value.status, refused.value.stable_code) == (403, "mailbox.not-agreed")
    assert refused.value.remedy
    nowhere = Waiting(id="0" * 32, message_id="", message_type="", jws_digest="")
    with pytest.raises(GatewayRefused) as refused:
        Mailbox(clients.client).sealed(nowhere)
    assert (refused.value.status, refused.value.stable_code) == (404, "not-found")
