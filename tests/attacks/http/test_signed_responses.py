"""Attacks on signed responses: each is refused with the stated code. The honest response beside them passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.security.lifecycle import Lifecycle

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OTHER_NONCE = '"BBBBBBBBBBBBBBBBBBBBBB"'
Attack = Callable[[Any], Any]


def test_the_honest_response_passes(forge: Any) -> None:
    request = forge.request(forge.draft())
    assert forge.verify_answer(forge.response(forge.answer(request)), request).signer == "xx"


REPLAYS: dict[str, Attack] = {
    "an equal request with another nonce": lambda d: d.saying(nonce=OTHER_NONCE),
    "a request with another target": lambda d: replace(d, target=d.target + "1"),
    "a request with another method": lambda d: replace(d, method="PUT"),
    "a request with another token": lambda d: d.covering(**{'"authorization"': "b"}).sending(authorization="b"),
}


@pytest.mark.parametrize("name", REPLAYS)
def test_a_response_to_another_request_is_refused(forge: Any, name: str) -> None:
    first = forge.request(forge.draft())
    second = forge.request(REPLAYS[name](forge.draft()))
    assert forge.code_of_answer(forge.answer(first), second) == "http.signature-wrong"


def test_a_response_to_a_request_with_other_content_is_refused(forge: Any) -> None:
    first, second = forge.request(forge.draft(b"a")), forge.request(forge.draft(b"b"))
    assert forge.code_of_answer(forge.answer(first), second) == "http.signature-wrong"


def without(identifier: str) -> Attack:
    return lambda d: d.without(identifier)


CHANGES: dict[str, tuple[str, Attack]] = {
    "status changed": ("http.signature-wrong", lambda d: replace(d, status=200)),
    "content changed": ("http.digest-mismatch", lambda d: replace(d, content=b"{} ")),
    "content type changed": ("http.signature-wrong", lambda d: d.sending(content_type="text/html")),
    "content type taken away": ("http.component-refused", lambda d: d.sending(content_type=None)),
    "digest taken away": ("http.digest-missing", lambda d: d.sending(content_digest=None)),
    "digest changed": ("http.signature-wrong", lambda d: d.sending(content_digest=f"sha-256=:{'A' * 43}=:")),
    "signature taken away": ("http.signature-missing", lambda d: d.sending(signature=None)),
    "content encoded": ("http.content-encoding", lambda d: replace(d, more=(("content-encoding", "gzip"),))),
    "a header twice": ("http.repeated-header", lambda d: replace(d, more=(("content-type", "text/html"),))),
    **{
        f"{name} not covered": ("http.component-missing", without(name))
        for name in (
            *('"@status"', '"content-type"', '"content-digest"', '"@method";req'),
            *('"@target-uri";req', '"content-digest";req', '"signature";req'),
        )
    },
    "method not of the request": (
        "http.component-missing",
        lambda d: d.without('"@method";req').covering(**{'"@method"': "POST"}),
    ),
    "authorization of the request covered": (
        "http.component-refused",
        lambda d: d.covering(**{'"authorization";req': "Bearer token-1"}),
    ),
    "tag of a request": ("http.wrong-tag", lambda d: d.saying(tag='"cgw-request"')),
    "expired": (
        "http.expired",
        lambda d: d.saying(created=str(int(NOW.timestamp()) - 400), expires=str(int(NOW.timestamp()) - 100)),
    ),
    "no nonce": ("http.parameter-refused", lambda d: d.saying(nonce=None)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_response_is_refused(forge: Any, name: str) -> None:
    code, attack = CHANGES[name]
    request = forge.request(forge.draft())
    assert forge.code_of_answer(attack(forge.answer(request)), request) == code


def test_a_request_is_no_response_to_itself(forge: Any) -> None:
    draft = forge.draft()
    assert forge.code_of_answer(draft, forge.request(draft)) == "http.wrong-tag"


def test_a_response_is_no_request(forge: Any) -> None:
    answer = forge.answer(forge.request(forge.draft()))
    assert forge.code(answer, token_required=False) == "http.wrong-tag"
    assert forge.code(answer.covering(**{'"authorization"': "a"}).sending(authorization="a")) == "http.wrong-tag"


def test_the_response_of_another_party_is_refused(forge: Any) -> None:
    request = forge.request(forge.draft())
    assert forge.code_of_answer(forge.answer(request), request, sender="yy") == "http.unknown-key"


def test_the_response_of_a_key_that_is_over_is_refused(forge: Any) -> None:
    key = replace(forge.registered, lifecycle=Lifecycle.active_from(NOW - timedelta(days=9), NOW - timedelta(days=1)))
    request = forge.request(forge.draft())
    code = forge.code_of_answer(forge.answer(request), request, lookup_key=lambda _: key)
    assert code == "http.expired-key"


@pytest.mark.parametrize("name", ["content-digest", "signature"])
def test_an_answer_to_a_request_that_lost_a_field_on_its_way_is_refused(forge: Any, name: str) -> None:
    sent = forge.request(forge.draft())
    arrived = forge.answer(sent).without(f'"{name}";req')
    assert forge.code_of_answer(arrived, sent) == "http.component-missing"
