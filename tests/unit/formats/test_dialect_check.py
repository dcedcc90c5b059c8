"""Profiles against the formats: the own ones fit, and every name that leads nowhere is told with its row."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.catalogue import check_folders, load_library
from gateway.formats.dialect import Dialect
from gateway.formats.dialect_check import dialect_faults
from gateway.formats.dialect_files import PROFILE_SUFFIX, read_dialect
from gateway.formats.format import Format

ROOT = Path(__file__).parents[3]
LIBRARY = load_library(ROOT, cache=ROOT / ".sarhad" / "cache")
FORMATS: dict[str, Format] = {name: LIBRARY.get(name) for name in LIBRARY.names()}
PROFILES = ROOT / "wco_schemas" / "profiles"

FAULTS = [
    ("wco-3.2", 'format = "res-3.6"', 'format = "res-9"', "documents[1].format", "res-9"),
    ("wco-3.2", 'body = "Response"', 'body = "Respons"', "documents[1].body", "Respons"),
    ("wco-3.2", '"WCODocumentName" = ["TRT"]', '"DocumentName" = ["TRT"]', "documents[6].when", "DocumentName"),
    ("wco-3.2", 'to = "WCOTypeName"', 'to = "TypeName"', "rename[2].to", "TypeName"),
    ("wco-3.2", 'to = "StatementDescription"', 'to = "Descripton"', "rename[6].to", "Descripton"),
    ("wco-3.2", 'from = "Content"', 'from = "StatementCode"', "rename[6].from", "StatementCode"),
    ("wco-3.2", 'parent = "Communication"', 'parent = "Comunication"', "rename[7].parent", "Comunication"),
    ("wco-3.2", "[values.WCOTypeName]", "[values.WCODocumentName]", "values.WCODocumentName", "WCODocumentName"),
    ("wco-3.2", 'to = "204"', 'to = "999"', "dates.forms.203.to", "999"),
    ("wco-3.2", "[dates.forms.203]", "[dates.forms.102]", "dates.forms.102", "102"),
    ("wco-3.2", 'any = ["*"]', 'any = ["Pionter"]', "order.any", "Pionter"),
    ("wco-3.2", "[dates]", '[[aside]]\nparent = "Pointer"\nelement = "TagID"\n[dates]', "aside.element", "TagID"),
    ("wco-3.2", "[dates]", '[[aside]]\nparent = "Pionter"\nelement = "X"\n[dates]', "aside.parent", "Pionter"),
    ("wco-3.2", 'element = "OverallDeclaration"', 'element = "Status"', "unwrap.element", "Status"),
    ("wco-cri-1", 'parent = "Response/Declaration"', 'parent = "Response/Declartion"', "aside.parent", "Declartion"),
    ("wco-cri-1", 'element = "Submitter"', 'element = "TypeCode"', "aside.element", "TypeCode"),
    ("wco-body", 'when = { "TypeCode" = ["COR"] }', 'when = { "Type" = ["COR"] }', "documents[8].when", "Type"),
    ("wco-body", 'has = ["GoodsShipment"]', 'has = ["GoodsShipmnt"]', "documents[16].has", "GoodsShipmnt"),
    ("wrapped", '"CRI", ', '"CRY", ', "wrapper.packages", "CRY"),
]


def read_changed(folder: Path, name: str, old: str, new: str) -> Path:
    text = (PROFILES / name / f"{name}{PROFILE_SUFFIX}").read_text()
    assert old in text
    file = folder / f"{name}{PROFILE_SUFFIX}"
    file.write_text(text.replace(old, new, 1))
    return file


@pytest.mark.parametrize("dialect", LIBRARY.dialects(), ids=lambda one: one.name)
def test_the_projects_own_profiles_fit(dialect: Dialect) -> None:
    assert dialect_faults(dialect, FORMATS) == []


@pytest.mark.parametrize(("name", "old", "new", "key", "word"), FAULTS, ids=[fault[3] for fault in FAULTS])
def test_a_name_that_leads_nowhere_is_told(tmp_path: Path, name: str, old: str, new: str, key: str, word: str) -> None:
    faults = dialect_faults(read_dialect(read_changed(tmp_path, name, old, new)), FORMATS)
    first = next(one for one in faults if one.key == key)
    assert word in first.message


def test_the_nearest_name_is_proposed(tmp_path: Path) -> None:
    file = read_changed(tmp_path, "wco-3.2", 'to = "StatementDescription"', 'to = "StatementDescripton"')
    (fault,) = dialect_faults(read_dialect(file), FORMATS)
    assert fault.remedy == "did you mean StatementDescription?"


def test_the_check_of_the_folders_names_file_and_row(tmp_path: Path) -> None:
    for folder in ("mappings", "agreements", "partners", "wco_schemas/profiles"):
        (tmp_path / folder).mkdir(parents=True)
    read_changed(tmp_path / "wco_schemas" / "profiles", "wrapped", "levels = 6", "levels = 60")
    read_changed(tmp_path / "wco_schemas" / "profiles", "wco-3.2", "", "")
    said = {(fault.file, fault.row, fault.code) for fault in check_folders(tmp_path)}
    assert ("wco_schemas/profiles/wco-3.2.profile.toml", "documents[1].format", "format.unknown") in said
    assert ("wco_schemas/profiles/wrapped.profile.toml", "wrapper.levels", "format.profile") in said
