"""The outermost layer of a port: each answer signed as it is sent, or none that could be taken for one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from gateway.api import problems
from gateway.api.signed_answers import SignedAnswers
from gateway.errors import DataFolderError, GatewayError, TemporaryFailure
from gateway.security.http_messages import Headers, HttpRequest, HttpResponse
from gateway.security.http_refusals import HttpCode, HttpMessageRefused
from tests.world.http import answered, proved, signed
from tests.world.partner import Partner

BASE = "https://gateway.example"


@pytest.fixture(name="server")
def server_fixture() -> Partner:
    return Partner(code="aa", home="xx")


@pytest.fixture(name="asker")
def asker_fixture(server: Partner) -> Partner:
    partner = Partner()
    partner.know(server.key_list())
    return partner


@pytest.fixture(name="port")
def port_fixture(server: Partner) -> SignedAnswers:
    app = FastAPI()
    problems.install(app)

    @app.get("/good")
    def good() -> dict[str, int]:
        return {"number": 1}

    @app.get("/fault")
    def fault() -> None:
        raise RuntimeError

    return SignedAnswers(app, public_base=BASE, sign=lambda response, request: answered(server, response, request))


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [("/good", 200, b'{"number":1}'), ("/fault", 500, None), ("/nowhere", 404, None)],
)
def test_every_answer_is_bound_to_its_request(
    call: Callable[..., Any], asker: Partner, port: SignedAnswers, path: str, status: int, body: bytes | None
) -> None:
    request = signed(asker, "GET", BASE + path)
    answer = call(port, "GET", path, headers=dict(request.headers.lines))
    assert answer.status == status
    assert body is None or answer.body == body
    response = HttpResponse(status=answer.status, headers=Headers.of(answer.headers.items()), content=answer.body)
    proved(asker, response, request)


def test_an_answer_in_pieces_leaves_whole(call: Callable[..., Any], server: Partner, asker: Partner) -> None:
    async def pieces(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        for piece in (b"a", b"", b"bc"):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body"})

    port = SignedAnswers(pieces, public_base=BASE, sign=lambda response, request: answered(server, response, request))
    request = signed(asker, "GET", f"{BASE}/x")
    answer = call(port, "GET", "/x", headers=dict(request.headers.lines))
    assert answer.body == b"abc"
    response = HttpResponse(status=answer.status, headers=Headers.of(answer.headers.items()), content=answer.body)
    proved(asker, response, request)


def test_the_host_that_a_request_names_is_not_looked_at(
    call: Callable[..., Any], asker: Partner, port: SignedAnswers
) -> None:
    request = HttpRequest(method="GET", target=f"{BASE}/good")
    answer = call(port, "GET", "/good", headers={"host": "other.example", "x-forwarded-host": "other.example"})
    response = HttpResponse(status=answer.status, headers=Headers.of(answer.headers.items()), content=answer.body)
    proved(asker, response, request)


@pytest.mark.parametrize(("method", "path"), [("get", "/good"), ("GET", "/a b"), ("GET", "*"), ("M1", "/good")])
def test_what_no_answer_can_be_bound_to_is_refused_unsigned(
    call: Callable[..., Any], port: SignedAnswers, method: str, path: str
) -> None:
    answer = call(port, method, path)
    assert (answer.status, answer.json["title"]) == (400, "http.malformed")
    assert "signature" not in answer.headers


@pytest.mark.parametrize("fails", [False, True])
def test_what_is_refused_before_any_route_is_kept_and_ends_the_connection(
    call: Callable[..., Any], port: SignedAnswers, *, fails: bool
) -> None:
    kept: list[str] = []

    def keep(refusal: GatewayError, partner: str) -> None:
        kept.append(f"{partner}{refusal.stable_code}")
        if fails:
            raise TemporaryFailure("the store cannot answer")

    keeping = SignedAnswers(port._app, public_base=BASE, sign=port._sign, log_refusal=keep)
    answer = call(keeping, "GET", "*")
    assert (answer.status, answer.headers["connection"]) == (400, "close")
    asyncio.run(keeping.report_broken(HttpMessageRefused(HttpCode.MALFORMED)))
    assert kept == ["http.malformed"] * 2


def test_an_answer_that_cannot_be_signed_does_not_leave(call: Callable[..., Any], port: SignedAnswers) -> None:
    def cannot(_response: HttpResponse, _request: HttpRequest) -> HttpResponse:
        raise DataFolderError("we have no active signing key", code="key.none-active")

    without = SignedAnswers(port._app, public_base=BASE, sign=cannot)
    answer = call(without, "GET", "/good")
    assert (answer.status, answer.json["title"]) == (500, "internal")
    assert "signature" not in answer.headers
