from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import MessageTooLarge
from gateway.security.envelope import KeyLookup, Opened, open_sealed, seal, verify_stored
from gateway.security.filekeys import FileDecrypter, FileSigner, file_decrypter
from gateway.security.generation import GeneratedKey
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import KeyState, Lifecycle, StateChange
from gateway.security.limits import EnvelopeLimits
from gateway.security.metadata import MessageMetadata
from gateway.security.refusals import OpeningRefused
from gateway.security.suites import INTL_1, Suite


def only(key: RegisteredKey) -> KeyLookup:
    return lambda kid: key if kid == key.kid else None


@pytest.mark.parametrize("signature", INTL_1.signatures)
@pytest.mark.parametrize(
    ("management", "kind"), [("ECDH-ES+A256KW", "P-256"), ("ECDH-ES+A256KW", "X25519"), ("RSA-OAEP-256", "RSA")]
)
def test_every_pair_of_algorithms_of_the_suite_seals_and_opens(
    make_key: Callable[..., GeneratedKey],
    metadata: MessageMetadata,
    now: datetime,
    signature: str,
    management: str,
    kind: str,
) -> None:
    active = Lifecycle.active_from(now - timedelta(days=1))
    sender, recipient = make_key("xx", signature), make_key("aa", management, kind)
    registered = RegisteredKey(sender.public, "xx", active)
    decrypter = file_decrypter(recipient.private, RegisteredKey(recipient.public, "aa", active))
    content = bytes(range(256))
    sealed = seal(content, metadata, FileSigner(sender.private, sender.public), recipient.public)
    opened = open_sealed(sealed.jwe, decrypters=[decrypter], lookup_key=only(registered), recipient="aa", at=now)
    assert opened == Opened(
        payload=content,
        metadata=metadata,
        jws=sealed.jws,
        jws_digest=hashlib.sha256(sealed.jws).hexdigest(),
        kid=sender.public.kid,
        sender="xx",
    )
    assert sealed.jws_digest == opened.jws_digest


def test_the_answer_keeps_the_id_of_the_message_that_it_answers(
    signer: FileSigner,
    recipient: GeneratedKey,
    decrypter: FileDecrypter,
    registered: RegisteredKey,
    metadata: MessageMetadata,
    now: datetime,
) -> None:
    answer = metadata.model_copy(update={"ref": "m-0"})
    sealed = seal(b"x", answer, signer, recipient.public)
    opened = open_sealed(sealed.jwe, decrypters=[decrypter], lookup_key=only(registered), recipient="aa", at=now)
    assert opened.metadata.ref == "m-0"


def test_two_seals_of_the_same_message_share_no_ciphertext(
    signer: FileSigner, recipient: GeneratedKey, metadata: MessageMetadata
) -> None:
    first, second = (seal(b"content", metadata, signer, recipient.public) for _ in range(2))
    assert not set(first.jwe.split(b".")) & set(second.jwe.split(b"."))


def test_what_is_sealed_shows_nothing_of_the_content_or_the_metadata(
    signer: FileSigner, recipient: GeneratedKey, metadata: MessageMetadata
) -> None:
    sealed = seal(b"content", metadata, signer, recipient.public)
    assert b"content" not in sealed.jwe
    assert "content" not in repr(sealed)


class TestLimits:
    limits = EnvelopeLimits(max_message_bytes=1000)

    @pytest.mark.parametrize("size", [1, 2, 3, 998, 999, 1000])
    def test_whatever_may_be_sealed_may_be_opened_up_to_the_last_byte(
        self,
        signer: FileSigner,
        recipient: GeneratedKey,
        decrypter: FileDecrypter,
        registered: RegisteredKey,
        metadata: MessageMetadata,
        now: datetime,
        size: int,
    ) -> None:
        sealed = seal(b"a" * size, metadata, signer, recipient.public, limits=self.limits)
        opened = open_sealed(
            sealed.jwe,
            decrypters=[decrypter],
            lookup_key=only(registered),
            recipient="aa",
            at=now,
            limits=self.limits,
        )
        assert len(opened.payload) == size

    def test_one_byte_more_is_not_sealed(
        self, signer: FileSigner, recipient: GeneratedKey, metadata: MessageMetadata
    ) -> None:
        with pytest.raises(MessageTooLarge):
            seal(b"a" * 1001, metadata, signer, recipient.public, limits=self.limits)

    def test_nothing_at_all_is_not_sealed(
        self, signer: FileSigner, recipient: GeneratedKey, metadata: MessageMetadata
    ) -> None:
        with pytest.raises(OpeningRefused) as refused:
            seal(b"", metadata, signer, recipient.public)
        assert refused.value.stable_code == "envelope.empty"

    def test_an_ordinary_large_message_passes_the_default_limits(
        self,
        signer: FileSigner,
        recipient: GeneratedKey,
        decrypter: FileDecrypter,
        registered: RegisteredKey,
        metadata: MessageMetadata,
        now: datetime,
    ) -> None:
        # joserfc's own caps are 128,000 bytes of payload and 65,536 of ciphertext
        sealed = seal(b"a" * 1_000_000, metadata, signer, recipient.public)
        opened = open_sealed(sealed.jwe, decrypters=[decrypter], lookup_key=only(registered), recipient="aa", at=now)
        assert len(opened.payload) == 1_000_000


