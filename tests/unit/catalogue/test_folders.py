"""The data folders as files: names, digests, and what cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.catalogue.folders import DataFolders, FaultList, fault_of
from gateway.errors import DataFolderError
from gateway.findings import Fault


def test_a_fault_that_two_checks_find_is_kept_once_and_files_stand_in_order() -> None:
    faults = FaultList()
    for file in ("b", "a", "b"):
        faults.add(file, "1", "x.y", "wrong")
    faults.take([Fault(file="a", row="2", code="x.y", message="wrong")])
    assert [(one.file, one.row) for one in faults.as_list()] == [("a", "1"), ("a", "2"), ("b", "1")]


def test_the_digest_depends_on_names_and_contents_and_skips_what_is_hidden(lay: Callable[..., Path]) -> None:
    folders = DataFolders(lay())
    before = folders.digest()
    (folders.root / "mappings" / ".draft.csv").write_text("x")
    (folders.root / "mappings" / "__pycache__").mkdir()
    (folders.root / "mappings" / "__pycache__" / "x.csv").write_text("x")
    assert folders.digest() == before
    readme = folders.root / "partners" / "xx" / "README.md"
    readme.rename(readme.with_name("READ.md"))
    assert folders.digest() != before


def test_what_cannot_be_read_is_named_relative_to_the_root(tmp_path: Path) -> None:
    folders = DataFolders(tmp_path)
    with pytest.raises(DataFolderError) as refused:
        folders.read(tmp_path / "mappings" / "none.csv")
    assert (refused.value.path, refused.value.stable_code) == ("mappings/none.csv", "catalogue.unreadable")


def test_a_path_of_another_reader_becomes_file_and_row(tmp_path: Path) -> None:
    folders = DataFolders(tmp_path)
    inside = DataFolderError("x", path=f"{tmp_path}/mappings/a.csv: r1", code="x.y", remedy="do")
    assert fault_of(inside, folders, "else") == Fault(
        file="mappings/a.csv", row="r1", code="x.y", message="x", remedy="do"
    )
    assert fault_of(DataFolderError("x", path="/elsewhere/a.csv"), folders, "else").file == "/elsewhere/a.csv"
    assert fault_of(DataFolderError("x"), folders, "else").file == "else"
