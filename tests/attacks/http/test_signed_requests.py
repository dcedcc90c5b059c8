"""Attacks on signed requests, one vector each: refused with the stated code. The honest request beside them passes."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.security.generation import generate_key
from gateway.security.http_messages import Headers, HttpRequest, target_of
from gateway.security.http_refusals import HttpMessageRefused
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import EARLY, KeyState, Lifecycle, StateChange

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ACTIVE = Lifecycle.active_from(NOW - timedelta(days=30))
CREATED = int(NOW.timestamp())
Attack = Callable[[Any, Any], Any]


def test_the_honest_request_passes(forge: Any) -> None:
    verified = forge.verify(forge.request(forge.draft()))
    assert (verified.signer, verified.keyid, verified.nonce) == ("xx", forge.registered.kid, "A" * 22)
    assert verified.created == NOW


def test_the_order_of_the_components_is_the_signers(forge: Any) -> None:
    draft = forge.draft()
    turned = dict(reversed(list(draft.covered.items())))
    assert forge.verify(forge.request(replace(draft, covered=turned))).signer == "xx"


CHANGED_AFTER_SIGNING: dict[str, tuple[str, Attack]] = {
    "method changed": ("http.signature-wrong", lambda _, d: replace(d, method="PUT")),
    "path changed": ("http.signature-wrong", lambda _, d: replace(d, target=d.target.replace("messages", "checks"))),
    "query changed": ("http.signature-wrong", lambda _, d: replace(d, target=d.target.replace("lane=2", "lane=1"))),
    "host changed": ("http.signature-wrong", lambda _, d: replace(d, target=d.target.replace("gateway", "other"))),
    "scheme changed": ("http.signature-wrong", lambda _, d: replace(d, target=d.target.replace("https", "http"))),
    "port added": (
        "http.signature-wrong",
        lambda _, d: replace(d, target=d.target.replace("example/", "example:8443/")),
    ),
    "authorization changed": ("http.signature-wrong", lambda _, d: d.sending(authorization="Bearer token-2")),
    "authorization taken away": ("http.component-missing", lambda _, d: d.sending(authorization=None)),
    "content type changed": ("http.signature-wrong", lambda _, d: d.sending(content_type="text/xml")),
    "content type taken away": ("http.component-refused", lambda _, d: d.sending(content_type=None)),
    "content changed": ("http.digest-mismatch", lambda _, d: replace(d, content=d.content + b" ")),
    "content cut": ("http.digest-mismatch", lambda _, d: replace(d, content=d.content[:-1])),
    "content taken away": ("http.digest-mismatch", lambda _, d: replace(d, content=b"")),
    "signature of another request": (
        "http.signature-wrong",
        lambda f, d: d.sending(signature=f.lines(d.saying(nonce='"BBBBBBBBBBBBBBBBBBBBBB"')).only("signature")),
    ),
    "nonce changed": (
        "http.signature-wrong",
        lambda f, d: d.sending(signature_input=f.lines(d).only("signature-input").replace("AAAA", "AAAB")),
    ),
    "expires prolonged": (
        "http.signature-wrong",
        lambda f, d: d.saying(expires=str(CREATED + 200)).sending(
            signature_input=f.lines(d).only("signature-input"),
        ),
    ),
    "key id changed to another of the sender": ("http.unknown-key", lambda _, d: d.saying(keyid='"xx-sig-202603-2"')),
}


def without(identifier: str) -> Attack:
    return lambda _, d: d.without(identifier)


def digest_covered_with(parameter: str) -> Attack:
    identifier = f'"content-digest";{parameter}'
    return lambda _, d: d.without('"content-digest"').covering(**{identifier: d.headers["content-digest"]})


COVERAGE: dict[str, tuple[str, Attack]] = {
    **{
        f"{name} not covered": ("http.component-missing", without(f'"{name}"'))
        for name in ("@method", "@target-uri", "content-type", "content-digest", "authorization")
    },
    "nothing covered": ("http.component-missing", lambda _, d: replace(d, covered={})),
    "a foreign field covered": (
        "http.component-refused",
        lambda _, d: replace(d.covering(**{'"x-note"': "a"}), more=(("x-note", "a"),)),
    ),
    "path covered beside the target": (
        "http.component-refused",
        lambda _, d: d.covering(**{'"@path"': "/v1/messages"}),
    ),
    "an unknown derived component": ("http.component-refused", lambda _, d: d.covering(**{'"@body"': "x"})),
    "method of the request of a request": (
        "http.component-refused",
        lambda _, d: d.covering(**{'"@method";req': "POST"}),
    ),
    **{
        f"digest covered with {parameter}": (
            "http.component-refused",
            digest_covered_with(parameter),
        )
        for parameter in ("sf", "bs", "tr", 'key="sha-256"', "req=?0", "req;sf")
    },
    "a component twice": (
        "http.component-refused",
        lambda f, d: d.sending(
            signature_input=f.lines(d).only("signature-input").replace('("@method"', '("@method" "@method"')
        ),
    ),
    "a component as a token": (
        "http.component-refused",
        lambda f, d: d.sending(signature_input=f.lines(d).only("signature-input").replace('"@method"', "method")),
    ),
    "seventeen components": (
        "http.component-refused",
        lambda _, d: d.covering(**{f'"x-{number}"': "a" for number in range(12)}),
    ),
    "a component in upper case": (
        "http.component-missing",
        lambda _, d: d.without('"@method"').covering(**{'"@METHOD"': "POST"}),
    ),
}

DIGEST: dict[str, tuple[str, str | None]] = {
    "of other content": ("http.digest-mismatch", "sha-256=:" + "A" * 43 + "=:"),
    "missing": ("http.digest-missing", None),
    "md5": ("http.digest-refused", "md5=:AAAAAAAAAAAAAAAAAAAAAA==:"),
    "sha-1": ("http.digest-refused", "sha=:AAAAAAAAAAAAAAAAAAAAAAAAAAA=:"),
    "unixsum": ("http.digest-refused", "unixsum=:AAAAAAA=:"),
    "unknown": ("http.digest-refused", "sha-3=:" + "A" * 43 + "=:"),
    "empty": ("http.digest-refused", ""),
    "of the wrong length": ("http.digest-refused", "sha-256=:AAAA:"),
    "as a text": ("http.digest-refused", 'sha-256="AAAA"'),
    "as a list": ("http.digest-refused", "sha-256=(:AAAA:)"),
    "without a value": ("http.digest-refused", "sha-256"),
    "with a parameter": ("http.digest-refused", "sha-256=:" + "A" * 43 + "=:;a=1"),
    "in the old form of RFC 3230": ("http.digest-refused", "SHA-256=" + "A" * 43 + "="),
    "endless": ("http.digest-refused", "sha-256=:" + "A" * 600 + ":"),
}

ALL = {**CHANGED_AFTER_SIGNING, **COVERAGE}


@pytest.mark.parametrize("name", ALL)
def test_what_is_changed_or_not_covered_is_refused(forge: Any, name: str) -> None:
    code, attack = ALL[name]
    assert forge.code(attack(forge, forge.draft())) == code


@pytest.mark.parametrize("name", DIGEST)
def test_a_digest_that_cannot_be_relied_on_is_refused_even_signed(forge: Any, name: str) -> None:
    code, value = DIGEST[name]
    draft = forge.draft()
    if value is None:
        bare = replace(draft.without('"content-digest"'), headers={**draft.headers}).sending(content_digest=None)
    else:
        bare = draft.covering(**{'"content-digest"': value}).sending(content_digest=value)
    assert forge.code(bare) == code


@pytest.mark.parametrize(
    ("name", "more", "code"),
    [
        ("md5 beside", "md5=:AAAAAAAAAAAAAAAAAAAAAA==:", "http.digest-refused"),
        ("sha-256 twice", "sha-256=:" + "A" * 43 + "=:", "http.digest-refused"),
        ("a conflicting sha-512", "sha-512=:" + "A" * 86 + "==:", "http.digest-mismatch"),
    ],
)
def test_a_second_digest_has_to_be_right_as_well(forge: Any, name: str, more: str, code: str) -> None:
    draft = forge.draft()
    value = f"{draft.headers['content-digest']}, {more}"
    assert forge.code(draft.covering(**{'"content-digest"': value}).sending(content_digest=value)) == code, name


@pytest.mark.parametrize("name", ["authorization", "content-type", "content-digest", "signature", "signature-input"])
@pytest.mark.parametrize("spelling", [str.lower, str.title, str.upper])
def test_a_duplicate_header_is_refused(forge: Any, name: str, spelling: Callable[[str], str]) -> None:
    draft = forge.draft()
    twice = replace(draft, more=((spelling(name), forge.lines(draft).only(name)),))
    assert forge.code(twice) == "http.repeated-header"


@pytest.mark.parametrize("encoding", ["gzip", "identity", "", "br, gzip"])
def test_a_content_encoding_is_refused(forge: Any, encoding: str) -> None:
    assert forge.code(replace(forge.draft(), more=(("Content-Encoding", encoding),))) == "http.content-encoding"


def test_an_authorization_added_after_signing_is_refused(forge: Any) -> None:
    draft = forge.draft().without('"authorization"').sending(authorization=None)
    assert forge.verify(forge.request(draft), token_required=False).signer == "xx"
    added = replace(draft, more=(("authorization", "Bearer token-2"),))
    assert forge.code(added, token_required=False) == "http.component-missing"


def test_content_without_a_media_type_is_refused(forge: Any) -> None:
    draft = forge.draft().without('"content-type"').sending(content_type=None)
    assert forge.code(draft) == "http.component-missing"


INJECTED = ["a\r\nX-Other: b", "a\nb", "a\rb", "a\x00b", "a\x0bb", "a\x7fb", "a\r\n b", "a\u2028b"]


@pytest.mark.parametrize("value", INJECTED)
def test_a_header_injection_never_becomes_a_message(value: str) -> None:
    with pytest.raises(HttpMessageRefused) as refused:
        Headers.of([("authorization", value)])
    assert refused.value.stable_code == "http.malformed"


@pytest.mark.parametrize("name", ["", "a b", "a:", "a\r\nb", "\xe4", "a\x00"])
def test_an_impossible_header_name_never_becomes_a_message(name: str) -> None:
    with pytest.raises(HttpMessageRefused) as refused:
        Headers.of([(name, "a")])
    assert refused.value.stable_code == "http.malformed"


def test_a_signed_field_outside_ascii_is_refused(forge: Any) -> None:
    assert forge.code(forge.draft().sending(authorization="Bearer \xe4")) == "http.malformed"


@pytest.mark.parametrize(
    "target",
    [
        *("", "/v1/messages", "ftp://a.example/", "https://a.example", "https:///v1", "https://a.example/ b"),
        *("https://gateway.customs.example@evil.example/", "https://a.example/#part", "https://a.example/%zz"),
        *(
            "https://a.example/\xe4",
            "https://a.example/\n",
            "https://a.example/?a|b",
            "https://a.example/" + "a" * 9000,
        ),
    ],
)
def test_an_impossible_target_never_becomes_a_request(target: str) -> None:
    with pytest.raises(HttpMessageRefused) as refused:
        HttpRequest(method="GET", target=target)
    assert refused.value.stable_code == "http.malformed"


@pytest.mark.parametrize(
    "raw", [b"http://evil.example/v1", b"*", b"", b"evil.example:443", b"/a b", b"/a\n", b"/%", b"/#a"]
)
def test_a_request_line_that_is_no_path_makes_no_target(raw: bytes) -> None:
    with pytest.raises(HttpMessageRefused) as refused:
        target_of("https://gateway.customs.example", raw)
    assert refused.value.stable_code == "http.malformed"


@pytest.mark.parametrize("method", ["", "get", "Post", "G\n", "GET ", "A" * 21, "P\xc4"])
def test_an_impossible_method_never_becomes_a_request(method: str) -> None:
    with pytest.raises(HttpMessageRefused) as refused:
        HttpRequest(method=method, target="https://a.example/")
    assert refused.value.stable_code == "http.malformed"


def key_in(state: KeyState) -> Lifecycle:
    return Lifecycle((StateChange(state, NOW - timedelta(days=1)),))


@pytest.mark.parametrize(
    ("lifecycle", "code"),
    [
        (Lifecycle.active_from(NOW + EARLY + timedelta(seconds=1)), "http.key-not-active"),
        (key_in(KeyState.RETIRED), "http.expired-key"),
        (Lifecycle.active_from(NOW - timedelta(days=9), NOW - timedelta(days=1)), "http.expired-key"),
        (key_in(KeyState.COMPROMISED), "http.compromised-key"),
    ],
)
def test_a_key_that_does_not_count_now_is_refused(forge: Any, lifecycle: Lifecycle, code: str) -> None:
    key = replace(forge.registered, lifecycle=lifecycle)
    assert forge.code(forge.draft(), lookup_key=lambda _: key) == code


def test_a_retiring_key_still_counts(forge: Any) -> None:
    key = replace(forge.registered, lifecycle=key_in(KeyState.RETIRING))
    assert forge.verify(forge.request(forge.draft()), lookup_key=lambda _: key).signer == "xx"


def test_the_key_of_another_partner_is_as_unknown_as_none(forge: Any) -> None:
    foreign = replace(forge.registered, owner="yy")
    answers = []
    for lookup in (lambda _: None, lambda _: foreign):
        with pytest.raises(HttpMessageRefused) as refused:
            forge.verify(forge.request(forge.draft()), lookup_key=lookup)
        answers.append((refused.value.stable_code, refused.value.message, refused.value.path, refused.value.remedy))
    assert answers[0] == answers[1]
    assert answers[0][0] == "http.unknown-key"


def test_a_lookup_that_brings_another_key_is_not_trusted(forge: Any) -> None:
    other = RegisteredKey(generate_key("xx", "ES256", NOW, number=2).public, "xx", ACTIVE)
    assert forge.code(forge.draft(), lookup_key=lambda _: other) == "http.unknown-key"


def test_an_encryption_key_signs_nothing(forge: Any) -> None:
    key = RegisteredKey(generate_key("xx", "ECDH-ES+A256KW", NOW).public, "xx", ACTIVE)
    draft = forge.draft().saying(keyid=f'"{key.kid}"')
    assert forge.code(draft, lookup_key=lambda _: key) == "http.unknown-key"


@pytest.mark.parametrize(
    "alg", ["none", "hmac-sha256", "rsa-v1_5-sha256", "rsa-pss-sha512", "ed25519", "ecdsa-p384-sha384", "ES256", ""]
)
def test_another_algorithm_than_the_keys_own_is_refused(forge: Any, alg: str) -> None:
    assert forge.code(forge.draft().saying(alg=f'"{alg}"')) == "http.algorithm-refused"


def test_a_key_of_an_algorithm_without_http_use_is_refused(forge: Any) -> None:
    key = RegisteredKey(generate_key("xx", "PS256", NOW, number=3).public, "xx", ACTIVE)
    draft = forge.draft().saying(keyid=f'"{key.kid}"', alg='"rsa-pss-sha512"')
    assert forge.code(draft, lookup_key=lambda _: key) == "http.algorithm-refused"


def with_hmac(forge: Any, data: bytes) -> bytes:
    encoding = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return hmac.digest(forge.sender.public.native.public_bytes(*encoding), data, "sha256")


@pytest.mark.parametrize("alg", ["hmac-sha256", "ecdsa-p256-sha256"])
def test_an_hmac_with_the_public_key_as_secret_is_refused(forge: Any, alg: str) -> None:
    draft = replace(forge.draft().saying(alg=f'"{alg}"'), signature=lambda data: with_hmac(forge, data))
    wrong = {"hmac-sha256": "http.algorithm-refused", "ecdsa-p256-sha256": "http.signature-wrong"}
    assert forge.code(draft) == wrong[alg]


def test_the_signature_of_a_stranger_is_refused(forge: Any) -> None:
    stranger = replace(forge, sender=generate_key("xx", "ES256", NOW))
    assert stranger.sender.public.kid == forge.sender.public.kid
    assert stranger.code(stranger.draft()) == "http.signature-wrong"


@pytest.mark.parametrize("kind", ["DER", "empty", "zero", "cut", "longer"])
def test_a_signature_of_another_form_is_refused(forge: Any, kind: str) -> None:
    der = forge.sender.private.sign(b"", ec.ECDSA(hashes.SHA256()))
    made = {"DER": der, "empty": b"", "zero": bytes(64), "cut": bytes(63), "longer": bytes(65)}
    assert forge.code(replace(forge.draft(), signature=lambda _: made[kind])) == "http.signature-wrong"
