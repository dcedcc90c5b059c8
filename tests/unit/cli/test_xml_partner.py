"""`seal` and `open` for a partner whose profile asks for signed XML."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.security.xml_form import EnvelopeForm
from tests.unit.cli.conftest import Kept, Typed
from tests.unit.cli.test_large_envelopes import sealed_by
from tests.world.partner import NOTE
from tests.world.setting import data_with

SEAL = ("seal", "--to", "xx", "--agreement", "aa-xx-notes", "--type", "reply")


@pytest.fixture(params=[EnvelopeForm.XMLDSIG, EnvelopeForm.XADES], autouse=True)
def _in_form(request: pytest.FixtureRequest, kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SARHAD_ROOT", str(data_with(tmp_path, envelope=request.param)))
    monkeypatch.setattr(kept.partner, "form", request.param)


def test_a_file_is_sealed_as_the_profile_asks(typed: Typed, kept: Kept, tmp_path: Path) -> None:
    document, sealed = tmp_path / "document.xml", tmp_path / "document.jwe"
    document.write_bytes(NOTE)
    shown = typed(*SEAL, document, "-o", sealed)
    assert (shown.code, shown.out) == (0, ""), shown.err
    kept.partner.take(sealed.read_bytes())
    assert NOTE in [taken.payload for taken in kept.partner.taken.values()]


def test_a_file_of_the_partner_is_opened(typed: Typed, kept: Kept, tmp_path: Path) -> None:
    file, opened = tmp_path / "received.jwe", tmp_path / "received.xml"
    file.write_bytes(kept.partner.seal(NOTE, "M-77"))
    shown = typed("open", file, "-o", opened, "--json")
    assert (shown.code, shown.lines[0]["jti"]) == (0, "M-77"), shown.err
    assert opened.read_bytes() == NOTE


def test_a_file_that_cannot_be_signed_as_xml_is_refused_with_the_reason(typed: Typed, tmp_path: Path) -> None:
    document = tmp_path / "document.xml"
    document.write_bytes(NOTE.replace(b"<Kind>", b"<!-- aside --><Kind>"))
    shown = typed(*SEAL, document)
    assert (shown.code, shown.out) == (1, "")
    assert "envelope.not-signable" in shown.err


def test_the_large_form_is_not_for_this_partner(
    typed: Typed, kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SARHAD_MESSAGE_LIMIT", "2000")
    document, sealed = tmp_path / "document.xml", tmp_path / "sealed"
    document.write_bytes(b"<Note>" + b"pear " * 1000 + b"</Note>")
    shown = typed(*SEAL, document, "--judged-elsewhere", "-o", sealed)
    assert (shown.code, sealed.exists()) == (1, False), shown.err
    assert "envelope.wrong-form" in shown.err
    sealed.write_bytes(sealed_by(kept.partner, document.read_bytes()))
    shown = typed("open", sealed, "-o", tmp_path / "opened")
    assert (shown.code, (tmp_path / "opened").exists()) == (2, False)
    assert "envelope.wrong-form" in shown.err
