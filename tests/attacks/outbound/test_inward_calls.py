"""Calls of ours that somebody tries to turn inwards: by the text of an address, by a name server, by a redirect."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpcore
import pytest

from gateway.adapters.outbound_addresses import OutboundAddresses
from gateway.adapters.partner_channel import HttpLink, HttpPartnerChannel, OutboundRules
from gateway.bootstrap import Outside, build_gateway
from gateway.errors import DeliveryFailed
from gateway.identifiers import MessageId, PartnerCode
from tests.world.partner import Partner
from tests.world.setting import MovableClock, prepared

PUBLIC = "1.1.1.1"


class Victim:
    """A service of this machine that nobody may reach through us."""

    def __init__(self) -> None:
        self.touched = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.touched += 1
            connection.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@pytest.fixture
def victim() -> Iterator[Victim]:
    with closing(Victim()) as listening:
        yield listening
        assert listening.touched == 0


@contextmanager
def link(lookup: Callable[[str, int], list[str]], *networks: str, seconds: float = 5.0) -> Iterator[HttpLink]:
    rules = OutboundRules(addresses=OutboundAddresses(networks), call_seconds=seconds, lookup=lookup)
    made = HttpLink(timeout=2.0, answer_limit=4096, rules=rules)
    yield made
    made.close()


def answers(*addresses: str) -> Callable[[str, int], list[str]]:
    return lambda _host, _port: list(addresses)


def no_lookup(host: str, port: int) -> list[str]:
    raise AssertionError(f"looked up {host} {port}")


def refused_with(link: HttpLink, url: str) -> str:
    with pytest.raises(DeliveryFailed) as failed:
        link.request("POST", url, content=b"x")
    return failed.value.stable_code


@pytest.mark.parametrize(
    "url",
    [
        "http://partner.example/v1",  # not encrypted
        "http://0.0.0.0:{port}/",
        "https://user@partner.example/",
        "https://user:secret@127.0.0.1:{port}/",
        "https://partner.example@127.0.0.1:{port}/",
        "https://127.0.0.1:{port}\\@partner.example/",
        "https://2130706433:{port}/",  # 127.0.0.1 as one number
        "https://0177.0.0.1:{port}/",
        "https://0x7f000001:{port}/",
        "https://0x7f.1:{port}/",
        "https://127.1:{port}/",
        "https://127.0.0.1.:{port}/",
        "https://partner.example./",
        "https://localhost.:{port}/",
        "https://metadata/",  # a single word is a name of this network
        "https://127.0.0.1%00.partner.example:{port}/",
        "https://127.0.0.1\x00.partner.example:{port}/",
        "https://①②⑦.0.0.1:{port}/",
        "https://１２７.0.0.1:{port}/",
        "https://127。0。0。1:{port}/",
        "https://[fe80::1%25eth0]:{port}/",
        "https://[fe80::1%eth0]:{port}/",
        "https://partner.example/v1?to=x",
        "https://partner.example/v1#x",
        "https://partner.example:0/",
        "https://partner.example:99999/",
        "https:partner.example/",
        "https:///partner.example/",
        "HTTPS://partner.example/",
        "ftp://partner.example/",
        "file:///etc/passwd",
        "unix:///run/x.sock",
        "//127.0.0.1:{port}/",
        "https://partner .example/",
        "https://partner.example\r\nHost: x/",
        "https://-.example/",
        "",
    ],
)
def test_an_address_in_another_spelling_is_refused_before_any_look_up(url: str, victim: Victim) -> None:
    with link(no_lookup) as guarded:
        assert refused_with(guarded, url.replace("{port}", str(victim.port))) == "delivery.url-refused"


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "::1", "0.1.2.3", "::", "255.255.255.255", "240.0.0.1", "224.0.0.1"),
        "0.0.0.0",  # noqa: S104 - nothing listens there
        *("10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "198.18.0.1", "192.0.2.1"),
        *("169.254.169.254", "168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"),
        *("::ffff:127.0.0.1", "::ffff:1.1.1.1", "::127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::7f00:1"),
        *("64:ff9b::101:101", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "2001:db8::1", "fe80::1", "fc00::1"),
        *("fd12::1", "ff02::1", "fe80::1%lo", "no address", ""),
    ],
)
def test_a_name_that_leads_inwards_is_refused(address: str, victim: Victim) -> None:
    url = f"https://partner.example:{victim.port}/v1/messages"
    with link(answers(address)) as guarded:
        assert refused_with(guarded, url) == "delivery.address-refused"
    with link(answers(PUBLIC, address)) as guarded:  # one good address hides no bad one
        assert refused_with(guarded, url) == "delivery.address-refused"


@pytest.mark.parametrize("host", ["10.0.0.5", "169.254.169.254", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "0.1.0.0"])
def test_an_inward_address_written_as_such_is_refused(host: str, victim: Victim) -> None:
    with link(answers(host.strip("[]"))) as guarded:
        assert refused_with(guarded, f"https://{host}:{victim.port}/") == "delivery.address-refused"


def test_a_named_network_is_called_but_never_this_machine_through_it(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = connections(monkeypatch)
    wide = ("10.20.0.0/16", "64:ff9b::/96", "fd00::/8", "100.64.0.0/10")
    for address, code in {
        "10.20.3.4": "delivery.no-answer",  # called: nobody answers in this test
        "64:ff9b::a14:304": "delivery.no-answer",  # 10.20.3.4 behind a translator
        "10.21.0.1": "delivery.address-refused",
        "64:ff9b::7f00:1": "delivery.address-refused",
        "fd00:ec2::254": "delivery.address-refused",
        "100.100.100.200": "delivery.address-refused",
    }.items():
        with link(answers(address), *wide) as guarded:
            assert refused_with(guarded, "https://line.partner.example/") == code, address
    assert tried == ["10.20.3.4", "64:ff9b::a14:304"]


def connections(patch: pytest.MonkeyPatch) -> list[str]:
    """Let no connection through; the addresses that were tried."""
    tried: list[str] = []

    def connect(_self: Any, host: str, *_rest: Any) -> httpcore.NetworkStream:
        tried.append(host)
        raise httpcore.ConnectError

    patch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    return tried


def test_a_name_that_changes_between_check_and_connection_gains_nothing(
    monkeypatch: pytest.MonkeyPatch, victim: Victim
) -> None:
    replies = iter([[PUBLIC], ["127.0.0.1"]])
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return next(replies)

    with link(rebinding) as guarded, monkeypatch.context() as patch:
        tried = connections(patch)
        url = f"https://partner.example:{victim.port}/v1/messages"
        assert refused_with(guarded, url) == "delivery.no-answer"
        assert (asked, tried) == (["partner.example"], [PUBLIC])  # one look-up, and the connection to what it gave
        assert refused_with(guarded, url) == "delivery.address-refused"
        assert tried == [PUBLIC]


class Redirecting(BaseHTTPRequestHandler):
    """Sends everybody on, or trickles."""

    to = ""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/trickle":
            self._trickle()
            return
        self.send_response(302)
        self.send_header("Location", self.to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _trickle(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        pause = threading.Event()
        try:
            while not pause.wait(0.05):
                self.wfile.write(b"x")
                self.wfile.flush()
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        del format, args


@pytest.fixture
def redirecting(victim: Victim) -> Iterator[str]:
    Redirecting.to = f"http://127.0.0.1:{victim.port}/"
    server = ThreadingHTTPServer(("127.0.0.1", 0), Redirecting)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_redirect_to_this_machine_is_an_answer_and_no_call(
    redirecting: str, victim: Victim, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{victim.port}")  # nor is a proxy of the environment asked
    with link(answers("127.0.0.1")) as guarded:
        assert guarded.request("POST", f"{redirecting}/v1/messages", content=b"x").status == 302


def test_an_answer_that_trickles_ends_with_the_call(redirecting: str) -> None:
    with link(answers("127.0.0.1"), seconds=0.4) as guarded:
        assert refused_with(guarded, f"{redirecting}/trickle") == "delivery.too-slow"


def test_a_name_that_leads_nowhere_has_a_code_of_its_own(victim: Victim) -> None:
    def nowhere(_host: str, _port: int) -> list[str]:
        raise socket.gaierror

    with link(nowhere) as guarded:
        assert refused_with(guarded, f"https://partner.example:{victim.port}/") == "delivery.not-resolved"


def test_tls_asks_for_the_name_and_not_for_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []

    class Open(httpcore.NetworkStream):
        def start_tls(
            self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
        ) -> httpcore.NetworkStream:
            del ssl_context, timeout
            asked.append(server_hostname)
            raise httpcore.ConnectError

        def close(self) -> None:
            """Nothing is open."""

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", lambda *_: Open())
    with link(answers(PUBLIC)) as guarded:
        assert refused_with(guarded, "https://partner.example/") == "delivery.no-answer"
    assert asked == ["partner.example"]


@pytest.mark.parametrize(
    ("endpoint", "code"),
    [
        ("https://[::ffff:127.0.0.1]:{port}", "delivery.address-refused"),
        ("https://2130706433:{port}", "delivery.url-refused"),
    ],
)
def test_a_delivery_that_would_go_inwards_leaves_an_attempt_with_the_code(
    tmp_path: Path, victim: Victim, endpoint: str, code: str
) -> None:
    address = endpoint.replace("{port}", str(victim.port))
    settings = prepared(tmp_path, Partner(), partner_endpoints={"xx": address})
    with build_gateway(settings, Outside(clock=MovableClock())) as gateway:
        exchange = gateway.lodge(b'{"number": "L-1"}', "xx", "reply").exchange_id
        gateway.dispatch_once()
        [attempt] = gateway.exchange(exchange).attempts
    assert (attempt.status, attempt.code) == (0, code)


def test_a_token_is_not_asked_for_at_an_inward_address(victim: Victim) -> None:
    with link(answers("127.0.0.1")) as guarded:
        channel = HttpPartnerChannel(lambda _partner: guarded)
        with pytest.raises(DeliveryFailed) as failed:
            channel._post_form(PartnerCode("xx"), f"https://tokens.example:{victim.port}/oauth2/token", b"x=y")
        assert failed.value.stable_code == "delivery.address-refused"
        with pytest.raises(DeliveryFailed) as failed:
            channel.deliver(PartnerCode("xx"), "http://partner.example", b"sealed", MessageId("m-1"))
        assert failed.value.stable_code == "delivery.url-refused"
