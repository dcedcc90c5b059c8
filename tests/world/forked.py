"""A gateway as a process of its own that begins with everything imported: it serves a second sooner than the command.

It does what ``gateway run`` does. It is forked from a server of `multiprocessing` that has loaded the program, so it
shares no memory with the test.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from gateway.api.serving import serve
from gateway.bootstrap import build_gateway, set_up
from gateway.cli.logs import log_to_stderr
from gateway.settings import Settings, load_settings

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])
SECONDS_TO_START = 60


@contextmanager
def forked(settings: Settings, log: Path, **changed: Any) -> Iterator[tuple[int, int]]:
    """`gateway run` until the block ends; gives the numbers of the partner port and the internal port.

    ``log`` takes what it says; ``changed`` are further settings.
    """
    chosen = {
        "root": settings.root,
        "state_dir": settings.state_dir,
        "cache_dir": settings.cache,
        "database_url": settings.database,
        "log_origin": settings.log_origin,
        "partner_port": 0,
        "internal_port": 0,
    } | changed
    ours, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=serve_until_told, args=(chosen, log, theirs))
    process.start()
    theirs.close()
    try:
        assert ours.poll(SECONDS_TO_START), log.read_text(encoding="utf-8")
        partner, internal = ours.recv()
        yield partner, internal
    finally:
        if process.is_alive() and process.pid is not None:
            os.kill(process.pid, signal.SIGTERM)
        process.join(20)
        ours.close()


def serve_until_told(chosen: Mapping[str, Any], log: Path, told: Connection) -> None:
    """The life of the process: its standard output and errors in a file, its ports told to who began it."""
    with log.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    log_to_stderr()
    settings = load_settings(**chosen)
    set_up(settings)
    with build_gateway(settings) as gateway:

        def tell(*addresses: str) -> None:
            told.send([int(address.rpartition(":")[2]) for address in addresses])

        serve(gateway, settings, on_ready=tell)
