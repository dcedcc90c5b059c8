from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gateway.security.generation import GeneratedKey
from gateway.security.keys import import_public_key, thumbprint
from gateway.security.policy import KeyRefused, has_roca_fingerprint

KID = "xx-sig-202603-1"

SMALL_PRIMES = [p for p in range(2, 168) if all(p % q for q in range(2, p))]


def b64(number: int) -> str:
    data = number.to_bytes((number.bit_length() + 7) // 8)
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def rsa_jwk(modulus: int, exponent: int = 65537, **members: str) -> dict[str, str]:
    return {"kty": "RSA", "kid": KID, "use": "sig", "alg": "PS256", "n": b64(modulus), "e": b64(exponent), **members}


@pytest.fixture
def good(make_key: Callable[..., GeneratedKey]) -> dict[str, str]:
    return dict(make_key("xx", "ES256").public.jwk)


def refusal(jwk: Mapping[str, Any], **options: Any) -> str:
    with pytest.raises(KeyRefused) as refused:
        import_public_key(jwk, **options)
    assert refused.value.message
    return refused.value.stable_code


def test_a_key_of_each_kind_is_taken(make_key: Callable[..., GeneratedKey]) -> None:
    for algorithm, kind in (
        ("ES256", ""),
        ("Ed25519", ""),
        ("PS256", ""),
        ("ECDH-ES+A256KW", "P-256"),
        ("ECDH-ES+A256KW", "X25519"),
        ("RSA-OAEP-256", ""),
    ):
        jwk = make_key("xx", algorithm, kind).public.jwk
        assert import_public_key({**jwk, "x5t#S256": "ignored"}).jwk == jwk


@pytest.mark.parametrize("name", ["kty", "kid", "use", "alg"])
def test_a_key_says_what_it_is_for(good: dict[str, str], name: str) -> None:
    del good[name]
    assert refusal(good) == "key.member-missing"
    assert refusal({**good, name: 7}) == "key.member-missing"


@pytest.mark.parametrize("name", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
def test_a_private_part_is_refused_not_dropped(good: dict[str, str], name: str) -> None:
    assert refusal({**good, name: "AA"}) == "key.private-member"


def test_symmetric_keys_are_refused() -> None:
    jwk = {"kty": "oct", "kid": KID, "use": "sig", "alg": "HS256"}
    assert refusal({**jwk, "k": "AAAA"}) == "key.private-member"
    assert refusal(jwk) == "key.algorithm"


@pytest.mark.parametrize(
    "algorithm",
    ["none", "HS256", "RS256", "ES384", "EdDSA", "RSA-OAEP", "RSA1_5", "ECDH-ES", "dir", "PBES2-HS256+A128KW"],
)
def test_a_key_for_an_algorithm_outside_the_policy_is_refused(good: dict[str, str], algorithm: str) -> None:
    assert refusal({**good, "alg": algorithm}) == "key.algorithm"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"use": "enc"}, "key.use"),
        ({"crv": "P-384"}, "key.curve"),
        ({"crv": None}, "key.curve"),
        ({"kty": "RSA"}, "key.type"),
        ({"kty": "OKP"}, "key.type"),
        ({"x": "AA"}, "key.numbers"),
        ({"x": ""}, "key.numbers"),
        ({"y": 5}, "key.numbers"),
        ({"y": None}, "key.numbers"),
        ({"kid": "short"}, "key.kid"),
        ({"kid": "xx-sig-202613-1"}, "key.kid"),
        ({"kid": "xx-sig-202603-1\n"}, "key.kid"),
        ({"kid": ""}, "key.kid"),
    ],
)
def test_a_key_whose_members_contradict_each_other_is_refused(
    good: dict[str, str], change: dict[str, Any], code: str
) -> None:
    assert refusal({**good, **change}) == code


def test_a_point_off_the_curve_is_refused(good: dict[str, str]) -> None:
    assert refusal({**good, "y": good["x"]}) == "key.numbers"


