"""One partner's side of the exchange: its keys, the gateway's public keys, and what both agreed to call each other."""

from __future__ import annotations

import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.adapters.durability import Durability
from gateway.adapters.key_files import KeyFolder, OwnKeys
from gateway.adapters.key_rotation import KeyRotation, RotationOrder
from gateway.adapters.list_watch import ChangedLists, WatchedList
from gateway.adapters.partner_lists import CERTIFICATE_LISTS, KEY_LISTS
from gateway.adapters.tls import TlsIdentity, client_context
from gateway.adapters.tls_files import TlsFolder
from gateway.errors import DataFolderError
from gateway.security.keys import PublicKey, RegisteredKey
from gateway.security.limits import EnvelopeLimits

DEFAULT_OVERLAP = EnvelopeLimits().max_age + timedelta(days=7)
"""How long an old key of ours is taken: as long as a message may be under way, and a week."""


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
            (since, key.kid, key)
            for key in self.others
            if key.use == "enc" and (since := key.active_since(at)) is not None
        ]
        if not usable:
            raise DataFolderError(
                "the gateway has no active key for encryption", code="key.none-active", remedy="ask it for its key list"
            )
        return max(usable, key=lambda found: found[:2])[2].key  # the one active last, as the gateway does


class KeptSide:
    """A side whose lists may change while it is in use: ours after a rotation, the gateway's when a new one came.

    Args:
        folder, code, home, gateway_keys, gateway_certificates: as for `read_side`.
        look_seconds: how often the files are looked at.

    Raises:
        DataFolderError: something is missing, open to others, or does not decrypt.
    """

    def __init__(
        self,
        folder: Path,
        code: str,
        home: str,
        gateway_keys: Path,
        gateway_certificates: Path | None = None,
        *,
        look_seconds: float = 1.0,
    ) -> None:
        self._keys = KeyFolder(folder, folder / "passphrase", Durability())
        self._gateway_keys = gateway_keys
        self._side = read_side(folder, code, home, gateway_keys, gateway_certificates)
        ours = WatchedList(name="our keys", files=(self._keys.public, self._keys.token), take_up=self._take_up_ours)
        theirs = WatchedList(name="keys of the gateway", files=(gateway_keys,), take_up=self._take_up_theirs)
        self._lists = ChangedLists((ours, theirs))
        self._look_seconds = look_seconds
        self._look_at = 0.0

    def now(self) -> Side:
        """The side with the lists as they are; one that holds a fault changes nothing."""
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + self._look_seconds
            self._lists.look()
        return self._side

    def _take_up_ours(self) -> None:
        self._side = replace(self._side, own=self._keys.read_again(self._side.code, self._side.own))

    def _take_up_theirs(self) -> None:
        listed = KEY_LISTS.read_all([self._gateway_keys], self._side.home)
        if listed:  # a file that is gone for the moment is no reason to trust nobody
            self._side = replace(self._side, others=listed)


def rotate_side_keys(
    folder: Path,
    code: str,
    *,
    first_use: datetime,
    overlap: timedelta = DEFAULT_OVERLAP,
    uses: Sequence[str] = ("sig", "enc"),
) -> bytes:
    """Make new keys that take over at a moment; hand the list to the gateway's operator well before it.

    Args:
        folder: made by `make_side_keys`.
        code: the partner's code.
        first_use: when the new keys take over.
        overlap: how long the old ones are still taken from then on.
        uses: ``sig`` for what signs, ``enc`` for what opens.

    Returns:
        The public key list, with the dates of the change in it.

    Raises:
        KeyRefused: a rotation is under way already.
    """
    keys = KeyFolder(folder, folder / "passphrase", Durability())
    rotation, at = KeyRotation(keys, code), datetime.now(UTC)
    for use in uses:
        rotation.rotate(RotationOrder(use=use, at=at, first_use=first_use, overlap=overlap), lambda _kid: None)
    return keys.public_list()


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
