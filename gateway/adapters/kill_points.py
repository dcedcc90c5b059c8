"""Gates of the stages: nothing in production, a SIGKILL of one's own process in an acceptance test."""

from __future__ import annotations

import os
import signal
import threading

from gateway.errors import DataFolderError
from gateway.ports import Gate, Gates


class OpenGates:
    """What production uses: every gate stands open."""

    def reach(self, gate: Gate) -> None:
        """Nothing happens."""


class KillAt:
    """Kills this process without any clean-up when a gate is reached for the n-th time.

    Args:
        gate: where.
        passing: 1 for the first time.
    """

    def __init__(self, gate: Gate, passing: int = 1) -> None:
        self._gate = gate
        self._left = passing
        self._lock = threading.Lock()

    def reach(self, gate: Gate) -> None:
        """Die here if this is the gate and the time."""
        if gate is not self._gate:
            return
        with self._lock:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def gates_of(setting: str) -> Gates:
    """The gates of the setting ``kill_at``: empty, ``name`` or ``name:n``.

    Raises:
        DataFolderError: no gate has that name.
    """
    if not setting:
        return OpenGates()
    name, _, passing = setting.partition(":")
    try:
        return KillAt(Gate(name), int(passing or "1"))
    except ValueError:
        raise DataFolderError(
            "the setting kill_at names no gate",
            path="kill_at",
            remedy="it is for tests only: leave it empty, or name a gate of gateway.ports.Gate, perhaps with :n",
            code="settings.invalid",
        ) from None
