from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI

from gateway.api.partner_port import build_partner_port
from gateway.security.limits import EnvelopeLimits
from tests.world.partner import NOTE
from tests.world.setting import World

SEALED = {"content-type": "application/jose"}
LIMIT = 4096


@pytest.fixture(name="port")
def port_fixture(world: World) -> FastAPI:
    return build_partner_port(world.gateway, message_limit=LIMIT)


def test_a_message_gets_a_signed_receipt(call: Callable[..., Any], world: World, port: FastAPI) -> None:
    answer = call(port, "POST", "/v1/messages", [world.partner.seal(NOTE, "m-1")], SEALED)
    assert answer.status == 202
    assert answer.json["message_id"] == "m-1"
    assert answer.json["receipt"].count(".") == 2


def test_a_message_in_pieces_is_the_same_message(call: Callable[..., Any], world: World, port: FastAPI) -> None:
    sealed = world.partner.seal(NOTE, "m-1")
    first = call(port, "POST", "/v1/messages", [sealed], SEALED)
    again = call(port, "POST", "/v1/messages", [sealed[:7], sealed[7:400], sealed[400:]], SEALED)
    assert again.status == 202
    assert again.json["receipt"] == first.json["receipt"]


def test_other_bytes_under_the_same_id_are_refused(call: Callable[..., Any], world: World, port: FastAPI) -> None:
    call(port, "POST", "/v1/messages", [world.partner.seal(NOTE, "m-1")], SEALED)
    answer = call(port, "POST", "/v1/messages", [world.partner.seal(NOTE + b" ", "m-1")], SEALED)
    assert (answer.status, answer.json["title"]) == (409, "message.replayed")


@pytest.mark.parametrize("kind", ["application/xml", "", "application/jose+json"])
def test_another_content_type_is_refused(call: Callable[..., Any], port: FastAPI, kind: str) -> None:
    taken: list[int] = []
    answer = call(port, "POST", "/v1/messages", [b"x"], {"content-type": kind}, taken)
    assert (answer.status, answer.json["title"]) == (415, "http.content-type")
    assert answer.kind == "application/problem+json"


def test_the_content_type_may_have_parameters_and_capitals(
    call: Callable[..., Any], world: World, port: FastAPI
) -> None:
    headers = {"content-type": "Application/JOSE; charset=us-ascii"}
    assert call(port, "POST", "/v1/messages", [world.partner.seal(NOTE, "m-1")], headers).status == 202


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity, gzip"])
def test_a_content_encoding_is_refused_before_a_byte_is_read(
    call: Callable[..., Any], port: FastAPI, encoding: str
) -> None:
    taken: list[int] = []
    answer = call(port, "POST", "/v1/messages", [b"x"], SEALED | {"content-encoding": encoding}, taken)
    assert (answer.status, answer.json["title"]) == (422, "http.content-encoding")
    assert taken == []


def test_reading_ends_with_the_first_byte_too_many(call: Callable[..., Any], port: FastAPI) -> None:
    most = EnvelopeLimits(max_message_bytes=LIMIT).max_jwe_bytes
    taken: list[int] = []
    answer = call(port, "POST", "/v1/messages", [b"x" * most, b"x", *[b"x" * 1000] * 50], SEALED, taken)
    assert (answer.status, answer.json["title"]) == (413, "message.too-large")
    assert taken == [most, 1]


@pytest.mark.parametrize("body", [b"", b"x", b"\xff\x00", b"a.b.c.d.e", b"....", b"." * 300, "سر".encode()])
def test_whatever_is_no_envelope_is_refused(call: Callable[..., Any], port: FastAPI, body: bytes) -> None:
    answer = call(port, "POST", "/v1/messages", [body], SEALED)
    assert answer.status == 400
    assert answer.raised is None
    assert answer.json["type"].startswith("urn:sarhad:problem:envelope.")


def test_status_of_a_message_is_for_its_sender_only(call: Callable[..., Any], world: World, port: FastAPI) -> None:
    call(port, "POST", "/v1/messages", [world.partner.seal(NOTE, "m-1")], SEALED)
    known = call(port, "GET", "/v1/messages/m-1?from=xx")
    assert (known.status, known.json["message_id"]) == (200, "m-1")
    for target in ("/v1/messages/m-1?from=yy", "/v1/messages/m-2?from=xx"):
        assert call(port, "GET", target).status == 404
    assert call(port, "GET", "/v1/messages/m-1").status == 422


def test_a_check_answers_without_effect(call: Callable[..., Any], world: World, port: FastAPI) -> None:
    good = call(port, "POST", "/v1/checks?from=xx&type=note", [NOTE])
    assert (good.status, good.json["valid"]) == (200, True)
    bad = call(port, "POST", "/v1/checks?from=xx&type=note", [NOTE.replace(b"<Number>N-1</Number>", b"")])
    assert (bad.status, bad.json["valid"]) == (422, False)
    assert bad.json["findings"][0]["path"]
    assert world.gateway.exchanges() == []


def test_the_newest_checkpoint_is_public(call: Callable[..., Any], world: World, port: FastAPI) -> None:
    assert call(port, "GET", "/v1/log/checkpoint").status == 404
    text = world.gateway.checkpoint()
    answer = call(port, "GET", "/v1/log/checkpoint")
    assert (answer.status, answer.body.decode()) == (200, text)
    assert answer.kind.startswith("text/plain")


def test_the_interface_is_described(call: Callable[..., Any], port: FastAPI) -> None:
    described = call(port, "GET", "/openapi.json").json
    hand_in = described["paths"]["/v1/messages"]["post"]
    assert "application/jose" in hand_in["requestBody"]["content"]
    assert {"202", "400", "409", "413", "415", "503"} <= set(hand_in["responses"])
    assert not any("/internal/" in path for path in described["paths"])
