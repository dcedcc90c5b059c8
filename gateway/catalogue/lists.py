"""All code lists of the folders by name: those of the WCO forms, of each country, and common ones.

A list that the operator imported (`gateway.catalogue.imported_lists`) is in force instead of the shipped one of its
name. Apart from that a name stands once.
"""

from __future__ import annotations

from pathlib import Path

from gateway.catalogue.folders import MAPPINGS, SCHEMAS, DataFolders, FaultList, fault_of
from gateway.codes.codelist_files import read_code_list
from gateway.codes.codelists import CodeList
from gateway.errors import DataFolderError
from gateway.findings import Finding, Layer, Severity

_SHIPPED = ((SCHEMAS, "codelists/*.csv"), (MAPPINGS, "*/codelists/*.csv"))
_IMPORTED = ((SCHEMAS, "codelists/imported/*.csv"),)
_IMPORTED_HEADS = "codelists/imported/*.toml"


def code_lists(folders: DataFolders, faults: FaultList) -> dict[str, CodeList]:
    """Every code list; two of one name are a fault, for nobody could say which one a mapping means."""
    imported = _read_all(folders, _IMPORTED, {}, faults)
    for head in folders.find(SCHEMAS, _IMPORTED_HEADS):
        if not head.with_suffix(".csv").is_file():
            faults.add(folders.name(head), "", "codelist.half", "its table is missing", "import the release again")
    lists = _read_all(folders, _SHIPPED, imported, faults)
    for name in sorted(lists.keys() & imported.keys()):
        text = f"{name} is the name of an imported list and of another one"
        faults.add(f"{SCHEMAS}/codelists/imported", name, "codelist.duplicate", text, "remove the imported list")
    return lists | imported


def lists_alone(root: Path) -> dict[str, CodeList]:
    """The code lists without the rest of the data folders, for commands about lists.

    Raises:
        DataFolderError: with every fault of the lists among its findings.
    """
    faults = FaultList()
    lists = code_lists(DataFolders(root.resolve()), faults)
    found = faults.as_list()
    if found:
        raise DataFolderError(
            found[0].message,
            path=f"{found[0].file}: {found[0].row}",
            remedy=found[0].remedy or "run `sarhad check` for all faults",
            code=found[0].code,
            findings=[
                Finding(
                    severity=Severity.ERROR,
                    code=one.code,
                    layer=Layer.RULE,
                    path=f"{one.file}: {one.row}",
                    message=one.message,
                    remedy=one.remedy,
                )
                for one in found
            ],
        )
    return lists


def shipped_lists(root: Path) -> dict[str, CodeList]:
    """The code lists that ship with the project, also those that an imported release stands in for.

    What does not load is left out; `lists_alone` tells the faults.
    """
    return _read_all(DataFolders(root.resolve()), _SHIPPED, {}, FaultList())


def _read_all(
    folders: DataFolders, places: tuple[tuple[str, str], ...], instead: dict[str, CodeList], faults: FaultList
) -> dict[str, CodeList]:
    """The lists of some places; a table whose file has the name of a list in ``instead`` is not read."""
    lists: dict[str, CodeList] = {}
    where: dict[str, str] = {}
    for folder, pattern in places:
        for path in folders.find(folder, pattern):
            if folder == SCHEMAS and path.stem in instead:
                continue
            file = folders.name(path)
            read = _read(path, file, folders, faults)
            if read is None:
                continue
            if read.name in lists:
                faults.add(file, "name", "codelist.duplicate", f"{read.name} is also the name of {where[read.name]}")
                continue
            lists[read.name], where[read.name] = read, file
    return lists


def _read(path: Path, file: str, folders: DataFolders, faults: FaultList) -> CodeList | None:
    head = path.with_suffix(".toml")
    if not head.is_file():
        faults.add(file, "", "codelist.half", f"no {head.name} lies beside it", "a code list has a head")
        return None
    try:
        read, found = read_code_list(folders.text(path), folders.text(head), file)
    except DataFolderError as problem:
        faults.take([fault_of(problem, folders, file)])
        return None
    faults.take(found)
    return read
