"""Exchanges and everything that belongs to them, on both databases."""

from __future__ import annotations

import dataclasses
import threading
from datetime import timedelta

import pytest

from gateway.audit.entry import LogDamaged
from gateway.errors import InvalidTransition, NotFound
from gateway.exchange.model import Acknowledgement, DeliveryAttempt, Outcome, Report
from gateway.exchange.states import Direction, Event, State
from gateway.exchange.tags import Tag
from gateway.identifiers import ExchangeId, MessageId, PartnerCode
from gateway.ports import AlreadyKept, LogDraft, StateConflict
from tests.contract.bench import Bench
from tests.contract.nouns import LATER, NOW, XX, a_message, an_exchange, keep_received, log_and_move


def test_what_was_kept_is_read_back_equal(bench: Bench) -> None:
    with bench.store.writing() as work:
        exchange, message, _ = keep_received(work, bench.vault)
    with bench.store.reading() as look:
        assert look.exchanges.exchange(exchange.id) == exchange
        assert look.exchanges.message(message.key) == message
        assert look.exchanges.find_message(Direction.INBOUND, XX, message.message_id) == message
        assert look.exchanges.messages(exchange.id) == [message]
        receipt = look.exchanges.receipt(message.key, Direction.OUTBOUND)
        assert receipt is not None
        assert (receipt.compact, receipt.leaf_index, receipt.at) == (b"a.b.c", 0, NOW)
        [opening] = look.exchanges.changes(exchange.id)
        assert (opening.before, opening.after, opening.event) == (None, State.RECEIVED, Event.RECEIVE)


def test_an_answer_a_report_and_attempts_are_read_back_equal(bench: Bench) -> None:
    answer = Acknowledgement(
        exchange_id=ExchangeId(f"{1:032x}"),
        message_key="f" * 32,
        direction=Direction.OUTBOUND,
        outcome=Outcome.REFUSED,
        findings=({"code": "schema.facet", "path": "Head/ID", "line": 3},),
        at=LATER,
    )
    report = Report(
        exchange_id=answer.exchange_id,
        source_format="xx-manifest-1.0",
        withheld=({"path": "Head/Name", "count": 2},),
        account={"steps": []},
    )
    attempts = [
        DeliveryAttempt(message_key="f" * 32, number=number, at=NOW, status=503, code="delivery.http-503")
        for number in (1, 2)
    ]
    with bench.store.writing() as work:
        keep_received(work, bench.vault)
        work.log.append(LogDraft(tag=Tag.GATEWAY_MESSAGE_REJECTED, rows=(answer, report, *attempts)), at=NOW)
        work.exchanges.keep_acknowledgement(answer)
        work.exchanges.keep_report(report)
        for attempt in attempts:
            work.exchanges.keep_attempt(attempt)
    with bench.store.reading() as look:
        assert look.exchanges.acknowledgements(answer.exchange_id) == [answer]
        assert look.exchanges.report(answer.exchange_id) == report
        assert look.exchanges.attempts("f" * 32) == attempts


def test_what_is_not_there_is_not_found(bench: Bench) -> None:
    with bench.store.reading() as look:
        with pytest.raises(NotFound):
            look.exchanges.exchange(ExchangeId("0" * 32))
        with pytest.raises(NotFound):
            look.exchanges.message("0" * 32)
        assert look.exchanges.find_message(Direction.INBOUND, XX, MessageId("m")) is None
        assert look.exchanges.receipt("0" * 32, Direction.INBOUND) is None
        assert look.exchanges.report(ExchangeId("0" * 32)) is None


def test_a_row_that_no_log_entry_commits_to_cannot_be_kept(bench: Bench) -> None:
    def keep() -> None:
        with bench.store.writing() as work:
            work.exchanges.keep_message(a_message())

    with pytest.raises(LogDamaged, match="no log entry commits to"):
        keep()


def test_a_change_or_attempt_that_no_log_entry_commits_to_cannot_be_kept(bench: Bench) -> None:
    with bench.store.writing() as work:
        exchange, _, _ = keep_received(work, bench.vault)
    with bench.store.writing() as work, pytest.raises(LogDamaged, match="no log entry commits to"):
        work.exchanges.move(exchange, Event.ACCEPT, at=LATER, leaf_index=9)
    attempt = DeliveryAttempt(message_key="f" * 32, number=1, at=NOW, status=503, code="delivery.http-503")
    with bench.store.writing() as work, pytest.raises(LogDamaged, match="no log entry commits to"):
        work.exchanges.keep_attempt(attempt)


