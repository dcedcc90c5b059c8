"""Our keys as files, made at set-up: private keys as encrypted PKCS#8, mode 0600, never in the repository.

    keys/passphrase           text, 0600: protects the others. Point ``key_passphrase_file`` at a secret store instead.
    keys/public.json          key list of our public keys with their states
    keys/<kid>.pem            the private half of each
    keys/token.json           key list of the keys that sign our access tokens; nobody else needs it
    keys/log.pem              Ed25519 key that signs checkpoints
    keys/secrets.json         the wrapping key of bodies and the secret of hashed releases, encrypted

Partners' public keys are imported by the operator into ``partner-keys/<code>.json`` (or stand in the partner's folder);
they are never fetched and never taken from a message.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.adapters import secret_file
from gateway.adapters.durability import Durability
from gateway.adapters.partner_lists import KEY_LISTS, alone_in
from gateway.audit.notes import NoteKey, NoteSigner
from gateway.errors import DataFolderError
from gateway.identifiers import AgreementId
from gateway.security.bodies import LocalWrappingKey
from gateway.security.filekeys import FileSigner, PrivateKey, file_decrypter, read_private_key
from gateway.security.generation import TOKEN_ALGORITHM, GeneratedKey, generate_key, generate_token_key
from gateway.security.http_profile import ALGORITHMS
from gateway.security.keylist import write_key_list
from gateway.security.keys import Decrypter, RegisteredKey, Signer
from gateway.security.lifecycle import KeyState, Lifecycle
from gateway.security.suites import INTL_1

_ALGORITHMS = ("ES256", "ECDH-ES+A256KW")
_LOG_KEY = "log.pem"
_PUBLIC = "public.json"
_TOKEN = "token.json"  # noqa: S105 - a file name


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKeys:
    """What this gateway holds itself.

    Attributes:
        registered: our public keys with their states.
        for_tokens: those that sign our access tokens and nothing else.
        signers: by kid.
        decrypters: ours, retiring ones included.
        log_key, log_signer: sign checkpoints.
        wrapping_key: wraps the keys of bodies.
        release_root: secret from which the secret of each agreement's hashes is derived.
    """

    registered: tuple[RegisteredKey, ...]
    for_tokens: tuple[RegisteredKey, ...]
    signers: dict[str, Signer]
    decrypters: tuple[Decrypter, ...]
    log_key: NoteKey
    log_signer: NoteSigner
    wrapping_key: LocalWrappingKey
    release_root: bytes

    @property
    def published(self) -> tuple[RegisteredKey, ...]:
        """All our public keys, those for access tokens included."""
        return (*self.registered, *self.for_tokens)

    def signer(self, at: datetime) -> Signer:
        """The key that signs messages and receipts now: of those that the suite takes, the one active last."""
        return self._active(at, INTL_1.signatures)

    def http_signer(self, at: datetime) -> Signer:
        """The key that signs HTTP requests and answers now; an RSA key serves either this or messages, never both."""
        return self._active(at, ALGORITHMS)

    def token_signer(self, at: datetime) -> Signer:
        """The key that signs access tokens now."""
        return self._active(at, (TOKEN_ALGORITHM,), self.for_tokens)

    def token_key(self, kid: str) -> RegisteredKey | None:
        """The key with this id among those that sign access tokens, retiring ones included."""
        return next((key for key in self.for_tokens if key.kid == kid), None)

    def _active(
        self, at: datetime, algorithms: Collection[str], among: tuple[RegisteredKey, ...] | None = None
    ) -> Signer:
        active = [
            (since, key.kid)
            for key in (self.registered if among is None else among)
            if key.use == "sig" and key.key.alg in algorithms and (since := key.active_since(at)) is not None
        ]
        if not active:
            raise DataFolderError("we have no active signing key", code="key.none-active", remedy="make a new key")
        return self.signers[max(active)[1]]

    def release_secret(self, agreement: AgreementId) -> bytes:
        """The secret with which one agreement's released values are hashed."""
        return HKDF(hashes.SHA256(), secret_file.SECRET_BYTES, None, b"sarhad:release:1\0" + agreement.encode()).derive(
            self.release_root
        )


