"""The file of secrets: the wrapping key of bodies and the secret of hashed releases, under the passphrase."""

from __future__ import annotations

import base64
import json
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from gateway.errors import DataFolderError

SECRET_BYTES = 32
"""Length of each of the two secrets."""
FILE = "secrets.json"
"""Name of the file in the folder of our keys."""
_SCRYPT_COST = 2**15
"""N of RFC 7914; about 0.1 s, once at start. The passphrase made at set-up has 256 bits of its own.

It stands in the file of secrets, so that it can be raised without losing what was made before.
"""
_SCRYPT_MOST = 2**18
"""A file that asks for more (256 MB of memory) was not made by us."""


def seal_secrets(passphrase: bytes) -> bytes:
    """New secrets, encrypted."""
    salt, nonce = os.urandom(16), os.urandom(12)
    plain = os.urandom(2 * SECRET_BYTES)
    sealed = AESGCM(_stretch(passphrase, salt, _SCRYPT_COST)).encrypt(nonce, plain, b"sarhad:secrets:1")
    members = {"salt": salt, "nonce": nonce, "sealed": sealed}
    texts = {name: base64.b64encode(value).decode("ascii") for name, value in members.items()}
    return json.dumps({"cost": _SCRYPT_COST, **texts}).encode()


def open_secrets(data: bytes, passphrase: bytes) -> tuple[bytes, bytes]:
    """The wrapping key of bodies, and the secret of hashed releases.

    Raises:
        DataFolderError: ``key.unreadable``.
    """
    try:
        texts = json.loads(data)
        cost = texts.pop("cost")
        members = {name: base64.b64decode(text, validate=True) for name, text in texts.items()}
        cipher = AESGCM(_stretch(passphrase, members["salt"], cost))
        plain = cipher.decrypt(members["nonce"], members["sealed"], b"sarhad:secrets:1")
    except (ValueError, KeyError, AttributeError, TypeError, InvalidTag):
        raise DataFolderError(
            "the file of secrets does not open with this passphrase",
            path=FILE,
            remedy="give the passphrase that it was made with, or restore both from the backup",
            code="key.unreadable",
        ) from None
    return plain[:SECRET_BYTES], plain[SECRET_BYTES:]


def _stretch(passphrase: bytes, salt: bytes, cost: int) -> bytes:
    if cost > _SCRYPT_MOST:
        raise ValueError("so much work is never asked for")
    return Scrypt(salt=salt, length=SECRET_BYTES, n=cost, r=8, p=1).derive(passphrase)
