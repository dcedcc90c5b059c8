"""The other side of the token endpoint: how a client asks for an access token and reads the answer."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from gateway.authorisation.assertions import ASSERTION_TYPE
from gateway.errors import DeliveryFailed
from gateway.security.compact import sign_compact
from gateway.security.keys import Signer

ASSERTION_LIFETIME = timedelta(seconds=60)
"""An assertion is made for one request and used at once."""

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{1,16384}={0,2}")  # RFC 6750 section 2.1, and nothing that ends a header line
_MOST_SECONDS = 3600
_TYPE = "client-authentication+jwt"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GrantedToken:
    """An access token that we were given.

    Attributes:
        value: to be sent as ``Authorization: Bearer``.
        ends: until when it is good, by our clock.
    """

    value: str
    ends: datetime


def token_request(client_id: str, issuer: str, signer: Signer, *, at: datetime, jti: str) -> bytes:
    """The form that asks for a token with every scope that we may have (RFC 6749 section 4.4, RFC 7523 section 2.2).

    Args:
        client_id: our code, as the other side has registered us.
        issuer: name of the other side's token server; the assertion is good for it alone.
        signer: our signing key, which the other side has registered.
        at: now, with time zone.
        jti: id of the assertion, never used before.
    """
    now = int(at.timestamp())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": issuer,
        "iat": now,
        "exp": now + int(ASSERTION_LIFETIME.total_seconds()),
        "jti": jti,
    }
    payload = json.dumps(claims, separators=(",", ":")).encode("ascii")
    assertion = sign_compact(payload, members={}, typ=_TYPE, signer=signer).decode("ascii")
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
    }
    return urlencode(form).encode("ascii")


def read_token_answer(status: int, body: bytes, at: datetime) -> GrantedToken:
    """The token in an answer of a token endpoint (RFC 6749 section 5.1).

    Args:
        status: HTTP status.
        body: of the answer.
        at: when we asked, with time zone.

    Raises:
        DeliveryFailed: ``delivery.no-token``: it is a refusal, or no answer of such an endpoint.
    """
    try:
        members = json.loads(body)
        told = members.get("code") or members.get("error") or ""
        value, lasts = members.get("access_token"), members.get("expires_in")
        bearer = str(members.get("token_type", "")).lower() == "bearer"
    except (ValueError, AttributeError, RecursionError):
        told, value, lasts, bearer = "", None, None, False
    good = status == 200 and bearer and type(lasts) is int and lasts > 0
    if not good or not isinstance(value, str) or _TOKEN.fullmatch(value) is None:
        raise DeliveryFailed(
            f"the token endpoint gave no access token (status {status}{_plain(told)})",
            remedy="look whether certificate, key and client id are those that the other side has registered",
            code="delivery.no-token",
        )
    return GrantedToken(value=value, ends=at + timedelta(seconds=min(lasts, _MOST_SECONDS)))


def _plain(told: object) -> str:
    """A code of the other side, when it looks like one."""
    text = told if isinstance(told, str) else ""
    plain = text.isascii() and 0 < len(text) <= 64 and text.replace(".", "").replace("-", "").replace("_", "").isalnum()
    return f", {text}" if plain else ""
