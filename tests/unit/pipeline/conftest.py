"""A gateway over the made-up data folders, with a partner in memory; pauses are half of their bound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.adapters.system import SystemIds
from tests.world.setting import World, world_in


@pytest.fixture(autouse=True)
def _even_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SystemIds, "fraction", lambda _: 0.5)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_in(tmp_path) as made:
        yield made
