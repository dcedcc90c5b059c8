"""Which client certificate a request came with: that of its own connection, or the one that a trusted proxy hands on.

A proxy that ends TLS sends the leaf in ``Client-Cert`` (RFC 9440). The field is read from configured addresses only;
from anywhere else it refuses the request, for somebody tries to be whom he is not (section 4 there asks the proxy to
strip it). The address is that of the connection itself: ``X-Forwarded-For`` and its like are never looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.api.proxies import TrustedProxies
from gateway.api.tls import peer_certificate
from gateway.security.certificates import (
    FIELD,
    CertificateCode,
    CertificateRefused,
    ClientCertificate,
    read_certificate,
    read_client_cert,
)

_FIELD = FIELD.lower().encode("ascii")


class ClientCertificates:
    """Finds the certificate of a request.

    Args:
        proxies: addresses or networks of the proxies that end TLS in front of us.
    """

    def __init__(self, proxies: Iterable[str] = ()) -> None:
        self._proxies = TrustedProxies(proxies)

    def of(self, scope: Mapping[str, Any]) -> ClientCertificate | None:
        """The certificate that a request came with; None for one without.

        Args:
            scope: ASGI scope of the request, as the server made it.

        Raises:
            CertificateRefused: ``certificate.field-refused`` or ``certificate.malformed``.
        """
        lines = [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == _FIELD]
        if self._proxies.include(scope.get("client")):
            return read_client_cert(lines) if lines else None
        if lines:
            raise CertificateRefused(CertificateCode.FIELD_REFUSED, detail="the connection is none of a proxy")
        der = peer_certificate(scope)
        return None if der is None else read_certificate(der)
