"""`convert`: documents, accounts and ends of the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Typed

OWN_NOTE = (
    b'{"number": "N-9", "remark": "a remark of more than twenty characters", "lines": [{"no": "1", "goods": "g"}]}'
)


def test_the_same_message_in_the_other_syntax_and_back(typed: Typed, note_file: Path, tmp_path: Path) -> None:
    other, back = tmp_path / "note.json", tmp_path / "back.xml"
    assert typed("convert", note_file, "--to", "json", "-o", other).code == 0
    assert json.loads(other.read_bytes())["Note"]["Line"][0]["Goods"] == "apricots"
    assert typed("convert", other, "--to", "xml", "-o", back).code == 0
    shown = typed("convert", back, "--to", "json")
    assert shown.out.strip() == other.read_text(encoding="utf-8").strip()


def test_another_format_with_the_account_of_every_leaf(typed: Typed, note_file: Path, tmp_path: Path) -> None:
    report, made = tmp_path / "account.json", tmp_path / "made.xml"
    shown = typed("convert", note_file, "--to", "note-1.0", "-o", made, "--report", report, "--json")
    assert shown.code == 0
    assert shown.lines == [{"from": "xx-note-1.0", "to": "note-1.0", "converted": True, "findings": []}]
    account = json.loads(report.read_bytes())
    assert (account["from"], account["to"]) == ("xx-note-1.0", "note-1.0")
    assert {line["path"]: line["fate"] for line in account["source"]}["Line/Goods"] == "mapped"
    assert "apricots" not in report.read_text(encoding="utf-8")
    assert typed("validate", made, "--format", "note-1.0").code == 0


def test_one_national_format_becomes_another_over_the_canonical_form(typed: Typed, tmp_path: Path) -> None:
    file, report = tmp_path / "own.json", tmp_path / "account.json"
    file.write_bytes(OWN_NOTE.replace(b"a remark of more than twenty characters", b"short"))
    shown = typed("convert", file, "--from", "aa-note-1.0", "--to", "xx-note-1.0", "--report", report)
    assert shown.code == 0
    assert "<Goods>g</Goods>" in shown.out
    account = json.loads(report.read_bytes())
    [line] = [line for line in account["source"] if line["path"] == "lines/goods"]
    assert line["row"] == "an6 xn6"


def test_what_cannot_be_carried_is_told_by_row_and_never_by_value(typed: Typed, tmp_path: Path) -> None:
    file, made = tmp_path / "own.json", tmp_path / "made.xml"
    file.write_bytes(OWN_NOTE)
    shown = typed("convert", file, "--from", "aa-note-1.0", "--to", "xx-note-1.0", "-o", made, "--json")
    assert shown.code == 1
    assert not made.exists()
    [line] = shown.lines
    assert not line["converted"]
    assert [finding["row"] for finding in line["findings"]] == ["xn3"]
    told = typed("convert", file, "--from", "aa-note-1.0", "--to", "xx-note-1.0")
    assert (told.code, told.out) == (1, "")
    assert "not converted" in told.err
    assert "twenty characters" not in shown.out + told.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--to", "no-such-format"), 2, "format.unknown"),
        (("--to", "aa-note-1.0"), 2, "catalogue.no-mapping"),
        (("--to", "json", "-o", "gone/made.json"), 2, "cannot read or write"),
        (("--to", "note-1.0", "--report", "gone/account.json"), 2, "cannot read or write"),
        (("--to", "note-1.0", "--partner", "zz"), 2, "partner.unknown"),
        ((), 2, "--to"),
    ],
)
def test_how_it_ends(typed: Typed, note_file: Path, words: tuple[str, ...], code: int, said: str) -> None:
    shown = typed("convert", note_file, *words)
    assert (shown.code, shown.out) == (code, "")
    assert said in shown.err


def test_what_is_no_message_cannot_be_read(typed: Typed, tmp_path: Path) -> None:
    file = tmp_path / "broken.xml"
    file.write_bytes(b"<Note>")
    shown = typed("convert", file, "--to", "json")
    assert (shown.code, shown.out) == (2, "")
    assert typed("convert", tmp_path / "gone.xml", "--to", "json").code == 2
