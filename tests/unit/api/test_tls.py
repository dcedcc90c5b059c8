"""Client certificates over real sockets: who gets through the handshake, and what the application then sees."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.adapters.tls import TlsIdentity, client_context, server_context, trust_also
from gateway.api.tls import TlsProtocol, peer_certificate
from gateway.security.certificate_making import GeneratedCertificate, generate_certificate
from gateway.security.certificates import certificate_thumbprint

NOW = datetime.now(UTC)
PASSWORD = b"of the test"


def identity_of(made: GeneratedCertificate, folder: Path, name: str) -> TlsIdentity:
    identity = TlsIdentity(certificate=folder / f"{name}.pem", key=folder / f"{name}.key", password=PASSWORD)
    identity.certificate.write_bytes(made.pem)
    identity.key.write_bytes(made.private_pem(PASSWORD))
    return identity


async def app(scope: Any, _receive: Any, send: Any) -> None:
    """Answers with what it sees of the certificate."""
    if scope["type"] != "http":
        return
    der = peer_certificate(scope)
    body = json.dumps({"leaf": certificate_thumbprint(der) if der else None, "scheme": scope["scheme"]}).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def serving(context: ssl.SSLContext | None) -> Iterator[int]:
    factory = None if context is None else (lambda _config, _default: context)
    config = uvicorn.Config(
        app, port=0, http=TlsProtocol, ssl_context_factory=factory, log_config=None, lifespan="off", proxy_headers=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def ask(port: int, context: ssl.SSLContext | None, times: int = 1) -> list[Any]:
    connection: http.client.HTTPConnection
    if context is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    else:
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=context)
    try:
        answers = []
        for _ in range(times):
            connection.request("GET", "/", headers={"Client-Cert": ":AAAA:"})
            answers.append(json.loads(connection.getresponse().read()))
        return answers
    finally:
        connection.close()


@pytest.fixture(scope="module")
def ours() -> GeneratedCertificate:
    return generate_certificate("aa", ("127.0.0.1",), NOW)


@pytest.fixture(scope="module")
def registered() -> GeneratedCertificate:
    return generate_certificate("xx", ("localhost",), NOW)


@pytest.fixture(name="caller")
def caller_fixture(ours: GeneratedCertificate, tmp_path: Path) -> Callable[..., ssl.SSLContext]:
    """The context of a client that shows a certificate, or none."""

    def make(made: GeneratedCertificate | None, **more: Any) -> ssl.SSLContext:
        identity = None if made is None else identity_of(made, tmp_path, "caller")
        return client_context(identity, trusted=[ours.der], **more)

    return make


@pytest.fixture(name="port")
def port_fixture(ours: GeneratedCertificate, registered: GeneratedCertificate, tmp_path: Path) -> Iterator[int]:
    with serving(server_context(identity_of(ours, tmp_path, "ours"), trusted=[registered.der])) as port:
        yield port


Caller = Callable[..., ssl.SSLContext]


def refusal(port: int, context: ssl.SSLContext) -> str:
    """What the log says of a handshake that fails."""
    with structlog.testing.capture_logs() as said, pytest.raises((ssl.SSLError, OSError, http.client.HTTPException)):
        ask(port, context)
    [line] = [line for line in said if line.get("code") == "tls.handshake"]
    return f"{line['reason']} {line['verdict']}".strip()


def test_the_application_sees_the_leaf_at_every_request(
    port: int, registered: GeneratedCertificate, caller: Caller
) -> None:
    seen = {"leaf": certificate_thumbprint(registered.der), "scheme": "https"}
    assert ask(port, caller(registered), times=3) == [seen] * 3


def test_no_certificate(port: int, caller: Caller) -> None:
    assert "PEER_DID_NOT_RETURN_A_CERTIFICATE" in refusal(port, caller(None))


def test_a_certificate_that_nobody_registered(port: int, caller: Caller) -> None:
    stranger = generate_certificate("xx", ("localhost",), NOW)
    assert "CERTIFICATE_VERIFY_FAILED self-signed certificate" in refusal(port, caller(stranger))


def test_a_certificate_that_is_registered_while_the_port_serves(
    ours: GeneratedCertificate, registered: GeneratedCertificate, caller: Caller, tmp_path: Path
) -> None:
    context = server_context(identity_of(ours, tmp_path, "ours"), trusted=[registered.der])
    later = generate_certificate("xx", ("localhost",), NOW)
    with serving(context) as port:
        refusal(port, caller(later))
        trust_also(context, [])
        trust_also(context, [registered.der, later.der])
        assert ask(port, caller(later))[0]["leaf"] == certificate_thumbprint(later.der)
        assert ask(port, caller(registered))[0]["leaf"] == certificate_thumbprint(registered.der)


def test_a_certificate_that_a_registered_one_has_issued(
    port: int, registered: GeneratedCertificate, caller: Caller
) -> None:
    issued = issued_by(registered, NOW)
    assert "CERTIFICATE_VERIFY_FAILED" in refusal(port, caller(issued))


@pytest.mark.parametrize("days", [-60, 60])
def test_a_registered_certificate_outside_its_days(
    ours: GeneratedCertificate, caller: Caller, tmp_path: Path, days: int
) -> None:
    other = generate_certificate("xx", ("localhost",), NOW + timedelta(days=days), lifetime=timedelta(days=30))
    with serving(server_context(identity_of(ours, tmp_path, "ours"), trusted=[other.der])) as port:
        said = refusal(port, caller(other))
    assert ("certificate has expired" if days < 0 else "certificate is not yet valid") in said


def test_older_versions_of_tls_are_refused(
    port: int, registered: GeneratedCertificate, caller: Caller, ours: GeneratedCertificate, tmp_path: Path
) -> None:
    old = caller(registered, oldest="1.2")
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    assert "UNSUPPORTED_PROTOCOL" in refusal(port, old)
    context = server_context(identity_of(ours, tmp_path, "ours2"), trusted=[registered.der], oldest="1.2")
    with serving(context) as older:
        assert ask(older, old)[0]["leaf"] == certificate_thumbprint(registered.der)


def test_an_authority_lets_its_certificates_in_and_the_leaf_is_seen(
    ours: GeneratedCertificate, caller: Caller, tmp_path: Path
) -> None:
    authority = make_authority()
    issued = issued_by(authority, NOW)
    (tmp_path / "authorities.pem").write_bytes(authority.pem)
    context = server_context(identity_of(ours, tmp_path, "ours"), trusted=(), authorities=tmp_path / "authorities.pem")
    with serving(context) as port:
        assert ask(port, caller(issued))[0]["leaf"] == certificate_thumbprint(issued.der)
        assert "CERTIFICATE_VERIFY_FAILED" in refusal(port, caller(issued_by(make_authority(), NOW)))


def test_without_tls_there_is_no_certificate_whatever_the_fields_say() -> None:
    with serving(None) as port:
        assert ask(port, None) == [{"leaf": None, "scheme": "http"}]


def test_a_client_that_pinned_another_server_sends_nothing(
    port: int, registered: GeneratedCertificate, tmp_path: Path
) -> None:
    elsewhere = generate_certificate("aa", ("127.0.0.1",), NOW)
    context = client_context(identity_of(registered, tmp_path, "caller"), trusted=[elsewhere.der])
    with pytest.raises(ssl.SSLCertVerificationError):
        ask(port, context)


def test_a_port_names_no_partner_to_a_stranger(ours: GeneratedCertificate, caller: Caller, tmp_path: Path) -> None:
    """TLS may tell which issuers a server takes: that would name all partners. Version 1.2 tells it openly."""
    registered = generate_certificate("name-of-a-partner", ("localhost",), NOW)
    context = server_context(identity_of(ours, tmp_path, "ours"), trusted=[registered.der], oldest="1.2")
    client = caller(None, oldest="1.2")
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    told = b""
    with serving(context) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = client.wrap_bio(incoming, outgoing)
        with pytest.raises(ssl.SSLWantReadError):
            tls.do_handshake()
        raw.sendall(outgoing.read())
        while b"\x0e\x00\x00\x00" not in told:  # ServerHelloDone (RFC 5246 s. 7.4.5)
            told += raw.recv(65536)
    assert ours.der in told
    assert b"name-of-a-partner" not in told


def make_authority() -> GeneratedCertificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return GeneratedCertificate(key, made)


def issued_by(issuer: GeneratedCertificate, at: datetime) -> GeneratedCertificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issued")])
    made = (
        x509.CertificateBuilder(issuer.certificate.subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=10))
        .sign(issuer.private, hashes.SHA256())
    )
    return GeneratedCertificate(key, made)
