"""Both ports in one process: the partner port and the internal port, each on its own address, stopped together.

The process ends on SIGTERM or SIGINT after the requests under way; what is due afterwards is in the store and goes on
at the next start.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import signal
import socket
import ssl
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import anyio.to_thread
import uvicorn
from starlette.types import ASGIApp

from gateway.adapters.transport import port_context, trust_certificates
from gateway.api.admission import PortLimits
from gateway.api.connections import ConnectionLimits
from gateway.api.internal_port import build_internal_port
from gateway.api.partner_port import build_partner_port
from gateway.api.tls import protocol_with
from gateway.errors import DataFolderError
from gateway.pipeline.facade import Gateway
from gateway.settings import Settings

SECONDS_TO_FINISH = 10
"""How long requests under way may take after the signal to stop."""

_SERVER_LOG = "uvicorn.error"


def _without_traceback(record: logging.LogRecord) -> bool:
    """Drop what an exception says from the server's own log: its text might quote a message; ours names its class."""
    record.exc_info = record.exc_text = None
    return True


class _Port(uvicorn.Server):
    """A server on a socket that listens already; it leaves signals to the one who runs both."""

    def __init__(
        self, app: ASGIApp, listener: socket.socket, settings: Settings, tls: ssl.SSLContext | None = None
    ) -> None:
        config = uvicorn.Config(
            app,
            http=protocol_with(ConnectionLimits.of(settings)),
            ws="none",  # no route speaks it, and its handshake would end what the protocol counts
            h11_max_incomplete_event_size=settings.header_bytes,
            timeout_keep_alive=settings.keepalive_seconds,
            ssl_context_factory=None if tls is None else lambda _config, _default: tls,
            proxy_headers=False,  # or a caller on this machine could choose his address by X-Forwarded-For
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=SECONDS_TO_FINISH,
        )
        super().__init__(config)
        logging.getLogger(_SERVER_LOG).addFilter(_without_traceback)
        self._listener = listener

    async def serve_listener(self) -> None:
        """Serve until told to stop."""
        await self.serve(sockets=[self._listener])

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Loop(asyncio.SelectorEventLoop):
    """An event loop whose servers do not wait for a handshake of TLS for Python's whole minute."""

    handshake_seconds = 60.0

    async def create_server(self, *arguments: Any, **named: Any) -> asyncio.Server:
        """As in every event loop."""
        if named.get("ssl") is not None:
            named["ssl_handshake_timeout"] = self.handshake_seconds
        return await super().create_server(*arguments, **named)


def run_in_loop(work: Coroutine[Any, Any, None], settings: Settings) -> None:
    """Run what serves, in an event loop with the patience and the threads of the settings.

    Args:
        work: ends when serving does.
        settings: name the limits.
    """

    def make() -> _Loop:
        loop = _Loop()
        loop.handshake_seconds = settings.header_seconds
        return loop

    async def with_threads() -> None:
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.threads
        await work

    with asyncio.Runner(loop_factory=make) as runner:
        runner.run(with_threads())


def serve(gateway: Gateway, settings: Settings, *, on_ready: Callable[[str, str], None] | None = None) -> None:
    """Serve both ports and the background work until a signal comes.

    Both addresses are taken before any work begins: a second process beside a running one stops here.

    Args:
        gateway: built from the settings.
        settings: name hosts, ports and limits.
        on_ready: called once with the addresses of the partner port and the internal port, when both accept
            connections.

    Raises:
        DataFolderError: an address cannot be taken, the files of TLS cannot be used, or the partner port could not keep
            what the partners' profiles promise.
    """
    limit, seconds = settings.message_limit, settings.body_seconds
    sees_certificates = settings.tls != "off" or bool(settings.trusted_proxies)
    gateway.access.check_port(on_loopback=settings.on_loopback, sees_certificates=sees_certificates)
    tls = port_context(settings, gateway.access.certificates)
    if tls is not None:
        gateway.access.follow(functools.partial(trust_certificates, tls))
    with contextlib.ExitStack() as stack:
        partner = stack.enter_context(_listener("partner_port", settings.partner_host, settings.partner_port))
        internal = stack.enter_context(_listener("internal_port", settings.internal_host, settings.internal_port))
        secure = "http" if tls is None else "https"
        addresses = (_address(settings.partner_host, partner, secure), _address(settings.internal_host, internal))
        port = build_partner_port(
            gateway,
            public_base=settings.public_base_url or addresses[0],
            audience=settings.api_audience,
            proxies=settings.trusted_proxies,
            message_limit=limit,
            body_seconds=seconds,
            limits=PortLimits.of(settings),
        )
        inside = build_internal_port(gateway, message_limit=limit, body_seconds=seconds)
        ports = [_Port(port, partner, settings, tls), _Port(inside, internal, settings)]
        gateway.start()
        try:
            ready = (lambda: None) if on_ready is None else (lambda: on_ready(*addresses))
            run_in_loop(_serve_all(ports, ready), settings)
        finally:
            gateway.stop()


def _listener(setting: str, host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise DataFolderError(
            f"cannot listen on {host} port {port}: {str(error.strerror).partition(' (')[0]}",
            path=setting,
            remedy="end the process that listens there, or set another address",
            code="settings.address",
        ) from None


def _address(host: str, listener: socket.socket, scheme: str = "http") -> str:
    """Base URL of a port; with port 0 the one that the machine chose."""
    named = f"[{host}]" if ":" in host else host
    return f"{scheme}://{named}:{listener.getsockname()[1]}"


async def _serve_all(ports: list[_Port], on_ready: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for port in ports:
            port.should_exit = True

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop)
    running = [asyncio.create_task(port.serve_listener()) for port in ports]
    while not all(port.started for port in ports):
        if any(task.done() for task in running):
            stop()
            break
        await asyncio.sleep(0.02)
    else:
        on_ready()
    await asyncio.gather(*running)
