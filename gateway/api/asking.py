"""Routes on which a partner asks about its own things: who asks, and that it names nobody but itself.

A partner names itself in ``from``. Naming another one, known or not, is answered alike, so that nobody learns who else
is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.concurrency import run_in_threadpool

from gateway.api.authentication import Authentication, Caller
from gateway.api.problems import documented
from gateway.api.requests import PLAIN
from gateway.identifiers import PartnerCode

Sender = Annotated[str, Query(alias="from", max_length=64, pattern=PLAIN)]
"""The partner that asks, by its code."""


def refusals(**more: str) -> dict[int | str, dict[str, Any]]:
    """The documented refusals of a route of this kind.

    Args:
        more: further ones, ``s404="no such thing"``; also in place of those that every route has.
    """
    texts = {
        "s400": "the HTTP message is refused",
        "s401": "certificate, access token or HTTP signature is missing, wrong, or was used before",
        "s403": "no registration permits it, or another partner asked",
        "s408": "the body did not arrive in time",
        "s413": "larger than the limit",
        "s422": "the request cannot be read",
        "s429": "beyond a rate or a number at once, or not served for a while; Retry-After says how long",
        "s431": "the head is larger than the limit",
        "s503": "try again later",
    } | more
    return {int(status.removeprefix("s")): documented(text) for status, text in sorted(texts.items())}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Settles who asks.

    Attributes:
        authentication: of the port.
        body_seconds: longest time that a body may take to arrive.
    """

    authentication: Authentication
    body_seconds: float

    async def partner(self, request: Request, caller: Caller, sender: str) -> PartnerCode:
        """The partner that asks, by a request without a body.

        Raises:
            Refusal: it brings a body, was sent before, or does not prove to come from whom it names.
        """
        partner, _ = await self.partner_and_body(request, caller, sender, 0)
        return partner

    async def partner_and_body(
        self, request: Request, caller: Caller, sender: str, limit: int
    ) -> tuple[PartnerCode, bytes]:
        """The partner that asks, and the body of its request.

        Args:
            request: whose body has not been read.
            caller: what the request has proved.
            sender: whom it names.
            limit: most bytes of the body.

        Raises:
            Refusal: too large, too slow, sent before, or not proved to come from whom it names.
        """
        body = await self.authentication.content(request, caller, limit, self.body_seconds)
        partner = PartnerCode(sender)
        await run_in_threadpool(self.authentication.permit, caller, partner)
        return partner, body
