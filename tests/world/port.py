"""The partner port of a gateway of this process, over real HTTP on loopback, with the limits of its settings."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.adapters.partner_channel import HttpAnswer, HttpLink
from gateway.api.admission import PortLimits
from gateway.api.partner_port import build_partner_port
from gateway.api.serving import _Port, run_in_loop
from gateway.pipeline.facade import Gateway
from gateway.security.http_messages import HttpRequest
from gateway.settings import Settings


@contextmanager
def port_of(gateway: Gateway, settings: Settings, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve until the block ends; gives the base URL, which begins with http also where TLS is spoken."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        app = build_partner_port(
            gateway,
            public_base=base,
            message_limit=settings.message_limit,
            body_seconds=settings.body_seconds,
            limits=PortLimits.of(settings),
        )
        port = _Port(app, listener, settings, tls)
        thread = threading.Thread(target=lambda: run_in_loop(port.serve_listener(), settings))
        thread.start()
        try:
            while not port.started:
                time.sleep(0.01)
            yield base
        finally:
            port.should_exit = True
            thread.join()


def send(request: HttpRequest) -> HttpAnswer:
    """Send a request as it is, on a connection of its own."""
    link = HttpLink(timeout=10.0, answer_limit=1 << 20)
    try:
        return link.request(
            request.method, request.target, content=request.content, headers=dict(request.headers.lines)
        )
    finally:
        link.close()


def begin(request: HttpRequest, *, body: bytes = b"") -> socket.socket:
    """Send the head of a request, and as much of its body as is given; the connection stays open."""
    parts = request.target.removeprefix("http://").partition("/")
    host, port = parts[0].split(":")
    lines = [f"{request.method} /{parts[2]} HTTP/1.1", f"host: {parts[0]}", f"content-length: {len(request.content)}"]
    lines += [f"{name}: {value}" for name, value in request.headers.lines if name.lower() != "content-length"]
    opened = socket.create_connection((host, int(port)), timeout=10)
    opened.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
    return opened


def read_status(opened: socket.socket) -> int:
    """The status of the next answer on a connection, which is read whole; 0 when it ends without one."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = opened.recv(4096)
        if not more:
            return 0
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    while length is not None and len(body) < int(length[1]) and (more := opened.recv(4096)):
        body += more
    return int(head.split(b" ")[1])
