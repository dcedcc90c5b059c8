"""Why a token is not issued or not accepted: the closed lists of codes, each with its text.

Two places refuse. The token endpoint answers in the form of RFC 6749 section 5.2 (`TokenRefused`); every other route
answers as the API does, with the challenge of RFC 6750 section 3 (`AccessRefused`). What can be wrong with a JWT is one
list for both, `JwtFault`; its codes begin with ``assertion.`` or ``token.``. Nothing here depends on a secret, so each
fault has a code of its own; but a caller whose certificate belongs to another learns nothing of that other's keys.
"""

from __future__ import annotations

from enum import StrEnum

from gateway.errors import Refusal


class JwtFault(StrEnum):
    """What can be wrong with a client assertion or an access token."""

    MALFORMED = "malformed"
    HEADER = "header-refused"
    ALGORITHM = "algorithm-refused"
    UNKNOWN_KEY = "unknown-key"
    KEY_NOT_ACTIVE = "key-not-active"
    EXPIRED_KEY = "expired-key"
    COMPROMISED_KEY = "compromised-key"
    SIGNATURE = "signature"
    CLAIMS = "claims-refused"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"
    TOO_LONG = "too-long"


_JWT_TEXTS: dict[JwtFault, tuple[str, str]] = {
    JwtFault.MALFORMED: (
        "is not a compact JWS with one JSON object inside.",
        "Send header, claims and signature as three base64url segments joined by dots.",
    ),
    JwtFault.HEADER: (
        "has a header member that is missing, repeated, not allowed or of the wrong value.",
        "Send the members alg, kid and typ only; no crit, jwk, jku, x5u or x5c.",
    ),
    JwtFault.ALGORITHM: (
        "names an algorithm that is not the one registered with its key.",
        "Sign with the algorithm that is registered with the key.",
    ),
    JwtFault.UNKNOWN_KEY: ("names a signing key that is not registered.", "Sign with a registered key, named by kid."),
    JwtFault.KEY_NOT_ACTIVE: (
        "is signed with a key that is not yet active.",
        "Use the active key until the new one is.",
    ),
    JwtFault.EXPIRED_KEY: ("is signed with a key that was retired.", "Use the key that is active now."),
    JwtFault.COMPROMISED_KEY: ("is signed with a key marked as compromised.", "Use another registered key."),
    JwtFault.SIGNATURE: ("has a signature that does not verify.", "Sign exactly the bytes that are sent."),
    JwtFault.CLAIMS: (
        "has a claim that is missing, repeated or of the wrong kind.",
        "Give times as whole seconds since 1970 and jti as 1 to 128 printable characters.",
    ),
    JwtFault.ISSUER: (
        "is issued by another than it should be.",
        "Give the same client id in iss, sub and, where it is sent, client_id.",
    ),
    JwtFault.AUDIENCE: ("is meant for another.", "Give our issuer URL as aud, one text and no list."),
    JwtFault.NOT_YET_VALID: ("is not valid yet.", "Set the clock of the machine that made it."),
    JwtFault.EXPIRED: ("is no longer valid.", "Make a new one for each request; look at the clock."),
    JwtFault.TOO_LONG: ("lasts longer than 300 seconds.", "Let it end 60 seconds after its issue."),
}


class OAuthCode(StrEnum):
    """What else can be wrong with a request to the token endpoint."""

    FORM = "oauth.form-malformed"
    IN_URI = "oauth.parameter-in-uri"
    REPEATED = "oauth.parameter-repeated"
    MISSING = "oauth.parameter-missing"
    OTHER_CREDENTIALS = "oauth.other-credentials"
    GRANT_TYPE = "oauth.grant-type"
    SCOPE = "oauth.scope"
    TARGET = "oauth.target"
    NO_ASSERTION = "oauth.no-assertion"
    UNKNOWN_CLIENT = "oauth.unknown-client"
    REPLAYED = "assertion.replayed"


_OAUTH_TEXTS: dict[OAuthCode, tuple[str, str, str]] = {
    OAuthCode.FORM: (
        "invalid_request",
        "The body is not a small form.",
        "Send application/x-www-form-urlencoded in UTF-8, percent-encoded.",
    ),
    OAuthCode.IN_URI: ("invalid_request", "The URI has a query.", "Send all parameters in the body."),
    OAuthCode.REPEATED: ("invalid_request", "A parameter stands twice.", "Send each parameter once."),
    OAuthCode.MISSING: ("invalid_request", "A required parameter is missing.", "Send grant_type=client_credentials."),
    OAuthCode.OTHER_CREDENTIALS: (
        "invalid_request",
        "The request brings a secret or an Authorization field.",
        "Authenticate by private_key_jwt alone, and replace a secret that was sent.",
    ),
    OAuthCode.GRANT_TYPE: (
        "unsupported_grant_type",
        "Only the grant client_credentials is served.",
        "Send grant_type=client_credentials.",
    ),
    OAuthCode.SCOPE: (
        "invalid_scope",
        "A scope does not exist or is not granted to this client.",
        "Ask for scopes of your role, separated by one space, or for none to get them all.",
    ),
    OAuthCode.TARGET: ("invalid_target", "The resource is not the API of this server.", "Leave resource out."),
    OAuthCode.NO_ASSERTION: (
        "invalid_client",
        "The request has no client assertion of the type jwt-bearer.",
        "Send client_assertion_type and client_assertion of RFC 7523 section 2.2.",
    ),
    OAuthCode.UNKNOWN_CLIENT: (
        "invalid_client",
        "The client is not registered under the certificate of this connection.",
        "Use your own client id together with your own certificate.",
    ),
    OAuthCode.REPLAYED: (
        "invalid_client",
        "This client assertion was used before.",
        "Make a new assertion with a new jti for each request.",
    ),
}

