"""Which list is in force under a name: the shipped one, or the one that the operator imported."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gateway.catalogue.folders import DataFolders, FaultList
from gateway.catalogue.imported_lists import IMPORTED, install
from gateway.catalogue.lists import code_lists, lists_alone, shipped_lists
from gateway.codes.release_forms import STANDARDS
from gateway.codes.releases import Part, read_release
from gateway.errors import DataFolderError

HEADER = "national,wco,label,preferred,valid_from,valid_to,certainty,source\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shipped = tmp_path / "wco_schemas" / "codelists"
    shipped.mkdir(parents=True)
    (shipped / "unece-rec-21.csv").write_text(HEADER + "BG,BG,bag,,,,S,test\n", encoding="utf-8")
    (shipped / "unece-rec-21.toml").write_text("name = 'unece-rec-21'\n", encoding="utf-8")
    (tmp_path / "mappings" / "xx" / "codelists").mkdir(parents=True)
    return tmp_path


def bring(root: Path) -> Path:
    release, _ = read_release(
        STANDARDS["rec21"], [Part("x.csv", b"Code,Name\nBX,Box\n")], version="1", released=date(2024, 7, 1)
    )
    assert release is not None
    return install(release, root / IMPORTED)[0]


def codes_of(root: Path) -> list[str]:
    faults = FaultList()
    code_lists(DataFolders(root), faults)
    return [fault.code for fault in faults.as_list()]


def test_an_imported_list_is_in_force_instead_of_the_shipped_one(root: Path) -> None:
    assert lists_alone(root)["unece-rec-21"].wco_codes() == ("BG",)
    before = DataFolders(root).digest()
    bring(root)
    assert lists_alone(root)["unece-rec-21"].wco_codes() == ("BX",)
    assert DataFolders(root).digest() != before
    assert codes_of(root) == []


def test_what_ships_is_told_beside_an_import(root: Path) -> None:
    bring(root)
    assert {name: one.wco_codes() for name, one in shipped_lists(root).items()} == {"unece-rec-21": ("BG",)}


def test_half_of_an_imported_list_is_a_fault(root: Path) -> None:
    table = bring(root)
    table.unlink()
    assert codes_of(root) == ["codelist.half"]
    table.write_text(HEADER, encoding="utf-8")
    table.with_suffix(".toml").unlink()
    assert codes_of(root) == ["codelist.half"]


def test_a_national_list_of_the_same_name_is_a_fault(root: Path) -> None:
    bring(root)
    national = root / "mappings" / "xx" / "codelists" / "xx-package.csv"
    national.write_text(HEADER, encoding="utf-8")
    national.with_suffix(".toml").write_text("name = 'unece-rec-21'\n", encoding="utf-8")
    assert codes_of(root) == ["codelist.duplicate"]


def test_lists_alone_tell_every_fault(root: Path) -> None:
    table = bring(root)
    table.write_text(HEADER, encoding="utf-8")
    (root / "wco_schemas" / "codelists" / "other.csv").write_text(HEADER, encoding="utf-8")
    with pytest.raises(DataFolderError) as caught:
        lists_alone(root)
    assert {finding.code for finding in caught.value.findings} == {"codelist.table-changed", "codelist.half"}
