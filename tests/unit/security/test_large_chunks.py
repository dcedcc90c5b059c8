from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from gateway.security.large_chunks import Chunks, ContentKey
from gateway.security.large_content import LargeContent
from gateway.security.refusals import OpeningRefused

KEY = ContentKey(bytes(range(32)), bytes(range(7)))
HEAD = bytes(32)


def chunks(length: int, key: ContentKey = KEY, head: bytes = HEAD) -> Chunks:
    return Chunks(key, LargeContent(length=length, sha256="", chunk_size=16), head)


def sealed(content: bytes) -> list[bytes]:
    sealing = chunks(len(content))
    return [sealing.seal_next(content[start : start + 16]) for start in range(0, len(content), 16)]


def test_a_chunk_is_plain_aes_gcm_with_prefix_number_and_last_mark_as_nonce() -> None:
    content = bytes(40)
    expected = [
        AESGCM(KEY.key).encrypt(KEY.prefix + place, content[start : start + 16], HEAD)
        for start, place in ((0, b"\0\0\0\0\0"), (16, b"\0\0\0\1\0"), (32, b"\0\0\0\2\1"))
    ]
    assert sealed(content) == expected


def test_a_single_chunk_is_the_last() -> None:
    assert sealed(b"a") == [AESGCM(KEY.key).encrypt(KEY.prefix + b"\0\0\0\0\1", b"a", HEAD)]


@given(content=st.binary(min_size=1, max_size=100))
def test_what_is_sealed_chunk_by_chunk_opens_chunk_by_chunk(content: bytes) -> None:
    opening = chunks(len(content))
    assert b"".join(bytes(opening.open_next(one)) for one in sealed(content)) == content
    assert opening.done


@pytest.mark.parametrize("place", [1, 2])
def test_a_chunk_opens_in_its_own_place_only(place: int) -> None:
    with pytest.raises(OpeningRefused) as refused:
        chunks(48).open_next(sealed(bytes(48))[place])
    assert refused.value.stable_code == "envelope.not-opened"


def test_an_inner_chunk_does_not_open_as_the_last() -> None:
    opening = chunks(16)
    assert opening.next_is_last
    with pytest.raises(OpeningRefused):
        opening.open_next(sealed(bytes(48))[0])


@pytest.mark.parametrize(
    ("key", "head"),
    [
        (ContentKey(bytes(32), KEY.prefix), HEAD),
        (ContentKey(KEY.key, bytes(7)), HEAD),
        (KEY, b"\1" * 32),
    ],
)
def test_a_chunk_opens_under_its_own_key_prefix_and_head_only(key: ContentKey, head: bytes) -> None:
    with pytest.raises(OpeningRefused):
        chunks(48, key, head).open_next(sealed(bytes(48))[0])


def test_fresh_keys_differ_and_do_not_show_themselves() -> None:
    first, second = ContentKey.fresh(), ContentKey.fresh()
    assert (len(first.key), len(first.prefix)) == (32, 7)
    assert first.key != second.key
    assert first.prefix != second.prefix
    assert str(first.key) not in repr(first)


def test_what_was_opened_cannot_be_changed_by_whoever_takes_it() -> None:
    assert chunks(5).open_next(sealed(b"hello")[0]).readonly
