"""The inside of an envelope: one code, one text, whatever failed."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.security.filekeys import FileSigner
from gateway.security.generation import generate_key
from gateway.security.jose import encode as b64
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import Lifecycle
from gateway.security.receipts import RECEIPT_TYPE

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ACTIVE = Lifecycle.active_from(NOW - timedelta(days=30))


def spoiled(segments: list[str], place: int) -> bytes:
    """The envelope with one bit changed in one segment."""
    data = bytearray(base64.urlsafe_b64decode(segments[place] + "=" * (-len(segments[place]) % 4)))
    data[len(data) // 2] ^= 1
    return ".".join([*segments[:place], b64(bytes(data)), *segments[place + 1 :]]).encode()


def test_no_answer_tells_why_an_envelope_did_not_open(forge: Any) -> None:
    honest = forge.sign(forge.inner_header())
    parts = forge.encrypt(honest)
    other = generate_key("yy", "ES256", NOW)
    stranger = replace(forge, sender=other)
    failures = {
        "wrong wrapped key": spoiled(forge.encrypt(honest), 1),
        "wrong nonce": spoiled(forge.encrypt(honest), 2),
        "wrong ciphertext": spoiled(forge.encrypt(honest), 3),
        "wrong tag": spoiled(forge.encrypt(honest), 4),
        "wrong header": forge.seal(honest, forge.outer_header(apu=b64(b"other"))),
        "short tag": ".".join([*forge.encrypt(honest)[:4], b64(b"tag")]).encode(),
        "short wrapped key": ".".join([parts[0], b64(b"k"), *parts[2:]]).encode(),
        "wrong inner signature": forge.seal(honest[:-8] + b"AAAAAAAA"),
        "inner signature by a stranger": forge.seal(stranger.sign(forge.inner_header()), forge.outer_header()),
        "inner signature in DER": forge.seal(der_signed(forge)),
        "no inner signature": forge.seal(honest.rpartition(b".")[0] + b"."),
        "inner text is no JWS": forge.seal(b"<a/>"),
        "inner payload replaced": forge.seal(b".".join([*honest.split(b".")[:1], b"AAAA", honest.split(b".")[2]])),
    }
    answers = {}
    for name, data in failures.items():
        refused = forge.refusal(data)
        answers[name] = (refused.stable_code, refused.message, refused.path, refused.remedy, str(refused))
        assert refused.detail, name
        assert refused.detail not in str(refused), name
        assert refused.__cause__ is None, name
    assert {answer[0] for answer in answers.values()} == {"envelope.not-opened"}
    assert len(set(answers.values())) == 1, answers


def der_signed(forge: Any) -> bytes:
    """A JWS whose ES256 signature is in DER instead of r || s."""
    assert isinstance(forge.sender.private, ec.EllipticCurvePrivateKey)
    signing_input: bytes = forge.sign(forge.inner_header()).rpartition(b".")[0]
    return signing_input + b"." + b64(forge.sender.private.sign(signing_input, ec.ECDSA(hashes.SHA256()))).encode()


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256", "ES384", "ES512", "EdDSA", "Ed25519", "PS256", "", 7])
def test_another_signature_algorithm_than_the_keys_own_is_refused(forge: Any, algorithm: Any) -> None:
    assert forge.code_of_inner(alg=algorithm) == "envelope.not-opened"


def test_alg_none_without_signature_is_refused(forge: Any) -> None:
    unsigned = forge.sign(forge.inner_header(alg="none")).rpartition(b".")[0] + b"."
    assert forge.code(forge.seal(unsigned)) == "envelope.not-opened"


def test_an_hmac_with_our_public_key_as_secret_is_refused(forge: Any) -> None:
    secret = forge.sender.public.native.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signing_input = forge.sign(forge.inner_header(alg="HS256")).rpartition(b".")[0]
    forged = signing_input + b"." + b64(hmac.digest(secret, signing_input, "sha256")).encode()
    assert forge.code(forge.seal(forged)) == "envelope.not-opened"


@pytest.mark.parametrize(
    "changes",
    [
        {"kid": None},
        {"kid": "xx-sig-202601-9"},
        {"kid": 7},
        {"b64": False, "crit": ["b64"]},
        {"b64": False},
        {"b64": True},
        {"zip": "DEF"},
        {"jwk": {"kty": "EC"}},
        {"jku": "https://keys.example/jwks"},
        {"x5u": "https://keys.example/cert"},
        {"x5c": ["AAAA"]},
        {"exp": 1, "crit": ["iss", "aud", "iat", "jti", "agreement", "type", "schema", "purpose", "exp"]},
        {"foreign": "member"},
        {"typ": None},
        {"typ": "JWT"},
        {"typ": RECEIPT_TYPE},
        {"iss": None},
        {"aud": None},
        {"crit": None},
        {"crit": "iss"},
        {"crit": [7]},
        {"iat": "yesterday"},
        {"iss": ["xx"]},
    ],
    ids=str,
)
def test_inner_headers_that_break_the_rules_do_not_open(forge: Any, changes: dict[str, Any]) -> None:
    assert forge.code_of_inner(**changes) == "envelope.not-opened"


def test_an_unencoded_payload_is_refused_in_both_its_forms(forge: Any) -> None:
    header = forge.inner_header(b64=False, crit=["b64", "iss", "aud"])
    encoded = b64(json.dumps(header).encode())
    signer = FileSigner(forge.sender.private, forge.sender.public)
    signature = b64(signer.sign(f"{encoded}.PAYLOAD".encode()))
    for forged in (f"{encoded}.PAYLOAD.{signature}", f"{encoded}..{signature}"):
        assert forge.code(forge.seal(forged.encode())) == "envelope.not-opened"


def test_a_detached_payload_is_refused(forge: Any) -> None:
    header, _, signature = forge.sign(forge.inner_header()).split(b".")
    assert forge.code(forge.seal(header + b".." + signature)) == "envelope.not-opened"


def test_an_empty_payload_is_refused_even_when_it_is_signed(forge: Any) -> None:
    assert forge.code(forge.seal(forge.sign(forge.inner_header(), b""))) == "envelope.not-opened"


def test_a_repeated_inner_member_is_refused(forge: Any) -> None:
    text = json.dumps(forge.inner_header())[:-1] + ', "aud": "aa"}'
    assert forge.code(forge.seal(forge.sign(text))) == "envelope.not-opened"


def test_the_key_named_outside_must_be_the_key_that_signed(forge: Any) -> None:
    other = RegisteredKey(generate_key("xx", "ES256", NOW, number=2).public, "xx", ACTIVE)
    keys = {key.kid: key for key in (other, forge.registered)}
    data = forge.seal(forge.sign(forge.inner_header()), forge.outer_header(skid=other.kid))
    assert forge.code(data, lookup_key=keys.get) == "envelope.not-opened"
