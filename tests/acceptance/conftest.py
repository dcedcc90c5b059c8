"""What acceptance tests share: commands in this process read the same data folders once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import pytest

from gateway.cli import places


@pytest.fixture(scope="session", autouse=True)
def folders_read_once() -> Iterator[None]:
    """A catalogue is frozen and depends on its folders alone, which no test changes after a command has read them."""
    patch = pytest.MonkeyPatch()
    for name in ("load_catalogue", "load_judging"):
        patch.setattr(places, name, lru_cache(maxsize=4)(getattr(places, name)))
    yield
    patch.undo()
