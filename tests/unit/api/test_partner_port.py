from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from gateway.api.partner_port import build_partner_port
from gateway.api.signed_answers import SignedAnswers
from gateway.security.http_messages import Headers, HttpResponse
from gateway.security.limits import EnvelopeLimits
from tests.unit.api.conftest import ask
from tests.world.http import proved, signed
from tests.world.partner import NOTE
from tests.world.setting import World

BASE = "https://gateway.example/base"
SEALED = {"content-type": "application/jose"}
PLAIN = {"content-type": "application/xml"}
LIMIT = 4096


@pytest.fixture(name="port")
def port_fixture(world: World) -> SignedAnswers:
    return build_partner_port(world.gateway, public_base=BASE, message_limit=LIMIT)


@pytest.fixture(name="unsigned")
def unsigned_fixture() -> Callable[..., Any]:
    """Calls of anybody."""
    return ask


@pytest.fixture(name="call")
def call_fixture(call: Callable[..., Any], world: World) -> Callable[..., Any]:
    """Calls as the partner makes them: requests signed, answers verified. A content encoding comes on afterwards."""

    def signing(
        port: SignedAnswers,
        method: str,
        path: str,
        chunks: Sequence[bytes] = (b"",),
        headers: dict[str, str] | None = None,
        taken: list[int] | None = None,
    ) -> Any:
        plain = {name: value for name, value in (headers or {}).items() if name != "content-encoding"}
        request = signed(world.partner, method, BASE + path, b"".join(chunks), plain, at=world.clock.now())
        sent = {**(headers or {}), **dict(request.headers.lines)}
        answer = call(port, method, path, chunks, sent, taken)
        response = HttpResponse(status=answer.status, headers=Headers.of(answer.headers.items()), content=answer.body)
        proved(world.partner, response, request, at=world.clock.now())
        return answer

    return signing


def test_a_message_gets_a_signed_receipt(call: Callable[..., Any], world: World, port: SignedAnswers) -> None:
    answer = call(port, "POST", "/v1/messages", [world.partner.seal(NOTE, "m-1")], SEALED)
    assert answer.status == 202
    assert answer.json["message_id"] == "m-1"
    assert answer.json["receipt"].count(".") == 2


def test_a_message_in_pieces_is_the_same_message(call: Callable[..., Any], world: World, port: SignedAnswers) -> None:
    sealed = world.partner.seal(NOTE, "m-1")
    first = call(port, "POST", "/v1/messages", [sealed], SEALED)
    again = call(port, "POST", "/v1/messages", [sealed[:7], sealed[7:400], sealed[400:]], SEALED)
    assert again.status == 202
    assert again.json["receipt"] == first.json["receipt"]


def test_other_bytes_under_the_same_id_are_refused(call: Callable[..., Any], world: World, port: SignedAnswers) -> None:
    call(port, "POST", "/v1/messages", [world.partner.seal(NOTE, "m-1")], SEALED)
    answer = call(port, "POST", "/v1/messages", [world.partner.seal(NOTE + b" ", "m-1")], SEALED)
    assert (answer.status, answer.json["title"]) == (409, "message.replayed")


@pytest.mark.parametrize("kind", ["application/xml", "", "application/jose+json"])
def test_another_content_type_is_refused(call: Callable[..., Any], port: SignedAnswers, kind: str) -> None:
    taken: list[int] = []
    answer = call(port, "POST", "/v1/messages", [b"x"], {"content-type": kind}, taken)
    assert (answer.status, answer.json["title"]) == (415, "http.content-type")
    assert answer.kind == "application/problem+json"


def test_the_content_type_may_have_parameters_and_capitals(
    call: Callable[..., Any], world: World, port: SignedAnswers
) -> None:
    headers = {"content-type": "Application/JOSE; charset=us-ascii"}
    assert call(port, "POST", "/v1/messages", [world.partner.seal(NOTE, "m-1")], headers).status == 202


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity, gzip"])
def test_a_content_encoding_is_refused_before_a_byte_is_read(
    call: Callable[..., Any], port: SignedAnswers, encoding: str
) -> None:
    taken: list[int] = []
    answer = call(port, "POST", "/v1/messages", [b"x"], SEALED | {"content-encoding": encoding}, taken)
    assert (answer.status, answer.json["title"]) == (400, "http.content-encoding")
    assert taken == []


