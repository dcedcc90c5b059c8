"""Bytes on a connection: what an attacker sends, cut into pieces as he likes, and what comes back."""

from __future__ import annotations

import json
import select
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from gateway.security.http_messages import Headers, HttpRequest

PROXY, STRANGER = "127.0.0.1", "127.0.0.2"
"""Addresses of the proxy that the port trusts, and of anybody else on this machine."""

_PATIENCE = 10.0


@dataclass(frozen=True, kw_only=True)
class Shot:
    """What is sent.

    Attributes:
        raw: the first bytes.
        more: further bytes, each after a pause in seconds.
        cut: whether the sender closes its half afterwards, as one who is gone.
        source: address that it comes from.
        answers: how many answers come back; the last one is judged.
        request: the request that the bytes are meant as, to which the answer has to be bound; None for broken HTTP.
    """

    raw: bytes
    more: tuple[tuple[float, bytes], ...] = ()
    cut: bool = False
    source: str = PROXY
    answers: int = 1
    request: HttpRequest | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back; status 0 where the connection ended without a word."""

    status: int = 0
    headers: Headers = field(default_factory=Headers)
    content: bytes = b""

    @property
    def document(self) -> dict[str, Any]:
        """The JSON object in it; empty where there is none."""
        try:
            found = json.loads(self.content)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def code(self) -> str:
        """The stable code: of a problem document, or of an error of the token endpoint."""
        told = self.document
        return str(told.get("code") or told.get("title") or "")


def wire(request: HttpRequest, host: str = "gateway.example") -> bytes:
    """A request as HTTP/1.1 has it, with its length."""
    path = "/" + request.target.split("/", 3)[3]
    lines = [("host", host), *request.headers.lines, ("content-length", str(len(request.content)))]
    head = f"{request.method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines)
    return head.encode("latin-1") + b"\r\n" + request.content


def fire(shot: Shot, port: int) -> Answer:
    """Send, and read as many answers as are expected; the last of them."""
    with socket.create_connection((PROXY, port), _PATIENCE, source_address=(shot.source, 0)) as connection:
        _send(connection, shot)
        reader = connection.makefile("rb")
        answer = Answer()
        for _ in range(shot.answers):
            answer = _read(reader)
        reader.close()
    return answer


def _send(connection: socket.socket, shot: Shot) -> None:
    """Send as long as no answer is there; one that comes early ends the sending."""
    with suppress(ConnectionError):
        connection.sendall(shot.raw)
        for pause, data in shot.more:
            answered, _, _ = select.select([connection], [], [], pause)
            if answered:
                return
            connection.sendall(data)
        if shot.cut:
            connection.shutdown(socket.SHUT_WR)


def _read(reader: Any) -> Answer:
    try:
        line = reader.readline()
        while line.startswith(b"HTTP/1.1 1"):  # an interim answer
            while reader.readline().strip():
                pass
            line = reader.readline()
        if not line:
            return Answer()
        status = int(line.split(b" ")[1])
        lines = []
        while field_line := reader.readline().strip(b"\r\n"):
            name, _, value = field_line.partition(b":")
            lines.append((name, value.strip()))
        headers = Headers.from_raw(lines)
        length = headers.only("content-length")
        content = reader.read() if length is None else reader.read(int(length))
    except ConnectionError:
        return Answer()
    return Answer(status=status, headers=headers, content=content)
