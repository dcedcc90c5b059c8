"""Bodies at rest: each under its own key, so that destroying one wrapped key erases one body and nothing else.

AES-256-GCM with a fresh data key for each body; the data key is wrapped, also with AES-256-GCM, under a wrapping key
(KEK) that is kept elsewhere. The record id is bound into both as associated data: a body or a wrapped key moved to
another record does not decrypt. Authenticated encryption, so a changed byte is seen instead of read.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import GatewayError

_NONCE_BYTES = 12  # NIST SP 800-38D section 5.2.1.1; random nonces are safe here: one use for each data key
_KEY_BYTES = 32


class BodyUnreadable(GatewayError):
    """A stored body does not decrypt: changed, moved to another record, erased, or its wrapping key is not here."""

    code = "body.unreadable"


class WrappingKey(Protocol):
    """A key that wraps data keys, in this process or in a hardware module."""

    @property
    def key_id(self) -> str:
        """Id of the wrapping key, stored beside each body so that it can be rotated."""

    def wrap(self, data_key: bytes, record: bytes) -> bytes:
        """The wrapped data key, bound to ``record``."""

    def unwrap(self, wrapped: bytes, record: bytes) -> bytes:
        """The data key.

        Raises:
            BodyUnreadable: wrapped by another key, for another record, or changed.
        """


class LocalWrappingKey:
    """A wrapping key held in this process.

    Args:
        key_id: its id.
        key: 32 random bytes.

    Raises:
        ValueError: the key has another length (a programming or set-up fault, nothing a partner can cause).
    """

    def __init__(self, key_id: str, key: bytes) -> None:
        if len(key) != _KEY_BYTES:
            raise ValueError("a wrapping key has 32 bytes")
        self.key_id = key_id
        self._cipher = AESGCM(key)

    def wrap(self, data_key: bytes, record: bytes) -> bytes:
        """The wrapped data key: nonce, then ciphertext with tag."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, data_key, self._bound(record))

    def unwrap(self, wrapped: bytes, record: bytes) -> bytes:
        """The data key.

        Raises:
            BodyUnreadable: wrapped by another key, for another record, or changed.
        """
        try:
            return self._cipher.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], self._bound(record))
        except (InvalidTag, ValueError):
            raise BodyUnreadable("The wrapped key of the body does not open.", code="body.key") from None

    def _bound(self, record: bytes) -> bytes:
        return b"sarhad:body-key:1\0" + self.key_id.encode("utf-8") + b"\0" + record


@dataclass(frozen=True, slots=True, repr=False)
class EncryptedBody:
    """A body as it is stored.

    Attributes:
        key_id: id of the wrapping key.
        wrapped_key: the data key, wrapped; None once the body has been erased.
        nonce: 12 bytes.
        ciphertext: body and tag.
    """

    key_id: str
    wrapped_key: bytes | None
    nonce: bytes
    ciphertext: bytes

    def erased(self) -> EncryptedBody:
        """The same record without its key: what is left can be read by nobody."""
        return EncryptedBody(self.key_id, None, self.nonce, b"")


def encrypt_body(plaintext: bytes, record_id: str, wrapping_key: WrappingKey) -> EncryptedBody:
    """Encrypt a body under a fresh key of its own.

    Args:
        plaintext: the body.
        record_id: id of the record that it belongs to; needed again to decrypt.
        wrapping_key: wraps the data key.
    """
    data_key, nonce = os.urandom(_KEY_BYTES), os.urandom(_NONCE_BYTES)
    record = record_id.encode("utf-8")
    ciphertext = AESGCM(data_key).encrypt(nonce, plaintext, record)
    return EncryptedBody(wrapping_key.key_id, wrapping_key.wrap(data_key, record), nonce, ciphertext)


def decrypt_body(body: EncryptedBody, record_id: str, wrapping_key: WrappingKey) -> bytes:
    """The plaintext of a stored body.

    Raises:
        BodyUnreadable: ``body.erased``, ``body.key`` or ``body.unreadable``.
    """
    if body.wrapped_key is None:
        raise BodyUnreadable("The body has been erased.", code="body.erased")
    if body.key_id != wrapping_key.key_id:
        raise BodyUnreadable("The body was stored under another wrapping key.", code="body.key")
    record = record_id.encode("utf-8")
    data_key = wrapping_key.unwrap(body.wrapped_key, record)
    try:
        return AESGCM(data_key).decrypt(body.nonce, body.ciphertext, record)
    except (InvalidTag, ValueError):
        raise BodyUnreadable("The stored body was changed or belongs to another record.") from None
