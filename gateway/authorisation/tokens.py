"""Access tokens: JWT of RFC 9068, signed with ES256, 300 seconds, bound to the client certificate.

A token says who may do what until when, on connections with which certificate. Nothing is stored: the signature is the
record. It opens exactly one API (``aud``), and its type keeps any other JWT from being taken for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.authorisation.realm import Realm
from gateway.authorisation.refusals import AccessRefused, JwtFault
from gateway.authorisation.scopes import Scope, scope_text
from gateway.authorisation.signed_claims import (
    JwtKind,
    KeyLookup,
    check_audience,
    check_times,
    id_claim,
    read_jwt,
    verify_jwt,
)
from gateway.errors import DataFolderError
from gateway.identifiers import PartnerCode
from gateway.security.compact import sign_compact
from gateway.security.keys import Signer

TOKEN_TYPE = "at+jwt"  # noqa: S105 - RFC 9068 section 2.1
ALGORITHM = "ES256"
CONFIRMATION = "x5t#S256"  # RFC 8705 section 3.1

KIND = JwtKind(
    types=frozenset({TOKEN_TYPE}),
    algorithms=(ALGORITHM,),
    claims=frozenset({"iss", "sub", "client_id", "aud", "iat", "exp", "jti", "scope", "cnf"}),
    refuse=AccessRefused,
)

_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """What an access token says.

    Attributes:
        client_id: code of the partner that it was issued to.
        scopes: what it lets do.
        thumbprint: ``x5t#S256`` of the certificate that it is bound to.
        token_id: its ``jti``, for the log.
        expires_at: when it ends, UTC.
    """

    client_id: PartnerCode
    scopes: frozenset[Scope]
    thumbprint: str
    token_id: str
    expires_at: datetime


def new_token(
    realm: Realm, client_id: PartnerCode, scopes: frozenset[Scope], thumbprint: str, token_id: str, at: datetime
) -> AccessToken:
    """A token of the realm, issued at ``at`` (with time zone) and ending one token lifetime later."""
    end = datetime.fromtimestamp(int(at.timestamp()), UTC) + realm.token_lifetime
    return AccessToken(client_id=client_id, scopes=scopes, thumbprint=thumbprint, token_id=token_id, expires_at=end)


def sign_token(token: AccessToken, realm: Realm, signer: Signer) -> str:
    """The token as a compact JWS.

    Args:
        token: what it says.
        realm: issuer, audience and lifetime.
        signer: our key for tokens; the key may stay in a hardware module.

    Raises:
        DataFolderError: ``oauth.token-key``: the key is not for ES256.
    """
    if signer.alg != ALGORITHM:
        raise DataFolderError(
            f"The key that signs access tokens has to be for {ALGORITHM}.",
            code="oauth.token-key",
            path=signer.kid,
            remedy="Make a P-256 key for access tokens.",
        )
    claims = {
        "iss": realm.issuer,
        "sub": token.client_id,
        "client_id": token.client_id,
        "aud": realm.audience,
        "iat": _seconds(token.expires_at - realm.token_lifetime),
        "exp": _seconds(token.expires_at),
        "jti": token.token_id,
        "scope": scope_text(token.scopes),
        "cnf": {CONFIRMATION: token.thumbprint},
    }
    payload = json.dumps(claims, separators=(",", ":")).encode("ascii")
    return sign_compact(payload, members={}, typ=TOKEN_TYPE, signer=signer).decode("ascii")


def verify_token(text: str, *, realm: Realm, lookup_key: KeyLookup, home: str, at: datetime) -> AccessToken:
    """What a token says, after everything about it was verified but the connection that it came over.

    Args:
        text: the compact JWS.
        realm: the issuer and audience that it must have.
        lookup_key: our own keys for tokens.
        home: our own code, the owner of those keys.
        at: time of receipt, with time zone.

    Raises:
        AccessRefused: with one of the ``token.`` codes of `JwtFault`.
    """
    claims = verify_jwt(read_jwt(text, KIND), lookup_key, home, at, KIND)
    if claims["iss"] != realm.issuer:
        raise AccessRefused(JwtFault.ISSUER, detail="another realm", path="iss")
    check_audience(claims, realm.audience, KIND)
    none = timedelta(0)
    end = check_times(claims, at, longest=realm.token_lifetime, early=realm.clock_skew, late=none, kind=KIND)
    if not claims.keys() <= KIND.claims or claims["sub"] != claims["client_id"]:
        raise AccessRefused(JwtFault.CLAIMS, detail="not the claims that we issue")
    return AccessToken(
        client_id=PartnerCode(id_claim(claims, "client_id", KIND)),
        scopes=_scopes(claims),
        thumbprint=_thumbprint(claims),
        token_id=id_claim(claims, "jti", KIND),
        expires_at=datetime.fromtimestamp(end, UTC),
    )


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _scopes(claims: Mapping[str, Any]) -> frozenset[Scope]:
    """The scopes of a token; it holds none that we do not know."""
    text = claims["scope"]
    if not isinstance(text, str) or not set(text.split(" ")) <= {scope.value for scope in Scope}:
        raise AccessRefused(JwtFault.CLAIMS, detail="scope", path="scope")
    return frozenset(Scope(name) for name in text.split(" "))


def _thumbprint(claims: Mapping[str, Any]) -> str:
    """The certificate that a token is bound to; a token that is bound to none is none of ours."""
    confirmation = claims["cnf"]
    value = confirmation.get(CONFIRMATION) if isinstance(confirmation, dict) and len(confirmation) == 1 else None
    if not isinstance(value, str) or _THUMBPRINT.fullmatch(value) is None:
        raise AccessRefused(JwtFault.CLAIMS, detail="not bound to a certificate", path="cnf")
    return value
