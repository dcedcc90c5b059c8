"""Chunks that were cut off, moved, doubled, dropped, exchanged or added by somebody on the way."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from gateway.security.refusals import OpeningRefused
from tests.attacks.large.conftest import CONTENT

NOT_OPENED, INCOMPLETE, SURPLUS = "envelope.not-opened", "envelope.incomplete", "envelope.surplus"


def test_the_forge_makes_what_the_gateway_opens(large: Any, honest: Any) -> None:
    opened, content = large.open(honest.joined())
    assert hashlib.sha256(content).hexdigest() == opened.head.content.sha256
    assert (opened.head.sender, opened.head.metadata.jti, len(honest.chunks)) == ("xx", "m-1", 3)


def test_truncated_at_any_byte(large: Any, honest: Any) -> None:
    whole = honest.joined()
    for length in range(len(whole)):
        opener = large.opener()
        opener.feed(whole[:length])
        with pytest.raises(OpeningRefused, match="ends before") as refused:
            opener.finish()
        assert refused.value.stable_code == INCOMPLETE


def test_last_chunk_dropped(large: Any, honest: Any) -> None:
    assert large.code(honest.joined(honest.chunks[:-1])) == INCOMPLETE


def test_all_chunks_dropped(large: Any, honest: Any) -> None:
    assert large.code(honest.head) == INCOMPLETE


def test_nothing_at_all(large: Any) -> None:
    assert large.code(b"") == INCOMPLETE


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 2, 1), (2, 1, 0)])
def test_chunks_reordered(large: Any, honest: Any, order: tuple[int, ...]) -> None:
    assert large.code(honest.joined([honest.chunks[place] for place in order])) == NOT_OPENED


@pytest.mark.parametrize("order", [(0, 0, 2), (0, 1, 1), (0, 0, 1, 2), (0, 1, 1, 2)])
def test_a_chunk_doubled(large: Any, honest: Any, order: tuple[int, ...]) -> None:
    assert large.code(honest.joined([honest.chunks[place] for place in order])) == NOT_OPENED


@pytest.mark.parametrize("order", [(1, 2), (0, 2)])
def test_an_earlier_chunk_dropped(large: Any, honest: Any, order: tuple[int, ...]) -> None:
    assert large.code(honest.joined([honest.chunks[place] for place in order])) == NOT_OPENED


@pytest.mark.parametrize("surplus", [b"\0", b"\n", bytes(16), bytes(32)])
def test_bytes_appended(large: Any, honest: Any, surplus: bytes) -> None:
    assert large.code(honest.joined() + surplus) == SURPLUS


def test_the_last_chunk_again_after_the_last(large: Any, honest: Any) -> None:
    assert large.code(honest.joined() + honest.chunks[-1]) == SURPLUS


def test_a_second_envelope_after_the_first(large: Any, honest: Any) -> None:
    assert large.code(honest.joined() + honest.joined()) == SURPLUS


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_chunk_of_another_message_even_under_the_same_key(large: Any, honest: Any, place: int) -> None:
    other = large.parts(jti="m-2")
    chunks = [other.chunks[n] if n == place else chunk for n, chunk in enumerate(honest.chunks)]
    assert large.code(honest.joined(chunks)) == NOT_OPENED


def test_all_chunks_of_another_message_even_under_the_same_key(large: Any, honest: Any) -> None:
    # the content is the same to the byte; the head that was signed for it is not
    assert large.code(honest.joined(large.parts(jti="m-2").chunks)) == NOT_OPENED


def test_any_bit_of_any_chunk_changed(large: Any, honest: Any) -> None:
    for place in range(len(honest.head), len(honest.joined())):
        changed = bytearray(honest.joined())
        changed[place] ^= 1
        opener = large.opener()
        with pytest.raises(OpeningRefused, match="could not be opened"):
            opener.feed(changed)


def test_a_boundary_moved_by_one_byte(large: Any, honest: Any) -> None:
    pieces = [CONTENT[:15], CONTENT[15:32], CONTENT[32:]]
    moved = [large.chunk(honest.head, piece, place, last=place == 2) for place, piece in enumerate(pieces)]
    assert large.code(honest.joined(moved)) == NOT_OPENED


@pytest.mark.parametrize("length", [1, 15, 16, 17, 31, 32, 33, 200])
def test_honest_messages_of_every_shape_open_and_lose_no_byte_unseen(large: Any, length: int) -> None:
    parts = large.parts(bytes(length))
    assert large.open(parts.joined())[1] == bytes(length)
    assert large.code(parts.joined()[:-1]) == INCOMPLETE
    assert large.code(parts.joined() + b"\0") == SURPLUS


@pytest.mark.parametrize("length", [16, 32, 48])
def test_an_empty_last_chunk_after_a_multiple_of_the_chunk_size(large: Any, length: int) -> None:
    parts = large.parts(bytes(length))
    number = length // 16
    pieces = [large.chunk(parts.head, bytes(16), place, last=False) for place in range(number)]
    empty = large.chunk(parts.head, b"", number, last=True)
    assert large.code(parts.joined([*pieces, empty])) == NOT_OPENED  # the last full chunk has to carry the mark
    assert large.code(parts.joined([*parts.chunks, empty])) == SURPLUS


def test_the_last_mark_missing(large: Any, honest: Any) -> None:
    unmarked = [large.chunk(honest.head, bytes(16), place, last=False) for place in range(3)]
    assert large.code(honest.joined(unmarked)) == NOT_OPENED


def test_the_last_mark_too_early(large: Any, honest: Any) -> None:
    early = [large.chunk(honest.head, bytes(16), place, last=True) for place in range(3)]
    assert large.code(honest.joined(early)) == NOT_OPENED


def test_the_counter_begins_at_zero(large: Any, honest: Any) -> None:
    shifted = [large.chunk(honest.head, bytes(16), place + 1, last=place == 2) for place in range(3)]
    assert large.code(honest.joined(shifted)) == NOT_OPENED


class TestNothingCountsBeforeTheEnd:
    def test_no_result_before_finish_and_none_after_a_refusal(self, large: Any, honest: Any) -> None:
        opener = large.opener()
        opener.feed(honest.joined(honest.chunks[:2]))
        assert large.sinks[-1].getvalue()  # content is in the sink, and means nothing
        with pytest.raises(OpeningRefused, match="ends before"):
            opener.finish()
        for again in (opener.finish, lambda: opener.feed(honest.chunks[2])):
            with pytest.raises(OpeningRefused, match="ends before"):
                again()

    def test_a_changed_chunk_never_reaches_the_sink(self, large: Any, honest: Any) -> None:
        opener = large.opener()
        with pytest.raises(OpeningRefused, match="could not be opened"):
            opener.feed(honest.joined([honest.chunks[0], honest.chunks[2], honest.chunks[1]]))
        assert large.sinks[-1].getvalue() == b"<Manifest>forty-"
        for again in (opener.finish, lambda: opener.feed(honest.chunks[1])):
            with pytest.raises(OpeningRefused, match="could not be opened"):
                again()
        assert large.sinks[-1].getvalue() == b"<Manifest>forty-"

    def test_a_sink_that_failed_once_ends_the_opening(self, large: Any, honest: Any) -> None:
        opener = large.opener()
        large.sinks[-1].close()
        with pytest.raises(ValueError, match="closed"):
            opener.feed(honest.joined())
        with pytest.raises(ValueError, match="closed"):
            opener.finish()

    def test_a_byte_after_finish_is_surplus(self, large: Any, honest: Any) -> None:
        opener = large.opener()
        opener.feed(honest.joined())
        assert opener.finish()
        with pytest.raises(OpeningRefused, match="goes on beyond"):
            opener.feed(b"\0")
        with pytest.raises(OpeningRefused, match="goes on beyond"):
            opener.finish()
