"""HTTP signatures from the pipeline's side: who asks, once only, and which of our keys answers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.errors import NotPermitted
from gateway.identifiers import PartnerCode
from gateway.pipeline.http_trust import HttpTrust
from gateway.security.http_messages import HttpRequest, HttpResponse
from gateway.security.http_refusals import HttpCode, HttpMessageRefused
from tests.world.http import proved, signed
from tests.world.log import entries, rows
from tests.world.partner import NOTE, Partner
from tests.world.setting import World, data_with, world_in

TARGET = "https://gateway.example/v1/messages"
KIND = {"content-type": "application/jose"}
XX, ZZ = PartnerCode("xx"), PartnerCode("zz")


def request_of(world: World, content: bytes = b"x") -> HttpRequest:
    return signed(world.partner, "POST", TARGET, content, KIND, at=world.clock.now())


def take(trust: HttpTrust, request: HttpRequest, content: bytes = b"x") -> None:
    verified = trust.verify_head(request)
    assert verified is not None
    trust.finish(request, content, verified)


def test_the_owner_of_the_key_is_the_one_who_asks(world: World) -> None:
    verified = world.gateway.http.verify_head(request_of(world))
    assert verified is not None
    assert verified.signer == "xx"


def test_on_a_proved_connection_the_keys_of_others_are_as_unknown_as_those_of_nobody(world: World) -> None:
    trust = world.gateway.http
    assert trust.verify_head(request_of(world), XX) is not None
    stranger = signed(Partner(code="zz"), "POST", TARGET, b"x", KIND, at=world.clock.now())
    said = []
    for request in (request_of(world), stranger):
        with pytest.raises(HttpMessageRefused) as refused:
            trust.verify_head(request, ZZ)
        said.append((refused.value.stable_code, refused.value.message, refused.value.path))
    assert said[0] == said[1]
    assert said[0][0] == HttpCode.UNKNOWN_KEY


def test_a_request_is_good_once_and_its_nonce_is_forgotten_when_it_is_over(world: World) -> None:
    trust, request = world.gateway.http, request_of(world)
    take(trust, request)
    with pytest.raises(HttpMessageRefused) as refused:
        take(trust, request)
    assert refused.value.stable_code == HttpCode.REPLAYED
    assert rows(world, "nonce") == 1
    world.clock.go(359)  # validity and skew are 360 s: as long as it could be accepted it is remembered
    with pytest.raises(HttpMessageRefused):
        take(trust, request)
    assert rows(world, "nonce") == 1
    world.clock.go(302)
    take(trust, request_of(world))
    assert rows(world, "nonce") == 1


def test_another_content_does_not_take_the_nonce(world: World) -> None:
    trust, request = world.gateway.http, request_of(world)
    with pytest.raises(HttpMessageRefused) as refused:
        take(trust, request, b"y")
    assert refused.value.stable_code == HttpCode.DIGEST_MISMATCH
    assert rows(world, "nonce") == 0
    take(trust, request)


def test_an_unsigned_request_is_nobodys_where_any_partner_may_send_one(tmp_path: Path, world: World) -> None:
    plain = HttpRequest(method="GET", target=TARGET)
    with pytest.raises(HttpMessageRefused) as refused:
        world.gateway.http.verify_head(plain)
    assert refused.value.stable_code == HttpCode.SIGNATURE_MISSING
    folder = tmp_path / "other"
    folder.mkdir()
    with world_in(folder, root=data_with(folder, http_signature="none")) as other:
        trust = other.gateway.http
        assert trust.verify_head(plain) is None
        assert not trust.signature_required(XX)
        assert trust.signature_required(ZZ)


def test_an_answer_is_signed_at_our_time(world: World) -> None:
    world.clock.go(timedelta(days=3).total_seconds())
    request = request_of(world)
    answer = world.gateway.http.sign_answer(HttpResponse(status=404), request)
    proved(world.partner, answer, request, at=world.clock.now())


def test_an_envelope_of_another_sender_is_not_stored(world: World) -> None:
    def permit(sender: PartnerCode) -> None:
        raise NotPermitted(f"not {sender}", code="http.other-sender")

    with pytest.raises(NotPermitted):
        world.gateway.receive(world.partner.seal(NOTE, "m-1"), "application/jose", permit=permit)
    assert world.gateway.exchanges() == []
    [entry] = entries(world)
    assert (entry["tag"], entry["codes"], entry["partner"]) == ("partner:message:refused", "http.other-sender", "xx")


def test_a_key_that_was_never_registered_is_unknown(world: World) -> None:
    stranger = signed(Partner(code="zz"), "POST", TARGET, b"x", KIND)
    with pytest.raises(HttpMessageRefused) as refused:
        world.gateway.http.verify_head(stranger)
    assert refused.value.stable_code == HttpCode.UNKNOWN_KEY
