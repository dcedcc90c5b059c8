"""Attacks on the token endpoint: its form, and the client assertion in it (RFC 6749, RFC 7523)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from gateway.authorisation.forms import FORM
from tests.attacks.table import forging
from tests.attacks.table.attacker import BASE, JOSE, MARK, TOKEN, Attacker
from tests.attacks.table.forging import b64
from tests.attacks.table.row import Attack
from tests.attacks.table.wire import Shot

NO_ALGORITHM = b'{"alg":"none"}'
Shoot = Callable[[Attacker], Shot]


def assertion(name: str, source: str, shoot: Shoot, code: str, *words: str, **more: Any) -> Attack:
    return Attack(
        **{"status": 401} | more,
        name=f"assertion: {name}",
        kind="assertion",
        source=source,
        shoot=shoot,
        code=code if "." in code else f"assertion.{code}",
        words=words,
    )


def form(name: str, source: str, shoot: Shoot, code: str, *words: str, **more: Any) -> Attack:
    return Attack(
        **{"status": 400} | more,
        name=f"form: {name}",
        kind="form",
        source=source,
        shoot=shoot,
        code=f"oauth.{code}",
        words=words,
    )


def claims(**changes: Any) -> Shoot:
    return lambda attacker: attacker.assert_with(None, **changes)


def header(**changes: Any) -> Shoot:
    return lambda attacker: attacker.assert_with(changes)


def lasting(begin: int, end: int) -> Shoot:
    """An assertion that begins and ends some seconds from now."""

    def shoot(attacker: Attacker) -> Shot:
        now = int(datetime.now(UTC).timestamp())
        return attacker.assert_with(None, iat=now + begin, exp=now + end)

    return shoot


def signed(sign: Callable[[Attacker], forging.Sign], **changes: Any) -> Shoot:
    return lambda attacker: attacker.assert_with(changes, sign=sign(attacker))


def asking(**changes: Any) -> Shoot:
    """A good assertion in a form with further or other parameters."""
    return lambda attacker: attacker.ask(attacker.form(attacker.assertion(), **changes))


def behind(more: bytes) -> Shoot:
    """A good form with bytes behind it."""
    return lambda attacker: attacker.ask(attacker.form(attacker.assertion()) + more)


def in_state(state: str) -> Shoot:
    def shoot(attacker: Attacker) -> Shot:
        key = attacker.keys[state]
        return attacker.assert_with({"kid": key.public.kid}, sign=forging.es256(key))

    return shoot


def again(attacker: Attacker) -> Shot:
    """An assertion that was taken once, in a new request."""
    used = attacker.form(attacker.assertion())
    attacker.issued_for(used)
    return attacker.ask(used)


def borrowed(attacker: Attacker) -> Shot:
    """An assertion of another partner on his own connection."""
    return attacker.ask(attacker.form(attacker.assertion("yy")))


def unencoded(attacker: Attacker) -> Shot:
    """RFC 7797: the claims unencoded."""
    return attacker.assert_with({"b64": False, "crit": ["b64"]})


def as_json_form(attacker: Attacker) -> Shot:
    protected, payload, signature = attacker.assertion().split(".")
    text = json.dumps({"protected": protected, "payload": payload, "signature": signature})
    return attacker.ask(attacker.form(text))


def unsigned(attacker: Attacker) -> Shot:
    _, payload, _ = attacker.assertion().split(".")
    return attacker.ask(attacker.form(f"{b64(NO_ALGORITHM)}.{payload}."))


ASSERTIONS = [
    assertion("an assertion again", "RFC 7523 s. 3 rule 7", again, "replayed", "replayed token"),
    assertion("an assertion of yesterday", "RFC 7523 s. 3 rule 4", lasting(-86_400, -86_100), "expired", "expired"),
    assertion(
        "an assertion of tomorrow", "RFC 7523 s. 3 rule 6", lasting(86_400, 86_460), "not-yet-valid", "not yet valid"
    ),
    assertion(
        "an assertion for ten years", "RFC 7523 s. 3 rule 4", lasting(0, 315_360_000), "too-long", "ten-year expiry"
    ),
    assertion("an assertion without an end", "RFC 7523 s. 3 rule 4", claims(exp=None), "claims-refused"),
    assertion("an assertion without jti", "RFC 7523 s. 3 rule 7", claims(jti=None), "claims-refused"),
    assertion("an end that is not a number", "CWE-1287", claims(exp="9999999999"), "claims-refused"),
    assertion("an end of 1e400", "CWE-1339", claims(exp=float("inf")), "malformed", "1e400"),
    assertion("a jti with a new line", "CWE-117", claims(jti=f"{MARK}\nforged"), "claims-refused", "log injection"),
    assertion(
        "made for another server",
        "RFC 7523 s. 3 rule 3",
        claims(aud="https://other.example"),
        "audience",
        "wrong audience",
    ),
    assertion(
        "made for us and another server",
        "RFC 7523 s. 3 rule 3, CVE-2025-27370",
        claims(aud=[BASE, "https://other.example"]),
        "audience",
        "list audience",
    ),
    assertion("made for us, as a list", "CVE-2025-27370", claims(aud=[BASE]), "audience"),
    assertion("made for the token endpoint's address", "CVE-2025-27371", claims(aud=f"{BASE}{TOKEN}"), "audience"),
    assertion("issued by another than its subject", "RFC 7523 s. 3 rules 1, 2", claims(iss="yy"), "issuer"),
    assertion("of another partner", "RFC 8705 s. 2", borrowed, "oauth.unknown-client", "cross-partner kid"),
    assertion("in the name of another partner", "RFC 7523 s. 3", claims(iss="yy", sub="yy"), "oauth.unknown-client"),
    assertion("alg none", "RFC 8725 s. 3.1", unsigned, "malformed", "none"),
    assertion(
        "HS256 with the public key",
        "CVE-2015-9235",
        signed(lambda a: forging.hmac_with_public(a.key.public), alg="HS256"),
        "algorithm-refused",
        "HS256 with public key",
    ),
    assertion(
        "the algorithm of another key",
        "RFC 8725 s. 3.1",
        header(alg="PS256"),
        "algorithm-refused",
        "algorithm-switched",
    ),
    assertion(
        "r and s of zero", "CVE-2022-21449", signed(lambda _: lambda _data: bytes(64)), "signature", "ES256 r=s=0"
    ),
    assertion("a key brought along as jwk", "CVE-2018-0114", header(jwk={"kty": "EC"}), "header-refused", "jwk header"),
    assertion(
        "a key fetched by jku", "RFC 8725 s. 3.10", header(jku="https://evil.example"), "header-refused", "jku header"
    ),
    assertion("b64 false", "RFC 7797 s. 3", unencoded, "header-refused", "b64=false"),
    assertion(
        "an access token as an assertion", "RFC 8725 s. 3.11", lambda a: a.ask(a.form(a.token("xx"))), "header-refused"
    ),
    assertion("the JSON form of a JWS", "RFC 7515 s. 7.2", as_json_form, "malformed", "JSON JWS"),
    assertion(
        "signed by a compromised key",
        "NIST SP 800-57 s. 5.3",
        in_state("compromised"),
        "compromised-key",
        "revoked key",
    ),
    assertion("signed by a retired key", "NIST SP 800-57 s. 5.3", in_state("retired"), "expired-key"),
]
FORMS = [
    form(
        "grant_type twice",
        "RFC 6749 s. 3.2",
        behind(b"&grant_type=client_credentials"),
        "parameter-repeated",
        "duplicate form field",
    ),
    form("client_assertion twice", "RFC 6749 s. 3.2", behind(b"&client_assertion=a"), "parameter-repeated"),
    form(
        "a scope in the address",
        "RFC 6749 s. 2.3.1",
        lambda a: a.ask(a.form(a.assertion()), f"{TOKEN}?scope=log:read"),
        "parameter-in-uri",
    ),
    form("a secret beside the assertion", "RFC 6749 s. 2.3", asking(client_secret=MARK), "other-credentials"),
    form(
        "a password beside the assertion",
        "RFC 6749 s. 2.3",
        lambda a: a.send(
            "POST", TOKEN, a.form(a.assertion()), {"content-type": FORM, "authorization": "Basic eHg6eA=="}, token=None
        ),
        "other-credentials",
    ),
    form("the password grant", "RFC 6749 s. 4.3, RFC 9700 s. 2.4", asking(grant_type="password"), "grant-type"),
    form("a scope that is not granted", "RFC 6749 s. 3.3", asking(scope="messages:send admin"), "scope"),
    form("the resource of another", "RFC 8707 s. 2", asking(resource="https://other.example"), "target"),
    form(
        "no assertion",
        "RFC 7523 s. 2.2",
        lambda a: a.ask(urlencode({"grant_type": "client_credentials"}).encode()),
        "no-assertion",
        status=401,
    ),
    form(
        "a form as JSON", "RFC 6749 s. 3.2", lambda a: a.send("POST", TOKEN, b"{}", JOSE, token=None), "form-malformed"
    ),
    form("seventeen parameters", "CWE-770", behind(b"".join(b"&p%d=1" % n for n in range(17))), "form-malformed"),
    form("bytes that are no text", "CWE-20", behind(b"&p=%ff"), "form-malformed"),
]
ROWS = [*ASSERTIONS, *FORMS]
