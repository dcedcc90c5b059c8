"""Our keys as files, made at set-up: private keys as encrypted PKCS#8, mode 0600, never in the repository.

    keys/passphrase           text, 0600: protects the others. Point ``key_passphrase_file`` at a secret store instead.
    keys/public.json          key list of our public keys with their states
    keys/<kid>.pem            the private half of each, unless they lie in a hardware module (`private_keys`)
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
from gateway.adapters.private_keys import LOG_KEY, FilePrivateKeys, PrivateKeys, read_key_file, read_secret
from gateway.audit.notes import NoteKey, NoteSigner
from gateway.errors import DataFolderError
from gateway.identifiers import AgreementId
from gateway.security.bodies import LocalWrappingKey
from gateway.security.filekeys import PrivateKey
from gateway.security.generation import TOKEN_ALGORITHM, generate_key, key_id, token_key_id, use_of
from gateway.security.http_profile import ALGORITHMS
from gateway.security.keylist import write_key_list
from gateway.security.keys import Decrypter, PublicKey, RegisteredKey, Signer
from gateway.security.lifecycle import KeyState, Lifecycle
from gateway.security.rotation import next_number
from gateway.security.suites import INTL_1

_ALGORITHMS = ("ES256", "ECDH-ES+A256KW")
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
        folder: of the lists and, unless they lie elsewhere, the private keys.
        passphrase_file: file with the passphrase.
        durability: writes the files.
        private: where the private keys that lists name lie; None for files in the folder.
    """

    def __init__(
        self, folder: Path, passphrase_file: Path, durability: Durability, private: PrivateKeys | None = None
    ) -> None:
        self._folder = folder
        self._passphrase_file = passphrase_file
        self._durability = durability
        self._files = FilePrivateKeys(folder, self.passphrase, durability)
        self._keys = private or self._files

    def set_up(self, party: str, at: datetime) -> None:
        """Make every key that is missing; what is there is left alone.

        Args:
            party: our code, first part of each key id.
            at: from when the new keys are active.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._passphrase_file.exists():
            self._durability.write_file(self._passphrase_file, secrets.token_urlsafe(32).encode("ascii"))
        if not (self._folder / secret_file.FILE).exists():
            self._durability.write_file(self._folder / secret_file.FILE, secret_file.seal_secrets(self.passphrase()))
        if not (self._folder / f"{LOG_KEY}.pem").exists():
            self._files.keep(LOG_KEY, generate_key(party, "Ed25519", at).private_pem(self.passphrase()))
        if not self.public.exists():
            names = [(self.new_id(party, use_of(algorithm), at), algorithm) for algorithm in _ALGORITHMS]
            self._make_list(self.public, names, party, at)
        if not self.token.exists():
            self._make_list(self.token, [(token_key_id(), TOKEN_ALGORITHM)], party, at)

    def read(self, party: str, log_origin: str) -> OwnKeys:
        """Read all keys.

        Args:
            party: our code.
            log_origin: name of the log, which the checkpoint key signs for.

        Raises:
            DataFolderError: something is missing, open to others, or does not decrypt.
        """
        log_private = _log_key(self._files.read(LOG_KEY))
        sealed = read_secret(self._folder / secret_file.FILE)
        wrapping, release_root = secret_file.open_secrets(sealed, self.passphrase())
        registered, for_tokens = self.listed(party)
        return OwnKeys(
            registered=registered,
            for_tokens=for_tokens,
            signers=self._signers((*registered, *for_tokens)),
            decrypters=self._decrypters(registered),
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
        registered, for_tokens = self.listed(party)
        return replace(
            known,
            registered=registered,
            for_tokens=for_tokens,
            signers=self._signers((*registered, *for_tokens)),
            decrypters=self._decrypters(registered),
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

    def new_id(self, party: str, use: str, at: datetime, listed: Iterable[str] = ()) -> str:
        """An id that was never given, neither to a key of a list nor to one that no list names.

        Args:
            party: first part of the id.
            use: ``sig`` or ``enc``.
            at: gives the month.
            listed: ids of a list.

        Raises:
            KeyRefused: ``key.ids-used-up``.
        """
        return key_id(party, use, at, next_number(party, use, at, {*listed, *self._keys.ids()}))

    def make_private(self, kid: str, algorithm: str, kind: str = "") -> PublicKey:
        """Make a key pair and keep its private half; until a list names it, it means nothing. See `PrivateKeys`."""
        return self._keys.make(kid, algorithm, kind)

    def alone(self) -> AbstractContextManager[None]:
        """Hold off whoever else wants to change the lists of this folder."""
        return alone_in(self._folder)

    def replace_list(self, file: Path, keys: Iterable[RegisteredKey]) -> None:
        """Put a new list in the place of one of `public` and `token`, whole or not at all."""
        self._durability.write_file(file, write_key_list(keys), 0o644 if file == self.public else 0o600)

    def _signers(self, keys: Iterable[RegisteredKey]) -> dict[str, Signer]:
        here = self._keys.ids()
        signing = (key for key in keys if key.use == "sig" and _is_needed(key, here))
        return {key.kid: self._keys.signer(key) for key in signing}

    def _decrypters(self, keys: Iterable[RegisteredKey]) -> tuple[Decrypter, ...]:
        here = self._keys.ids()
        return tuple(self._keys.decrypter(key) for key in keys if key.use == "enc" and _is_needed(key, here))

    def public_list(self) -> bytes:
        """Our key list, to be handed to partners."""
        return read_key_file(self.public)

    def _make_list(self, file: Path, names: Iterable[tuple[str, str]], party: str, at: datetime) -> None:
        """Keys and then the list that names them: a list never names a key that is not there."""
        made = [self._keys.make(kid, algorithm) for kid, algorithm in names]
        self.replace_list(file, [RegisteredKey(key, party, Lifecycle.active_from(at)) for key in made])

    def passphrase(self) -> bytes:
        """What protects the private files of this folder.

        Raises:
            DataFolderError: the file is missing, or others may read it.
        """
        return read_secret(self._passphrase_file).strip()


def _log_key(private: PrivateKey) -> Ed25519PrivateKey:
    if not isinstance(private, Ed25519PrivateKey):
        raise DataFolderError("the key of the log is no Ed25519 key", path=LOG_KEY, code="key.type")
    return private


def _is_needed(key: RegisteredKey, here: Collection[str]) -> bool:
    """Whether the private half is to be there: that of a key past its use may have been destroyed."""
    over = key.lifecycle.state_at(datetime.now(UTC)) in {KeyState.RETIRED, KeyState.COMPROMISED}
    return not over or key.kid in here
