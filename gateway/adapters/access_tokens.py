"""Access tokens for our own calls: asked for once, used until shortly before their end, by all threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.authorisation.asking import GrantedToken, read_token_answer, token_request
from gateway.identifiers import PartnerCode
from gateway.security.keys import Signer

BEFORE_THE_END = timedelta(seconds=30)
"""A token is renewed this long before it ends: a request under way, and clocks that differ, have room."""

Post = Callable[[bytes], tuple[int, bytes]]
"""Posts a form to the token endpoint; gives status and body of the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenTerms:
    """Where a partner gives tokens.

    Attributes:
        endpoint: URL of its token endpoint.
        issuer: name of its token server, which an assertion is made for.
    """

    endpoint: str
    issuer: str


class AccessTokens:
    """The token of one client at one token endpoint.

    Args:
        post: posts the form.
        client_id: our code, as the other side has registered us.
        issuer: name of the other side's token server.
        signer: our signing key at a time.
        now: the clock.
        new_id: source of ids that are never used again.
    """

    def __init__(
        self,
        post: Post,
        *,
        client_id: str,
        issuer: str,
        signer: Callable[[datetime], Signer],
        now: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._post = post
        self._client_id = client_id
        self._issuer = issuer
        self._signer = signer
        self._now = now
        self._new_id = new_id
        self._lock = threading.Lock()
        self._token: GrantedToken | None = None

    def authorization(self) -> str:
        """The value of an ``Authorization`` field.

        Raises:
            DeliveryFailed: the endpoint does not answer, or gives no token.
        """
        with self._lock:
            now = self._now()
            if self._token is None or self._token.ends - BEFORE_THE_END <= now:
                self._token = self._ask(now)
            return f"Bearer {self._token.value}"

    def discard(self) -> None:
        """Ask anew next time: the other side did not take the token."""
        with self._lock:
            self._token = None

    def _ask(self, now: datetime) -> GrantedToken:
        form = token_request(self._client_id, self._issuer, self._signer(now), at=now, jti=self._new_id())
        status, body = self._post(form)
        return read_token_answer(status, body, now)


class PartnerTokens:
    """Our tokens at all partners that ask for one.

    Args:
        terms_of: where a partner gives tokens; None for one that asks for none.
        client_id: our code, as partners have registered us.
        signer: our signing key at a time.
        now: the clock.
        new_id: source of ids that are never used again.
    """

    def __init__(
        self,
        terms_of: Callable[[PartnerCode], TokenTerms | None],
        *,
        client_id: str,
        signer: Callable[[datetime], Signer],
        now: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._terms_of = terms_of
        self._client_id = client_id
        self._signer = signer
        self._now = now
        self._new_id = new_id
        self._lock = threading.Lock()
        self._made: dict[PartnerCode, AccessTokens] = {}

    def of(self, partner: PartnerCode, ask: Callable[[str, bytes], tuple[int, bytes]]) -> AccessTokens | None:
        """Our token at a partner; None where none is asked for.

        Args:
            partner: whom we call.
            ask: posts a form to an address of this partner.
        """
        terms = self._terms_of(partner)
        if terms is None:
            return None
        with self._lock:
            if partner not in self._made:
                self._made[partner] = AccessTokens(
                    lambda form: ask(terms.endpoint, form),
                    client_id=self._client_id,
                    issuer=terms.issuer,
                    signer=self._signer,
                    now=self._now,
                    new_id=self._new_id,
                )
            return self._made[partner]
