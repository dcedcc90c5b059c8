"""The realm: under which name tokens are issued, for which API, and how long anything lasts.

Issuer and audience come from the settings, never from ``Host`` or another header. A sandbox for partners that test
their side is a second realm with names of its own, so that its tokens open nothing in the first.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from gateway.errors import DataFolderError

LONGEST = timedelta(seconds=300)
"""No token and no assertion lasts longer, so that a stolen one is soon worth nothing and the memory stays small."""

TOKEN_PATH = "/oauth2/token"  # noqa: S105 - a path
"""Path of the token endpoint below the issuer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Realm:
    """One issuer of access tokens with the API that takes them.

    Attributes:
        issuer: base URL of the partner port as partners see it; ``aud`` of their assertions, ``iss`` of our tokens.
        audience: identifier of our API, ``aud`` of our tokens; differs from the issuer.
        token_lifetime: how long an access token lasts.
        assertion_lifetime: how long a client assertion may last from its issue, and how far off its end may be.
        clock_skew: how far a partner's clock may be off.

    Raises:
        DataFolderError: ``oauth.realm``: an unsafe name or time.
    """

    issuer: str
    audience: str
    token_lifetime: timedelta = LONGEST
    assertion_lifetime: timedelta = LONGEST
    clock_skew: timedelta = timedelta(seconds=60)

    def __post_init__(self) -> None:
        if not _is_base_url(self.issuer):
            raise _unsafe("issuer", "Give an https URL, or an http URL on loopback, without query or closing slash.")
        if not self.audience or self.audience == self.issuer or not self.audience.isprintable():
            raise _unsafe("audience", "Give the API a name of its own, other than the issuer's.")
        for name in ("token_lifetime", "assertion_lifetime"):
            if not timedelta(seconds=1) <= getattr(self, name) <= LONGEST:
                raise _unsafe(name, f"Give a time from 1 to {LONGEST.total_seconds():.0f} seconds.")
        if not timedelta(0) <= self.clock_skew <= LONGEST:
            raise _unsafe("clock_skew", "Give a time from 0 to 300 seconds; 60 is usual.")

    @property
    def token_endpoint(self) -> str:
        """URL of the token endpoint."""
        return self.issuer + TOKEN_PATH


def _unsafe(name: str, remedy: str) -> DataFolderError:
    return DataFolderError(f"The realm's {name} is not safe.", code="oauth.realm", path=name, remedy=remedy)


def _is_base_url(text: str) -> bool:
    """Whether a text is an https URL, or an http URL on this machine, that a path can be appended to."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        plain = parts.scheme == "http" and (host == "localhost" or ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False
    extras = parts.username or parts.password or parts.query or parts.fragment
    return bool(host) and (parts.scheme == "https" or plain) and not extras and not text.endswith("/")
