"""The simulated partner's door: where the gateway delivers, and where a demo or test tells it what to do."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import BackgroundTasks, FastAPI, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from gateway.adapters.partner_channel import SEALED_MEDIA_TYPE
from gateway.api import problems
from gateway.api.requests import PLAIN, SECONDS_FOR_A_BODY, Id, read_body
from gateway.api.signed_answers import SignedAnswers, head_of
from gateway.errors import MalformedMessage
from gateway.security.limits import DEFAULT_LIMITS, EnvelopeLimits
from gateway.simulator.partner import SimulatedPartner


def build_app(
    partner: SimulatedPartner,
    public_base: str,
    *,
    message_limit: int = DEFAULT_LIMITS.max_message_bytes,
    body_seconds: float = SECONDS_FOR_A_BODY,
) -> SignedAnswers:
    """The application of one simulated partner.

    Args:
        partner: does the work.
        public_base: address under which the gateway reaches it, without closing slash.
        message_limit: most bytes of the content of a message.
        body_seconds: longest time that a body may take to arrive.
    """
    app = FastAPI(title="Simulated partner", docs_url=None, redoc_url=None)
    problems.install(app)
    _add_partner_side(app, partner, message_limit, body_seconds)
    _add_controls(app, partner)
    return SignedAnswers(app, public_base=public_base, sign=partner.sign_answer)


def _add_partner_side(app: FastAPI, partner: SimulatedPartner, message_limit: int, body_seconds: float) -> None:
    limit = EnvelopeLimits(max_message_bytes=message_limit).max_jwe_bytes

    @app.post("/v1/messages", status_code=202)
    async def deliver(request: Request, tasks: BackgroundTasks) -> JSONResponse:
        """Take a message from the gateway; the answer is our receipt, the business answer follows."""
        if request.headers.get("content-type", "") != SEALED_MEDIA_TYPE:
            return _not_sealed()
        content = await read_body(request, limit, body_seconds)
        await run_in_threadpool(partner.verify_request, head_of(request), content)
        held, new = await run_in_threadpool(partner.receive, content)
        if new:
            tasks.add_task(partner.answer, held)
        document = {
            "message_id": held.opened.metadata.jti,
            "exchange_id": held.opened.metadata.jti,
            "receipt": held.receipt.decode("ascii"),
            "acknowledgement": None,
        }
        return JSONResponse(document, 202)

    @app.get("/v1/messages/{message_id}")
    async def status(
        request: Request, message_id: Id, sender: Annotated[str, Query(alias="from", max_length=64, pattern=PLAIN)]
    ) -> JSONResponse:
        """What became of a message of the gateway."""
        content = await read_body(request, 0, body_seconds)
        await run_in_threadpool(partner.verify_request, head_of(request), content)
        return JSONResponse(partner.status(message_id, sender))


def _not_sealed() -> JSONResponse:
    error = MalformedMessage(f"the content type has to be {SEALED_MEDIA_TYPE}", code="http.content-type")
    return JSONResponse(problems.problem_of(error, 415), 415, media_type=problems.MEDIA_TYPE)


def _add_controls(app: FastAPI, partner: SimulatedPartner) -> None:
    @app.post("/simulator/send")
    def send(
        message_type: Annotated[str, Query(alias="type")],
        seed: int,
        damage: str = "",
        richness: float | None = None,
    ) -> JSONResponse:
        """Generate, damage, seal and hand in one message."""
        return JSONResponse(asdict(partner.send(message_type, seed, damage, richness)))

    @app.post("/simulator/refuse-next")
    def refuse_next() -> JSONResponse:
        """Refuse the next message that comes."""
        partner.refuse_next()
        return JSONResponse({"refuses": "next"})

    @app.get("/simulator/held")
    def held() -> JSONResponse:
        """What was received: metadata and digests."""
        return JSONResponse({"held": partner.held()})

    @app.get("/simulator/held/{message_id}")
    def payload(message_id: str) -> Response:
        """The payload of one message that was received."""
        return Response(partner.payload_of(message_id), media_type="application/octet-stream")

    @app.get("/healthz")
    def alive() -> JSONResponse:
        """The process answers."""
        return JSONResponse({"alive": True})
