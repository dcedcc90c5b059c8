"""Attacks on the fields of a signature: form, labels, parameters, times; and anything at all in their place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.security.http_refusals import HttpCode, HttpMessageRefused

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CREATED = int(NOW.timestamp())
Change = Callable[[str], str | None]

FORMS: dict[str, tuple[str, str, Change]] = {
    "unsigned": ("http.signature-missing", "signature-input", lambda _: None),
    "parameters without a signature": ("http.signature-missing", "signature", lambda _: None),
    "empty input": ("http.signature-malformed", "signature-input", lambda _: ""),
    "empty signature": ("http.signature-malformed", "signature", lambda _: ""),
    "labels differ": ("http.signature-malformed", "signature", lambda text: text.replace("sig1", "sig2")),
    "duplicate label in the input": ("http.signature-malformed", "signature-input", lambda text: f"{text}, {text}"),
    "duplicate label in the signature": ("http.signature-malformed", "signature", lambda text: f"{text}, {text}"),
    "two signatures": (
        "http.signature-malformed",
        "signature-input",
        lambda text: f"{text}, {text.replace('sig1', 'sig2')}",
    ),
    "a second signature without input": ("http.signature-malformed", "signature", lambda text: f"{text}, sig2=:AAAA:"),
    "no list of components": ("http.signature-malformed", "signature-input", lambda _: 'sig1="@method"'),
    "a text as signature": ("http.signature-malformed", "signature", lambda _: 'sig1="AAAA"'),
    "a parameter at the signature": ("http.signature-malformed", "signature", lambda text: f"{text};a=1"),
    "a list as signature": ("http.signature-malformed", "signature", lambda _: "sig1=(:AAAA:)"),
    "an open list": ("http.signature-malformed", "signature-input", lambda _: 'sig1=("@method"'),
    "a closing comma": ("http.signature-malformed", "signature-input", lambda text: f"{text},"),
    "the old form of Cavage": ("http.signature-malformed", "signature", lambda _: 'keyId="a",signature="AAAA"'),
    "bad base64": ("http.signature-malformed", "signature", lambda _: "sig1=:A?A:"),
    "a foreign parameter": ("http.parameter-refused", "signature-input", lambda text: f"{text};x=1"),
    "a parameter twice": ("http.parameter-refused", "signature-input", lambda text: f'{text};nonce="{"B" * 22}"'),
    "a parameter twice, the same": ("http.parameter-refused", "signature-input", lambda text: f"{text};tag=1"),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_signature_of_another_form_is_refused(forge: Any, name: str) -> None:
    code, field, change = FORMS[name]
    draft = forge.draft()
    changed = change(forge.lines(draft).only(field))
    assert forge.code(draft.sending(**{field.replace("-", "_"): changed})) == code


def test_an_endless_field_is_not_read(forge: Any) -> None:
    draft = forge.draft()
    assert forge.verify(forge.request(replace(draft, label="a" * 1500)))
    assert forge.code(replace(draft, label="a" * 2000)) == "http.signature-malformed"


@pytest.mark.parametrize("name", ["created", "expires", "nonce", "keyid", "alg", "tag"])
def test_a_missing_parameter_is_refused(forge: Any, name: str) -> None:
    assert forge.code(forge.draft().saying(**{name: None})) == "http.parameter-refused"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("created", '"1772366400"'), ("created", "1772366400.5"), ("created", "?1"), ("created", "@1772366400")),
        *(("expires", ":AAAA:"), ("keyid", "xx-sig"), ("keyid", "7"), ("alg", "ed25519"), ("tag", "cgw-request")),
        *(("nonce", "7"), ("nonce", '""'), ("nonce", f'"{"A" * 21}"'), ("nonce", f'"{"A" * 65}"')),
        *(("nonce", f'"{"A" * 21} "'), ("nonce", f'"{"A" * 21}."'), ("keyid", f'"{"a" * 129}"')),
    ],
)
def test_a_parameter_of_another_kind_is_refused(forge: Any, name: str, text: str) -> None:
    assert forge.code(forge.draft().saying(**{name: text})) == "http.parameter-refused"


@pytest.mark.parametrize("tag", ["cgw-response", "CGW-REQUEST", "cgw-request ", "", "fapi-2-request"])
def test_the_tag_of_another_kind_of_message_is_refused(forge: Any, tag: str) -> None:
    assert forge.code(forge.draft().saying(tag=f'"{tag}"')) == "http.wrong-tag"


@pytest.mark.parametrize(
    ("created", "expires", "code"),
    [
        (CREATED - 361, CREATED - 61, "http.expired"),
        (CREATED - 100, CREATED - 61, "http.expired"),
        (CREATED + 61, CREATED + 100, "http.not-yet-valid"),
        (CREATED + 600, CREATED + 900, "http.not-yet-valid"),
        (CREATED, CREATED + 301, "http.validity-too-long"),
        (CREATED, CREATED + 10 * 365 * 86400, "http.validity-too-long"),
        (CREATED - 86400, CREATED + 60, "http.validity-too-long"),
        (CREATED, CREATED, "http.parameter-refused"),
        (CREATED, CREATED - 1, "http.parameter-refused"),
        (-1, 299, "http.expired"),
        (-999_999_999_999_999, 999_999_999_999_999, "http.validity-too-long"),
        (999_999_999_999_998, 999_999_999_999_999, "http.not-yet-valid"),
    ],
)
def test_a_signature_out_of_its_time_is_refused(forge: Any, created: int, expires: int, code: str) -> None:
    assert forge.code(forge.draft().saying(created=str(created), expires=str(expires))) == code


@pytest.mark.parametrize(("created", "expires"), [(60, 360), (-360, -60), (-300, 0), (0, 1)])
def test_clocks_may_differ_by_the_skew(forge: Any, created: int, expires: int) -> None:
    draft = forge.draft().saying(created=str(CREATED + created), expires=str(CREATED + expires))
    assert forge.verify(forge.request(draft)).created.timestamp() == CREATED + created


@pytest.mark.parametrize("created", [-299, 0, 60])
@pytest.mark.parametrize("lifetime", [1, 300])
def test_a_nonce_is_remembered_as_long_as_its_signature_is_accepted(forge: Any, created: int, lifetime: int) -> None:
    times = {"created": str(CREATED + created), "expires": str(CREATED + created + lifetime)}
    draft = forge.draft().saying(**times)
    begin = NOW + timedelta(seconds=created)
    until = forge.verify(forge.request(draft), at=begin).remember_until
    assert forge.code(draft, at=until + timedelta(seconds=1)) == "http.expired"


PIECES = st.sampled_from(
    [
        "sig1",
        "=",
        "(",
        ")",
        '"@method"',
        '"content-digest"',
        ";",
        ",",
        " ",
        "created=",
        "1",
        '"',
        ":",
        "AAAA",
        "req",
        "?1",
    ]
)
TEXTS = st.lists(PIECES, max_size=25).map("".join) | st.text(st.characters(max_codepoint=255), max_size=60)


@given(given_input=TEXTS, signature=TEXTS, digest=TEXTS)
def test_anything_in_the_fields_ends_in_our_own_refusals(
    forge: Any, given_input: str, signature: str, digest: str
) -> None:
    draft = forge.draft().sending(signature_input=given_input, signature=signature, content_digest=digest)
    with pytest.raises(HttpMessageRefused) as refused:
        forge.verify(forge.request(draft))
    assert refused.value.stable_code in set(HttpCode)


@given(tail=st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20))
def test_whatever_follows_good_fields_is_refused(forge: Any, tail: str) -> None:
    draft = forge.draft()
    for name in ("signature-input", "signature"):
        value = forge.lines(draft).only(name) + tail
        if tail.strip(" "):
            with pytest.raises(HttpMessageRefused):
                forge.verify(forge.request(draft.sending(**{name.replace("-", "_"): value})))


def test_no_refusal_repeats_what_the_sender_wrote(forge: Any) -> None:
    draft = forge.draft()
    attempts = [
        *(draft.saying(**{name: '"CANARY"'}) for name in ("nonce", "keyid", "alg", "tag", "CANARY".lower())),
        draft.covering(**{'"canary"': "CANARY"}),
        draft.sending(signature="CANARY"),
        draft.sending(signature_input="CANARY"),
        draft.sending(content_digest="CANARY"),
        draft.sending(authorization="CANARY"),
        replace(draft, content=b"CANARY"),
    ]
    for attempt in attempts:
        with pytest.raises(HttpMessageRefused) as refused:
            forge.verify(forge.request(attempt))
        told = refused.value
        assert "canary" not in f"{told} {told.path} {told.remedy} {told.detail} {told.findings}".lower()
        assert told.__cause__ is None
