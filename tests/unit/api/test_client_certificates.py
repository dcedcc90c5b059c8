from __future__ import annotations

import ssl
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.api.client_certificates import ClientCertificates
from gateway.security.certificate_making import generate_certificate
from gateway.security.certificates import CertificateRefused, read_certificate, write_client_cert

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OURS = generate_certificate("xx", ("localhost",), NOW).der
OTHER = generate_certificate("yy", ("localhost",), NOW).der


def scope(client: Any, *, field: bytes | None = None, connection: bytes | None = None) -> dict[str, Any]:
    """What the server hands over: `field` is sent as Client-Cert, `connection` has been shown in the handshake."""
    headers = [(b"host", b"gateway")]
    if field is not None:
        headers.append((b"client-cert", write_client_cert(field).encode()))
    chain = [] if connection is None else [ssl.DER_cert_to_PEM_cert(connection)]
    return {"type": "http", "client": client, "headers": headers, "extensions": {"tls": {"client_cert_chain": chain}}}


PROXIED = ClientCertificates(["192.0.2.10", "198.51.100.0/24", "2001:db8::/64"])


@pytest.mark.parametrize(
    "client", ["192.0.2.10", "198.51.100.200", "2001:db8::1", "::ffff:192.0.2.10", "::ffff:c633:6407"]
)
def test_a_trusted_proxy_hands_the_certificate_on(client: str) -> None:
    assert PROXIED.of(scope((client, 4711), field=OURS)) == read_certificate(OURS)
    assert PROXIED.of(scope((client, 4711), field=OURS, connection=OTHER)) == read_certificate(OURS)
    assert PROXIED.of(scope((client, 4711))) is None


@pytest.mark.parametrize(
    "client", [("192.0.2.11", 1), ("203.0.113.5", 1), ("127.0.0.1", 1), ("2001:db8:1::1", 1), ("::1", 1), ("", 0), None]
)
def test_from_anywhere_else_the_field_refuses_the_request(client: Any) -> None:
    for certificates in (PROXIED, ClientCertificates()):
        for connection in (None, OTHER, OURS):
            with pytest.raises(CertificateRefused) as refused:
                certificates.of(scope(client, field=OURS, connection=connection))
            assert refused.value.stable_code == "certificate.field-refused"


@pytest.mark.parametrize("name", [b"x-forwarded-for", b"forwarded", b"x-real-ip", b"x-client-cert"])
def test_no_other_field_makes_a_proxy(name: bytes) -> None:
    asked = scope(("203.0.113.5", 1), field=OURS)
    asked["headers"].append((name, b"192.0.2.10"))
    with pytest.raises(CertificateRefused) as refused:
        PROXIED.of(asked)
    assert refused.value.stable_code == "certificate.field-refused"


def test_the_certificate_of_the_connection() -> None:
    assert PROXIED.of(scope(("203.0.113.5", 1), connection=OURS)) == read_certificate(OURS)
    assert ClientCertificates().of(scope(("203.0.113.5", 1), connection=OURS)) == read_certificate(OURS)
    assert ClientCertificates().of(scope(("203.0.113.5", 1))) is None
    assert ClientCertificates().of({"type": "http", "client": None, "headers": []}) is None


def test_a_second_field_of_a_proxy_is_refused() -> None:
    twice = scope(("192.0.2.10", 1), field=OURS)
    twice["headers"].append((b"Client-Cert", write_client_cert(OTHER).encode()))
    with pytest.raises(CertificateRefused) as refused:
        PROXIED.of(twice)
    assert refused.value.stable_code == "certificate.malformed"
