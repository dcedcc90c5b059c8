from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import GatewayError, MalformedMessage, MessageTooLarge
from gateway.formats.json_parsing import JsonNumber, parse_json, safe_name
from gateway.formats.limits import ParseLimits


@pytest.mark.parametrize(
    ("data", "code", "path", "line"),
    [
        (b"", "parse.not-well-formed", "", 1),
        (b'{"a":\n}', "parse.not-well-formed", "", 2),
        (b"{} {}", "parse.not-well-formed", "", 1),
        (b'{"a": {"b": [1,\n{"c": tru}]}}', "parse.not-well-formed", "/a/b/1", 2),
        (b'{"a": {"b": [1,\n{"c": tr', "parse.not-well-formed", "/a/b/1", 2),
        (b'{"a": {"b": [1, {"c": "cut', "parse.not-well-formed", "/a/b/1", 1),
        (b'{"a": {"b": [1, {"c": "d"},', "parse.not-well-formed", "/a/b", 1),
        (b'{"a": {"b": {"c": "} [ \\" "}', "parse.not-well-formed", "/a", 1),
        (b"[NaN]", "parse.not-a-number", "/0", None),
        (b'{"NaN": "NaN", "a": {"b": [0, -Infinity]}}', "parse.not-a-number", "/a/b/1", None),
        (b'{"a": [1, {"b": 1e3}]}', "parse.exponent", "/a/1/b", None),
        (b'{"a": 1, "a": 2}', "parse.duplicate-key", "/a", None),
        (b'{"b": [{"a": 1, "a": 2}]}', "parse.duplicate-key", "/b/0/a", None),
        (b'{"b": {"a": 1, "a": 2}, "b": 1}', "parse.duplicate-key", "/b", None),
        (b'{"a b\\n": 1, "a b\\n": 2}', "parse.duplicate-key", "/?", None),
        (b'{"a": ["\\ud800"]}', "parse.surrogate", "/a/0", None),
        (b'{"\\udc00": 1}', "parse.surrogate", "", None),
        (b"\xef\xbb\xbf{}", "parse.byte-order-mark", "", None),
        ("{}".encode("utf-16"), "parse.byte-order-mark", "", None),
        (b'\n{"a": {"b": "\xff"}}', "parse.encoding", "/a", 2),
    ],
)
def test_malformed(data: bytes, code: str, path: str, line: int | None) -> None:
    with pytest.raises(MalformedMessage) as caught:
        parse_json(data)
    assert (caught.value.stable_code, caught.value.path, caught.value.line) == (code, path, line)


def test_where_a_document_ends_too_early_is_told() -> None:
    with pytest.raises(MalformedMessage) as caught:
        parse_json(b'{"a": {"b": [{"c": "cut')
    assert caught.value.message == "the document ends inside /a/b/0 (line 1, column 20)"
    with pytest.raises(MalformedMessage) as caught:
        parse_json(b'{"a": {"b": [{"c": x, "d": 1}]}}')
    assert caught.value.message == "the document is not JSON (line 1, column 20)"


def test_strings_that_nothing_closes_cost_no_more_than_their_length() -> None:
    for opening in (b"{" * 65, b'{"a": '):
        start = time.process_time()
        with pytest.raises(GatewayError):
            parse_json(opening + b'"' + b'\\"' * 100_000)
        assert time.process_time() - start < 1


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
