"""The envelope that is kept as a vector opens with our code, and with nothing but the reference page and primitives."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash

from gateway.security.filekeys import file_decrypter, read_private_key
from gateway.security.keylist import read_key_list
from gateway.security.keys import RegisteredKey
from gateway.security.large_limits import LargeLimits
from gateway.security.large_opening import LargeOpener

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(name="vector", scope="module")
def vector_fixture(project_root: Path) -> Path:
    return project_root / "tests" / "vectors" / "large_envelope"


def registered(vector: Path, party: str, owner: str) -> RegisteredKey:
    keys, faults = read_key_list((vector / f"{party}.json").read_bytes(), owner=owner, file=party)
    assert not faults
    return keys[0]


def test_our_code_opens_it(vector: Path) -> None:
    sink, sender = io.BytesIO(), registered(vector, "sender", "xx")
    private = read_private_key((vector / "recipient.pem").read_bytes())
    opener = LargeOpener(
        sink,
        decrypters=[file_decrypter(private, registered(vector, "recipient", "aa"))],
        lookup_key=lambda _: sender,
        recipient="aa",
        at=AT,
        limits=LargeLimits(min_chunk_bytes=16),
    )
    opener.feed((vector / "sealed.bin").read_bytes())
    assert opener.finish().head.metadata.jti == "vector-1"
    assert sink.getvalue() == (vector / "content.xml").read_bytes()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def decrypt_jwe(jwe: str, private: ec.EllipticCurvePrivateKey) -> bytes:
    """RFC 7518 sections 4.6 and 5.3."""
    protected, wrapped, nonce, encrypted, tag = jwe.split(".")
    header = json.loads(unb64(protected))
    x, y = (int.from_bytes(unb64(header["epk"][name])) for name in ("x", "y"))
    shared = private.exchange(ec.ECDH(), ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key())
    name = header["alg"].encode()
    info = len(name).to_bytes(4) + name + bytes(8) + (256).to_bytes(4)
    key = keywrap.aes_key_unwrap(ConcatKDFHash(hashes.SHA256(), 32, info).derive(shared), unb64(wrapped))
    return AESGCM(key).decrypt(unb64(nonce), unb64(encrypted) + unb64(tag), protected.encode())


def verify_jws(jws: str, jwk: dict[str, Any]) -> dict[str, str]:
    """RFC 7515 section 5.2 with ES256; the statement."""
    header, payload, signature = jws.split(".")
    x, y = (int.from_bytes(unb64(jwk[name])) for name in ("x", "y"))
    pair = unb64(signature)
    der = utils.encode_dss_signature(int.from_bytes(pair[:32]), int.from_bytes(pair[32:]))
    public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    public.verify(der, f"{header}.{payload}".encode(), ec.ECDSA(hashes.SHA256()))
    statement: dict[str, str] = json.loads(unb64(payload))
    return statement


def test_the_reference_page_and_primitives_open_it(vector: Path) -> None:
    envelope = (vector / "sealed.bin").read_bytes()
    assert envelope[:8] == bytes.fromhex("8953415248414401")
    end = 12 + int.from_bytes(envelope[8:12])
    head, rest = envelope[:end], envelope[end:]
    private = serialization.load_pem_private_key((vector / "recipient.pem").read_bytes(), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    plaintext = decrypt_jwe(head[12:].decode(), private)
    key, prefix, jws = plaintext[:32], plaintext[32:39], plaintext[39:].decode()
    [jwk] = json.loads((vector / "sender.json").read_text())["keys"]
    statement = verify_jws(jws, jwk)

    size, length = int(statement["chunk_size"]), int(statement["length"])
    number, content = -(-length // size), b""
    for place in range(number):
        sealed, rest = rest[: size + 16], rest[size + 16 :]
        nonce = prefix + place.to_bytes(4) + (b"\1" if place == number - 1 else b"\0")
        content += AESGCM(key).decrypt(nonce, sealed, hashlib.sha256(head).digest())
    assert rest == b""
    assert (len(content), hashlib.sha256(content).hexdigest()) == (length, statement["sha256"])
    assert content == (vector / "content.xml").read_bytes()
    assert statement["form"] == "large-1"
