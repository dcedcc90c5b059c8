"""Connections of our own calls: to an address that was checked, and for as long as a call may take.

Between the check of a name and the connection no second look-up can come (DNS rebinding): the name is resolved once,
every address that it has is checked, and the connection goes to one of exactly these. What TLS asks for and compares is
still the name. A call has one deadline from the first look-up to the last byte, however its bytes are spread over it.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore

from gateway.adapters.outbound_addresses import OutboundAddresses, is_address, is_loopback, plain_host
from gateway.errors import DeliveryFailed

Resolve = Callable[[str, int], list[str]]
"""From a name and a port to its addresses, in the order in which they are tried."""

_PIECE = 64 * 1024
"""Bytes that are handed to the connection at once."""

MOST_ADDRESSES = 4
"""How many addresses of one name are tried: each costs the time of a connection."""


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, by the machine's resolver.

    Raises:
        OSError: there are none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class Deadline:
    """By when the call of the present thread has to be over; each thread makes one call at a time."""

    def __init__(self) -> None:
        self._local = threading.local()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Everything inside the block has to be done within these seconds."""
        self._local.ends = time.monotonic() + seconds
        try:
            yield
        finally:
            self._local.ends = None

    def left(self, timeout: float | None) -> float | None:
        """How long the next wait may last: the time that is left, but no longer than ``timeout``.

        Raises:
            DeliveryFailed: ``delivery.too-slow``: none is left.
        """
        ends: float | None = getattr(self._local, "ends", None)
        if ends is None:
            return timeout
        left = ends - time.monotonic()
        if left <= 0:
            raise DeliveryFailed(
                "the other side took longer than a whole call may",
                remedy="look at the partner's endpoint and the line; call_seconds is the limit",
                code="delivery.too-slow",
            )
        return left if timeout is None else min(left, timeout)


class CheckedConnections(httpcore.NetworkBackend):
    """Opens connections to checked addresses only.

    Args:
        addresses: judges what a name leads to.
        deadline: of the calls.
        lookup: resolves names.
    """

    def __init__(self, addresses: OutboundAddresses, deadline: Deadline, lookup: Resolve = resolve) -> None:
        self._addresses = addresses
        self._deadline = deadline
        self._lookup = lookup
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve once, check, connect to what was checked.

        Raises:
            DeliveryFailed: ``delivery.url-refused``, ``delivery.address-refused``, ``delivery.not-resolved``.
            httpcore.ConnectError: none of the addresses answers.
        """
        failure: Exception | None = None
        for address in self._checked(host, port)[:MOST_ADDRESSES]:
            try:
                wait = self._deadline.left(timeout)
                opened = self._sockets.connect_tcp(address, port, wait, local_address, socket_options)
                return _TimedStream(opened, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError("no address")

    def _checked(self, host: str, port: int) -> tuple[str, ...]:
        plain = plain_host(f"[{host}]" if ":" in host else host)
        loopback = plain == "localhost" or is_loopback(plain)
        try:
            found = [plain] if is_address(plain) else self._lookup(plain, port)
        except (OSError, UnicodeError):
            raise DeliveryFailed(
                "the name of the partner's endpoint leads nowhere",
                remedy="look whether the name in its profile is right and the name server answers",
                code="delivery.not-resolved",
            ) from None
        return self._addresses.check(found, loopback=loopback)


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every wait ends with the call."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next bytes."""
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send, piece by piece, so that a reader who takes a byte at a time is noticed."""
        view = memoryview(buffer)
        for start in range(0, len(view), _PIECE):
            self._inner.write(bytes(view[start : start + _PIECE]), self._deadline.left(timeout))

    def close(self) -> None:
        """Hang up."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Begin TLS, under the name that was called."""
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _TimedStream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """What the connection below says."""
        return self._inner.get_extra_info(info)


def checked_pool(trust: ssl.SSLContext, connections: CheckedConnections) -> httpcore.ConnectionPool:
    """A pool over checked connections; an idle one is given up soon, so that a name is looked up again.

    Args:
        trust: the TLS context of the calls.
        connections: opens them.
    """
    return httpcore.ConnectionPool(
        ssl_context=trust, max_keepalive_connections=4, keepalive_expiry=5.0, network_backend=connections
    )
