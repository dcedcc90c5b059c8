"""Keys change under a running gateway and a partner in use: early, late, both, new only. No message is lost.

The gateway takes up lists by itself, the partner's client too; nobody is restarted, and both talk as over HTTP.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.partner_lists import KEY_LISTS
from gateway.adapters.system import SystemClock
from gateway.api.internal_port import build_internal_port
from gateway.api.partner_port import build_partner_port
from gateway.bootstrap import Act, KeyKeeping, Outside, build_gateway, import_partner_keys, own_key_list, set_up
from gateway.catalogue import Catalogue, load_catalogue
from gateway.client.client import GatewayClient
from gateway.client.side import KeptSide, make_side_keys, rotate_side_keys
from gateway.errors import DeliveryFailed, EnvelopeRefused
from gateway.identifiers import MessageId, PartnerCode
from gateway.pipeline.facade import Gateway
from gateway.ports import ChannelAnswer
from gateway.security.envelope import Sealed
from gateway.security.keylist import write_key_list
from gateway.settings import Settings
from tests.world.log import entries_in
from tests.world.neighbours import BASE, PortLink, called
from tests.world.partner import NOTE
from tests.world.setting import settings_in

ACT = Act(operator="officer", reason="rehearsal")
SOON = timedelta(seconds=0.4)
PATIENCE = 20.0


class Taker:
    """The partner's door: it opens what comes with the keys that it has, or says which key it lacks."""

    client: GatewayClient

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.refused: list[str] = []

    def deliver(self, partner: PartnerCode, endpoint: str, sealed: bytes, message_id: MessageId) -> ChannelAnswer:
        del partner, endpoint
        try:
            opened = self.client.open(sealed)
        except EnvelopeRefused as refusal:
            self.refused.append(refusal.stable_code)
            return ChannelAnswer(status=400, body=json.dumps({"title": refusal.stable_code}).encode())
        self.taken.append(message_id)
        receipt = self.client.receipt_for(opened, exchange_id="0" * 32, log_index=0, entry_hash="0" * 64)
        return ChannelAnswer(status=202, body=json.dumps({"receipt": receipt.decode()}).encode())


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A gateway that serves and a partner's client that is in use."""

    gateway: Gateway
    settings: Settings
    catalogue: Catalogue
    taker: Taker
    folder: Path
    link: PortLink

    @property
    def keeping(self) -> KeyKeeping:
        return KeyKeeping(self.settings, self.catalogue)

    def client(self, patience: float = 0.0) -> GatewayClient:
        side = KeptSide(self.folder / "side", "xx", "aa", self.folder / "gateway-keys.json", look_seconds=0.0)
        return GatewayClient(side, BASE, self.link, oauth=False, patience=patience)

    def hand_over(self) -> None:
        """Our list goes to the partner."""
        (self.folder / "gateway-keys.json").write_bytes(own_key_list(self.settings))

    def take_in(self, content: bytes) -> None:
        """The partner's list comes to us."""
        self.keeping.take_in(self.catalogue.profile("xx"), content, ACT)

    def rotate_ours(self, in_: timedelta = SOON) -> datetime:
        at = datetime.now(UTC) + in_
        made = [self.keeping.rotate(use, at, ACT) for use in ("sig", "enc")]
        return max(key.lifecycle.changes[-1].since for key in made)

    def rotate_theirs(self, in_: timedelta = SOON) -> tuple[bytes, datetime]:
        at = datetime.now(UTC) + in_
        return rotate_side_keys(self.folder / "side", "xx", first_use=at), at

    def lodge(self, message_id: str) -> str:
        return self.gateway.lodge(b'{"number": "L-1"}', "xx", "reply", message_id=message_id).exchange_id

    def ready(self) -> dict[str, Any]:
        port = build_internal_port(self.gateway, message_limit=1 << 16)
        document: dict[str, Any] = json.loads(called(port, "GET", "/readyz", b"", {}).body)
        return document


def eventually(holds: Callable[[], bool], seconds: float = 20.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.02)
    return False


def published(pair: Pair) -> list[str]:
    """Ids in the JWK Set that the gateway gives out now."""
    return [key["kid"] for key in json.loads(pair.gateway.upkeep.jwk_set())["keys"]]


