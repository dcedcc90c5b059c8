"""The six examples of RFC 9421 appendix B.2: bases and signatures are those of the standard; the profile takes none."""

from __future__ import annotations

import base64
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from http_message_signatures import HTTPMessageVerifier, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import HMAC_SHA256

from gateway.security.content_digest import check_content_digest
from gateway.security.http_bridge import RequestView, ResponseView, check_signature
from gateway.security.http_messages import Headers, HttpRequest, HttpResponse
from gateway.security.http_profile import ALGORITHMS
from gateway.security.http_refusals import HttpMessageRefused
from gateway.security.http_signatures import verify_request, verify_response
from gateway.security.keys import PublicKey, import_public_key

FILE = Path(__file__).resolve().parents[2] / "vectors" / "rfc9421" / "examples.toml"
VECTORS: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))
EXAMPLES = {example["section"]: example for example in VECTORS["examples"]}
CREATED = datetime.fromtimestamp(1618884473, UTC)


def key_of(example: dict[str, Any]) -> PublicKey:
    """The example's key under our key policy; RSA of 2,048 bits needs a written exception."""
    kid = "rfc-sig-202104-1"
    return import_public_key({**VECTORS["keys"][example["key"]], "kid": kid, "use": "sig"}, short_rsa_allowed={kid})


def headers_of(example: dict[str, Any]) -> Headers:
    _, _, label = example["section"].rpartition("B.2.")
    signed = [("Signature-Input", example["input"]), ("Signature", f"sig-b2{label}=:{example['signature']}:")]
    return Headers.of([*VECTORS[example["message"]]["headers"], *signed])


def view_of(example: dict[str, Any]) -> RequestView | ResponseView:
    request = RequestView("POST", VECTORS["request"]["target"], dict(headers_of(example).lines))
    if example["message"] == "request":
        return request
    return ResponseView("200", dict(headers_of(example).lines), request)


class SharedSecret(HTTPSignatureKeyResolver):
    def resolve_public_key(self, key_id: str) -> bytes:
        return base64.b64decode(VECTORS["secrets"][key_id])


class WithoutClock(HTTPMessageVerifier):
    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        pass


def test_all_six_examples_are_here() -> None:
    assert sorted(EXAMPLES) == [f"B.2.{number}" for number in range(1, 7)]


@pytest.mark.parametrize("message", ["request", "response"])
def test_the_digests_of_the_test_messages_are_right(message: str) -> None:
    value = dict(VECTORS[message]["headers"])["Content-Digest"]
    check_content_digest(value, VECTORS[message]["content"].encode())


@pytest.mark.parametrize("section", EXAMPLES)
def test_the_signature_base_is_that_of_the_standard(section: str) -> None:
    example = EXAMPLES[section]
    algorithm = HMAC_SHA256 if section == "B.2.5" else ALGORITHMS[VECTORS["keys"][example["key"]]["alg"]]
    key = None if section == "B.2.5" else key_of(example).native
    bases: list[bytes] = []

    class Recording(algorithm):  # type: ignore[misc, valid-type]
        def verify(self, signature: bytes, message: bytes) -> None:
            bases.append(message)
            super().verify(signature=signature, message=message)

    class Keys(SharedSecret):
        def resolve_public_key(self, key_id: str) -> Any:
            return key or super().resolve_public_key(key_id)

    verifier = WithoutClock(signature_algorithm=Recording, key_resolver=Keys())
    verifier.verify(view_of(example), max_age=None)
    assert bases == [example["base"].encode()]


@pytest.mark.parametrize("section", sorted(EXAMPLES.keys() - {"B.2.5"}))
def test_the_signature_verifies_with_a_key_of_our_policy(section: str) -> None:
    example = EXAMPLES[section]
    if section == "B.2.2":  # the only example with a tag
        check_signature(view_of(example), key_of(example), "header-example")
        return
    algorithm, key = ALGORITHMS[key_of(example).alg], key_of(example)
    algorithm(public_key=key.native).verify(base64.b64decode(example["signature"]), example["base"].encode())


@pytest.mark.parametrize("section", sorted(EXAMPLES.keys() - {"B.2.5"}))
def test_a_changed_base_does_not_verify(section: str) -> None:
    example = EXAMPLES[section]
    changed = example["base"].replace("1618884473", "1618884474").encode()
    key = key_of(example)
    with pytest.raises(InvalidSignature):
        ALGORITHMS[key.alg](public_key=key.native).verify(base64.b64decode(example["signature"]), changed)


@pytest.mark.parametrize("section", EXAMPLES)
def test_the_profile_takes_none_of_them(section: str) -> None:
    example = EXAMPLES[section]
    request = HttpRequest(method="POST", target=VECTORS["request"]["target"], headers=headers_of(example))
    known: dict[str, Any] = {"lookup_key": lambda _: None, "sender": "xx", "at": CREATED}
    if example["message"] == "request":
        with pytest.raises(HttpMessageRefused) as refused:
            verify_request(request, token_required=False, **known)
    else:
        with pytest.raises(HttpMessageRefused) as refused:
            verify_response(HttpResponse(status=200, headers=headers_of(example)), request, **known)
    assert refused.value.stable_code == example["refused"]


def test_no_algorithm_with_a_shared_secret_or_old_padding_is_listed() -> None:
    assert sorted(each.algorithm_id for each in ALGORITHMS.values()) == [
        "ecdsa-p256-sha256",
        "ed25519",
        "rsa-pss-sha512",
    ]
