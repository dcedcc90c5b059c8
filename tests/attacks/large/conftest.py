"""Forged large envelopes, made with bare `cryptography` calls and not with the gateway, so that every byte is free."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.security.filekeys import file_decrypter
from gateway.security.generation import generate_key
from gateway.security.keys import RegisteredKey
from gateway.security.large_limits import LargeLimits
from gateway.security.large_opening import LargeOpener, OpenedLarge
from gateway.security.refusals import OpeningRefused
from tests.attacks.envelope.conftest import ACTIVE, NOW, Forge

MARK = bytes.fromhex("8953415248414401")
CHUNK = 16
LIMITS = LargeLimits(max_content_bytes=200, chunk_bytes=CHUNK, min_chunk_bytes=8, max_chunk_bytes=32)
CONTENT = b"<Manifest>forty-eight bytes of content</Manifest"
KEY, PREFIX = bytes(range(32)), bytes(range(7))


@dataclass(frozen=True, kw_only=True)
class Parts:
    """An envelope in its parts."""

    head: bytes
    chunks: list[bytes]

    def joined(self, chunks: Sequence[bytes] | None = None) -> bytes:
        return self.head + b"".join(self.chunks if chunks is None else chunks)


@dataclass(frozen=True)
class LargeForge:
    """Two parties (xx sends, aa receives) and full freedom over every byte between them."""

    forge: Forge
    sinks: list[io.BytesIO] = field(default_factory=list)

    def statement(self, content: bytes = CONTENT, **changes: Any) -> bytes:
        members = {
            "chunk_size": str(CHUNK),
            "form": "large-1",
            "length": str(len(content)),
            "sha256": hashlib.sha256(content).hexdigest(),
            **changes,
        }
        kept = {name: members[name] for name in sorted(members) if members[name] is not None}
        return json.dumps(kept, separators=(",", ":")).encode()

    def sign(self, statement: bytes, **header: Any) -> bytes:
        return self.forge.sign(self.forge.inner_header(**{"typ": "large-message+jws", **header}), statement)

    def head(self, jws: bytes, key: bytes = KEY, prefix: bytes = PREFIX, **outer: Any) -> bytes:
        header = self.forge.outer_header(**{"cty": "large-message+jws", **outer})
        jwe = self.forge.seal(key + prefix + jws, header)
        return MARK + len(jwe).to_bytes(4) + jwe

    def chunks(self, head: bytes, content: bytes = CONTENT, size: int = CHUNK) -> list[bytes]:
        pieces = [content[start : start + size] for start in range(0, len(content), size)]
        return [self.chunk(head, piece, number, last=number == len(pieces) - 1) for number, piece in enumerate(pieces)]

    def chunk(self, head: bytes, piece: bytes, number: int, *, last: bool) -> bytes:
        nonce = PREFIX + number.to_bytes(4) + bytes([last])
        return AESGCM(KEY).encrypt(nonce, piece, hashlib.sha256(head).digest())

    def parts(self, content: bytes = CONTENT, statement: bytes | None = None, **header: Any) -> Parts:
        """An envelope; a lying one when the statement is not that of the content."""
        head = self.head(self.sign(self.statement(content) if statement is None else statement, **header))
        return Parts(head=head, chunks=self.chunks(head, content))

    def opener(self, **options: Any) -> LargeOpener:
        self.sinks.append(io.BytesIO())
        registered = self.forge.registered
        defaults: dict[str, Any] = {
            "decrypters": [self.forge.decrypter],
            "lookup_key": lambda kid: registered if kid == registered.kid else None,
            "recipient": "aa",
            "at": NOW,
            "limits": LIMITS,
        }
        return LargeOpener(self.sinks[-1], **{**defaults, **options})

    def open(self, envelope: bytes, step: int = 11, **options: Any) -> tuple[OpenedLarge, bytes]:
        opener = self.opener(**options)
        for start in range(0, len(envelope), step):
            opener.feed(envelope[start : start + step])
        return opener.finish(), self.sinks[-1].getvalue()

    def refusal(self, envelope: bytes, **options: Any) -> OpeningRefused:
        """The refusal, which has to be the same one in whatever pieces the bytes arrive."""
        found = []
        for step in (11, len(envelope) + 1):
            with pytest.raises(OpeningRefused) as refused:
                self.open(envelope, step, **options)
            found.append(refused.value)
        assert found[0].stable_code == found[1].stable_code
        return found[0]

    def code(self, envelope: bytes, **options: Any) -> str:
        return self.refusal(envelope, **options).stable_code


@pytest.fixture(scope="session")
def large() -> LargeForge:
    sender, recipient = generate_key("xx", "ES256", NOW), generate_key("aa", "ECDH-ES+A256KW", NOW)
    decrypter = file_decrypter(recipient.private, RegisteredKey(recipient.public, "aa", ACTIVE))
    return LargeForge(Forge(sender, recipient, RegisteredKey(sender.public, "xx", ACTIVE), decrypter))


@pytest.fixture(scope="session")
def honest(large: LargeForge) -> Parts:
    return large.parts()
