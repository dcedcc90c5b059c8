"""`seal` and `open` above the limit of compact envelopes: from file to file, by themselves."""

from __future__ import annotations

import io
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.security.large_content import describe
from gateway.security.large_limits import DEFAULT_LARGE_LIMITS
from gateway.security.large_opening import LargeOpener
from gateway.security.large_sealing import seal_large
from gateway.security.metadata import MessageMetadata
from tests.unit.cli.conftest import Kept, Typed
from tests.world.partner import Partner
from tests.world.setting import DATA

SEAL = ("seal", "--to", "xx", "--agreement", "aa-xx-notes", "--type", "reply")
LIMIT = 2000
CONTENT = b"<Note>" + b"pear " * 500_000 + b"</Note>"
JUDGED = "--judged-elsewhere"


@pytest.fixture(autouse=True)
def _low_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SARHAD_MESSAGE_LIMIT", str(LIMIT))


@pytest.fixture(name="document")
def document_fixture(tmp_path: Path) -> Path:
    file = tmp_path / "document.xml"
    file.write_bytes(CONTENT)
    return file


def opened_by(partner: Partner, sealed: bytes) -> tuple[MessageMetadata, bytes]:
    sink = io.BytesIO()
    opener = LargeOpener(
        sink,
        decrypters=[partner._decrypter],
        lookup_key=partner._theirs.get,
        recipient="xx",
        at=datetime.now(UTC) + timedelta(seconds=1),
    )
    opener.feed(sealed)
    return opener.finish().head.metadata, sink.getvalue()


def sealed_by(partner: Partner, content: bytes, **changes: str) -> bytes:
    metadata = MessageMetadata(
        iss="xx",
        aud=changes.get("aud", "aa"),
        iat=int(datetime.now(UTC).timestamp()),
        jti="M-9",
        agreement="aa-xx-notes",
        type="note",
        schema="xx-note-1.0",
        cty="application/xml",
        purpose="RISK",
    )
    [key] = [key for key in partner._theirs.values() if key.use == "enc"]
    found = describe([content], DEFAULT_LARGE_LIMITS)
    return b"".join(seal_large(found, [content], metadata, partner._signer, key.key).pieces)


def left_in(folder: Path) -> list[str]:
    """What a command may have left behind under a temporary name."""
    return [file.name for file in folder.iterdir() if file.name.endswith(".part")]


def test_a_large_document_is_sealed_in_the_large_form(typed: Typed, kept: Kept, document: Path, tmp_path: Path) -> None:
    sealed = tmp_path / "document.large"
    shown = typed(*SEAL, document, JUDGED, "-o", sealed)
    assert (shown.code, shown.out) == (0, ""), shown.err
    assert "not judged here" in shown.err
    metadata, content = opened_by(kept.partner, sealed.read_bytes())
    assert content == CONTENT
    assert (metadata.iss, metadata.aud, metadata.type, metadata.purpose) == ("aa", "xx", "reply", "RISK")
    assert (metadata.format_name, metadata.cty) == ("xx-note-1.0", "application/xml")
    assert b"pear" not in sealed.read_bytes()
    assert left_in(tmp_path) == []


def test_a_document_of_exactly_the_limit_keeps_the_compact_form(typed: Typed, kept: Kept, tmp_path: Path) -> None:
    del kept
    document, sealed = tmp_path / "document.xml", tmp_path / "document.jwe"
    start, end = b'<Note xmlns="urn:world:xx:note:1"><Number>N-1</Number><Kind>K</Kind><!--', b"--></Note>"
    document.write_bytes(start + b"x" * (LIMIT - len(start + end)) + end)
    shown = typed(*SEAL, document, "-o", sealed)
    assert (shown.code, shown.err) == (0, "")
    assert sealed.read_bytes().count(b".") == 4
    document.write_bytes(document.read_bytes() + b"\n")
    assert typed(*SEAL, document, JUDGED, "-o", sealed).code == 0
    assert sealed.read_bytes().startswith(b"\x89SARHAD\x01")


