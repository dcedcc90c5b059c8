"""Our TLS certificate as files, made at set-up.

keys/tls-certificate.pem   our certificate, self-signed; the one that partners register
keys/tls-key.pem           its private key, encrypted PKCS#8, 0600
keys/tls.json              certificate list to be handed to partners
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from gateway.adapters.durability import Durability
from gateway.adapters.partner_lists import CERTIFICATE_LISTS
from gateway.adapters.tls import TlsIdentity
from gateway.security.certificate_making import generate_certificate
from gateway.security.certificates import PinnedCertificate, certificate_thumbprint
from gateway.security.lifecycle import Lifecycle
from gateway.security.pinlist import ListedCertificate, write_pin_list

LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""Names of this machine, under which a certificate made at set-up may always serve."""

_CERTIFICATE, _KEY, _LIST = "tls-certificate.pem", "tls-key.pem", "tls.json"


class TlsFolder:
    """The folder of our certificate.

    Args:
        folder: of the private keys; it exists.
        passphrase: protects the private key.
        durability: writes the files.
    """

    def __init__(self, folder: Path, passphrase: bytes, durability: Durability) -> None:
        self._folder = folder
        self._passphrase = passphrase
        self._durability = durability

    def set_up(self, party: str, hosts: Sequence[str], at: datetime) -> None:
        """Make certificate, key and list when the list is missing; what is there is left alone.

        Args:
            party: our code, the common name.
            hosts: names and addresses that the port is called by, beside those of this machine.
            at: from when the certificate counts.
        """
        if (self._folder / _LIST).exists():
            return
        made = generate_certificate(party, tuple(dict.fromkeys((*hosts, *LOOPBACK))), at)
        pin = PinnedCertificate(party, certificate_thumbprint(made.der), Lifecycle.active_from(at))
        self._durability.write_file(self._folder / _KEY, made.private_pem(self._passphrase))
        self._durability.write_file(self._folder / _CERTIFICATE, made.pem, mode=0o644)
        self._durability.write_file(
            self._folder / _LIST, write_pin_list([ListedCertificate(pin, made.der)]), mode=0o644
        )

    @property
    def identity(self) -> TlsIdentity:
        """Our certificate with its key, as a TLS context takes it."""
        return TlsIdentity(certificate=self._folder / _CERTIFICATE, key=self._folder / _KEY, password=self._passphrase)

    def public_list(self) -> bytes:
        """Our certificate list, to be handed to partners."""
        return CERTIFICATE_LISTS.content(self._folder / _LIST)
