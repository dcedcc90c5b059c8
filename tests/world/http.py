"""The partner of `tests.world.partner` as a speaker of HTTP: it signs requests and answers, and verifies ours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from gateway.security.http_messages import Headers, HttpRequest, HttpResponse
from gateway.security.http_signatures import new_nonce, sign_request, sign_response, verify_request, verify_response
from tests.world.partner import Partner


def signed(
    partner: Partner,
    method: str,
    target: str,
    content: bytes = b"",
    headers: Mapping[str, str] | None = None,
    *,
    at: datetime | None = None,
) -> HttpRequest:
    """A request of the partner; the target is the whole address."""
    plain = HttpRequest(method=method, target=target, headers=Headers.of((headers or {}).items()), content=content)
    return sign_request(plain, partner._signer, at=at or datetime.now(UTC), nonce=new_nonce())


def checked(partner: Partner, request: HttpRequest) -> None:
    """Raises where a request of the gateway is not signed by it."""
    verify_request(
        request,
        lookup_key=partner._theirs.get,
        sender=partner.home,
        at=datetime.now(UTC),
        token_required=False,
    )


def answered(partner: Partner, response: HttpResponse, request: HttpRequest) -> HttpResponse:
    """An answer of the partner."""
    return sign_response(response, request, partner._signer, at=datetime.now(UTC), nonce=new_nonce())


def proved(partner: Partner, response: HttpResponse, request: HttpRequest, *, at: datetime | None = None) -> None:
    """Raises where an answer of the gateway is not signed by it for this request."""
    verify_response(response, request, lookup_key=partner._theirs.get, sender=partner.home, at=at or datetime.now(UTC))
