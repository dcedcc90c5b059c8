"""The route of the token endpoint: HTTP in, one call of `gateway.authorisation`, its answer out as it is."""

from __future__ import annotations

from typing import Annotated, Any

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from gateway.api import problems
from gateway.api.authentication import Authentication, Caller, caller_who
from gateway.authorisation.forms import FORM, MOST_BYTES, TokenCall
from gateway.authorisation.realm import TOKEN_PATH, Realm
from gateway.identifiers import PartnerCode
from gateway.pipeline.facade import Gateway
from gateway.security.certificates import CertificateCode, CertificateRefused

_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "an access token (RFC 6749 section 5.1)", "content": {"application/json": {}}},
    400: {"description": "the form is refused (RFC 6749 section 5.2)", "content": {"application/json": {}}},
    401: {"description": "the client is not proved", "content": {"application/json": {}, problems.MEDIA_TYPE: {}}},
    **{
        status: {"description": text, "content": {problems.MEDIA_TYPE: {}}}
        for status, text in {
            403: "no registration permits it",
            408: "the body did not arrive in time",
            413: "larger than the limit",
            422: "the request cannot be read",
            429: "too many requests; Retry-After says how long to wait",
            431: "the head is larger than the limit",
            503: "try again later",
        }.items()
    },
}
_BODY = {"requestBody": {"required": True, "content": {FORM: {"schema": {"type": "string"}}}}}

_log = structlog.get_logger("sarhad.api")


def add_token_endpoint(
    app: FastAPI, gateway: Gateway, authentication: Authentication, realm: Realm, body_seconds: float
) -> None:
    """Add the route.

    Args:
        app: the application of the partner port.
        gateway: knows the clients and keeps the replay memory.
        authentication: of the port; a certificate is needed here, and a signature where the profile asks for one.
        realm: under which tokens are issued.
        body_seconds: longest time that a body may take to arrive.
    """
    endpoint = gateway.access.endpoint_of(realm)

    @app.post(TOKEN_PATH, responses=_ANSWERS, openapi_extra=_BODY)
    async def token(request: Request, caller: Annotated[Caller, Depends(caller_who(None))]) -> JSONResponse:
        """Give a client that proves itself an access token bound to its certificate (RFC 6749 section 4.4)."""
        data = await authentication.content(request, caller, MOST_BYTES, body_seconds)
        if caller.certificate is None:
            refusal = CertificateRefused(CertificateCode.MISSING)
            await run_in_threadpool(gateway.http.log_refusal, refusal, caller.partner or "")
            raise refusal
        await run_in_threadpool(authentication.permit, caller, PartnerCode(caller.certificate.owner))
        call = TokenCall(
            body=data,
            content_types=request.headers.getlist("content-type"),
            query=request.url.query,
            authorization=request.headers.getlist("authorization"),
            caller=caller.certificate,
            at=gateway.access.now(),
        )
        answer = await run_in_threadpool(gateway.access.answer, endpoint, call)
        if answer.refusal is not None:
            code, detail = answer.refusal.stable_code, answer.refusal.detail
            _log.info("token refused", partner=call.caller.owner, code=code, detail=detail, status=answer.status)
            await run_in_threadpool(gateway.http.log_refusal, answer.refusal, call.caller.owner)
            await run_in_threadpool(authentication.count, answer.refusal, caller)
        else:
            _log.info("token issued", partner=answer.client_id, token=answer.token_id)
        return JSONResponse(dict(answer.body), answer.status, headers=dict(answer.headers))
