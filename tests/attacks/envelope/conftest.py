"""Forged envelopes, made with bare `cryptography` calls and not with the gateway, so that every byte can be chosen."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, keywrap
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash

from gateway.security.envelope import Opened, open_sealed
from gateway.security.filekeys import FileSigner, JoseDecrypter, file_decrypter
from gateway.security.generation import GeneratedKey, generate_key
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import Lifecycle
from gateway.security.refusals import OpeningRefused

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ACTIVE = Lifecycle.active_from(NOW - timedelta(days=30))


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def as_json(members: Mapping[str, Any] | str) -> str:
    return members if isinstance(members, str) else json.dumps(members)


@dataclass(frozen=True)
class Forge:
    """Two parties (xx sends, aa receives) and full freedom over every byte between them."""

    sender: GeneratedKey
    recipient: GeneratedKey
    registered: RegisteredKey
    decrypter: JoseDecrypter

    def inner_header(self, **changes: Any) -> dict[str, Any]:
        header = {
            "alg": "ES256",
            "kid": self.sender.public.kid,
            "typ": "message+jws",
            "iss": "xx",
            "aud": "aa",
            "iat": int(NOW.timestamp()),
            "jti": "m-1",
            "agreement": "aa-xx-declarations",
            "type": "export-declaration",
            "schema": "zz-declaration-1.0",
            "cty": "application/xml",
            "purpose": "risk-analysis",
            "crit": ["iss", "aud", "iat", "jti", "agreement", "type", "schema", "purpose"],
            **changes,
        }
        return {name: value for name, value in header.items() if value is not None}

    def sign(self, header: Mapping[str, Any] | str, payload: bytes = b"<a/>") -> bytes:
        """A JWS over any header, properly signed by the registered sender."""
        signing_input = f"{b64(as_json(header).encode('utf-8', 'surrogatepass'))}.{b64(payload)}".encode()
        signature = FileSigner(self.sender.private, self.sender.public).sign(signing_input)
        return signing_input + b"." + b64(signature).encode()

    def outer_header(self, **changes: Any) -> dict[str, Any]:
        header = {
            "alg": "ECDH-ES+A256KW",
            "enc": "A256GCM",
            "kid": self.recipient.public.kid,
            "skid": self.sender.public.kid,
            **changes,
        }
        return {name: value for name, value in header.items() if value is not None}

    def encrypt(self, plaintext: bytes, header: Mapping[str, Any] | str | None = None) -> list[str]:
        """The five segments of a JWE for the recipient, whatever its header says (RFC 7518 section 4.6.2)."""
        ephemeral = ec.generate_private_key(ec.SECP256R1())
        point = ephemeral.public_key().public_numbers()
        epk = {"kty": "EC", "crv": "P-256", "x": b64(point.x.to_bytes(32)), "y": b64(point.y.to_bytes(32))}
        if not isinstance(header, str):
            header = {"epk": epk, **(self.outer_header() if header is None else header)}
        text = as_json(header).replace('"EPK"', json.dumps(epk))
        assert isinstance(self.recipient.private, ec.EllipticCurvePrivateKey)
        shared = ephemeral.exchange(ec.ECDH(), self.recipient.private.public_key())
        name = b"ECDH-ES+A256KW"
        info = len(name).to_bytes(4) + name + bytes(8) + (256).to_bytes(4)
        wrapping = ConcatKDFHash(hashes.SHA256(), 32, info).derive(shared)
        content_key, nonce = os.urandom(32), os.urandom(12)
        protected = b64(text.encode("utf-8", "surrogatepass"))
        encrypted = AESGCM(content_key).encrypt(nonce, plaintext, protected.encode())
        wrapped = keywrap.aes_key_wrap(wrapping, content_key)
        return [protected, b64(wrapped), b64(nonce), b64(encrypted[:-16]), b64(encrypted[-16:])]

    def seal(self, inner: bytes, header: Mapping[str, Any] | str | None = None) -> bytes:
        return ".".join(self.encrypt(inner, header)).encode()

    def open(self, data: bytes, **options: Any) -> Opened:
        defaults: dict[str, Any] = {
            "decrypters": [self.decrypter],
            "lookup_key": lambda kid: self.registered if kid == self.registered.kid else None,
            "recipient": "aa",
            "at": NOW,
        }
        return open_sealed(data, **{**defaults, **options})

    def refusal(self, data: bytes, **options: Any) -> OpeningRefused:
        with pytest.raises(OpeningRefused) as refused:
            self.open(data, **options)
        return refused.value

    def code(self, data: bytes, **options: Any) -> str:
        return self.refusal(data, **options).stable_code

    def code_of_outer(self, **changes: Any) -> str:
        return self.code(self.seal(self.sign(self.inner_header()), self.outer_header(**changes)))

    def code_of_inner(self, **changes: Any) -> str:
        return self.code(self.seal(self.sign(self.inner_header(**changes))))


@pytest.fixture(scope="session")
def forge() -> Forge:
    sender, recipient = generate_key("xx", "ES256", NOW), generate_key("aa", "ECDH-ES+A256KW", NOW)
    decrypter = file_decrypter(recipient.private, RegisteredKey(recipient.public, "aa", ACTIVE))
    return Forge(sender, recipient, RegisteredKey(sender.public, "xx", ACTIVE), decrypter)


@pytest.fixture(scope="session")
def honest(forge: Forge) -> bytes:
    return forge.seal(forge.sign(forge.inner_header()))
