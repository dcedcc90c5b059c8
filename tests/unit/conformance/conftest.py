"""Endpoints for the kit, in threads of this process: our own gateway, the simulated partner, and broken ones."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp

from gateway.adapters.durability import Durability
from gateway.adapters.transport import import_partner_certificates, port_context, tls_folder
from gateway.api.partner_port import build_partner_port
from gateway.api.serving import _Port
from gateway.bootstrap import Outside, build_gateway, import_partner_keys, own_key_list, set_up
from gateway.catalogue import Catalogue, load_catalogue
from gateway.client.side import Side, make_side_certificate, make_side_keys, read_side
from gateway.conformance.samples import samples_of
from gateway.conformance.target import Target, Terms
from gateway.pipeline.facade import Gateway
from gateway.ports import ChannelAnswer
from gateway.settings import Settings, load_settings
from tests.world.partner import no_answer
from tests.world.setting import DATA, MovableClock, settings_in

LIMIT = 64 * 1024
PATIENCE = 0.5


class Unreachable:
    """The way to a partner that is not there."""

    def deliver(self, *_: object) -> ChannelAnswer:
        return no_answer()


@contextmanager
def served(make: Callable[[str], ASGIApp], tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """An application on a port of this machine; `make` is told its base URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"{'http' if tls is None else 'https'}://127.0.0.1:{listener.getsockname()[1]}"
    port = _Port(make(url), listener, load_settings(root=DATA), tls)
    thread = threading.Thread(target=lambda: asyncio.run(port.serve_listener()))
    thread.start()
    try:
        while not port.started:
            threading.Event().wait(0.005)
        yield url
    finally:
        port.should_exit = True
        thread.join()
        listener.close()


@dataclass(frozen=True, kw_only=True)
class UnderTest:
    """A gateway of ours with a partner that tests it."""

    gateway: Gateway
    settings: Settings
    side: Side
    url: str

    def target(self, catalogue: Catalogue, **terms: Any) -> Target:
        """The gateway as the kit sees it."""
        chosen = Terms(**({"message_limit": LIMIT, "patience": 10.0, "settle": 5.0} | terms))
        return Target(self.side, self.url, samples_of(catalogue, "xx", "in", datetime.now(UTC)), chosen)


@contextmanager
def gateway_under_test(folder: Path, **changed: Any) -> Iterator[UnderTest]:
    """Our gateway, set up, with the keys of one partner, serving its partner port."""
    settings = settings_in(folder, message_limit=LIMIT, body_seconds=PATIENCE, **changed)
    set_up(settings)
    import_partner_keys(settings, "xx", make_side_keys(folder / "xx", "xx"))
    (folder / "ours.json").write_bytes(own_key_list(settings))
    side = read_side(folder / "xx", "xx", "aa", folder / "ours.json")
    if settings.tls != "off":
        import_partner_certificates(settings, "xx", make_side_certificate(folder / "xx", "xx"))
        (folder / "tls.json").write_bytes(tls_folder(settings, Durability()).public_list())
        side = read_side(folder / "xx", "xx", "aa", folder / "ours.json", folder / "tls.json")
    with build_gateway(settings, Outside(clock=MovableClock(), channel=Unreachable())) as gateway:
        gateway.start()

        def make(url: str) -> ASGIApp:
            return build_partner_port(gateway, public_base=url, message_limit=LIMIT, body_seconds=PATIENCE)

        with served(make, port_context(settings, gateway.access.certificates)) as url:
            yield UnderTest(gateway=gateway, settings=settings, side=side, url=url)


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> tuple[Side, Side]:
    """The one who tests, and the one who is tested."""
    folder = tmp_path_factory.mktemp("sides")
    for code in ("aa", "xx"):
        (folder / f"{code}.json").write_bytes(make_side_keys(folder / code, code))
    return (
        read_side(folder / "aa", "aa", "xx", folder / "xx.json"),
        read_side(folder / "xx", "xx", "aa", folder / "aa.json"),
    )


@pytest.fixture(scope="session")
def catalogue(derived: Path) -> Catalogue:
    return load_catalogue(DATA, cache=derived)


@pytest.fixture(scope="module")  # not longer: its workers write to the output that other tests read
def tested(tmp_path_factory: pytest.TempPathFactory, derived: Path) -> Iterator[UnderTest]:
    with gateway_under_test(tmp_path_factory.mktemp("tested"), cache_dir=derived) as found:
        yield found
