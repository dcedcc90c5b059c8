from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from gateway.adapters.access_tokens import BEFORE_THE_END, AccessTokens
from gateway.errors import DeliveryFailed
from gateway.security.filekeys import FileSigner
from gateway.security.generation import generate_key

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEY = generate_key("xx", "ES256", NOW)


class Endpoint:
    """Gives token 1, token 2 and so on; its time can be moved."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.now = NOW
        self.status = 200
        numbers = count(1)
        self.tokens = AccessTokens(
            self.post,
            client_id="xx",
            issuer="https://gateway.customs.example",
            signer=lambda _at: FileSigner(KEY.private, KEY.public),
            now=lambda: self.now,
            new_id=lambda: f"j-{next(numbers)}",
        )

    def post(self, form: bytes) -> tuple[int, bytes]:
        self.asked.append(form)
        members = {"access_token": f"token-{len(self.asked)}", "token_type": "Bearer", "expires_in": 300}
        return self.status, json.dumps(members).encode()


def test_one_token_serves_until_shortly_before_its_end() -> None:
    endpoint = Endpoint()
    assert [endpoint.tokens.authorization() for _ in range(3)] == ["Bearer token-1"] * 3
    endpoint.now = NOW + timedelta(seconds=300) - BEFORE_THE_END - timedelta(seconds=1)
    assert endpoint.tokens.authorization() == "Bearer token-1"
    endpoint.now += timedelta(seconds=1)
    assert endpoint.tokens.authorization() == "Bearer token-2"
    assert len(set(endpoint.asked)) == len(endpoint.asked) == 2


def test_a_token_that_was_not_taken_is_asked_for_anew() -> None:
    endpoint = Endpoint()
    endpoint.tokens.authorization()
    endpoint.tokens.discard()
    assert endpoint.tokens.authorization() == "Bearer token-2"


def test_a_refusal_is_not_kept() -> None:
    endpoint = Endpoint()
    endpoint.status = 401
    with pytest.raises(DeliveryFailed):
        endpoint.tokens.authorization()
    endpoint.status = 200
    assert endpoint.tokens.authorization() == "Bearer token-2"
