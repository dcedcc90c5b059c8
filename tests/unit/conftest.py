"""What all unit tests share: files of secrets that open at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.adapters import secret_file


@pytest.fixture(scope="session", autouse=True)
def quick_stretching() -> Iterator[None]:
    """New files of secrets cost little to open: the full cost is half of the time in which a small gateway starts.

    The file says its cost, so whoever opens it later pays what it was made with.
    """
    patch = pytest.MonkeyPatch()
    patch.setattr(secret_file, "_SCRYPT_COST", 2**4)
    yield
    patch.undo()
