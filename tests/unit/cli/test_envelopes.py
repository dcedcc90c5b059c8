"""`seal` and `open`: one file by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Kept, Typed
from tests.world.partner import NOTE

SEAL = ("seal", "--to", "xx", "--agreement", "aa-xx-notes")


def test_what_is_sealed_opens_at_the_partner(typed: Typed, kept: Kept, note_file: Path, tmp_path: Path) -> None:
    sealed = tmp_path / "note.jwe"
    shown = typed(*SEAL, "--type", "reply", note_file, "-o", sealed)
    assert (shown.code, shown.out) == (0, ""), shown.err
    assert b"apricots" not in sealed.read_bytes()
    kept.partner.take(sealed.read_bytes())
    assert list(kept.partner.taken.values())[-1].payload == NOTE


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--type", "note"), 1, "agreement.type-not-listed"),
        (("--type", "reply", "--purpose", "PLAY"), 1, "agreement.purpose-not-listed"),
        ((), 2, "--type"),
    ],
)
def test_what_is_not_permitted_is_not_sealed(
    typed: Typed, kept: Kept, note_file: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    del kept
    shown = typed(*SEAL, *words, note_file)
    assert (shown.code, shown.out) == (code, "")
    assert said in shown.err


def test_what_holds_a_withheld_field_is_not_sealed(typed: Typed, kept: Kept, tmp_path: Path) -> None:
    del kept
    file = tmp_path / "secret.xml"
    file.write_bytes(NOTE.replace(b"<Line>", b"<Secret>plum</Secret><Line>"))
    shown = typed(*SEAL, "--type", "reply", file)
    assert (shown.code, shown.out) == (1, "")
    assert "agreement.withheld" in shown.err
    assert "plum" not in shown.err


def test_a_partners_message_opens_here(typed: Typed, kept: Kept, tmp_path: Path) -> None:
    file, payload = tmp_path / "in.jwe", tmp_path / "in.xml"
    file.write_bytes(kept.partner.seal(NOTE, "M-7") + b"\n")
    shown = typed("open", file)
    assert shown.code == 0
    assert shown.out.encode() == NOTE + b"\n"
    assert "signed by xx" in shown.err
    assert typed("open", file, "-o", payload).out == ""
    assert payload.read_bytes() == NOTE
    [metadata] = typed("open", file, "--json").lines
    assert (metadata["jti"], metadata["schema"], metadata["iss"]) == ("M-7", "xx-note-1.0", "xx")


def test_what_is_no_sealed_message_does_not_open(typed: Typed, kept: Kept, note_file: Path, tmp_path: Path) -> None:
    assert typed("open", note_file).code == 2
    file = tmp_path / "in.jwe"
    sealed = kept.partner.seal(NOTE, "M-8")
    file.write_bytes(sealed[:-9] + bytes([sealed[-9] ^ 1]) + sealed[-8:])
    shown = typed("open", file)
    assert (shown.code, shown.out) == (2, "")
    assert "envelope" in shown.err
