"""The check in front of every route that needs an access token: who asks, may it, over its own connection?"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from datetime import datetime

from gateway.authorisation.clients import ClientLookup
from gateway.authorisation.realm import Realm
from gateway.authorisation.refusals import AccessCode, AccessRefused, JwtFault
from gateway.authorisation.scopes import Scope
from gateway.authorisation.signed_claims import KeyLookup
from gateway.authorisation.tokens import AccessToken, verify_token
from gateway.security.certificates import PinnedCertificate

_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)  # RFC 6750 section 2.1


class AccessCheck:
    """Judges access tokens of one realm.

    Args:
        realm: whose tokens are taken.
        clients: the registered clients; one that was suspended is out at once.
        lookup_key: our own keys for tokens, retiring ones included.
        home: our own code, the owner of those keys.
    """

    def __init__(self, *, realm: Realm, clients: ClientLookup, lookup_key: KeyLookup, home: str) -> None:
        self._realm = realm
        self._clients = clients
        self._lookup_key = lookup_key
        self._home = home

    def require(
        self, authorization: Sequence[str], scope: Scope, *, caller: PinnedCertificate, at: datetime
    ) -> AccessToken:
        """The token of a request, when it lets the caller do what ``scope`` names.

        Args:
            authorization: the values of all ``Authorization`` field lines; no other place is looked at.
            scope: what the route does.
            caller: the certificate of the connection.
            at: time of receipt, with time zone.

        Raises:
            AccessRefused: 401 for the token, 403 for the scope.
        """
        text = read_bearer(authorization)
        token = verify_token(text, realm=self._realm, lookup_key=self._lookup_key, home=self._home, at=at)
        if not hmac.compare_digest(token.thumbprint, caller.thumbprint):
            raise AccessRefused(AccessCode.OTHER_CERTIFICATE, detail=f"used by {caller.owner}", path="cnf")
        client = self._clients(token.client_id)
        if client is None or token.client_id != caller.owner:
            raise AccessRefused(AccessCode.UNKNOWN_CLIENT, detail=f"used by {caller.owner}", path="client_id")
        if scope not in token.scopes & client.scopes:
            raise AccessRefused(AccessCode.SCOPE, scope=scope.value, detail=f"asked by {caller.owner}", path="scope")
        return token


def read_bearer(authorization: Sequence[str]) -> str:
    """The token of the ``Authorization`` field (RFC 6750 section 2.1).

    Raises:
        AccessRefused: ``token.missing``, ``token.repeated`` or ``token.malformed``.
    """
    if not authorization:
        raise AccessRefused(AccessCode.MISSING)
    if len(authorization) > 1:
        raise AccessRefused(AccessCode.REPEATED)
    scheme = authorization[0].partition(" ")[0]
    if scheme.lower() != "bearer":
        raise AccessRefused(AccessCode.MISSING, detail="another scheme")
    found = _BEARER.fullmatch(authorization[0].strip())
    if found is None:
        raise AccessRefused(JwtFault.MALFORMED, detail="no b64token")
    return found[1]
