"""The internal port: lodgements of our own systems, the exchanges, the feeds, and health.

It binds to loopback or an internal network; nobody outside the administration reaches it.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.api import metrics, problems
from gateway.api.partner_port import PROBLEMS
from gateway.api.requests import PLAIN, SECONDS_FOR_A_BODY, Id, Name, OptionalName, read_body
from gateway.exchange.states import Direction, State
from gateway.pipeline.facade import Gateway

MOST_ENTRIES = 500
"""Most entries that one call for exchanges or a feed returns."""

MOST_BYTES_OF_A_NOTE = 4096
"""Largest body of a call that carries no message."""

_READING: dict[int | str, dict[str, Any]] = {status: PROBLEMS[status] for status in (422, 503)}
_BODY: dict[int | str, dict[str, Any]] = {status: PROBLEMS[status] for status in (408, 413)}


class Acknowledged(BaseModel):
    """How far a consumer has taken over a feed."""

    model_config = ConfigDict(strict=True, extra="forbid")

    consumer: str = Field(min_length=1, max_length=64, pattern=PLAIN)
    position: int = Field(ge=0, lt=2**53)


def build_internal_port(gateway: Gateway, *, message_limit: int, body_seconds: float = SECONDS_FOR_A_BODY) -> FastAPI:
    """The application of the internal port over one gateway.

    Args:
        gateway: does the work.
        message_limit: most bytes of a lodgement.
        body_seconds: longest time that a body may take to arrive.
    """
    app = FastAPI(title="Sarhad internal port", version="1", docs_url=None, redoc_url=None)
    problems.install(app, not_permitted=422)
    _add_lodgements(app, gateway, message_limit, body_seconds)
    _add_exchanges(app, gateway)
    _add_feeds(app, gateway, body_seconds)
    _add_health(app, gateway)
    return app


def _add_lodgements(app: FastAPI, gateway: Gateway, message_limit: int, body_seconds: float) -> None:
    kinds = ("application/json", "application/xml")
    body: dict[str, Any] = {
        "requestBody": {"required": True, "content": {kind: {"schema": {"type": "string"}} for kind in kinds}}
    }

    @app.post("/internal/v1/lodgements", status_code=202, responses=PROBLEMS, openapi_extra=body)
    async def lodge(
        request: Request,
        partner: Name,
        message_type: Annotated[str, Query(alias="type", max_length=64, pattern=PLAIN)],
        format_name: Annotated[str, Query(alias="format", max_length=64, pattern=PLAIN)] = "",
        purpose: Name = "",
        agreement: Name = "",
        message_id: Annotated[str, Query(alias="id", max_length=128, pattern=PLAIN)] = "",
    ) -> JSONResponse:
        """Lodge a message for a partner: 202 when it is released and due, 422 with the findings otherwise.

        Lodging again under the same ``id`` gives the first answer and sends nothing twice.
        """
        data = await read_body(request, message_limit, body_seconds)
        answer = await run_in_threadpool(
            gateway.lodge,
            data,
            partner,
            message_type,
            format_name=format_name,
            purpose=purpose,
            agreement=agreement,
            message_id=message_id,
        )
        return JSONResponse(answer.as_json(), 202)


def _add_exchanges(app: FastAPI, gateway: Gateway) -> None:
    @app.get("/internal/v1/exchanges", responses=_READING)
    def exchanges(
        direction: Direction | None = None,
        partner: OptionalName = None,
        state: State | None = None,
        after: Name = "",
        limit: Annotated[int, Query(ge=1, le=MOST_ENTRIES)] = 100,
    ) -> JSONResponse:
        """Exchanges in the order of their ids, a page at a time."""
        found = gateway.exchanges(direction=direction, partner=partner, state=state, after=after, limit=limit)
        return JSONResponse({"exchanges": [exchange.as_json() for exchange in found]})

    @app.get(
        "/internal/v1/exchanges/{exchange_id}", responses=_READING | {404: problems.documented("no such exchange")}
    )
    def exchange(exchange_id: Id) -> JSONResponse:
        """One exchange whole: messages, receipts, changes of state, attempts, account."""
        return JSONResponse(gateway.exchange(exchange_id).as_json())


def _add_feeds(app: FastAPI, gateway: Gateway, body_seconds: float) -> None:
    note = {"required": True, "content": {"application/json": {"schema": Acknowledged.model_json_schema()}}}
    answers = _READING | {404: problems.documented("no such feed")}

    @app.get("/internal/v1/feeds/{name}", responses=answers)
    def feed(
        name: Id,
        after: Annotated[int, Query(ge=0, lt=2**53)] = 0,
        limit: Annotated[int, Query(ge=1, le=MOST_ENTRIES)] = 100,
    ) -> JSONResponse:
        """Entries of a feed after a position, in order, each exactly once."""
        return JSONResponse(gateway.feeds.page(name, after=after, limit=limit).as_json())

    @app.post("/internal/v1/feeds/{name}/ack", responses=answers | _BODY, openapi_extra={"requestBody": note})
    async def acknowledge(name: Id, request: Request) -> JSONResponse:
        """Remember how far a consumer has taken over the feed; it never goes back."""
        data = await read_body(request, MOST_BYTES_OF_A_NOTE, body_seconds)
        try:
            taken = Acknowledged.model_validate_json(data)
        except ValidationError as error:
            faults = error.errors(include_url=False, include_input=False, include_context=False)
            raise RequestValidationError([{**fault, "loc": ("body", *fault["loc"])} for fault in faults]) from None
        position = await run_in_threadpool(gateway.feeds.ack, name, taken.consumer, taken.position)
        return JSONResponse({"consumer": taken.consumer, "position": position})


def _add_health(app: FastAPI, gateway: Gateway) -> None:
    @app.get("/healthz")
    def alive() -> JSONResponse:
        """The process answers."""
        return JSONResponse({"alive": True})

    @app.get("/readyz", responses={503: PROBLEMS[503]})
    def ready() -> JSONResponse:
        """The gateway can sign, can write its log and reaches its store; what is due is counted."""
        return JSONResponse({"ready": True} | gateway.ready())

    @app.get("/metrics", responses={200: {"content": {"text/plain": {}}}, 503: PROBLEMS[503]})
    def measured() -> PlainTextResponse:
        """The gauges in the text form of Prometheus: ends of keys and certificates, what is due, the log."""
        return PlainTextResponse(
            metrics.render(metrics.gauges_of(gateway.upkeep.figures())), media_type=metrics.MEDIA_TYPE
        )
