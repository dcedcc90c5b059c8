"""The partner of `tests.world.partner` behind real HTTP on loopback: it takes signed requests and signs its answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from gateway.identifiers import MessageId, PartnerCode
from gateway.security.http_messages import Headers, HttpRequest, HttpResponse
from gateway.security.http_refusals import HttpMessageRefused
from tests.world.http import answered, checked
from tests.world.partner import Partner


@contextmanager
def serving(partner: Partner) -> Iterator[str]:
    """Serve until the block ends; gives the base URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sealed = self.rfile.read(int(self.headers["Content-Length"]))
            target = f"http://127.0.0.1:{server.server_port}{self.path}"
            headers = Headers.of(self.headers.items())
            request = HttpRequest(method="POST", target=target, headers=headers, content=sealed)
            try:
                checked(partner, request)
            except HttpMessageRefused:
                self.say(HttpResponse(status=401, content=b"{}"), request)
                return
            message_id = MessageId(self.headers["Idempotency-Key"])
            answer = partner.deliver(PartnerCode(partner.code), "", sealed, message_id)
            self.say(HttpResponse(status=answer.status, content=answer.body), request)

        def say(self, response: HttpResponse, request: HttpRequest) -> None:
            kind = Headers.of([("content-type", "application/json")])
            whole = answered(
                partner, HttpResponse(status=response.status, headers=kind, content=response.content), request
            )
            self.send_response(whole.status)
            for name, value in whole.headers.lines:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(whole.content)))
            self.end_headers()
            self.wfile.write(whole.content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