class TestSuite:
    narrow = Suite(
        suite_id="fake-1",
        signatures=("Ed25519",),
        key_management=("RSA-OAEP-256",),
        content=("A256GCM",),
    )

    def test_the_agreed_suite_decides_what_may_be_sealed(
        self, signer: FileSigner, recipient: GeneratedKey, metadata: MessageMetadata
    ) -> None:
        with pytest.raises(OpeningRefused) as refused:
            seal(b"x", metadata, signer, recipient.public, suite=self.narrow)
        assert refused.value.stable_code == "envelope.algorithm-refused"

    def test_the_agreed_suite_decides_what_may_be_opened(
        self,
        signer: FileSigner,
        recipient: GeneratedKey,
        decrypter: FileDecrypter,
        registered: RegisteredKey,
        metadata: MessageMetadata,
        now: datetime,
    ) -> None:
        sealed = seal(b"x", metadata, signer, recipient.public)
        with pytest.raises(OpeningRefused) as refused:
            open_sealed(
                sealed.jwe,
                decrypters=[decrypter],
                lookup_key=only(registered),
                recipient="aa",
                at=now,
                suite=self.narrow,
            )
        assert refused.value.stable_code == "envelope.algorithm-refused"


class TestStoredEvidence:
    def test_a_stored_signature_outlives_the_retirement_of_its_key(
        self,
        signer: FileSigner,
        recipient: GeneratedKey,
        sender: GeneratedKey,
        metadata: MessageMetadata,
        now: datetime,
    ) -> None:
        sealed = seal(b"x", metadata, signer, recipient.public)
        changes = (
            StateChange(KeyState.ACTIVE, now - timedelta(days=1)),
            StateChange(KeyState.RETIRED, now + timedelta(days=1)),
            StateChange(KeyState.COMPROMISED, now + timedelta(days=2)),
        )
        key = RegisteredKey(sender.public, "xx", Lifecycle(changes))
        assert verify_stored(sealed.jws, key, received=now).payload == b"x"
        for day, code in ((1, "envelope.expired-key"), (2, "envelope.compromised-key")):
            with pytest.raises(OpeningRefused) as refused:
                verify_stored(sealed.jws, key, received=now + timedelta(days=day))
            assert refused.value.stable_code == code

    @given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
    def test_any_byte_of_the_evidence_changed_is_found(
        self, sealed_once: bytes, registered: RegisteredKey, place: float, flip: int
    ) -> None:
        index = int(place * len(sealed_once))
        changed = bytearray(sealed_once)
        changed[index] ^= flip
        with pytest.raises(OpeningRefused):
            verify_stored(bytes(changed), registered, received=datetime.fromisoformat("2026-03-01T12:00:00Z"))

    def test_evidence_of_another_owner_is_not_taken(
        self, sealed_once: bytes, sender: GeneratedKey, now: datetime
    ) -> None:
        other = RegisteredKey(sender.public, "yy", Lifecycle.active_from(now))
        with pytest.raises(OpeningRefused) as refused:
            verify_stored(sealed_once, other, received=now)
        assert refused.value.stable_code == "envelope.wrong-sender"


@pytest.fixture(scope="module")
def sealed_once(signer: FileSigner, recipient: GeneratedKey, metadata: MessageMetadata) -> bytes:
    return seal(b"<content/>", metadata, signer, recipient.public).jws
