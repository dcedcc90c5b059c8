"""Sign, then verify; and every change of what is covered is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.security.content_digest import ContentCheck, content_digest_field
from gateway.security.filekeys import FileSigner
from gateway.security.generation import GeneratedKey, generate_key
from gateway.security.http_messages import Headers, HttpRequest, HttpResponse
from gateway.security.http_profile import HttpSignatureLimits
from gateway.security.http_refusals import HttpMessageRefused
from gateway.security.http_signatures import (
    new_nonce,
    sign_request,
    sign_response,
    verify_request,
    verify_request_head,
    verify_response,
)
from gateway.security.http_verification import VerifiedSignature
from gateway.security.keys import RegisteredKey, Signer
from gateway.security.lifecycle import Lifecycle

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ACTIVE = Lifecycle.active_from(NOW - timedelta(days=30))
HEADERS = Headers.of([("Content-Type", "application/jose"), ("Authorization", "Bearer t"), ("User-Agent", "a")])
REQUEST = HttpRequest(method="POST", target="https://gw.example/v1/messages", headers=HEADERS, content=b"a.b.c.d.e")
KEY = generate_key("xx", "ES256", NOW)
SIGNER = FileSigner(KEY.private, KEY.public)
REGISTERED = RegisteredKey(KEY.public, "xx", ACTIVE)
HTTP_NAMES = {"ES256": "ecdsa-p256-sha256", "Ed25519": "ed25519", "PS512": "rsa-pss-sha512"}


def signed(request: HttpRequest = REQUEST, signer: Signer = SIGNER) -> HttpRequest:
    return sign_request(request, signer, at=NOW, nonce=new_nonce())


def verified(request: HttpRequest, key: RegisteredKey = REGISTERED, at: datetime = NOW) -> VerifiedSignature:
    return verify_request(request, lookup_key={key.kid: key}.get, sender="xx", at=at)


def refusal(request: HttpRequest) -> str:
    with pytest.raises(HttpMessageRefused) as refused:
        verified(request)
    return refused.value.stable_code


@pytest.mark.parametrize("algorithm", HTTP_NAMES)
def test_what_is_signed_verifies(make_key: Callable[..., GeneratedKey], algorithm: str) -> None:
    key = make_key("xx", algorithm)
    signer, registered = FileSigner(key.private, key.public), RegisteredKey(key.public, "xx", ACTIVE)
    nonce = new_nonce()
    request = sign_request(REQUEST, signer, at=NOW, nonce=nonce)
    told = verified(request, registered)
    assert (told.signer, told.keyid, told.alg, told.nonce) == ("xx", key.public.kid, HTTP_NAMES[algorithm], nonce)
    assert (told.created, told.expires) == (NOW, NOW + timedelta(seconds=300))
    assert told.remember_until == NOW + timedelta(seconds=360)
    assert told.digests == {"sha-256": hashlib.sha256(REQUEST.content).digest()}
    response = sign_response(HttpResponse(status=202), request, signer, at=NOW, nonce=new_nonce())
    answer = verify_response(response, request, lookup_key=lambda _: registered, sender="xx", at=NOW)
    assert answer.signer == "xx"


def test_a_signed_request_reads_as_the_profile_says() -> None:
    request = sign_request(REQUEST, SIGNER, at=NOW, nonce="n" * 22)
    covered = '("@method" "@target-uri" "content-type" "content-digest" "authorization")'
    given_input = request.headers.only("signature-input") or ""
    assert given_input.startswith(f"cgw={covered};")
    for part in (f'keyid="{KEY.public.kid}"', 'alg="ecdsa-p256-sha256"', f'nonce="{"n" * 22}"', 'tag="cgw-request"'):
        assert f";{part}" in given_input
    assert f";created={int(NOW.timestamp())}" in given_input
    assert f";expires={int(NOW.timestamp()) + 300}" in given_input
    assert request.headers.only("user-agent") == "a"


def test_a_signed_response_covers_what_it_answers() -> None:
    request = signed()
    response = HttpResponse(status=202, headers=Headers.of([("Content-Type", "application/json")]), content=b"{}")
    given_input = sign_response(response, request, SIGNER, at=NOW, nonce=new_nonce()).headers.only("signature-input")
    covered = '"@status" "content-type" "content-digest" "@method";req "@target-uri";req "content-digest";req'
    assert (given_input or "").startswith(f'cgw=({covered} "signature";req);')


@dataclass(frozen=True)
class Module:
    """A signer that stands for a hardware module: it sees bytes and gives bytes."""

    inside: FileSigner
    seen: list[bytes]

    @property
    def kid(self) -> str:
        return self.inside.kid

    @property
    def alg(self) -> str:
        return self.inside.alg

    def sign(self, data: bytes) -> bytes:
        self.seen.append(data)
        return self.inside.sign(data)


def test_a_hardware_module_can_sign() -> None:
    module = Module(SIGNER, [])
    assert verified(signed(signer=module)).keyid == module.kid
    assert module.seen[0].startswith(b'"@method": POST\n"@target-uri": https://gw.example/v1/messages\n')


def test_a_key_that_signs_messages_in_another_way_signs_no_http(make_key: Callable[..., GeneratedKey]) -> None:
    key = make_key("xx", "PS256")
    with pytest.raises(HttpMessageRefused) as refused:
        signed(signer=FileSigner(key.private, key.public))
    assert refused.value.stable_code == "http.algorithm-refused"


@pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS"])
def test_a_request_without_content_is_signed_over_the_digest_of_nothing(method: str) -> None:
    request = HttpRequest(
        method=method, target="https://gw.example/v1/mailbox", headers=Headers.of([("Authorization", "t")])
    )
    assert verified(signed(request)).digests == {"sha-256": hashlib.sha256(b"").digest()}


def test_without_a_token_the_port_has_to_say_that_none_is_asked() -> None:
    request = signed(HttpRequest(method="POST", target="https://gw.example/oauth2/token"))
    assert refusal(request) == "http.component-missing"
    assert verify_request(request, lookup_key=lambda _: REGISTERED, sender="xx", at=NOW, token_required=False)


def test_content_can_be_streamed_on_both_sides() -> None:
    pieces = [b"piece"] * 1000
    hashed = hashlib.sha256(b"".join(pieces)).digest()
    head = replace(REQUEST, content=b"")
    request = sign_request(head, SIGNER, at=NOW, nonce=new_nonce(), content_digest=content_digest_field(hashed))
    told = verify_request_head(request, lookup_key=lambda _: REGISTERED, sender="xx", at=NOW)
    check = ContentCheck(told.digests)
    for piece in pieces:
        check.update(piece)
    check.finish()
    check.update(b"more")
    with pytest.raises(HttpMessageRefused):
        check.finish()


@pytest.mark.parametrize("value", ["md5=:AAAA:", "sha-256", "sha-256=:AAAA:\r\nX: y"])
def test_a_digest_that_nobody_would_take_is_not_signed(value: str) -> None:
    with pytest.raises(HttpMessageRefused) as refused:
        sign_request(REQUEST, SIGNER, at=NOW, nonce=new_nonce(), content_digest=value)
    assert refused.value.stable_code == "http.digest-refused"


def test_an_address_that_is_none_is_neither_signed_nor_believed() -> None:
    impossible = replace(REQUEST, target="https://[::::]/v1/messages")
    with pytest.raises(HttpMessageRefused) as refused:
        signed(impossible)
    assert refused.value.stable_code == "http.malformed"
    assert refusal(replace(signed(), target=impossible.target)) == "http.signature-wrong"


def test_an_old_signature_is_replaced_not_joined() -> None:
    again = signed(signed())
    assert len(again.headers.all("signature")) == len(again.headers.all("content-digest")) == 1
    assert verified(again)


@pytest.mark.parametrize("name", ["content-type", "authorization"])
def test_what_could_not_be_verified_is_not_signed(name: str) -> None:
    for more, code in (([(name, "a"), (name, "b")], "http.repeated-header"), ([(name, "\xe4")], "http.malformed")):
        with pytest.raises(HttpMessageRefused) as refused:
            signed(replace(REQUEST, headers=Headers.of(more)))
        assert refused.value.stable_code == code
    with pytest.raises(HttpMessageRefused) as refused:
        signed(replace(REQUEST, headers=Headers.of([("Content-Encoding", "gzip")])))
    assert refused.value.stable_code == "http.content-encoding"


@pytest.mark.parametrize("name", ["content-digest", "signature", "signature-input", "authorization"])
def test_a_request_that_is_refused_still_gets_a_signed_answer(name: str) -> None:
    sent = signed()
    bad = replace(sent, headers=Headers.of([*sent.headers.lines, (name, "again")]))
    assert refusal(bad) == "http.repeated-header"
    answer = sign_response(HttpResponse(status=400), bad, SIGNER, at=NOW, nonce=new_nonce())
    assert verify_response(answer, bad, lookup_key=lambda _: REGISTERED, sender="xx", at=NOW)


@pytest.mark.parametrize("name", ["content-digest", "signature"])
@pytest.mark.parametrize("values", [("a", "b"), ("\xe4",), ()])
def test_a_field_of_a_bad_request_that_cannot_be_covered_is_left_out(name: str, values: tuple[str, ...]) -> None:
    lines = [line for line in signed().headers.lines if line[0] != name]
    bad = replace(REQUEST, headers=Headers.of([*lines, *((name, value) for value in values)]))
    answer = sign_response(HttpResponse(status=400), bad, SIGNER, at=NOW, nonce=new_nonce())
    assert f'"{name}";req' not in (answer.headers.only("signature-input") or "")
    assert verify_response(answer, bad, lookup_key=lambda _: REGISTERED, sender="xx", at=NOW)


def test_an_unsigned_request_gets_a_signed_answer_that_a_signing_client_does_not_take() -> None:
    answer = sign_response(HttpResponse(status=401), REQUEST, SIGNER, at=NOW, nonce=new_nonce())
    assert verify_response(answer, REQUEST, lookup_key=lambda _: REGISTERED, sender="xx", at=NOW)
    with pytest.raises(HttpMessageRefused) as refused:
        verify_response(answer, signed(), lookup_key=lambda _: REGISTERED, sender="xx", at=NOW)
    assert refused.value.stable_code == "http.component-missing"


@pytest.mark.parametrize("year", [2001, 2099])
def test_only_the_time_that_is_handed_in_counts(year: int) -> None:
    at = NOW.replace(year=year)
    key = replace(REGISTERED, lifecycle=Lifecycle.active_from(at))
    request = sign_request(REQUEST, SIGNER, at=at, nonce=new_nonce())
    assert verified(request, key, at).created == at


def test_the_limits_are_settings() -> None:
    short = HttpSignatureLimits(validity=timedelta(seconds=10), clock_skew=timedelta(0))
    request = sign_request(REQUEST, SIGNER, at=NOW, nonce=new_nonce(), limits=short)
    later = NOW + timedelta(seconds=10)
    told = verify_request(request, lookup_key=lambda _: REGISTERED, sender="xx", at=later, limits=short)
    assert told.remember_until == later
    with pytest.raises(HttpMessageRefused):
        verify_request(
            request, lookup_key=lambda _: REGISTERED, sender="xx", at=later + timedelta(seconds=1), limits=short
        )


def test_nonces_are_long_and_never_the_same() -> None:
    assert len({new_nonce() for _ in range(1000)}) == 1000
    assert len(new_nonce()) == 22


TOKENS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=30)
PATHS = st.text(st.sampled_from("abcXYZ019-._~!$&'()*+,;=:@/"), max_size=30)


@st.composite
def requests(draw: st.DrawFn) -> HttpRequest:
    query = draw(st.none() | PATHS)
    target = f"https://gw.example:8443/{draw(PATHS)}" + ("" if query is None else f"?{query}")
    lines = [("Authorization", draw(TOKENS)), ("Content-Type", draw(TOKENS)), ("X-Other", draw(TOKENS))]
    method = draw(st.sampled_from(["GET", "POST", "PUT", "DELETE"]))
    return HttpRequest(method=method, target=target, headers=Headers.of(lines), content=draw(st.binary(max_size=200)))


@given(request=requests())
def test_any_request_verifies_once_signed(request: HttpRequest) -> None:
    assert verified(signed(request)).signer == "xx"


def parts(request: HttpRequest) -> tuple[str, str, bytes, list[tuple[str, str]]]:
    return request.method, request.target, request.content, sorted(request.headers.lines)


@given(request=requests(), other=requests())
def test_any_other_value_of_a_covered_part_is_refused(request: HttpRequest, other: HttpRequest) -> None:
    sent = signed(request)
    names = ("authorization", "content-type", "content-digest")
    fields = {name: signed(other).headers.only(name) or "" for name in names}
    changed = [
        replace(sent, method=other.method),
        replace(sent, target=other.target),
        replace(sent, content=other.content),
        *(replace(sent, headers=sent.headers.replacing({name: fields[name]})) for name in names),
    ]
    for each in changed:
        if parts(each) != parts(sent):
            assert refusal(each) in {"http.signature-wrong", "http.digest-mismatch"}


@given(place=st.integers(0, 10_000), flip=st.integers(1, 127))
def test_one_changed_character_in_a_signed_field_is_refused(place: int, flip: int) -> None:
    sent = signed()
    names = ("signature-input", "signature", "content-digest", "content-type", "authorization")
    name = names[place % len(names)]
    value = sent.headers.only(name) or ""
    spot = place % len(value)
    changed = value[:spot] + chr(ord(value[spot]) ^ flip) + value[spot + 1 :]
    try:
        request = replace(sent, headers=sent.headers.replacing({name: changed}))
    except HttpMessageRefused as refused:
        assert refused.stable_code == "http.malformed"  # noqa: PT017 - most changes make a message
        return
    if request.headers.only(name) != value:
        assert refusal(request).startswith("http.")
