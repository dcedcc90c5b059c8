"""The kit's own HTTP: what it makes of every way in which an answer can come or stay away."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from gateway.conformance.wire import Ending, Reaction, Wire
from gateway.errors import DeliveryFailed

HEAD = b"POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\n"


@contextmanager
def listening(act: Callable[[socket.socket], None]) -> Iterator[Wire]:
    """A server for one connection that does what it is told."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            act(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield Wire(f"http://127.0.0.1:{listener.getsockname()[1]}", trust=None, timeout=5.0, answer_limit=1000)
    finally:
        thread.join()
        listener.close()


def says(*parts: bytes) -> Callable[[socket.socket], None]:
    def act(connection: socket.socket) -> None:
        received = b""
        while not received.endswith(b"abc"):
            received += connection.recv(1000)
        for part in parts:
            connection.sendall(part)

    return act


@pytest.mark.parametrize(
    ("parts", "status", "body"),
    [
        ((b"HTTP/1.1 202 OK\r\ncontent-length: 2\r\n\r\n", b"{}"), 202, b"{}"),
        ((b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 413 No\r\ncontent-length: 0\r\n\r\n",), 413, b""),
        ((b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",), 200, b"{}"),
        ((b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}",), 200, b"{}"),
    ],
)
def test_an_answer_is_read_in_every_framing(parts: tuple[bytes, ...], status: int, body: bytes) -> None:
    with listening(says(*parts)) as wire:
        found = wire.exchange(HEAD, [b"abc"])
    assert (found.ending, found.status, found.body) == (Ending.ANSWERED, status, body)


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (b"nonsense\r\n\r\n",),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}",),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n" + b"x" * 9999,),
    ],
)
def test_no_whole_answer_is_none(parts: tuple[bytes, ...]) -> None:
    with listening(says(*parts)) as wire:
        assert wire.exchange(HEAD, [b"abc"]) == Reaction(ending=Ending.CLOSED)


def waited(over: threading.Event) -> None:
    over.wait(5)


def test_silence_ends_when_patience_does() -> None:
    over = threading.Event()
    with listening(lambda _: waited(over)) as wire:
        found = wire.exchange(HEAD, [b"ab"], patience=0.05)
        over.set()
    assert found == Reaction(ending=Ending.SILENT)


def test_an_early_answer_stops_the_writing() -> None:
    def act(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 413 No\r\ncontent-length: 0\r\n\r\n")
        connection.settimeout(5)
        while connection.recv(1 << 16):
            pass

    written: list[int] = []

    def pieces() -> Iterator[bytes]:
        for number in range(2000):
            written.append(number)
            yield b"x" * 65536

    with listening(act) as wire:
        assert wire.exchange(HEAD, pieces()).status == 413
    assert len(written) < 2000


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(DeliveryFailed) as failed:
        Wire(f"http://127.0.0.1:{port}", trust=None, timeout=1.0).exchange(HEAD)
    assert failed.value.stable_code == "delivery.no-answer"
