"""The signed examples of RFC 7515, 7520 and 8037, and the thumbprints of RFC 7638 and 8037.

Each is right by the standard, which proves the typing. Those whose algorithm suite ``intl-1`` has verify with a key of
our policy; all are refused as messages, and an algorithm outside the suite is refused whatever header it stands in.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from gateway.security.compact import read_compact, sign_compact, verify_compact
from gateway.security.filekeys import FileSigner, PrivateKey
from gateway.security.jose import MESSAGE_TYPE, decode, encode, write_header
from gateway.security.keys import PublicKey, import_public_key, thumbprint
from gateway.security.limits import DEFAULT_LIMITS
from gateway.security.metadata import OPTIONAL_MEMBERS, REQUIRED_MEMBERS
from gateway.security.policy import KeyRefused
from gateway.security.refusals import OpeningRefused
from gateway.security.suites import INTL_1

VECTORS = Path(__file__).resolve().parents[2] / "vectors"
KID = "xx-sig-202601-1"
KEY_TYPES: dict[str, Any] = {"EC": ECKey, "RSA": RSAKey, "OKP": OKPKey, "oct": OctKey}


def vectors_of(rfc: str) -> dict[str, Any]:
    return tomllib.loads((VECTORS / rfc / "examples.toml").read_text(encoding="utf-8"))


JWS, COOKBOOK, OKP = vectors_of("rfc7515"), vectors_of("rfc7520"), vectors_of("rfc8037")
THUMBPRINT = vectors_of("rfc7638")


def cookbook_token(example: dict[str, Any]) -> str:
    return f"{example['header']}.{example.get('payload', COOKBOOK['payload'])}.{example['signature']}"


SIGNED = {
    **{one["name"]: {**one, "jwk": JWS["keys"][one["key"]]} for one in JWS["examples"]},
    **{
        one["name"]: {**one, "jwk": COOKBOOK["keys"][one["key"]], "token": cookbook_token(one)}
        for one in COOKBOOK["signed"]
    },
    OKP["signed"]["name"]: {**OKP["signed"], "jwk": OKP["key"], "alg": "Ed25519", "ours": True},
}
OURS = sorted(name for name, one in SIGNED.items() if one["ours"])
NOT_OURS = sorted(SIGNED.keys() - set(OURS))


def public_part(jwk: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in jwk.items() if name != "d"}


def our_key(name: str) -> PublicKey:
    """The example's key under our policy; RSA of 2,048 bits needs a written exception."""
    described = {**public_part(SIGNED[name]["jwk"]), "kid": KID, "use": "sig", "alg": SIGNED[name]["alg"]}
    return import_public_key(described, short_rsa_allowed={KID})


def verified(token: str, key: Any, algorithms: list[str]) -> bytes:
    return jws.deserialize_compact(token, key, registry=JWSRegistry(algorithms=algorithms)).payload


def verified_by_ours(name: str, token: str) -> None:
    """Verify with the key as our policy imports it; the old name EdDSA is not the one that our keys go by."""
    key, (signing_input, _, signature) = our_key(name), token.rpartition(".")
    if isinstance(key.native, Ed25519PublicKey):
        key.native.verify(decode(signature.encode()), signing_input.encode())
    else:
        verified(token, key.jose, [key.alg])


def changed(token: str) -> str:
    """Another payload under the same signature."""
    header, payload, signature = token.split(".")
    return f"{header}.{encode(decode(payload.encode()) + b' ')}.{signature}"


def refusal(token: bytes) -> str:
    with pytest.raises(OpeningRefused) as refused:
        read_compact(
            token,
            typ=MESSAGE_TYPE,
            algorithms=INTL_1.signatures,
            required=REQUIRED_MEMBERS,
            optional=OPTIONAL_MEMBERS,
            limits=DEFAULT_LIMITS,
        )
    return refused.value.stable_code


def test_the_examples_that_fit_suite_intl_1_are_these() -> None:
    assert OURS == ["rfc7515_a3", "rfc7520_6", "rfc8037_a4"]
    assert {SIGNED[name]["alg"] for name in OURS} == set(INTL_1.signatures)


