"""One partner that sends too much, too slowly or too often wrongly; another whose exchange goes on all the while."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.partner_channel import HttpAnswer
from gateway.adapters.transport import port_context
from gateway.bootstrap import Outside, build_gateway, import_partner_keys
from gateway.identifiers import PartnerCode
from gateway.pipeline.facade import Gateway
from gateway.security.http_messages import Headers, HttpRequest
from gateway.settings import Settings
from tests.world.http import signed
from tests.world.log import entries_in
from tests.world.partner import NOTE, Partner
from tests.world.port import begin, port_of, read_status, send
from tests.world.setting import MovableClock, data_with, prepared
from tests.world.tls import fresh, listed, register

JOSE = {"content-type": "application/jose"}


@dataclass(frozen=True, kw_only=True)
class Floods:
    """A served gateway, ``xx`` who floods it, and ``yy`` who does not."""

    gateway: Gateway
    settings: Settings
    clock: MovableClock
    door: str
    xx: Partner
    yy: Partner

    def message(self, who: Partner, message_id: str, sealed: bytes | None = None) -> HttpRequest:
        content = who.seal(NOTE, message_id, at=self.clock.now()) if sealed is None else sealed
        return signed(who, "POST", f"{self.door}/v1/messages", content, JOSE, at=self.clock.now())

    def hand_in(self, who: Partner, message_id: str) -> tuple[int, str]:
        return told(send(self.message(who, message_id)))

    def ask(self, who: Partner) -> HttpRequest:
        target = f"{self.door}/v1/messages/none?from={who.code}"
        return signed(who, "GET", target, at=self.clock.now())

    def logged(self, tag: str = "partner:request:refused") -> list[tuple[str, str, str]]:
        """Partner, codes and count of the entries of a tag."""
        found = [entry for entry in entries_in(self.settings) if entry["tag"] == tag]
        return [(one.get("partner", ""), one["codes"], one.get("repeats", "")) for one in found]


def told(answer: HttpAnswer) -> tuple[int, str]:
    return answer.status, json.loads(answer.body).get("title", "")


def pause_of(answer: HttpAnswer) -> int:
    return int(answer.headers["retry-after"])


@contextmanager
def floods_in(folder: Path, *, rate: int = 600, volume: int = 0, **changed: Any) -> Iterator[Floods]:
    root = data_with(folder, "yy")
    profile = root / "partners" / "xx" / "profile.toml"
    text = profile.read_text(encoding="utf-8").replace("[channel]\n", f"[channel]\nrate_per_minute = {rate}\n")
    profile.write_text(text, encoding="utf-8")
    if volume:
        agreement = root / "agreements" / "aa-xx-notes-v1.toml"
        terms = agreement.read_text(encoding="utf-8").replace(
            'type = "note"\n', f'type = "note"\nvolume_per_hour = {volume}\n'
        )
        agreement.write_text(terms, encoding="utf-8")
    xx, yy = Partner(), Partner(code="yy")
    settings = prepared(folder, xx, root=root, inline_answer_seconds=0, **changed)
    import_partner_keys(settings, yy.code, yy.key_list())
    yy._theirs = xx._theirs
    clock = MovableClock()
    with ExitStack() as stack:
        gateway = stack.enter_context(build_gateway(settings, Outside(clock=clock, channel=xx)))
        door = stack.enter_context(port_of(gateway, settings))
        yield Floods(gateway=gateway, settings=settings, clock=clock, door=door, xx=xx, yy=yy)


Opens = Callable[..., Floods]


@pytest.fixture
def floods(tmp_path: Path) -> Iterator[Opens]:
    with ExitStack() as stack:
        yield lambda **changed: stack.enter_context(floods_in(tmp_path, **changed))


def test_beyond_its_rate_a_partner_waits_and_another_does_not(floods: Opens) -> None:
    world = floods(rate=2)
    assert [world.hand_in(world.xx, f"m-{n}") for n in range(2)] == [(202, "")] * 2
    third = world.message(world.xx, "m-2")
    answers = [send(third) for _ in range(5)]
    assert {told(answer) for answer in answers} == {(429, "http.too-many-requests")}
    assert world.hand_in(world.yy, "n-1") == (202, "")
    pause = pause_of(answers[-1])
    assert 1 <= pause <= 30
    assert world.logged() == [("xx", "http.too-many-requests", "")]  # a flood is one entry ...
    world.clock.go(pause)
    assert told(send(third)) == (202, "")  # the same request: its nonce was not used up
    world.clock.go(31)
    assert [world.hand_in(world.xx, f"l-{n}")[0] for n in range(2)] == [202, 429]
    assert world.logged()[1:] == [("xx", "http.too-many-requests", "4"), ("xx", "http.too-many-requests", "")]


def test_slow_bodies_take_the_places_of_their_sender_only(floods: Opens) -> None:
    world = floods(partner_requests=2, body_grace=30)
    slow = [begin(world.message(world.xx, f"m-{n}"), body=b"e") for n in range(2)]
    wait_until(lambda: told(send(world.ask(world.xx))) == (429, "http.too-many-at-once"))
    begun = time.monotonic()
    assert [world.hand_in(world.yy, f"n-{n}") for n in range(3)] == [(202, "")] * 3
    assert time.monotonic() - begun < 5
    for opened in slow:
        opened.close()
    wait_until(lambda: told(send(world.ask(world.xx))) == (404, "not-found"))


def wait_until(reached: Callable[[], bool]) -> None:
    until = time.monotonic() + 5
    while not reached():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_body_that_trickles_is_cut_long_before_its_time(floods: Opens) -> None:
    world = floods(body_grace=0.3, body_rate=4096, body_seconds=60)
    request = world.message(world.xx, "m-1")
    begun = time.monotonic()
    with begin(request, body=request.content[:10]) as opened:
        for at in range(10, 20):
            opened.sendall(request.content[at : at + 1])
            time.sleep(0.02)
        assert read_status(opened) == 408
    assert time.monotonic() - begun < 3
    assert ("xx", "http.too-slow", "") in world.logged()
    assert told(send(request)) == (202, "")


@pytest.mark.parametrize("first", [b"", b"P", b"POST /v1/messages HTTP/1.1\r\nhost: x\r\nx: "])
def test_a_head_that_does_not_come_ends_the_connection(floods: Opens, first: bytes) -> None:
    world = floods(header_seconds=1.0)
    empty = HttpRequest(method="GET", target=f"{world.door}/v1/log/checkpoint", headers=Headers.of([]))
    begun = time.monotonic()
    with begin(empty) as opened:  # also on a connection that has served a request
        assert read_status(opened) == 404
        with contextlib.suppress(ConnectionError):  # hung up in the middle of what we still send
            for byte in first + b"xx":
                opened.sendall(bytes([byte]))
                time.sleep(0.02)
            assert read_status(opened) in {0, 408}
            assert not opened.recv(4096)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("secure", [False, True])
def test_a_connection_that_stays_silent_is_closed(tmp_path: Path, *, secure: bool) -> None:
    with floods_in(tmp_path, header_seconds=0.4) as world:
        register(world.settings, "xx", listed(fresh("xx"), "xx"))
        tls = port_context(world.settings.model_copy(update={"tls": "1.3"}), world.gateway.access.certificates)
        begun = time.monotonic()
        with port_of(world.gateway, world.settings, tls if secure else None) as door:
            host, port = door.removeprefix("http://").split(":")
            with socket.create_connection((host, int(port)), timeout=10) as silent:
                first = silent.recv(4096)
        assert first[:12] in ({b""} if secure else {b"HTTP/1.1 408"})
        assert time.monotonic() - begun < 4


def test_a_port_that_is_full_says_so_and_when_to_come_again(floods: Opens) -> None:
    world = floods(requests_at_once=2, body_grace=30)
    slow = [begin(world.message(world.xx, f"m-{n}"), body=b"e") for n in range(2)]
    answers: list[HttpAnswer] = []
    wait_until(lambda: answers.append(send(world.ask(world.yy))) or answers[-1].status == 503)  # type: ignore[func-returns-value]
    assert (told(answers[-1]), pause_of(answers[-1])) == ((503, "http.busy"), 1)
    for opened in slow:
        opened.close()
    wait_until(lambda: send(world.ask(world.yy)).status == 404)


def test_connections_beyond_the_limit_of_an_address_are_closed_unheard(floods: Opens) -> None:
    world = floods(connections_per_address=3, header_seconds=30)
    empty = HttpRequest(method="GET", target=f"{world.door}/v1/log/checkpoint", headers=Headers.of([]))
    held = [begin(empty) for _ in range(3)]
    assert [read_status(opened) for opened in held] == [404] * 3
    with pytest.raises((ConnectionError, AssertionError)), begin(empty) as refused:
        assert read_status(refused)
    held.pop().close()

    def answered() -> bool:
        try:
            with begin(empty) as again:
                return read_status(again) == 404
        except ConnectionError:
            return False

    wait_until(answered)
    for opened in held:
        opened.close()


@pytest.mark.parametrize("lines", [[(f"x-{n}", "1") for n in range(70)], [(f"x-{n}", "a" * 20_000) for n in range(2)]])
def test_a_head_with_too_much_in_it_is_refused(floods: Opens, lines: list[tuple[str, str]]) -> None:
    world = floods(header_count=64, header_bytes=32 * 1024)
    good = world.ask(world.xx)
    answer = send(replace(good, headers=Headers.of([*good.headers.lines, *lines])))
    assert answer.status in {400, 431}  # refused by the parser where it does not even come whole
    if answer.status == 431:
        assert told(answer) == (431, "http.head-too-large")
    assert send(good).status == 404


def test_who_misbehaves_provably_is_stopped_alone_for_a_while(floods: Opens) -> None:
    world = floods(misbehaviour_limit=3, misbehaviour_window=600, misbehaviour_pause=900)
    for n in range(4):  # whole and verified requests, with an envelope that does not open
        forged = world.xx.seal(NOTE, f"f-{n}", at=world.clock.now())
        assert send(world.message(world.xx, "", forged[:-9] + b"AAAAAAAAA")).status == 400
    answer = send(world.message(world.xx, "m-1"))
    assert (told(answer), pause_of(answer) > 800) == ((429, "partner.throttled"), True)
    assert world.hand_in(world.yy, "n-1") == (202, "")
    assert len(world.logged("gateway:partner:throttled")) == 1
    world.clock.go(901)
    assert world.hand_in(world.xx, "m-1") == (202, "")


def test_an_operator_lifts_a_pause(floods: Opens) -> None:
    world = floods(misbehaviour_limit=1)
    for _ in range(2):
        send(world.message(world.xx, "", b"a.b.c.d.e"))
    assert world.hand_in(world.xx, "m-1") == (429, "partner.throttled")
    [standing] = world.gateway.throttling.standings()
    assert (standing.partner, standing.stopped) == ("xx", False)
    world.gateway.throttling.set_stopped(PartnerCode("xx"), stopped=False, operator="me", reason="mended")
    assert world.hand_in(world.xx, "m-1") == (202, "")


def test_a_clock_that_is_wrong_is_no_misbehaviour(floods: Opens) -> None:
    world = floods(misbehaviour_limit=1)
    fast = world.clock.now() + timedelta(hours=1)
    for sealed in [world.xx.seal(NOTE, f"o-{n}", at=fast) for n in range(3)]:
        assert told(send(world.message(world.xx, "", sealed))) == (400, "envelope.clock")
    assert world.hand_in(world.xx, "m-1") == (202, "")


def test_naming_a_partner_without_proof_never_counts_against_it(floods: Opens) -> None:
    world = floods(misbehaviour_limit=2, failed_attempts=5, failed_window=600)
    statuses = []
    for n in range(12):
        good = world.message(world.xx, f"m-{n}")
        [signature] = good.headers.all("signature")
        lines = [(name, value) for name, value in good.headers.lines if name.lower() != "signature"]
        forged = Headers.of([*lines, ("signature", signature[:12] + "AAAA" + signature[16:])])
        statuses.append(told(send(replace(good, headers=forged))))
    assert statuses[:5] == [(401, "http.signature-wrong")] * 5
    assert statuses[5:] == [(429, "http.too-many-failures")] * 7  # by the address, without an entry each
    assert world.hand_in(world.xx, "m-good") == (202, "")  # from the same address
    assert world.hand_in(world.yy, "n-good") == (202, "")
    assert world.logged() == [("", "http.signature-wrong", "")] * 5 + [("", "http.too-many-failures", "")]
    assert world.gateway.throttling.standings() == []


def test_a_request_that_somebody_sends_again_never_counts_against_its_sender(floods: Opens) -> None:
    world = floods(misbehaviour_limit=2, rate=5)
    seen = world.message(world.xx, "m-1")
    assert send(seen).status == 202
    again = [told(send(seen)) for _ in range(4)]
    changed = [told(send(replace(seen, content=seen.content + b"A"))) for _ in range(4)]
    assert set(again) == {(401, "http.replayed")}
    assert set(changed) == {(400, "http.digest-mismatch")}
    assert [world.hand_in(world.xx, f"m-1{n}") for n in range(3)] == [(202, "")] * 3  # nor was its rate used up


def test_a_stopped_partner_is_told_so_in_every_process_and_nobody_else_is(floods: Opens) -> None:
    world = floods()
    with build_gateway(world.settings, Outside(clock=world.clock, channel=world.xx)) as operators:
        operators.throttling.set_stopped(PartnerCode("xx"), stopped=True, operator="me", reason="keys stolen")
        assert world.hand_in(world.xx, "m-1") == (403, "partner.stopped")
        assert world.hand_in(world.xx, "m-1") == (403, "partner.stopped")
        assert world.hand_in(world.yy, "n-1") == (202, "")
        operators.throttling.set_stopped(PartnerCode("xx"), stopped=False, operator="me", reason="new keys")
    world.clock.go(6)
    assert world.hand_in(world.xx, "m-1") == (202, "")
    assert [entry["reason"] for entry in entries_in(world.settings) if entry["tag"].startswith("operator:partner")] == [
        "keys stolen",
        "new keys",
    ]


def test_beyond_the_volume_of_an_agreement_a_message_waits_and_a_repetition_does_not(floods: Opens) -> None:
    world = floods(volume=2)
    first = world.xx.seal(NOTE, "m-0", at=world.clock.now())
    receipt = json.loads(send(world.message(world.xx, "", first)).body)["receipt"]
    assert world.hand_in(world.xx, "m-1") == (202, "")
    answer = send(world.message(world.xx, "m-2"))
    assert (told(answer), 1700 < pause_of(answer) <= 1800) == ((429, "agreement.volume"), True)
    assert json.loads(send(world.message(world.xx, "", first)).body)["receipt"] == receipt
    world.clock.go(1801)
    assert world.hand_in(world.xx, "m-2") == (202, "")
    assert world.logged() == [("xx", "agreement.volume", "")]
