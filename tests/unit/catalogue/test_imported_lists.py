"""Gathering the files of a release, and laying a list beside those that ship."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest

from gateway.catalogue import imported_lists
from gateway.catalogue.imported_lists import gather, install, refuse_older
from gateway.codes.codelist_files import read_code_list
from gateway.codes.codelists import CodeList
from gateway.codes.release_forms import STANDARDS
from gateway.codes.releases import Part, Release, read_release
from gateway.errors import DataFolderError, NotFound

DAY = date(2024, 7, 1)
TABLE = b"Code,Name\nBX,Box\n"
WANTS = STANDARDS["unlocode"].wants


def made(name: bytes = b"Box") -> Release:
    content = TABLE.replace(b"Box", name)
    release, _ = read_release(STANDARDS["rec21"], [Part("x.csv", content)], version="1", released=DAY)
    assert release is not None
    return release


def archive(*names: str) -> bytes:
    made_of = io.BytesIO()
    with zipfile.ZipFile(made_of, "w") as file:
        for name in names:
            file.writestr(name, "text")
    return made_of.getvalue()


def test_files_folders_and_archives_are_gathered(tmp_path: Path) -> None:
    (tmp_path / "folder" / "below").mkdir(parents=True)
    (tmp_path / "folder" / "below" / "part1.csv").write_bytes(b"1")
    (tmp_path / "folder" / "SubdivisionCodes.csv").write_bytes(b"-")
    (tmp_path / "folder" / "notes.pdf").write_bytes(b"-")
    (tmp_path / "folder" / "rest.ZIP").write_bytes(archive("in/", "in/part2.csv", "SubdivisionCodes.csv"))
    (tmp_path / "odd.dat").write_bytes(b"3")
    parts = gather([tmp_path / "folder", tmp_path / "odd.dat"], WANTS)
    assert [part.name for part in parts] == ["part1.csv", "rest.ZIP/in/part2.csv", "odd.dat"]
    assert parts[1].content == b"text"


def test_what_cannot_be_gathered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFound):
        gather([tmp_path / "gone.csv"], WANTS)
    (tmp_path / "bad.zip").write_bytes(b"no archive")
    with pytest.raises(DataFolderError) as caught:
        gather([tmp_path / "bad.zip"], WANTS)
    assert caught.value.stable_code == "import.zip"
    monkeypatch.setattr(imported_lists, "MOST_BYTES", 3)
    (tmp_path / "big.csv").write_bytes(b"four")
    (tmp_path / "big.zip").write_bytes(archive("big.csv"))
    for name in ("big.csv", "big.zip"):
        with pytest.raises(DataFolderError) as caught:
            gather([tmp_path / name], WANTS)
        assert caught.value.stable_code == "import.too-much"


def test_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imported_lists, "MOST_FILES", 2)
    (tmp_path / "many.zip").write_bytes(archive("1.csv", "2.csv", "3.csv"))
    with pytest.raises(DataFolderError) as caught:
        gather([tmp_path / "many.zip"], WANTS)
    assert caught.value.stable_code == "import.too-much"


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    content = bytearray(archive("1.csv"))
    content[content.index(b"text")] ^= 1
    (tmp_path / "damaged.zip").write_bytes(bytes(content))
    with pytest.raises(DataFolderError):
        gather([tmp_path / "damaged.zip"], WANTS)


def test_an_archive_whose_packed_bytes_are_damaged_is_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("1.csv", "text " * 500)
    content = bytearray(packed.getvalue())
    start = content.index(b"1.csv") + len("1.csv")
    content[start : start + 8] = b"\xff" * 8
    (tmp_path / "damaged.zip").write_bytes(bytes(content))
    with pytest.raises(DataFolderError) as caught:
        gather([tmp_path / "damaged.zip"], WANTS)
    assert caught.value.stable_code == "import.zip"


def test_a_list_is_written_and_replaced_whole(tmp_path: Path) -> None:
    for name in (b"Box", b"Case"):
        table, head = install(made(name), tmp_path / "new" / "folder")
        listed, faults = read_code_list(table.read_text(encoding="utf-8"), head.read_text(encoding="utf-8"), table.name)
        assert faults == []
        assert listed is not None
        assert listed.label_of("BX") == name.decode()
        assert {file.name for file in table.parent.iterdir()} == {"unece-rec-21.csv", "unece-rec-21.toml"}


def test_a_crash_between_the_two_files_never_reads_as_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table, head = install(made(b"Box"), tmp_path)
    write = imported_lists._write

    def crash(file: Path, text: str) -> None:
        if file.suffix == ".toml":
            raise OSError(28, "No space left on device")
        write(file, text)

    monkeypatch.setattr(imported_lists, "_write", crash)
    with pytest.raises(DataFolderError) as caught:
        install(made(b"Case"), tmp_path)
    assert caught.value.stable_code == "import.unwritable"
    listed, faults = read_code_list(table.read_text(encoding="utf-8"), head.read_text(encoding="utf-8"), table.name)
    assert listed is None
    assert [fault.code for fault in faults] == ["codelist.table-changed"]


def test_a_folder_that_is_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DataFolderError):
        install(made(), tmp_path / "file")


def test_an_older_release_is_refused() -> None:
    newer = CodeList(name="unece-rec-21", rows=(), released=date(2025, 1, 1))
    with pytest.raises(DataFolderError) as caught:
        refuse_older(made(), newer)
    assert caught.value.stable_code == "import.older"
    refuse_older(made(), None)
    refuse_older(made(), CodeList(name="unece-rec-21", rows=()))
    refuse_older(made(), CodeList(name="unece-rec-21", rows=(), released=DAY))
