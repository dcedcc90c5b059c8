"""What every test shares: no sockets beyond this machine, one place that knows the project's folders."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from gateway.adapters import secret_file

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT.parent / "shared" / "samples"

settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.load_profile("suite")

_LOOPBACK = {"127.0.0.1", "::1", "localhost", ""}


class SocketBeyondLoopbackError(RuntimeError):
    """A test tried to reach another machine."""


@pytest.fixture(autouse=True, scope="session")
def _no_sockets_beyond_loopback() -> Iterator[None]:
    real_connect = socket.socket.connect
    real_lookup = socket.getaddrinfo

    def connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in _LOOPBACK:
            raise SocketBeyondLoopbackError(f"connect to {address[0]}")
        real_connect(self, address)

    def lookup(host: Any, *rest: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and name not in _LOOPBACK:
            raise SocketBeyondLoopbackError(f"look up {name}")
        return real_lookup(host, *rest, **named)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", connect)
    patch.setattr(socket, "getaddrinfo", lookup)
    yield
    patch.undo()


@pytest.fixture(scope="session", autouse=True)
def quick_stretching() -> Iterator[None]:
    """New files of secrets cost little to open: the full cost is half of the time in which a small gateway starts.

    The file says its cost, so whoever opens it later pays what it was made with.
    """
    patch = pytest.MonkeyPatch()
    patch.setattr(secret_file, "_SCRYPT_COST", 2**4)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def project_root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def derived(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of derived structures that all tests share which do not look at the derivation itself.

    It outlives the run, under a name that changes with the source of the derivation.
    """
    digest = hashlib.sha256()
    for file in sorted((ROOT / "gateway" / "formats").glob("*.py")):
        digest.update(file.read_bytes())
    kept: pytest.Cache | None = getattr(pytestconfig, "cache", None)  # absent where pytest runs without its cache
    return tmp_path_factory.mktemp("derived") if kept is None else kept.mkdir(f"derived-{digest.hexdigest()[:16]}")


@pytest.fixture(scope="session")
def samples() -> Path:
    """Real messages beside the project; a test that needs them is skipped where they are absent."""
    if not SAMPLES.is_dir():
        pytest.skip("the folder of real samples is not beside the project")
    return SAMPLES


@pytest.fixture(scope="session")
def soak() -> bool:
    """Whether the long campaigns run (make soak)."""
    return os.environ.get("SARHAD_SOAK") == "1"
