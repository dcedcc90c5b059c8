"""A gateway as a process of its own over the data folders of a test."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gateway.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def running(settings: Settings, log: Path, **changed: Any) -> Iterator[tuple[int, int]]:
    """`gateway run` until the block ends; gives the numbers of the partner port and the internal port.

    ``log`` takes what it says; ``changed`` are further settings.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SARHAD_")}
    chosen = {
        "root": settings.root,
        "state_dir": settings.state_dir,
        "log_origin": settings.log_origin,
        "partner_port": 0,
        "internal_port": 0,
    } | changed
    variables = {f"SARHAD_{name.upper()}": str(value) for name, value in chosen.items()}
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway", "run"],
            cwd=ROOT,
            env=kept | variables,
            stdout=subprocess.PIPE,
            stderr=said,
        )
        assert process.stdout is not None
        try:
            partner, internal = (int(number) for number in re.findall(rb":(\d+)", process.stdout.readline()))
            yield partner, internal
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
            process.stdout.close()
