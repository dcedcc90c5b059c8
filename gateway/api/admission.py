"""How many requests are served at once, over the whole port and of one partner among them.

A place of the port is taken before anything else is done, by certificate or address; a place of the partner as soon as
it is known who calls: before the body is read. So a partner that sends slowly, or much at once, holds its own places
and never those of the others, also on the routes that ask for no proof. Everything happens on the event loop of one
process; no lock is needed.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.api import problems
from gateway.api.proxies import TrustedProxies
from gateway.api.requests import BODY_PACE, BodyPace
from gateway.api.tls import peer_certificate
from gateway.errors import Busy, GatewayError, MalformedMessage, TooManyRequests
from gateway.identifiers import PartnerCode
from gateway.settings import Settings

TOO_MANY_AT_ONCE = "http.too-many-at-once"
HEAD_TOO_LARGE = "http.head-too-large"

_STATE = "admission"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortLimits:
    """What the settings say of the requests of a port.

    Attributes:
        at_once: most requests at once.
        of_caller: most of one certificate, or of one address without one, among them.
        of_partner: most of one partner among them.
        head_bytes: largest head of a request.
        head_count: most header lines in it.
        pace: how fast a body has to arrive.
    """

    at_once: int = 200
    of_caller: int = 50
    of_partner: int = 20
    head_bytes: int = 32 * 1024
    head_count: int = 64
    pace: BodyPace = BODY_PACE

    @classmethod
    def of(cls, settings: Settings) -> PortLimits:
        """The limits that the settings name."""
        return cls(
            at_once=settings.requests_at_once,
            of_caller=settings.caller_requests,
            of_partner=settings.partner_requests,
            head_bytes=settings.header_bytes,
            head_count=settings.header_count,
            pace=BodyPace(grace=settings.body_grace, least_rate=settings.body_rate),
        )


PORT_LIMITS = PortLimits()
"""The limits where the settings say nothing else."""


@dataclass(slots=True)
class Admission:
    """One request that is being served.

    Attributes:
        address: where it came from; empty for a trusted proxy, behind which anybody may be.
        pace: how fast its body has to arrive.
    """

    address: str
    pace: BodyPace
    _door: AdmissionDoor = field(repr=False)
    _caller: str = field(repr=False)
    _partner: str | None = None

    def enter(self, partner: PartnerCode | None) -> None:
        """Take a place of a partner, as soon as it is known; nobody in particular has places, too.

        Raises:
            TooManyRequests: ``http.too-many-at-once``.
        """
        self._partner = self._door.enter(f"partner {partner or ''}", self._door.limits.of_partner)

    def leave(self) -> None:
        """Give the places back."""
        self._door.leave(self._caller)
        if self._partner is not None:
            self._door.leave(self._partner)


class AdmissionDoor:
    """An ASGI application around that of the partner port.

    Args:
        app: the application.
        limits: how many at once.
        proxies: addresses or networks of the proxies that end TLS in front of the port.
        log_refusal: keeps a head that is too large; that we are busy says nothing of a caller. None where no log is
            kept.
    """

    def __init__(
        self,
        app: ASGIApp,
        limits: PortLimits,
        proxies: Sequence[str] = (),
        log_refusal: problems.LogRefusal | None = None,
    ) -> None:
        self._app = app
        self._log_refusal = log_refusal
        self.limits = limits
        self._proxies = TrustedProxies(proxies)
        self._at_once = 0
        self._of: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or tell at once why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            if self._log_refusal is not None and not isinstance(refusal, Busy):
                await run_in_threadpool(self._log_refusal, refusal, "")
            await _answer(refusal)(scope, receive, send)
            return
        caller = self.enter(self._caller(scope), self.limits.of_caller)
        admission = Admission(self._address(scope), self.limits.pace, self, caller)
        scope.setdefault("state", {})[_STATE] = admission
        self._at_once += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._at_once -= 1
            admission.leave()

    def enter(self, name: str, most: int) -> str:
        """Take a place under a name.

        Raises:
            TooManyRequests: ``http.too-many-at-once``.
        """
        if self._of[name] >= most:
            raise _too_many(most)
        self._of[name] += 1
        return name

    def leave(self, name: str) -> None:
        """Give a place back."""
        self._of[name] -= 1
        if not self._of[name]:
            del self._of[name]

    def _refusal(self, scope: Scope) -> GatewayError | None:
        if self._at_once >= self.limits.at_once:
            return Busy("as many requests as are served at once are under way", remedy="send it again in a moment")
        if self._of[self._caller(scope)] >= self.limits.of_caller:
            return _too_many(self.limits.of_caller)
        lines = scope["headers"]
        if len(lines) > self.limits.head_count or _size(scope) > self.limits.head_bytes:
            return MalformedMessage(
                f"a head has at most {self.limits.head_count} header lines and {self.limits.head_bytes} bytes",
                remedy="leave out what the port does not ask for",
                code=HEAD_TOO_LARGE,
            )
        return None

    def _caller(self, scope: Scope) -> str:
        """Who calls, before anything is proved: a certificate, that of a proxy's caller, or an address."""
        certificate = peer_certificate(scope)
        address = self._address(scope)
        if certificate is None and not address:
            handed_on = [value for name, value in scope["headers"] if name.lower() == b"client-cert"]
            certificate = handed_on[0] if handed_on else None
        return address if certificate is None else f"certificate {hashlib.sha256(certificate).hexdigest()}"

    def _address(self, scope: Scope) -> str:
        client = scope.get("client")
        return "" if not client or self._proxies.include(client) else str(client[0])


def admission_of(request: Request) -> Admission | None:
    """The places that a request holds; None where the application stands without a door."""
    return getattr(request.state, _STATE, None)


def _too_many(most: int) -> TooManyRequests:
    return TooManyRequests(
        f"at most {most} requests of one caller are served at once",
        retry_after=1.0,
        remedy="wait for the answers to those under way, then send it again",
        code=TOO_MANY_AT_ONCE,
    )


def _size(scope: Scope) -> int:
    fields = sum(len(name) + len(value) + 4 for name, value in scope["headers"])
    return fields + len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"")


def _answer(refusal: GatewayError) -> JSONResponse:
    status = 431 if refusal.stable_code == HEAD_TOO_LARGE else problems.status_of(refusal)
    document: dict[str, Any] = problems.problem_of(refusal, status)
    headers = problems.headers_of(refusal, status)
    return JSONResponse(document, status, media_type=problems.MEDIA_TYPE, headers=headers)
