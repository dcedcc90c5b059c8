"""Ten faults planted at once in a copy of the data folders: `sarhad check` names all ten and no other."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.catalogue import check_folders, load_catalogue
from gateway.catalogue.folders import FOLDERS
from gateway.cli.main import run
from gateway.cli.places import CACHE_VARIABLE
from gateway.errors import DataFolderError

EXCHANGE = "agreements/pk-cn-exchange-v1.toml"
NEXT = "agreements/pk-cn-exchange-v2.toml"
PILOT = "agreements/pk-cn-pilot-v1.toml"
MANIFEST = "mappings/cn/mt2401.csv"
DECLARATION = "mappings/cn/dec-message.csv"
GOODS = "mappings/pk/gd.csv"
UNITS = "mappings/cn/codelists/cn-mass-unit.csv"


def set_cell(file: Path, row: str, column: str, text: str) -> None:
    with file.open(encoding="utf-8", newline="") as stream:
        lines = list(csv.reader(stream))
    changed = [line for line in lines if line[0] == row]
    assert len(changed) == 1
    changed[0][lines[0].index(column)] = text
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(lines)


def replace(file: Path, was: str, becomes: str) -> None:
    content = file.read_text(encoding="utf-8")
    assert was in content
    file.write_text(content.replace(was, becomes, 1), encoding="utf-8")


def remove(file: Path, row: str) -> None:
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(f"{row},")]
    assert len(kept) == len(lines) - 1
    file.write_text("".join(kept), encoding="utf-8")


def repeat(file: Path, row: str) -> None:
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    lines += [line for line in lines if line.startswith(f"{row},")]
    file.write_text("".join(lines), encoding="utf-8")


def next_version(root: Path) -> None:
    shutil.copy(root / EXCHANGE, root / NEXT)
    replace(root / NEXT, "version = 1", "version = 2")


Plant = Callable[[Path], None]
PLANTS: dict[str, tuple[Plant, tuple[str, str, str]]] = {
    "unknown path": (
        lambda root: set_cell(root / GOODS, "pk13", "wco", "Declaration/AdditionalInformation{StatementTypeCode=S}/No"),
        (GOODS, "pk13", "mapping.unknown-path"),
    ),
    "mandatory target without a row": (  # named with the first row that makes the class which demands it
        lambda root: remove(root / DECLARATION, "de02"),
        (DECLARATION, "de01", "mapping.mandatory-without-row"),
    ),
    "unknown verb": (
        lambda root: set_cell(root / MANIFEST, "mt12", "verb", "copie"),
        (MANIFEST, "mt12", "mapping.unknown-verb"),
    ),
    "unknown code list": (
        lambda root: set_cell(root / MANIFEST, "mt37", "with", "cn-road-procedures"),
        (MANIFEST, "mt37", "mapping.unknown-code-list"),
    ),
    "two versions of an agreement in force at once": (
        next_version,
        (NEXT, "in_force_from", "agreement.two-versions-in-force"),
    ),
    "unknown field in an agreement": (
        lambda root: replace(root / EXCHANGE, '"Declaration/TotalNetMassMeasure"', '"Declaration/TotalNetMass"'),
        (EXCHANGE, "fields.export-declaration.allow[1].paths[11]", "agreement.unknown-field"),
    ),
    "duplicate row id": (lambda root: repeat(root / GOODS, "pk14"), (GOODS, "pk14", "mapping.duplicate-row")),
    "code list that lost its leading zeros": (
        lambda root: replace(root / UNITS, "035,KGM", "35,KGM"),
        (UNITS, "2", "codelist.code-does-not-fit-pattern"),
    ),
    "loop letter that is not lined up": (
        lambda root: set_cell(
            root / MANIFEST, "mt61", "wco", "Declaration/Consignment[c]/ConsignmentItem/Commodity/Description"
        ),
        (MANIFEST, "mt61", "mapping.not-lined-up"),
    ),
    "agreement that withholds what the partner's format makes mandatory": (
        lambda root: replace(root / PILOT, '    "Declaration/ID",\n', ""),
        (PILOT, "fields.gd-pilot.allow", "agreement.withholds-mandatory"),
    ),
}


@pytest.fixture(scope="module")
def sound(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sound")
    for name in FOLDERS:
        shutil.copytree(project_root / name, root / name)
    return root


@pytest.fixture(scope="module")
def cache(derived: Path) -> Path:
    return derived


@pytest.fixture(scope="module")
def faulty(sound: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("faulty")
    shutil.copytree(sound, root, dirs_exist_ok=True)
    for plant, _ in PLANTS.values():
        plant(root)
    return root


def named(fault: Any) -> tuple[str, str, str]:
    """File, row without the line that may follow it, and code."""
    return fault["file"], fault["row"].partition(" (line")[0], fault["code"]


def in_this_process(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """How a command ends, and what it says."""
    with pytest.raises(SystemExit) as ended:
        run(words)
    return int(ended.value.code or 0), "".join(capsys.readouterr())


@pytest.fixture
def cached(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(cache))


def test_the_data_folders_themselves_hold_no_fault(sound: Path) -> None:
    """In a process of its own, which derives everything anew."""
    command = [sys.executable, "-m", "gateway.cli.main", "check", str(sound)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, "no faults")


@pytest.mark.usefixtures("cached")
def test_all_ten_are_named_with_file_and_row_and_no_other(faulty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = in_this_process(capsys, "check", str(faulty), "--json")
    assert code == 1, said
    found = sorted(named(json.loads(line)) for line in said.splitlines())
    assert found == sorted(expected for _, expected in PLANTS.values())


@pytest.mark.usefixtures("cached")
def test_the_words_for_people_name_them_too(faulty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, words = in_this_process(capsys, "check", str(faulty))
    assert code == 1
    assert "Traceback" not in words
    said = "".join(words.split())
    for file, row, _ in (expected for _, expected in PLANTS.values()):
        assert file in said
        assert row in said


def test_nothing_starts_with_them(faulty: Path, cache: Path) -> None:
    with pytest.raises(DataFolderError) as refused:
        load_catalogue(faulty, cache=cache)
    assert {finding.code for finding in refused.value.findings} == {code for _, (_, _, code) in PLANTS.values()}
    assert len(refused.value.findings) == len(PLANTS)


@pytest.mark.parametrize("name", PLANTS)
def test_each_is_found_alone(sound: Path, cache: Path, tmp_path: Path, name: str) -> None:
    plant, (file, row, code) = PLANTS[name]
    shutil.copytree(sound, tmp_path, dirs_exist_ok=True)
    plant(tmp_path)
    (fault,) = check_folders(tmp_path, cache=cache)
    assert (fault.file, fault.row.partition(" (line")[0], fault.code) == (file, row, code)


IN_ONE_TABLE: dict[str, tuple[tuple[Plant, ...], set[tuple[str, str]]]] = {
    MANIFEST: (
        (
            lambda root: set_cell(root / MANIFEST, "mt13", "wco", "Declaration/Agent/No"),
            lambda root: remove(root / MANIFEST, "mt11"),
            lambda root: set_cell(root / MANIFEST, "mt12", "verb", "copie"),
            lambda root: set_cell(root / MANIFEST, "mt37", "with", "cn-road-procedures"),
            lambda root: repeat(root / MANIFEST, "mt14"),
            lambda root: set_cell(
                root / MANIFEST, "mt61", "wco", "Declaration/Consignment[c]/ConsignmentItem/Commodity/Description"
            ),
            lambda root: set_cell(root / MANIFEST, "mt60", "case", "sealed"),
        ),
        {
            ("mt13", "mapping.unknown-path"),
            ("mt10", "mapping.mandatory-without-row"),
            ("mt12", "mapping.unknown-verb"),
            ("mt37", "mapping.unknown-code-list"),
            ("mt14", "mapping.duplicate-row"),
            ("mt61", "mapping.not-lined-up"),
            ("mt60", "mapping.unknown-case"),
        },
    ),
    GOODS: (
        (
            lambda root: set_cell(root / GOODS, "pk13", "wco", "Declaration/Agent/No"),
            lambda root: remove(root / GOODS, "pk06"),
            lambda root: set_cell(root / GOODS, "pk11", "verb", "copie"),
            lambda root: set_cell(root / GOODS, "pk76", "with", "pk-uoms else ZZ"),
            lambda root: repeat(root / GOODS, "pk14"),
            lambda root: set_cell(
                root / GOODS,
                "pk75",
                "wco",
                "Declaration/GoodsShipment/GovernmentAgencyGoodsItem/Commodity/GoodsMeasure[one]/TariffQuantity",
            ),
            lambda root: set_cell(root / GOODS, "pk23", "wco", "Declaration/GoodsShipment/Consignment[z]/ID"),
        ),
        {
            ("pk13", "mapping.unknown-path"),
            ("pk01", "mapping.mandatory-without-row"),
            ("processingCode", "mapping.mandatory-without-row"),
            ("pk11", "mapping.unknown-verb"),
            ("pk76", "mapping.unknown-code-list"),
            ("pk14", "mapping.duplicate-row"),
            ("pk75", "mapping.not-lined-up"),
            ("pk23", "mapping.unknown-loop"),
        },
    ),
}


@pytest.mark.parametrize("table", IN_ONE_TABLE)
def test_no_fault_of_a_table_hides_another(sound: Path, cache: Path, tmp_path: Path, table: str) -> None:
    plants, expected = IN_ONE_TABLE[table]
    shutil.copytree(sound, tmp_path, dirs_exist_ok=True)
    for plant in plants:
        plant(tmp_path)
    assert expected <= {
        (fault.row, fault.code) for fault in check_folders(tmp_path, cache=cache) if fault.file == table
    }
