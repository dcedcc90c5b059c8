"""Both ports in one process: the partner port and the internal port, each on its own address, stopped together.

The process ends on SIGTERM or SIGINT after the requests under way; what is due afterwards is in the store and goes on
at the next start.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator

import uvicorn
from fastapi import FastAPI

from gateway.api.internal_port import build_internal_port
from gateway.api.partner_port import build_partner_port
from gateway.pipeline.facade import Gateway
from gateway.settings import Settings

SECONDS_TO_FINISH = 10
"""How long requests under way may take after the signal to stop."""


class _Port(uvicorn.Server):
    """A server that leaves signals to the one who runs both."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(gateway: Gateway, settings: Settings, *, on_ready: Callable[[], None] | None = None) -> None:
    """Serve both ports and the background work until a signal comes.

    Args:
        gateway: built from the settings.
        settings: name hosts, ports and limits.
        on_ready: called once, when both ports accept connections.
    """
    limit = settings.message_limit
    ports = [
        _port(build_partner_port(gateway, message_limit=limit), settings.partner_host, settings.partner_port),
        _port(build_internal_port(gateway, message_limit=limit), settings.internal_host, settings.internal_port),
    ]
    gateway.start()
    try:
        asyncio.run(_serve_all(ports, on_ready))
    finally:
        gateway.stop()


def _port(app: FastAPI, host: str, port: int) -> _Port:
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
    )
    return _Port(config)


async def _serve_all(ports: list[_Port], on_ready: Callable[[], None] | None) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for port in ports:
            port.should_exit = True

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop)
    running = [asyncio.create_task(port.serve()) for port in ports]
    while not all(port.started for port in ports):
        if any(task.done() for task in running):
            stop()
            break
        await asyncio.sleep(0.02)
    else:
        if on_ready is not None:
            on_ready()
    await asyncio.gather(*running)