def test_an_identity_is_kept_once_and_the_second_leaves_nothing(bench: Bench) -> None:
    with bench.store.writing() as work:
        keep_received(work, bench.vault)
    again = a_message(2, message_id=MessageId("m-1"))

    def keep() -> None:
        with bench.store.writing() as work:
            work.log.append(LogDraft(tag=Tag.PARTNER_MESSAGE_RECEIVED, rows=(again,)), at=NOW)
            work.exchanges.keep_message(again)

    with pytest.raises(AlreadyKept):
        keep()
    with bench.store.reading() as look:
        assert look.log.size() == 2


def test_the_same_id_of_another_partner_or_direction_is_another_message(bench: Bench) -> None:
    others = [
        a_message(2, message_id=MessageId("m-1"), partner=PartnerCode("yy")),
        a_message(3, message_id=MessageId("m-1"), direction=Direction.OUTBOUND),
    ]
    with bench.store.writing() as work:
        keep_received(work, bench.vault)
        work.log.append(LogDraft(tag=Tag.PARTNER_MESSAGE_RECEIVED, rows=others), at=NOW)
        for other in others:
            work.exchanges.keep_message(other)
    with bench.store.reading() as look:
        assert look.exchanges.find_message(Direction.OUTBOUND, XX, MessageId("m-1")) == others[1]


def test_moving_follows_the_table_and_writes_history(bench: Bench) -> None:
    with bench.store.writing() as work:
        exchange, _, _ = keep_received(work, bench.vault)
    with bench.store.writing() as work:
        moved = log_and_move(work, exchange, Event.ACCEPT)
    assert (moved.state, moved.changed_at) == (State.ACCEPTED, LATER)
    with bench.store.reading() as look:
        assert look.exchanges.exchange(exchange.id) == moved
        assert [change.after for change in look.exchanges.changes(exchange.id)] == [State.RECEIVED, State.ACCEPTED]


def test_a_change_that_the_table_does_not_hold_is_refused(bench: Bench) -> None:
    with bench.store.writing() as work:
        exchange, _, _ = keep_received(work, bench.vault)
    with bench.store.writing() as work, pytest.raises(InvalidTransition):
        log_and_move(work, exchange, Event.ANSWER_DELIVERED)
    with bench.store.writing() as work, pytest.raises(InvalidTransition):
        work.exchanges.open(an_exchange(7, state=State.CONCLUDED), Event.RECEIVE, leaf_index=1)


def test_of_two_writers_that_read_the_same_state_one_wins(bench: Bench) -> None:
    with bench.store.writing() as work:
        exchange, _, _ = keep_received(work, bench.vault)
    results: list[str] = []
    start = threading.Barrier(2)

    def move(event: Event) -> None:
        start.wait()
        try:
            with bench.store.writing() as work:
                log_and_move(work, exchange, event)
            results.append(event.value)
        except StateConflict:
            results.append("conflict")

    threads = [threading.Thread(target=move, args=(event,)) for event in (Event.ACCEPT, Event.REJECT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.count("conflict") == 1


def test_a_stale_copy_moves_nothing(bench: Bench) -> None:
    with bench.store.writing() as work:
        exchange, _, _ = keep_received(work, bench.vault)
        log_and_move(work, exchange, Event.ACCEPT)
    with bench.store.writing() as work, pytest.raises(StateConflict):
        log_and_move(work, exchange, Event.REJECT)


def test_listing_goes_in_order_of_opening_and_filters(bench: Bench) -> None:
    with bench.store.writing() as work:
        made = [keep_received(work, bench.vault, number)[0] for number in (3, 1, 2)]
        moved = log_and_move(work, made[1], Event.ACCEPT)
    with bench.store.reading() as look:
        assert [one.id for one in look.exchanges.select()] == [one.id for one in made]
        assert [one.id for one in look.exchanges.select(limit=2)] == [made[0].id, made[1].id]
        assert [one.id for one in look.exchanges.select(after=made[0].id)] == [made[1].id, made[2].id]
        assert look.exchanges.select(state=State.ACCEPTED) == [moved]
        assert look.exchanges.select(partner=PartnerCode("yy")) == []
        assert look.exchanges.select(direction=Direction.OUTBOUND) == []


def test_times_keep_their_microseconds_and_zone(bench: Bench) -> None:
    far = dataclasses.replace(an_exchange(), opened_at=NOW + timedelta(days=30000), changed_at=NOW)
    with bench.store.writing() as work:
        draft = LogDraft(tag=Tag.PARTNER_MESSAGE_RECEIVED, rows=(far,), change=(far, Event.RECEIVE))
        leaf = work.log.append(draft, at=far.opened_at)
        work.exchanges.open(far, Event.RECEIVE, leaf_index=leaf.index)
    with bench.store.reading() as look:
        assert look.exchanges.exchange(far.id) == far
