"""Where the private halves of our keys lie: encrypted files, or a token of a hardware module.

Both give out what can be done with a key, never the key. Which of our keys there are, and in what state, stands in key
lists beside them (`gateway.adapters.key_files`); an id is the name of the file or the label in the token.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from gateway.adapters.durability import Durability
from gateway.adapters.hardware_keys import HardwareToken
from gateway.errors import DataFolderError
from gateway.security.filekeys import FileSigner, PrivateKey, file_decrypter, read_private_key
from gateway.security.generation import make_key
from gateway.security.keys import Decrypter, PublicKey, RegisteredKey, Signer

LOG_KEY = "log"
"""Name of the key that signs checkpoints; it is a file in any case."""


class PrivateKeys(Protocol):
    """A place of private keys."""

    def make(self, kid: str, algorithm: str, kind: str = "") -> PublicKey:
        """Make a key pair; its private half is durable when this returns, and means nothing until a list names it.

        Args:
            kid: its id, which was never given before.
            algorithm: as `gateway.security.generation.make_key` has it.
            kind: of the key, where an algorithm has several; the first by default.

        Raises:
            KeyRefused: no such key can be made here.
        """

    def ids(self) -> set[str]:
        """Ids of all keys that are here, also of those that no list names."""

    def signer(self, key: RegisteredKey) -> Signer:
        """What signs with a key.

        Raises:
            DataFolderError: it is not here, or cannot be read.
        """

    def decrypter(self, key: RegisteredKey) -> Decrypter:
        """What decrypts with a key; raises as `signer`."""


class FilePrivateKeys:
    """Private keys as encrypted PKCS#8 files, mode 0600.

    Args:
        folder: holds ``<kid>.pem``.
        passphrase: gives what protects them.
        durability: writes the files.
    """

    def __init__(self, folder: Path, passphrase: Callable[[], bytes], durability: Durability) -> None:
        self._folder = folder
        self._passphrase = passphrase
        self._durability = durability

    def make(self, kid: str, algorithm: str, kind: str = "") -> PublicKey:
        """See `PrivateKeys.make`."""
        made = make_key(kid, algorithm, kind)
        self.keep(kid, made.private_pem(self._passphrase()))
        return made.public

    def keep(self, name: str, pem: bytes) -> None:
        """Put a private key in its place."""
        self._durability.write_file(self._folder / f"{name}.pem", pem)

    def ids(self) -> set[str]:
        """See `PrivateKeys.ids`."""
        return {path.stem for path in self._folder.glob("*.pem")} - {LOG_KEY}

    def signer(self, key: RegisteredKey) -> Signer:
        """See `PrivateKeys.signer`."""
        return FileSigner(self.read(key.kid), key.key)

    def decrypter(self, key: RegisteredKey) -> Decrypter:
        """See `PrivateKeys.decrypter`."""
        return file_decrypter(self.read(key.kid), key)

    def read(self, name: str) -> PrivateKey:
        """A private key.

        Raises:
            DataFolderError: it is missing, open to others, or does not decrypt.
        """
        return read_private_key(read_secret(self._folder / f"{name}.pem"), self._passphrase())


class TokenPrivateKeys:
    """Private keys that never leave a PKCS#11 token.

    Args:
        token: opened.
    """

    def __init__(self, token: HardwareToken) -> None:
        self._token = token

    def make(self, kid: str, algorithm: str, kind: str = "") -> PublicKey:
        """See `PrivateKeys.make`; a token makes keys on P-256 whatever kind is asked for."""
        del kind
        return self._token.make(kid, algorithm)

    def ids(self) -> set[str]:
        """See `PrivateKeys.ids`."""
        return self._token.labels()

    def signer(self, key: RegisteredKey) -> Signer:
        """See `PrivateKeys.signer`."""
        return self._token.signer(key.key)

    def decrypter(self, key: RegisteredKey) -> Decrypter:
        """See `PrivateKeys.decrypter`."""
        return self._token.decrypter(key)


def read_secret(path: Path) -> bytes:
    """A file that nobody else may read.

    Raises:
        DataFolderError: ``key.missing``, or ``key.open-to-others``.
    """
    data = read_key_file(path)
    if path.stat().st_mode & 0o077:
        raise DataFolderError(
            "a file of private keys can be read by others",
            path=str(path),
            remedy="chmod 600",
            code="key.open-to-others",
        )
    return data


def read_key_file(path: Path) -> bytes:
    """A file beside the private keys; raises DataFolderError ``key.missing``."""
    try:
        return path.read_bytes()
    except OSError:
        raise DataFolderError(
            "a key file cannot be read", path=str(path), remedy="run the set-up, or restore it", code="key.missing"
        ) from None
