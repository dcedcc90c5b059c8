"""The HTTP channel, against a real server on loopback that misbehaves in every way we could think of."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from gateway.adapters.partner_channel import HttpLink, HttpPartnerChannel, retry_after
from gateway.errors import DeliveryFailed
from gateway.identifiers import MessageId, PartnerCode

LIMIT = 2000


class Partner(BaseHTTPRequestHandler):
    """Answers by path: /accept, /busy, /redirect, /long, /slow, /cut, /gzip."""

    seen: list[tuple[str, dict[str, str], bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        kind = self.path.split("/")[1]
        if kind == "cut":
            self.wfile.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\nhalf")
            return
        if kind == "slow":
            time.sleep(1.0)
        status = {"busy": 503, "redirect": 302}.get(kind, 202)
        content = b"x" * (LIMIT + 1) if kind == "long" else b'{"receipt":"a.b.c"}'
        self.send_response(status)
        if kind == "busy":
            self.send_header("Retry-After", "7")
        if kind == "redirect":
            self.send_header("Location", "/accept/v1/messages")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        del format, args


class QuietServer(ThreadingHTTPServer):
    """Says nothing when a client hangs up on a slow answer."""

    def handle_error(self, request: object, client_address: object) -> None:
        del request, client_address


@pytest.fixture
def partner() -> Iterator[tuple[str, list[tuple[str, dict[str, str], bytes]]]]:
    Partner.seen = []
    server = QuietServer(("127.0.0.1", 0), Partner)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", Partner.seen
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def channel() -> Iterator[HttpPartnerChannel]:
    link = HttpLink(timeout=0.5, answer_limit=LIMIT)
    yield HttpPartnerChannel(lambda _partner: link)
    link.close()


def deliver(channel: HttpPartnerChannel, base: str, kind: str) -> tuple[int, bytes, float | None]:
    answer = channel.deliver(PartnerCode("xx"), f"{base}/{kind}", b"sealed", MessageId("m-1"))
    return answer.status, answer.body, answer.retry_after


def test_the_sealed_bytes_go_out_as_they_are_under_a_stable_key(
    channel: HttpPartnerChannel, partner: tuple[str, list[tuple[str, dict[str, str], bytes]]]
) -> None:
    base, seen = partner
    assert deliver(channel, base, "accept") == (202, b'{"receipt":"a.b.c"}', None)
    [(path, headers, body)] = seen
    assert (path, body) == ("/accept/v1/messages", b"sealed")
    assert headers["idempotency-key"] == "m-1"
    assert headers["content-type"] == "application/jose"


def test_a_pause_that_the_partner_asks_for_is_handed_on(
    channel: HttpPartnerChannel, partner: tuple[str, list[tuple[str, dict[str, str], bytes]]]
) -> None:
    assert deliver(channel, partner[0], "busy")[::2] == (503, 7.0)


def test_a_redirect_is_not_followed(
    channel: HttpPartnerChannel, partner: tuple[str, list[tuple[str, dict[str, str], bytes]]]
) -> None:
    assert deliver(channel, partner[0], "redirect")[0] == 302
    assert len(partner[1]) == 1


@pytest.mark.parametrize(
    ("kind", "code"),
    [("long", "delivery.answer-too-long"), ("slow", "delivery.no-answer"), ("cut", "delivery.no-answer")],
)
def test_what_is_no_whole_answer_is_a_failure_that_may_be_tried_again(
    channel: HttpPartnerChannel,
    partner: tuple[str, list[tuple[str, dict[str, str], bytes]]],
    kind: str,
    code: str,
) -> None:
    with pytest.raises(DeliveryFailed) as failed:
        deliver(channel, partner[0], kind)
    assert failed.value.stable_code == code
    assert failed.value.retryable


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:1", "no address", "http://", "ftp://127.0.0.1", "http://[::1"])
def test_an_address_where_nobody_answers_is_a_failure(channel: HttpPartnerChannel, endpoint: str) -> None:
    with pytest.raises(DeliveryFailed):
        channel.deliver(PartnerCode("xx"), endpoint, b"sealed", MessageId("m-1"))


def test_proxies_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, partner: tuple[str, list[tuple[str, dict[str, str], bytes]]]
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    link = HttpLink(timeout=2, answer_limit=LIMIT)
    assert deliver(HttpPartnerChannel(lambda _partner: link), partner[0], "accept")[0] == 202
    link.close()


NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", None),
        ("0", 0.0),
        (" 120 ", 120.0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("9" * 400, None),
        ("١٢", None),
    ],
)
def test_retry_after_is_read_strictly(text: str, seconds: float | None) -> None:
    assert retry_after(text, NOW) == seconds
