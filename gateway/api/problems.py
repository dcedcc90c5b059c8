"""Errors of our tree as problem+json (RFC 9457), and nothing else: no partner sees a traceback or a value.

The status follows the class, the ``type`` is a URN of the stable code, ``findings`` carry what to mend.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from h11 import LocalProtocolError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from gateway import errors
from gateway.authorisation.refusals import AccessRefused
from gateway.findings import problem_document
from gateway.security.certificates import CertificateRefused
from gateway.security.http_refusals import HttpCode, HttpMessageRefused

MEDIA_TYPE = "application/problem+json"

LogRefusal = Callable[[errors.GatewayError, str], None]
"""Keeps a refusal in the audit log, with the partner that is proved, or empty."""


class TooSlow(errors.TemporaryFailure):
    """A body took longer to arrive than it may."""

    code = "http.too-slow"


_STATUS: tuple[tuple[type[errors.GatewayError], int], ...] = (
    (errors.MessageTooLarge, 413),
    (errors.TooManyRequests, 429),
    (TooSlow, 408),
    (errors.ContentRefused, 422),
    (errors.UnknownFormat, 422),
    (errors.MalformedMessage, 422),
    (errors.NotPermitted, 403),
    (errors.UnknownPartner, 403),
    (errors.ReplayRefused, 409),
    (errors.Refusal, 400),
    (errors.InvalidTransition, 409),
    (errors.NotFound, 404),
    (errors.TemporaryFailure, 503),
)

_NOT_WELL_FORMED = frozenset(
    {
        *(HttpCode.MALFORMED, HttpCode.REPEATED_HEADER, HttpCode.CONTENT_ENCODING),
        *(HttpCode.DIGEST_MISSING, HttpCode.DIGEST_REFUSED, HttpCode.DIGEST_MISMATCH),
    }
)
"""Refusals of a signed HTTP message that say nothing about who sent it: 400; all others are 401."""

_CHALLENGES: dict[type[errors.GatewayError], dict[str, str]] = {
    HttpMessageRefused: {"WWW-Authenticate": 'Signature tag="cgw-request"'},
    CertificateRefused: {"WWW-Authenticate": "ClientCertificate"},
}
"""A 401 has to name a challenge (RFC 9110 section 15.5.2); none is registered for RFC 9421 and TLS: names of ours."""

_log = structlog.get_logger("sarhad.api")


def documented(text: str, *kinds: str) -> dict[str, Any]:
    """What the OpenAPI document of a port says of an answer with a problem document.

    Args:
        text: when it is given.
        kinds: further media types that the answer may have.
    """
    return {"description": text, "content": {kind: {} for kind in (MEDIA_TYPE, *kinds)}}


def status_of(error: errors.GatewayError) -> int:
    """HTTP status of an error: the first matching class of the table, 500 for a fault of our own."""
    if isinstance(error, HttpMessageRefused):
        return 400 if error.stable_code in _NOT_WELL_FORMED else 401
    if isinstance(error, AccessRefused):
        return error.status
    if isinstance(error, CertificateRefused):
        return 401
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def headers_of(error: errors.GatewayError, status: int) -> dict[str, str]:
    """The header lines of a refusal: when to come again, or which better proof of who calls it asks for."""
    if isinstance(error, errors.TooManyRequests | errors.Busy):
        return {"Retry-After": str(max(1, math.ceil(error.retry_after)))}
    if isinstance(error, AccessRefused):
        return error.headers
    return _CHALLENGES.get(type(error), {}) if status == 401 else {}


def problem_of(error: errors.GatewayError, status: int | None = None) -> dict[str, Any]:
    """The problem document of an error (RFC 9457 s. 3.1), with our extension members.

    Args:
        error: what is told.
        status: HTTP status when the port answers otherwise than the class says.
    """
    return problem_document(
        error.stable_code,
        status or status_of(error),
        error.message,
        path=error.path,
        remedy=error.remedy,
        exchange_id=getattr(error, "exchange_id", ""),
        findings=error.findings,
    )


def route_of(request: Request) -> str:
    """The route that a request took, as it is declared: a path that was called may hold an id of a message."""
    return getattr(request.scope.get("route"), "path", "")


def _plain_problem(status: int, code: str, detail: str, remedy: str = "") -> JSONResponse:
    return JSONResponse(problem_document(code, status, detail, remedy=remedy), status, media_type=MEDIA_TYPE)


def _keeper(log_refusal: LogRefusal | None) -> Callable[[str], Awaitable[None]]:
    """Keeps a code in the log, where there is one."""

    async def keep(code: str) -> None:
        if log_refusal is not None:
            await run_in_threadpool(log_refusal, errors.Refusal("refused before any route", code=code), "")

    return keep


def install(app: FastAPI, *, not_permitted: int = 403, log_refusal: LogRefusal | None = None) -> None:
    """Make every error of this application a problem document.

    Args:
        app: the application of one port.
        not_permitted: status when no agreement permits it: 403 towards partners, 422 for our own lodgements, where it
            is a finding about the message.
        log_refusal: keeps what is refused before any route could: no such path, method or parameter, or a request
            that broke off; None where no log is kept.
    """
    keep = _keeper(log_refusal)

    async def on_gateway_error(request: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, errors.GatewayError):
            raise error
        document = problem_of(error, not_permitted if isinstance(error, errors.NotPermitted) else None)
        _log.info(
            "request refused",
            path=route_of(request),
            code=error.stable_code,
            status=document["status"],
            detail=getattr(error, "detail", ""),
        )
        headers = headers_of(error, document["status"])
        return JSONResponse(document, document["status"], media_type=MEDIA_TYPE, headers=headers)

    async def on_http_error(_request: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, HTTPException):
            raise error
        await keep(f"http.{error.status_code}")
        return _plain_problem(error.status_code, f"http.{error.status_code}", str(error.detail))

    async def on_bad_parameter(_request: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, RequestValidationError):
            raise error
        places = ", ".join(sorted({".".join(map(str, fault["loc"])) for fault in error.errors()}))
        await keep("request.invalid")
        return _plain_problem(422, "request.invalid", f"these parameters are missing or of the wrong kind: {places}")

    async def on_lost_connection(request: Request, error: Exception) -> JSONResponse:
        await keep("http.connection-lost")
        _log.info("connection lost", path=route_of(request), kind=type(error).__name__)
        return _plain_problem(400, "http.connection-lost", "the request did not arrive whole", "send it again")

    async def on_anything_else(request: Request, error: Exception) -> JSONResponse:
        if isinstance(error, LocalProtocolError):  # the server has answered broken HTTP by itself
            return await on_lost_connection(request, error)
        _log.error("unexpected fault", path=route_of(request), kind=type(error).__name__)
        return _plain_problem(500, "internal", "the gateway met a fault of its own", "try again; tell the operator")

    app.add_exception_handler(ClientDisconnect, on_lost_connection)
    app.add_exception_handler(errors.GatewayError, on_gateway_error)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_bad_parameter)
    app.add_exception_handler(Exception, on_anything_else)
