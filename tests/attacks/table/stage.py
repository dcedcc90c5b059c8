"""The gateway under attack: one server in this process over loopback, behind a proxy that it trusts."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from gateway.adapters.durability import Durability
from gateway.api.admission import PortLimits
from gateway.api.partner_port import build_partner_port
from gateway.api.serving import _Port
from gateway.bootstrap import Outside, build_gateway, import_partner_keys
from gateway.identifiers import MessageId, PartnerCode
from gateway.pipeline.facade import Gateway
from gateway.ports import ChannelAnswer
from gateway.security.certificate_making import GeneratedCertificate, generate_certificate
from gateway.security.generation import generate_key
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import KeyState, Lifecycle, StateChange
from gateway.security.xml_form import EnvelopeForm
from gateway.settings import Settings
from tests.attacks.table.attacker import BASE, Attacker
from tests.attacks.table.judging import Stage
from tests.attacks.table.wire import PROXY
from tests.world.partner import LONG_AGO, Partner
from tests.world.setting import MovableClock, World, data_with, prepared
from tests.world.tls import fresh, listed, register

UNTHROTTLED: dict[str, Any] = {
    "misbehaviour_limit": 1_000_000,
    "failed_attempts": 1_000_000,
    "refusal_log_seconds": 0.000_001,
    "live_gate": "off",
}
"""Each row is judged for itself: nobody is stopped for what others have done, and each leaves an entry of its own."""

MESSAGE_LIMIT = 200_000
BODY_SECONDS, HEAD_SECONDS = 1.0, 1.5
_PATIENCE = 10.0


class _Channels:
    """The ways to all partners."""

    def __init__(self, parties: Mapping[str, Partner]) -> None:
        self._parties = parties

    def deliver(self, partner: PartnerCode, endpoint: str, sealed: bytes, message_id: MessageId) -> ChannelAnswer:
        return self._parties[partner].deliver(partner, endpoint, sealed, message_id)


@contextmanager
def standing(folder: Path) -> Iterator[Stage]:
    """Set three partners up, serve the partner port, and let the attacker at it."""
    xx, yy, zz = Partner(), Partner(code="yy"), Partner(code="zz", form=EnvelopeForm.XMLDSIG)
    keys = {state.value: generate_key("xx", "ES256", LONG_AGO, number=7 + n) for n, state in enumerate(KeyState)}
    xx._own += [RegisteredKey(keys[state.value].public, "xx", _course(state)) for state in KeyState]
    settings = _set_up(folder, xx, yy, zz)
    certificates = _certificates(settings)
    clock, durability = MovableClock(), Durability()
    parties = {party.code: party for party in (xx, yy, zz)}
    outside = Outside(clock=clock, channel=_Channels(parties), durability=durability)
    with build_gateway(settings, outside) as gateway, _served(gateway, settings) as port:
        world = World(gateway=gateway, partner=xx, settings=settings, clock=clock, durability=durability)
        attacker = Attacker(world=world, parties=parties, certificates=certificates, keys=keys, port=port)
        database = sa.create_engine(settings.database)
        yield Stage(attacker=attacker, database=database)
        database.dispose()


def _course(state: KeyState) -> Lifecycle:
    """What leads to a state."""
    before = () if state in {KeyState.PENDING, KeyState.ACTIVE} else (StateChange(KeyState.ACTIVE, LONG_AGO),)
    return Lifecycle((*before, StateChange(state, LONG_AGO + timedelta(days=1))))


def _set_up(folder: Path, xx: Partner, *others: Partner) -> Settings:
    """All partners have to bring everything; ``zz`` signs XML, and has an agreement like that of ``xx``."""
    root = data_with(folder, *(other.code for other in others))
    for code in ("xx", *(other.code for other in others)):
        profile = root / "partners" / code / "profile.toml"
        text = profile.read_text(encoding="utf-8").replace('auth = "none"', 'auth = "mtls+oauth"')
        text = text.replace("[channel]", "[channel]\nrate_per_minute = 60000")
        profile.write_text(text.replace('"jose"', '"xmldsig"') if code == "zz" else text, encoding="utf-8")
    agreed = (root / "agreements" / "aa-xx-notes-v1.toml").read_text(encoding="utf-8").replace("aa-xx", "aa-zz")
    agreed = agreed.replace('partner = "xx"', 'partner = "zz"').replace('code = "xx"', 'code = "zz"')
    (root / "agreements" / "aa-zz-notes-v1.toml").write_text(agreed, encoding="utf-8")
    settings = prepared(
        folder,
        xx,
        root=root,
        trusted_proxies=(PROXY,),
        public_base_url=BASE,
        message_limit=MESSAGE_LIMIT,
        body_seconds=BODY_SECONDS,
        header_seconds=HEAD_SECONDS,
        inline_answer_seconds=_PATIENCE,
        **UNTHROTTLED,
    )
    for other in others:
        import_partner_keys(settings, other.code, other.key_list())
        other._theirs = xx._theirs
    return settings


def _certificates(settings: Settings) -> dict[str, GeneratedCertificate]:
    """One of each party, and of ``xx`` one that was withdrawn and one that is past its days; a stranger's."""
    made = {name: fresh(name) for name in ("xx", "yy", "zz", "withdrawn", "stranger")}
    long_ago = datetime.now(UTC) - timedelta(days=30)
    made["expired"] = generate_certificate("xx", ("localhost",), long_ago, lifetime=timedelta(days=10))
    withdrawn = listed(made["withdrawn"], "xx", KeyState.COMPROMISED)
    register(settings, "xx", listed(made["xx"], "xx"), withdrawn, listed(made["expired"], "xx"))
    for code in ("yy", "zz"):
        register(settings, code, listed(made[code], code))
    return made


@contextmanager
def _served(gateway: Gateway, settings: Settings) -> Iterator[int]:
    """The partner port of a gateway on a thread; gives its number."""
    app = build_partner_port(
        gateway,
        public_base=settings.public_base_url,
        proxies=settings.trusted_proxies,
        message_limit=settings.message_limit,
        body_seconds=settings.body_seconds,
        limits=PortLimits.of(settings),
    )
    listener = socket.create_server((PROXY, 0))
    server = _Port(app, listener, settings)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve_listener()))
    gateway.start()
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        gateway.stop()
        listener.close()
