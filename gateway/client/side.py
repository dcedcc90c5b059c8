"""One partner's side of the exchange: its keys, the gateway's public keys, and what both agreed to call each other."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway.adapters.durability import Durability
from gateway.adapters.key_files import KeyFolder, OwnKeys
from gateway.adapters.partner_lists import CERTIFICATE_LISTS, KEY_LISTS
from gateway.adapters.tls import TlsIdentity, client_context
from gateway.adapters.tls_files import TlsFolder
from gateway.errors import DataFolderError
from gateway.security.keys import PublicKey, RegisteredKey
from gateway.security.lifecycle import KeyPurpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What a partner holds to exchange messages with a gateway.

    Attributes:
        code: the partner's own code, as the agreement writes it.
        home: code of the administration that runs the gateway.
        own: the partner's keys.
        others: the gateway's public keys, handed over at onboarding, never fetched.
        tls: our client certificate; None where the gateway asks for none.
        gateway_certificates: the gateway's registered certificates, in DER form; it has to hold one of them.
    """

    code: str
    home: str
    own: OwnKeys
    others: tuple[RegisteredKey, ...]
    tls: TlsIdentity | None = None
    gateway_certificates: tuple[bytes, ...] = ()

    def lookup(self, kid: str) -> RegisteredKey | None:
        """The gateway's key with this id, or None."""
        return next((key for key in self.others if key.kid == kid), None)

    def connection_context(self) -> ssl.SSLContext:
        """The TLS context of our connections to the gateway.

        Raises:
            DataFolderError: no certificate of the gateway is registered, or a file cannot be used.
        """
        if not self.gateway_certificates:
            raise DataFolderError(
                "no certificate of the gateway is registered",
                code="certificate.none",
                remedy="ask for its certificate list, and give it to read_side",
            )
        return client_context(self.tls, trusted=self.gateway_certificates)

    def recipient_key(self, at: datetime) -> PublicKey:
        """The gateway's key to encrypt to.

        Raises:
            DataFolderError: when none of its keys may be used at this time.
        """
        usable = [
            key for key in self.others if key.use == "enc" and key.lifecycle.refusal_at(at, KeyPurpose.PRODUCE) is None
        ]
        if not usable:
            raise DataFolderError(
                "the gateway has no active key for encryption", code="key.none-active", remedy="ask it for its key list"
            )
        return usable[-1].require(at, KeyPurpose.PRODUCE)


def make_side_keys(folder: Path, code: str) -> bytes:
    """Make a partner's keys in a folder; what is there is left alone.

    Args:
        folder: gets the private keys, encrypted, readable by the owner only.
        code: the partner's code.

    Returns:
        The public key list (JWK Set with states) for the gateway's operator.
    """
    keys = KeyFolder(folder, folder / "passphrase", Durability())
    keys.set_up(code, datetime.now(UTC))
    return keys.public_list()


def make_side_certificate(folder: Path, code: str, hosts: Sequence[str] = ()) -> bytes:
    """Make a partner's TLS certificate beside its keys; what is there is left alone.

    Args:
        folder: where `make_side_keys` has made the keys.
        code: the partner's code.
        hosts: names and addresses under which the partner serves.

    Returns:
        The certificate list for the gateway's operator.
    """
    tls = _tls_folder(folder)
    tls.set_up(code, hosts, datetime.now(UTC))
    return tls.public_list()


def read_side(folder: Path, code: str, home: str, gateway_keys: Path, gateway_certificates: Path | None = None) -> Side:
    """Read a partner's keys and what it was given by the gateway.

    Args:
        folder: made by `make_side_keys`, and where TLS is used by `make_side_certificate`.
        code: the partner's code.
        home: the gateway's code.
        gateway_keys: file with the gateway's public key list.
        gateway_certificates: file with its certificate list; None where there is no TLS.

    Raises:
        DataFolderError: something is missing, open to others, or does not decrypt.
    """
    keys = KeyFolder(folder, folder / "passphrase", Durability())
    listed = CERTIFICATE_LISTS.read_all([gateway_certificates], home) if gateway_certificates is not None else ()
    return Side(
        code=code,
        home=home,
        own=keys.read(code, f"{code}.invalid/log"),
        others=KEY_LISTS.read_all([gateway_keys], home),
        tls=_tls_folder(folder).identity if listed else None,
        gateway_certificates=tuple(one.der for one in listed if one.der),
    )


def _tls_folder(folder: Path) -> TlsFolder:
    durability = Durability()
    return TlsFolder(folder, KeyFolder(folder, folder / "passphrase", durability).passphrase(), durability)
