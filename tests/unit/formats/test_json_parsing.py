from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import GatewayError, MalformedMessage, MessageTooLarge
from gateway.formats.json_parsing import JsonNumber, parse_json, safe_name
from gateway.formats.limits import ParseLimits


@pytest.mark.parametrize(
    ("data", "code", "path"),
    [
        (b"", "parse.not-well-formed", "line 1"),
        (b'{"a":\n}', "parse.not-well-formed", "line 2"),
        (b"{} {}", "parse.not-well-formed", "line 1"),
        (b"[NaN]", "parse.not-a-number", ""),
        (b"[-Infinity]", "parse.not-a-number", ""),
        (b"[1e3]", "parse.exponent", ""),
        (b'{"a": 1, "a": 2}', "parse.duplicate-key", "/a"),
        (b'{"b": [{"a": 1, "a": 2}]}', "parse.duplicate-key", "/b/0/a"),
        (b'{"b": {"a": 1, "a": 2}, "b": 1}', "parse.duplicate-key", "/b"),
        (b'{"a b\\n": 1, "a b\\n": 2}', "parse.duplicate-key", "/?"),
        (b'{"a": ["\\ud800"]}', "parse.surrogate", "/a/0"),
        (b'{"\\udc00": 1}', "parse.surrogate", ""),
        (b"\xef\xbb\xbf{}", "parse.byte-order-mark", ""),
        ("{}".encode("utf-16"), "parse.byte-order-mark", ""),
        (b'\n{"a": "\xff"}', "parse.encoding", "line 2"),
    ],
)
def test_malformed(data: bytes, code: str, path: str) -> None:
    with pytest.raises(MalformedMessage) as caught:
        parse_json(data)
    assert (caught.value.stable_code, caught.value.path) == (code, path)


@pytest.mark.parametrize(
    ("data", "limits", "code"),
    [
        (b"[[[1]]]", ParseLimits(depth=2), "parse.too-deep"),
        (b"[" * 200_000, ParseLimits(), "parse.too-deep"),
        (b"[1,2,3]", ParseLimits(elements=2), "parse.too-many-elements"),
        (b"[1,2,3]", ParseLimits(bytes=3), "parse.too-large"),
        (b"9" * 5000, ParseLimits(), "parse.number-too-long"),
    ],
)
def test_limits(data: bytes, limits: ParseLimits, code: str) -> None:
    with pytest.raises(MessageTooLarge) as caught:
        parse_json(data, limits)
    assert caught.value.stable_code == code


def test_without_the_named_limit_the_recursion_of_the_library_still_ends_in_our_tree() -> None:
    with pytest.raises(MessageTooLarge):
        parse_json(b"[" * 100_000 + b"]" * 100_000, ParseLimits(depth=1_000_000))


def test_brackets_in_texts_are_no_depth() -> None:
    assert parse_json(b'{"a": "[[[[[\\"[["}', ParseLimits(depth=1)) == {"a": '[[[[["[['}


def test_numbers_keep_their_text() -> None:
    value = parse_json(b'{"a": 1.10, "b": -0, "c": "1"}')
    assert value == {"a": "1.10", "b": "-0", "c": "1"}
    assert isinstance(value["a"], JsonNumber)
    assert not isinstance(value["c"], JsonNumber)


def test_pairs_of_surrogates_are_one_character() -> None:
    assert parse_json(b'["\\ud83d\\ude00"]') == ["\U0001f600"]


def test_safe_name() -> None:
    assert safe_name("dec:Declaration") == "dec:Declaration"
    assert safe_name("two words") == "?"


JSON = st.recursive(
    st.none() | st.booleans() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=12,
)


@given(JSON)
def test_what_the_standard_library_writes_is_read(value: Any) -> None:
    assert parse_json(json.dumps(value).encode()) == value


@given(st.binary(max_size=60))
def test_any_bytes_end_in_our_tree(data: bytes) -> None:
    try:
        parse_json(data)
    except GatewayError as error:
        assert error.stable_code.startswith("parse.")  # noqa: PT017 - both ways are good, nothing else is
