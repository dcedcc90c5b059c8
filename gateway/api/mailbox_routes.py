"""The routes of the mailbox: look, collect, hand in a receipt."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from gateway.api.asking import Asking, Sender, refusals
from gateway.api.authentication import Authentication, Caller, caller_who
from gateway.api.requests import Id
from gateway.authorisation.scopes import Scope
from gateway.errors import EnvelopeRefused
from gateway.pipeline.facade import Gateway

SEALED = "application/jose"

Collecting = Annotated[Caller, Depends(caller_who(Scope.MAILBOX))]

_RECEIPT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "object", "required": ["receipt"], "properties": {"receipt": {"type": "string"}}}
            }
        },
    }
}


def add_mailbox(app: FastAPI, gateway: Gateway, authentication: Authentication, body_seconds: float) -> None:
    """Add the routes.

    Args:
        app: the application of the partner port.
        gateway: holds the mailboxes.
        authentication: of the port.
        body_seconds: longest time that a body may take to arrive.
    """
    asking = Asking(authentication=authentication, body_seconds=body_seconds)
    mailbox = gateway.partners.mailbox

    @app.get("/v1/mailbox", responses=refusals())
    async def look(
        request: Request, caller: Collecting, sender: Sender, limit: Annotated[int, Query(ge=1, le=1000)] = 50
    ) -> JSONResponse:
        """What waits to be collected, the oldest first."""
        partner = await asking.partner(request, caller, sender)
        await run_in_threadpool(gateway.live_gate.require, partner)
        entries = await run_in_threadpool(mailbox.waiting, partner, limit)
        return JSONResponse({"entries": [entry.as_json() for entry in entries]})

    @app.get(
        "/v1/mailbox/{entry_id}",
        response_class=Response,
        responses=refusals(s404="no such message waits in this mailbox")
        | {200: {"description": "the sealed message", "content": {SEALED: {}}}},
    )
    async def collect(request: Request, caller: Collecting, entry_id: Id, sender: Sender) -> Response:
        """The sealed bytes of a message; the same each time, until a receipt takes it away."""
        partner = await asking.partner(request, caller, sender)
        await run_in_threadpool(gateway.live_gate.require, partner)
        sealed = await run_in_threadpool(mailbox.collect, partner, entry_id)
        return Response(sealed, media_type=SEALED, headers={"Cache-Control": "no-store"})

    @app.post(
        "/v1/mailbox/{entry_id}/receipt",
        responses=refusals(
            s400="the receipt or the HTTP message is refused",
            s404="no such message waits in this mailbox",
            s409="an older message waits for its receipt, or this one was given up",
        ),
        openapi_extra=_RECEIPT,
    )
    async def receipt(request: Request, caller: Collecting, entry_id: Id, sender: Sender) -> JSONResponse:
        """Hand in the signed receipt for the oldest message: it counts as delivered, and the next one is the oldest."""
        limit = mailbox.limits.receipt_bytes
        partner, body = await asking.partner_and_body(request, caller, sender, limit)
        try:
            taken = await run_in_threadpool(mailbox.take_receipt, partner, entry_id, body)
        except EnvelopeRefused as refusal:
            await run_in_threadpool(authentication.count, refusal, caller)
            raise
        return JSONResponse(taken.as_json())