def test_reading_ends_with_the_first_byte_too_many(call: Callable[..., Any], port: SignedAnswers) -> None:
    most = EnvelopeLimits(max_message_bytes=LIMIT).max_jwe_bytes
    taken: list[int] = []
    answer = call(port, "POST", "/v1/messages", [b"x" * most, b"x", *[b"x" * 1000] * 50], SEALED, taken)
    assert (answer.status, answer.json["title"]) == (413, "message.too-large")
    assert taken == [most, 1]


@pytest.mark.parametrize("body", [b"", b"x", b"\xff\x00", b"a.b.c.d.e", b"....", b"." * 300, "سر".encode()])
def test_whatever_is_no_envelope_is_refused(call: Callable[..., Any], port: SignedAnswers, body: bytes) -> None:
    answer = call(port, "POST", "/v1/messages", [body], SEALED)
    assert answer.status == 400
    assert answer.raised is None
    assert answer.json["type"].startswith("urn:sarhad:problem:envelope.")


def test_status_of_a_message_is_for_its_sender_only(
    call: Callable[..., Any], world: World, port: SignedAnswers
) -> None:
    call(port, "POST", "/v1/messages", [world.partner.seal(NOTE, "m-1")], SEALED)
    known = call(port, "GET", "/v1/messages/m-1?from=xx")
    assert (known.status, known.json["message_id"]) == (200, "m-1")
    for target in ("/v1/messages/m-1?from=yy", "/v1/messages/m-2?from=xx"):
        assert call(port, "GET", target).status == 404
    assert call(port, "GET", "/v1/messages/m-1").status == 422


def test_a_check_answers_without_effect(call: Callable[..., Any], world: World, port: SignedAnswers) -> None:
    good = call(port, "POST", "/v1/checks?from=xx&type=note", [NOTE], PLAIN)
    assert (good.status, good.json["valid"]) == (200, True)
    bad = call(port, "POST", "/v1/checks?from=xx&type=note", [NOTE.replace(b"<Number>N-1</Number>", b"")], PLAIN)
    assert (bad.status, bad.json["valid"]) == (422, False)
    assert bad.json["findings"][0]["path"]
    assert world.gateway.exchanges() == []


def test_the_newest_checkpoint_is_public(call: Callable[..., Any], world: World, port: SignedAnswers) -> None:
    assert call(port, "GET", "/v1/log/checkpoint").status == 404
    text = world.gateway.checkpoint()
    answer = call(port, "GET", "/v1/log/checkpoint")
    assert (answer.status, answer.body.decode()) == (200, text)
    assert answer.kind.startswith("text/plain")


def test_our_public_keys_are_given_to_anybody_and_may_be_kept_an_hour(
    call: Callable[..., Any], world: World, port: SignedAnswers
) -> None:
    answer = call(port, "GET", "/.well-known/jwks.json")  # verified there: signed like every answer
    assert (answer.status, answer.kind) == (200, "application/jwk-set+json")
    assert answer.headers["cache-control"] == "max-age=3600"
    ends = world.gateway.upkeep.figures().expiries
    assert {key["kid"] for key in answer.json["keys"]} == {one.name for one in ends if one.owner == "aa"}
    assert all({"kid", "use", "alg", "kty"} <= key.keys() and "d" not in key for key in answer.json["keys"])


def test_our_public_keys_need_no_caller(unsigned: Callable[..., Any], port: SignedAnswers) -> None:
    answer = unsigned(port, "GET", "/.well-known/jwks.json")
    assert (answer.status, len(answer.json["keys"])) == (200, 3)
    assert "signature" in answer.headers


def test_the_interface_is_described(call: Callable[..., Any], port: SignedAnswers) -> None:
    described = call(port, "GET", "/openapi.json").json
    hand_in = described["paths"]["/v1/messages"]["post"]
    assert "application/jose" in hand_in["requestBody"]["content"]
    assert {"202", "400", "409", "413", "415", "503"} <= set(hand_in["responses"])
    assert not any("/internal/" in path for path in described["paths"])
