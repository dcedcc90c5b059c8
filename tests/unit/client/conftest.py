"""The client of ``xx``, which collects, and a second one of ``yy``, at one gateway without sockets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.api.partner_port import build_partner_port
from gateway.audit.notes import NoteKey, read_vkey
from gateway.bootstrap import Outside, build_gateway, import_partner_keys, own_key_list
from gateway.client.client import GatewayClient
from gateway.client.side import make_side_keys, read_side
from gateway.pipeline.facade import Gateway
from tests.world.neighbours import BASE, PortLink, two_partners
from tests.world.partner import Partner
from tests.world.setting import MovableClock, prepared


@dataclass(frozen=True, kw_only=True)
class Clients:
    """One gateway and two clients at its door."""

    gateway: Gateway
    client: GatewayClient
    other: GatewayClient
    key: NoteKey

    def lodge(self, *message_ids: str, partner: str = "xx") -> None:
        """Documents of our own side for a partner."""
        for message_id in message_ids:
            self.gateway.lodge(b'{"number": "L-1"}', partner, "reply", message_id=message_id)


@pytest.fixture
def clients(tmp_path: Path) -> Iterator[Clients]:
    settings = prepared(tmp_path, Partner(), root=two_partners(tmp_path), inline_answer_seconds=0.0)
    listed = tmp_path / "gateway-keys.json"
    listed.write_bytes(own_key_list(settings))
    sides = {}
    for code in ("xx", "yy"):
        (settings.state_dir / "partner-keys" / f"{code}.json").unlink(missing_ok=True)
        import_partner_keys(settings, code, make_side_keys(tmp_path / code, code))
        sides[code] = read_side(tmp_path / code, code=code, home="aa", gateway_keys=listed)
    with build_gateway(settings, Outside(clock=MovableClock())) as gateway:
        link = PortLink(build_partner_port(gateway, public_base=BASE, message_limit=1 << 16))
        yield Clients(
            gateway=gateway,
            client=GatewayClient(sides["xx"], BASE, link, oauth=False),
            other=GatewayClient(sides["yy"], BASE, link, oauth=False),
            key=read_vkey(gateway.partners.log.vkey),
        )
