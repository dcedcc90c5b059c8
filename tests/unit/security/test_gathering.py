from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.security.gathering import Gathering


@given(data=st.binary(max_size=80), sizes=st.lists(st.integers(1, 20), min_size=1, max_size=8), step=st.integers(1, 30))
def test_stretches_come_out_in_order_whatever_the_pieces(data: bytes, sizes: list[int], step: int) -> None:
    sizes = sorted(sizes, reverse=True)
    gathering = Gathering(sizes[0])
    found: list[bytes] = []
    for start in range(0, len(data), step):
        left = memoryview(data[start : start + step])
        while left and len(found) < len(sizes):
            whole, left = gathering.take(left)
            if whole is not None:
                found.append(bytes(whole))
                if len(found) < len(sizes):
                    gathering.want(sizes[len(found)])
    expected, start = [], 0
    for size in sizes:
        if start + size > len(data):
            break
        expected.append(data[start : start + size])
        start += size
    assert found == expected


def test_a_stretch_that_comes_whole_is_not_copied() -> None:
    data = bytearray(b"abcdef")
    whole, rest = Gathering(4).take(memoryview(data))
    assert whole is not None
    data[0] = ord("x")
    assert (bytes(whole), bytes(rest)) == (b"xbcd", b"ef")


def test_what_has_begun_is_part_of_the_stretch() -> None:
    whole, rest = Gathering(6, b"abcd").take(memoryview(b"efg"))
    assert whole is not None
    assert (bytes(whole), bytes(rest)) == (b"abcdef", b"g")


def test_a_later_stretch_is_not_longer_than_the_first() -> None:
    with pytest.raises(AssertionError):
        Gathering(4).want(5)
