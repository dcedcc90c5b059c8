"""What is no request gets a problem document, and the application hears of it; what could be two requests is none."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import h11
import pytest
import uvicorn
from uvicorn.server import ServerState

from gateway.api.broken_http import ReportingProtocol, check_framing
from gateway.errors import GatewayError
from gateway.security.http_refusals import HttpMessageRefused

LENGTH, CHUNKS = (b"content-length", b"5"), (b"Transfer-Encoding", b"chunked")


@pytest.mark.parametrize(
    ("version", "headers", "path"),
    [
        ("1.1", [LENGTH, CHUNKS], "transfer-encoding"),
        ("1.0", [CHUNKS], "transfer-encoding"),
        ("9.9", [], ""),
        ("2.0", [LENGTH], ""),
    ],
)
def test_a_request_with_two_ends_is_refused(version: str, headers: list[tuple[bytes, bytes]], path: str) -> None:
    with pytest.raises(HttpMessageRefused) as refused:
        check_framing({"http_version": version, "headers": headers})
    assert (refused.value.stable_code, refused.value.path) == ("http.malformed", path)


@pytest.mark.parametrize(("version", "headers"), [("1.1", [LENGTH]), ("1.1", [CHUNKS]), ("1.0", [LENGTH]), ("1.0", [])])
def test_a_request_with_one_end_passes(version: str, headers: list[tuple[bytes, bytes]]) -> None:
    check_framing({"http_version": version, "headers": headers})


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def get_extra_info(self, name: str) -> Any:
        return ("127.0.0.1", 1) if name in {"peername", "sockname"} else None

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


class Listening:
    """An application that wants to hear of broken requests."""

    def __init__(self) -> None:
        self.heard = 0
        self.go_on = asyncio.Event()

    async def __call__(self, _scope: Any, _receive: Any, _send: Any) -> None:
        raise AssertionError

    async def report_broken(self, refusal: GatewayError) -> None:
        assert refusal.stable_code == "http.malformed"
        self.heard += 1
        await self.go_on.wait()


def protocol_over(app: Any, wire: Wire) -> ReportingProtocol:
    config = uvicorn.Config(app, log_config=None, lifespan="off", ws="none", proxy_headers=False, interface="asgi3")
    made = ReportingProtocol(config, ServerState(), {}, asyncio.get_running_loop())
    made.connection_made(wire)  # type: ignore[arg-type]
    return made


@pytest.mark.parametrize(
    ("data", "taken"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", True),
        (b"GET / HTTP/1.1\nHost: a\r\n\r\n", False),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\n", False),
        (b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", False),
    ],
)
def test_lines_end_in_both_characters(data: bytes, *, taken: bool) -> None:
    async def app(_scope: Any, _receive: Any, _send: Any) -> None:
        """Nothing is answered."""

    async def story() -> None:
        for size in (1, len(data)):
            wire = Wire()
            protocol = protocol_over(app, wire)
            for start in range(0, len(data), size):
                protocol.data_received(data[start : start + size])
            assert wire.written.startswith(b"HTTP/1.1 400") is not taken
            for task in protocol.tasks:
                task.cancel()

    asyncio.run(story())


def test_a_body_may_hold_what_it_likes() -> None:
    bodies: list[bytes] = []

    async def app(_scope: Any, receive: Any, _send: Any) -> None:
        bodies.append((await receive())["body"])

    async def story() -> None:
        wire = Wire()
        protocol = protocol_over(app, wire)
        protocol.data_received(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\na\nb\n\nc")
        await asyncio.wait(protocol.tasks)

    asyncio.run(story())
    assert bodies == [b"a\nb\n\nc"]


def test_it_is_answered_after_it_was_reported_and_once_only() -> None:
    async def story() -> None:
        app, wire = Listening(), Wire()
        protocol = protocol_over(app, wire)
        for _ in range(3):
            protocol.data_received(b"GARBAGE\r\n\r\n")
        await asyncio.sleep(0)
        assert (app.heard, wire.written, wire.closed) == (1, b"", False)
        app.go_on.set()
        await asyncio.gather(*protocol.tasks)
        assert wire.closed
        head, _, content = wire.written.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
        assert b"content-type: application/problem+json" in head.lower()
        assert b"connection: close" in head.lower()
        assert json.loads(content)["title"] == "http.malformed"
        assert b"GARBAGE" not in wire.written

    asyncio.run(story())


def test_an_application_that_keeps_no_log_is_not_asked() -> None:
    async def app(_scope: Any, _receive: Any, _send: Any) -> None:
        raise AssertionError

    async def story() -> bytes:
        wire = Wire()
        protocol_over(app, wire).data_received(b"\x16\x03\x01\r\n\r\n")
        assert wire.closed
        return wire.written

    assert asyncio.run(story()).startswith(b"HTTP/1.1 400 ")


def test_nothing_is_written_into_an_answer_that_is_under_way() -> None:
    async def app(_scope: Any, _receive: Any, _send: Any) -> None:
        raise AssertionError

    async def story() -> bytes:
        wire = Wire()
        protocol = protocol_over(app, wire)
        protocol.conn.receive_data(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert isinstance(protocol.conn.next_event(), h11.Request)
        protocol.conn.send(h11.Response(status_code=200, headers=[(b"content-length", b"5")]))
        protocol.send_400_response("")
        assert wire.closed
        return wire.written

    assert asyncio.run(story()) == b""
