"""Somebody can write the files of the registry, but is not the registrar: his rows count for nothing, and it is told.

Each attack changes the list of ``xx`` under a gateway that serves; ``yy`` goes on all the while.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog.testing
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.api.internal_port import build_internal_port
from gateway.bootstrap import Outside, build_gateway
from gateway.errors import UnknownPartner
from gateway.security.registrar import sign_entries
from tests.world.http import signed
from tests.world.log import entries
from tests.world.neighbours import BASE, Neighbours, called, neighbours_in
from tests.world.partner import NOTE, Partner
from tests.world.setting import MovableClock

JOSE = {"content-type": "application/jose"}
TOLD = ["certificates of xx: registry.manipulated", "keys of xx: registry.manipulated"]
Rows = list[dict[str, Any]]


@contextmanager
def serving(folder: Path) -> Iterator[Neighbours]:
    with neighbours_in(folder, key_watch_seconds=0.05, inline_answer_seconds=0.0) as world:
        world.gateway.start()
        yield world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighbours]:
    with serving(tmp_path_factory.mktemp("registry")) as made:
        yield made


def list_of(world: Neighbours, code: str = "xx") -> Path:
    return world.world.settings.state_dir / "partner-keys" / f"{code}.json"


def handed_in(world: Neighbours, partner: Partner, message_id: str) -> int:
    sealed = partner.seal(NOTE, message_id)
    return world.ask(partner, "POST", "/v1/messages", sealed, JOSE).status


def served(world: Neighbours, partner: Partner) -> bool:
    """Whether a request of a partner is answered as one of somebody known."""
    return world.ask(partner, "GET", f"/v1/agreements?from={partner.code}").status == 200


def faults(world: Neighbours) -> list[str]:
    port = build_internal_port(world.gateway, message_limit=1 << 16)
    document: dict[str, Any] = json.loads(called(port, "GET", "/readyz", b"", {}).body)
    found: list[str] = document["list_faults"]
    return found


def alarms(world: Neighbours) -> list[dict[str, Any]]:
    return [entry for entry in entries(world.world) if entry["tag"] == "gateway:registry:manipulated"]


def eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


def later_end(rows: Rows, world: Neighbours) -> None:
    del world
    rows[0]["not_after"] = "2099-01-01T00:00:00Z"


def own_row(rows: Rows, world: Neighbours) -> None:
    """A key of the attacker in the name of ``xx``, signed by nobody."""
    del world
    rows.append(json.loads(Partner().key_list())["keys"][0] | {"kid": "xx-sig-202501-9"})


def own_registrar(rows: Rows, world: Neighbours) -> None:
    del world
    plain = json.dumps({"keys": rows}).encode()
    signed = sign_entries(plain, kind="keys", owner="xx", registrar=Ed25519PrivateKey.generate())
    rows[:] = json.loads(signed)["keys"]


def row_of_another(rows: Rows, world: Neighbours) -> None:
    rows += json.loads(list_of(world, "yy").read_bytes())["keys"]


def swapped_signatures(rows: Rows, world: Neighbours) -> None:
    del world
    rows[0]["registrar"], rows[1]["registrar"] = rows[1]["registrar"], rows[0]["registrar"]


def unsigned_file(rows: Rows, world: Neighbours) -> None:
    rows[:] = json.loads(world.world.partner.key_list())["keys"]


ATTACKS: dict[Callable[[Rows, Neighbours], None], str] = {
    later_end: "1",
    own_row: "3",
    own_registrar: "1, 2",
    row_of_another: "3, 4",
    swapped_signatures: "1, 2",
    unsigned_file: "1, 2",
}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_changed_rows_suspend_their_partner_alone_until_they_are_mended(
    world: Neighbours, attack: Callable[[Rows, Neighbours], None]
) -> None:
    good, before = list_of(world).read_bytes(), len(alarms(world))
    assert eventually(lambda: served(world, world.world.partner))
    rows: Rows = json.loads(good)["keys"]
    attack(rows, world)
    replace(list_of(world), json.dumps({"keys": rows}).encode())
    assert eventually(lambda: faults(world) == TOLD)
    refused = world.ask(None, "GET", "/v1/agreements?from=xx", headers=signed_headers(world))
    assert (refused.status, json.loads(refused.body)["title"]) == (401, "http.unknown-key")
    assert b"registr" not in refused.body, "the partner is told nothing of it"
    assert served(world, world.other)
    replace(list_of(world), good)
    assert eventually(lambda: faults(world) == [])
    assert served(world, world.world.partner)
    [alarm] = alarms(world)[before:]
    told = (alarm["partner"], alarm["decision"], alarm["codes"], alarm["reason"])
    assert told == ("xx", "suspended", "registry.manipulated", f"keys imported: rows {ATTACKS[attack]}")


def replace(file: Path, content: bytes) -> None:
    """Another file in its place: one that is half written would be an attack of its own."""
    beside = file.with_suffix(".new")
    beside.write_bytes(content)
    beside.replace(file)


def signed_headers(world: Neighbours) -> dict[str, str]:
    request = signed(world.world.partner, "GET", f"{BASE}/v1/agreements?from=xx", at=world.world.clock.now())
    return dict(request.headers.lines)


def test_nothing_goes_to_a_suspended_partner_and_messages_of_others_do(tmp_path: Path) -> None:
    with serving(tmp_path) as world:
        assert handed_in(world, world.world.partner, "m-before") == 202
        rows: Rows = json.loads(list_of(world).read_bytes())["keys"]
        later_end(rows, world)
        with structlog.testing.capture_logs() as said:
            replace(list_of(world), json.dumps({"keys": rows}).encode())
            assert eventually(lambda: faults(world) == TOLD)
        assert [
            line["partner"] for line in said if line.get("code") == "registry.manipulated" and "partner" in line
        ] == ["xx"]
        with pytest.raises(UnknownPartner) as refused:
            world.gateway.lodge(b'{"number": "L-1"}', "xx", "reply", message_id="l-1")
        assert refused.value.stable_code == "partner.no-encryption-key"
        assert world.gateway.upkeep.figures().list_faults == 2


def test_a_gateway_starts_beside_changed_rows_and_serves_the_others(tmp_path: Path) -> None:
    with neighbours_in(tmp_path) as world:
        rows: Rows = json.loads(list_of(world).read_bytes())["keys"]
        own_row(rows, world)
        replace(list_of(world), json.dumps({"keys": rows}).encode())
    with build_gateway(world.world.settings, Outside(clock=MovableClock(), channel=world.world.partner)) as gateway:
        assert {figure.owner for figure in gateway.upkeep.expiries(MovableClock().now())} == {"aa", "yy"}
