"""Delivering: the partner's moods, retries of the same bytes, pauses, dead letters, the kill switch."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from gateway.exchange.model import Role
from gateway.exchange.states import State
from gateway.identifiers import PartnerCode
from gateway.ports import LaneView
from tests.world.log import entries, tags
from tests.world.partner import NOTE, Partner, accepted, answer, no_answer
from tests.world.setting import World

CONTENT = b'{"number": "L-1"}'


def lodge(world: World, message_id: str = "l-1") -> str:
    return world.gateway.lodge(CONTENT, "xx", "reply", message_id=message_id).exchange_id


def lane(world: World) -> LaneView:
    [view] = [one for one in world.gateway.lanes() if one.lane == "deliver/xx"]
    return view


def codes(world: World, exchange_id: str) -> list[str]:
    return [attempt.code for attempt in world.gateway.exchange(exchange_id).attempts]


@pytest.mark.parametrize(
    ("mood", "code"),
    [
        (no_answer, "delivery.no-answer"),
        (answer(503), "delivery.http-503"),
        (answer(500), "delivery.http-500"),
        (answer(429), "delivery.http-429"),
        (answer(408), "delivery.http-408"),
        (answer(425), "delivery.http-425"),
        (answer(200), "delivery.no-receipt"),
        (answer(202, body=b"nonsense"), "delivery.no-receipt"),
        (answer(202, body=b'{"receipt": "a.b.c"}'), "envelope."),
        (answer(401, body=b'{"title": "http.unknown-key"}'), "delivery.http-401"),
        (answer(400, body=b'{"title": "envelope.unknown-key"}'), "delivery.http-400"),
        (answer(400, body=b'{"title": "envelope.key-not-active"}'), "delivery.http-400"),
    ],
)
def test_what_may_get_better_is_tried_again_with_the_same_bytes(world: World, mood: object, code: str) -> None:
    exchange_id = lodge(world)
    sent: list[bytes] = []
    real = Partner.deliver

    def spy(self: Partner, partner: PartnerCode, endpoint: str, sealed: bytes, message_id: str) -> object:
        sent.append(sealed)
        return real(self, partner, endpoint, sealed, message_id)  # type: ignore[arg-type]

    world.partner.mood.append(mood)  # type: ignore[arg-type]
    world.partner.__dict__["deliver"] = spy.__get__(world.partner)
    assert world.gateway.dispatch_once() == 1
    assert world.gateway.exchange(exchange_id).exchange.state is State.RELEASED
    world.clock.go(10)
    assert world.gateway.dispatch_once() == 1
    assert world.gateway.exchange(exchange_id).exchange.state is State.RECEIPTED
    assert sent[0] == sent[1]
    assert codes(world, exchange_id)[0].startswith(code)
    assert codes(world, exchange_id)[1] == "delivered"


@pytest.mark.parametrize("body", [b"", b"[]", b'{"title": []}', b'{"title": "http.signature-wrong"}', b"\xff"])
def test_a_refusal_for_anything_but_a_key_of_ours_is_final(world: World, body: bytes) -> None:
    exchange_id = lodge(world)
    world.partner.mood.append(answer(401, body=body))
    world.gateway.dispatch_once()
    assert world.gateway.exchange(exchange_id).exchange.state is State.UNDELIVERED


@pytest.mark.parametrize("status", [301, 400, 401, 404, 409, 413, 422])
def test_what_cannot_get_better_is_a_dead_letter_at_once(world: World, status: int) -> None:
    exchange_id = lodge(world)
    world.partner.mood.append(answer(status))
    world.gateway.dispatch_once()
    assert world.gateway.exchange(exchange_id).exchange.state is State.UNDELIVERED
    [letter] = world.gateway.dead_letters()
    assert (letter.kind, letter.reason, letter.attempts) == ("deliver", f"delivery.http-{status}", 1)
    assert tags(world)[-1] == "gateway:message:undelivered"


def test_a_dead_letter_is_redriven_with_the_same_bytes_under_the_same_id(world: World) -> None:
    exchange_id = lodge(world)
    world.partner.mood.append(answer(400))
    world.gateway.dispatch_once()
    [letter] = world.gateway.dead_letters()
    world.gateway.redrive(letter.id, operator="officer", reason="endpoint mended")
    assert world.gateway.exchange(exchange_id).exchange.state is State.RELEASED
    world.gateway.dispatch_once()
    assert world.gateway.exchange(exchange_id).exchange.state is State.RECEIPTED
    assert world.partner.deliveries == ["l-1", "l-1"]
    assert world.gateway.dead_letters() == []
    assert world.gateway.verify_audit().ok


def test_after_the_time_of_the_profile_a_message_is_given_up(world: World) -> None:
    exchange_id = lodge(world)
    world.partner.mood += [no_answer, no_answer]
    world.gateway.dispatch_once()
    world.clock.go(3601)
    world.gateway.dispatch_once()
    assert world.gateway.exchange(exchange_id).exchange.state is State.UNDELIVERED
    assert codes(world, exchange_id) == ["delivery.no-answer"] * 2


def test_a_pause_that_the_partner_asks_for_is_kept(world: World) -> None:
    lodge(world)
    world.partner.mood.append(answer(503, retry_after=120))
    world.gateway.dispatch_once()
    world.clock.go(100)
    assert world.gateway.dispatch_once() == 0
    world.clock.go(21)
    assert world.gateway.dispatch_once() == 1


def test_a_partner_cannot_ask_for_an_endless_pause(world: World) -> None:
    lodge(world)
    world.partner.mood.append(answer(503, retry_after=1e9))
    world.gateway.dispatch_once()
    retry_at = lane(world).retry_at
    assert retry_at is not None
    assert retry_at - world.clock.now() <= timedelta(seconds=world.settings.retry_after_cap)


def test_messages_arrive_in_order_even_when_the_first_one_fails(world: World) -> None:
    for number in range(3):
        lodge(world, f"l-{number}")
    world.partner.mood.append(no_answer)
    assert world.gateway.dispatch_once() == 1
    world.clock.go(10)
    assert world.gateway.dispatch_once() == 3
    assert list(world.partner.taken) == ["l-0", "l-1", "l-2"]
    assert world.partner.deliveries == ["l-0", "l-0", "l-1", "l-2"]


def test_the_kill_switch_stops_before_the_next_message_and_is_logged(world: World) -> None:
    lodge(world, "l-1")
    world.gateway.set_stopped("xx", stopped=True, operator="officer", reason="incident 7")
    assert world.gateway.dispatch_once() == 0
    assert world.partner.deliveries == []
    assert lane(world).stopped
    world.gateway.set_stopped("xx", stopped=False, operator="officer", reason="over")
    assert world.gateway.dispatch_once() == 1
    assert tags(world)[1:3] == ["operator:lane:stopped", "operator:lane:started"]
    assert entries(world)[1]["reason"] == "incident 7"


def test_the_kill_switch_works_in_the_middle_of_a_batch(world: World) -> None:
    for number in range(3):
        lodge(world, f"l-{number}")

    def stop_then_take() -> object:
        world.gateway.set_stopped("xx", stopped=True, operator="officer", reason="incident")
        return answer(503)()

    world.partner.mood.append(stop_then_take)  # type: ignore[arg-type]
    world.gateway.dispatch_once()
    assert world.partner.deliveries == ["l-0"]


def test_a_receipt_for_other_bytes_or_by_another_is_not_believed(world: World) -> None:
    exchange_id = lodge(world)
    stranger = Partner()
    world.partner.mood += [
        lambda: accepted(world.partner.receipt("l-1", "0" * 64)),
        lambda: accepted(world.partner.receipt("l-9", "0" * 64)),
        lambda: accepted(stranger.receipt("l-1", "0" * 64)),
    ]
    for _ in range(3):
        world.gateway.dispatch_once()
        world.clock.go(60)
    assert world.gateway.exchange(exchange_id).exchange.state is State.RELEASED
    assert tags(world).count("partner:receipt:refused") == 3
    assert world.gateway.exchange(exchange_id).receipts == ()


def test_a_lost_answer_does_no_harm_the_partner_gives_its_first_receipt_again(world: World) -> None:
    exchange_id = lodge(world)
    real = world.partner.take

    def answer_lost() -> object:
        with_sealed = world.gateway._store
        with with_sealed.reading() as look:
            [message] = look.exchanges.messages(exchange_id)  # type: ignore[arg-type]
            real(look.bodies.read(message.key, Role.SEALED))
        return no_answer()

    world.partner.mood.append(answer_lost)  # type: ignore[arg-type]
    world.gateway.dispatch_once()
    assert list(world.partner.taken) == ["l-1"]
    world.clock.go(10)
    world.gateway.dispatch_once()
    view = world.gateway.exchange(exchange_id)
    assert view.exchange.state is State.RECEIPTED
    assert view.receipts[0].compact == world.partner.taken["l-1"].receipt


def test_an_acknowledgement_that_cannot_be_delivered_waits_for_an_operator_and_keeps_its_outcome(
    world: World,
) -> None:
    for message_id, payload, state, end in (
        ("m-1", NOTE, State.ACCEPTED, State.CONCLUDED),
        ("m-2", b"<Note", State.REJECTED, State.REFUSED),
    ):
        exchange_id = world.gateway.receive(world.partner.seal(payload, message_id), "application/jose").exchange_id
        world.gateway.process_once()
        world.partner.mood.append(answer(400))
        world.gateway.dispatch_once()
        assert world.gateway.exchange(exchange_id).exchange.state is State.UNANSWERED
        [letter] = world.gateway.dead_letters()
        world.gateway.redrive(letter.id, operator="officer", reason="again")
        assert world.gateway.exchange(exchange_id).exchange.state is state
        world.gateway.dispatch_once()
        assert world.gateway.exchange(exchange_id).exchange.state is end
    assert world.gateway.verify_audit().ok


def test_a_partner_without_endpoint_is_no_reason_to_lose_anything(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange_id = lodge(world)
    dispatcher = world.gateway._parts.runner._by_hand
    serve = next(worker._serve for work, worker in dispatcher.items() if work.value == "deliver")
    owner = serve.__self__  # type: ignore[attr-defined]
    route = owner._route
    monkeypatch.setattr(owner, "_route", lambda partner: dataclasses.replace(route(partner), endpoint=""))
    world.gateway.dispatch_once()
    assert codes(world, exchange_id) == ["delivery.no-endpoint"]
    assert world.gateway.exchange(exchange_id).exchange.state is State.RELEASED