_CHALLENGE = 'Bearer realm="sarhad"'


class TokenRefused(Refusal):
    """The token endpoint issues no token.

    Args:
        code: what is wrong, with the client assertion or with the rest.
        detail: what exactly failed, for the internal log only; our own words.
        path: name of the parameter, header member or claim.
    """

    code = "oauth.refused"

    def __init__(self, code: OAuthCode | JwtFault, *, detail: str = "", path: str = "") -> None:
        if isinstance(code, OAuthCode):
            self.error, message, remedy = _OAUTH_TEXTS[code]
            stable = code.value
        else:
            text, remedy = _JWT_TEXTS[code]
            self.error, message, stable = "invalid_client", f"The client assertion {text}", f"assertion.{code.value}"
        super().__init__(message, path=path, remedy=remedy, code=stable)
        self.detail = detail

    @property
    def status(self) -> int:
        """HTTP status: 401 when the client is not authenticated, else 400 (RFC 6749 section 5.2)."""
        return 401 if self.error == "invalid_client" else 400

    @property
    def headers(self) -> dict[str, str]:
        """A 401 needs a challenge (RFC 9110 section 15.5.2); private_key_jwt has no scheme, our tokens have one."""
        return {"WWW-Authenticate": _CHALLENGE} if self.status == 401 else {}

    def body(self) -> dict[str, str]:
        """The error of RFC 6749 section 5.2, with our stable code and place beside it."""
        place = {"path": self.path} if self.path else {}
        return {
            "error": self.error,
            "error_description": f"{self.message} {self.remedy}",
            "code": self.stable_code,
            **place,
        }


class AccessCode(StrEnum):
    """What else can be wrong with a request that needs an access token."""

    MISSING = "token.missing"
    REPEATED = "token.repeated"
    OTHER_CERTIFICATE = "token.other-certificate"
    UNKNOWN_CLIENT = "token.unknown-client"
    SCOPE = "token.scope"


_ACCESS_TEXTS: dict[AccessCode, tuple[str, str, str]] = {
    AccessCode.MISSING: (
        "",
        "The request has no access token.",
        "Send Authorization: Bearer with a token of the token endpoint.",
    ),
    AccessCode.REPEATED: ("invalid_request", "The Authorization field stands twice.", "Send it once."),
    AccessCode.OTHER_CERTIFICATE: (
        "invalid_token",
        "The access token is bound to another client certificate.",
        "Use the token on connections with the certificate under which it was issued.",
    ),
    AccessCode.UNKNOWN_CLIENT: (
        "invalid_token",
        "The access token belongs to another client than the certificate of this connection.",
        "Ask for a token with your own client id and certificate.",
    ),
    AccessCode.SCOPE: (
        "insufficient_scope",
        "The access token does not hold the scope that this route needs.",
        "Ask the token endpoint for a token with that scope.",
    ),
}

_STATUS = {"": 401, "invalid_token": 401, "invalid_request": 400, "insufficient_scope": 403}


class AccessRefused(Refusal):
    """A route does not let the request in; ``status`` and ``headers`` are those of RFC 6750 section 3.

    Args:
        code: what is wrong, with the token itself or with the rest.
        detail: what exactly failed, for the internal log only; our own words.
        path: header member or claim.
        scope: the scope that the route needs, where that is what is missing.
    """

    code = "token.refused"

    def __init__(self, code: AccessCode | JwtFault, *, detail: str = "", path: str = "", scope: str = "") -> None:
        if isinstance(code, AccessCode):
            self.error, message, remedy = _ACCESS_TEXTS[code]
            stable = code.value
        else:
            self.error, message = "invalid_token", f"The access token {_JWT_TEXTS[code][0]}"
            remedy, stable = "Ask the token endpoint for a new access token.", f"token.{code.value}"
        super().__init__(message, path=path, remedy=remedy, code=stable)
        self.detail = detail
        self.scope = scope

    @property
    def status(self) -> int:
        """HTTP status."""
        return _STATUS[self.error]

    @property
    def headers(self) -> dict[str, str]:
        """The challenge: without an error code when no token was sent at all."""
        more = {"error": self.error, "error_description": self.message, "scope": self.scope} if self.error else {}
        return {"WWW-Authenticate": _CHALLENGE + "".join(f', {name}="{text}"' for name, text in more.items() if text)}
