"""`check` and `codelist`: all faults at once, and lists as people and machines read them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Typed
from tests.world.setting import DATA


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch, surroundings: None, project_root: Path) -> None:
    """The project's own data folders, for they hold code lists."""
    del surroundings
    monkeypatch.setenv("SARHAD_ROOT", str(project_root))


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


@pytest.mark.usefixtures("project")
def test_code_lists_are_listed_and_shown(typed: Typed) -> None:
    names = {line["name"]: line["rows"] for line in typed("codelist", "list", "--json").lines}
    assert names["incoterms"] > 5
    rows = typed("codelist", "show", "incoterms", "--json").lines
    assert len(rows) == names["incoterms"]
    assert {"national", "wco", "label", "preferred", "valid_from", "valid_to", "certainty", "source"} == set(rows[0])
    assert "incoterms" in typed("codelist", "list").out
    shown = typed("codelist", "show", "incoterms")
    assert f"{len(rows)} rows; source: " in shown.out


@pytest.mark.usefixtures("project")
def test_only_rows_in_force_on_a_day(typed: Typed) -> None:
    everything = typed("codelist", "show", "iso-4217", "--json").lines
    old = typed("codelist", "show", "iso-4217", "--on", "1980-01-01", "--json").lines
    limited = [row for row in everything if row["valid_from"] and row["valid_from"] > "1980-01-01"]
    assert len(old) <= len(everything) - len(limited)
    assert typed("codelist", "show", "iso-4217", "--on", "yesterday").code == 2


@pytest.mark.usefixtures("project")
def test_an_unknown_list(typed: Typed) -> None:
    shown = typed("codelist", "show", "no-such-list")
    assert shown.code == 2
    assert "sarhad codelist list" in shown.err
