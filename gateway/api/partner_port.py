"""The partner port: what a partner administration can call.

Thin: each route turns HTTP into one call of the gateway and its answer into JSON. Bodies are counted and timed while
they are read; content encodings are refused (a digest is over what is stored, and no bomb is unpacked). Who asks is
settled by `gateway.api.authentication` before a route does anything, and every answer leaves signed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from gateway import errors
from gateway.api import problems
from gateway.api.admission import PORT_LIMITS, AdmissionDoor, PortLimits
from gateway.api.authentication import Authentication, Caller, Step, caller_who
from gateway.api.catalogue_routes import add_catalogue
from gateway.api.client_certificates import ClientCertificates
from gateway.api.log_routes import add_log
from gateway.api.mailbox_routes import add_mailbox
from gateway.api.proofs import CertificateStep, TokenStep
from gateway.api.realm_label import RealmLabel
from gateway.api.requests import PLAIN, SECONDS_FOR_A_BODY, Id
from gateway.api.signed_answers import SignedAnswers
from gateway.api.token_endpoint import add_token_endpoint
from gateway.authorisation.realm import Realm
from gateway.authorisation.scopes import Scope
from gateway.identifiers import PartnerCode
from gateway.pipeline.facade import Gateway, no_such_message
from gateway.security import jwks
from gateway.security.limits import EnvelopeLimits

SEALED = "application/jose"
SECONDS_OF_A_JWK_SET = 3600
"""How long our JWK Set may be kept by who has read it; a new key is published for much longer before it is used."""
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: problems.documented(text)
    for status, text in {
        400: "the envelope or the HTTP message is refused",
        401: "certificate, access token or HTTP signature is missing, wrong, or was used before",
        408: "the body did not arrive in time",
        403: "no agreement or no registration permits it, or another partner asked",
        409: "this message id was used with other bytes",
        413: "larger than the limit",
        415: "not a sealed message",
        422: "the request cannot be read",
        429: "beyond a rate, a volume or a number at once, or not served for a while; Retry-After says how long",
        431: "the head is larger than the limit",
        503: "try again later",
    }.items()
}


Sending = Annotated[Caller, Depends(caller_who(Scope.SEND))]
Asking = Annotated[Caller, Depends(caller_who(Scope.STATUS))]
Checking = Annotated[Caller, Depends(caller_who(Scope.CHECK))]


def build_partner_port(
    gateway: Gateway,
    *,
    public_base: str,
    message_limit: int,
    audience: str = "",
    proxies: Sequence[str] = (),
    body_seconds: float = SECONDS_FOR_A_BODY,
    limits: PortLimits = PORT_LIMITS,
) -> SignedAnswers:
    """The application of the partner port over one gateway.

    Args:
        gateway: does the work.
        public_base: address under which partners reach the port, without closing slash.
        message_limit: most bytes of the content of a message; its sealed form may be longer.
        audience: name of our API in access tokens; empty means the public address with ``/v1`` behind it.
        proxies: addresses or networks of the proxies that end TLS in front of the port.
        body_seconds: longest time that a body may take to arrive.
        limits: how many requests at once, how large their heads, how slow their bodies.
    """
    app = FastAPI(
        title="Sarhad partner port",
        version="1",
        summary="Signed and encrypted messages between customs administrations.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect names the address that the caller wrote in Host
    )
    problems.install(app, log_refusal=gateway.http.log_refusal)
    steps: list[Step] = [CertificateStep(gateway.access, ClientCertificates(proxies))]
    realm = Realm(issuer=public_base, audience=audience or f"{public_base}/v1") if gateway.access.uses_tokens else None
    if realm is not None:
        steps.append(TokenStep(gateway.access, gateway.access.check_of(realm)))
    authentication = Authentication(gateway.http, steps, certificate_required=gateway.access.shows_certificate)
    authentication.install(app)
    if realm is not None:
        add_token_endpoint(app, gateway, authentication, realm, body_seconds)
    _add_messages(app, gateway, authentication, message_limit, body_seconds)
    _add_checks(app, gateway, authentication, message_limit, body_seconds)
    _add_public(app, gateway)
    for add in (add_mailbox, add_log, add_catalogue):
        add(app, gateway, authentication, body_seconds)
    http = gateway.http
    admission = AdmissionDoor(app, limits, proxies, http.log_refusal)
    door = RealmLabel(admission, gateway.live_gate.rules.realm)
    return SignedAnswers(door, public_base=public_base, sign=http.sign_answer, log_refusal=http.log_refusal)


def _add_messages(
    app: FastAPI, gateway: Gateway, authentication: Authentication, message_limit: int, body_seconds: float
) -> None:
    @app.post("/v1/messages", status_code=202, responses=PROBLEMS, openapi_extra=_sealed_body())
    async def hand_in(request: Request, caller: Sending) -> JSONResponse:
        """Hand in a sealed message; the answer is a signed receipt: we hold exactly these bytes."""
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type != SEALED:
            return await run_in_threadpool(_unsupported, gateway, caller)
        limit = EnvelopeLimits(max_message_bytes=message_limit).max_jwe_bytes
        data = await authentication.content(request, caller, limit, body_seconds)

        def permit(sender: PartnerCode) -> None:
            caller.require(sender)
            gateway.live_gate.require(sender)

        try:
            answer = await run_in_threadpool(gateway.receive, data, content_type, permit=permit, proved=caller.partner)
        except errors.Refusal as refusal:
            await run_in_threadpool(authentication.count, refusal, caller)
            raise
        return JSONResponse(answer.as_json(), 202)

    not_found = problems.documented("no message of this id was received from this partner")

    @app.get("/v1/messages/{message_id}", responses=PROBLEMS | {404: not_found})
    async def status(
        request: Request,
        caller: Asking,
        message_id: Id,
        sender: Annotated[str, Query(alias="from", max_length=64, pattern=PLAIN)],
    ) -> JSONResponse:
        """What became of a message that was handed in: state, receipt, acknowledgement."""
        await authentication.content(request, caller, 0, body_seconds)
        try:
            await run_in_threadpool(authentication.permit, caller, PartnerCode(sender))
        except errors.NotPermitted:  # not even whether there is such a message
            raise no_such_message() from None
        found = await run_in_threadpool(gateway.message_status, message_id, sender)
        return JSONResponse(found.as_json())


def _add_checks(
    app: FastAPI, gateway: Gateway, authentication: Authentication, message_limit: int, body_seconds: float
) -> None:
    findings = problems.documented("the document would be refused: its findings", "application/json")

    @app.post("/v1/checks", responses=PROBLEMS | {422: findings}, openapi_extra=_plain_body())
    async def check(
        request: Request,
        caller: Checking,
        sender: Annotated[str, Query(alias="from", max_length=64, pattern=PLAIN)],
        message_type: Annotated[str, Query(alias="type", max_length=64, pattern=PLAIN)] = "",
    ) -> JSONResponse:
        """Check a message without any effect: 200 when it would be accepted, 422 with the findings otherwise."""
        data = await authentication.content(request, caller, message_limit, body_seconds)
        await run_in_threadpool(authentication.permit, caller, PartnerCode(sender))
        report = await run_in_threadpool(gateway.check, data, sender, message_type=message_type)
        return JSONResponse(report.as_json(), 200 if report.valid else 422)


def _add_public(app: FastAPI, gateway: Gateway) -> None:
    @app.get("/.well-known/jwks.json", responses={200: {"content": {jwks.MEDIA_TYPE: {}}}})
    def keys() -> Response:
        """Our public keys that are pending, active or retiring, as a JWK Set (RFC 7517)."""
        headers = {"Cache-Control": f"max-age={SECONDS_OF_A_JWK_SET}"}
        return Response(gateway.upkeep.jwk_set(), headers=headers, media_type=jwks.MEDIA_TYPE)

    none_yet: dict[int | str, dict[str, Any]] = {
        404: problems.documented("none has been signed yet"),
        503: PROBLEMS[503],
    }

    @app.get("/v1/log/checkpoint", response_class=PlainTextResponse, responses=none_yet)
    def checkpoint() -> PlainTextResponse:
        """The newest signed checkpoint of the log (C2SP tlog-checkpoint)."""
        newest = gateway.latest_checkpoint()
        if newest is None:
            raise errors.NotFound("no checkpoint has been signed yet", remedy="ask again in a minute")
        return PlainTextResponse(newest)


def _unsupported(gateway: Gateway, caller: Caller) -> JSONResponse:
    error = errors.MalformedMessage(
        f"the content type has to be {SEALED}", code="http.content-type", remedy="seal the message first"
    )
    gateway.http.log_refusal(error, caller.partner or "")
    return JSONResponse(problems.problem_of(error, 415), 415, media_type=problems.MEDIA_TYPE)


def _sealed_body() -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {SEALED: {"schema": {"type": "string"}}}}}


def _plain_body() -> dict[str, Any]:
    kinds = ("application/xml", "application/json")
    return {"requestBody": {"required": True, "content": {kind: {"schema": {"type": "string"}} for kind in kinds}}}
