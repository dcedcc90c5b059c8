"""Two gateway processes on one database, over real HTTP: a message counts once, whichever door it comes through.

The four cases of a repeated message are told across the two: done, in progress, failed for the moment, and another
message under a known id. The first answer is always the one that is given again, byte for byte.
"""

from __future__ import annotations

import json
import socket
import time
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters import secret_file
from gateway.adapters.partner_channel import HttpAnswer, HttpLink
from gateway.bootstrap import import_partner_keys, own_key_list, set_up, verify_audit
from gateway.client.client import GatewayClient, HandedIn
from gateway.client.side import Side, make_side_keys, read_side
from gateway.errors import DeliveryFailed
from gateway.security.envelope import Sealed
from gateway.security.http_messages import HttpRequest
from gateway.security.jose import MESSAGE_TYPE, read_header
from gateway.security.limits import DEFAULT_LIMITS
from gateway.security.steps import encrypt_to
from gateway.security.suites import INTL_1
from gateway.settings import Settings
from tests.world.forked import forked
from tests.world.log import entries_in
from tests.world.partner import note
from tests.world.setting import data_with, settings_in

COPIES = 20
LEASE_SECONDS = 5
BASE = "http://gateway.example"
"""The one public address of both processes, as behind a balancer of load."""


class Door(HttpLink):
    """Connections to the public address that end at one process."""

    def __init__(self, port: int) -> None:
        super().__init__(timeout=30.0, answer_limit=1 << 20)
        self._address = f"http://127.0.0.1:{port}"

    def request(
        self, method: str, url: str, *, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        return super().request(method, url.replace(BASE, self._address, 1), content=content, headers=headers)


@dataclass(frozen=True, kw_only=True)
class Process:
    """A gateway process: its doors, and the way to them as the partner ``xx``."""

    partner_port: int
    internal_port: int
    side: Side

    @contextmanager
    def client(self) -> Iterator[GatewayClient]:
        """A client on a connection of its own."""
        with closing(Door(self.partner_port)) as link:
            yield GatewayClient(self.side, BASE, link)

    def send(self, request: HttpRequest) -> HttpAnswer:
        """Send a request as it is."""
        with closing(Door(self.partner_port)) as link:
            headers = dict(request.headers.lines)
            return link.request(request.method, request.target, content=request.content, headers=headers)

    def hand_in(self, sealed: Sealed) -> HandedIn:
        """Hand a message in, in a request with a signature of its own; receipt and answer are verified."""
        with self.client() as client:
            return client.hand_in(sealed)

    def internal(self, path: str) -> Any:
        """What the internal port says."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.internal_port}{path}") as answer:
            return json.loads(answer.read())

    def state(self, message_id: str) -> str:
        """State of the exchange of a message."""
        with self.client() as client:
            return str(client.status(message_id).get("state"))

    def gone(self, *, within: float = 20) -> bool:
        """Whether the process is dead within some seconds."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            with socket.socket() as connection:
                if connection.connect_ex(("127.0.0.1", self.internal_port)) != 0:
                    return True
            time.sleep(0.05)
        return False

    def accepted(self, message_id: str, *, within: float = 20) -> bool:
        """Whether the message is taken over, and its acknowledgement due, within some seconds."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            if self.state(message_id) == "accepted":
                return True
            time.sleep(0.1)
        return False


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Settings that two processes share, and how to start one."""

    settings: Settings
    side: Side
    folder: Path

    @contextmanager
    def serving(self, worker: str, **changed: Any) -> Iterator[Process]:
        """One process, under its own name among the workers."""
        chosen = {
            "worker": worker,
            "public_base_url": BASE,
            "lease_seconds": LEASE_SECONDS,
            "channel_timeout": 1,
            "call_seconds": 2,
            "inline_answer_seconds": 0,
        }
        with forked(self.settings, self.folder / f"{worker}.log", **(chosen | changed)) as (partner, internal):
            yield Process(partner_port=partner, internal_port=internal, side=self.side)

    def sealed(self, message_id: str, number: str = "N-1") -> Sealed:
        """A message of the partner."""
        return GatewayClient(self.side, BASE).seal(
            note(number),
            message_id=message_id,
            agreement="aa-xx-notes",
            message_type="note",
            format_name="xx-note-1.0",
            purpose="RISK",
        )

    def sealed_again(self, sealed: Sealed) -> Sealed:
        """The same signed bytes, encrypted anew: other bytes on the wire, the same message."""
        key = next(one.key for one in self.side.others if one.use == "enc")
        kid = read_header(sealed.jws.partition(b".")[0], DEFAULT_LIMITS)["kid"]
        return replace(sealed, jwe=encrypt_to(key, sealed.jws, MESSAGE_TYPE, kid, INTL_1, DEFAULT_LIMITS))

    def logged(self, tag: str) -> list[dict[str, Any]]:
        """Log entries with a tag."""
        return [entry for entry in entries_in(self.settings) if entry["tag"] == tag]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def pair(request: pytest.FixtureRequest, tmp_path: Path, derived: Path, monkeypatch: pytest.MonkeyPatch) -> Pair:
    monkeypatch.setattr(secret_file, "_SCRYPT_COST", 2**4)  # the files say so, and every process opens them at once
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    settings = settings_in(tmp_path, root=data_with(tmp_path), database_url=url, cache_dir=derived)
    set_up(settings)
    import_partner_keys(settings, "xx", make_side_keys(tmp_path / "side", "xx"))
    (tmp_path / "gateway-keys.json").write_bytes(own_key_list(settings))
    side = read_side(tmp_path / "side", code="xx", home="aa", gateway_keys=tmp_path / "gateway-keys.json")
    return Pair(settings=settings, side=side, folder=tmp_path)


def documents_of_the_one_exchange(process: Process) -> list[str]:
    """Types of the messages of the only exchange that there is."""
    [summary] = process.internal("/internal/v1/exchanges")["exchanges"]
    assert summary["state"] == "accepted"
    exchange = process.internal(f"/internal/v1/exchanges/{summary['id']}")
    return [message["message_type"] for message in exchange["messages"]]


def in_feed(process: Process) -> list[str]:
    """Numbers of the notes in the feed."""
    entries = process.internal("/internal/v1/feeds/rms")["entries"]
    return [entry["data"]["MetaData"]["Declaration"]["ID"] for entry in entries]


def test_copies_at_once_and_every_repetition_count_once(pair: Pair) -> None:
    with pair.serving("one") as one, pair.serving("two") as two:
        sealed = pair.sealed("m-1")
        copies = [sealed if number % 3 else pair.sealed_again(sealed) for number in range(COPIES)]
        doors = [(one, two)[number % 2] for number in range(COPIES)]
        with ThreadPoolExecutor(COPIES) as threads:
            handed = list(threads.map(Process.hand_in, doors, copies))
        assert {answer.status for answer in handed} == {202}
        assert len({answer.receipt_bytes for answer in handed}) == 1
        assert two.accepted("m-1")

        done = [door.hand_in(pair.sealed_again(sealed)) for door in (one, two)]
        assert {answer.receipt_bytes for answer in done} == {handed[0].receipt_bytes}

        with one.client() as client:
            request = client.prepare(sealed.jwe)
        assert [door.send(request).status for door in (one, two, one)] == [202, 401, 401]  # one nonce, one use

        other = pair.sealed("m-1", "N-2")
        refused = [door.hand_in(other) for door in (one, two)]
        assert {(answer.status, answer.problem["title"]) for answer in refused} == {(409, "message.replayed")}

        assert in_feed(one) == in_feed(two) == ["N-1"]
        assert documents_of_the_one_exchange(one) == ["note", "acknowledgement"]
    assert len(pair.logged("partner:message:received")) == 1
    assert len(pair.logged("gateway:receipt:issued")) == 1
    assert len(pair.logged("partner:message:replayed")) == 2
    assert verify_audit(pair.settings).ok


def test_what_one_process_leaves_undone_the_other_does(pair: Pair) -> None:
    with ExitStack() as processes:
        other = processes.enter_context(pair.serving("two"))

        dying = processes.enter_context(pair.serving("one", kill_at="examine.inside-store"))
        examined = pair.sealed("m-1", "N-1")
        first = answer_of(dying, examined)
        assert dying.gone()
        assert other.state("m-1") == "received"  # the dead one still has the lease
        again = other.hand_in(pair.sealed_again(examined))
        assert again.status == 202
        assert first in (None, again.receipt_bytes)
        assert other.accepted("m-1")
        assert other.hand_in(examined).receipt_bytes == again.receipt_bytes

        dying = processes.enter_context(pair.serving("three", kill_at="inbound.inside-store"))
        unstored = pair.sealed("m-2", "N-2")
        assert answer_of(dying, unstored) is None
        assert dying.gone()
        assert other.state("m-2") == "None"
        assert other.hand_in(pair.sealed_again(unstored)).status == 202
        assert other.accepted("m-2")
        assert in_feed(other) == ["N-1", "N-2"]
    assert len(pair.logged("partner:message:received")) == 2
    assert len(pair.logged("gateway:receipt:issued")) == 2
    assert verify_audit(pair.settings).ok


def answer_of(process: Process, sealed: Sealed) -> bytes | None:
    """The receipt of a process that may die before it answers."""
    try:
        return process.hand_in(sealed).receipt_bytes
    except DeliveryFailed:
        return None
