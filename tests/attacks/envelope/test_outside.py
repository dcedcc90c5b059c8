"""The outside of an envelope: refused before any key is touched, each fault with its own code."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.errors import MessageTooLarge
from gateway.security.jose import encode as b64
from gateway.security.limits import EnvelopeLimits


def test_an_honest_envelope_made_with_other_code_opens(forge: Any) -> None:
    opened = forge.open(forge.seal(forge.sign(forge.inner_header(), b"\xff\x00 any bytes")))
    assert opened.payload == b"\xff\x00 any bytes"
    assert opened.metadata.format_name == "zz-declaration-1.0"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b".",
        b"....",
        b"a.b.c.d",
        b"a.b.c.d.e.f",
        b"{}",
        b'{"protected":"","recipients":[]}',
        b"\xff" * 40,
        b"a....e",
    ],
)
def test_what_is_not_a_compact_jwe_is_malformed(forge: Any, data: bytes) -> None:
    assert forge.code(data) in {"envelope.malformed", "envelope.header-refused"}


def test_the_general_json_form_with_several_recipients_is_refused(forge: Any) -> None:
    protected, wrapped, nonce, content, tag = forge.encrypt(forge.sign(forge.inner_header()))
    recipients = [{"header": {"kid": "other"}, "encrypted_key": wrapped}, {"encrypted_key": wrapped}]
    general = {"protected": protected, "recipients": recipients, "iv": nonce, "ciphertext": content, "tag": tag}
    assert forge.code(json.dumps(general).encode()) == "envelope.malformed"


@pytest.mark.parametrize(
    "algorithm",
    [
        "dir",
        "RSA-OAEP",
        "RSA1_5",
        "A128KW",
        "A256KW",
        "ECDH-ES",
        "ECDH-ES+A128KW",
        "A256GCMKW",
        "RSA-OAEP-512",
        "",
        "none",
    ],
)
def test_key_management_outside_the_suite_is_refused(forge: Any, algorithm: str) -> None:
    assert forge.code_of_outer(alg=algorithm) == "envelope.algorithm-refused"


@pytest.mark.parametrize("content", ["A128GCM", "A128CBC-HS256", "A256CBC-HS512", "XC20P", ""])
def test_content_encryption_outside_the_suite_is_refused(forge: Any, content: str) -> None:
    assert forge.code_of_outer(enc=content) == "envelope.algorithm-refused"


def test_an_algorithm_of_the_suite_that_is_not_the_keys_own_is_refused(forge: Any) -> None:
    assert forge.code_of_outer(alg="RSA-OAEP-256") in {"envelope.algorithm-refused", "envelope.header-refused"}
    header = forge.outer_header(alg="RSA-OAEP-256")
    assert forge.code(forge.seal(b"x", json.dumps(header))) == "envelope.algorithm-refused"


def test_pbes2_is_refused_at_once_whatever_its_count(forge: Any) -> None:
    header = forge.outer_header(alg="PBES2-HS512+A256KW", p2c=2**31, p2s=b64(b"salt" * 4))
    data = forge.seal(b"x", header)
    begin = time.perf_counter()
    assert forge.code(data) == "envelope.algorithm-refused"
    assert time.perf_counter() - begin < 0.1


@pytest.mark.parametrize(
    "extra",
    [
        {"zip": "DEF"},
        {"b64": False},
        {"crit": ["exp"], "exp": 1},
        {"jku": "https://keys.example/jwks"},
        {"x5u": "https://keys.example/cert"},
        {"x5c": ["AAAA"]},
        {"jwk": {"kty": "EC"}},
        {"x5t": "AAAA"},
        {"p2c": 1000},
        {"foreign": "member"},
        {"iss": "xx"},
    ],
    ids=lambda extra: next(iter(extra)),
)
def test_outer_members_that_could_steer_us_are_refused(forge: Any, extra: dict[str, Any]) -> None:
    assert forge.code_of_outer(**extra) == "envelope.header-refused"


@pytest.mark.parametrize("name", ["alg", "enc", "kid", "skid"])
def test_an_outer_member_that_is_missing_or_no_text_is_refused(forge: Any, name: str) -> None:
    for value in (None, 7, True, ["a"], {"a": "b"}):
        assert forge.code_of_outer(**{name: value}) == "envelope.header-refused"


def test_a_second_kind_of_jwe_is_refused(forge: Any) -> None:
    assert forge.code_of_outer(typ="JWT") == "envelope.header-refused"
    assert forge.code_of_outer(cty="receipt+jws") == "envelope.header-refused"


def test_a_repeated_outer_member_is_refused(forge: Any) -> None:
    whole = json.dumps(forge.outer_header(epk="EPK"))
    twice = whole[:-1] + ', "kid": "' + forge.recipient.public.kid + '"}'
    assert forge.open(forge.seal(forge.sign(forge.inner_header()), whole)).sender == "xx"
    assert forge.code(forge.seal(forge.sign(forge.inner_header()), twice)) == "envelope.header-refused"


@pytest.mark.parametrize(
    "text",
    ["[]", "null", "7", '"alg"', "{", "", "\ufeff{}", '{"alg": NaN}', "[" * 2000, '{"a":' * 600, "{" + "'a'" + "}"],
)
def test_an_outer_header_that_is_no_plain_object_is_refused(forge: Any, text: str) -> None:
    assert forge.code(forge.seal(b"x", text)) in {"envelope.header-refused", "envelope.malformed"}


def test_a_header_longer_than_the_limit_is_refused(forge: Any) -> None:
    # an x5c chain is the usual reason
    assert forge.code_of_outer(apu="A" * 5000) == "envelope.header-refused"


def test_a_header_in_utf_16_is_refused(forge: Any) -> None:
    segments = forge.encrypt(b"x")
    segments[0] = b64(json.dumps(forge.outer_header()).encode("utf-16"))
    assert forge.code(".".join(segments).encode()) == "envelope.header-refused"


def test_a_second_base64_spelling_of_a_segment_is_refused(forge: Any) -> None:
    segments = forge.encrypt(forge.sign(forge.inner_header()))
    assert forge.open(".".join(segments).encode())
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for place, segment in enumerate(segments):
        spellings = [segment + "=", segment + "\n", segment[:1] + "\n" + segment[1:], "+" + segment[1:]]
        if len(segment) % 4:
            spellings.append(segment[:-1] + alphabet[alphabet.index(segment[-1]) | 1])
        for spelling in {*spellings} - {segment}:
            forged = [*segments[:place], spelling, *segments[place + 1 :]]
            assert forge.code(".".join(forged).encode()) in {"envelope.header-refused", "envelope.not-opened"}


def test_an_envelope_over_the_size_limit_is_refused_unread(forge: Any) -> None:
    limits = EnvelopeLimits(max_message_bytes=1000)
    assert forge.open(forge.seal(forge.sign(forge.inner_header(), b"a" * 1000)), limits=limits)
    with pytest.raises(MessageTooLarge):
        forge.open(b"A" * (limits.max_jwe_bytes + 1), limits=limits)
    # what fits the outer cap by a short header, but not the inner one, is refused after decryption
    assert forge.code(forge.seal(forge.sign(forge.inner_header(), b"a" * 1100)), limits=limits) == "envelope.not-opened"


class TestEphemeralKey:
    def changed(self, forge: Any, **changes: Any) -> str:
        point = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
        epk = {"kty": "EC", "crv": "P-256", "x": b64(point.x.to_bytes(32)), "y": b64(point.y.to_bytes(32)), **changes}
        header = {**forge.outer_header(), "epk": {name: value for name, value in epk.items() if value is not None}}
        code: str = forge.code(forge.seal(forge.sign(forge.inner_header()), header))
        return code

    def test_a_private_part_or_a_foreign_member_is_refused(self, forge: Any) -> None:
        assert self.changed(forge, d="A" * 43) == "envelope.header-refused"
        assert self.changed(forge, kid="x") == "envelope.header-refused"

    def test_a_key_of_another_kind_is_refused(self, forge: Any) -> None:
        assert self.changed(forge, kty="oct", k="A" * 43) == "envelope.header-refused"
        assert self.changed(forge, kty="OKP", crv="X25519", y=None) == "envelope.not-opened"
        assert self.changed(forge, crv="P-521") == "envelope.not-opened"
        assert self.changed(forge, crv="secp256k1") == "envelope.not-opened"

    def test_a_point_off_the_curve_does_not_open(self, forge: Any) -> None:
        assert self.changed(forge, x=b64(bytes(31) + b"\x05")) == "envelope.not-opened"
        assert self.changed(forge, x=b64(bytes(32)), y=b64(bytes(32))) == "envelope.not-opened"

    def test_coordinates_of_another_length_are_refused(self, forge: Any) -> None:
        assert self.changed(forge, x="AA") == "envelope.header-refused"
        assert self.changed(forge, x=7) == "envelope.header-refused"
        assert self.changed(forge, x="\ud800" * 43) == "envelope.header-refused"
        header = {**forge.outer_header(), "epk": "P-256"}
        assert forge.code(forge.seal(b"x", header)) == "envelope.header-refused"
