"""The registrar's keys on this machine: the public half that judges rows, and the private half where it is at hand.

    state_dir/registrar/passphrase     text, 0600
    state_dir/registrar/private.pem    Ed25519, PKCS#8 under the passphrase, 0600
    state_dir/registrar/public.pem     written last: with it the pair is complete

That pair is made at set-up, so that a gateway works at once. It tells a row that was edited by mistake or by somebody
who can write the lists alone; it is no defence against who can write all of ``state_dir``. For that the registrar
keeps the private half on another machine, and ``registrar_public_file`` names the public one.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from gateway.adapters.durability import Durability
from gateway.adapters.partner_lists import alone_in
from gateway.adapters.private_keys import read_secret
from gateway.errors import DataFolderError
from gateway.settings import Settings

_MADE_WITH = "make one with: openssl genpkey -algorithm ed25519 -aes256 -out registrar.pem"


class RegistrarFiles:
    """Where the registrar's keys are, as set.

    Args:
        settings: name the files.
        durability: writes the pair that is made at set-up.
    """

    def __init__(self, settings: Settings, durability: Durability) -> None:
        self._settings = settings
        self._folder = settings.state_dir / "registrar"
        self._durability = durability

    @property
    def public_file(self) -> Path:
        """The file of the public half."""
        return self._settings.registrar_file

    @property
    def is_ours(self) -> bool:
        """Whether the pair is the one that set-up makes here."""
        return self._settings.registrar_public_file is None

    @property
    def signs_here(self) -> bool:
        """Whether the private half is at hand, so that what is taken in can be signed here."""
        return self.is_ours or self._settings.registrar_key_file is not None

    def set_up(self) -> None:
        """Make the pair where none is set and none has been made. Harmless when done."""
        if not self.is_ours or self.public_file.exists():
            return
        with alone_in(self._folder):
            if self.public_file.exists():  # another process was faster
                return
            private, passphrase = Ed25519PrivateKey.generate(), secrets.token_urlsafe(32).encode("ascii")
            sealed = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))
            public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            self._durability.write_file(self._folder / "passphrase", passphrase)
            self._durability.write_file(self._folder / "private.pem", sealed)
            self._durability.write_file(self.public_file, public, mode=0o644)

    def public(self) -> Ed25519PublicKey:
        """The public half, by which imported lists are judged.

        Raises:
            DataFolderError: ``registry.no-registrar``: it is not there, or no Ed25519 key.
        """
        return _public(self.public_file)

    @property
    def public_file_of_data(self) -> Path:
        """The file of the public half by which lists in the data folders are judged."""
        return self._settings.data_registrar_public_file or self.public_file

    def public_of_data(self) -> Ed25519PublicKey:
        """The public half by which lists in the data folders are judged; otherwise the same."""
        return _public(self.public_file_of_data)

    def private(self) -> Ed25519PrivateKey | None:
        """The private half; None where the registrar keeps it elsewhere.

        Raises:
            DataFolderError: ``key.missing``, ``key.open-to-others``, or ``registry.key``: it does not open, or is not
                the other half.
        """
        if not self.signs_here:
            return None
        file = self._settings.registrar_key_file or self._folder / "private.pem"
        words = self._settings.registrar_passphrase_file or (self._folder / "passphrase" if self.is_ours else None)
        private = read_registrar_key(file, words)
        if private.public_key() != self.public():
            raise DataFolderError(
                "the registrar's private key is not the other half of the public one",
                path=str(file),
                remedy="name files of one pair in registrar_key_file and registrar_public_file",
                code="registry.key",
            )
        return private


def _public(file: Path) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(file.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise DataFolderError(
            "the registrar's public key cannot be read as an Ed25519 key in PEM",
            path=str(file),
            remedy="run the set-up, restore the file, or set registrar_public_file",
            code="registry.no-registrar",
        )
    return key


def read_registrar_key(file: Path, passphrase_file: Path | None) -> Ed25519PrivateKey:
    """A registrar's private key, from PKCS#8 PEM.

    Args:
        file: of the key, which nobody else may read.
        passphrase_file: of its passphrase; None for a key without one.

    Raises:
        DataFolderError: ``key.missing``, ``key.open-to-others`` or ``registry.key``.
    """
    passphrase = None if passphrase_file is None else read_secret(passphrase_file).strip()
    try:
        private = load_pem_private_key(read_secret(file), passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        remedy = "give the passphrase file that belongs to it, and none for a key without a passphrase"
        text = "the registrar's private key does not open"
        raise DataFolderError(text, path=str(file), remedy=remedy, code="registry.key") from None
    if not isinstance(private, Ed25519PrivateKey):
        text = "the registrar's private key is no Ed25519 key"
        raise DataFolderError(text, path=str(file), remedy=_MADE_WITH, code="registry.key")
    return private
