"""Forged, borrowed, old and odd client assertions: each is refused with its own code, in the form of RFC 6749."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from gateway.security.lifecycle import KeyState, Lifecycle, StateChange
from tests.attacks.oauth.parties import (
    EPOCH,
    NOW,
    REALM,
    Stage,
    as_json,
    assert_refused,
    assertion_claims,
    b64,
    header_of,
    key_of,
    sign,
)


def test_the_honest_assertion_gets_a_token(stage: Stage) -> None:
    answer = stage.ask_with()
    assert answer.status == 200
    assert answer.refusal is None
    assert stage.use(str(answer.body["access_token"])).client_id == "xx"


CLAIMS: dict[str, tuple[dict[str, Any] | str, str, str]] = {
    "wrong audience": ({"aud": "https://other.example"}, "assertion.audience", "aud"),
    "the token endpoint as audience": ({"aud": REALM.token_endpoint}, "assertion.audience", "aud"),
    "our API as audience": ({"aud": REALM.audience}, "assertion.audience", "aud"),
    "audience with a closing slash": ({"aud": REALM.issuer + "/"}, "assertion.audience", "aud"),
    "list audience with another server": ({"aud": [REALM.issuer, "https://b.example"]}, "assertion.audience", "aud"),
    "list audience of us alone": ({"aud": [REALM.issuer]}, "assertion.audience", "aud"),
    "audience an object": ({"aud": {REALM.issuer: 1}}, "assertion.audience", "aud"),
    "no audience": ({"aud": None}, "assertion.claims-refused", "aud"),
    "expired": ({"iat": EPOCH - 200, "exp": EPOCH - 60}, "assertion.expired", "exp"),
    "ten-year expiry": ({"exp": EPOCH + 10 * 365 * 86400}, "assertion.too-long", "exp"),
    "a second too long": ({"exp": EPOCH + 301}, "assertion.too-long", "exp"),
    "made long ago for ten years, ending now": (
        {"iat": EPOCH - 10 * 365 * 86400, "exp": EPOCH + 60},
        "assertion.too-long",
        "exp",
    ),
    "a late end hidden behind a late issue": ({"iat": EPOCH + 60, "exp": EPOCH + 360}, "assertion.too-long", "exp"),
    "not yet valid by nbf": ({"nbf": EPOCH + 61}, "assertion.not-yet-valid", "nbf"),
    "issued in the future": ({"iat": EPOCH + 61, "exp": EPOCH + 120}, "assertion.not-yet-valid", "iat"),
    "no expiry": ({"exp": None}, "assertion.claims-refused", "exp"),
    "no issue": ({"iat": None}, "assertion.claims-refused", "iat"),
    "end before issue": ({"exp": EPOCH - 1}, "assertion.claims-refused", "exp"),
    "expiry a text": ({"exp": str(EPOCH + 60)}, "assertion.claims-refused", "exp"),
    "expiry true": ({"exp": True}, "assertion.claims-refused", "exp"),
    "issue true": ({"iat": True, "exp": 200}, "assertion.claims-refused", "iat"),
    "expiry negative": ({"exp": -1}, "assertion.claims-refused", "exp"),
    "expiry beyond every clock": ({"exp": 10**30}, "assertion.claims-refused", "exp"),
    "expiry a list": ({"exp": [EPOCH]}, "assertion.claims-refused", "exp"),
    "no jti": ({"jti": None}, "assertion.claims-refused", "jti"),
    "jti empty": ({"jti": ""}, "assertion.claims-refused", "jti"),
    "jti a number": ({"jti": 7}, "assertion.claims-refused", "jti"),
    "jti too long": ({"jti": "a" * 129}, "assertion.claims-refused", "jti"),
    "jti with a line break": ({"jti": "a\nb"}, "assertion.claims-refused", "jti"),
    "jti with a NUL": ({"jti": "a\0b"}, "assertion.claims-refused", "jti"),
    "jti a surrogate": ({"jti": "\ud800"}, "assertion.claims-refused", "jti"),
    "iss != sub": ({"iss": "yy"}, "assertion.issuer", "sub"),
    "sub a list": ({"sub": ["xx"]}, "assertion.issuer", "sub"),
    "sub and iss null": ('{"iss":null,"sub":null}', "assertion.claims-refused", "aud"),
    "unknown client": ({"iss": "qq", "sub": "qq"}, "oauth.unknown-client", "sub"),
    "cross-partner client": ({"iss": "yy", "sub": "yy"}, "oauth.unknown-client", "sub"),
    "client in other letters": ({"iss": "XX", "sub": "XX"}, "oauth.unknown-client", "sub"),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_claims_at_fault(stage: Stage, name: str) -> None:
    changes, code, path = CLAIMS[name]
    key = key_of("xx")
    claims: Any = changes if isinstance(changes, str) else assertion_claims(**changes)
    answer = stage.ask(sign(header_of(key), claims, key))
    assert_refused(answer, code)
    assert answer.body["path"] == path
    assert stage.nonces.kept == {}  # type: ignore[attr-defined]


HEADERS: dict[str, tuple[dict[str, Any] | str, str]] = {
    "alg none": ({"alg": "none"}, "assertion.algorithm-refused"),
    "alg None in other letters": ({"alg": "nOnE"}, "assertion.algorithm-refused"),
    "alg of another key type": ({"alg": "PS256"}, "assertion.algorithm-refused"),
    "alg of an old list": ({"alg": "RS256"}, "assertion.algorithm-refused"),
    "alg a list": ({"alg": ["ES256"]}, "assertion.header-refused"),
    "no alg": ({"alg": None}, "assertion.header-refused"),
    "no kid": ({"kid": None}, "assertion.header-refused"),
    "kid a number": ({"kid": 1}, "assertion.header-refused"),
    "unknown kid": ({"kid": "xx-sig-202603-9"}, "assertion.unknown-key"),
    "kid a path": ({"kid": "../../../dev/null"}, "assertion.unknown-key"),
    "kid a surrogate": ({"kid": "\ud800"}, "assertion.unknown-key"),
    "an access token's type": ({"typ": "at+jwt"}, "assertion.header-refused"),
    "a message's type": ({"typ": "message+jws"}, "assertion.header-refused"),
    "typ null": ('"typ":null', "assertion.header-refused"),
    "unknown crit": ({"crit": ["x"], "x": 1}, "assertion.header-refused"),
    "crit alone": ({"crit": []}, "assertion.header-refused"),
    "b64 false": ({"b64": False, "crit": ["b64"]}, "assertion.header-refused"),
    "zip": ({"zip": "DEF"}, "assertion.header-refused"),
    "jwk header": ({"jwk": dict(key_of("xx", number=7).public.jwk)}, "assertion.header-refused"),
    "jku header": ({"jku": "https://attacker.example/jwks"}, "assertion.header-refused"),
    "x5u header": ({"x5u": "https://attacker.example/x5u"}, "assertion.header-refused"),
    "x5c header": ({"x5c": ["MIIB"]}, "assertion.header-refused"),
    "x5t header": ({"x5t": "abc"}, "assertion.header-refused"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_headers_at_fault(stage: Stage, name: str) -> None:
    changes, code = HEADERS[name]
    key = key_of("xx")
    if isinstance(changes, str):
        header: Any = f'{{"alg":"ES256","kid":"{key.public.kid}",{changes}}}'
    else:
        header = header_of(key, **changes)
    assert_refused(stage.ask(sign(header, assertion_claims(), key)), code)


@pytest.mark.parametrize("typ", [None, "JWT", "client-authentication+jwt"])
def test_the_types_that_clients_send_are_taken(stage: Stage, typ: str | None) -> None:
    assert stage.ask_with(header={"typ": typ}).status == 200


# Signatures


def test_alg_none_without_signature(stage: Stage) -> None:
    header = b64(as_json({"alg": "none", "kid": key_of("xx").public.kid}))
    assert_refused(stage.ask(f"{header}.{b64(as_json(assertion_claims()))}."), "assertion.malformed")


@pytest.mark.parametrize("encoding", ["PEM", "DER", "jwk"])
def test_hs256_with_the_public_key(stage: Stage, encoding: str) -> None:
    public = key_of("xx").public
    if encoding == "jwk":
        secret = as_json(dict(public.jwk))
    else:
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        secret = public.native.public_bytes(getattr(serialization.Encoding, encoding), form)
    text = f"{b64(as_json({'alg': 'HS256', 'kid': public.kid}))}.{b64(as_json(assertion_claims()))}"
    signature = hmac.new(secret, text.encode(), hashlib.sha256).digest()
    assert_refused(stage.ask(f"{text}.{b64(signature)}"), "assertion.algorithm-refused")


def test_signed_with_a_key_that_is_not_registered(stage: Stage) -> None:
    header = header_of(key_of("xx"))
    assert_refused(stage.ask(sign(header, assertion_claims(), key_of("xx", number=7))), "assertion.signature")


def test_key_confused_an_encryption_key_does_not_sign(stage: Stage) -> None:
    key = key_of("xx", "ECDH-ES+A256KW")
    stage.register(key, "xx")
    assert_refused(stage.ask_with(header={"kid": key.public.kid}), "assertion.unknown-key")


def test_key_confused_the_algorithm_of_one_key_with_the_id_of_another(stage: Stage) -> None:
    other = key_of("xx", "Ed25519", 2)
    stage.register(other, "xx")
    text = sign(header_of(other, kid=key_of("xx").public.kid), assertion_claims(), other)
    assert_refused(stage.ask(text), "assertion.algorithm-refused")


def test_cross_partner_kid(stage: Stage) -> None:
    key = key_of("yy")
    assert_refused(stage.ask(sign(header_of(key), assertion_claims("xx"), key)), "assertion.unknown-key")


def test_a_careless_lookup_cannot_lend_the_key_of_another(stage: Stage) -> None:
    key = key_of("yy")
    stage.keys["xx"][key.public.kid] = stage.keys["yy"][key.public.kid]
    assert_refused(stage.ask(sign(header_of(key), assertion_claims("xx"), key)), "assertion.unknown-key")


def test_a_careless_lookup_cannot_give_a_key_under_another_id(stage: Stage) -> None:
    key = key_of("xx")
    stage.keys["xx"]["xx-sig-202603-9"] = stage.keys["xx"][key.public.kid]
    assert_refused(stage.ask_with(header={"kid": "xx-sig-202603-9"}), "assertion.unknown-key")


def test_the_key_of_the_server_itself_is_no_clients_key(stage: Stage) -> None:
    key = key_of("aa")
    assert_refused(stage.ask(sign(header_of(key), assertion_claims("xx"), key)), "assertion.unknown-key")


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (KeyState.PENDING, "assertion.key-not-active"),
        (KeyState.RETIRED, "assertion.expired-key"),
        (KeyState.COMPROMISED, "assertion.compromised-key"),
    ],
)
def test_revoked_key(stage: Stage, state: KeyState, code: str) -> None:
    stage.register(key_of("xx"), "xx", Lifecycle((StateChange(state, NOW - timedelta(hours=1)),)))
    assert_refused(stage.ask_with(), code)


def test_a_key_past_its_last_day(stage: Stage) -> None:
    stage.register(key_of("xx"), "xx", Lifecycle.active_from(NOW - timedelta(days=9), NOW - timedelta(seconds=1)))
    assert_refused(stage.ask_with(), "assertion.expired-key")


def test_a_retiring_key_still_serves(stage: Stage) -> None:
    key = key_of("xx")
    states = (StateChange(KeyState.ACTIVE, NOW - timedelta(days=9)), StateChange(KeyState.RETIRING, NOW))
    stage.register(key, "xx", Lifecycle(states))
    assert stage.ask_with().status == 200


# Whose certificate


def test_a_stolen_assertion_opens_nothing_over_another_certificate(stage: Stage) -> None:
    key = key_of("xx")
    assertion = sign(header_of(key), assertion_claims("xx"), key)
    assert_refused(stage.ask(assertion, caller="yy"), "oauth.unknown-client")


def test_a_caller_learns_nothing_of_the_clients_and_keys_of_others(stage: Stage) -> None:
    key = key_of("yy")
    answers = []
    for party, kid in (("yy", key.public.kid), ("yy", "yy-sig-202603-9"), ("qq", "qq-sig-202603-1")):
        claims = assertion_claims(party)
        answers.append(stage.ask(sign(header_of(key, kid=kid), claims, key), caller="xx"))
    stage.register(key, "yy", Lifecycle((StateChange(KeyState.COMPROMISED, NOW),)))
    answers.append(stage.ask(sign(header_of(key), assertion_claims("yy"), key), caller="xx"))
    assert len({(str(answer.body), answer.status) for answer in answers}) == 1


# Texts that are no assertion


@pytest.mark.parametrize(
    "text",
    ["a", ".", "..", "a.b", "a.b.c.d", "a.b.c.d.e", "é.é.é", "A" * 9000, " a.b.c", "a.b.c\n", "{}.{}.{}"],
    ids=lambda text: ascii(text)[:20],
)
def test_other_texts(stage: Stage, text: str) -> None:
    assert stage.ask(text).body["code"] in {"assertion.malformed", "assertion.header-refused"}


@pytest.mark.parametrize(
    "claims",
    [
        "[]",
        '"a"',
        "null",
        "1",
        "{",
        "{} {}",
        "[" * 3000,
        '{"a":' * 600 + "1" + "}" * 600,
        '{"exp":NaN}',
        '{"exp":1e9}',
        "\ud800",
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_claims_that_are_no_plain_object(stage: Stage, claims: str) -> None:
    key = key_of("xx")
    answer = stage.ask(sign(header_of(key), claims, key))
    assert answer.body["code"] in {"assertion.malformed", "assertion.claims-refused"}


def test_a_repeated_claim(stage: Stage) -> None:
    key = key_of("xx")
    claims = as_json(assertion_claims()).decode()[:-1] + ',"sub":"xx"}'
    assert_refused(stage.ask(sign(header_of(key), claims, key)), "assertion.malformed")


def test_a_repeated_header_member(stage: Stage) -> None:
    key = key_of("xx")
    header = as_json(header_of(key)).decode()[:-1] + ',"alg":"ES256"}'
    assert_refused(stage.ask(sign(header, assertion_claims(), key)), "assertion.header-refused")


def test_another_spelling_of_the_signature(stage: Stage) -> None:
    key = key_of("xx")
    text = sign(header_of(key), assertion_claims(), key)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    unused_bits_set = text[:-1] + alphabet[alphabet.index(text[-1]) + 1]
    for other in (text + "=", text + "A", unused_bits_set):
        assert_refused(stage.ask(other), "assertion.signature")
    assert stage.ask(text).status == 200
