"""Places of the port and of partners, the size of a head, and the pace of a body."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from gateway.api.admission import Admission, AdmissionDoor, PortLimits
from gateway.api.connections import ConnectionBook, ConnectionLimits
from gateway.api.problems import TooSlow
from gateway.api.proxies import TrustedProxies
from gateway.api.requests import BodyPace, read_body
from gateway.errors import TooManyRequests
from gateway.identifiers import PartnerCode
from gateway.settings import load_settings

XX, YY = PartnerCode("xx"), PartnerCode("yy")


class Waiting:
    """An application whose requests stay until they are let go."""

    def __init__(self) -> None:
        self.admitted: list[Admission] = []
        self.let_go = asyncio.Event()
        self.raises = False

    async def __call__(self, scope: Any, _receive: Any, _send: Any) -> None:
        self.admitted.append(scope["state"]["admission"])
        await self.let_go.wait()
        if self.raises:
            raise RuntimeError


def scope(client: Any = ("192.0.2.1", 1), headers: Any = ()) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "raw_path": b"/v1",
        "query_string": b"",
        "headers": list(headers),
        "client": client,
    }


async def status_of(door: AdmissionDoor, given: dict[str, Any]) -> tuple[int, dict[bytes, bytes]]:
    sent: list[Any] = []

    async def send(event: Any) -> None:
        sent.append(event)

    async def receive() -> Any:
        raise AssertionError

    await door(given, receive, send)
    return (sent[0]["status"], dict(sent[0]["headers"])) if sent else (0, {})


def test_places_are_given_back_whatever_becomes_of_the_request() -> None:
    async def story() -> None:
        app = Waiting()
        door = AdmissionDoor(app, PortLimits(at_once=2, of_partner=1), ())
        under_way = [asyncio.create_task(status_of(door, scope())) for _ in range(2)]
        await asyncio.sleep(0)
        status, headers = await status_of(door, scope())
        assert (status, headers[b"retry-after"]) == (503, b"1")
        app.admitted[0].enter(XX)
        with pytest.raises(TooManyRequests) as refused:
            app.admitted[1].enter(XX)
        assert refused.value.stable_code == "http.too-many-at-once"
        app.admitted[1].enter(YY)
        app.raises = True
        app.let_go.set()
        ended = await asyncio.gather(*under_way, return_exceptions=True)
        assert all(isinstance(one, RuntimeError) for one in ended)
        assert (door._at_once, dict(door._of)) == (0, {})

    asyncio.run(story())


def test_who_proves_nothing_has_places_of_his_own() -> None:
    async def story() -> None:
        app = Waiting()
        door = AdmissionDoor(app, PortLimits(of_partner=1), ())
        under_way = [asyncio.create_task(status_of(door, scope())) for _ in range(3)]
        await asyncio.sleep(0)
        app.admitted[0].enter(None)
        app.admitted[1].enter(XX)
        with pytest.raises(TooManyRequests):
            app.admitted[2].enter(None)
        app.let_go.set()
        await asyncio.gather(*under_way)

    asyncio.run(story())


def with_certificate(der: bytes) -> dict[str, Any]:
    return scope() | {"extensions": {"tls": {"client_cert_chain": [ssl.DER_cert_to_PEM_cert(der)]}}}


def test_a_certificate_has_places_of_its_own_before_anything_else_is_proved() -> None:
    async def story() -> None:
        app, log = Waiting(), list[tuple[str, str]]()
        limits = PortLimits(of_caller=2)
        door = AdmissionDoor(app, limits, ("192.0.2.9/32",), lambda one, who: log.append((one.stable_code, who)))
        behind = [scope(("192.0.2.9", 1), [(b"Client-Cert", value)]) for value in (b":AA==:", b":BB==:")]
        callers = [with_certificate(b"one"), with_certificate(b"two"), scope(), *behind]
        under_way = [asyncio.create_task(status_of(door, dict(one))) for one in callers for _ in range(2)]
        await asyncio.sleep(0)
        assert len(app.admitted) == 10
        for one in callers:
            assert (await status_of(door, dict(one)))[0] == 429
        assert log == [("http.too-many-at-once", "")] * 5
        app.let_go.set()
        await asyncio.gather(*under_way)
        assert not door._of

    asyncio.run(story())


def test_an_address_behind_a_proxy_is_nobodys() -> None:
    async def story() -> list[str]:
        app = Waiting()
        app.let_go.set()
        door = AdmissionDoor(app, PortLimits(), ("192.0.2.9/32",))
        for client in (("192.0.2.1", 1), ("192.0.2.9", 1), ("::ffff:192.0.2.9", 1), None):
            await status_of(door, scope(client))
        return [admission.address for admission in app.admitted]

    assert asyncio.run(story()) == ["192.0.2.1", "", "", ""]


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ([(b"a", b"1")] * 16, False),
        ([(b"a", b"1")] * 17, True),
        ([(b"a", b"x" * 4000)], False),
        ([(b"a", b"x" * 2000)] * 3, True),
    ],
)
def test_a_head_has_a_size_and_a_number_of_lines(headers: list[tuple[bytes, bytes]], *, refused: bool) -> None:
    async def story() -> int:
        app = Waiting()
        app.let_go.set()
        door = AdmissionDoor(app, PortLimits(head_count=16, head_bytes=4096), ())
        return (await status_of(door, scope(headers=headers)))[0]

    assert asyncio.run(story()) == (431 if refused else 0)


def test_the_limits_come_from_the_settings() -> None:
    settings = load_settings(partner_requests=3, requests_at_once=5, body_grace=2, body_rate=7, connections=9)
    limits = PortLimits.of(settings)
    assert (limits.of_partner, limits.at_once, limits.pace) == (3, 5, BodyPace(grace=2.0, least_rate=7))
    assert PortLimits.of(load_settings()) == PortLimits()
    assert ConnectionLimits.of(settings).most == 9
    assert ConnectionLimits.of(load_settings()) == ConnectionLimits()


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.booleans()), max_size=60))
def test_the_book_of_connections_never_holds_more_than_its_limits(steps: list[tuple[str, bool]]) -> None:
    book = ConnectionBook(ConnectionLimits(most=5, of_address=2, proxies=("192.0.2.9/32",)))
    held: list[str] = []
    for address, closes in steps:
        if closes and held:
            book.give_back(held.pop(0))
            continue
        taken = book.take((address, 1))
        room = len(held) < 5 and held.count(address) < 2
        assert (taken is not None) is room
        held += [taken] if taken is not None else []
        assert len(held) <= 5
    for one in held:
        book.give_back(one)
    assert book.take(("192.0.2.9", 1)) == ""


def test_addresses_of_proxies_are_networks_too() -> None:
    proxies = TrustedProxies(("192.0.2.0/24", "2001:db8::1"))
    found = [proxies.include((host, 1)) for host in ("192.0.2.7", "2001:db8::1", "2001:db8::2", "a socket")]
    assert found == [True, True, False, False]
    assert not TrustedProxies().include(("192.0.2.7", 1))


def body(chunks: list[tuple[float, bytes]]) -> Request:
    async def receive() -> Any:
        pause, chunk = chunks.pop(0)
        await asyncio.sleep(pause)
        return {"type": "http.request", "body": chunk, "more_body": bool(chunks)}

    return Request({"type": "http", "headers": []}, receive)


def test_a_body_keeps_to_its_pace_or_is_cut() -> None:
    steady = [(0.1, b"x" * 20) for _ in range(7)]
    assert len(asyncio.run(read_body(body(steady), 1000, 10, BodyPace(grace=0.5, least_rate=20)))) == 140
    pace = BodyPace(grace=0.1, least_rate=1000)
    trickle = [(0.05, b"x") for _ in range(20)]
    with pytest.raises(TooSlow):
        asyncio.run(read_body(body(trickle), 1000, 10, pace))
    assert len(trickle) > 14  # it was cut soon after the grace
    with pytest.raises(TooSlow):  # and however fast it comes, not beyond its time
        asyncio.run(read_body(body([(0.05, b"x" * 500) for _ in range(20)]), 10_000, 0.2, pace))
