"""`validate`: one verdict a file, and no value of a message in it."""

from __future__ import annotations

from pathlib import Path

from tests.unit.cli.conftest import Typed

BROKEN = b"<Note>\n<open></Note>"
INVALID = b'<Note xmlns="urn:world:xx:note:1"><Kind>HUSH-HUSH</Kind></Note>'


def test_one_json_line_a_file_with_the_contract_of_findings(typed: Typed, note_file: Path, tmp_path: Path) -> None:
    broken, invalid = tmp_path / "broken.xml", tmp_path / "invalid.xml"
    broken.write_bytes(BROKEN)
    invalid.write_bytes(INVALID)
    shown = typed("validate", note_file, broken, invalid, "--json")
    assert shown.code == 1
    good, first, second = shown.lines
    assert good == {"file": str(note_file), "valid": True, "format": "xx-note-1.0", "profile": "", "findings": []}
    assert not first["valid"]
    assert first["findings"][0]["layer"] == "parse"
    assert first["findings"][0]["line"] == 2
    assert not second["valid"]
    assert {"code", "severity", "layer", "path", "pointer", "line", "message"} <= set(second["findings"][0])
    assert second["findings"][0]["layer"] == "schema"
    assert "HUSH" not in shown.out


def test_a_folder_is_read_with_all_below_it_in_order(typed: Typed, note_file: Path, tmp_path: Path) -> None:
    below = tmp_path / "box" / "deep"
    below.mkdir(parents=True)
    for name in ("b.XML", "a.xml", "notes.txt"):
        (below / name).write_bytes(note_file.read_bytes())
    shown = typed("validate", tmp_path / "box", "--json")
    assert shown.code == 0
    assert [Path(line["file"]).name for line in shown.lines] == ["a.xml", "b.XML"]


def test_people_read_where_what_and_what_to_do(typed: Typed, note_file: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.xml").write_bytes(BROKEN)
    shown = typed("validate", note_file, tmp_path / "broken.xml")
    assert f"{note_file}: valid as xx-note-1.0" in shown.out
    assert "broken.xml: NOT valid" in shown.out
    assert "line 2" in shown.out
    assert "what to do: " in shown.out
    assert "1 valid, 1 not valid" in shown.out


def test_a_format_may_be_named(typed: Typed, note_file: Path) -> None:
    assert typed("validate", note_file, "--format", "xx-note-1.0").code == 0
    other = typed("validate", note_file, "--format", "note-1.0", "--json")
    assert other.code == 1
    assert other.lines[0]["format"] == "note-1.0"


def test_wrong_questions_end_with_2(typed: Typed, note_file: Path, tmp_path: Path) -> None:
    unknown = typed("validate", note_file, "--format", "no-such-format")
    assert (unknown.code, unknown.out) == (2, "")
    assert "format.unknown" in unknown.err
    missing = typed("validate", note_file, tmp_path / "gone.xml")
    assert (missing.code, missing.out) == (2, "")
    assert "usage.no-such-path" in missing.err
    (tmp_path / "empty").mkdir()
    assert typed("validate", tmp_path / "empty").code == 2
    assert typed("validate").code == 2