class KeyFolder:
    """The folder of our keys.

    Args:
        folder: of the private keys.
        passphrase_file: file with the passphrase.
        durability: writes the files.
    """

    def __init__(self, folder: Path, passphrase_file: Path, durability: Durability) -> None:
        self._folder = folder
        self._passphrase_file = passphrase_file
        self._durability = durability

    def set_up(self, party: str, at: datetime) -> None:
        """Make every key that is missing; what is there is left alone.

        Args:
            party: our code, first part of each key id.
            at: from when the new keys are active.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._passphrase_file.exists():
            self._durability.write_file(self._passphrase_file, secrets.token_urlsafe(32).encode("ascii"))
        passphrase = self.passphrase()
        if not (self._folder / secret_file.FILE).exists():
            self._durability.write_file(self._folder / secret_file.FILE, secret_file.seal_secrets(passphrase))
        if not (self._folder / _LOG_KEY).exists():
            self._write_key(_LOG_KEY, generate_key(party, "Ed25519", at), passphrase)
        if not (self._folder / _PUBLIC).exists():
            made = [generate_key(party, algorithm, at) for algorithm in _ALGORITHMS]
            self._write_list(_PUBLIC, made, party, at, mode=0o644)
        if not (self._folder / _TOKEN).exists():
            self._write_list(_TOKEN, [generate_token_key()], party, at)

    def read(self, party: str, log_origin: str) -> OwnKeys:
        """Read all keys.

        Args:
            party: our code.
            log_origin: name of the log, which the checkpoint key signs for.

        Raises:
            DataFolderError: something is missing, open to others, or does not decrypt.
        """
        passphrase = self.passphrase()
        log_private = _log_key(read_private_key(self._private(_LOG_KEY), passphrase))
        wrapping, release_root = secret_file.open_secrets(self._private(secret_file.FILE), passphrase)
        registered, for_tokens = self.listed(party)
        return OwnKeys(
            registered=registered,
            for_tokens=for_tokens,
            signers=self._signers((*registered, *for_tokens), passphrase),
            decrypters=self._decrypters(registered, passphrase),
            log_key=NoteKey(log_origin, log_private.public_key().public_bytes_raw()),
            log_signer=log_private,
            wrapping_key=LocalWrappingKey("bodies-1", wrapping),
            release_root=release_root,
        )

    def read_again(self, party: str, known: OwnKeys) -> OwnKeys:
        """The lists and the keys that they name as they are now; what never changes is taken from ``known``.

        Raises:
            DataFolderError: a list holds a fault, or a key that it names is missing; ``known`` is still good.
        """
        passphrase = self.passphrase()
        registered, for_tokens = self.listed(party)
        return replace(
            known,
            registered=registered,
            for_tokens=for_tokens,
            signers=self._signers((*registered, *for_tokens), passphrase),
            decrypters=self._decrypters(registered, passphrase),
        )

    def listed(self, party: str) -> tuple[tuple[RegisteredKey, ...], tuple[RegisteredKey, ...]]:
        """Our public keys, and those for access tokens.

        Raises:
            DataFolderError: a list is missing or holds a fault.
        """
        return KEY_LISTS.read_all([self.public], party), KEY_LISTS.read_all([self.token], party)

    @property
    def public(self) -> Path:
        """The key list that partners get."""
        return self._folder / _PUBLIC

    @property
    def token(self) -> Path:
        """The key list of access tokens."""
        return self._folder / _TOKEN

    def kids_given(self) -> set[str]:
        """Names of all private keys in the folder, also of those that no list names."""
        return {path.stem for path in self._folder.glob("*.pem")}

    def alone(self) -> AbstractContextManager[None]:
        """Hold off whoever else wants to change the lists of this folder."""
        return alone_in(self._folder)

    def keep_private(self, key: GeneratedKey) -> None:
        """Keep the private half of a new key; until a list names it, it means nothing."""
        self._write_key(f"{key.public.kid}.pem", key, self.passphrase())

    def replace_list(self, file: Path, keys: Iterable[RegisteredKey]) -> None:
        """Put a new list in the place of one of `public` and `token`, whole or not at all."""
        self._durability.write_file(file, write_key_list(keys), 0o644 if file == self.public else 0o600)

    def _signers(self, keys: Iterable[RegisteredKey], passphrase: bytes) -> dict[str, Signer]:
        signing = (key for key in keys if key.use == "sig" and self._has_private(key))
        return {key.kid: FileSigner(self._read_key(key, passphrase), key.key) for key in signing}

    def _decrypters(self, keys: Iterable[RegisteredKey], passphrase: bytes) -> tuple[Decrypter, ...]:
        opening = (key for key in keys if key.use == "enc" and self._has_private(key))
        return tuple(file_decrypter(self._read_key(key, passphrase), key) for key in opening)

    def _has_private(self, key: RegisteredKey) -> bool:
        """Whether the private half is to be read: that of a key past its use may have been destroyed."""
        over = key.lifecycle.state_at(datetime.now(UTC)) in {KeyState.RETIRED, KeyState.COMPROMISED}
        return not over or (self._folder / f"{key.kid}.pem").exists()

    def _read_key(self, key: RegisteredKey, passphrase: bytes) -> PrivateKey:
        return read_private_key(self._private(f"{key.kid}.pem"), passphrase)

    def public_list(self) -> bytes:
        """Our key list, to be handed to partners."""
        return self._private(_PUBLIC, others_may_read=True)

    def _write_list(self, name: str, made: list[GeneratedKey], party: str, at: datetime, mode: int = 0o600) -> None:
        """Keys and then the list that names them: a list never names a key that is not there."""
        passphrase = self.passphrase()
        for key in made:
            self._write_key(f"{key.public.kid}.pem", key, passphrase)
        listed = [RegisteredKey(key.public, party, Lifecycle.active_from(at)) for key in made]
        self._durability.write_file(self._folder / name, write_key_list(listed), mode)

    def _write_key(self, name: str, key: GeneratedKey, passphrase: bytes) -> None:
        self._durability.write_file(self._folder / name, key.private_pem(passphrase))

    def passphrase(self) -> bytes:
        """What protects the private files of this folder.

        Raises:
            DataFolderError: the file is missing, or others may read it.
        """
        return _read_private(self._passphrase_file).strip()

    def _private(self, name: str, *, others_may_read: bool = False) -> bytes:
        path = self._folder / name
        return _read(path) if others_may_read else _read_private(path)


def _log_key(private: PrivateKey) -> Ed25519PrivateKey:
    if not isinstance(private, Ed25519PrivateKey):
        raise DataFolderError("the key of the log is no Ed25519 key", path=_LOG_KEY, code="key.type")
    return private


def _read_private(path: Path) -> bytes:
    data = _read(path)
    if path.stat().st_mode & 0o077:
        raise DataFolderError(
            "a file of private keys can be read by others",
            path=str(path),
            remedy="chmod 600",
            code="key.open-to-others",
        )
    return data


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise DataFolderError(
            "a key file cannot be read", path=str(path), remedy="run the set-up, or restore it", code="key.missing"
        ) from None
