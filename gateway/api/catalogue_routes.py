"""What was agreed with the partner that asks: its agreements, and the formats that they name."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from gateway.api.asking import Asking, Sender, refusals
from gateway.api.authentication import Authentication, Caller, caller_who
from gateway.api.requests import Id
from gateway.authorisation.scopes import Scope
from gateway.pipeline.facade import Gateway

ReadingAgreements = Annotated[Caller, Depends(caller_who(Scope.AGREEMENTS))]
ReadingFormats = Annotated[Caller, Depends(caller_who(Scope.FORMATS))]


def add_catalogue(app: FastAPI, gateway: Gateway, authentication: Authentication, body_seconds: float) -> None:
    """Add the routes.

    Args:
        app: the application of the partner port.
        gateway: knows the agreements and formats.
        authentication: of the port.
        body_seconds: longest time that a body may take to arrive.
    """
    asking = Asking(authentication=authentication, body_seconds=body_seconds)
    terms = gateway.partners.terms

    @app.get("/v1/agreements", responses=refusals())
    async def agreements(request: Request, caller: ReadingAgreements, sender: Sender) -> JSONResponse:
        """The agreements with the partner that asks."""
        partner = await asking.partner(request, caller, sender)
        own = await run_in_threadpool(terms.agreements, partner)
        return JSONResponse({"agreements": [agreement.as_json() for agreement in own]})

    @app.get("/v1/formats/{name}", responses=refusals(s404="no agreement with this partner names such a format"))
    async def format_of(request: Request, caller: ReadingFormats, name: Id, sender: Sender) -> JSONResponse:
        """A format in which messages of the partner that asks travel: its places and its JSON Schema."""
        partner = await asking.partner(request, caller, sender)
        found = await run_in_threadpool(lambda: terms.format(partner, name).as_json())
        return JSONResponse(found)
