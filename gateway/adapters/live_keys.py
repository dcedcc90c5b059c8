"""Our keys in a process that runs: one snapshot after another, each whole.

Whoever asks gets an answer of one snapshot. Two questions may fall on both sides of a change; they get the same answer
all the same, because a list says from which moment on a key is another state, and that moment lies ahead when the list
is taken up (see `gateway.security.rotation`).
"""

from __future__ import annotations

from datetime import datetime

from gateway.adapters.key_files import OwnKeys
from gateway.audit.notes import NoteKey, NoteSigner
from gateway.identifiers import AgreementId
from gateway.security.keys import Decrypter, RegisteredKey, Signer


class LiveKeys:
    """`gateway.ports.KeyRing` over the keys that are in force.

    Args:
        keys: in force at first.
    """

    def __init__(self, keys: OwnKeys) -> None:
        self._keys = keys

    @property
    def in_force(self) -> OwnKeys:
        """The snapshot of this moment."""
        return self._keys

    def take_up(self, keys: OwnKeys) -> None:
        """Put other keys in force, in one step."""
        self._keys = keys

    @property
    def published(self) -> tuple[RegisteredKey, ...]:
        """Our public keys with their states, those for access tokens included."""
        return self._keys.published

    @property
    def decrypters(self) -> tuple[Decrypter, ...]:
        """Our decryption keys, retiring ones included."""
        return self._keys.decrypters

    @property
    def log_key(self) -> NoteKey:
        """Public key of the log."""
        return self._keys.log_key

    @property
    def log_signer(self) -> NoteSigner:
        """Signs checkpoints."""
        return self._keys.log_signer

    def signer(self, at: datetime) -> Signer:
        """The key that signs messages and receipts now."""
        return self._keys.signer(at)

    def http_signer(self, at: datetime) -> Signer:
        """The key that signs HTTP requests and answers now."""
        return self._keys.http_signer(at)

    def token_signer(self, at: datetime) -> Signer:
        """The key that signs access tokens now."""
        return self._keys.token_signer(at)

    def token_key(self, kid: str) -> RegisteredKey | None:
        """One of our keys for access tokens, by id; retiring ones included."""
        return self._keys.token_key(kid)

    def release_secret(self, agreement: AgreementId) -> bytes:
        """The secret with which one agreement's released values are hashed."""
        return self._keys.release_secret(agreement)
