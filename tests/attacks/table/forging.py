"""Envelopes and tokens in which every byte can be chosen: made with bare `cryptography` calls, not with the gateway."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes, hmac, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash

from gateway.security.generation import GeneratedKey
from gateway.security.keys import PublicKey

Sign = Callable[[bytes], bytes]

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def kept(members: Mapping[str, Any]) -> dict[str, Any]:
    """The members that are not None."""
    return {name: value for name, value in members.items() if value is not None}


def as_json(members: Mapping[str, Any] | str) -> bytes:
    text = members if isinstance(members, str) else json.dumps(members)
    return text.encode("utf-8", "surrogatepass")


def es256(key: GeneratedKey) -> Sign:
    """An honest ES256 signature, r and s side by side (RFC 7518 section 3.4)."""
    private = key.private
    assert isinstance(private, ec.EllipticCurvePrivateKey)

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(private.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)

    return sign


def hmac_with_public(key: PublicKey) -> Sign:
    """HS256 whose secret is the public key as everybody has it."""
    form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    secret = key.native.public_bytes(*form)

    def sign(data: bytes) -> bytes:
        made = hmac.HMAC(secret, hashes.SHA256())
        made.update(data)
        return made.finalize()

    return sign


def other_half(signature: bytes) -> bytes:
    """The second valid form of an ECDSA signature: n - s in place of s."""
    return signature[:32] + (P256_ORDER - int.from_bytes(signature[32:])).to_bytes(32)


def jws(header: Mapping[str, Any] | str, payload: bytes, sign: Sign) -> str:
    """A compact JWS over any header."""
    signing_input = f"{b64(as_json(header))}.{b64(payload)}"
    return f"{signing_input}.{b64(sign(signing_input.encode()))}"


def jwe(plaintext: bytes, header: Mapping[str, Any] | str, recipient: PublicKey) -> list[str]:
    """The five segments of a JWE by ECDH-ES+A256KW and A256GCM, whatever its header says (RFC 7518 section 4.6.2)."""
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    point = ephemeral.public_key().public_numbers()
    epk = {"kty": "EC", "crv": "P-256", "x": b64(point.x.to_bytes(32)), "y": b64(point.y.to_bytes(32))}
    if not isinstance(header, str):
        header = {"epk": epk, **header}
    assert isinstance(recipient.native, ec.EllipticCurvePublicKey)
    shared = ephemeral.exchange(ec.ECDH(), recipient.native)
    name = b"ECDH-ES+A256KW"
    info = len(name).to_bytes(4) + name + bytes(8) + (256).to_bytes(4)
    content_key, nonce = os.urandom(32), os.urandom(12)
    protected = b64(as_json(header))
    encrypted = AESGCM(content_key).encrypt(nonce, plaintext, protected.encode())
    wrapped = keywrap.aes_key_wrap(ConcatKDFHash(hashes.SHA256(), 32, info).derive(shared), content_key)
    return [protected, b64(wrapped), b64(nonce), b64(encrypted[:-16]), b64(encrypted[-16:])]
