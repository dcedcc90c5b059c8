"""The outermost layer of a port: every answer leaves signed and bound to its request, refusals included.

Whatever the application answers is gathered whole, signed, and sent with exactly the headers and bytes that were
signed. A request whose target or header lines may not stand on the wire gets an unsigned 400: there is nothing that a
signature could be bound to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api import problems
from gateway.api.broken_http import check_framing
from gateway.errors import DataFolderError, GatewayError
from gateway.security.http_messages import Headers, HttpRequest, HttpResponse, target_of

Sign = Callable[[HttpResponse, HttpRequest], HttpResponse]

_log = structlog.get_logger("sarhad.api")


class SignedAnswers:
    """An ASGI application around another one.

    Args:
        app: the application of a port.
        public_base: address under which partners reach the port, without closing slash.
        sign: signs an answer to a request.
        log_refusal: keeps what is refused here, with nobody as partner; None where no log is kept.
    """

    def __init__(
        self, app: ASGIApp, *, public_base: str, sign: Sign, log_refusal: problems.LogRefusal | None = None
    ) -> None:
        self._app = app
        self._log_refusal = log_refusal
        self._public_base = public_base
        self._sign = sign

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of the server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            head = self._head(scope)
        except GatewayError as refusal:
            await self._keep(refusal)
            document, ends = problems.problem_of(refusal), {"Connection": "close"}  # who knows what follows on it
            await JSONResponse(document, 400, headers=ends, media_type=problems.MEDIA_TYPE)(scope, receive, send)
            return
        scope.setdefault("state", {})["head"] = head
        await self._app(scope, receive, _Gathering(self._sign, head, send).take)

    async def report_broken(self, refusal: GatewayError) -> None:
        """What came was no request; the server has seen it and answers by itself."""
        await self._keep(refusal)

    async def _keep(self, refusal: GatewayError) -> None:
        _log.info("request refused", path="", code=refusal.stable_code, status=problems.status_of(refusal))
        if self._log_refusal is not None:
            try:
                await run_in_threadpool(self._log_refusal, refusal, "")
            except GatewayError as fault:  # it is refused all the same
                _log.error("refusal could not be logged", code=fault.stable_code)

    def _head(self, scope: Scope) -> HttpRequest:
        """The request without its content; the target is ours to say, never ``Host``'s."""
        check_framing(scope)
        target = target_of(self._public_base, scope["raw_path"], scope["query_string"])
        return HttpRequest(method=scope["method"], target=target, headers=Headers.from_raw(scope["headers"]))


def head_of(request: Request) -> HttpRequest:
    """The request as `SignedAnswers` has read it, without its content."""
    head: HttpRequest = request.state.head
    return head


class _Gathering:
    """Takes the parts of one answer and sends it, signed, as soon as it is whole."""

    def __init__(self, sign: Sign, head: HttpRequest, send: Send) -> None:
        self._sign = sign
        self._head = head
        self._send = send
        self._start: dict[str, Any] = {}
        self._content = bytearray()

    async def take(self, message: Message) -> None:
        """The ``send`` of the application inside."""
        if message["type"] == "http.response.start":
            self._start = dict(message)
        elif message["type"] == "http.response.body":
            self._content += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_whole()
        else:
            await self._send(message)

    async def _send_whole(self) -> None:
        content = b"" if self._head.method == "HEAD" else bytes(self._content)  # as much of it as travels
        try:
            plain = HttpResponse(
                status=self._start["status"], headers=Headers.from_raw(self._start["headers"]), content=content
            )
            answer = await run_in_threadpool(self._sign, plain, self._head)
        except GatewayError as fault:
            _log.error("answer could not be signed", code=fault.stable_code)
            answer = _unsigned_fault()
        lines = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.lines]
        await self._send({**self._start, "status": answer.status, "headers": lines})
        await self._send({"type": "http.response.body", "body": answer.content})


def _unsigned_fault() -> HttpResponse:
    """What is told where no answer can be signed: it proves nothing, and a partner takes it for no answer."""
    fault = DataFolderError("the answer could not be signed", remedy="tell the operator", code="internal")
    made = JSONResponse(problems.problem_of(fault, 500), 500, media_type=problems.MEDIA_TYPE)
    return HttpResponse(status=500, headers=Headers.from_raw(made.raw_headers), content=bytes(made.body))
