"""The token endpoint, on the framework-free core of Authlib.

Authlib brings the order of a token request: find the grant, authenticate the client, check the grant, issue. What it
leaves open is not used: its form and JWT reading, its token generator (ten days, RS256, no confirmation) and its error
texts, which repeat what was sent. Its classes appear in this module only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    AuthorizationServer,
    ClientMixin,
    OAuth2Error,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload  # type: ignore[import-untyped]

from gateway.authorisation.assertions import ASSERTION_TYPE, verify_assertion
from gateway.authorisation.clients import ClientLookup, OAuthClient
from gateway.authorisation.forms import TokenCall, read_form
from gateway.authorisation.realm import Realm
from gateway.authorisation.refusals import JwtFault, OAuthCode, TokenRefused
from gateway.authorisation.scopes import granted_scopes, scope_text
from gateway.authorisation.tokens import new_token, sign_token
from gateway.ports import Nonces
from gateway.security.keys import Signer

MEMORY_KIND = "client-assertion"
"""Under which kind the ids of assertions stand in the replay memory."""

_GRANT = "client_credentials"
_METHOD = "private_key_jwt"
_HEADERS = {"Content-Type": "application/json", "Cache-Control": "no-store", "Pragma": "no-cache"}  # RFC 6749 s. 5.1


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TokenAnswer:
    """What the token endpoint answers.

    Attributes:
        status: HTTP status.
        body: to be sent as JSON.
        headers: fields of the answer.
        client_id: the authenticated client; empty when there is none. For the log.
        token_id: ``jti`` of the token issued, empty when there is none. For the log.
        refusal: why no token was issued, with its stable code and detail. For the log.
    """

    status: int
    body: Mapping[str, str | int]
    headers: Mapping[str, str] = field(default_factory=lambda: dict(_HEADERS))
    client_id: str = ""
    token_id: str = ""
    refusal: TokenRefused | None = None


class TokenEndpoint(AuthorizationServer):  # type: ignore[misc]
    """Issues access tokens to clients that prove themselves.

    Args:
        realm: issuer, audience and lifetimes.
        clients: the registered clients.
        nonces: replay memory that all processes share; see `gateway.authorisation.replay.StoredNonces`.
        signer: our key that signs tokens at a time.
        new_id: source of token ids.
    """

    def __init__(
        self,
        *,
        realm: Realm,
        clients: ClientLookup,
        nonces: Nonces,
        signer: Callable[[datetime], Signer],
        new_id: Callable[[], str],
    ) -> None:
        super().__init__()
        self._realm = realm
        self._clients = clients
        self._nonces = nonces
        self._signer = signer
        self._new_id = new_id
        self.register_grant(_ClientCredentials)
        self.register_client_auth_method(_METHOD, self._authenticate)

    def answer(self, call: TokenCall) -> TokenAnswer:
        """Answer one request; every refusal is an answer, too.

        Raises:
            TemporaryFailure: the replay memory cannot answer; nothing is issued without it.
        """
        try:
            answer: TokenAnswer = self.create_token_response(call)
        except TokenRefused as refused:
            headers = {**_HEADERS, **refused.headers}
            return TokenAnswer(status=refused.status, body=refused.body(), headers=headers, refusal=refused)
        return answer

    def create_oauth2_request(self, call: TokenCall) -> _Request:
        """Authlib asks for its own form of the request."""
        return _Request(self._realm, call, read_form(call))

    def handle_response(self, _status: int, answer: TokenAnswer, _headers: Any) -> TokenAnswer:
        """Authlib hands over what the grant made."""
        return answer

    def handle_error_response(self, request: _Request, error: OAuth2Error) -> TokenAnswer:
        """Authlib hands over its own errors, whose texts repeat what was sent; ours do not."""
        code, path = OAuthCode.NO_ASSERTION, "client_assertion"
        if error.error == "unsupported_grant_type":
            code, path = (OAuthCode.GRANT_TYPE if "grant_type" in request.form else OAuthCode.MISSING), "grant_type"
        raise TokenRefused(code, detail=f"Authlib: {error.error}", path=path)

    def send_signal(self, name: str, *_args: Any, **_more: Any) -> None:
        """Authlib tells of its steps; nobody listens."""

    def query_client(self, client_id: str) -> _Client | None:
        """The registered client of that id."""
        client = self._clients(client_id)
        return None if client is None else _Client(client)

    def issue(self, request: _Request) -> TokenAnswer:
        """The answer with a token for the authenticated client of a request.

        Raises:
            TokenRefused: ``oauth.scope`` or ``oauth.target``.
        """
        client, call = request.client.registered, request.call
        if request.form.get("resource", self._realm.audience) != self._realm.audience:  # RFC 8707 section 2
            raise TokenRefused(OAuthCode.TARGET, detail="resource of others", path="resource")
        scopes = granted_scopes(request.form.get("scope"), client.scopes)
        token = new_token(self._realm, client.client_id, scopes, call.caller.thumbprint, self._new_id(), call.at)
        body: dict[str, str | int] = {
            "access_token": sign_token(token, self._realm, self._signer(call.at)),
            "token_type": "Bearer",
            "expires_in": int(self._realm.token_lifetime.total_seconds()),
            "scope": scope_text(scopes),
        }
        return TokenAnswer(status=200, body=body, client_id=client.client_id, token_id=token.token_id)

    def _authenticate(self, _query_client: Any, request: _Request) -> _Client | None:
        """The client that a request proves to be; None when it does not try."""
        form, call = request.form, request.call
        if form.get("client_assertion_type") != ASSERTION_TYPE or "client_assertion" not in form:
            return None
        text = form["client_assertion"]
        assertion = verify_assertion(text, realm=self._realm, clients=self._clients, caller=call.caller, at=call.at)
        client = assertion.client
        if form.get("client_id", client.client_id) != client.client_id:
            raise TokenRefused(JwtFault.ISSUER, detail="client_id is not sub", path="client_id")
        until = assertion.remember_until
        if not self._nonces.remember(MEMORY_KIND, client.client_id, assertion.jti, expires_at=until):
            raise TokenRefused(OAuthCode.REPLAYED, detail=f"by {client.client_id}", path="jti")
        return _Client(client)


class _Request(OAuth2Request):  # type: ignore[misc]
    """A token request as Authlib knows it."""

    def __init__(self, realm: Realm, call: TokenCall, form: dict[str, str]) -> None:
        super().__init__("POST", realm.token_endpoint)
        self.call = call
        self.payload = BasicOAuth2Payload(form)
        self._form = form

    @property
    def args(self) -> dict[str, str]:
        """No parameter is taken from the URI."""
        return {}

    @property
    def form(self) -> dict[str, str]:
        """The parameters of the body."""
        return self._form


class _Client(ClientMixin):  # type: ignore[misc]
    """A registered client as Authlib knows it."""

    def __init__(self, registered: OAuthClient) -> None:
        self.registered = registered

    def get_client_id(self) -> str:
        """Its id."""
        return self.registered.client_id

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        """Whether it may authenticate so: by its key, and in no other way."""
        return method == _METHOD

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it may use a grant: the one that there is."""
        return grant_type == _GRANT


class _ClientCredentials(ClientCredentialsGrant):  # type: ignore[misc]
    """The one grant. Authlib's own answer would also write the token to the debug log."""

    GRANT_TYPE = _GRANT
    TOKEN_ENDPOINT_AUTH_METHODS = (_METHOD,)

    def create_token_response(self) -> tuple[int, TokenAnswer, None]:
        """The answer to an authenticated request."""
        answer: TokenAnswer = self.server.issue(self.request)
        return answer.status, answer, None
