"""Forged, borrowed, old and odd access tokens: each is refused with its own code and the challenge of RFC 6750."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from gateway.authorisation.refusals import AccessRefused
from gateway.authorisation.scopes import Scope
from gateway.security.lifecycle import KeyState, Lifecycle, StateChange
from tests.attacks.oauth.parties import (
    EPOCH,
    NOW,
    REALM,
    Stage,
    as_json,
    b64,
    caller_of,
    header_of,
    key_of,
    sign,
    token_claims,
)


def refusal(stage: Stage, token: str, **how: Any) -> AccessRefused:
    with pytest.raises(AccessRefused) as refused:
        stage.use(token, **how)
    return refused.value


def test_the_honest_token_lets_in(stage: Stage) -> None:
    token = stage.use(stage.token_with())
    assert (token.client_id, token.token_id) == ("xx", "t-1")


CLAIMS: dict[str, tuple[dict[str, Any], str]] = {
    "token for another audience": ({"aud": "https://other.example/v1"}, "token.audience"),
    "audience our issuer": ({"aud": REALM.issuer}, "token.audience"),
    "list audience": ({"aud": [REALM.audience, "https://other.example"]}, "token.audience"),
    "list audience of us alone": ({"aud": [REALM.audience]}, "token.audience"),
    "no audience": ({"aud": None}, "token.claims-refused"),
    "another issuer": ({"iss": "https://other.example"}, "token.issuer"),
    "issuer a list": ({"iss": [REALM.issuer]}, "token.issuer"),
    "expired": ({"iat": EPOCH - 300, "exp": EPOCH}, "token.expired"),
    "ten-year expiry": ({"exp": EPOCH + 10 * 365 * 86400}, "token.too-long"),
    "a second too long": ({"exp": EPOCH + 301}, "token.too-long"),
    "not yet valid": ({"iat": EPOCH + 61, "exp": EPOCH + 200}, "token.not-yet-valid"),
    "not yet valid by nbf": ({"nbf": EPOCH + 61}, "token.not-yet-valid"),
    "no expiry": ({"exp": None}, "token.claims-refused"),
    "expiry a fraction": ({"exp": EPOCH + 0.5}, "token.malformed"),
    "not bound to a certificate": ({"cnf": None}, "token.claims-refused"),
    "bound to nothing": ({"cnf": {}}, "token.claims-refused"),
    "bound to a key instead": ({"cnf": {"jkt": "A" * 43}}, "token.claims-refused"),
    "bound to a certificate and a key": ({"cnf": {"x5t#S256": "A" * 43, "jkt": "A" * 43}}, "token.claims-refused"),
    "bound to a list": ({"cnf": {"x5t#S256": [caller_of("xx").thumbprint]}}, "token.claims-refused"),
    "bound to a short hash": ({"cnf": {"x5t#S256": "A" * 27}}, "token.claims-refused"),
    "token of another certificate": ({"cnf": {"x5t#S256": "A" * 43}}, "token.other-certificate"),
    "client and subject differ": ({"client_id": "yy"}, "token.claims-refused"),
    "client of another certificate": ({"sub": "yy", "client_id": "yy"}, "token.unknown-client"),
    "client gone": ({"sub": "qq", "client_id": "qq"}, "token.unknown-client"),
    "client a number": ({"sub": 1, "client_id": 1}, "token.claims-refused"),
    "no jti": ({"jti": None}, "token.claims-refused"),
    "jti a list": ({"jti": ["t-1"]}, "token.claims-refused"),
    "no scope": ({"scope": None}, "token.claims-refused"),
    "scope empty": ({"scope": ""}, "token.claims-refused"),
    "scope a list": ({"scope": ["messages:send"]}, "token.claims-refused"),
    "unknown scope": ({"scope": "messages:send admin"}, "token.claims-refused"),
    "a claim that we do not issue": ({"act": {"sub": "yy"}}, "token.claims-refused"),
    "id token shape": ({"nonce": "n", "auth_time": EPOCH, "at_hash": "h"}, "token.claims-refused"),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_claims_at_fault(stage: Stage, name: str) -> None:
    changes, code = CLAIMS[name]
    refused = refusal(stage, stage.token_with(**changes))
    assert (refused.stable_code, refused.status, refused.error) == (code, 401, "invalid_token")
    assert refused.headers["WWW-Authenticate"].startswith('Bearer realm="sarhad", error="invalid_token", ')


HEADERS: dict[str, tuple[dict[str, Any], str]] = {
    "typ not at+jwt": ({"typ": "JWT"}, "token.header-refused"),
    "typ of RFC 9068 in full": ({"typ": "application/at+jwt"}, "token.header-refused"),
    "no typ": ({"typ": None}, "token.header-refused"),
    "refresh token shape": ({"typ": "rt+jwt"}, "token.header-refused"),
    "logout token shape": ({"typ": "logout+jwt"}, "token.header-refused"),
    "receipt shape": ({"typ": "receipt+jws"}, "token.header-refused"),
    "alg none": ({"alg": "none"}, "token.algorithm-refused"),
    "alg RS256": ({"alg": "RS256"}, "token.algorithm-refused"),
    "alg that only clients may use": ({"alg": "Ed25519"}, "token.algorithm-refused"),
    "no kid": ({"kid": None}, "token.header-refused"),
    "unknown kid": ({"kid": "aa-sig-202603-9"}, "token.unknown-key"),
    "cross-partner kid": ({"kid": key_of("xx").public.kid}, "token.unknown-key"),
    "unknown crit": ({"crit": ["x"], "x": 1}, "token.header-refused"),
    "jwk header": ({"jwk": dict(key_of("xx").public.jwk)}, "token.header-refused"),
    "jku header": ({"jku": "https://attacker.example/jwks"}, "token.header-refused"),
    "x5c header": ({"x5c": ["MIIB"]}, "token.header-refused"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_headers_at_fault(stage: Stage, name: str) -> None:
    changes, code = HEADERS[name]
    assert refusal(stage, stage.token_with(header=changes)).stable_code == code


def test_a_client_cannot_sign_a_token_for_itself(stage: Stage) -> None:
    key = key_of("xx")
    assert refusal(stage, sign(header_of(key, typ="at+jwt"), token_claims(), key)).stable_code == "token.unknown-key"
    lent = sign(header_of(key, typ="at+jwt", kid=key_of("aa").public.kid), token_claims(), key)
    assert refusal(stage, lent).stable_code == "token.signature"


def test_another_key_of_the_server_of_another_algorithm_signs_no_token(stage: Stage) -> None:
    key = key_of("aa", "Ed25519", 2)
    stage.register(key, "aa")
    token = sign(header_of(key, typ="at+jwt"), token_claims(), key)
    assert refusal(stage, token).stable_code == "token.algorithm-refused"


def test_a_careless_lookup_cannot_lend_a_partners_key_to_the_server(stage: Stage) -> None:
    key = key_of("xx")
    stage.keys["aa"][key.public.kid] = stage.keys["xx"][key.public.kid]
    assert refusal(stage, sign(header_of(key, typ="at+jwt"), token_claims(), key)).stable_code == "token.unknown-key"


def test_hs256_with_the_servers_public_key(stage: Stage) -> None:
    public = key_of("aa").public
    pem = public.native.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    header = {"alg": "HS256", "kid": public.kid, "typ": "at+jwt"}
    text = f"{b64(as_json(header))}.{b64(as_json(token_claims()))}"
    signature = hmac.new(pem, text.encode(), hashlib.sha256).digest()
    assert refusal(stage, f"{text}.{b64(signature)}").stable_code == "token.algorithm-refused"


def test_a_client_assertion_is_no_token_and_a_token_is_no_assertion(stage: Stage) -> None:
    key = key_of("xx")
    assertion = sign(header_of(key), token_claims(iss="xx"), key)
    assert refusal(stage, assertion).stable_code == "token.header-refused"
    assert stage.ask(stage.token_with()).body["code"] == "assertion.header-refused"


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_changed_part(stage: Stage, part: int) -> None:
    segments = stage.token_with().split(".")
    other = stage.token_with(jti="t-2", header={"kid": "aa-sig-202603-9"}).split(".")
    segments[part] = other[part]
    assert refusal(stage, ".".join(segments)).stable_code in {"token.signature", "token.unknown-key"}


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (KeyState.PENDING, "token.key-not-active"),
        (KeyState.RETIRED, "token.expired-key"),
        (KeyState.COMPROMISED, "token.compromised-key"),
    ],
)
def test_revoked_key_of_the_server(stage: Stage, state: KeyState, code: str) -> None:
    token = stage.token_with()
    stage.register(key_of("aa"), "aa", Lifecycle((StateChange(state, NOW - timedelta(hours=1)),)))
    assert refusal(stage, token).stable_code == code


def test_a_token_of_another_realm(stage: Stage) -> None:
    sandbox = Stage(realm=replace(REALM, issuer="https://sandbox.example", audience="https://sandbox.example/v1"))
    assert refusal(stage, sandbox.token_with(iss=sandbox.realm.issuer)).stable_code == "token.issuer"
    assert refusal(sandbox, stage.token_with()).stable_code == "token.issuer"


# Over the wrong connection, or for something else


def test_a_stolen_token_opens_nothing_over_another_certificate(stage: Stage) -> None:
    refused = refusal(stage, stage.token_with(), caller=caller_of("yy"))
    assert (refused.stable_code, refused.status) == ("token.other-certificate", 401)


def test_a_token_does_not_move_to_the_renewed_certificate(stage: Stage) -> None:
    assert refusal(stage, stage.token_with(), caller=caller_of("xx", 2)).stable_code == "token.other-certificate"


def test_a_certificate_of_another_owner_under_the_same_hash(stage: Stage) -> None:
    stolen = replace(caller_of("xx"), owner="yy")
    assert refusal(stage, stage.token_with(), caller=stolen).stable_code == "token.unknown-client"


def test_a_scope_that_the_token_lacks(stage: Stage) -> None:
    refused = refusal(stage, stage.token_with(), scope=Scope.CHECK)
    assert (refused.stable_code, refused.status, refused.error) == ("token.scope", 403, "insufficient_scope")
    assert 'scope="checks:run"' in refused.headers["WWW-Authenticate"]


def test_a_scope_that_was_taken_from_the_client_since(stage: Stage) -> None:
    token = stage.token_with()
    stage.scopes["xx"] = frozenset({Scope.STATUS})
    assert refusal(stage, token).stable_code == "token.scope"
    assert stage.use(token, Scope.STATUS)


def test_a_suspended_client_is_out_at_once(stage: Stage) -> None:
    token = stage.token_with()
    del stage.scopes["xx"]
    assert refusal(stage, token).stable_code == "token.unknown-client"


# The Authorization field


@pytest.mark.parametrize(
    ("lines", "code", "status"),
    [
        ([], "token.missing", 401),
        (["Basic eHg6c2VjcmV0"], "token.missing", 401),
        (["DPoP abc"], "token.missing", 401),
        (["Bearer"], "token.malformed", 401),
        (["Bearer "], "token.malformed", 401),
        (["Bearer a b"], "token.malformed", 401),
        (["Bearer a,b"], "token.malformed", 401),
        (["Bearer a.b.c\r\nX: y"], "token.malformed", 401),
        (["Bearer é"], "token.malformed", 401),
        (["Bearer " + "a" * 9000], "token.malformed", 401),
        (["Bearer a.b.c", "Bearer a.b.c"], "token.repeated", 400),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_authorization_fields_without_one_token(stage: Stage, lines: list[str], code: str, status: int) -> None:
    with pytest.raises(AccessRefused) as refused:
        stage.check.require(lines, Scope.SEND, caller=caller_of("xx"), at=NOW)
    assert (refused.value.stable_code, refused.value.status) == (code, status)
    if code == "token.missing":
        assert refused.value.headers == {"WWW-Authenticate": 'Bearer realm="sarhad"'}


def test_the_scheme_is_read_in_any_case(stage: Stage) -> None:
    line = f"bEARER {stage.token_with()}"
    assert stage.check.require([line], Scope.SEND, caller=caller_of("xx"), at=NOW)
