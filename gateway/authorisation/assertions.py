"""Client assertions: ``private_key_jwt`` of RFC 7523, with what FAPI 2.0 asks of it (we are modelled on it, no more).

A client proves itself by a JWT that it signs for this one request. Its audience is our issuer as a single text, so that
an assertion made for another server opens nothing here; it ends within 300 seconds of its issue; its ``jti`` is used
once. The key is found by (client, kid) among the registered keys; its registered algorithm is the only one taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.authorisation.clients import ClientLookup, OAuthClient
from gateway.authorisation.realm import Realm
from gateway.authorisation.refusals import JwtFault, OAuthCode, TokenRefused
from gateway.authorisation.signed_claims import JwtKind, check_audience, check_times, id_claim, read_jwt, verify_jwt
from gateway.security.certificates import PinnedCertificate
from gateway.security.suites import INTL_1

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""``client_assertion_type`` of RFC 7523 section 2.2."""

KIND = JwtKind(
    types=frozenset({None, "JWT", "client-authentication+jwt"}),  # RFC 7523 sets none; RFC 7519 section 5.1
    algorithms=INTL_1.signatures,
    claims=frozenset({"iss", "sub", "aud", "iat", "exp", "jti"}),
    refuse=TokenRefused,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientAssertion:
    """A verified client assertion; whether it was used before is still to be asked.

    Attributes:
        client: who made it.
        kid: id of the key it is signed with.
        jti: its id, unique for the client.
        remember_until: until when its id has to be remembered; afterwards it is refused as expired.
    """

    client: OAuthClient
    kid: str
    jti: str
    remember_until: datetime


def verify_assertion(
    assertion: str, *, realm: Realm, clients: ClientLookup, caller: PinnedCertificate, at: datetime
) -> ClientAssertion:
    """Verify a client assertion.

    Args:
        assertion: the form's ``client_assertion``.
        realm: issuer and lifetimes.
        clients: the registered clients.
        caller: the certificate of the connection; its owner must be the client, before any key is looked at.
        at: time of receipt, with time zone.

    Raises:
        TokenRefused: ``oauth.unknown-client`` or one of the ``assertion.`` codes.
    """
    unverified = read_jwt(assertion, KIND)
    name = unverified.claims["sub"]
    if not isinstance(name, str) or unverified.claims["iss"] != name:
        raise TokenRefused(JwtFault.ISSUER, detail="iss and sub differ", path="sub")
    client = clients(name) if name == caller.owner else None
    if client is None or client.client_id != name:
        raise TokenRefused(OAuthCode.UNKNOWN_CLIENT, detail=f"asked over a certificate of {caller.owner}", path="sub")
    claims = verify_jwt(unverified, client.lookup_key, client.client_id, at, KIND)
    check_audience(claims, realm.issuer, KIND)
    end = check_times(
        claims, at, longest=realm.assertion_lifetime, early=realm.clock_skew, late=realm.clock_skew, kind=KIND
    )
    return ClientAssertion(
        client=client,
        kid=unverified.jws.kid,
        jti=id_claim(claims, "jti", KIND),
        remember_until=datetime.fromtimestamp(end, UTC) + realm.clock_skew,
    )
