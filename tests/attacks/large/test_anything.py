"""Whatever comes, from whomever: a refusal of the one tree, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Refusal
from tests.attacks.large.conftest import KEY, MARK, PREFIX


def refuse(large: Any, data: bytes, step: int) -> None:
    with pytest.raises(Refusal):
        large.open(data, step)


@given(data=st.binary(max_size=200), step=st.integers(1, 50))
def test_any_bytes(large: Any, data: bytes, step: int) -> None:
    refuse(large, data, step)


@given(data=st.binary(max_size=200), length=st.integers(0, 300), step=st.integers(1, 50))
def test_any_bytes_after_the_mark(large: Any, data: bytes, length: int, step: int) -> None:
    refuse(large, MARK + length.to_bytes(4) + data, step)


@given(plaintext=st.binary(min_size=1, max_size=200))
def test_any_plaintext_of_the_head(large: Any, plaintext: bytes) -> None:
    jwe = large.forge.seal(plaintext, large.forge.outer_header(cty="large-message+jws"))
    refuse(large, MARK + len(jwe).to_bytes(4) + jwe, 4096)


@given(signed=st.binary(min_size=1, max_size=200))
def test_any_payload_that_the_sender_signs(large: Any, signed: bytes) -> None:
    refuse(large, large.head(large.sign(signed)), 4096)


@given(
    member=st.sampled_from(["form", "length", "sha256", "chunk_size"]),
    value=st.none() | st.text(max_size=70) | st.integers() | st.booleans() | st.lists(st.text(max_size=3), max_size=2),
)
def test_any_member_of_the_statement(large: Any, member: str, value: Any) -> None:
    refuse(large, large.head(large.sign(large.statement(**{member: value}))), 4096)


@given(chunks=st.binary(max_size=150), step=st.integers(1, 60))
def test_any_bytes_as_chunks(large: Any, honest: Any, chunks: bytes, step: int) -> None:
    refuse(large, honest.head + chunks, step)


@given(key=st.binary(max_size=60))
def test_any_bytes_as_key(large: Any, key: bytes) -> None:
    signed = large.sign(large.statement())
    head = large.head(signed, key=key, prefix=b"")
    if key != KEY + PREFIX:
        refuse(large, head + b"".join(large.chunks(head)), 4096)
