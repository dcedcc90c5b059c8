"""Hostile requests to both ports of a running gateway: never a 500, never a traceback, never a value in its log.

The partner's profile turns HTTP signatures off, so that each request comes as far as it can.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.world.partner import NOTE, Partner
from tests.world.process import running
from tests.world.setting import data_with, prepared

SECRET = b"SECRETVALUE4711"
LODGE = b"/internal/v1/lodgements?partner=xx&type=reply&purpose=RISK"
ACK = b"/internal/v1/feeds/rms/ack"
PARTNER_PATHS = (b"/v1/messages", b"/v1/messages/x?from=xx", b"/v1/checks?from=xx", b"/v1/log/checkpoint", b"/nowhere")
INTERNAL_PATHS = (LODGE, b"/internal/v1/exchanges", b"/internal/v1/feeds/rms", ACK, b"/healthz", b"/readyz")
METHODS = (b"GET", b"POST", b"PUT", b"DELETE", b"HEAD", b"OPTIONS", b"PATCH", b"TRACE", b"CONNECT", SECRET)
BODIES = (
    *(b"", b"null", b"[]", b"\xff\xfe", b"\x00", SECRET, b"<" + SECRET, b'"\\ud800"', b"[" * 60000, b"x" * 300000),
    *(b'{"number": "\\ud800"}', b'{"number": "\\u0000"}', b'{"number": ' + b"9" * 6000 + b"}", b"\xfe\xff\x00<"),
    *(b'{"consumer": "a\\u0000b", "position": 1}', b'{"consumer": "\\ud800", "position": 1}'),
    b'{"consumer": "c", "position": ' + b"9" * 3000 + b"}",
    b'<Note xmlns="urn:world:xx:note:1"><Number>&' + SECRET + b";</Number></Note>",
)
WORDS = (b"%00", b"a%00b", b"%ff", b"%ed%a0%80", b"..%2f..", b"x" * 5000, b"%0d%0aX:y", b"%", b"\xff", SECRET)
HEADERS = (
    *(b"Content-Length: 5\r\nContent-Length: 6", b"Content-Length: -1", b"Content-Length: 99999999999999999999"),
    *(b"Content-Length: abc", b"Transfer-Encoding: chunked", b"Content-Encoding: gzip", b"X: \xff\x00"),
    *(b"Content-Encoding: identity\r\nContent-Encoding: gzip", b"Content-Type: \xff", b"X: " + b"y" * 70000),
    *(b"Content-Type: application/jose\r\nContent-Type: text/plain", b"Upgrade: websocket", b"Expect: 100-continue"),
)
BROKEN = (
    *(b"GARBAGE\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01"),
    b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
)


@dataclass(frozen=True, kw_only=True)
class Doors:
    """A running gateway: the numbers of its ports, a partner that it knows, what it has written to its log."""

    partner_port: int
    internal_port: int
    partner: Partner
    log: Path

    def ask(self, port: int, request: bytes) -> bytes:
        """What comes back until the connection ends; nothing where the other side says nothing for five seconds."""
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            answer = b""
            try:
                connection.sendall(request)
                while more := connection.recv(65536):
                    answer += more
            except (TimeoutError, ConnectionError):
                return answer
        return answer

    def answered_well(self, port: int, requests: Sequence[bytes]) -> None:
        """Each request gets an answer that is no fault of ours, or broken bytes get none; then nothing was logged."""
        for request in requests:
            answer = self.ask(port, request)
            status = answer.partition(b" ")[2][:3]
            assert status[:1] in (b"1", b"2", b"4", b""), (request[:200], answer[:300])
            assert status or request in BROKEN, request[:200]
            assert b"Traceback" not in answer, request[:200]
        said = self.log.read_bytes()
        assert b"unexpected fault" not in said
        assert b"Traceback" not in said
        assert SECRET not in said


def request(method: bytes, path: bytes, body: bytes = b"", headers: bytes = b"") -> bytes:
    """The bytes of a request; ``headers`` may bring a length of their own."""
    length = b"" if b"Content-Length" in headers or b"Transfer" in headers else b"Content-Length: %d\r\n" % len(body)
    head = method + b" " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + length
    return head + (headers + b"\r\n" if headers else b"") + b"\r\n" + body


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """Both ports in a process of their own."""
    folder = tmp_path_factory.mktemp("doors")
    partner = Partner()
    settings = prepared(folder, partner, root=data_with(folder, http_signature="none"))
    log = folder / "log"
    with running(settings, log, message_limit=200000, body_seconds=0.5) as (partner_port, internal_port):
        yield Doors(partner_port=partner_port, internal_port=internal_port, partner=partner, log=log)


def test_any_method_on_any_path(doors: Doors) -> None:
    doors.answered_well(doors.partner_port, [request(how, path) for how in METHODS for path in PARTNER_PATHS])
    doors.answered_well(doors.internal_port, [request(how, path) for how in METHODS for path in INTERNAL_PATHS])


@pytest.mark.parametrize("kind", [b"application/jose", b"application/json", b"text/plain; charset=" + SECRET])
def test_any_body(doors: Doors, kind: bytes) -> None:
    header = b"Content-Type: " + kind
    sealed = doors.partner.seal(NOTE, f"m-{len(kind)}")
    bodies = (*BODIES, sealed[:-9], sealed + b"\n", sealed.replace(b".", b".."), b"....")
    paths = (b"/v1/messages", b"/v1/checks?from=xx")
    doors.answered_well(doors.partner_port, [request(b"POST", path, body, header) for path in paths for body in bodies])
    paths = (LODGE, ACK)
    doors.answered_well(
        doors.internal_port, [request(b"POST", path, body, header) for path in paths for body in bodies]
    )


def test_any_word_in_paths_and_queries(doors: Doors) -> None:
    for word in WORDS:
        theirs = [b"/v1/messages/" + word + b"?from=xx", b"/v1/messages/x?from=" + word, b"/" + word]
        doors.answered_well(doors.partner_port, [request(b"GET", path) for path in theirs])
        checks = [b"/v1/checks?from=" + word, b"/v1/checks?from=xx&type=" + word]
        doors.answered_well(doors.partner_port, [request(b"POST", path, NOTE) for path in checks])
        ours = [b"/internal/v1/exchanges/" + word, b"/internal/v1/feeds/" + word]
        ours += [b"/internal/v1/exchanges?" + name + b"=" + word for name in (b"after", b"partner", b"state", b"limit")]
        doors.answered_well(doors.internal_port, [request(b"GET", path) for path in ours])
        lodgements = [LODGE + b"&" + name + b"=" + word for name in (b"format", b"agreement", b"id", b"purpose")]
        doors.answered_well(doors.internal_port, [request(b"POST", path, b"{}") for path in lodgements])


@pytest.mark.parametrize("header", HEADERS)
def test_any_header(doors: Doors, header: bytes) -> None:
    theirs = [request(b"POST", path, b"hello", header) for path in (b"/v1/messages", b"/v1/checks?from=xx")]
    doors.answered_well(doors.partner_port, theirs)
    doors.answered_well(doors.internal_port, [request(b"POST", path, b"hello", header) for path in (LODGE, ACK)])


def test_what_is_no_request(doors: Doors) -> None:
    for port in (doors.partner_port, doors.internal_port):
        doors.answered_well(port, BROKEN)


def test_a_body_that_does_not_end_is_given_up_in_time(doors: Doors) -> None:
    slow = request(b"POST", b"/v1/checks?from=xx", b"<Note", b"Content-Length: 1000")
    answer = doors.ask(doors.partner_port, slow)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"http.too-slow" in answer


def test_a_body_that_is_cut_off_is_no_fault_of_ours(doors: Doors) -> None:
    with socket.create_connection(("127.0.0.1", doors.partner_port), 5) as connection:
        connection.sendall(request(b"POST", b"/v1/checks?from=xx", b"<Note", b"Content-Length: 1000"))
    doors.answered_well(doors.partner_port, [request(b"GET", b"/v1/log/checkpoint")])


def test_a_feed_that_is_not_kept_is_not_found(doors: Doors) -> None:
    known = doors.ask(doors.internal_port, request(b"GET", b"/internal/v1/feeds/rms"))
    unknown = doors.ask(doors.internal_port, request(b"GET", b"/internal/v1/feeds/other"))
    assert (known[9:12], unknown[9:12]) == (b"200", b"404")
    note = request(b"POST", b"/internal/v1/feeds/other/ack", b'{"consumer": "c", "position": 1}')
    assert doors.ask(doors.internal_port, note)[9:12] == b"404"
