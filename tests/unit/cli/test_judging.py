"""`validate`: one verdict a file, and no value of a message in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

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
    assert "What to do: " in shown.out
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


def test_a_file_that_cannot_be_read_is_a_finding_of_that_file(
    typed: Typed, note_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    def refuse(self: Path, *given: Any, **named: Any) -> Any:
        if self.name == "closed.xml":
            raise PermissionError(13, "Permission denied")
        return real(self, *given, **named)

    (tmp_path / "closed.xml").write_bytes(note_file.read_bytes())
    monkeypatch.setattr(Path, "open", refuse)
    shown = typed("validate", tmp_path / "closed.xml", note_file, "--json")
    assert shown.code == 1
    assert [line["valid"] for line in shown.lines] == [False, True]
    assert shown.lines[0]["findings"][0]["code"] == "parse.file-unreadable"


def test_a_huge_file_ends_at_the_limit(typed: Typed, tmp_path: Path) -> None:
    huge = tmp_path / "huge.xml"
    with huge.open("wb") as opened:
        opened.truncate(17 * 1024 * 1024)
    shown = typed("validate", huge, "--json")
    assert shown.code == 1
    assert shown.lines[0]["findings"][0]["severity"] == "error"


def test_findings_have_every_notation_of_their_place(typed: Typed, tmp_path: Path) -> None:
    file = tmp_path / "invalid.xml"
    file.write_bytes(INVALID)
    [line] = typed("validate", file, "--json").lines
    told = line["findings"][0]
    assert told["json_pointer"] == "/Note/" + told["path"]
    assert told["xpath"].startswith("/*/*[local-name()=")
    assert told["line"] == 1
    assert isinstance(told["pointers"], list)


def test_a_summary_tells_codes_and_no_single_verdict(typed: Typed, note_file: Path, tmp_path: Path) -> None:
    (tmp_path / "invalid.xml").write_bytes(INVALID)
    shown = typed("validate", note_file, tmp_path / "invalid.xml", "--summary")
    assert shown.code == 1
    assert "2 files: 1 valid, 1 not valid" in shown.out
    assert "invalid.xml" not in shown.out
    [told] = typed("validate", note_file, tmp_path / "invalid.xml", "--summary", "--json").lines
    assert (told["files"], told["valid"], told["not_valid"]) == (2, 1, 1)
    assert {"code", "severity", "findings", "files"} == set(told["codes"][0])


def test_problem_documents_and_tables(typed: Typed, note_file: Path, tmp_path: Path) -> None:
    invalid = tmp_path / "invalid.xml"
    invalid.write_bytes(INVALID)
    good, bad = typed("validate", note_file, invalid, "--as", "problem").lines
    assert (good["status"], good["type"]) == (200, "about:blank")
    assert (bad["status"], bad["type"]) == (422, "urn:sarhad:problem:content.refused")
    assert bad["findings"][0]["layer"] == "schema"
    assert typed("validate", invalid, "--as", "problem", "-o", tmp_path / "p.json").out == ""
    assert json.loads((tmp_path / "p.json").read_bytes()) == bad
    assert typed("validate", note_file, invalid, "--as", "problem", "-o", tmp_path / "out").code == 1
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == [
        "invalid.xml.problem.json",
        "note.xml.problem.json",
    ]
    shown = typed("validate", invalid, "--as", "table")
    assert "what to do" in shown.out
    assert "HUSH" not in shown.out


def test_forms_that_do_not_go_together_are_wrong_usage(typed: Typed, note_file: Path, tmp_path: Path) -> None:
    for words in (
        ("--as", "song"),
        ("--as", "table", "--json"),
        ("--as", "res", "--summary"),
        ("-o", str(tmp_path / "x")),
        ("--as", "res", str(note_file)),
    ):
        assert typed("validate", note_file, *words).code == 2, words
