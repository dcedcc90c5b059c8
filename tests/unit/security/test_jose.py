from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.security.jose import decode, encode, read_header, write_header
from gateway.security.limits import DEFAULT_LIMITS, EnvelopeLimits, base64url_length
from gateway.security.refusals import EnvelopeCode, OpeningRefused
from gateway.security.suites import INTL_1, SuiteRegistry


@given(st.binary(max_size=100))
def test_base64url_has_one_spelling(data: bytes) -> None:
    text = encode(data)
    assert decode(text.encode()) == data
    assert len(text) == base64url_length(len(data))


@given(st.text("ABCDEFwxyz0189-_+/= \n", max_size=12))
def test_whatever_decodes_encodes_to_the_same_text(text: str) -> None:
    try:
        data = decode(text.encode())
    except ValueError:
        return
    assert encode(data) == text


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers() | st.booleans(), max_size=5))
def test_a_written_header_reads_back(header: dict[str, object]) -> None:
    assert read_header(write_header(header).encode(), DEFAULT_LIMITS) == header


@pytest.mark.parametrize(
    "text",
    ['{"a":1,"a":1}', '{"a":{"b":1,"b":2}}', '{"a":1.5}', '{"a":NaN}', '{"a":-Infinity}', "{} {}", '{"a":1e400}'],
)
def test_json_that_two_readers_could_read_differently_is_refused(text: str) -> None:
    segment = base64.urlsafe_b64encode(text.encode()).rstrip(b"=")
    with pytest.raises(OpeningRefused) as refused:
        read_header(segment, DEFAULT_LIMITS)
    assert refused.value.stable_code == EnvelopeCode.HEADER_REFUSED


def test_a_header_has_few_members() -> None:
    header = {f"member-{number}": "x" for number in range(33)}
    with pytest.raises(OpeningRefused):
        read_header(write_header(header).encode(), DEFAULT_LIMITS)


def test_the_limits_grow_with_each_layer_of_base64() -> None:
    limits = EnvelopeLimits(max_message_bytes=3000)
    assert limits.max_jws_bytes > 4000
    assert limits.max_jwe_bytes > limits.max_jws_bytes * 4 // 3


def test_only_built_suites_are_served() -> None:
    suites = SuiteRegistry()
    assert suites.ids() == ("intl-1",)
    assert suites.get("intl-1") is INTL_1
    with pytest.raises(OpeningRefused) as refused:
        suites.get("national-1")
    assert refused.value.stable_code == "envelope.unknown-suite"


def test_every_code_has_a_text_and_a_remedy() -> None:
    for code in EnvelopeCode:
        refused = OpeningRefused(code)
        assert refused.stable_code == code.value
        assert refused.message.endswith(".")
        assert refused.remedy.endswith(".")