@pytest.mark.parametrize("name", OURS)
def test_an_example_of_our_suite_verifies_with_a_key_of_our_policy(name: str) -> None:
    verified_by_ours(name, SIGNED[name]["token"])
    with pytest.raises((BadSignatureError, InvalidSignature)):
        verified_by_ours(name, changed(SIGNED[name]["token"]))


@pytest.mark.parametrize("name", NOT_OURS)
def test_an_example_of_another_suite_is_right_but_its_key_is_refused(name: str) -> None:
    example = SIGNED[name]
    key = KEY_TYPES[example["jwk"]["kty"]].import_key(example["jwk"])
    assert verified(example["token"], key, [example["alg"]])
    with pytest.raises(BadSignatureError):
        verified(changed(example["token"]), key, [example["alg"]])
    with pytest.raises(KeyRefused) as refused:
        our_key(name)
    assert refused.value.stable_code in {"key.algorithm", "key.private-member"}


@pytest.mark.parametrize("name", SIGNED)
def test_no_example_is_taken_as_a_message(name: str) -> None:
    assert refusal(SIGNED[name]["token"].encode()) == SIGNED[name].get("refused", "envelope.header-refused")


@pytest.mark.parametrize("name", NOT_OURS)
def test_an_algorithm_of_another_suite_is_refused_in_a_header_like_ours_too(name: str) -> None:
    _, payload, signature = SIGNED[name]["token"].split(".")
    header = dict.fromkeys(REQUIRED_MEMBERS, "x") | {"alg": SIGNED[name]["alg"], "kid": KID, "typ": MESSAGE_TYPE}
    assert refusal(f"{write_header(header)}.{payload}.{signature}".encode()) == "envelope.algorithm-refused"


def test_rfc7515_a5_without_a_signature_is_refused() -> None:
    assert refusal(JWS["unsigned"]["token"].encode()) == JWS["unsigned"]["refused"]
    header = dict.fromkeys(REQUIRED_MEMBERS, "x") | {"alg": "none", "kid": KID, "typ": MESSAGE_TYPE}
    payload = JWS["unsigned"]["token"].split(".")[1]
    assert refusal(f"{write_header(header)}.{payload}.AA".encode()) == "envelope.algorithm-refused"


def test_rfc7515_a6_and_a7_in_json_are_refused() -> None:
    parts = [SIGNED[name]["token"].split(".") for name in ("rfc7515_a2", "rfc7515_a3")]
    signatures = [
        {"protected": protected, "header": {"kid": kid}, "signature": signature}
        for (protected, _, signature), kid in zip(parts, JWS["json"]["kids"], strict=True)
    ]
    general = {"payload": parts[0][1], "signatures": signatures}
    flattened = {"payload": parts[1][1], **signatures[1]}
    for form in (general, flattened):
        assert refusal(json.dumps(form).encode()) == JWS["json"]["refused"]


def test_rfc8037_a4_is_what_our_signer_makes() -> None:
    """Ed25519 has one signature for a text, so ours is theirs."""
    header, payload, signature = OKP["signed"]["token"].split(".")
    private: Any = OKPKey.import_key(OKP["key"]).private_key
    signer = FileSigner(private, our_key("rfc8037_a4"))
    assert encode(signer.sign(f"{header}.{payload}".encode())) == signature
    assert decode(payload.encode()) == OKP["signed"]["payload"].encode()


def test_what_the_key_of_rfc7515_a3_signs_with_us_verifies_with_us() -> None:
    private: PrivateKey = ECKey.import_key(JWS["keys"]["a3"]).private_key  # type: ignore[assignment]
    key = our_key("rfc7515_a3")
    made = sign_compact(b"content", members={}, typ=MESSAGE_TYPE, signer=FileSigner(private, key))
    read = read_compact(
        made, typ=MESSAGE_TYPE, algorithms=INTL_1.signatures, required=(), optional=(), limits=DEFAULT_LIMITS
    )
    assert verify_compact(read, key, {}, DEFAULT_LIMITS) == b"content"


def test_thumbprints_are_those_of_rfc7638_and_rfc8037() -> None:
    assert thumbprint(THUMBPRINT["jwk"]) == THUMBPRINT["thumbprint"]
    assert thumbprint(OKP["key"]) == OKP["thumbprint"]["value"]
