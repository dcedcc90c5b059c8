from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec
from joserfc import jws

from gateway.security.compact import sign_compact
from gateway.security.filekeys import FileSigner, file_decrypter, read_private_key
from gateway.security.generation import GeneratedKey, generate_key
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import KeyPurpose, Lifecycle
from gateway.security.policy import KeyRefused
from gateway.security.refusals import OpeningRefused


@pytest.mark.parametrize("algorithm", ["ES256", "Ed25519", "PS256", "PS512"])
def test_signatures_are_those_of_the_standard(make_key: Callable[..., GeneratedKey], algorithm: str) -> None:
    key = make_key("xx", algorithm)
    signed = sign_compact(b"content", members={}, typ="test+jws", signer=FileSigner(key.private, key.public))
    verified = jws.deserialize_compact(signed, key.public.jose, algorithms=[algorithm])
    assert verified.payload == b"content"


def test_a_private_key_survives_its_file_only_with_the_password(make_key: Callable[..., GeneratedKey]) -> None:
    key = make_key("xx", "ES256")
    pem = key.private_pem(b"secret")
    assert b"ENCRYPTED" in pem
    assert FileSigner(read_private_key(pem, b"secret"), key.public).kid == key.public.kid
    for password in (b"wrong", None):
        with pytest.raises(KeyRefused):
            read_private_key(pem, password)
    assert FileSigner(read_private_key(key.private_pem()), key.public).alg == "ES256"


def test_a_file_that_is_no_private_key_of_ours_is_refused() -> None:
    foreign = dsa.generate_private_key(2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for pem in (b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", foreign):
        with pytest.raises(KeyRefused):
            read_private_key(pem)


def test_a_private_key_serves_only_its_own_public_half(make_key: Callable[..., GeneratedKey], now: datetime) -> None:
    signing, encrypting = make_key("xx", "ES256"), make_key("xx", "ECDH-ES+A256KW")
    other = ec.generate_private_key(ec.SECP256R1())
    active = Lifecycle.active_from(now)
    for attempt in (
        lambda: FileSigner(other, signing.public),
        lambda: FileSigner(encrypting.private, encrypting.public),
        lambda: file_decrypter(other, RegisteredKey(encrypting.public, "xx", active)),
        lambda: file_decrypter(signing.private, RegisteredKey(signing.public, "xx", active)),
    ):
        with pytest.raises(KeyRefused):
            attempt()


def test_private_keys_do_not_show_in_a_repr(make_key: Callable[..., GeneratedKey], now: datetime) -> None:
    key = make_key("xx", "ECDH-ES+A256KW")
    decrypter = file_decrypter(key.private, RegisteredKey(key.public, "xx", Lifecycle.active_from(now)))
    for shown in (repr(key), repr(decrypter)):
        assert "PrivateKey" not in shown
        assert "ECKey" not in shown


def test_only_known_algorithms_and_proper_ids_are_generated(now: datetime) -> None:
    for party, algorithm, kind in (("xx", "HS256", ""), ("xx", "ES256", "P-384"), ("X X", "ES256", "")):
        with pytest.raises(KeyRefused):
            generate_key(party, algorithm, now, kind=kind)
    assert generate_key("xx", "ES256", now, number=12).public.kid == "xx-sig-202603-12"


def test_a_key_is_handed_out_only_for_what_its_state_allows(sender: GeneratedKey, now: datetime) -> None:
    key = RegisteredKey(sender.public, "xx", Lifecycle.active_from(now))
    assert key.require(now, KeyPurpose.PRODUCE) is sender.public
    assert key.active_since(now) == now
    assert key.active_since(now.replace(year=2025)) is None
    with pytest.raises(OpeningRefused) as refused:
        key.require(now.replace(year=2025), KeyPurpose.PRODUCE)
    assert refused.value.stable_code == "envelope.key-not-active"
