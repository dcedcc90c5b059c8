"""How many connections the port holds, and how long one may keep us waiting for the head of a request.

uvicorn waits without end for the first head on a connection and for the rest of one that has begun; one machine could
hold all connections with a few bytes a minute. Here a head has a time from its first byte, or from the connection on,
that no further byte prolongs. The same holds for one who does not read his answer: closing a connection waits until
all is sent, so it is cut off after a time. A connection beyond the limits is closed before anything is read from it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import h11
import structlog

from gateway.api.broken_http import ReportingProtocol
from gateway.api.problems import TooSlow
from gateway.api.proxies import TrustedProxies
from gateway.settings import Settings

_log = structlog.get_logger("sarhad.api")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """What the settings say of the connections of a port.

    Attributes:
        most: connections at once.
        of_address: of one address among them.
        head_seconds: how long the head of a request may take to arrive.
        reading_seconds: how long the other side may leave what we have sent unread.
        proxies: addresses or networks of trusted proxies, which count as no address.
    """

    most: int = 1000
    of_address: int = 200
    head_seconds: float = 10.0
    reading_seconds: float = 30.0
    proxies: Sequence[str] = ()

    @classmethod
    def of(cls, settings: Settings) -> ConnectionLimits:
        """The limits that the settings name."""
        return cls(
            most=settings.connections,
            of_address=settings.connections_per_address,
            head_seconds=settings.header_seconds,
            reading_seconds=settings.reading_seconds,
            proxies=settings.trusted_proxies,
        )


class ConnectionBook:
    """The connections of one port.

    Args:
        limits: how many.
    """

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self._proxies = TrustedProxies(limits.proxies)
        self._open = 0
        self._of: Counter[str] = Counter()
        self._refusing = False

    def take(self, client: tuple[str, int] | None) -> str | None:
        """The name under which a new connection is counted; None when there is no room for it."""
        address = "" if client is None or self._proxies.include(client) else client[0]
        full = self._open >= self.limits.most
        if full or (address and self._of[address] >= self.limits.of_address):
            if not self._refusing:  # once, until there is room again
                _log.warning("connections refused", code="http.connections", whole=full)
            self._refusing = True
            return None
        self._refusing = False
        self._open += 1
        self._of[address] += 1
        return address

    def give_back(self, address: str) -> None:
        """A counted connection has ended."""
        self._open -= 1
        self._of[address] -= 1
        if not self._of[address]:
            del self._of[address]


class PatientProtocol(ReportingProtocol):
    """HTTP/1.1 whose patience has an end.

    Attributes:
        book: of the port; a subclass for each port has its own.
    """

    book = ConnectionBook(ConnectionLimits())

    _counted_as: str | None = None
    _head_timer: asyncio.TimerHandle | None = None
    _reading_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection stands, or is closed at once where there is no room for it."""
        super().connection_made(transport)
        self._counted_as = self.book.take(self.client)
        if self._counted_as is None:
            transport.abort()
            return
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self._stop_waiting()
        self._be_read()
        if self._counted_as is not None:
            self.book.give_back(self._counted_as)
            self._counted_as = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes have come; the time for a head runs until it is whole, however often some more arrive."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self._wait_for_head()
        else:
            self._stop_waiting()

    def pause_writing(self) -> None:
        """The other side does not read as fast as we send."""
        super().pause_writing()
        self._wait_for_reading()

    def resume_writing(self) -> None:
        """It has caught up."""
        super().resume_writing()
        self._be_read()

    def timeout_keep_alive_handler(self) -> None:
        """No further request came: the connection ends when all is sent, or when it is not read."""
        super().timeout_keep_alive_handler()
        self._wait_for_reading()

    def _wait_for_reading(self) -> None:
        if self._reading_timer is None:
            self._reading_timer = self.loop.call_later(self.book.limits.reading_seconds, self.transport.abort)

    def _be_read(self) -> None:
        if self._reading_timer is not None:
            self._reading_timer.cancel()
            self._reading_timer = None

    def _wait_for_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self.book.limits.head_seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        """No whole head in time: 408 (RFC 9110 section 15.5.9), and the connection ends; one that began is logged."""
        self._head_timer = None
        if self.transport.is_closing():
            return
        self._wait_for_reading()
        if self.conn.our_state is h11.IDLE and self.conn.trailing_data[0]:
            seconds = self.book.limits.head_seconds
            self.refuse(TooSlow(f"the head did not arrive within {seconds:g} seconds", remedy="send it in one piece"))
            return
        if self.conn.our_state is h11.IDLE:
            fields = [(b"content-length", b"0"), (b"connection", b"close")]
            parts = (h11.Response(status_code=408, headers=fields, reason=b"Request Timeout"), h11.EndOfMessage())
            self.transport.write(b"".join(self.conn.send(part) or b"" for part in parts))
        self.transport.close()
