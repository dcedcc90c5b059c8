from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.security.http_messages import Headers, HttpRequest, HttpResponse, target_of
from gateway.security.http_refusals import HttpCode, HttpMessageRefused, code_of_key_state
from gateway.security.refusals import EnvelopeCode


def test_names_are_compared_without_case_and_values_without_surrounding_blanks() -> None:
    headers = Headers.of([("Content-TYPE", " \ta b\t "), ("x", "1"), ("X", "2")])
    assert headers.only("content-type") == "a b"
    assert headers.all("x") == ("1", "2")
    assert headers.only("y") is None


def test_bytes_of_a_server_are_read_one_to_one() -> None:
    headers = Headers.from_raw([(b"X-Name", bytes(range(0x80, 0x100))), (b"a", b"\t")])
    assert headers.all("x-name") == ("".join(map(chr, range(0x80, 0x100))),)


def test_a_replaced_field_stands_once() -> None:
    headers = Headers.of([("A", "1"), ("b", "2"), ("a", "3")]).replacing({"A": "4", "C": "5"})
    assert headers.lines == (("b", "2"), ("a", "4"), ("c", "5"))


@pytest.mark.parametrize("status", [99, 600, -1, 0])
def test_a_status_has_three_digits(status: int) -> None:
    with pytest.raises(HttpMessageRefused) as refused:
        HttpResponse(status=status)
    assert refused.value.stable_code == "http.malformed"


@pytest.mark.parametrize(
    ("raw", "query", "target"),
    [
        (b"/v1/messages", b"", "https://gw.example/v1/messages"),
        (b"/v1/messages/a%20b", b"from=x&n=%2F", "https://gw.example/v1/messages/a%20b?from=x&n=%2F"),
        (b"/", b"", "https://gw.example/"),
        (b"//other.example/v1", b"", "https://gw.example//other.example/v1"),
        (b"/v1/../v2", b"", "https://gw.example/v1/../v2"),
    ],
)
def test_a_target_is_the_configured_address_and_the_raw_path(raw: bytes, query: bytes, target: str) -> None:
    assert target_of("https://gw.example", raw, query) == target
    assert HttpRequest(method="GET", target=target).target == target


@given(raw=st.binary(max_size=40), query=st.binary(max_size=40))
def test_any_target_is_well_formed_or_refused(raw: bytes, query: bytes) -> None:
    try:
        target = target_of("https://gw.example", b"/" + raw, query)
    except HttpMessageRefused as refused:
        assert refused.stable_code == "http.malformed"  # noqa: PT017 - a target is allowed too
    else:
        assert HttpRequest(method="GET", target=target).target == target


@given(name=st.text(max_size=5), value=st.text(max_size=10))
def test_any_header_line_is_one_line_or_refused(name: str, value: str) -> None:
    try:
        headers = Headers.of([(name, value)])
    except HttpMessageRefused as refused:
        assert refused.stable_code == "http.malformed"  # noqa: PT017 - a header is allowed too
    else:
        assert not set("\r\n\0:") & set(name)
        assert not set("\r\n\0") & set(value)
        assert headers.all(name.lower()) == (value.strip(" \t"),)


def test_every_refusal_has_a_text_and_a_remedy() -> None:
    for code in HttpCode:
        refused = HttpMessageRefused(code, detail="d", path="p")
        assert refused.message.endswith(".")
        assert refused.remedy.endswith(".")
        assert (refused.stable_code, refused.path, refused.detail) == (code.value, "p", "d")
        assert not refused.retryable


@pytest.mark.parametrize("code", ["key-not-active", "expired-key", "compromised-key"])
def test_the_states_of_a_key_have_codes_of_their_own_here(code: str) -> None:
    assert code_of_key_state(EnvelopeCode(f"envelope.{code}")) == f"http.{code}"
