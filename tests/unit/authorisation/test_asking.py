from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest

from gateway.authorisation.asking import read_token_answer, token_request
from gateway.errors import DeliveryFailed
from gateway.security.filekeys import FileSigner
from tests.attacks.oauth.parties import NOW, REALM, Stage, assert_refused, key_of


def form_of(jti: str = "j-1", **changes: Any) -> bytes:
    key = key_of("xx")
    given = {"client_id": "xx", "issuer": REALM.issuer, **changes}
    return token_request(given["client_id"], given["issuer"], FileSigner(key.private, key.public), at=NOW, jti=jti)


def good(**changes: Any) -> bytes:
    members = {"access_token": "abc.def", "token_type": "Bearer", "expires_in": 300, **changes}
    return json.dumps({name: value for name, value in members.items() if value is not None}).encode()


def test_the_endpoint_gives_a_token_for_what_is_asked_so() -> None:
    stage = Stage()
    answer = stage.post(form_of())
    assert answer.status == 200, answer.body
    token = read_token_answer(answer.status, json.dumps(dict(answer.body)).encode(), NOW)
    assert token.ends == NOW + timedelta(seconds=300)
    assert stage.use(token.value).client_id == "xx"


def test_an_assertion_is_for_one_server_and_one_request() -> None:
    stage = Stage()
    elsewhere = stage.post(form_of(issuer="https://elsewhere.example"))
    assert_refused(elsewhere, "assertion.audience")
    assert stage.post(form_of()).status == 200
    assert_refused(stage.post(form_of()), "assertion.replayed")
    assert_refused(stage.post(form_of("j-2"), at=NOW + timedelta(seconds=200)), "assertion.expired")


def test_no_secret_and_no_parameter_twice() -> None:
    names = [name for name, _ in parse_qsl(form_of().decode())]
    assert sorted(names) == ["client_assertion", "client_assertion_type", "grant_type"]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, b'{"error": "invalid_client", "code": "assertion.replayed"}'),
        (200, b""),
        (200, b"[]"),
        (200, b"[" * 100_000),
        (200, b"\xff"),
        (201, good()),
        (200, good(access_token=None)),
        (200, good(access_token="")),
        (200, good(access_token="a" * 20_000)),
        (200, good(access_token="é")),
        (200, good(access_token="abc\r\nX-More: 1")),
        (200, good(access_token="abc def")),
        (200, good(token_type="DPoP")),
        (200, good(token_type=None)),
        (200, good(expires_in=None)),
        (200, good(expires_in="300")),
        (200, good(expires_in=True)),
        (200, good(expires_in=0)),
    ],
)
def test_what_is_no_token(status: int, body: bytes) -> None:
    with pytest.raises(DeliveryFailed) as failed:
        read_token_answer(status, body, datetime.now(UTC))
    assert failed.value.stable_code == "delivery.no-token"


def test_the_other_sides_code_is_told_and_no_text_of_it() -> None:
    for told, said in (("assertion.replayed", True), ("<b>text</b>", False), ("a" * 65, False), (7, False)):
        with pytest.raises(DeliveryFailed) as failed:
            read_token_answer(401, json.dumps({"error": told}).encode(), NOW)
        assert (str(told) in failed.value.message) is said


def test_a_token_that_says_it_lasts_for_ever_is_asked_for_anew_within_the_hour() -> None:
    assert read_token_answer(200, good(expires_in=10**30), NOW).ends == NOW + timedelta(hours=1)