def test_nobody_says_that_it_was_judged(typed: Typed, kept: Kept, document: Path, tmp_path: Path) -> None:
    del kept
    shown = typed(*SEAL, document, "-o", tmp_path / "out")
    assert (shown.code, shown.out) == (1, "")
    assert "agreement.content-not-judged" in shown.err
    assert JUDGED in shown.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--type", "note"), "agreement.type-not-listed"),
        (("--purpose", "PLAY"), "agreement.purpose-not-listed"),
        (("--agreement", "aa-xx-old"), "agreement."),
    ],
)
def test_the_agreement_is_asked_all_the_same(
    typed: Typed, kept: Kept, document: Path, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    del kept
    shown = typed(*SEAL, *words, document, JUDGED, "-o", tmp_path / "out")
    assert (shown.code, shown.out) == (1, "")
    assert said in shown.err
    assert not (tmp_path / "out").exists()


def test_both_ways_go_to_a_file(typed: Typed, kept: Kept, document: Path, tmp_path: Path) -> None:
    received = tmp_path / "in.large"
    received.write_bytes(sealed_by(kept.partner, CONTENT))
    for words in ((*SEAL, document, JUDGED), ("open", received), ("open", received, "--json")):
        shown = typed(*words)
        assert (shown.code, shown.out) == (2, "")
        assert "--output" in shown.err


def test_a_partners_large_message_opens_here(typed: Typed, kept: Kept, tmp_path: Path) -> None:
    received, content = tmp_path / "in.large", tmp_path / "in.xml"
    received.write_bytes(sealed_by(kept.partner, CONTENT))
    shown = typed("open", received, "-o", content)
    assert (shown.code, shown.out) == (0, ""), shown.err
    assert "signed by xx" in shown.err
    assert content.read_bytes() == CONTENT
    [metadata] = typed("open", received, "-o", content, "--json").lines
    assert (metadata["jti"], metadata["length"]) == ("M-9", len(CONTENT))
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("damage", ["cut", "surplus", "changed", "last chunk"])
def test_of_a_damaged_message_nothing_is_left(typed: Typed, kept: Kept, tmp_path: Path, damage: str) -> None:
    received, content = tmp_path / "in.large", tmp_path / "in.xml"
    sealed = sealed_by(kept.partner, CONTENT)
    last = len(CONTENT) % DEFAULT_LARGE_LIMITS.chunk_bytes + 16
    received.write_bytes(
        {
            "cut": sealed[:-1],
            "surplus": sealed + b"\n",
            "changed": sealed[:-20] + bytes([sealed[-20] ^ 1]) + sealed[-19:],
            "last chunk": sealed[:-last],
        }[damage]
    )
    shown = typed("open", received, "-o", content)
    assert (shown.code, shown.out) == (2, "")
    assert "envelope." in shown.err
    assert "pear" not in shown.err
    assert not content.exists()
    assert left_in(tmp_path) == []


def test_a_refused_message_leaves_an_older_file_as_it_was(typed: Typed, kept: Kept, tmp_path: Path) -> None:
    received, content = tmp_path / "in.large", tmp_path / "in.xml"
    content.write_bytes(b"older")
    received.write_bytes(sealed_by(kept.partner, CONTENT, aud="bb"))
    shown = typed("open", received, "-o", content)
    assert shown.code == 2
    assert "envelope.wrong-recipient" in shown.err
    assert content.read_bytes() == b"older"


def test_a_partner_that_does_not_send_is_refused(
    typed: Typed, kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, received = tmp_path / "data", tmp_path / "in.large"
    shutil.copytree(DATA, root)
    profile = root / "partners" / "xx" / "profile.toml"
    profile.write_text(profile.read_text().replace('roles = ["sends", "receives"]', 'roles = ["receives"]'))
    monkeypatch.setenv("SARHAD_ROOT", str(root))
    received.write_bytes(sealed_by(kept.partner, CONTENT))
    shown = typed("open", received, "-o", tmp_path / "in.xml")
    assert (shown.code, shown.out) == (2, "")
    assert "partner.unknown" in shown.err
    assert not (tmp_path / "in.xml").exists()
    assert left_in(tmp_path) == []
