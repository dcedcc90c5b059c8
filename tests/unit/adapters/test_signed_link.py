"""Signed requests to the other side: an answer without its good signature is no answer, whatever it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.adapters.partner_channel import (
    HttpAnswer,
    HttpLink,
    HttpPartnerChannel,
    PartnerSignatures,
    SignedLink,
)
from gateway.errors import DeliveryFailed
from gateway.identifiers import MessageId, PartnerCode
from gateway.security.http_messages import Headers, HttpRequest, HttpResponse
from tests.world.http import answered, checked
from tests.world.partner import Partner

URL = "https://partner.example/v1/messages"
XX = PartnerCode("xx")
GOOD = HttpResponse(status=202, headers=Headers.of([("Content-Type", "application/json")]), content=b'{"receipt":"r"}')

Answering = Callable[[HttpRequest], HttpResponse]


class Wire(HttpLink):
    """Hands requests to a function and keeps them."""

    def __init__(self, answer: Answering) -> None:
        super().__init__(timeout=1.0, answer_limit=1000)
        self.answer = answer
        self.seen: list[HttpRequest] = []

    def request(
        self, method: str, url: str, *, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        request = HttpRequest(method=method, target=url, headers=Headers.of((headers or {}).items()), content=content)
        self.seen.append(request)
        response = self.answer(request)
        lines = tuple((name.encode(), value.encode()) for name, value in response.headers.lines)
        return HttpAnswer(
            status=response.status, body=response.content, headers=dict(response.headers.lines), lines=lines
        )


@pytest.fixture
def us() -> Partner:
    """Our side: any party with keys will do."""
    return Partner(code="aa", home="xx")


@pytest.fixture
def they(us: Partner) -> Partner:
    """The other side; both know each other's keys."""
    partner = Partner()
    partner.know(us.key_list())
    us.know(partner.key_list())
    return partner


@pytest.fixture
def wire(they: Partner) -> Iterator[Wire]:
    """Answers well."""
    made = Wire(lambda request: answered(they, GOOD, request))
    yield made
    made.close()


def channel_over(
    wire: Wire, us: Partner, *, required: bool = True, ahead: timedelta = timedelta()
) -> HttpPartnerChannel:
    def signed_over(link: HttpLink) -> SignedLink:
        return SignedLink(link=link, signer=lambda _: us._signer, now=lambda: datetime.now(UTC) + ahead)

    return HttpPartnerChannel(
        lambda _: wire,
        PartnerSignatures(signed_over=signed_over, lookup_of=lambda _: us._theirs.get, required=lambda _: required),
    )


def deliver(channel: HttpPartnerChannel) -> tuple[int, bytes]:
    answer = channel.deliver(XX, URL.removesuffix("/v1/messages"), b"sealed", MessageId("m-1"))
    return answer.status, answer.body


def test_each_try_is_signed_anew_and_the_answer_verified(wire: Wire, us: Partner, they: Partner) -> None:
    channel = channel_over(wire, us)
    assert deliver(channel) == deliver(channel) == (202, GOOD.content)
    for request in wire.seen:
        checked(they, request)
        assert (request.target, request.content) == (URL, b"sealed")
        assert request.headers.only("idempotency-key") == "m-1"
    first, second = (request.headers.only("signature-input") for request in wire.seen)
    assert first != second


def test_where_the_switch_is_off_nothing_is_signed_and_any_answer_is_taken(wire: Wire, us: Partner) -> None:
    wire.answer = lambda _: GOOD
    assert deliver(channel_over(wire, us, required=False)) == (202, GOOD.content)
    assert wire.seen[0].headers.only("signature") is None


def unsigned(_they: Partner, _request: HttpRequest) -> HttpResponse:
    return GOOD


def by_another(_they: Partner, request: HttpRequest) -> HttpResponse:
    return answered(Partner(), GOOD, request)


def by_nobody_known(_they: Partner, request: HttpRequest) -> HttpResponse:
    return answered(Partner(code="zz"), GOOD, request)


def other_content(they: Partner, request: HttpRequest) -> HttpResponse:
    return replace(answered(they, GOOD, request), content=b'{"receipt":"s"}')


def other_status(they: Partner, request: HttpRequest) -> HttpResponse:
    return replace(answered(they, GOOD, request), status=400)


def to_another_request(they: Partner, request: HttpRequest) -> HttpResponse:
    return answered(they, GOOD, replace(request, target=URL + "/other"))


def the_request_itself(_they: Partner, request: HttpRequest) -> HttpResponse:
    return replace(GOOD, headers=request.headers, content=request.content)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (unsigned, "signature-missing"),
        (by_another, "signature-wrong"),
        (by_nobody_known, "unknown-key"),
        (other_content, "digest-mismatch"),
        (other_status, "signature-wrong"),
        (to_another_request, "signature-wrong"),
        (the_request_itself, "wrong-tag"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_an_answer_that_is_not_theirs_to_this_request_is_a_failure_that_may_be_tried_again(
    wire: Wire, us: Partner, they: Partner, answer: Callable[[Partner, HttpRequest], HttpResponse], code: str
) -> None:
    wire.answer = lambda request: answer(they, request)
    with pytest.raises(DeliveryFailed) as failed:
        deliver(channel_over(wire, us))
    assert failed.value.stable_code == f"delivery.answer-{code}"
    assert failed.value.retryable


def test_an_earlier_answer_is_no_answer_to_the_same_request_again(wire: Wire, us: Partner, they: Partner) -> None:
    kept: list[HttpResponse] = []

    def replaying(request: HttpRequest) -> HttpResponse:
        kept.append(answered(they, GOOD, request))
        return kept[0]

    wire.answer = replaying
    channel = channel_over(wire, us)
    assert deliver(channel)[0] == 202
    with pytest.raises(DeliveryFailed) as failed:
        deliver(channel)
    assert failed.value.stable_code == "delivery.answer-signature-wrong"


def test_clocks_that_are_apart_are_told(wire: Wire, us: Partner) -> None:
    with pytest.raises(DeliveryFailed) as failed:
        deliver(channel_over(wire, us, ahead=timedelta(minutes=10)))
    assert failed.value.stable_code == "delivery.answer-expired"


def test_an_address_that_cannot_be_signed_is_a_failure(wire: Wire, us: Partner) -> None:
    with pytest.raises(DeliveryFailed) as failed:
        channel_over(wire, us).deliver(XX, "no address", b"sealed", MessageId("m-1"))
    assert failed.value.stable_code == "delivery.no-address"
    assert wire.seen == []
