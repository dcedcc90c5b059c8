"""TLS as the settings and the partners' folders say: whose certificates count, and the contexts made of them."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.adapters.durability import Durability
from gateway.adapters.key_files import KeyFolder
from gateway.adapters.partner_lists import CERTIFICATE_LISTS
from gateway.adapters.partner_registry import PartnerRegistry, import_signed_certificates
from gateway.adapters.tls import TlsIdentity, client_context, server_context, trust_also
from gateway.adapters.tls_files import TlsFolder
from gateway.errors import DataFolderError
from gateway.partner.profile import PartnerProfile
from gateway.security.certificates import PinnedCertificate, certificate_thumbprint
from gateway.security.lifecycle import Lifecycle
from gateway.security.pinlist import ListedCertificate
from gateway.settings import Settings


def tls_folder(settings: Settings, durability: Durability) -> TlsFolder:
    """The folder of our own certificate, whose passphrase has been made.

    Raises:
        DataFolderError: the passphrase is missing, or others may read it.
    """
    passphrase = KeyFolder(settings.keys_dir, settings.passphrase_file, durability).passphrase()
    return TlsFolder(settings.keys_dir, passphrase, durability)


def served_names(settings: Settings) -> tuple[str, ...]:
    """Names and addresses that our certificate has to serve under."""
    public = urlsplit(settings.public_base_url).hostname
    named = () if settings.partner_host in {"0.0.0.0", "::"} else (settings.partner_host,)  # noqa: S104 - compared only
    return (*((public,) if public else ()), *named)


def own_identity(settings: Settings) -> TlsIdentity:
    """What we show on connections: the certificate that the settings name, or the one made at set-up."""
    folder = tls_folder(settings, Durability())
    if settings.tls_certificate_file is None or settings.tls_key_file is None:
        return folder.identity
    return TlsIdentity(
        certificate=settings.tls_certificate_file, key=settings.tls_key_file, password=folder.identity.password
    )


def partner_certificates(settings: Settings, profile: PartnerProfile) -> tuple[ListedCertificate, ...]:
    """The certificates of a partner: the list in its folder, and the one that the operator imported.

    Raises:
        RegistryManipulated: rows are not as the registrar signed them.
        DataFolderError: a list holds a fault.
    """
    return PartnerRegistry(settings).certificates(profile)


def own_certificates(settings: Settings, home: str) -> Sequence[ListedCertificate]:
    """The certificates of ours that partners register; with one of an authority, that one alone.

    Raises:
        DataFolderError: a file cannot be read.
    """
    if settings.tls_certificate_file is None:
        return CERTIFICATE_LISTS.read_new(tls_folder(settings, Durability()).public_list(), home)
    try:
        [leaf, *_] = x509.load_pem_x509_certificates(settings.tls_certificate_file.read_bytes())
    except (OSError, ValueError):
        raise DataFolderError(
            "our certificate cannot be read",
            path=str(settings.tls_certificate_file),
            remedy="give a PEM file with the certificate first",
            code="certificate.file",
        ) from None
    der = leaf.public_bytes(Encoding.DER)
    lifecycle = Lifecycle.active_from(leaf.not_valid_before_utc)
    return (ListedCertificate(PinnedCertificate(home, certificate_thumbprint(der), lifecycle), der),)


def import_partner_certificates(settings: Settings, partner: str, certificate_list: bytes) -> None:
    """Take in a partner's certificate list, which the operator got by a way that both sides trust.

    Raises:
        DataFolderError: naming every fault of the list, or that the registrar has to sign it; nothing is taken in.
    """
    import_signed_certificates(settings, partner, certificate_list)


def port_context(settings: Settings, partners: Iterable[ListedCertificate]) -> ssl.SSLContext | None:
    """The TLS context of the partner port; None where TLS is off.

    Args:
        settings: say which version, which certificate and which authorities.
        partners: the registered certificates of all partners.

    Raises:
        DataFolderError: the files of TLS cannot be used.
    """
    if settings.tls == "off":
        return None
    return server_context(
        own_identity(settings),
        trusted=[listed.der for listed in partners if listed.der],
        authorities=settings.tls_authorities_file,
        oldest=settings.tls,
    )


def trust_certificates(context: ssl.SSLContext, listed: Iterable[ListedCertificate]) -> None:
    """Let the partner port shake hands with certificates that were registered while it serves."""
    trust_also(context, [one.der for one in listed if one.der])


def call_context(settings: Settings, partner: Iterable[ListedCertificate]) -> ssl.SSLContext:
    """The TLS context of our calls to one partner: we show our certificate, it has to hold a registered one.

    Args:
        settings: say which certificate and which authorities.
        partner: the registered certificates of this partner.

    Raises:
        DataFolderError: the files of TLS cannot be used.
    """
    return client_context(
        own_identity(settings),
        trusted=[listed.der for listed in partner if listed.der],
        authorities=settings.tls_authorities_file,
        oldest="1.2" if settings.tls == "1.2" else "1.3",
    )
