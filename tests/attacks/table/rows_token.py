"""Attacks with access tokens (RFC 9068, RFC 8705), each on a connection and in a request that are good otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.attacks.table import forging
from tests.attacks.table.attacker import JOSE, MESSAGES, Attacker
from tests.attacks.table.forging import Sign, b64, unb64
from tests.attacks.table.row import Attack
from tests.attacks.table.wire import Shot

Shoot = Callable[[Attacker], Shot]


def token(name: str, source: str, shoot: Shoot, code: str, *words: str, status: int = 401, **more: Any) -> Attack:
    return Attack(
        name=f"token: {name}",
        kind="token",
        source=source,
        shoot=shoot,
        status=status,
        code=f"token.{code}",
        words=words,
        **more,
    )


def forged(header: Mapping[str, Any], sign: Callable[[Attacker], Sign] | None = None, **claims: Any) -> Shoot:
    """The claims of a good token under another header, signed by the attacker."""

    def shoot(attacker: Attacker) -> Shot:
        _, body, _ = attacker.issued().split(".")
        said = json.loads(unb64(body)) | claims
        signing = forging.es256(attacker.key) if sign is None else sign(attacker)
        text = forging.jws(
            {"alg": "ES256", "kid": our_kid(attacker), "typ": "at+jwt", **header}, forging.as_json(said), signing
        )
        return attacker.message(token=text)

    return shoot


def our_kid(attacker: Attacker) -> str:
    """The id of the key with which the gateway signs tokens; everybody who has a token sees it."""
    return str(json.loads(unb64(attacker.issued().split(".")[0]))["kid"])


def changed(change: Callable[[str], str]) -> Shoot:
    """A good token whose text is changed."""
    return lambda attacker: attacker.message(token=change(attacker.issued()))


def other_claims(text: str) -> str:
    """A good token with another client in it."""
    header, body, signature = text.split(".")
    claims = unb64(body).replace(b'"sub":"xx","client_id":"xx"', b'"sub":"yy","client_id":"yy"')
    assert claims != unb64(body)
    return f"{header}.{b64(claims)}.{signature}"


def other_alg(text: str) -> str:
    header, body, signature = text.split(".")
    return f"{b64(unb64(header).replace(b'ES256', b'ES384'))}.{body}.{signature}"


def as_json_form(text: str) -> str:
    header, body, signature = text.split(".")
    return b64(json.dumps({"protected": header, "payload": body, "signature": signature}).encode())


def with_public_key(attacker: Attacker) -> Sign:
    """HS256 with a public key of the gateway; any will do, for no key makes it good."""
    return forging.hmac_with_public(attacker.recipient)


def own_jwk(attacker: Attacker) -> Shot:
    """A token signed by the attacker, which brings the key along."""
    header = {"jwk": dict(attacker.key.public.jwk), "kid": attacker.key.public.kid}
    return forged(header)(attacker)


def in_body(attacker: Attacker) -> Shot:
    """Where RFC 6750 sections 2.2 and 2.3 once let a token stand."""
    return attacker.send("POST", f"{MESSAGES}?access_token={attacker.token('xx')}", attacker.sealed(), JOSE, token=None)


def basic(attacker: Attacker) -> Shot:
    fields = {"authorization": "Basic eHg6eHg="}
    return attacker.send("POST", MESSAGES, attacker.sealed(), JOSE | fields, token=None)


def twice(attacker: Attacker) -> Shot:
    return attacker.message(more=(("authorization", f"Bearer {attacker.token('xx')}"),))


NONE = {"alg": "none"}
ROWS = [
    token("no token", "RFC 6750 s. 3", lambda attacker: attacker.message(token=None), "missing"),
    token("a token in the query", "RFC 6750 s. 2.3", in_body, "missing"),
    token("a password instead", "RFC 7617", basic, "missing"),
    token("the field twice", "RFC 6750 s. 2.1", twice, "repeated", "duplicate header", status=400),
    token(
        "a token that has run out", "RFC 9068 s. 4", lambda a: a.message(token=a.issued_at(-400)), "expired", "expired"
    ),
    token(
        "a token of tomorrow",
        "RFC 7519 s. 4.1.6",
        lambda a: a.message(token=a.issued_at(400)),
        "not-yet-valid",
        "not yet valid",
    ),
    token(
        "a token of ours for another API",
        "RFC 9068 s. 4",
        lambda a: a.message(token=a.issued(audience="https://other.example")),
        "audience",
        "wrong audience",
    ),
    token(
        "a stolen token on another certificate",
        "RFC 8705 s. 3",
        lambda a: a.message(token=a.token("yy")),
        "other-certificate",
        "replayed token",
    ),
    token(
        "a token without the scope of the route",
        "RFC 6750 s. 3.1",
        lambda a: a.message(token=a.issued(scope="messages:status")),
        "scope",
        status=403,
    ),
    token(
        "alg none, no signature",
        "RFC 8725 s. 3.1",
        changed(lambda t: f"{b64(json.dumps(NONE).encode())}.{t.split('.')[1]}."),
        "malformed",
        "none",
    ),
    token("alg none with a signature", "RFC 8725 s. 3.1", forged(NONE), "algorithm-refused"),
    token(
        "HS256 with a public key of ours",
        "CVE-2015-9235",
        forged({"alg": "HS256"}, with_public_key),
        "algorithm-refused",
        "HS256 with public key",
    ),
    token("another algorithm under a good signature", "RFC 8725 s. 3.1", changed(other_alg), "algorithm-refused"),
    token(
        "signed by the partner under the id of our key",
        "RFC 8725 s. 3.5",
        forged({}),
        "signature",
        "kid of ours",
        "forged",
    ),
    token(
        "signed by the partner under its own id",
        "RFC 8725 s. 3.8",
        lambda a: forged({"kid": a.key.public.kid})(a),
        "unknown-key",
    ),
    token("a key brought along as jwk", "CVE-2018-0114", own_jwk, "header-refused", "jwk header"),
    token(
        "a key fetched by jku",
        "CVE-2018-0114 kin, RFC 8725 s. 3.10",
        forged({"jku": "https://evil.example/keys"}),
        "header-refused",
        "jku header",
    ),
    token(
        "a key fetched by x5u",
        "RFC 8725 s. 3.10",
        forged({"x5u": "https://evil.example/cert"}),
        "header-refused",
        "x5u header",
    ),
    token(
        "a chain brought along as x5c", "RFC 8725 s. 3.10", forged({"x5c": ["AAAA"]}), "header-refused", "x5c header"
    ),
    token(
        "a crit that nobody knows",
        "CVE-2026-32597",
        forged({"crit": ["exp"], "exp": 1}),
        "header-refused",
        "crit unknown",
    ),
    token(
        "r and s of zero", "CVE-2022-21449", forged({}, lambda _: lambda _data: bytes(64)), "signature", "ES256 r=s=0"
    ),
    token("another client in the claims", "RFC 7519 s. 7.2", changed(other_claims), "signature"),
    token("a token cut short", "RFC 7515 s. 5.2", changed(lambda text: text[:-20]), "signature", "truncated"),
    token("the JSON form of a JWS", "RFC 7515 s. 7.2", changed(as_json_form), "malformed"),
    token(
        "a client assertion as a token",
        "RFC 8725 s. 3.11",
        lambda a: a.message(token=a.assertion()),
        "header-refused",
        "key-confused",
    ),
    token("a token of 20 KB", "CWE-770", lambda a: a.message(token="a" * 20_000), "malformed"),
]
