"""TLS contexts of both directions: our partner port, and our calls to a partner.

Who may connect is decided by registered leaf certificates. Each is loaded as a trust anchor of its own (a path may
begin at any anchor that the verifier trusts, RFC 5280 section 6.1), so no authority of the operating system's store is
believed. An operator whose partners use certificates of an authority names that authority; the leaf is compared with
the pins afterwards all the same. TLS sees the day of expiry; what state a certificate is in is asked at each request.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from gateway.errors import DataFolderError

_log = structlog.get_logger("sarhad.tls")

_PROTOCOLS = ["http/1.1"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsIdentity:
    """Our certificate with its private key.

    Attributes:
        certificate: PEM file, the leaf first, then its chain.
        key: PEM file of the private key.
        password: of the private key; None when it is not encrypted.
    """

    certificate: Path
    key: Path
    password: bytes | None = field(default=None, repr=False)


class _LoggedHandshake(ssl.SSLObject):
    """Writes down why a handshake failed: the caller is told by an alert of TLS and nobody else would ever know."""

    def do_handshake(self) -> None:
        """Shake hands; waiting for more bytes is no failure."""
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            verdict = getattr(error, "verify_message", "")
            _log.info("handshake refused", code="tls.handshake", reason=error.reason or "", verdict=verdict)
            raise


def server_context(
    identity: TlsIdentity, *, trusted: Iterable[bytes], authorities: Path | None = None, oldest: str = "1.3"
) -> ssl.SSLContext:
    """The context of a port on which every caller shows a certificate.

    Args:
        identity: what the port shows.
        trusted: registered leaf certificates of callers, in DER form.
        authorities: PEM file of further trust anchors.
        oldest: ``1.3``, or ``1.2`` for a partner that has nothing newer.

    Raises:
        DataFolderError: ``tls.files``: a file is missing, does not decrypt, or is not what it should be.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION
    context.num_tickets = 0  # every connection shows its certificate anew
    context.sslobject_class = _LoggedHandshake
    _complete(context, identity, trusted, authorities, oldest)
    return context


def trust_also(context: ssl.SSLContext, certificates: Iterable[bytes]) -> None:
    """Let the port shake hands with further registered certificates, from the next connection on.

    A context cannot forget an anchor while it serves: that a certificate is registered no more is seen at each request,
    by its pin.

    Args:
        context: from `server_context`.
        certificates: in DER form; those that it knows already change nothing.
    """
    anchors = b"".join(certificates)
    if anchors:
        context.load_verify_locations(cadata=anchors)


def client_context(
    identity: TlsIdentity | None, *, trusted: Iterable[bytes], authorities: Path | None = None, oldest: str = "1.3"
) -> ssl.SSLContext:
    """The context of calls to one partner.

    With registered certificates the server has to hold the private key of one of them; its name then says nothing
    more, and an address may change. With an authority the name is compared as usual.

    Args:
        identity: what we show; None towards a server that asks for no certificate.
        trusted: registered certificates of this one partner, in DER form.
        authorities: PEM file of trust anchors, where the partner's certificate is not registered.
        oldest: ``1.3`` or ``1.2``.

    Raises:
        DataFolderError: ``tls.files``.
    """
    pinned = tuple(trusted)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if pinned:
        context.check_hostname = False
    _complete(context, identity, pinned, None if pinned else authorities, oldest)
    return context


def _complete(
    context: ssl.SSLContext,
    identity: TlsIdentity | None,
    trusted: Iterable[bytes],
    authorities: Path | None,
    oldest: str,
) -> None:
    """What both directions share."""
    context.minimum_version = ssl.TLSVersion.TLSv1_2 if oldest == "1.2" else ssl.TLSVersion.TLSv1_3
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.set_alpn_protocols(_PROTOCOLS)
    anchors = b"".join(trusted)
    try:
        if identity is not None:
            password = identity.password if identity.password is not None else b""
            context.load_cert_chain(identity.certificate, identity.key, lambda: password)
        if anchors:
            context.load_verify_locations(cadata=anchors)
        if authorities is not None:
            context.load_verify_locations(cafile=authorities)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise DataFolderError(
            f"the files of TLS cannot be used ({type(error).__name__})",
            path=str(authorities or (identity.certificate if identity is not None else "")),
            remedy="give PEM files: certificate with chain, its private key with the right passphrase, authorities",
            code="tls.files",
        ) from None
