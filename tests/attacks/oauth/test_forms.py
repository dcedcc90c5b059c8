"""Token requests whose form, grant, scope or surroundings are wrong."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from gateway.authorisation.forms import MOST_BYTES
from tests.attacks.oauth.parties import REALM, Stage, assert_refused, assertion_claims, header_of, key_of, sign


@pytest.fixture
def honest() -> str:
    key = key_of("xx")
    return sign(header_of(key), assertion_claims(), key)


@pytest.fixture
def body(stage: Stage, honest: str) -> bytes:
    return urlencode(stage.form(honest)).encode()


@pytest.mark.parametrize(
    "more",
    [
        b"&grant_type=client_credentials",
        b"&grant_type=refresh_token",
        b"&client_assertion=x",
        b"&client_assertion=",
        b"&scope=messages:send&scope=messages:status",
        b"&scope=&scope=messages:send",
        b"&%67rant_type=client_credentials",
        b"&unknown=1&unknown=2",
    ],
)
def test_duplicate_form_field(stage: Stage, body: bytes, more: bytes) -> None:
    assert_refused(stage.post(body + more), "oauth.parameter-repeated", "invalid_request", 400)
    assert stage.post(body).status == 200


@pytest.mark.parametrize("secret", ["client_secret=s3cret", "client_secret="])
def test_client_secret(stage: Stage, body: bytes, secret: str) -> None:
    answer = stage.post(body + f"&{secret}".encode())
    assert_refused(answer, "oauth.other-credentials", "invalid_request", 400)
    assert "s3cret" not in str(answer.body)


@pytest.mark.parametrize("line", ["Basic eHg6c2VjcmV0", "Bearer abc", ""])
def test_client_credentials_in_the_authorization_field(stage: Stage, body: bytes, line: str) -> None:
    assert_refused(stage.post(body, authorization=[line]), "oauth.other-credentials", "invalid_request", 400)


def test_parameters_in_the_uri(stage: Stage, body: bytes) -> None:
    assert_refused(stage.post(b"", query=body.decode()), "oauth.parameter-in-uri", "invalid_request", 400)
    assert_refused(stage.post(body, query="scope=log:read"), "oauth.parameter-in-uri", "invalid_request", 400)


@pytest.mark.parametrize(
    "grant",
    [
        "refresh_token",
        "authorization_code",
        "password",
        "implicit",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "Client_Credentials",
        "client_credentials ",
        'x" y\\ é\r\nSet-Cookie: a=b',
    ],
)
def test_other_grants(stage: Stage, honest: str, grant: str) -> None:
    answer = stage.ask(honest, grant_type=grant)
    assert_refused(answer, "oauth.grant-type", "unsupported_grant_type", 400)
    assert grant.strip() not in str(answer.body).replace("client_credentials", "")


@pytest.mark.parametrize("grant", [None, ""])
def test_no_grant(stage: Stage, honest: str, grant: str | None) -> None:
    assert_refused(stage.ask(honest, grant_type=grant), "oauth.parameter-missing", "invalid_request", 400)


@pytest.mark.parametrize(
    "form",
    [
        {"client_assertion": None},
        {"client_assertion": ""},
        {"client_assertion_type": None},
        {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
        {"client_assertion": None, "client_id": "xx"},
        {"client_assertion": None, "client_assertion_type": None, "client_id": "xx"},
    ],
    ids=str,
)
def test_no_client_assertion(stage: Stage, honest: str, form: dict[str, Any]) -> None:
    assert_refused(stage.ask(honest, **form), "oauth.no-assertion")


@pytest.mark.parametrize("client_id", ["yy", "XX", "xx "])
def test_another_client_id_than_the_assertions(stage: Stage, honest: str, client_id: str) -> None:
    assert_refused(stage.ask(honest, client_id=client_id), "assertion.issuer")


def test_the_own_client_id_may_be_sent(stage: Stage, honest: str) -> None:
    assert stage.ask(honest, client_id="xx").status == 200


@pytest.mark.parametrize(
    "scope",
    [
        "mailbox:collect",
        "messages:send mailbox:collect",
        "admin",
        "openid",
        "*",
        "messages:send  messages:status",
        " messages:send",
        "messages:send,messages:status",
        "MESSAGES:SEND",
        'messages:send"',
        "messages:send\0",
        " ",
    ],
)
def test_foreign_scope(stage: Stage, honest: str, scope: str) -> None:
    assert_refused(stage.ask(honest, scope=scope), "oauth.scope", "invalid_scope", 400)


def test_token_for_another_audience_is_not_issued(stage: Stage, honest: str) -> None:
    answer = stage.ask(honest, resource="https://other.example")
    assert_refused(answer, "oauth.target", "invalid_target", 400)


def test_our_own_resource_may_be_named(stage: Stage, honest: str) -> None:
    assert stage.ask(honest, resource=REALM.audience).status == 200


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["application/json"],
        ["multipart/form-data; boundary=x"],
        ["application/x-www-form-urlencoded; charset=utf-16"],
        ["application/x-www-form-urlencoded; charset=utf-8; a=b"],
        ["application/x-www-form-urlencoded", "application/x-www-form-urlencoded"],
        ["application/x-www-form-urlencoded, text/plain"],
    ],
    ids=str,
)
def test_another_content_type(stage: Stage, body: bytes, lines: list[str]) -> None:
    assert_refused(stage.post(body, content_types=lines), "oauth.form-malformed", "invalid_request", 400)


@pytest.mark.parametrize(
    "lines", [["application/x-www-form-urlencoded;charset=UTF-8"], ["Application/X-WWW-Form-Urlencoded"]]
)
def test_the_content_types_that_clients_send_are_taken(stage: Stage, body: bytes, lines: list[str]) -> None:
    assert stage.post(body, content_types=lines).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"grant_type",
        b"&&&",
        b"{}",
        b"\xff\xfe=1",
        b"a=%ff",
        b"a=%ed%a0%80",
        b"a=%c0%af",
        "grant_type=é".encode(),
        b"&".join(b"p%d=1" % number for number in range(17)),
        b"a=" + b"x" * MOST_BYTES,
    ],
    ids=lambda body: ascii(body)[:24],
)
def test_bodies_that_are_no_small_form(stage: Stage, body: bytes) -> None:
    assert_refused(stage.post(body), "oauth.form-malformed", "invalid_request", 400)


def test_an_empty_body(stage: Stage) -> None:
    assert_refused(stage.post(b""), "oauth.parameter-missing", "invalid_request", 400)
