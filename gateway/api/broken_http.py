"""What is no HTTP request: refused before an application could see it, but answered and logged like every refusal.

The parser of the server refuses most of it (h11, strict in lengths, chunks and lines). It lets pass what RFC 9112 only
warns of, and what another server in front of us could read as two requests; that is refused here.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import h11
from h11._receivebuffer import ReceiveBuffer
from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from gateway.api import problems
from gateway.errors import GatewayError
from gateway.security.http_refusals import HttpCode, HttpMessageRefused

Report = Callable[[GatewayError], Awaitable[None]]

_VERSIONS = frozenset({"1.0", "1.1"})
_BARE_LF = re.compile(rb"(?<!\r)\n")
_SPEAKING_FIRST = frozenset({h11.IDLE, h11.SEND_RESPONSE})


def check_framing(scope: Scope) -> None:
    """Refuse a request whose end two servers could see in different places.

    Args:
        scope: ASGI scope of the request, as the server made it.

    Raises:
        HttpMessageRefused: ``http.malformed``: both a length and chunks (RFC 9112 section 6.1), chunks in HTTP/1.0, or
            another version.
    """
    version, names = scope["http_version"], {name.lower() for name, _ in scope["headers"]}
    if version not in _VERSIONS:
        raise HttpMessageRefused(HttpCode.MALFORMED, detail="version")
    if b"transfer-encoding" in names and (b"content-length" in names or version == "1.0"):
        raise HttpMessageRefused(HttpCode.MALFORMED, detail="framing", path="transfer-encoding")


class StrictLines(ReceiveBuffer):
    """The bytes that a connection has brought, whose lines end in CR LF and in nothing else.

    h11 takes a bare LF for the end of a line, as RFC 9112 section 2.2 allows. A server in front that does not would see
    one line where we see two, and a field in it that nobody has looked at.
    """

    def maybe_extract_lines(self) -> list[bytearray] | None:
        """The lines of a head or of trailers, once they are whole.

        Raises:
            LocalProtocolError: one of them ends in a bare LF; h11 makes the other side's fault of it.
        """
        before = bytes(self)
        lines: list[bytearray] | None = super().maybe_extract_lines()
        if lines is not None and _BARE_LF.search(before, 0, len(before) - len(self)):
            raise h11.LocalProtocolError("a line ends in a bare LF")
        return lines


class ReportingProtocol(H11Protocol):
    """HTTP/1.1 that tells its application of what is no request, and answers with a problem document.

    The application hears of it in ``report_broken``, which takes the refusal, when it has such a method. The answer
    goes out after that, as it does for every other refusal, and the connection ends.
    """

    _broken = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection stands."""
        super().connection_made(transport)
        self.conn._receive_buffer = StrictLines()  # noqa: SLF001 - h11 has no other place for it; a test looks

    def send_400_response(self, msg: str) -> None:
        """The parser gave up; ``msg`` is uvicorn's own text, which nobody is told."""
        del msg
        self.refuse(HttpMessageRefused(HttpCode.MALFORMED))

    def refuse(self, refusal: GatewayError) -> None:
        """Report, answer where no answer is under way, and end the connection; once for each connection.

        Args:
            refusal: why nothing came that an application could be asked.
        """
        if self._broken:
            return
        self._broken = True
        report: Report | None = getattr(self.config.app, "report_broken", None)
        if report is None:
            self._answer(refusal)
            return
        task = self.loop.create_task(self._report(report, refusal))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _report(self, report: Report, refusal: GatewayError) -> None:
        await report(refusal)
        self._answer(refusal)

    def _answer(self, refusal: GatewayError) -> None:
        if not self.transport.is_closing() and self.conn.our_state in _SPEAKING_FIRST:
            document = problems.problem_of(refusal)
            content = json.dumps(document).encode("ascii")
            fields = [
                (b"content-type", problems.MEDIA_TYPE.encode("ascii")),
                (b"content-length", str(len(content)).encode("ascii")),
                (b"connection", b"close"),
            ]
            status = HTTPStatus(document["status"])
            parts: list[Any] = [
                h11.Response(status_code=status, headers=fields, reason=status.phrase.encode("ascii")),
                h11.Data(data=content),
                h11.EndOfMessage(),
            ]
            self.transport.write(b"".join(self.conn.send(part) or b"" for part in parts))
        self.transport.close()
