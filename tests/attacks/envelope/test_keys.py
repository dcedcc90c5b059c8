"""Keys named by an envelope, and what came of its signature: told by own codes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.security.filekeys import file_decrypter
from gateway.security.generation import generate_key
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import KeyState, Lifecycle, StateChange
from gateway.security.receipts import RECEIPT_TYPE, verify_receipt
from gateway.security.refusals import OpeningRefused

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ACTIVE = Lifecycle.active_from(NOW - timedelta(days=30))


def test_a_key_that_is_not_ours_is_told_apart(forge: Any) -> None:
    assert forge.code_of_outer(kid="aa-enc-202601-9") == "envelope.unknown-recipient-key"


@pytest.mark.parametrize("state", [KeyState.RETIRED, KeyState.COMPROMISED])
def test_our_own_key_is_not_used_once_it_is_withdrawn(forge: Any, state: KeyState) -> None:
    withdrawn = Lifecycle((*ACTIVE.changes, StateChange(state, NOW)))
    decrypter = file_decrypter(forge.recipient.private, RegisteredKey(forge.recipient.public, "aa", withdrawn))
    data = forge.seal(forge.sign(forge.inner_header()))
    assert forge.code(data, decrypters=[decrypter]) == "envelope.unknown-recipient-key"
    assert forge.open(data, decrypters=[decrypter], at=NOW - timedelta(seconds=1))


def test_an_unknown_signing_key_is_refused_before_decryption(forge: Any) -> None:
    assert forge.code_of_outer(skid="xx-sig-202601-9") == "envelope.unknown-key"
    assert forge.code_of_outer(skid="\ud800") == "envelope.unknown-key"


def test_an_encryption_key_does_not_serve_to_sign(forge: Any) -> None:
    key = RegisteredKey(forge.recipient.public, "xx", ACTIVE)
    data = forge.seal(forge.sign(forge.inner_header()), forge.outer_header(skid=key.kid))
    assert forge.code(data, lookup_key=lambda _: key) == "envelope.unknown-key"


def test_a_careless_lookup_cannot_lend_a_signature_to_another_key(forge: Any) -> None:
    other = RegisteredKey(generate_key("xx", "ES256", NOW, number=2).public, "xx", ACTIVE)
    data = forge.seal(forge.sign(forge.inner_header()))
    assert forge.code(data, lookup_key=lambda _: other) == "envelope.unknown-key"


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (KeyState.PENDING, "envelope.key-not-active"),
        (KeyState.RETIRED, "envelope.expired-key"),
        (KeyState.COMPROMISED, "envelope.compromised-key"),
    ],
)
def test_the_state_of_the_signing_key_is_told_before_decryption(forge: Any, state: KeyState, code: str) -> None:
    key = RegisteredKey(forge.sender.public, "xx", Lifecycle((StateChange(state, NOW),)))
    refused = forge.refusal(forge.seal(b"never decrypted"), lookup_key=lambda _: key)
    assert (refused.stable_code, refused.path) == (code, "skid")


def test_a_signing_key_past_its_last_day_is_expired(forge: Any) -> None:
    key = RegisteredKey(forge.sender.public, "xx", Lifecycle(ACTIVE.changes, NOW - timedelta(days=1)))
    data = forge.seal(forge.sign(forge.inner_header()))
    assert forge.code(data, lookup_key=lambda _: key) == "envelope.expired-key"


def test_a_retiring_key_still_verifies(forge: Any) -> None:
    key = RegisteredKey(forge.sender.public, "xx", Lifecycle((*ACTIVE.changes, StateChange(KeyState.RETIRING, NOW))))
    assert forge.open(forge.seal(forge.sign(forge.inner_header())), lookup_key=lambda _: key)


# After the signature: the sender is proven, codes are distinct again


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"aud": "bb"}, "envelope.wrong-recipient", "aud"),
        ({"iss": "yy"}, "envelope.wrong-sender", "iss"),
        ({"jti": "with space"}, "envelope.metadata-refused", "jti"),
        ({"jti": ""}, "envelope.metadata-refused", "jti"),
        ({"jti": "m\n1"}, "envelope.metadata-refused", "jti"),
        ({"jti": "a" * 129}, "envelope.metadata-refused", "jti"),
        ({"iat": True}, "envelope.metadata-refused", "iat"),
        ({"iat": -1}, "envelope.metadata-refused", "iat"),
        ({"iat": 10**18}, "envelope.metadata-refused", "iat"),
        ({"cty": "text"}, "envelope.metadata-refused", "cty"),
        ({"agreement": "../../x"}, "envelope.metadata-refused", "agreement"),
        ({"schema": "zz\u0000"}, "envelope.metadata-refused", "schema"),
        ({"purpose": "рисk"}, "envelope.metadata-refused", "purpose"),
        ({"crit": ["iss", "aud"]}, "envelope.metadata-refused", "crit"),
        ({"crit": []}, "envelope.metadata-refused", "crit"),
        (
            {"crit": ["cty", "iss", "aud", "iat", "jti", "agreement", "type", "schema", "purpose"]},
            "envelope.metadata-refused",
            "crit",
        ),
        (
            {"crit": ["iss", "iss", "aud", "iat", "jti", "agreement", "type", "schema", "purpose"]},
            "envelope.metadata-refused",
            "crit",
        ),
        ({"ref": "m-0"}, "envelope.metadata-refused", "crit"),
    ],
    ids=str,
)
def test_signed_metadata_at_fault_is_named(forge: Any, changes: dict[str, Any], code: str, path: str) -> None:
    refused = forge.refusal(forge.seal(forge.sign(forge.inner_header(**changes))))
    assert (refused.stable_code, refused.path) == (code, path)


def test_a_message_cannot_be_forwarded_as_if_meant_for_another(forge: Any) -> None:
    # surreptitious forwarding: aa opens an honest message and encrypts the same JWS to bb
    elsewhere = generate_key("bb", "ECDH-ES+A256KW", NOW)
    decrypter = file_decrypter(elsewhere.private, RegisteredKey(elsewhere.public, "bb", ACTIVE))
    forwarder = replace(forge, recipient=elsewhere, decrypter=decrypter)
    opened = forge.open(forge.seal(forge.sign(forge.inner_header())))
    assert forwarder.code(forwarder.seal(opened.jws), recipient="bb") == "envelope.wrong-recipient"


def test_a_partner_cannot_speak_for_another(forge: Any) -> None:
    other = generate_key("yy", "ES256", NOW)
    impostor = replace(forge, sender=other, registered=RegisteredKey(other.public, "yy", ACTIVE))
    assert impostor.code(impostor.seal(impostor.sign(impostor.inner_header(iss="xx")))) == "envelope.wrong-sender"


@pytest.mark.parametrize(
    ("offset", "opens"),
    [
        (timedelta(seconds=60), True),
        (timedelta(seconds=61), False),
        (timedelta(minutes=10), False),
        (-timedelta(days=30), True),
        (-timedelta(days=30, seconds=1), False),
    ],
    ids=str,
)
def test_the_clock_of_the_sender_is_held_to_its_window(forge: Any, offset: timedelta, opens: bool) -> None:
    data = forge.seal(forge.sign(forge.inner_header(iat=int((NOW + offset).timestamp()))))
    if opens:
        assert forge.open(data)
    else:
        assert forge.code(data) == "envelope.clock"


# One kind of signed thing is never taken for another


def test_a_receipt_is_no_message_and_a_message_is_no_receipt(forge: Any) -> None:
    assert forge.code_of_inner(typ=RECEIPT_TYPE) == "envelope.not-opened"
    with pytest.raises(OpeningRefused):
        verify_receipt(forge.sign(forge.inner_header()), forge.registered)
