"""The XML forms against the XML Signature API of a Java runtime, where one is installed: both ways, every method."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from lxml import etree

from gateway.security.filekeys import FileSigner
from gateway.security.generation import GeneratedKey, generate_key
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import Lifecycle
from gateway.security.metadata import MessageMetadata
from gateway.security.xml_certificates import self_signed
from gateway.security.xml_form import XML_LIMITS
from gateway.security.xml_metadata import write_metadata
from gateway.security.xml_signing import sign_document
from gateway.security.xml_verification import verify_document

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LIMITS = XML_LIMITS.parsing(1 << 20)
DOCUMENT = (
    '<Note xmlns="urn:note" xmlns:q="urn:q"><Kind code="q:1" more=\'"&#9;&#10;\'>K &lt;&amp; &#13;</Kind>'
    "<Goods>абрикос 杏 زردآلو</Goods><Empty/><![CDATA[ <&> ]]></Note>"
)
KEYS = {"EC": "ES256", "RSA": "PS256"}


def metadata() -> MessageMetadata:
    return MessageMetadata(
        iss="xx",
        aud="aa",
        iat=int(NOW.timestamp()),
        jti="m-1",
        agreement="aa-xx-notes",
        type="note",
        schema="xx-note-1.0",
        cty="application/xml",
        purpose="RISK",
    )


def lay_out(folder: Path, kind: str, key: GeneratedKey) -> None:
    """The key, and our documents in both forms."""
    spki = key.public.native.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    (folder / f"{kind}.spki").write_bytes(spki)
    (folder / f"{kind}.p8").write_bytes(key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    signer = FileSigner(key.private, key.public)
    own = self_signed(RegisteredKey(key.public, "xx", Lifecycle.active_from(NOW - timedelta(days=1))), signer)
    for form, certificate in (("xmldsig", None), ("xades", own)):
        document = sign_document(DOCUMENT.encode(), metadata(), signer, LIMITS, certificate)
        (folder / f"ours-{form}-{key.public.alg}.xml").write_bytes(document)


@pytest.mark.skipif(shutil.which("javac") is None, reason="no Java development kit is installed")
def test_another_implementation_verifies_ours_and_we_verify_its(tmp_path: Path) -> None:
    keys = {kind: generate_key("xx", algorithm, NOW) for kind, algorithm in KEYS.items()}
    for kind, key in keys.items():
        lay_out(tmp_path, kind, key)
    (tmp_path / "document.xml").write_text(DOCUMENT, encoding="utf-8")
    own = keys["EC"].public
    (tmp_path / "metadata.xml").write_bytes(etree.tostring(write_metadata(metadata(), own.kid, "any")[0]))
    program = Path(__file__).parent / "XmlSignature.java"
    command = ["java", "-XX:TieredStopAtLevel=1", str(program), str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert sorted(said) == [
        "ours-xades-ES256.xml true 3",
        "ours-xades-PS256.xml true 3",
        "ours-xmldsig-ES256.xml true 2",
        "ours-xmldsig-PS256.xml true 2",
    ]
    for number in (1, 2, 3):
        theirs = (tmp_path / f"theirs-{number}.xml").read_bytes()
        verified = verify_document(theirs, own, NOW, LIMITS, clock_skew=timedelta(seconds=60))
        assert verified.metadata == metadata()
        assert etree.canonicalize(verified.content.decode()) == etree.canonicalize(DOCUMENT)
