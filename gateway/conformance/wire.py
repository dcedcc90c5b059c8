"""HTTP as the kit needs it: one connection for each request, which may be broken off, slow, or too long.

The gateway's own calls go through the one client library under ``adapters/``. A client library mends what it sends, and
the kit has to send what must be refused; so it writes requests itself and leaves only the reading of answers to h11.
"""

from __future__ import annotations

import select
import socket
import ssl
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from urllib.parse import urlsplit

import h11

from gateway.errors import DeliveryFailed
from gateway.security.http_messages import Headers

PIECE = 64 * 1024
"""Bytes that are written before the kit looks whether an answer has come already."""
LONGEST_ANSWER = 1 << 20
"""Most bytes of an answer that is no message of a mailbox."""


class Ending(StrEnum):
    """How a request came to its end."""

    ANSWERED = "answered"
    CLOSED = "closed"
    """The other side closed the connection without an answer."""
    SILENT = "silent"
    """Neither within the time that the kit waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """What came back.

    Attributes:
        ending: how it ended.
        status: HTTP status; 0 without an answer.
        headers: of the answer.
        body: of the answer.
    """

    ending: Ending
    status: int = 0
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""


class Wire:
    """Connections to one endpoint.

    Args:
        base_url: without closing slash.
        trust: TLS context with our certificate; None for http.
        timeout: seconds for connecting and for an answer.
        answer_limit: most bytes of an answer.
    """

    def __init__(
        self, base_url: str, *, trust: ssl.SSLContext | None, timeout: float, answer_limit: int = LONGEST_ANSWER
    ) -> None:
        parts = urlsplit(base_url)
        self.secure = parts.scheme == "https"
        self.authority = parts.netloc
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self.secure else 80)
        self._trust = trust
        self._timeout = timeout
        self._answer_limit = answer_limit

    def probe(self) -> None:
        """Connect once, with TLS where the address says so.

        Raises:
            DeliveryFailed: ``delivery.no-answer``: nobody listens, or the handshake fails.
        """
        self._connect(None).close()

    def exchange(
        self,
        head: bytes,
        pieces: Iterable[bytes] = (),
        *,
        patience: float | None = None,
        broken_off: bool = False,
        trust: ssl.SSLContext | None = None,
    ) -> Reaction:
        """One request on a connection of its own.

        Args:
            head: request line and header lines with the empty line behind them.
            pieces: the body as it is written; what is left is not written once an answer has come.
            patience: seconds to wait for the answer; the ordinary time when None.
            broken_off: whether our half of the connection is closed behind the last piece.
            trust: another TLS context for this request.

        Raises:
            DeliveryFailed: ``delivery.no-answer``: nobody listens, or the handshake fails.
        """
        with closing(self._connect(trust)) as connection:
            try:
                _write(connection, chain((head,), _cut(pieces)))
                if broken_off:
                    connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it may have answered before it closed
            return self._read(connection, time.monotonic() + (patience or self._timeout))

    def _connect(self, trust: ssl.SSLContext | None) -> socket.socket:
        try:
            plain = socket.create_connection((self._host, self._port), self._timeout)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if not self.secure:
                return plain
            context = trust or self._trust or ssl.create_default_context()
            return context.wrap_socket(plain, server_hostname=self._host)
        except OSError as error:
            raise DeliveryFailed(
                f"no connection to the endpoint ({type(error).__name__})",
                path=self.authority,
                remedy="look whether it is up, and whether both sides have registered the certificates of the other",
                code="delivery.no-answer",
            ) from None

    def _read(self, connection: socket.socket, until: float) -> Reaction:
        """The final answer; what comes before it (100, 103) is passed over."""
        parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=self._answer_limit)
        parser.send(h11.Request(method="POST", target="/", headers=[("host", self.authority), ("connection", "close")]))
        parser.send(h11.EndOfMessage())
        started: h11.Response | None = None
        body = bytearray()
        try:
            while True:
                event = parser.next_event()
                if event is h11.NEED_DATA:
                    parser.receive_data(_more(connection, until))
                elif isinstance(event, h11.Response):
                    started = event
                elif isinstance(event, h11.Data):
                    body += event.data
                    if len(body) > self._answer_limit:
                        return Reaction(ending=Ending.CLOSED)
                elif started is not None and isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
                    lines = Headers.from_raw(started.headers)
                    return Reaction(ending=Ending.ANSWERED, status=started.status_code, headers=lines, body=bytes(body))
                elif isinstance(event, h11.ConnectionClosed):
                    return Reaction(ending=Ending.CLOSED)
        except TimeoutError:
            return Reaction(ending=Ending.SILENT)
        except (OSError, h11.RemoteProtocolError):
            return Reaction(ending=Ending.CLOSED)


def _cut(pieces: Iterable[bytes]) -> Iterable[bytes]:
    for piece in pieces:
        yield from (piece[start : start + PIECE] for start in range(0, len(piece), PIECE))


def _write(connection: socket.socket, pieces: Iterable[bytes]) -> None:
    """Write until all is written or an answer waits to be read: who answers early will not read the rest."""
    for number, piece in enumerate(pieces):
        if number and _waits(connection):
            return
        connection.sendall(piece)


def _waits(connection: socket.socket) -> bool:
    return bool(select.select([connection], [], [], 0)[0])


def _more(connection: socket.socket, until: float) -> bytes:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    connection.settimeout(left)
    return connection.recv(PIECE)