def test_an_x25519_point_of_small_order_is_refused(make_key: Callable[..., GeneratedKey]) -> None:
    jwk = make_key("xx", "ECDH-ES+A256KW", "X25519").public.jwk
    for first in (0, 1):
        point = bytes([first, *[0] * 31])
        assert refusal({**jwk, "x": base64.urlsafe_b64encode(point).rstrip(b"=").decode()}) == "key.numbers"


def test_a_second_spelling_of_the_numbers_is_refused(good: dict[str, str]) -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = good["x"][-1]
    other = alphabet[alphabet.index(last) ^ 1]
    assert refusal({**good, "x": good["x"][:-1] + other}) == "key.numbers"
    assert refusal({**good, "x": good["x"] + "="}) == "key.numbers"


@pytest.mark.parametrize("bits", [512, 1024, 2048, 3071])
def test_short_rsa_keys_are_refused(bits: int) -> None:
    assert refusal(rsa_jwk((1 << (bits - 1)) + 1)) == "key.too-short"


def test_rsa_of_2048_bits_is_taken_only_by_written_exception() -> None:
    jwk = rsa_jwk(rsa.generate_private_key(65537, 2048).public_key().public_numbers().n)
    assert import_public_key(jwk, short_rsa_allowed={KID}).kid == KID
    assert refusal(jwk, short_rsa_allowed={"xx-sig-202603-2"}) == "key.too-short"
    short = rsa_jwk((1 << 2046) + 1)
    assert refusal(short, short_rsa_allowed={KID}) == "key.too-short"


def test_rsa_numbers_that_only_cost_time_are_refused() -> None:
    assert refusal(rsa_jwk((1 << 8192) + 1)) == "key.too-long"
    for exponent in (1, 3, 65536, (1 << 64) + 1):
        assert refusal(rsa_jwk((1 << 3071) + 1, exponent)) == "key.exponent"


def test_a_modulus_with_leading_zero_bytes_is_refused() -> None:
    jwk = rsa_jwk((1 << 3071) + 1)
    padded = base64.urlsafe_b64encode(b"\0" + ((1 << 3071) + 1).to_bytes(384)).rstrip(b"=").decode()
    assert refusal({**jwk, "n": padded}) == "key.numbers"


def test_a_modulus_of_the_weak_generator_is_refused() -> None:
    # CVE-2017-15361: primes are k * M + (65537^a mod M), so the modulus is a power of 65537 modulo M
    product = 1
    for prime in SMALL_PRIMES:
        product *= prime
    power = pow(65537, 1234, product)
    modulus = (product << (3080 - product.bit_length())) + power
    assert has_roca_fingerprint(modulus)
    assert refusal(rsa_jwk(modulus)) == "key.roca"


def test_sound_moduli_do_not_have_the_fingerprint(make_key: Callable[..., GeneratedKey]) -> None:
    assert not has_roca_fingerprint(
        int.from_bytes(base64.urlsafe_b64decode(make_key("xx", "PS256").public.jwk["n"] + "=="))
    )
    assert not has_roca_fingerprint((1 << 3071) + 1)


def test_thumbprints_are_those_of_the_published_examples() -> None:
    # RFC 7638 section 3.1
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknj"
        "hMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQ"
        "vRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK"
        "nqDKgw"
    )
    key = {"kty": "RSA", "n": modulus, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}
    assert thumbprint(key) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    # RFC 8037 appendix A.3
    okp = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    assert thumbprint(okp) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_a_thumbprint_may_be_the_key_id(good: dict[str, str]) -> None:
    key = import_public_key({**good, "kid": thumbprint(good)})
    assert key.kid == key.thumbprint


def test_a_key_on_another_curve_of_the_same_size_is_refused(good: dict[str, str]) -> None:
    point = ec.generate_private_key(ec.SECP256K1()).public_key().public_numbers()
    assert refusal({**good, "x": b64(point.x), "y": b64(point.y)}) == "key.numbers"
