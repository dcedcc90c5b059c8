from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from gateway.errors import MessageTooLarge
from gateway.security.large_content import (
    MOST_CHUNKS,
    ContentDigest,
    LargeContent,
    describe,
    read_statement,
    require_affordable,
)
from gateway.security.large_limits import DEFAULT_LARGE_LIMITS, LargeLimits
from gateway.security.refusals import OpeningRefused

SMALL = LargeLimits(max_content_bytes=100, chunk_bytes=16, min_chunk_bytes=8, max_chunk_bytes=32)
DIGEST = "0" * 64


def content(length: int, chunk_size: int = 16) -> LargeContent:
    return LargeContent(length=length, sha256=DIGEST, chunk_size=chunk_size)


@pytest.mark.parametrize(
    ("length", "sizes"),
    [(1, [1]), (15, [15]), (16, [16]), (17, [16, 1]), (32, [16, 16]), (33, [16, 16, 1])],
)
def test_content_falls_into_chunks_of_which_only_the_last_may_be_shorter(length: int, sizes: list[int]) -> None:
    cut = content(length)
    assert [cut.size_of(index) for index in range(cut.chunks)] == sizes
    assert cut.sealed_length == length + 16 * len(sizes)


def test_describing_counts_and_digests_pieces_of_any_size() -> None:
    found = describe([b"ab", b"", b"cde"], SMALL)
    assert found == LargeContent(length=5, sha256=hashlib.sha256(b"abcde").hexdigest(), chunk_size=16)


def test_describing_stops_at_the_first_byte_too_many() -> None:
    def endless() -> Any:
        yield b"a" * 100
        yield b"a"
        raise AssertionError("read on")

    with pytest.raises(MessageTooLarge):
        describe(endless(), SMALL)


def test_no_content_is_not_described() -> None:
    with pytest.raises(OpeningRefused) as refused:
        describe([b"", b""], SMALL)
    assert refused.value.stable_code == "envelope.empty"


def test_a_statement_is_read_as_it_was_written() -> None:
    assert read_statement(content(33).statement()) == content(33)
    assert content(33).statement() == (
        b'{"chunk_size":"16","form":"large-1","length":"33","sha256":"' + DIGEST.encode() + b'"}'
    )


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"form": "large-2"}, "form"),
        ({"form": None}, "form"),
        ({"length": "0"}, "length"),
        ({"length": "-1"}, "length"),
        ({"length": "01"}, "length"),
        ({"length": "1e3"}, "length"),
        ({"length": "١"}, "length"),
        ({"length": "1\n"}, "length"),
        ({"length": "1" * 16}, "length"),
        ({"length": 33}, "length"),
        ({"length": None}, "length"),
        ({"chunk_size": "0"}, "chunk_size"),
        ({"chunk_size": None}, "chunk_size"),
        ({"sha256": "A" * 64}, "sha256"),
        ({"sha256": "0" * 63}, "sha256"),
        ({"sha256": None}, "sha256"),
        ({"more": "1"}, ""),
    ],
)
def test_a_statement_of_another_form_is_refused(changes: dict[str, Any], path: str) -> None:
    members = {"chunk_size": "16", "form": "large-1", "length": "33", "sha256": DIGEST, **changes}
    kept = {name: members[name] for name in sorted(members) if members[name] is not None}
    with pytest.raises(OpeningRefused) as refused:
        read_statement(json.dumps(kept, separators=(",", ":"), ensure_ascii=False).encode())
    assert (refused.value.stable_code, refused.value.path) == ("envelope.metadata-refused", path)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff",
        b'"large-1"',
        b'{"form":NaN}',
        b'{"form":1e999}',
        b'{"form":123456789012345678901234567890}',
        b'{"form":' + b"1" * 5000 + b"}",
        b'{"form":"\\ud800"}',
        b'{"\\ud800":"large-1"}',
        b"[" * 1000,
        content(33).statement() + b"\n",
        b" " + content(33).statement(),
        content(33).statement().replace(b'"length":"33"', b'"length":"33","length":"33"'),
        content(33).statement().replace(b'"16"', b'"\\u0031\\u0036"'),
    ],
)
def test_a_statement_in_another_spelling_is_refused(payload: bytes) -> None:
    with pytest.raises(OpeningRefused) as refused:
        read_statement(payload)
    assert refused.value.stable_code == "envelope.metadata-refused"


@pytest.mark.parametrize("chunk_size", [8, 16, 32])
def test_every_chunk_size_within_the_limits_is_served(chunk_size: int) -> None:
    require_affordable(content(100, chunk_size), SMALL)


@pytest.mark.parametrize("chunk_size", [1, 7, 33, 10**14])
def test_a_chunk_size_beyond_the_limits_is_refused(chunk_size: int) -> None:
    with pytest.raises(OpeningRefused) as refused:
        require_affordable(content(100, chunk_size), SMALL)
    assert (refused.value.stable_code, refused.value.path) == ("envelope.metadata-refused", "chunk_size")


def test_more_content_than_the_limit_is_refused() -> None:
    with pytest.raises(MessageTooLarge):
        require_affordable(content(101), SMALL)


def test_no_limit_lets_the_counter_of_chunks_run_over() -> None:
    wide = LargeLimits(max_content_bytes=2**40, min_chunk_bytes=1)
    require_affordable(content(MOST_CHUNKS, 1), wide)
    with pytest.raises(OpeningRefused):
        require_affordable(content(MOST_CHUNKS + 1, 1), wide)
    assert DEFAULT_LARGE_LIMITS.max_content_bytes // DEFAULT_LARGE_LIMITS.min_chunk_bytes < MOST_CHUNKS


def test_content_agrees_with_its_own_digest_only() -> None:
    found = describe([b"abc"], SMALL)
    same, other, longer = ContentDigest(), ContentDigest(), ContentDigest()
    same.update(b"abc")
    other.update(b"abd")
    longer.update(b"abcd")
    assert [found.agrees(one) for one in (same, other, longer)] == [True, False, False]
