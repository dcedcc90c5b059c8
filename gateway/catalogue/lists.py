"""All code lists of the folders by name: those of the WCO forms, of each country, and common ones."""

from __future__ import annotations

from gateway.catalogue.folders import MAPPINGS, SCHEMAS, DataFolders, FaultList, fault_of
from gateway.codes.codelist_files import read_code_list
from gateway.codes.codelists import CodeList
from gateway.errors import DataFolderError

_PLACES = ((SCHEMAS, "codelists/*.csv"), (MAPPINGS, "*/codelists/*.csv"))


def code_lists(folders: DataFolders, faults: FaultList) -> dict[str, CodeList]:
    """Every code list; two of one name are a fault, for nobody could say which one a mapping means."""
    lists: dict[str, CodeList] = {}
    where: dict[str, str] = {}
    for folder, pattern in _PLACES:
        for path in folders.find(folder, pattern):
            file = folders.name(path)
            head = path.with_suffix(".toml")
            if not head.is_file():
                faults.add(file, "", "codelist.half", f"no {head.name} lies beside it", "a code list has a head")
                continue
            try:
                read, found = read_code_list(folders.text(path), folders.text(head), file)
            except DataFolderError as problem:
                faults.take([fault_of(problem, folders, file)])
                continue
            faults.take(found)
            if read is None:
                continue
            if read.name in lists:
                faults.add(file, "name", "codelist.duplicate", f"{read.name} is also the name of {where[read.name]}")
                continue
            lists[read.name], where[read.name] = read, file
    return lists
