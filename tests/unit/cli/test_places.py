"""Where the command looks for the data folders, and what it reads of them without the rest."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from gateway.cli.places import cache_folder, catalogue_of, data_root, formats_alone, judging_of, message_files
from gateway.errors import DataFolderError, NotFound
from tests.world.setting import DATA


@pytest.fixture(autouse=True)
def _nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SARHAD_ROOT", raising=False)
    monkeypatch.delenv("SARHAD_CACHE_DIR", raising=False)


def test_the_root_is_named_or_above_or_that_of_the_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, project_root: Path
) -> None:
    below = tmp_path / "site" / "deep"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert data_root() == project_root
    (tmp_path / "site" / "wco_schemas").mkdir()
    assert data_root() == tmp_path / "site"
    monkeypatch.setenv("SARHAD_ROOT", str(DATA))
    assert data_root() == DATA
    assert data_root(tmp_path / "site") == tmp_path / "site"


def test_a_root_without_data_folders_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(DataFolderError) as raised:
        data_root(tmp_path)
    assert raised.value.stable_code == "usage.no-data-folders"
    assert "SARHAD_ROOT" in raised.value.remedy


def test_the_cache_is_named_or_below_the_root_or_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert cache_folder(tmp_path) == tmp_path / ".sarhad" / "cache"
    monkeypatch.setenv("SARHAD_CACHE_DIR", str(tmp_path / "named"))
    assert cache_folder(tmp_path) == tmp_path / "named"
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("SARHAD_CACHE_DIR", str(tmp_path / "file" / "cache"))
    assert cache_folder(tmp_path) is None


def test_what_is_loaded_of_the_data_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SARHAD_CACHE_DIR", str(tmp_path / "cache"))
    alone = formats_alone(DATA).names()
    assert alone == ("aa-note-1.0", "note-1.0", "xx-note-1.0")
    assert judging_of(DATA).formats.names() == alone
    assert catalogue_of(DATA).formats.names() == alone
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_message_files_in_a_stable_order_and_none_when_one_is_missing(tmp_path: Path) -> None:
    for name in ("c.json", "a.xml", "b.txt"):
        (tmp_path / name).touch()
    assert [each.name for each in message_files([tmp_path, tmp_path / "b.txt"])] == ["a.xml", "c.json", "b.txt"]
    with pytest.raises(NotFound):
        next(message_files([tmp_path, tmp_path / "gone"]))
