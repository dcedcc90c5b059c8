"""`check`: all faults of the data folders at once, with file and row."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Typed
from tests.world.setting import DATA


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the made-up data folders that may be spoiled."""
    return shutil.copytree(DATA, tmp_path / "copy")


def spoil(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")


def test_sound_folders_have_no_fault(typed: Typed) -> None:
    shown = typed("check")
    assert (shown.code, shown.out) == (0, "no faults\n")
    machine = typed("check", "--json")
    assert (machine.code, machine.out) == (0, "")


def test_all_faults_are_told_at_once_with_file_and_row(typed: Typed, copy: Path) -> None:
    spoil(copy / "mappings" / "xx" / "note.csv", "xn2,Kind,", "xn2,Sort,")
    spoil(copy / "agreements" / "aa-xx-notes-v1.toml", '"Declaration/Remark"', '"Declaration/Remarks"')
    shown = typed("check", copy, "--json")
    assert shown.code == 1
    places = {(line["file"], line["row"]) for line in shown.lines}
    assert ("mappings/xx/note.csv", "xn2") in places
    assert any(file == "agreements/aa-xx-notes-v1.toml" for file, _ in places)
    assert all(line["code"] and line["message"] for line in shown.lines)
    told = typed("check", copy)
    assert told.code == 1
    assert "mappings/xx/note.csv, row xn2: " in told.out
    assert f"{len(shown.lines)} faults" in told.out
    assert not (copy / ".sarhad").exists()


def test_a_folder_that_is_none(typed: Typed, tmp_path: Path) -> None:
    assert typed("check", tmp_path / "gone").code == 2
    (tmp_path / "bare").mkdir()
    bare = typed("check", tmp_path / "bare")
    assert bare.code == 1
    assert "catalogue.missing-folder" in bare.out
