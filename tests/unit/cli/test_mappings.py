"""`mapping check|coverage`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Typed
from tests.world.setting import DATA


def test_coverage_counts_the_leaves_of_each_format(typed: Typed) -> None:
    lines = {line["format"]: line for line in typed("mapping", "coverage", "--json").lines}
    assert lines["xx-note-1.0"] == {
        "mapping": "xx-note-1",
        "format": "xx-note-1.0",
        "leaves": 7,
        "both": 7,
        "one_way": 0,
        "dropped": 0,
        "homeless": [],
    }
    assert lines["aa-note-1.0"]["one_way"] == 7
    shown = typed("mapping", "coverage")
    assert shown.code == 0
    assert "100%" in shown.out


def test_only_faults_of_mappings_are_told(typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert typed("mapping", "check").code == 0
    copy = shutil.copytree(DATA, tmp_path / "copy")
    table = copy / "mappings" / "aa" / "note.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("an1,number,", "an1,nummer,"), encoding="utf-8")
    (copy / "partners" / "xx" / "README.md").unlink()
    monkeypatch.setenv("SARHAD_ROOT", str(copy))
    shown = typed("mapping", "check", "--json")
    assert shown.code == 1
    assert {line["file"] for line in shown.lines} == {"mappings/aa/note.csv"}
    assert "an1" in typed("mapping", "check").out
