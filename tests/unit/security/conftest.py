"""Two made-up parties: ``xx`` sends, ``aa`` receives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.security.envelope import Opened, Sealed, open_sealed, seal
from gateway.security.filekeys import FileSigner, JoseDecrypter, file_decrypter
from gateway.security.generation import GeneratedKey, generate_key
from gateway.security.keys import PublicKey, RegisteredKey
from gateway.security.lifecycle import Lifecycle
from gateway.security.metadata import MessageMetadata

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ACTIVE = Lifecycle.active_from(NOW - timedelta(days=30))


@dataclass(frozen=True)
class Pair:
    """A sender and a recipient with all their keys."""

    signer: FileSigner
    recipient: PublicKey
    decrypter: JoseDecrypter
    registered: RegisteredKey
    metadata: MessageMetadata

    def seal(self, content: bytes, **options: Any) -> Sealed:
        return seal(content, options.pop("metadata", self.metadata), self.signer, self.recipient, **options)

    def open(self, sealed: bytes, **options: Any) -> Opened:
        return open_sealed(
            sealed,
            decrypters=[self.decrypter],
            lookup_key=lambda kid: self.registered if kid == self.registered.kid else None,
            recipient="aa",
            at=NOW,
            **options,
        )


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def make_key() -> Callable[..., GeneratedKey]:
    """Keys by (party, algorithm, kind), made once: RSA keys take their time."""
    made: dict[tuple[str, ...], GeneratedKey] = {}

    def make(party: str, algorithm: str, kind: str = "") -> GeneratedKey:
        wanted = (party, algorithm, kind)
        if wanted not in made:
            made[wanted] = generate_key(party, algorithm, NOW, kind=kind)
        return made[wanted]

    return make


@pytest.fixture(scope="session")
def sender(make_key: Callable[..., GeneratedKey]) -> GeneratedKey:
    return make_key("xx", "ES256")


@pytest.fixture(scope="session")
def registered(sender: GeneratedKey) -> RegisteredKey:
    return RegisteredKey(sender.public, "xx", ACTIVE)


@pytest.fixture(scope="session")
def signer(sender: GeneratedKey) -> FileSigner:
    return FileSigner(sender.private, sender.public)


@pytest.fixture(scope="session")
def recipient(make_key: Callable[..., GeneratedKey]) -> GeneratedKey:
    return make_key("aa", "ECDH-ES+A256KW")


@pytest.fixture(scope="session")
def decrypter(recipient: GeneratedKey) -> JoseDecrypter:
    return file_decrypter(recipient.private, RegisteredKey(recipient.public, "aa", ACTIVE))


@pytest.fixture(scope="session")
def metadata() -> MessageMetadata:
    return MessageMetadata(
        iss="xx",
        aud="aa",
        iat=int(NOW.timestamp()),
        jti="m-1",
        agreement="aa-xx-declarations",
        type="export-declaration",
        schema="zz-declaration-1.0",
        cty="application/xml",
        purpose="risk-analysis",
    )


@pytest.fixture(scope="session")
def pair(
    signer: FileSigner,
    recipient: GeneratedKey,
    decrypter: JoseDecrypter,
    registered: RegisteredKey,
    metadata: MessageMetadata,
) -> Pair:
    return Pair(signer, recipient.public, decrypter, registered, metadata)


@pytest.fixture(scope="session")
def pair_of(make_key: Callable[..., GeneratedKey], metadata: MessageMetadata) -> Callable[..., Pair]:
    """Pairs by signature algorithm, key management algorithm and kind."""

    def make(signature: str, management: str, kind: str) -> Pair:
        sender, recipient = make_key("xx", signature), make_key("aa", management, kind)
        return Pair(
            FileSigner(sender.private, sender.public),
            recipient.public,
            file_decrypter(recipient.private, RegisteredKey(recipient.public, "aa", ACTIVE)),
            RegisteredKey(sender.public, "xx", ACTIVE),
            metadata,
        )

    return make
