"""The client certificate of a connection, handed from uvicorn to the application.

uvicorn ends TLS but tells the application nothing of it. A small protocol class adds the extension ``tls`` of ASGI
(its specification of TLS 0.2) to the scope of each request, with the one member that is used here: the leaf.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any

from gateway.api.connections import ConnectionBook, ConnectionLimits, PatientProtocol

_EXTENSION = "tls"
_CHAIN = "client_cert_chain"


class TlsProtocol(PatientProtocol):
    """HTTP/1.1 whose application finds the client certificate in its scope.

    The extension is written for every request, over whatever stood there, so that nothing else can put a certificate
    in: with TLS the leaf that the handshake has verified, without TLS an empty chain.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection stands; its handshake, if any, is done."""
        super().connection_made(transport)
        tls = transport.get_extra_info("ssl_object")
        der = tls.getpeercert(binary_form=True) if tls is not None else None
        chain = [ssl.DER_cert_to_PEM_cert(der)] if der else []
        inner = self.app

        async def with_certificate(scope: Any, receive: Any, send: Any) -> None:
            extensions = {**(scope.get("extensions") or {}), _EXTENSION: {_CHAIN: chain}}
            await inner({**scope, "extensions": extensions}, receive, send)

        self.app = with_certificate


def protocol_with(limits: ConnectionLimits) -> type[TlsProtocol]:
    """The protocol of one port, which counts its own connections.

    Args:
        limits: how many connections, and how patient.
    """

    class PortProtocol(TlsProtocol):
        """The protocol of this port."""

        book = ConnectionBook(limits)

    return PortProtocol


def peer_certificate(scope: Mapping[str, Any]) -> bytes | None:
    """The leaf certificate of the connection that a request came over, in DER form; None without one.

    Args:
        scope: ASGI scope of the request.
    """
    chain = (scope.get("extensions") or {}).get(_EXTENSION, {}).get(_CHAIN) or ()
    return ssl.PEM_cert_to_DER_cert(chain[0]) if chain else None
