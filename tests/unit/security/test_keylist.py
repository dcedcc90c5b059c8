from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.security.generation import GeneratedKey
from gateway.security.jose import encode
from gateway.security.keylist import read_key_list, write_key_list
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import KeyState, Lifecycle, StateChange

START = datetime(2026, 1, 1, tzinfo=UTC)
FILE = "partners/xx/certificates/keys.json"


@pytest.fixture
def listed(make_key: Callable[..., GeneratedKey]) -> list[RegisteredKey]:
    changes = (StateChange(KeyState.ACTIVE, START), StateChange(KeyState.RETIRING, START + timedelta(days=100)))
    return [
        RegisteredKey(make_key("xx", "ES256").public, "xx", Lifecycle(changes, START + timedelta(days=365))),
        RegisteredKey(make_key("xx", "ECDH-ES+A256KW").public, "xx", Lifecycle.active_from(START)),
    ]


@pytest.fixture
def entry(listed: list[RegisteredKey]) -> dict[str, Any]:
    members: dict[str, Any] = json.loads(write_key_list(listed[:1]))["keys"][0]
    return members


def read(*entries: Any) -> tuple[tuple[RegisteredKey, ...], list[tuple[str, str]]]:
    keys, faults = read_key_list(json.dumps({"keys": entries}).encode(), owner="xx", file=FILE)
    assert all(fault.file == FILE and fault.message for fault in faults)
    return keys, [(fault.row, fault.code) for fault in faults]


def test_a_written_list_reads_back_the_same(listed: list[RegisteredKey]) -> None:
    keys, faults = read_key_list(write_key_list(listed), owner="xx", file=FILE)
    assert faults == ()
    assert [(key.key.jwk, key.owner, key.lifecycle) for key in keys] == [
        (key.key.jwk, key.owner, key.lifecycle) for key in listed
    ]


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"null", b'{"keys": 7}', b'{"keys": [7]}', b"\xff", b"[" * 100_000, b'{"keys": ["ab"]}']
)
def test_a_file_that_is_no_key_list_is_one_fault(data: bytes) -> None:
    keys, faults = read_key_list(data, owner="xx", file=FILE)
    assert (keys, [fault.code for fault in faults]) == ((), ["key.list"])


def test_all_faults_come_at_once_and_the_sound_keys_stay(entry: dict[str, Any]) -> None:
    keys, faults = read(
        {**entry, "d": "AA"},
        {**entry, "alg": "HS256"},
        entry,
        entry,
        {**entry, "kid": "xx-sig-202603-2", "states": []},
    )
    assert [key.kid for key in keys] == [entry["kid"]]
    assert faults == [
        ("keys[1]", "key.private-member"),
        ("keys[2]", "key.algorithm"),
        ("keys[4]", "key.kid-repeated"),
        ("keys[5]", "key.states"),
    ]


@pytest.mark.parametrize(
    "states",
    [
        None,
        "active",
        [["active"]],
        [["active", "2026-01-01"]],
        [["active", "2026-01-01T00:00:00"]],
        [["active", 7]],
        [["ready", "2026-01-01T00:00:00Z"]],
        [["retiring", "2026-01-01T00:00:00Z"]],
        [["active", "2026-01-02T00:00:00Z"], ["retired", "2026-01-01T00:00:00Z"]],
    ],
)
def test_states_that_are_no_course_are_a_fault(entry: dict[str, Any], states: Any) -> None:
    assert read({**entry, "states": states}) == ((), [("keys[1]", "key.states")])


def test_a_last_day_without_zone_is_a_fault(entry: dict[str, Any]) -> None:
    assert read({**entry, "not_after": "2027-01-01T00:00:00"})[1] == [("keys[1]", "key.states")]


def test_a_written_exception_is_passed_on(entry: dict[str, Any]) -> None:
    modulus = encode((1 << 2047 | 1).to_bytes(256))
    short = {**entry, "kty": "RSA", "alg": "PS256", "e": "AQAB", "n": modulus, "kid": "xx-sig-202603-7"}
    for allowed, codes in ((set[str](), ["key.too-short"]), ({"xx-sig-202603-7"}, [])):
        document = json.dumps({"keys": [short]}).encode()
        _, faults = read_key_list(document, owner="xx", file=FILE, short_rsa_allowed=allowed)
        assert [fault.code for fault in faults] == codes
