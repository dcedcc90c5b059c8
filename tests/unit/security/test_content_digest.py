from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.security.content_digest import (
    ContentCheck,
    check_content_digest,
    content_digest_field,
    make_content_digest,
    read_content_digest,
)
from gateway.security.http_refusals import HttpMessageRefused

EMPTY = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"
"""SHA-256 of nothing (FIPS 180-4), base64."""


def refusal(value: str, content: bytes = b"") -> str:
    with pytest.raises(HttpMessageRefused) as refused:
        check_content_digest(value, content)
    assert refused.value.path == "content-digest"
    return refused.value.stable_code


def test_the_digest_of_nothing_is_the_known_one() -> None:
    assert make_content_digest(b"") == EMPTY
    check_content_digest(EMPTY, b"")


@given(content=st.binary(max_size=300), algorithm=st.sampled_from(["sha-256", "sha-512"]))
def test_what_is_made_is_accepted_for_that_content_only(content: bytes, algorithm: str) -> None:
    value = make_content_digest(content, algorithm)
    check_content_digest(value, content)
    assert refusal(value, content + b"\0") == "http.digest-mismatch"


@given(pieces=st.lists(st.binary(max_size=50), max_size=6), cut=st.booleans())
def test_content_in_pieces_is_judged_like_content_that_is_whole(pieces: list[bytes], *, cut: bool) -> None:
    whole = b"".join(pieces) + b"end"
    check = ContentCheck(read_content_digest(make_content_digest(whole)))
    for piece in pieces:
        check.update(piece)
    if cut:
        with pytest.raises(HttpMessageRefused):
            check.finish()
    else:
        check.update(b"end")
        check.finish()


def test_a_digest_computed_elsewhere_makes_the_same_field() -> None:
    assert content_digest_field(hashlib.sha256(b"a").digest()) == make_content_digest(b"a")


def test_both_digests_have_to_match() -> None:
    right, wrong = (make_content_digest(content, "sha-512") for content in (b"a", b"b"))
    check_content_digest(f"{make_content_digest(b'a')}, {right}", b"a")
    assert refusal(f"{make_content_digest(b'a')}, {wrong}", b"a") == "http.digest-mismatch"
    assert refusal(f"{make_content_digest(b'b')}, {right}", b"a") == "http.digest-mismatch"


@pytest.mark.parametrize(
    "value",
    [
        *(
            "",
            " ",
            "sha-256",
            "sha-256=",
            "sha-256=::",
            "sha-256=:AAAA:",
            'sha-256="a"',
            "sha-256=(:AAAA:)",
            f"{EMPTY},",
        ),
        *(f"{EMPTY};q=1", f"{EMPTY}, {EMPTY}", f"{EMPTY}, md5=:AAAAAAAAAAAAAAAAAAAAAA==:", EMPTY.upper(), f"x{EMPTY}"),
        *("md5=:1B2M2Y8AsgTpgAmY7PhCfg==:", "sha=:2jmj7l5rSw0yVb/vlWAYkK/YBwk=:", "adler=:AAAAAQ==:", "crc32c=:AAAA:"),
        *("sha-256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", EMPTY.replace("=:4", "=:é")),
    ],
)
def test_a_digest_that_we_cannot_check_is_refused(value: str) -> None:
    assert refusal(value) == "http.digest-refused"


def test_an_endless_field_is_not_read() -> None:
    blanks = f"{EMPTY},{{}}{make_content_digest(b'', 'sha-512')}"
    check_content_digest(blanks.format(" " * 100), b"")
    assert refusal(blanks.format(" " * 500)) == "http.digest-refused"


@given(value=st.text(max_size=60))
def test_any_text_is_refused(value: str) -> None:
    assert refusal(value) == "http.digest-refused"
