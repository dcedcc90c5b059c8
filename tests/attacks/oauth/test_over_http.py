"""Token endpoint, proxy field and route check joined as a port joins them, asked over the ASGI interface."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse

from gateway.api import problems
from gateway.api.requests import read_body
from gateway.authorisation.forms import FORM, MOST_BYTES, TokenCall
from gateway.authorisation.realm import TOKEN_PATH
from gateway.authorisation.refusals import AccessRefused
from gateway.authorisation.scopes import Scope
from gateway.security.certificates import (
    FIELD,
    CertificatePins,
    CertificateRefused,
    PinnedCertificate,
    read_client_cert,
    write_client_cert,
)
from tests.attacks.oauth.parties import (
    NOW,
    REALM,
    Stage,
    assertion_claims,
    caller_of,
    certificate_of,
    header_of,
    key_of,
    sign,
)

PINS = CertificatePins([caller_of("xx"), caller_of("yy")])


def caller(request: Request) -> PinnedCertificate:
    return PINS.require(read_client_cert(request.headers.getlist(FIELD)), NOW)


Caller = Annotated[PinnedCertificate, Depends(caller)]


def build_port(stage: Stage) -> FastAPI:
    app = FastAPI()
    problems.install(app)

    def needs(scope: Scope) -> Any:
        def check(request: Request, caller: Caller) -> None:
            lines = request.headers.getlist("authorization")
            request.state.token = stage.check.require(lines, scope, caller=caller, at=NOW)

        return Depends(check)

    @app.post(TOKEN_PATH)
    async def token(request: Request, caller: Caller) -> JSONResponse:
        call = TokenCall(
            body=await read_body(request, MOST_BYTES, 10),
            content_types=request.headers.getlist("content-type"),
            query=request.url.query,
            authorization=request.headers.getlist("authorization"),
            caller=caller,
            at=NOW,
        )
        answer = stage.endpoint.answer(call)
        return JSONResponse(dict(answer.body), answer.status, headers=dict(answer.headers))

    @app.get("/status", dependencies=[needs(Scope.STATUS)])
    @app.get("/mailbox", dependencies=[needs(Scope.MAILBOX)])
    def client(request: Request) -> dict[str, str]:
        return {"client": request.state.token.client_id}

    async def refused(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, AccessRefused | CertificateRefused)
        status = error.status if isinstance(error, AccessRefused) else 401
        headers = error.headers if isinstance(error, AccessRefused) else {}
        return JSONResponse(problems.problem_of(error, status), status, headers=headers)

    app.add_exception_handler(AccessRefused, refused)
    app.add_exception_handler(CertificateRefused, refused)
    return app


Ask = Callable[..., httpx.Response]


@pytest.fixture
def ask(stage: Stage) -> Ask:
    transport = httpx.ASGITransport(build_port(stage))

    def send(method: str, path: str, fields: list[tuple[str, str]], content: bytes = b"") -> httpx.Response:
        async def once() -> httpx.Response:
            async with httpx.AsyncClient(transport=transport, base_url=REALM.issuer) as client:
                return await client.request(method, path, headers=fields, content=content)

        return asyncio.run(once())

    return send


def certificate_field(party: str) -> tuple[str, str]:
    return FIELD, write_client_cert(certificate_of(party))


def ask_for_token(ask: Ask, stage: Stage, *fields: tuple[str, str], jti: str = "j-1") -> httpx.Response:
    key = key_of("xx")
    form = stage.form(sign(header_of(key), assertion_claims(jti=jti), key))
    return ask("POST", TOKEN_PATH, [("content-type", FORM), *fields], urlencode(form).encode())


def test_a_token_is_issued_and_opens_its_route(ask: Ask, stage: Stage) -> None:
    answer = ask_for_token(ask, stage, certificate_field("xx"))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    bearer = ("authorization", f"Bearer {answer.json()['access_token']}")
    assert ask("GET", "/status", [certificate_field("xx"), bearer]).json() == {"client": "xx"}
    for fields, path, status, code in [
        ([certificate_field("xx"), bearer], "/mailbox", 403, "token.scope"),
        ([certificate_field("yy"), bearer], "/status", 401, "token.other-certificate"),
        ([certificate_field("xx"), bearer, bearer], "/status", 400, "token.repeated"),
        ([certificate_field("xx")], "/status", 401, "token.missing"),
        ([bearer], "/status", 401, "certificate.missing"),
        ([certificate_field("xx"), certificate_field("yy"), bearer], "/status", 401, "certificate.malformed"),
    ]:
        refused = ask("GET", path, fields)
        assert (refused.status_code, refused.json()["title"]) == (status, code)
        assert ("www-authenticate" in refused.headers) == code.startswith("token.")


def test_a_replay_is_answered_with_401(ask: Ask, stage: Stage) -> None:
    assert ask_for_token(ask, stage, certificate_field("xx")).status_code == 200
    again = ask_for_token(ask, stage, certificate_field("xx"))
    assert (again.status_code, again.json()["error"], again.json()["code"]) == (
        401,
        "invalid_client",
        "assertion.replayed",
    )


def test_a_token_request_with_more_than_it_may_hold(ask: Ask, stage: Stage) -> None:
    certificate = certificate_field("xx")
    double = ask_for_token(ask, stage, certificate, ("content-type", FORM))
    assert (double.status_code, double.json()["code"]) == (400, "oauth.form-malformed")
    basic = ask_for_token(ask, stage, certificate, ("authorization", "Basic eHg6eA=="))
    assert (basic.status_code, basic.json()["code"]) == (400, "oauth.other-credentials")
    long = ask("POST", TOKEN_PATH, [("content-type", FORM), certificate], b"a=" + b"x" * MOST_BYTES)
    assert long.status_code == 413
    query = ask("POST", f"{TOKEN_PATH}?scope=log:read", [("content-type", FORM), certificate], b"a=b")
    assert query.json()["code"] == "oauth.parameter-in-uri"
