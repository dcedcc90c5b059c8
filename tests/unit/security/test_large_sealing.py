"""Sealing and opening together: sizes around the borders of chunks, pieces of any size, evidence."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import MessageTooLarge
from gateway.security.keys import RegisteredKey
from gateway.security.large_content import LargeContent, describe
from gateway.security.large_head import LARGE_TYPE
from gateway.security.large_limits import DEFAULT_LARGE_LIMITS, LargeLimits
from gateway.security.large_opening import LargeOpener, OpenedLarge, is_large, verify_stored_large
from gateway.security.large_sealing import SealedLarge, seal_large
from gateway.security.lifecycle import KeyState, Lifecycle, StateChange
from gateway.security.refusals import OpeningRefused
from gateway.security.suites import INTL_1, Suite

CHUNK = 16
LIMITS = LargeLimits(max_content_bytes=1000, chunk_bytes=CHUNK, min_chunk_bytes=CHUNK, max_chunk_bytes=CHUNK)
BORDERS = [1, 2, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1, 5 * CHUNK, 1000]
KINDS = [("ECDH-ES+A256KW", "P-256"), ("ECDH-ES+A256KW", "X25519"), ("RSA-OAEP-256", "RSA")]


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def sealing(pair: Any, content: bytes, again: Iterable[bytes] | None = None, **options: Any) -> SealedLarge:
    limits = options.pop("limits", LIMITS)
    pieces = [content] if again is None else again
    found = describe([content], limits)
    return seal_large(found, pieces, pair.metadata, pair.signer, pair.recipient, limits=limits, **options)


def opener(pair: Any, sink: Any, now: datetime, **options: Any) -> LargeOpener:
    return LargeOpener(
        sink,
        decrypters=[pair.decrypter],
        lookup_key=lambda kid: pair.registered if kid == pair.registered.kid else None,
        recipient="aa",
        at=now,
        limits=options.pop("limits", LIMITS),
        **options,
    )


def opened(pair: Any, envelope: bytes, now: datetime, size: int = 7, **options: Any) -> tuple[OpenedLarge, bytes]:
    sink = io.BytesIO()
    opening = opener(pair, sink, now, **options)
    for piece in cut(envelope, size):
        opening.feed(piece)
    return opening.finish(), sink.getvalue()


@pytest.mark.parametrize("length", BORDERS)
def test_sizes_around_the_borders_of_chunks_come_back(pair: Any, now: datetime, length: int) -> None:
    content = bytes(index % 251 for index in range(length))
    large = sealing(pair, content)
    envelope = b"".join(large.pieces)
    assert len(envelope) == large.length
    result, received = opened(pair, envelope, now)
    assert received == content
    assert result.head.content == describe([content], LIMITS)
    assert (result.head.metadata, result.head.sender, result.head.kid) == (pair.metadata, "xx", pair.signer.kid)
    assert (result.head.jws, result.head.jws_digest) == (large.jws, large.jws_digest)
    assert large.jws_digest == hashlib.sha256(large.jws).hexdigest()


@given(
    content=st.binary(min_size=1, max_size=6 * CHUNK),
    read=st.integers(1, 3 * CHUNK),
    fed=st.integers(1, 3 * CHUNK),
)
def test_the_pieces_in_which_content_is_read_and_fed_make_no_difference(
    pair: Any, content: bytes, read: int, fed: int
) -> None:
    now = datetime.fromisoformat("2026-03-01T12:00Z")
    envelope = b"".join(sealing(pair, content, cut(content, read)).pieces)
    assert opened(pair, envelope, now, fed)[1] == content
    assert opened(pair, envelope, now, len(envelope))[1] == content


@given(
    content=st.binary(min_size=1, max_size=3 * CHUNK), place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255)
)
def test_no_changed_byte_anywhere_is_taken(pair: Any, content: bytes, place: float, flip: int) -> None:
    envelope = bytearray(b"".join(sealing(pair, content).pieces))
    envelope[int(place * len(envelope))] ^= flip
    with pytest.raises(OpeningRefused):
        opened(pair, bytes(envelope), datetime.fromisoformat("2026-03-01T12:00Z"))


@pytest.mark.parametrize("signature", INTL_1.signatures)
@pytest.mark.parametrize(("management", "kind"), KINDS)
def test_every_pair_of_algorithms_of_the_suite_seals_and_opens(
    pair_of: Callable[..., Any], now: datetime, signature: str, management: str, kind: str
) -> None:
    pair = pair_of(signature, management, kind)
    assert opened(pair, b"".join(sealing(pair, bytes(40)).pieces), now)[1] == bytes(40)


def test_chunks_of_the_default_size_come_back(pair: Any, now: datetime) -> None:
    content = bytes(range(256)) * 4096 * 2 + b"end"
    envelope = b"".join(sealing(pair, content, limits=DEFAULT_LARGE_LIMITS).pieces)
    result, received = opened(pair, envelope, now, 60_000, limits=DEFAULT_LARGE_LIMITS)
    assert received == content
    assert result.head.content.chunks == 3


def test_what_is_sealed_shows_nothing_of_the_content(pair: Any) -> None:
    large = sealing(pair, b"quite secret content")
    assert "secret" not in repr(large)
    envelope = b"".join(large.pieces)
    assert b"secret" not in envelope
    assert hashlib.sha256(b"quite secret content").hexdigest().encode() not in envelope


def test_two_seals_of_the_same_content_share_no_chunk(pair: Any) -> None:
    first, second = (list(sealing(pair, bytes(48)).pieces) for _ in range(2))
    assert not set(first) & set(second)


def test_a_large_envelope_is_known_by_its_first_bytes(pair: Any) -> None:
    assert is_large(b"".join(sealing(pair, b"x").pieces)[:8])
    assert not is_large(pair.seal(b"x").jwe[:8])
    assert not is_large(b"")


class TestSealingRefuses:
    def code(self, large: SealedLarge) -> tuple[str, int]:
        """The refusal, and how many pieces were given out before it."""
        given_out: list[bytes] = []
        with pytest.raises(OpeningRefused) as refused:
            given_out.extend(large.pieces)
        return refused.value.stable_code, len(given_out)

    @pytest.mark.parametrize("length", BORDERS[:-1])
    @pytest.mark.parametrize("change", ["other", "less", "more", "nothing"])
    def test_content_that_changes_between_the_readings_gives_no_whole_envelope(
        self, pair: Any, length: int, change: str
    ) -> None:
        content = bytes(length)
        again = {"other": content[:-1] + b"\1", "less": content[:-1], "more": content + b"\1", "nothing": b""}[change]
        code, given_out = self.code(sealing(pair, content, cut(again, 5)))
        assert code == "envelope.content-changed"
        assert 1 <= given_out <= describe([content], LIMITS).chunks  # the head and all chunks would be one more

    def test_content_that_grows_without_end_is_not_read_on(self, pair: Any) -> None:
        def growing() -> Iterator[bytes]:
            yield bytes(2 * CHUNK)
            yield b"more"
            raise AssertionError("read on")

        assert self.code(sealing(pair, bytes(2 * CHUNK), growing()))[0] == "envelope.content-changed"

    def test_one_byte_beyond_the_limit(self, pair: Any) -> None:
        with pytest.raises(MessageTooLarge):
            sealing(pair, bytes(1001))
        beyond = LargeContent(length=1001, sha256="0" * 64, chunk_size=CHUNK)
        with pytest.raises(MessageTooLarge):
            seal_large(beyond, [bytes(1001)], pair.metadata, pair.signer, pair.recipient, limits=LIMITS)

    def test_no_content(self, pair: Any) -> None:
        nothing = LargeContent(length=0, sha256=hashlib.sha256().hexdigest(), chunk_size=CHUNK)
        with pytest.raises(OpeningRefused) as refused:
            seal_large(nothing, [], pair.metadata, pair.signer, pair.recipient, limits=LIMITS)
        assert refused.value.stable_code == "envelope.empty"

    def test_a_key_outside_the_agreed_suite(self, pair: Any) -> None:
        narrow = Suite(
            suite_id="fake-1", signatures=("Ed25519",), key_management=("RSA-OAEP-256",), content=("A256GCM",)
        )
        with pytest.raises(OpeningRefused) as refused:
            sealing(pair, b"x", suite=narrow)
        assert refused.value.stable_code == "envelope.algorithm-refused"


class TestStoredEvidence:
    content = bytes(range(40))

    def verify(self, pair: Any, received: datetime, content: bytes = content, **changes: Any) -> OpenedLarge:
        jws = changes.get("jws", sealing(pair, self.content).jws)
        return verify_stored_large(jws, changes.get("key", pair.registered), cut(content, 7), received=received)

    def test_evidence_and_content_verify_without_the_envelope(self, pair: Any, now: datetime) -> None:
        assert self.verify(pair, now).head.content.length == 40

    @pytest.mark.parametrize("content", [content[:-1], content + b"\0", b"\1" + content[1:], b""])
    def test_other_content_does_not(self, pair: Any, now: datetime, content: bytes) -> None:
        with pytest.raises(OpeningRefused) as refused:
            self.verify(pair, now, content)
        assert refused.value.stable_code == "envelope.wrong-digest"

    def test_it_is_judged_by_the_state_of_the_key_when_it_was_received(self, pair: Any, now: datetime) -> None:
        changes = (StateChange(KeyState.ACTIVE, now), StateChange(KeyState.RETIRED, now + timedelta(days=1)))
        key = RegisteredKey(pair.registered.key, "xx", Lifecycle(changes))
        assert self.verify(pair, now, key=key)
        with pytest.raises(OpeningRefused) as refused:
            self.verify(pair, now + timedelta(days=1), key=key)
        assert refused.value.stable_code == "envelope.expired-key"

    def test_evidence_of_another_owner_is_not_taken(self, pair: Any, now: datetime) -> None:
        with pytest.raises(OpeningRefused) as refused:
            self.verify(pair, now, key=RegisteredKey(pair.registered.key, "yy", Lifecycle.active_from(now)))
        assert refused.value.stable_code == "envelope.wrong-sender"

    def test_a_compact_message_is_no_evidence_of_a_large_one(self, pair: Any, now: datetime) -> None:
        with pytest.raises(OpeningRefused) as refused:
            self.verify(pair, now, jws=pair.seal(b"x").jws)
        assert (refused.value.stable_code, refused.value.path) == ("envelope.header-refused", "typ")
        assert LARGE_TYPE not in str(refused.value)