def wait_for(at: datetime) -> None:
    time.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds()) + 0.05)


def sealed(client: GatewayClient, message_id: str) -> Sealed:
    return client.seal(
        NOTE,
        message_id=message_id,
        agreement="aa-xx-notes",
        message_type="note",
        format_name="xx-note-1.0",
        purpose="RISK",
    )


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    quick = {"key_watch_seconds": 0.05, "key_lead_days": 0, "dispatch_seconds": 0.05, "inline_answer_seconds": 0.0}
    settings = settings_in(tmp_path, **quick)
    set_up(settings)
    import_partner_keys(settings, "xx", make_side_keys(tmp_path / "side", "xx"))
    taker = Taker()
    with build_gateway(settings, Outside(clock=SystemClock(), channel=taker)) as gateway:
        port = build_partner_port(gateway, public_base=BASE, message_limit=1 << 16)
        catalogue = load_catalogue(settings.root, cache=settings.cache)
        made = Pair(
            gateway=gateway,
            settings=settings,
            catalogue=catalogue,
            taker=taker,
            folder=tmp_path,
            link=PortLink(port),
        )
        made.hand_over()
        taker.client = made.client()
        gateway.start()
        yield made


def received(pair: Pair, message_id: str) -> int:
    return sum(
        entry["tag"] == "partner:message:received" and entry["message"] == message_id
        for entry in entries_in(pair.settings)
    )


def test_a_partner_that_has_our_new_list_early_changes_over_at_the_same_moment(pair: Pair) -> None:
    client = pair.client()
    at = pair.rotate_ours()
    pair.hand_over()
    assert client.hand_in(sealed(client, "early")).status == 202
    assert eventually(lambda: len(published(pair)) == 5)
    wait_for(at)
    handed = client.hand_in(sealed(client, "both-changed"))
    assert handed.status == 202
    exchange = pair.lodge("out-1")
    assert eventually(lambda: pair.taker.taken.count("out-1") == 1)
    assert pair.gateway.exchange(exchange).messages[0].kid.endswith("-2")


def test_a_partner_that_gets_our_new_list_late_loses_nothing_either_way(pair: Pair) -> None:
    client, patient = pair.client(), pair.client(PATIENCE)
    at = pair.rotate_ours()
    wait_for(at)
    assert eventually(lambda: len(published(pair)) == 5)
    late = sealed(client, "late")
    with pytest.raises(DeliveryFailed) as failed:
        client.hand_in(late)
    assert failed.value.stable_code == "delivery.answer-unknown-key"
    assert received(pair, "late") == 1, "it was sealed to the old key, which still opens"
    exchange = pair.lodge("out-1")
    assert eventually(lambda: "envelope.unknown-key" in pair.taker.refused)
    handing_over = threading.Timer(0.3, pair.hand_over)
    handing_over.start()
    handed = patient.hand_in(late)
    handing_over.join()
    assert (handed.status, handed.receipt is not None) == (202, True)
    assert received(pair, "late") == 1
    assert eventually(lambda: pair.taker.taken.count("out-1") == 1), "the delivery was tried again, not given up"
    assert eventually(lambda: pair.gateway.exchange(exchange).exchange.state.value == "receipted")


def test_when_we_get_the_partners_new_list_late_nothing_is_lost(pair: Pair) -> None:
    client, patient = pair.client(), pair.client(PATIENCE)
    content, at = pair.rotate_theirs()
    wait_for(at)
    late = sealed(client, "late")
    assert client.hand_in(late).problem["title"] == "http.unknown-key"
    pair.lodge("out-1")
    assert eventually(lambda: pair.taker.taken.count("out-1") == 1), "sealed to the partner's old key"
    taking_in = threading.Timer(0.3, pair.take_in, (content,))
    taking_in.start()
    assert patient.hand_in(late).status == 202
    taking_in.join()
    assert received(pair, "late") == 1


