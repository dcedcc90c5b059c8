"""The encrypted examples of RFC 7516 and 7520, and what our key agreement is made of: RFC 7518, RFC 3394, RFC 8037.

None of the encrypted examples keeps to suite ``intl-1``. Each opens with its own key, which proves the typing, and each
is refused by us, as it stands and in a header like ours. No standard prints an example of ECDH-ES+A256KW: its parts,
agreement, key derivation and key wrap, are those of the standards.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap
from joserfc import jwe
from joserfc._rfc7518.derive_key import derive_key_for_concat_kdf
from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry
from joserfc.jwk import ECKey, OctKey, RSAKey

from gateway.security.jose import MESSAGE_TYPE, SEALED_TYPE, decode, encode, write_header
from gateway.security.keys import import_public_key
from gateway.security.limits import DEFAULT_LIMITS
from gateway.security.outer import read_outer_header
from gateway.security.policy import KeyRefused
from gateway.security.refusals import OpeningRefused
from gateway.security.suites import INTL_1

VECTORS = Path(__file__).resolve().parents[2] / "vectors"
KEY_TYPES: dict[str, Any] = {"EC": ECKey, "RSA": RSAKey, "oct": OctKey}


def vectors_of(rfc: str) -> dict[str, Any]:
    return tomllib.loads((VECTORS / rfc / "examples.toml").read_text(encoding="utf-8"))


JWE, COOKBOOK, AGREEMENT, OKP = (vectors_of(rfc) for rfc in ("rfc7516", "rfc7520", "rfc7518", "rfc8037"))
ENCRYPTED = {
    **{one["name"]: {**one, "jwk": JWE["keys"][one["key"]]} for one in JWE["examples"]},
    **{one["name"]: {**one, "jwk": COOKBOOK["keys"][one["key"]]} for one in COOKBOOK["encrypted"]},
}


def opened(example: dict[str, Any], token: str) -> bytes:
    """What the example's own key and algorithms make of a token."""
    jwk = example["jwk"]
    key = OctKey.import_key(jwk["text"]) if "text" in jwk else KEY_TYPES[jwk["kty"]].import_key(jwk)
    registry = JWERegistry(algorithms=[example["alg"], example["enc"], "DEF"])
    plaintext = jwe.decrypt_compact(token, key, registry=registry).plaintext
    assert plaintext is not None
    return plaintext


def refusal(token: str) -> str:
    with pytest.raises(OpeningRefused) as refused:
        read_outer_header(token.encode(), INTL_1, DEFAULT_LIMITS)
    return refused.value.stable_code


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("name", ENCRYPTED)
def test_an_example_opens_with_its_own_key_and_no_changed_one_does(name: str) -> None:
    example = ENCRYPTED[name]
    plaintext = opened(example, example["token"]).decode()
    assert plaintext == example.get("plaintext", plaintext)
    assert plaintext.startswith(example.get("begins", ""))
    *others, tag = example["token"].split(".")
    first, *more = decode(tag.encode())
    wrong = encode(bytes([first ^ 1, *more]))
    with pytest.raises((JoseError, ValueError)):
        opened(example, ".".join([*others, wrong]))


def test_the_examples_of_the_cookbook_hold_one_text() -> None:
    examples = [ENCRYPTED[f"rfc7520_5_{number}"] for number in (4, 5, 6, 8, 9)]
    assert len({opened(example, example["token"]) for example in examples}) == 1


@pytest.mark.parametrize("name", ENCRYPTED)
def test_no_example_is_taken_as_a_sealed_message(name: str) -> None:
    assert refusal(ENCRYPTED[name]["token"]) == ENCRYPTED[name]["refused"]


@pytest.mark.parametrize("name", ENCRYPTED)
def test_its_algorithms_are_refused_in_a_header_like_ours_too(name: str) -> None:
    example = ENCRYPTED[name]
    header = {"alg": example["alg"], "enc": example["enc"], "kid": "k", "skid": "s", "typ": SEALED_TYPE}
    _, wrapped, *rest = example["token"].split(".")
    ours = write_header({**header, "cty": MESSAGE_TYPE})
    assert refusal(".".join([ours, wrapped or "AA", *rest])) == "envelope.algorithm-refused"
    with pytest.raises(KeyRefused):
        import_public_key({**example["jwk"], "kid": "xx-enc-202601-1", "use": "enc", "alg": example["alg"]})


def test_rfc7518_c_agreement_and_derivation() -> None:
    example = AGREEMENT["agreement"]
    ephemeral, recipient = (ECKey.import_key(example[name]) for name in ("ephemeral", "recipient"))
    for private, public in ((ephemeral, recipient), (recipient, ephemeral)):
        native: Any = private.private_key
        assert native.exchange(ec.ECDH(), public.public_key) == bytes(example["secret"])
    derived = derive_key_for_concat_kdf(bytes(example["secret"]), example, 128, None)
    assert encode(derived) == example["derived"]


def test_rfc3394_4_6_key_wrap_with_256_bits() -> None:
    example = {name: bytes.fromhex(value) for name, value in AGREEMENT["wrap"].items() if name != "name"}
    assert aes_key_wrap(example["wrapping"], example["key"]) == example["wrapped"]
    assert aes_key_unwrap(example["wrapping"], example["wrapped"]) == example["key"]


def test_rfc8037_a6_agreement_on_x25519() -> None:
    example = OKP["agreement"]
    ephemeral = x25519.X25519PrivateKey.from_private_bytes(bytes.fromhex(example["ephemeral_private"]))
    assert encode(ephemeral.public_key().public_bytes_raw()) == example["ephemeral_public"]
    described = {"kty": "OKP", "crv": "X25519", "x": example["recipient"], "kid": "xx-enc-202601-1", "use": "enc"}
    recipient: Any = import_public_key({**described, "alg": "ECDH-ES+A256KW"}).native
    assert ephemeral.exchange(recipient).hex() == example["secret"]
