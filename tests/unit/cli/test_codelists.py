"""`codelist`: the lists as people and machines read them, and the import of a release."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Typed

HEADER = "national,wco,label,preferred,valid_from,valid_to,certainty,source\n"
SAID = ("--version", "2024-1", "--released", "2024-07-01")


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch, surroundings: None, project_root: Path) -> None:
    """The project's own data folders, for they hold code lists."""
    del surroundings
    monkeypatch.setenv("SARHAD_ROOT", str(project_root))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, surroundings: None) -> Path:
    """Data folders with one shipped list of places and one of packages."""
    del surroundings
    shipped = tmp_path / "root" / "wco_schemas" / "codelists"
    shipped.mkdir(parents=True)
    for name, code in (("unlocode", "XAAAA"), ("unece-rec-21", "BX")):
        (shipped / f"{name}.csv").write_text(f"{HEADER}{code},{code},thing,,,,S,test\n", encoding="utf-8")
        (shipped / f"{name}.toml").write_text(f"name = '{name}'\ntitle = 'Shipped'\n", encoding="utf-8")
    monkeypatch.setenv("SARHAD_ROOT", str(tmp_path / "root"))
    return tmp_path / "root"


@pytest.fixture
def places(tmp_path: Path) -> Path:
    """One part of a release of places."""
    file = tmp_path / "2024-1 UNLOCODE CodeListPart1.csv"
    file.write_bytes(
        ',"XB",,".LAND",,,,,,,,\n"+","XB","CCC","Süd","Sud",,"1-------","RL","2401",,,\n'.encode("latin-1")
    )
    return file


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


def test_one_code_and_one_that_is_missing(typed: Typed, root: Path, places: Path) -> None:
    del root
    (row,) = typed("codelist", "show", "unlocode", "XAAAA", "--json").lines
    assert row["wco"] == "XAAAA"
    missing = typed("codelist", "show", "unlocode", "XBCCC")
    assert missing.code == 1
    assert "not complete" in missing.err
    assert typed("codelist", "import", "unlocode", places, *SAID).code == 0
    assert typed("codelist", "show", "unlocode", "XBCCC").code == 0


def test_a_missing_code_of_a_complete_list(typed: Typed, root: Path) -> None:
    head = root / "wco_schemas" / "codelists" / "unlocode.toml"
    head.write_text("name = 'unlocode'\ncomplete = true\n", encoding="utf-8")
    missing = typed("codelist", "show", "unlocode", "XBCCC", "--json")
    assert (missing.code, missing.out) == (1, "")
    assert "is complete" in missing.err


def test_an_imported_list_takes_the_place_of_the_shipped_one(typed: Typed, root: Path, places: Path) -> None:
    told = typed("codelist", "import", "unlocode", places, *SAID)
    assert told.code == 0
    assert "1 codes written to" in told.out
    assert "extract" in told.out
    file = root / "wco_schemas" / "codelists" / "imported" / "unlocode.csv"
    assert file.is_file()
    heads = {line["name"]: line for line in typed("codelist", "list", "--json").lines}
    assert {key: heads["unlocode"][key] for key in ("rows", "complete", "version", "released", "from")} == {
        "rows": 1,
        "complete": False,
        "version": "2024-1",
        "released": "2024-07-01",
        "from": "imported",
    }
    assert heads["unece-rec-21"]["from"] == "shipped"
    assert "imported" in typed("codelist", "list").out
    machine = typed("codelist", "import", "unlocode", places, *SAID, "--json")
    (line,) = machine.lines
    assert (line["rows"], line["rows_before"], line["replaces"], line["file"]) == (1, 1, "2024-1", str(file))


def test_an_older_release_wants_force(typed: Typed, root: Path, places: Path) -> None:
    del root
    older = ("--version", "2023-2", "--released", "2023-12-01")
    assert typed("codelist", "import", "unlocode", places, *SAID).code == 0
    refused = typed("codelist", "import", "unlocode", places, *older)
    assert refused.code == 2
    assert "import.older" in refused.err
    assert typed("codelist", "import", "unlocode", places, *older, "--force").code == 0


def test_units_take_packages_along_and_another_folder(typed: Typed, root: Path, tmp_path: Path) -> None:
    del root
    file = tmp_path / "rec20.csv"
    file.write_text("Status,Common Code,Name\n,KGM,kilogram\n", encoding="utf-8")
    assert typed("codelist", "import", "rec20", file, *SAID, "-o", tmp_path / "out").code == 0
    table = (tmp_path / "out" / "unece-rec-20.csv").read_text(encoding="utf-8")
    assert "KGM,KGM,kilogram" in table
    assert "XBX,XBX,thing (package used as a unit)" in table
    assert "unece-rec-20" not in {line["name"] for line in typed("codelist", "list", "--json").lines}


def test_a_malformed_release_writes_nothing(typed: Typed, root: Path, places: Path) -> None:
    places.write_bytes(b",XB,CCC,a,a,,,,,,,\n,XB,C,a,a,,,,,,,\n")
    told = typed("codelist", "import", "unlocode", places, *SAID)
    assert told.code == 1
    assert f"{places.name}, row 2: import.location" in told.out
    assert "nothing was written" in told.out
    (line,) = typed("codelist", "import", "unlocode", places, *SAID, "--json").lines
    assert (line["file"], line["row"], line["code"]) == (places.name, "2", "import.location")
    assert not (root / "wco_schemas" / "codelists" / "imported").exists()


def test_wrong_words(typed: Typed, root: Path, places: Path) -> None:
    del root
    assert typed("codelist", "import", "rec99", places, *SAID).code == 2
    assert typed("codelist", "import", "unlocode", places, "--version", "1", "--released", "July").code == 2
    assert typed("codelist", "import", "unlocode", places.with_name("gone.csv"), *SAID).code == 2