def test_with_the_new_keys_alone_the_old_ones_are_taken_over_the_overlap_and_then_no_more(pair: Pair) -> None:
    client = pair.client()
    old = sealed(client, "sealed-before")
    content, at = pair.rotate_theirs()
    keys = KEY_LISTS.read_new(content, "xx")
    new_only = write_key_list(key for key in keys if key.kid.endswith("-2"))
    wait_for(at)
    pair.take_in(new_only)
    assert eventually(lambda: client.hand_in(old).status == 202), "what was signed before is still taken"
    [gone] = [key for key in KEY_LISTS.read_all(pair_files(pair), "xx") if key.kid == "xx-sig-" + month(keys) + "-1"]
    assert gone.refusal_at(datetime.now(UTC) + timedelta(days=36)) is None
    assert gone.refusal_at(datetime.now(UTC) + timedelta(days=38)) == "envelope.expired-key"


def pair_files(pair: Pair) -> list[Path]:
    return [pair.settings.state_dir / "partner-keys" / "xx.json"]


def month(keys: Any) -> str:
    return str(keys[0].kid.split("-")[2])


def test_a_revoked_key_of_a_partner_is_refused_at_once_whatever_its_next_list_says(pair: Pair) -> None:
    client = pair.client()
    assert client.hand_in(sealed(client, "before")).status == 202
    kid = client.side.own.signer(datetime.now(UTC)).kid
    profile = pair.catalogue.profile("xx")
    pair.keeping.revoke_of(profile, kid, ACT)
    assert eventually(lambda: client.hand_in(sealed(client, "after")).status == 401)
    assert client.hand_in(sealed(client, "after")).problem["title"] == "http.compromised-key"
    pair.take_in((pair.folder / "side" / "public.json").read_bytes())
    time.sleep(0.3)
    assert client.hand_in(sealed(client, "after")).problem["title"] == "http.compromised-key"
    logged = [entry for entry in entries_in(pair.settings) if entry["tag"].startswith("operator:key")]
    assert [(entry["tag"], entry.get("kid", ""), entry["partner"], entry["actor"]) for entry in logged] == [
        ("operator:key:revoked", kid, "xx", "officer"),
        ("operator:keys:imported", "", "xx", "officer"),
    ]
    assert pair.gateway.verify_audit().ok


@pytest.mark.parametrize("content", [b"", b'{"keys": [{"kty": "oct"}]}', b"{"])
def test_a_list_that_the_registrar_did_not_write_suspends_and_is_told_until_it_is_mended(
    pair: Pair, content: bytes
) -> None:
    client = pair.client()
    [file] = pair_files(pair)
    good = file.read_bytes()
    assert pair.ready()["list_faults"] == []
    file.write_bytes(content)
    told = ["certificates of xx: registry.manipulated", "keys of xx: registry.manipulated"]
    assert eventually(lambda: pair.ready()["list_faults"] == told)
    assert client.hand_in(sealed(client, "meanwhile")).problem["title"] == "http.unknown-key"
    file.write_bytes(good)
    assert eventually(lambda: pair.ready()["list_faults"] == [])
    assert client.hand_in(sealed(client, "after")).status == 202


def test_rotations_under_traffic_lose_no_message_and_refuse_none(pair: Pair) -> None:
    done, ended = threading.Event(), []

    def send() -> None:
        client, number = pair.client(PATIENCE), 0
        while not done.is_set():
            number += 1
            ended.append((f"m-{number}", client.hand_in(sealed(client, f"m-{number}")).status))

    sender = threading.Thread(target=send)
    sender.start()
    try:
        for _ in range(2):
            ours = pair.rotate_ours(timedelta(seconds=0.2))
            pair.hand_over()
            content, theirs = pair.rotate_theirs(timedelta(seconds=0.2))
            pair.take_in(content)
            wait_for(max(ours, theirs))
        assert eventually(lambda: len(ended) >= 4, 2 * PATIENCE)
    finally:
        done.set()
        sender.join()
    assert {status for _, status in ended} == {202}
    assert all(received(pair, message_id) == 1 for message_id, _ in ended)
    kids = {entry["kid"] for entry in entries_in(pair.settings) if entry["tag"] == "operator:key:rotated"}
    assert len(kids) == 4
    assert pair.gateway.verify_audit().ok
