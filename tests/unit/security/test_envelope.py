from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import MessageTooLarge
from gateway.security.envelope import Opened, verify_stored
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import KeyState, Lifecycle, StateChange
from gateway.security.limits import EnvelopeLimits
from gateway.security.refusals import OpeningRefused
from gateway.security.suites import INTL_1, Suite

KINDS = [("ECDH-ES+A256KW", "P-256"), ("ECDH-ES+A256KW", "X25519"), ("RSA-OAEP-256", "RSA")]


@pytest.mark.parametrize("signature", INTL_1.signatures)
@pytest.mark.parametrize(("management", "kind"), KINDS)
def test_every_pair_of_algorithms_of_the_suite_seals_and_opens(
    pair_of: Callable[..., Any], signature: str, management: str, kind: str
) -> None:
    pair = pair_of(signature, management, kind)
    content = bytes(range(256))
    sealed = pair.seal(content)
    assert pair.open(sealed.jwe) == Opened(
        payload=content,
        metadata=pair.metadata,
        jws=sealed.jws,
        jws_digest=hashlib.sha256(sealed.jws).hexdigest(),
        kid=pair.signer.kid,
        sender="xx",
    )
    assert sealed.jws_digest == hashlib.sha256(sealed.jws).hexdigest()


def test_an_answer_keeps_the_id_of_the_message_that_it_answers(pair: Any) -> None:
    answer = pair.metadata.model_copy(update={"ref": "m-0"})
    assert pair.open(pair.seal(b"x", metadata=answer).jwe).metadata == answer


def test_two_seals_of_the_same_message_share_no_ciphertext(pair: Any) -> None:
    first, second = pair.seal(b"content"), pair.seal(b"content")
    assert not set(first.jwe.split(b".")) & set(second.jwe.split(b"."))


def test_what_is_sealed_shows_nothing_of_the_content(pair: Any) -> None:
    sealed = pair.seal(b"content")
    assert b"content" not in sealed.jwe
    assert "content" not in repr(sealed)
    assert "content" not in repr(pair.open(sealed.jwe))


class TestLimits:
    limits = EnvelopeLimits(max_message_bytes=1000)

    @pytest.mark.parametrize("size", [1, 2, 3, 998, 999, 1000])
    def test_whatever_may_be_sealed_may_be_opened_up_to_the_last_byte(self, pair: Any, size: int) -> None:
        sealed = pair.seal(b"a" * size, limits=self.limits)
        assert len(pair.open(sealed.jwe, limits=self.limits).payload) == size

    def test_one_byte_more_is_not_sealed(self, pair: Any) -> None:
        with pytest.raises(MessageTooLarge):
            pair.seal(b"a" * 1001, limits=self.limits)

    def test_nothing_at_all_is_not_sealed(self, pair: Any) -> None:
        with pytest.raises(OpeningRefused) as refused:
            pair.seal(b"")
        assert refused.value.stable_code == "envelope.empty"

    def test_a_message_over_the_caps_of_the_library_passes_ours(self, pair: Any) -> None:
        # joserfc's own caps are 128,000 bytes of payload and 65,536 of ciphertext
        assert len(pair.open(pair.seal(b"a" * 1_000_000).jwe).payload) == 1_000_000


class TestSuite:
    narrow = Suite(suite_id="fake-1", signatures=("Ed25519",), key_management=("RSA-OAEP-256",), content=("A256GCM",))

    def test_the_agreed_suite_decides_what_may_be_sealed(self, pair: Any) -> None:
        with pytest.raises(OpeningRefused) as refused:
            pair.seal(b"x", suite=self.narrow)
        assert refused.value.stable_code == "envelope.algorithm-refused"

    def test_the_agreed_suite_decides_what_may_be_opened(self, pair: Any) -> None:
        with pytest.raises(OpeningRefused) as refused:
            pair.open(pair.seal(b"x").jwe, suite=self.narrow)
        assert refused.value.stable_code == "envelope.algorithm-refused"

    def test_a_fake_suite_is_served_when_it_is_agreed(self, pair_of: Callable[..., Any]) -> None:
        pair = pair_of("Ed25519", "RSA-OAEP-256", "RSA")
        assert pair.open(pair.seal(b"x", suite=self.narrow).jwe, suite=self.narrow).payload == b"x"


class TestStoredEvidence:
    def test_it_is_judged_by_the_state_of_the_key_when_it_was_received(self, pair: Any, now: datetime) -> None:
        changes = (
            StateChange(KeyState.ACTIVE, now - timedelta(days=1)),
            StateChange(KeyState.RETIRED, now + timedelta(days=1)),
            StateChange(KeyState.COMPROMISED, now + timedelta(days=2)),
        )
        jws, key = pair.seal(b"x").jws, RegisteredKey(pair.registered.key, "xx", Lifecycle(changes))
        assert verify_stored(jws, key, received=now).payload == b"x"
        for day, code in ((1, "envelope.expired-key"), (2, "envelope.compromised-key")):
            with pytest.raises(OpeningRefused) as refused:
                verify_stored(jws, key, received=now + timedelta(days=day))
            assert refused.value.stable_code == code

    @given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
    def test_any_changed_byte_is_found(self, pair: Any, evidence: bytes, place: float, flip: int) -> None:
        changed = bytearray(evidence)
        changed[int(place * len(evidence))] ^= flip
        with pytest.raises(OpeningRefused):
            verify_stored(bytes(changed), pair.registered, received=datetime.fromisoformat("2026-03-01T12:00Z"))

    def test_it_stays_verifiable_whatever_limit_holds_today(self, pair: Any, now: datetime) -> None:
        large = EnvelopeLimits(max_message_bytes=20 * 1024 * 1024)
        jws = pair.seal(b"a" * (17 * 1024 * 1024), limits=large).jws
        assert verify_stored(jws, pair.registered, received=now).sender == "xx"

    def test_evidence_of_another_owner_is_not_taken(self, pair: Any, evidence: bytes, now: datetime) -> None:
        other = RegisteredKey(pair.registered.key, "yy", Lifecycle.active_from(now))
        with pytest.raises(OpeningRefused) as refused:
            verify_stored(evidence, other, received=now)
        assert refused.value.stable_code == "envelope.wrong-sender"


@pytest.fixture(scope="module")
def evidence(pair: Any) -> bytes:
    jws: bytes = pair.seal(b"<content/>").jws
    return jws
