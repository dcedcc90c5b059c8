"""What all unit tests share: files of secrets that open at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.adapters import key_files


@pytest.fixture(scope="session", autouse=True)
def quick_stretching() -> Iterator[None]:
    """Passphrases are stretched for a moment only: the full cost is half of the time in which a gateway starts.

    Nothing that another process has to open is made here; acceptance tests pay the full price.
    """
    patch = pytest.MonkeyPatch()
    patch.setattr(key_files, "_SCRYPT_COST", {"n": 2**4, "r": 8, "p": 1})
    yield
    patch.undo()
