"""The mailbox: order, the same bytes, receipts good and bad, what is given up, the kill switch."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.errors import EnvelopeRefused, GatewayError, InvalidTransition, MalformedMessage, NotFound, NotPermitted
from gateway.exchange.states import State
from gateway.identifiers import PartnerCode
from gateway.pipeline.lodgements import LodgementRefused
from gateway.pipeline.mailbox import Mailbox
from gateway.pipeline.mailbox_views import Collected, MailboxEntry, MailboxStopped
from tests.world.log import tags
from tests.world.neighbours import Neighbours, neighbours_in
from tests.world.partner import NOTE, Partner

XX, YY = PartnerCode("xx"), PartnerCode("yy")


@pytest.fixture(name="both")
def both_fixture(tmp_path: Path) -> Iterator[Neighbours]:
    with neighbours_in(tmp_path, inline_answer_seconds=0.0) as made:
        yield made


@pytest.fixture(name="mailbox")
def mailbox_fixture(both: Neighbours) -> Mailbox:
    return both.gateway.partners.mailbox


def lodge(both: Neighbours, *message_ids: str, partner: str = "xx") -> list[str]:
    return [
        both.gateway.lodge(b'{"number": "L-1"}', partner, "reply", message_id=message_id).exchange_id
        for message_id in message_ids
    ]


def ids(entries: tuple[MailboxEntry, ...]) -> list[str]:
    return [entry.message.message_id for entry in entries]


def take(both: Neighbours, entry: MailboxEntry) -> bytes:
    """What the partner hands in for an entry."""
    return both.world.partner.take(both.gateway.partners.mailbox.collect(XX, entry.message.key)).body


def collect(both: Neighbours) -> Collected:
    """The partner takes the oldest message."""
    mailbox = both.gateway.partners.mailbox
    [entry] = mailbox.waiting(XX, 1)
    return mailbox.take_receipt(XX, entry.message.key, take(both, entry))


def state(both: Neighbours, exchange_id: str) -> State:
    return both.gateway.exchange(exchange_id).exchange.state


def code_of(refused: pytest.ExceptionInfo[GatewayError]) -> str:
    return refused.value.stable_code


def test_what_waits_is_handed_out_in_order_with_the_same_bytes_each_time(both: Neighbours, mailbox: Mailbox) -> None:
    lodge(both, "l-1", "l-2", "l-3")
    assert ids(mailbox.waiting(XX, 10)) == ["l-1", "l-2", "l-3"]
    assert ids(mailbox.waiting(XX, 2)) == ["l-1", "l-2"]
    for entry in mailbox.waiting(XX, 10):
        first = mailbox.collect(XX, entry.message.key)
        assert mailbox.collect(XX, entry.message.key) == first
        both.world.partner.take(first)
    assert list(both.world.partner.taken) == ["l-1", "l-2", "l-3"]
    assert ids(mailbox.waiting(XX, 10)) == ["l-1", "l-2", "l-3"], "collecting alone takes nothing away"


def test_a_page_is_no_longer_than_the_setting(tmp_path: Path) -> None:
    with neighbours_in(tmp_path, mailbox_page=2) as both:
        lodge(both, "l-1", "l-2", "l-3")
        assert ids(both.gateway.partners.mailbox.waiting(XX, 10)) == ["l-1", "l-2"]


def test_nobody_is_called_while_messages_wait(both: Neighbours, mailbox: Mailbox) -> None:
    [exchange_id] = lodge(both, "l-1")
    for _ in range(3):
        both.gateway.dispatch_once()
        both.world.clock.go(60)
    assert both.world.partner.deliveries == []
    assert both.gateway.exchange(exchange_id).attempts == ()
    assert ids(mailbox.waiting(XX, 10)) == ["l-1"]


def test_a_receipt_delivers_and_the_next_message_is_the_oldest(both: Neighbours, mailbox: Mailbox) -> None:
    first, second = lodge(both, "l-1", "l-2")
    both.gateway.dispatch_once()
    assert not collect(both).repeated
    assert (state(both, first), state(both, second)) == (State.RECEIPTED, State.RELEASED)
    assert ids(mailbox.waiting(XX, 10)) == ["l-2"]
    view = both.gateway.exchange(first)
    assert [(attempt.status, attempt.code) for attempt in view.attempts] == [(0, "collected")]
    assert [receipt.compact for receipt in view.receipts] == [both.world.partner.taken["l-1"].receipt]
    assert tags(both.world)[-1] == "partner:receipt:received"
    assert not collect(both).repeated
    assert mailbox.waiting(XX, 10) == ()
    assert both.gateway.verify_audit().ok


def test_a_receipt_again_changes_nothing_and_the_first_one_stays(both: Neighbours, mailbox: Mailbox) -> None:
    [exchange_id] = lodge(both, "l-1")
    [entry] = mailbox.waiting(XX, 1)
    body = take(both, entry)
    mailbox.take_receipt(XX, entry.message.key, body)
    size = len(tags(both.world))
    other = both.world.partner.receipt("l-1", entry.message.digest)
    for again in (body, json.dumps({"receipt": other.decode()}).encode()):
        assert mailbox.take_receipt(XX, entry.message.key, again).repeated
    assert len(tags(both.world)) == size
    assert both.gateway.exchange(exchange_id).receipts[0].compact == both.world.partner.taken["l-1"].receipt
    with pytest.raises(NotFound):
        mailbox.collect(XX, entry.message.key)


def test_a_receipt_out_of_order_is_refused(both: Neighbours, mailbox: Mailbox) -> None:
    _, second = lodge(both, "l-1", "l-2")
    later = mailbox.waiting(XX, 2)[1]
    with pytest.raises(InvalidTransition) as refused:
        mailbox.take_receipt(XX, later.message.key, take(both, later))
    assert code_of(refused) == "mailbox.out-of-order"
    assert state(both, second) is State.RELEASED
    collect(both)
    collect(both)
    assert state(both, second) is State.RECEIPTED


def test_twenty_receipts_at_once_deliver_once(both: Neighbours, mailbox: Mailbox) -> None:
    lodge(both, "l-1")
    [entry] = mailbox.waiting(XX, 1)
    body = take(both, entry)
    answers: list[bool] = []

    def hand_in() -> None:
        answers.append(mailbox.take_receipt(XX, entry.message.key, body).repeated)

    threads = [threading.Thread(target=hand_in) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False] + [True] * 19
    assert tags(both.world).count("partner:receipt:received") == 1


def bad_receipts(both: Neighbours, entry: MailboxEntry) -> dict[str, bytes]:
    partner, digest = both.world.partner, entry.message.digest
    good = partner.receipt("l-1", digest)
    return {
        "for other bytes": partner.receipt("l-1", "0" * 64),
        "for another message": partner.receipt("l-2", digest),
        "of the other partner": both.other.receipt("l-1", digest),
        "of a stranger": Partner().receipt("l-1", digest),
        "truncated": good[:-8],
        "with another signature": good[:-8] + b"AAAAAAAA",
        "of another type": partner.seal(NOTE, "m-1"),
        "nothing like one": b"a.b.c",
        "empty": b"",
    }


def test_bad_receipts_are_refused_logged_and_change_nothing(both: Neighbours, mailbox: Mailbox) -> None:
    [exchange_id] = lodge(both, "l-1")
    [entry] = mailbox.waiting(XX, 1)
    receipts = bad_receipts(both, entry)
    for name, compact in receipts.items():
        with pytest.raises(EnvelopeRefused) as refused:
            mailbox.take_receipt(XX, entry.message.key, json.dumps({"receipt": compact.decode()}).encode())
        assert code_of(refused).startswith("envelope."), name
        assert tags(both.world)[-1] == "partner:receipt:refused", name
    assert tags(both.world).count("partner:receipt:refused") == len(receipts)
    assert state(both, exchange_id) is State.RELEASED
    assert both.gateway.exchange(exchange_id).receipts == ()
    assert ids(mailbox.waiting(XX, 1)) == ["l-1"]
    assert both.gateway.verify_audit().ok


NO_RECEIPTS = (
    *(b"", b"{", b"[]", b"{}", b"null", b'{"receipt": 1}', b'{"receipt": ["a"]}', b'{"receipt": null}'),
    *(b'{"receipt": "\xc3\xa4"}', b"\xff\xfe", b"[" * 9999),
)


def test_a_body_without_receipt_is_refused(both: Neighbours, mailbox: Mailbox) -> None:
    lodge(both, "l-1")
    [entry] = mailbox.waiting(XX, 1)
    for body in NO_RECEIPTS:
        with pytest.raises(MalformedMessage) as refused:
            mailbox.take_receipt(XX, entry.message.key, body)
        assert code_of(refused) == "mailbox.no-receipt", body
    assert ids(mailbox.waiting(XX, 1)) == ["l-1"]


def test_what_is_not_waiting_for_this_partner_is_not_there(both: Neighbours, mailbox: Mailbox) -> None:
    lodge(both, "l-1")
    with pytest.raises(LodgementRefused) as denied:
        both.gateway.lodge(b'{"number": 3}', "xx", "reply", message_id="l-2")
    both.gateway.receive(both.world.partner.seal(NOTE, "m-1"), "application/jose")
    [kept] = both.gateway.exchange(denied.value.exchange_id).messages
    [inbound] = [one for one in both.gateway.exchanges() if one.exchange.direction.value == "inbound"]
    [received] = both.gateway.exchange(inbound.exchange.id).messages
    lodge(both, "l-3", partner="yy")
    [theirs] = both.gateway.exchanges(partner="yy")
    [foreign] = both.gateway.exchange(theirs.exchange.id).messages
    said = set()
    for key in (kept.key, received.key, foreign.key, "0" * 32, "", "x" * 5000):
        for ask in (mailbox.collect, lambda partner, key: mailbox.take_receipt(partner, key, b'{"receipt": "a.b.c"}')):
            with pytest.raises(NotFound) as refused:
                ask(XX, key)
            said.add((refused.value.message, refused.value.stable_code, refused.value.remedy))
    assert len(said) == 1


def test_a_partner_that_is_called_has_no_mailbox(both: Neighbours, mailbox: Mailbox) -> None:
    lodge(both, "l-1", partner="yy")
    asks = (
        lambda partner: mailbox.waiting(partner, 1),
        lambda partner: mailbox.collect(partner, "0" * 32),
        lambda partner: mailbox.take_receipt(partner, "0" * 32, b"{}"),
    )
    for partner in (YY, PartnerCode("nobody")):
        for ask in asks:
            with pytest.raises(NotPermitted) as refused:
                ask(partner)
            assert code_of(refused) == "mailbox.not-agreed"


def test_the_kill_switch_stops_handing_out_but_takes_the_receipt_of_what_was_handed_out(
    both: Neighbours, mailbox: Mailbox
) -> None:
    [exchange_id] = lodge(both, "l-1")
    [entry] = mailbox.waiting(XX, 1)
    body = take(both, entry)
    both.gateway.set_stopped("xx", stopped=True, operator="officer", reason="incident")
    for ask in (lambda: mailbox.waiting(XX, 1), lambda: mailbox.collect(XX, entry.message.key)):
        with pytest.raises(MailboxStopped):
            ask()
    mailbox.take_receipt(XX, entry.message.key, body)
    assert state(both, exchange_id) is State.RECEIPTED


def test_what_is_not_collected_in_time_is_given_up_and_can_be_brought_back(both: Neighbours, mailbox: Mailbox) -> None:
    first, second = lodge(both, "l-1", "l-2")
    [entry] = mailbox.waiting(XX, 1)
    body = take(both, entry)
    both.gateway.dispatch_once()
    both.world.clock.go(3601)
    both.gateway.dispatch_once()
    assert (state(both, first), state(both, second)) == (State.UNDELIVERED, State.UNDELIVERED)
    assert [letter.reason for letter in both.gateway.dead_letters()] == ["delivery.not-collected"] * 2
    assert mailbox.waiting(XX, 10) == ()
    with pytest.raises(InvalidTransition) as refused:
        mailbox.take_receipt(XX, entry.message.key, body)
    assert code_of(refused) == "mailbox.given-up"
    both.gateway.redrive(both.gateway.dead_letters()[0].id, operator="officer", reason="line mended")
    both.gateway.dispatch_once()
    assert ids(mailbox.waiting(XX, 10)) == ["l-1"], "it waits again for the whole time"
    mailbox.take_receipt(XX, entry.message.key, body)
    assert state(both, first) is State.RECEIPTED
    assert both.gateway.verify_audit().ok


def test_our_acknowledgement_is_collected_too_and_ends_the_exchange(both: Neighbours) -> None:
    answer = both.gateway.receive(both.world.partner.seal(NOTE, "m-1"), "application/jose")
    both.gateway.process_once()
    collect(both)
    assert both.world.partner.answers_to("m-1")[0]["outcome"] == "accepted"
    assert state(both, answer.exchange_id) is State.CONCLUDED


def test_the_partners_acknowledgement_may_overtake_its_receipt(both: Neighbours, mailbox: Mailbox) -> None:
    [exchange_id] = lodge(both, "l-1")
    [entry] = mailbox.waiting(XX, 1)
    body = take(both, entry)
    both.gateway.receive(both.world.partner.acknowledge("l-1", "a-1"), "application/jose")
    both.gateway.process_once()
    assert state(both, exchange_id) is State.ACKNOWLEDGED
    mailbox.take_receipt(XX, entry.message.key, body)
    assert state(both, exchange_id) is State.ACKNOWLEDGED
    assert mailbox.waiting(XX, 1) == ()
    assert both.gateway.verify_audit().ok
