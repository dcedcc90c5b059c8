"""A whole gateway over the made-up data folders of this package, with a partner beside it."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from gateway.adapters.durability import Durability
from gateway.bootstrap import Outside, build_gateway, import_partner_keys, own_key_list, set_up
from gateway.pipeline.facade import Gateway
from gateway.settings import Settings, load_settings
from tests.world.partner import Partner

DATA = Path(__file__).parent / "data"


class MovableClock:
    """The machine's time plus what a test adds."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def go(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


@dataclass(frozen=True, kw_only=True)
class World:
    """A gateway, its settings, the partner, the clock, and the count of durable steps."""

    gateway: Gateway
    partner: Partner
    settings: Settings
    clock: MovableClock
    durability: Durability


@cache
def derived_structures() -> Path:
    """A folder of derived structures that all gateways of this process share; they are found by their digest."""
    folder = Path(tempfile.mkdtemp(prefix="sarhad-derived-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def settings_in(folder: Path, **changed: Any) -> Settings:
    """Settings of a gateway whose state lies in a folder."""
    chosen: dict[str, Any] = {
        "root": DATA,
        "state_dir": folder / "state",
        "cache_dir": derived_structures(),
        "log_origin": "aa.example/log",
    }
    return load_settings(**(chosen | changed))


def data_with(folder: Path, *partners: str, http_signature: str = "cgw-1", envelope: str = "jose") -> Path:
    """A copy of the data folders: more partners like the first one, their HTTP signatures and form of envelope."""
    root = folder / "data"
    shutil.copytree(DATA, root)
    profile = root / "partners" / "xx" / "profile.toml"
    text = profile.read_text(encoding="utf-8")
    text += f'http_signature = "{http_signature}"\nenvelope = "{envelope}"\n'
    profile.write_text(text, encoding="utf-8")
    for code in partners:
        shutil.copytree(root / "partners" / "xx", root / "partners" / code)
        named = text.replace('code = "xx"', f'code = "{code}"')
        (root / "partners" / code / "profile.toml").write_text(named, encoding="utf-8")
    return root


def prepared(folder: Path, partner: Partner, **changed: Any) -> Settings:
    """Set a gateway up and let both sides know each other's keys."""
    settings = settings_in(folder, **changed)
    set_up(settings)
    import_partner_keys(settings, partner.code, partner.key_list())
    partner.know(own_key_list(settings))
    return settings


@contextmanager
def world_in(folder: Path, partner: Partner | None = None, **changed: Any) -> Iterator[World]:
    """A gateway that was set up, with a partner who takes deliveries in this process."""
    partner = partner or Partner()
    settings = prepared(folder, partner, **changed)
    clock, durability = MovableClock(), Durability()
    outside = Outside(clock=clock, channel=partner, durability=durability)
    with build_gateway(settings, outside) as gateway:
        yield World(gateway=gateway, partner=partner, settings=settings, clock=clock, durability=durability)
