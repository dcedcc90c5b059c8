"""What counts against whom, how few log entries a flood leaves, and the pace of deliveries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway import errors
from gateway.authorisation.refusals import AccessCode, AccessRefused, JwtFault
from gateway.identifiers import PartnerCode
from gateway.pipeline.refusal_log import RefusalLog
from gateway.pipeline.throttling import counts, network_of
from gateway.ports import Rate
from gateway.security.certificates import CertificateCode, CertificateRefused
from gateway.security.http_refusals import HttpCode, HttpMessageRefused
from gateway.security.refusals import EnvelopeCode, OpeningRefused
from tests.world.log import entries
from tests.world.setting import World, data_with, world_in

XX = PartnerCode("xx")
CONTENT = b'{"number": "L-1"}'

Opens = Callable[..., World]


@pytest.fixture
def worlds(tmp_path: Path) -> Iterator[Opens]:
    with ExitStack() as stack:

        def opened(*, rate: int = 600, volume: int = 0, **changed: Any) -> World:
            root = data_with(tmp_path)
            replace_in(root / "partners/xx/profile.toml", "[channel]\n", f"[channel]\nrate_per_minute = {rate}\n")
            if volume:
                terms = root / "agreements/aa-xx-notes-v1.toml"
                replace_in(terms, 'type = "reply"\n', f'type = "reply"\nvolume_per_hour = {volume}\n')
            return stack.enter_context(world_in(tmp_path, root=root, **changed))

        yield opened


def replace_in(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


def refused(world: World) -> list[tuple[str, str, str]]:
    found = [entry for entry in entries(world) if entry["tag"] == "partner:request:refused"]
    return [(one.get("partner", ""), one["codes"], one.get("repeats", "")) for one in found]


@pytest.mark.parametrize(
    ("refusal", "counted"),
    [
        (HttpMessageRefused(HttpCode.SIGNATURE_WRONG), True),
        (HttpMessageRefused(HttpCode.REPLAYED), True),
        (HttpMessageRefused(HttpCode.EXPIRED), False),
        (HttpMessageRefused(HttpCode.NOT_YET_VALID), False),
        (HttpMessageRefused(HttpCode.EXPIRED_KEY), False),
        (HttpMessageRefused(HttpCode.COMPROMISED_KEY), True),
        (OpeningRefused(EnvelopeCode.NOT_OPENED), True),
        (OpeningRefused(EnvelopeCode.CLOCK), False),
        (CertificateRefused(CertificateCode.MISSING), True),
        (AccessRefused(AccessCode.OTHER_CERTIFICATE), True),
        (AccessRefused(JwtFault.EXPIRED), False),
        (errors.ReplayRefused("x"), True),
        (errors.NotPermitted("x", code="http.other-sender"), True),
        (errors.NotPermitted("x"), False),
        (errors.MessageTooLarge("x"), False),
        (errors.ContentRefused("x"), False),
        (errors.TooManyRequests("x"), False),
    ],
)
def test_forged_and_replayed_counts_as_misbehaviour_and_a_mistake_does_not(
    refusal: errors.GatewayError, *, counted: bool
) -> None:
    assert counts(refusal) is counted


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_site_is_one_address(address: str, network: str) -> None:
    assert network_of(address) == network


def test_addresses_are_counted_apart_and_only_so_many_are_remembered(worlds: Opens) -> None:
    world = worlds(failed_attempts=1, failed_window=60, failures_remembered=2)
    wrong = HttpMessageRefused(HttpCode.SIGNATURE_WRONG)

    def answer(address: str) -> str:
        given = world.gateway.throttling.refused(wrong, partner=None, proved=False, address=address)
        return given.stable_code

    assert [answer("192.0.2.1"), answer("192.0.2.1"), answer("192.0.2.2")] == [
        "http.signature-wrong",
        "http.too-many-failures",
        "http.signature-wrong",
    ]
    assert answer("192.0.2.3") == "http.signature-wrong"
    assert answer("192.0.2.1") == "http.signature-wrong"  # forgotten: the memory has an end
    assert [answer("") for _ in range(3)] == ["http.signature-wrong"] * 3  # a proxy is no address
    world.clock.go(61)
    assert answer("192.0.2.1") == "http.signature-wrong"


def test_only_a_certificate_proves_whose_a_failed_request_is(worlds: Opens) -> None:
    world = worlds(misbehaviour_limit=2)
    throttling, wrong = world.gateway.throttling, HttpMessageRefused(HttpCode.SIGNATURE_WRONG)
    for _ in range(5):  # a verified head without one: anybody may have sent it
        throttling.refused(wrong, partner=XX, proved=False, address="192.0.2.1")
    throttling.admit(XX)
    for _ in range(3):
        throttling.refused(wrong, partner=XX, proved=True, address="192.0.2.1")
    with pytest.raises(errors.TooManyRequests) as paused:
        throttling.admit(XX)
    assert paused.value.stable_code == "partner.throttled"
    throttling.admit(PartnerCode("yy"))
    assert refused(world) == [("xx", "http.signature-wrong", "")] * 8


def test_a_flood_of_one_kind_is_one_entry_and_a_count(worlds: Opens) -> None:
    world = worlds()
    log = RefusalLog(world.gateway._parts.around, every=timedelta(seconds=60), remembered=10)
    busy, stopped = errors.TooManyRequests("x"), errors.NotPermitted("x", code="partner.stopped")
    for _ in range(50):
        log.count(busy, "xx")
    log.count(stopped, "xx")
    log.count(busy, "yy")
    first = [("xx", "http.too-many-requests", ""), ("xx", "partner.stopped", ""), ("yy", "http.too-many-requests", "")]
    assert refused(world) == first
    world.clock.go(61)
    log.count(stopped, "yy")
    log.count(stopped, "yy")
    assert refused(world)[3:] == [("xx", "http.too-many-requests", "49"), ("yy", "partner.stopped", "")]
    log.flush()
    assert refused(world)[5:] == [("yy", "partner.stopped", "1")]


def test_kinds_that_are_too_many_are_written_and_forgotten(worlds: Opens) -> None:
    world = worlds()
    log = RefusalLog(world.gateway._parts.around, every=timedelta(seconds=60), remembered=2)
    for source in ("a", "a", "b", "c"):
        log.count(errors.TooManyRequests("x"), source=source)
    assert [repeats for _, _, repeats in refused(world)] == ["", "", "1", ""]


def test_what_was_counted_is_told_when_the_gateway_ends(worlds: Opens) -> None:
    world = worlds()
    for _ in range(3):
        world.gateway.throttling.log.count(errors.TooManyRequests("x"), "xx")
    world.gateway.throttling.log.flush()
    assert refused(world) == [("xx", "http.too-many-requests", ""), ("xx", "http.too-many-requests", "2")]
    world.gateway.throttling.log.flush()
    assert len(refused(world)) == 2


def test_refusals_of_nobody_are_written_one_by_one_up_to_a_limit(worlds: Opens) -> None:
    world = worlds(failed_attempts=3, failed_window=600)
    for _ in range(10):
        world.gateway.http.log_refusal(errors.NotFound("x", code="http.404"), "")
    assert refused(world) == [("", "http.404", "")] * 4
    world.gateway.http.log_refusal(errors.NotFound("x", code="http.404"), "xx")
    assert refused(world)[4:] == [("xx", "http.404", "")]


def test_a_pause_is_believed_for_a_moment_only(worlds: Opens) -> None:
    world = worlds(misbehaviour_limit=1)
    throttling, forged = world.gateway.throttling, HttpMessageRefused(HttpCode.SIGNATURE_WRONG)
    for _ in range(2):
        throttling.misbehaved(forged, XX)
    with pytest.raises(errors.TooManyRequests) as paused:
        throttling.admit(XX)
    assert 850 < paused.value.retry_after <= 900
    with world.gateway._parts.around.store.writing() as work:  # another process has lifted it
        work.standings.keep(throttling.standings()[0].__class__(partner=XX))
    world.clock.go(6)
    throttling.admit(XX)
    throttling.enter_unsigned(XX)
    throttling.admit(None)


def sent(world: World, count: int) -> int:
    for n in range(count):
        world.gateway.lodge(CONTENT, "xx", "reply", message_id=f"l-{n}")
    world.gateway.dispatch_once()
    return len(world.partner.taken)


def test_deliveries_keep_to_the_rate_of_the_partner(worlds: Opens) -> None:
    world = worlds(rate=2)
    assert sent(world, 4) == 2
    [lane] = [one for one in world.gateway.lanes() if one.lane == "deliver/xx"]
    assert (lane.failures, lane.due) == (0, 2)
    assert lane.retry_at is not None
    assert timedelta(seconds=5) < lane.retry_at - world.clock.now() <= timedelta(seconds=30)
    world.gateway.dispatch_once()
    assert len(world.partner.taken) == 2
    world.clock.go(31)
    world.gateway.dispatch_once()
    assert len(world.partner.taken) == 3
    world.clock.go(61)
    world.gateway.dispatch_once()
    assert list(world.partner.taken) == ["l-0", "l-1", "l-2", "l-3"]


def test_deliveries_keep_to_the_volume_of_the_agreement_and_are_not_lost(worlds: Opens) -> None:
    world = worlds(volume=1)
    assert sent(world, 2) == 1
    world.clock.go(3000)
    world.gateway.dispatch_once()
    assert len(world.partner.taken) == 1
    world.clock.go(700)
    world.gateway.dispatch_once()
    assert list(world.partner.taken) == ["l-0", "l-1"]


def test_a_rate_is_all_at_once_or_spread() -> None:
    assert Rate.over(600, timedelta(minutes=1)) == Rate(burst=600, each=timedelta(milliseconds=100))
